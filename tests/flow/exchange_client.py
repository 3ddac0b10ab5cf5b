"""A service with one base, and 1C's words for it: builders of objects and commands, and calls of the doors."""

import asyncio
import itertools
import json
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

import msgspec
import psycopg
from httpx import ASGITransport, AsyncClient, Response
from litestar import Litestar
from psycopg.rows import dict_row

from posrednik import bootstrap, bootstrap_api
from posrednik.api.app import Hook, connect, make_app
from posrednik.api.services import Services
from posrednik.config import BaseSection, Division, Proofs, Server, Settings, Webhooks

BASE, OTHER_BASE = UUID("b0000000-0000-4000-8000-000000000001"), UUID("b0000000-0000-4000-8000-000000000002")
DIVISION, WAREHOUSE, PRODUCT, COURIER, SECOND_COURIER = (
    f"{letter}0000000-0000-4000-8000-000000000001" for letter in ("d", "a", "f", "c", "e")
)
BASE_TOKEN, OTHER_TOKEN, PERSON_TOKEN, FEED_TOKEN = ("base-token", "other-token", "person-token", "feed-token")
Json = dict[str, Any]


def settings(**changes: Any) -> Settings:
    """Two bases, no rate limit that a test could reach, no proofs where they are not the subject."""
    plain: Json = {
        "server": Server(requests_per_second=1e6, request_burst=1e6),
        "bases": (
            BaseSection(id=BASE, name="Основная", token=BASE_TOKEN),
            BaseSection(id=OTHER_BASE, name="Вторая", token=OTHER_TOKEN),
        ),
        "divisions": (Division(ref=DIVISION),),
        "proofs": Proofs(hand_over={"photo": "optional", "amount": "optional"}),
        "webhooks": Webhooks(allow_private=False),
    }
    return msgspec.structs.replace(Settings(), **{**plain, **changes})


# -- 1C's words


def obj(kind: str, ref: str, data: Json | None = None, **head: Any) -> Json:
    return {"kind": kind, "ref": ref, "version": "1", "data": data or {}, **head}


def division(ref: str = DIVISION, name: str = "Центр") -> Json:
    return obj("division", ref, {"name": name})


def warehouse(ref: str = WAREHOUSE) -> Json:
    return obj("warehouse", ref, {"name": "Основной склад", "division": DIVISION})


def product(ref: str = PRODUCT, name: str = "Термос") -> Json:
    return obj("product", ref, {"code": "00-01", "name": name, "unit": "шт"})


def courier(ref: str = COURIER, name: str = "Пётр Иванов", **data: Any) -> Json:
    return obj("courier", ref, {"name": name, "division": DIVISION, "active": True, "phone": "+79161234567", **data})


def line(number: str = "1", quantity: Any = 2, price: Any = "990.00", sum: Any = "1980.00", **more: Any) -> Json:
    return {"line": number, "product": PRODUCT, "quantity": quantity, "price": price, "sum": sum, **more}


def order(ref: str, *, head: Json | None = None, **data: Any) -> Json:
    plain = {
        "number": "ТД00-000123", "site_number": "1001", "date": "2026-11-20T10:00:00", "division": DIVISION,
        "recipient": {"name": "Анна Смирнова", "phone": "+79031234567"},
        "address": {"text": "Москва, Тверская, 1", "flat": "12"}, "warehouse": WAREHOUSE, "lines": [line()],
        "delivery_price": "300.00", "prepaid": "0.00", "payment_method": "cash",
    }  # fmt: skip
    return obj("order", ref, {**plain, **data}, **(head or {}))


def references() -> list[Json]:
    """What an order of `order` needs, and two couriers."""
    return [division(), warehouse(), product(), courier(), courier(SECOND_COURIER, "Иван Петров")]


def command(type: str, order_ref: str, id: str | None = None, **data: Any) -> Json:
    return {"id": id or str(uuid4()), "type": type, "issued_at": "2026-11-20T11:00:00", "issued_by": "Мария",
            "data": {"order": order_ref, **data}}  # fmt: skip


