"""The Bitrix24 connector against the sandbox's portal, over HTTP on the loopback."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

from aiohttp import web
from tests.connectors.harness import PATIENT_S, Handler, Harness, Server, Trouble, harness

from posrednik.connectors.base import Item
from posrednik.connectors.bitrix24.client import Bitrix24Connector
from posrednik.connectors.bitrix24.settings import Bitrix24Settings
from posrednik.kit import http
from posrednik.kit.ids import uuid7
from posrednik_sandbox.portal.portal import WEBHOOK, Portal
from posrednik_sandbox.portal.protocol import protocol_app
from posrednik_sandbox.portal.seed import seed

DIVISION = "5b4f0b0e-0000-4000-8000-000000000001"
GROUP = 11


class Bitrix24Harness(Harness):
    secrets = (WEBHOOK[1],)

    def __init__(self) -> None:
        super().__init__()
        self.portal = Portal()
        self.portal.limits.set_tariff("box")
        seed(self.portal)
        self.keys: dict[str, set[str]] = {}
        app = protocol_app(self.portal)
        app.middlewares.append(self._watch())
        self.server = Server(app)

    def item(self, key: str, version: int = 1, attempt: int = 1, **changed: Any) -> Item:
        delivery = key.removeprefix("delivery:")
        return Item(uuid7(), key, "task.put", a_body(delivery=delivery, version=version, **changed), attempt)

    def effects(self, key: str) -> int:
        return len(self.tasks(key))

    def version(self, key: str) -> int | None:
        """The builder writes the version into the comment, which the task shows."""
        tasks = self.tasks(key)
        return int(tasks[0].description.split("версия ")[1].split()[0]) if tasks else None

    def markers(self, key: str) -> set[str]:
        return {str(task.xml_id) for task in self.tasks(key)}

    def tasks(self, key: str) -> list[Any]:
        marker = "posrednik:" + key.removeprefix("delivery:")
        return [task for task in self.portal.tasks if task.xml_id == marker]

    def columns(self) -> dict[int, str]:
        return {stage.id: stage.title for stage in self.portal.group_stages(GROUP)}

    def wait_at_most(self, seconds: float) -> None:
        """As the connector itself makes the longest send of the longest call."""
        assert isinstance(self.connector, Bitrix24Connector)
        self.connector.timeout_s, self.connector._transport._timeout_s = seconds * 3, seconds

    async def down(self, is_down: bool) -> None:
        await (self.server.close_port() if is_down else self.server.start())

    async def have(self, trouble: Trouble) -> None:
        await super().have(trouble)
        self.portal.faults.clear()
        if trouble is Trouble.LIMITED:
            self.portal.faults.set("query_limit")
        courier = self.portal.users.get(7)
        assert courier is not None
        courier.active = trouble is not Trouble.REFUSES

    def settings(self, **changed: Any) -> Bitrix24Settings:
        base = Bitrix24Settings(
            portal_url=f"http://127.0.0.1:{self.server.port}",
            webhook="/".join(WEBHOOK),
            groups={DIVISION: GROUP},
            timeout_s=PATIENT_S,
        )
        return replace(base, **changed)

    def _watch(self) -> Any:
        @web.middleware
        async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
            self.received += 1
            return await self.spoil(request, await handler(request))

        return watch


def a_body(**changed: Any) -> dict[str, Any]:
    """A whole neutral body; the courier is user 7 of the sandbox's portal."""
    version = changed.get("version", 1)
    body: dict[str, Any] = {
        "delivery": str(uuid4()),
        "version": version,
        "order_number": "000-000123",
        "site_number": "1001",
        "stage": "ready",
        "recipient": {"name": "Мария Соколова", "phone": "+79161234567"},
        "address": {"text": "ул. Ленина, 10", "entrance": "2", "floor": "5", "flat": "17", "intercom": "17К",
                    "latitude": 55.7512, "longitude": 37.6184},
        "window": {"from": "2026-11-22T07:00:00+00:00", "to": "2026-11-22T11:00:00+00:00"},
        "comment": f"Позвонить за час, версия {version}",
        "lines": [{"name": "Термос 0,75 л", "quantity_milli": 2000, "unit": "шт", "price_kop": 99000,
                   "sum_kop": 198000}],
        "delivery_price_kop": 47000,
        "prepaid_kop": 0,
        "amount_due_kop": 245000,
        "receipt": True,
        "courier": {"ref": "c1", "name": "Иван Петров", "bitrix24_user": "7"},
        "division": {"ref": DIVISION, "name": "Центр", "group": None},
        "reason": None,
        "next_date": None,
        "closed": False,
        "trial": False,
        "time_zone": "Europe/Moscow",
    }  # fmt: skip
    return body | changed


@harness("bitrix24")
async def bitrix24() -> AsyncIterator[Harness]:
    async with a_portal() as made:
        yield made


class a_portal:
    """`async with a_portal() as harness`: a running portal and a connector for it; settings may be changed."""

    def __init__(self, **settings: Any) -> None:
        self._settings = settings

    async def __aenter__(self) -> Bitrix24Harness:
        made = self._made = Bitrix24Harness()
        await made.server.start()
        self._session = http.new_session()
        made.connector = Bitrix24Connector(made.settings(**self._settings), self._session)
        return made

    async def __aexit__(self, *_: object) -> None:
        self._made.release()
        await self._session.close()
        await self._made.server.stop()
        self._made.portal.close()
