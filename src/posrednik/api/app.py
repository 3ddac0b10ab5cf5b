"""The ASGI application: all doors together. Built by bootstrap; importing this makes nothing."""

import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.openapi import OpenAPIConfig
from litestar.types import ASGIApp, Message, Receive, Send

from posrednik.api import (
    admin,
    admin_repair,
    audit,
    bases,
    board,
    courier,
    couriers,
    divisions,
    entry,
    exchange,
    incidents,
    journal,
    kpi,
    loads,
    ownership,
    people,
    photos,
    pilot,
    portal,
    portal_events,
    portal_install,
    quarantine,
    reconcile,
    reports,
    service,
    settings,
    shifts,
    signin,
    steps,
    stream,
    subscribers,
    tokens,
    trade,
    value_maps,
    week,
)
from posrednik.api.drain import drained
from posrednik.api.openapi import Published
from posrednik.api.problems import HANDLERS
from posrednik.api.services import Services
from posrednik.kit import metrics
from posrednik.usecases.authenticate import Doorkeeper

Hook = Callable[[], Awaitable[None]]


def make_app(
    services: Services, *, max_body_bytes: int, web: Path | None, version: str, start: Sequence[Hook] = (),
    stop: Sequence[Hook] = (),
) -> Litestar:  # fmt: skip
    """web: folder of the built applications, None = not built. start, stop: run with the server, in its event loop."""
    app = Litestar(
        [exchange.router, subscribers.router, board.router, incidents.router, steps.router, stream.router, trade.router,
         shifts.router, reports.router, kpi.router, reconcile.router, loads.router, bases.router,
         courier.router, divisions.router, settings.router, tokens.router, pilot.router, week.router,
         admin.router, admin_repair.router, journal.router, ownership.router, quarantine.router, value_maps.router,
         service.live, service.ready, service.prometheus, couriers.router,
         entry.router, people.router, audit.router, signin.router, photos.router, entry.doors,
         signin.portal_doors, portal_install.router, portal_events.router, portal.router,
         *service.pages(web, services.portal_origin)],
        exception_handlers=HANDLERS,
        request_max_body_size=max_body_bytes,
        compression_config=CompressionConfig(backend="gzip", minimum_size=2000, exclude_opt_key=service.PACKED_ALREADY),
        middleware=[drained, timed],
        openapi_config=OpenAPIConfig(
            title="Posrednik", version=version, path="/api/v1/openapi.json", render_plugins=[Published()]
        ),
    )  # fmt: skip
    connect(app, services, start, stop)
    return app


def connect(app: Litestar, services: Services, start: Sequence[Hook], stop: Sequence[Hook]) -> None:
    """Let the doors of an application that does not run lead to these services."""
    app.state = State({"services": services, "doorkeeper": Doorkeeper(services.db)})
    app.on_startup, app.on_shutdown = [*start], [*stop]


def timed(app: ASGIApp) -> ASGIApp:
    """Counts every request under the pattern of its route, so that ids do not become labels."""

    async def middleware(scope: Any, receive: Receive, send: Send) -> None:
        started, status = time.perf_counter(), 500

        async def counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await app(scope, receive, counted)
        finally:
            route = _pattern(scope)
            scope["app"].state.services.faults.note(status)
            metrics.REQUESTS.labels(scope["method"], route, str(status)).observe(time.perf_counter() - started)

    return middleware


def _pattern(scope: Any) -> str:
    template = scope.get("path_template")
    return str(template) if template else "other"
