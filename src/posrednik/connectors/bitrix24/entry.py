"""Who opened our page in Bitrix24: asked of the configured authorisation server, never of what the page says.

The page posts AUTH_ID, a bearer token of the user for an application, with fields that anybody can forge. What the
authorisation server tells of that token decides; an address out of the page is never called. Docs: entry.md of the
subsystems; README.md of this folder has the sources.
"""

import hmac
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import aiohttp
import msgspec

from posrednik.domain.entry import NotVerified, Verified
from posrednik.kit.http import TRANSPORT_ERRORS, classify, read_capped, timeouts
from posrednik.kit.log import get_logger

log = get_logger("bitrix24")
ASK_S = 10.0
LONGEST_ANSWER = 64 * 1024
REFUSED = (400, 401, 403)
_AUTH_ID = re.compile(r"[!-~]{8,1024}")
_USER_ID = re.compile(r"[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class EntrySettings:
    """portal_url, client_id: ours. auth_url: of the authorisation server. member_id, application_token: "" = any,
    except that without a member_id the first one that was verified counts."""

    portal_url: str
    client_id: str
    auth_url: str
    member_id: str = ""
    application_token: str = field(default="", repr=False)


class _Install(msgspec.Struct):
    member_id: str
    domain: str


class _Info(msgspec.Struct):
    client_id: str
    user_id: int | str
    install: _Install
    scope: str = ""


class _Answer(msgspec.Struct):
    """Under `result` as every method of REST answers, or bare as the address of tokens does."""

    result: _Info | None = None


class _Refusal(msgspec.Struct):
    error: str | int


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose token it is. scope: "task,user" as told."""

    user_id: str
    member_id: str
    scope: str


class PortalEntry:
    """The port `PortalDoor` for one portal. pinned: the member id that counts, told one that fits so far. installed:
    the application's token that the installation brought, "" = none; that of the settings goes before it."""

    def __init__(
        self, settings: EntrySettings, session: Callable[[], aiohttp.ClientSession],
        pinned: Callable[[str], Awaitable[str]], installed: Callable[[], Awaitable[str]] | None = None,
    ) -> None:  # fmt: skip
        self._settings, self._session, self._pinned, self._installed = settings, session, pinned, installed

    async def verify(self, auth_id: str, form: Mapping[str, str]) -> Verified:
        """See PortalDoor. What can be refused without asking is refused first."""
        if not _AUTH_ID.fullmatch(auth_id):
            raise NotVerified("bad_request")
        wanted = self._settings.application_token
        if not wanted and self._installed is not None:
            wanted = await self._installed()
        if wanted and not same(form.get("APPLICATION_TOKEN", ""), wanted):
            raise NotVerified("other_application")
        return Verified((await self.owner_of(auth_id, form.get("member_id", ""))).user_id)

    async def owner_of(self, token: str, posted_member: str) -> Owner:
        """Of a token for our application on our portal. Raises NotVerified."""
        info = await self._app_info(token)
        if not same(info.client_id, self._settings.client_id):
            raise NotVerified("other_application")
        await self._check_portal(info.install, posted_member)
        user_id = str(info.user_id)
        if not _USER_ID.fullmatch(user_id):
            raise NotVerified("portal_away")
        return Owner(user_id, info.install.member_id, info.scope)

    async def _check_portal(self, install: _Install, posted_member: str) -> None:
        parts = urlsplit(self._settings.portal_url.lower())
        if install.domain.lower() not in (parts.hostname, parts.netloc) or not install.member_id:
            raise NotVerified("other_portal")
        if posted_member and not same(posted_member, install.member_id):
            raise NotVerified("other_portal")
        expected = self._settings.member_id or await self._pinned(install.member_id)
        if not same(install.member_id, expected):
            raise NotVerified("other_portal")

    async def _app_info(self, auth_id: str) -> _Info:
        """What the authorisation server knows of the token. Raises pass_over or portal_away."""
        status, body = await self._ask(auth_id)
        try:
            if status == 200:
                return msgspec.json.decode(body, type=_Answer).result or msgspec.json.decode(body, type=_Info)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            pass
        if status in (200, *REFUSED) and _refuses(body):
            raise NotVerified("pass_over")
        log.warning("entry.portal_away", code="unreadable", status=status)
        raise NotVerified("portal_away")

    async def _ask(self, auth_id: str) -> tuple[int, bytes]:
        """Exceptions of the call hold its address, and that the token: none leaves here."""
        url = f"{self._settings.auth_url.rstrip('/')}/rest/app.info/"
        try:
            async with self._session().get(
                url, params={"auth": auth_id}, allow_redirects=False, timeout=timeouts(ASK_S)
            ) as answer:
                return answer.status, await read_capped(answer, LONGEST_ANSWER)
        except TRANSPORT_ERRORS as error:
            code = classify(error).code
        log.warning("entry.portal_away", code=code, status=0)
        raise NotVerified("portal_away")


def _refuses(body: bytes) -> bool:
    try:
        return bool(msgspec.json.decode(body, type=_Refusal).error)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def same(given: str, wanted: str) -> bool:
    """In constant time; foreign text may hold anything."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode("utf-8", "replace"))
