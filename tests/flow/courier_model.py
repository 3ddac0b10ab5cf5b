"""Deliveries by the book: domain.md §1 and §2 once more, in few words, for tests that compare the service with it.

A delivery is folded from its events alone; what a courier did is taken from his phone's own act and not from what the
service says of it. `needed` tells which contradictions a fact brings, `possible` what the table allows.
"""

import copy
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
Kinds = frozenset[str]
ON_THE_WAY = ("picked_up", "en_route")
BY_TYPE = {
    "delivery.pick_up": "delivery.picked_up", "delivery.depart": "delivery.departed",
    "delivery.hand_over": "delivery.handed_over", "delivery.not_deliver": "delivery.not_delivered",
    "delivery.retry": "delivery.retried", "delivery.give_back": "delivery.give_back_claimed",
    "delivery.customer_return": "delivery.customer_returned", "correction": "delivery.corrected",
}  # fmt: skip
REASSIGNED, CANCELLED = "reassigned_but_done", ("cancelled_but_done", "cancelled_but_handed_over")
AMOUNT: Kinds = frozenset({"amount_mismatch", "price_changed_meanwhile"})


def one_of(*kinds: str) -> Kinds:
    return frozenset(kinds)


@dataclass
class Goods:
    """One line, in thousandths."""

    quantity: int
    sum_kop: int
    picked: int = 0
    accepted: int = 0
    refused: int = 0
    given_back: int = 0
    returned: int = 0

    @property
    def carried(self) -> int:
        return self.picked - self.accepted + self.returned - self.given_back

    @property
    def kept(self) -> int:
        return self.accepted - self.returned


@dataclass
class Act:
    """What a courier recorded. corrects: the act that a correction names."""

    courier: str
    sent: Json
    corrects: "Act | None" = None

    @property
    def payload(self) -> Json:
        told: Json = self.sent["payload"]
        right: Json = told["payload"] if self.sent["type"] == "correction" else told
        return right

    def quantities(self, name: str) -> dict[str, int] | None:
        lines = self.payload.get("lines")
        return None if lines is None else {one["line"]: milli(one[name]) for one in lines}


@dataclass
class Happened:
    """An event of a delivery. act: what a phone recorded, if it came from one."""

    version: int
    type: str
    actor: str
    data: Json
    act: Act | None = None


@dataclass
class State:
    """A delivery after one of its events. related: who was ever assigned or carried it. earlier: goods that the office
    changed before they were picked up, each with the last version that had them."""

    stage: str = "ready"
    on_board: bool = True
    courier: str | None = None
    holder: str | None = None
    lines: dict[str, Goods] = field(default_factory=dict)
    price_kop: int = 0
    prepaid_kop: int = 0
    by_hand_kop: int | None = None
    handed_by: str | None = None
    taken_kop: int | None = None
    method: str | None = None
    claimed: dict[str, int] | None = None
    related: frozenset[str] = frozenset()
    earlier: list[tuple[int, dict[str, Goods]]] = field(default_factory=list)

    @property
    def goods_out(self) -> bool:
        return any(line.carried for line in self.lines.values())

    @property
    def carried(self) -> dict[str, int]:
        return {name: line.carried for name, line in self.lines.items()}

    def seen_at(self, version: int | None) -> dict[str, Goods]:
        """The goods that a courier saw who saw this version."""
        if version is None or self.goods_out:
            return self.lines
        return next((lines for until, lines in self.earlier if version <= until), self.lines)

    def due_kop(self) -> int:
        """For what the customer accepted; a sum set by hand falls by what he did not take."""
        goods = sum(part_kop(line, line.accepted) for line in self.lines.values())
        whole = sum(line.sum_kop for line in self.lines.values())
        if self.by_hand_kop is not None:
            return max(0, self.by_hand_kop - (whole - goods))
        return max(0, goods + self.price_kop - self.prepaid_kop)


def part_kop(line: Goods, quantity: int) -> int:
    return (
        line.sum_kop
        if quantity == line.quantity
        else (2 * line.sum_kop * quantity + line.quantity) // (2 * line.quantity)
    )


