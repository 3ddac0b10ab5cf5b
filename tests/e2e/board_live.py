"""A service of its own process behind the office's pages, 1C's side of it, and browsers that look at the board."""

import asyncio
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import UUID

import psycopg
from httpx import AsyncClient
from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect
from tests.flow.exchange_client import BASE, BASE_TOKEN, COURIER, DIVISION, PERSON_TOKEN, Service

from posrednik import bootstrap
from posrednik.processes import die_with_parent
from posrednik.store.db import Database

T = TypeVar("T")
START_S = 120.0
DESK: ViewportSize = {"width": 1440, "height": 900}
CONFIG = """
[server]
listen = "127.0.0.1:{port}"
data_dir = "{folder}"
requests_per_second = 100000
request_burst = 100000
[database]
url = "{dsn}"
[proofs]
hand_over = {{ photo = "optional", amount = "optional" }}
[[bases]]
id = "{base}"
name = "Основная"
token = "{token}"
[[divisions]]
ref = "{division}"
mode = "shadow"
"""
COPIES = """
INSERT INTO delivery (id, base_id, order_ref, order_number, division_ref, courier_ref, stage, on_board, version, trial,
    doc, planned_at, due_kop, taken_kop, on_hand_kop, search)
SELECT u.id, d.base_id, u.order_ref, u.number, d.division_ref, %(courier)s::text, u.stage, true, 1, false,
    d.doc || jsonb_build_object('id', u.id, 'order_ref', u.order_ref, 'order_number', u.number, 'stage', u.stage,
        'version', 1, 'courier_ref', %(courier)s::text, 'window', null),
    now(), d.due_kop, NULL, 0, lower(u.number)
FROM (SELECT * FROM delivery ORDER BY made_at LIMIT 1) AS d, LATERAL (
    SELECT gen_random_uuid() AS id, gen_random_uuid() AS order_ref, 'М-' || lpad(n::text, 5, '0') AS number,
        (ARRAY['ready', 'picked_up', 'en_route', 'not_delivered'])[1 + mod(n, 4)] AS stage
    FROM generate_series(1, %(count)s::integer) AS n
) u
"""


class Live:
    """The service, and 1C's words for it from a thread of their own: the browser's loop holds this one."""

    def __init__(self, url: str, dsn: str, start: Callable[[], subprocess.Popen[bytes]]) -> None:
        self.url, self.dsn, self._start = url, dsn, start
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self.service: Service
        self._process = start()

    def run(self, work: Awaitable[T]) -> T:
        async def awaited() -> T:
            return await work

        return asyncio.run_coroutine_threadsafe(awaited(), self._loop).result(120)

    def begin(self) -> None:
        self._ready()
        self.run(self._enter())

    def clear(self) -> None:
        """The board is empty: no delivery, no word about one, nothing to decide."""
        with psycopg.connect(self.dsn, autocommit=True) as conn:
            conn.execute("TRUNCATE delivery, incident CASCADE")

    async def _enter(self) -> None:
        self.service = Service(AsyncClient(base_url=self.url, timeout=60), self.dsn)
        db = Database(self.dsn, size=1)
        await db.open()
        await bootstrap.keep_token(db, "person", "Анна Кузнецова", PERSON_TOKEN)
        await db.close()

    def _ready(self) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            assert self._process.poll() is None, "the service has ended"
            try:
                urllib.request.urlopen(f"{self.url}/health/ready", timeout=5).close()
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the service is not ready in time")

    def stop(self) -> float:
        """SIGTERM, as a service manager stops it; seconds until it has ended."""
        began = time.monotonic()
        self._process.terminate()
        self._process.wait(60)
        return time.monotonic() - began

    def again(self) -> None:
        self._process = self._start()
        self._ready()

    def close(self) -> None:
        if self._process.poll() is None:
            self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)

    # -- what is on the board

    def order(self, number: str, **more: Any) -> str:
        """The id of a new delivery of this order."""
        ready = more.pop("ready", {"courier": COURIER})
        return str(self.run(self.service.ready_order(number=number, ready=ready, **more))[1]["id"])

    def copies(self, count: int) -> None:
        """As many deliveries more, copies of the first one."""
        with psycopg.connect(self.dsn, autocommit=True) as conn:
            conn.execute(COPIES, {"courier": COURIER, "count": count})
            conn.execute("ANALYZE delivery")

    def card(self, delivery_id: str) -> dict[str, Any]:
        answer = self.run(self.service.person("GET", f"/api/v1/board/deliveries/{UUID(delivery_id)}"))
        return dict(answer.json())


@contextmanager
def live(dsn: str, port: int, folder: Path) -> Iterator[Live]:
    file, log = folder / "config.toml", folder / "api.log"
    file.write_text(CONFIG.format(port=port, folder=folder, dsn=dsn, base=BASE, token=BASE_TOKEN, division=DIVISION))

    def start() -> subprocess.Popen[bytes]:
        with log.open("ab") as stream:
            return subprocess.Popen(
                [sys.executable, "-m", "posrednik.cli", "api"], env={**os.environ, "POSREDNIK_CONFIG": str(file)},
                stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, preexec_fn=die_with_parent,
            )  # fmt: skip

    running = Live(f"http://127.0.0.1:{port}", dsn, start)
    try:
        running.begin()
        yield running
    finally:
        running.close()


class Watcher:
    """A person who looks at the board in a browser of his own."""

    def __init__(self, browser: Browser, url: str, **options: Any) -> None:
        plain = {"viewport": DESK, "locale": "ru-RU", "timezone_id": "Europe/Moscow"}
        self.context: BrowserContext = browser.new_context(**{**plain, **options})
        self.page: Page = self.context.new_page()
        self.url, self.faults = url, list[str]()
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda said: self.faults.append(said.text) if "Content Security" in said.text else None)

    def open(self, hash: str = "/deliveries") -> Page:
        self.page.goto(f"{self.url}/office/#token={PERSON_TOKEN}&to={quote(hash)}")
        expect(self.page.get_by_text("обновлено")).to_be_visible()
        return self.page

    def column(self, title: str) -> Locator:
        return self.page.get_by_role("region", name=title, exact=True)

    def card(self, number: str) -> Locator:
        return self.page.locator(".columns").get_by_role("button", name=number).first

    def detail(self, number: str) -> Locator:
        return self.page.get_by_role("complementary", name=number)
