"""The backpack: loaded, counted in, brought back, counted at the end; every figure comes from the ledger."""

from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.backpack_builders import (
    CHEESE,
    COURIER,
    FAR,
    FLASK,
    MAIN,
    NAMES,
    PRICES,
    QUANTITIES,
    REF,
    SOMETHING,
    World,
    an_item,
    goods,
    minus,
    plus,
    total,
)
from tests.unit.domain.delivery_builders import BASE, LOGISTICIAN

from posrednik.domain import backpack as backpacks
from posrednik.domain import errors, ledger
from posrednik.domain.backpack import Backpack, Load
from posrednik.domain.goods import worth_kop
from posrednik.domain.publication import base_data
from posrednik.domain.routes import routes_for
from posrednik.domain.shifts import Goods
from posrednik.domain.texts import contradiction_text, text

BACKPACK, SHORT = ledger.backpack(REF), ledger.shortage(REF)


def nothing_of(world: World) -> dict:
    return {key: milli for key, milli in world.of(BACKPACK).items() if milli < 0}


@given(SOMETHING)
def test_a_load_is_in_the_backpack_and_waits_to_be_counted(quantities: dict):
    world = World()
    change = world.load(quantities)
    assert world.of(BACKPACK) == quantities
    assert [event.type for event in change.events] == ["backpack.loaded"]
    assert [load.document for load in world.backpack.pending] == ["transfer-1"]
    again = world.load(quantities)
    assert (again.already, again.events, world.of(BACKPACK)) == (True, (), quantities)


@given(st.lists(st.tuples(SOMETHING, st.sampled_from([MAIN, FAR])), min_size=1, max_size=4), QUANTITIES, QUANTITIES)
def test_several_loads_are_accepted_in_one_count(loads: list, counted: dict, before: dict):
    """What is missing goes to the dispute with the warehouse, what is too much comes from there."""
    world = World()
    if before := plus(before):
        world.load(before, 99)
        world.accept(before)
    for number, (quantities, warehouse_ref) in enumerate(loads, 1):
        world.load(quantities, number, warehouse_ref=warehouse_ref)
    change = world.accept(counted)
    disputed = plus(*(world.of(ledger.disputed(ref, "moscow")) for ref in (MAIN, FAR)))
    assert world.of(BACKPACK) == plus(before, counted)
    assert disputed == minus(plus(*(quantities for quantities, _ in loads)), plus(counted))
    assert nothing_of(world) == total(world) == {}
    assert {event.type for event in change.events} == {"backpack.accepted"}
    assert len(change.events) == len({ref for _, ref in loads})
    assert world.found == ["count_difference"] * bool(disputed)
    for event in change.events:
        assert all(line["expected_milli"] >= 0 and line["counted_milli"] >= 0 for line in event.data["lines"])


@given(SOMETHING, QUANTITIES, QUANTITIES)
def test_a_second_count_of_the_same_loads_changes_nothing_twice(quantities: dict, first: dict, second: dict):
    world = World()
    world.load(quantities)
    world.accept(first)
    balances = dict(world.balances.goods)
    again = world.accept(second)
    assert (again.already, again.events, again.contradictions) == (True, (), ())
    assert world.balances.goods == balances


def test_a_count_is_of_the_loads_that_he_saw():
    world = World()
    world.load({FLASK: 2000}, 1)
    world.load({FLASK: 3000}, 2)
    world.accept({FLASK: 2000}, seen=[UUID(int=1)])
    assert world.found == []
    assert [load.id for load in world.backpack.pending] == [UUID(int=2)]


@given(SOMETHING, st.data())
def test_what_was_sold_before_the_count_had_come(quantities: dict, data: st.DataObject):
    world = World()
    world.load(quantities)
    sold = {key: data.draw(st.integers(1, milli)) for key, milli in quantities.items()}
    world.sell(*(an_item(milli, key) for key, milli in sold.items()))
    left = minus(quantities, sold)
    (event,) = world.accept(left).events
    told = {(one["product"], one["characteristic"]): one for one in event.data["lines"]}
    assert {key: (one["expected_milli"], one["counted_milli"]) for key, one in told.items()} == {
        key: (milli, milli) for key, milli in left.items()
    }
    assert world.found == []
    assert world.of(BACKPACK) == minus(quantities, sold)


