"""Doors for people of the office: who I am, my account, and those who may come in. See docs/subsystems/people.md."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from litestar import Request, Response, Router, get, patch, post
from litestar.params import FromPath
from msgspec import UNSET, structs

from posrednik.api import documents_people as told
from posrednik.api.auth import body_of, caller_of, keyed, person_of, services_of
from posrednik.api.entry import PRIVATE
from posrednik.api.openapi import OWN, documented
from posrednik.api.problems import Problem, answer_of, plain
from posrednik.api.zone import zone_of
from posrednik.domain.rights import RIGHTS_OF, Right, rights_of
from posrednik.intake.reading import decode_text
from posrednik.store import views
from posrednik.store.db import Database, Row, Tx
from posrednik.usecases import manage_people as manage
from posrednik.usecases.authenticate import Caller
from posrednik.usecases.manage_devices import qr_rows
from posrednik.usecases.order_facts import Rules
from posrednik.usecases.sign_in import SignInRefused

AnyRequest = Request[Any, Any, Any]
T = TypeVar("T")


async def division_names(db: Database, rules: Rules) -> dict[str, str]:
    """By ref: those of 1C, and those of the settings that 1C has not told of yet."""
    known = {row.ref: row.name for row in await views.names(db) if row.kind == "division"}
    return {**{ref: ref for ref in rules.divisions}, **known}


@get("/me", summary="Who I am and what I may do", **documented("me", answer=told.Me, right=OWN))
async def me(request: AnyRequest) -> Response[bytes]:
    caller, services = await caller_of(request, "person"), services_of(request)
    names = await division_names(services.db, services.rules)
    mine = None if caller.divisions is None else sorted(caller.divisions)
    return plain({
        "name": caller.name or caller.owner, "login": caller.login, "roles": sorted(caller.roles),
        "rights": sorted(rights_of(caller.roles, limited=mine is not None)),
        "divisions": None if mine is None else [{"ref": ref, "name": names.get(ref, ref)} for ref in mine],
        "time_zone": str(await zone_of(services, caller, None)),
    })  # fmt: skip


# -- my account


async def _own(request: AnyRequest) -> tuple[Caller, UUID]:
    caller = await caller_of(request, "person")
    if caller.person_id is None:
        raise Problem(403, "no_account")
    return caller, caller.person_id


async def _confirmed(request: AnyRequest, person_id: UUID, password: str) -> None:
    """What is the person's own asks for his password again: an open browser is not he."""
    services = services_of(request)
    try:
        await manage.confirm_password(services.db, services.passwords, person_id, password, datetime.now(UTC))
    except SignInRefused as error:
        raise Problem(429, error.code, retry_after=error.retry_after_s) from None


async def _done(
    request: AnyRequest, caller: Caller, work: Callable[[Tx], Awaitable[T]], body: bytes = b"", *, secret: bool = False
) -> tuple[T, bool]:  # fmt: skip
    """`work` under the Idempotency-Key, and whether it was done before (only an answer that is a dict is kept).

    secret: the audit keeps nothing of the body.
    """
    once = keyed(request, caller, body, told={} if secret else None)
    try:
        answer = await once.run(work)
    except manage.NoSuchPerson as error:
        raise Problem(404, "not_found") from error
    except manage.PersonChanged as error:
        raise Problem(409, "person_changed") from error
    request.app.state.doorkeeper.forget()
    return answer, once.replayed


@get("/me/account", summary="My account", **documented("account", answer=told.Account, right=OWN))
async def account(request: AnyRequest) -> Response[bytes]:
    _, person_id = await _own(request)
    return plain(await services_of(request).db.transact(lambda tx: manage.own_account(tx, person_id)))


@post("/me/password", status_code=200, summary="A new password; my other sessions end",
      **documented("changePassword", body=told.NewPassword, answer=told.Done, says_no=(409, 415, 422),
                   right=OWN))  # fmt: skip
async def change_password(request: AnyRequest) -> Response[bytes]:
    caller, person_id = await _own(request)
    body = await body_of(request)
    said = decode_text(body, told.NewPassword)
    await _confirmed(request, person_id, said.password)
    passwords = services_of(request).passwords

    await _done(
        request, caller,
        lambda tx: manage.change_password(tx, passwords, person_id, said.new_password, caller.token_id), body,
        secret=True,
    )  # fmt: skip
    return plain({"done": True})


@post("/me/totp", status_code=200, summary="Begin with codes of the telephone: its secret, shown once",
      **documented("beginTotp", body=told.OwnPassword, answer=told.Totp, says_no=(409, 415, 422),
                   right=OWN))  # fmt: skip
