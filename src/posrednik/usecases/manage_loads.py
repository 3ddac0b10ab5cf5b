"""First loads begun, stopped and gone on with by people, and what is told of them."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Any
from uuid import UUID

from posrednik.domain.loads import LoadRunning, NoLoad, left_s
from posrednik.kit.log import get_logger
from posrednik.store import inbox, loads
from posrednik.store.db import Database, Row, StoreError, Tx
from posrednik.usecases.first_load import FirstLoad
from posrednik.usecases.reconcile import NoSuchBase

log = get_logger("load")
LOOK_S = 2.0
Document = dict[str, Any]


async def start(tx: Tx, base_id: UUID, who: str) -> int:
    """A new load from the beginning; any process that may read it begins soon. Raises NoSuchBase, LoadRunning."""
    if await inbox.get_base(tx, base_id) is None:
        raise NoSuchBase
    load_id = await loads.add(tx, base_id, who)
    if load_id is None:
        raise LoadRunning
    return load_id


async def stop(tx: Tx, base_id: UUID) -> int:
    """The reader ends with its page; what was read stays. Raises NoLoad."""
    return _there(await loads.change(tx, base_id, "stopped", ["running"]))


async def resume(tx: Tx, base_id: UUID) -> int:
    """On from where it stopped, failed, or was cut off. Raises NoLoad."""
    return _there(await loads.change(tx, base_id, "running", ["stopped", "failed", "running"]))


ACTIONS: Mapping[str, Callable[[Tx, UUID, str], Any]] = {
    "start": start,
    "stop": lambda tx, base_id, who: stop(tx, base_id),
    "resume": lambda tx, base_id, who: resume(tx, base_id),
}


def _there(load_id: int | None) -> int:
    if load_id is None:
        raise NoLoad
    return load_id


async def told(db: Database, base_id: UUID | None = None) -> Document:
    """The newest load of each base. rate: rows a second; left_s: None = not known; errors: sentences for people."""
    return {"loads": [await _load(db, row) for row in await loads.newest(db, base_id)]}


async def _load(db: Database, row: Row) -> Document:
    total = None if row.total is None else int(row.total)
    going = row.state == "running"
    return {
        "id": row.id, "base": str(row.base_id), "state": row.state, "kind": row.kind if row.state != "done" else None,
        "done": row.done, "total": total, "bad": row.bad, "rate": round(row.rate, 1) if going else 0.0,
        "left_s": left_s(row.done, total, row.rate) if going else None, "reads": going and row.reads,
        "asked_by": row.asked_by, "started_at": row.started_at.astimezone(UTC),
        "finished_at": row.finished_at and row.finished_at.astimezone(UTC), "errors": row.notes,
        "sets": [
            {"kind": s.kind, "state": s.state, "done": s.done, "total": s.total, "bad": s.bad, "theirs": s.theirs,
             "ours": s.ours, "differing": s.differing}
            for s in await loads.sets(db, row.id)
        ],
    }  # fmt: skip


class Loader:
    """Reads loads that should be read and are not, beside a worker; of several such processes one reads a base.

    make: a reader of a base of the configuration.
    """

    def __init__(self, db: Database, bases: list[UUID], make: Callable[[UUID], FirstLoad]) -> None:
        self._db, self._bases, self._make = db, bases, make

    async def run(self) -> None:
        """Until cancelled."""
        reading: dict[UUID, asyncio.Task[str]] = {}
        try:
            while True:
                await self._look(reading)
                await asyncio.sleep(LOOK_S)
        finally:
            for task in reading.values():
                task.cancel()
            await asyncio.gather(*reading.values(), return_exceptions=True)

    async def _look(self, reading: dict[UUID, asyncio.Task[str]]) -> None:
        for base_id, task in list(reading.items()):
            if task.done():
                del reading[base_id]
                if error := task.exception():
                    log.warning("load.broke", base=str(base_id), error=type(error).__name__)
        try:
            due = await loads.due(self._db, self._bases)
        except StoreError as error:
            log.warning("load.store_failed", error=str(error))
            return
        for row in due:
            if row.base_id not in reading:
                reading[row.base_id] = asyncio.create_task(self._make(row.base_id).run(row.id))
