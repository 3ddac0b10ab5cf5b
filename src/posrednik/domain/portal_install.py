"""Our application on a portal of Bitrix24: what installing it brings, and the tokens it acts by.

Whatever the portal posts can be forged by anybody, so nothing here is believed before its authorisation server vouched
for it. See docs/subsystems/portal.md.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from posrednik.domain.entry import NotVerified

INSTALLED, BROKEN, UNINSTALLED = "installed", "broken", "uninstalled"
# Tokens are kept, but not under the client_secret of the settings.
UNREADABLE = "unreadable"
LONGEST_LIFE_S = 86_400
LIFE_S = 3600
ON_INSTALL, ON_UNINSTALL = "ONAPPINSTALL", "ONAPPUNINSTALL"
# What each right of the application is needed for: see texts_portal.SCOPES.
NEEDED_SCOPES = ("task", "tasks", "user", "im", "disk", "sonet_group", "placement")
_TOKEN = re.compile(r"[!-~]{8,1024}")
_SECRET = re.compile(r"[!-~]{0,256}")


@dataclass(frozen=True, slots=True)
class Posted:
    """What a form brings, from the page or server to server; every field hostile. application_token: "" = none."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    application_token: str = field(repr=False)
    member_id: str
    domain: str
    expires_in_s: int


@dataclass(frozen=True, slots=True)
class Examined:
    """Whose token it is, as the authorisation server and the portal itself told it."""

    user_id: int
    admin: bool
    member_id: str
    scope: tuple[str, ...]


class Examiner(Protocol):
    async def examine(self, posted: Posted) -> Examined:
        """The token is of our application on our portal. Raises NotVerified."""
        ...


@dataclass(frozen=True, slots=True)
class Pair:
    """The tokens that are kept. state: see above; without INSTALLED access and refresh are "".

    code: why it is broken, or why the last renewal failed. rest_s: nobody renews before. lease_s: somebody else is
    renewing now, this long at most.
    """

    user_id: int
    revision: int
    state: str
    access: str = field(default="", repr=False)
    refresh: str = field(default="", repr=False)
    member_id: str = ""
    code: str = ""
    rest_s: float = 0.0
    lease_s: float = 0.0
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Fresh:
    """A new pair as the authorisation server gave it. scope: None = not told."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_in_s: int
    scope: tuple[str, ...] | None = None


class VaultAway(Exception):
    """The tokens cannot be read or written now."""


class Vault(Protocol):
    """Where the tokens of the installation are. Each method raises VaultAway."""

    async def read(self) -> Pair | None:
        """None: not installed."""
        ...

    async def lease(self, revision: int, seconds: float) -> bool:
        """The right to renew the pair of this revision, for one at a time."""
        ...

    async def keep(self, revision: int, fresh: Fresh) -> Pair | None:
        """Put the pair that follows on `revision`; what counts now: that one, or a newer one of somebody else."""
        ...

    async def rest(self, revision: int, seconds: float, code: str) -> None:
        """The renewal failed for now; the lease is given back."""
        ...

    async def break_(self, revision: int, code: str) -> None:
        """The tokens are dead, unless somebody has newer ones; the lease is given back."""
        ...


def posted_of(form: Mapping[str, str]) -> Posted:
    """From the page's fields, or those of ONAPPINSTALL. Raises NotVerified (bad_request) without usable tokens."""
    if event_of(form):
        told = auth_of(form)
        access, refresh, life = (told.get(name, "") for name in ("access_token", "refresh_token", "expires_in"))
        application, domain = told.get("application_token", ""), told.get("domain", "")
        member = told.get("member_id", "")
    else:
        access, refresh, life = (form.get(name, "") for name in ("AUTH_ID", "REFRESH_ID", "AUTH_EXPIRES"))
        application, domain = form.get("APPLICATION_TOKEN", ""), form.get("DOMAIN", "")
        member = form.get("member_id", "")
    if not (_TOKEN.fullmatch(access) and _TOKEN.fullmatch(refresh) and _SECRET.fullmatch(application)):
        raise NotVerified("bad_request")
    return Posted(access, refresh, application, member, domain, life_of(life))


def event_of(form: Mapping[str, str]) -> str:
    """The name of the event in capitals; "" = a page was opened."""
    return form.get("event", "").upper()


def auth_of(form: Mapping[str, str]) -> dict[str, str]:
    """`auth[…]` of an event."""
    return {name[5:-1]: value for name, value in form.items() if name.startswith("auth[") and name.endswith("]")}


def life_of(told: str | int) -> int:
    """Seconds that an access token lives, within reason."""
    text = str(told)
    seconds = int(text) if text.isascii() and text.isdigit() and len(text) < 8 else LIFE_S
    return min(max(seconds, 0), LONGEST_LIFE_S)


def scope_of(told: str) -> tuple[str, ...]:
    """ "task,user" as its parts, sorted."""
    return tuple(sorted({one.strip() for one in told.lower().split(",")} - {""}))


def missing_scopes(scope: Collection[str]) -> list[str]:
    """Rights that the application must still be given. Older portals know `task` alone, and `tasks` may be it."""
    return [one for one in NEEDED_SCOPES if one not in scope]


def rest_after(failures: int) -> float:
    """Seconds until the next try to renew, after so many in a row that failed: 15, 30, 60 … 300."""
    return float(min(15 * 2 ** min(failures, 10), 300))
