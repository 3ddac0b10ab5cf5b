"""Fields of other owners at the doors beside JSON messages: the first load by OData, and the XML of old bases."""

from collections.abc import AsyncIterator

import msgspec
import pytest
from tests.flow.exchange_client import Service, new_ref, order, references, running, settings
from tests.flow.test_first_load import Loading, loading, versions
from tests.flow.xml_base import XmlExchange


@pytest.fixture
async def one(database: str) -> AsyncIterator[Loading]:
    async with loading(database) as made:
        yield made


async def test_a_first_load_leaves_out_what_is_not_the_base_s_and_still_agrees(one: Loading) -> None:
    rows = {"product.code": ("1c",), "product.unit": ("1c",), "product.name": ("1c",), "product.*": ("site",)}
    one.settings = msgspec.structs.replace(one.settings, ownership=rows)
    one.onec.sets["Catalog_Номенклатура"] = [{**row, "Артикул": "А-1"} for row in one.onec.sets["Catalog_Номенклатура"]]
    assert await one.load() == "done"
    loaded = await one.service.rows("SELECT data FROM mirror WHERE kind = 'product'")
    assert {name for row in loaded for name in row["data"]} == {"code", "name", "unit"}
    assert await one.mirror("product") == versions(one.onec, "Catalog_Номенклатура")
    refused = await one.service.rows("SELECT sum(n) AS n FROM field_refusal WHERE name = 'product.article'")
    assert refused == [{"n": len(loaded)}]


async def test_the_xml_of_an_old_base_is_held_to_the_same_rows(database: str) -> None:
    async with running(database, settings(ownership={"order.comment": ("site",)})) as service:
        old, ref = XmlExchange(service.client), new_ref()
        await old.send([*references(), order(ref, comment="Позвонить")])
        assert "comment" not in await _order(service, ref)
        assert await service.rows("SELECT count(*) AS n FROM incident WHERE kind = 'ownership_violation'") == [{"n": 1}]


async def _order(service: Service, ref: str) -> dict[str, object]:
    [row] = await service.rows("SELECT data FROM mirror WHERE kind = 'order' AND ref = %s", ref)
    data: dict[str, object] = row["data"]
    return data
