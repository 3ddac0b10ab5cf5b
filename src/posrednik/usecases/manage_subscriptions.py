"""Subscribers: the site and others who want to hear of deliveries (contract.md §4)."""

import base64
import os
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from posrednik.kit.addresses import is_public
from posrednik.kit.ids import uuid7
from posrednik.store import destinations, lanes
from posrednik.store.db import Row, Tx
from posrednik.store.lanes import Draft

ROTATION_OVERLAP_S = 24 * 3600.0
MOST_PATTERNS = 50
LONGEST_URL = 2000
_PATTERN = re.compile(r"[a-z0-9_*]+(\.[a-z0-9_*]+)*")


class BadSubscription(ValueError):
    """The address or the patterns will not do. pointer: which of them."""

    def __init__(self, pointer: str, why: str) -> None:
        super().__init__(why)
        self.pointer = pointer


def new_secret() -> str:
    """Standard Webhooks: `whsec_` and 32 random bytes in base64."""
    return "whsec_" + base64.b64encode(os.urandom(32)).decode()


def check(url: str, events: Sequence[str], *, allow_private: bool) -> None:
    """Raises BadSubscription. Private addresses behind names are refused when the connection is made."""
    check_url(url, allow_private=allow_private)
    check_events(events)


def check_url(url: str, *, allow_private: bool) -> None:
    """Raises BadSubscription."""
    scheme, host = _parts(url)
    if scheme == "http" and not allow_private:
        raise BadSubscription("/url", "нужен https (http разрешается настройкой webhooks.allow_private)")
    if not allow_private and _private(host):
        raise BadSubscription("/url", "адрес ведёт во внутреннюю сеть (разрешается настройкой webhooks.allow_private)")


def _parts(url: str) -> tuple[str, str]:
    """(scheme, host) of an address that can be called at all."""
    wrong = BadSubscription("/url", "нужен адрес вида https://site.example/path, без имени и пароля в нём")
    if len(url) > LONGEST_URL or not url.isprintable() or " " in url:
        raise wrong
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        raise wrong from None
    if parts.scheme not in ("https", "http") or not parts.hostname or "@" in parts.netloc or not port_is_fine:
        raise wrong
    return parts.scheme, parts.hostname


def _private(host: str) -> bool:
    """Whether the address itself says so; what a name leads to is seen only when the connection is made."""
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not is_public(host)
    except ValueError:
        return False


def check_events(events: Sequence[str]) -> None:
    """Patterns like `delivery.*`; raises BadSubscription."""
    if not events or len(events) > MOST_PATTERNS:
        raise BadSubscription("/events", f"нужно от 1 до {MOST_PATTERNS} видов событий")
    for pattern in events:
        if not _PATTERN.fullmatch(pattern):
            raise BadSubscription("/events", f"вид события «{pattern[:60]}» не читается")


async def add(tx: Tx, url: str, events: Sequence[str], division: str | None, secret: str | None = None) -> Any:
    """A new subscriber. The secret is shown only here."""
    subscription_id, secret = uuid4(), secret or new_secret()
    await destinations.add_subscription(tx, subscription_id, url, events, secret, division)
    return {"id": str(subscription_id), "url": url, "events": list(events), "division": division, "secret": secret}


async def change(
    tx: Tx, subscription_id: UUID, *, url: str | None, events: Sequence[str] | None, division: str | None,
    state: str | None,
) -> Row | None:  # fmt: skip
    """New address, patterns, division ("" = all) or state (open, paused). None = there is no such subscription."""
    row = await destinations.subscription(tx, subscription_id)
    if row is None:
        return None
    wanted = row if division is None else row._replace(division_ref=division or None)
    await destinations.change_subscription(tx, wanted, url or row.url, list(events or row.events), row.secret)
    if state is not None:
        await destinations.set_state_in(tx, row.destination_id, state, "переключено человеком")
    return await destinations.subscription(tx, subscription_id)


async def one(tx: Tx, subscription_id: UUID) -> Row | None:
    return await destinations.subscription(tx, subscription_id)


async def rotate(tx: Tx, subscription_id: UUID) -> str | None:
    """A new secret; the old one signs beside it for a day."""
    row = await destinations.subscription(tx, subscription_id)
    if row is None:
        return None
    secret = new_secret()
    await destinations.change_subscription(
        tx, row, row.url, row.events, secret, old_secret=row.secret, overlap_s=ROTATION_OVERLAP_S
    )
    return secret


async def remove(tx: Tx, subscription_id: UUID) -> bool:
    row = await destinations.subscription(tx, subscription_id)
    if row is None:
        return False
    await destinations.set_state_in(tx, row.destination_id, "deleted", "подписка удалена")
    return True


async def test(tx: Tx, subscription_id: UUID, now: str) -> bool:
    """Send a test event in a lane of its own."""
    row = await destinations.subscription(tx, subscription_id)
    if row is None:
        return False
    event_id = uuid7()
    body = f'{{"type":"subscription.test","timestamp":"{now}","data":{{"event_id":"{event_id}"}}}}'
    await lanes.put(tx, [Draft(row.destination_id, f"test:{subscription_id}", event_id, "webhook", body)])
    return True
