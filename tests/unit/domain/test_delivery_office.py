"""The rows of domain.md §1 that the office acts in."""

from datetime import timedelta

import pytest
from tests.unit.domain.delivery_builders import (
    BASE,
    LOGISTICIAN,
    NEW_ID,
    NOW,
    ONEC,
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
from posrednik.domain.deliveries import Address, Preset, Stage
from posrednik.domain.delivery_office import CourierFacts, ready


def test_ready_makes_a_delivery_of_version_one_with_the_amount_due():
    change = readied()
    assert (change.delivery.id, change.delivery.stage, change.delivery.version) == (NEW_ID, Stage.READY, 1)
    assert change.delivery.amount_due_kop == 245000
    assert [event.type for event in change.events] == ["delivery.readied"]


def test_ready_of_an_unknown_order_is_refused_so_that_the_command_waits():
    with pytest.raises(errors.OrderUnknown):
        ready(order=None, delivery=None, new_id=NEW_ID, actor=ONEC, now=NOW, names=names_for(None))


@pytest.mark.parametrize("gone", [{"deleted": True}, {"posted": False}])
def test_ready_of_a_deleted_or_unposted_order_is_refused(gone: dict[str, bool]):
    with pytest.raises(errors.OrderCancelled):
        readied(an_order(**gone))


def test_ready_once_more_changes_nothing():
    change = readied(delivery=a_delivery(), courier_ref=None)
    assert (change.already, change.events, change.delivery.version) == (True, (), 1)


def test_ready_once_more_with_another_courier_assigns_him():
    change = readied(delivery=a_delivery(), courier_ref="sidorov")
    assert (change.events[0].type, change.delivery.courier_ref) == ("delivery.assigned", "sidorov")


def test_ready_once_more_with_another_comment_is_a_change():
    change = readied(delivery=a_delivery(), comment="хрупкое")
    assert change.events[0].data["changed"] == ["comment"]
    assert change.delivery.comment == "позвонить за час\nхрупкое"


def test_ready_of_goods_on_their_way_says_who_has_them_since_when():
    with pytest.raises(errors.AlreadyOnItsWay) as refused:
        readied(delivery=a_delivery("pick_up"))
    assert (refused.value.who, refused.value.since_at) == ("Петров Иван", NOW + timedelta(hours=1))


def test_ready_of_a_handed_over_order_is_refused():
    with pytest.raises(errors.AlreadyHandedOver):
        readied(delivery=a_delivery("pick_up", "hand_over"))


def test_ready_uses_what_commands_set_on_the_order_before():
    change = readied(courier_ref=None, preset=Preset(50000, 200000, "sidorov"))
    delivery = change.delivery
    assert (delivery.delivery_price_kop, delivery.amount_due_kop, delivery.courier_ref) == (
        50000,
        200000,
        "sidorov",
    )
    assert delivery.due_difference_kop == 200000 - 265000


def test_withdraw_takes_it_off_the_board_and_ready_reopens_the_same_delivery():
    withdrawn = do("withdraw", a_delivery(), reason="не собран")
    assert (withdrawn.delivery.on_board, withdrawn.delivery.shown_stage) == (False, "withdrawn")
    again = readied(an_order(comment="новый"), withdrawn.delivery, courier_ref=None)
    assert (again.delivery.id, again.delivery.version, again.delivery.on_board) == (NEW_ID, 3, True)
    assert (again.delivery.comment, again.delivery.courier_ref) == ("новый", "petrov")
    assert again.events[0].data["reopened"] is True


def test_withdraw_once_more_changes_nothing():
    assert do("withdraw", a_delivery("withdraw")).already


def test_withdraw_after_the_pick_up_says_who_has_it_since_when():
    with pytest.raises(errors.AlreadyPickedUp) as refused:
        do("withdraw", a_delivery("pick_up"))
    assert (refused.value.who, refused.value.since_at) == ("Петров Иван", NOW + timedelta(hours=1))


def test_assign_gives_it_to_another_courier_and_remembers_the_first():
    change = do("assign", a_delivery(), courier_ref="sidorov", names=names_for("sidorov"))
    assert (change.delivery.courier_ref, change.delivery.former_courier_refs) == ("sidorov", ("petrov",))
    assert change.events[0].data["previous_courier_ref"] == "petrov"


def test_assign_of_the_same_courier_changes_nothing():
    assert do("assign", a_delivery(), courier_ref="petrov").already


@pytest.mark.parametrize(
    ("courier", "error"),
    [
        (CourierFacts("sidorov", "moscow", active=False), errors.CourierInactive),
        (CourierFacts("sidorov", "tver"), errors.CourierOtherDivision),
    ],
)
def test_assign_of_a_courier_who_must_not_is_refused(courier: CourierFacts, error: type[Exception]):
    with pytest.raises(error):
        do("assign", a_delivery(), courier_ref="sidorov", courier=courier)


def test_assign_of_a_courier_of_another_division_with_the_right_is_done():
    courier = CourierFacts("sidorov", "tver", divisions=("moscow",))
    assert do("assign", a_delivery(), courier_ref="sidorov", courier=courier).delivery.courier_ref == "sidorov"


def test_assign_after_the_pick_up_is_refused():
    with pytest.raises(errors.AlreadyPickedUp):
        do("assign", a_delivery("pick_up"), courier_ref="sidorov")


def test_a_courier_does_not_assign():
    with pytest.raises(errors.NotAllowed):
        do("assign", a_delivery(), courier_ref="sidorov", actor=PETROV)


def test_the_amount_due_is_never_below_zero():
    assert a_delivery(prepaid_kop=99_999_999).amount_due_kop == 0


def test_a_price_by_command_changes_the_amount_due():
    change = do("set_price", a_delivery(), delivery_price_kop=50000)
    assert change.delivery.amount_due_kop == 265000
    assert change.delivery.amount_changed_version == 2


def test_an_amount_by_hand_wins_until_it_is_taken_back():
    by_hand = do("set_amount_due", a_delivery(), amount_due_kop=200000).delivery
    assert (by_hand.amount_due_kop, by_hand.due_difference_kop) == (200000, -45000)
    assert do("set_price", by_hand, delivery_price_kop=0).delivery.amount_due_kop == 200000
    assert do("set_amount_due", by_hand, amount_due_kop=None).delivery.amount_due_kop == 245000


@pytest.mark.parametrize("asked", [-1, 1.5, True, "100", 10**14])
def test_a_price_that_is_no_sum_is_refused(asked: object):
    with pytest.raises(errors.AmountNotANumber):
        do("set_price", a_delivery(), delivery_price_kop=asked)


@pytest.mark.parametrize("action", ["set_price", "set_amount_due"])
def test_money_is_fixed_after_the_hand_over(action: str):
    field = {"set_price": "delivery_price_kop", "set_amount_due": "amount_due_kop"}[action]
    with pytest.raises(errors.AlreadyHandedOver):
        do(action, a_delivery("pick_up", "hand_over"), **{field: 1})


def test_an_edited_order_updates_a_ready_delivery():
    edited = an_order(address=Address("пр. Мира, 1"), lines=(a_line(quantity_milli=3000, sum_kop=297000),))
    change = do("order_changed", a_delivery(), order=edited)
    assert change.events[0].data["changed"] == ["address", "lines"]
    assert change.delivery.amount_due_kop == 297000 + 30000 - 10000


def test_a_cancelled_line_is_not_delivered():
    order = an_order(lines=(a_line(), a_line("2", cancelled=True)))
    assert [line.line for line in readied(order).delivery.lines] == ["1"]


def test_the_same_order_once_more_changes_nothing():
    assert do("order_changed", a_delivery(), order=an_order(status="собран")).already


def test_a_resent_order_keeps_a_price_by_command_unless_its_own_price_changed():
    priced = do("set_price", a_delivery(), delivery_price_kop=50000).delivery
    assert do("order_changed", priced, order=an_order()).already
    assert do("order_changed", priced, order=an_order(delivery_price_kop=40000)).delivery.amount_due_kop == 255000


def test_an_order_that_learns_the_price_a_command_has_told_is_no_news_but_is_remembered():
    priced = do("set_price", a_delivery(), delivery_price_kop=50000).delivery
    learned = do("order_changed", priced, order=an_order(delivery_price_kop=50000))
    assert (learned.events, learned.already, learned.delivery.version) == ((), False, priced.version)
    assert do("order_changed", learned.delivery, order=an_order(delivery_price_kop=50000)).already
    back = do("order_changed", learned.delivery, order=an_order())
    assert [event.data["changed"] for event in back.events] == [["delivery_price_kop", "order_price_kop"]]
    assert back.delivery.amount_due_kop == a_delivery().amount_due_kop


def test_an_order_edited_after_the_pick_up_changes_nothing_and_contradicts():
    picked = a_delivery("pick_up")
    change = do("order_changed", picked, order=an_order(prepaid_kop=0, comment="срочно"))
    assert (change.delivery, change.events) == (picked, ())
    (found,) = change.contradictions
    assert found.kind == "order_changed_after_pick_up"
    assert "комментарий, предоплата" in found.what


def test_an_unchanged_order_after_the_pick_up_is_no_contradiction():
    assert do("order_changed", a_delivery("pick_up"), order=an_order()).contradictions == ()


def test_an_order_cut_down_to_what_was_accepted_is_no_contradiction():
    delivery = do("hand_over", a_delivery("pick_up"), accepted={"2": 0}, amount_taken_kop=218000).delivery
    assert do("order_changed", delivery, order=an_order(lines=(a_line(),))).contradictions == ()


def test_an_unposted_order_cancels_and_a_posted_one_can_be_made_ready_again():
    cancelled = do("order_changed", a_delivery(), order=an_order(posted=False)).delivery
    assert (cancelled.stage, cancelled.reason) == (Stage.CANCELLED, "order_unposted")
    assert readied(delivery=cancelled).delivery.stage is Stage.READY


@pytest.mark.parametrize("before", [(), ("pick_up",), ("pick_up", "depart"), ("pick_up", "not_deliver")])
def test_cancel_before_the_hand_over(before: tuple[str, ...]):
    change = do("cancel", a_delivery(*before), actor=LOGISTICIAN, reason="передумал")
    assert (change.delivery.stage, change.delivery.goods_out) == (Stage.CANCELLED, bool(before))
    assert change.events[0].data["by"] == "Ольга Н."


def test_a_delivery_cancelled_on_purpose_is_not_made_ready_again():
    with pytest.raises(errors.OrderCancelled):
        readied(delivery=a_delivery("cancel"))


def test_cancel_once_more_changes_nothing():
    assert do("cancel", a_delivery("cancel")).already


@pytest.mark.parametrize("before", [("hand_over",), ("hand_over", "settle")])
def test_cancel_after_the_hand_over_is_refused_and_a_contradiction(before: tuple[str, ...]):
    delivery = a_delivery("pick_up", *before)
    change = do("cancel", delivery)
    assert (change.delivery, change.events) == (delivery, ())
    assert isinstance(change.refusal, errors.AlreadyHandedOver)
    assert [found.kind for found in change.contradictions] == ["cancelled_but_handed_over"]


def test_the_cause_of_a_command_is_kept_in_its_event():
    assert readied(cause_base=BASE).events[0].cause_base == BASE


def test_an_event_has_no_name_for_a_courier_that_was_not_named():
    event = do("assign", a_delivery(), courier_ref="sidorov", names=names_for("petrov")).events[0]
    assert event.data["delivery"]["courier"] == {"ref": "sidorov", "name": None, "bitrix24_user": None}


def test_an_order_edited_while_the_first_courier_still_has_the_goods_does_not_forget_them():
    waiting = do("retry", a_delivery("pick_up", "not_deliver"), courier_ref="sidorov").delivery
    change = do("order_changed", waiting, order=an_order(prepaid_kop=0))
    assert (change.delivery, len(change.contradictions)) == (waiting, 1)


def test_a_new_trip_forgets_what_others_did_in_the_one_before():
    with_sidorov = do("pick_up", do("assign", a_delivery(), courier_ref="sidorov").delivery, actor=SIDOROV)
    both = do("pick_up", with_sidorov.delivery, offline=True).delivery
    returned = do("give_back", do("not_deliver", both, actor=SIDOROV).delivery).delivery
    again = readied(delivery=returned, courier_ref=None).delivery
    assert (again.other_steps, again.carriers) == ((), ())
