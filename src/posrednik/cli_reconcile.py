"""`posrednik reconcile`: how far the bases agree, runs of reconciliation, and a slice asked for again."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer
from rich.table import Table

from posrednik.cli_base import ConfigOption, err, on_database, out, settings_of
from posrednik.config import Settings
from posrednik.domain.errors import DomainError
from posrednik.domain.texts import text
from posrednik.store.db import Database
from posrednik.usecases import reconcile, reconcile_runs

T = TypeVar("T")
GOAL = 0.995
WHO = "командная строка"
STATES = {"running": "идёт", "done": "закончена", "late": "не дошла до конца"}
REASONS = {"nightly": "ночная", "asked": "по просьбе", "load": "после загрузки"}


def command(
    config: ConfigOption = None,
    base: Annotated[UUID | None, typer.Option(help="Only this base, by its id")] = None,
    ask: Annotated[str | None, typer.Option(help="Ask it for a slice: `order:2026-11` or `product`")] = None,
    start: Annotated[bool, typer.Option("--start", help="Ask it to compare everything now")] = False,
    sample: Annotated[
        int, typer.Option(min=0, max=reconcile_runs.MOST_SAMPLED, help="With --start: objects to compare by field")
    ] = 400,
    runs: Annotated[bool, typer.Option("--runs", help="Show the last runs and what they found")] = False,
) -> None:
    """How far 1C and Posrednik agree, by slices. Exit code 1: a base agrees by less than 99.5 %, or lost something."""
    settings = settings_of(config)
    if ask is not None:
        kind, _, month = ask.partition(":")
        asked = _of_one_base(settings, base, lambda db, one: _ask(db, one, kind, month))
        out.print("срез запрошен у 1С" if asked else "срез уже запрошен меньше минуты назад")
    elif start:
        told = _of_one_base(settings, base, lambda db, one: _start(db, one, sample))
        out.print(f"сверка {told['run']} " + ("начата" if told["started"] else "уже идёт"))
    elif runs:
        _show_runs(on_database(settings, lambda db: reconcile_runs.told(db, base, 20)))
    else:
        _agreement(settings, base)


def _agreement(settings: Settings, base: UUID | None) -> None:
    told = on_database(settings, lambda db: reconcile.agreement(db, base))
    for one in told:
        _show(one)
    if any(one["lost"] or (one["share"] is not None and one["share"] < GOAL) for one in told):
        raise typer.Exit(1)


def _show(one: dict[str, Any]) -> None:
    agree = "ещё не сверялось" if one["share"] is None else f"сходится {one['share']:.2%} из {one['checked']} объектов"
    out.print(f"{one['name']}: {agree}; нет в базе и не решено: {one['lost']}")
    table = Table("вид", "месяц", "сверено", "в 1С", "здесь", "итог")
    for row in one["slices"]:
        result = "сходится" if row["equal"] else "запрошен заново" if row["asked"] else "расходится"
        table.add_row(row["kind"], row["slice"] or "весь", f"{row['at']:%Y-%m-%d %H:%M}", str(row["theirs"]),
                      str(row["ours"]), result)  # fmt: skip
    if one["slices"]:
        out.print(table)


def _show_runs(told: list[dict[str, Any]]) -> None:
    table = Table("начата", "база", "какая", "состояние", "срезов", "объектов", "разошлось", "исправлено", "нет в 1С",
                  "выборка")  # fmt: skip
    for one in told:
        counts = (str(one[name]) for name in ("slices", "objects", "found", "repaired", "unknown"))
        table.add_row(f"{one['started_at']:%Y-%m-%d %H:%M}", one["base_name"], REASONS[one["reason"]],
                      STATES[one["state"]], *counts, _sample(one["sample"]))  # fmt: skip
    out.print(table if told else "сверок ещё не было; начать: posrednik reconcile --start")


def _sample(sample: dict[str, Any] | None) -> str:
    if sample is None:
        return "не было"
    if sample["share"] is None:
        return f"ждём {sample['size']}"
    return f"{sample['share']:.2%} ({sample['low']:.2%}…{sample['high']:.2%}) из {sample['checked']}"


def _of_one_base(settings: Settings, base: UUID | None, work: Callable[[Database, UUID], Awaitable[T]]) -> T:
    """Do it for the base that is named, or for the only one there is."""

    async def chosen(db: Database) -> T:
        known = [UUID(one["id"]) for one in await reconcile.agreement(db, base)]
        if len(known) != 1:
            raise typer.BadParameter("назовите базу: --base")
        return await work(db, known[0])

    try:
        return on_database(settings, chosen)
    except DomainError as error:
        err.print(f"[red]Не сделано.[/] {text(error.code)}")
        raise typer.Exit(1) from error


async def _ask(db: Database, base: UUID, kind: str, month: str) -> bool:
    return await db.transact(lambda tx: reconcile.ask(tx, base, kind, month, WHO, datetime.now(UTC)))


async def _start(db: Database, base: UUID, sample: int) -> dict[str, Any]:
    return await db.transact(lambda tx: reconcile_runs.begin(tx, base, WHO, sample, datetime.now(UTC)))
