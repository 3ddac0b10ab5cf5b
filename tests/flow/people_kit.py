"""People of the office in tests: hired by an administrator, signed in over HTTP, asking as themselves."""

import base64
import itertools
import time
from collections.abc import Sequence
from typing import Any

from httpx import Response
from tests.flow.exchange_client import Service

from posrednik.domain.people import TOTP_STEP_S, totp

Json = dict[str, Any]
PASSWORD = "трилистника хватит всем"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
PEOPLE = "/api/v1/admin/people"
_addresses = itertools.count(1)


def home() -> str:
    """An address that nobody came from before; the guard counts by it."""
    number = next(_addresses)
    return f"198.19.{number // 256 % 256}.{number % 256}"


class Office:
    """The office's side of a running service."""

    def __init__(self, service: Service) -> None:
        self.service = service

    async def hired(
        self, login: str, roles: Sequence[str] = ("logistician",), divisions: Sequence[str] | None = None, **more: Any
    ) -> Json:  # fmt: skip
        """{id, password (once), until}."""
        body = {"login": login, "name": f"{login} Петрова", "roles": list(roles), "divisions": divisions, **more}
        answer = await self.service.person("POST", PEOPLE, body)
        assert answer.status_code == 201, answer.text
        made: Json = answer.json()
        return made

    async def sign_in(self, login: str, password: str = PASSWORD, *, address: str = "", **more: Any) -> Response:
        headers = {"X-Forwarded-For": address or home(), "User-Agent": CHROME}
        body = {"login": login, "password": password, **more}
        return await self.service.client.post("/api/v1/signin", json=body, headers=headers)

    async def token(self, login: str, password: str = PASSWORD, **more: Any) -> str:
        answer = await self.sign_in(login, password, **more)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["token"]
        return token

    async def employed(
        self, login: str, roles: Sequence[str] = ("logistician",), divisions: Sequence[str] | None = None, **more: Any
    ) -> tuple[str, str]:  # fmt: skip
        """(id, token) of somebody who has signed in and chosen his password."""
        made = await self.hired(login, roles, divisions, **more)
        return made["id"], await self.token(login, made["password"], new_password=PASSWORD)

    async def ask(self, token: str | None, method: str, path: str, body: Any = None, **more: Any) -> Response:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        options = {} if body is None else {"json": body}
        return await self.service.client.request(
            method, path, headers={**headers, **more.pop("headers", {})}, **options, **more
        )  # fmt: skip

    async def me(self, token: str) -> Response:
        return await self.ask(token, "GET", "/api/v1/board/me")

    async def people(self) -> dict[str, Json]:
        """By login."""
        answer = await self.service.person("GET", PEOPLE)
        return {one["login"]: one for one in answer.json()["people"]}

    async def change(self, login: str, **changes: Any) -> Response:
        person = (await self.people())[login]
        path = f"{PEOPLE}/{person['id']}"
        return await self.service.person("PATCH", path, {"version": person["version"], **changes})

    async def acts(self, **query: Any) -> list[Json]:
        """The audit, last first."""
        answer = await self.service.person("GET", "/api/v1/admin/audit", params=query)
        assert answer.status_code == 200, answer.text
        acts: list[Json] = answer.json()["acts"]
        return acts

    async def with_totp(self, token: str, password: str = PASSWORD) -> tuple[bytes, list[str]]:
        """(secret, recovery codes) of the second factor, switched on."""
        begun = await self.ask(token, "POST", "/api/v1/board/me/totp", {"password": password})
        assert begun.status_code == 200, begun.text
        secret = base64.b32decode(begun.json()["secret"])
        done = await self.ask(token, "POST", "/api/v1/board/me/totp/confirm", {"code": code_of(secret, -1)})
        assert done.status_code == 200, done.text
        return secret, done.json()["recovery"]


def code_of(secret: bytes, off: int = 0) -> str:
    """What the telephone shows now, or `off` steps later."""
    return totp(secret, int(time.time()) // TOTP_STEP_S + off)
