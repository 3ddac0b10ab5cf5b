"""Where Bitrix24 installs our application: the page for its administrator, and ONAPPINSTALL from server to server, at
one address. See docs/subsystems/portal.md.
"""

import asyncio
import base64
import hashlib
import html
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from string import Template
from typing import Any
from urllib.parse import urlsplit

from litestar import MediaType, Request, Response, Router, get, post

from posrednik.api import entry
from posrednik.api.auth import services_of
from posrednik.api.problems import language
from posrednik.api.services import Services
from posrednik.domain.entry import NotVerified
from posrednik.domain.portal_check import WORST, Line
from posrednik.domain.portal_install import ON_INSTALL, ON_UNINSTALL, event_of, missing_scopes
from posrednik.domain.texts_portal import SCOPES, installed
from posrednik.kit import metrics
from posrednik.kit.addresses import is_loopback
from posrednik.usecases.install_portal import Installed, PortalInstall
from posrednik.usecases.set_up_portal import set_up

AnyRequest = Request[Any, Any, Any]
# The portal's administrator waits at his page, and the portal's server for its answer.
BIND_S = 10.0
SCRIPT = files("posrednik.api").joinpath("install.js").read_text(encoding="utf-8")
STYLE = (entry.STYLE + "h2{font-size:1.1rem;margin-top:2rem}li{margin:.4rem 0}ul{padding-left:1.2rem}"
         "button{font:inherit;padding:.6rem 1.2rem;border:0;border-radius:.5rem;background:#0b66c3;color:#fff}"
         "button:disabled{opacity:.6}")  # fmt: skip
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
PAGE = Template(
    '<!doctype html><html lang="$lang"><head><meta charset="utf-8"><title>$title</title>'
    f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style>'
    '<script src="$library" defer></script><script src="/bitrix24/install.js" defer></script></head>'
    '<body><h1>$title</h1>$body<p><button type="button">$finish</button></p>'
    '<p role="status" data-finished="$finished" data-no-frame="$no_frame"></p></body></html>'
)


@post("/install", status_code=200, summary="Bitrix24 installs the application")
async def install(request: AnyRequest) -> Response[Any]:
    """Who installed it reads what was done and what is missing; a server is answered in a word."""
    form = await entry.form_of(request)
    event = event_of(form)
    if event == ON_UNINSTALL:
        return await _uninstalled(request, form)
    if event not in ("", ON_INSTALL):
        raise entry.Refused("bad_request")
    try:
        done = await _installer(request).install(form)
    except NotVerified as error:
        raise entry.refused(error) from None
    metrics.ENTRIES.labels("install", "in").inc()
    lines = await _bound(services_of(request))
    return _done() if event else _page(request, done, lines)


async def _bound(services: Services) -> Sequence[Line]:
    """Events and placements of the new installation; what is cut off here is made by the next set-up."""
    desk = await services.portal_desk() if services.portal_desk is not None else None
    if desk is None or services.portal_wanted is None:
        return ()
    try:
        async with asyncio.timeout(BIND_S):
            return await set_up(
                services.db, services.live, desk, services.portal_wanted, "portal", lambda: datetime.now(UTC),
                wait_s=BIND_S, bindings_only=True,
            )  # fmt: skip
    except TimeoutError:
        return (Line("set_up", "wrong", "busy"),)


async def _uninstalled(request: AnyRequest, form: Mapping[str, str]) -> Response[Any]:
    if not await _installer(request).uninstall(form):
        raise entry.Refused("other_application")
    return _done()


@get("/install", status_code=303)
async def reloaded(request: AnyRequest) -> Response[Any]:
    """Opened by hand: there is nothing to install without the portal's word."""
    return entry.redirect(request, application="/office/")


@get("/install.js", status_code=200, media_type="text/javascript; charset=utf-8")
async def script() -> Response[str]:
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
    return Response(SCRIPT, media_type="text/javascript; charset=utf-8", headers=headers)


def _installer(request: AnyRequest) -> PortalInstall:
    installer = services_of(request).portal_install
    if installer is None:
        raise entry.Refused("not_configured")
    return installer


def _done() -> Response[Any]:
    return Response({"ok": True}, status_code=200, headers=entry.PRIVATE)


def _page(request: AnyRequest, done: Installed, lines: Sequence[Line]) -> Response[Any]:
    services, lang = services_of(request), language(request)
    told = {key: html.escape(installed(key, lang)) for key in ("title", "finish", "finished", "no_frame")}
    body, library = _body(services, done, lines, lang), html.escape(services.portal_js)
    text = PAGE.substitute(told, lang=lang, body=body, library=library)
    return Response(text, status_code=200, headers=_headers(request, services), media_type=MediaType.HTML)


def _body(services: Services, done: Installed, lines: Sequence[Line], lang: str) -> str:
    did = [installed("portal", lang, domain=done.domain), installed("user", lang, user=str(done.user_id)),
           installed("tokens", lang), *_told(lines, lang, wrong=False)]  # fmt: skip
    missing = [*_missing(services, done, lang), *_told(lines, lang, wrong=True)]
    return (
        _items(did) + f"<h2>{html.escape(installed('missing', lang))}</h2>"
        + (_items(missing) if missing else f"<p>{html.escape(installed('nothing', lang))}</p>")
        + f"<h2>{html.escape(installed('next', lang))}</h2><p>{html.escape(installed('setup', lang))}</p>"
    )  # fmt: skip


def _told(lines: Sequence[Line], lang: str, *, wrong: bool) -> list[str]:
    told = [line.told(lang) for line in lines if (line.state in WORST) is wrong]
    return [f"{one['title']}: {one['text']}" for one in told]


def _missing(services: Services, done: Installed, lang: str) -> list[str]:
    """In words, what will not work yet."""
    scopes = [SCOPES[one][lang == "en"] for one in missing_scopes(done.scope)]
    said = [f"{installed('scopes', lang)} {'; '.join(scopes)}."] if scopes else []
    if not done.told_token:
        said.append(installed("no_token", lang))
    if not _seen_by(services.portal_origin, services.public_url):
        said.append(installed("address", lang, url=services.public_url))
    return said


def _seen_by(portal: str, url: str) -> bool:
    """Whether a portal there can call us here; both on this machine are a trial."""
    if is_loopback(urlsplit(portal).hostname):
        return True
    parts = urlsplit(url)
    return parts.scheme == "https" and not is_loopback(parts.hostname)


def _items(texts: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{html.escape(text)}</li>" for text in texts) + "</ul>"


def _headers(request: AnyRequest, services: Services) -> dict[str, str]:
    """As an opened page, and it may run its own script and the library of Bitrix24."""
    parts = urlsplit(services.portal_js)
    scripts = f"script-src 'self' {parts.scheme}://{parts.netloc}; style-src 'sha256-{STYLE_HASH}'"
    return entry.headers(request, scripts)


router = Router(
    "/bitrix24", route_handlers=[install, reloaded, script], include_in_schema=False,
    request_max_body_size=entry.LARGEST_FORM, exception_handlers=entry.SAYS_NO,
)  # fmt: skip
