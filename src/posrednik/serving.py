"""How the processes run: the API under granian, the worker in its loop, `serve` as both on one database."""

import asyncio
import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from posrednik import bootstrap
from posrednik.config import ConfigError, Settings, load, summary
from posrednik.kit import metrics
from posrednik.kit.log import configure, get_logger
from posrednik.kit.memory import calm_collector
from posrednik.kit.parent import die_with_parent
from posrednik.kit.postgres import DataInUse, EmbeddedPostgres, PostgresError
from posrednik.processes import Child, Family
from posrednik.store import migrate

log = get_logger("serving")
DSN_VARIABLE = "POSREDNIK_DATABASE_URL"
CLOSE_POLLS = signal.SIGUSR1
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


def app_from_environment() -> object:
    """What granian calls in its worker process: the ASGI application of the settings in the environment.

    That process is not to outlive a killed granian: it would hold the port and answer without a supervisor. Asked
    politely it would first wait for long polls; an orderly stop never comes this way.
    """
    die_with_parent(signal.SIGKILL)
    settings = load()
    configure(settings.server.log_level)
    app = bootstrap.api(settings, settings.database.url, web_folder(), close_polls_on=CLOSE_POLLS)
    calm_collector()
    return app


def run_api(settings: Settings, config: str | None) -> None:
    """Serve until SIGTERM; requests in flight are answered. The database must be there (an external DSN).

    granian's worker process reads the settings again, so it is told by the environment where they are.
    """
    dsn = _needs_dsn(settings)
    os.environ[DSN_VARIABLE] = dsn
    if config:
        os.environ["POSREDNIK_CONFIG"] = str(Path(config).resolve())
    log.info("api.starting", settings=summary(settings))
    server = Server(
        "posrednik.serving:app_from_environment", factory=True, address=settings.server.host,
        port=settings.server.port, interface=Interfaces.ASGI, workers=1, respawn_failed_workers=True,
        log_access=False, log_level=LogLevels.warning, websockets=False,
        workers_kill_timeout=int(settings.dispatch.grace_s),
    )  # fmt: skip
    server.on_startup(_close_polls_first)
    server.serve()


def _close_polls_first() -> None:
    """A graceful stop waits for requests in flight, and a long poll is one for up to a minute: tell the workers to
    answer them before granian's own handler asks the workers to stop."""
    granian_handler = signal.getsignal(signal.SIGTERM)

    def handler(number: int, frame: FrameType | None) -> None:
        for child in multiprocessing.active_children():
            if child.pid is not None:
                os.kill(child.pid, CLOSE_POLLS)
        if callable(granian_handler):
            granian_handler(number, frame)

    signal.signal(signal.SIGTERM, handler)
    signal.signal(signal.SIGINT, handler)


def _run(work: Coroutine[Any, Any, None]) -> None:
    """On uvloop where there is one."""
    if sys.platform == "win32":
        asyncio.run(work)
    else:
        import uvloop

        uvloop.run(work)


def _needs_dsn(settings: Settings) -> str:
    if settings.database.url:
        return settings.database.url
    note = _note(settings)
    if not note.exists():
        raise ConfigError(
            "database.url: процессам api и worker нужна работающая база данных: укажите адрес PostgreSQL 15+ "
            "(POSREDNIK_DATABASE_URL) или запустите posrednik serve"
        )
    return note.read_text(encoding="utf-8")


def run_worker(settings: Settings) -> None:
    dsn = _needs_dsn(settings)
    log.info("worker.starting", settings=summary(settings))
    _run(_work(settings, dsn))


async def _work(settings: Settings, dsn: str) -> None:
    db, sessions = bootstrap.database(settings, dsn), bootstrap.Sessions()
    await db.open()
    worker = bootstrap.worker(settings, db, sessions)
    calm_collector()
    await worker.start()
    shown = await metrics.listen(settings.dispatch.metrics_listen) if settings.dispatch.metrics_listen else None
    beside = [bootstrap.housekeeper(settings, db, worker).run()]
    beside += [pusher.run() for pusher in bootstrap.pushers(settings, db, sessions)]
    beside.append(bootstrap.loader(settings, db, sessions).run())
    tasks = [asyncio.create_task(one) for one in beside]
    await until_asked_to_stop()
    if shown is not None:
        await shown.cleanup()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await worker.stop(settings.dispatch.grace_s)
    await sessions.close()
    await db.close()


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
