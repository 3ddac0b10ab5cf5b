"""Whatever is done to a delivery, in any order, by anybody who knows or does not know the latest news: it holds."""

import json
from datetime import date, timedelta

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.unit.domain.delivery_builders import (
    LOGISTICIAN,
    NEW_ID,
    NOW,
    PETROV,
    SIDOROV,
    a_line,
    an_order,
    do,
    names_for,
    readied,
)

from posrednik.domain.changes import Change
from posrednik.domain.deliveries import Delivery, Stage
from posrednik.domain.errors import DomainError
from posrednik.domain.events import snapshot
from posrednik.domain.stages import TABLE

COURIERS = st.sampled_from([PETROV, SIDOROV])
REFS = st.sampled_from(["petrov", "sidorov"])
# The lines below have 2000 and 1000, so that one more than the line is tried as well.
QUANTITIES = st.dictionaries(st.sampled_from(["1", "2"]), st.sampled_from([0, 1, 500, 1000, 2000, 2001]))
MAYBE_QUANTITIES = st.none() | QUANTITIES
AMOUNTS = st.integers(0, 400000)
METHODS = st.sampled_from(["cash", "card", "transfer"])
SEEN = st.fixed_dictionaries({}, optional={"offline": st.booleans(), "seen_version": st.integers(1, 12)})
ORDERS = st.builds(
    lambda price, prepaid, milli, total, posted: an_order(
        delivery_price_kop=price,
        prepaid_kop=prepaid,
        lines=(a_line(quantity_milli=milli, sum_kop=total), a_line("2", 1000, 27000)),
        posted=posted,
    ),
    price=AMOUNTS,
    prepaid=AMOUNTS,
    milli=st.sampled_from([1000, 2000]),
    total=AMOUNTS,
    posted=st.sampled_from([True, True, True, False]),
)
# Lives that chance alone seldom leads to; everything may happen after each of them.
TO_SIDOROV = ("assign", {"courier_ref": "sidorov"})
BOTH_HAVE_IT = [TO_SIDOROV, ("pick_up", {"actor": SIDOROV}), ("pick_up", {"actor": PETROV, "offline": True})]
BEGINNINGS = [
    [],
    [TO_SIDOROV],
    [("pick_up", {})],
    [("pick_up", {}), ("hand_over", {"accepted": {"1": 1000}})],
    [("pick_up", {}), ("not_deliver", {})],
    [("pick_up", {}), ("not_deliver", {}), ("retry", {"courier_ref": "sidorov"})],
    [("pick_up", {}), ("cancel", {})],
    BOTH_HAVE_IT,
    [*BOTH_HAVE_IT, ("hand_over", {"actor": SIDOROV})],
    [("pick_up", {}), ("not_deliver", {}), ("claim_give_back", {})],
    [("pick_up", {}), ("hand_over", {"accepted": {"1": 1000}, "payment_method": "card"}), ("settle", {})],
]


