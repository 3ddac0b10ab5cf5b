"""Freeze what «готов → отдан» was, of measured days or of figures from before Posrednik. See docs/subsystems/kpi.md.

A baseline is never changed; a later one of the same division supersedes it, and both keep who and why.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from posrednik.domain.kpi import BaselineEmpty, BaselineUnfit, Facts, LagRow, spread
from posrednik.domain.texts import text
from posrednik.store import audit, kpi, lags
from posrednik.store.db import Row, Tx
from posrednik.store.kpi import Baseline
from posrednik.store.reports import Span
from posrednik.usecases.kpi import check_span

__all__ = ["COLUMNS", "Baseline", "freeze", "from_csv", "keep", "listed", "note"]

LONGEST_TEXT = 500
MOST_ROWS = 1_000
LONGEST_P50_S = 30 * 86_400.0
COLUMNS = ("division", "from", "to", "p50_s", "n", "source")


async def freeze(tx: Tx, division_ref: str, first: date, last: date, *, who: str, why: str) -> Row:
    """The median of these days as the division's baseline: id, made_at. Trial orders are not in it.

    Raises BaselineEmpty, BaselineUnfit, RangeWrong, RangeTooLong.
    """
    span = Span(first, last, division=division_ref)
    check_span(span)
    rows = await lags.histograms(tx, span, ["ready_to_handed"])
    whole = spread(Facts([LagRow(*row) for row in rows]).buckets("ready_to_handed"))
    if whole.p50 is None:
        raise BaselineEmpty(first=first.isoformat(), last=last.isoformat())
    source = text("kpi.note.measured")
    return await keep(tx, Baseline(division_ref, "measured", first, last, whole.p50, whole.n, source), who=who, why=why)


async def keep(tx: Tx, one: Baseline, *, who: str, why: str) -> Row:
    """Freeze these figures: id, made_at. Raises BaselineUnfit."""
    told = replace(one, source=one.source.strip(), division_ref=one.division_ref.strip().lower())
    _check(told, why.strip())
    return await kpi.add_baseline(tx, told, who, why.strip())


def _check(one: Baseline, why: str) -> None:
    fits = {
        "division": bool(one.division_ref), "from": one.first <= one.last, "p50_s": 0 < one.p50_s <= LONGEST_P50_S,
        "n": 1 <= one.n < 10**12, "source": 0 < len(one.source) <= LONGEST_TEXT, "why": 0 < len(why) <= LONGEST_TEXT,
    }  # fmt: skip
    for what, fine in fits.items():
        if not fine:
            raise BaselineUnfit(what=what)


def from_csv(content: str) -> list[Baseline]:
    """Rows `division;from;to;p50_s;n;source` under that header, `;` or `,` between them. Raises BaselineUnfit."""
    lines = content.lstrip("\ufeff")
    between = ";" if ";" in lines.partition("\n")[0] else ","
    reader = csv.DictReader(io.StringIO(lines), delimiter=between)
    if tuple(name.strip() for name in reader.fieldnames or ()) != COLUMNS:
        raise BaselineUnfit(what=between.join(COLUMNS))
    rows = list(reader)
    if not 1 <= len(rows) <= MOST_ROWS:
        raise BaselineUnfit(what=f"1..{MOST_ROWS}")
    return [_of_row(number, row) for number, row in enumerate(rows, 2)]


def _of_row(number: int, row: dict[str, Any]) -> Baseline:
    try:
        return Baseline(
            row["division"].strip().lower(), "imported", date.fromisoformat(row["from"].strip()),
            date.fromisoformat(row["to"].strip()), float(row["p50_s"].replace(",", ".")), int(row["n"]),
            row["source"].strip(),
        )  # fmt: skip
    except (ValueError, AttributeError, TypeError) as error:
        raise BaselineUnfit(what=f"{number}") from error


async def listed(tx: Tx, divisions: Sequence[str] | None, division: str | None = None) -> Sequence[Row]:
    """Columns: store/kpi.py, `baselines`."""
    return await kpi.baselines(tx, divisions, division)


async def note(tx: Tx, who: str, one: dict[str, Any]) -> None:
    """What the command line froze, in the audit."""
    await audit.write(tx, who, "baseline.freeze", str(one["division"]), one)
