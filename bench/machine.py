"""The server, databases and child processes of a run, and what they cost. Nothing stays behind."""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psycopg
from psycopg import sql

from posrednik.kit.parent import die_with_parent
from posrednik.kit.postgres import EmbeddedPostgres
from posrednik.store import migrate

ROOT = Path(__file__).resolve().parents[1]
TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
STOP_S = 15.0


class Place:
    """One embedded PostgreSQL with the product's own durable settings, and a folder for logs and configurations."""

    def __init__(self, folder: Path, server: EmbeddedPostgres) -> None:
        self.folder, self.server = folder, server
        self._template = False

    @contextlib.contextmanager
    def empty(self, name: str) -> Iterator[str]:
        """The DSN of a new database, dropped afterwards."""
        with self._made(name, "template1") as dsn:
            yield dsn

    @contextlib.contextmanager
    def migrated(self, name: str) -> Iterator[str]:
        """The DSN of a new database with our schema, dropped afterwards."""
        if not self._template:
            self._run(sql.SQL("CREATE DATABASE ours_template"))
            migrate.migrate(self.server.dsn_for("ours_template"))
            self._template = True
        with self._made(name, "ours_template") as dsn:
            yield dsn

    @contextlib.contextmanager
    def _made(self, name: str, template: str) -> Iterator[str]:
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._run(create.format(sql.Identifier(name), sql.Identifier(template)))
        try:
            yield self.server.dsn_for(name)
        finally:
            self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def checkpoint(self) -> None:
        """Start every timed run with the same duty towards the disk."""
        self._run(sql.SQL("CHECKPOINT"))

    def _run(self, statement: sql.Composed | sql.SQL) -> None:
        with psycopg.connect(self.server.dsn_for("postgres"), autocommit=True) as connection:
            connection.execute(statement)


@contextlib.contextmanager
def place() -> Iterator[Place]:
    """A server on the disk (fsync on), in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="posrednik-bench-") as folder:
        path = Path(folder)
        path.chmod(0o755)
        with EmbeddedPostgres(path / "postgres") as server:
            yield Place(path, server)


class Child:
    """A process of the run: `python -m MODULE ARGS`. What it says on stdout is read by `line`; quiet: it goes to the
    log file, with the rest."""

    def __init__(
        self, module: str, args: Sequence[str], log: Path, env: Mapping[str, str] | None = None, quiet: bool = False
    ) -> None:
        self._log = log.open("ab")
        self._name = module
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *args], cwd=ROOT, env={**os.environ, **(env or {})}, stdin=subprocess.PIPE,
            stdout=self._log if quiet else subprocess.PIPE, stderr=self._log, preexec_fn=die_with_parent,
        )  # fmt: skip

    def line(self) -> str:
        """The next line it says. Raises RuntimeError when it ended instead."""
        assert self.process.stdout is not None
        said = self.process.stdout.readline().decode().strip()
        if not said:
            raise RuntimeError(f"{self._name} ended: {self.tail()}")
        return said

    def check(self) -> None:
        """Raises RuntimeError when it has ended."""
        if self.process.poll() is not None:
            raise RuntimeError(f"{self._name} ended: {self.tail()}")

    def tail(self) -> str:
        """The end of its log."""
        return Path(self._log.name).read_text("utf-8")[-2000:]

    def say(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()

    def stop(self) -> None:
        """SIGTERM, then SIGKILL to who does not hear it."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self._log):
            if stream is not None:
                stream.close()


@contextlib.contextmanager
def child(
    module: str, *args: str, log: Path, env: Mapping[str, str] | None = None, quiet: bool = False
) -> Iterator[Child]:
    started = Child(module, args, log, env, quiet)
    try:
        yield started
    finally:
        started.stop()


def cpu_s(pid: int | None) -> float:
    """CPU seconds of a process and all its children, living and ended; 0 where there is no /proc."""
    if pid is None or not Path(f"/proc/{pid}/stat").exists():
        return 0.0
    own = _ticks(pid, ended_too=True)
    return (own + sum(_ticks(child, ended_too=False) for child in children(pid))) / TICK


def _ticks(pid: int, *, ended_too: bool) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(int(field) for field in fields[11 : 15 if ended_too else 13])


def children(pid: int) -> list[int]:
    """Ids of a process's children."""
    try:
        return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def memory_mb(pid: int, field: str = "VmRSS") -> float:
    """Resident memory of a process and its children: now, or with "VmHWM" the most it was; 0 without a /proc."""
    return sum(_kb(one, f"{field}:") for one in [pid, *children(pid)]) / 1024


def _kb(pid: int, field: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(field)), 0)
