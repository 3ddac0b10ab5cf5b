"""Lags and counts of days: written in the transaction in which an effect is finished. See docs/subsystems/kpi.md.

What is a lag and which bucket it falls into: domain/lags.py. Trial orders count nowhere.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from posrednik.domain.events import Event
from posrednik.domain.lags import EDGE_S, GROWTH, LEAST_S, Counted, Name, bucket_of
from posrednik.kit.ids import uuid7
from posrednik.store.db import Database, Row, Tx
from posrednik.store.reports import Span

DOUBLE = "double_at_destination"
WORST = 20
Happened = tuple[UUID, Event, UUID | None]  # event's id, event, base


@dataclass(frozen=True, slots=True)
class Lag:
    """subject: the event or delivery it is of. at: when it ended. grp: pilot, control or empty. what: type or name."""

    name: Name
    subject: UUID
    at: datetime
    seconds: float
    division_ref: str
    base_id: UUID | None = None
    order_ref: UUID | None = None
    grp: str = ""
    courier_ref: str | None = None
    what: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    name: Counted
    division_ref: str
    base_id: UUID | None
    at: datetime
    n: int = 1


async def add(tx: Tx, lags: Sequence[Lag], sent: Sequence[tuple[int, UUID]] = ()) -> None:
    """Count these in their days and remember the worst. Asks nothing of the database when there are none.

    sent: (lane, event) of messages that are done now; of those to subscribers the time since the event is counted.
    """
    if lags or sent:
        names = (
            "name",
            "subject",
            "at",
            "seconds",
            "grp",
            "division_ref",
            "base_id",
            "courier_ref",
            "order_ref",
            "what",
        )
        columns = {f"{name}s": [getattr(lag, name) for lag in lags] for name in names}
        columns["seconds"] = columns.pop("secondss")
        columns["buckets"] = [bucket_of(lag.seconds) for lag in lags]
        columns["sent_lanes"], columns["sent_events"] = [lane for lane, _ in sent], [event for _, event in sent]
        await tx.run("lags_add", {**columns, "edge_s": EDGE_S, "least_s": LEAST_S, "growth": GROWTH})


async def count(tx: Tx, counts: Sequence[Count]) -> None:
    if counts:
        names = ("name", "n", "division_ref", "base_id", "at")
        await tx.run("day_counts_add", {f"{name}s": [getattr(one, name) for one in counts] for name in names})


async def count_most(db: Database, name: Counted, n: int) -> None:
    """Of the whole company and today; the highest number of the day stays."""

    async def work(tx: Tx) -> None:
        await tx.run("day_count_most", {"name": name, "n": n})

    await db.transact(work)


# -- with the events of a transaction


async def note_events(tx: Tx, happened: Iterable[Happened], group: Callable[[Event], str]) -> None:
    """«Готов → отдан» by the times of the facts, counted backpacks, doubles that somebody found.

    group: pilot, control or empty, by the courier as the division stands in this transaction.
    """
    own = [one for one in happened if not one[1].trial and one[1].type in _NOTED]
    counts = [Count(name, event.division_ref, base_id, event.occurred_at) for _, event, base_id in own
              if (name := _counted(event))]  # fmt: skip
    await count(tx, counts)
    await add(tx, [lag for one in own if (lag := _handed(*one, group))])


_NOTED = ("delivery.handed_over", "backpack.counted", "incident.raised")


def _counted(event: Event) -> Counted | None:
    if event.type == "backpack.counted":
        return "goods_counts"
    return "double_incidents" if event.type == "incident.raised" and event.data["kind"] == DOUBLE else None


def _handed(event_id: UUID, event: Event, base_id: UUID | None, group: Callable[[Event], str]) -> Lag | None:
    ready_at = event.data["delivery"].get("ready_at") if event.type == "delivery.handed_over" else None
    if ready_at is None:
        return None
    seconds = max(0.0, (event.occurred_at - datetime.fromisoformat(ready_at)).total_seconds())
    order = event.data["delivery"]["order"]
    return Lag(
        "ready_to_handed", event.subject_id, event.occurred_at, seconds, event.division_ref, base_id,
        UUID(str(order["ref"])), group(event), event.data.get("courier_ref"), event.type,
    )  # fmt: skip


# -- where messages arrive


async def note_sent(
    tx: Tx, accepted: Sequence[tuple[int, UUID]], made: Sequence[int], dead: Sequence[UUID], doubles: Sequence[UUID]
) -> None:
    """What the outcomes of messages come to. accepted: (lane, event) of messages that are done now. made: lanes whose
    object at the destination is new. dead, doubles: events of dead letters, and of answers that tell of a double."""
    await count(tx, [*await _counts_of(tx, "dead", dead), *await _counts_of(tx, "duplicates", doubles)])
    rows = await tx.fetch("lags_of_tasks", {"lane_ids": list(made)}) if made else []
    await add(tx, [_lag("onec_to_bitrix24", row) for row in rows], accepted)


async def note_accepted_by_onec(tx: Tx, base_id: UUID, event_ids: Sequence[UUID]) -> None:
    """Call it before they are marked as accepted."""
    if event_ids:
        rows = await tx.fetch("lags_to_onec", {"base_id": base_id, "event_ids": list(event_ids)})
        await add(tx, [_lag("event_to_onec", row) for row in rows])


async def note_dead(tx: Tx, event_ids: Sequence[UUID]) -> None:
    await count(tx, await _counts_of(tx, "dead", event_ids))


async def _counts_of(tx: Tx, name: Counted, event_ids: Sequence[UUID]) -> list[Count]:
    if not event_ids:
        return []
    rows = await tx.fetch("events_whose", {"event_ids": list(event_ids)})
    return [Count(name, row.division_ref, row.base_id, datetime.now(UTC)) for row in rows if not row.trial]


def _lag(name: Name, row: Row) -> Lag:
    what = getattr(row, "what", "")
    return Lag(name, row.subject, row.at, row.seconds, row.division_ref, row.base_id, row.order_ref, what=what)


async def note_report(tx: Tx, seconds: float, what: str) -> None:
    """A report was made. It belongs to no division: how fast it comes depends on the company's data."""
    await add(tx, [Lag("report_time", uuid7(), datetime.now(UTC), seconds, "", what=what)])


