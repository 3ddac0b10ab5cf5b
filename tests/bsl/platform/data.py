"""One session's connection to the base's file: 1C's transactions over SQLite's."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from tests.bsl.native import BslError

from posrednik_sandbox.onec.store import Store

CONFLICT = (
    "Конфликт блокировок при выполнении транзакции: превышено максимальное время ожидания предоставления блокировки"
)
DOOMED = "В данной транзакции уже происходили ошибки!"
WAIT_MS = 20_000
Row = sqlite3.Row
T = TypeVar("T")


class Data:
    """Nested transactions count; an error inside dooms the whole, as in 1C.

    given: a store whose transaction somebody else has begun and will end: ours are all nested in it.
    reach: told when a named point is passed, so that a test may kill the session there.
    """

    def __init__(
        self,
        path: Path,
        reach: Callable[[str], None],
        prepare: Callable[[sqlite3.Connection], None],
        *,
        given: Store | None = None,
        wait_ms: int = WAIT_MS,
    ) -> None:
        self.path, self.given, self.wait_ms, self._reach, self._prepare = path, given, wait_ms, reach, prepare
        if given is not None:
            prepare(given.db)
        self._own: Store | None = None
        self._outer = 0 if given is None else 1
        self.depth = self._outer
        self.broken = False
        # One attribute of one reference after another is asked for: a row is read once per state of the base.
        self.cache: dict[Any, Any] = {}

    @property
    def store(self) -> Store:
        if self.given is not None:
            return self.given
        if self._own is None:
            self._own = Store(self.path)
            self._own.db.execute(f"PRAGMA busy_timeout = {self.wait_ms}")
            # What is committed outlives the process; that it outlives the machine is not what tests are about.
            self._own.db.execute("PRAGMA synchronous = OFF")
            self._prepare(self._own.db)
        return self._own

    @property
    def in_transaction(self) -> bool:
        return self.depth > 0

    def begin(self) -> None:
        self._check()
        if self.depth == 0:
            self._execute("BEGIN IMMEDIATE")
        self.depth += 1
        self.cache.clear()

    def commit(self) -> None:
        if self.depth == self._outer:
            raise BslError("Транзакция не активна")
        if self.depth == 1 and self.broken:
            raise BslError(DOOMED)
        if self.depth == 1:
            self._reach("before-commit")
            self._execute("COMMIT")
            self.depth = 0
            self._reach("after-commit")
        else:
            self.depth -= 1

    def rollback(self) -> None:
        if self.depth == self._outer:
            raise BslError("Транзакция не активна")
        self.depth -= 1
        self.cache.clear()
        if self.depth:
            self.broken = True
            return
        self.broken = False
        self._execute("ROLLBACK")

    @contextmanager
    def write(self) -> Iterator[Store]:
        """The transaction that each write has of its own."""
        self.begin()
        try:
            yield self.store
        except BaseException:
            if self.depth > self._outer:
                self.rollback()
            raise
        try:
            self.commit()
        except BslError:
            self.rollback()
            raise

    def rows(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[Row]:
        self._check()
        return self._guarded(lambda: self.store.db.execute(sql, values).fetchall())

    def row(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> Row | None:
        found = self.rows(sql, values)
        return found[0] if found else None

    def execute(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Inside a transaction only. Returns how many rows were touched."""
        if not self.depth:
            raise AssertionError("a write without a transaction")
        self.cache.clear()
        return self._guarded(lambda: self.store.db.execute(sql, values).rowcount)

    def close(self) -> None:
        """As the death of the process: what is not committed is gone."""
        if self._own is not None:
            with suppress(sqlite3.Error):
                self._own.close()
        self._own, self.depth, self.broken = None, self._outer, False
        self.cache.clear()

    @property
    def state(self) -> tuple[int, int]:
        """Another one after each write, by this connection or another."""
        db = self.store.db
        return int(db.execute("PRAGMA data_version").fetchone()[0]), db.total_changes

    def end_of_call(self) -> None:
        """Inside somebody else's transaction an error must not pass unseen: he would commit the half."""
        if self.given is not None and self.broken:
            self.broken, self.depth = False, self._outer
            raise BslError(DOOMED)

    def _check(self) -> None:
        if self.broken:
            raise BslError(DOOMED)

    def _execute(self, sql: str) -> None:
        self._guarded(lambda: self.store.db.execute(sql))

    def _guarded(self, action: Callable[[], T]) -> T:
        try:
            return action()
        except sqlite3.OperationalError as error:
            if "locked" in str(error) or "busy" in str(error):
                self.broken = self.depth > 0
                raise BslError(CONFLICT) from error
            raise
