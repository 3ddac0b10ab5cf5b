"""`posrednik …`: every process starts here.

Exit codes: 0 done, 1 a check says no, 2 wrong use or settings, 3 no database.
"""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.progress import Progress
from rich.table import Column, Table

import posrednik.kit.starting  # noqa: F401 - first, before what is large
from posrednik import __version__, bootstrap, serving
from posrednik.cli_base import ConfigOption, err, out
from posrednik.cli_base import on_database as _on_database
from posrednik.cli_base import settings_of as _settings
from posrednik.cli_bitrix24 import bitrix24_app
from posrednik.cli_figures import figures_app
from posrednik.cli_kpi import baseline_app, kpi_app
from posrednik.cli_ledgers import ledgers_app
from posrednik.cli_load import load_app
from posrednik.cli_people import user_app
from posrednik.cli_pilot import pilot_app
from posrednik.cli_quarantine import quarantine_app
from posrednik.cli_reconcile import command as reconcile_command
from posrednik.cli_restored import command as restored_command
from posrednik.config import ConfigError
from posrednik.domain.errors import CourierInactive
from posrednik.domain.texts import text
from posrednik.kit import log
from posrednik.kit.postgres import PostgresError
from posrednik.store import migrate as migrations
from posrednik.store import replay as replays
from posrednik.store import tokens, views
from posrednik.store.db import Database, StoreError
from posrednik.usecases import manage_devices
from posrednik.usecases.let_in import NoSuchCourier, device_label

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Posrednik: between 1C, the shop and Bitrix24.")
token_app = typer.Typer(no_args_is_help=True, help="Tokens of bases, phones, people and feeds.")
app.add_typer(token_app, name="token")
courier_app = typer.Typer(no_args_is_help=True, help="Couriers: a code to enter with, and their phones.")
app.add_typer(courier_app, name="courier")
app.add_typer(pilot_app, name="pilot")
app.add_typer(bitrix24_app, name="bitrix24")
app.add_typer(user_app, name="user")
app.add_typer(figures_app, name="figures")
app.add_typer(ledgers_app, name="ledgers")
app.add_typer(kpi_app, name="kpi")
app.add_typer(baseline_app, name="baseline")
app.add_typer(load_app, name="load")
app.add_typer(quarantine_app, name="quarantine")


@app.command()
def serve(config: ConfigOption = None) -> None:
    """API, worker and pages by one command, on the embedded database unless [database] url is set."""
    asyncio.run(serving.serve(_settings(config), config))


@app.command()
def api(config: ConfigOption = None) -> None:
    """The API and the pages alone; any number of these on one database."""
    from posrednik.serving_api import run_api  # a command that only asks the database does not wait for a web server

    run_api(_settings(config), config)


@app.command()
def worker(config: ConfigOption = None) -> None:
    """A dispatch worker alone; any number of these on one database."""
    from posrednik.serving_worker import run_worker

    run_worker(_settings(config))


app.command("reconcile")(reconcile_command)
app.command("restored")(restored_command)


@app.command("demo")
def demo_command(
    data_dir: Annotated[Path, typer.Option(help="Where the demo keeps its data")] = Path("var/demo"),
    port: Annotated[int, typer.Option(help="First of four ports: service, sandbox, portal, shop")] = 8000,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget the data of earlier demos")] = False,
    lived: Annotated[bool, typer.Option("--lived", help="Play a day of work at once, as its start page does")] = False,
) -> None:
    """Everything on this machine with no outside system; prints one start page."""
    log.configure("warning")
    from posrednik import demo

    try:
        asyncio.run(demo.run(data_dir.resolve(), port, fresh=fresh, lived=lived, console=out))
    except demo.DemoError as error:
        err.print(f"[red]Демо не запустилось.[/] {error}")
        raise typer.Exit(1) from error


@app.command()
def migrate(config: ConfigOption = None) -> None:
    """Bring the database to the schema of this version."""
    settings = _settings(config)
    with serving.database_of(settings) as dsn:
        missing = migrations.pending(dsn)
        with Progress(console=err, transient=True) as progress:
            task = progress.add_task("миграции", total=missing)
            for name in migrations.steps(dsn):
                progress.advance(task)
                out.print(f"выполнена {name}")
    out.print("схема базы данных соответствует версии")


@app.command()
def status(config: ConfigOption = None) -> None:
    """What waits where, and why. Exit code 1 when something needs a person."""
    raise typer.Exit(1 if _on_database(_settings(config), _status) else 0)


async def _status(db: Database) -> bool:
    table = Table(Column("система", overflow="fold"), "состояние", "ждёт", "разобрать", "старейшее, с", "почему")
    trouble = False
    for row in await views.destinations(db):
        trouble |= bool(row.dead) or row.state == "disabled" or row.breaker != "closed"
        oldest = "" if row.oldest_s is None else f"{row.oldest_s:.0f}"
        state = row.state if row.breaker == "closed" else f"предохранитель: {row.breaker}"
        table.add_row(row.name, state, str(row.waiting), str(row.dead), oldest, row.why or row.breaker_why)
    out.print(table)
    figures = await views.figures(db)
    out.print(f"доставок на доске {figures.deliveries}, событий {figures.events}, в карантине {figures.quarantined}")
    return trouble or bool(figures.quarantined)


