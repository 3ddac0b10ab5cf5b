"""A courier's prepared day: orders of today, assigned and ready, with what he will meet at the doors."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from tests.sandbox.fake_posrednik import FakePosrednik
from tests.sandbox.onec_running import a_base, drained, served

from posrednik_sandbox.onec import Onec, routes, wire
from posrednik_sandbox.onec.drills import Drills


@dataclass
class Base:
    onec: Onec
    url: str
    session: ClientSession

    async def day(self, courier: str, **body: Any) -> tuple[int, Any]:
        async with self.session.post(f"{self.url}/api/couriers/{courier}/day", json=body) as response:
            return response.status, await response.json()

    def courier(self, name: str = "Петров Илья") -> str:
        return next(ref for ref, data in self.onec.store.names("courier").items() if data["name"] == name)


@pytest.fixture
async def base(onec: Onec, tmp_path: Path) -> AsyncIterator[Base]:
    runner, url = await served(routes.application(onec, Drills(onec, tmp_path)))
    async with ClientSession() as session:
        yield Base(onec, url, session)
    await runner.cleanup()


def goods(base: Base, order: dict[str, Any]) -> list[dict[str, Any]]:
    products = base.onec.store.names("product")
    return [products[line["product"]] for line in order["lines"]]


async def test_the_day_is_six_ready_orders_of_his_division(base: Base) -> None:
    courier = base.courier()
    status, answer = await base.day(courier, count=6)
    assert (status, len(answer["orders"])) == (201, 6)
    division = base.onec.store.names("courier")[courier]["division"]
    today = wire.local_now(base.onec.offset_h).date().isoformat()
    for made in answer["orders"]:
        found = base.onec.store.object("order", made["ref"])
        assert found is not None
        assert (found["data"]["division"], found["data"]["status"]) == (division, "Готов к доставке")
        assert found["data"]["window"]["from"].startswith(today)
        row = base.onec.store.row("SELECT ready, courier FROM order_card WHERE ref = ?", made["ref"])
        assert row == {"ready": 1, "courier": courier}
        assert base.onec.command(made["command"])["data"] == {"order": made["ref"], "courier": courier}


async def test_the_day_reaches_the_service_orders_before_their_commands(base: Base, fake: FakePosrednik) -> None:
    _, answer = await base.day(base.courier(), count=6)
    await base.onec.start()
    await drained(fake, base.onec)
    assert set(fake.commands) == {made["command"] for made in answer["orders"]}
    assert {command["status"] for command in fake.commands.values()} == {"done"}
    assert {("order", made["ref"]) for made in answer["orders"]} <= set(fake.objects)


async def test_a_day_shows_what_a_courier_meets(base: Base) -> None:
    _, answer = await base.day(base.courier("Гусева Марина"))
    data = base.onec.store.names("order")
    orders = [data[made["ref"]] for made in answer["orders"]]
    places = [order["address"] for order in orders]
    assert [("latitude" in place) for place in places] == [True] * 5 + [False]
    assert all({"text", "entrance", "floor", "flat", "intercom"} <= set(place) for place in places)
    assert {order["receipt"] for order in orders} == {True, False}
    assert {order["payment_method"] for order in orders} == {"cash", "card", "transfer", "prepaid"}
    assert [float(order["prepaid"]) > 0 for order in orders if order["payment_method"] == "prepaid"] == [True]
    assert any(product["by_weight"] for order in orders for product in goods(base, order))
    assert max(len(product["name"]) for order in orders for product in goods(base, order)) > 100
    for order in orders:
        assert [line["line"] for line in order["lines"]] == [str(n + 1) for n in range(len(order["lines"]))]
        assert len({line["product"] for line in order["lines"]}) == len(order["lines"])


async def test_a_second_day_comes_after_the_first(base: Base) -> None:
    first = (await base.day(base.courier(), count=2))[1]["orders"]
    second = (await base.day(base.courier(), count=2))[1]["orders"]
    assert len({order["number"] for order in first + second}) == 4


@pytest.mark.parametrize("count", [0, 101, "шесть", 2.5])
async def test_a_day_without_a_number_of_orders_is_refused(base: Base, count: Any) -> None:
    before = base.onec.store.value("SELECT count(*) FROM order_card")
    assert (await base.day(base.courier(), count=count))[0] == 400
    assert base.onec.store.value("SELECT count(*) FROM order_card") == before


async def test_a_day_of_nobody_is_refused(base: Base) -> None:
    status, answer = await base.day("00000000-0000-4000-8000-000000000000", count=1)
    assert (status, answer["error"]) == (404, "Такого курьера нет")


async def test_each_courier_starts_with_goods_in_his_own_bag(base: Base) -> None:
    bags = {ref: data["courier"] for ref, data in base.onec.store.names("warehouse").items() if data.get("courier")}
    stock = list(base.onec.store.names("stock").values())
    assert set(bags.values()) == set(base.onec.store.names("courier"))
    for bag in bags:
        left = [row for row in stock if row["warehouse"] == bag]
        assert len({row["product"] for row in left}) == len(left) > 0
        assert all(float(row["quantity"]) > 0 for row in left)


async def test_stock_leaves_after_its_goods_and_warehouses(base: Base, fake: FakePosrednik) -> None:
    await base.onec.start()
    await drained(fake, base.onec)
    kinds = [item["kind"] for body in fake.bodies for item in json.loads(body)["objects"]]
    assert kinds.index("stock") > max(len(kinds) - kinds[::-1].index(kind) - 1 for kind in ("product", "warehouse"))


def test_most_generated_addresses_have_coordinates(tmp_path: Path) -> None:
    onec = a_base(tmp_path, orders=100)
    found = ["latitude" in order["address"] for order in onec.store.names("order").values()]
    assert 0.7 < sum(found) / len(found) < 1
    onec.store.close()
