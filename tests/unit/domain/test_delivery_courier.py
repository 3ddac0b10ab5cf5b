"""The rows of domain.md §1 that the courier acts in, and its last paragraph: facts win."""

from datetime import date

import pytest
from tests.unit.domain.delivery_builders import (
    LOGISTICIAN,
    NOW,
    PETROV,
    SIDOROV,
    a_delivery,
    a_line,
    an_order,
    do,
    names_for,
    readied,
)

from posrednik.domain import errors
from posrednik.domain.deliveries import Delivery, Stage


def kinds(change) -> list[str]:
    return [found.kind for found in change.contradictions]


def reassigned() -> Delivery:
    """Petrov's until version 1; the office gave it to Sidorov in version 2."""
    return do("assign", a_delivery(), courier_ref="sidorov").delivery


def with_sidorov() -> Delivery:
    return do("pick_up", reassigned(), actor=SIDOROV).delivery


def test_pick_up_takes_all_lines_when_none_is_named():
    change = do("pick_up", a_delivery())
    assert (change.delivery.stage, change.delivery.holder_ref) == (Stage.PICKED_UP, "petrov")
    assert [line.carried_milli for line in change.delivery.lines] == [2000, 1000]
    assert change.delivery.goods_out


def test_pick_up_takes_less_of_a_named_line_and_the_others_whole():
    delivery = do("pick_up", a_delivery(), lines={"1": 500}).delivery
    assert [line.picked_milli for line in delivery.lines] == [500, 1000]


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        ({"1": 2001}, errors.QuantityOverLine),
        ({"1": -1}, errors.QuantityNotANumber),
        ({"1": True}, errors.QuantityNotANumber),
        ({"9": 1}, errors.LineUnknown),
        ({"1": 0, "2": 0}, errors.NothingNamed),
    ],
)
def test_pick_up_of_an_impossible_quantity_takes_nothing(lines: dict[str, int], error: type[Exception]):
    with pytest.raises(error):
        do("pick_up", a_delivery(), lines=lines)


def test_pick_up_once_more_changes_nothing_but_another_quantity_is_refused():
    picked = a_delivery("pick_up")
    assert do("pick_up", picked).already
    assert do("pick_up", picked, lines={"1": 2000}).already
    with pytest.raises(errors.AlreadyPickedUp):
        do("pick_up", picked, lines={"1": 1000})


def test_pick_up_of_anothers_delivery_is_refused():
    with pytest.raises(errors.NotHisDelivery):
        do("pick_up", a_delivery(), actor=SIDOROV)


def test_pick_up_of_anothers_delivery_is_refused_even_offline_if_it_never_was_his():
    with pytest.raises(errors.NotHisDelivery):
        do("pick_up", a_delivery(), actor=SIDOROV, offline=True)


def test_a_logistician_does_not_pick_up():
    with pytest.raises(errors.NotAllowed):
        do("pick_up", a_delivery(), actor=LOGISTICIAN)


def test_pick_up_of_a_withdrawn_delivery_is_refused():
    with pytest.raises(errors.DeliveryWithdrawn):
        do("pick_up", a_delivery("withdraw"))


def test_an_order_without_goods_can_be_delivered():
    delivery = readied(an_order(lines=())).delivery
    for action in ("pick_up", "depart"):
        delivery = do(action, delivery).delivery
    assert do("hand_over", delivery, amount_taken_kop=20000).delivery.closed is False


def test_depart_puts_it_en_route_and_once_more_changes_nothing():
    departed = a_delivery("pick_up", "depart")
    assert departed.stage is Stage.EN_ROUTE
    assert do("depart", departed).already


@pytest.mark.parametrize("action", ["depart", "hand_over", "not_deliver"])
def test_a_step_that_skips_the_pick_up_is_refused_for_good(action: str):
    with pytest.raises(errors.StageJump):
        do(action, a_delivery(), offline=True)


@pytest.mark.parametrize("action", ["depart", "hand_over", "not_deliver"])
def test_a_step_with_anothers_goods_is_refused(action: str):
    with pytest.raises(errors.NotHisDelivery):
        do(action, a_delivery("pick_up"), actor=SIDOROV)


