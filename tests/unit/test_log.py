"""Log lines as operators and programs read them."""

import asyncio
import io
import json

import pytest
import structlog

from posrednik.kit import log
from posrednik.kit.log import JsonLogger, Lines


def a_logger(file: io.BytesIO, least: int = 20) -> JsonLogger:
    logger = JsonLogger(Lines(file), None, {"area": "x"})
    logger.least = least
    return logger


def told(file: io.BytesIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.getvalue().splitlines()]


def test_a_line_has_time_level_name_and_fields():
    file = io.BytesIO()
    a_logger(file).info("lane.rescued", key="доставка", attempt=2)
    (line,) = told(file)
    assert line.pop("timestamp")
    assert line == {"level": "info", "event": "lane.rescued", "area": "x", "key": "доставка", "attempt": 2}


def test_below_the_level_nothing_is_written():
    file = io.BytesIO()
    a_logger(file, least=30).info("a.b")
    a_logger(file).debug("a.b")
    assert told(file) == []


def test_an_exception_brings_its_trace():
    file = io.BytesIO()
    try:
        raise ValueError("boom")
    except ValueError:
        a_logger(file).exception("a.crashed")
    assert "boom" in str(told(file)[0]["exception"])


def test_a_text_that_is_no_utf_8_is_told_all_the_same():
    file = io.BytesIO()
    a_logger(file).info("a.b", why="половина \ud83d")
    assert told(file)[0]["why"] == "половина \ud83d"


async def test_in_a_loop_lines_wait_for_each_other_and_a_warning_for_nobody():
    file = io.BytesIO()
    logger = a_logger(file)
    logger.info("a.first")
    assert told(file) == []
    logger.warning("a.second")
    assert [line["event"] for line in told(file)] == ["a.first", "a.second"]


async def test_a_lonely_line_is_written_soon(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(log, "FLUSH_S", 0.01)
    file = io.BytesIO()
    a_logger(file).info("a.b")
    while not told(file):
        await asyncio.sleep(0.005)


def test_configured_loggers_write_json(capfdbinary: pytest.CaptureFixture[bytes]):
    before = structlog.get_config()
    try:
        log.configure("info", terminal=False)
        log.get_logger("dispatch").warning("a.b", n=1)
        assert json.loads(capfdbinary.readouterr().out)["area"] == "dispatch"
    finally:
        structlog.configure(**before)
