"""How the processes run: the database they share, and `serve` with all of them; the API and the worker alone are in
serving_api.py and serving_worker.py."""

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from posrednik.config import ConfigError, Settings
from posrednik.kit.log import get_logger
from posrednik.kit.postgres import DataInUse, EmbeddedPostgres, PostgresError
from posrednik.processes import Child, Family
from posrednik.store import migrate

log = get_logger("serving")
DSN_VARIABLE = "POSREDNIK_DATABASE_URL"
DATABASE_CHECK_S = 0.5


def web_folder() -> Path | None:
    """The built pages, a folder an application: beside the package when installed, in web/dist of a checkout."""
    checkout = Path(__file__).resolve().parents[2] / "web" / "dist"
    packaged = Path(__file__).resolve().parent / "web"
    return next((folder for folder in (packaged, checkout) if (folder / "office" / "index.html").exists()), None)


@contextlib.contextmanager
def database_of(settings: Settings) -> Iterator[str]:
    """The DSN of the configured database; an embedded one is started for the time, unless it runs already."""
    if settings.database.url:
        yield settings.database.url
        return
    note = _note(settings)
    server = EmbeddedPostgres(note.parent / "postgres")
    try:
        server.start()
    except DataInUse:
        if not note.exists():
            raise
        yield note.read_text(encoding="utf-8")
        return
    try:
        note.write_text(server.dsn, encoding="utf-8")
        with _kept_alive(server):
            yield server.dsn
    finally:
        note.unlink(missing_ok=True)
        server.stop()


@contextlib.contextmanager
def _kept_alive(server: EmbeddedPostgres) -> Iterator[None]:
    """Start the server again when it ends by itself (killed for memory, a crash); the others only reconnect."""
    dsn, over = server.dsn, threading.Event()

    def watch() -> None:
        while not over.wait(DATABASE_CHECK_S):
            if server.alive():
                continue
            log.warning("database.ended", restart=True)
            try:
                server.start()
            except PostgresError as error:
                log.error("database.not_started", error=str(error))
            else:
                _same_address(dsn, server.dsn)

    watcher = threading.Thread(target=watch, name="database-watcher", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _same_address(before: str, now: str) -> None:
    """A data folder with a very long name gets a new socket at each start, which the children do not know of: end
    in order, so that a service manager starts everything again."""
    if now != before:
        log.error("database.moved")
        os.kill(os.getpid(), signal.SIGTERM)


def _note(settings: Settings) -> Path:
    """Where the process that owns the embedded database leaves its address for `posrednik status` and others."""
    folder = Path(settings.server.data_dir).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "database.dsn"


def needs_dsn(settings: Settings) -> str:
    if settings.database.url:
        return settings.database.url
    note = _note(settings)
    if not note.exists():
        raise ConfigError(
            "database.url: процессам api и worker нужна работающая база данных: укажите адрес PostgreSQL 15+ "
            "(POSREDNIK_DATABASE_URL) или запустите posrednik serve"
        )
    return note.read_text(encoding="utf-8")


async def until_asked_to_stop() -> None:
    """Returns at SIGTERM or SIGINT."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked.set)
    await asked.wait()


def children(settings: Settings, config: str | None, dsn: str) -> list[Child]:
    """The API and one worker as processes of their own, on this database. The worker's metrics are one port further."""
    metrics_listen = settings.dispatch.metrics_listen or f"127.0.0.1:{settings.server.port + 1}"
    env = {DSN_VARIABLE: dsn, "POSREDNIK_DISPATCH_METRICS_LISTEN": metrics_listen}
    if config:
        env["POSREDNIK_CONFIG"] = str(Path(config).resolve())
    command = [sys.executable, "-m", "posrednik.cli"]
    return [Child("api", [*command, "api"], env), Child("worker", [*command, "worker"], env)]


async def serve(settings: Settings, config: str | None) -> None:
    """Everything for a small company: database, migrations, API and worker, until SIGTERM."""
    with database_of(settings) as dsn:
        await asyncio.to_thread(migrate.migrate, settings.database.direct_url or dsn)
        family = Family()
        for child in children(settings, config, dsn):
            await family.start(child)
        await until_asked_to_stop()
        await family.stop(settings.dispatch.grace_s + 5)