def new_ref() -> str:
    return str(uuid4())


# -- the doors


class Exchange:
    """One base's side of the exchange. Every call returns the answer as httpx has it, or its JSON."""

    def __init__(self, client: AsyncClient, base: UUID = BASE, token: str = BASE_TOKEN) -> None:
        self.client, self.base, self.token = client, base, token
        self.epoch, self.instance = str(uuid4()), "srv1/trade"
        self._numbers = itertools.count(1)

    def sender(self) -> Json:
        return {"base": str(self.base), "epoch": self.epoch, "instance": self.instance}

    async def call(self, method: str, path: str, *, token: str | None = None, **options: Any) -> Response:
        headers = {"Authorization": f"Bearer {self.token if token is None else token}", **options.pop("headers", {})}
        return await self.client.request(method, path, headers=headers, **options)

    async def post(self, path: str, body: Any, **options: Any) -> Response:
        content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", **options.pop("headers", {})}
        return await self.call("POST", f"/api/v1/exchange/{path}", content=content, headers=headers, **options)

    def envelope(
        self, objects: Sequence[Any] = (), commands: Sequence[Json] = (), *, number: int | None = None, **more: Any
    ) -> Json:
        number = next(self._numbers) if number is None else number
        return {**self.sender(), "number": number, "objects": list(objects), "commands": list(commands), **more}

    async def send(self, objects: Sequence[Any] = (), commands: Sequence[Json] = (), **more: Any) -> Json:
        """One message that must be accepted."""
        answer = await self.post("messages", self.envelope(objects, commands, **more))
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        counted = sum(told["objects"].values()) + len(told["quarantined"])
        assert counted == len(objects), f"{counted} objects told of, {len(objects)} sent"
        return told

    async def press(self, type: str, order_ref: str, id: str | None = None, **data: Any) -> Json:
        """One command by itself; the element of `commands` that answers it."""
        return await self.press_as(command(type, order_ref, id, **data))

    async def press_as(self, body: Json) -> Json:
        answer = await self.post("commands", {**self.sender(), "command": body})
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told

    async def state(self) -> Json:
        answer = await self.call("GET", "/api/v1/exchange/state", params=self.sender())
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told

    async def begin_epoch(self, reason: str = "restore") -> Response:
        """The base starts a new series of numbers."""
        self.epoch, self._numbers = str(uuid4()), itertools.count(1)
        return await self.post("epochs", {**self.sender(), "reason": reason})

    async def outgoing(self, **query: Any) -> Response:
        return await self.call("GET", "/api/v1/exchange/outgoing", params={**self.sender(), **query})

    async def events(self, **query: Any) -> list[Json]:
        answer = await self.outgoing(**query)
        assert answer.status_code == 200, answer.text
        told: list[Json] = answer.json()["events"]
        return told

    async def ack(self, accepted: Sequence[str] = (), rejected: Sequence[Json] = ()) -> Response:
        return await self.post("outgoing/ack", {
            **self.sender(), "batch": new_ref(), "accepted": list(accepted), "rejected": list(rejected),
        })  # fmt: skip


