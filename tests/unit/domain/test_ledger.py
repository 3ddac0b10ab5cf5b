"""Every event moves goods and money from one account to another, so nothing is lost and nothing comes of nothing."""

from collections import Counter
from dataclasses import replace

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant
from tests.unit.domain.delivery_builders import NOW, PETROV, SIDOROV, a_delivery, a_line, do, readied
from tests.unit.domain.ledger_builders import SUBJECT, a_sale, an_event, cash_event, counted, lines, posted
from tests.unit.domain.test_delivery_model import ADelivery

from posrednik.domain import ledger, routes
from posrednik.domain.deliveries import Delivery
from posrednik.domain.events import Event
from posrednik.domain.ledger import Balances, GoodsPosting, MoneyPosting, postings_of

ABOUT = {"why": "test", "subject_kind": "delivery", "subject_id": str(SUBJECT), "courier_ref": "petrov", "at": NOW}


def goods_of(*events: Event) -> list[tuple[str, str, str, int]]:
    return [(p.source, p.target, p.product, p.quantity_milli) for e in events for p in postings_of(e).goods]


def money_of(*events: Event) -> list[tuple[str, str, int]]:
    return [(p.source, p.target, p.sum_kop) for e in events for p in postings_of(e).money]


def sums_are_zero(balances: Balances) -> bool:
    products: Counter[tuple[str, str | None]] = Counter()
    for (_, product, characteristic), milli in balances.goods.items():
        products[product, characteristic] += milli
    return not any(products.values()) and sum(balances.money.values()) == 0


# -- postings themselves


@pytest.mark.parametrize("amount", [0, -1, 1.0, True, None])
def test_a_posting_of_nothing_or_less_is_refused(amount: object):
    with pytest.raises(ValueError):
        GoodsPosting("a", "b", product="flask", characteristic=None, quantity_milli=amount, **ABOUT)
    with pytest.raises(ValueError):
        MoneyPosting("a", "b", sum_kop=amount, **ABOUT)


def test_a_posting_from_an_account_to_itself_is_refused():
    with pytest.raises(ValueError):
        GoodsPosting("a", "a", product="flask", characteristic=None, quantity_milli=1, **ABOUT)
    with pytest.raises(ValueError):
        MoneyPosting("a", "a", sum_kop=1, **ABOUT)


def test_every_event_that_moves_goods_or_money_is_known_to_the_routes():
    still = {name for name in routes.TABLE if name.partition(".")[0] in ("backpack", "sale", "cash")} - ledger.MOVING
    assert still == set()


def test_what_moves_nothing_has_no_postings():
    for event_type in sorted(routes.TABLE.keys() - ledger.MOVING):
        assert postings_of(an_event(event_type)) == ledger.NOTHING


# -- deliveries


