"""A client of the standard OData interface of 1C (v3, JSON): pages of rows, the names that are published.

What the platform does and other services do not: an error comes as OData's XML, as 1C's JSON with a chain of inner
errors, or as a page of the web server, all under any status; «+» is not a blank; a user's name may be Cyrillic.
"""

import asyncio
import base64
import json
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp
import msgspec
from lxml import etree
from yarl import URL

from posrednik.kit import http
from posrednik.kit.quoting import quotable

Row = dict[str, Any]
Sleep = Callable[[float], Awaitable[object]]
TIMEOUT_S = 120.0
MOST_BYTES = 64 * 1024 * 1024
MOST_METADATA = 256 * 1024 * 1024
MOST_LOOKED = 100_000  # bytes of an error
TRIES = 8
PLAIN = "(),'=:$*"  # of an option, not percent-encoded
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
AGAIN = {408, 429, 502, 503, 504}  # a web server's or the platform's «not now»
_NO_LICENCE = "лиценз"  # no session is free now; it comes under 500 in any of the three bodies
_SAID = {401: "не пускает: проверьте имя пользователя и пароль", 403: "не пускает: нет роли",
         404: "не публикует это: проверьте адрес и состав интерфейса OData"}  # fmt: skip


class ODataError(Exception):
    """1C did not give what was asked. code: http_N, a code of kit/http.py, or unreadable; why: for people.

    lasting: asking again will not help. after_s: 1C asks for this pause.
    """

    def __init__(
        self, code: str, why: str, *, status: int = 0, lasting: bool = False, after_s: float | None = None
    ) -> None:
        super().__init__(why)
        self.code, self.why, self.status, self.lasting, self.after_s = code, why, status, lasting, after_s


class _Page(msgspec.Struct):
    value: list[Row]
    count: str | int | None = msgspec.field(default=None, name="odata.count")


@dataclass(frozen=True, slots=True)
class Page:
    """count: of all rows that fit the filter, None = 1C did not tell."""

    rows: list[Row]
    count: int | None


_decoder = msgspec.json.Decoder(_Page, float_hook=str)  # 0.1 stays the text "0.1": money is never a binary fraction


class ODataClient:
    """root: …/odata/standard.odata. parallel: requests at the same time, each of which is a session of 1C."""

    def __init__(
        self, root: str, user: str, password: str, session: aiohttp.ClientSession, *, parallel: int = 3,
        sleep: Sleep = asyncio.sleep, timeout_s: float = TIMEOUT_S,
    ) -> None:  # fmt: skip
        self._root, self._session, self._sleep, self._secret = root.rstrip("/"), session, sleep, password
        known = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {known}", "Accept": "application/json;odata=nometadata"}
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=10.0)
        self._slots = asyncio.Semaphore(parallel)

    async def page(self, name: str, options: Mapping[str, str]) -> Page:
        """Rows of an entity set (or of a virtual table: `Register/SliceLast()`). Raises ODataError."""
        raw = await self._get(self._url(name, {"$format": "json", **options}), self._rows)
        return raw if isinstance(raw, Page) else Page([], None)

    async def metadata(self, wanted: Sequence[str]) -> dict[str, frozenset[str]]:
        """Fields of those of these types (entity sets, `Set_Part_RowType`) that are published. Raises ODataError."""
        found = await self._get(self._url("$metadata", {}), lambda raw: _types(raw, set(wanted)), MOST_METADATA)
        return dict(found)

    def _url(self, name: str, options: Mapping[str, str]) -> URL:
        path = quote(name, safe="/()',=$")
        query = "&".join(f"{key}={quote(value, safe=PLAIN)}" for key, value in options.items())
        return URL(f"{self._root}/{path}" + (f"?{query}" if query else ""), encoded=True)

    async def _get(self, url: URL, read: Callable[[bytes], Any], most: int = MOST_BYTES) -> Any:
        """One GET with repeats: what failed on the way, or «not now», with a growing pause."""
        for attempt in range(1, TRIES + 1):
            try:
                async with self._slots:
                    return await self._once(url, read, most)
            except ODataError as error:
                if error.lasting or attempt == TRIES:
                    raise
                await self._sleep(_pause_s(attempt, error.after_s))
        raise AssertionError("unreachable")

    async def _once(self, url: URL, read: Callable[[bytes], Any], most: int) -> Any:
        try:
            async with self._session.get(
                url, headers=self._headers, allow_redirects=False, timeout=self._timeout
            ) as answer:
                body = await http.read_capped(answer, most)
        except http.TRANSPORT_ERRORS as error:
            failed = http.classify(error)
            lasting = failed.code in ("tls", "bad_address", "private_address", "answer_too_long")
            raise ODataError(failed.code, f"1С: {failed.why}", lasting=lasting) from error
        if answer.status != 200:
            raise self._refusal(answer.status, answer.headers.get("Retry-After"), body)
        return read(body)

    def _refusal(self, status: int, after: str | None, body: bytes) -> ODataError:
        words = words_of(body)
        busy = _NO_LICENCE in f"{words} {_plain(body)}".lower()
        words = "нет свободной лицензии" if busy else quotable(words, [self._secret])
        said = _SAID.get(status, f"отвечает {status}")
        return ODataError(
            f"http_{status}", f"1С {said}" + (f": {words}" if words else ""), status=status,
            lasting=status not in AGAIN and not busy, after_s=_seconds(after),
        )  # fmt: skip

    @staticmethod
    def _rows(body: bytes) -> Page:
        try:
            read = _decoder.decode(body.removeprefix(b"\xef\xbb\xbf"))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            # A body that was cut on the way looks the same as one of another kind: once more, then tell.
            words = words_of(body)
            raise ODataError("unreadable", "1С: ответ не читается" + (f": {words}" if words else "")) from error
        count = int(read.count) if read.count is not None else None
        return Page(read.value, count)


