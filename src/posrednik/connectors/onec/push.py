"""Events to the HTTP service of a base's extension: contract.md §3, "Push form".

The same words as a pull, in the base's encoding; what 1C answers is told as it would have been in an ack. A status that
speaks for a whole batch is told as `Unsaid`, and who asked decides what it means for the events.

Each attempt is also signed as Standard Webhooks are, by the batch's id and the bytes of the base's token: a publication
whose web server lets a fixed 1C user in can still tell that it is Posrednik who speaks.
"""

import base64
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import aiohttp
import msgspec

from posrednik.connectors.onec.wire import JSON, Rejection
from posrednik.kit import http, signing, xml
from posrednik.kit.quoting import quotable

TIMEOUT_S = 30.0
ANSWER_LIMIT = 1024 * 1024
LONGEST_PAUSE_S = 3600.0
# What a status says of the batch: locked or overloaded, the door itself is shut, or its content is refused.
_BUSY = {423, 429, 503}
_SHUT = {401: "не пускает: проверьте имя базы и токен", 403: "не пускает: нет роли", 404: "сервис не опубликован",
         405: "сервис не опубликован"}  # fmt: skip
_REFUSED = {400, 409, 413, 422}


class _Answer(msgspec.Struct):
    accepted: list[UUID] | None = None
    rejected: list[Rejection] | None = None
    http_status: int = 200
    retry_after: float | None = None
    code: str | None = None
    message: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What 1C did with the events that it names; the others come again after their lease."""

    accepted: list[UUID] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Unsaid:
    """No word on single events. refused: 1C understood the batch and says no to it as it is.

    after_s: how long 1C asks to wait. fault: it is not there, or not well.
    """

    code: str
    why: str
    refused: bool = False
    after_s: float | None = None
    fault: bool = False


class Push:
    """One base's HTTP service. token: Basic, with the base's id as the user; TLS is verified by the session."""

    def __init__(
        self, url: str, base_id: UUID, token: str, encoding: str, session: aiohttp.ClientSession,
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._url, self._xml, self._session, self._secret = url, encoding == "xml", session, token
        known = base64.b64encode(f"{base_id}:{token}".encode()).decode()
        kind = "application/xml; charset=utf-8" if self._xml else "application/json"
        self._headers = {"Authorization": f"Basic {known}", "Content-Type": kind, "Accept": kind.partition(";")[0]}
        self._timeout = aiohttp.ClientTimeout(total=TIMEOUT_S, sock_connect=10.0)
        self._signer, self._clock = signing.Signer([token.encode()]), clock

    async def send(self, batch: JSON) -> Said | Unsaid:
        """One POST. Never raises for anything that 1C or the network did."""
        body = xml.write(batch, "message") if self._xml else msgspec.json.encode(batch)
        headers = self._headers | self._signer.headers(str(batch["batch"]), int(self._clock()), body)
        try:
            async with self._session.post(
                self._url, data=body, headers=headers, allow_redirects=False, timeout=self._timeout
            ) as response:
                raw = await http.read_capped(response, ANSWER_LIMIT)
                return self._read(response.status, response.headers, raw)
        except http.TRANSPORT_ERRORS as error:
            failed = http.classify(error)
            return Unsaid(failed.code, f"1С: {failed.why}", fault=True)

    def _read(self, status: int, headers: Mapping[str, str], raw: bytes) -> Said | Unsaid:
        answer = self._parsed(raw)
        if answer is not None and answer.http_status != 200:
            status = answer.http_status
        if status == 200 and answer is not None:
            return Said(answer.accepted or [], answer.rejected or [])
        after_s = _seconds(headers.get("Retry-After"), answer)
        return self._unsaid(status, after_s, self._words(answer, raw))

    def _parsed(self, raw: bytes) -> _Answer | None:
        try:
            if self._xml:
                return msgspec.convert(xml.read(raw, "result"), _Answer, strict=False)
            return msgspec.json.decode(raw.removeprefix(b"\xef\xbb\xbf"), type=_Answer)
        except (msgspec.DecodeError, xml.XmlError, RecursionError, UnicodeDecodeError):
            return None

    def _words(self, answer: _Answer | None, raw: bytes) -> str:
        """Its own sentence; of a web server's page only that there was one, for the page says nothing of use."""
        if answer is not None:
            return quotable(answer.message or answer.detail or answer.code or "", [self._secret])
        page = raw[:500].lstrip().lower()
        return "ответ не того вида (страница веб-сервера)" if page.startswith((b"<!doctype", b"<html")) else ""

    def _unsaid(self, status: int, after_s: float | None, words: str) -> Unsaid:
        if status in _REFUSED:
            return Unsaid(f"http_{status}", f"1С не принимает: {words or status}", refused=True)
        if status in _SHUT:
            return Unsaid(f"http_{status}", f"1С {_SHUT[status]}" + (f" ({words})" if words else ""), fault=True)
        if status in _BUSY:
            return Unsaid(f"http_{status}", f"1С занята: {words or status}", after_s=after_s)
        return Unsaid(f"http_{status}", f"1С отвечает {status}" + (f": {words}" if words else ""), fault=True)


def _seconds(header: str | None, answer: Any) -> float | None:
    said = answer.retry_after if answer is not None and answer.retry_after is not None else header
    try:
        return None if said is None else min(max(float(said), 0.0), LONGEST_PAUSE_S)
    except ValueError:
        return None
