"""Doors of the KPI page: the figures, the cases behind them, baselines. See docs/subsystems/kpi.md."""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, FromQuery, QueryParameter

from posrednik.api import documents_kpi as told
from posrednik.api.auth import asked, body_of, check, check_range, keyed, person_of, services_of
from posrednik.api.openapi import documented
from posrednik.api.problems import Problem, answer_of, language, plain
from posrednik.api.zone import zone_of
from posrednik.domain.rights import Right
from posrednik.domain.texts import text
from posrednik.intake.reading import decode_text
from posrednik.store.db import Row, Tx
from posrednik.usecases import baseline
from posrednik.usecases import kpi as kpis
from posrednik.usecases.authenticate import Caller
from posrednik.usecases.baseline import Baseline
from posrednik.usecases.kpi import CASES, Span

AnyRequest = Request[Any, Any, Any]
From = Annotated[date | None, QueryParameter(name="from")]
DAYS = 30
MOST_CASES = 500


async def _span(request: AnyRequest, caller: Caller, first: date | None, last: date | None, division: str) -> Span:
    """Of no days named: the last 30. Only what the person may see."""
    ref = asked(division, 100).lower()
    if last is None:
        last = datetime.now(await zone_of(services_of(request), caller, ref)).date()
    divisions = None if caller.divisions is None else sorted(caller.divisions)
    return Span(first or last - timedelta(days=DAYS - 1), last, divisions, ref or None)


@get("/kpi", summary="KPI of some days, each with its target, its trend and the cases behind it",
     **documented("kpi", answer=told.KpiAnswer, says_no=(422,), right=Right.KPI_SEE))  # fmt: skip
async def figures(
    request: AnyRequest, since: From = None, to: FromQuery[date | None] = None, division: FromQuery[str] = ""
) -> Response[bytes]:
    began = time.perf_counter()
    caller = await person_of(request, Right.KPI_SEE, asked(division, 100).lower() or None)
    span = await _span(request, caller, since, to, division)

    async def work(tx: Tx) -> dict[str, Any]:
        names = await kpis.division_names(tx, span.divisions)
        choices = sorted(({"ref": ref, "name": name} for ref, name in names.items()), key=lambda one: one["name"])
        return {"kpis": await kpis.kpis(tx, span, language(request)), "divisions": choices}

    answer = await services_of(request).db.transact(work)
    took_ms = round((time.perf_counter() - began) * 1000, 1)
    days = {"first": span.first.isoformat(), "last": span.last.isoformat()}
    return plain({**answer, **days, "made_at": datetime.now(UTC).isoformat(), "took_ms": took_ms})


@get("/kpi/{key:str}/cases", summary="What is behind a KPI or a gate: the worst, or the newest first",
     **documented("kpiCases", answer=told.KpiCases, says_no=(404, 422), right=Right.KPI_SEE))  # fmt: skip
async def cases(
    request: AnyRequest, key: FromPath[str], since: From = None, to: FromQuery[date | None] = None,
    division: FromQuery[str] = "", limit: FromQuery[int] = 100,
) -> Response[bytes]:  # fmt: skip
    caller = await person_of(request, Right.KPI_SEE, asked(division, 100).lower() or None)
    if key not in CASES:
        raise Problem(404, "not_found")
    check_range("limit", limit, 1, MOST_CASES)
    span, lang = await _span(request, caller, since, to, division), language(request)
    found = await services_of(request).db.transact(lambda tx: kpis.cases(tx, key, span, limit + 1, lang))
    return plain(
        {"key": key, "title": text(f"kpi.title.{key}", lang), "cases": found[:limit], "more": len(found) > limit}
    )


# -- baselines


@get("/kpi/baselines", summary="Baselines of «ready → handed over», newest first of each division",
     **documented("baselines", answer=told.Baselines, right=Right.KPI_SEE))  # fmt: skip
async def baselines(request: AnyRequest, division: FromQuery[str] = "") -> Response[bytes]:
    ref = asked(division, 100).lower() or None
    caller = await person_of(request, Right.KPI_SEE, ref)
    mine = None if caller.divisions is None else sorted(caller.divisions)

    async def work(tx: Tx) -> list[dict[str, Any]]:
        names = await kpis.division_names(tx)
        return [_baseline(row, names) for row in await baseline.listed(tx, mine, ref)]

    return plain({"baselines": await services_of(request).db.transact(work)})


def _baseline(row: Row, names: dict[str, str]) -> dict[str, Any]:
    return {
        "id": row.id, "division": row.division_ref, "division_name": names.get(row.division_ref), "kind": row.kind,
        "first": row.first_day.isoformat(), "last": row.last_day.isoformat(), "p50_s": row.p50_s, "n": row.n,
        "source": row.source, "who": row.who, "why": row.why, "made_at": row.made_at.isoformat(), "valid": row.valid,
    }  # fmt: skip


@post("/kpi/baselines", status_code=201, summary="Freeze a baseline; it supersedes the division's earlier one",
      **documented("freezeBaseline", body=told.NewBaseline, answer=told.FrozenBaselines, says_no=(415, 422),
                   right=Right.SETTINGS_CHANGE))  # fmt: skip
async def freeze(request: AnyRequest) -> Response[bytes]:
    caller, body = await person_of(request, Right.SETTINGS_CHANGE), await body_of(request)
    wanted = decode_text(body, told.NewBaseline)
    ref, who = wanted.division.strip().lower(), caller.name or caller.owner
    check(caller, Right.SETTINGS_CHANGE, ref)
    once = keyed(request, caller, body)

    async def work(tx: Tx) -> dict[str, Any]:
        once.about(division=ref)
        if wanted.p50_s is None and wanted.n is None:
            row = await baseline.freeze(tx, ref, wanted.first, wanted.last, who=who, why=wanted.why)
        else:
            one = Baseline(ref, "imported", wanted.first, wanted.last, wanted.p50_s or 0, wanted.n or 0, wanted.source)
            row = await baseline.keep(tx, one, who=who, why=wanted.why)
        return {"frozen": [row.id]}

    return answer_of(await once.run(work), status=201, replayed=once.replayed)


@post("/kpi/baselines/import", status_code=201, summary="Freeze baselines from before Posrednik, of a CSV",
      **documented("importBaselines", body=told.ImportBaselines, answer=told.FrozenBaselines, says_no=(413, 415, 422),
                   right=Right.SETTINGS_CHANGE))  # fmt: skip
async def imported(request: AnyRequest) -> Response[bytes]:
    caller, body = await person_of(request, Right.SETTINGS_CHANGE), await body_of(request)
    wanted = decode_text(body, told.ImportBaselines)
    rows, who = baseline.from_csv(wanted.csv), caller.name or caller.owner
    for one in rows:
        check(caller, Right.SETTINGS_CHANGE, one.division_ref)
    once = keyed(request, caller, body)

    async def work(tx: Tx) -> dict[str, Any]:
        return {"frozen": [(await baseline.keep(tx, one, who=who, why=wanted.why)).id for one in rows]}

    return answer_of(await once.run(work), status=201, replayed=once.replayed)


router = Router("/api/v1/board", route_handlers=[figures, cases, baselines, freeze, imported], tags=["KPI"])
