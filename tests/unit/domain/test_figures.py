"""Each event adds its figures to the day on which it happened; what is put right later counts on the later day."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant
from tests.unit.domain.delivery_builders import NOW, SIDOROV, a_delivery, do, readied
from tests.unit.domain.ledger_builders import a_sale, an_event, cash_event, lines
from tests.unit.domain.test_delivery_model import ADelivery

from posrednik.domain import ledger, routes
from posrednik.domain.deliveries import Delivery, Stage
from posrednik.domain.events import Event, with_evidence
from posrednik.domain.figures import COUNTED, FIGURES, MONEY, DayEntry, Sold, entry_of
from posrednik.domain.ledger import Balances, postings_of

ZONE = "Europe/Moscow"


def entry(event: Event, zone: str = ZONE) -> DayEntry:
    found = entry_of(event, postings_of(event), zone)
    assert found is not None
    return found


def summed(*events: Event) -> dict[str, int]:
    found: Counter[str] = Counter()
    for event in events:
        if event.type in COUNTED:
            found.update(entry(event).figures)
    return {name: value for name, value in found.items() if value}


def reasons(*events: Event) -> dict[str, int]:
    found: Counter[str] = Counter()
    for event in events:
        if event.type in COUNTED:
            found.update(entry(event).reasons)
    return {code: n for code, n in found.items() if n}


# -- any life of a delivery


class CountedDelivery(ADelivery):
    """Any life of a delivery, its figures beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.happened: list[Event] = []

    def check(self, action, before, change):
        super().check(action, before, change)
        self.happened += change.events

    @property
    def counted(self) -> dict[str, int]:
        return summed(*self.happened)

    @invariant()
    def every_figure_has_its_meaning(self):
        assert set(self.counted) <= set(FIGURES)

    @invariant()
    def what_is_accepted_refused_and_due_is_what_the_delivery_says(self):
        delivery, counted = self.delivery, self.counted
        handed_over = delivery.handed_over_at is not None
        assert counted.get("done", 0) == handed_over
        if handed_over:
            assert counted.get("due_kop", 0) == delivery.amount_due_kop
            assert counted.get("refused_lines", 0) == sum(line.refused_milli > 0 for line in delivery.lines)
            assert counted.get("goods_kop", 0) == sum(line.sum_of_kop(line.accepted_milli) for line in delivery.lines)
            assert counted.get("with_return", 0) == came_back(delivery)

    @invariant()
    def tries_that_failed_have_their_reasons(self):
        assert sum(reasons(*self.happened).values()) == self.counted.get("not_delivered", 0)

    @invariant()
    def what_is_returned_without_anything_accepted_is_counted_so(self):
        delivery = self.delivery
        if delivery.stage is Stage.RETURNED and not delivery.anything_accepted:
            assert self.counted.get("returned", 0) >= 1

    @invariant()
    def money_is_that_of_the_ledger(self):
        balances, counted = Balances(), self.counted
        for event in self.happened:
            balances.add(postings_of(event))
        cash = sum(kop for account, kop in balances.money.items() if account.startswith("cash:"))
        assert counted.get("taken_cash_kop", 0) - counted.get("refunded_kop", 0) == cash
        assert counted.get("taken_card_kop", 0) == balances.money_of(ledger.ACQUIRING)
        assert counted.get("taken_transfer_kop", 0) == balances.money_of(ledger.TRANSFERS)


def came_back(delivery: Delivery) -> bool:
    return any(line.refused_milli or line.returned_milli for line in delivery.lines)


