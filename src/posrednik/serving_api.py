"""The API process under granian."""

import multiprocessing
import os
import signal
from pathlib import Path
from types import FrameType

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from posrednik.config import Settings, load, summary
from posrednik.kit.log import configure, get_logger
from posrednik.kit.memory import calm_collector
from posrednik.kit.parent import die_with_parent
from posrednik.serving import DSN_VARIABLE, needs_dsn, web_folder

log = get_logger("serving")
CLOSE_POLLS = signal.SIGUSR1


def app_from_environment() -> object:
    """What granian calls in its worker process: the ASGI application of the settings in the environment.

    That process is not to outlive a killed granian: it would hold the port and answer without a supervisor. Asked
    politely it would first wait for long polls; an orderly stop never comes this way.
    """
    from posrednik import bootstrap_api  # the process above this one has no use for it

    die_with_parent(signal.SIGKILL)
    settings = load()
    configure(settings.server.log_level)
    app = bootstrap_api.api(settings, settings.database.url, web_folder(), close_polls_on=CLOSE_POLLS)
    calm_collector()
    return app


def run_api(settings: Settings, config: str | None) -> None:
    """Serve until SIGTERM; requests in flight are answered. The database must be there (an external DSN).

    granian's worker process reads the settings again, so it is told by the environment where they are.
    """
    dsn = needs_dsn(settings)
    os.environ[DSN_VARIABLE] = dsn
    if config:
        os.environ["POSREDNIK_CONFIG"] = str(Path(config).resolve())
    log.info("api.starting", settings=summary(settings))
    server = Server(
        "posrednik.serving_api:app_from_environment", factory=True, address=settings.server.host,
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
