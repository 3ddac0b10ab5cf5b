"""The first load by OData: facts about 1C, §3 and §10.2; docs/subsystems/first_load.md."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.flow import odata_rows as rows
from tests.flow.exchange_client import BASE, BASE_TOKEN, Service, running, settings
from tests.flow.fake_odata import PASSWORD, USER, FakeOData, odata

from posrednik import bootstrap
from posrednik.config import BaseSection, OData, Settings
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
        return bootstrap.first_load(self.settings, self.db, self.sessions, BASE, nothing)

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
            db, sessions = bootstrap.database(made, dsn), bootstrap.Sessions()
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
