"""Access by the tokens of our installed application: kept in a vault, renewed once for all processes when the portal
calls them expired. See docs/subsystems/portal.md, "Tokens".

Sources: official REST documentation of Bitrix24 (OAuth, renewal of tokens), as of August 2026. The secrets travel in
the address of the renewal, so no exception and no text of a call leaves this file.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from posrednik.connectors.bitrix24.access import Access, NoAccess, Ticket
from posrednik.connectors.bitrix24.inbound import Problem
from posrednik.connectors.bitrix24.wire import Kind
from posrednik.domain import texts_portal as texts
from posrednik.domain.portal_install import (
    BROKEN,
    INSTALLED,
    UNREADABLE,
    Fresh,
    Pair,
    Vault,
    VaultAway,
    life_of,
    rest_after,
    scope_of,
)
from posrednik.kit import metrics
from posrednik.kit.http import TRANSPORT_ERRORS, classify, new_session, read_capped
from posrednik.kit.log import get_logger

log = get_logger("bitrix24")
ASK_S: Final = 10.0
LONGEST_ANSWER: Final = 64 * 1024
# Two questions and the time to keep what they bring; whoever is silent longer has died.
LEASE_S: Final = 40.0
# How long a look at the vault holds; a renewal and a dead token are looked up at once.
KNOWN_S: Final = 5.0
LOOK_S: Final = 0.2
KEEP_TRIES: Final = 8
ADMIN_PAUSE_S: Final = 60.0
SOON_S: Final = 5.0
# A portal that refuses what it has just renewed is not asked for ever: whoever renews too often is blocked there.
MOST_IN_A_ROW: Final = 3
ROW_S: Final = 60.0
# The refresh token, or the application itself, is no more: nothing is better later by itself.
DEAD: Final = {"INVALID_GRANT": "token_dead", "INVALID_CLIENT": "wrong_client", "WRONG_CLIENT": "wrong_client",
               "NOT_INSTALLED": "token_dead", "APPLICATION_NOT_FOUND": "wrong_client"}  # fmt: skip
UNPAID: Final = "PAYMENT_REQUIRED"


@dataclass(frozen=True, slots=True)
class Given:
    """A new pair, and whose it is; "" = not told."""

    fresh: Fresh
    member_id: str
    user_id: str


@dataclass(frozen=True, slots=True)
class Denied:
    """A whole no. code: of texts_portal.NO_ACCESS. final: asking again is no use."""

    code: str
    final: bool


@dataclass(frozen=True, slots=True)
class Lost:
    """No whole answer. in_doubt: the pair may have been given."""

    code: str
    in_doubt: bool


class _Answer(msgspec.Struct):
    access_token: str
    refresh_token: str
    expires_in: int | str = 3600
    member_id: str = ""
    user_id: int | str = ""
    scope: str = ""


class _Refusal(msgspec.Struct):
    error: str


class TokenServer:
    """Asks the configured authorisation server for the next pair.

    Each question has a session of its own, which asks once: aiohttp repeats a GET by itself, unseen.
    """

    def __init__(self, auth_url: str, client_id: str, client_secret: str) -> None:
        self._url = f"{auth_url.rstrip('/')}/oauth/token/"
        self._client_id, self._client_secret = client_id, client_secret

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self._client_secret,)

    async def refresh(self, refresh_token: str) -> Given | Denied | Lost:
        """One question. Never raises for what the server did."""
        params = {
            "grant_type": "refresh_token", "client_id": self._client_id, "client_secret": self._client_secret,
            "refresh_token": refresh_token,
        }  # fmt: skip
        try:
            async with new_session(total_s=ASK_S) as session:
                session._retry_connection = False
                async with session.get(self._url, params=params, allow_redirects=False) as answer:
                    return _read(answer.status, await read_capped(answer, LONGEST_ANSWER))
        except TRANSPORT_ERRORS as error:
            failure = classify(error)
            return Lost(failure.code, failure.fate == "in_doubt")


def _read(status: int, body: bytes) -> Given | Denied | Lost:
    """An `error` is one at any status, but a server's own failure may come after the rotation."""
    refusal = _refusal(body)
    if refusal in DEAD:
        return Denied(DEAD[refusal], final=True)
    if refusal == UNPAID:
        return Denied("payment_required", final=False)
    try:
        told = msgspec.json.decode(body, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Lost(f"http_{status}" if status != 200 else "unreadable", status == 200 or status >= 500)
    if status != 200 or not (told.access_token and told.refresh_token):
        return Lost(f"http_{status}" if status != 200 else "unreadable", in_doubt=True)
    scope = scope_of(told.scope) or None
    fresh = Fresh(told.access_token, told.refresh_token, life_of(told.expires_in), scope)
    return Given(fresh, told.member_id, str(told.user_id))


def _refusal(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=_Refusal).error.upper()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


@dataclass(slots=True)
class _Known:
    """What was read last. unsaved: a pair that the vault has not taken yet, and that follows on this revision."""

    pair: Pair | None = None
    at: float = float("-inf")
    unsaved: tuple[int, Fresh] | None = field(default=None, repr=False)


class OAuthAccess:
    """The installed application of one portal. instead: used while it is not installed or its tokens are dead.

    clock: monotonic seconds. sleep: between looks while somebody else renews.
    """

    def __init__(
        self, portal_url: str, vault: Vault, server: TokenServer, *, instead: Access | None = None,
        clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:  # fmt: skip
        root = portal_url.rstrip("/")
        self._classic_root, self._v3_root = f"{root}/rest/", f"{root}/rest/api/"
        self._vault, self._server, self._instead = vault, server, instead
        self._clock, self._sleep = clock, sleep
        self._known, self._turn = _Known(), asyncio.Lock()
        self._renewed: deque[float] = deque(maxlen=MOST_IN_A_ROW)
        self._running: set[asyncio.Task[Ticket]] = set()

    @property
    def user_id(self) -> int:
        """0: nobody yet."""
        pair = self._known.pair
        if self._instead is not None and (pair is None or pair.state != INSTALLED):
            return self._instead.user_id
        return 0 if pair is None else pair.user_id

    async def ticket(self) -> Ticket:
        """Raises NoAccess."""
        pair = await self._pair()
        if pair is not None and pair.state == INSTALLED:
            return self._ticket(pair)
        if self._instead is not None:
            return await self._instead.ticket()
        raise _no_access(_why_not(pair))

    async def renew(self, old: Ticket) -> Ticket:
        """See Access. At most LEASE_S of waiting for somebody else, or two questions of our own."""
        if not old.auth and self._instead is not None:
            return await self._instead.renew(old)
        async with self._turn:
            until = self._clock() + LEASE_S
            while True:
                pair = await self._pair(fresh=True)
                if pair is None or pair.state != INSTALLED or pair.revision > old.revision:
                    return await self.ticket()
                if pair.rest_s > 0:
                    raise _later(pair.code, pair.rest_s)
                self._not_too_often()
                if await self._leased(pair):
                    return await self._whole(self._renew(pair))
                if self._clock() >= until:
                    raise _later("auth_away", SOON_S)
                await self._sleep(LOOK_S)

    # -- the vault

    async def _pair(self, *, fresh: bool = False) -> Pair | None:
        """What counts now. A vault that is away costs nothing while a pair is known. Raises NoAccess."""
        known = self._known
        if known.unsaved is None and not fresh and self._clock() - known.at < KNOWN_S:
            return known.pair
        try:
            if known.unsaved is not None:
                pair, known.unsaved = await self._vault.keep(*known.unsaved), None
            else:
                pair = await self._vault.read()
        except VaultAway:
            if known.pair is None:
                raise _later("vault_away", SOON_S) from None
            return known.pair
        known.pair, known.at = pair, self._clock()
        return pair

    async def _leased(self, pair: Pair) -> bool:
        try:
            return await self._vault.lease(pair.revision, LEASE_S)
        except VaultAway:
            raise _later("vault_away", SOON_S) from None

    # -- the renewal, by whoever has the lease

    def _not_too_often(self) -> None:
        if len(self._renewed) == MOST_IN_A_ROW and self._clock() - self._renewed[0] < ROW_S:
            raise _later("token_refused", ROW_S)

    async def _whole(self, renewal: Coroutine[Any, Any, Ticket]) -> Ticket:
        """Goes on when its caller is cancelled: the pair it brings would be lost."""
        task = asyncio.create_task(renewal)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[Ticket]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # seen, also when nobody waits any more

    async def _renew(self, pair: Pair) -> Ticket:
        started = self._clock()
        said = await self._server.refresh(pair.refresh)
        if isinstance(said, Lost) and said.in_doubt:
            # It may have rotated; then the same token is refused now, and only an administrator can help.
            said = await self._server.refresh(pair.refresh)
        if isinstance(said, Given) and not _is_ours(said, pair):
            said = Denied("other_owner", final=True)
        if isinstance(said, Given):
            metrics.PORTAL_RENEWALS.labels("renewed").inc()
            self._renewed.append(self._clock())
            kept = await self._keep(pair, said.fresh)
            log.info("portal.token_renewed", revision=kept.revision, ms=round((self._clock() - started) * 1000))
            return self._ticket(kept)
        if isinstance(said, Denied) and said.final:
            return await self._broken(pair, said.code)
        raise await self._failed(pair, said)

    async def _keep(self, pair: Pair, fresh: Fresh) -> Pair:
        """The old pair is dead there, so the new one must not be lost: used unsaved until the vault takes it."""
        for _ in range(KEEP_TRIES):
            try:
                kept = await self._vault.keep(pair.revision, fresh)
            except VaultAway:
                await self._sleep(LOOK_S)
                continue
            self._known.pair, self._known.at = kept, self._clock()
            if kept is None or kept.state != INSTALLED:
                raise _no_access(_why_not(kept))
            return kept
        log.error("portal.token_not_saved", revision=pair.revision)
        mine = Pair(pair.user_id, pair.revision + 1, INSTALLED, fresh.access, fresh.refresh, pair.member_id)
        self._known.pair, self._known.unsaved = mine, (pair.revision, fresh)
        return mine

    async def _broken(self, pair: Pair, code: str) -> Ticket:
        metrics.PORTAL_RENEWALS.labels(code).inc()
        log.error("portal.token_dead", code=code, revision=pair.revision)
        try:
            await self._vault.break_(pair.revision, code)
        except VaultAway:
            raise _later(code, SOON_S) from None
        await self._pair(fresh=True)
        return await self.ticket()

    async def _failed(self, pair: Pair, said: Denied | Lost) -> NoAccess:
        code, rest_s = said.code if isinstance(said, Denied) else "auth_away", rest_after(pair.failures)
        metrics.PORTAL_RENEWALS.labels(code).inc()
        log.warning("portal.renewal_failed", code=said.code, again_s=rest_s)
        with contextlib.suppress(VaultAway):
            await self._vault.rest(pair.revision, rest_s, code)
        return _later(code, rest_s)

    def _ticket(self, pair: Pair) -> Ticket:
        secrets = (pair.access, pair.refresh, *self._server.secrets)
        return Ticket(self._classic_root, self._v3_root, pair.access, pair.revision, secrets)


def _is_ours(given: Given, pair: Pair) -> bool:
    """A refresh token that was posted to us by somebody else's hand would make us act for another."""
    return given.member_id in ("", pair.member_id) and given.user_id in ("", str(pair.user_id))


def _why_not(pair: Pair | None) -> str:
    if pair is None:
        return "not_installed"
    if pair.state == BROKEN:
        return pair.code
    return "unreadable" if pair.state == UNREADABLE else "uninstalled"


def _no_access(code: str) -> NoAccess:
    """Until an administrator does something."""
    return NoAccess(Problem(Kind.ACCESS, code, f"Битрикс24: {texts.no_access(code)}", ADMIN_PAUSE_S))


def _later(code: str, seconds: float) -> NoAccess:
    """By itself, after this pause; no message pays for it."""
    return NoAccess(Problem(Kind.ACCESS, code, f"Битрикс24: {texts.no_access(code)}", max(seconds, 1.0)))
