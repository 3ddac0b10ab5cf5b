"""Backpacks against 1C's stock: told when all is quiet, once for the same figures, never by half of the news."""

from datetime import UTC, datetime, timedelta

from tests.flow import test_trade
from tests.flow.courier_phone import Phone
from tests.flow.exchange_client import COURIER, PRODUCT, Service, obj, settings
from tests.flow.test_trade import BAG, kinds, loaded, sale

from posrednik.bootstrap import rules_of
from posrednik.config import Division
from posrednik.store import events
from posrednik.store.db import Database
from posrednik.usecases.compare_backpacks import compare_backpacks

service = test_trade.service
QUARTER = 16
Told = list[tuple[str, str, int]]


async def compared(service: Service, *, minutes: int = QUARTER, mode: str = "live") -> int:
    """The housekeeper's round, that many minutes from now."""
    rules = rules_of(settings(divisions=(Division(ref=test_trade.DIVISION, mode=mode),)))
    db = Database(service.dsn, size=1)
    db.before_commit = events.flush
    await db.open()
    try:
        return await compare_backpacks(db, rules, datetime.now(UTC) + timedelta(minutes=minutes))
    finally:
        await db.close()


async def stock(service: Service, quantity: int, version: str = "1") -> None:
    data = {"warehouse": BAG, "product": PRODUCT, "quantity": quantity}
    await service.onec.send([{**obj("stock", "s1", data), "version": version}])


async def counted_in(service: Service, quantity: int = 5) -> Phone:
    """Loaded, counted, and 1C has taken what it was told."""
    phone = await loaded(service, quantity)
    (load,) = (await phone.day())["backpack_loads"]
    lines = [{"product": PRODUCT, "quantity": quantity}]
    assert (await phone.do("backpack.accept", payload={"loads": [load["id"]], "lines": lines}))["status"] == "accepted"
    await taken(service)
    return phone


async def taken(service: Service) -> None:
    await service.onec.ack([one["id"] for one in await service.onec.events()])


async def told(service: Service) -> Told:
    rows = await service.rows("SELECT doc FROM incident WHERE kind = 'does_not_agree' ORDER BY raised_at")
    return [(row["doc"]["state"], row["doc"]["courier_ref"], row["doc"]["times"]) for row in rows]


async def test_a_difference_is_one_incident_with_both_figures(service: Service):
    await counted_in(service)
    await stock(service, 4)
    assert await compared(service) == 1
    (row,) = await service.rows("SELECT doc FROM incident")
    assert row["doc"]["subject_kind"] == "backpack"
    assert "Термос: в рюкзаке 5, в 1С 4" in row["doc"]["why"]
    assert await compared(service, minutes=90) == 0
    await stock(service, 3, "2")
    assert await compared(service, minutes=150) == 1
    assert await told(service) == [("open", COURIER, 2)]


async def test_what_agrees_or_was_never_told_is_silent(service: Service):
    await counted_in(service)
    assert await compared(service) == 0
    await stock(service, 5)
    assert await compared(service) == 0
    assert await kinds(service) == []


async def test_nothing_is_compared_until_a_quarter_of_an_hour_has_passed(service: Service):
    await counted_in(service)
    await stock(service, 4)
    assert await compared(service, minutes=10) == 0
    assert await compared(service) == 1


async def test_what_1c_has_not_taken_yet_is_no_difference(service: Service):
    phone = await counted_in(service)
    await stock(service, 5)
    await phone.do("sale.make", **sale(1))
    assert await compared(service) == 0
    await taken(service)
    assert await compared(service, minutes=10) == 0
    assert await compared(service) == 1


async def test_what_1c_had_before_and_nobody_has_counted_yet_is_no_difference(service: Service):
    """1C told of his warehouse after his first act: what is more there is taken in with his next one."""
    phone = await counted_in(service)
    await stock(service, 7)
    assert await compared(service) == 0
    await phone.do("sale.make", **sale(1))
    await taken(service)
    await stock(service, 6, "2")
    assert await compared(service) == 0
    assert await kinds(service) == []


async def test_a_load_that_waits_to_be_counted_is_no_difference(service: Service):
    await loaded(service)
    await stock(service, 0)
    assert await compared(service) == 0


async def test_what_a_count_found_missing_is_not_told_twice(service: Service):
    phone = await loaded(service)
    (load,) = (await phone.day())["backpack_loads"]
    lines = [{"product": PRODUCT, "quantity": "4"}]
    await phone.do("backpack.accept", payload={"loads": [load["id"]], "lines": lines})
    await taken(service)
    await stock(service, 5)
    assert await compared(service) == 0
    assert await kinds(service) == ["count_difference"]


async def test_stock_from_before_the_first_count_is_no_difference(service: Service):
    await stock(service, 3)
    assert await compared(service) == 0


async def test_a_division_whose_events_do_not_go_to_1c_is_left_out(service: Service):
    await counted_in(service)
    await stock(service, 4)
    assert await compared(service, mode="shadow") == 0


async def test_a_decided_difference_is_told_again_after_a_day(service: Service):
    await counted_in(service)
    await stock(service, 4)
    await compared(service)
    (row,) = await service.rows("SELECT id::text AS id FROM incident")
    decision = {"decision": "explained", "reason": "документ проведут завтра"}
    await service.person("POST", f"/api/v1/board/incidents/{row['id']}/decide", decision)
    assert await compared(service, minutes=120) == 0
    assert await compared(service, minutes=26 * 60) == 1
    assert [state for state, _, _ in await told(service)] == ["decided", "open"]
