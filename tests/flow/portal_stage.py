"""A service, a portal of the sandbox in this process, a worker between them, and the watch, driven by hand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from aiohttp import web
from tests.connectors.harness import Server
from tests.flow.exchange_client import (
    COURIER,
    DIVISION,
    SECOND_COURIER,
    Json,
    Service,
    new_ref,
    order,
    running,
    settings,
)
from tests.flow.exchange_client import courier as a_courier
from tests.flow.exchange_client import references as plain_references

from posrednik import bootstrap, bootstrap_watch, bootstrap_worker
from posrednik.config import Bitrix24, Division, Settings
from posrednik.dispatch.worker import Worker
from posrednik.kit.http import Sessions
from posrednik.store.db import Database
from posrednik.usecases.watch_portal import PortalWatch
from posrednik_sandbox.portal import acts
from posrednik_sandbox.portal.events import EventHandler
from posrednik_sandbox.portal.model import Task
from posrednik_sandbox.portal.portal import WEBHOOK, Portal
from posrednik_sandbox.portal.protocol import protocol_app

GROUP, OTHER_GROUP = 11, 12
ADMIN, LOGISTICIAN, USER, SECOND_USER = 1, 2, 7, 8
TASK_EVENTS = ("ONTASKADD", "ONTASKUPDATE", "ONTASKDELETE", "ONTASKCOMMENTADD")


def references() -> list[Json]:
    """As of `exchange_client`, the couriers with their users of the portal."""
    plain = [one for one in plain_references() if one["kind"] != "courier"]
    return [*plain, a_courier(bitrix24_user=str(USER)),
            a_courier(SECOND_COURIER, "Иван Петров", bitrix24_user=str(SECOND_USER))]  # fmt: skip


def portal_settings(portal: Portal, port: int, **changes: Any) -> Settings:
    app = portal.application
    told = Bitrix24(
        portal_url=f"http://127.0.0.1:{port}", webhook="/".join(WEBHOOK), calls_per_second=0, timeout_s=30.0,
        time_limit_s=0.1, application_token=app.application_token, member_id=app.member_id,
        **changes.pop("bitrix24", {}),
    )  # fmt: skip
    plain: Json = {"divisions": (Division(ref=DIVISION, bitrix24_group=GROUP),), "bitrix24": told}
    return settings(**{**plain, **changes})


@dataclass
class Stage:
    """service: ours. portal: theirs; `do` is a person's hand there. worker sends, watch looks when it is told to."""

    service: Service
    portal: Portal
    server: Server
    settings: Settings
    db: Database
    worker: Worker
    watch: PortalWatch

    async def delivery(self, **data: Any) -> Json:
        """An order that is ready, assigned to the first courier, with its task in the portal."""
        await self.service.onec.send(references())
        delivery = await _ready(self.service, **data)
        await self.quiet()
        return delivery

    async def quiet(self, within_s: float = 60.0) -> None:
        """Until tasks, their steps and what is said in them have reached the portal."""
        async with asyncio.timeout(within_s):
            while await self.service.rows(
                "SELECT 1 FROM lane l JOIN destination d ON d.id = l.destination_id"
                " WHERE d.kind = 'bitrix24' AND l.depth > 0 AND l.state <> 'dead' AND l.key ~ '^(delivery|talk|steps):'"
            ):
                await asyncio.sleep(0.01)

    def task(self, delivery: Json) -> Task:
        """The oldest task of it."""
        return self.tasks(delivery)[0]

    def tasks(self, delivery: Json) -> list[Task]:
        return [task for task in self.portal.tasks if task.xml_id == f"posrednik:{delivery['id']}"]

    def column(self, delivery: Json) -> str:
        stage = self.portal.stages.get(self.task(delivery).stage_id)
        assert stage is not None
        return stage.title

    def said(self, delivery: Json) -> list[str]:
        """What we said in the task's talk."""
        dialog = f"chat{self.task(delivery).chat_id}"
        return [line.text for line in self.portal.messages if line.dialog == dialog and line.author_id == ADMIN]

    def do(self, user: int, task: Task, what: str, **more: Any) -> None:
        acts.do(self.portal, user, task.id, {"do": what, **more})

    def do_create(self, number: int) -> None:
        """A task of somebody else in our project."""
        acts.do(self.portal, LOGISTICIAN, 0, {"do": "create", "title": f"Чужая {number}", "group": GROUP})

    async def look(self) -> None:
        """All that was hinted at, at once, and what comes of it sent."""
        await self.service.rows("UPDATE portal_hint SET due_at = now() RETURNING 1")
        await self.watch.look()
        await self.quiet()

    async def noticed(self) -> None:
        """As polling alone would find it."""
        await self.watch.poll()
        await self.look()

    async def stage(self, delivery: Json) -> str:
        rows = await self.service.rows("SELECT stage FROM delivery WHERE id = %s", UUID(delivery["id"]))
        return str(rows[0]["stage"])

    async def incidents(self, *kinds: str) -> list[Json]:
        rows = await self.service.rows("SELECT id, kind, state, doc FROM incident ORDER BY raised_at")
        return [row for row in rows if not kinds or row["kind"] in kinds]


@asynccontextmanager
async def told_of_events(stage: Stage) -> AsyncIterator[None]:
    """The portal's sender posts its events to our door, as it does them or as its faults have it."""

    async def forward(request: web.Request) -> web.Response:
        form = await request.text()
        answer = await stage.service.client.post(
            "/bitrix24/events", content=form, headers={"Content-Type": request.headers["Content-Type"]}
        )
        return web.Response(status=answer.status_code)

    app = web.Application()
    app.router.add_post("/bitrix24/events", forward)
    door = Server(app)
    await door.start()
    url = f"http://127.0.0.1:{door.port}/bitrix24/events"
    events, client_id = stage.portal.events, stage.portal.application.client_id
    for number, name in enumerate(TASK_EVENTS, start=1):
        events.handlers.put(EventHandler(number, client_id, name, url))
    try:
        yield
    finally:
        events.unbind_all()
        await door.stop()


@asynccontextmanager
async def a_stage(dsn: str, **changes: Any) -> AsyncIterator[Stage]:
    portal = Portal()
    portal.limits.set_tariff("box")
    server = Server(protocol_app(portal))
    await server.start()
    portal.address = f"127.0.0.1:{server.port}"
    configured = portal_settings(portal, server.port, **changes)
    db, sessions = bootstrap.database(configured, dsn), Sessions()
    async with running(dsn, configured) as service:
        await db.open()
        worker = bootstrap_worker.worker(_quick(configured), db, sessions)
        await worker.start()
        watch = await bootstrap_watch.watch(configured, db, sessions)
        assert watch is not None
        try:
            yield Stage(service, portal, server, configured, db, worker, watch)
        finally:
            await worker.stop(1.0)
            await sessions.close()
            await db.close()
            await server.stop()
            portal.close()


def _quick(configured: Settings) -> Settings:
    dispatch = msgspec.structs.replace(configured.dispatch, poll_s=0.05, heartbeat_s=0.5, notify=False)
    return msgspec.structs.replace(configured, dispatch=dispatch)


async def _ready(service: Service, **data: Any) -> Json:
    ref, courier = new_ref(), data.pop("courier", COURIER)
    await service.onec.send([order(ref, **data)])
    done = await service.onec.press("delivery.ready", ref, **({"courier": courier} if courier else {}))
    assert done["status"] == "done", done
    told: Json = done["result"]["delivery"]
    return told
