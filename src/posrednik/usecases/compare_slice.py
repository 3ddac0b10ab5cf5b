"""The command `digest`: 1C tells count and hash of a slice, and one that differs is looked into by parts and lists, or,
of a base that cannot list, by sending it again. docs/subsystems/reconciliation.md."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from posrednik.domain.errors import DomainError
from posrednik.domain.events import Actor, send_slice
from posrednik.store import events, reconciliation, slices
from posrednik.store.commands import Stored
from posrednik.store.db import Tx
from posrednik.store.inbox import Base
from posrednik.store.slices import Slice
from posrednik.usecases.after_restore import tell_missing
from posrednik.usecases.order_desk import OrderDesk, actor_of

# A slice that was asked for is on its way; a digest that comes before it is no news.
ASKED_WITHIN_S = 600.0
# More objects than this on either side are compared part by part before any is listed.
MOST_AT_ONCE = 5_000
MOST_NAMED = 100
MONTHLY = frozenset({"order", "shipment", "receipt", "transfer", "return", "cash_receipt"})
WHOLE = frozenset({"division", "product", "price", "stock", "counterparty", "warehouse", "courier", "outlet"})
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_HASH = re.compile(r"[0-9a-f]{64}")
Figures = tuple[int, str]  # (count, hash)


class DigestWrong(DomainError):
    """The digest names a slice that does not exist, or its figures are none."""

    code = "digest_wrong"


async def compare_slice(desk: OrderDesk, command: Stored) -> None:
    """Compare and answer `equal`, or `split` or `list` to a base that can list, or `send`. Raises DigestWrong."""
    one, theirs, data = slice_of_command(desk.base, command), figures_of(command.data), command.data
    ours = await slices.digest(desk.tx, one)
    run_id = await run_of(desk, data)
    answer, lost = "equal", list[str]()
    if ours != theirs and data.get("detail"):
        answer = "split" if max(ours[0], theirs[0]) > MOST_AT_ONCE else "list"
    elif ours != theirs:
        answer, lost = "send", await tell_missing(desk.tx, desk.base, one, theirs, desk.now)
    actor = actor_of(desk.base, command.issued_by)
    asked = answer == "send" and not lost and await ask_slice(desk.tx, one, actor, desk.now)
    await slices.add_check(
        desk.tx, one, desk.base.epoch_no, theirs[0], ours[0], equal=answer == "equal", asked=asked, run_id=run_id
    )
    if run_id is not None:
        await reconciliation.repair(desk.tx, run_id)
    command.status, command.code, command.message = "done", answer, None
    command.result = {"answer": answer, "kind": one.kind, "slice": one.slice, "count": ours[0], "hash": ours[1],
                      "missing": lost[:MOST_NAMED]}  # fmt: skip


async def run_of(desk: OrderDesk, data: dict[str, Any]) -> UUID | None:
    """The run that a command belongs to; None: it names none, or one that is not of this base."""
    if "run" not in data:
        return None
    found = await reconciliation.get(desk.tx, desk.base.id, UUID(data["run"]))
    return found.id if found else None


async def ask_slice(tx: Tx, one: Slice, actor: Actor, now: datetime, within_s: float = ASKED_WITHIN_S) -> bool:
    """Ask 1C to send the slice again, unless it was asked within so many seconds."""
    before = await slices.asked(tx, one, within_s)
    if before.lately:
        return False
    event = send_slice(
        base_id=one.base_id, kind=one.kind, slice=one.slice, version=before.times + 1, actor=actor, now=now
    )
    events.emit(tx, event, one.base_id, None)
    return True


def slice_of(base: Base, kind: str, month: str) -> Slice:
    """month: "2026-11", or "" = all of the kind. Raises DigestWrong."""
    found = _MONTH.fullmatch(month)
    known = kind in MONTHLY if month else kind in MONTHLY | WHOLE
    if not known or (month and not found):
        raise DigestWrong
    since, until = _bounds(int(found[1]), int(found[2]), base.time_zone) if found else (None, None)
    return Slice(base.id, kind, month, since, until)


def slice_of_command(base: Base, command: Stored) -> Slice:
    """Raises DigestWrong."""
    return slice_of(base, command.data["kind"], command.data.get("slice", ""))


def figures_of(told: dict[str, Any]) -> Figures:
    """`count` and `hash` as 1C writes them, numbers as texts too. Raises DigestWrong."""
    count, hash_of = str(told.get("count")), str(told.get("hash")).lower()
    if not (count.isascii() and count.isdecimal() and len(count) < 16 and _HASH.fullmatch(hash_of)):
        raise DigestWrong
    return int(count), hash_of


def _bounds(year: int, month: int, zone: str) -> tuple[str, str]:
    """The month of the base's calendar, in UTC as the mirror writes times; the end is not in it."""
    if not 1 < year < 9999:
        raise DigestWrong
    after = (year + 1, 1) if month == 12 else (year, month + 1)
    first, last = (datetime(y, m, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC) for y, m in ((year, month), after))
    return f"{first:%Y-%m-%dT%H:%M:%SZ}", f"{last:%Y-%m-%dT%H:%M:%SZ}"
