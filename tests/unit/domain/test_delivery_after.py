"""The rows of domain.md §1 that follow the door."""

from datetime import date

import pytest
from tests.unit.domain.delivery_builders import (
    LOGISTICIAN,
    PETROV,
    SIDOROV,
    a_delivery,
    do,
    readied,
)

from posrednik.domain import errors
from posrednik.domain.deliveries import Delivery, Stage
from posrednik.domain.delivery_office import CourierFacts

TOMORROW = date(2026, 11, 21)


def with_refused() -> Delivery:
    """Petrov handed over the plaid and one thermos, and still has the other one."""
    delivery = a_delivery("pick_up")
    return do("hand_over", delivery, accepted={"1": 1000}, amount_taken_kop=146000).delivery


def test_retry_with_the_goods_at_hand_is_on_the_way_at_once():
    change = do("retry", a_delivery("pick_up", "not_deliver"), next_date=TOMORROW, actor=PETROV)
    delivery = change.delivery
    assert (delivery.stage, delivery.next_date, delivery.retries) == (Stage.PICKED_UP, TOMORROW, 1)
    assert do("hand_over", delivery).delivery.stage is Stage.HANDED_OVER


def test_retry_by_another_courier_waits_until_he_has_the_goods():
    change = do("retry", a_delivery("pick_up", "not_deliver"), courier_ref="sidorov")
    assert (change.delivery.stage, change.delivery.holder_ref) == (Stage.READY, "petrov")


def test_goods_brought_in_for_the_next_try_leave_it_ready():
    waiting = do("retry", a_delivery("pick_up", "not_deliver"), courier_ref="sidorov").delivery
    brought = do("give_back", waiting).delivery
    assert (brought.stage, brought.holder) == (Stage.READY, None)
    picked = do("pick_up", brought, actor=SIDOROV).delivery
    assert [(line.picked_milli, line.given_back_milli) for line in picked.lines] == [(2000, 0), (1000, 0)]


def test_retry_once_more_changes_nothing_and_a_retry_of_nothing_is_refused():
    again = do("retry", a_delivery("pick_up", "not_deliver"), next_date=TOMORROW).delivery
    assert do("retry", again, next_date=TOMORROW).already
    with pytest.raises(errors.StageJump):
        do("retry", a_delivery("pick_up"))


def test_retry_of_anothers_delivery_by_a_courier_is_refused():
    with pytest.raises(errors.NotHisDelivery):
        do("retry", a_delivery("pick_up", "not_deliver"), actor=SIDOROV)


def test_retry_for_an_inactive_courier_is_refused():
    gone = CourierFacts("sidorov", "moscow", active=False)
    with pytest.raises(errors.CourierInactive):
        do("retry", a_delivery("pick_up", "not_deliver"), courier_ref="sidorov", courier=gone)


@pytest.mark.parametrize("before", [("not_deliver",), ("cancel",)])
def test_give_back_of_everything_returns_it(before: tuple[str, ...]):
    change = do("give_back", a_delivery("pick_up", *before))
    delivery = change.delivery
    assert (delivery.stage, delivery.goods_out, delivery.holder) == (Stage.RETURNED, False, None)
    assert (delivery.closed, change.events[0].data["courier_ref"]) == (True, "petrov")


def test_give_back_of_a_part_stays_where_it_is():
    change = do("give_back", a_delivery("pick_up", "not_deliver"), quantities={"1": 500})
    assert (change.delivery.stage, change.delivery.holder_ref) == (Stage.NOT_DELIVERED, "petrov")
    assert [line["quantity_milli"] for line in change.events[0].data["lines"]] == [500]


@pytest.mark.parametrize("settled", [False, True])
def test_give_back_of_refused_goods_keeps_the_stage(settled: bool):
    delivery = do("settle", with_refused()).delivery if settled else with_refused()
    after = do("give_back", delivery).delivery
    assert (after.stage, after.goods_out, after.closed) == (delivery.stage, False, settled)