@given(SOMETHING, QUANTITIES, QUANTITIES, QUANTITIES)
def test_an_acceptance_never_leaves_less_than_nothing(quantities: dict, unloaded: dict, counted: dict, late: dict):
    """Even if goods have left meanwhile; where the books were below zero before, the count is not the reason."""
    world = World()
    world.load(quantities)
    if plus(unloaded):
        world.unload(unloaded, late=True)
    if plus(late):
        world.load(late, 2)
    below = nothing_of(world)
    world.accept(counted)
    assert all(below.get(key, 0) <= milli for key, milli in nothing_of(world).items())
    assert set(nothing_of(world)) <= set(below)


@given(SOMETHING, SOMETHING)
def test_unloading_more_than_he_carries_is_refused_for_the_office_and_a_fact_when_it_is_late(carried: dict, out: dict):
    world = World()
    world.load(carried)
    over = any(milli > carried.get(key, 0) for key, milli in out.items())
    if not over:
        change = world.unload(out)
        assert (world.of(BACKPACK), change.contradictions) == (minus(carried, out), ())
        return
    with pytest.raises(errors.MoreThanCarried):
        world.unload(out)
    assert world.of(BACKPACK) == carried
    world.unload(out, late=True)
    assert world.of(BACKPACK) == minus(carried, out)
    assert world.found == ["backpack_negative"]


def test_a_backpack_below_zero_is_told_by_name():
    world = World()
    world.load({FLASK: 1000})
    (found,) = world.unload({FLASK: 1500}, late=True).contradictions
    assert found.why == "Термос 1 л: было 1, ушло 1,5."
    assert "«Выложить из рюкзака»" in found.what
    assert contradiction_text(found.kind, "en", **found.data)[1] == "Термос 1 л: 1 there, 1.5 gone."


@given(QUANTITIES, QUANTITIES, st.sampled_from([PRICES, {FLASK: 5}, {}]))
def test_a_count_at_the_end_makes_shortage_and_surplus(carried: dict, counted: dict, prices: dict):
    world = World()
    if carried := plus(carried):
        world.load(carried)
    change = world.count(counted, prices=prices)
    counted = plus(counted)
    less = {key: milli - counted.get(key, 0) for key, milli in carried.items() if milli > counted.get(key, 0)}
    more = {key: milli - carried.get(key, 0) for key, milli in counted.items() if milli > carried.get(key, 0)}
    assert (world.of(BACKPACK), world.of(SHORT)) == (counted, less)
    assert world.of(ledger.surplus(REF)) == {key: -milli for key, milli in more.items()}
    assert world.found == ["count_difference"] * bool(less or more)
    (event,) = change.events
    assert event.data["shortage_kop"] == sum(worth_kop(prices[key], m) for key, m in less.items() if key in prices)
    assert event.data["surplus_kop"] == sum(worth_kop(prices[key], m) for key, m in more.items() if key in prices)
    for found in change.contradictions:
        unpriced = {NAMES[key] for key in {**less, **more} if key not in prices}
        assert set(found.data.get("unpriced", ())) == unpriced
        assert ("Цена неизвестна" in found.why) == bool(unpriced)


def test_a_shortage_is_valued_at_the_price_of_the_day():
    world = World()
    world.load({FLASK: 3000, CHEESE: 1000})
    (found,) = world.count({FLASK: 2000, CHEESE: 1333}, prices={FLASK: 99000, CHEESE: 150}).contradictions
    assert "недостача 990\u00a0₽, излишек 0,50\u00a0₽" in found.what
    assert found.why == "Термос 1 л: по учёту 3, посчитано 2; Сыр: по учёту 1, посчитано 1,333. Оценено по ценам дня."


def test_a_shortage_without_a_price_has_no_worth_and_that_is_said():
    world = World()
    world.load({FLASK: 3000})
    change = world.count({}, prices={})
    (line,) = change.events[0].data["lines"]
    assert (line["price_kop"], line["value_kop"]) == (None, None)
    assert change.contradictions[0].why.endswith("Цена неизвестна: Термос 1 л.")


def test_a_backpack_below_zero_is_nothing_after_the_count():
    world = World()
    world.load({FLASK: 1000})
    world.unload({FLASK: 3000}, late=True)
    (found,) = world.count({}).contradictions
    assert world.of(BACKPACK) == {}
    assert "по учёту −2, посчитано 0" in found.why


