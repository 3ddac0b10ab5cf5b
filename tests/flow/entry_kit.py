"""A courier at the doors: his code, his login, and what the office sees of his phones."""

import itertools
from typing import Any

from httpx import Response
from tests.flow.exchange_client import COURIER, SECOND_COURIER, Service, courier, division, new_ref, order, references

Json = dict[str, Any]
PHONE = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
_homes = itertools.count(1)


def home() -> str:
    """An address that nobody came from before; the limits count by it."""
    number = next(_homes)
    return f"198.{18 + number // 65536}.{number // 256 % 256}.{number % 256}"


async def with_courier(service: Service, **data: Any) -> None:
    await service.onec.send([division(), courier(**data)])


async def with_task(service: Service, chat: int, courier_ref: str = COURIER) -> str:
    """A delivery of the courier, with a task that has this chat."""
    await service.onec.send([division(), courier(SECOND_COURIER, "Иван Петров")])
    ref = new_ref()
    await service.onec.send([*(one for one in references() if one["kind"] != "courier"), order(ref)])
    done = await service.onec.press("delivery.ready", ref, courier=courier_ref)
    made: str = done["result"]["delivery"]["id"]
    row = f"({chat + 1}, '{made}', {chat})"
    await service.rows(f"INSERT INTO portal_task (task_id, delivery_id, chat_id) VALUES {row} RETURNING 1")
    return made


async def new_code(service: Service, ref: str = COURIER) -> Json:
    answer = await service.person("POST", f"/api/v1/board/couriers/{ref}/login-codes")
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


async def login(
    service: Service, code: Any, device: str | None = None, *, key: str | None = None, address: str = "", **more: Any
) -> Response:
    """By default from an address of its own. more: further headers."""
    headers = {"X-Forwarded-For": address or home(), "User-Agent": PHONE, **more}
    headers |= {} if key is None else {"Idempotency-Key": key}
    body = {"code": code} if device is None else {"code": code, "device": device}
    return await service.client.post("/api/v1/courier/login", json=body, headers=headers)


async def token_of(service: Service, code: str, device: str | None = None, **more: Any) -> str:
    answer = await login(service, code, device, **more)
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["token"]
    return token


async def knocks(service: Service, token: str) -> bool:
    """Whether a courier's token is valid: the office's door knows it (403), or does not (401)."""
    answer = await service.client.get("/api/v1/board/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code in (401, 403), answer.text
    return answer.status_code == 403


async def phones(service: Service, ref: str = COURIER) -> list[Json]:
    answer = await service.person("GET", "/api/v1/board/couriers")
    assert answer.status_code == 200, answer.text
    [found] = [one for one in answer.json()["couriers"] if one["ref"] == ref]
    devices: list[Json] = found["devices"]
    return devices
