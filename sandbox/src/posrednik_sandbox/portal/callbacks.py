"""Addresses an application gives the portal to call, and calling them."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import aiohttp

from posrednik_sandbox.portal.errors import RestError
from posrednik_sandbox.portal.portal import Portal

PATIENCE_S = 15.0
LONGEST_ANSWER = 256 * 1024
LOCAL = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Posted:
    """status 0: no answer, `error` says why."""

    status: int
    body: str = ""
    error: str = ""


def checked(portal: Portal, url: str) -> str:
    """The address of a handler. RestError ERROR_WRONG_HANDLER_URL, ERROR_UNSUPPORTED_PROTOCOL.

    The real portal refuses addresses of the local machine, which here are all there is: portal.public_handlers does.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise RestError("ERROR_WRONG_HANDLER_URL", "Wrong handler URL") from None
    if parts.scheme not in ("http", "https"):
        raise RestError("ERROR_UNSUPPORTED_PROTOCOL", "Unsupported event handler protocol")
    if not host or set(parts.netloc) & set(" ;,'\"<>") or (portal.public_handlers and _is_local(host)):
        raise RestError("ERROR_WRONG_HANDLER_URL", "Wrong handler URL")
    return url


async def post(url: str, form: Sequence[tuple[str, str]]) -> Posted:
    """A form to an application's address, as the portal or a browser in its frame sends it."""
    timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(url, data=list(form), allow_redirects=False) as answer,
        ):
            body = await answer.content.read(LONGEST_ANSWER)
            return Posted(answer.status, body.decode("utf-8", "replace"))
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        return Posted(0, error=type(error).__name__)


def _is_local(host: str) -> bool:
    if host in LOCAL or host.endswith((".local", ".localhost")):
        return True
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host