@given(SOMETHING, st.data())
def test_a_shortage_is_found_again_or_written_off_and_never_more_of_it(quantities: dict, data: st.DataObject):
    world = World()
    world.load(quantities)
    world.count({})
    found = {key: data.draw(st.integers(1, milli)) for key, milli in quantities.items()}
    world.find(found)
    assert (world.of(BACKPACK), world.of(SHORT)) == (found, minus(quantities, found))
    if left := minus(quantities, found):
        world.write_off(left)
        assert world.of(ledger.WRITTEN_OFF) == left
    for decide in (world.find, world.write_off):
        with pytest.raises(errors.MoreThanShort):
            decide({FLASK: 1, CHEESE: 1})
    assert (world.of(SHORT), total(world)) == ({}, {})


def test_a_decision_on_a_shortage_needs_a_reason_and_something():
    world = World()
    world.load({FLASK: 1000})
    world.count({})
    for decide in (world.find, world.write_off):
        with pytest.raises(errors.DecisionMissing):
            decide({FLASK: 1000}, reason=" ")
        with pytest.raises(errors.NothingNamed):
            decide({FLASK: 0})


@given(SOMETHING, st.booleans())
def test_an_undone_load_goes_back_when_nothing_was_sold(quantities: dict, accepted: bool):
    world = World()
    world.load(quantities)
    if accepted:
        world.accept(quantities)
    world.undo()
    assert (world.of(BACKPACK), world.found, world.backpack.pending) == ({}, [], ())
    again = world.undo()
    assert (again.already, again.events, world.of(BACKPACK)) == (True, (), {})


@given(SOMETHING, st.data())
def test_a_load_undone_after_a_sale_is_exactly_one_contradiction(quantities: dict, data: st.DataObject):
    world = World()
    world.load(quantities)
    world.accept(quantities)
    sold = {key: data.draw(st.integers(1, milli)) for key, milli in quantities.items()}
    world.sell(*(an_item(milli, key) for key, milli in sold.items()))
    (found,) = world.undo().contradictions
    assert (found.kind, world.of(BACKPACK)) == ("transfer_undone_after_sale", {})
    assert {one["goods"] for one in found.data["undone"]} == {NAMES[key] for key in sold}
    world.undo()
    assert world.found == ["transfer_undone_after_sale"]
    assert world.of(f"warehouse:{MAIN}") == {key: -milli for key, milli in sold.items()}
    world.load(quantities)
    assert (world.of(BACKPACK), total(world)) == (minus(quantities, sold), {})
    assert world.found == ["transfer_undone_after_sale"]


@given(SOMETHING, QUANTITIES)
def test_what_was_missing_at_the_count_is_not_disputed_once_the_load_is_undone(quantities: dict, counted: dict):
    counted = {key: min(milli, quantities.get(key, 0)) for key, milli in counted.items()}
    world = World()
    world.load(quantities)
    world.accept(counted)
    other = {FLASK: 5000}
    world.load(other, 2)
    world.undo()
    assert (world.of(BACKPACK), world.disputed) == (other, {})
    assert "transfer_undone_after_sale" not in world.found


@given(SOMETHING, SOMETHING, st.booleans())
def test_an_edited_transfer_loads_or_takes_back_the_difference(first: dict, second: dict, accepted: bool):
    world = World()
    world.load(first)
    if accepted:
        world.accept(first)
    world.load(second)
    assert (world.of(BACKPACK), world.found) == (second, [])
    waiting = [{(g.product, g.characteristic): g.quantity_milli for g in one.waiting} for one in world.backpack.pending]
    more = {key: milli for key, milli in minus(second, first).items() if milli > 0}
    assert plus(*waiting) == (more if accepted else second)
    assert world.load(second).already
    world.accept(plus(*waiting))
    assert (world.of(BACKPACK), world.found) == (second, [])


def test_a_sold_piece_that_an_edited_transfer_has_no_longer_is_told_once():
    world = World()
    world.load({FLASK: 2000})
    world.sell(an_item(2000))
    world.load({FLASK: 1000})
    world.load({FLASK: 1000})
    assert world.found == ["transfer_undone_after_sale"]
    world.load({FLASK: 2000})
    assert (world.of(BACKPACK), world.found) == ({}, ["transfer_undone_after_sale"])


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 3), SOMETHING), max_size=15))
def test_nothing_is_lost_whatever_happens_to_a_backpack(steps: list):
    world = World()
    for what, number, quantities in steps:
        if what == 0:
            world.load(quantities, number)
        elif what == 1 and UUID(int=number) in world.loads:
            world.undo(number)
        elif what == 2:
            world.accept(quantities)
        elif what == 3:
            world.count(quantities)
        elif what == 4:
            world.unload(quantities, late=True)
        else:
            world.sell(*(an_item(m, key) for key, m in quantities.items()), number=len(world.events) + 9, late=True)
    assert total(world) == {}
    assert [event.version for event in world.events if event.subject_kind == "backpack"] == list(
        range(1, world.backpack.version + 1)
    )
    assert bool(nothing_of(world)) <= ("backpack_negative" in world.found)


