"""«Положить в рюкзак», «Забрать из рюкзака»: a transfer and its command in one message, and the transfer taken back."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from tests.sandbox.fake_posrednik import FakePosrednik
from tests.sandbox.onec_running import a_base, drained, left, named, served

from posrednik_sandbox.onec import Onec, books, routes
from posrednik_sandbox.onec.drills import Drills


@dataclass
class Base:
    onec: Onec
    url: str
    session: ClientSession

    def __post_init__(self) -> None:
        self.courier = named(self.onec, "courier", "Петров Илья")
        self.bag = named(self.onec, "warehouse", "Рюкзак: Петров Илья")
        self.main = named(self.onec, "warehouse", "Склад «Центр»")
        self.thermos = named(self.onec, "product", "Термос «Тайга» 1 л")
        self.coffee = named(self.onec, "product", "Кофе в зёрнах")

    async def move(self, action: str = "load", quantity: Any = "3", **other: Any) -> tuple[int, Any]:
        body = {"action": action, "warehouse": self.main, "lines": [{"product": self.thermos, "quantity": quantity}]}
        return await self.post(f"couriers/{self.courier}/backpack", **body | other)

    async def post(self, path: str, **body: Any) -> tuple[int, Any]:
        async with self.session.post(f"{self.url}/api/{path}", json=body) as response:
            return response.status, await response.json()

    async def get(self, path: str) -> Any:
        async with self.session.get(f"{self.url}/api/{path}") as response:
            return await response.json()

    def left(self) -> tuple[int, int]:
        """Thousandths of the thermos in the warehouse and in the bag."""
        return left(self.onec, self.main, self.thermos), left(self.onec, self.bag, self.thermos)


@pytest.fixture
async def base(onec: Onec, tmp_path: Path) -> AsyncIterator[Base]:
    runner, url = await served(routes.application(onec, Drills(onec, tmp_path)))
    async with ClientSession() as session:
        yield Base(onec, url, session)
    await runner.cleanup()


async def test_load_sends_transfer_and_command_in_one_message_and_shows_the_answer(
    base: Base, fake: FakePosrednik
) -> None:
    await base.onec.start()
    await drained(fake, base.onec)
    before, sent = base.left(), len(fake.bodies)
    status, done = await base.move(quantity="3")
    assert (status, done["saved"], done["text"], done["command"]["status"]) == (201, False, "принято", "done")
    message = json.loads(fake.bodies[sent])
    document = done["document"]["ref"]
    (transfer,) = [item for item in message["objects"] if item["kind"] == "transfer"]
    (command,) = message["commands"]
    lines = [{"product": base.thermos, "quantity": "3"}]
    assert (transfer["ref"], transfer["posted"], "event" in transfer) == (document, True, False)
    assert {name: transfer["data"][name] for name in ("from", "to", "lines")} == {
        "from": base.main,
        "to": base.bag,
        "lines": lines,
    }
    data = {"courier": base.courier, "warehouse": base.main, "lines": lines, "document": document}
    assert (command["type"], command["data"]) == ("backpack.load", data)
    assert base.left() == (before[0] - 3000, before[1] + 3000)
    await drained(fake, base.onec)
    told = {
        item["data"]["warehouse"]: item for (kind, _), item in fake.objects.items() if _is_thermos(base, kind, item)
    }
    assert float(told[base.bag]["data"]["quantity"]) * 1000 == base.left()[1]


def _is_thermos(base: Base, kind: str, item: Any) -> bool:
    return kind == "stock" and bool(item["data"]["product"] == base.thermos)


async def test_unload_goes_the_other_way(base: Base, fake: FakePosrednik) -> None:
    await base.onec.start()
    before = base.left()
    await base.move(quantity=5)
    status, done = await base.move("unload", quantity="2")
    assert (status, done["command"]["type"]) == (201, "backpack.unload")
    assert base.left() == (before[0] - 3000, before[1] + 3000)


async def test_command_that_the_service_does_not_know_is_shown_as_refused(base: Base, fake: FakePosrednik) -> None:
    fake.unknown_command = True
    await base.onec.start()
    _, done = await base.move()
    assert (done["saved"], done["text"]) == (False, "Такой команды Посредник не знает")
    (document,) = (await base.get("documents"))["documents"]
    assert (document["posted"], document["about"]) == (True, "Склад «Центр» → Рюкзак: Петров Илья")


async def test_load_without_an_answer_is_saved_and_goes_once(base: Base, fake: FakePosrednik) -> None:
    await base.onec.start()
    await drained(fake, base.onec)
    fake.answer_with = [(503, {"Retry-After": "0"})] * 2
    _, done = await base.move()
    assert done["text"] in ("Команда сохранена и будет отправлена", "принято")
    await drained(fake, base.onec)
    assert list(fake.commands) == [done["command"]["id"]]
    assert base.onec.command(done["command"]["id"])["status"] == "done"


async def test_load_in_a_base_that_is_off_waits_with_its_document(base: Base, fake: FakePosrednik) -> None:
    _, done = await base.move()
    assert done["saved"]
    await base.onec.start()
    await drained(fake, base.onec)
    assert [command["status"] for command in fake.commands.values()] == ["done"]


async def test_double_press_is_one_document_and_the_second_command_changes_nothing(
    base: Base, fake: FakePosrednik
) -> None:
    await base.onec.start()
    before = base.left()
    _, done = await base.move(double=True)
    assert (done["text"], done["second"]["text"]) == ("принято", "уже было сделано")
    assert base.left()[1] == before[1] + 3000
    assert base.onec.store.value("SELECT count(*) FROM document") == 1


async def test_transfer_is_unposted_posted_again_and_deleted(base: Base, fake: FakePosrednik) -> None:
    await base.onec.start()
    before = base.left()
    _, done = await base.move()
    ref = done["document"]["ref"]
    seen = []
    for action in ("unpost", "post", "delete"):
        status, row = await base.post(f"documents/{ref}/{action}")
        await drained(fake, base.onec)
        item = fake.objects["transfer", ref]
        seen.append((status, row["posted"], item["posted"], item["deleted"], base.left()[1] - before[1]))
    assert seen == [(200, False, False, False, 0), (200, True, True, False, 3000), (200, False, False, True, 0)]
    assert base.left() == before
    assert len(fake.commands) == 1


async def test_transfer_taken_back_before_it_went_takes_its_command_along(base: Base, fake: FakePosrednik) -> None:
    _, done = await base.move()
    await base.post(f"documents/{done['document']['ref']}/unpost")
    await base.onec.start()
    await drained(fake, base.onec)
    assert fake.commands == {}
    assert base.onec.command(done["command"]["id"])["code"] == "withdrawn"


async def test_what_was_not_found_at_the_count_goes_back_with_its_transfer(base: Base, fake: FakePosrednik) -> None:
    await base.onec.start()
    before = base.left()
    _, done = await base.move(quantity="3")
    line = {"product": base.thermos, "expected": "3", "counted": "1"}
    subject = {"kind": "backpack", "id": base.courier}
    data = {"courier": base.courier, "warehouse": base.main, "documents": [done["document"]["ref"]], "lines": [line]}
    event = fake.tell("backpack.accepted", subject, 1, data)
    await fake.until(lambda: event["id"] in fake.acked)
    assert base.left() == (before[0] - 1000, before[1] + 1000)
    await base.post(f"documents/{done['document']['ref']}/unpost")
    assert base.left() == before
    await drained(fake, base.onec)
    (correction,) = [
        item for (kind, _), item in fake.objects.items() if kind == "transfer" and item.get("event") == event["id"]
    ]
    assert (correction["posted"], correction["deleted"]) == (False, True)


async def test_only_transfers_are_changed_by_hand(base: Base) -> None:
    assert (await base.post("documents/nothing/unpost"))[0] == 404
    _, done = await base.move()
    assert (await base.post(f"documents/{done['document']['ref']}/burn"))[0] == 400
    courier = {"kind": "cash", "id": base.courier}
    event = {"id": "e-1", "number": 1, "version": 1, "type": "cash.change_issued", "subject": courier}
    base.onec.receiver._apply_all([event | {"data": {"courier": base.courier, "sum": "10.00"}}])
    ref = base.onec.store.value("SELECT ref FROM document WHERE kind = 'change_issue'")
    assert (await base.post(f"documents/{ref}/unpost"))[0] == 400


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"quantity": "1.5"}, "целое число"),
        ({"quantity": "0"}, "больше нуля"),
        ({"quantity": "-1"}, "больше нуля"),
        ({"quantity": "много"}, "не число"),
        ({"quantity": "Infinity"}, "не число"),
        ({"quantity": "NaN"}, "не число"),
        ({"lines": []}, "строк от 1"),
        ({"lines": "все"}, "строк от 1"),
        ({"lines": [{"product": "нет", "quantity": 1}]}, "такого товара нет"),
        ({"action": "burn"}, "load или unload"),
        ({"warehouse": "нет"}, "не рюкзак"),
    ],
)
async def test_load_that_makes_no_sense_writes_nothing(base: Base, wrong: dict[str, Any], says: str) -> None:
    status, answer = await base.move(**wrong)
    assert (status, says in answer["error"]) == (400, True)
    assert base.onec.store.value("SELECT count(*) FROM document") == 0
    assert base.onec.store.value("SELECT count(*) FROM command") == 0


async def test_more_than_there_is_cannot_be_loaded(base: Base) -> None:
    before = base.left()
    status, answer = await base.move(quantity=10_000)
    assert (status, "Не хватает остатка: Термос" in answer["error"]) == (409, True)
    assert base.left() == before
    assert base.onec.store.value("SELECT count(*) FROM document") == 0


async def test_failed_write_leaves_neither_transfer_nor_command(base: Base) -> None:
    base.onec.switches.fail_writes = 1
    before = base.left()
    assert (await base.move())[0] == 409
    assert base.left() == before
    assert base.onec.store.value("SELECT count(*) FROM command") == 0


async def test_goods_of_nobody_are_refused(base: Base) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    body = {"action": "load", "warehouse": base.main, "lines": [{"product": base.thermos, "quantity": 1}]}
    assert await base.post(f"couriers/{nobody}/backpack", **body) == (404, {"error": "Такого курьера нет"})


async def test_weighed_goods_and_the_same_goods_twice_are_summed(base: Base) -> None:
    lines = [{"product": base.coffee, "quantity": "0,250"}, {"product": base.coffee, "quantity": 0.5}]
    before = left(base.onec, base.bag, base.coffee)
    status, done = await base.move(lines=lines)
    assert (status, done["command"]["data"]["lines"]) == (201, [{"product": base.coffee, "quantity": "0.75"}])
    assert left(base.onec, base.bag, base.coffee) == before + 750


async def test_the_page_shows_what_is_where(base: Base) -> None:
    shown = await base.get("backpacks")
    assert [item["name"] for item in shown["warehouses"]] == [
        data["name"] for data in base.onec.store.names("warehouse").values() if not data.get("courier")
    ]
    petrov = next(item for item in shown["couriers"] if item["ref"] == base.courier)
    assert petrov["warehouse"] == base.bag
    assert len(petrov["goods"]) > 0
    assert all({"name", "unit", "quantity", "by_weight"} <= set(line) for line in petrov["goods"])


def test_books_of_an_earlier_sandbox_are_opened_and_its_documents_kept(tmp_path: Path) -> None:
    first = a_base(tmp_path)
    store = first.store
    store.db.execute("DELETE FROM object WHERE kind = 'price'")
    store.db.execute("DELETE FROM meta WHERE key = 'books'")
    store.db.execute("DELETE FROM goods_move")
    store.db.execute("DROP TABLE document")
    store.db.execute(
        "CREATE TABLE document (ref TEXT PRIMARY KEY, kind TEXT NOT NULL, number TEXT NOT NULL, event TEXT NOT NULL"
        " REFERENCES event (id), order_ref TEXT, sum TEXT NOT NULL, created_at TEXT NOT NULL) WITHOUT ROWID"
    )
    store.db.execute("CREATE INDEX document_order ON document (order_ref)")
    store.db.execute("INSERT INTO event VALUES (1, 'e', 1, 't', 'k', 's', NULL, 1, NULL, '{}', 'now', 1, 1, NULL)")
    store.db.execute(
        "INSERT INTO document VALUES ('d', 'shipment', 'РТ00-000001', 'e', NULL, '10.00', '2026-11-22T10')"
    )
    store.close()
    again = a_base(tmp_path)
    kept = again.store.rows("SELECT ref, kind, slot, number, sum, posted FROM document")
    assert kept == [
        {"ref": "d", "kind": "shipment", "slot": "shipment", "number": "РТ00-000001", "sum": "10.00", "posted": 1}
    ]
    assert len(again.store.names("price")) == len(again.store.names("product"))
    assert books.goods(again.store, named(again, "warehouse", "Склад «Центр»"))
    again.store.close()
