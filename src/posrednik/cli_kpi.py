"""`posrednik kpi …` and `posrednik baseline …`: figures, gates, and what «готов → отдан» was before."""

import getpass
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.table import Table

from posrednik.cli_base import ConfigOption, err, on_database, out, settings_of
from posrednik.domain.errors import DomainError
from posrednik.domain.texts import seconds as passed
from posrednik.domain.texts import text
from posrednik.store.db import Database, Tx
from posrednik.usecases import baseline, kpi
from posrednik.usecases.baseline import Baseline
from posrednik.usecases.gates import gates_facts
from posrednik.usecases.kpi import Span

kpi_app = typer.Typer(no_args_is_help=True, help="KPI and the gates of the pilot.")
baseline_app = typer.Typer(no_args_is_help=True, help="What «готов → отдан» was: frozen, never changed.")
T = TypeVar("T")
DAYS = 30
FINE = {True: "да", False: "[red]нет[/]", None: "нет данных"}
Division = Annotated[str, typer.Option(help="Its ref in 1C, or its name")]
Since = Annotated[str | None, typer.Option("--from", help="The first day, 2026-11-01")]
Until = Annotated[str | None, typer.Option("--to", help="The last day")]
Why = Annotated[str, typer.Option(help="Why it is frozen now; it is kept with it")]


def _done(config: str | None, work: Callable[[Tx], Awaitable[T]]) -> T:
    """What `work` gives; what it says no to is told in a sentence, exit code 1."""

    async def run(db: Database) -> T:
        return await db.transact(work)

    try:
        return on_database(settings_of(config), run)
    except DomainError as error:
        err.print(f"[red]Не сделано.[/] {text(error.code, **error.data)}")
    raise typer.Exit(1)


def _who() -> str:
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # an account without a name, as containers have
        return "cli:"


def _day(typed: str | None, otherwise: date) -> date:
    try:
        return date.fromisoformat(typed) if typed else otherwise
    except ValueError as error:
        raise typer.BadParameter("ожидается день, например 2026-11-22") from error


async def _ref(tx: Tx, named: str) -> str:
    by_name = {name.lower(): ref for ref, name in (await kpi.division_names(tx)).items()}
    return by_name.get(named.lower(), named.lower())


def _shown(value: Any, unit: str) -> str:
    match value, unit:
        case None, _:
            return "—"
        case _, "seconds":
            return passed(round(value)) if value >= 1 else f"{value * 1000:.0f} мс"
        case _, "share":
            return f"{value:.2%}".replace(".", ",")
        case _:
            return f"{value:g}"


@kpi_app.command("show")
def show(
    division: Annotated[str | None, typer.Option(help="Only this division, by ref or name")] = None,
    since: Since = None,
    until: Until = None,
    config: ConfigOption = None,
) -> None:
    """All KPI of some days; without days of the last 30. Exit code 1 when a target is missed."""

    async def work(tx: Tx) -> list[dict[str, Any]]:
        last = _day(until, datetime.now(UTC).date())
        ref = await _ref(tx, division) if division else None
        return await kpi.kpis(tx, Span(_day(since, last - timedelta(days=DAYS - 1)), last, division=ref), "ru")

    found = _done(config, work)
    table = Table("показатель", "значение", "цель", "состояние", "по скольким", "примечание")
    for one in found:
        table.add_row(one["title"], _shown(one["value"], one["unit"]), one["target"]["text"], one["state_text"],
                      str(one["n"]), one["note"])  # fmt: skip
    out.print(table)
    raise typer.Exit(1 if any(one["state"] == "missed" for one in found) else 0)


@kpi_app.command("gates")
def gates(
    division: Annotated[str | None, typer.Option(help="Only this division, by ref or name")] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="Of the last so many days that are over")] = 14,
    config: ConfigOption = None,
) -> None:
    """The gates by day. Exit code 1 unless all of them are green."""

    async def work(tx: Tx) -> Any:
        return await gates_facts(tx, await _ref(tx, division) if division else None, days)

    facts = _done(config, work)
    table = Table("день", "ворота", "прошли", "почему")
    for fact in facts:
        table.add_row(f"{fact.day:%d.%m}", fact.title, FINE[fact.fine], fact.why)
    out.print(table)
    raise typer.Exit(0 if all(fact.fine for fact in facts) else 1)


@baseline_app.command("freeze")
def freeze(division: Division, since: Since, until: Until, why: Why, config: ConfigOption = None) -> None:
    """Freeze the median of these days; it supersedes the division's earlier baseline."""
    first, last = _day(since, date.min), _day(until, date.max)

    async def work(tx: Tx) -> Any:
        ref, who = await _ref(tx, division), _who()
        row = await baseline.freeze(tx, ref, first, last, who=who, why=why)
        await baseline.note(tx, who, {"division": ref, "from": str(first), "to": str(last), "why": why, "id": row.id})
        return row

    out.print(f"база № {_done(config, work).id} заморожена")


@baseline_app.command("import")
def imported(
    why: Why,
    file: Annotated[Path | None, typer.Option(help=f"CSV with the header {';'.join(baseline.COLUMNS)}")] = None,
    division: Annotated[str | None, typer.Option(help="Or one: its division …")] = None,
    since: Since = None,
    until: Until = None,
    p50_s: Annotated[float, typer.Option("--p50-s", help="… the median, seconds …")] = 0,
    n: Annotated[int, typer.Option(help="… of so many deliveries …")] = 0,
    source: Annotated[str, typer.Option(help="… and where that is known from")] = "",
    config: ConfigOption = None,
) -> None:
    """Figures from before Posrednik, of a file or of the options."""
    if (file is None) == (division is None):
        raise typer.BadParameter("нужно ровно одно из --file, --division")
    if division is not None and not (since and until):
        raise typer.BadParameter("с --division нужны --from и --to")

    async def work(tx: Tx) -> list[int]:
        who = _who()
        if file is not None:
            rows = baseline.from_csv(file.read_text(encoding="utf-8-sig"))
        else:
            first, last = _day(since, date.min), _day(until, date.max)
            rows = [Baseline(await _ref(tx, division or ""), "imported", first, last, p50_s, n, source)]
        made = []
        for one in rows:
            made.append((await baseline.keep(tx, one, who=who, why=why)).id)
            await baseline.note(tx, who, {"division": one.division_ref, "p50_s": one.p50_s, "n": one.n, "why": why})
        return made

    out.print(f"заморожено баз: {len(_done(config, work))}")


@baseline_app.command("list")
def listed(config: ConfigOption = None) -> None:
    """All baselines, newest first of each division; the others are superseded."""

    async def work(tx: Tx) -> tuple[Any, dict[str, str]]:
        return await baseline.listed(tx, None), await kpi.division_names(tx)

    rows, names = _done(config, work)
    table = Table("№", "подразделение", "дни", "медиана", "доставок", "источник", "кто", "зачем", "действует")
    for row in rows:
        table.add_row(
            str(row.id), names.get(row.division_ref, row.division_ref),
            f"{row.first_day:%d.%m.%Y}–{row.last_day:%d.%m.%Y}",
            passed(round(row.p50_s)), str(row.n), row.source, row.who, row.why, "да" if row.valid else "заменена",
        )  # fmt: skip
    out.print(table)