class Service:
    """The service of one test. db: for what only the store knows."""

    def __init__(self, client: AsyncClient, dsn: str) -> None:
        self.client, self.dsn = client, dsn
        self.onec = Exchange(client)

    async def person(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, **more: Any
    ) -> Response:
        """A call of a person; body: JSON-able."""
        headers = {"Authorization": f"Bearer {PERSON_TOKEN}", **more.pop("headers", {})}
        headers |= {} if key is None else {"Idempotency-Key": key}
        options = {} if body is None else {"json": body}
        return await self.client.request(method, path, headers=headers, **options, **more)

    async def act(self, delivery_id: str, action: str, **more: Any) -> Json:
        """Something a person does on the board; must be allowed."""
        answer = await self.person(
            "POST", f"/api/v1/board/deliveries/{delivery_id}/actions", {"action": action, **more}
        )
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told

    async def feed(self, **query: Any) -> Json:
        headers = {"Authorization": f"Bearer {FEED_TOKEN}"}
        answer = await self.client.get("/api/v1/events", params=query, headers=headers)
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told

    async def rows(self, query: str, *values: Any) -> list[Json]:
        """Rows of the database, by column name."""
        async with await psycopg.AsyncConnection.connect(self.dsn, row_factory=dict_row, autocommit=True) as conn:
            return await (await conn.execute(query.encode(), values)).fetchall()

    async def end_leases(self) -> None:
        """What was given to 1C and is not acknowledged may be given again, as after the time of its lease."""
        await self.rows("UPDATE lane SET due_at = now() WHERE depth > 0 AND due_at > now() RETURNING 1")

    async def mirror(self) -> list[Json]:
        return await self.rows("SELECT kind, ref, version, deleted, posted, data FROM mirror ORDER BY kind, ref")

    async def ready_order(self, *, ready: Json | None = None, **data: Any) -> tuple[str, Json]:
        """(ref, delivery of the answer) of a new order with «Готов», everything it needs sent before."""
        ref = new_ref()
        await self.onec.send([*references(), order(ref, **data)])
        done = await self.onec.press("delivery.ready", ref, **(ready or {}))
        assert done["status"] == "done", done
        return ref, done["result"]["delivery"]

    async def picked_up(self, **data: Any) -> tuple[str, Json]:
        """An order whose delivery is with its courier."""
        ref, delivery = await self.ready_order(ready={"courier": COURIER}, **data)
        await self.act(delivery["id"], "pick_up")
        return ref, delivery


@asynccontextmanager
async def started(app: Any) -> AsyncIterator[None]:
    """The application's own start and stop. `app.lifespan` must end in the task that began it; fixtures do not."""
    for hook in app.on_startup:
        await hook()
    try:
        yield
    finally:
        for hook in app.on_shutdown:
            await hook()


@asynccontextmanager
async def running(dsn: str, configured: Settings | None = None) -> AsyncIterator[Service]:
    """The service on a database, with tokens of a person and of a subscriber's feed."""
    with tempfile.TemporaryDirectory() as folder:
        async with _running(dsn, _files_in(folder, configured or settings())) as service:
            yield service


def _files_in(folder: str, configured: Settings) -> Settings:
    """Photos of a test are not to be left in the checkout."""
    if configured.server.data_dir != Server().data_dir:
        return configured
    return msgspec.structs.replace(configured, server=msgspec.structs.replace(configured.server, data_dir=folder))


_IDLE: dict[tuple[Any, ...], list[Litestar]] = defaultdict(list)


def _again(services: Services, *, start: Sequence[Hook], stop: Sequence[Hook], **built: Any) -> Litestar:
    """An application whose test is over, connected anew: to make its routes takes longer than most tests."""
    framed_by = services.portal_origin if built["web"] else ""  # it stands in the headers of the built pages alone
    idle = _IDLE[framed_by, *sorted(built.items())]
    app = idle.pop() if idle else make_app(services, **built)

    async def back() -> None:
        idle.append(app)

    connect(app, services, start, [*stop, back])
    return app


@asynccontextmanager
async def _running(dsn: str, configured: Settings) -> AsyncIterator[Service]:
    with patch.object(bootstrap_api, "make_app", _again):
        app = bootstrap_api.api(configured, dsn, None)
    transport = ASGITransport(app, client=("127.0.0.1", 50_000))
    async with started(app), AsyncClient(transport=transport, base_url="http://posrednik.test") as client:
        db = app.state.services.db  # its own: every connection more costs as much as a request
        await bootstrap.keep_token(db, "person", "Логист", PERSON_TOKEN)
        await bootstrap.keep_token(db, "feed", "shop", FEED_TOKEN)
        yield Service(client, dsn)


async def until(look: Callable[[], Any], seconds: float = 60.0) -> Any:
    """Ask until the answer is something; for what another request brings about."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not (found := await look()):
        assert asyncio.get_running_loop().time() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)
    return found
