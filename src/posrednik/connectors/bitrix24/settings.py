"""How one portal is reached and where its tasks go."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from posrednik.connectors.bitrix24 import wire
from posrednik.kit.addresses import is_loopback


@dataclass(frozen=True, slots=True)
class Bitrix24Settings:
    """portal_url: https, plain http only for loopback. webhook: "USER/SECRET" of an incoming webhook; empty where
    another `Access` is used, then creator_id is needed.

    groups: division ref (1C) -> project id; default_group: for the rest, None = a task without a board.
    creator_id, responsible_id: users; by default the webhook's owner writes and answers for tasks without a
    courier. time_limit_s: the portal cuts a request after it. timeout_s: one HTTP call; above the cut by
    default, because a call given up earlier can only be judged after a look-up. client_id: of our application there,
    public_url: where people reach us; "" = texts have no links to it.
    Raises ValueError with a text for people, which holds no secret.
    """

    portal_url: str
    webhook: str = field(default="", repr=False)
    groups: Mapping[str, int] = field(default_factory=dict)
    default_group: int | None = None
    creator_id: int | None = None
    responsible_id: int | None = None
    time_limit_s: float = wire.REQUEST_CUT_S
    timeout_s: float = wire.REQUEST_CUT_S + 5.0
    concurrent_creates: int = 8
    client_id: str = ""
    public_url: str = ""

    def __post_init__(self) -> None:
        parts = urlsplit(self.portal_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
            raise ValueError("bitrix24.portal_url: ожидается адрес вида https://company.bitrix24.ru")
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise ValueError("bitrix24.portal_url: без https разрешён только адрес этой же машины")
        user, _, secret = self.webhook.strip("/").partition("/")
        if not self.webhook and self.creator_id:
            return
        if not (user.isascii() and user.isdigit() and secret.isalnum()):
            raise ValueError("bitrix24.webhook: ожидается «номер пользователя/секрет»")

    @property
    def creator(self) -> int:
        return self.creator_id or int(self.webhook.strip("/").partition("/")[0])

    @property
    def fallback_user(self) -> int:
        return self.responsible_id or self.creator
