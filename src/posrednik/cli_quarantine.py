"""`posrednik quarantine …`: what could not be applied, tried again, and what values of a base mean here."""

import getpass
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, TypeVar
from uuid import UUID

import msgspec
import typer
from rich.markup import escape
from rich.table import Column, Table

from posrednik.bootstrap import rules_of
from posrednik.cli_base import ConfigOption, err, on_database, out, settings_of
from posrednik.division_file import DivisionFile
from posrednik.domain.errors import DomainError
from posrednik.domain.texts import text
from posrednik.intake.quarantine import Again, meaning
from posrednik.store import audit, views
from posrednik.store.db import Database, Tx
from posrednik.usecases.division_settings import LiveRules
from posrednik.usecases.fit_for_audit import readable
from posrednik.usecases.map_values import Asked, Mapped, map_value, unmap_value, would_map
from posrednik.usecases.order_facts import Rules
from posrednik.usecases.replay_quarantine import MOST, Tried, Wanted, replay_quarantine, would_replay

quarantine_app = typer.Typer(no_args_is_help=True, help="What could not be applied, and maps that set it right.")
T = TypeVar("T")
MOST_SHOWN = 20
BECAME = {"applied": "применено", "unchanged": "уже такой", "stale": "есть версия новее",
          "waiting": "ждёт того, на что ссылается", "bad": "не читается"}  # fmt: skip
BaseOption = Annotated[UUID | None, typer.Option(help="Only of this base, by its id")]
KindOption = Annotated[str | None, typer.Option(help="Only of this kind, as `order`")]
CodeOption = Annotated[str | None, typer.Option(help="Only with this code, as `unreadable_value`")]
FieldOption = Annotated[str | None, typer.Option(help="Only where this field cannot be read, as `lines.product`")]
ValueOption = Annotated[str | None, typer.Option(help="Only with this value of it")]
DryOption = Annotated[bool, typer.Option("--dry-run", help="Only say what would become of each")]


