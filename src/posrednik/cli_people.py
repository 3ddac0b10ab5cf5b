"""`posrednik user …`: people of the office. Every change is written down as `cli:<user of the machine>`."""

import getpass
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer
from rich.table import Table

from posrednik import bootstrap
from posrednik.cli_base import ConfigOption, err, on_database, out, settings_of
from posrednik.domain.errors import DomainError
from posrednik.domain.texts import text
from posrednik.kit.passwords import Passwords
from posrednik.store import views
from posrednik.store.db import Database, Row, Tx
from posrednik.usecases import manage_people as manage

user_app = typer.Typer(no_args_is_help=True, help="People of the office: who they are, what they may do, sessions.")
T = TypeVar("T")
Login = Annotated[str, typer.Argument(help="His login")]
Roles = Annotated[list[str] | None, typer.Option("--role", help="logistician, cashier, head, administrator; several")]
Divisions = Annotated[
    list[str] | None, typer.Option("--division", help="Only this one, by ref or name; repeatable. Without it: all")
]


def _who() -> str:
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # an account without a name, as containers have
        return "cli:"


def _done(config: str | None, work: Callable[[Database], Awaitable[T]]) -> T:
    """What `work` gives; what it says no to is told in a sentence, exit code 1."""
    try:
        return on_database(settings_of(config), work)
    except manage.NoSuchPerson:
        err.print("[red]Не сделано.[/] Такого логина нет; все логины: posrednik user list.")
    except DomainError as error:
        err.print(f"[red]Не сделано.[/] {text(error.code, **error.data)}")
    raise typer.Exit(1)


async def _divisions(db: Database, config: str | None) -> dict[str, str]:
    """By ref: those of 1C and of the settings."""
    known = {row.ref: row.name for row in await views.names(db) if row.kind == "division"}
    return {**{one.ref.lower(): one.ref for one in settings_of(config).divisions}, **known}


def _refs(named: Collection[str] | None, known: dict[str, str]) -> list[str] | None:
    by_name = {name.lower(): ref for ref, name in known.items()}
    return [by_name.get(one.lower(), one.lower()) for one in named] if named else None


def _act(config: str | None, login: str, action: str, work: Callable[[Tx, Row], Awaitable[T]], **told: Any) -> T:
    """One change of one person, written down with it."""

    async def run(tx: Tx) -> T:
        person = await manage.by_login(tx, login)
        done = await work(tx, person)
        await manage.note(tx, _who(), action, str(person.id), {"login": person.login, **told})
        return done

    return _done(config, lambda db: db.transact(run))


@user_app.command("add")
def add(
    login: Annotated[str, typer.Option(help="What he types to come in")],
    role: Roles = None,
    name: Annotated[str, typer.Option(help="What he is called; without it his login")] = "",
    division: Divisions = None,
    email: Annotated[str, typer.Option(help="His address")] = "",
    bitrix24_user: Annotated[str, typer.Option(help="His number on the portal: he comes in from there")] = "",
    config: ConfigOption = None,
) -> None:
    """Somebody new. The password is shown once, works once within 7 days, and is then replaced by his own."""

    async def work(db: Database) -> manage.OneTime:
        known = await _divisions(db, config)
        account = manage.Account(name or login, role or [], _refs(division, known), email, bitrix24_user or None)
        return await bootstrap.hire(db, Passwords(), login, account, known, _who())

    made = _done(config, work)
    out.print(made.password, highlight=False)
    out.print(f"одноразовый пароль, до {made.until.astimezone():%d.%m %H:%M}; при входе попросят придумать свой")


