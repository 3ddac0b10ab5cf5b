"""A wrong step is put right by a further one; what cannot be true is still refused."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.delivery_builders import LOGISTICIAN, PETROV, SIDOROV, a_delivery, do

from posrednik.domain import errors
from posrednik.domain.deliveries import Delivery, Stage
from posrednik.domain.errors import DomainError
from posrednik.domain.publication import base_data

TOMORROW = date(2026, 11, 21)
QUANTITIES = st.fixed_dictionaries({"1": st.integers(0, 2000), "2": st.integers(0, 1000)})
METHODS = st.sampled_from(["cash", "card", "transfer"])


def handed_over(**fields) -> Delivery:
    return do("hand_over", a_delivery("pick_up"), **fields).delivery


def with_refused() -> Delivery:
    """One thermos and the plaid accepted, the other thermos still with Petrov."""
    return handed_over(accepted={"1": 1000}, amount_taken_kop=146000)


def test_a_corrected_sum_is_the_next_version_and_says_what_was_wrong():
    change = do("correct_hand_over", handed_over(amount_taken_kop=254000), why=" опечатка ")
    (event,) = change.events
    assert (event.type, change.delivery.amount_taken_kop, change.delivery.version) == ("delivery.corrected", 245000, 4)
    data = event.data
    assert (data["corrects"], data["correction_reason"], data["courier_ref"]) == ("hand_over", "опечатка", "petrov")
    assert (data["before"]["amount_taken_kop"], data["amount_taken_kop"]) == (254000, 245000)
    assert change.contradictions == ()


def test_a_corrected_hand_over_tells_1c_all_that_a_hand_over_tells():
    original = do("hand_over", a_delivery("pick_up")).events[0]
    corrected = do("correct_hand_over", handed_over(), payment_method="card", reference="77").events[0]
    told, first = base_data(corrected.type, corrected.data), base_data(original.type, original.data)
    assert set(told) - set(first) == {"corrects", "correction_reason", "before", "reference"}
    assert (told["payment_method"], told["before"]["payment_method"], told["lines"]) == ("card", "cash", first["lines"])


@given(first=QUANTITIES, right=QUANTITIES, taken_kop=st.integers(0, 400000), method=METHODS)
def test_a_corrected_hand_over_is_as_if_it_had_been_right_at_once(
    first: dict[str, int], right: dict[str, int], taken_kop: int, method: str
):
    picked = a_delivery("pick_up")
    wrong = do("hand_over", picked, accepted=first).delivery
    said = {"accepted": right, "amount_taken_kop": taken_kop, "payment_method": method}
    change = do("correct_hand_over", wrong, **said)
    at_once = do("hand_over", picked, **said)
    for name in ("lines", "holder", "amount_taken_kop", "payment_method", "amount_due_kop", "stage", "closed"):
        assert getattr(change.delivery, name) == getattr(at_once.delivery, name)
    for key, value in at_once.events[0].data.items():
        if change.events and key not in ("delivery", "taken_over_from_ref"):
            assert change.events[0].data[key] == value
    assert do("correct_hand_over", change.delivery, **said).already


@given(
    counted=st.integers(0, 1000), returned=st.integers(0, 1000), accepted=st.integers(0, 2001), actor=st.just(PETROV)
)
def test_no_correction_makes_goods_of_nothing_after_some_came_back(counted: int, returned: int, accepted: int, actor):
    delivery = with_refused()
    if counted:
        delivery = do("give_back", delivery, quantities={"1": counted}).delivery
    if returned:
        delivery = do("customer_return", delivery, lines={"1": returned}, refund_kop=0, actor=actor).delivery
    try:
        line = do("correct_hand_over", delivery, accepted={"1": accepted}).delivery.lines[0]
    except DomainError:
        assert accepted > 2000 - max(0, counted - returned) or accepted < returned
        return
    assert min(line.carried_milli, line.kept_milli, line.refused_milli) >= 0
    assert line.carried_milli + line.kept_milli + line.given_back_milli == line.picked_milli


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"why": " "}, errors.CorrectionReasonMissing),
        ({"why": None}, errors.CorrectionReasonMissing),
        ({"actor": SIDOROV}, errors.NotHisDelivery),
        ({"actor": LOGISTICIAN}, errors.NotAllowed),
        ({"accepted": {"1": 2001}}, errors.QuantityOverLine),
        ({"accepted": {"9": 1}}, errors.LineUnknown),
        ({"amount_taken_kop": -1}, errors.AmountNotANumber),
        ({"payment_method": "barter"}, errors.PaymentMethodUnknown),
        ({"payment_method": "prepaid"}, errors.PrepaidTakesNothing),
    ],
)
def test_an_impossible_correction_of_a_hand_over_is_refused(fields: dict, error: type[Exception]):
    with pytest.raises(error):
        do("correct_hand_over", handed_over(), **fields)


@pytest.mark.parametrize("before", [(), ("pick_up",), ("pick_up", "not_deliver"), ("pick_up", "cancel")])
def test_a_hand_over_that_was_not_is_not_corrected(before: tuple[str, ...]):
    with pytest.raises(errors.StageJump):
        do("correct_hand_over", a_delivery(*before))


def test_more_than_was_carried_to_the_door_cannot_have_been_accepted():
    with pytest.raises(errors.MoreThanCarried):
        do("correct_hand_over", do("hand_over", do("pick_up", a_delivery(), lines={"1": 1000}).delivery).delivery,
           accepted={"1": 2000})  # fmt: skip


def test_refused_goods_that_the_warehouse_counted_in_cannot_be_corrected_into_accepted():
    counted = do("give_back", with_refused()).delivery
    with pytest.raises(errors.MoreThanCarried):
        do("correct_hand_over", counted, accepted={"1": 2000})
    assert do("correct_hand_over", counted, accepted={"1": 1000}).delivery.amount_taken_kop == 245000


def test_what_the_customer_returned_stays_accepted():
    returned = do("customer_return", handed_over(), lines={"1": 500}, refund_kop=0).delivery
    with pytest.raises(errors.MoreThanAccepted):
        do("correct_hand_over", returned, accepted={"1": 499})


def test_goods_that_another_courier_took_back_are_not_his_to_correct_but_the_sum_is():
    returned = do("customer_return", handed_over(), lines={"1": 500}, refund_kop=0, actor=SIDOROV).delivery
    with pytest.raises(errors.NotHisDelivery):
        do("correct_hand_over", returned, accepted={"1": 1000})
    assert do("correct_hand_over", returned, amount_taken_kop=1).delivery.holder_ref == "sidorov"


def test_goods_that_turn_out_refused_are_owed_again():
    change = do("correct_hand_over", handed_over(), accepted={"1": 0}, amount_taken_kop=47000)
    assert (change.delivery.goods_out, change.delivery.holder_ref) == (True, "petrov")
    assert do("give_back", change.delivery).delivery.goods_out is False


def test_a_claim_ends_when_the_goods_it_was_about_turn_out_accepted():
    claimed = do("claim_give_back", with_refused()).delivery
    assert do("correct_hand_over", claimed).delivery.claimed_back is None


def test_cash_that_was_handed_in_is_not_corrected():
    with pytest.raises(errors.AlreadySettled) as refused:
        do("correct_hand_over", a_delivery("pick_up", "hand_over", "settle"), amount_taken_kop=1)
    assert refused.value.since_at is not None


@pytest.mark.parametrize(
    ("method", "stage", "open_again"), [("cash", Stage.HANDED_OVER, True), ("transfer", Stage.SETTLED, False)]
)
def test_what_was_settled_without_cash_is_open_again_only_if_there_was_cash(
    method: str, stage: Stage, open_again: bool
):
    settled = do("settle", handed_over(payment_method="card")).delivery
    delivery = do("correct_hand_over", settled, payment_method=method).delivery
    assert (delivery.stage, delivery.settled_at is None, not delivery.closed) == (stage, open_again, open_again)


def test_a_new_difference_in_the_amount_is_a_contradiction_and_a_known_one_is_not_told_twice():
    change = do("correct_hand_over", handed_over(), amount_taken_kop=240000, difference_reason="скидка")
    (found,) = change.contradictions
    assert (found.kind, found.data["taken_kop"], found.data["due_kop"]) == ("amount_mismatch", 240000, 245000)
    assert "скидка" in found.why
    again = do("correct_hand_over", change.delivery, amount_taken_kop=240000, reference="5")
    assert (again.already, again.contradictions) == (False, ())


def test_a_corrected_reason_is_what_the_office_sees():
    failed = a_delivery("pick_up", "not_deliver")
    change = do("correct_not_deliver", failed, reason="rescheduled", comment="в пятницу", next_date=TOMORROW)
    delivery, data = change.delivery, change.events[0].data
    assert (delivery.reason, delivery.reason_comment, delivery.next_date) == ("rescheduled", "в пятницу", TOMORROW)
    assert (data["corrects"], data["reason"], data["next_date"]) == ("not_deliver", "rescheduled", "2026-11-21")
    assert data["before"] == {"reason": "not_home", "comment": None, "next_date": None}
    assert do("correct_not_deliver", failed).already


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"why": ""}, errors.CorrectionReasonMissing),
        ({"reason": ""}, errors.ReasonMissing),
        ({"reason": "лень"}, errors.ReasonUnknown),
        ({"reason": "not_home", "reasons": ["refused"]}, errors.ReasonUnknown),
        ({"actor": SIDOROV}, errors.NotHisDelivery),
    ],
)
def test_a_correction_to_no_reason_is_refused(fields: dict, error: type[Exception]):
    with pytest.raises(error):
        do("correct_not_deliver", a_delivery("pick_up", "not_deliver"), **fields)


def test_a_reason_is_not_corrected_when_the_next_try_is_on_its_way():
    with pytest.raises(errors.StageJump):
        do("correct_not_deliver", a_delivery("pick_up", "not_deliver", "retry"))


@pytest.mark.parametrize("before", [("pick_up",), ("pick_up", "depart")])
def test_a_corrected_pick_up_carries_the_right_goods(before: tuple[str, ...]):
    delivery = a_delivery(*before)
    change = do("correct_pick_up", delivery, lines={"1": 1000})
    assert [line.carried_milli for line in change.delivery.lines] == [1000, 1000]
    data = change.events[0].data
    assert [line["quantity_milli"] for line in data["before"]["lines"]] == [2000, 1000]
    assert [line["quantity_milli"] for line in data["lines"]] == [1000, 1000]
    assert change.delivery.stage is delivery.stage
    assert do("correct_pick_up", delivery).already


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"why": ""}, errors.CorrectionReasonMissing),
        ({"lines": {"1": 2001}}, errors.QuantityOverLine),
        ({"lines": {"1": 0, "2": 0}}, errors.NothingNamed),
        ({"actor": SIDOROV}, errors.NotHisDelivery),
    ],
)
def test_an_impossible_correction_of_a_pick_up_is_refused(fields: dict, error: type[Exception]):
    with pytest.raises(error):
        do("correct_pick_up", a_delivery("pick_up"), **fields)


def test_a_pick_up_is_not_corrected_below_what_was_brought_back_already():
    part = do("give_back", a_delivery("pick_up", "not_deliver"), quantities={"1": 1500}).delivery
    with pytest.raises(errors.MoreThanCarried):
        do("correct_pick_up", do("retry", part).delivery, lines={"1": 1499})


def test_a_pick_up_is_not_corrected_after_the_door():
    with pytest.raises(errors.StageJump):
        do("correct_pick_up", handed_over())