def test_give_back_when_everything_was_refused_returns_it():
    delivery = a_delivery("pick_up")
    refused = do("hand_over", delivery, accepted={"1": 0, "2": 0}, amount_taken_kop=20000).delivery
    assert do("give_back", refused).delivery.stage is Stage.RETURNED


@pytest.mark.parametrize(
    ("quantities", "error"),
    [
        ({"1": 2001}, errors.MoreThanCarried),
        ({}, errors.NothingNamed),
        ({"9": 1}, errors.LineUnknown),
        ({"1": -1}, errors.QuantityNotANumber),
    ],
)
def test_give_back_of_what_he_does_not_have_is_refused(quantities: dict, error: type[Exception]):
    with pytest.raises(error):
        do("give_back", a_delivery("pick_up", "not_deliver"), quantities=quantities)


def test_the_courier_does_not_confirm_his_own_give_back():
    with pytest.raises(errors.NotAllowed):
        do("give_back", a_delivery("pick_up", "not_deliver"), actor=PETROV)


def test_give_back_on_the_way_is_refused():
    with pytest.raises(errors.StageJump):
        do("give_back", a_delivery("pick_up"))


def test_a_returned_delivery_can_be_made_ready_again_with_fresh_lines():
    again = readied(delivery=a_delivery("pick_up", "not_deliver", "give_back")).delivery
    assert (again.stage, again.reason) == (Stage.READY, None)
    assert not any(line.picked_milli or line.given_back_milli for line in again.lines)


def test_settle_closes_what_was_handed_over():
    change = do("settle", a_delivery("pick_up", "hand_over"))
    assert (change.delivery.stage, change.delivery.closed) == (Stage.SETTLED, True)
    assert change.events[0].data == {**change.events[0].data, "courier_ref": "petrov", "sum_kop": 245000}
    assert do("settle", change.delivery).already


def test_settle_before_the_hand_over_is_refused():
    with pytest.raises(errors.StageJump):
        do("settle", a_delivery("pick_up"))


@pytest.mark.parametrize(("method", "closed"), [("cash", False), ("card", True), ("transfer", True)])
def test_a_delivery_paid_without_cash_owes_nothing_after_the_hand_over(method: str, closed: bool):
    delivery = do("hand_over", a_delivery("pick_up"), payment_method=method).delivery
    assert (delivery.cash_taken_kop == 0, delivery.closed) == (closed, closed)


@pytest.mark.parametrize("before", [(), ("settle",)])
def test_a_customers_return_of_everything_returns_it_and_the_courier_owes_the_goods(before: tuple[str, ...]):
    delivery = a_delivery("pick_up", "hand_over", *before)
    change = do("customer_return", delivery, lines={"1": 2000, "2": 1000}, refund_kop=225000)
    after = change.delivery
    assert (after.stage, after.holder_ref, after.refund_kop) == (Stage.RETURNED, "petrov", 225000)
    assert (after.goods_out, do("give_back", after).delivery.closed) == (True, True)
    assert change.events[0].data["refund_kop"] == 225000


def test_a_customers_return_of_a_part_keeps_the_stage():
    change = do("customer_return", a_delivery("pick_up", "hand_over"), lines={"1": 1}, refund_kop=0, actor=PETROV)
    assert change.delivery.stage is Stage.HANDED_OVER


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"lines": {"1": 1001}}, errors.MoreThanAccepted),
        ({"lines": {}}, errors.NothingNamed),
        ({"refund_kop": -1}, errors.AmountNotANumber),
    ],
)
def test_a_customers_return_of_more_than_was_accepted_is_refused(fields: dict, error: type[Exception]):
    with pytest.raises(error):
        do("customer_return", with_refused(), **{"lines": {"1": 1}, "refund_kop": 0, **fields})


