"""Links with a key in them: where a file of the Disk is fetched from, where one is sent to."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

LIFE_S = 3600


@dataclass(frozen=True)
class Link:
    """What a key opens. `subject`: the file to fetch, or the folder to put into; `unique`: its name may be changed."""

    subject: int
    user_id: int
    expires_at: float
    unique: bool = False


class Links:
    """Keys given out, in memory: after a restart all links are dead."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._given: dict[str, Link] = {}

    def issue(self, subject: int, user_id: int, unique: bool = False) -> str:
        now = self._now()
        if len(self._given) % 1000 == 999:
            self._given = {key: link for key, link in self._given.items() if link.expires_at > now}
        key = f"disk|{secrets.token_urlsafe(24)}"
        self._given[key] = Link(subject, user_id, now + LIFE_S, unique)
        return key

    def find(self, key: str) -> Link | None:
        """None for a key that is unknown or over."""
        link = self._given.get(key)
        return link if link is not None and link.expires_at > self._now() else None
