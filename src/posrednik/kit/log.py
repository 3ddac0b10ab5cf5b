"""Structured logs: one JSON line an event on stdout, or a short coloured line on a terminal.

Event names are `noun.verb`; the table of names and fields is in docs/subsystems/observability.md. Never log secrets,
addresses of people or whole phone numbers: pass foreign texts through `kit.quoting.quotable`.
"""

import asyncio
import atexit
import json
import logging
import sys
from collections.abc import Mapping
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

    def add(self, line: bytes, *, at_once: bool = False) -> None:
        self._waiting.append(line)
        self._size += len(line)
        if at_once or self._size >= FLUSH_BYTES:
            self.flush()
        elif self._timer is None:
            self._flush_soon()

    def flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._size = None, 0
        lines, self._waiting = self._waiting, []
        if not lines or self._file.closed:
            return
        self._file.write(b"".join(lines))
        self._file.flush()

    def _flush_soon(self) -> None:
        try:
            self._timer = asyncio.get_running_loop().call_later(FLUSH_S, self.flush)
        except RuntimeError:
            self.flush()


class JsonLogger:
    """structlog's bound logger without its chain of processors, which would cost more than the line itself: one is
    written for every attempt of every message."""

    least = logging.INFO

    def __init__(self, lines: Lines, processors: Any, context: Mapping[str, Any]) -> None:
        self._lines, self._context = lines, context

    def debug(self, event: str, **fields: Any) -> None:
        if self.least <= logging.DEBUG:
            self._lines.add(self._line("debug", event, fields))

    def info(self, event: str, **fields: Any) -> None:
        if self.least <= logging.INFO:
            self._lines.add(self._line("info", event, fields))

    def warning(self, event: str, **fields: Any) -> None:
        if self.least <= logging.WARNING:
            self._lines.add(self._line("warning", event, fields), at_once=True)

    def error(self, event: str, **fields: Any) -> None:
        self._lines.add(self._line("error", event, fields), at_once=True)

    def exception(self, event: str, **fields: Any) -> None:
        self.error(event, **{"exc_info": True, **fields})

    def _line(self, level: str, event: str, fields: dict[str, Any]) -> bytes:
        told = {"timestamp": datetime.now(UTC).isoformat(), "level": level, "event": event, **self._context, **fields}
        if told.get("exc_info"):
            told = dict(structlog.processors.format_exc_info(None, level, told))
        try:
            return msgspec.json.encode(told, enc_hook=str) + b"\n"
        except UnicodeEncodeError:  # half of a pair of surrogates, from elsewhere: no log line is worth a message
            return json.dumps(told, default=str).encode() + b"\n"


def configure(level: str = "info", *, terminal: bool | None = None) -> None:
    """Call once a process. terminal: None = when stdout is one."""
    if sys.stdout.isatty() if terminal is None else terminal:
        wrapper = structlog.make_filtering_bound_logger(_LEVELS[level])
        structlog.configure(wrapper_class=wrapper, cache_logger_on_first_use=True)
        return
    lines = Lines(sys.stdout.buffer)
    structlog.configure(
        wrapper_class=type("JsonLogger", (JsonLogger,), {"least": _LEVELS[level]}), logger_factory=lambda *_: lines,
        cache_logger_on_first_use=True,
    )  # fmt: skip


def get_logger(area: str) -> structlog.typing.FilteringBoundLogger:
    return cast(structlog.typing.FilteringBoundLogger, structlog.get_logger(area=area))