def _pause_s(attempt: int, asked_s: float | None) -> float:
    """Jittered, so that several readers do not come back all at once."""
    grown = min(FIRST_PAUSE_S * 2 ** (attempt - 1), LONGEST_PAUSE_S)
    return float(max(asked_s or 0.0, grown * random.uniform(0.5, 1.0)))


def _seconds(header: str | None) -> float | None:
    try:
        return None if header is None else min(max(float(header), 0.0), LONGEST_PAUSE_S)
    except ValueError:
        return None


# -- the three bodies of an error


def words_of(body: bytes) -> str:
    """What an error says: OData's XML, 1C's JSON (the innermost, which has the cause), or that it is a page."""
    text = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] == b"{":
        return _json_words(text)
    if text[:9].lower() == b"<!doctype" or text[:5].lower() == b"<html":
        return "страница веб-сервера"
    return _xml_words(text) if text[:1] == b"<" else ""


def _plain(body: bytes) -> str:
    """Any body as a text to look into; a page of an old web server is in windows-1251."""
    try:
        return body[:MOST_LOOKED].decode()
    except UnicodeDecodeError:
        return body[:MOST_LOOKED].decode("cp1251", "replace")


def _json_words(text: bytes) -> str:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    error = told.get("odata.error") or told.get("error") or told
    if isinstance(error, dict) and isinstance(error.get("message"), dict):
        return str(error["message"].get("value", ""))
    inner = told.get("exception")
    while isinstance(inner, dict) and isinstance(inner.get("inner"), dict):
        inner = inner["inner"]
    if isinstance(inner, dict):
        return str(inner.get("descr", ""))
    return str(error.get("message", "")) if isinstance(error, dict) else ""


def _xml_words(text: bytes) -> str:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
    try:
        top = etree.fromstring(text[:MOST_LOOKED], parser)
    except (etree.XMLSyntaxError, ValueError):
        return ""
    found = [] if top is None else [one.text for one in top.iter("{*}message", "message") if one.text]
    return str(found[-1]) if found else ""


# -- names that are published


def _types(body: bytes, wanted: set[str]) -> dict[str, frozenset[str]]:
    """Walked through once, element by element: of a whole configuration the document has tens of megabytes."""
    found: dict[str, frozenset[str]] = {}
    walker = etree.XMLPullParser(("end",), resolve_entities=False, no_network=True, load_dtd=False)
    try:
        for at in range(0, len(body), 1 << 16):
            walker.feed(body[at : at + (1 << 16)])
            _collect(walker, wanted, found)
        walker.close()
        _collect(walker, wanted, found)
    except etree.XMLSyntaxError as error:
        raise ODataError("unreadable", "1С: описание интерфейса ($metadata) не читается") from error
    return found


def _collect(walker: Any, wanted: set[str], found: dict[str, frozenset[str]]) -> None:
    for _, element in walker.read_events():
        tag = str(element.tag).rpartition("}")[2]
        if tag not in ("EntityType", "ComplexType"):
            continue
        name = element.get("Name", "")
        if name in wanted:
            found[name] = frozenset(str(one.get("Name")) for one in element if one.get("Name"))
        element.clear()
