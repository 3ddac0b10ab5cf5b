"""What the audit keeps of a request: what was asked, without secrets and whole phone numbers, of bearable size."""

import re
from typing import Any

import msgspec

from posrednik.kit.quoting import quotable

LARGEST = 16 * 1024
LONGEST_TEXT = 500
MOST_ITEMS = 100
DEEPEST = 6
HIDDEN = "•••"
SECRET = re.compile(r"password|secret|token$|^code$|^codes$|recovery|auth_id|authorization", re.IGNORECASE)
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}", re.IGNORECASE)


def fit_for_audit(body: bytes) -> dict[str, Any]:
    """The body as an object. What is no JSON object, or too large, is told by its size alone."""
    if not body:
        return {}
    try:
        said = msgspec.json.decode(body) if len(body) <= LARGEST else None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        said = None
    fit = _fit(said, 0) if isinstance(said, dict) else None
    return fit if isinstance(fit, dict) else {"bytes": len(body)}


def masked(value: Any) -> Any:
    """The same of anything that is to be shown on a page: what came from another system, or went there."""
    return _fit(value, 0)


def readable(raw: bytes) -> Any:
    """JSON, else text; phone numbers and secrets masked."""
    try:
        return masked(msgspec.json.decode(raw))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return masked(raw.decode("utf-8", "replace"))


def _fit(value: Any, depth: int) -> Any:
    if depth > DEEPEST:
        return "…"
    match value:
        case dict():
            return {quotable(k): HIDDEN if SECRET.search(k) and v else _fit(v, depth + 1)
                    for k, v in list(value.items())[:MOST_ITEMS]}  # fmt: skip
        case list():
            return [_fit(item, depth + 1) for item in value[:MOST_ITEMS]]
        case str():
            return value if _ID.fullmatch(value) else quotable(value, limit=LONGEST_TEXT)
        case _:
            return value
