"""The goods that a courier carries for sale: loaded, counted in, counted at the end, brought back. Rules: domain.md §4.

Nothing here holds a balance: what he carries (`carried`) is the sum of the ledger, given in and never typed, and what
an event does to it is `ledger.py`'s. Quantities are thousandths of a unit. Each function is pure.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from posrednik.domain.changes import Contradiction, found
from posrednik.domain.errors import DecisionMissing, MoreThanCarried, MoreThanShort, NotAllowed, NothingNamed
from posrednik.domain.events import Actor, Data, Event
from posrednik.domain.goods import Names, Sums, counted, less, sums, worth_kop
from posrednik.domain.shifts import Goods, Key

_OFFICE = ("onec", "logistician", "warehouse", "system")
_WHO: Mapping[str, tuple[str, ...]] = {
    "load": _OFFICE,
    "undo_load": _OFFICE,
    "unload": _OFFICE,
    "accept_backpack": ("courier", "logistician", "warehouse"),
    "count_backpack": ("courier", "logistician", "warehouse"),
    "write_off": ("logistician",),
    "find": ("logistician", "warehouse"),
}


@dataclass(frozen=True, slots=True)
class Load:
    """One transfer into the backpack. id: of the command, or of the transfer document; `document`: its 1C ref.

    lines: as 1C has it. warehouse_ref: where the goods come from. at: when goods of it were last loaded. The rest is
    kept here, and a new one has none of it:
    drawn: what the books have moved because of it; more than `lines` once something was sold that 1C took back.
    waiting: what of it is still to be counted in. missing: what the count did not find. undone: 1C took it back.
    """

    id: UUID
    lines: tuple[Goods, ...]
    warehouse_ref: str | None
    at: datetime
    document: str | None = None
    drawn: tuple[Goods, ...] = ()
    waiting: tuple[Goods, ...] = ()
    missing: tuple[Goods, ...] = ()
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Backpack:
    """pending: loads that he has not counted yet; their goods are in his backpack already.

    courier_ref: a UUID, also the id of the subject. warehouse_ref: his own warehouse in 1C. version: 0 = no event yet.
    opened: what he carried by 1C before there were ledgers was taken in (usecases/opening_stock.py).
    """

    courier_ref: str
    base_id: UUID
    division_ref: str
    warehouse_ref: str | None = None
    version: int = 0
    pending: tuple[Load, ...] = ()
    courier_name: str | None = None
    trial: bool = False
    opened: bool = False

    @property
    def who(self) -> str:
        return self.courier_name or self.courier_ref


@dataclass(frozen=True, slots=True)
class BackpackChange:
    """As `changes.Change`. loads: those that are different now, to be stored."""

    backpack: Backpack
    events: tuple[Event, ...] = ()
    already: bool = False
    contradictions: tuple[Contradiction, ...] = ()
    loads: tuple[Load, ...] = ()


@dataclass(frozen=True, slots=True)
class _Act:
    actor: Actor
    now: datetime
    base: UUID | None = None

    def allowed(self, action: str) -> "_Act":
        if self.actor.kind not in _WHO[action]:
            raise NotAllowed(action=action, actor_kind=self.actor.kind)
        return self


def load(
    *,
    backpack: Backpack,
    load: Load,
    known: Load | None,
    carried: Iterable[Goods],
    actor: Actor,
    now: datetime,
    cause_base: UUID | None = None,
) -> BackpackChange:
    """«Положить в рюкзак». known: the load of the same id or document, as it was stored last; None = a new one.

    The same once more holds already. An edited transfer loads what is more now and takes back what is less, as
    `undo_load` does; one that was undone loads again what had gone back. carried: what he has now.
    Raises QuantityNotANumber, NothingNamed, NotAllowed.
    """
    act = _Act(actor, now, cause_base).allowed("load")
    wanted = counted(load.lines)
    if not wanted:
        raise NothingNamed()
    known = known or replace(load, lines=(), drawn=(), waiting=(), missing=(), undone=False)
    if not known.undone and sums(known.lines) == wanted:
        return BackpackChange(backpack, already=True)
    names, had = Names(known.lines, load.lines), sums(known.drawn)
    change = _taken_back(backpack, known, less(had, wanted), carried, act)
    booked = replace(change.loads[0], lines=names.goods(wanted), undone=False)
    return _more(change, booked, less(wanted, had), names, act)


def _more(change: BackpackChange, load: Load, more: Sums, names: Names, act: _Act) -> BackpackChange:
    """`more` into the backpack, where it waits to be counted."""
    if not more:
        return replace(change, loads=(load,))
    drawn, waiting = _plus(load.drawn, more, names), _plus(load.waiting, more, names)
    load = replace(load, drawn=drawn, waiting=waiting, at=act.now)
    data = {"load_id": str(load.id), "document": load.document, "lines": names.lines(more)}
    waits = _with(change.backpack, load)
    backpack, event = _event("backpack.loaded", waits, load.warehouse_ref, act, data)
    return replace(change, backpack=backpack, events=(*change.events, event), loads=(load,))


def _plus(goods: tuple[Goods, ...], more: Sums, names: Names) -> tuple[Goods, ...]:
    return names.goods(sums((*goods, *names.goods(more))))


def undo_load(
    *,
    backpack: Backpack,
    load: Load,
    carried: Iterable[Goods],
    actor: Actor,
    now: datetime,
    cause_base: UUID | None = None,
) -> BackpackChange:
    """1C unposted or deleted the transfer: what is still there goes back to its warehouse.

    What the count had not found was never with him and is no longer disputed. What he sold meanwhile is the
    contradiction transfer_undone_after_sale. Once more holds already. Raises NotAllowed.
    """
    act = _Act(actor, now, cause_base).allowed("undo_load")
    if load.undone:
        return BackpackChange(backpack, already=True)
    change = _taken_back(backpack, load, sums(load.drawn), carried, act)
    return replace(change, loads=(replace(change.loads[0], undone=True),))


def _taken_back(backpack: Backpack, load: Load, fewer: Sums, carried: Iterable[Goods], act: _Act) -> BackpackChange:
    """So much of the load goes back: first what was missing at the count, then what he carries."""
    if not fewer:
        return BackpackChange(backpack, loads=(load,))
    carried = list(carried)
    missing, have = sums(load.missing), sums(carried)
    never = {key: min(milli, missing.get(key, 0)) for key, milli in fewer.items()}
    owed = less(fewer, never)
    there = {key: min(milli, max(0, have.get(key, 0))) for key, milli in owed.items()}
    names = Names(carried, load.lines)
    data = {
        "load_id": str(load.id),
        "document": load.document,
        "undone": True,
        "lines": [
            names.line(key, quantity_milli=milli, expected_milli=owed[key], counted_milli=milli)
            for key, milli in there.items()
        ],
        "disputed_lines": names.lines(never),
    }
    sold = less(owed, there)
    load = replace(
        load,
        drawn=names.goods(less(sums(load.drawn), less(fewer, sold))),
        waiting=names.goods(less(sums(load.waiting), fewer)),
        missing=names.goods(less(missing, never)),
    )
    backpack, event = _event("backpack.unloaded", _with(backpack, load), load.warehouse_ref, act, data)
    undone = [{"goods": names.of(key), "asked_milli": owed[key], "have_milli": there[key]} for key in sold]
    told = found("transfer_undone_after_sale", who=backpack.who, document=load.document, undone=undone)
    return BackpackChange(backpack, (event,), contradictions=(told,) if undone else (), loads=(load,))


def _with(backpack: Backpack, load: Load) -> Backpack:
    """The load in its place among the pending ones, as long as something of it waits."""
    known = {one.id: one for one in backpack.pending} | {load.id: load}
    return replace(backpack, pending=tuple(one for one in known.values() if one.waiting))


def unload(
    *,
    backpack: Backpack,
    lines: Iterable[Goods],
    warehouse_ref: str | None,
    carried: Iterable[Goods],
    actor: Actor,
    now: datetime,
    late: bool = False,
    document: str | None = None,
    cause_base: UUID | None = None,
) -> BackpackChange:
    """Goods from the backpack back to a warehouse. late: it has happened already and was not known here.

    More than he carries is refused, unless it is late: then it is the contradiction backpack_negative.
    Raises MoreThanCarried, NothingNamed, QuantityNotANumber, NotAllowed.
    """
    act = _Act(actor, now, cause_base).allowed("unload")
    lines, carried = list(lines), list(carried)
    taken, names = counted(lines), Names(carried, lines)
    if not taken:
        raise NothingNamed()
    below = below_zero(taken, sums(carried), names)
    if below and not late:
        raise MoreThanCarried(line=below[0]["product"], **_figures(below[0]))
    told = [names.line(key, quantity_milli=m, expected_milli=m, counted_milli=m) for key, m in taken.items()]
    data = {"document": document, "undone": False, "lines": told, "disputed_lines": []}
    after, event = _event("backpack.unloaded", backpack, warehouse_ref, act, data)
    return BackpackChange(after, (event,), contradictions=negative(backpack.who, "unload", below))


def below_zero(taken: Mapping[Key, int], have: Mapping[Key, int], names: Names) -> list[Data]:
    """Of what more is taken than there is: {product, goods, asked_milli, have_milli}."""
    return [
        {"product": key[0], "goods": names.of(key), "asked_milli": milli, "have_milli": have.get(key, 0)}
        for key, milli in taken.items()
        if milli > have.get(key, 0)
    ]


def negative(who: str, action: str, below: list[Data]) -> tuple[Contradiction, ...]:
    """The contradiction backpack_negative of what `below_zero` found."""
    return (found("backpack_negative", who=who, action=action, below=below),) if below else ()


def _figures(below: Data) -> Data:
    return {"goods": below["goods"], "asked_milli": below["asked_milli"], "have_milli": max(0, below["have_milli"])}


def accept(
    *,
    backpack: Backpack,
    goods: Iterable[Goods],
    carried: Iterable[Goods],
    actor: Actor,
    now: datetime,
    seen: Collection[UUID] | None = None,
) -> BackpackChange:
    """He counted what is pending, all of it at once. goods: what he found, not named = none.

    seen: ids of the loads that he counted; None = all pending. What he has sold of it before is counted as found. A
    difference goes to or comes from the dispute with the warehouse and is the contradiction count_difference. Nothing
    pending (any more) holds already. One event for each warehouse. Raises QuantityNotANumber, NotAllowed.
    """
    act = _Act(actor, now).allowed("accept_backpack")
    goods = list(goods)
    is_there = counted(goods)
    loads = tuple(one for one in backpack.pending if seen is None or one.id in seen)
    if not loads:
        return BackpackChange(backpack, already=True)
    names = Names(*(one.waiting for one in loads), goods)
    shares = _shares(loads, is_there, sums(carried))
    after = replace(backpack, pending=tuple(one for one in backpack.pending if one not in loads))
    events: list[Event] = []
    for warehouse_ref in dict.fromkeys(one.warehouse_ref for one in loads):
        of_it = [index for index, one in enumerate(loads) if one.warehouse_ref == warehouse_ref]
        data = {
            "load_ids": [str(loads[index].id) for index in of_it],
            "documents": [document for index in of_it if (document := loads[index].document)],
            "lines": _counted_lines([shares[index] for index in of_it], names),
        }
        after, event = _event("backpack.accepted", after, warehouse_ref, act, data)
        events.append(event)
    differences = _differences(_counted_lines(shares, names), names)
    told = found("count_difference", who=backpack.who, occasion="backpack_accept", differences=differences)
    found_now = tuple(_with_missing(one, share, names) for one, share in zip(loads, shares, strict=True))
    return BackpackChange(after, tuple(events), contradictions=(told,) if differences else (), loads=found_now)


@dataclass(frozen=True, slots=True)
class _Share:
    """Of one product of one load: how much of it should be there, and how much was found."""

    expected_milli: int
    counted_milli: int


def _shares(loads: tuple[Load, ...], is_there: Sums, have: Sums) -> list[dict[Key, _Share]]:
    """What was counted, laid on the loads, oldest first; what is too much lies on the last.

    More than he carries cannot be there any more: it was sold, and so it had come.
    """
    shares: list[dict[Key, _Share]] = [{} for _ in loads]
    pending = sums(line for one in loads for line in one.waiting)
    for key in dict.fromkeys((*pending, *is_there)):
        gone = pending.get(key, 0) - min(pending.get(key, 0), max(0, have.get(key, 0)))
        came = is_there.get(key, 0) + gone
        for load, share in zip(loads, shares, strict=True):
            asked = sums(load.waiting).get(key, 0)
            got, went = min(asked, came), min(asked, gone)
            came, gone = came - got, gone - went
            share[key] = _Share(asked - went, got - went)
        shares[-1][key] = replace(shares[-1][key], counted_milli=shares[-1][key].counted_milli + came)
    return shares


def _counted_lines(shares: list[dict[Key, _Share]], names: Names) -> list[Data]:
    keys = dict.fromkeys(key for share in shares for key in share)
    none = _Share(0, 0)
    lines = (
        names.line(
            key,
            expected_milli=sum(share.get(key, none).expected_milli for share in shares),
            counted_milli=sum(share.get(key, none).counted_milli for share in shares),
        )
        for key in keys
    )
    return [line for line in lines if line["expected_milli"] or line["counted_milli"]]


def _with_missing(load: Load, share: dict[Key, _Share], names: Names) -> Load:
    """The load counted in. One that was edited was counted before, and what was missing then still is."""
    missing = {key: max(0, one.expected_milli - one.counted_milli) for key, one in share.items()}
    return replace(load, waiting=(), missing=_plus(load.missing, {k: m for k, m in missing.items() if m}, names))


def _differences(lines: Iterable[Data], names: Names) -> list[Data]:
    return [
        {
            "goods": names.of((line["product"], line["characteristic"])),
            "expected_milli": line["expected_milli"],
            "counted_milli": line["counted_milli"],
        }
        for line in lines
        if line["expected_milli"] != line["counted_milli"]
    ]


def count(
    *,
    backpack: Backpack,
    goods: Iterable[Goods],
    carried: Iterable[Goods],
    prices: Mapping[Key, int],
    actor: Actor,
    now: datetime,
) -> BackpackChange:
    """The whole backpack was counted. goods: what is there, not named = none; carried: what should be.

    prices: kopecks per unit on this day. A difference is a shortage or a surplus and the contradiction
    count_difference, with what it is worth; what has no price has no worth, and that is said.
    Raises QuantityNotANumber, NotAllowed.
    """
    act = _Act(actor, now).allowed("count_backpack")
    goods, carried = list(goods), list(carried)
    is_there, should, names = counted(goods), sums(carried), Names(carried, goods)
    lines = [
        names.line(
            key,
            expected_milli=should.get(key, 0),
            counted_milli=is_there.get(key, 0),
            **_valued(is_there.get(key, 0) - should.get(key, 0), prices.get(key)),
        )
        for key in dict.fromkeys((*should, *is_there))
        if should.get(key) or is_there.get(key)
    ]
    values = [line["value_kop"] or 0 for line in lines]
    worth = {"shortage_kop": -sum(v for v in values if v < 0), "surplus_kop": sum(v for v in values if v > 0)}
    after, event = _event("backpack.counted", backpack, backpack.warehouse_ref, act, {"lines": lines, **worth})
    return BackpackChange(after, (event,), contradictions=_count_differs(backpack.who, lines, worth, names))


def _valued(difference_milli: int, price_kop: int | None) -> dict[str, int | None]:
    """What so much more or less (below zero) is worth; None = the price is not known."""
    value_kop = None if price_kop is None else worth_kop(price_kop, difference_milli)
    return {"price_kop": price_kop, "value_kop": value_kop}


def _count_differs(who: str, lines: list[Data], worth: Data, names: Names) -> tuple[Contradiction, ...]:
    differences = _differences(lines, names)
    if not differences:
        return ()
    unpriced = [
        names.of((line["product"], line["characteristic"]))
        for line in lines
        if line["price_kop"] is None and line["expected_milli"] != line["counted_milli"]
    ]
    said: Data = {"variant": "unpriced", "unpriced": unpriced} if unpriced else {"variant": "backpack"}
    return (found("count_difference", who=who, occasion="backpack_count", differences=differences, **worth, **said),)


def write_off(
    *,
    backpack: Backpack,
    lines: Iterable[Goods],
    short: Iterable[Goods],
    reason: str,
    prices: Mapping[Key, int],
    actor: Actor,
    now: datetime,
) -> BackpackChange:
    """A decision on a shortage: it is written off. short: what the books are short of (`shortage:C`).

    Raises MoreThanShort, DecisionMissing (no reason), NothingNamed, QuantityNotANumber, NotAllowed.
    """
    act = _Act(actor, now).allowed("write_off")
    told, names = _of_shortage(lines, short, reason)
    priced = [names.line(key, quantity_milli=milli, **_valued(milli, prices.get(key))) for key, milli in told.items()]
    return _decided("backpack.written_off", backpack, priced, reason, act)


def find(
    *,
    backpack: Backpack,
    lines: Iterable[Goods],
    short: Iterable[Goods],
    reason: str,
    actor: Actor,
    now: datetime,
) -> BackpackChange:
    """A piece that was short is found: it is in the backpack again. Raises as `write_off` does."""
    act = _Act(actor, now).allowed("find")
    told, names = _of_shortage(lines, short, reason)
    return _decided("backpack.found", backpack, names.lines(told), reason, act)


def _of_shortage(lines: Iterable[Goods], short: Iterable[Goods], reason: str) -> tuple[Sums, Names]:
    if not reason.strip():
        raise DecisionMissing()
    lines, short = list(lines), list(short)
    told, names = counted(lines), Names(short, lines)
    if not told:
        raise NothingNamed()
    over = below_zero(told, sums(short), names)
    if over:
        raise MoreThanShort(line=over[0]["product"], **_figures(over[0]))
    return told, names


def _decided(event_type: str, backpack: Backpack, lines: list[Data], reason: str, act: _Act) -> BackpackChange:
    data = {"lines": lines, "reason": reason.strip()}
    after, event = _event(event_type, backpack, backpack.warehouse_ref, act, data)
    return BackpackChange(after, (event,))


def _event(
    event_type: str, backpack: Backpack, warehouse_ref: str | None, act: _Act, data: dict[str, Any]
) -> tuple[Backpack, Event]:
    """The backpack one version further, and the event that says so. warehouse_ref: the other side of the transfer."""
    after = replace(backpack, version=backpack.version + 1)
    about = {
        "base_id": str(after.base_id),
        "courier_ref": after.courier_ref,
        "courier_name": after.courier_name,
        "warehouse_ref": warehouse_ref,
        "backpack_ref": after.warehouse_ref,
    }
    return after, Event(
        event_type,
        "backpack",
        UUID(after.courier_ref),
        after.version,
        act.now,
        act.actor,
        after.division_ref,
        after.trial,
        {**about, **data},
        cause_base=act.base,
    )
