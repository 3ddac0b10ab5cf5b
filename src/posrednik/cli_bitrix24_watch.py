"""`posrednik bitrix24 compare|sweep`: what people changed in the portal, and which tasks are there twice."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import typer
from rich.table import Table

from posrednik.cli_base import ConfigOption, err, on_database, out, settings_of
from posrednik.config import Settings
from posrednik.domain.portal_tasks import PortalSilent
from posrednik.kit.http import Sessions
from posrednik.store import portal_watch
from posrednik.store.db import Database, Row
from posrednik.usecases.portal_sweep import Swept
from posrednik.usecases.watch_portal import Compared, PortalWatch

T = TypeVar("T")
MOST_SHOWN = 200


def compare_command(config: ConfigOption = None) -> None:
    """Compare the tasks of all open deliveries with what was written; what differs is taken or put back at once."""

    async def compared(watch: PortalWatch) -> Compared:
        found = await watch.compare()
        await watch.look()
        return found

    found = _watching(settings_of(config), compared)
    out.print(f"задач открытых доставок: {found.tasks}, изменены вручную или удалены: {found.hinted}")


def sweep_command(config: ConfigOption = None) -> None:
    """Count the tasks of each delivery in the portal. Exit code 1 when a delivery has several."""

    async def swept(watch: PortalWatch) -> tuple[Swept, list[Row]]:
        found = await watch.sweep(everything=True)
        return found, list(await portal_watch.duplicates(watch.db, MOST_SHOWN))

    found, doubles = _watching(settings_of(config), swept)
    if doubles:
        table = Table("заказ", "задачи", "пишем в", "найдено")
        for row in doubles:
            tasks = ", ".join(map(str, row.task_ids))
            table.add_row(row.order_number, tasks, row.kept or "", f"{row.found_at:%d.%m.%Y %H:%M}")
        out.print(table)
    out.print(f"задач с нашей меткой: {found.tasks}, доставок с несколькими задачами: {found.doubles}")
    if not found.whole:
        err.print("[yellow]Посчитаны не все:[/] портал не отдаёт список задач целиком.")
    raise typer.Exit(1 if found.doubles or not found.whole else 0)


def _watching(settings: Settings, work: Callable[[PortalWatch], Awaitable[T]]) -> T:
    """Run `work` at the configured portal. Exit code 1 without one, or when it is silent."""
    from posrednik import bootstrap_watch  # other commands do not wait for a client of HTTP

    async def opened(db: Database) -> T | None:
        sessions = Sessions()
        try:
            watch = await bootstrap_watch.watch(settings, db, sessions)
            return None if watch is None else await work(watch)
        finally:
            await sessions.close()

    try:
        done = on_database(settings, opened)
    except PortalSilent as silent:
        err.print(f"[red]Портал не прочитан.[/] {silent}", highlight=False)
        raise typer.Exit(1) from None
    if done is None:
        err.print("[red]Доступа к порталу нет.[/] Что нужно, скажет posrednik bitrix24 check.")
        raise typer.Exit(1)
    return done
