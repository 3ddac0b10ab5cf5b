"""HTTP to Posrednik as 1C does it: a time limit on every call, whole answers or none."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp


class NoAnswer(Exception):
    """No whole answer came: refused, cut off, out of time, unreadable. Nobody knows whether it was taken."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: dict[str, Any]
    retry_after_s: float | None

    @property
    def words(self) -> str:
        """What the service says about a refusal, for a person."""
        text = self.body.get("detail") or self.body.get("title") or self.body.get("code") or ""
        return f"{self.status} {text}".strip()


class Client:
    def __init__(self, base_url: str, token: str) -> None:
        self.base_url = base_url
        self._headers = {"Authorization": f"Bearer {token}", "Accept-Language": "ru"}
        self._session: aiohttp.ClientSession | None = None

    async def post(self, path: str, body: bytes, timeout_s: float) -> Answer:
        headers = {**self._headers, "Content-Type": "application/json; charset=utf-8"}
        return await self._call("POST", path, timeout_s, data=body, headers=headers)

    async def post_json(self, path: str, body: Mapping[str, Any], timeout_s: float) -> Answer:
        return await self.post(path, json.dumps(body, ensure_ascii=False).encode(), timeout_s)

    async def get(self, path: str, params: Mapping[str, str], timeout_s: float) -> Answer:
        return await self._call("GET", path, timeout_s, params=params, headers=self._headers)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _call(self, method: str, path: str, timeout_s: float, **options: Any) -> Answer:
        if self._session is None:
            self._session = aiohttp.ClientSession(trust_env=False)
        limit = aiohttp.ClientTimeout(total=timeout_s)
        try:
            async with self._session.request(
                method, self.base_url + path, timeout=limit, allow_redirects=False, **options
            ) as response:
                raw = await response.read()
                return Answer(response.status, _parsed(response.status, raw), _pause(response.headers))
        except (aiohttp.ClientConnectorError, ConnectionRefusedError) as error:
            raise NoAnswer("Посредник не отвечает: соединение не установлено") from error
        except TimeoutError as error:
            raise NoAnswer(f"Посредник не ответил за {timeout_s:g} с") from error
        except aiohttp.ClientError as error:
            raise NoAnswer(f"связь прервалась: {type(error).__name__}") from error


def _parsed(status: int, raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw) if raw else {}
    except ValueError as error:
        if status == 200:
            raise NoAnswer("ответ Посредника не читается") from error
        return {"detail": raw[:200].decode("utf-8", "replace")}
    return body if isinstance(body, dict) else {"detail": str(body)[:200]}


def _pause(headers: Mapping[str, str]) -> float | None:
    try:
        return max(0.0, float(headers["Retry-After"]))
    except (KeyError, ValueError):
        return None
