"""Differences of counted cash that nobody has decided on yet. Rules: domain.md §4; docs/subsystems/ledgers.md."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from posrednik.domain.cash import Entry
from posrednik.domain.errors import MoreThanDiffers

Decision = Literal["shortage", "surplus"]


def last_whole(entries: Sequence[Entry]) -> list[Entry]:
    """The hand-ins since the last one of everything, that one included. entries: newest first, as `trade` has them.

    What differed before it was still in his cash, so that its own difference holds it already.
    """
    told: list[Entry] = []
    for entry in entries:
        if entry.kind == "handed_in" and not entry.void:
            told.append(entry)
            if entry.books_kop in (None, entry.expected_kop):
                break
    return told


def open_kop(entries: Sequence[Entry], decided: Sequence[tuple[datetime, int]], cash_kop: int) -> int:
    """What is left to decide: below zero money is missing, above zero there was more.

    entries: as of `last_whole`. decided: when, and what a decision gave to his cash (below zero: took from it).
    cash_kop: what he holds by the ledger; more than that cannot be missing any more.
    """
    if not entries:
        return 0
    since = entries[-1].at
    differs = sum(entry.difference_kop for entry in entries) - sum(kop for at, kop in decided if at > since)
    return max(differs, -max(0, cash_kop))


def decided_kop(differs_kop: int, decision: Decision, sum_kop: int | None) -> int:
    """The difference that a person decides on, signed. sum_kop: how much of it, None = all that is open.

    Raises MoreThanDiffers, also where nothing differs in that direction.
    """
    sign = -1 if decision == "shortage" else 1
    most = max(0, sign * differs_kop)
    asked = most if sum_kop is None else sum_kop
    if not 0 < asked <= most:
        raise MoreThanDiffers(asked_kop=asked, open_kop=most)
    return sign * asked
