"""`posrednik bitrix24 …`: whether the portal has what we need, making what is missing, and who of ours is who there."""

import getpass
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import typer
from rich.markup import escape
from rich.table import Column, Table

from posrednik.cli_base import ConfigOption, err, on_database, out, settings_of
from posrednik.cli_bitrix24_watch import compare_command, sweep_command
from posrednik.config import Settings
from posrednik.division_file import DivisionFile
from posrednik.domain.portal_check import Line, worst
from posrednik.domain.portal_desk import PortalDesk
from posrednik.domain.texts import text
from posrednik.domain.texts_portal_check import COURIER_WORDS
from posrednik.kit.http import Sessions
from posrednik.store.db import Database
from posrednik.usecases import portal_people
from posrednik.usecases.check_portal import PortalWanted, check_and_keep
from posrednik.usecases.division_settings import LiveRules
from posrednik.usecases.portal_people import Matched, Reading
from posrednik.usecases.set_up_portal import set_up

T = TypeVar("T")
bitrix24_app = typer.Typer(no_args_is_help=True, help="The portal of Bitrix24: check, set up, who is who.")
bitrix24_app.command("compare")(compare_command)
bitrix24_app.command("sweep")(sweep_command)
SIGNS = {"ok": "[green]✓[/]", "done": "[green]+[/]", "warn": "[yellow]![/]", "wrong": "[red]✗[/]", "skip": "–"}


@dataclass(frozen=True, slots=True)
class AtPortal:
    """What a command works with."""

    db: Database
    live: LiveRules
    desk: PortalDesk
    wanted: PortalWanted


def _who() -> str:
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # an account without a name, as containers have
        return "cli:"


def _now() -> datetime:
    return datetime.now(UTC)


@bitrix24_app.command("check")
def check_command(config: ConfigOption = None) -> None:
    """Whether the portal has all that we need, in words. Exit code 1 when something is wrong."""

    async def asked(at: AtPortal) -> Sequence[Line]:
        return await check_and_keep(at.db, at.live, at.desk, at.wanted, _who(), _now())

    _end(_at_the_portal(settings_of(config), asked))


@bitrix24_app.command("setup")
def setup_command(config: ConfigOption = None) -> None:
    """Make what is missing: projects of divisions, columns, members, events, placements. May be repeated."""

    async def made(at: AtPortal) -> Sequence[Line]:
        return await set_up(at.db, at.live, at.desk, at.wanted, _who(), _now)

    _end(_at_the_portal(settings_of(config), made))


@bitrix24_app.command("users")
def users_command(
    config: ConfigOption = None,
    take: Annotated[bool, typer.Option("--take", help="Give couriers the users that are suggested")] = False,
    reason: Annotated[str, typer.Option("--reason", "-r", help="Why; it stays in the history")] = "подобран по порталу",
) -> None:
    """Couriers and their users, read now: what is wrong, and who is suggested. Exit code 1: something is wrong."""

    async def looked(at: AtPortal) -> tuple[Reading, Matched]:
        read = await portal_people.read(at.db, at.desk, _now())
        if take and not read.why:
            await _take(at, reason)
        return read, await portal_people.matched(at.db)

    read, matched = _at_the_portal(settings_of(config), looked)
    if read.why:
        err.print(f"[red]Список не прочитан.[/] {escape(read.why)}")
    out.print(_table(matched))
    out.print(f"пользователей на портале {read.users}, проектов {read.projects}")
    wrong = any(set(matched.problems(one)) - {"no_warehouse", "several_warehouses"} for one in matched.couriers)
    raise typer.Exit(1 if read.why or wrong else 0)


async def _take(at: AtPortal, reason: str) -> None:
    for one, found, error in await portal_people.take_suggestions(at.db, at.live, _who(), reason, _now()):
        said = text(error.code, **error.data) if error else f"{found.user.name} (№ {found.user.id})"
        sign = SIGNS["wrong" if error else "done"]
        out.print(f"{sign} {escape(one.row.name or one.row.ref)}: {escape(said)}", highlight=False)


def _table(matched: Matched) -> Table:
    table = Table("курьер", "подразделение", "пользователь", Column("что не так", overflow="fold"), "предлагается")
    for one in matched.couriers:
        if not one.row.active:
            continue
        user, found = matched.user(one.user), matched.found.get(one.row.ref)
        told = f"{user.name} (№ {user.id})" if user else one.user
        wrong = ", ".join(COURIER_WORDS[key][0] for key in matched.problems(one))
        suggested = f"{found.user.name} (№ {found.user.id}), {COURIER_WORDS[found.by][0]}" if found else ""
        table.add_row(*map(escape, (one.row.name or one.row.ref, one.row.division_name or "", told, wrong, suggested)))
    return table


def _end(lines: Sequence[Line]) -> None:
    for line in lines:
        told = line.told()
        head = f"{SIGNS[line.state]} [bold]{escape(told['title'])}[/]"
        out.print(f"{head}: {escape(told['text'])}", soft_wrap=True, highlight=False)
    raise typer.Exit(1 if worst(lines) == "wrong" else 0)


def _at_the_portal(settings: Settings, work: Callable[[AtPortal], Awaitable[T]]) -> T:
    """Run `work` at the configured portal. Exit code 1 without one."""
    from posrednik import bootstrap_portal  # other commands do not wait for a client of HTTP

    async def opened(db: Database) -> T | None:
        sessions, file = Sessions(), DivisionFile(settings)
        live = LiveRules(db, file, file.all())
        await live.refresh()
        try:
            desk = await bootstrap_portal.open_desk(settings, db, sessions)
            if desk is None:
                return None
            return await work(AtPortal(db, live, desk, bootstrap_portal.portal_wanted(settings)))
        finally:
            await sessions.close()

    done = on_database(settings, opened)
    if done is None:
        err.print(_why_none(settings))
        raise typer.Exit(1)
    return done


def _why_none(settings: Settings) -> str:
    b = settings.bitrix24
    if not b.portal_url:
        return r"[red]Портал не задан.[/] Укажите \[bitrix24] portal_url и webhook или client_id с client_secret."
    if b.client_id and b.client_secret:
        return (
            "[red]Приложение ещё не установлено.[/] Откройте его на портале администратором и нажмите «Установить»; до "
            r"этого портал нас не пустит. Или укажите \[bitrix24] webhook."
        )
    return r"[red]Доступа к порталу нет.[/] Укажите \[bitrix24] webhook или client_id с client_secret."
