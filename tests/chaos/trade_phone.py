"""A courier's phone over HTTP against the real processes: it counts, keeps what it did offline, repeats itself."""

import itertools
import random
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from tests.desk import Desk, until

from posrednik.kit.ids import uuid7

Json = dict[str, Any]


class Handset:
    """offline: what is done is only kept. token: of a device of this courier."""

    def __init__(self, desk: Desk, ref: str, token: str, rng: random.Random) -> None:
        self.desk, self.ref, self.rng = desk, ref, rng
        self.device, self.offline = str(uuid4()), False
        self.acts = self.sent_late = 0
        self._token = token
        self._seq, self._kept = itertools.count(1), list[Json]()

    async def day(self) -> Json:
        found: Json = await self._call("GET", f"courier/day?device={self.device}")
        return found

    async def do(self, type: str, at: datetime, delivery: str | None = None, **more: Any) -> Json:
        """One act, kept and, with a network, sent. more: members of the event as the contract names them."""
        assert at <= datetime.now(UTC), "the day is longer than what is left of it"
        event: Json = {
            "id": str(uuid7()), "seq": next(self._seq), "type": type, "at_device": at.isoformat(),
            "clock_offset_ms": 0, "photos": [], "payload": {}, **more,
        }  # fmt: skip
        self.acts += 1
        self._kept.append(event if delivery is None else {**event, "delivery": delivery})
        if not self.offline:
            await self.send()
        return event

    async def send(self) -> None:
        """Everything kept: after a time offline in batches that overlap and are out of order in themselves."""
        kept, self._kept = self._kept, []
        if self.offline:
            self.sent_late += len(kept)
            self.offline = False
            await self._batch(self.rng.sample(kept[: len(kept) // 2], len(kept) // 2))
            await self._batch(self.rng.sample(kept, len(kept)))
        await self._batch(kept)
        if self.rng.random() < 0.1:
            await self._batch(kept)

    async def _batch(self, events: list[Json]) -> None:
        """Sent again until each of them is taken."""

        async def taken() -> bool:
            results = (await self._call("POST", "courier/events", {"device": self.device, "events": events}))["results"]
            refused = [one for one in results if one["status"] == "rejected"]
            assert refused == [], (refused, events)
            return all(one["status"] in ("accepted", "duplicate") for one in results)

        if events:
            await until("the events of a phone are taken", taken)

    async def _call(self, method: str, path: str, body: Json | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self._token}"}
        return await self.desk._json(method, f"{self.desk.service}/api/v1/{path}", body, headers)
