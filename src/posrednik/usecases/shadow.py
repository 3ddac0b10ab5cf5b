"""«Что было бы отправлено»: the messages of a time that were not sent, by kind, with examples."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from posrednik.store import shadow
from posrednik.store.db import Database, Row


@dataclass(frozen=True, slots=True)
class Period:
    """Aware; until is not in it."""

    since: datetime
    until: datetime

    @classmethod
    def of(cls, first: date, last: date, zone: tzinfo) -> "Period":
        """Whole days of a zone, both inclusive."""
        end = last + timedelta(days=1) if last < date.max else last
        return cls(datetime.combine(first, time(), zone), datetime.combine(end, time(), zone))


@dataclass(frozen=True, slots=True)
class Kind:
    """row: of `store.shadow.summary`. examples: the newest first."""

    row: Row
    examples: Sequence[Row]


async def report(db: Database, period: Period, divisions: Sequence[str] | None, examples: int) -> list[Kind]:
    """The most frequent first. divisions None: all."""
    rows = await shadow.summary(db, period.since, period.until, divisions)
    shown: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    if examples:
        for row in await shadow.examples(db, period.since, period.until, divisions, examples):
            shown[row.type, row.destination].append(row)
    return [Kind(row, shown[row.type, row.destination]) for row in rows]
