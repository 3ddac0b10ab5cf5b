"""Tokens of the authorisation server: an access token lives an hour, its refresh token half a year and works once."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from posrednik_sandbox.portal.application import Application
from posrednik_sandbox.portal.tables import Journal, Table

LIFE_S = 3600
REFRESH_LIFE_S = 180 * 24 * 3600
CODE_LIFE_S = 30
# An old token is still told apart from one that never was.
REMEMBERED_S = 24 * 3600
FORGET_EVERY = 500


@dataclass
class AccessToken:
    """Times: seconds of the portal's clock. `domain`: of the portal the token belongs to.

    refresh: "" for a token that cannot be renewed (an event's). refreshed: its refresh token was used. hops: how many
    events stand between a person's action and the calls made with this token.
    """

    id: int
    value: str
    refresh: str
    user_id: int
    client_id: str
    member_id: str
    domain: str
    scope: list[str]
    expires_at: float
    refresh_until: float = 0.0
    refreshed: bool = False
    hops: int = 0


@dataclass(frozen=True)
class Code:
    """What `/oauth/authorize/` gives to be exchanged at once."""

    user_id: int
    client_id: str
    expires_at: float


class Tokens:
    """Tokens given out. Those that can be renewed are kept over a restart, as the real server keeps them."""

    def __init__(self, now: Callable[[], float], journal: Journal) -> None:
        self._now = now
        self._kept: Table[AccessToken] = Table("token", AccessToken, journal)
        self._given = {one.value: one for one in self._kept}
        self._refresh = {one.refresh: one for one in self._kept}
        self._codes: dict[str, Code] = {}
        self._issued = 0

    def issue(
        self, user_id: int, application: Application, domain: str, life_s: float = LIFE_S, *,
        renewable: bool = True, hops: int = 0,
    ) -> AccessToken:  # fmt: skip
        """A new token for this user in this application; `life_s` below zero makes one that is over already."""
        now = self._now()
        token = AccessToken(
            self._kept.next_id(), secrets.token_hex(35), secrets.token_hex(35) if renewable else "", user_id,
            application.client_id, application.member_id, domain, list(application.scope), now + life_s, hops=hops,
        )  # fmt: skip
        if renewable:
            token.refresh_until = now + REFRESH_LIFE_S
            self._refresh[token.refresh] = token
            self._kept.put(token)
        self._given[token.value] = token
        self._forget_old()
        return token

    def find(self, value: str) -> AccessToken | None:
        return self._given.get(value)

    def by_refresh(self, refresh: str) -> AccessToken | None:
        return self._refresh.get(refresh)

    def used(self, token: AccessToken) -> None:
        """Its refresh token has been exchanged and will not be taken again."""
        token.refreshed = True
        self._kept.put(token)

    def expire(self, token: AccessToken) -> None:
        """End its hour now; the refresh token is left as it is."""
        token.expires_at = min(token.expires_at, self._now())
        if token.refresh:
            self._kept.put(token)

    def last_of(self, user_id: int, client_id: str) -> AccessToken | None:
        """The newest one of this user in this application."""
        own = [one for one in self._given.values() if (one.user_id, one.client_id) == (user_id, client_id)]
        return own[-1] if own else None

    def drop_application(self, client_id: str) -> None:
        """An application that was removed takes its tokens with it."""
        self._drop([one for one in self._given.values() if one.client_id == client_id])

    def code(self, user_id: int, client_id: str) -> str:
        value = secrets.token_hex(35)
        self._codes[value] = Code(user_id, client_id, self._now() + CODE_LIFE_S)
        return value

    def take_code(self, value: str) -> Code | None:
        """The code, once; None when it is unknown, used or over."""
        code = self._codes.pop(value, None)
        return code if code is not None and code.expires_at > self._now() else None

    def _forget_old(self) -> None:
        self._issued += 1
        if self._issued % FORGET_EVERY:
            return
        limit = self._now() - REMEMBERED_S
        self._drop([one for one in self._given.values() if max(one.expires_at, _renewable_until(one)) < limit])
        self._codes = {value: code for value, code in self._codes.items() if code.expires_at > limit}

    def _drop(self, tokens: list[AccessToken]) -> None:
        for token in tokens:
            self._given.pop(token.value, None)
            self._refresh.pop(token.refresh, None)
            self._kept.drop(token.id)


def _renewable_until(token: AccessToken) -> float:
    return 0.0 if token.refreshed else token.refresh_until
