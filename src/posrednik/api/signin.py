"""The office's doors: sign in by a password or through the portal, and out. See docs/subsystems/people.md."""

from datetime import UTC, datetime
from typing import Any

from litestar import Request, Response, Router, get, post

from posrednik.api import documents_people as told
from posrednik.api import entry
from posrednik.api.auth import body_of, caller_of, keyed, services_of
from posrednik.api.openapi import OWN, documented
from posrednik.api.problems import Problem, answer_of, plain
from posrednik.intake.reading import decode_text
from posrednik.kit import metrics
from posrednik.kit.log import get_logger
from posrednik.store.db import Tx
from posrednik.usecases import sign_in as doors

AnyRequest = Request[Any, Any, Any]
log = get_logger("signin")
MOST_AT_ONCE = (400, 401, 413, 415, 422, 429, 503)


def _from(request: AnyRequest) -> doors.From:
    agent = request.headers.get("user-agent", "").replace("\x00", "")
    return doors.From(entry.address_of(request), agent)


def _not_too_often(request: AnyRequest) -> None:
    """Checking a password costs so much that it is not for whoever asks all the time."""
    wait_s = services_of(request).openings.wait_s(entry.address_of(request))
    if wait_s > 0:
        raise Problem(429, "rate_limited", retry_after=max(1, round(wait_s + 0.5)))


def _refused(door: str, error: doors.SignInRefused) -> Problem:
    metrics.SIGN_INS.labels(door, error.code).inc()
    log.info("signin.refused", code=error.code)
    return Problem(429 if error.retry_after_s else 401, error.code, retry_after=error.retry_after_s)


def _in(door: str, session: doors.Session) -> Response[bytes]:
    metrics.SIGN_INS.labels(door, "in").inc()
    body = {"token": session.token, "expires_at": session.expires_at.isoformat(), "name": session.person.name}
    return plain(body, headers=entry.PRIVATE)


@post(
    "/signin", status_code=200, summary="A session of the office, by login, password and second factor",
    **documented("signIn", body=told.SignIn, answer=told.SignedIn, says_no=MOST_AT_ONCE, open_to_all=True),
)  # fmt: skip
async def sign_in(request: AnyRequest) -> Response[bytes]:
    _not_too_often(request)
    services, said = services_of(request), decode_text(await body_of(request), told.SignIn)
    typed = doors.Credentials(said.login, said.password, said.code, said.new_password)
    try:
        return _in("password", await doors.sign_in(
            services.db, services.passwords, typed, _from(request), datetime.now(UTC)
        ))  # fmt: skip
    except doors.SignInRefused as error:
        raise _refused("password", error) from None


@post(
    "/signin/portal", status_code=200, summary="A session for whom the portal has vouched for",
    **documented("signInByPortal", body=told.Ticket, answer=told.SignedIn, says_no=MOST_AT_ONCE, open_to_all=True),
)  # fmt: skip
async def by_ticket(request: AnyRequest) -> Response[bytes]:
    _not_too_often(request)
    said, now = decode_text(await body_of(request), told.Ticket), datetime.now(UTC)
    try:
        return _in("portal", await services_of(request).db.transact(
            lambda tx: doors.sign_in_by_ticket(tx, said.ticket, _from(request), now)
        ))  # fmt: skip
    except doors.SignInRefused as error:
        raise _refused("portal", error) from None


@post("/signout", status_code=200, summary="This session ends",
      **documented("signOut", answer=told.Done, says_no=(409, 422), right=OWN))  # fmt: skip
async def sign_out(request: AnyRequest) -> Response[bytes]:
    caller = await caller_of(request, "person")
    once = keyed(request, caller, b"")

    async def work(tx: Tx) -> dict[str, Any]:
        if caller.person_id is None or caller.token_id is None:
            return {"done": False}
        return await doors.sign_out(tx, caller.person_id, caller.token_id)

    answer = await once.run(work)
    request.app.state.doorkeeper.forget()
    return answer_of(answer, replayed=once.replayed)


# -- opened in Bitrix24


@post("/", status_code=303, summary="Bitrix24 opens the office's pages")
async def opened(request: AnyRequest) -> Response[Any]:
    """Who opened it gets a ticket in the fragment of the address, which no server ever sees."""
    services, form = services_of(request), await entry.form_of(request)
    auth_id = form.get("AUTH_ID", "")
    if auth_id and await doors.was_here(services.db, auth_id):
        return entry.redirect(request, application="/office/")
    user_id, now = await entry.vouched(services, form), datetime.now(UTC)
    try:
        ticket = await services.db.transact(lambda tx: doors.ticket_for(tx, auth_id, user_id, now))
    except doors.NoSuchUser:
        metrics.SIGN_INS.labels("portal", "person_unknown").inc()
        raise entry.Refused("person_unknown", user=user_id) from None
    return entry.redirect(request, f"ticket={ticket}" if ticket else "", "/office/")


@get("/", status_code=303)
async def reloaded(request: AnyRequest) -> Response[Any]:
    """Reloaded, or opened by hand: the pages ask for what they need."""
    return entry.redirect(request, application="/office/")


router = Router("/api/v1", route_handlers=[sign_in, by_ticket, sign_out], tags=["People"])
portal_doors = Router(
    "/office/open", route_handlers=[opened, reloaded], include_in_schema=False,
    request_max_body_size=entry.LARGEST_FORM, exception_handlers=entry.SAYS_NO,
)  # fmt: skip
