"""The doors' locks: who calls, how often, and with what key. Every route but health asks one of these."""

from typing import Any

from litestar import Request

from posrednik.api.problems import Problem
from posrednik.api.services import Services
from posrednik.usecases.authenticate import Caller, Doorkeeper

AnyRequest = Request[Any, Any, Any]
LONGEST_KEY = 255


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


def _slow_down(services: Services, principal: str) -> None:
    wait_s = services.rate.wait_s(principal)
    if wait_s > 0:
        raise Problem(429, "rate_limited", retry_after=max(1, round(wait_s + 0.5)))


def idempotency_key(request: AnyRequest) -> str | None:
    """Bare or quoted (RFC draft: a structured-field string); 1 to 255 printable characters."""
    raw = request.headers.get("idempotency-key")
    if raw is None:
        return None
    key = raw.strip().strip('"')
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise Problem(400, "malformed", errors=[{"pointer": "/header/Idempotency-Key", "detail": "1..255 printable"}])
    return key
