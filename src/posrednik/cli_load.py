"""`posrednik load …`: the first load of a base by OData, begun, watched, stopped and gone on with."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from posrednik import bootstrap
from posrednik.cli_base import ConfigOption, err, on_database, out, settings_of
from posrednik.config import Settings
from posrednik.domain.errors import DomainError
from posrednik.domain.texts import text
from posrednik.kit.memory import calm_collector
from posrednik.store.db import Database
from posrednik.usecases import manage_loads
from posrednik.usecases.after_restore import TITLES

load_app = typer.Typer(no_args_is_help=True, help="The first load of a base by OData.")
WHO = "командная строка"
LOOK_S = 0.5
# The page «Базы 1С» says the same (web/office/src/features/bases/words.ts; tests/unit/test_load_words.py).
STATES = {"reading": "идёт", "checking": "идёт, сверка", "unread": "ждёт обработчика", "stopped": "остановлена",
          "failed": "прервана", "done": "закончена"}  # fmt: skip
COLUMNS = ("вид", "прочитано", "в карантин", "в 1С", "здесь", "не сходится")
KINDS = {"division": "подразделения", "product": "товары", "warehouse": "склады", "counterparty": "контрагенты",
         "courier": "курьеры", "outlet": "точки", "order": "заказы", "shipment": "реализации", "receipt": "поступления",
         "transfer": "перемещения", "return": "возвраты", "cash_receipt": "кассовые ордера", "price": "цены",
         "stock": "остатки"}  # fmt: skip
WHY = {"missing": "нет здесь", "version": "другая версия", "waiting": "ждёт того, на что ссылается",
       "quarantined": "в карантине", "gone": "нет в 1С"}  # fmt: skip
BaseOption = Annotated[UUID, typer.Option(help="The base, by its id")]


@load_app.command()
def start(base: BaseOption, config: ConfigOption = None) -> None:
    """Load everything from the beginning, and show how far it is. Exit code 1: it failed, or something differs."""
    _run(settings_of(config), base, "start")


@load_app.command()
def resume(base: BaseOption, config: ConfigOption = None) -> None:
    """Go on from where it was stopped, failed, or was cut off."""
    _run(settings_of(config), base, "resume")


@load_app.command()
def stop(base: BaseOption, config: ConfigOption = None) -> None:
    """Stop after the page that is being read; what was read stays."""
    settings = settings_of(config)
    _said(lambda: on_database(settings, lambda db: db.transact(lambda tx: manage_loads.stop(tx, base))))
    out.print("загрузка остановлена; продолжить: posrednik load resume")


@load_app.command()
def status(
    base: Annotated[UUID | None, typer.Option(help="Only this base, by its id")] = None, config: ConfigOption = None
) -> None:
    """How far the loads are, and what does not agree."""
    told = on_database(settings_of(config), lambda db: manage_loads.told(db, base))["loads"]
    for one in told:
        _show(one)
    if any(_differs(one) for one in told):
        raise typer.Exit(1)


def _said(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except DomainError as error:
        err.print(f"[red]Не сделано.[/] {escape(text(error.code))}")
        raise typer.Exit(1) from error


def _run(settings: Settings, base: UUID, action: str) -> None:
    one = _said(lambda: on_database(settings, lambda db: _read(settings, db, base, action)))
    _show(one)
    if one["state"] != "done" or _differs(one):
        raise typer.Exit(1)


async def _read(settings: Settings, db: Database, base: UUID, action: str) -> Any:
    """Read here, in this process; a worker that reads it already is only watched."""
    from posrednik import bootstrap_worker  # with all that sends: only this command needs it
    from posrednik.kit.http import Sessions

    sessions = Sessions()
    try:
        calm_collector()
        reader = bootstrap_worker.first_load(settings, db, sessions, base)
        await bootstrap.apply_configuration(db, settings)
        load_id = await db.transact(lambda tx: manage_loads.ACTIONS[action](tx, base, WHO))
        reading = asyncio.create_task(reader.run(load_id, force=True))
        await _watch(reading, lambda: manage_loads.told(db, base))
        await reading
    finally:
        await sessions.close()
    return (await manage_loads.told(db, base))["loads"][0]


async def _watch(reading: "asyncio.Task[str]", look: Callable[[], Awaitable[dict[str, Any]]]) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
               TextColumn("{task.fields[rate]} в секунду, осталось"), TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("загрузка", total=None, rate="…")
        while not reading.done():
            _advance(progress, task, (await look())["loads"][0])
            await asyncio.wait([reading], timeout=LOOK_S)


def _advance(progress: Progress, task: TaskID, one: dict[str, Any]) -> None:
    name = "сверка" if _phase(one) == "checking" else KINDS.get(one["kind"], "загрузка")
    progress.update(task, description=name, total=one["total"], completed=one["done"], rate=f"{one['rate']:.0f}")


def _differs(one: dict[str, Any]) -> bool:
    return any(s["differing"] or s["theirs"] != s["ours"] for s in one["sets"])


def _show(one: dict[str, Any]) -> None:
    total = "" if one["total"] is None else f" из {max(one['total'], one['done'])}"
    rate = f", {one['rate']:.0f} в секунду" if one["rate"] >= 1 else ""
    left = "" if one["left_s"] is None else f", осталось {_span(one['left_s'])}"
    out.print(f"база {one['base']}: загрузка {STATES[_phase(one)]}, прочитано {one['done']}{total}{rate}{left}")
    table = Table(*COLUMNS)
    for s in one["sets"]:
        counts = ("" if s[name] is None else str(s[name]) for name in ("theirs", "ours"))
        table.add_row(KINDS.get(s["kind"], s["kind"]), str(s["done"]), str(s["bad"]), *counts, str(len(s["differing"])))
    if one["sets"]:
        out.print(table)
    for note in one["errors"]:
        out.print(f"• {note}", markup=False)
    for s in one["sets"]:
        for each in s["differing"]:
            out.print(f"  {TITLES.get(s['kind'], s['kind'])} {each['ref']}: {WHY[each['why']]}", markup=False)


def _phase(one: dict[str, Any]) -> str:
    """As the page tells it: a running load is read, compared, or waits for somebody who reads it."""
    if one["state"] != "running":
        return str(one["state"])
    if not one["reads"]:
        return "unread"
    return "checking" if one["sets"] and all(s["state"] != "waiting" for s in one["sets"]) else "reading"


def _span(seconds: float) -> str:
    """To the ten seconds, by its two greatest units."""
    left = max(10, round(seconds / 10) * 10)
    hours, minutes = divmod(left // 60, 60)
    if hours:
        return f"{hours} ч {minutes} мин" if minutes else f"{hours} ч"
    return " ".join(f"{n} {unit}" for n, unit in ((minutes, "мин"), (left % 60, "с")) if n)
