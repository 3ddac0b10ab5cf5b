"""Gates of a switch to «работает»: «две недели стабильно и ноль расхождений», as facts of each day.

A day without data is neither red nor green: `fine` is None. Rules and limits: docs/subsystems/kpi.md, "Gates".
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from posrednik.domain.kpi import Facts, Spread, cash_differs_kop, goods_differ_kop, spread
from posrednik.domain.lags import EDGE_S, Counted, Name
from posrednik.domain.texts import text
from posrednik.kit.log import get_logger
from posrednik.store import lags, views
from posrednik.store.db import Database, StoreError, Tx
from posrednik.store.reports import Span
from posrednik.usecases.kpi import read_facts

log = get_logger("gates")
DAYS = 14
ONEC_S = 300.0
AGREE = 0.995
_LAGS: tuple[Name, ...] = ("onec_to_bitrix24", "ready_to_handed", "event_to_onec", "event_to_site")
_FIGURES = (
    "done",
    "sales",
    "hand_ins",
    "cash_shortage_kop",
    "cash_surplus_kop",
    "goods_shortage_kop",
    "goods_surplus_kop",
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """value, limit: seconds, pieces, or rubles. fine None: there are no data. why: key of its sentence."""

    value: float | None
    limit: float | None
    fine: bool | None
    why: str
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Fact:
    """One gate on one day. fine None: no data. why: a sentence. cases: address of an office page with what is behind
    it, empty = there is none."""

    key: str
    title: str
    day: date
    value: float | None
    limit: float | None
    fine: bool | None
    why: str
    cases: str


async def gates_facts(
    source: Tx | Database, division: str | None, days: int = DAYS, *, now: datetime | None = None, lang: str = "ru",
    divisions: Sequence[str] | None = None,
) -> tuple[Fact, ...]:  # fmt: skip
    """Every gate on each of the last `days` days that are over, oldest first; of today what is red already.

    division None: of all that may be seen (`divisions`, None = all).
    """
    zone = ZoneInfo(await views.office_zone(source, [division] if division else divisions or ()))
    today = (now or datetime.now(UTC)).astimezone(zone).date()
    span = Span(today - timedelta(days=days), today, divisions, division)
    facts = await read_facts(source, span, _LAGS, _FIGURES)
    whole = [fact for n in range(days) for fact in _day(facts, span.first + timedelta(days=n), division, lang)]
    return (*whole, *(fact for fact in _day(facts, today, division, lang) if fact.fine is False))


def _day(facts: Facts, day: date, division: str | None, lang: str) -> Iterator[Fact]:
    own = facts.on(day)
    for key, judge in GATES.items():
        found = judge(own)
        why = text(f"kpi.why.{found.why}", lang, **found.data)
        cases = "" if found.fine is None or key == "agree" else _cases(key, day, division)
        yield Fact(key, text(f"kpi.title.{key}", lang), day, found.value, found.limit, found.fine, why, cases)


def _cases(key: str, day: date, division: str | None) -> str:
    return f"#/kpi?cases={key}&from={day}&to={day}" + (f"&division={division}" if division else "")


# -- one day of one gate


def _lag(name: Name, limit: float) -> Callable[[Facts], Verdict]:
    def judge(facts: Facts) -> Verdict:
        found: Spread = spread(facts.buckets(name))
        if found.p95 is None:
            return Verdict(None, limit, None, "lag.none", {})
        fine = found.p95 <= limit
        data = {"value_s": found.p95, "limit_s": limit, "n": found.n}
        return Verdict(round(found.p95, 3), limit, fine, "lag.ok" if fine else "lag.bad", data)

    return judge


def _none_of(key: str, *names: Counted) -> Callable[[Facts], Verdict]:
    """Green needs that something happened at all: of a still day nothing is known."""

    def judge(facts: Facts) -> Verdict:
        n = sum(facts.count(name) for name in names)
        if n:
            data = {"n": n, "errors": facts.count("server_errors"), "checks": facts.count("checks")}
            return Verdict(n, 0, False, f"{key}.bad", data)
        return Verdict(None, 0, None, "none", {}) if facts.is_empty() else Verdict(0, 0, True, f"{key}.ok", {})

    return judge


def _duplicates(facts: Facts) -> Verdict:
    n = facts.duplicates()
    if n:
        return Verdict(n, 0, False, "duplicates.bad", {"n": n})
    why = "duplicates.counted" if facts.count("sweeps") else "duplicates.ok"
    return Verdict(None, 0, None, "none", {}) if facts.is_empty() else Verdict(0, 0, True, why, {})


def _cash(facts: Facts) -> Verdict:
    return _differs("cash", cash_differs_kop(facts), facts.figure("hand_ins"))


def _goods(facts: Facts) -> Verdict:
    return _differs("goods", goods_differ_kop(facts), facts.count("goods_counts"))


def _differs(key: str, differs_kop: int, counted: int) -> Verdict:
    """Red by any difference; green when somebody counted and found none."""
    if differs_kop:
        return Verdict(differs_kop / 100, 0, False, f"{key}.bad", {"differs_kop": differs_kop})
    if counted <= 0:
        return Verdict(None, 0, None, f"{key}.none", {})
    return Verdict(0, 0, True, f"{key}.ok", {"n": counted})


def _agree(facts: Facts) -> Verdict:
    checked, agreeing = facts.agreement.get(None, (0, 0))
    if not checked:
        return Verdict(None, AGREE, None, "agree.none", {})
    fine = agreeing / checked >= AGREE
    share = f"{agreeing / checked:.2%}".replace(".", ",")
    return Verdict(agreeing / checked, AGREE, fine, "agree.ok" if fine else "agree.bad", {"n": checked, "share": share})


GATES: Mapping[str, Callable[[Facts], Verdict]] = MappingProxyType({
    "order_to_bitrix24": _lag("onec_to_bitrix24", EDGE_S),
    "event_to_onec": _lag("event_to_onec", ONEC_S),
    "event_to_site": _lag("event_to_site", EDGE_S),
    "dead": _none_of("dead", "dead"),
    "quarantine": _none_of("quarantine", "quarantined"),
    "faults": _none_of("faults", "server_errors", "checks"),
    "duplicates": _duplicates,
    "cash": _cash,
    "goods": _goods,
    "agree": _agree,
})  # fmt: skip


# -- faults of the service, counted where they are answered


@dataclass(slots=True)
class Faults:
    """Answers 5xx of this process except 503, which only says «later». Written every `every_s` and at the end."""

    db: Database
    every_s: float = 10.0
    _n: int = 0

    def note(self, status: int) -> None:
        if status >= 500 and status != 503:
            self._n += 1

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                await asyncio.sleep(self.every_s)
                await self.write()
        finally:
            await self.write()

    async def write(self) -> None:
        """What could not be written is kept for the next time."""
        n, self._n = self._n, 0
        if not n:
            return
        one = lags.Count("server_errors", "", None, datetime.now(UTC), n)
        try:
            await self.db.transact(lambda tx: lags.count(tx, [one]))
        except StoreError as error:
            self._n += n
            log.warning("gates.not_counted", error=str(error))
