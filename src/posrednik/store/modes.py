"""The modes of divisions as a transaction sees them, fixed until its commit. See docs/subsystems/pilot.md."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from posrednik.domain.events import Event
from posrednik.domain.modes import Standing
from posrednik.domain.proofs import ProofRules
from posrednik.domain.routes import STEPS, TASK
from posrednik.domain.task_body import task_of
from posrednik.domain.task_notes import checklist, steps_lane
from posrednik.store import lanes
from posrednik.store.db import Database, Row, Tx


@dataclass(frozen=True, slots=True)
class Modes:
    """standings: of the divisions asked for. members: deliveries of a pilot. destinations: id, name, kind, events."""

    standings: Mapping[str, Standing]
    members: frozenset[UUID]
    destinations: Sequence[Row]

    def of(self, division_ref: str) -> Standing:
        return self.standings[division_ref]

    def group_of(self, event: Event) -> str:
        """pilot or control, by the courier of an event while its division is in pilot; else empty."""
        standing = self.of(event.division_ref)
        if standing.mode != "pilot":
            return ""
        return "pilot" if event.data.get("courier_ref") in standing.couriers else "control"


class _Told(msgspec.Struct):
    mode: str | None
    couriers: list[str]


class _Found(msgspec.Struct):
    divisions: dict[str, _Told]
    members: list[UUID]


async def fixed(tx: Tx, events: Sequence[Event], file_mode: Callable[[str], str]) -> Modes:
    """What a switch of these divisions waits for. Call it after all other reads, before lanes are locked."""
    divisions = sorted({event.division_ref for event in events})
    deliveries = [event.subject_id for event in events if event.subject_kind == "delivery"]
    rows = await tx.fetch("events_routing", {"divisions": divisions, "deliveries": deliveries})
    found = msgspec.json.decode(rows[0].modes, type=_Found)
    standings = {ref: standing(found.divisions.get(ref), file_mode(ref)) for ref in divisions}
    return Modes(standings, frozenset(found.members), [row for row in rows if row.id is not None])


def standing(row: _Told | None, file_mode: str) -> Standing:
    if row is None:
        return Standing(file_mode)
    return Standing(row.mode or file_mode, frozenset(row.couriers))


async def join_pilot(tx: Tx, known: Modes, sent: Iterable[Event]) -> None:
    """Deliveries of which something is sent now belong to the pilot until they end."""
    joined = {
        event.subject_id: event.division_ref for event in sent
        if event.subject_kind == "delivery" and known.of(event.division_ref).mode == "pilot"
        and event.subject_id not in known.members
    }  # fmt: skip
    if joined:
        await add_members(tx, joined)


async def add_members(tx: Tx, divisions: Mapping[UUID, str]) -> None:
    """divisions: delivery → its division."""
    await tx.run("pilot_deliveries_add", {"ids": list(divisions), "divisions": list(divisions.values())})


async def members(source: Tx | Database, division_ref: str) -> set[UUID]:
    """Deliveries in the pilot of a division."""
    read = source.fetch if isinstance(source, Tx) else source.read
    return {row.delivery_id for row in await read("pilot_members", {"ref": division_ref})}


async def end_pilot(tx: Tx, division_ref: str) -> None:
    await tx.run("pilot_members_drop", {"ref": division_ref})


async def waiting_lanes(source: Tx | Database, division_ref: str) -> Sequence[Row]:
    """Lanes with messages of a division: lane_id, destination_id, kind, key, held, trial, couriers, member."""
    read = source.fetch if isinstance(source, Tx) else source.read
    return await read("division_lanes", {"ref": division_ref})


async def untold(source: Tx | Database, division_ref: str, quiet_since: datetime | None) -> Sequence[Row]:
    """Deliveries whose newest state was not sent: id, order_ref, event_id, trial, data (JSON text), key."""
    read = source.fetch if isinstance(source, Tx) else source.read
    return await read("division_untold", {"ref": division_ref, "quiet_since": quiet_since})


async def open_deliveries(source: Tx | Database, division_ref: str) -> Sequence[Row]:
    """Deliveries of a division that are not over: id, trial, couriers (refs)."""
    read = source.fetch if isinstance(source, Tx) else source.read
    return await read("division_open", {"ref": division_ref})


async def lock_lanes(tx: Tx, lane_ids: Sequence[int], keys: Sequence[str]) -> None:
    """Before several of `hold` and `tell_states` in one transaction. keys: of Bitrix24's lanes."""
    if lane_ids or keys:
        await tx.run("lanes_lock_all", {"lane_ids": list(lane_ids), "keys": list(keys)})


async def hold(tx: Tx, lane_ids: Sequence[int], *, held: bool) -> int:
    """Hold lanes or let them go on; how many changed."""
    if not lane_ids:
        return 0
    rows = await tx.fetch("lanes_hold", {"lane_ids": list(lane_ids), "held": held})
    tx.hints.update(row.destination_id for row in rows)
    return len(rows)


async def tell_states(tx: Tx, rows: Sequence[Row], proofs: ProofRules) -> int:
    """The newest state of these deliveries (of `untold`) to Bitrix24, task and checklist, behind live traffic. How many
    were put."""
    portals = await tx.fetch("destinations_of_kind", {"kind": "bitrix24"})
    drafts = [draft for portal in portals for row in rows for draft in _states(portal.id, row, proofs)]
    await lanes.put(tx, drafts)
    return len(drafts)


def told_keys(rows: Sequence[Row]) -> list[str]:
    """The lanes of `tell_states`."""
    return [key for row in rows for key in (row.key, steps_lane(str(row.id)))]


def _states(portal_id: int, row: Row, proofs: ProofRules) -> Iterator[lanes.Draft]:
    data = msgspec.json.decode(row.data)
    states = [(row.key, TASK, task_of(data), "task"),
              (steps_lane(str(row.id)), STEPS, checklist(data, proofs), "steps")]  # fmt: skip
    for key, route, body, state_of in states:
        text = msgspec.json.encode(body).decode()
        yield lanes.Draft(portal_id, key, row.event_id, route.method, text, row.order_ref, state_of, lanes.BULK)