@user_app.command("list")
def people(config: ConfigOption = None) -> None:
    """All of them, with their roles and divisions."""

    async def work(db: Database) -> tuple[list[Row], dict[str, str]]:
        return list(await manage.all_people(db, datetime.now(UTC))), await _divisions(db, config)

    rows, names = _done(config, work)
    table = Table("логин", "имя", "роли", "подразделения", "Битрикс24", "код", "вход", "сеансы", "состояние")
    for row in rows:
        where = "все" if row.divisions is None else ", ".join(names.get(ref, ref) for ref in row.divisions)
        last = f"{row.last_at:%Y-%m-%d %H:%M}" if row.last_at else ""
        table.add_row(row.login, row.name, ", ".join(row.roles), where, row.bitrix24_user or "",
                      "да" if row.totp_on else "", last, str(row.sessions), "" if row.active else "закрыт")  # fmt: skip
    out.print(table)


@user_app.command("password")
def password(login: Login, config: ConfigOption = None) -> None:
    """A new one-time password; his sessions end, wrong tries are forgotten."""
    passwords, now = Passwords(), datetime.now(UTC)
    made = _act(config, login, "user.password", lambda tx, p: manage.reset_password(tx, passwords, p.id, now))
    out.print(made.password, highlight=False)
    out.print(f"одноразовый пароль, до {made.until.astimezone():%d.%m %H:%M}")


@user_app.command("roles")
def roles(login: Login, role: Roles = None, division: Divisions = None, config: ConfigOption = None) -> None:
    """What he may do from now on: these roles, in these divisions (without them in all)."""

    async def work(db: Database) -> None:
        known = await _divisions(db, config)
        named = {"roles": role or [], "divisions": _refs(division, known)}

        async def run(tx: Tx) -> None:
            person = await manage.by_login(tx, login)
            await manage.change(tx, person.id, None, named, known)
            await manage.note(tx, _who(), "user.roles", str(person.id), {"login": person.login, **named})

        await db.transact(run)

    _done(config, work)
    out.print("записано; действует в течение 5 секунд")


def _switch(config: str | None, login: str, *, active: bool) -> None:
    async def change(tx: Tx, person: Row) -> None:
        await manage.change(tx, person.id, None, {"active": active}, ())
        if active:
            await manage.unlock(tx, person.id)

    _act(config, login, "user.unlock" if active else "user.lock", change)


@user_app.command("lock")
def lock(login: Login, config: ConfigOption = None) -> None:
    """He may not come in any more; his sessions end within 5 seconds."""
    _switch(config, login, active=False)
    out.print("доступ закрыт, сеансы завершены")


@user_app.command("unlock")
def unlock(login: Login, config: ConfigOption = None) -> None:
    """He may come in again, also after too many wrong tries."""
    _switch(config, login, active=True)
    out.print("доступ открыт")


@user_app.command("totp-off")
def totp_off(login: Login, config: ConfigOption = None) -> None:
    """He lost his telephone and his recovery codes: the password alone lets him in."""
    _act(config, login, "user.totp_off", lambda tx, p: manage.totp_off(tx, p.id))
    out.print("вход без кода; пусть включит его снова на странице своей учётной записи")


@user_app.command("sessions")
def sessions(
    login: Login,
    end: Annotated[str | None, typer.Option(help="The id of one to end, or `all`")] = None,
    config: ConfigOption = None,
) -> None:
    """Where he is signed in; --end ends one or all of them."""
    if end is not None:
        one = None if end == "all" else _id(end)
        ended = _act(config, login, "user.sessions_end", lambda tx, p: manage.end_sessions(tx, p.id, one))
        out.print(f"завершено сеансов: {ended}")
        return

    async def work(tx: Tx) -> list[dict[str, Any]]:
        return await manage.sessions(tx, (await manage.by_login(tx, login)).id, datetime.now(UTC))

    table = Table("id", "браузер", "вход", "с", "был", "до")
    for row in _done(config, lambda db: db.transact(work)):
        table.add_row(*(str(row[key]) for key in ("id", "browser", "entry", "from", "last_at", "until")))
    out.print(table)


def _id(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError as error:
        raise typer.BadParameter("ожидается id сеанса из `posrednik user sessions ЛОГИН` или all") from error
