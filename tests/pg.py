"""The PostgreSQL of a test run: one server per process, a migrated template, a copy of it per test."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from posrednik.kit.postgres import EmbeddedPostgres, NoBinaries

EXTERNAL = "POSREDNIK_TEST_DATABASE_URL"
PREFIX = "posrednik-tests-"
ROOM_BYTES = 1 << 30  # Docker gives /dev/shm 64 MB unless told otherwise
SMALL = {"max_connections": "100", "max_wal_size": "256MB", "log_min_duration_statement": "-1"}

DsnFor = Callable[[str], str]


class Databases:
    """Makes and drops databases of one server; `dsn_for` turns a database name into an address."""

    def __init__(self, dsn_for: DsnFor, admin: str) -> None:
        self._dsn_for = dsn_for
        self._admin = admin
        self._mark = f"t_{os.getpid()}"
        self._numbers = itertools.count(1)
        self._template: str | None = None

    @contextmanager
    def empty(self) -> Iterator[str]:
        """The DSN of a database with nothing in it, dropped afterwards."""
        name = self._new_name()
        self._run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield self._dsn_for(name)
        finally:
            self._drop(name)

    @contextmanager
    def migrated(self) -> Iterator[str]:
        """The DSN of a fresh database with our schema, dropped afterwards."""
        name = self._new_name()
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        self._run(copy.format(sql.Identifier(name), sql.Identifier(self._migrated_template())))
        try:
            yield self._dsn_for(name)
        finally:
            self._drop(name)

    def drop_template(self) -> None:
        if self._template is not None:
            self._drop(self._template)

    def _migrated_template(self) -> str:
        if self._template is None:
            from posrednik.store.migrate import migrate

            name = self._new_name()
            self._run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            try:
                migrate(self._dsn_for(name))
            except BaseException:
                self._drop(name)
                raise
            self._template = name
        return self._template

    def _new_name(self) -> str:
        return f"{self._mark}_{next(self._numbers)}"

    def _drop(self, name: str) -> None:
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._dsn_for(self._admin), autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def databases() -> Iterator[Databases]:
    """The external server of POSREDNIK_TEST_DATABASE_URL, else an embedded one in memory for this process."""
    if url := os.environ.get(EXTERNAL):
        made = Databases(lambda name: with_database(url, name), urlsplit(url).path.strip("/") or "postgres")
        try:
            yield made
        finally:
            made.drop_template()
        return
    with embedded() as server:
        yield Databases(server.dsn_for, "postgres")


@contextmanager
def embedded() -> Iterator[EmbeddedPostgres]:
    """A server without durability in memory, or on disk if the programs cannot be run from there."""
    remove_left_overs()
    for place in places():
        folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=place))
        try:
            server = EmbeddedPostgres(folder, SMALL, durable=False)
            try:
                server.start()
            except NoBinaries:
                if place == places()[-1]:
                    raise
                continue
            with server:
                yield server
            return
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def places() -> list[Path]:
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM_BYTES
    return [*([memory] if roomy else []), Path(tempfile.gettempdir())]


def remove_left_overs() -> None:
    """Folders of test runs that were killed: memory is not freed by itself."""
    for place in places():
        for folder in place.glob(f"{PREFIX}*"):
            if not _exists(int(folder.name.removeprefix(PREFIX).split("-")[0])):
                shutil.rmtree(folder, ignore_errors=True)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def with_database(url: str, name: str) -> str:
    parts = urlsplit(url)
    moved = urlunsplit(parts._replace(path=f"/{quote(name, safe='')}"))
    # urlunsplit drops the empty host of postgresql:///name?host=...
    return moved if parts.netloc else moved.replace(f"{parts.scheme}:/{name}", f"{parts.scheme}:///{name}", 1)
