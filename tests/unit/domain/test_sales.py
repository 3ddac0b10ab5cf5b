"""Quick sales: what the phone says is the fact, the limit of oversale holds, a correction reverses and says why."""

from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.backpack_builders import (
    CHEESE,
    COURIER,
    FLASK,
    OTHER,
    PRICES,
    REF,
    SOMETHING,
    World,
    an_item,
    minus,
    plus,
    total,
)
from tests.unit.domain.delivery_builders import BASE, CASH_DESK, LOGISTICIAN, NEW_ID, WAREHOUSE

from posrednik.domain import errors, ledger
from posrednik.domain.goods import worth_kop
from posrednik.domain.publication import base_data
from posrednik.domain.routes import routes_for
from posrednik.domain.sales import Item, Sale
from posrednik.domain.texts import contradiction_text, text

BACKPACK = ledger.backpack(REF)
METHODS = {"cash": ledger.cash(REF), "card": ledger.ACQUIRING, "transfer": ledger.TRANSFERS}
WAYS = st.sampled_from(sorted(METHODS))
SOLD = st.lists(
    st.builds(an_item, st.integers(1, 3000), st.sampled_from([FLASK, CHEESE]), st.integers(0, 200000)),
    min_size=1,
    max_size=4,
)


def stocked(quantities: dict | None = None) -> World:
    world = World()
    world.load(quantities or {FLASK: 5000, CHEESE: 5000})
    return world


def quantities_of(items: list[Item]) -> dict:
    return plus(*({(item.product, item.characteristic): item.quantity_milli} for item in items))


def worth_of(items: list[Item]) -> int:
    return sum(worth_kop(item.price_kop, item.quantity_milli) for item in items)


@given(SOLD, WAYS)
def test_a_sale_takes_goods_from_the_backpack_and_money_from_the_customer(items: list, method: str):
    world = stocked({FLASK: 20000, CHEESE: 20000})
    sale = world.sell(*items, payment_method=method, reference="123").sale
    assert world.of(BACKPACK) == minus({FLASK: 20000, CHEESE: 20000}, quantities_of(items))
    assert world.balances.money_of(METHODS[method]) == sale.sum_kop == worth_of(items)
    assert (sale.cash_kop > 0) == (method == "cash" and sale.sum_kop > 0)
    assert total(world) == {}


@given(st.integers(0, 10**7), st.integers(1, 10**6))
def test_a_sale_by_weight_is_price_times_quantity_half_up(price_kop: int, quantity_milli: int):
    sale = stocked().sell(an_item(quantity_milli, price_kop=price_kop), late=True).sale
    exact_milli_kop = price_kop * quantity_milli
    assert -500 < sale.sum_kop * 1000 - exact_milli_kop <= 500


@pytest.mark.parametrize(
    ("price_kop", "quantity_milli", "sum_kop"), [(123456, 345, 42592), (1, 500, 1), (1, 499, 0), (99000, 1000, 99000)]
)
def test_half_a_kopeck_is_rounded_up(price_kop: int, quantity_milli: int, sum_kop: int):
    assert stocked().sell(an_item(quantity_milli, price_kop=price_kop)).sale.sum_kop == sum_kop


@given(carried=SOMETHING, asked=SOMETHING, limit_milli=st.integers(0, 4000))
def test_a_sale_goes_below_zero_only_within_the_limit_and_says_so(carried: dict, asked: dict, limit_milli: int):
    world = stocked(carried)
    items = [an_item(milli, key) for key, milli in asked.items()]
    lowest = min(carried.get(key, 0) - milli for key, milli in asked.items())
    if lowest < -limit_milli:
        with pytest.raises(errors.NotInBackpack):
            world.sell(*items, oversale_milli=limit_milli)
        assert (world.of(BACKPACK), world.sales) == (carried, {})
        return
    world.sell(*items, oversale_milli=limit_milli)
    assert world.of(BACKPACK) == minus(carried, asked)
    assert world.found == ["backpack_negative"] * (lowest < 0)


def test_lines_of_one_product_count_together_against_the_limit():
    world = stocked({FLASK: 1000})
    with pytest.raises(errors.NotInBackpack) as refused:
        world.sell(an_item(1000), an_item(1000))
    assert text(refused.value.code, **refused.value.data).startswith("Термос 1 л: продаётся 2, а в рюкзаке 1.")


def test_a_limit_is_one_and_not_one_more_for_every_sale():
    world = stocked({FLASK: 1000})
    world.sell(an_item(2000), oversale_milli=1000)
    with pytest.raises(errors.NotInBackpack):
        world.sell(an_item(1), number=2, oversale_milli=1000)