def test_1c_is_told_of_acceptance_unloading_counts_and_what_is_found_but_not_of_its_own_commands():
    world = World()
    loaded = world.load({FLASK: 3000}, warehouse_ref=MAIN).events[0]
    accepted = world.accept({FLASK: 2000}).events[0]
    out = world.unload({FLASK: 1000}).events[0]
    commanded = world.unload({FLASK: 500}, cause_base=BASE).events[0]
    counted = world.count({}).events[0]
    back = world.find({FLASK: 500}).events[0]
    to_1c = [event for event in world.events if routes_for(event)]
    assert to_1c == [accepted, out, counted, back]
    assert (routes_for(loaded), routes_for(commanded)) == ((), ())
    line = {"line": "1", "product": "flask"}
    assert [base_data(event.type, event.data) for event in to_1c] == [
        {
            "courier": REF,
            "warehouse": MAIN,
            "documents": ["transfer-1"],
            "lines": [{**line, "expected": "3", "counted": "2"}],
        },
        {
            "courier": REF,
            "warehouse": MAIN,
            "lines": [{**line, "quantity": "1", "expected": "1", "counted": "1"}],
        },
        {"courier": REF, "warehouse": "courier-warehouse", "lines": [{**line, "expected": "0.5", "counted": "0"}]},
        {
            "courier": REF,
            "warehouse": "courier-warehouse",
            "lines": [{**line, "quantity": "0.5"}],
            "reason": "нашёлся в машине",
        },
    ]


@pytest.mark.parametrize("milli", [-1, 1.5, True, "1", 10**13])
def test_goods_that_cannot_be_counted_so_are_refused(milli: object):
    world = World()
    with pytest.raises(errors.QuantityNotANumber):
        world.load({FLASK: milli})
    world.load({FLASK: 1000})
    for act in (world.accept, world.count, world.unload):
        with pytest.raises(errors.QuantityNotANumber):
            act({FLASK: milli})


def test_nothing_cannot_be_loaded_or_unloaded():
    for act in (World().load, World().unload):
        with pytest.raises(errors.NothingNamed):
            act({FLASK: 0})


@pytest.mark.parametrize("action", ["load", "unload", "write_off", "find"])
def test_a_courier_does_not_do_what_the_office_does(action: str):
    world = World()
    world.load({FLASK: 1000})
    world.count({})
    fields = {"lines": goods({FLASK: 1000}), "reason": "r", "prices": PRICES, "short": world.short}
    wanted = {
        "load": {"load": Load(uuid4(), tuple(goods({FLASK: 1})), MAIN, world.now), "known": None, "carried": ()},
        "unload": {"lines": fields["lines"], "warehouse_ref": MAIN, "carried": ()},
        "write_off": fields,
        "find": {name: value for name, value in fields.items() if name != "prices"},
    }[action]
    with pytest.raises(errors.NotAllowed) as refused:
        world.act(getattr(backpacks, action), COURIER, **wanted)
    assert action not in text(refused.value.code, **refused.value.data)


def test_a_logistician_counts_for_a_courier():
    world = World()
    world.load({FLASK: 1000})
    change = world.accept({FLASK: 1000}, actor=LOGISTICIAN)
    assert change.events[0].actor == LOGISTICIAN


def test_a_backpack_is_the_same_after_being_stored_as_json():
    world = World()
    world.load({FLASK: 3000, CHEESE: 500})
    world.accept({FLASK: 1000})
    world.load({FLASK: 4000, CHEESE: 500})
    world.load({FLASK: 10}, 2)
    stored = (world.backpack, Backpack), *((load, Load) for load in world.loads.values())
    for value, kind in stored:
        assert msgspec.json.decode(msgspec.json.encode(value), type=kind) == value
    assert Goods("flask", None, 1000, "Термос 1 л") in world.loads[UUID(int=1)].waiting
