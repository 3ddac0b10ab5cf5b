"""One reader a base, by its value maps; put together anew only when they have changed."""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from posrednik.connectors.onec.inbound import Inbound
from posrednik.store import value_maps
from posrednik.store.db import Database, Row, Tx
from posrednik.store.inbox import Base, get_base


def inbound_of(base: Base, maps: Sequence[Row]) -> Inbound:
    """maps: columns of queries/value_maps.sql."""
    known: dict[tuple[str, str], dict[str, str]] = {}
    for row in maps:
        known.setdefault((row.kind, row.field), {})[row.theirs] = row.ours
    return Inbound(base.time_zone, known)


class Readers:
    """A base without maps costs no query."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._kept: dict[UUID, tuple[tuple[str, int], Inbound]] = {}

    async def get(self, base_id: UUID) -> tuple[Base, Inbound] | None:
        """The base as it is now, and its reader. None: no base has this id."""

        async def work(tx: Tx) -> tuple[Base, Sequence[Row] | None] | None:
            base = await get_base(tx, base_id)
            if base is None:
                return None
            if base_id in self._kept and self._kept[base_id][0] == self._state(base):
                return base, None
            return base, await value_maps.every(tx, base_id) if base.maps_version else ()

        found = await self._db.transact(work)
        if found is None:
            return None
        base, maps = found
        if maps is not None:
            self._kept[base_id] = self._state(base), inbound_of(base, maps)
        return base, self._kept[base_id][1]

    def of(self, base_id: UUID) -> Callable[[], Awaitable[Inbound]]:
        """The reader of a base that is known to be there."""

        async def inbound() -> Inbound:
            found = await self.get(base_id)
            assert found is not None
            return found[1]

        return inbound

    @staticmethod
    def _state(base: Base) -> tuple[str, int]:
        return base.time_zone, base.maps_version
