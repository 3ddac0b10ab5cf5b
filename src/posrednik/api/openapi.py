"""The published OpenAPI: doors read raw bytes, so what they read and answer is said beside them, not guessed."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.openapi.plugins import JsonRenderPlugin

from posrednik.api.documents import Problem
from posrednik.domain.rights import Right

REF = "#/components/schemas/{name}"
MEANS = {
    400: "The request cannot be read; nothing was taken", 401: "A valid token is needed",
    403: "The token has no right to this", 404: "There is no such thing", 409: "Conflict; nothing was changed",
    413: "Too large; nothing was taken", 415: "Content of another type is wanted", 422: "A rule says no",
    429: "Too many requests; see Retry-After", 503: "The database or a storage does not answer; see Retry-After",
}  # fmt: skip
SECURITY: list[dict[str, list[str]]] = [{"bearer": []}, {"basic": []}]
SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A token of a base, a device, a person or a feed"},
    "basic": {"type": "http", "scheme": "basic", "description": "A base: its id and its token"},
}
OWN: Literal["own"] = "own"
KEY = {"name": "Idempotency-Key", "in": "header", "required": False, "schema": {"type": "string", "maxLength": 255}}


class Jpeg:
    """Stands for a body or an answer that is a picture, not JSON."""


class EventStream:
    """Stands for an answer that goes on for ever: server-sent events."""


def documented(
    name: str, *, answer: Any, body: Any = None, says_no: Sequence[int] = (), open_to_all: bool = False,
    also: int | None = None, right: Right | Literal["own"] | None = None, **opt: Any,
) -> dict[str, Any]:  # fmt: skip
    """Options of a route: its name for clients, the type it reads and answers, the statuses with which it says no.

    What every door behind a token can say (400, 401, 403, 429, 503) is added. also: a second status of the same
    answer. right: what a person needs for it (`x-right`; OWN = nothing but to be signed in); the route itself asks for
    it by `person_of`. opt: further options of the route.
    """
    statuses = sorted({*says_no} | (set() if open_to_all else {400, 401, 403, 429, 503}))
    if right is not None:
        opt["right"] = right
    return {"operation_id": name, "opt": {"document": (body, answer, tuple(statuses), open_to_all, also), **opt}}


class Published(JsonRenderPlugin):
    """Puts the documents of the routes into what Litestar knows by itself."""

    def __init__(self) -> None:
        super().__init__(path="/")
        self._rendered: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        if self._rendered is None:
            self._rendered = msgspec.json.encode(publish(request, openapi_schema))
        return self._rendered


def publish(request: ASGIConnection[Any, Any, Any, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """`schema` with the bodies, answers and refusals of all documented routes."""
    documents, rights = _options(request, "document"), _options(request, "right")
    shapes = [
        shape for document in documents.values() for shape in document[:2] if shape not in (None, Jpeg, EventStream)
    ]
    made, components = msgspec.json.schema_components([*shapes, Problem], ref_template=REF)
    schema_of = dict(zip([*shapes, Problem], made, strict=True))
    for operations in schema["paths"].values():
        for operation in operations.values():
            document = documents.get(operation.get("operationId"))
            if document is not None:
                _describe(operation, document, schema_of)
            if operation.get("operationId") in rights:
                operation["x-right"] = str(rights[operation["operationId"]])
    known = schema.setdefault("components", {})
    known["schemas"] = {**known.get("schemas", {}), **components}
    known["securitySchemes"] = SCHEMES
    return schema


def _options(request: ASGIConnection[Any, Any, Any, Any], name: str) -> dict[str, Any]:
    """This option of the routes that have it, by operation id."""
    handlers = [handler for route in request.app.routes for handler in getattr(route, "route_handlers", ())]
    return {h.operation_id: h.opt[name] for h in handlers if name in h.opt}


def _describe(operation: dict[str, Any], document: Any, schema_of: dict[Any, Any]) -> None:
    body, answer, statuses, open_to_all, also = document
    success = next(status for status in operation["responses"] if status.startswith("2"))
    done = {"description": "Done", "content": _shaped(answer, schema_of)}
    operation["responses"] = {
        success: done, **({} if also is None else {str(also): done}),
        **{str(s): {"description": MEANS[s], "content": _content("application/problem+json", schema_of[Problem])}
           for s in statuses},
    }  # fmt: skip
    if body is not None:
        operation["requestBody"] = {"required": True, "content": _shaped(body, schema_of)}
        if body is not Jpeg:
            operation.setdefault("parameters", []).append(KEY)
    if not open_to_all:
        operation["security"] = SECURITY


def _shaped(shape: Any, schema_of: dict[Any, Any]) -> dict[str, Any]:
    if shape is EventStream:
        return _content("text/event-stream", {"type": "string"})
    if shape is Jpeg:
        return _content("image/jpeg", {"type": "string", "format": "binary"})
    return _content("application/json", schema_of[shape])


def _content(media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {media_type: {"schema": schema}}
