"""The command `digest`: 1C tells count and hash of a slice; one that differs is asked for again (contract.md §2)."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from posrednik.domain.errors import DomainError
from posrednik.domain.events import Actor, send_slice
from posrednik.domain.texts import text
from posrednik.store import events, slices
from posrednik.store.commands import Stored
from posrednik.store.db import Tx
from posrednik.store.inbox import Base
from posrednik.store.slices import Slice
from posrednik.usecases.after_restore import tell_missing
from posrednik.usecases.order_desk import OrderDesk, actor_of

DIGEST = "digest"
# A slice that was asked for is on its way; a digest that comes before it is no news.
ASKED_WITHIN_S = 600.0
MOST_NAMED = 100
MONTHLY = frozenset({"order", "shipment", "receipt", "transfer", "return", "cash_receipt"})
WHOLE = frozenset({"division", "product", "price", "stock", "counterparty", "warehouse", "courier", "outlet"})
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_HASH = re.compile(r"[0-9a-f]{64}")


class DigestWrong(DomainError):
    """The digest names a slice that does not exist, or its figures are none."""

    code = "digest_wrong"


async def compare_slice(desk: OrderDesk, command: Stored) -> None:
    """Compare and answer `equal` or `send`. Sets status, code, message and result; never raises a rule."""
    try:
        one, count, hash_of = _read(desk.base, command.data)
    except DomainError as error:
        command.status, command.code, command.result = "rejected", error.code, {}
        command.message = text(error.code)
        return
    ours_count, ours_hash = await slices.digest(desk.tx, one)
    equal = (ours_count, ours_hash) == (count, hash_of)
    lost = [] if equal else await tell_missing(desk.tx, desk.base, one, (count, hash_of), desk.now)
    actor = actor_of(desk.base, command.issued_by)
    asked = not equal and not lost and await ask_slice(desk.tx, one, actor, desk.now)
    await slices.add_check(desk.tx, one, desk.base.epoch_no, count, ours_count, equal=equal, asked=asked)
    command.status, command.code, command.message = "done", "equal" if equal else "send", None
    command.result = {"answer": command.code, "kind": one.kind, "slice": one.slice, "count": ours_count,
                      "hash": ours_hash, "missing": lost[:MOST_NAMED]}  # fmt: skip


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


def _read(base: Base, data: dict[str, str]) -> tuple[Slice, int, str]:
    kind, month, count, hash_of = data["kind"], data.get("slice", ""), data["count"], data["hash"].lower()
    if not count.isdecimal() or not _HASH.fullmatch(hash_of):
        raise DigestWrong
    return slice_of(base, kind, month), int(count), hash_of


def _bounds(year: int, month: int, zone: str) -> tuple[str, str]:
    """The month of the base's calendar, in UTC as the mirror writes times; the end is not in it."""
    if not 1 < year < 9999:
        raise DigestWrong
    after = (year + 1, 1) if month == 12 else (year, month + 1)
    first, last = (datetime(y, m, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC) for y, m in ((year, month), after))
    return f"{first:%Y-%m-%dT%H:%M:%SZ}", f"{last:%Y-%m-%dT%H:%M:%SZ}"
