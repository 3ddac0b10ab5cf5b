"""HTTP services of the extension: the request that a handler gets, its answer, the way to the handler."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.bsl.native import BslError, Native, Value, prop
from tests.bsl.platform.dump import HttpService, Route
from tests.bsl.platform.http import Body, Writable
from tests.bsl.values import FixedMap, Map

if TYPE_CHECKING:
    from tests.bsl.platform.infobase import Infobase
    from tests.bsl.platform.platform import BaseSession

Answer = tuple[int, dict[str, str], bytes]
PAGE = "<html><body><h1>{status}</h1>{text}</body></html>"


class ServiceRequest(Body):
    """HTTPСервисЗапрос."""

    bsl_type = "HTTPСервисЗапрос"
    bsl_type_en = "HTTPServiceRequest"

    def __init__(self, verb: str, base: str, relative: str, query: str, headers: Mapping[str, str], body: bytes,
                 parameters: Mapping[str, str]) -> None:  # fmt: skip
        super().__init__()
        self.verb, self.base, self.relative = verb, base, relative
        self.headers, self.body = _map(headers), body
        self.query = _map(dict(parse_qsl(query, keep_blank_values=True)))
        self.parameters = _map(parameters)

    @prop("HTTPМетод", "HTTPMethod")
    def bsl_verb(self) -> str:
        return self.verb

    @prop("БазовыйURL", "BaseURL")
    def bsl_base(self) -> str:
        return self.base

    @prop("ОтносительныйURL", "RelativeURL")
    def bsl_relative(self) -> str:
        return self.relative

    @prop("ПараметрыЗапроса", "QueryOptions")
    def bsl_query(self) -> Value:
        return self.query

    @prop("ПараметрыURL", "URLParameters")
    def bsl_parameters(self) -> Value:
        return self.parameters


class ServiceAnswer(Writable):
    """HTTPСервисОтвет(КодСостояния, Причина, Заголовки)."""

    bsl_type = "HTTPСервисОтвет"
    bsl_type_en = "HTTPServiceResponse"
    bsl_creatable = True
    bsl_since = "8.3"

    def __init__(self, status: Any, reason: Any = "", headers: Any = None) -> None:
        super().__init__()
        self.status, self.reason = status, reason
        if isinstance(headers, Map):
            self.headers = headers

    @prop("КодСостояния", "StatusCode")
    def bsl_status(self) -> Value:
        return self.status

    @bsl_status.setter
    def put_status(self, value: Value) -> None:
        self.status = value

    @prop("Причина", "Reason")
    def bsl_reason(self) -> Value:
        return self.reason


def _map(values: Mapping[str, str]) -> FixedMap:
    return FixedMap(Map.of(values.items()))


def served(
    base: Infobase,
    line: tuple[str, str],
    headers: Mapping[str, str],
    body: bytes,
    user: str,
    roles: Sequence[str] | None,
) -> Answer:
    """Call the handler in a session of its own, as a publication without reuse of sessions does. line: method, path."""
    verb, path = line
    address = urlsplit(path)
    relative = unquote(address.path).partition("/hs/")[2] or unquote(address.path).lstrip("/")
    root, _, rest = relative.partition("/")
    service = next((one for one in base.dump.services if one.root == root), None)
    found = None if service is None else _route(service, verb, f"/{rest}")
    if service is None or found is None:
        return _page(404, "Не найдено")
    route, parameters = found
    if route is None:
        return _page(405, "Метод не поддерживается")
    if roles is not None and not any(("Использование", route.right) in base.rights.get(role, ()) for role in roles):
        return _page(403, "Нет права на метод HTTP-сервиса")
    request = ServiceRequest(verb, f"/base/hs/{root}", f"/{rest}", address.query, headers, body, parameters)
    return _called(base, service, route, request, base.session(user, roles))


def _route(service: HttpService, verb: str, rest: str) -> tuple[Route | None, dict[str, str]] | None:
    """The route and its parameters; (None, …) where only the method is another one."""
    other = False
    for route in service.routes:
        match = re.fullmatch(_pattern(route.template), rest)
        if match is None:
            continue
        if route.method in (verb, "ANY"):
            return route, {name.replace("p_", "", 1): value for name, value in match.groupdict().items()}
        other = True
    return (None, {}) if other else None


def _pattern(template: str) -> str:
    parts = re.split(r"(\{\w+\}|\*)", template)
    made = ""
    for part in parts:
        if part.startswith("{"):
            made += f"(?P<p_{part[1:-1]}>[^/]+)"
        else:
            made += ".*" if part == "*" else re.escape(part)
    return made


def _called(base: Infobase, service: HttpService, route: Route, request: Native, session: BaseSession) -> Answer:
    try:
        with session.entered():
            answer: Any = session.module(f"HTTPСервис.{service.name}.Модуль").call(route.handler, request)
    except BslError as error:
        return _page(500, str(error))
    finally:
        session.close()
    if not isinstance(answer, ServiceAnswer):
        return _page(500, "Обработчик не вернул HTTPСервисОтвет")
    sent = {str(one.key): str(one.value) for one in answer.headers.items.values()}
    return int(answer.status), sent, answer.body


def _page(status: int, text: str) -> Answer:
    body = PAGE.format(status=status, text=text).encode()
    return status, {"Content-Type": "text/html; charset=utf-8"}, body
