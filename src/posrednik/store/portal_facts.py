"""What messages for the portal have to know of us when they are sent: tasks, photos, who is to be told."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Literal

from posrednik.domain.rights import Right, Role, may
from posrednik.domain.task_notes import PHOTO_LANES
from posrednik.store.db import Database, Row, Tx

About = Literal["incident", "alarm"]


class PortalFacts:
    """destination_id: of the portal. photo: the bytes of a picture by its SHA-256 in hex, None = it has not come yet;
    raises StorageUnavailable."""

    def __init__(self, db: Database, destination_id: int, photo: Callable[[str], Awaitable[bytes | None]]) -> None:
        self._db, self._destination_id, self._photo = db, destination_id, photo

    async def tasks_of(self, deliveries: Collection[str]) -> Mapping[str, str]:
        """Delivery id -> task id; one without a task yet is left out."""
        if not deliveries:
            return {}
        keys = {f"delivery:{delivery}": delivery for delivery in deliveries}
        rows = await self._db.read("tasks_of_deliveries", {"destination_id": self._destination_id, "keys": list(keys)})
        return {keys[row.key]: row.remote_id for row in rows}

    async def photo(self, sha256: str) -> bytes | None:
        return await self._photo(sha256)

    async def audience(self, division: str, about: str) -> Sequence[int]:
        """Users of the portal. Of an incident: who runs the division; where that is nobody, and of an alarm:
        administrators."""
        people = await self._db.read("people_told", {})
        running = [row for row in people if about == "incident" and _runs(row, division)]
        told = running or [row for row in people if Role.ADMINISTRATOR in row.roles]
        return list(dict.fromkeys(int(row.bitrix24_user) for row in told if _is_user(row.bitrix24_user)))


async def photo_came(tx: Tx, sha256: str) -> None:
    """Messages that wait for this picture, by its SHA-256 in hex, go now."""
    rows = await tx.fetch("photo_came", {"sha256": bytes.fromhex(sha256), "steps": PHOTO_LANES})
    tx.hints.update(row.destination_id for row in rows)


def _runs(row: Row, division: str) -> bool:
    """An administrator of the service may decide everything, and is not told of each incident for that."""
    roles = [role for role in row.roles if role != Role.ADMINISTRATOR]
    return may(roles, row.divisions, Right.INCIDENT_DECIDE, division or None)


def _is_user(text: str) -> bool:
    return text.isascii() and text.isdigit()
