"""The first load by OData: facts about 1C, §3 and §10.2; docs/subsystems/first_load.md."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from tests.flow import odata_rows as rows
from tests.flow.exchange_client import (
    BASE,
    BASE_TOKEN,
    COURIER,
    DIVISION,
    OTHER_BASE,
    PRODUCT,
    Service,
    product,
    running,
    settings,
)
from tests.flow.fake_odata import PASSWORD, USER, XML_ERROR, FakeOData, odata

from posrednik import bootstrap, bootstrap_worker
from posrednik.config import BaseSection, OData, Settings
from posrednik.kit.http import Sessions
from posrednik.store.db import Database
from posrednik.usecases import manage_loads
from posrednik.usecases.first_load import FirstLoad

Json = dict[str, Any]
FIELDS = {"courier.division": "ИШ_Подразделение_Key"}


class Loading:
    """The service, a 1C, and readers that a test starts by hand."""

    def __init__(self, service: Service, onec: FakeOData, db: Database, made: Settings, sessions: Any) -> None:
        self.service, self.onec, self.db, self.settings, self.sessions = service, onec, db, made, sessions

    def reader(self) -> FirstLoad:
        return bootstrap_worker.first_load(self.settings, self.db, self.sessions, BASE, nothing)

    async def start(self) -> int:
        return await self.db.transact(lambda tx: manage_loads.start(tx, BASE, "Мария"))

    async def load(self) -> str:
        return await self.reader().run(await self.start())

    async def told(self) -> Json:
        (one,) = (await manage_loads.told(self.db))["loads"]
        return one

    async def mirror(self, kind: str) -> dict[str, str]:
        found = await self.service.rows("SELECT ref, version FROM mirror WHERE kind = %s AND NOT deleted", kind)
        return {row["ref"]: row["version"] for row in found}


async def nothing(_: float) -> None:
    """Nobody waits in tests."""


def configured(url: str, **changes: Any) -> Settings:
    plain = {"url": url, "user": USER, "password": PASSWORD, "page": 10, "parallel": 2, "fields": FIELDS}
    base = BaseSection(id=BASE, name="УТ", token=BASE_TOKEN, odata=OData(**{**plain, **changes}))
    return settings(bases=(base,))


@asynccontextmanager
async def loading(dsn: str, **changes: Any) -> AsyncIterator[Loading]:
    async with odata() as onec:
        onec.sets = rows.base()
        made = configured(onec.url, **changes)
        async with running(dsn, made) as service:
            db, sessions = bootstrap.database(made, dsn), Sessions()
            await db.open()
            try:
                yield Loading(service, onec, db, made, sessions)
            finally:
                await sessions.close()
                await db.close()


@pytest.fixture
async def one(database: str) -> AsyncIterator[Loading]:
    async with loading(database) as made:
        yield made


def versions(onec: FakeOData, name: str) -> dict[str, str]:
    return {row["Ref_Key"]: row["DataVersion"] for row in onec.sets[name] if not row["DeletionMark"]}


async def test_everything_is_here_and_agrees_after_a_load(one: Loading):
    one.onec.sets = rows.base(products=45, orders=64)
    assert await one.load() == "done"
    assert await one.mirror("product") == versions(one.onec, "Catalog_Номенклатура")
    assert await one.mirror("order") == versions(one.onec, "Document_ЗаказКлиента")
    told = await one.told()
    assert (told["state"], told["done"], told["total"]) == ("done", 112, 112)
    assert [s for s in told["sets"] if s["theirs"] != s["ours"] or s["differing"]] == []
    checks = await one.service.rows("SELECT kind, slice, equal, theirs_count FROM slice_check ORDER BY kind, slice")
    assert {(c["kind"], c["slice"], c["equal"]) for c in checks} >= {("order", "2026-09", True), ("product", "", True)}


async def test_a_name_that_was_read_already_is_not_asked_for_again(one: Loading):
    known, unreadable = rows.ref("9", 1), rows.ref("9", 2)
    one.onec.sets["Catalog_Контрагенты"] = [
        rows.catalog(known, "Мария  Соколова", ИНН="7701", ЮрФизЛицо="ФизЛицо"),
        rows.catalog(unreadable, "Олег Б.", ИНН=["7702"], ЮрФизЛицо="ФизЛицо"),
    ]
    buyers = [known, unreadable, known]
    one.onec.sets["Document_ЗаказКлиента"] = [rows.order(n, Контрагент_Key=ref) for n, ref in enumerate(buyers)]
    assert await one.load() == "done"
    found = await one.service.rows("SELECT data #>> '{recipient,name}' AS name FROM mirror WHERE kind = 'order'")
    assert sorted(row["name"] for row in found) == ["Мария  Соколова", "Мария  Соколова", "Олег Б."]
    asked = [o["$filter"] for name, o in one.onec.asked if name == "Catalog_Контрагенты" and "Ref_Key eq" in str(o)]
    assert asked
    assert all(known not in one for one in asked)


async def test_pages_that_shift_while_people_work_lose_nothing(one: Loading):
    one.onec.sets = rows.base(products=60)
    products, asked = one.onec.sets["Catalog_Номенклатура"], iter(range(1000, 2000))

    def work(name: str, options: Json) -> None:
        number = next(asked)
        if name != "Catalog_Номенклатура" or number > 1030:
            return
        if number % 2:
            products.insert(0, {**rows.product(number), "Description": f"А первый {number}"})
        else:
            products.pop(number % 5)

    one.onec.before = work
    assert await one.load() == "done"
    there = await one.mirror("product")
    assert there.items() >= versions(one.onec, "Catalog_Номенклатура").items()
    told = {s["kind"]: s for s in (await one.told())["sets"]}
    assert {each["why"] for each in told["product"]["differing"]} <= {"gone"}, "removed from 1C while it was read"


async def test_what_1c_has_no_more_is_told_by_name(one: Loading):
    await one.load()
    gone = one.onec.sets["Catalog_Номенклатура"].pop()
    await one.load()
    (product,) = [s for s in (await one.told())["sets"] if s["kind"] == "product"]
    assert [(each["ref"], each["why"]) for each in product["differing"]] == [(gone["Ref_Key"], "gone")]
    assert (product["theirs"], product["ours"]) == (2, 3)


async def test_a_delta_that_came_meanwhile_wins(one: Loading):
    newer = {**product(), "version": rows.version(9), "data": {"code": "1", "name": "Новое имя", "unit": "шт"}}
    sent = False

    async def meanwhile(name: str, options: Json) -> None:
        nonlocal sent
        if name == "Catalog_Номенклатура" and not sent:
            sent = True
            await one.service.onec.send([newer])

    one.onec.before = meanwhile
    assert await one.load() == "done"
    (row,) = await one.service.rows("SELECT data ->> 'name' AS name, number FROM mirror WHERE ref = %s", PRODUCT)
    assert (row["name"], row["number"]) == ("Новое имя", 1)


async def test_what_a_message_says_of_barcodes_behind_the_version_is_no_other_version(one: Loading):
    there = one.onec.sets["Catalog_Номенклатура"]
    sent = [{**product(), "ref": row["Ref_Key"], "version": f"{row['DataVersion']}~0123456789ab"} for row in there]
    await one.service.onec.send(sent)
    assert await one.load() == "done"
    (told,) = [s for s in (await one.told())["sets"] if s["kind"] == "product"]
    assert (told["theirs"], told["differing"]) == (told["ours"], [])
    there[0]["DataVersion"] = rows.version(8)
    await one.load()
    (told,) = [s for s in (await one.told())["sets"] if s["kind"] == "product"]
    assert [(each["ref"], each["why"]) for each in told["differing"]] == [(there[0]["Ref_Key"], "version")]


async def test_a_later_load_renews_what_an_earlier_one_brought(one: Loading):
    await one.load()
    one.onec.sets["Catalog_Номенклатура"][0] |= {"Description": "Другое имя", "DataVersion": rows.version(2)}
    await one.load()
    (row,) = await one.service.rows("SELECT data ->> 'name' AS name, version FROM mirror WHERE ref = %s", PRODUCT)
    assert (row["name"], row["version"]) == ("Другое имя", rows.version(2))


async def test_rows_that_cannot_be_read_go_to_quarantine_once_and_the_rest_is_loaded(one: Loading):
    one.onec.sets["Document_ЗаказКлиента"][1]["Товары"][0]["Количество"] = "много"
    for _ in range(2):
        assert await one.load() == "done"
    found = await one.service.rows("SELECT kind, ref, code, message FROM quarantine WHERE cleared_at IS NULL")
    assert [(row["kind"], row["ref"], row["code"]) for row in found] == [
        ("order", rows.ref("8", 1), "unreadable_value")
    ]
    assert "quantity" in found[0]["message"]
    (told,) = [s for s in (await one.told())["sets"] if s["kind"] == "order"]
    assert [each["why"] for each in told["differing"]] == ["quarantined"]
    assert len(await one.mirror("order")) == 2


async def test_a_row_that_was_set_right_leaves_the_quarantine_with_the_next_load(one: Loading):
    line = one.onec.sets["Document_ЗаказКлиента"][1]["Товары"][0]
    line["Количество"] = "много"
    await one.load()
    line["Количество"] = 5
    await one.load()
    assert await one.service.rows("SELECT 1 FROM quarantine WHERE cleared_at IS NULL") == []
    assert len(await one.mirror("order")) == 3


async def test_a_load_that_fails_says_why_and_goes_on_where_it_was(one: Loading):
    one.onec.sets = rows.base(products=40)

    def breaks(name: str, options: Json) -> None:
        if name == "Catalog_Номенклатура" and options.get("$skip") == "19":
            one.onec.faults = [(500, XML_ERROR)]

    one.onec.before = breaks
    load_id = await one.start()
    assert await one.reader().run(load_id) == "failed"
    told = await one.told()
    assert (told["state"], told["kind"]) == ("failed", "product")
    assert any("Нет прав на чтение" in why for why in told["errors"])
    one.onec.before, one.onec.asked = (lambda name, options: None), []
    assert await one.db.transact(lambda tx: manage_loads.resume(tx, BASE)) == load_id
    assert await one.reader().run(load_id) == "done"
    first = next(options["$skip"] for name, options in one.onec.asked if name == "Catalog_Номенклатура")
    assert int(first) > 0, "what was read is not read again"
    assert await one.mirror("product") == versions(one.onec, "Catalog_Номенклатура")


async def test_a_load_that_is_stopped_writes_nothing_more(one: Loading):
    one.onec.sets = rows.base(products=80)

    async def stops(name: str, options: Json) -> None:
        if name == "Catalog_Номенклатура" and options.get("$skip") == "29":
            await one.db.transact(lambda tx: manage_loads.stop(tx, BASE))

    one.onec.before = stops
    load_id = await one.start()
    assert await one.reader().run(load_id) == "lost"
    before = await one.mirror("product")
    assert 0 < len(before) < 80
    assert await one.reader().run(load_id) == "lost", "nobody reads what is stopped"
    one.onec.before = lambda name, options: None
    await one.db.transact(lambda tx: manage_loads.resume(tx, BASE))
    assert await one.reader().run(load_id) == "done"
    assert len(await one.mirror("product")) == 80


async def test_of_two_readers_the_one_that_took_over_writes(one: Loading):
    one.onec.sets = rows.base(products=40)
    load_id, second = await one.start(), []

    async def takes_over(name: str, options: Json) -> None:
        if name == "Catalog_Номенклатура" and options.get("$skip") == "9" and not second:
            second.append(1)
            second.append(await one.reader().run(load_id, force=True))

    one.onec.before = takes_over
    assert await one.reader().run(load_id) == "lost"
    assert second == [1, "done"]
    assert await one.mirror("product") == versions(one.onec, "Catalog_Номенклатура")


async def test_fields_and_sets_that_a_base_does_not_have_are_told_in_words(database: str):
    async with loading(database, fields={"order.recipient.phone": "ИШ_Телефон"}) as one:
        assert await one.load() == "done"
        told = (await one.told())["errors"]
    assert any("ИШ_Телефон" in why and "order.recipient.phone" in why for why in told)
    assert any("courier.division" in why and "не загружается" in why for why in told)
    assert any("Catalog_Контрагенты" in why and "не опубликовано" in why for why in told)


async def test_a_base_that_refuses_a_filter_by_date_is_read_whole(one: Loading):
    one.onec.dates_allowed = False
    one.onec.sets = rows.base(orders=35)
    assert await one.load() == "done"
    assert await one.mirror("order") == versions(one.onec, "Document_ЗаказКлиента")


async def test_no_more_requests_run_at_once_than_the_licences_allow(one: Loading):
    one.onec.sets = rows.base(products=90)
    await one.load()
    assert one.onec.most_at_once <= 2


async def test_an_order_that_a_command_waited_for_gets_its_delivery(one: Loading):
    await one.service.onec.send([])
    answer = await one.service.onec.press("delivery.ready", rows.ref("8", 0))
    assert answer["status"] == "waiting"
    assert await one.load() == "done"
    deliveries = await one.service.rows("SELECT order_ref FROM delivery")
    assert [str(row["order_ref"]) for row in deliveries] == [rows.ref("8", 0)]


async def test_the_doors_start_stop_and_tell(one: Loading):
    path = f"/api/v1/admin/loads/{BASE}"
    assert (await one.service.person("POST", path, {"action": "stop"})).json()["code"] == "load_none"
    begun = (await one.service.person("POST", path, {"action": "start"})).json()
    assert (begun["state"], begun["asked_by"], begun["reads"]) == ("running", "Логист", False)
    again = await one.service.person("POST", path, {"action": "start"})
    assert (again.status_code, again.json()["code"]) == (422, "load_running")
    assert (await one.service.person("POST", path, {"action": "stop"})).json()["state"] == "stopped"
    assert (await one.service.person("POST", path, {"action": "resume"})).json()["state"] == "running"
    assert await one.reader().run(begun["id"]) == "done"
    told = (await one.service.person("GET", "/api/v1/admin/loads")).json()
    assert told["configured"] == [str(BASE)]
    assert [(load["state"], load["kind"], load["done"]) for load in told["loads"]] == [("done", None, 9)]
    other = await one.service.person("POST", f"/api/v1/admin/loads/{OTHER_BASE}", {"action": "start"})
    assert other.json()["code"] == "load_not_configured"
    assert (await one.service.client.get("/api/v1/admin/loads")).status_code == 401


async def test_a_worker_reads_what_a_person_started(one: Loading):
    load_id = await one.start()
    loader = bootstrap_worker.loader(one.settings, one.db, one.sessions)
    running = asyncio.create_task(loader.run())
    try:
        async with asyncio.timeout(60):
            while (await one.told())["state"] != "done":
                await asyncio.sleep(0.05)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert (await one.told())["id"] == load_id


def registers(prices: int) -> dict[str, list[Json]]:
    kind = rows.ref("3", 1)
    goods = [rows.product(number) for number in range(2, prices + 2)]
    return {
        "Catalog_Номенклатура": goods,
        "Catalog_УпаковкиЕдиницыИзмерения": [rows.catalog(rows.UNIT, "шт")],
        "Catalog_ВидыЦен": [rows.catalog(kind, "Розничная")],
        "InformationRegister_ЦеныНоменклатуры": [
            {"Номенклатура_Key": one["Ref_Key"], "Характеристика_Key": rows.ZERO, "ВидЦены_Key": kind,
             "Цена": 100.5 + n, "Валюта_Key": rows.ZERO}
            for n, one in enumerate(goods)
        ],
    }  # fmt: skip


async def test_prices_are_read_without_versions_and_compared_by_content(database: str):
    async with loading(database, registers=True, sets={"stock": ""}) as one:
        one.onec.sets = registers(25)
        assert await one.load() == "done"
        one.onec.sets["InformationRegister_ЦеныНоменклатуры"][3]["Цена"] = 777
        assert await one.load() == "done"
        told = {s["kind"]: s for s in (await one.told())["sets"]}
        prices = await one.service.rows("SELECT data ->> 'price' AS price FROM mirror WHERE kind = 'price'")
    assert (told["price"]["theirs"], told["price"]["ours"], told["price"]["differing"]) == (25, 25, [])
    assert {"777.00", "100.50"} <= {row["price"] for row in prices}


async def test_a_page_read_before_a_new_epoch_does_not_win_over_it(one: Loading):
    await one.service.onec.send([product()])
    newer = {**product(), "version": rows.version(7), "data": {"code": "1", "name": "После", "unit": "шт"}}
    sent = False

    async def restored(name: str, options: Json) -> None:
        nonlocal sent
        if name == "Catalog_Номенклатура" and not sent and "Description" in options.get("$select", ""):
            sent = True
            await one.service.onec.begin_epoch("restore")
            await one.service.onec.send([newer])

    one.onec.before = restored
    assert await one.load() == "done"
    (row,) = await one.service.rows("SELECT data ->> 'name' AS name, epoch_no FROM mirror WHERE ref = %s", PRODUCT)
    assert (row["name"], row["epoch_no"]) == ("После", 2)


async def test_an_old_transfer_of_a_backpack_is_history_and_a_fresh_one_is_not(one: Loading):
    bag, now = rows.ref("b", 1), datetime.now(UTC)
    one.onec.sets["Catalog_Склады"].append(
        rows.catalog(bag, "Рюкзак", Подразделение_Key=DIVISION, ИШ_Курьер_Key=COURIER)
    )
    one.onec.sets["Catalog_Склады"][0]["ИШ_Курьер_Key"] = rows.ZERO
    one.onec.sets["Document_ПеремещениеТоваров"] = [
        rows.transfer(number, bag, (now - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S"))
        for number, days in enumerate((400, 1))
    ]
    made = msgspec.structs.replace(one.settings.bases[0].odata, fields={**FIELDS, "warehouse.courier": "ИШ_Курьер_Key"})
    base = msgspec.structs.replace(one.settings.bases[0], odata=made)
    one.settings = msgspec.structs.replace(one.settings, bases=(base,))
    assert await one.load() == "done"
    assert len(await one.mirror("transfer")) == 2
    loaded = await one.service.rows("SELECT document FROM backpack_load")
    assert [row["document"] for row in loaded] == [rows.ref("7", 1)]


async def test_a_quarantined_row_can_be_replayed_and_stays_until_it_is_readable(one: Loading):
    one.onec.sets["Document_ЗаказКлиента"][1]["Товары"][0]["Количество"] = "много"
    await one.load()
    path = "/api/v1/admin/quarantine/replay"
    tried = (await one.service.person("POST", path, {"base": str(BASE), "dry_run": False})).json()
    assert [(each["kind"], each["became"]) for each in tried["objects"]] == [("order", "bad")]
    repaired = "convert_to(replace(convert_from(body, 'UTF8'), '\"много\"', '\"3\"'), 'UTF8')"
    await one.service.rows(f"UPDATE quarantine SET body = {repaired} RETURNING id")
    tried = (await one.service.person("POST", path, {"base": str(BASE), "dry_run": False})).json()
    assert [(each["kind"], each["became"]) for each in tried["objects"]] == [("order", "applied")]
    assert len(await one.mirror("order")) == 3
