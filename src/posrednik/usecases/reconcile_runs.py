"""Runs of reconciliation: begun, told of, and those that begin by themselves. docs/subsystems/reconciliation.md."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from posrednik.domain.errors import DomainError
from posrednik.domain.events import Actor, send_digests, send_sample
from posrednik.domain.sampling import interval
from posrednik.kit.ids import uuid7
from posrednik.kit.log import get_logger
from posrednik.store import events, inbox, reconciliation
from posrednik.store.db import Database, Row, Tx
from posrednik.usecases.reconcile import NoSuchBase

log = get_logger("usecases")
MOST_SAMPLED = 2000
MOST_RUNS, MOST_FOUND = 200, 1000
FOUND_COLUMNS = ("kind", "ref", "name", "what", "fields", "repaired_at")
ITSELF = "Посредник"
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Nightly:
    """When bases are compared by themselves. start_s: after midnight of the base's zone. sample: objects, 0 = none.

    hours: after so long a run is late.
    """

    enabled: bool = True
    start_s: int = 3 * 3600
    sample: int = 400
    hours: float = 2.0


class NoSuchRun(DomainError):
    """No run has this id."""

    code = "not_found"


async def start(
    tx: Tx, base_id: UUID, reason: str, by: str, sample: int, now: datetime, *, night: date | None = None
) -> UUID | None:
    """Ask a base to compare everything, and so many objects field by field. None: a run of it is under way.

    reason: nightly (then night), asked, load. Raises NoSuchBase.
    """
    if await inbox.lock_base(tx, base_id) is None:
        raise NoSuchBase
    run_id, actor = uuid7(), Actor("system", None, by)
    if not await reconciliation.begin(tx, run_id, base_id, reason, by, night):
        return None
    events.emit(tx, send_digests(run_id=run_id, slices=(), actor=actor, now=now), base_id, None)
    if drawn := await reconciliation.draw(tx, base_id, min(sample, MOST_SAMPLED)) if sample > 0 else []:
        await reconciliation.ask_sample(tx, run_id, drawn)
        events.emit(tx, send_sample(run_id=run_id, objects=drawn, actor=actor, now=now), base_id, None)
    return run_id


async def begin(tx: Tx, base_id: UUID, by: str, sample: int, now: datetime) -> Document:
    """A person asks for a run: {run, started}; one that is under way already is told instead. Raises NoSuchBase."""
    run_id = await start(tx, base_id, "asked", by, sample, now)
    return {"run": str(run_id or await reconciliation.running(tx, base_id)), "started": run_id is not None}


async def told(db: Database, base_id: UUID | None = None, limit: int = 50) -> list[Document]:
    """The newest runs, of one base or of all."""
    return await _documents(db, await reconciliation.runs(db, base_id, None, min(limit, MOST_RUNS)))


async def detail(db: Database, run_id: UUID) -> Document:
    """One run with the objects it has found, those first that still differ. Raises NoSuchRun."""
    for document in await _documents(db, await reconciliation.runs(db, None, run_id, 1)):
        rows = await reconciliation.objects(db, run_id, MOST_FOUND)
        listed = [{name: getattr(row, name) for name in FOUND_COLUMNS} for row in rows]
        return {**document, "found": listed, "found_count": document["found"]}
    raise NoSuchRun


async def _documents(db: Database, rows: Sequence[Row]) -> list[Document]:
    fields: dict[UUID, list[Document]] = defaultdict(list)
    for row in await reconciliation.fields(db, [row.id for row in rows if row.sample_size]):
        fields[row.run_id].append({"kind": row.kind, "field": row.field, "count": row.n})
    return [_document(row, fields[row.id]) for row in rows]


def _document(row: Row, fields: Sequence[Document]) -> Document:
    return {
        "id": str(row.id), "base": str(row.base_id), "base_name": row.base_name, "state": row.state,
        "reason": row.reason, "by": row.asked_by, "started_at": row.started_at, "finished_at": row.finished_at,
        "slices": row.slices, "differed": row.differed, "objects": row.objects, "agreeing": row.agreeing,
        "found": row.found, "repaired": row.repaired, "unknown": row.unknown, "sample": _sample(row, fields),
    }  # fmt: skip


def _sample(row: Row, fields: Sequence[Document]) -> Document | None:
    if not row.sample_size:
        return None
    agreed, checked = row.sample_agreed, row.sample_checked
    low, high = interval(agreed, checked) if checked else (None, None)
    share = agreed / checked if checked else None
    return {"size": row.sample_size, "checked": checked, "agreed": agreed, "share": share, "low": low, "high": high,
            "fields": list(fields)}  # fmt: skip


async def keep(db: Database, nightly: Nightly, now: datetime, moment: datetime | None = None) -> list[UUID]:
    """The leader's look: late runs given up, due nights begun. Returns the runs that have begun.

    moment: None = the database's now; when a night is due is never judged by the clock of this machine.
    """
    for row in await db.transact(lambda tx: reconciliation.give_up(tx, nightly.hours)):
        log.warning("reconciliation.late", run=str(row.id), base=str(row.base_id))
    if not nightly.enabled:
        return []
    begun = [await _begin(db, row, nightly, now) for row in await reconciliation.nights(db, nightly.start_s, moment)]
    return [run_id for run_id in begun if run_id is not None]


async def note_repairs(db: Database) -> int:
    """What has come since, of all young runs, each in a transaction of its own. Returns how many objects."""
    repaired = 0
    for run_id in await reconciliation.not_repaired(db):
        repaired += await db.transact(partial(reconciliation.repair, run_id=run_id))
    return repaired


async def _begin(db: Database, due: Row, nightly: Nightly, now: datetime) -> UUID | None:
    async def work(tx: Tx) -> UUID | None:
        return await start(tx, due.base_id, "nightly", ITSELF, nightly.sample, now, night=due.night)

    run_id = await db.transact(work)
    if run_id is not None:
        log.info("reconciliation.started", run=str(run_id), base=str(due.base_id), night=due.night.isoformat())
    return run_id
