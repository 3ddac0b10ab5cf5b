"""`posrednik ledgers …`: are the books of goods and money whole."""

from typing import Annotated

import typer
from rich.table import Table

from posrednik.cli_base import ConfigOption, err, on_database, out, settings_of
from posrednik.store.db import Database, Row
from posrednik.usecases import check_ledgers
from posrednik.usecases.check_ledgers import Rebuilt

ledgers_app = typer.Typer(no_args_is_help=True, help="The books of goods and money.")


@ledgers_app.callback()
def ledgers() -> None:
    """The books of goods and money."""


@ledgers_app.command("check")
def check(
    config: ConfigOption = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Post what old events have not posted, sum balances up anew")
    ] = False,
) -> None:
    """Compare balances with their postings and with deliveries. Exit code 1 when something differs."""

    async def work(db: Database) -> tuple[Rebuilt | None, list[Row]]:
        done = await check_ledgers.rebuild(db, "командная строка") if rebuild else None
        return done, await check_ledgers.differing(db)

    with err.status("сверяем книги…"):
        done, found = on_database(settings_of(config), work)
    if done is not None:
        out.print(f"событий просмотрено {done.events}, добавлено {done.posted}, исправлено остатков {done.balances}")
    if not found:
        out.print("книги сходятся")
        return
    table = Table("что", "расхождение")
    for row in found:
        table.add_row(row.subject, row.what)
    out.print(table)
    if not rebuild:
        out.print("чтобы пересчитать остатки и добавить старые события, повторите с --rebuild")
    raise typer.Exit(1)
