"""Health, metrics, and the built pages."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import Any

from litestar import Request, Response, Router, get, head
from litestar.exceptions import NotFoundException
from litestar.file_system import BaseLocalFileSystem
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.response.file import ASGIFileResponse
from litestar.static_files import StaticFiles

from posrednik.api.auth import services_of
from posrednik.api.problems import Problem, plain
from posrednik.kit import metrics
from posrednik.store import views
from posrednik.usecases.watch_alarms import show_alarms

AnyRequest = Request[Any, Any, Any]
LOOPBACK = ("127.0.0.1", "::1", "localhost")
CSP = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
       "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {}")  # fmt: skip
PAGE_HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-cache"}
FOR_EVER = "public, max-age=31536000, immutable"
START = PurePath("index.html")
# The option of a route whose answers are packed already; the application's own compression leaves them alone.
PACKED_ALREADY = "exclude_from_compression"
# What the build leaves beside a file, smallest first: the coding as a browser names it, and the file's ending.
PACKED = (("br", ".br"), ("gzip", ".gz"))


@get("/health/live", summary="The process runs", tags=["Service"])
async def live() -> dict[str, str]:
    return {"status": "ok"}


@get("/health/ready", summary="It can do its work: database and schema", tags=["Service"])
async def ready(request: AnyRequest) -> Response[bytes]:
    why = await services_of(request).ready()
    if why is not None:
        raise Problem(503, "unavailable", why, retry_after=2)
    # Whoever watches from outside sees by codes alone whether an administrator is needed; words are behind a sign-in.
    found = await show_alarms(services_of(request).db, datetime.now(UTC))
    return plain({"status": "ok", "alarms": sorted({one["code"] for one in found})})


@get("/metrics", summary="Prometheus; from loopback or with the metrics token", tags=["Service"])
async def prometheus(request: AnyRequest) -> Response[bytes]:
    services = services_of(request)
    given = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    known = bool(services.metrics_token) and secrets.compare_digest(given, services.metrics_token)
    forwarded = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    if not known and (forwarded or (request.client.host if request.client else "") not in LOOPBACK):
        raise Problem(403, "forbidden")
    for row in await views.destinations(services.db):
        metrics.WAITING.labels(row.name).set(row.waiting)
        metrics.OLDEST.labels(row.name).set(row.oldest_s or 0)
        metrics.DEAD.labels(row.name).set(row.dead)
        metrics.BREAKER.labels(row.name).set(row.breaker != "closed")
    metrics.ALARMS.clear()
    for alarm in await show_alarms(services.db, datetime.now(UTC)):
        metrics.ALARMS.labels(alarm["code"], alarm["subject"]).set(1)
    metrics.QUARANTINED.set((await views.figures(services.db)).quarantined)
    return Response(metrics.render(), media_type="text/plain; version=0.0.4; charset=utf-8")


@get("/", include_in_schema=False)
async def root() -> Redirect:
    return Redirect("/office/")


def _guarded(framed_by: str, cached: str = PAGE_HEADERS["Cache-Control"]) -> Callable[[Response[Any]], Response[Any]]:
    """A page loads nothing from elsewhere and is framed by nobody but `framed_by` (a source list of the policy)."""
    headers = {**PAGE_HEADERS, "Cache-Control": cached, "Content-Security-Policy": CSP.format(framed_by),
               "Vary": "Accept-Encoding"}  # fmt: skip

    def guarded(response: Response[Any]) -> Response[Any]:
        response.headers.update(headers)
        response.headers.pop("content-disposition", None)  # it would name the packed file
        return response

    return guarded


def pages(web: Path | None, portal_origin: str = "") -> list[Any]:
    """Routes of the built web applications; without a build there is a sentence instead of a page.

    portal_origin: the Bitrix24 portal, which may show them in a frame.
    """
    framed_by = f"'self' {portal_origin}".strip() if portal_origin else "'none'"
    return [*_application("office", web, framed_by), *_application("courier", web, framed_by), root]


def _application(name: str, web: Path | None, framed_by: str) -> list[Any]:
    """One application under its name; what Vite named by its content is kept by browsers for ever."""
    folder = web / name if web else None
    if folder is None or not (folder / "index.html").exists():
        return [_missing(name)]
    return [
        _files(f"/{name}/assets", folder / "assets", _guarded(framed_by, FOR_EVER)),
        _files(f"/{name}", folder, _guarded(framed_by)),
    ]


def _files(path: str, folder: Path, guarded: Callable[[Response[Any]], Response[Any]]) -> Router:
    """The files of a folder as the build packed them for what the browser reads; nothing is packed at a request."""
    files = StaticFiles(is_html_mode=False, directories=[folder], file_system=BaseLocalFileSystem())

    async def best(request: AnyRequest, name: str, is_head: bool) -> ASGIFileResponse:
        for ending in _read_by(request.headers.get("accept-encoding", "")):
            with suppress(NotFoundException):
                return await files.handle(name + ending, is_head_response=is_head)
        return await files.handle(name, is_head_response=is_head)

    @get(["/", "/{file_path:path}"])
    async def file(request: AnyRequest, file_path: FromPath[PurePath] = START) -> ASGIFileResponse:
        return await best(request, _named(file_path), is_head=False)

    @head(["/", "/{file_path:path}"])
    async def file_head(request: AnyRequest, file_path: FromPath[PurePath] = START) -> ASGIFileResponse:
        return await best(request, _named(file_path), is_head=True)

    opt = {PACKED_ALREADY: True}
    return Router(path, route_handlers=[file, file_head], after_request=guarded, include_in_schema=False, opt=opt)


def _named(path: PurePath) -> str:
    return path.as_posix().strip("/") or START.name


def _read_by(accepted: str) -> list[str]:
    """Endings of the packed files that an Accept-Encoding allows, smallest first: "gzip, br" is [".br", ".gz"]."""
    refused = ("q=0", "q=0.0", "q=0.00", "q=0.000")
    parts = [part.replace(" ", "").lower().partition(";") for part in accepted.split(",")]
    codings = {coding for coding, _, weight in parts if weight not in refused}
    return [ending for coding, ending in PACKED if coding in codings]


def _missing(name: str) -> Any:
    @get(f"/{name}", include_in_schema=False)
    async def missing() -> Response[str]:
        text = "Страницы не собраны: выполните ./run demo или npm run build в папке web."
        return Response(text, media_type="text/plain; charset=utf-8", status_code=503)

    return missing
