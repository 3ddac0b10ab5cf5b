"""A courier's phone as the service sees it: its token, its own count, and what it sends."""

import itertools
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from httpx import Response
from tests.flow.exchange_client import COURIER, Service, new_ref
from tests.pictures import picture

from posrednik.kit.ids import uuid7
from posrednik.store import tokens
from posrednik.store.db import Database

Json = dict[str, Any]
HERE = {"latitude": 55.7601, "longitude": 37.6187, "accuracy_m": 12}


async def device_token(service: Service, courier: str = COURIER) -> str:
    db = Database(service.dsn, size=1)
    await db.open()
    try:
        return await db.transact(lambda tx: tokens.add(tx, "device", courier, "телефон"))
    finally:
        await db.close()


class Phone:
    """One phone of one courier. Every act takes the next number of its count unless told otherwise."""

    def __init__(self, service: Service, token: str, device: str | None = None) -> None:
        self.service, self.token, self.device = service, token, device or new_ref()
        self._seq = itertools.count(1)

    async def call(self, method: str, path: str, **options: Any) -> Response:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return await self.service.client.request(method, f"/api/v1/{path}", headers=headers, **options)

    def act(self, type: str, delivery: str | UUID | None = None, **more: Any) -> Json:
        """An event that is not sent yet. more: its members as the contract names them."""
        plain: Json = {
            "id": str(uuid7()), "type": type, "at_device": datetime.now(UTC).isoformat(), "clock_offset_ms": 0,
            "geo": HERE, "photos": [], "payload": {},
        }  # fmt: skip
        event = {**plain, "seq": more.pop("seq", None) or next(self._seq), **more}
        return event if delivery is None else {**event, "delivery": str(delivery)}

    async def send(self, *events: Json) -> Json:
        answer = await self.call("POST", "courier/events", json={"device": self.device, "events": list(events)})
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        assert [one["id"] for one in told["results"]] == [one.get("id", "") for one in events]
        return told

    async def do(self, type: str, delivery: str | UUID | None = None, **more: Any) -> Json:
        """One act, sent; its result."""
        told = await self.send(self.act(type, delivery, **more))
        result: Json = told["results"][0]
        return result

    async def day(self) -> Json:
        answer = await self.call("GET", f"courier/day?device={self.device}")
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told

    async def delivery(self, delivery_id: str) -> Json | None:
        day = await self.day()
        return next((one for one in day["deliveries"] if one["id"] == delivery_id), None)

    async def put_photo(self, number: int = 0) -> str:
        """A picture, kept by the service; its SHA-256."""
        sha256, content = picture(number)
        answer = await self.call("PUT", f"photos/{sha256}", content=content, headers={"Content-Type": "image/jpeg"})
        assert answer.status_code in (200, 201), answer.text
        return sha256


async def a_phone(service: Service, courier: str = COURIER, device: str | None = None) -> Phone:
    return Phone(service, await device_token(service, courier), device)
