"""Reads for the pilot: what a switch depends on, and the trial orders. See docs/subsystems/pilot.md."""

from collections.abc import Sequence

from posrednik.store.db import Database, Row, Tx

ALIVE_S = 30.0


async def _read(source: Tx | Database, query: str, **params: object) -> Sequence[Row]:
    return await (source.fetch if isinstance(source, Tx) else source.read)(query, params)


async def bases(source: Tx | Database, ref: str) -> Sequence[Row]:
    """Of a division: name, age_s (seconds since its last message, None = never), token (whether it has one)."""
    return await _read(source, "pilot_bases", ref=ref)


async def figures(source: Tx | Database, ref: str) -> Row:
    """workers, incidents, dead, waits, quarantined, subscribers."""
    return (await _read(source, "pilot_figures", ref=ref, alive_s=ALIVE_S))[0]


async def portals(source: Tx | Database) -> Sequence[Row]:
    """id, name, state, breaker of Bitrix24's destinations."""
    return await _read(source, "destinations_of_kind", kind="bitrix24")


async def trials(source: Tx | Database, divisions: Sequence[str] | None, most: int = 200) -> Sequence[Row]:
    """Trial orders, newest first; None: of all divisions."""
    return await _read(source, "pilot_trials", divisions=divisions, most=most)