def quantities_of(event: Happened) -> dict[str, int]:
    """Lines that an event of the office names."""
    return {one["line"]: one["quantity_milli"] for one in event.data["lines"]}


def milli(told: str) -> int:
    whole, _, part = told.partition(".")
    return int(whole) * 1000 + int(part.ljust(3, "0") or 0)


def kop(told: str) -> int:
    whole, _, part = told.partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0") or 0)


def ordered(lines: dict[str, Goods]) -> dict[str, tuple[int, int]]:
    return {name: (line.quantity, line.sum_kop) for name, line in lines.items()}


# -- what an event makes of a delivery


def after(before: State, event: Happened) -> State:
    state = copy.deepcopy(before)
    _EFFECTS[event.type](state, event)
    if event.type != "delivery.give_back_claimed" and (state.carried, state.holder) != (before.carried, before.holder):
        state.claimed = None
    state.related |= {one for one in (state.courier, state.holder) if one}
    return state


def _of_office(state: State, event: Happened) -> None:
    """«Готов», an edited order, a price: what the office says of goods and money."""
    told, old = event.data["delivery"], state.lines
    if event.type == "delivery.readied":
        state.stage, state.on_board, state.handed_by = "ready", True, None
    state.courier = told["courier"]["ref"] if told["courier"] else None
    if event.type == "delivery.readied" or "lines" in event.data["changed"]:
        state.lines = {one["line"]: Goods(one["quantity_milli"], one["sum_kop"]) for one in told["lines"]}
        if state.earlier or event.version > 1:
            state.earlier.append((event.version - 1, copy.deepcopy(old)))
    state.price_kop, state.prepaid_kop = told["delivery_price_kop"], told["prepaid_kop"]
    state.by_hand_kop = told["amount_due_by_hand_kop"]


def _assigned(state: State, event: Happened) -> None:
    state.courier = event.data["courier_ref"]


def _withdrawn(state: State, _: Happened) -> None:
    state.on_board = False


def _cancelled(state: State, _: Happened) -> None:
    state.stage, state.on_board = "cancelled", True


def _picked_up(state: State, event: Happened) -> None:
    assert event.act
    if not state.goods_out:
        taken = event.act.quantities("quantity") or {}
        state.lines = {
            name: Goods(line.quantity, line.sum_kop, picked=taken.get(name, line.quantity))
            for name, line in state.seen_at(event.act.sent.get("version")).items()
        }
        state.earlier = []
    if state.stage == "ready":
        state.stage, state.on_board = "picked_up", True
    state.holder = state.courier = event.act.courier


def _departed(state: State, _: Happened) -> None:
    state.stage = "en_route" if state.stage == "picked_up" else state.stage


def _handed_over(state: State, event: Happened) -> None:
    assert event.act
    _accept(state, event.act, state.carried)
    state.stage, state.handed_by, state.courier = "handed_over", event.act.courier, event.act.courier
    state.holder = event.act.courier if state.goods_out else None


def _accept(state: State, act: Act, at_the_door: dict[str, int]) -> None:
    named = act.quantities("accepted") or {}
    for name, line in state.lines.items():
        line.accepted = named.get(name, at_the_door[name])
        line.refused = at_the_door[name] - line.accepted
    state.taken_kop, state.method = kop(act.payload["amount_taken"]), act.payload["payment_method"]


def _not_delivered(state: State, _: Happened) -> None:
    state.stage = "not_delivered" if state.stage in ON_THE_WAY else state.stage


def _retried(state: State, event: Happened) -> None:
    state.courier = event.data.get("courier_ref") or state.courier
    with_him = state.holder is not None and state.holder == state.courier
    state.stage = "picked_up" if with_him else "ready"
    state.claimed = None if with_him else state.claimed


def _claimed(state: State, event: Happened) -> None:
    assert event.act
    said = event.act.quantities("quantity")
    state.claimed = {name: n for name, n in (state.carried if said is None else said).items() if n}


