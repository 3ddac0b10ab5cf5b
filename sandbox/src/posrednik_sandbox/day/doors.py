"""The doors of Posrednik that the day uses: those of the office's pages and those of a courier's phone."""

import asyncio
import itertools
import random
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

import aiohttp

from posrednik_sandbox.day.photo import photo

T = TypeVar("T")
Json = dict[str, Any]
WAIT_S, POLL_S = 30, 0.1
LIMIT = aiohttp.ClientTimeout(total=20)
# A phone between houses: steps of one street, taken within seconds, are no impossible speed with this radius.
ACCURACY_M = 100


class NotDone(Exception):
    """The day cannot go on. key, data: of the words for it."""

    def __init__(self, key: str, **data: Any) -> None:
        super().__init__(key)
        self.key, self.data = key, data


async def until(wanted: Callable[[], Awaitable[T | None]], key: str, **data: Any) -> T:
    """The first thing that is true. Raises NotDone with this key when it takes too long."""
    for _ in range(int(WAIT_S / POLL_S)):
        if found := await wanted():
            return found
        await asyncio.sleep(POLL_S)
    raise NotDone(key, wait_s=WAIT_S, **data)


class Service:
    """One session for all; address: as `http://127.0.0.1:8000`."""

    def __init__(self, session: aiohttp.ClientSession, address: str) -> None:
        self._session, self._address = session, address

    async def call(self, method: str, path: str, token: str, body: Any = None) -> Json:
        """The answer. body: bytes of a photo, else JSON. Raises NotDone."""
        headers = {"Accept-Language": "ru"} | ({"Authorization": f"Bearer {token}"} if token else {})
        sent: Json = {"json": body}
        if isinstance(body, bytes):
            headers, sent = headers | {"Content-Type": "image/jpeg"}, {"data": body}
        url = f"{self._address}/api/v1/{path}"
        try:
            async with self._session.request(method, url, headers=headers, timeout=LIMIT, **sent) as answer:
                told: Json = await answer.json(content_type=None) or {}
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise NotDone("no_answer") from error
        if answer.status >= 400:
            raise NotDone("refused", what=path, status=answer.status, why=told.get("detail") or told.get("code"))
        return told


class Office:
    """A head of the office at his pages."""

    def __init__(self, service: Service, token: str) -> None:
        self._service, self._token = service, token

    async def knows(self, courier: str) -> bool:
        """Whether 1C has told of him yet."""
        found = await self._service.call("GET", "board/couriers", self._token)
        return any(one["ref"] == courier for one in found["couriers"])

    async def code_for(self, courier: str) -> str:
        made = await self._service.call("POST", f"board/couriers/{courier}/login-codes", self._token, {})
        return str(made["code"])

    async def count(self, courier: str, counted: Decimal, why: str, second: str) -> bool:
        """Take cash in, blind; why, second: what is said if it is not what was expected. Whether it was."""
        body = {"courier": courier, "counted": f"{counted:.2f}"}
        count = await self._service.call("POST", "board/cash/counts", self._token, body)
        if count["state"] != "needs_reason":
            return True
        reason = {"reason": why, "second": second}
        await self._service.call("POST", f"board/cash/counts/{count['id']}/confirm", self._token, reason)
        return False


class Phone:
    """A courier's phone: its own count of events, its key. Everything is sent at once, as with a good network."""

    def __init__(self, service: Service, courier: Json, token: str, device: str, rng: random.Random) -> None:
        self.who, self.ref = str(courier["name"]), str(courier["ref"])
        self._service, self._token, self._device, self._rng = service, token, device, rng
        self._numbers = itertools.count(1)
        self._place: Json | None = None

    @staticmethod
    async def let_in(service: Service, office: Office, courier: Json, rng: random.Random) -> "Phone":
        """By a code that the office shows him, as soon as it knows him."""
        await until(lambda: office.knows(courier["ref"]), "no_courier", who=courier["name"])
        device = str(uuid.uuid4())
        body = {"code": await office.code_for(courier["ref"]), "device": device}
        entered = await service.call("POST", "courier/login", "", body)
        return Phone(service, courier, str(entered["token"]), device, rng)

    async def day(self) -> Json:
        return await self._service.call("GET", f"courier/day?device={self._device}", self._token)

    async def photo(self) -> str:
        """A new picture, kept by the service; its SHA-256."""
        sha256, content = photo(self._rng)
        await self._service.call("PUT", f"photos/{sha256}", self._token, content)
        return sha256

    async def do(self, type: str, payload: Json, delivery: Json | None = None, photos: list[str] | None = None) -> None:
        """One act, now, where he stands: at the address of the delivery if that is known. Raises NotDone."""
        event: Json = {
            "id": str(uuid.uuid4()), "seq": next(self._numbers), "type": type, "clock_offset_ms": 0,
            "at_device": datetime.now(UTC).isoformat(), "photos": photos or [], "payload": payload,
            **self._geo(delivery),
        }  # fmt: skip
        if delivery is not None:
            event |= {"delivery": delivery["id"], "version": delivery["version"]}
        told = await self._service.call(
            "POST", "courier/events", self._token, {"device": self._device, "events": [event]}
        )
        result = told["results"][0]
        if result["status"] != "accepted":
            raise NotDone(
                "refused", what=type, status=result["status"], why=result.get("message") or result.get("code")
            )

    def _geo(self, delivery: Json | None) -> Json:
        address = (delivery or {}).get("address") or {}
        if "latitude" in address and "longitude" in address:
            self._place = {name: address[name] for name in ("latitude", "longitude")}
        if self._place is None:
            return {"geo_error": "unavailable"}
        return {"geo": {**self._place, "accuracy_m": ACCURACY_M}}