@pytest.mark.parametrize("before", [("pick_up",), ("pick_up", "depart")])
def test_hand_over_of_everything(before: tuple[str, ...]):
    change = do("hand_over", a_delivery(*before), reference="чек 5")
    delivery = change.delivery
    assert (delivery.stage, delivery.goods_out, delivery.holder) == (Stage.HANDED_OVER, False, None)
    assert (delivery.amount_taken_kop, delivery.reference) == (245000, "чек 5")
    assert change.contradictions == ()


def test_hand_over_of_a_part_leaves_the_refused_with_the_courier_and_lowers_the_amount():
    change = do("hand_over", a_delivery("pick_up"), accepted={"1": 1000}, amount_taken_kop=146000)
    delivery = change.delivery
    assert [(line.accepted_milli, line.refused_milli) for line in delivery.lines] == [(1000, 1000), (1000, 0)]
    assert delivery.amount_due_kop == 99000 + 27000 + 30000 - 10000
    assert (delivery.goods_out, delivery.holder_ref, kinds(change)) == (True, "petrov", [])


def test_a_refused_part_is_taken_off_an_amount_set_by_hand():
    delivery = do("set_amount_due", a_delivery(), amount_due_kop=200000).delivery
    delivery = do("pick_up", delivery).delivery
    change = do("hand_over", delivery, accepted={"2": 0}, amount_taken_kop=173000)
    assert kinds(change) == []


def test_the_sum_of_a_part_is_rounded_half_up():
    line = readied(an_order(lines=(a_line(quantity_milli=3000, sum_kop=10001),))).delivery.lines[0]
    assert [line.sum_of_kop(milli) for milli in (0, 1000, 1500, 3000)] == [0, 3334, 5001, 10001]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"accepted": {"1": 2001}}, errors.QuantityOverLine),
        ({"accepted": {"9": 1}}, errors.LineUnknown),
        ({"amount_taken_kop": -1}, errors.AmountNotANumber),
        ({"amount_taken_kop": "2450"}, errors.AmountNotANumber),
        ({"payment_method": "bitcoin"}, errors.PaymentMethodUnknown),
        ({"payment_method": "prepaid"}, errors.PrepaidTakesNothing),
    ],
)
def test_hand_over_of_what_is_impossible_in_itself_is_refused(fields: dict, error: type[Exception]):
    with pytest.raises(error):
        do("hand_over", a_delivery("pick_up"), **fields, offline=True)


def test_hand_over_of_more_than_carried_is_refused():
    picked = do("pick_up", a_delivery(), lines={"1": 1000}).delivery
    with pytest.raises(errors.MoreThanCarried):
        do("hand_over", picked, accepted={"1": 2000})


def test_hand_over_once_more_changes_nothing_but_another_story_is_refused():
    handed_over = a_delivery("pick_up", "hand_over")
    assert do("hand_over", handed_over).already
    with pytest.raises(errors.AlreadyHandedOver):
        do("hand_over", handed_over, amount_taken_kop=1)


def test_another_amount_is_a_fact_and_a_contradiction():
    change = do("hand_over", a_delivery("pick_up"), amount_taken_kop=240000, difference_reason="нет сдачи")
    assert kinds(change) == ["amount_mismatch"]
    assert "нет сдачи" in change.contradictions[0].why
    assert change.delivery.amount_taken_kop == 240000


def test_the_old_amount_is_a_price_changed_meanwhile_if_he_had_not_seen_the_new_one():
    picked = a_delivery("pick_up")
    priced = do("set_price", picked, delivery_price_kop=50000).delivery
    assert kinds(do("hand_over", priced, seen_version=picked.version)) == ["price_changed_meanwhile"]
    assert kinds(do("hand_over", priced, seen_version=priced.version)) == ["amount_mismatch"]
    assert kinds(do("hand_over", priced, amount_taken_kop=265000, seen_version=picked.version)) == []


