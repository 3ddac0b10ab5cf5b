"""A portal with our application, and processes of ours that call it by the application's tokens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from tests.connectors.harness import Handler, Server, TestGate

from posrednik import bootstrap, bootstrap_portal
from posrednik.config import Bitrix24, Settings
from posrednik.connectors.bitrix24.access import Access
from posrednik.connectors.bitrix24.inbound import Answer, Problem
from posrednik.connectors.bitrix24.transport import Transport
from posrednik.kit.http import Sessions
from posrednik.store.db import Database
from posrednik_sandbox.portal.portal import Portal
from posrednik_sandbox.portal.protocol import protocol_app

ADMIN, EMPLOYEE = 1, 7
Json = dict[str, Any]


@dataclass
class World:
    """asked: paths of the portal with their queries, in order. instead: answers a path in its place."""

    portal: Portal
    server: Server
    dsn: str
    asked: list[str] = field(default_factory=list)
    instead: dict[str, Handler] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def settings(self, **more: Any) -> Settings:
        app = self.portal.application
        told: Json = {"portal_url": self.url, "auth_url": self.url, "client_id": app.client_id,
                      "client_secret": app.client_secret, "calls_per_second": 0.0}  # fmt: skip
        return Settings(bitrix24=Bitrix24(**{**told, **more}))

    def renewals(self) -> int:
        return sum(path.startswith("/oauth/token/") for path in self.asked)

    def form(self, user: int = ADMIN, **more: str) -> dict[str, str]:
        """What the portal posts when this user opens our page."""
        token = self.portal.tokens.issue(user, self.portal.application, self.portal.address)
        return {
            "AUTH_ID": token.value, "REFRESH_ID": token.refresh, "AUTH_EXPIRES": "3600", "member_id": token.member_id,
            "APPLICATION_TOKEN": self.portal.application.application_token, "PLACEMENT": "DEFAULT", **more,
        }  # fmt: skip

    def secrets(self) -> set[str]:
        """All that must be seen nowhere."""
        tokens = [text for one in self.portal.tokens._given.values() for text in (one.value, one.refresh)]
        app = self.portal.application
        return {*tokens, app.client_secret, app.application_token} - {""}

    def hour_later(self) -> None:
        self.portal.clock.advance(3700)


@dataclass
class Process:
    """One process of ours, with its own connections."""

    db: Database
    sessions: Sessions
    access: Access
    gate: TestGate = field(default_factory=TestGate)

    @property
    def transport(self) -> Transport:
        return Transport(self.access, self.sessions.get(public_only=False), timeout_s=30.0)

    async def call(self, method: str, body: Json | None = None) -> Answer | Problem:
        return await self.transport.call(self.gate, method, body or {})


@asynccontextmanager
async def a_world(dsn: str) -> AsyncIterator[World]:
    portal = Portal()
    portal.limits.set_tariff("box")
    app = protocol_app(portal)
    world = World(portal, Server(app), dsn)

    @web.middleware
    async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
        world.asked.append(request.path_qs)
        return await world.instead.get(request.path, handler)(request)

    app.middlewares.insert(0, watch)
    await world.server.start()
    portal.address = f"127.0.0.1:{world.server.port}"
    try:
        yield world
    finally:
        await world.server.stop()


@asynccontextmanager
async def installed(world: World, user: int = ADMIN, **more: Any) -> AsyncIterator[Process]:
    """A process after an administrator has installed the application."""
    async with a_process(world, install=user, **more) as made:
        yield made


@asynccontextmanager
async def a_process(world: World, *, install: int = 0, **more: Any) -> AsyncIterator[Process]:
    settings = world.settings(**more)
    db, sessions = bootstrap.database(settings, world.dsn), Sessions()
    await db.open()
    try:
        if install:
            installer = bootstrap_portal.installer(settings, db, sessions)
            assert installer is not None
            await installer.install(world.form(install))
        access = await bootstrap_portal.access_of(settings, db, sessions)
        assert access is not None
        yield Process(db, sessions, access)
    finally:
        await sessions.close()
        await db.close()
