"""Posrednik's own processes, started as an administrator starts them, on the run's database."""

import contextlib
import random
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from uuid import UUID

from bench.machine import Child, child

BASE = UUID("5a4b1c00-0000-4000-8000-000000000001")
TOKEN = "bench-token-of-the-base"
START_S = 120.0
LOW, HIGH = 10_000, 32_000  # below those that Linux gives to connections


def free_port() -> int:
    """Of those that only who asks for one by its number gets, until the process that it is meant for has started."""
    while True:
        port = random.SystemRandom().randrange(LOW, HIGH)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def config(folder: Path, dsn: str, port: int, more: Sequence[str] = ()) -> Path:
    """The settings of one base that may send as fast as it can, without our own limit on requests."""
    file = folder / f"config-{port}.toml"
    lines = [
        "[server]", f'listen = "127.0.0.1:{port}"', f'data_dir = "{folder}"', "requests_per_second = 100000",
        "request_burst = 100000", "[database]", f'url = "{dsn}"',
        "[[bases]]", f'id = "{BASE}"', f'token = "{TOKEN}"', *more,
    ]  # fmt: skip
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


@contextlib.contextmanager
def api(folder: Path, settings: Path, port: int) -> Iterator[Child]:
    """The API process, ready."""
    with child("posrednik.cli", "api", log=folder / "api.log", env=_env(settings), quiet=True) as process:
        _until_ready(f"http://127.0.0.1:{port}/health/ready", process)
        yield process


@contextlib.contextmanager
def worker(folder: Path, settings: Path) -> Iterator[Child]:
    with child("posrednik.cli", "worker", log=folder / "worker.log", env=_env(settings), quiet=True) as process:
        yield process


def _env(settings: Path) -> Mapping[str, str]:
    return {"POSREDNIK_CONFIG": str(settings)}


def _until_ready(url: str, process: Child) -> None:
    deadline = time.monotonic() + START_S
    while True:
        process.check()
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
