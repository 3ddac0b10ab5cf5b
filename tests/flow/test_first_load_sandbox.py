"""The first load against the emulated 1C, both profiles, with the quirks of its OData switched on."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from tests.flow.exchange_client import BASE, BASE_TOKEN, Service, obj, running, settings
from tests.sandbox.odata_running import PASSWORD, USER, Reader, a_reader

from posrednik import bootstrap, bootstrap_worker
from posrednik.config import BaseSection, OData, Settings
from posrednik.kit.http import Sessions
from posrednik.usecases import manage_loads

OWN = {
    "courier.division": "ИШ_Подразделение_Key", "courier.active": "ИШ_Работает", "warehouse.courier": "ИШ_Курьер_Key",
    "order.recipient.name": "ИШ_Получатель", "order.recipient.phone": "ИШ_ТелефонПолучателя",
    "order.delivery_price": "ИШ_СтоимостьДоставки", "order.address.flat": "ИШ_Квартира",
}  # fmt: skip
OWN_103 = {**OWN, "order.site_number": "ИШ_НомерСайта", "order.prepaid": "ИШ_Предоплата",
           "order.courier": "ИШ_Курьер_Key", "order.payment_method": "ИШ_ФормаОплаты"}  # fmt: skip
PAID = {"Наличная": "cash", "ПлатежнаяКарта": "card", "Безналичная": "transfer", "Предоплата": "prepaid"}
QUIRKS: dict[str, Any] = {"unstable_order": True, "timeout_next": 2, "cut_next": 2, "busy_next": 1, "drop_next": 1}


async def nothing(_: float) -> None:
    """Nobody waits in tests."""


def configured(onec: Reader, profile: str, fields: dict[str, str]) -> Settings:
    odata = OData(url=onec.root, user=USER, password=PASSWORD, profile=profile, page=7, fields=fields,
                  values={"order.payment_method": PAID})  # fmt: skip
    return settings(bases=(BaseSection(id=BASE, name="УТ", token=BASE_TOKEN, odata=odata),))


async def load(service: Service, dsn: str, made: Settings) -> dict[str, Any]:
    db, sessions = bootstrap.database(made, dsn), Sessions()
    await db.open()
    try:
        load_id = await db.transact(lambda tx: manage_loads.start(tx, BASE, "Мария"))
        await bootstrap_worker.first_load(made, db, sessions, BASE, nothing).run(load_id)
        (told,) = (await manage_loads.told(db))["loads"]
        return dict(told)
    finally:
        await sessions.close()
        await db.close()


@pytest.mark.parametrize(("profile", "fields"), [("ut11", OWN), ("ut103", OWN_103)])
async def test_everything_that_the_base_has_is_here_and_agrees(
    database: str, tmp_path: Path, profile: str, fields: dict[str, str]
):
    async with a_reader(tmp_path, orders=40, profile=profile) as onec:
        onec.onec.odata.quirks.change(QUIRKS)
        made = configured(onec, profile, fields)
        async with running(database, made) as service:
            told = await load(service, database, made)
            here = await service.rows("SELECT ref, version, data FROM mirror WHERE kind = 'order'")
        there = onec.onec.store.names("order")
    assert told["state"] == "done", told["errors"]
    assert [s for s in told["sets"] if s["bad"] or s["differing"] or s["theirs"] != s["ours"]] == []
    assert {"division", "warehouse", "product", "counterparty", "courier"} <= {s["kind"] for s in told["sets"]}
    assert {row["ref"]: meaning(row["data"]) for row in here} == {ref: meaning(data) for ref, data in there.items()}
    assert len(here) == 40


def meaning(data: dict[str, Any]) -> Any:
    """What the board and the courier need of an order, whoever wrote it."""
    lines = [(line["product"], Decimal(str(line["quantity"])), Decimal(str(line["sum"]))) for line in data["lines"]]
    return (data["number"], data.get("site_number"), data["division"], data["warehouse"], data["recipient"]["phone"],
            data["address"]["text"], Decimal(str(data["delivery_price"])), data["payment_method"], lines)  # fmt: skip


async def test_a_writer_that_shifts_the_pages_takes_nothing_away(database: str, tmp_path: Path):
    async with a_reader(tmp_path, orders=60) as onec:
        onec.onec.odata.quirks.change({"shifting": 2, "unstable_order": True})
        made = configured(onec, "ut11", OWN)
        async with running(database, made) as service:
            told = await load(service, database, made)
            here = await service.rows("SELECT kind, ref FROM mirror WHERE NOT deleted")
        there = {
            (kind, row["ref"])
            for kind in ("order", "product", "courier")
            for row in onec.onec.store.rows("SELECT ref FROM object WHERE kind = ? AND deleted = 0", kind)
        }
    assert told["state"] == "done", told["errors"]
    whys = {each["why"] for s in told["sets"] for each in s["differing"]}
    assert whys <= {"version", "gone"}, "only what was written after it had been compared"
    assert there - {(row["kind"], row["ref"]) for row in here} == set()


async def test_prices_and_stock_are_the_same_objects_as_those_of_messages(database: str, tmp_path: Path):
    async with a_reader(tmp_path, orders=1) as onec:
        made = configured(onec, "ut11", OWN)
        base = made.bases[0]
        assert base.odata is not None
        made = replace(made, bases=(replace(base, odata=replace(base.odata, registers=True, page=300)),))
        async with running(database, made) as service:
            told = await load(service, database, made)
            assert told["state"] == "done", told["errors"]
            there = {
                (kind, ref): data for kind in ("price", "stock") for ref, data in onec.onec.store.names(kind).items()
            }
            rows = await service.rows("SELECT kind, ref FROM mirror WHERE kind IN ('price', 'stock')")
            assert {(row["kind"], row["ref"]) for row in rows} == set(there)
            kind, ref = next(key for key in sorted(there) if key[0] == "stock")
            await service.onec.send([obj(kind, ref, {**there[kind, ref], "quantity": "7"})])
            now = await service.rows("SELECT ref, data ->> 'quantity' AS left FROM mirror WHERE kind = 'stock'")
    assert len(now) == sum(kind == "stock" for kind, _ in there)
    assert next(row["left"] for row in now if row["ref"] == ref) == "7"
