"""Owners of fields as they are now, in every process. See docs/subsystems/ownership.md."""

from collections.abc import Collection, Mapping

from posrednik.domain import ownership as policy
from posrednik.domain.ownership import Wrong
from posrednik.kit.log import get_logger
from posrednik.store import ownership
from posrednik.store.db import Database, Row
from posrednik.usecases.order_facts import Rules

log = get_logger("usecases")


class LiveOwners:
    """Keeps `rules.ownership` at what the database says; `LiveRules` runs it."""

    def __init__(self, db: Database, rules: Rules) -> None:
        self._db, self._rules = db, rules
        self._version = 0

    async def refresh(self) -> None:
        """Take over what was changed. A row that cannot be used (an older program's) is left out."""
        rows = await ownership.every(self._db)
        if version_of(rows) != self._version:
            self._rules.take_owners(set_by_pages(rows))
            self._version = version_of(rows)


def set_by_pages(rows: Collection[Row]) -> Mapping[str, Collection[str]]:
    """The rows that hold over the file's."""
    return {row.name: row.owners for row in rows if row.owners is not None and _fits(row)}


def _fits(row: Row) -> bool:
    """Names of bases are not looked at: one that is gone owns nothing."""
    bases = [owner.removeprefix(policy.BASE) for owner in row.owners if owner.startswith(policy.BASE)]
    try:
        policy.check(row.name, row.owners, bases)
    except Wrong as error:
        log.error("ownership.unfit", row=row.name, error=str(error))
        return False
    return True


def version_of(rows: Collection[Row]) -> int:
    """0: no page ever changed anything."""
    return max((row.version for row in rows), default=0)
