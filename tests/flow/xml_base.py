"""A base of the 8.2 family: the same calls as `Exchange`, written and read as XML (contract.md §2, mark E-32)."""

import base64
import json
from typing import Any

from httpx import Response
from lxml import etree
from tests.flow.exchange_client import Exchange

Json = dict[str, Any]
NUMBERS = {"number", "last_accepted", "http_status", "retry_after", "applied", "unchanged", "stale", "waiting",
           "released", "index", "version", "goods", "quarantined", "outgoing"}  # fmt: skip
LISTS = {"commands", "quarantined", "gap", "gaps", "events", "errors"}


def written(value: Any, root: str = "message", encoding: str = "windows-1251") -> bytes:
    """As an old 1C writes it: CRLF, windows-1251 declared, empty elements, commas in numbers are left to the caller."""
    top = etree.Element(root)
    _put(top, value)
    text = etree.tostring(top, encoding="unicode", pretty_print=True).replace("\n", "\r\n")
    head = f'<?xml version="1.0" encoding="{encoding}"?>\r\n'
    return (head + text).encode(encoding, errors="xmlcharrefreplace")


def _put(element: Any, value: Any) -> None:
    if isinstance(value, dict):
        for key, one in value.items():
            _put(etree.SubElement(element, key), one)
    elif isinstance(value, list | tuple):
        for one in value:
            _put(etree.SubElement(element, "item"), one)
    elif value is not None:
        element.text = {True: "Истина", False: "Ложь"}[value] if isinstance(value, bool) else str(value)


def read(body: bytes) -> Json:
    """The answer's `result` as JSON would have it, as far as tests look at it."""
    top = etree.fromstring(body)
    assert top.tag == "result"
    told = _taken(top, "result")
    assert isinstance(told, dict)
    return told


def _taken(element: Any, name: str) -> Any:
    children = list(element)
    if (name in LISTS and not (element.text or "").strip()) or (
        children and all(child.tag == "item" for child in children)
    ):
        return [_taken(child, "item" if name not in ("gap", "gaps") else "number") for child in children]
    if children:
        return {child.tag: _taken(child, child.tag) for child in children}
    text = element.text or None
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text and name in NUMBERS and text.isdigit() else text


class XmlExchange(Exchange):
    """Answers look like JSON's: status and body are taken out of `result`. Basic authorisation, nothing else."""

    async def call(self, method: str, path: str, *, token: str | None = None, **options: Any) -> Response:
        known = f"{self.base}:{self.token if token is None else token}".encode()
        headers = {"Authorization": "Basic " + base64.b64encode(known).decode(), **options.pop("headers", {})}
        headers.setdefault("Accept", "application/xml")
        answer = await self.client.request(method, path, headers=headers, **options)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("application/xml")
        assert int(answer.headers["content-length"]) == len(answer.content)
        assert "transfer-encoding" not in answer.headers
        told = read(answer.content)
        return Response(told.pop("http_status"), content=json.dumps(told).encode(), headers=answer.headers)

    async def post(self, path: str, body: Any, **options: Any) -> Response:
        content = body if isinstance(body, bytes) else written(body)
        headers = {"Content-Type": "application/xml", **options.pop("headers", {})}
        return await self.call("POST", f"/api/v1/exchange/{path}", content=content, headers=headers, **options)
