"""The whole system as real processes: sandbox, embedded PostgreSQL, API and workers, to be killed and started again.

Processes are kept alive as a service manager does it. Whatever happens here, none of them stays.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar
from uuid import uuid4

import aiohttp
from tests.desk import POLL_S, Desk, until
from tests.ports import new_ports

from posrednik import bootstrap
from posrednik.kit.postgres import EmbeddedPostgres
from posrednik.processes import die_with_parent
from posrednik.store.db import Database
from posrednik.store.migrate import migrate

ROOT = Path(__file__).resolve().parents[1]
BASE_ID = "5a4b1c00-0000-4000-8000-00000000c4a0"
SHOP_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MARK = "POSREDNIK_TEST_MARK"
KEEP_S = 0.1
# The database is killed here, the machine is not: what was written is there after a kill without being on the disk.
# What a commit and a recovery are made of stays as it is.
KEPT = {"synchronous_commit": "on", "full_page_writes": "on", "wal_level": "replica", "shared_buffers": "256MB"}
END_S = 45.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How impatient the system is; the defaults suit tests that kill things."""

    time_limit_s: float = 2.0
    timeout_s: float = 3.0
    heartbeat_s: float = 0.5
    poll_s: float = 0.5
    lease_s: int = 2


@dataclass(slots=True)
class Managed:
    """A process that is started again whenever it ends. starts: how often it was started."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0

    def start(self) -> None:
        """In a session of its own, so that all of it can be ended; it also ends when this process does."""
        self.starts += 1
        with self.log.open("ab") as stream:
            self.process = subprocess.Popen(
                self.command, env={**os.environ, **self.env}, stdin=subprocess.DEVNULL, stdout=stream,
                stderr=stream, start_new_session=True, preexec_fn=die_with_parent,
            )  # fmt: skip

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None


@dataclass
class System:
    """folder: everything is kept there. Use `running()` to make one. sandbox_module: what emulates the others."""

    sandbox_module: ClassVar[str] = "posrednik_sandbox"

    folder: Path
    pace: Pace
    workers: int
    orders: int
    mark: str = field(default_factory=lambda: uuid4().hex)
    processes: dict[str, Managed] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.port, control, portal, shop = new_ports(4)
        self.service = f"http://127.0.0.1:{self.port}"
        self.control, self.portal = f"http://127.0.0.1:{control}", f"http://127.0.0.1:{portal}"
        self.shop = f"http://127.0.0.1:{shop}"
        self.config = self.folder / "config.toml"
        self.base_token = uuid4().hex
        self.database = EmbeddedPostgres(self.folder / "postgres", KEPT, durable=False)
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Everything up and answering."""
        self._add("sandbox", [sys.executable, "-m", self.sandbox_module], self._sandbox_env())
        self.processes["sandbox"].start()
        await asyncio.to_thread(self.database.start)
        self.desk = Desk(aiohttp.ClientSession(), self.service, self.control, self.portal, "")
        divisions = (await until("the sandbox", lambda: self.desk.look("/onec/api/divisions")))["divisions"]
        self.config.write_text(self._toml(divisions), encoding="utf-8")
        self.desk.token = await self._person("Проверяющий")
        for name in ("api", *(f"worker{number + 1}" for number in range(self.workers))):
            self._add(name, [sys.executable, "-m", "posrednik.cli", name.rstrip("0123456789")], {})
            self.processes[name].start()
        self._keeper = asyncio.create_task(self._keep())
        await until("the service", lambda: self.desk.ask("/health/ready"))

    async def _person(self, name: str) -> str:
        """His token, in a database made for this version: here, for two commands would take a second and more."""
        await asyncio.to_thread(migrate, self.database.dsn)
        db = Database(self.database.dsn, size=1)
        await db.open()
        try:
            return await bootstrap.make_token(db, "person", name, name)
        finally:
            await db.close()

    async def stop(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        if hasattr(self, "desk"):
            await self.desk.session.close()
        await asyncio.to_thread(self._end_all)
        await asyncio.to_thread(self.database.stop)

    def kill(self, name: str, *, child: bool = False, group: bool = False) -> bool:
        """kill -9 of a process, of its child (the API's server), or of both. False: it was not there."""
        process = self.processes[name]
        if not process.runs():
            return False
        with contextlib.suppress(ProcessLookupError):
            if group:
                os.killpg(process.pid, signal.SIGKILL)
            elif not child:
                os.kill(process.pid, signal.SIGKILL)
            else:
                for pid in children_of(process.pid):
                    os.kill(pid, signal.SIGKILL)
        return True

    async def restart_database(self, sign: signal.Signals) -> None:
        """SIGINT: fast shutdown. SIGKILL: crash, with recovery at the start."""
        pid = self.database.pid
        assert pid is not None
        os.kill(pid, sign)
        await asyncio.to_thread(self.database.stop)
        await asyncio.to_thread(self.database.start)

    async def command(self, *words: str) -> str:
        """`posrednik …` to its end; what it printed. Raises AssertionError with its words when it fails."""
        ran = await asyncio.to_thread(
            subprocess.run, [sys.executable, "-m", "posrednik.cli", *words], env={**os.environ, **self._env()},
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, f"posrednik {' '.join(words)}: {ran.stdout}{ran.stderr}"
        return ran.stdout

    def left_behind(self) -> list[int]:
        return processes_of(self.mark, self.folder)

    def logs(self, last: int = 5, width: int = 400) -> str:
        """The ends of all logs, for a failed test. The whole of them: POSREDNIK_TEST_KEEP=1 keeps the folder."""
        files = sorted(self.folder.glob("*.log"))
        return "\n".join("\n".join([f"--- {file}", *(line[:width] for line in _tail(file, last))]) for file in files)

    def _add(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> None:
        self.processes[name] = Managed(name, command, {**self._env(), **env}, self.folder / f"{name}.log")

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(KEEP_S)
            for process in self.processes.values():
                if not process.runs():
                    process.start()

    def _end_all(self) -> None:
        """Ask all, then kill the sessions of those who do not listen, children included."""
        for process in self.processes.values():
            if process.runs():
                process.process.terminate()  # type: ignore[union-attr]
        deadline = time.monotonic() + END_S
        for process in self.processes.values():
            if process.process is None:
                continue
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.process.wait(max(0.1, deadline - time.monotonic()))
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.process.wait()

    def _env(self) -> dict[str, str]:
        return {MARK: self.mark, "POSREDNIK_CONFIG": str(self.config)}

    def _sandbox_env(self) -> dict[str, str]:
        options = {
            "CONTROL": self.control, "PORTAL": self.portal, "SHOP": self.shop, "POSREDNIK": self.service,
            "BASE_ID": BASE_ID, "BASE_TOKEN": self.base_token, "SHOP_SECRET": SHOP_SECRET,
            "DATA_DIR": str(self.folder / "sandbox"), "ORDERS": str(self.orders),
        }  # fmt: skip
        return {f"POSREDNIK_SANDBOX_{name}": value.removeprefix("http://") if name in ("CONTROL", "PORTAL", "SHOP")
                else value for name, value in options.items()}  # fmt: skip

    def _toml(self, divisions: Sequence[Mapping[str, str]]) -> str:
        groups = {"Центр": 11, "Север": 12}
        pace = self.pace
        lines = [
            "[server]", f'listen = "127.0.0.1:{self.port}"', f'data_dir = "{self.folder}"',
            "requests_per_second = 1000.0", "request_burst = 2000.0",
            "[database]", f'url = "{self.database.dsn}"',
            "[bitrix24]", f'portal_url = "{self.portal}"', 'webhook = "1/sandboxsecret"', "default_group = 11",
            "calls_per_second = 0", f"time_limit_s = {pace.time_limit_s}",
            f"timeout_s = {pace.timeout_s}",
            "[dispatch]", f"heartbeat_s = {pace.heartbeat_s}", f"poll_s = {pace.poll_s}", "grace_s = 5.0",
            "[webhooks]", "allow_private = true",
            "[proofs]", 'hand_over = { photo = "optional", amount = "optional" }',
            "[[bases]]", f'id = "{BASE_ID}"', 'name = "Проверочная"', f'token = "{self.base_token}"',
            f"lease_s = {pace.lease_s}",
            "[[subscriptions]]", f'url = "{self.shop}/posrednik/webhook"', f'secret = "{SHOP_SECRET}"',
        ]  # fmt: skip
        for division in divisions:
            lines += ["[[divisions]]", f'ref = "{division["ref"]}"', f"bitrix24_group = {groups[division['name']]}"]
        return "\n".join(lines) + "\n"


@contextlib.asynccontextmanager
async def running(
    *, workers: int = 2, orders: int = 0, pace: Pace = Pace(), kind: type[System] = System
) -> AsyncIterator[System]:
    """A system for one test; nothing of it is left, neither processes nor files. orders: made in 1C at the start.

    kind: System, or one that is set up otherwise.
    """
    folder = Path(tempfile.mkdtemp(prefix="posrednik-system-"))
    folder.chmod(0o755)  # PostgreSQL does not run as root; its account must reach its folder
    system = kind(folder, pace, workers, orders)
    try:
        await system.start()
        yield system
    except BaseException:
        print(system.logs())
        raise
    finally:
        await system.stop()
        left = await gone(system.left_behind)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        if not os.environ.get("POSREDNIK_TEST_KEEP"):
            shutil.rmtree(folder, ignore_errors=True)
        assert left == [], "processes were left behind"


async def gone(left_behind: Callable[[], list[int]], within_s: float = 45.0) -> list[int]:
    """What is still there after a while: the kernel and granian need a moment to end what was told to end."""
    deadline = time.monotonic() + within_s
    while (left := left_behind()) and time.monotonic() < deadline:
        await asyncio.sleep(POLL_S)
    return left


def children_of(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def processes_of(mark: str, folder: Path) -> list[int]:
    """Living processes that carry our mark in their environment or our folder on their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            told = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue
        if mark.encode() in told or f"{folder}/".encode() in told:
            found.append(int(entry.name))
    return found


def _tail(file: Path, last: int) -> list[str]:
    return file.read_text("utf-8", "replace").splitlines()[-last:]