async def begin_totp(request: AnyRequest) -> Response[bytes]:
    caller, person_id = await _own(request)
    body = await body_of(request)
    await _confirmed(request, person_id, decode_text(body, told.OwnPassword).password)
    (secret, url), _ = await _done(request, caller, lambda tx: manage.begin_totp(tx, person_id), body, secret=True)
    return plain({"secret": secret, "url": url, "qr": qr_rows(url)}, headers=PRIVATE)


@post("/me/totp/confirm", status_code=200, summary="The telephone shows the right codes; recovery codes, shown once",
      **documented("confirmTotp", body=told.TotpCode, answer=told.Recovery, says_no=(409, 415, 422),
                   right=OWN))  # fmt: skip
async def confirm_totp(request: AnyRequest) -> Response[bytes]:
    caller, person_id = await _own(request)
    body = await body_of(request)
    code, now = decode_text(body, told.TotpCode).code, datetime.now(UTC)
    codes, _ = await _done(
        request, caller, lambda tx: manage.confirm_totp(tx, person_id, code, now), body, secret=True
    )  # fmt: skip
    return plain({"recovery": codes}, headers=PRIVATE)


@post("/me/totp/off", status_code=200, summary="No codes of the telephone any more",
      **documented("endTotp", body=told.TotpOff, answer=told.Done, says_no=(409, 415, 422), right=OWN))  # fmt: skip
async def end_totp(request: AnyRequest) -> Response[bytes]:
    caller, person_id = await _own(request)
    body = await body_of(request)
    said, now = decode_text(body, told.TotpOff), datetime.now(UTC)
    await _confirmed(request, person_id, said.password)

    await _done(request, caller, lambda tx: manage.end_own_totp(tx, person_id, said.code, now), body, secret=True)
    return plain({"done": True})


@get("/me/sessions", summary="Where I am signed in", **documented("mySessions", answer=told.Sessions, right=OWN))
async def my_sessions(request: AnyRequest) -> Response[bytes]:
    caller, person_id = await _own(request)
    return await _sessions(request, caller, person_id)


async def _sessions(request: AnyRequest, caller: Caller, person_id: UUID) -> Response[bytes]:
    now = datetime.now(UTC)
    try:
        rows = await services_of(request).db.transact(lambda tx: manage.sessions(tx, person_id, now))
    except manage.NoSuchPerson as error:
        raise Problem(404, "not_found") from error
    return plain({"sessions": [{**row, "current": row["id"] == str(caller.token_id)} for row in rows]})


@post("/me/sessions/{session_id:uuid}/end", status_code=200, summary="One of my sessions ends",
      **documented("endMySession", answer=told.Ended, says_no=(409, 422), right=OWN))  # fmt: skip
async def end_my_session(request: AnyRequest, session_id: FromPath[UUID]) -> Response[bytes]:
    caller, person_id = await _own(request)
    return await _end_sessions(request, caller, person_id, session_id)


async def _end_sessions(request: AnyRequest, caller: Caller, person_id: UUID, one: UUID | None) -> Response[bytes]:
    async def work(tx: Tx) -> dict[str, Any]:
        return {"ended": await manage.end_sessions(tx, person_id, one)}

    answer, replayed = await _done(request, caller, work)
    return answer_of(answer, replayed=replayed)


# -- those who may come in


def _shown(row: Row) -> dict[str, Any]:
    return {
        "id": str(row.id), "login": row.login, "name": row.name, "email": row.email,
        "bitrix24_user": row.bitrix24_user, "roles": row.roles, "divisions": row.divisions, "active": row.active,
        "totp": row.totp_on, "has_password": row.has_password, "one_time_until": _iso(row.one_time_until),
        "sessions": row.sessions, "last_at": _iso(row.last_at), "version": row.version,
    }  # fmt: skip


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


async def _all(db: Database) -> list[dict[str, Any]]:
    return [_shown(row) for row in await manage.all_people(db, datetime.now(UTC))]


@get("/people", summary="People of the office", **documented("people", answer=told.People, right=Right.PEOPLE_SEE))
async def people(request: AnyRequest) -> Response[bytes]:
    await person_of(request, Right.PEOPLE_SEE)
    services = services_of(request)
    names = await division_names(services.db, services.rules)
    return plain({
        "people": await _all(services.db),
        "roles": [{"role": role, "rights": sorted(rights)} for role, rights in RIGHTS_OF.items()],
        "divisions": [{"ref": ref, "name": name} for ref, name in sorted(names.items(), key=lambda one: one[1])],
    })  # fmt: skip


@post("/people", status_code=201, summary="Somebody new, with a password that works once",
      **documented("addPerson", body=told.NewPerson, answer=told.OneTimePassword, says_no=(409, 415, 422),
                   right=Right.PEOPLE_MANAGE))  # fmt: skip
