"""KPI as a person sees them: measured over days, with the cases behind each. See docs/subsystems/kpi.md."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from posrednik.domain import kpi as rules
from posrednik.domain.errors import DomainError
from posrednik.domain.kpi import KPIS, Facts, Frozen, LagRow, Measured, Spread
from posrednik.domain.lags import Name
from posrednik.domain.publication import rubles
from posrednik.domain.reports import EVENTS, REPORTS
from posrednik.domain.texts import text
from posrednik.kit.log import get_logger
from posrednik.store import couriers, kpi, lags, reports, slices
from posrednik.store.db import Database, Row, StoreError, Tx
from posrednik.store.reports import Span

__all__ = [
    "CASES",
    "LAGS",
    "Span",
    "cases",
    "check_span",
    "division_names",
    "kpis",
    "note_report",
    "read_facts",
]

log = get_logger("kpi")
Told = dict[str, Any]
LONGEST_DAYS = 366
LAGS: tuple[Name, ...] = ("onec_to_bitrix24", "ready_to_handed", "report_time")
_FIGURES = sorted({name for one in KPIS.values() for name in one.figures})


class RangeWrong(DomainError):
    """The first day is after the last one."""

    code = "kpi_range_wrong"


class RangeTooLong(DomainError):
    """data: most (days)."""

    code = "kpi_range_too_long"


def check_span(span: Span) -> None:
    """Raises RangeWrong, RangeTooLong."""
    if span.first > span.last:
        raise RangeWrong
    if (span.last - span.first).days >= LONGEST_DAYS:
        raise RangeTooLong(most=LONGEST_DAYS)


async def read_facts(
    source: Tx | Database, span: Span, names: Sequence[Name] = LAGS, figures: Sequence[str] = _FIGURES
) -> Facts:
    """What days' tables know of a span; no event is read."""
    rows = await lags.histograms(source, span, names)
    by_day: dict[date, dict[str, int]] = defaultdict(dict)
    for row in await lags.figures(source, span, figures):
        by_day[row.day][row.name] = row.value
    counted: dict[date, dict[str, int]] = defaultdict(dict)
    for row in await lags.counts(source, span):
        counted[row.day][row.name] = row.n
    return Facts(
        [LagRow(*row) for row in rows], await lags.longest(source, span, names), by_day, counted,
        agreement=await slices.agreement(source, span.first, span.last),
    )  # fmt: skip


async def kpis(tx: Tx, span: Span, lang: str) -> list[Told]:
    """All KPI, JSON-able. Raises RangeWrong, RangeTooLong."""
    check_span(span)
    facts = await read_facts(tx, span)
    facts.delivered = await lags.by_division(tx, span, "ready_to_handed")
    facts.baselines = {
        row.division_ref: Frozen(row.p50_s, row.n)
        for row in await kpi.baselines(tx, span.divisions, span.division) if row.valid
    }  # fmt: skip
    return [_told(one, span, lang) for one in rules.measure(facts)]


def _told(one: Measured, span: Span, lang: str) -> Told:
    key, limit = one.of.key, one.limit
    target = f"kpi.target.{key}.none" if limit is None else f"kpi.target.{key}"
    whole = one.spread or Spread(one.n, None, None)
    return {
        "key": key, "title": text(f"kpi.title.{key}", lang), "definition": text(f"kpi.definition.{key}", lang),
        "target": {"text": text(target, lang, limit_s=limit), "value": _round(limit), "direction": one.of.direction},
        "value": _round(one.value), "unit": one.of.unit, "state": one.state,
        "state_text": text(f"kpi.state.{one.state}", lang),
        "note": text(f"kpi.note.{one.note}", lang, **one.note_data) if one.note else "",
        "n": one.n, "p50": _round(whole.p50), "p95": _round(whole.p95), "worst": _round(whole.worst),
        "trend": [{"day": day.isoformat(), "value": _round(value), "n": n} for day, value, n in one.trend],
        "cases": "" if key == "agree" else cases_url(key, span),
        "groups": None if one.groups is None else {name: _spread(found) for name, found in one.groups.items()},
    }  # fmt: skip


def cases_url(key: str, span: Span) -> str:
    days = {"from": span.first.isoformat(), "to": span.last.isoformat()}
    return f"/api/v1/board/kpi/{key}/cases?" + urlencode(
        {**days, **({"division": span.division} if span.division else {})}
    )


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _spread(found: Spread) -> Told:
    return {name: _round(value) for name, value in asdict(found).items() if name != "worst"}