def test_a_late_sale_is_a_fact_whatever_the_limit_says():
    world = stocked({FLASK: 1000})
    world.sell(an_item(3000), late=True)
    assert (world.of(BACKPACK), world.found) == ({FLASK: -2000}, ["backpack_negative"])


def test_a_sale_comes_once():
    world = stocked()
    sale = world.sell(an_item()).sale
    again = world.sell(an_item(2000))
    assert (again.sale, again.already, again.events, again.contradictions) == (sale, True, (), ())
    assert world.of(BACKPACK)[FLASK] == 4000


def test_a_price_that_is_not_the_one_of_1c_is_the_fact_and_told():
    world = stocked()
    change = world.sell(an_item(price_kop=90000), an_item(1000, CHEESE))
    assert change.sale.sum_kop == 90000 + PRICES[CHEESE]
    (found,) = change.contradictions
    assert (found.kind, found.why) == (
        "price_changed_meanwhile",
        "Термос 1 л: продано по 900\u00a0₽, в 1С 990\u00a0₽.",
    )
    assert contradiction_text(found.kind, "en", **found.data)[1] == "Термос 1 л: sold at 900\u00a0₽, 1C has 990\u00a0₽."


@given(st.integers(0, 200000), st.none() | st.integers(0, 200000))
def test_only_a_price_that_1c_has_can_differ_from_it(price_kop: int, base_kop: int | None):
    prices = {} if base_kop is None else {FLASK: base_kop}
    world = stocked()
    world.sell(an_item(price_kop=price_kop), prices=prices)
    assert world.found == ["price_changed_meanwhile"] * (base_kop not in (None, price_kop))


def test_the_sum_of_the_phone_holds_and_is_told_when_it_is_not_price_times_quantity():
    world = stocked()
    change = world.sell(an_item(2000, sum_kop=190000))
    assert (change.sale.sum_kop, world.cash_kop, world.found) == (190000, 190000, ["amount_mismatch"])
    assert (
        "взял за товар из рюкзака 1\u2009900\u00a0₽, а по его же цене 1\u2009980\u00a0₽"
        in change.contradictions[0].what
    )
    assert stocked().sell(an_item(2000, sum_kop=198000)).contradictions == ()


@pytest.mark.parametrize(
    ("method", "reference", "warnings"),
    [("transfer", None, ("reference",)), ("transfer", "", ("reference",)), ("transfer", "7", ()), ("cash", None, ())],
)
def test_a_transfer_is_asked_for_its_reference_but_not_refused(method: str, reference: str | None, warnings: tuple):
    assert stocked().sell(an_item(), payment_method=method, reference=reference).warnings == warnings


@given(SOLD, SOLD | st.just([]), WAYS, WAYS)
def test_a_correction_is_the_reverse_and_then_the_right_one(wrong: list, right: list, first: str, second: str):
    stock = {FLASK: 20000, CHEESE: 20000}
    world, straight = stocked(stock), stocked(stock)
    world.sell(*wrong, payment_method=first, reference="1")
    change = world.correct_sale(*right, payment_method=second, reference="2")
    if right:
        straight.sell(*right, payment_method=second, reference="2")
    assert world.of(BACKPACK) == straight.of(BACKPACK)
    assert all(world.balances.money_of(a) == straight.balances.money_of(a) for a in METHODS.values())
    assert (change.sale.version, total(world)) == (2, {})


def test_a_correction_says_what_was_before_why_and_who():
    world = stocked()
    first = world.sell(an_item(2000)).events[0]
    (event,) = world.correct_sale(an_item(1000), why=" одну вернули ", actor=LOGISTICIAN).events
    assert (event.type, event.subject_id, event.version) == ("sale.corrected", first.subject_id, 2)
    assert (event.actor, event.data["correction_reason"]) == (LOGISTICIAN, "одну вернули")
    assert (event.data["before"], event.data["sum_kop"]) == (first.data, 99000)


def test_a_sale_corrected_to_nothing_is_taken_back():
    world = stocked()
    world.sell(an_item(2000))
    sale = world.correct_sale(why="покупатель вернул").sale
    assert (sale.lines, sale.sum_kop, world.cash_kop) == ((), 0, 0)
    assert world.of(BACKPACK) == {FLASK: 5000, CHEESE: 5000}
    again = world.correct_sale(why="покупатель вернул")
    assert (again.already, again.events) == (True, ())