async def add(request: AnyRequest) -> Response[bytes]:
    caller = await person_of(request, Right.PEOPLE_MANAGE)
    services, body = services_of(request), await body_of(request)
    said, now = decode_text(body, told.NewPerson), datetime.now(UTC)
    known = await division_names(services.db, services.rules)
    account = manage.Account(said.name, said.roles, said.divisions, said.email, said.bitrix24_user)
    made, _ = await _done(
        request, caller, lambda tx: manage.add(tx, services.passwords, said.login, account, known, now), body
    )  # fmt: skip
    return _one_time(made, 201)


def _one_time(made: manage.OneTime, status: int = 200) -> Response[bytes]:
    body = {"id": str(made.person_id), "password": made.password, "until": made.until.isoformat()}
    return plain(body, status, PRIVATE)


@patch("/people/{person_id:uuid}", summary="Change somebody: what he is, may do, and whether he may come in",
       **documented("changePerson", body=told.PersonChanges, answer=told.Person, says_no=(404, 409, 415, 422),
                    right=Right.PEOPLE_MANAGE))  # fmt: skip
async def change(request: AnyRequest, person_id: FromPath[UUID]) -> Response[bytes]:
    caller = await person_of(request, Right.PEOPLE_MANAGE)
    services, body = services_of(request), await body_of(request)
    said = decode_text(body, told.PersonChanges)
    known = await division_names(services.db, services.rules)
    named = {k: v for k, v in structs.asdict(said).items() if k != "version" and v is not UNSET}

    async def work(tx: Tx) -> dict[str, Any]:
        await manage.change(tx, person_id, said.version, named, known)
        return {"id": str(person_id)}

    _, replayed = await _done(request, caller, work, body)
    shown = next(one for one in await _all(services.db) if one["id"] == str(person_id))
    return answer_of(shown, replayed=replayed)


@post("/people/{person_id:uuid}/password", status_code=200, summary="A new password that works once; sessions end",
      **documented("resetPassword", answer=told.OneTimePassword, says_no=(404, 409, 422),
                   right=Right.PEOPLE_MANAGE))  # fmt: skip
async def reset_password(request: AnyRequest, person_id: FromPath[UUID]) -> Response[bytes]:
    caller, passwords = await person_of(request, Right.PEOPLE_MANAGE), services_of(request).passwords
    now = datetime.now(UTC)
    made, _ = await _done(request, caller, lambda tx: manage.reset_password(tx, passwords, person_id, now))
    return _one_time(made)


@post("/people/{person_id:uuid}/unlock", status_code=200, summary="Wrong tries of his login are forgotten",
      **documented("unlockPerson", answer=told.Done, says_no=(404, 409, 422), right=Right.PEOPLE_MANAGE))  # fmt: skip
async def unlock(request: AnyRequest, person_id: FromPath[UUID]) -> Response[bytes]:
    return await _managed(request, lambda tx: manage.unlock(tx, person_id))


@post("/people/{person_id:uuid}/totp-off", status_code=200, summary="He lost his telephone",
      **documented("resetTotp", answer=told.Done, says_no=(404, 409, 422), right=Right.PEOPLE_MANAGE))  # fmt: skip
async def totp_off(request: AnyRequest, person_id: FromPath[UUID]) -> Response[bytes]:
    return await _managed(request, lambda tx: manage.totp_off(tx, person_id))


async def _managed(request: AnyRequest, act: Callable[[Tx], Awaitable[None]]) -> Response[bytes]:
    caller = await person_of(request, Right.PEOPLE_MANAGE)

    async def work(tx: Tx) -> dict[str, Any]:
        await act(tx)
        return {"done": True}

    answer, replayed = await _done(request, caller, work)
    return answer_of(answer, replayed=replayed)


@get("/people/{person_id:uuid}/sessions", summary="Where somebody is signed in",
     **documented("sessions", answer=told.Sessions, says_no=(404,), right=Right.PEOPLE_SEE))  # fmt: skip
async def sessions(request: AnyRequest, person_id: FromPath[UUID]) -> Response[bytes]:
    return await _sessions(request, await person_of(request, Right.PEOPLE_SEE), person_id)


@post("/people/{person_id:uuid}/sessions/end", status_code=200, summary="All his sessions end",
      **documented("endSessions", answer=told.Ended, says_no=(404, 409, 422), right=Right.PEOPLE_MANAGE))  # fmt: skip
async def end_sessions(request: AnyRequest, person_id: FromPath[UUID]) -> Response[bytes]:
    return await _end_sessions(request, await person_of(request, Right.PEOPLE_MANAGE), person_id, None)


router = Router(
    "/api/v1", tags=["People"],
    route_handlers=[
        Router("/board", route_handlers=[me, account, change_password, begin_totp, confirm_totp, end_totp, my_sessions,
                                         end_my_session]),
        Router("/admin", route_handlers=[people, add, change, reset_password, unlock, totp_off, sessions,
                                         end_sessions]),
    ],
)  # fmt: skip
