"""The doors' locks: who calls, how often, and with what key. Every route but health asks one of these."""

from typing import Any

from litestar import Request

from posrednik.api.problems import Problem
from posrednik.api.services import Services
from posrednik.domain.rights import Right
from posrednik.kit import values
from posrednik.usecases.authenticate import Caller, Doorkeeper
from posrednik.usecases.fit_for_audit import fit_for_audit
from posrednik.usecases.once import Act, Keyed

AnyRequest = Request[Any, Any, Any]
LONGEST_KEY = 255
# Tools that send a body without being told its type call it one of these.
READ_AS_JSON = ("", "text/plain", "application/octet-stream", "application/x-www-form-urlencoded")


def services_of(request: AnyRequest) -> Services:
    services: Services = request.app.state.services
    return services


async def caller_of(request: AnyRequest, *kinds: str) -> Caller:
    """The caller, if one of `kinds`. Raises Problem 401, 403, 429."""
    services = services_of(request)
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    caller = await doorkeeper.caller(request.headers.get("authorization", ""))
    if caller is None:
        peer = request.client.host if request.client else ""
        _slow_down(services, f"anonymous:{peer}")
        raise Problem(401, "unauthorized")
    _slow_down(services, caller.principal)
    if caller.kind not in kinds:
        raise Problem(403, "forbidden")
    return caller


async def person_of(
    request: AnyRequest, right: Right, division: str | None = None, *, also: str | None = None
) -> Caller:  # fmt: skip
    """The person, if he has the right. Raises Problem 401, 403 (`forbidden`, `other_division`), 429.

    What he may see is limited further by `caller.divisions` (None = all), which the queries take. also: a kind of
    caller who needs no right, because this door is his.
    """
    caller = await caller_of(request, *filter(None, ("person", also)))
    if caller.kind == "person":
        check(caller, right, division)
    return caller


def check(caller: Caller, right: Right, division: str | None = None) -> None:
    """The same for an object that is known only after it was read. Raises Problem 403."""
    if not caller.may(right):
        raise Problem(403, "forbidden")
    if not caller.may(right, division):
        raise Problem(403, "other_division")


def _slow_down(services: Services, principal: str) -> None:
    wait_s = services.rate.wait_s(principal)
    if wait_s > 0:
        raise Problem(429, "rate_limited", retry_after=max(1, round(wait_s + 0.5)))


async def body_of(request: AnyRequest) -> bytes:
    """The raw body. Raises Problem 415 for what cannot be JSON; no type at all is taken for JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not (kind in READ_AS_JSON or kind.endswith(("/json", "+json"))):
        raise Problem(415, "unsupported_media_type")
    return await body_as_sent(request)


async def body_as_sent(request: AnyRequest) -> bytes:
    """The raw body of whatever type. Raises Problem 415 if it is packed."""
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Problem(415, "unsupported_media_type")
    return await request.body()


def keyed(request: AnyRequest, caller: Caller, body: bytes, *, told: dict[str, Any] | None = None) -> Keyed:
    """The request's transaction under its `Idempotency-Key`, if it has one; a person's act is written down with it.

    told: what the audit keeps of the request instead of its body (of which it keeps no secrets).
    """
    way = f"{request.method} {request.url.path}\n".encode()
    act = _act(request, caller, body, told) if caller.kind == "person" else None
    return Keyed(services_of(request).db, caller.principal, idempotency_key(request), way + body, act)


def _act(request: AnyRequest, caller: Caller, body: bytes, told: dict[str, Any] | None) -> Act:
    """What is done to: the parts of the address, unless `Keyed.about` says it better."""
    handler = request.route_handler
    operation = str(getattr(handler, "operation_id", None) or handler.handler_name)
    return Act(
        caller.principal, caller.name or caller.owner, str(handler.opt.get("right") or operation), operation,
        subject=asked("/".join(str(part) for part in request.path_params.values())), person_id=caller.person_id,
        data=fit_for_audit(body) if told is None else told,
    )  # fmt: skip


def idempotency_key(request: AnyRequest) -> str | None:
    """Bare or quoted (RFC draft: a structured-field string); 1 to 255 printable characters."""
    raw = request.headers.get("idempotency-key")
    if raw is None:
        return None
    key = raw.strip()
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise Problem(400, "malformed", errors=[{"pointer": "/header/Idempotency-Key", "detail": "1..255 printable"}])
    return key


def asked(value: str, longest: int = 200) -> str:
    """A text of the query as the store can take it."""
    return (values.text(value) or "")[:longest]


def check_range(name: str, value: float, least: float, most: float) -> None:
    """A number that is none (NaN) is in no range."""
    if not least <= value <= most:
        raise Problem(400, "malformed", errors=[{"pointer": f"/query/{name}", "detail": f"{least}..{most}"}])
