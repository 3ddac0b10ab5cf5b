"""Reads of the reports: days' figures, what is behind them, names. Large ones come in pieces."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from posrednik.store.db import Row, Tx
from posrednik.store.sql import sql

BATCH = 500


@dataclass(frozen=True, slots=True)
class Span:
    """Which days, and whose. divisions: those that the reader may see, None = all. division, courier: only this one."""

    first: date
    last: date
    divisions: Sequence[str] | None = None
    division: str | None = None
    courier: str | None = None

    def params(self) -> dict[str, Any]:
        return {
            "first": self.first, "last": self.last, "divisions": self.divisions, "division": self.division,
            "courier": self.courier,
        }  # fmt: skip


async def stream(tx: Tx, query: str, params: dict[str, Any]) -> AsyncIterator[list[Row]]:
    """Rows of a query in pieces of `BATCH`; they are not all in memory at once."""
    async with tx.conn.cursor(name="report") as cursor:
        await cursor.execute(sql(query), params)
        while rows := await cursor.fetchmany(BATCH):
            yield rows


def figures(
    tx: Tx, span: Span, names: Sequence[str], called: dict[str, str], *, by_day: bool
) -> AsyncIterator[list[Row]]:
    """called: names of couriers, by which rows are in order. by_day: each day apart. Columns: report_figures.sql."""
    order = {"refs": list(called), "called": list(called.values())}
    query = "report_days" if by_day else "report_figures"
    return stream(tx, query, {**span.params(), **order, "names": list(names)})


def products(tx: Tx, span: Span) -> AsyncIterator[list[Row]]:
    return stream(tx, "report_products", span.params())


async def reasons(tx: Tx, span: Span) -> list[Row]:
    return await tx.fetch("report_reasons", span.params())


async def causes(tx: Tx, span: Span, couriers: Sequence[str]) -> dict[str, list[str]]:
    """What was said of each courier's differences."""
    params = {"first": span.first, "last": span.last, "couriers": list(couriers)}
    return {row.courier_ref: row.reasons for row in await tx.fetch("report_causes", params)}


async def undecided(tx: Tx, span: Span) -> list[Row]:
    """courier_ref, division_ref of couriers about whose cash an incident is open."""
    return await tx.fetch("report_differences", span.params())


async def cases(
    tx: Tx, span: Span, *, names: Sequence[str] | None, reason: str | None, product: str | None, limit: int
) -> list[Row]:
    """names: figures, any of them. product: JSON `[[ref]]`. Columns: report_cases.sql."""
    wanted = {"names": None if names is None else list(names), "reason": reason, "product": product, "limit": limit}
    return await tx.fetch("report_cases", {**span.params(), **wanted})


async def divisions(tx: Tx) -> dict[str, str]:
    """Name of each division, by its ref."""
    return {row.ref: row.name for row in await tx.fetch("report_divisions")}
