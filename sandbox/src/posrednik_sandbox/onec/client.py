"""HTTP to Posrednik as 1C does it: a time limit on every call, whole answers or none."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from posrednik_sandbox.onec import wire


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
    """encoding: json, or xml as the 8.2 family speaks it: Basic alone, always 200 with the result in the body."""

    def __init__(self, base_url: str, token: str, base_id: str = "", encoding: str = "json") -> None:
        self.base_url = base_url
        self.encoding = encoding
        known = base64.b64encode(f"{base_id}:{token}".encode()).decode()
        if encoding == "xml":
            self._headers = {"Authorization": f"Basic {known}", "Accept": "application/xml"}
        else:
            self._headers = {"Authorization": f"Bearer {token}", "Accept-Language": "ru"}
        self._session: aiohttp.ClientSession | None = None

    async def post(self, path: str, body: bytes, timeout_s: float) -> Answer:
        headers = {**self._headers, "Content-Type": self._content_type}
        return await self._call("POST", path, timeout_s, data=body, headers=headers)

    async def post_json(self, path: str, body: Mapping[str, Any], timeout_s: float) -> Answer:
        return await self.post(path, wire.encoded(body, self.encoding), timeout_s)

    async def get(self, path: str, params: Mapping[str, str], timeout_s: float) -> Answer:
        return await self._call("GET", path, timeout_s, params=params, headers=self._headers)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    @property
    def _content_type(self) -> str:
        return "application/xml" if self.encoding == "xml" else "application/json; charset=utf-8"

    async def _call(self, method: str, path: str, timeout_s: float, **options: Any) -> Answer:
        if self._session is None:
            self._session = aiohttp.ClientSession(trust_env=False)
        limit = aiohttp.ClientTimeout(total=timeout_s)
        try:
            async with self._session.request(
                method, self.base_url + path, timeout=limit, allow_redirects=False, **options
            ) as response:
                raw = await response.read()
                return self._read(response.status, raw, response.headers)
        except (aiohttp.ClientConnectorError, ConnectionRefusedError) as error:
            raise NoAnswer("Посредник не отвечает: соединение не установлено") from error
        except TimeoutError as error:
            raise NoAnswer(f"Посредник не ответил за {timeout_s:g} с") from error
        except aiohttp.ClientError as error:
            raise NoAnswer(f"связь прервалась: {type(error).__name__}") from error

    def _read(self, status: int, raw: bytes, headers: Mapping[str, str]) -> Answer:
        body = _parsed(status, raw, self.encoding)
        if self.encoding != "xml":
            return Answer(status, body, _pause(headers.get("Retry-After")))
        said = int(body.pop("http_status", None) or status)
        return Answer(said, body, _pause(body.pop("retry_after", None) or headers.get("Retry-After")))


def _parsed(status: int, raw: bytes, encoding: str) -> dict[str, Any]:
    try:
        return wire.decoded(raw, encoding) if raw else {}
    except ValueError as error:
        if status == 200:
            raise NoAnswer("ответ Посредника не читается") from error
        return {"detail": raw[:200].decode("utf-8", "replace")}


def _pause(told: str | None) -> float | None:
    try:
        return None if told is None else max(0.0, float(told))
    except ValueError:
        return None
