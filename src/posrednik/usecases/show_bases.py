"""The bases for the page «Базы 1С»: where each exchange stands, what waits for what, and its first load."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from posrednik.store import bases
from posrednik.store.bases import MOST_COUNTED, MOST_THINGS, MOST_WAIT, Place
from posrednik.store.db import Database, Row
from posrednik.usecases import manage_loads
from posrednik.usecases.count_objects import Counted
from posrednik.usecases.exchange_guard import system

SILENT_S = 24 * 3600.0  # a base asks for events every minute or so; a day without a word is no pause of work
MOST_COMMANDS = 50
Document = dict[str, Any]


async def show_bases(db: Database, counted: Counted | None, now: datetime) -> list[Document]:
    """All bases by name. counted: the newest figures of `ObjectCounts`, None = not counted yet."""
    outgoing = await bases.outgoing(db)
    loads = {one["base"]: one for one in (await manage_loads.told(db))["loads"]}
    return [
        {
            **_state(row, now), "restored": await _restored(db, row), "objects": _objects(row.id, counted),
            "waiting": _waiting(row), "quarantined": _count(row.quarantined),
            "outgoing": _outgoing(outgoing.get(system(row.id))), "load": _load(loads.get(str(row.id))),
        }
        for row in await bases.states(db)
    ]  # fmt: skip


def _utc(at: datetime | None) -> datetime | None:
    return at and at.astimezone(UTC)


def _state(row: Row, now: datetime) -> Document:
    heard = max(filter(None, (row.heard_at, row.message_at)), default=None)
    return {
        "id": str(row.id), "name": row.name, "time_zone": row.time_zone, "mode": row.mode, "encoding": row.encoding,
        "epoch": row.epoch and str(row.epoch), "epoch_no": row.epoch_no, "epoch_at": _utc(row.epoch_at),
        "epoch_reason": row.epoch_reason or "", "confirmed_at": _utc(row.confirmed_at),
        "instance": row.instance,
        "last_accepted": row.last_accepted if row.epoch else None, "heard_at": _utc(heard),
        "message_at": _utc(row.message_at), "gaps": msgspec.json.decode(row.gaps), "missing": row.missing,
        "silent": row.epoch is not None and (heard is None or now - heard > timedelta(seconds=SILENT_S)),
    }  # fmt: skip


async def _restored(db: Database, row: Row) -> Document | None:
    """What a restored base has confirmed since, and what not; None: it is in no doubt."""
    if not row.restored:
        return None
    found = await bases.confirmed(db, row.id, row.doubt_at)
    left = msgspec.json.decode(row.doubt_left or "null", type=list[tuple[str, str, int]] | None)
    return {
        "at": _utc(row.restored_at), "reason": row.restored_why or "", "lost": found.lost, "compared": found.compared,
        "agreed": found.agreed,
        "left": left and [{"kind": kind, "slice": slice, "count": n} for kind, slice, n in left],
    }  # fmt: skip


def _objects(base_id: UUID, counted: Counted | None) -> Document | None:
    if counted is None:
        return None
    kinds = [
        {"kind": r.kind, "present": r.present, "deleted": r.deleted, "changed_at": _utc(r.changed_at)}
        for r in counted.rows
        if r.base_id == base_id
    ]
    return {"counted_at": counted.at, "kinds": sorted(kinds, key=lambda one: (-one["present"], one["kind"]))}


def _count(found: int, end: int = MOST_COUNTED) -> Document:
    """A count that ended at `end`; more: there are more than `count`."""
    return {"count": min(found, end - 1), "more": found >= end}


def _waiting(row: Row) -> Document:
    return {"objects": _count(row.waiting), "commands": _count(row.commands), "oldest_at": _utc(row.oldest_at)}


def _outgoing(row: Row | None) -> Document:
    if row is None:
        return {"waiting": 0, "given": 0, "dead": 0, "oldest_s": None, "state": "open", "why": ""}
    oldest = None if row.oldest_s is None else round(row.oldest_s, 1)
    return {
        "waiting": row.waiting, "given": row.given, "dead": row.dead, "oldest_s": oldest, "state": row.state,
        "why": row.why,
    }  # fmt: skip


def _load(one: Document | None) -> Document | None:
    """Without the differing objects themselves, which are many: `GET /loads` has them."""
    return one and {**one, "sets": [{**s, "differing": len(s["differing"])} for s in one["sets"]]}


async def show_waiting(db: Database, base_id: UUID, after: Place | None, limit: int) -> Document:
    """A page of objects that wait, longest first, with what they wait for; and what most wait for.

    next: the place to go on after, None at the end.
    """
    rows = await bases.waiting(db, base_id, after, limit)
    needs = await bases.needs(db, base_id, [(r.kind, r.ref) for r in rows])
    groups = await bases.waited_for(db, base_id)
    last = rows[-1] if len(rows) == limit else None
    return {
        "objects": [_waits(r, [n for n in needs if (n.kind, n.ref) == (r.kind, r.ref)]) for r in rows],
        "commands": [_command(r) for r in await bases.waiting_commands(db, base_id, MOST_COMMANDS)],
        "wanted": [{**_need(g), "count": _count(g.n, MOST_WAIT), "since": _utc(g.since)} for g in groups],
        "most": bool(groups) and groups[0].seen >= MOST_THINGS,
        "next": last and (last.since, last.kind, last.ref),
    }  # fmt: skip


def _waits(row: Row, needs: Sequence[Row]) -> Document:
    return {
        "kind": row.kind, "ref": row.ref, "name": row.name, "since": _utc(row.since), "number": row.number or None,
        "needs": [_need(one) for one in needs], "needs_count": row.needs,
    }  # fmt: skip


def _need(row: Row) -> Document:
    """state: quarantined (it came and could not be read), waiting (it waits itself), absent (it never came)."""
    state = "quarantined" if row.quarantined else "waiting" if row.waits else "absent"
    return {"kind": row.needed_kind, "ref": row.needed_ref, "name": row.name, "state": state}


def _command(row: Row) -> Document:
    return {
        "id": str(row.id), "type": row.type, "order": row.order_ref and str(row.order_ref),
        "since": _utc(row.received_at), "by": row.issued_by,
    }  # fmt: skip