# -- reads


async def histograms(source: Tx | Database, span: Span, names: Sequence[Name]) -> Sequence[Row]:
    """name, day, grp, bucket, n. Those of the whole company are there whatever the division."""
    return await _read(source, "lag_histograms", {**span.params(), "names": list(names)})


async def by_division(source: Tx | Database, span: Span, name: Name) -> dict[str, int]:
    """How many lags of this name each division has."""
    return {row.division_ref: row.n for row in await _read(source, "lag_divisions", {**span.params(), "name": name})}


async def worst(source: Tx | Database, span: Span, name: Name, limit: int) -> Sequence[Row]:
    """The longest, first: seconds, subject, at, day, division_ref, courier_ref, order_ref, order_number, what."""
    return await _read(source, "lag_worst", {**span.params(), "name": name, "limit": limit})


async def longest(source: Tx | Database, span: Span, names: Sequence[Name]) -> dict[str, float]:
    """The longest of each name, seconds."""
    rows = await _read(source, "lag_longest", {**span.params(), "names": list(names)})
    return {row.name: row.seconds for row in rows}


async def counts(source: Tx | Database, span: Span) -> Sequence[Row]:
    """day, name, n; those of the whole company are in it."""
    return await _read(source, "day_counts", span.params())


async def figures(source: Tx | Database, span: Span, names: Sequence[str]) -> Sequence[Row]:
    """day, name, value (schema_figures.sql), of all couriers together."""
    return await _read(source, "kpi_figures", {**span.params(), "names": list(names)})


async def _read(source: Tx | Database, query: str, params: dict[str, Any]) -> Sequence[Row]:
    return await (source.fetch if isinstance(source, Tx) else source.read)(query, params)
