"""`posrednik figures …`: the figures of days, checked against events and ledgers, and counted anew."""

import asyncio
from datetime import date
from typing import Annotated

import typer
from rich.progress import Progress

from posrednik.cli_base import ConfigOption, err, on_database, out, settings_of
from posrednik.store import figures
from posrednik.store.db import Database, Row

figures_app = typer.Typer(no_args_is_help=True, help="Figures of days, of which reports and KPI are made.")
EVER = date(2000, 1, 1)


@figures_app.command()
def check(
    config: ConfigOption = None,
    since: Annotated[str | None, typer.Option(help="Only from this day on, 2026-11-22; without it all days")] = None,
) -> None:
    """Compare all sums with events and ledgers. Exit code 1 when something does not agree."""
    first = _day(since)

    async def work(db: Database) -> list[Row]:
        return await figures.check(db, first, 0)

    with err.status("сверяем…"):
        wrong = on_database(settings_of(config), work)
    for row in wrong:
        out.print(f"{row.subject}: {row.what}", highlight=False, soft_wrap=True)
    if wrong:
        out.print("показатели не сходятся (показано не больше 20 строк); пересчитать: posrednik figures rebuild")
        raise typer.Exit(1)
    out.print("показатели сходятся с событиями и книгами")


@figures_app.command()
def rebuild(
    config: ConfigOption = None,
    after: Annotated[int, typer.Option(help="Go on after this place, which an earlier run printed")] = 0,
) -> None:
    """Count all events anew, beside live traffic. May be stopped at any moment: what is counted stays counted."""
    reached = after

    async def work(db: Database) -> int:
        last = await figures.last_place(db)
        with Progress(console=err, transient=True) as progress:
            task = progress.add_task("события", total=max(last, 1), completed=after)

            def seen(pos: int, _: int) -> None:
                nonlocal reached
                reached = pos
                progress.update(task, completed=pos)

            return await figures.rebuild(db, after=after, seen=seen)

    try:
        changed = on_database(settings_of(config), work)
    except (KeyboardInterrupt, asyncio.CancelledError):
        out.print(f"остановлено; продолжить: posrednik figures rebuild --after {reached}")
        raise typer.Exit(130) from None
    out.print(f"пересчитано, исправлено событий: {changed}")


def _day(text: str | None) -> date:
    if text is None:
        return EVER
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter("ожидается день, например 2026-11-22") from error
