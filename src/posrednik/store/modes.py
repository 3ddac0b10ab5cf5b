"""The modes of divisions as a transaction sees them, fixed until its commit. See docs/subsystems/pilot.md."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from posrednik.domain.events import Event
from posrednik.domain.modes import Standing
from posrednik.store.db import Row, Tx


@dataclass(frozen=True, slots=True)
class Modes:
    """standings: of the divisions asked for. members: deliveries of a pilot. destinations: id, name, kind, events."""

    standings: Mapping[str, Standing]
    members: frozenset[UUID]
    destinations: Sequence[Row]

    def of(self, division_ref: str) -> Standing:
        return self.standings[division_ref]


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
