"""Structured logs: one JSON line an event on stdout, or a short coloured line on a terminal.

Event names are `noun.verb`; the table of names and fields is in docs/subsystems/observability.md. Never log secrets,
addresses of people or whole phone numbers: pass foreign texts through `kit.http.quotable`.
"""

import asyncio
import atexit
import logging
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, BinaryIO, cast

import msgspec
import structlog

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


FLUSH_S = 0.1
FLUSH_BYTES = 64 * 1024


class Lines:
    """Where JSON lines go. A warning and worse is written at once; the rest in blocks, at most FLUSH_S later, since a
    write for each of thousands of lines a second costs more than making them."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._waiting: list[bytes] = []
        self._size = 0
        self._timer: asyncio.TimerHandle | None = None
        atexit.register(self.flush)

    def info(self, line: bytes) -> None:
        self._waiting.append(line)
        self._size += len(line)
        if self._size >= FLUSH_BYTES:
            self.flush()
        elif self._timer is None:
            self._flush_soon()

    def warning(self, line: bytes) -> None:
        self._waiting.append(line)
        self.flush()

    debug = info
    error = critical = exception = warning

    def flush(self) -> None:
        self._timer, self._size = None, 0
        lines, self._waiting = self._waiting, []
        self._file.write(b"".join(lines))
        self._file.flush()

    def _flush_soon(self) -> None:
        try:
            self._timer = asyncio.get_running_loop().call_later(FLUSH_S, self.flush)
        except RuntimeError:
            self.flush()


def _json(_: Any, method: str, event: MutableMapping[str, Any]) -> bytes:
    """The whole chain of processors in one, as it runs for every attempt of every message."""
    event["level"] = method
    event["timestamp"] = datetime.now(UTC).isoformat()
    if event.get("exc_info"):
        event = structlog.processors.format_exc_info(_, method, event)
    return msgspec.json.encode(event, enc_hook=str) + b"\n"


def configure(level: str = "info", *, terminal: bool | None = None) -> None:
    """Call once a process. terminal: None = when stdout is one."""
    wrapper = structlog.make_filtering_bound_logger(_LEVELS[level])
    if sys.stdout.isatty() if terminal is None else terminal:
        structlog.configure(wrapper_class=wrapper, cache_logger_on_first_use=True)
        return
    lines = Lines(sys.stdout.buffer)
    structlog.configure(
        processors=[_json], wrapper_class=wrapper, logger_factory=lambda *_: lines, cache_logger_on_first_use=True
    )


def get_logger(area: str) -> structlog.typing.FilteringBoundLogger:
    return cast(structlog.typing.FilteringBoundLogger, structlog.get_logger(area=area))