@given(st.lists(SOLD | st.just([]), min_size=1, max_size=5))
def test_the_last_correction_holds(corrections: list):
    world = stocked({FLASK: 20000, CHEESE: 20000})
    world.sell(an_item())
    for items in corrections:
        world.correct_sale(*items)
    last = corrections[-1]
    assert world.of(BACKPACK) == minus({FLASK: 20000, CHEESE: 20000}, quantities_of(last))
    assert (world.cash_kop, total(world)) == (worth_of(last), {})
    versions = [event.version for event in world.events if event.subject_kind == "sale"]
    assert versions == list(range(1, len(versions) + 1))


def test_a_correction_cannot_sell_what_is_not_there_but_may_always_give_back():
    world = stocked({FLASK: 2000})
    world.sell(an_item(2000))
    with pytest.raises(errors.NotInBackpack):
        world.correct_sale(an_item(3000))
    world.unload({FLASK: 1000}, late=True)
    world.correct_sale(an_item(1500))
    assert world.found == ["backpack_negative"]
    assert world.of(BACKPACK) == {FLASK: -500}


def test_what_the_wrong_sale_had_taken_is_there_for_the_right_one():
    world = stocked({FLASK: 2000})
    world.sell(an_item(1000))
    world.correct_sale(an_item(2000))
    assert (world.of(BACKPACK), world.found) == ({}, [])


def test_a_price_told_once_is_not_told_again_by_a_correction_of_something_else():
    world = stocked()
    world.sell(an_item(price_kop=90000))
    world.correct_sale(an_item(price_kop=90000), payment_method="card")
    assert world.found == ["price_changed_meanwhile"]


def test_a_correction_needs_a_reason_and_is_for_his_own_sale():
    world = stocked()
    world.sell(an_item())
    with pytest.raises(errors.CorrectionReasonMissing):
        world.correct_sale(an_item(2000), why=" ")
    with pytest.raises(errors.NotHisSale):
        world.correct_sale(an_item(2000), actor=OTHER)
    with pytest.raises(errors.NotAllowed):
        world.correct_sale(an_item(2000), actor=WAREHOUSE)
    assert world.correct_sale(an_item(2000), actor=CASH_DESK).sale.courier_ref == REF


def test_what_cannot_be_a_sale_is_refused():
    world = stocked()
    for wrong, error in [
        ({"items": []}, errors.NothingNamed),
        ({"items": [an_item(0)]}, errors.NothingNamed),
        ({"items": [an_item(-1)]}, errors.QuantityNotANumber),
        ({"items": [an_item(price_kop=-1)]}, errors.AmountNotANumber),
        ({"items": [an_item(sum_kop=1.5)]}, errors.AmountNotANumber),
        ({"items": [an_item(5000, price_kop=10**13)]}, errors.AmountNotANumber),
        ({"payment_method": "iou"}, errors.PaymentMethodUnknown),
        ({"payment_method": "prepaid"}, errors.PrepaidTakesNothing),
        ({"actor": LOGISTICIAN}, errors.NotAllowed),
    ]:
        with pytest.raises(error):
            world.sell(**{"items": [an_item()], **wrong})
    assert world.sales == {}


def test_1c_is_told_of_a_sale_exactly_as_the_contract_says():
    world = stocked()
    made = world.sell(an_item(1500), payment_method="transfer", reference="7", receipt=True, delivery_id=NEW_ID)
    right = world.correct_sale(an_item(500, CHEESE), why="не тот товар")
    line = {"line": "1", "product": "flask", "quantity": "1.5", "price": "990.00", "sum": "1485.00"}
    assert base_data("sale.made", made.events[0].data) == {
        "courier": REF,
        "warehouse": "courier-warehouse",
        "delivery": str(NEW_ID),
        "lines": [line],
        "sum": "1485.00",
        "payment_method": "transfer",
        "reference": "7",
        "receipt": True,
    }
    told = base_data("sale.corrected", right.events[0].data)
    assert (told["sum"], told["correction_reason"], "receipt" in told) == ("617.28", "не тот товар", False)
    assert told["lines"][0]["characteristic"] == "aged"
    for event in (*made.events, *right.events):
        assert [route.destination for route in routes_for(event)] == ["onec"]
        assert event.data["base_id"] == str(BASE)


def test_a_sale_is_the_same_after_being_stored_as_json():
    sale = stocked().sell(an_item(1500), delivery_id=NEW_ID, reference="7").sale
    assert msgspec.json.decode(msgspec.json.encode(sale), type=Sale) == sale
    assert (sale.id, sale.who) == (UUID(int=1), COURIER.name)