TestCountedDelivery = CountedDelivery.TestCase
TestCountedDelivery.settings = settings(
    max_examples=60, stateful_step_count=20, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


def test_a_hand_over_is_counted_whole():
    handed = do("hand_over", a_delivery("pick_up"), accepted={"1": 1000})
    (event,) = handed.events
    assert entry(event) == DayEntry(
        date(2026, 11, 20), "moscow", "petrov",
        {
            "delivery_price_kop": 30000, "done": 1, "due_kop": 146000, "goods_kop": 126000, "in_window": 1,
            "ready_to_handed_n": 1, "ready_to_handed_s": 7200, "refused_lines": 1, "taken_cash_kop": 245000,
            "with_return": 1,
        },
    )  # fmt: skip


def test_a_hand_over_after_the_promised_time_is_late():
    (event,) = do("hand_over", a_delivery("pick_up"), now=NOW + timedelta(hours=7, seconds=1)).events
    assert (entry(event).figures["late_window"], "in_window" in entry(event).figures) == (1, False)


def test_a_clock_that_runs_backwards_makes_no_time_shorter_than_none():
    (event,) = do("hand_over", a_delivery("pick_up"), now=NOW - timedelta(hours=1)).events
    assert "ready_to_handed_s" not in entry(event).figures
    assert entry(event).figures["ready_to_handed_n"] == 1


def test_what_was_put_right_later_counts_on_the_later_day():
    handed = do("hand_over", a_delivery("pick_up"))
    right = do("correct_hand_over", handed.delivery, accepted={"1": 1000}, amount_taken_kop=146000,
               payment_method="card", now=NOW + timedelta(days=2))  # fmt: skip
    (event,) = right.events
    told = entry(event)
    assert told.day == date(2026, 11, 22)
    assert told.figures == {
        "due_kop": -99000, "goods_kop": -99000, "refused_lines": 1, "taken_card_kop": 146000,
        "taken_cash_kop": -245000, "with_return": 1,
    }  # fmt: skip


def test_a_reason_that_was_wrong_is_taken_back_for_the_right_one():
    failed = do("not_deliver", a_delivery("pick_up"))
    right = do("correct_not_deliver", failed.delivery, reason="refused")
    assert summed(*failed.events, *right.events) == {"not_delivered": 1}
    assert reasons(*failed.events, *right.events) == {"refused": 1}


def test_a_second_hand_over_is_the_money_of_who_says_so_and_no_second_delivery():
    retried = do("retry", a_delivery("pick_up", "not_deliver"), courier_ref="sidorov").delivery
    second = do("pick_up", retried, actor=SIDOROV).delivery
    handed = do("hand_over", second, actor=SIDOROV)
    again = do(
        "hand_over", replace(handed.delivery, carriers=("petrov", "sidorov")), amount_taken_kop=100, offline=True
    )
    (event,) = again.events
    assert event.type == "delivery.done_by_another"
    assert entry(event) == DayEntry(date(2026, 11, 20), "moscow", "petrov", {"taken_cash_kop": 100})


def test_a_customer_who_brings_goods_back_twice_is_one_delivery_with_a_return():
    handed = do("hand_over", a_delivery("pick_up"))
    first = do("customer_return", handed.delivery, lines={"1": 500}, refund_kop=49500)
    second = do("customer_return", first.delivery, lines={"1": 500}, refund_kop=49500)
    found = summed(*handed.events, *first.events, *second.events)
    assert (found["with_return"], found["customer_returns"], found["refunded_kop"]) == (1, 2, 99000)
    assert found["customer_returned_kop"] == 99000


def test_goods_that_come_back_in_two_counts_are_one_returned_delivery():
    failed = do("not_deliver", a_delivery("pick_up"))
    part = do("give_back", failed.delivery, quantities={"1": 500})
    rest = do("give_back", part.delivery)
    found = summed(*part.events, *rest.events)
    assert found == {"returned": 1, "returned_kop": 225000}


@pytest.mark.parametrize(
    ("zone", "day"),
    [("UTC", date(2026, 11, 20)), (ZONE, date(2026, 11, 21)), ("America/New_York", date(2026, 11, 20))],
)
def test_the_day_is_that_of_the_division(zone: str, day: date):
    at = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)
    assert entry(replace(cash_event("change_issued", 100), occurred_at=at), zone).day == day


@given(at=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))
def test_a_day_begins_at_midnight_of_the_division(at: datetime):
    event = replace(cash_event("change_issued", 100), occurred_at=at)
    begins = datetime.combine(entry(event).day, datetime.min.time(), tzinfo=UTC) - timedelta(hours=3)
    assert timedelta(0) <= at - begins < timedelta(days=1)


def test_trial_orders_and_what_is_no_figure_are_not_counted():
    assert entry_of(replace(cash_event("change_issued", 100), trial=True), ledger.NOTHING, ZONE) is None
    for event_type in sorted(routes.TABLE.keys() - COUNTED):
        assert entry_of(an_event(event_type), ledger.NOTHING, ZONE) is None


# -- evidence