def _given_back(state: State, event: Happened) -> None:
    for name, quantity in quantities_of(event).items():
        state.lines[name].given_back += quantity
    state.claimed = None
    if not state.goods_out:
        state.holder = None
        if state.stage != "ready" and not any(line.accepted for line in state.lines.values()):
            state.stage = "returned"


def _customer_returned(state: State, event: Happened) -> None:
    back = event.act.quantities("quantity") or {} if event.act else quantities_of(event)
    for name, quantity in back.items():
        state.lines[name].returned += quantity
    state.holder = event.act.courier if event.act else state.holder or state.handed_by
    if not any(line.kept for line in state.lines.values()):
        state.stage = "returned"


def _settled(state: State, _: Happened) -> None:
    state.stage = "settled"


def _corrected(state: State, event: Happened) -> None:
    assert event.act
    assert event.act.corrects
    match event.act.corrects.sent["type"]:
        case "delivery.pick_up":
            taken = event.act.quantities("quantity") or {}
            for name, line in state.lines.items():
                line.picked = taken.get(name, line.quantity)
        case "delivery.hand_over":
            _accept(state, event.act, {name: line.accepted + line.refused for name, line in state.lines.items()})
            state.holder = event.act.courier if state.goods_out else None
            if state.stage == "settled" and state.method == "cash" and state.taken_kop:
                state.stage = "handed_over"


_EFFECTS = {
    "delivery.readied": _of_office, "delivery.changed": _of_office, "delivery.assigned": _assigned,
    "delivery.withdrawn": _withdrawn, "delivery.cancelled": _cancelled, "delivery.picked_up": _picked_up,
    "delivery.departed": _departed, "delivery.handed_over": _handed_over, "delivery.not_delivered": _not_delivered,
    "delivery.retried": _retried, "delivery.give_back_claimed": _claimed, "delivery.returned": _given_back,
    "delivery.customer_returned": _customer_returned, "delivery.settled": _settled, "delivery.corrected": _corrected,
    "delivery.done_by_another": lambda state, event: None,
}  # fmt: skip


# -- what the table says of it


def possible(state: State, act: Act) -> bool:
    """Would the table of domain.md §1 allow this courier this step, with nothing else known?"""
    holds, mine = state.holder == act.courier, state.courier == act.courier
    match act.sent["type"]:
        case "delivery.pick_up":
            return state.stage == "ready" and state.on_board and mine and _fits(state, act, "quantity")
        case "delivery.depart":
            return state.stage == "picked_up" and holds
        case "delivery.hand_over" | "delivery.not_deliver":
            return state.stage in ON_THE_WAY and holds and _fits(state, act, "accepted")
        case "delivery.retry":
            return state.stage == "not_delivered" and (holds or mine)
        case "delivery.give_back":
            back = act.quantities("quantity") or state.carried
            there = state.stage in ("not_delivered", "cancelled", "handed_over", "settled") and holds
            return there and any(back.values()) and _at_most(back, state.carried)
        case "delivery.customer_return":
            back = act.quantities("quantity") or {}
            there = state.stage in ("handed_over", "settled") and state.holder in (None, act.courier)
            kept = {name: line.kept for name, line in state.lines.items()}
            return there and any(back.values()) and _at_most(back, kept)
    return False


def _at_most(named: dict[str, int], most: dict[str, int]) -> bool:
    return named.keys() <= most.keys() and all(named[name] <= most[name] for name in named)


def imagined(state: State, act: Act) -> State:
    """After a step that nobody but the phone knows of."""
    return after(state, Happened(0, BY_TYPE[act.sent["type"]], "courier", {}, act)) if possible(state, act) else state


def _fits(state: State, act: Act, name: str) -> bool:
    named = act.quantities(name) or {}
    most = {n: line.quantity if name == "quantity" else line.carried for n, line in state.lines.items()}
    if name == "quantity" and (state.goods_out or not any(named.get(n, most[n]) for n in most)):
        return False
    return _at_most(named, most)


