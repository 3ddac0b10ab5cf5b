"""`posrednik pilot …`: how divisions stand, switching them on, off and back, what would have been sent, the week."""

import getpass
from datetime import UTC, date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Column, Table

from posrednik.cli_base import ConfigOption, err, on_database, out, settings_of
from posrednik.config import Settings
from posrednik.division_file import DivisionFile
from posrednik.domain.errors import DomainError
from posrednik.domain.modes import MODES, TITLES
from posrednik.domain.pilot import Check, may_switch
from posrednik.domain.texts import text
from posrednik.domain.week import Week, markdown
from posrednik.store import audit, views
from posrednik.store import division as divisions
from posrednik.store.db import Database, Tx
from posrednik.usecases.division_settings import LiveRules, known
from posrednik.usecases.mark_trial import mark
from posrednik.usecases.ownership import telling
from posrednik.usecases.pilot import Look, look, stands, switch_checked
from posrednik.usecases.shadow import Period, report
from posrednik.usecases.switch_mode import Wanted, listed
from posrednik.usecases.week import send, week

pilot_app = typer.Typer(no_args_is_help=True, help="Modes of divisions: look, switch, go back, report.")
DivisionOption = Annotated[str, typer.Option("--division", "-d", help="Its ref in 1C, or its exact name")]
ReasonOption = Annotated[str, typer.Option("--reason", "-r", help="Why; it stays in the history")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask; without this the check list is shown first")]
ForceOption = Annotated[bool, typer.Option("--force", help="Although the check list says no; it is journalled")]
SIGNS = {"ok": "[green]✓[/]", "warn": "[yellow]![/]", "stop": "[red]✗[/]"}


def _live(settings: Settings, db: Database) -> LiveRules:
    file = DivisionFile(settings)
    return LiveRules(db, file, file.all())


def _who() -> str:
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # an account without a name, as containers have
        return "cli:"


async def _ref(db: Database, live: LiveRules, asked: str) -> str:
    """Raises BadParameter, which names what there is."""
    divisions = await known(db, live, None)
    found = [ref for ref in divisions.refs if asked.strip().lower() in (ref, divisions.names.get(ref, "").lower())]
    if len(found) != 1:
        names = ", ".join(f"{divisions.names.get(ref, '')} ({ref})" for ref in divisions.refs) or "ни одного"
        raise typer.BadParameter(f"нужно одно подразделение; есть: {names}")
    return found[0]


async def _zone(db: Database, live: LiveRules, ref: str | None) -> ZoneInfo:
    """As the pages have it: a division that was made by a page counts, too."""
    await live.refresh()
    return ZoneInfo(await views.office_zone(db, [ref] if ref else live.rules.divisions, every=not ref))


@pilot_app.command("status")
def status(config: ConfigOption = None) -> None:
    """How every division stands. Exit code 1 when the next step of one is not possible."""
    settings = settings_of(config)
    found = on_database(settings, lambda db: stands(db, _live(settings, db), None))
    table = Table("подразделение", "режим", "с", "кем", "курьеров", "пробных", Column("дальше", overflow="fold"))
    for one in found:
        stops = [check.told()["title"] for check in one.checks if check.state == "stop"]
        after = TITLES[one.next][0] if one.next != one.mode else ""
        since = f"{one.own.mode_at.astimezone():%Y-%m-%d %H:%M}" if one.own.mode_at else "файл"
        table.add_row(one.name, TITLES[one.mode][0], since, one.own.mode_by or "", str(len(one.own.pilot_couriers)),
                      str(len(one.trials)), f"{after}: мешает: {', '.join(stops)}" if stops else after)  # fmt: skip
    out.print(table)
    raise typer.Exit(0 if all(may_switch(one.checks) for one in found) else 1)


@pilot_app.command("switch")
def switch(
    division: DivisionOption, mode: Annotated[str, typer.Option("--mode", "-m", help=", ".join(MODES))],
    reason: ReasonOption, config: ConfigOption = None, yes: YesOption = False, force: ForceOption = False,
) -> None:  # fmt: skip
    """Switch a division. Prints the check list and what will happen first, and asks."""
    settings = settings_of(config)
    _switch(settings, division, Wanted(mode), reason, yes=yes, force=force)


@pilot_app.command("back")
def back(
    division: DivisionOption, reason: ReasonOption, config: ConfigOption = None, yes: YesOption = False
) -> None:  # fmt: skip
    """Back to the mode that the division had before its last switch."""
    settings = settings_of(config)
    before = on_database(settings, lambda db: _before(settings, db, division))
    if before is None:
        err.print("подразделение ещё не переключали, возвращать нечего")
        raise typer.Exit(1)
    _switch(settings, division, Wanted(before), reason, yes=yes, force=True)


async def _before(settings: Settings, db: Database, asked: str) -> str | None:
    return await divisions.mode_before(db, await _ref(db, _live(settings, db), asked))


@pilot_app.command("couriers")
def couriers(
    division: DivisionOption, reason: ReasonOption, config: ConfigOption = None, yes: YesOption = False,
    add: Annotated[list[str] | None, typer.Option(help="Ref of a courier; may be repeated")] = None,
    remove: Annotated[list[str] | None, typer.Option(help="Ref of a courier; may be repeated")] = None,
) -> None:  # fmt: skip
    """Who takes part in the pilot."""
    settings = settings_of(config)
    wanted = Wanted(None, listed(add or ()), listed(remove or ()))
    _switch(settings, division, wanted, reason, yes=yes, force=True)


@pilot_app.command("trial")
def trial(
    order: Annotated[str, typer.Option("--order", help="Its number, number on the site, or ref")],
    reason: ReasonOption, config: ConfigOption = None,
    off: Annotated[bool, typer.Option("--off", help="Take the mark away")] = False,
) -> None:  # fmt: skip
    """Mark an order as a trial one: to Bitrix24 and 1C with a mark, never to the site."""
    settings = settings_of(config)

    async def marked(db: Database) -> str:
        live, found = _live(settings, db), list(await views.orders_found(db, order.strip()))
        await live.refresh()

        async def work(tx: Tx) -> str:
            desk, ref = await mark(
                tx, found, order.strip(), trial=not off, rules=live.rules, who=_who(), reason=reason,
                now=datetime.now(UTC),
            )  # fmt: skip
            number = desk.orders[ref].number
            await audit.write(tx, _who(), "pilot.switch", number, {"trial": not off, "reason": reason})
            return number

        return await telling(db, db.transact(work), datetime.now(UTC))

    try:
        number = on_database(settings, marked)
    except DomainError as error:
        err.print(text(error.code, **error.data))
        raise typer.Exit(1) from error
    out.print(f"заказ {number}: {'больше не пробный' if off else 'пробный'}")


def _switch(settings: Settings, asked: str, wanted: Wanted, reason: str, *, yes: bool, force: bool) -> None:
    try:
        ref, seen = on_database(settings, lambda db: _look(settings, db, asked, wanted))
        _print(seen)
        if seen.plan.already:
            out.print("так и есть, делать нечего")
            return
        if not (seen.may or force):
            err.print("контрольный список не пройден; исправьте отмеченное или добавьте --force")
            raise typer.Exit(1)
        if not yes and not typer.confirm("Переключить?"):
            raise typer.Exit(1)
        done = on_database(settings, lambda db: _do(settings, db, ref, wanted, seen, reason, force))
    except DomainError as error:
        err.print(text(error.code, **error.data))
        raise typer.Exit(1) from error
    out.print(f"сделано: «{TITLES[done.plan.after.mode][0]}», версия {done.own.version}")


async def _look(settings: Settings, db: Database, asked: str, wanted: Wanted) -> tuple[str, Look]:
    live = _live(settings, db)
    ref = await _ref(db, live, asked)
    return ref, await look(db, live, ref, wanted)


async def _do(
    settings: Settings, db: Database, ref: str, wanted: Wanted, seen: Look, reason: str, force: bool
) -> Look:  # fmt: skip
    """Only what was shown: somebody else's change in between is a refusal."""
    live, who = _live(settings, db), _who()

    async def work(tx: Tx) -> Look:
        done, before = await switch_checked(
            tx, live, ref, wanted, version=seen.own.version, who=who, reason=reason, now=datetime.now(UTC), force=force
        )
        told = {"mode": done.plan.after.mode, "reason": reason, "force": force, "counts": done.plan.counts}
        await audit.write(tx, who, "pilot.switch", ref, told)
        return Look(done.own, done.plan, before.checks)

    return await db.transact(work)


def _print(seen: Look) -> None:
    plan, n = seen.plan, seen.plan.counts
    out.print(f"«{TITLES[plan.before.mode][0]}» → «{TITLES[plan.after.mode][0]}»")
    for check in seen.checks:
        out.print(_line(check))
    out.print(
        f"будет: состояний в Битрикс24 {n['tell']}, дорожек отпущено {n['release']}, удержано {n['hold']}, "
        f"доставок войдёт в пилот {n['join']}"
    )


def _line(check: Check) -> str:
    told = check.told()
    return f"{SIGNS[check.state]} {told['title']}: {told['text']}"


@pilot_app.command("shadow")
def shadow(
    config: ConfigOption = None,
    days: Annotated[int, typer.Option(min=1, max=92, help="So many days, today included")] = 7,
    division: Annotated[str | None, typer.Option("--division", "-d", help="Only of this one")] = None,
) -> None:
    """What would have been sent, by kind of event and system."""
    settings = settings_of(config)

    async def found(db: Database) -> Table:
        live = _live(settings, db)
        ref = await _ref(db, live, division) if division else None
        zone = await _zone(db, live, ref)
        today = datetime.now(zone).date()
        period = Period.of(date.fromordinal(today.toordinal() - days + 1), today, zone)
        table = Table("событие", "система", "действие", Column("сообщений", justify="right"), "последнее")
        for kind in await report(db, period, [ref] if ref else None, 0):
            row = kind.row
            table.add_row(row.type, row.destination, row.method, str(row.n), f"{row.last_at.astimezone():%d.%m %H:%M}")
        return table

    out.print(on_database(settings, found))


async def _send(tx: Tx, settings: Settings, found: Week, ref: str | None) -> None:
    await send(tx, found, settings.bitrix24.status_chat, ref or "all", _who())
    await audit.write(tx, _who(), "pilot.switch", "week", {"division": ref, "last": found.last.isoformat()})


@pilot_app.command("week")
def week_command(
    config: ConfigOption = None,
    division: Annotated[str | None, typer.Option("--division", "-d", help="Only of this one")] = None,
    to: Annotated[str | None, typer.Option(help="The day it ends with, YYYY-MM-DD; today without it")] = None,
    send_it: Annotated[bool, typer.Option("--send", help="Into [bitrix24] status_chat too")] = False,
) -> None:
    """The weekly status by facts, as Markdown."""
    settings = settings_of(config)

    async def told(db: Database) -> str:
        live = _live(settings, db)
        ref = await _ref(db, live, division) if division else None
        zone = await _zone(db, live, ref)
        last = date.fromisoformat(to) if to else datetime.now(zone).date()
        found = await week(db, live, ref=ref, mine=None, last=last, zone=zone)
        if send_it:
            await db.transact(lambda tx: _send(tx, settings, found, ref))
        return markdown(found)

    try:
        out.print(on_database(settings, told), soft_wrap=True, markup=False, highlight=False)
    except DomainError as error:
        err.print(text(error.code, **error.data))
        raise typer.Exit(1) from error
    except ValueError as error:
        raise typer.BadParameter("ожидается день, например 2026-11-22") from error
