"""Numbers and times as Bitrix24 writes them: ids as text or number, times with their offset. Pure, never raises."""

from datetime import datetime
from typing import Any


def integer(value: Any) -> int | None:
    """A whole number, also as text; None for anything else."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def moment(value: Any) -> datetime | None:
    """A time with its offset; None for anything else, as an empty text for never."""
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo else None
