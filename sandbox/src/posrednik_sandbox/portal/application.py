"""The local application of the portal, and the access tokens its openings are given."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

DEFAULT, CHAT, MENU = "DEFAULT", "IMMOBILE_CONTEXT_MENU", "LEFT_MENU"
LIFE_S = 3600
# An old token is still told apart from one that never was.
REMEMBERED_S = 24 * 3600


@dataclass(frozen=True)
class Application:
    """What an administrator has filled in on «Приложения».

    page_url, chat_url, office_url: handlers of the application's page, of the chat's menu on the phone, and of its line
    in the left menu of the web portal. mobile: the box «Поддерживает BitrixMobile». member_id: of the portal, the same
    for all its applications.
    """

    client_id: str = "local.5a4b1c00c0de01.20261122"
    application_token: str = "5a4b1c0000004000800000000000a991"  # noqa: S105
    member_id: str = "5a4b1c000000400080000000000000b2"
    page_url: str = "http://127.0.0.1:8000/courier/open"
    chat_url: str = "http://127.0.0.1:8000/courier/open/chat"
    office_url: str = "http://127.0.0.1:8000/office/open"
    mobile: bool = True
    title: str = "Курьер"
    office_title: str = "Доска Посредника"
    scope: tuple[str, ...] = ("im", "placement", "task", "user")

    def handler(self, placement: str) -> str | None:
        """The address bound to a placement; None where the application is not built in."""
        return {DEFAULT: self.page_url, CHAT: self.chat_url, MENU: self.office_url}.get(placement)

    @property
    def origins(self) -> list[str]:
        """What the portal's pages must be allowed to post to and to frame."""
        parts = [urlsplit(url) for url in (self.page_url, self.chat_url, self.office_url)]
        return sorted({f"{part.scheme}://{part.netloc}" for part in parts})


@dataclass(frozen=True)
class AccessToken:
    """`expires_at`: seconds of the portal's clock. `domain`: of the portal the token belongs to."""

    value: str
    refresh: str
    user_id: int
    client_id: str
    member_id: str
    domain: str
    scope: tuple[str, ...]
    expires_at: float


class Tokens:
    """Tokens given out, in memory: after a restart nobody is logged in."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._given: dict[str, AccessToken] = {}

    def issue(self, user_id: int, application: Application, domain: str, life_s: float = LIFE_S) -> AccessToken:
        """A new token for this user in this application; `life_s` below zero makes one that is over already."""
        now = self._now()
        self._given = {key: one for key, one in self._given.items() if one.expires_at > now - REMEMBERED_S}
        token = AccessToken(
            secrets.token_hex(35),
            secrets.token_hex(35),
            user_id,
            application.client_id,
            application.member_id,
            domain,
            application.scope,
            now + life_s,
        )
        self._given[token.value] = token
        return token

    def find(self, value: str) -> AccessToken | None:
        return self._given.get(value)

    def last_of(self, user_id: int, client_id: str) -> AccessToken | None:
        """The newest one of this user in this application."""
        own = [one for one in self._given.values() if (one.user_id, one.client_id) == (user_id, client_id)]
        return own[-1] if own else None


def of_another_application(application: Application) -> Application:
    return replace(application, client_id="local.f0e1d2c3b4a596.87654321")


def of_another_portal(application: Application) -> Application:
    return replace(application, member_id="d00d0000000040008000000000000bad")