class PostedDelivery(ADelivery):
    """Any life of a delivery, with its ledgers beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.happened: list[Event] = []
        self.balances = Balances()

    def check(self, action, before, change):
        super().check(action, before, change)
        for event in change.events:
            self.happened.append(event)
            self.balances.add(postings_of(event))

    @invariant()
    def sums_are_zero(self):
        assert sums_are_zero(self.balances)

    @invariant()
    def a_couriers_orders_are_what_he_carries(self):
        for courier in ("petrov", "sidorov"):
            for line in self.delivery.lines:
                account = ledger.orders(courier)
                said = carried_by(courier, self.delivery)[line.line]
                assert self.balances.goods_of(account, line.product, line.characteristic) == said

    @invariant()
    def a_couriers_cash_is_what_he_took_less_what_he_refunded(self):
        for courier in ("petrov", "sidorov"):
            assert self.balances.money_of(ledger.cash(courier)) == cash_by(courier, self.delivery)

    @invariant()
    def all_cash_taken_is_of_the_one_who_handed_over(self):
        delivery = self.delivery
        if delivery.handed_over_by and not delivery.other_steps and not delivery.cash_refunds_kop:
            assert self.balances.money_of(ledger.cash(delivery.handed_over_by.ref)) == delivery.cash_taken_kop

    def teardown(self):
        """What is read back from the store posts the same."""
        stored = [replace(event, data=msgspec.json.decode(msgspec.json.encode(event.data))) for event in self.happened]
        assert posted(*stored) == self.balances


def carried_by(courier: str, delivery: Delivery) -> dict[str, int]:
    """By line. Who handed over what another had handed over has less than nothing of it."""
    mine = delivery.holder_ref == courier
    twice = [step.accepted_milli or {} for step in delivery.other_steps if step.by.ref == courier]
    return {
        line.line: (line.carried_milli if mine else 0) - sum(accepted.get(line.line, 0) for accepted in twice)
        for line in delivery.lines
    }


def cash_by(courier: str, delivery: Delivery) -> int:
    taken = delivery.cash_taken_kop if delivery.handed_over_by and delivery.handed_over_by.ref == courier else 0
    twice = [s for s in delivery.other_steps if s.by.ref == courier and s.payment_method == "cash"]
    refunded = (delivery.cash_refunds_kop or {}).get(courier, 0)
    return taken + sum(step.amount_taken_kop or 0 for step in twice) - refunded


TestPostedDelivery = PostedDelivery.TestCase
TestPostedDelivery.settings = settings(
    max_examples=80, stateful_step_count=25, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


def test_goods_go_from_the_warehouse_to_the_customer_and_what_is_refused_back():
    picked = do("pick_up", a_delivery())
    handed = do("hand_over", picked.delivery, accepted={"1": 500})
    back = do("give_back", handed.delivery)
    assert goods_of(*picked.events) == [
        ("warehouse:main", "orders:petrov", "product-1", 2000),
        ("warehouse:main", "orders:petrov", "product-2", 1000),
    ]
    assert goods_of(*handed.events) == [
        ("orders:petrov", "customer", "product-1", 500),
        ("orders:petrov", "customer", "product-2", 1000),
    ]
    assert goods_of(*back.events) == [("orders:petrov", "warehouse:main", "product-1", 1500)]


def test_a_warehouse_that_is_not_known_is_that_of_the_division():
    picked = do("pick_up", a_delivery(warehouse_ref=None))
    assert {source for source, *_ in goods_of(*picked.events)} == {"warehouse:moscow"}


def test_lines_of_one_product_are_one_posting():
    picked = do("pick_up", a_delivery(lines=(a_line(), a_line("2", 500, product="product-1"))))
    assert goods_of(*picked.events) == [("warehouse:main", "orders:petrov", "product-1", 2500)]


@pytest.mark.parametrize(
    ("method", "account"),
    [("cash", "cash:petrov"), ("card", "acquiring"), ("transfer", "transfers"), ("prepaid", None)],
)
def test_money_goes_by_its_way_of_payment(method: str, account: str | None):
    taken_kop = 245000 if account else 0
    handed = do("hand_over", a_delivery("pick_up"), payment_method=method, amount_taken_kop=taken_kop)
    assert money_of(*handed.events) == ([("customer", account, 245000)] if account else [])


def test_goods_taken_over_for_the_next_try_come_from_who_had_them_as_far_as_they_are_left():
    delivery = a_delivery("pick_up", "not_deliver")
    retried = do("retry", delivery, courier_ref="sidorov").delivery
    part = do("give_back", retried, quantities={"1": 500}).delivery
    taken = do("pick_up", part, actor=SIDOROV)
    assert goods_of(*taken.events) == [
        ("orders:petrov", "orders:sidorov", "product-1", 1500),
        ("orders:petrov", "orders:sidorov", "product-2", 1000),
    ]


def test_who_hands_over_what_another_had_taken_had_it_himself():
    delivery = do("assign", a_delivery(), courier_ref="sidorov").delivery
    delivery = do("pick_up", delivery, actor=SIDOROV).delivery
    delivery = do("pick_up", delivery, actor=PETROV, offline=True).delivery
    handed = do("hand_over", delivery, actor=PETROV, offline=True, accepted={"1": 1500})
    assert handed.events[0].data["taken_over_from_ref"] == "sidorov"
    assert goods_of(*handed.events) == [
        ("orders:sidorov", "orders:petrov", "product-1", 2000),
        ("orders:sidorov", "orders:petrov", "product-2", 1000),
        ("orders:petrov", "customer", "product-1", 1500),
        ("orders:petrov", "customer", "product-2", 1000),
    ]


def test_a_second_hand_over_by_another_is_goods_and_money_of_that_person():
    delivery = do("assign", a_delivery(), courier_ref="sidorov").delivery
    delivery = do("pick_up", delivery, actor=SIDOROV).delivery
    delivery = do("pick_up", delivery, actor=PETROV, offline=True).delivery
    delivery = do("hand_over", delivery, actor=SIDOROV).delivery
    again = do("hand_over", delivery, actor=PETROV, accepted={"2": 0}, amount_taken_kop=200000)
    assert [event.type for event in again.events] == ["delivery.done_by_another"]
    assert goods_of(*again.events) == [("orders:petrov", "customer", "product-1", 2000)]
    assert money_of(*again.events) == [("customer", "cash:petrov", 200000)]


def test_other_steps_of_another_move_nothing():
    delivery = do("assign", a_delivery(), courier_ref="sidorov").delivery
    delivery = do("pick_up", delivery, actor=SIDOROV).delivery
    late = do("pick_up", delivery, actor=PETROV, offline=True)
    assert [event.type for event in late.events] == ["delivery.done_by_another"]
    assert postings_of(late.events[0]) == ledger.NOTHING


def test_a_cancelled_delivery_keeps_its_goods_with_the_courier_until_they_are_given_back():
    cancelled = do("cancel", a_delivery("pick_up"))
    assert postings_of(cancelled.events[0]) == ledger.NOTHING
    assert len(goods_of(*do("give_back", cancelled.delivery).events)) == 2


def test_a_retried_delivery_keeps_its_goods_where_they_are():
    assert postings_of(do("retry", a_delivery("pick_up", "not_deliver")).events[0]) == ledger.NOTHING
    assert postings_of(readied().events[0]) == ledger.NOTHING


@pytest.mark.parametrize(
    ("method", "refunded"), [("cash", [("cash:petrov", "customer", 99000)]), ("card", []), ("transfer", [])]
)
def test_a_refund_is_cash_of_the_courier_only_where_cash_was_paid(method: str, refunded: list):
    handed = do("hand_over", a_delivery("pick_up"), payment_method=method).delivery
    back = do("customer_return", handed, lines={"1": 1000}, refund_kop=99000)
    assert goods_of(*back.events) == [("customer", "orders:petrov", "product-1", 1000)]
    assert money_of(*back.events) == refunded
    assert back.events[0].data["refund_cash_kop"] == sum(sum_kop for *_, sum_kop in refunded)
    assert (back.delivery.cash_refunds_kop or {}) == ({"petrov": 99000} if refunded else {})


def test_refunds_of_several_couriers_are_kept_apart():
    handed = a_delivery("pick_up", "hand_over")
    once = do("customer_return", handed, lines={"1": 500}, refund_kop=100).delivery
    empty = do("give_back", once).delivery
    twice = do("customer_return", empty, lines={"1": 500}, refund_kop=200, actor=SIDOROV).delivery
    again = do("customer_return", twice, lines={"1": 500}, refund_kop=300, actor=SIDOROV).delivery
    assert again.cash_refunds_kop == {"petrov": 100, "sidorov": 500}


def test_a_corrected_hand_over_reverses_what_was_wrong_and_posts_what_is_right():
    wrong = a_delivery("pick_up", "hand_over")
    right = do("correct_hand_over", wrong, accepted={"1": 500}, amount_taken_kop=100000, payment_method="card")
    assert goods_of(*right.events) == [
        ("customer", "orders:petrov", "product-1", 2000),
        ("orders:petrov", "customer", "product-1", 500),
    ]
    assert money_of(*right.events) == [("cash:petrov", "customer", 245000), ("customer", "acquiring", 100000)]


def test_a_correction_of_the_money_alone_leaves_the_goods():
    right = do("correct_hand_over", a_delivery("pick_up", "hand_over"), amount_taken_kop=240000)
    assert goods_of(*right.events) == []
    assert len(money_of(*right.events)) == 2


def test_a_corrected_pick_up_leaves_with_him_what_he_took():
    picked = do("pick_up", a_delivery())
    right = do("correct_pick_up", picked.delivery, lines={"1": 1500})
    balances = posted(*picked.events, *right.events)
    assert balances.goods_of("orders:petrov", "product-1") == 1500
    assert balances.goods_of("orders:petrov", "product-2") == 1000
    assert len(goods_of(*right.events)) == 2


def test_a_corrected_reason_moves_nothing():
    right = do("correct_not_deliver", a_delivery("pick_up", "not_deliver"), reason="refused")
    assert postings_of(right.events[0]) == ledger.NOTHING


# -- the backpack and sales


def test_the_backpack_is_loaded_and_unloaded_by_the_warehouse():
    assert goods_of(an_event("backpack.loaded", lines=lines(flask=2000))) == [
        ("warehouse:main", "backpack:petrov", "flask", 2000)
    ]
    undone = an_event("backpack.unloaded", lines=lines(flask=1500), disputed_lines=lines(flask=500))
    assert goods_of(undone) == [
        ("backpack:petrov", "warehouse:main", "flask", 1500),
        ("disputed:main", "warehouse:main", "flask", 500),
    ]


@pytest.mark.parametrize(
    ("event_type", "less_to", "more_from"),
    [
        ("backpack.accepted", "disputed:main", "disputed:main"),
        ("backpack.counted", "shortage:petrov", "surplus:petrov"),
    ],
)
def test_a_count_moves_only_the_difference(event_type: str, less_to: str, more_from: str):
    assert goods_of(an_event(event_type, lines=counted(3000, 1000))) == [("backpack:petrov", less_to, "flask", 2000)]
    assert goods_of(an_event(event_type, lines=counted(-500, 0))) == [(more_from, "backpack:petrov", "flask", 500)]
    assert goods_of(an_event(event_type, lines=counted(1000, 1000))) == []


def test_a_shortage_is_written_off_or_found():
    told = lines(flask=1000)
    assert goods_of(an_event("backpack.written_off", lines=told)) == [("shortage:petrov", "written_off", "flask", 1000)]
    assert goods_of(an_event("backpack.found", lines=told)) == [("shortage:petrov", "backpack:petrov", "flask", 1000)]


def test_a_sale_is_goods_from_the_backpack_and_money_by_its_way():
    made = an_event("sale.made", **a_sale(flask=1000))
    assert goods_of(made) == [("backpack:petrov", "customer", "flask", 1000)]
    assert money_of(made) == [("customer", "cash:petrov", 99000)]


def test_a_sale_corrected_to_nothing_is_as_if_it_had_not_been():
    made = an_event("sale.made", **a_sale(flask=1000))
    corrected = an_event("sale.corrected", **a_sale(0), before=made.data)
    balances = posted(made, corrected)
    assert not any(balances.goods.values())
    assert not any(balances.money.values())


SALES = st.builds(
    a_sale,
    sum_kop=st.integers(0, 500000),
    payment_method=st.sampled_from(["cash", "card", "transfer"]),
    flask=st.integers(0, 5000),
    plaid=st.integers(0, 5000),
)


@given(first=SALES, corrections=st.lists(SALES, max_size=4))
def test_a_corrected_sale_is_as_if_it_had_been_right_at_once(first: dict, corrections: list[dict]):
    events = [an_event("sale.made", **first)]
    for right in corrections:
        events.append(an_event("sale.corrected", **right, before=events[-1].data))
    balances, at_once = posted(*events), posted(an_event("sale.made", **(corrections or [first])[-1]))
    assert {k: v for k, v in balances.goods.items() if v} == {k: v for k, v in at_once.goods.items() if v}
    assert {k: v for k, v in balances.money.items() if v} == {k: v for k, v in at_once.money.items() if v}


# -- money


def test_change_comes_from_the_till_and_cash_goes_into_it():
    assert money_of(cash_event("change_issued", 200000)) == [("till:till-1", "cash:petrov", 200000)]
    assert money_of(cash_event("handed_in", 540000, till_ref=None)) == [("cash:petrov", "till:moscow", 540000)]


def test_a_decided_difference_leaves_the_couriers_cash():
    short = cash_event("corrected", 0, corrects="difference", difference_kop=-4000)
    over = cash_event("corrected", 0, corrects="difference", difference_kop=4000)
    assert money_of(short) == [("cash:petrov", "cash_shortage:petrov", 4000)]
    assert money_of(over) == [("cash_surplus", "cash:petrov", 4000)]


def test_a_corrected_hand_in_is_reversed_and_posted_right():
    before = {"till_ref": "till-1", "sum_kop": 540000}
    right = cash_event("corrected", 500000, corrects="handed_in", before=before)
    assert money_of(right) == [("till:till-1", "cash:petrov", 540000), ("cash:petrov", "till:till-1", 500000)]
    same = cash_event("corrected", 540000, corrects="handed_in", before=before)
    assert money_of(same) == []
