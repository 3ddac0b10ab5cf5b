"""`batch` of both REST versions.

Source: settings/how-to-call-rest-api/batch.md and api-reference/rest-v3.md of the official documentation.
"""

import re
from typing import Any
from urllib.parse import unquote

from posrednik_sandbox.portal.errors import RestError, V3Error
from posrednik_sandbox.portal.execution import Executed, Execution
from posrednik_sandbox.portal.values import Params, as_dict, flag, parse_query

LONGEST = 50
FORBIDDEN = ("batch", "upload", "download")
ROOTS = ("result", "error", "total", "next", "time")
_REFERENCE = re.compile(r"\$(result|error|total|next|time)((?:\[[^\[\]]*\])+)", re.IGNORECASE)
_STEP = re.compile(r"\[([^\[\]]*)\]")

Maps = dict[str, Params]


def commands(params: Params) -> list[tuple[str, str, str]]:
    """(label, method, query) of each command; what follows a raw `#` is lost, as in any URL."""
    found = []
    for label, command in as_dict(params.get("cmd")).items():
        path, _, query = str(command).split("#", 1)[0].partition("?")
        found.append((label, unquote(path).strip().strip("/").lower(), query))
    return found


async def run_classic(execution: Execution, params: Params, expires: bool = False) -> dict[str, Any]:
    """Run the commands in order; each error stays under its own label, `halt` stops at the first.

    expires: the caller's token ends after the first command.
    """
    maps: Maps = {root: {} for root in ROOTS}
    halt = flag(params.get("halt"))
    for position, (label, method, query) in enumerate(commands(params)):
        try:
            if expires and position:
                raise RestError("expired_token", "The access token provided has expired", 401)
            if position >= LONGEST:
                raise RestError("ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded")
            if method in FORBIDDEN:
                raise RestError("ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage", 405)
            arguments = _resolved(parse_query(query), maps)
            _take(maps, label, await execution.classic(method, arguments, in_batch=True))
        except RestError as refusal:
            maps["error"][label] = refusal.body()
            if halt:
                break
    return {"result": maps["result"], **{f"result_{root}": maps[root] for root in ROOTS[1:]}}


def _take(maps: Maps, label: str, done: Executed) -> None:
    maps["result"][label], maps["time"][label] = done.result, done.time
    if done.total is not None:
        maps["total"][label] = done.total
    if done.next is not None:
        maps["next"][label] = done.next


def _resolved(value: Any, maps: Maps) -> Any:
    """Put earlier answers in the place of references; a value that is only a reference keeps its type."""
    if isinstance(value, dict):
        return {key: _resolved(item, maps) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolved(item, maps) for item in value]
    whole = _REFERENCE.fullmatch(value)
    if whole is not None:
        return _look_up(whole, maps)
    return _REFERENCE.sub(lambda match: _as_text(_look_up(match, maps)), value)


def _look_up(match: re.Match[str], maps: Maps) -> Any:
    node: Any = maps[match[1].lower()]
    for step in _STEP.findall(match[2]):
        node = as_dict(node).get(step) if isinstance(node, dict | list) else None
    return node


def _as_text(value: Any) -> str:
    return "" if value is None or isinstance(value, dict | list) else str(value)


async def run_v3(execution: Execution, body: Any) -> list[Any]:
    """Run `[{method, query}]` in order; the first error fails the whole batch, what was done before stays."""
    if not isinstance(body, list):
        raise V3Error("INVALIDSELECT", "A batch is an array of {method, query}")
    if len(body) > LONGEST:
        raise V3Error("VALIDATION_REQUESTVALIDATION", f"At most {LONGEST} commands are allowed")
    results = []
    for command in body:
        method, query = _command(command)
        results.append((await execution.v3(method, query)).result)
    return results


def _command(command: Any) -> tuple[str, Params]:
    method = command.get("method") if isinstance(command, dict) else None
    query = command.get("query") or {} if isinstance(command, dict) else None
    if not isinstance(method, str) or not isinstance(query, dict):
        raise V3Error("VALIDATION_REQUESTVALIDATION", "A command is {method, query}")
    return method, query
