"""Foreign texts made fit for journals."""

import re
from collections.abc import Iterable

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LONG_NUMBER = re.compile(r"\+?\d(?:[\s()-]{0,2}\d){9,14}(?!\d)")


def quotable(text: str, secrets: Iterable[str] = (), limit: int = 200) -> str:
    """A foreign text made fit for journals: one line, no secrets or whole phone numbers, `limit` long."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    text = " ".join(_CONTROL.sub(" ", text).split())
    return _LONG_NUMBER.sub(_mask, text)[:limit]


def _mask(number: re.Match[str]) -> str:
    return "…" + number.group()[-2:]
