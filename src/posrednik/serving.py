"""How the processes run: the API under granian, the worker in its loop, `serve` as both on one database."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server

from posrednik import bootstrap
from posrednik.config import ConfigError, Settings, summary
from posrednik.kit.log import get_logger
from posrednik.kit.postgres import DataInUse, EmbeddedPostgres
from posrednik.processes import Child, Family
from posrednik.store import migrate

log = get_logger("serving")
DSN_VARIABLE = "POSREDNIK_DATABASE_URL"


def web_folder() -> Path | None:
    """The built pages: beside the package when installed, in web/dist of a checkout."""
    checkout = Path(__file__).resolve().parents[2] / "web" / "dist" / "office"
    packaged = Path(__file__).resolve().parent / "web" / "office"
    return next((folder for folder in (packaged, checkout) if (folder / "index.html").exists()), None)


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
        yield note.read_text(encoding="utf-8")
        return
    try:
        note.write_text(server.dsn, encoding="utf-8")
        yield server.dsn
    finally:
        note.unlink(missing_ok=True)
        server.stop()  # type: ignore[no-untyped-call, unused-ignore]


def _note(settings: Settings) -> Path:
    """Where the process that owns the embedded database leaves its address for `posrednik status` and others."""
    folder = Path(settings.server.data_dir).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "database.dsn"


def run_api(settings: Settings) -> None:
    """Serve until SIGTERM; requests in flight are answered. The database must be there (an external DSN)."""
    dsn = _needs_dsn(settings)
    log.info("api.starting", settings=summary(settings))
    _run(_answer(settings, dsn))


async def _answer(settings: Settings, dsn: str) -> None:
    """granian inside our own loop: one process, and long polls end at once when we are asked to stop."""
    app = bootstrap.api(settings, dsn, web_folder())
    server = Server(
        app, address=settings.server.host, port=settings.server.port, interface=Interfaces.ASGI, websockets=False,
        log_access=False, log_level=LogLevels.warning,
    )  # fmt: skip
    serving = asyncio.create_task(server.serve())
    asked = asyncio.create_task(until_asked_to_stop())
    await asyncio.wait({serving, asked}, return_when=asyncio.FIRST_COMPLETED)
    app.state.services.waker.close()
    server.stop()  # type: ignore[no-untyped-call, unused-ignore]
    await serving
    asked.cancel()


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
    await worker.start()
    upkeep = asyncio.create_task(bootstrap.housekeeper(db, worker).run())
    await until_asked_to_stop()
    upkeep.cancel()
    await asyncio.gather(upkeep, return_exceptions=True)
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


def children(config: str | None, dsn: str) -> list[Child]:
    """The API and one worker as processes of their own, on this database."""
    env = {DSN_VARIABLE: dsn}
    if config:
        env["POSREDNIK_CONFIG"] = str(Path(config).resolve())
    command = [sys.executable, "-m", "posrednik.cli"]
    return [Child("api", [*command, "api"], env), Child("worker", [*command, "worker"], env)]


async def serve(settings: Settings, config: str | None) -> None:
    """Everything for a small company: database, migrations, API and worker, until SIGTERM."""
    with database_of(settings) as dsn:
        await asyncio.to_thread(migrate.migrate, dsn)
        family = Family()
        for child in children(config, dsn):
            await family.start(child)
        await until_asked_to_stop()
        await family.stop(settings.dispatch.grace_s + 5)
