"""The courier's ways in: the login, and the page that Bitrix24 opens. See docs/subsystems/entry.md."""

import base64
import hashlib
import html
import ipaddress
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from string import Template
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec
from litestar import MediaType, Request, Response, Router, get, post
from litestar.exceptions import HTTPException

from posrednik.api import documents_entry as told
from posrednik.api.auth import body_of, idempotency_key, services_of
from posrednik.api.openapi import documented
from posrednik.api.problems import Problem, language, plain
from posrednik.api.services import Services
from posrednik.domain.entry import NotVerified
from posrednik.domain.texts_entry import page_words
from posrednik.intake.reading import decode_text
from posrednik.kit import metrics
from posrednik.kit.addresses import is_loopback
from posrednik.kit.log import get_logger
from posrednik.store.db import StoreError
from posrednik.usecases import enter_from_portal as portal
from posrednik.usecases import sign_in as office
from posrednik.usecases.let_in import CourierUnknown, LetIn, LoginCodeWrong, can_be_guessed, let_in

AnyRequest = Request[Any, Any, Any]
log = get_logger("entry")
LARGEST_FORM = 64 * 1024
MOST_FIELDS = 100
AWAY_S = 30
PRIVATE = {"Cache-Control": "no-store"}
_CHAT = re.compile(r"chat([0-9]{1,18})")
STYLE = ("body{font:18px/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem}"
         ":root{color-scheme:light dark}h1{font-size:1.4rem}")  # fmt: skip
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
LOADS = f"style-src 'sha256-{_STYLE_HASH}'"
CSP = "default-src 'none'; {}; base-uri 'none'; form-action 'none'; frame-ancestors {}"
PAGE = Template(
    '<!doctype html><html lang="$lang"><head><meta charset="utf-8"><title>$title</title>'
    f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style></head>'
    "<body><h1>$title</h1><p>$text</p></body></html>"
)
# The status of each page; what is not here is 403: somebody is refused.
STATUS = {"bad_request": 400, "not_configured": 404, "too_often": 429, "portal_away": 503, "unavailable": 503,
          "internal_error": 500}  # fmt: skip


def address_of(request: AnyRequest) -> str:
    """Whom a limit counts: the peer, or the one that a proxy on this machine names. Of IPv6 the network of one home."""
    peer = request.client.host if request.client else ""
    forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    address = forwarded if forwarded and is_loopback(peer) else peer
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return peer
    return str(ipaddress.ip_network((ip, 64), strict=False)) if ip.version == 6 else str(ip)


# -- the login


@post(
    "/login", status_code=200, summary="A token for a phone, by a code that works once",
    **documented("courierLogin", body=told.Login, answer=told.LoginAnswer, says_no=(400, 401, 403, 413, 415, 429, 503),
                 open_to_all=True),
)  # fmt: skip
async def login(request: AnyRequest) -> Response[bytes]:
    services = services_of(request)
    _not_too_often(services.logins.wait_s(address_of(request)))
    asked = decode_text(await body_of(request), told.Login)
    if not can_be_guessed(asked.code):
        return _entered(await _let_in(request, services, asked))
    _not_too_often(services.wrong_logins.take())
    wrong = False
    try:
        return _entered(await _let_in(request, services, asked))
    except Problem as problem:
        wrong = problem.status == 401
        raise
    finally:
        if not wrong:
            services.wrong_logins.give_back()


def _not_too_often(wait_s: float) -> None:
    if wait_s > 0:
        metrics.ENTRIES.labels("login", "login_tries").inc()
        raise Problem(429, "login_tries", retry_after=max(1, round(wait_s + 0.5)))


async def _let_in(request: AnyRequest, services: Services, asked: told.Login) -> LetIn:
    key, agent = idempotency_key(request), request.headers.get("user-agent", "").replace("\x00", "")
    now = datetime.now(UTC)
    try:
        return await services.db.transact(lambda tx: let_in(tx, asked.code, asked.device, agent, key, now))
    except LoginCodeWrong:
        metrics.ENTRIES.labels("login", "login_code_wrong").inc()
        raise Problem(401, "login_code_wrong") from None
    except CourierUnknown:
        metrics.ENTRIES.labels("login", "courier_unknown").inc()
        raise Problem(403, "courier_unknown") from None


def _entered(done: LetIn) -> Response[bytes]:
    metrics.ENTRIES.labels("login", done.entry).inc()
    body = {
        "token": done.token, "expires_at": done.expires_at.isoformat(), "entry": done.entry,
        "courier": {"ref": done.courier.ref, "name": done.courier.name},
    }  # fmt: skip
    return plain(body, headers=PRIVATE)


# -- opened in Bitrix24


class Refused(Exception):
    """A page that says no. user: the portal's number of him, once it is verified."""

    def __init__(self, code: str, status: int = 0, *, user: str = "", retry_after: int | None = None) -> None:
        super().__init__(code)
        self.code, self.status = code, status or STATUS.get(code, 403)
        self.user, self.retry_after = user, retry_after


async def _opened(request: AnyRequest, *, chat: bool) -> Response[Any]:
    """Who opened the page gets a ticket in the fragment of the application's address, which no server ever sees."""
    services, form = services_of(request), await form_of(request)
    try:
        ticket = await _ticket(services, form)
    except portal.NoCourier as error:
        return redirect(request, await _of_office(services, form, error), "/office/")
    metrics.ENTRIES.labels("portal", "in" if ticket else "again").inc()
    delivery = await _delivery(services, form, chat=chat)
    parts = [f"ticket={ticket}" if ticket else "", f"delivery={delivery}" if delivery else ""]
    return redirect(request, "&".join(filter(None, parts)))


