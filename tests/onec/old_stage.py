"""What the tests of the old 1C share: a base that has sent everything once, copied for each test."""

from __future__ import annotations

import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bsl.platform import extra_ut103
from tests.bsl.platform.infobase import Infobase
from tests.onec.extension import ACK, BASE, COMMANDS, MESSAGES, OUTGOING, Asked, Clock, Json, Said
from tests.onec.old_base import OldService, Processing, old_base

from posrednik_sandbox.onec.base import Onec
from posrednik_sandbox.onec.store import Store

ORDERS = 3
CONNECTION = 'Srvr="SRV-1C";Ref="trade";'


def fill(path: Path) -> None:
    """A base of УТ 10.3 with goods, people and a few orders."""
    made = Onec(path, "http://127.0.0.1:1", BASE, "", lambda *a, **k: None, profile="ut103", encoding="xml")
    made.prepare(7, ORDERS)
    made.store.close()


@dataclass
class Stage:
    """One base with its processing, and the service it speaks to."""

    path: Path
    base: Infobase
    clock: Clock
    service: OldService
    app: Processing

    @property
    def messages(self) -> list[Asked]:
        return self.service.of(MESSAGES)

    def objects(self, since: int = 0) -> list[Json]:
        """Objects of the messages from the `since`-th on, as they were sent."""
        return [one for asked in self.messages[since:] for one in asked.body.get("objects") or []]

    def refs(self, kind: str) -> list[str]:
        return [ref for (ref,) in self.rows("SELECT ref FROM object WHERE kind = ? AND deleted < 2 ORDER BY ref", kind)]

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.path) as db:
            return db.execute(sql, values).fetchall()

    def items(self, table: str) -> list[tuple[str, Any]]:
        return extra_ut103.items(self.base, table)

    def state(self) -> Json:
        return self.app.get("Состояние")  # type: ignore[no-any-return]

    def edit(self, kind: str, ref: str, **changes: Any) -> None:
        """A person writes an object; nothing notices it."""
        store = Store(self.path)
        with store.tx():
            found = store.object(kind, ref)
            assert found is not None
            marks = {name: bool(changes.pop(name, found[name])) for name in ("deleted", "posted")}
            store.put(kind, ref, found["data"] | changes, **marks)
        store.close()

    def remove(self, kind: str, ref: str) -> None:
        store = Store(self.path)
        with store.tx():
            store.remove(kind, ref)
        store.close()

    def another(self) -> Processing:
        """The same base in another session, as a second window."""
        return Processing(self.base, "Кравцова А. П.")

    def give(self, *events: Json) -> str:
        """The next question for events gets these. Returns the id of the batch."""
        batch = str(uuid.uuid4())
        self.service.then(OUTGOING, Said(body={"batch": batch, "events": list(events)}))
        return batch

    def take(self, *events: Json) -> Json:
        """Let the base take these events; what it acknowledged."""
        self.give(*events)
        self.app.call("ШагПриема")
        return self.service.of(ACK)[-1].body


def event(type_: str, data: Json, number: int = 1, **more: Any) -> Json:
    """An event as the service gives it. more: subject, order, version, id, division."""
    kind, _, _ = type_.partition(".")
    subject = {"kind": kind, "id": more.pop("subject", str(uuid.uuid4()))}
    if order := more.pop("order", None):
        subject |= {"order_ref": order, "order_number": "000-1"}
    return {
        "id": str(uuid.uuid4()), "number": number, "type": type_, "subject": subject, "version": 1,
        "occurred_at": "2026-11-23T09:00:00Z", "trial": False, "data": data, **more,
    }  # fmt: skip


@contextmanager
def staged(path: Path, base: Infobase | None = None, **options: Any) -> Iterator[Stage]:
    """path: the base's file, which must be there. base: of an earlier stage on this path. options: of the settings."""
    service, clock = OldService(), Clock()
    base = base or new_base(path)
    base.clock = clock
    app = Processing(base)
    app.set_up(service.url, **options)
    try:
        yield Stage(path, base, clock, service, app)
    finally:
        app.close()
        service.close()
        base.log.clear()
        base.http_faults.clear()
        base.locked.clear()
        base.connection, base.control_stock = CONNECTION, False


def new_base(path: Path, dump: Path | None = None) -> Infobase:
    """Its modules are compiled once; compiling takes longer than a test. dump: of what was added to УТ 10.3."""
    empty = path.with_name("no-dump")
    empty.mkdir(exist_ok=True)
    return old_base(path, dump or empty, connection=CONNECTION)


def loaded(folder: Path) -> Path:
    """A base that has told everything: where it lies, with the service's side beside it (`epoch`, `number`)."""
    path = folder / "loaded.sqlite3"
    fill(path)
    with staged(path, СтрокХешировать=0) as stage:
        stage.app.send()
        stage.app.session.platform.data.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        (folder / "epoch").write_text(str(stage.service.epoch))
        (folder / "number").write_text(str(stage.service.last_accepted))
    return path


@contextmanager
def copied(source: Path, base: Infobase) -> Iterator[Stage]:
    """The file of `base` becomes a copy of the loaded one, and a service has what that has sent."""
    for old in base.path.parent.glob(f"{base.path.name}*"):
        old.unlink()
    shutil.copy(source, base.path)
    with staged(base.path, base, СтрокХешировать=0) as stage:
        stage.service.epoch = source.with_name("epoch").read_text()
        stage.service.last_accepted = int(source.with_name("number").read_text())
        yield stage


__all__ = [
    "ACK", "COMMANDS", "MESSAGES", "OUTGOING", "Said", "Stage", "copied", "event", "fill", "loaded", "new_base",
    "staged",
]  # fmt: skip
