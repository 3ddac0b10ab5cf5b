"""What somebody looks at, from the query of the board and of its stream: the same words for both."""

from datetime import date

from posrednik.api.auth import asked
from posrednik.api.query import malformed
from posrednik.domain.board import COLUMNS, Filter, words_of
from posrednik.usecases.authenticate import Caller

LONGEST_SEARCH = 100
DISCREPANCIES = "discrepancies"


def filter_of(caller: Caller, *, q: str, courier: str, division: str, day: str, only: str, stage: str) -> Filter:
    """Of this person: never more than his divisions. Raises Problem 400."""
    if only not in ("", DISCREPANCIES):
        raise malformed("only", DISCREPANCIES)
    if stage not in ("", "withdrawn", *COLUMNS):
        raise malformed("stage", ", ".join(COLUMNS))
    return Filter(
        divisions=caller.divisions, division=asked(division).lower() or None, courier=asked(courier).lower() or None,
        day=_day(day), words=words_of(asked(q, LONGEST_SEARCH)), discrepancies=only == DISCREPANCIES,
        stage=stage or None,
    )  # fmt: skip


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError as error:
        raise malformed("day", "a date as 2026-11-22") from error
    if found is not None and not 1970 <= found.year <= 2200:
        raise malformed("day", "a date as 2026-11-22")
    return found