@app.command()
def replay(
    config: ConfigOption = None,
    destination: Annotated[str | None, typer.Option(help="Only of this destination")] = None,
    code: Annotated[str | None, typer.Option(help="Only dead letters with this code")] = None,
    since: Annotated[str | None, typer.Option(help="Only dead since this time, ISO 8601")] = None,
    lane: Annotated[int | None, typer.Option(help="One message: its lane …")] = None,
    seq: Annotated[int | None, typer.Option(help="… and its number in it")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this only the count is shown")] = False,
) -> None:
    """Send dead letters again, in the order of their lanes. Without --yes: a dry run with a count."""
    settings = _settings(config)
    wanted = replays.ReplayFilter(destination=destination, code=code, since=_time(since), lane_id=lane, seq=seq)

    with err.status("отправляем снова…" if yes else "считаем…"):
        done = _on_database(settings, lambda db: replays.replay(db, wanted, dry_run=not yes, who="командная строка"))
    out.print(f"подходит сообщений: {done.count}, отправлено снова: {done.replayed}")
    if not yes and done.count:
        out.print("это был пробный прогон; чтобы отправить, добавьте --yes")


@token_app.command("revoke")
def token_revoke(
    token_id: Annotated[UUID, typer.Argument(help="Its id, from `token list`")], config: ConfigOption = None
) -> None:
    """End a token; whoever uses it is refused within seconds."""
    if not _on_database(_settings(config), lambda db: db.transact(lambda tx: tokens.revoke(tx, token_id))):
        err.print("такого действующего токена нет")
        raise typer.Exit(1)
    out.print("токен отозван")


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter("ожидается время ISO 8601, например 2026-11-22T10:00:00+03:00") from error
    return moment if moment.tzinfo else moment.astimezone()


@token_app.command("add")
def token_add(
    config: ConfigOption = None,
    base: Annotated[str | None, typer.Option(help="Id of a 1C base")] = None,
    device: Annotated[str | None, typer.Option(help="A courier: his ref in 1C, or his exact name")] = None,
    person: Annotated[str | None, typer.Option(help="Name of a person")] = None,
    feed: Annotated[str | None, typer.Option(help="Name of a subscriber that reads the feed")] = None,
) -> None:
    """Make a token; it is shown once."""
    given = [(k, v) for k, v in (("base", base), ("device", device), ("person", person), ("feed", feed)) if v]
    if len(given) != 1:
        raise typer.BadParameter("нужно ровно одно из --base, --device, --person, --feed")
    settings = _settings(config)
    kind, owner = given[0]

    token = _on_database(settings, lambda db: bootstrap.make_token(db, kind, owner, owner))
    out.print(token, soft_wrap=True)


@token_app.command("list")
def token_list(config: ConfigOption = None) -> None:
    """All tokens, without their secrets."""
    table = Table("id", "вид", "чей", "создан", "отозван")
    for row in _on_database(_settings(config), tokens.listed):
        revoked = f"{row.revoked_at:%Y-%m-%d %H:%M}" if row.revoked_at else ""
        table.add_row(str(row.id), row.kind, row.owner, f"{row.created_at:%Y-%m-%d %H:%M}", revoked)
    out.print(table)


@courier_app.command("code")
def courier_code(
    courier: Annotated[str, typer.Argument(help="His ref in 1C, or his exact name")], config: ConfigOption = None
) -> None:
    """A code to enter with, once, within 10 minutes; his unused ones end."""
    settings = _settings(config)
    made = _on_database(settings, lambda db: bootstrap.make_login_code(db, courier))
    url = manage_devices.login_url(settings.server.url, made.text)
    out.print(f"{made.text[:4]}-{made.text[4:]}")
    out.print(f"до {made.expires_at.astimezone():%H:%M}, один раз: {url}", soft_wrap=True)
    out.print(manage_devices.qr_text(url), highlight=False)


@courier_app.command("devices")
def courier_devices(
    courier: Annotated[str | None, typer.Argument(help="His ref in 1C, or his exact name; without it all")] = None,
    config: ConfigOption = None,
) -> None:
    """Phones of couriers, last seen first; `token revoke` ends one by its token."""
    table = Table("курьер", "телефон", "вход", "не отправлено", "нет номеров", "был", "токен", "до")
    for known, phone in _on_database(_settings(config), lambda db: bootstrap.phones_of(db, courier)):
        until = "отозван" if phone.revoked else f"{phone.expires_at:%Y-%m-%d %H:%M}" if phone.expires_at else ""
        unsent = "?" if phone.unsent is None else str(phone.unsent)
        label = device_label(phone.agent) if phone.agent else phone.label
        table.add_row(known.name, label, phone.entry, unsent, str(phone.missing), f"{phone.last_at:%Y-%m-%d %H:%M}",
                      str(phone.token_id or ""), until)  # fmt: skip
    out.print(table)


@app.command()
def version() -> None:
    """The version."""
    out.print(__version__)


def main() -> None:
    try:
        app()
    except ConfigError as error:
        err.print(f"[red]Настройки не годятся.[/] {error}")
        raise SystemExit(2) from error
    except PostgresError as error:
        err.print(f"[red]База данных не запустилась.[/] {error}")
        raise SystemExit(3) from error
    except (StoreError, migrations.SchemaError) as error:
        err.print(f"[red]База данных не отвечает или не подходит.[/] {error}")
        raise SystemExit(3) from error
    except (manage_devices.NotOneCourier, NoSuchCourier, CourierInactive) as error:
        err.print(f"[red]Не сделано.[/] {_why_no_courier(error)}")
        raise SystemExit(1) from error
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _why_no_courier(error: Exception) -> str:
    match error:
        case manage_devices.NotOneCourier(refs=[_, *_] as refs):
            return f"Курьеров с таким именем несколько, назовите ссылку: {', '.join(refs)}"
        case CourierInactive():
            return text(error.code)
        case _:
            return "Такого курьера из 1С ещё не приходило; имя нужно полностью, как в 1С."


if __name__ == "__main__":
    main()