class ADelivery(RuleBasedStateMachine):
    """Every rule is one action with any figures by any of two couriers; a refusal must change nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.events = 0
        self.delivery: Delivery

    @initialize(order=ORDERS.filter(lambda order: order.posted), beginning=st.sampled_from(BEGINNINGS))
    def made_ready(self, order, beginning):
        change = readied(order)
        self.delivery, self.events, self.order = change.delivery, 1, order
        for action, fields in beginning:
            self.act(action, **fields)

    def act(self, action: str, **fields) -> None:
        before = self.delivery
        try:
            change = self.call(action, before, fields)
        except DomainError:
            return
        self.check(action, before, change)
        self.delivery = change.delivery
        self.events += len(change.events)
        self.check_repeat(action, fields)

    def call(self, action: str, delivery: Delivery, fields: dict) -> Change:
        if action == "ready":
            return readied(self.order, delivery, now=NOW + timedelta(hours=delivery.version), **fields)
        return do(action, delivery, **fields)

    def check(self, action: str, before: Delivery, change: Change) -> None:
        after = change.delivery
        if change.already:
            assert after == before
            assert change.events == ()
            return
        (event,) = change.events
        assert event.version == after.version == before.version + 1
        assert event.data["delivery"] == snapshot(after, names_for(before.courier_ref)) or action in (
            "ready",
            "assign",
        )
        if before.goods_out and not after.goods_out:
            assert action in ("hand_over", "give_back", "correct_hand_over")
        if action == "order_changed":
            assert after.stage in (before.stage, Stage.CANCELLED)
            return
        assert TABLE[action].leads(before.stage, after.stage)
        if after.stage not in TABLE[action].arrows.get(before.stage, ()):
            assert change.contradictions

    def check_repeat(self, action: str, fields: dict) -> None:
        """The same once more holds already, says no, or moves more goods of those that are left."""
        try:
            again = self.call(
                action,
                self.delivery,
                {**fields, "seen_version": self.delivery.version} if "seen_version" in fields else fields,
            )
        except DomainError:
            return
        assert again.already or action in ("give_back", "customer_return") or again.contradictions

    @rule(courier_ref=st.none() | REFS, comment=st.none() | st.just("хрупкое"))
    def ready(self, **fields):
        self.act("ready", **fields)

    @rule()
    def withdraw(self):
        self.act("withdraw")

    @rule(courier_ref=REFS)
    def assign(self, **fields):
        self.act("assign", **fields)

    @rule(delivery_price_kop=AMOUNTS)
    def set_price(self, **fields):
        self.act("set_price", **fields)

    @rule(amount_due_kop=st.none() | AMOUNTS)
    def set_amount_due(self, **fields):
        self.act("set_amount_due", **fields)

    @rule(order=ORDERS)
    def order_changed(self, order):
        self.order = order
        self.act("order_changed", order=order)

    @rule()
    def cancel(self):
        self.act("cancel")

    @rule(actor=COURIERS, lines=MAYBE_QUANTITIES, seen=SEEN)
    def pick_up(self, actor, lines, seen):
        self.act("pick_up", actor=actor, lines=lines, **seen)

    @rule(actor=COURIERS, seen=SEEN)
    def pick_up_whole(self, actor, seen):
        self.act("pick_up", actor=actor, **seen)

    @rule(actor=COURIERS, seen=SEEN)
    def depart(self, actor, seen):
        self.act("depart", actor=actor, **seen)

    @rule(actor=COURIERS, accepted=MAYBE_QUANTITIES, amount_taken_kop=AMOUNTS, payment_method=METHODS, seen=SEEN)
    def hand_over(self, seen, **fields):
        self.act("hand_over", **fields, **seen)

    @rule(actor=COURIERS, reason=st.sampled_from(["not_home", "refused", "лень", ""]), seen=SEEN)
    def not_deliver(self, seen, **fields):
        self.act("not_deliver", **fields, **seen)

    @rule(
        actor=st.sampled_from([LOGISTICIAN, PETROV]),
        courier_ref=st.none() | REFS,
        next_date=st.none() | st.just(date(2026, 11, 21)),
    )
    def retry(self, **fields):
        self.act("retry", **fields)

    @rule(quantities=MAYBE_QUANTITIES)
    def give_back(self, **fields):
        self.act("give_back", **fields)

    @rule()
    def settle(self):
        self.act("settle")

    @rule(actor=st.sampled_from([LOGISTICIAN, PETROV, SIDOROV]), lines=QUANTITIES, refund_kop=AMOUNTS)
    def customer_return(self, **fields):
        self.act("customer_return", **fields)

    @rule(actor=COURIERS, quantities=MAYBE_QUANTITIES)
    def claim_give_back(self, **fields):
        self.act("claim_give_back", **fields)

    @rule(actor=COURIERS, accepted=MAYBE_QUANTITIES, amount_taken_kop=st.just(0) | AMOUNTS, payment_method=METHODS)
    def correct_hand_over(self, **fields):
        self.act("correct_hand_over", **fields)

    @rule(actor=COURIERS, reason=st.sampled_from(["not_home", "refused", "лень", ""]))
    def correct_not_deliver(self, **fields):
        self.act("correct_not_deliver", **fields)

    @rule(actor=COURIERS, lines=MAYBE_QUANTITIES)
    def correct_pick_up(self, **fields):
        self.act("correct_pick_up", **fields)

    @invariant()
    def a_claim_is_of_what_the_holder_carries(self):
        claimed = self.delivery.claimed_back
        if claimed is not None:
            carried = {line.line: line.carried_milli for line in self.delivery.lines}
            assert self.delivery.holder is not None
            assert claimed
            assert all(0 < claimed[line] <= carried[line] for line in claimed)

    @invariant()
    def cash_that_is_handed_in_is_told_with_its_time(self):
        assert (self.delivery.settled_at is not None) or self.delivery.stage is not Stage.SETTLED

    @invariant()
    def versions_count_events(self):
        assert self.delivery.version == self.events
        assert self.delivery.id == NEW_ID

    @invariant()
    def goods_are_somewhere_and_only_once(self):
        for line in self.delivery.lines:
            parts = (
                line.picked_milli,
                line.accepted_milli,
                line.refused_milli,
                line.given_back_milli,
                line.returned_milli,
                line.carried_milli,
                line.kept_milli,
            )
            assert min(parts) >= 0
            assert line.picked_milli <= line.quantity_milli
            assert line.accepted_milli + line.refused_milli <= line.picked_milli
            assert line.kept_milli + line.carried_milli + line.given_back_milli == line.picked_milli

    @invariant()
    def after_the_hand_over_everything_carried_was_accepted_or_refused(self):
        if self.delivery.handed_over_at is None:
            assert not any(line.accepted_milli or line.refused_milli for line in self.delivery.lines)

    @invariant()
    def whoever_has_goods_is_known_and_has_picked_them_up(self):
        delivery = self.delivery
        if delivery.goods_out:
            assert delivery.holder is not None
            assert delivery.picked_up_at is not None
        if delivery.stage in (Stage.PICKED_UP, Stage.EN_ROUTE):
            assert delivery.holder_ref in delivery.carriers

    @invariant()
    def the_amount_due_is_goods_and_delivery_less_prepaid_or_what_was_set_by_hand(self):
        delivery = self.delivery
        goods_kop = sum(line.sum_kop for line in delivery.lines)
        computed = max(0, goods_kop + delivery.delivery_price_kop - delivery.prepaid_kop)
        assert delivery.computed_due_kop == computed
        if delivery.handed_over_at is None:
            by_hand = delivery.amount_due_by_hand_kop
            assert delivery.amount_due_kop == (computed if by_hand is None else by_hand)
        assert 0 <= delivery.amount_due_kop <= max(computed, delivery.whole_due_kop)

    @invariant()
    def only_a_ready_delivery_is_off_the_board(self):
        assert self.delivery.on_board or self.delivery.stage is Stage.READY

    @invariant()
    def it_can_be_stored(self):
        stored = json.dumps(msgspec.to_builtins(self.delivery))
        assert msgspec.convert(json.loads(stored), Delivery) == self.delivery


TestADelivery = ADelivery.TestCase
TestADelivery.settings = settings(
    max_examples=80,
    stateful_step_count=25,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