@pytest.mark.parametrize("before", [("pick_up",), ("pick_up", "depart")])
def test_not_deliver_keeps_the_goods_with_the_courier(before: tuple[str, ...]):
    change = do("not_deliver", a_delivery(*before), comment="звонил", next_date=date(2026, 11, 21))
    delivery = change.delivery
    assert (delivery.stage, delivery.holder_ref) == (Stage.NOT_DELIVERED, "petrov")
    assert (change.events[0].data["reason"], change.events[0].data["next_date"]) == ("not_home", "2026-11-21")


@pytest.mark.parametrize(
    ("reason", "error"),
    [(None, errors.ReasonMissing), ("", errors.ReasonMissing), ("лень", errors.ReasonUnknown)],
)
def test_not_deliver_needs_a_reason_of_the_division(reason: str | None, error: type[Exception]):
    with pytest.raises(error):
        do("not_deliver", a_delivery("pick_up"), reason=reason)


def test_not_deliver_once_more_changes_nothing_but_another_reason_is_refused():
    failed = a_delivery("pick_up", "not_deliver")
    assert do("not_deliver", failed).already
    with pytest.raises(errors.StageJump):
        do("not_deliver", failed, reason="refused")


def test_hand_over_after_not_deliver_needs_a_retry_first():
    with pytest.raises(errors.StageJump):
        do("hand_over", a_delivery("pick_up", "not_deliver"), offline=True)


def test_a_pick_up_before_a_reassignment_was_known_is_a_fact():
    change = do("pick_up", reassigned(), seen_version=1)
    assert (change.delivery.stage, change.delivery.courier_ref) == (Stage.PICKED_UP, "petrov")
    assert kinds(change) == ["reassigned_but_done"]


def test_a_pick_up_after_the_reassignment_was_seen_is_refused():
    with pytest.raises(errors.NotHisDelivery):
        do("pick_up", reassigned(), seen_version=2)


def test_a_pick_up_before_a_withdrawal_was_known_puts_it_back_on_the_board():
    change = do("pick_up", a_delivery("withdraw"), offline=True)
    assert (change.delivery.on_board, change.delivery.shown_stage) == (True, "picked_up")
    assert kinds(change) == ["withdrawn_but_done"]


def test_a_pick_up_before_a_cancellation_was_known_leaves_it_cancelled_with_goods_out():
    change = do("pick_up", a_delivery("cancel"), offline=True)
    assert (change.delivery.stage, change.delivery.goods_out) == (Stage.CANCELLED, True)
    assert kinds(change) == ["cancelled_but_done"]


def test_a_pick_up_of_what_he_knows_to_be_cancelled_is_refused():
    with pytest.raises(errors.OrderCancelled):
        do("pick_up", a_delivery("cancel"), seen_version=2)


def test_a_hand_over_before_a_cancellation_was_known_is_a_fact():
    change = do("hand_over", a_delivery("pick_up", "cancel"), seen_version=2)
    assert (change.delivery.stage, change.delivery.amount_taken_kop) == (Stage.HANDED_OVER, 245000)
    assert kinds(change) == ["cancelled_but_handed_over"]


def test_a_hand_over_of_what_he_knows_to_be_cancelled_is_refused():
    with pytest.raises(errors.OrderCancelled):
        do("hand_over", a_delivery("pick_up", "cancel"), seen_version=3)


@pytest.mark.parametrize("action", ["depart", "not_deliver"])
def test_a_smaller_step_before_a_cancellation_was_known_is_kept_and_stays_cancelled(action: str):
    change = do(action, a_delivery("pick_up", "cancel"), offline=True)
    assert (change.delivery.stage, kinds(change)) == (Stage.CANCELLED, ["cancelled_but_done"])


def test_a_second_pick_up_by_the_former_courier_is_kept_beside_the_first():
    change = do("pick_up", with_sidorov(), offline=True)
    assert (change.delivery.holder_ref, change.delivery.stage) == ("sidorov", Stage.PICKED_UP)
    assert (kinds(change), change.events[0].type) == (["reassigned_but_done"], "delivery.done_by_another")
    assert do("pick_up", change.delivery, offline=True).already


def test_the_former_courier_who_hands_it_over_first_has_the_money():
    both = do("pick_up", with_sidorov(), offline=True).delivery
    change = do("hand_over", both, offline=True)
    assert kinds(change) == ["reassigned_but_done"]
    assert change.delivery.handed_over_by.ref == "petrov"


