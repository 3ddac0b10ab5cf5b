"""A small 1C with the standard OData interface: sets of rows in memory, and the quirks that a reader must live with."""

import base64
import json
import random
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote

from aiohttp import web

Json = dict[str, Any]
USER, PASSWORD = "Обмен", "пароль"
ROOT = "/ut/odata/standard.odata"
XML_ERROR = (
    '<?xml version="1.0" encoding="UTF-8"?><m:error xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">'
    '<m:code>6</m:code><m:message xml:lang="ru">Нет прав на чтение</m:message></m:error>'
)
JSON_ERROR = json.dumps(
    {"exception": {"descr": "Ошибка сервиса", "inner": {"descr": "Недостаточно прав", "inner": None}}}
)
NO_LICENCE = "Не обнаружено свободной лицензии!"
HTML_ERROR = "<!DOCTYPE html><html><body><h1>Runtime error 1c4e</h1></body></html>"
_OPTION = re.compile(r"Date (ge|lt) datetime'([^']+)'")
_KEY = re.compile(r"Ref_Key eq guid'([^']+)'")


class FakeOData:
    """sets: name → rows. faults: answers given instead of the next ones: (status, body), "cut" or "drop".

    before: called (awaited) with each request of rows before it is answered, to change rows or set
    faults. asked: (set, options).
    """

    def __init__(self) -> None:
        self.sets: dict[str, list[Json]] = {}
        self.faults: list[Any] = []
        self.before: Callable[[str, Json], Any] = lambda name, options: None
        self.asked: list[tuple[str, Json]] = []
        self.raw: list[str] = []
        self.dates_allowed, self.counted = True, True
        self.most_at_once = self._now = 0
        self.hidden: set[str] = set()
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        try:
            return await self._answer(request)
        finally:
            self._now -= 1

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.raw.append(request.raw_path)
        known = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {known}":
            return web.Response(status=401, text=XML_ERROR, content_type="application/xml")
        if self.faults:
            return await self._fault(request, self.faults.pop(0))
        path, _, query = request.raw_path.partition("?")
        assert "+" not in query
        options = {unquote(k): unquote(v) for k, _, v in (one.partition("=") for one in query.split("&") if one)}
        name = unquote(path).removeprefix(ROOT).strip("/")
        if name == "$metadata":
            return web.Response(text=self.metadata(), content_type="application/xml")
        name = name.partition("/")[0]
        if name not in self.sets:
            return web.Response(status=404, text=XML_ERROR, content_type="application/xml")
        if (work := self.before(name, options)) is not None:
            await work
        if self.faults:
            return await self._fault(request, self.faults.pop(0))
        self.asked.append((name, options))
        return self._rows(name, options)

    async def _fault(self, request: web.Request, fault: Any) -> web.StreamResponse:
        if fault == "drop":
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if fault == "cut":
            answer = web.StreamResponse(headers={"Content-Length": "1000", "Content-Type": "application/json"})
            await answer.prepare(request)
            await answer.write(b'{"value": [{"Ref_Key": "')
            assert request.transport is not None
            request.transport.close()
            return answer
        status, body, *more = fault
        raw = body if isinstance(body, bytes) else body.encode()
        return web.Response(status=status, body=raw, headers=more[0] if more else {})

    def _rows(self, name: str, options: Json) -> web.Response:
        rows = list(self.sets[name])
        if "$filter" in options:
            if "Date" in options["$filter"] and not self.dates_allowed:
                return web.Response(status=500, text=JSON_ERROR, content_type="application/json")
            rows = [row for row in rows if _fits(row, options["$filter"])]
        order = options.get("$orderby", "")
        if order in ("", "Ref_Key"):
            random.shuffle(rows)  # by nothing that lasts
        else:
            keys = [one.split(" ")[0] for one in order.split(",")]
            rows.sort(key=lambda row: [str(row.get(key, "")) for key in keys], reverse=order.endswith(" desc"))
        count, skip = len(rows), int(options.get("$skip", 0))
        rows = rows[skip : skip + int(options["$top"])] if "$top" in options else rows[skip:]
        told: Json = {"odata.metadata": "…", "value": [_selected(row, options.get("$select", "")) for row in rows]}
        if self.counted and options.get("$inlinecount") == "allpages":
            told["odata.count"] = str(count)
        return web.json_response(told)

    def metadata(self) -> str:
        types = []
        for name, rows in self.sets.items():
            if name in self.hidden:
                continue
            row = rows[0] if rows else {}
            types.append(_type("EntityType", name, row))
            types += [
                _type("ComplexType", f"{name}_{part}_RowType", inner[0])
                for part, inner in row.items() if isinstance(inner, list) and inner
            ]  # fmt: skip
        return (
            '<?xml version="1.0"?><edmx:Edmx xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx">'
            '<edmx:DataServices><Schema xmlns="http://schemas.microsoft.com/ado/2009/11/edm">'
            f"{''.join(types)}</Schema></edmx:DataServices></edmx:Edmx>"
        )


def _type(tag: str, name: str, row: Json) -> str:
    fields = "".join(f'<Property Name="{key}" Type="Edm.String"/>' for key in row)
    return f'<{tag} Name="{name}">{fields}</{tag}>'


def _fits(row: Json, text: str) -> bool:
    if keys := _KEY.findall(text):
        return row["Ref_Key"] in keys
    return all((row["Date"] >= at) if sign == "ge" else (row["Date"] < at) for sign, at in _OPTION.findall(text))


def _selected(row: Json, names: str) -> Json:
    if not names:
        return row
    wanted = names.split(",")
    assert not (unknown := [name for name in wanted if name not in row]), unknown
    return {name: row[name] for name in wanted}


@asynccontextmanager
async def odata() -> AsyncIterator[FakeOData]:
    fake = FakeOData()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", fake.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server: Any = site._server
    fake.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{ROOT}"
    try:
        yield fake
    finally:
        await runner.cleanup()
