"""The cash desk: change, blind counts, corrections (domain.md §4). What is expected is told only after the count."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from posrednik.domain import cash as rules
from posrednik.domain import differences
from posrednik.domain import ledger as accounts
from posrednik.domain.cash import CashChange
from posrednik.domain.differences import Decision
from posrednik.domain.errors import DifferenceReasonMissing, DomainError, SecondNameMissing
from posrednik.domain.events import Actor
from posrednik.domain.incidents import About
from posrednik.kit.ids import uuid7
from posrednik.store import incidents as stored
from posrednik.store import ledger, trade
from posrednik.store.db import Row, Tx
from posrednik.usecases import courier_goods as own
from posrednik.usecases import incidents
from posrednik.usecases.couriers import Courier, courier_of
from posrednik.usecases.order_facts import Rules
from posrednik.usecases.settle_covered import settle_covered

_EVER = datetime(2000, 1, 1, tzinfo=UTC)


class NoSuchCount(DomainError):
    """No open count has this id."""

    code = "not_found"


class NoSuchCourier(DomainError):
    """1C has told of no courier with this ref."""

    code = "not_found"


@dataclass(frozen=True, slots=True)
class Counted:
    """state: posted, or needs_reason: it differs, and nothing has moved yet. settled: numbers of orders."""

    id: UUID
    state: str
    counted_kop: int
    expected_kop: int
    settled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """Who stands at it, and when. permit: raises if this courier is none of his business."""

    tx: Tx
    rules: Rules
    person: str
    now: datetime
    permit: Callable[[Courier], None] = lambda courier: None

    @property
    def actor(self) -> Actor:
        return Actor("cash_desk", None, self.person)


async def _courier(desk: Desk, ref: str) -> Courier:
    courier = await courier_of(desk.tx, ref.lower())
    if courier is None:
        raise NoSuchCourier
    desk.permit(courier)
    return courier


async def issue_change(desk: Desk, courier_ref: str, sum_kop: int, new_id: UUID | None = None) -> CashChange:
    """Change for the day."""
    courier = await _courier(desk, courier_ref)
    change = rules.issue_change(
        book=await own.book_of(desk.tx, courier), known=None, new_id=new_id or uuid7(), sum_kop=sum_kop, till_ref=None,
        actor=desk.actor, now=desk.now,
    )  # fmt: skip
    await _keep(desk, courier, change)
    return change


async def count(desk: Desk, courier_ref: str, counted_kop: int, declared_kop: int | None = None) -> Counted:
    """A blind count: equal to what is expected, it is posted at once; else it waits for a reason and a second name.

    declared_kop: only so much is handed in. None: what the courier asked to hand in, else everything.
    """
    courier = await _courier(desk, courier_ref)
    await own.book_of(desk.tx, courier)
    declared_kop = await _declared(desk, courier, declared_kop)
    count_id, books_kop = uuid7(), await own.cash_kop(desk.tx, courier.ref)
    expected_kop = books_kop if declared_kop is None else min(declared_kop, books_kop)
    try:
        settled = await _hand_in(desk, courier, count_id, counted_kop, declared_kop, None, None)
    except (DifferenceReasonMissing, SecondNameMissing):
        await trade.put_count(desk.tx, count_id, courier.ref, counted_kop, declared_kop, desk.person, "open")
        return Counted(count_id, "needs_reason", counted_kop, expected_kop)
    await trade.put_count(desk.tx, count_id, courier.ref, counted_kop, declared_kop, desk.person, "posted")
    return Counted(count_id, "posted", counted_kop, expected_kop, tuple(settled))


async def _declared(desk: Desk, courier: Courier, declared_kop: int | None) -> int | None:
    asked = await trade.requests(desk.tx, courier.ref)
    return asked[0].sum_kop if declared_kop is None and asked else declared_kop


async def confirm(desk: Desk, count_id: UUID, reason: str, second: str) -> Counted:
    """The difference is explained and a second person stands for it: now the money moves as it was counted."""
    row = await _open(desk, count_id)
    courier = await _courier(desk, row.courier_ref)
    books_kop = await own.cash_kop(desk.tx, courier.ref)
    expected_kop = books_kop if row.declared_kop is None else min(row.declared_kop, books_kop)
    counter = replace(desk, person=row.receiver)  # he took the money in, whoever confirms
    settled = await _hand_in(counter, courier, count_id, row.counted_kop, row.declared_kop, reason, second)
    await trade.put_count(desk.tx, count_id, courier.ref, row.counted_kop, row.declared_kop, row.receiver, "posted")
    return Counted(count_id, "posted", row.counted_kop, expected_kop, tuple(settled))


async def give_up(desk: Desk, count_id: UUID) -> None:
    """It is counted again; this count stays in the books of the next hand-in."""
    row = await _open(desk, count_id)
    await _courier(desk, row.courier_ref)
    counted = (row.counted_kop, row.declared_kop, row.receiver)
    await trade.put_count(desk.tx, count_id, row.courier_ref, *counted, "given_up")


async def _open(desk: Desk, count_id: UUID) -> Row:
    row = await trade.lock_count(desk.tx, count_id)
    if row is None or row.state != "open":
        raise NoSuchCount
    return row


async def _hand_in(
    desk: Desk, courier: Courier, new_id: UUID, counted_kop: int, declared_kop: int | None, reason: str | None,
    second: str | None, *, delivery_id: UUID | None = None,
) -> list[str]:  # fmt: skip
    change = rules.hand_in(
        book=await own.book_of(desk.tx, courier), known=None, new_id=new_id, counted_kop=counted_kop,
        cash_kop=await own.cash_kop(desk.tx, courier.ref), till_ref=None, actor=desk.actor, now=desk.now,
        declared_kop=declared_kop, second=second, reason=reason,
        earlier_counts_kop=await trade.counts_given_up(desk.tx, courier.ref), delivery_id=delivery_id,
    )  # fmt: skip
    await trade.drop_request(desk.tx, courier.ref)
    return await _keep(desk, courier, change, settles=delivery_id is None)


async def hand_in_of(desk: Desk, courier_ref: str, sum_kop: int, delivery_id: UUID) -> None:
    """The cash of one delivery that the cashier names: it covers that one first, and he settles it himself."""
    courier = await own.courier_here(desk.tx, courier_ref, None)
    await _hand_in(desk, courier, uuid7(), sum_kop, sum_kop, None, None, delivery_id=delivery_id)


async def correct(desk: Desk, entry_id: UUID, sum_kop: int, why: str, second: str | None) -> CashChange:
    """Another sum was given out or taken in."""
    found = await trade.lock_entry(desk.tx, entry_id)
    if found is None:
        raise NoSuchCount
    courier = await _courier(desk, found[0])
    change = rules.correct(
        book=await own.book_of(desk.tx, courier), entry=found[1], sum_kop=sum_kop, why=why, actor=desk.actor,
        now=desk.now, second=second,
    )  # fmt: skip
    await _keep(desk, courier, change)
    return change


async def difference_of(tx: Tx, courier_ref: str) -> int:
    """Kopecks that counts of his cash differ by and nobody has decided on: below zero they are missing."""
    entries = differences.last_whole(await trade.entries_since(tx, courier_ref, _EVER))
    if not entries:
        return 0
    account = accounts.cash(courier_ref)
    moved = [row for row in await ledger.cash_since(tx, courier_ref, entries[-1].at) if row.why == "difference"]
    decided = [(row.at, row.sum_kop if row.target == account else -row.sum_kop) for row in moved]
    return differences.open_kop(entries, decided, await own.cash_kop(tx, courier_ref))


async def decide_difference(
    desk: Desk, courier_ref: str, decision: Decision | None, reason: str, sum_kop: int | None = None,
    second: str | None = None,
) -> int:  # fmt: skip
    """Missing money is no longer owed, or what was over is his cash again; the open incident about it is decided.

    decision: None = what the open difference calls for. sum_kop: None = all that is open. Returns the kopecks decided
    on, signed. Raises NoSuchCourier, MoreThanDiffers, DecisionMissing (no reason).
    """
    courier = await _courier(desk, courier_ref)
    book = await own.book_of(desk.tx, courier)
    differs_kop = await difference_of(desk.tx, courier.ref)
    decision = decision or ("shortage" if differs_kop <= 0 else "surplus")
    decided_kop = differences.decided_kop(differs_kop, decision, sum_kop)
    change = rules.settle_difference(
        book=book, difference_kop=decided_kop, reason=reason, actor=desk.actor, now=desk.now, second=second
    )
    await _keep(desk, courier, change)
    if decided_kop == differs_kop:
        await _close_incident(desk, courier.ref, reason)
    return decided_kop


async def _close_incident(desk: Desk, courier_ref: str, reason: str) -> None:
    key = ("cash_difference", "cash", courier_ref, courier_ref)
    for incident in (await stored.lock_open(desk.tx, [key])).values():
        await incidents.decide(desk.tx, incident.id, "settled", reason, desk.person, desk.now)


async def _keep(desk: Desk, courier: Courier, change: CashChange, *, settles: bool = True) -> list[str]:
    """Write it; the orders that it settles."""
    if change.already:
        return []
    await trade.save_book(desk.tx, change.book, change.entry)
    own.emit(desk.tx, change.events, courier.base_id)
    about = About("cash", courier.ref, courier.division, courier.ref, courier.base_id)
    await incidents.raise_all(desk.tx, change.contradictions, about, desk.now)
    return await settle_covered(desk.tx, courier.ref, desk.rules, desk.now) if settles else []
