"""Structured logs: one JSON line an event on stdout, or a short coloured line on a terminal.

Event names are `noun.verb`; the table of names and fields is in docs/subsystems/observability.md. Never log secrets,
addresses of people or whole phone numbers: pass foreign texts through `kit.http.quotable`.
"""

import logging
import sys
from typing import Any, cast

import msgspec
import structlog

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def _encode(event: Any, **_: Any) -> str:
    return msgspec.json.encode(event, enc_hook=str).decode()


def configure(level: str = "info", *, terminal: bool | None = None) -> None:
    """Call once a process. terminal: None = when stdout is one."""
    pretty = sys.stdout.isatty() if terminal is None else terminal
    renderer: Any = structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer(_encode)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )


def get_logger(area: str) -> structlog.typing.FilteringBoundLogger:
    return cast(structlog.typing.FilteringBoundLogger, structlog.get_logger(area=area))