def test_a_second_hand_over_by_another_person_is_kept_and_changes_nothing_of_the_first():
    both = do("pick_up", with_sidorov(), offline=True).delivery
    first = do("hand_over", both, actor=SIDOROV).delivery
    change = do("hand_over", first, amount_taken_kop=100000, offline=True)
    assert kinds(change) == ["handed_over_twice"]
    assert "Сидоров Олег, потом Петров Иван" in change.contradictions[0].what
    assert (change.delivery.amount_taken_kop, change.delivery.handed_over_by.ref) == (245000, "sidorov")
    (other,) = [step for step in change.delivery.other_steps if step.action == "hand_over"]
    assert (other.by.ref, other.amount_taken_kop) == ("petrov", 100000)
    assert do("hand_over", change.delivery, amount_taken_kop=100000).already


def test_a_second_hand_over_by_somebody_who_never_had_the_goods_is_refused():
    handed_over = do("hand_over", with_sidorov(), actor=SIDOROV).delivery
    with pytest.raises(errors.StageJump):
        do("hand_over", handed_over, offline=True)
    with pytest.raises(errors.NotHisDelivery):
        do("hand_over", a_delivery("pick_up", "hand_over"), actor=SIDOROV, offline=True)


def test_the_courier_of_the_next_try_takes_over_all_of_the_goods_or_none():
    waiting = do("retry", a_delivery("pick_up", "not_deliver"), courier_ref="sidorov").delivery
    with pytest.raises(errors.TakeOverIncomplete):
        do("pick_up", waiting, actor=SIDOROV, lines={"1": 1000})
    change = do("pick_up", waiting, actor=SIDOROV)
    assert change.delivery.holder_ref == "sidorov"
    assert change.events[0].data["taken_over_from_ref"] == "petrov"


def test_the_first_courier_who_hands_over_without_knowing_of_the_next_one_is_a_fact():
    waiting = do("retry", a_delivery("pick_up", "not_deliver"), courier_ref="sidorov").delivery
    change = do("hand_over", waiting, offline=True)
    assert (kinds(change), change.delivery.courier_ref) == (["reassigned_but_done"], "petrov")


def test_the_picked_up_event_names_courier_lines_and_warehouse():
    event = do("pick_up", a_delivery(), now=NOW, names=names_for("petrov")).events[0]
    assert (event.actor, event.occurred_at, event.version) == (PETROV, NOW, 2)
    assert event.data["warehouse_ref"] == "main"
    assert [line["quantity_milli"] for line in event.data["lines"]] == [2000, 1000]


@pytest.mark.parametrize("action", ["pick_up", "depart", "hand_over", "not_deliver"])
def test_a_former_courier_who_knows_that_another_has_the_goods_is_refused(action: str):
    both = do("pick_up", with_sidorov(), offline=True).delivery
    with pytest.raises(errors.NotHisDelivery):
        do(action, both, seen_version=both.version)


@pytest.mark.parametrize("action", ["depart", "hand_over", "not_deliver"])
def test_the_first_courier_who_knows_of_the_next_one_is_refused(action: str):
    waiting = do("retry", a_delivery("pick_up", "not_deliver"), courier_ref="sidorov").delivery
    with pytest.raises(errors.StageJump):
        do(action, waiting, seen_version=waiting.version)


def test_who_brought_all_goods_back_can_no_longer_hand_them_over():
    waiting = do("retry", a_delivery("pick_up", "not_deliver"), courier_ref="sidorov").delivery
    picked = do("pick_up", do("give_back", waiting).delivery, actor=SIDOROV).delivery
    with pytest.raises(errors.StageJump):
        do("hand_over", picked, offline=True)


def test_a_reason_for_what_was_cancelled_meanwhile_leaves_the_reason_of_the_cancellation():
    cancelled = do("cancel", a_delivery("pick_up"), reason="передумал").delivery
    change = do("not_deliver", cancelled, offline=True)
    assert (change.delivery.reason, change.events[0].data["reason"]) == ("передумал", "not_home")