def test_a_customers_return_to_a_second_courier_while_the_first_has_refused_goods_is_refused():
    with pytest.raises(errors.NotHisDelivery):
        do("customer_return", with_refused(), lines={"1": 1}, refund_kop=0, actor=SIDOROV)


def test_a_customers_return_before_the_hand_over_is_refused():
    with pytest.raises(errors.StageJump):
        do("customer_return", a_delivery("pick_up"), lines={"1": 1}, refund_kop=0, actor=LOGISTICIAN)


def test_a_delivery_paid_by_card_stays_open_while_refused_goods_are_out():
    picked = a_delivery("pick_up")
    delivery = do("hand_over", picked, accepted={"1": 0}, payment_method="card").delivery
    assert not delivery.closed
    assert do("give_back", delivery).delivery.closed


def not_delivered(**claim) -> Delivery:
    return do("claim_give_back", a_delivery("pick_up", "not_deliver"), **{"quantities": None, **claim}).delivery


def test_a_courier_says_what_he_brings_back_and_nothing_moves():
    change = do("claim_give_back", a_delivery("pick_up", "not_deliver"), quantities={"1": 500})
    (event,) = change.events
    assert (event.type, [line["quantity_milli"] for line in event.data["lines"]]) == (
        "delivery.give_back_claimed",
        [500],
    )
    delivery = change.delivery
    assert (delivery.claimed_back, delivery.stage, delivery.goods_out) == ({"1": 500}, Stage.NOT_DELIVERED, True)
    assert do("claim_give_back", delivery, quantities={"1": 500}).already
    assert do("claim_give_back", delivery).delivery.claimed_back == {"1": 2000, "2": 1000}


def test_a_count_that_agrees_with_the_claim_ends_it_in_silence():
    change = do("give_back", not_delivered())
    assert (change.contradictions, change.delivery.claimed_back) == ((), None)


def test_a_count_that_differs_from_the_claim_says_so_line_by_line():
    change = do("give_back", not_delivered(), quantities={"1": 1500, "2": 1000})
    (found,) = change.contradictions
    assert found.kind == "count_difference"
    assert "Термос 1 л: по учёту 2, посчитано 1,5" in found.why
    assert "Плед" not in found.why
    assert (change.delivery.claimed_back, change.delivery.holder_ref) == (None, "petrov")


@pytest.mark.parametrize("before", [("not_deliver",), ("cancel",)])
def test_a_claim_that_comes_after_the_count_holds_already(before: tuple[str, ...]):
    counted = a_delivery("pick_up", *before, "give_back")
    assert do("claim_give_back", counted, quantities={"1": 2000}).already
    assert do("claim_give_back", counted).already
    with pytest.raises(errors.NotHisDelivery):
        do("claim_give_back", counted, actor=SIDOROV)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"actor": SIDOROV}, errors.NotHisDelivery),
        ({"actor": LOGISTICIAN}, errors.NotAllowed),
        ({"quantities": {"1": 2001}}, errors.MoreThanCarried),
        ({"quantities": {}}, errors.NothingNamed),
        ({"quantities": {"9": 1}}, errors.LineUnknown),
    ],
)
def test_a_claim_of_what_he_does_not_have_is_refused(fields: dict, error: type[Exception]):
    with pytest.raises(error):
        do("claim_give_back", a_delivery("pick_up", "not_deliver"), **fields)


def test_a_claim_on_the_way_is_refused():
    with pytest.raises(errors.StageJump):
        do("claim_give_back", a_delivery("pick_up"))


def test_another_try_with_the_goods_at_hand_ends_the_claim_and_one_by_another_courier_keeps_it():
    delivery = not_delivered()
    assert do("retry", delivery).delivery.claimed_back is None
    waiting = do("retry", delivery, courier_ref="sidorov").delivery
    assert waiting.claimed_back == delivery.claimed_back
    assert do("pick_up", waiting, actor=SIDOROV).delivery.claimed_back is None
