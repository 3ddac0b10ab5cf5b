"""The HTTP side of the interface: addresses, rights, faults, and what each address does.

`+` in an address is a plus and no blank; Cyrillic comes raw or percent-encoded; the user's name is UTF-8.
"""

import asyncio
import base64
import binascii
import hmac
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from posrednik_sandbox.onec.odata import forms, plan
from posrednik_sandbox.onec.odata.model import EntitySet, Profile
from posrednik_sandbox.onec.odata.pages import Asked, Pages, Unavailable
from posrednik_sandbox.onec.odata.plan import NoNode, Plan
from posrednik_sandbox.onec.odata.query import BadQuery
from posrednik_sandbox.onec.odata.quirks import Quirks
from posrednik_sandbox.onec.odata.tables import Table, Tables
from posrednik_sandbox.onec.odata.writes import Refused, Unknown, Writes
from posrednik_sandbox.onec.store import Store
from posrednik_sandbox.onec.switches import Switches

Json = dict[str, Any]
USER = "Обмен"
PREFIX = "/odata/standard.odata"
MOST_BODY = 8 << 20
_ADDRESS = re.compile(r"(?P<name>[^/(]+)(?:\((?P<key>[^)]*)\))?(?:/(?P<rest>.*))?", re.DOTALL)
_GUID = re.compile(r"guid'([0-9a-fA-F-]{36})'")
_NODE = re.compile(r"ExchangePlan_[^(']+\(guid'([0-9a-fA-F-]{36})'\)")


class Problem(Exception):
    """An answer that is an error. form: of its body, empty = as the switch says."""

    def __init__(self, status: int, words: str, form: str = "", retry_after: int | None = None) -> None:
        super().__init__(words)
        self.status, self.words, self.form, self.retry_after = status, words, form, retry_after


@dataclass(slots=True)
class Call:
    """One request. address: decoded, below the root; query: its options, decoded."""

    method: str
    address: str
    query: dict[str, str]
    root: str
    json: bool
    full: bool
    if_match: str
    loading: bool
    body: Json = field(default_factory=dict)