def test_a_step_tells_which_proofs_it_was_asked_for_and_which_it_has():
    (event,) = do("hand_over", a_delivery("pick_up")).events
    proven = with_evidence(event, position=None, photos=["ab"], asked=("photo", "position"))
    found = entry(proven).figures
    assert {name: found[name] for name in found if name.startswith(("steps", "photos", "positions"))} == {
        "steps": 1, "photos_wanted": 1, "photos_there": 1, "positions_wanted": 1,
    }  # fmt: skip
    assert "photos_wanted" not in entry(with_evidence(event, position=None, photos=["ab"])).figures


def test_an_event_that_does_not_tell_what_was_asked_is_judged_by_the_usual_rules():
    (event,) = do("depart", a_delivery("pick_up")).events
    bare = replace(event, data={**event.data, "position": None, "photo_hashes": []})
    assert entry(bare).figures == {"steps": 1}
    (event,) = do("not_deliver", a_delivery("pick_up")).events
    bare = replace(event, data={**event.data, "position": {"latitude": 1.0}, "photo_hashes": []})
    assert entry(bare).figures == {
        "not_delivered": 1, "photos_wanted": 1, "positions_there": 1, "positions_wanted": 1, "steps": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "counted"),
    [
        ("dark_photo", {"flags": 1, "flag_dark_photo": 1}), ("ceiling_exceeded", {"ceiling_exceeded": 1}),
        ("dead_letter", {}),
    ],
)  # fmt: skip
def test_doubts_are_counted_by_their_kind(kind: str, counted: dict[str, int]):
    assert entry(an_event("incident.raised", kind=kind)).figures == counted


def test_what_is_nobodys_has_an_empty_courier():
    assert entry(an_event("incident.raised", kind="dark_photo", courier_ref=None)).courier_ref == ""


# -- sales, backpacks, cash


def test_a_sale_is_counted_by_product_and_a_correction_takes_back_and_adds():
    sold = an_event("sale.made", **a_sale(flask=2000, plaid=1000))
    right = an_event("sale.corrected", **a_sale(49000, "card", flask=1000), before=a_sale(flask=2000, plaid=1000))
    assert entry(sold).products == {("flask", None): Sold(2000, 0), ("plaid", None): Sold(1000, 0)}
    assert entry(right).products == {("flask", None): Sold(-1000, 0), ("plaid", None): Sold(-1000, 0)}
    assert summed(sold, right) == {"sales": 1, "sold_units_milli": 1000, "sold_card_kop": 49000}


def test_a_sale_that_was_taken_back_whole_is_none():
    sold = an_event("sale.made", **a_sale(flask=1000))
    undone = an_event("sale.corrected", **a_sale(0), before=a_sale(flask=1000))
    assert summed(sold, undone) == {}
    assert summed(undone, an_event("sale.corrected", **a_sale(flask=1000), before=a_sale(0))) == {}


def test_change_and_hand_ins_are_what_the_ledger_posts_corrections_too():
    issued = cash_event("change_issued", 200000)
    less = cash_event("corrected", 150000, corrects="change_issued", before={"sum_kop": 200000, "till_ref": "till-1"})
    taken = cash_event("handed_in", 140000, difference_kop=-10000)
    more = cash_event("corrected", 150000, corrects="handed_in", difference_kop=0,
                      before={"sum_kop": 140000, "till_ref": "till-1", "difference_kop": -10000})  # fmt: skip
    assert summed(issued, less) == {"change_issued_kop": 150000}
    assert summed(taken) == {"hand_ins": 1, "handed_in_kop": 140000, "cash_shortage_kop": 10000}
    assert summed(taken, more) == {"hand_ins": 1, "handed_in_kop": 150000}


@pytest.mark.parametrize(("difference_kop", "name"), [(-500, "decided_shortage_kop"), (500, "decided_surplus_kop")])
def test_a_decision_on_a_difference_is_counted_apart_from_the_count(difference_kop: int, name: str):
    decided = cash_event("corrected", 500, corrects="difference", difference_kop=difference_kop)
    assert summed(decided) == {name: 500}


def test_what_a_count_of_the_backpack_misses_is_valued():
    count = an_event("backpack.counted", lines=[], shortage_kop=99000, surplus_kop=100)
    assert summed(count) == {"goods_shortage_kop": 99000, "goods_surplus_kop": 100}


def test_every_money_figure_has_its_meaning():
    assert set(FIGURES) >= MONEY


def test_a_delivery_made_ready_adds_nothing():
    (event,) = readied().events
    assert entry_of(event, postings_of(event), ZONE) is None
    assert entry(an_event("delivery.picked_up", lines=lines(flask=1))).figures == {}
