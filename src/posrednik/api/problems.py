"""Errors as `application/problem+json` (RFC 9457): one shape for every door, never a stack trace."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException

from posrednik.api.forms import in_its_form
from posrednik.domain.errors import DomainError, ProofMissing
from posrednik.domain.ownership import NotOwner
from posrednik.domain.texts import text
from posrednik.intake.reading import Malformed
from posrednik.kit.log import get_logger
from posrednik.store.db import CommitUnknown, StoreError
from posrednik.usecases.once import KeyReused, StillRunning

log = get_logger("api")
_CODES = {400: "malformed", 401: "unauthorized", 403: "forbidden", 404: "not_found", 405: "method_not_allowed",
          413: "too_large", 415: "unsupported_media_type", 429: "rate_limited"}  # fmt: skip
# Russian, English.
_TITLES = {
    400: ("Запрос не читается", "Malformed"), 401: ("Нужен токен", "Unauthorized"), 403: ("Нет права", "Forbidden"),
    404: ("Не найдено", "Not found"), 405: ("Так сюда не обращаются", "Method not allowed"),
    409: ("Противоречие", "Conflict"), 413: ("Слишком большой запрос", "Too large"),
    415: ("Вид содержимого не подходит", "Unsupported media type"), 422: ("Правило говорит «нет»", "A rule says no"),
    429: ("Слишком много запросов", "Too many requests"), 503: ("Временно недоступно", "Unavailable"),
}  # fmt: skip
# What only a door can say no to; everything else is in domain/texts*.py.
_DOOR_TEXTS = {
    "method_not_allowed": ("По этому адресу нет такого действия. Ничего не сделано.",
                           "This address has no such method. Nothing was done."),
    "photo_link_wrong": ("Ссылка на фото устарела или изменена, фото не показано. Обновите страницу: ссылки на ней "
                         "появятся новые.",
                         "The link to the photo is old or was altered. Renew the page: it will have new links."),
    "unsupported_media_type": ("Здесь принимают JSON в UTF-8 (от 1С и XML) без сжатия. Ничего не принято.",
                               "JSON in UTF-8 (of 1C XML too), not compressed, is read here. Nothing was taken."),
}  # fmt: skip


class Problem(Exception):
    """An answer that says no. detail: None = the catalogue's sentence for `code`. more: further members."""

    def __init__(
        self, status: int, code: str, detail: str | None = None, *, errors: Sequence[dict[str, str]] = (),
        retry_after: int | None = None, **more: Any,
    ) -> None:  # fmt: skip
        super().__init__(code)
        self.status, self.code, self.detail = status, code, detail
        self.errors, self.retry_after, self.more = list(errors), retry_after, more


def language(request: Request[Any, Any, Any]) -> str:
    """Russian unless Accept-Language asks for English first."""
    return "en" if request.headers.get("accept-language", "").strip().lower().startswith("en") else "ru"


def _answer(request: Request[Any, Any, Any], problem: Problem) -> Response[bytes]:
    lang = language(request)
    body = {
        "type": "about:blank", "status": problem.status, "code": problem.code,
        "title": _TITLES.get(problem.status, ("Ошибка", "Error"))[lang == "en"],
        "detail": problem.detail or _sentence(problem.code, lang), **problem.more,
    }  # fmt: skip
    if problem.errors:
        body["errors"] = problem.errors
    headers = {} if problem.retry_after is None else {"Retry-After": str(problem.retry_after)}
    if problem.status == 401:
        headers["WWW-Authenticate"] = _challenge(request)
    told = Response(msgspec.json.encode(body), status_code=problem.status, headers=headers,
                    media_type="application/problem+json")  # fmt: skip
    return in_its_form(request, told)


def _challenge(request: Request[Any, Any, Any]) -> str:
    """Basic is for bases alone; named to a page, it makes the browser ask the person for a password."""
    basic = ', Basic realm="posrednik"' if request.url.path.startswith("/api/v1/exchange") else ""
    return 'Bearer realm="posrednik"' + basic


def _sentence(code: str, lang: str) -> str:
    return _DOOR_TEXTS[code][lang == "en"] if code in _DOOR_TEXTS else text(code, lang)


def on_malformed(request: Request[Any, Any, Any], error: Malformed) -> Response[bytes]:
    where = [{"pointer": error.pointer, "detail": error.what}]
    return _answer(request, Problem(error.status, error.code, errors=where))


def on_key_reused(request: Request[Any, Any, Any], error: KeyReused) -> Response[bytes]:
    return _answer(request, Problem(422, "idempotency_key_reused"))


def on_still_running(request: Request[Any, Any, Any], error: StillRunning) -> Response[bytes]:
    return _answer(request, Problem(409, "still_running", retry_after=1))


def on_problem(request: Request[Any, Any, Any], error: Problem) -> Response[bytes]:
    return _answer(request, error)


def on_rule(request: Request[Any, Any, Any], error: DomainError) -> Response[bytes]:
    more = {"proofs": error.data["proofs"]} if isinstance(error, ProofMissing) else {}
    status = 409 if isinstance(error, NotOwner) else 422
    return _answer(request, Problem(status, error.code, text(error.code, language(request), **error.data), **more))


def on_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    code = _CODES.get(error.status_code, "malformed" if error.status_code < 500 else "internal_error")
    errors = []
    extra = getattr(error, "extra", None)
    if error.status_code == 400 and isinstance(extra, list):
        errors = [{"pointer": "/" + str(e.get("key", "")), "detail": str(e.get("message", ""))} for e in extra]
    told = _answer(request, Problem(error.status_code, code, errors=errors))
    told.headers.update(error.headers or {})
    return told


def on_store(request: Request[Any, Any, Any], error: StoreError) -> Response[bytes]:
    code = "outcome_unknown" if isinstance(error, CommitUnknown) else "unavailable"
    return _answer(request, Problem(503, code, retry_after=2))


def on_anything(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    log.error("request.failed", path=request.url.path, exc_info=error)
    return _answer(request, Problem(500, "internal_error"))


HANDLERS: dict[Any, Any] = {
    Problem: on_problem, Malformed: on_malformed, KeyReused: on_key_reused, StillRunning: on_still_running,
    DomainError: on_rule, HTTPException: on_http, StoreError: on_store, Exception: on_anything,
}  # fmt: skip


def plain(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response[bytes]:
    """A JSON answer from plain data."""
    told = {"X-Content-Type-Options": "nosniff", **(headers or {})}
    return Response(msgspec.json.encode(body), status_code=status, headers=told, media_type=MediaType.JSON)


def answer_of(body: Any, status: int = 200, *, replayed: bool) -> Response[bytes]:
    """The answer of a request that may have had an Idempotency-Key."""
    return plain(body, status, {"Idempotent-Replayed": "true"} if replayed else None)