class Server:
    """Serves one base's objects under the names of its profile."""

    def __init__(
        self, store: Store, profile: Profile, password: str, switches: Switches, wake: Callable[[], None]
    ) -> None:
        self.store = store
        self.quirks = Quirks()
        self.tables = Tables(store, profile)
        self.pages = Pages(store, self.tables, self.quirks)
        self.writes = Writes(store, self.tables, switches)
        self.plan = Plan(store, self.tables)
        self.requests = 0
        self._password = password
        self._wake = wake
        self._open = 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        self._open += 1
        try:
            return await self._guarded(request)
        except Problem as problem:
            return self._said(problem)
        except (BadQuery, Unknown) as error:
            return self._said(Problem(400, str(error)))
        except (Refused, Unavailable) as error:
            return self._said(Problem(500, str(error)))
        except NoNode as error:
            return self._said(Problem(404, str(error)))
        except forms.IllegalCharacter as error:
            return self._said(Problem(400, str(error)))
        except (ValueError, KeyError, TypeError) as error:
            return self._said(Problem(400, f"Ошибка в запросе: {error}"))
        finally:
            self._open -= 1

    async def _guarded(self, request: web.Request) -> web.StreamResponse:
        quirks = self.quirks
        if quirks.latency_s:
            await asyncio.sleep(quirks.latency_s)
        if quirks.take("drop_next"):
            return _cut_off(request)
        self._web_server()
        if not self._is_known(request.headers.get("Authorization", "")):
            raise Problem(401, "Идентификация пользователя не выполнена")
        if quirks.sessions and self._open > quirks.sessions:
            raise Problem(500, "Не обнаружено свободной лицензии!", "html")
        if quirks.take("fail_next"):
            raise Problem(500, "Внутренняя ошибка сервера 1С:Предприятия")
        answer = self._answer(await _call(request))
        return await _half(request, answer) if quirks.take("cut_next") else answer

    def _web_server(self) -> None:
        """What the web server says without asking 1C."""
        if not self.quirks.published:
            raise Problem(404, "Не найдено", "html")
        if self.quirks.take("timeout_next"):
            raise Problem(504, "Gateway Time-out", "html")
        if self.quirks.take("bad_gateway_next"):
            raise Problem(502, "Bad Gateway", "html")
        if self.quirks.take("busy_next"):
            raise Problem(503, "Service Unavailable", "html", retry_after=1)

    def _is_known(self, header: str) -> bool:
        kind, _, coded = header.partition(" ")
        try:
            told = base64.b64decode(coded, validate=True)
        except (binascii.Error, ValueError):
            return False
        return kind.lower() == "basic" and hmac.compare_digest(told, f"{USER}:{self._password}".encode())

    def _said(self, problem: Problem) -> web.Response:
        text, kind = forms.error(problem.form or self.quirks.error_form, problem.status, problem.words)
        answer = web.Response(text=text, content_type=kind, status=problem.status)
        if problem.status == 401:
            answer.headers["WWW-Authenticate"] = 'Basic realm="1C:Enterprise 8.3"'
        if problem.retry_after is not None:
            answer.headers["Retry-After"] = str(problem.retry_after)
        return answer

    # -- what an address does

    def _answer(self, call: Call) -> web.Response:
        if call.address in ("", "/"):
            return _text(forms.service(call.root, self._published(), call.json), call.json)
        if call.address == "$metadata":
            return _text(forms.metadata(self._published()), False)
        if call.address.split("?")[0] in ("SelectChanges", "NotifyChangesReceived"):
            return self._changes(call)
        found = _ADDRESS.fullmatch(call.address)
        if found is None:
            raise Problem(404, f"Сегмент пути {call.address} не найден!")
        name, key, rest = found["name"], found["key"], found["rest"] or ""
        if name == self.tables.profile.own["plan"]:
            return self._nodes(call, key)
        return self._of_set(call, name, key, rest)

    def _published(self) -> list[Table]:
        own = self.tables.profile.own
        nodes = Table(own["plan"], ("Ref_Key",), plan.COLUMNS, lambda: iter(()), {}, {})
        return [table for table in [*self.tables.all(), nodes] if self._is_published(table.name)]

    def _is_published(self, name: str) -> bool:
        return self.quirks.composition and not self.quirks.hides(name)

    def _of_set(self, call: Call, name: str, key: str | None, rest: str) -> web.Response:
        table = self.pages.table(name)
        if table is None or not self._is_published(name):
            raise Problem(404, f"Сущность {name} не найдена!")
        if self.quirks.forbids(name):
            raise Problem(403, f"Недостаточно прав для работы с {name}")
        if key is not None:
            return self._of_row(call, table, key, rest)
        if rest == "$count":
            return self._counted(table, call)
        if rest:
            return self._virtual(call, table, rest)
        if call.method == "GET":
            return self._listed(call, table)
        if call.method == "POST" and table.entity is not None:
            ref = self.writes.create(table.entity, call.body, loading=call.loading)
            self._wake()
            return self._single(call, table, ref, 201)
        raise Problem(405, "Метод не поддерживается")

    def _listed(self, call: Call, table: Table) -> web.Response:
        rows, count = self.pages.page(table, Asked.of(call.query))
        if call.json:
            text = forms.as_json(call.root, table.name, rows, count, single=False, full=call.full)
        else:
            text = forms.as_atom(call.root, table.name, rows, count, single=False)
        return _text(text, call.json)

    def _counted(self, table: Table, call: Call) -> web.Response:
        if self.quirks.count_status:
            raise Problem(self.quirks.count_status, "Сегмент пути $count не найден!")
        _, count = self.pages.page(table, Asked.of({**call.query, "$inlinecount": "allpages", "$top": "0"}))
        return web.Response(text=str(count), content_type="text/plain")

    def _virtual(self, call: Call, table: Table, rest: str) -> web.Response:
        """SliceLast and Balance: their own Condition, then the usual options."""
        name, _, inside = rest.partition("(")
        # Clients disagree whether quotes inside the condition are doubled.
        condition = re.search(r"Condition='(.*)'(?:,\w+=|\)|$)", inside)
        asked = Asked.of(call.query)
        rows, count = self.pages.virtual(table, name, condition[1].replace("''", "'") if condition else "", asked)
        if call.json:
            return _text(
                forms.as_json(call.root, f"{table.name}_{name}", rows, count, single=False, full=call.full), True
            )
        return _text(forms.as_atom(call.root, f"{table.name}_{name}", rows, count, single=False), False)

    def _of_row(self, call: Call, table: Table, key: str, rest: str) -> web.Response:
        guid = _GUID.fullmatch(key.removeprefix("Ref_Key="))
        if guid is None or table.entity is None:
            row = self.pages.by_key(table, key)
            if row is None:
                raise Problem(404, "Экземпляр сущности не найден по ключу")
            return self._row(call, table, row, 200)
        ref, entity = guid[1].lower(), table.entity
        row = self.tables.one(entity, ref)
        if row is None:
            raise Problem(404, "Экземпляр сущности не найден по ключу")
        if rest in ("Post", "Unpost", "Post()", "Unpost()") and call.method == "POST" and entity.is_document:
            return self._posted(entity, ref, rest.startswith("Post"))
        if rest:
            return self._part_of(call, table, row, rest)
        return self._change(call, table, entity, row)

    def _change(self, call: Call, table: Table, entity: EntitySet, row: Json) -> web.Response:
        ref = row["Ref_Key"]
        if call.method == "GET":
            return self._single(call, table, ref, 200)
        if call.if_match not in ("", "*", row["DataVersion"]):
            raise Problem(412, "Версия объекта не совпадает с переданной")
        if call.method == "DELETE":
            self.writes.remove(entity, ref)
        elif call.method in ("PATCH", "PUT", "MERGE"):
            self.writes.change(entity, ref, call.body, whole=call.method == "PUT")
        else:
            raise Problem(405, "Метод не поддерживается")
        self._wake()
        return web.Response(status=204) if call.method == "DELETE" else self._single(call, table, ref, 200)

    def _posted(self, entity: EntitySet, ref: str, posted: bool) -> web.Response:
        if posted and self.quirks.post_fails:
            raise Problem(500, "Не удалось провести документ: нарушение прав доступа к связанному объекту")
        self.writes.post(entity, ref, posted)
        self._wake()
        return web.Response(status=200)

    def _part_of(self, call: Call, table: Table, row: Json, rest: str) -> web.Response:
        if rest in table.parts:
            name = f"{table.name}_{rest}"
            return _text(forms.as_json(call.root, name, row[rest], None, single=False, full=call.full), True)
        target = self.pages.referred(table, row, rest)
        if target is not None:
            return self._row(call, target[0], target[1], 200)
        if rest not in row:
            raise Problem(404, f"Сегмент пути {rest} не найден!")
        return _text(json.dumps({"value": row[rest]}, ensure_ascii=False), True)

    def _single(self, call: Call, table: Table, ref: str, status: int) -> web.Response:
        assert table.entity is not None
        row = self.tables.one(table.entity, ref)
        assert row is not None
        answer = self._row(call, table, row, status)
        if status == 201:
            answer.headers["Location"] = f"{call.root}/{table.name}(guid'{ref}')"
        return answer

    def _row(self, call: Call, table: Table, row: Json, status: int) -> web.Response:
        shown = self.pages.shown(table, row, Asked.of(call.query))
        if call.json:
            text = forms.as_json(call.root, table.name, [shown], None, single=True, full=call.full)
        else:
            text = forms.as_atom(call.root, table.name, [shown], None, single=True)
        answer = _text(text, call.json, status)
        if "DataVersion" in row:
            answer.headers["ETag"] = f'"{row["DataVersion"]}"'
        return answer

    # -- the exchange plan

    def _nodes(self, call: Call, key: str | None) -> web.Response:
        name = self.tables.profile.own["plan"]
        if not self._is_published(name):
            raise Problem(404, f"Сущность {name} не найдена!")
        guid = _GUID.search(key or "")
        if call.method == "POST":
            rows, status = [self.plan.create(call.body)], 201
        elif call.method == "PATCH" and guid:
            rows, status = [self.plan.change(guid[1].lower(), call.body)], 200
        else:
            rows, status = self.plan.nodes(), 200
        if guid:
            rows = [row for row in rows if row["Ref_Key"] == guid[1].lower()]
        if not rows:
            raise NoNode("Узел плана обмена не найден")
        single = guid is not None or call.method == "POST"
        if call.json:
            return _text(forms.as_json(call.root, name, rows, None, single=single, full=call.full), True, status)
        return _text(forms.as_atom(call.root, name, rows, None, single=single), False, status)

    def _changes(self, call: Call) -> web.Response:
        if call.method != "POST":
            raise Problem(405, "Метод не поддерживается")
        node = _NODE.search(call.query.get("DataExchangePoint", ""))
        if node is None:
            raise Problem(400, "Не указан узел плана обмена (DataExchangePoint)")
        ref, number = node[1].lower(), int(call.query["MessageNo"].strip("'"))
        if call.address.startswith("Notify"):
            self.plan.received(ref, number)
            return web.Response(status=200)
        selected = self.plan.select(ref, number, self._is_published)
        for _, row in selected:
            forms.without_illegal(row)
        if call.json:
            value = [{"odata.type": f"StandardODATA.{name}", **row} for name, row in selected]
            return _text(json.dumps({"value": value}, ensure_ascii=False), True)
        return _text(forms.as_package(call.root, selected), False)


