"""Reports: rows made of days' figures, read in pieces; their totals add up on the way. docs/subsystems/reports.md."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from posrednik.domain import reports as words
from posrednik.domain.errors import DomainError
from posrednik.domain.reports import REPORTS, Column, Report
from posrednik.domain.texts import REASONS
from posrednik.store import couriers, reports, trade
from posrednik.store.db import Row, Tx
from posrednik.store.reports import Span
from posrednik.usecases.cash_desk import difference_of
from posrednik.usecases.order_facts import Rules
from posrednik.usecases.show_goods import is_blind

__all__ = ["REPORTS", "Behind", "Made", "Report", "Span", "added", "cases", "opened"]

Line = dict[str, Any]
LONGEST_DAYS = 366


class RangeWrong(DomainError):
    """The first day is after the last one."""

    code = "report_range_wrong"


class RangeTooLong(DomainError):
    """data: most (days)."""

    code = "report_range_too_long"


class TooBig(DomainError):
    """data: most (rows)."""

    code = "report_too_big"


def check_span(span: Span) -> None:
    """Raises RangeWrong, RangeTooLong."""
    if span.first > span.last:
        raise RangeWrong
    if (span.last - span.first).days >= LONGEST_DAYS:
        raise RangeTooLong(most=LONGEST_DAYS)


@dataclass(slots=True)
class Made:
    """A report that is being read. Values of lines and totals: as kit/sheets.py, Column, by the keys of the columns;
    lines have the refs beside the names (courier_ref, division_ref, product_ref, reason_ref, figure).

    hidden: couriers who asked to hand in and are not counted yet: what they hold is told to nobody (domain.md §4).
    totals: of all lines read so far, without what is hidden. known: rows of `couriers.found`.
    """

    tx: Tx
    report: Report
    span: Span
    rules: Rules
    lang: str
    couriers: dict[str, str]
    divisions: dict[str, str]
    hidden: frozenset[str] = frozenset()
    known: Sequence[Row] = ()
    _figures: Counter[str] = field(default_factory=Counter)
    _concealed: Counter[str] = field(default_factory=Counter)
    _sums: Counter[str] = field(default_factory=Counter)

    @property
    def choices(self) -> dict[str, list[dict[str, str]]]:
        """Divisions and active couriers by whom the reader may ask: {"ref", "name"}, by name."""
        seen = self.span.divisions
        divisions = [(name, ref) for ref, name in self.divisions.items() if seen is None or ref in seen]
        active = [row for row in self.known if row.active and (seen is None or row.division in seen)]
        return {
            "divisions": [{"ref": ref, "name": name} for name, ref in sorted(divisions)],
            "couriers": [{"ref": row.ref, "name": row.name, "division": row.division or ""} for row in active],
        }

    @property
    def totals(self) -> Line:
        whole = self.report.values(self._figures)
        if self.hidden:
            shown = self.report.values({name: n - self._concealed[name] for name, n in self._figures.items()})
            whole |= {key: shown[key] for key in self.report.hidden_before_count}
        return {**whole, **self._sums}

    async def lines(self, most: int) -> AsyncIterator[list[Line]]:
        """All lines in pieces. Raises TooBig after `most` of them."""
        read = 0
        async for piece in self._pieces():
            read += len(piece)
            if read > most:
                raise TooBig(most=most)
            yield piece

    def _pieces(self) -> AsyncIterator[list[Line]]:
        match self.report.name:
            case "sales":
                return self._sales()
            case "returns":
                return self._returns()
            case "cash":
                return self._differences()
            case _:
                return self._by_courier()

    # -- reports of figures alone

    async def _by_courier(self) -> AsyncIterator[list[Line]]:
        by_day = self.report.by_day
        async for rows in reports.figures(self.tx, self.span, self.report.names, self.couriers, by_day=by_day):
            yield [self._line(row) for row in rows]

    def _line(self, row: Row) -> Line:
        figures: dict[str, int] = msgspec.json.decode(row.figures)
        values: Line = dict(self.report.values(figures))
        total = self._figures
        for name, value in figures.items():  # a month has thousands of rows: Counter.update takes thrice as long
            total[name] += value
        if row.courier_ref in self.hidden:
            values |= dict.fromkeys(self.report.hidden_before_count)
            self._concealed.update(figures)
        return {"day": row.day, **self._whose(row.courier_ref, row.division_ref), **values}

    def _whose(self, courier_ref: str, division_ref: str) -> Line:
        return {
            "courier": self.couriers.get(courier_ref) or (courier_ref or words.NOBODY[self.lang == "en"]),
            "courier_ref": courier_ref, "division": self.divisions.get(division_ref, division_ref),
            "division_ref": division_ref,
        }  # fmt: skip

    # -- differences of cash

    async def _differences(self) -> AsyncIterator[list[Line]]:
        """Couriers whose differences nobody has decided on are told whatever the period."""
        still = {row.courier_ref: row.division_ref for row in await reports.undecided(self.tx, self.span)}
        open_kop = {ref: await difference_of(self.tx, ref) for ref in still if ref not in self.hidden}
        lines = [line async for piece in self._by_courier() for line in piece]
        known = {line["courier_ref"] for line in lines}
        nothing = self.report.values({})
        lines += [{**self._whose(ref, still[ref]), **nothing} for ref in still if ref not in known]
        said = await reports.causes(self.tx, self.span, [line["courier_ref"] for line in lines])
        for line in lines:
            ref = line["courier_ref"]
            line |= {"open": open_kop.pop(ref, 0), "causes": "; ".join(said.get(ref, ())) or None}
            self._sums["open"] += line["open"]
        yield lines

    # -- returns and failures

    async def _returns(self) -> AsyncIterator[list[Line]]:
        figures = {
            (row.courier_ref, row.division_ref): msgspec.json.decode(row.figures)
            async for rows in reports.figures(self.tx, self.span, self.report.names, self.couriers, by_day=False)
            for row in rows
        }
        lines = [
            self._failure(row, figures.get((row.courier_ref, row.division_ref), {}))
            for row in await reports.reasons(self.tx, self.span)
        ]
        for (courier_ref, division_ref), found in figures.items():
            lines += self._came_back(self._whose(courier_ref, division_ref), found)
        for line in lines:
            self._sums["n"] += line["n"]
            self._sums["sum"] += line["sum"] or 0
        yield lines

    def _failure(self, row: Row, figures: Mapping[str, int]) -> Line:
        return {
            "what": self._in(words.NOT_DELIVERED), "reason": self.reason(row.division_ref, row.reason),
            "reason_ref": row.reason, "figure": "", **self._whose(row.courier_ref, row.division_ref), "n": row.n,
            "sum": None, "share": _share(row.n, figures),
        }  # fmt: skip

    def _came_back(self, whose: Line, figures: Mapping[str, int]) -> Iterable[Line]:
        for title, name, goods in words.CAME_BACK:
            if n := figures.get(name, 0):
                yield {
                    "what": self._in(title), "reason": None, "reason_ref": "", "figure": name, **whose, "n": n,
                    "sum": figures.get(goods, 0) if goods else None, "share": _share(n, figures),
                }  # fmt: skip

    def reason(self, division_ref: str, code: str) -> str:
        """What the division calls it."""
        known = {one.code: (one.ru, one.en) for one in self.rules.of(division_ref).policy.reasons}
        return self._in(known.get(code) or REASONS.get(code) or (code, code))

    def _in(self, text: words.Words) -> str:
        return text[self.lang == "en"]

    # -- sales

    async def _sales(self) -> AsyncIterator[list[Line]]:
        async for rows in reports.products(self.tx, self.span):
            self._sums["sum"] += sum(row.sum_kop for row in rows)
            yield [self._product(row) for row in rows]

    def _product(self, row: Row) -> Line:
        name = row.name or self._in(words.UNNAMED)
        milli = row.quantity_milli
        return {
            "product": f"{name} ({row.of_it})" if row.of_it else name, "product_ref": row.product,
            **self._whose(row.courier_ref, row.division_ref), "quantity": milli, "sum": row.sum_kop,
            "price": round(row.sum_kop * 1000 / milli) if milli > 0 else None,
        }  # fmt: skip


def _share(n: int, figures: Mapping[str, int]) -> float | None:
    tries = figures.get("done", 0) + figures.get("not_delivered", 0)
    return n / tries if tries > 0 else None


async def opened(tx: Tx, report: Report, span: Span, rules: Rules, lang: str) -> Made:
    """Ready to be read in this transaction. Raises RangeWrong, RangeTooLong."""
    check_span(span)
    known = await couriers.found(tx)
    called = {row.ref: row.name for row in known}
    asked = {row.courier_ref for row in await trade.requests(tx)}
    hidden = frozenset([ref for ref in asked if await is_blind(tx, ref)])
    return Made(tx, report, span, rules, lang, called, await reports.divisions(tx), hidden, known)


@dataclass(frozen=True, slots=True)
class Behind:
    """Which events are behind a figure: of any of these figures (none = not asked by them), a reason, a product."""

    names: Sequence[str] = ()
    reason: str | None = None
    product: str | None = None


async def cases(tx: Tx, span: Span, behind: Behind, limit: int) -> list[Row]:
    """The events, newest first, at most `limit`. Columns: report_cases.sql. Raises RangeWrong, RangeTooLong."""
    check_span(span)
    product = None if behind.product is None else msgspec.json.encode([[behind.product]]).decode()
    names = behind.names or None
    return await reports.cases(tx, span, names=names, reason=behind.reason, product=product, limit=limit)


def added(column: Column, counted: Mapping[str, Any], behind: Behind) -> int:
    """What one event adds to the figure that was asked for. counted: of its entry (schema_figures.sql)."""
    if behind.product is not None:
        return sum(milli for ref, _, milli, _ in counted.get("products", ()) if ref == behind.product)
    if behind.reason is not None:
        return int(counted.get("reasons", {}).get(behind.reason, 0))
    figures: dict[str, int] = counted.get("figures", {})
    if column.worth is not None:
        return round(column.worth(figures) or 0)
    return sum(figures.get(name, 0) for name in behind.names)