def needed(before: State, event: Happened, now: State) -> list[Kinds]:
    """The contradictions that it brings, each as the kinds of which one must be there. AssertionError: impossible."""
    goods_are_somewhere(now)
    if event.act is None:
        return _of_warehouse(before, event)
    found = _against_the_plan(before, event)
    if event.type in ("delivery.handed_over", "delivery.corrected") and "amount_taken" in event.act.payload:
        same = (before.taken_kop, before.due_kop()) == (now.taken_kop, now.due_kop())
        if now.taken_kop != now.due_kop() and not (event.type == "delivery.corrected" and same):
            found.append(AMOUNT)
    return found


def _of_warehouse(before: State, event: Happened) -> list[Kinds]:
    if event.type in ("delivery.withdrawn", "delivery.assigned"):
        assert before.stage == "ready", f"{event.type} from {before.stage}"
    if event.type == "delivery.cancelled":
        assert before.stage in ("ready", *ON_THE_WAY, "not_delivered"), f"cancelled from {before.stage}"
    if event.type == "delivery.returned" and before.claimed is not None:
        return [] if quantities_of(event) == before.claimed else [one_of("count_difference")]
    return []


def _against_the_plan(before: State, event: Happened) -> list[Kinds]:
    assert event.act
    me, stage = event.act.courier, before.stage
    assert me in before.related, "a step by somebody whose delivery it never was"
    match event.type:
        case "delivery.picked_up":
            assert stage in ("ready", "cancelled"), f"picked up from {stage}"
            found = [] if before.on_board else [one_of("withdrawn_but_done")]
            if ordered(before.seen_at(event.act.sent.get("version"))) != ordered(before.lines):
                found.append(one_of("order_changed_after_pick_up"))
            if stage == "cancelled":
                return [*found, one_of("cancelled_but_done")]
            return found if before.courier == me else [*found, one_of(REASSIGNED)]
        case "delivery.departed" | "delivery.not_delivered":
            assert before.holder == me, "goods that he does not have"
            assert stage in (*ON_THE_WAY, "cancelled", "ready"), f"{event.type} from {stage}"
            return [] if stage in ON_THE_WAY else [one_of(CANCELLED[0] if stage == "cancelled" else REASSIGNED)]
        case "delivery.handed_over":
            assert stage in (*ON_THE_WAY, "cancelled", "ready", "not_delivered"), f"handed over from {stage}"
            assert before.goods_out, "handed over what is in the warehouse"
            if stage == "cancelled":
                return [one_of(*CANCELLED)]
            if stage == "not_delivered":
                assert before.holder != me, "handed over after he said that he did not"
            return [] if before.holder == me and stage in ON_THE_WAY else [one_of(REASSIGNED)]
        case "delivery.done_by_another":
            assert before.holder != me, "told as another's, and he has the goods"
            second = before.handed_by is not None and event.act.sent["type"] == "delivery.hand_over"
            return [one_of("handed_over_twice" if second else REASSIGNED)]
    return _after_the_door(before, event)


def _after_the_door(before: State, event: Happened) -> list[Kinds]:
    assert event.act
    me, stage = event.act.courier, before.stage
    match event.type:
        case "delivery.retried":
            assert stage == "not_delivered", f"retried from {stage}"
        case "delivery.give_back_claimed":
            assert before.holder == me, "brings back what he does not have"
            said = event.act.quantities("quantity") or {}
            assert all(n <= before.lines[name].carried for name, n in said.items()), "brings back more than he has"
        case "delivery.customer_returned":
            assert stage in ("handed_over", "settled"), f"returned by the customer from {stage}"
        case "delivery.corrected":
            assert event.act.corrects
            assert event.act.corrects.courier == me, "corrects another's step"
    return []


def goods_are_somewhere(state: State) -> None:
    """Per line: picked = accepted − returned + given back + carried; nothing below zero, nothing above the line."""
    for name, line in state.lines.items():
        assert line.picked == line.accepted - line.returned + line.given_back + line.carried
        parts = (line.picked, line.accepted, line.refused, line.given_back, line.returned, line.carried, line.kept)
        assert min(parts) >= 0, f"line {name}: {line}"
        assert line.picked <= line.quantity, f"line {name}: more than the order has: {line}"
    assert state.holder is not None or not state.goods_out, "goods that nobody has"
