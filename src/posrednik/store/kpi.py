"""Baselines: what «готов → отдан» was before. They are added and read, never changed. See docs/subsystems/kpi.md."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from posrednik.store.db import Database, Row, Tx


@dataclass(frozen=True, slots=True)
class Baseline:
    """p50_s: the median of n deliveries of these days, seconds. kind: measured, imported. source: where it is from."""

    division_ref: str
    kind: str
    first: date
    last: date
    p50_s: float
    n: int
    source: str


async def add_baseline(tx: Tx, one: Baseline, who: str, why: str) -> Row:
    """id, made_at. It is the valid one of its division from now on."""
    row = await tx.one("baseline_add", {**asdict(one), "who": who, "why": why})
    assert row is not None
    return row


async def baselines(
    source: Tx | Database, divisions: Sequence[str] | None, division: str | None = None
) -> Sequence[Row]:
    """Newest first of each division: id, division_ref, kind, first_day, last_day, p50_s, n, source, who, why, made_at,
    valid (false: superseded)."""
    read = source.fetch if isinstance(source, Tx) else source.read
    return await read("baselines", {"divisions": divisions, "division": division})