# -- what is behind one

LAG_CASES: dict[str, Name] = {
    "order_to_bitrix24": "onec_to_bitrix24", "ready_to_handed": "ready_to_handed", "report_time": "report_time",
    "event_to_onec": "event_to_onec", "event_to_site": "event_to_site",
}  # fmt: skip
FIGURE_CASES: dict[str, tuple[str, ...]] = {
    "without_return": ("with_return",), "cash_discrepancy": ("cash_shortage_kop", "cash_surplus_kop"),
    "cash": ("cash_shortage_kop", "cash_surplus_kop"), "goods": ("goods_shortage_kop", "goods_surplus_kop"),
}  # fmt: skip
COUNT_CASES: dict[str, tuple[str, ...]] = {
    "duplicates": ("duplicates", "double_incidents"), "dead": ("dead",), "quarantine": ("quarantined",),
    "faults": ("server_errors", "checks"),
}  # fmt: skip
CASES = frozenset({*LAG_CASES, *FIGURE_CASES, *COUNT_CASES})


async def cases(tx: Tx, key: str, span: Span, limit: int, lang: str) -> list[Told]:
    """What is behind a KPI or a gate, at most `limit`: the worst, or the newest first. key: one of `CASES`.

    Raises RangeWrong, RangeTooLong.
    """
    check_span(span)
    called = {row.ref: row.name for row in await couriers.found(tx)}
    named = await reports.divisions(tx)
    if key in LAG_CASES:
        rows = [_late(row) for row in await lags.worst(tx, span, LAG_CASES[key], limit)]
    elif key in FIGURE_CASES:
        found = await reports.cases(tx, span, names=FIGURE_CASES[key], reason=None, product=None, limit=limit)
        rows = [_differing(row, FIGURE_CASES[key]) for row in found]
    else:
        counts = sorted(await lags.counts(tx, span), key=lambda row: row.day, reverse=True)
        rows = [_counted(row) for row in counts if row.name in COUNT_CASES[key]][:limit]
    return [{**row, "courier": called.get(row["courier_ref"], row["courier_ref"]),
             "division": named.get(row["division_ref"], row["division_ref"]),
             "title": _case_title(key, row["what"], lang)} for row in rows]  # fmt: skip


def _case_title(key: str, what: str, lang: str) -> str:
    words = EVENTS.get(what)
    if words is None and what in REPORTS:
        words = REPORTS[what].title
    if words is not None:
        return words[lang == "en"]
    return text(f"kpi.case.{what}" if key in COUNT_CASES else f"kpi.title.{key}", lang)


def _late(row: Row) -> Told:
    return _case(row.day, row.at, "seconds", row.seconds, row.what, row)


def _differing(row: Row, names: Sequence[str]) -> Told:
    figures: dict[str, int] = msgspec.json.decode(row.counted).get("figures", {})
    value = sum(figures.get(name, 0) for name in names)
    money = names[0].endswith("_kop")
    return _case(
        row.day, row.occurred_at, "money" if money else "count", rubles(value) if money else value, row.type, row
    )


def _counted(row: Row) -> Told:
    return _case(row.day, None, "count", row.n, row.name, None)


def _case(day: date, at: Any, unit: str, value: Any, what: str, row: Row | None) -> Told:
    order_ref: UUID | None = getattr(row, "order_ref", None)
    return {
        "day": day.isoformat(), "at": at.isoformat() if at else None, "unit": unit, "value": value, "what": what,
        "order_ref": str(order_ref) if order_ref else None, "order_number": getattr(row, "order_number", None),
        "courier_ref": getattr(row, "courier_ref", None) or None,
        "division_ref": getattr(row, "division_ref", None) or None,
    }  # fmt: skip


async def division_names(tx: Tx, divisions: Sequence[str] | None = None) -> dict[str, str]:
    """Name of each division that may be seen, by ref; None: of all."""
    named = await reports.divisions(tx)
    return {ref: name for ref, name in named.items() if divisions is None or ref in divisions}


async def note_report(db: Database, seconds: float, name: str) -> None:
    """A report was made, and took so long. Who waits for it gets it whether this can be written or not."""
    try:
        await db.transact(lambda tx: lags.note_report(tx, seconds, name))
    except StoreError as error:
        log.warning("kpi.report_not_counted", report=name, error=str(error))
