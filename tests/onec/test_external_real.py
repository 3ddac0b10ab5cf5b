"""The external processing of the old 1C against the service itself: load, buttons, events, reconciliation."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.bsl.platform.infobase import Infobase
from tests.flow.exchange_client import BASE, BASE_TOKEN, Service, running, settings
from tests.onec.old_base import Processing
from tests.onec.old_stage import fill, new_base

from posrednik.config import BaseSection
from posrednik_sandbox.onec.store import Store

Json = dict[str, Any]
RUNS = "/api/v1/admin/reconciliation"
HIDDEN = {"content-length", "connection", "transfer-encoding", "date", "server"}


class Door:
    """A port on which the service of the test can be reached by a program that knows only HTTP."""

    def __init__(self, service: Service, loop: asyncio.AbstractEventLoop) -> None:
        self.service, self.loop = service, loop
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def _handler(door) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                asked = door.service.client.request(
                    self.command, self.path, content=body, headers={**self.headers}, timeout=30
                )
                answer = asyncio.run_coroutine_threadsafe(asked, door.loop).result(60)
                self.send_response(answer.status_code)
                for name, value in answer.headers.items():
                    if name.lower() not in HIDDEN:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            do_POST = do_GET

            def log_message(self, *args: Any) -> None:
                return

        return Handler


class Old:
    """The base and its processing, which lives in a thread of its own as 1C does in a process of its own."""

    def __init__(self, base: Infobase, url: str, **more: Any) -> None:
        self.base = base
        self._thread = ThreadPoolExecutor(1)
        self.app = self._thread.submit(Processing, base).result()
        told = {"ИдентификаторБазы": str(BASE), "Токен": BASE_TOKEN, "СтрокХешировать": 5, **more}
        self._thread.submit(lambda: self.app.set_up(url, **told)).result()

    async def do(self, work: Callable[[], Any]) -> Any:
        return await asyncio.wrap_future(self._thread.submit(work))

    async def get(self, name: str, *args: Any) -> Any:
        return await self.do(lambda: self.app.get(name, *args))

    async def exchange(self) -> None:
        """Until both sides have nothing more to say."""
        for _ in range(20):
            await self.do(self.app.send)
            before = await self.get("Состояние")
            await self.get("ШагПриема")
            after = await self.get("Состояние")
            if before["НомерСобытия"] == after["НомерСобытия"] and await self.get("ШагОтправки") > 0:
                assert after["Остановлен"] == after["ПоследняяОшибка"] == after["ОшибкаПриема"] == ""
                return
        raise AssertionError("the exchange does not come to rest")

    def rows(self, sql: str, *values: Any) -> list[Json]:
        store = Store(self.base.path)
        try:
            return store.rows(sql, *values)
        finally:
            store.close()

    def write(self, kind: str, ref: str, **changes: Any) -> None:
        store = Store(self.base.path)
        with store.tx():
            found = store.object(kind, ref)
            assert found is not None
            store.put(kind, ref, found["data"] | changes)
        store.close()

    async def close(self) -> None:
        await self.do(self.app.close)
        self._thread.shutdown()


@asynccontextmanager
async def old_one(service: Service, folder: Path, **more: Any) -> AsyncIterator[Old]:
    path = folder / "base.sqlite3"
    fill(path)
    door = Door(service, asyncio.get_running_loop())
    old = Old(new_base(path), door.url, **more)
    try:
        await old.exchange()
        yield old
    finally:
        await old.close()
        door.close()


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    bases = (BaseSection(id=BASE, name="Старая", token=BASE_TOKEN, encoding="xml", lease_s=1),)
    async with running(database, settings(bases=bases, divisions=())) as made:
        yield made


async def deliver(service: Service, old: Old, order: str, courier: str) -> str:
    """«Готов» in 1C, the courier's steps on the board. Returns the delivery."""
    pressed = await old.get("Нажать", "delivery.ready", order, {"courier": courier})
    assert pressed["Состояние"] == "done", pressed
    delivery = (await service.rows("SELECT id FROM delivery"))[0]["id"]
    for action in ("pick_up", "depart", "hand_over"):
        await service.act(str(delivery), action, **({"amount_taken": "100.00"} if action == "hand_over" else {}))
    return str(delivery)


@pytest.mark.parametrize("encoding", ["UTF-8", "windows-1251"])
async def test_an_old_base_is_loaded_and_one_delivery_goes_through_it(
    service: Service, tmp_path: Path, encoding: str
) -> None:
    async with old_one(service, tmp_path, Кодировка=encoding) as old:
        mirror = {(one["kind"], one["ref"]): one for one in await service.mirror()}
        ours = old.rows("SELECT kind, ref, version, data FROM object WHERE kind NOT IN ('price', 'stock')")
        assert {key: mirror[key]["version"] for key in mirror if key[0] not in ("price", "stock")} == {
            (one["kind"], one["ref"]): one["version"] for one in ours
        }
        order = next(one for one in ours if one["kind"] == "order")
        division = json.loads(order["data"])["division"]
        courier = next(
            one["ref"] for one in ours if one["kind"] == "courier" and json.loads(one["data"])["division"] == division
        )
        comment = json.loads(order["data"]).get("comment") or None
        assert mirror["order", order["ref"]]["data"].get("comment") == comment

        await deliver(service, old, order["ref"], courier)
        await old.exchange()
        assert (await old.get("Доставка", order["ref"]))["Стадия"] == "handed_over"
        made = old.rows("SELECT kind, sum FROM document WHERE order_ref = ? AND kind <> 'order'", order["ref"])
        assert "shipment" in {one["kind"] for one in made}
        echo = await service.rows("SELECT kind FROM mirror WHERE event_id IS NOT NULL")
        assert {one["kind"] for one in echo} >= {"shipment"}
        assert await service.rows("SELECT 1 FROM incident WHERE kind = 'dead_letter'") == []


async def test_a_reconciliation_finds_and_mends_what_differs(service: Service, tmp_path: Path) -> None:
    """Small slices by their hash, larger ones by a list; one object was changed here, one was lost."""
    async with old_one(service, tmp_path) as old:
        first, second = [one["ref"] for one in old.rows("SELECT ref FROM object WHERE kind = 'product' LIMIT 2")]

        async def run() -> Json:
            started = (await service.person("POST", f"{RUNS}/start", {"base": str(BASE), "sample": 20})).json()
            await old.exchange()
            told: Json = (await service.person("GET", f"{RUNS}/runs/{started['run']}")).json()
            return told

        told = await run()
        assert (told["state"], told["found_count"]) == ("done", 0), told
        assert told["sample"]["checked"] == told["sample"]["agreed"] > 0
        await service.rows("DELETE FROM mirror WHERE ref = %s RETURNING ref", first)
        await service.rows("UPDATE mirror SET version = 'AAAA' WHERE ref = %s RETURNING ref", second)
        told = await run()
        assert told["state"] == "done"
        assert {(one["ref"], one["what"]) for one in told["found"]} == {(first, "missing_here"), (second, "changed")}
        mended = {one["ref"]: one["version"] for one in await service.mirror() if one["ref"] in (first, second)}
        assert mended == {
            one["ref"]: one["version"] for one in old.rows("SELECT * FROM object WHERE ref IN (?, ?)", first, second)
        }
