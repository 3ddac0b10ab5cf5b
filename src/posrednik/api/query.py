"""What stands in an address: moments read, and the refusal that names the part which cannot be read."""

from datetime import datetime

from posrednik.api.problems import Problem


def malformed(name: str, what: str) -> Problem:
    """what: how it should be."""
    return Problem(400, "malformed", errors=[{"pointer": f"/query/{name}", "detail": what}])


def moment_of(name: str, text: str) -> datetime | None:
    """Aware; None if there is none. Raises Problem 400."""
    try:
        at = datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise malformed(name, "a moment as 2026-11-22T00:00:00+03:00") from error
    if at is not None and (at.tzinfo is None or not 1970 <= at.year <= 2200):
        raise malformed(name, "a moment with its offset")
    return at
