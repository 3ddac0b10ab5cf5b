"""One base of 1C for the interpreter: the sandbox's file, the extension's metadata and modules, its sessions."""

from __future__ import annotations

import contextlib
import socket
import sqlite3
import threading
import weakref
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.bsl.native import BslError, KilledHere, Native, Ref
from tests.bsl.platform import additional, configuration, dump, sqlite_functions, tables
from tests.bsl.platform import context as platform_context
from tests.bsl.platform.data import WAIT_MS, Data
from tests.bsl.platform.events import Subscribers
from tests.bsl.platform.http import Fault, Sent
from tests.bsl.platform.http_service import served
from tests.bsl.platform.jobs import Jobs
from tests.bsl.platform.metadata import Metadata
from tests.bsl.platform.platform import BaseSession, Platform
from tests.bsl.platform.query_sql import Step
from tests.bsl.runtime import Runtime

from posrednik_sandbox.onec.store import Store

EXTENSION = Path(__file__).resolve().parents[3] / "onec" / "extension"


class Infobase:
    """store_path: the sandbox's file; profile: ut11 or ut103. clock: gives UTC. offset_h: of the base's local time.

    modules: more modules by name, or others in place of the dump's. bsp: whether the configuration has БСП.
    wait_ms: how long a session waits for another one's transaction.
    """

    def __init__(
        self,
        store_path: Path,
        profile: str = "ut11",
        dump_folder: Path = EXTENSION,
        *,
        clock: Callable[[], datetime] | None = None,
        connection: str = 'File="C:\\Bases\\Trade";',
        offset_h: float = 3,
        modules: Mapping[str, str | Path] | None = None,
        bsp: bool = True,
        features: str = "8.3",
        wait_ms: int = WAIT_MS,
        library: Sequence[ModuleType] = (),
    ) -> None:
        self.path, self.connection, self.offset = store_path, connection, timedelta(hours=offset_h)
        self.clock = clock or (lambda: datetime.now(UTC))
        self._load(dump_folder, profile, features, bsp=bsp, more=modules or {}, library=library)
        self._begin()
        self.wait_ms = wait_ms
        self._prepare_file()

    def _load(
        self, folder: Path, profile: str, features: str, *, bsp: bool, more: Mapping[str, str | Path],
        library: Sequence[ModuleType],
    ) -> None:  # fmt: skip
        """The configuration with the extension in it, compiled."""
        self.dump = dump.read(folder)
        self.configuration = configuration.configuration(profile)
        if bsp and profile == "ut11":
            additional.extend(self.configuration)
        self.tables = tables.tables(self.configuration, self.dump)
        server = {one.name: one.path for one in self.dump.modules.values() if one.server}
        services = {f"HTTPСервис.{one.name}.Модуль": one.path for one in self.dump.services if one.path.exists()}
        self.modules: dict[str, str | Path] = {**server, **services, **more}
        self.privileged = {name.lower() for name, one in self.dump.modules.items() if one.privileged}
        self.reused = {name.lower() for name, one in self.dump.modules.items() if one.reuse}
        globals_ = [*platform_context.modules(bsp=bsp), *library]
        self.runtime = Runtime(globals_, self.modules, features)
        common = dict.fromkeys([*self.dump.modules, *(name for name in self.modules if "." not in name)])
        self.metadata = Metadata(
            self.configuration, self.dump, self.tables, [*common, *(platform_context.BSP_MODULES if bsp else ())]
        )
        self.subscribers = Subscribers(self.dump.subscriptions)

    def _begin(self) -> None:
        """What a test may change of the base, and what is kept while it runs."""
        self.control_stock = False
        # Whether БСП has blocked work with external resources (a copied base).
        self.external_blocked = False
        self.locked: set[tuple[str, str]] = set()
        self.log: list[Mapping[str, Any]] = []
        # Rights by role: («Изменение», full name of the metadata).
        self.rights: dict[str, AbstractSet[tuple[str, str]]] = dict(self.dump.rights)
        self.constants: dict[str, Any] = {"ЗаголовокСистемы": "Торговля"}
        self.functional_options: dict[str, bool] = {}
        self._sessions: weakref.WeakSet[BaseSession] = weakref.WeakSet()
        self.http_faults: list[Fault] = []
        self.http_sent: deque[Sent] = deque(maxlen=1000)
        self.http_open: set[HTTPConnection] = set()
        self.power = True
        self.jobs = Jobs(self)
        self.jobs_used: dict[str, bool] = {}
        self.words: dict[tuple[str, str], Any] = {}
        self.queries: dict[str, list[Step]] = {}
        self._kill: dict[str, int] = {}
        self._guard = threading.Lock()
        self._fired: dict[tuple[int, str], BaseSession] = {}

    # -- sessions

    def session(self, user: str = "Обмен", roles: Sequence[str] | None = None) -> BaseSession:
        """A session with a connection of its own, opened in the thread that first uses it. roles: None = all rights."""
        data = Data(self.path, self.reach, sqlite_functions.register, wait_ms=self.wait_ms)
        made = BaseSession(self.runtime, Platform(self, data, user, roles))
        self._sessions.add(made)
        return made

    @property
    def working(self) -> list[BaseSession]:
        """The sessions that are running something now."""
        return [one for one in list(self._sessions) if one.works]

    def refresh_reused(self) -> None:
        """What modules with reused return values have kept is asked for again, in every session."""
        for one in (*self._sessions, *self._fired.values()):
            one.platform.reused.clear()

    def fire(
        self,
        kind: str,
        ref: str,
        store: Store,
        *,
        event: str = "OnWrite",
        user: str = "Менеджер",
        loading: bool = False,
    ) -> None:
        """Tell the extension of a write that the sandbox's Python has made in the open transaction of `store`.

        kind, ref: of the sandbox's object, as it is now. event: OnWrite, BeforeDelete. loading: the writer has set
        ОбменДанными.Загрузка. What the handlers write is in the same transaction. Raises BslError where a handler does.
        """
        from tests.bsl.platform.sources import source_of

        session = self.inside(store, user)
        with session.entered():
            source = source_of(session.platform, kind, ref)
            if source is not None:
                source.exchange.loading = loading
                replacing = (True,) if source.cls.startswith("Регистр") else ()
                self.subscribers.tell(session, source, event, *replacing)

    def inside(self, store: Store, user: str = "Менеджер") -> BaseSession:
        """A session that works in the open transaction of `store`, which the caller begins and ends. Kept per store."""
        key = (id(store), user)
        if key not in self._fired:
            data = Data(self.path, self.reach, sqlite_functions.register, given=store)
            self._fired[key] = BaseSession(self.runtime, Platform(self, data, user, None))
        return self._fired[key]

    def serve(
        self,
        verb: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes = b"",
        *,
        user: str = "Посредник",
        roles: Sequence[str] | None = None,
    ) -> tuple[int, dict[str, str], bytes]:
        """Call an HTTP service. path: `/base/hs/kd/v1/events?…`, or from the root URL on.

        Returns status, headers, body.
        """
        return served(self, (verb, path), headers, body, user, roles)

    # -- faults

    def kill_at(self, point: str, times: int = 1) -> None:
        """The `times`-th session that reaches the point dies there. Points: before-commit, after-commit, before-send,
        after-send, and what a module names by the function of tests `ТестоваяТочка`.
        """
        with self._guard:
            self._kill[point] = times

    def reach(self, point: str) -> None:
        with self._guard:
            left = self._kill.get(point)
            if left is None:
                return
            self._kill[point] = left - 1
            if left > 1:
                return
            del self._kill[point]
        raise KilledHere(point)

    def fault(self, kind: str, part: str = "", times: int = 1, **more: Any) -> None:
        """The next `times` requests to paths with `part` go wrong; kinds and options are those of http.Fault."""
        with self._guard:
            self.http_faults.append(Fault(kind, part, times, **more))

    def take_fault(self, path: str) -> Fault | None:
        with self._guard:
            found = next((one for one in self.http_faults if one.part in path), None)
            if found is not None:
                found.times -= 1
                if found.times <= 0:
                    self.http_faults.remove(found)
            return found

    def cut_power(self) -> None:
        """Sessions that wait for an answer die where they are, as with their server. `power` = True: it is back."""
        self.power = False
        for one in list(self.http_open):
            if one.sock is not None:
                with contextlib.suppress(OSError):
                    one.sock.shutdown(socket.SHUT_RDWR)

    def note_sent(self, sent: Sent) -> None:
        self.http_sent.append(sent)

    def lock(self, full: str, ref: str) -> None:
        """As if a person had the object open: it cannot be locked until `unlock`, but it can be written. Of a register:
        as if another transaction held the rows with this value in their key."""
        self.locked.add((full.lower(), ref))

    def unlock(self, full: str, ref: str) -> None:
        self.locked.discard((full.lower(), ref))

    # -- the rest

    @property
    def now(self) -> datetime:
        """UTC without a zone."""
        return self.clock().astimezone(UTC).replace(tzinfo=None)

    @property
    def local_now(self) -> datetime:
        return (self.now + self.offset).replace(microsecond=0)

    def number_of(self, thing: Any) -> int:
        return list(self.configuration.things).index(thing.full.lower()) + 1

    def store_value(self, value: Any) -> str | None:
        """A ХранилищеЗначения's text, None for another type."""
        return platform_context.stored_text(value)

    def stored(self, text: str) -> Native:
        return platform_context.stored_value(text)

    def rows(self, register: str, order: str = "1") -> list[dict[str, Any]]:
        """All records of an own register, for tests."""
        db = sqlite3.connect(self.path)
        db.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in db.execute(f'SELECT * FROM "рс_{register}" ORDER BY {order}')]
        finally:
            db.close()

    def _prepare_file(self) -> None:
        store = Store(self.path)
        try:
            with store.tx():
                for register in self.dump.registers.values():
                    for sql in tables.create(register):
                        store.db.execute(sql)
        finally:
            store.close()


__all__ = ["EXTENSION", "BslError", "Infobase", "KilledHere", "Ref"]
