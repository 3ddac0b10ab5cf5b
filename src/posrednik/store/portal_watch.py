"""Watching the portal: hints of what changed there, tasks as they were seen, doubles, and writing a task anew.

See docs/subsystems/portal.md, "Coming from the portal".
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from posrednik.domain.events import Actor, Event
from posrednik.domain.modes import is_sent
from posrednik.domain.routes import TASK
from posrednik.domain.task_body import task_of
from posrednik.kit.ids import uuid7
from posrednik.store import lanes, mirror, modes
from posrednik.store.db import Database, Row, Tx
from posrednik.store.lanes import Draft

FileMode = Callable[[str], str]
ProjectOf = Callable[[str], str | None]
# What `written` of a task says that was deleted there and is not wanted back.
LEFT = '{"left": true}'


# -- hints


async def hint(tx: Tx, due_in_s: Mapping[int, float], *, known: bool = False) -> None:
    """Tasks (by number) that are to be looked at in so many seconds, or sooner if that was said before. known: only
    those that dispatch keeps."""
    if due_in_s:
        params = {"task_ids": list(due_in_s), "in_s": list(due_in_s.values()), "known": known}
        await tx.run("portal_hints_put", params)


async def due(db: Database, limit: int, ahead_s: float) -> Sequence[Row]:
    """task_id and mark of those that are due, the longest due first, and with them those due within ahead_s."""
    return await db.read("portal_hints_due", {"limit": limit, "ahead_s": ahead_s})


async def later(tx: Tx, hints: Sequence[Row], in_s: float) -> None:
    """Look again in a while; one that was hinted anew meanwhile is due as that says."""
    if hints:
        await tx.run("portal_hints_later", {**_marks(hints), "in_s": in_s})


async def done(tx: Tx, hints: Sequence[Row]) -> None:
    """They were looked at; one that was hinted anew meanwhile stays."""
    if hints:
        await tx.run("portal_hints_done", _marks(hints))


def _marks(hints: Sequence[Row]) -> dict[str, Any]:
    return {"task_ids": [one.task_id for one in hints], "marks": [one.mark for one in hints]}


# -- tasks


async def marks(source: Tx | Database, destination_id: int, task_ids: Collection[int]) -> dict[int, Row]:
    """Columns of portal_marks by task."""
    params = {"destination_id": destination_id, "task_ids": sorted(task_ids)}
    return {row.task_id: row for row in await _read(source, "portal_marks", params)}


async def tasks_of(source: Tx | Database, destination_id: int, deliveries: Collection[UUID]) -> dict[UUID, Row]:
    """The task that dispatch keeps for each: columns of portal_tasks_of."""
    params = {"destination_id": destination_id, "delivery_ids": list(deliveries)}
    return {row.delivery_id: row for row in await _read(source, "portal_tasks_of", params)}


async def open_tasks(db: Database, destination_id: int, after: int, limit: int) -> list[int]:
    """Numbers above `after`, in their order, of tasks whose deliveries are not over."""
    params = {"destination_id": destination_id, "after": after, "limit": limit}
    return [row.task_id for row in await db.read("portal_open_tasks", params)]


async def lock_lane(tx: Tx, lane_id: int) -> Row | None:
    """depth, last_seq, epoch, state, destination_id, remote_id of a task's lane, until the commit."""
    return await tx.one("portal_lane_lock", {"lane_id": lane_id})


async def saw(
    tx: Tx, task_id: int, delivery_id: UUID, seq: int, texts: Mapping[str, str] | None, *, group: int | None = None,
    chat: int | None = None, changed_at: datetime | None = None, changed_by: int | None = None,
) -> Row:  # fmt: skip
    """A task is there. texts: as they stand since message `seq` of its lane, None = nobody can tell.

    Returns gone_at (as it was), backs, backs_since.
    """
    row = await tx.one("portal_task_put", {
        "task_id": task_id, "delivery_id": delivery_id, "group_id": group, "chat_id": chat, "changed_at": changed_at,
        "changed_by": changed_by, "seq": seq if texts is not None else 0,
        "texts": None if texts is None else msgspec.json.encode(texts).decode(),
    })  # fmt: skip
    assert row is not None
    return row


async def gone(tx: Tx, task_id: int, delivery_id: UUID) -> bool:
    """It is not there any more. True when that is news."""
    return await tx.one("portal_task_gone", {"task_id": task_id, "delivery_id": delivery_id}) is not None


async def put_back(tx: Tx, task_id: int, within_s: float) -> None:
    """Count that it was put back once more."""
    await tx.run("portal_task_back", {"task_id": task_id, "within_s": within_s})


async def forget(tx: Tx, destination_id: int, delivery_id: UUID) -> None:
    """Its task is no more; whatever is put next makes another."""
    await tx.run("portal_task_forget", {"destination_id": destination_id, "delivery_id": delivery_id})


async def distrust(tx: Tx, destination_id: int, delivery_id: UUID, written: str | None = None) -> None:
    """What stands in its task is not what we wrote: the next message reads it and writes it whole. written: LEFT = it
    is not written at all any more."""
    params = {"destination_id": destination_id, "delivery_id": delivery_id, "written": written}
    await tx.run("portal_written", params)


async def distrust_base(tx: Tx, base_id: UUID) -> None:
    """The same of all tasks of a base's deliveries: this database was restored from a copy."""
    await tx.run("portal_written_of_base", {"base_id": base_id})


# -- writing