@quarantine_app.command("list")
def listing(
    base: BaseOption = None, kind: KindOption = None, code: CodeOption = None, field: FieldOption = None,
    value: ValueOption = None, objects: Annotated[bool, typer.Option("--objects", help="Each object")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50, config: ConfigOption = None,
) -> None:  # fmt: skip
    """Why things lie in quarantine, the most frequent reason first. Exit code 1: there is something."""
    settings = settings_of(config)
    if objects or kind or code or field or value is not None:
        rows = on_database(settings, lambda db: views.quarantine(
            db, limit, base=base, kind=kind, code=code, field=field, value=value
        ))  # fmt: skip
        _table(("номер", "база", "вид", "ссылка", "почему"), [(r.id, r.base, r.kind, r.ref, r.message) for r in rows])
    else:
        rows = on_database(settings, lambda db: views.quarantine_reasons(db, limit, base))
        _table(("сколько", "база", "вид", "поле", "значение", "почему"), [
            (r.n, r.base, r.kind, r.field or "", "пусто" if r.value == "" else r.value or "", r.message) for r in rows
        ])  # fmt: skip
    if not rows:
        out.print("карантин пуст")
    raise typer.Exit(1 if rows else 0)


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    table = Table(*(Column(name, overflow="fold") for name in columns))
    for row in rows:
        table.add_row(*(escape(str(cell)) for cell in row))
    if rows:
        out.print(table)


@quarantine_app.command()
def show(
    number: Annotated[int, typer.Argument(help="Of `quarantine list --objects`")], config: ConfigOption = None
) -> None:
    """One object as it came; phone numbers and secrets are masked."""
    rows = on_database(settings_of(config), lambda db: views.quarantine(db, 1, id=number))
    if not rows:
        err.print("такого объекта в карантине нет")
        raise typer.Exit(1)
    row = rows[0]
    out.print(f"{row.base}: {row.kind} {row.ref}, {row.code}: {row.message}", markup=False)
    raw = readable(bytes(row.body))
    shown = raw if isinstance(raw, str) else msgspec.json.format(msgspec.json.encode(raw)).decode()
    out.print(shown, markup=False, soft_wrap=True)


@quarantine_app.command()
def replay(
    number: Annotated[list[int] | None, typer.Option("--id", help="This object; may be repeated")] = None,
    base: BaseOption = None, kind: KindOption = None, code: CodeOption = None, field: FieldOption = None,
    value: ValueOption = None, everything: Annotated[bool, typer.Option("--all", help="All there is")] = False,
    dry_run: DryOption = False, config: ConfigOption = None,
) -> None:  # fmt: skip
    """Read and apply again; newer versions stay. Exit code 1: something still cannot be read."""
    wanted = Wanted(number or None, base, kind, code, field, value)
    if wanted == Wanted() and not everything:
        raise typer.BadParameter("назовите, что применить: --id, --base, --kind, --code, --field, --value или --all")

    async def work(db: Database, rules: Rules, now: datetime) -> list[Tried]:
        if dry_run:
            return await would_replay(db, wanted, Again, rules, _who(), now)
        return await db.transact(lambda tx: _replayed(tx, wanted, rules, now))

    tried = _done(config, work)
    _tell(tried, dry_run=dry_run)
    raise typer.Exit(1 if any(one.became == "bad" for one in tried) else 0)


async def _replayed(tx: Tx, wanted: Wanted, rules: Rules, now: datetime) -> list[Tried]:
    tried = await replay_quarantine(tx, wanted, Again, rules, _who(), now)
    said = {name: str(told) for name in Wanted.__slots__ if (told := getattr(wanted, name)) is not None}
    await audit.write(tx, _who(), "exchange.replay", str(wanted.base or ""), said)
    return tried


@quarantine_app.command("map")
def add_map(
    base: Annotated[UUID, typer.Option(help="The base, by its id")],
    kind: Annotated[str, typer.Option(help="Of objects, as `order`")],
    field: Annotated[str, typer.Option(help="Its path, as `division` or `lines.product`")],
    theirs: Annotated[str, typer.Option(help="What the base writes; empty = nothing")],
    ours: Annotated[str, typer.Option(help="What it means here")],
    dry_run: DryOption = False, config: ConfigOption = None,
) -> None:  # fmt: skip
    """A value of a base means another one here; what could not be applied because of it is applied."""
    asked = Asked(base, kind, field, theirs, ours)

    async def work(db: Database, rules: Rules, now: datetime) -> Mapped:
        if dry_run:
            return await would_map(db, asked, meaning, Again, rules, _who(), now)
        return await db.transact(lambda tx: _mapped(tx, asked, rules, now))

    one = _done(config, work)
    _tell(one.tried, dry_run=dry_run)
    if one.waited:
        out.print(f"ждавших объектов прочитано заново: {len(one.waited)}")


async def _mapped(tx: Tx, asked: Asked, rules: Rules, now: datetime) -> Mapped:
    one = await map_value(tx, asked, meaning, Again, rules, _who(), now)
    said = {"kind": asked.kind, "field": asked.field, "theirs": asked.theirs, "ours": asked.ours}
    await audit.write(tx, _who(), "exchange.map", str(asked.base), said)
    return one


@quarantine_app.command()
def maps(base: BaseOption = None, config: ConfigOption = None) -> None:
    """What values of the bases mean here."""
    rows = on_database(settings_of(config), lambda db: views.value_maps(db, base))
    _table(("номер", "база", "поле", "в 1С", "значит", "кто", "когда"), [
        (r.id, r.base, f"{r.kind}.{r.field}", r.theirs or "пусто", f"{r.ours} {r.ours_name or ''}", r.made_by,
         f"{r.made_at.astimezone():%Y-%m-%d %H:%M}")
        for r in rows
    ])  # fmt: skip
    if not rows:
        out.print("сопоставлений нет")


@quarantine_app.command()
def unmap(number: Annotated[int, typer.Argument(help="Of `quarantine maps`")], config: ConfigOption = None) -> None:
    """A value means itself again; what was applied by its map stays."""

    async def work(tx: Tx) -> bool:
        gone = await unmap_value(tx, number, _who())
        if gone is not None:
            await audit.write(tx, _who(), "exchange.unmap", gone["base"], gone)
        return gone is not None

    if not on_database(settings_of(config), lambda db: db.transact(work)):
        err.print("такого сопоставления нет")
        raise typer.Exit(1)
    out.print("сопоставление убрано")


def _done(config: str | None, work: Callable[[Database, Rules, datetime], Awaitable[T]]) -> T:
    """What `work` gives, under the rules of this moment; what it says no to is told in a sentence, exit code 1."""
    settings = settings_of(config)

    async def run(db: Database) -> T:
        live = LiveRules(db, DivisionFile(settings), rules_of(settings))
        await live.refresh()
        return await work(db, live.rules, datetime.now(UTC))

    try:
        return on_database(settings, run)
    except DomainError as error:
        err.print(f"[red]Не сделано.[/] {escape(text(error.code, **error.data))}")
    raise typer.Exit(1)


def _tell(tried: Sequence[Tried], *, dry_run: bool) -> None:
    good = sum(one.became != "bad" for one in tried)
    out.print(f"{'можно применить' if dry_run else 'применено'}: {good}, не читается: {len(tried) - good}")
    for one in tried[:MOST_SHOWN]:
        out.print(f"  {one.kind} {one.ref}: {BECAME[one.became]} {one.message}".rstrip(), markup=False)
    if len(tried) >= MOST:
        out.print(f"за раз не больше {MOST}: повторите для остальных")


def _who() -> str:
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # an account without a name, as containers have
        return "cli:"