async def _call(request: web.Request) -> Call:
    path, _, options = request.raw_path.partition("?")
    query = {}
    for item in filter(None, options.split("&")):
        name, _, value = item.partition("=")
        query[unquote(name)] = unquote(value)
    address = unquote(path).partition(PREFIX)[2].removeprefix("/")
    told = query.get("$format", "") or request.headers.get("Accept", "")
    body = await _body(request) if request.can_read_body else {}
    return Call(
        request.method, address, query, f"{request.scheme}://{request.host}/onec{PREFIX}", "json" in told,
        "nometadata" not in told, request.headers.get("If-Match", "").removeprefix("W/").strip('"'),
        request.headers.get("1C_OData-DataLoadMode", "").lower() == "true", body,
    )  # fmt: skip


async def _body(request: web.Request) -> Json:
    raw = await request.read()
    if len(raw) > MOST_BODY:
        raise Problem(413, "Слишком большой запрос")
    if not raw.strip():
        return {}
    try:
        body = forms.read_entry(raw) if raw.lstrip().startswith(b"<") else json.loads(raw)
    except ValueError as error:
        raise Problem(400, "Тело запроса не читается") from error
    if not isinstance(body, dict):
        raise Problem(400, "Тело запроса не объект")
    return body


def _text(text: str, is_json: bool, status: int = 200) -> web.Response:
    kind = "application/json" if is_json else "application/xml"
    return web.Response(text=text, content_type=kind, status=status)


def _cut_off(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _half(request: web.Request, whole: web.Response) -> web.StreamResponse:
    """The first half of the body under the length of the whole."""
    body = whole.body if isinstance(whole.body, bytes) else b""
    answer = web.StreamResponse(status=whole.status, headers={"Content-Type": whole.headers["Content-Type"]})
    answer.content_length = len(body)
    await answer.prepare(request)
    await answer.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return answer
