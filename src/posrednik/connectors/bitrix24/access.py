"""How calls of a portal are authorised: by an incoming webhook, or by the tokens of our installed application.

Sources: official REST documentation of Bitrix24 (webhooks, OAuth), as of August 2026.
"""

from dataclasses import dataclass, field
from typing import Protocol

from posrednik.connectors.bitrix24.inbound import Problem


@dataclass(frozen=True, slots=True)
class Ticket:
    """What one call needs. Roots end with a slash. auth: goes into the body; "" = the address itself authorises.

    revision: grows with every renewal. secrets: what no text may show.
    """

    classic_root: str = field(repr=False)
    v3_root: str = field(repr=False)
    auth: str = field(default="", repr=False)
    revision: int = 0
    secrets: tuple[str, ...] = field(default=(), repr=False)


class NoAccess(Exception):
    """There is no way in now; `problem` says why, in words for people."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class Access(Protocol):
    """user_id: who acts on the portal: the webhook's owner, or the user of the installation."""

    @property
    def user_id(self) -> int: ...

    async def ticket(self) -> Ticket:
        """Raises NoAccess."""

    async def renew(self, old: Ticket) -> Ticket:
        """After the portal called `old` expired or invalid. Single-flight: if somebody renewed meanwhile, theirs is
        taken. Raises NoAccess."""


class WebhookAccess:
    """An incoming webhook, "USER/SECRET": it never expires by itself, so there is nothing to renew."""

    def __init__(self, portal_url: str, webhook: str) -> None:
        root, webhook = portal_url.rstrip("/"), webhook.strip("/")
        user, _, secret = webhook.partition("/")
        self.user_id = int(user)
        self._ticket = Ticket(f"{root}/rest/{webhook}/", f"{root}/rest/api/{webhook}/", secrets=(secret,))

    async def ticket(self) -> Ticket:
        return self._ticket

    async def renew(self, old: Ticket) -> Ticket:
        return self._ticket