async def _ticket(services: Services, form: Mapping[str, str]) -> str | None:
    """None: this pass let somebody in already, and that is as far as it goes. Raises NoCourier."""
    auth_id = form.get("AUTH_ID", "")
    if auth_id and await portal.was_here(services.db, auth_id):
        return None
    user_id, now = await vouched(services, form), datetime.now(UTC)
    return await services.db.transact(lambda tx: portal.enter(tx, auth_id, user_id, now))


async def _of_office(services: Services, form: Mapping[str, str], error: portal.NoCourier) -> str:
    """The application has one page for all: who is no courier may be of the office. Raises Refused."""
    auth_id, now = form.get("AUTH_ID", ""), datetime.now(UTC)
    try:
        if error.code != "user_unknown":
            raise office.NoSuchUser
        ticket = await services.db.transact(lambda tx: office.ticket_for(tx, auth_id, error.user_id, now))
    except office.NoSuchUser:
        raise Refused(error.code, user=error.user_id) from None
    metrics.ENTRIES.labels("portal", "office").inc()
    return f"ticket={ticket}" if ticket else ""


async def vouched(services: Services, form: Mapping[str, str]) -> str:
    """The portal's number of whoever opened the page. Raises Refused."""
    if services.portal_door is None:
        raise Refused("not_configured")
    try:
        user_id = (await services.portal_door.verify(form.get("AUTH_ID", ""), form)).user_id
    except NotVerified as error:
        raise refused(error) from None
    if services.portal_install is not None:
        await services.portal_install.heal(form)
    return user_id


def refused(error: NotVerified) -> Refused:
    return Refused(error.code, user=error.user, retry_after=AWAY_S if error.code == "portal_away" else None)


async def form_of(request: AnyRequest) -> dict[str, str]:
    """Query and body, the body over the query, the last of equals. Raises Refused, also when asked too often."""
    wait_s = services_of(request).openings.wait_s(address_of(request))
    if wait_s > 0:
        raise Refused("too_often", retry_after=max(1, round(wait_s + 0.5)))
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("", "application/x-www-form-urlencoded"):
        raise Refused("bad_request", 415)
    body = await request.body()
    try:
        texts = (request.scope.get("query_string", b"").decode("ascii"), body.decode("ascii"))
        pairs = [parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS) for text in texts]
    except ValueError:
        raise Refused("bad_request") from None
    return {name: value for found in pairs for name, value in found}


async def _delivery(services: Services, form: Mapping[str, str], *, chat: bool) -> UUID | None:
    """Where the courier is to land: at what a link names, and his phone asks his day for it; or at that of the chat."""
    options = _options(form)
    if chat:
        found = _CHAT.fullmatch(str(options.get("dialogId", "")))
        return await portal.delivery_of_chat(services.db, form.get("AUTH_ID", ""), int(found[1])) if found else None
    try:
        return UUID(str(options.get("delivery", "")))
    except ValueError:
        return None


def _options(form: Mapping[str, str]) -> dict[str, Any]:
    try:
        return msgspec.json.decode(form.get("PLACEMENT_OPTIONS", ""), type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}


def headers(request: AnyRequest, loads: str = LOADS) -> dict[str, str]:
    """The portal may frame this; nobody keeps it, and where it leads is told to nobody. loads: what the page may."""
    origin = services_of(request).portal_origin
    framed_by = f"'self' {origin}" if origin else "'none'"
    return {**PRIVATE, "Content-Security-Policy": CSP.format(loads, framed_by), "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff"}  # fmt: skip


def redirect(request: AnyRequest, fragment: str = "", application: str = "/courier/") -> Response[Any]:
    where = application + (f"#{fragment}" if fragment else "")
    return Response(None, status_code=303, headers={**headers(request), "Location": where})


def _page(request: AnyRequest, refused: Refused) -> Response[Any]:
    metrics.ENTRIES.labels("portal", refused.code).inc()
    log.info("entry.refused", code=refused.code, user=refused.user)
    lang = language(request)
    title, text = (html.escape(words) for words in page_words(refused.code, lang, user=refused.user))
    told = headers(request)
    if refused.retry_after is not None:
        told["Retry-After"] = str(refused.retry_after)
    return Response(PAGE.substitute(lang=lang, title=title, text=text), status_code=refused.status, headers=told,
                    media_type=MediaType.HTML)  # fmt: skip


def _on_http(request: AnyRequest, error: HTTPException) -> Response[Any]:
    return _page(request, Refused("bad_request", error.status_code))


def _on_store(request: AnyRequest, error: StoreError) -> Response[Any]:
    return _page(request, Refused("unavailable", retry_after=2))


def _on_anything(request: AnyRequest, error: Exception) -> Response[Any]:
    log.error("request.failed", path=request.url.path, exc_info=error)
    return _page(request, Refused("internal_error"))


SAYS_NO: dict[Any, Any] = {
    Refused: _page, HTTPException: _on_http, StoreError: _on_store, Exception: _on_anything
}  # fmt: skip


@post("/", status_code=303, summary="Bitrix24 opens the application's page")
async def page(request: AnyRequest) -> Response[Any]:
    return await _opened(request, chat=False)


@post("/chat", status_code=303, summary="Bitrix24 opens the application from a chat")
async def page_of_chat(request: AnyRequest) -> Response[Any]:
    return await _opened(request, chat=True)


@get(["/", "/chat"], status_code=303)
async def plain_page(request: AnyRequest) -> Response[Any]:
    """Reloaded, or opened by hand: the application itself asks for what it needs."""
    return redirect(request)


router = Router("/api/v1/courier", route_handlers=[login], tags=["Courier"])
doors = Router(
    "/courier/open", route_handlers=[page, page_of_chat, plain_page], include_in_schema=False,
    request_max_body_size=LARGEST_FORM,
    exception_handlers=SAYS_NO,
)  # fmt: skip
