"""`posrednik reconcile`: how far the bases agree, and a slice asked for again."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.table import Table

from posrednik.cli_base import ConfigOption, err, on_database, out, settings_of
from posrednik.config import Settings
from posrednik.domain.errors import DomainError
from posrednik.domain.texts import text
from posrednik.store.db import Database
from posrednik.usecases import reconcile

GOAL = 0.995


def command(
    config: ConfigOption = None,
    base: Annotated[UUID | None, typer.Option(help="Only this base, by its id")] = None,
    ask: Annotated[str | None, typer.Option(help="Ask it for a slice: `order:2026-11` or `product`")] = None,
) -> None:
    """How far 1C and Posrednik agree, by slices. Exit code 1: a base agrees by less than 99.5 %, or lost something."""
    settings = settings_of(config)
    if ask is not None:
        _ask(settings, base, ask)
        return
    told = on_database(settings, lambda db: reconcile.agreement(db, base))
    for one in told:
        _show(one)
    if any(one["lost"] or (one["share"] is not None and one["share"] < GOAL) for one in told):
        raise typer.Exit(1)


def _show(one: dict[str, Any]) -> None:
    agree = "ещё не сверялось" if one["share"] is None else f"сходится {one['share']:.2%} из {one['checked']} объектов"
    out.print(f"{one['name']}: {agree}; потеряно при восстановлении: {one['lost']}")
    table = Table("вид", "месяц", "сверено", "в 1С", "здесь", "итог")
    for row in one["slices"]:
        result = "сходится" if row["equal"] else "запрошен заново" if row["asked"] else "расходится"
        table.add_row(row["kind"], row["slice"] or "весь", f"{row['at']:%Y-%m-%d %H:%M}", str(row["theirs"]),
                      str(row["ours"]), result)  # fmt: skip
    if one["slices"]:
        out.print(table)


def _ask(settings: Settings, base: UUID | None, wanted: str) -> None:
    kind, _, month = wanted.partition(":")

    async def work(db: Database) -> bool:
        known = [UUID(one["id"]) for one in await reconcile.agreement(db, base)]
        if len(known) != 1:
            raise typer.BadParameter("назовите базу: --base")
        who = "командная строка"
        return await db.transact(lambda tx: reconcile.ask(tx, known[0], kind, month, who, datetime.now(UTC)))

    try:
        asked = on_database(settings, work)
    except DomainError as error:
        err.print(f"[red]Не сделано.[/] {text(error.code)}")
        raise typer.Exit(1) from error
    out.print("срез запрошен у 1С" if asked else "срез уже запрошен меньше минуты назад")