async def rewrite(
    tx: Tx, *delivery_ids: UUID, file_mode: FileMode = lambda division: "live", project: ProjectOf | None = None
) -> int:
    """Put the tasks of these deliveries, which are locked, as they are to be now, with their couriers' users of now.
    Call it last.

    Only where dispatch began a task and the division sends. file_mode: of a division that nobody has switched. project:
    of a division now; without it tasks stay where the last event put them. Returns how many.
    """
    drafts = await rewritten(tx, delivery_ids, file_mode, project)
    await lanes.put(tx, drafts)
    return len(drafts)


async def rewritten(
    tx: Tx, delivery_ids: Collection[UUID], file_mode: FileMode = lambda division: "live",
    project: ProjectOf | None = None,
) -> list[Draft]:  # fmt: skip
    """The messages of `rewrite`, not put yet: `lanes.put` takes all of a transaction at once."""
    rows = await tx.fetch("portal_rewrite", {"delivery_ids": list(delivery_ids)})
    if not rows:
        return []
    happened = [(row, _event(row)) for row in rows]
    known = await modes.fixed(tx, [event for _, event in happened], file_mode)
    return [
        Draft(row.destination_id, row.key, uuid7(), TASK.method, await _body(tx, row, event, project), row.order_ref,
              "task")
        for row, event in happened if is_sent(event, known.of(row.division_ref), known.members)
    ]  # fmt: skip


def _event(row: Row) -> Event:
    data = msgspec.json.decode(row.data)
    return Event(row.type, "delivery", row.delivery_id, row.version, row.occurred_at, Actor("system"), row.division_ref,
                 row.trial, data)  # fmt: skip


async def _body(tx: Tx, row: Row, event: Event, project: ProjectOf | None) -> str:
    """The event tells the courier's user and the division's project as they were then."""
    courier = event.data["delivery"].get("courier")
    if courier:
        found = await mirror.get(tx, row.base_id, [("courier", courier["ref"])])
        known = [msgspec.json.decode(one.data) for one in found.values()]
        # Of a courier who is known whole: whose user was taken away has none.
        fresh = {name: data.get(name) for data in known if "name" in data for name in ("name", "bitrix24_user")}
        courier = {**courier, **fresh}
    told = {**event.data["delivery"], "courier": courier}
    if project is not None and told.get("division"):
        told["division"] = {**told["division"], "group": project(row.division_ref)}
    data = {**event.data, "delivery": told}
    return msgspec.json.encode(task_of(data)).decode()


def line(destination_id: int, delivery_id: UUID, text: str, order_ref: UUID | None, message_id: UUID) -> Draft:
    """A line in the talk of a delivery's task, in a lane of its own: nothing waits for it."""
    body = msgspec.json.encode({"delivery": str(delivery_id), "text": text}).decode()
    return Draft(destination_id, f"talk:{delivery_id}", message_id, "task.say", body, order_ref)


async def portals(tx: Tx) -> Sequence[int]:
    """Ids of the destinations that are portals."""
    return [row.id for row in await tx.fetch("destinations_of_kind", {"kind": "bitrix24"})]


# -- how far the watch has come


async def state(source: Tx | Database) -> Row:
    """All columns of portal_watch, and now."""
    return (await _read(source, "portal_watch_get", {}))[0]


async def polled(db: Database, polled_to: datetime, polled_at: datetime, zone_s: int) -> None:
    await _write(db, "portal_watch_polled", {"polled_to": polled_to, "polled_at": polled_at, "zone_s": zone_s})


async def failed(db: Database, failure: str) -> None:
    await _write(db, "portal_watch_failed", {"failure": failure})


async def compared(db: Database) -> None:
    await _write(db, "portal_watch_compared", {})


async def swept(db: Database, swept_to: datetime | None) -> None:
    await _write(db, "portal_watch_swept", {"swept_to": swept_to})


async def heard(tx: Tx, n: int = 1) -> None:
    """Events came in at the door."""
    await tx.run("portal_watch_heard", {"n": n})


async def forged(tx: Tx, n: int) -> None:
    """Calls at the door that were none of the portal's."""
    await tx.run("portal_watch_forged", {"n": n})


async def groups(source: Tx | Database) -> set[int]:
    """Projects in which tasks of ours were seen."""
    return {row.group_id for row in await _read(source, "portal_groups_seen", {})}


# -- doubles


async def doubles(tx: Tx, found: Mapping[UUID, Collection[int]]) -> set[UUID]:
    """Keep deliveries with several tasks; those that are news."""
    if not found:
        return set()
    rows = await tx.fetch("portal_duplicates_put", {
        "delivery_ids": list(found),
        "task_ids": [msgspec.json.encode(sorted(ids)).decode() for ids in found.values()],
    })  # fmt: skip
    return {row.delivery_id for row in rows}


async def single(tx: Tx, deliveries: Collection[UUID]) -> set[UUID]:
    """There is only one task of these again; those that had several."""
    rows = await tx.fetch("portal_duplicates_over", {"delivery_ids": list(deliveries)}) if deliveries else []
    return {row.delivery_id for row in rows}


async def duplicates(source: Tx | Database, limit: int = 200) -> Sequence[Row]:
    """Columns of portal_duplicates, the newest first."""
    return await _read(source, "portal_duplicates", {"limit": limit})


async def _read(source: Tx | Database, query: str, params: dict[str, Any]) -> Sequence[Row]:
    return await (source.fetch if isinstance(source, Tx) else source.read)(query, params)


async def _write(db: Database, query: str, params: dict[str, Any]) -> None:
    async def work(tx: Tx) -> None:
        await tx.run(query, params)

    await db.transact(work)
