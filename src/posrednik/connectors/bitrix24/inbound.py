"""Answers of Bitrix24 -> what they mean, pure. Tolerant of what portals vary in, strict in what decides."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from posrednik.connectors.base import Outcome, Refused, TryLater, Unclear
from posrednik.connectors.bitrix24 import wire
from posrednik.connectors.bitrix24.values import integer, moment
from posrednik.connectors.bitrix24.wire import ErrorRow, Kind
from posrednik.kit.http import Failure
from posrednik.kit.quoting import quotable


@dataclass(frozen=True, slots=True)
class Answer:
    """A definite yes. operating_reset_at: Unix time when the method's budget grows again, operating: seconds of the
    budget that are used, at: the portal's own clock and zone, took_s: what it spent; each if told. next, total: of
    lists."""

    result: Any
    operating_reset_at: float | None = None
    operating: float | None = None
    at: datetime | None = None
    next: int | None = None
    total: int | None = None
    took_s: float | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Anything but a yes. `why` is fit for people and journals: no secrets, no address of the webhook."""

    kind: Kind
    code: str
    why: str
    pause_s: float = 0.0
    status: int | None = None

    def outcome(self, writing: bool) -> Outcome:
        """What it means for a message whose request it answers; an ambiguous answer to a read is no harm."""
        if self.kind is Kind.AMBIGUOUS and writing:
            return Unclear(self.why, self.code, self.status)
        if self.kind is Kind.KEY_USED:
            return Unclear(self.why, self.code, self.status, fault=False)
        if self.kind is Kind.RULE:
            return Refused(self.why, self.code, status=self.status)
        if self.kind is Kind.MISSING:
            return Refused(self.why, "task_deleted", status=self.status)
        return self._later()

    def _later(self) -> TryLater:
        if self.kind is Kind.BUDGET:
            return TryLater(self.why, self.code, self.pause_s, "method", free=True, status=self.status)
        if self.kind is Kind.LIMIT:  # whose calls rest and slow down at the gate: the portal is well
            return TryLater(self.why, self.code, self.pause_s, free=True, status=self.status)
        if self.kind in (Kind.OVERLOAD, Kind.ACCESS, Kind.ABSENT):
            return TryLater(self.why, self.code, self.pause_s, "destination", free=True, status=self.status)
        unwell = self.kind in (Kind.NOT_SENT, Kind.AMBIGUOUS)
        return TryLater(self.why, self.code, fault=unwell, status=self.status)


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task as read back: ids as text, numbers as int; stage 0 or None = no column told."""

    id: str
    xml_id: str | None
    status: str | None
    stage_id: int | None
    group_id: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a look-up by marker. rows: the tasks that carry it, lowest id first.

    trusted: no foreign row came, or the page was the last one, so that absence here proves absence. A portal
    that ignores the filter returns foreign rows: then the next page starts below `lowest_seen`.
    """

    rows: tuple[TaskRow, ...]
    trusted: bool
    lowest_seen: int | None = None


def transport(failure: Failure) -> Problem:
    """A call that brought no answer."""
    kind = Kind.NOT_SENT if failure.fate == "not_sent" else Kind.AMBIGUOUS
    return Problem(kind, failure.code, f"Битрикс24: {failure.why}")


def read(status: int, raw: bytes, secrets: Sequence[str] = (), v3: bool = False) -> Answer | Problem:
    """One whole HTTP answer.

    A body with `error` is an error even at 200; a success without `result` is ambiguous; a page that is not
    JSON is a proxy's: ambiguous from 500 and at 2xx, otherwise it shows that the portal was not reached.
    """
    if 300 <= status < 400:
        return _problem(wire.MOVED, "moved", "", status)
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _not_json(status, v3)
    if not isinstance(body, dict):
        return _not_json(status, v3)
    if "error" in body:
        return error(body, status, secrets)
    if not 200 <= status < 300:
        return _by_status(status, f"http_{status}", "")
    if "result" not in body:
        return _problem(wire.UNKNOWN_SERVER, "no_result", "в ответе нет результата", status)
    return _answer(body["result"], body.get("time"), body.get("next"), body.get("total"))


def error(body: Mapping[str, Any], status: int | None, secrets: Sequence[str] = ()) -> Problem:
    """An error body, classic (`error`, `error_description`) or of REST v3 (`error: {code, message}`)."""
    told = body["error"]
    if isinstance(told, Mapping):
        code, text = str(told.get("code", "")), str(told.get("message", ""))
        fields = told.get("validation")
        if isinstance(fields, list):
            text = "; ".join([text, *(str(f.get("message", "")) for f in fields if isinstance(f, Mapping))])
    else:
        code, text = str(told), str(body.get("error_description") or "")
    text, upper = quotable(text, secrets), code.upper()
    row = wire.PORTAL_WIDE_AT_403.get(upper) if status == 403 else None
    row = row or wire.ERRORS.get(upper)
    if row is None:
        return _by_status(status, quotable(code, secrets, 60) or "error", text)
    return _problem(row, upper.lower(), text, status)


def batch(answer: Answer, labels: Iterable[str], secrets: Sequence[str] = ()) -> dict[str, Answer | Problem]:
    """Split the answer of a classic batch by label; a label in none of its maps is ambiguous.

    Empty maps come as lists, and maps with keys 0..n too.
    """
    parts = answer.result if isinstance(answer.result, Mapping) else {}
    done, failed = _as_map(parts.get("result")), _as_map(parts.get("result_error"))
    times, nexts, totals = (_as_map(parts.get(f"result_{name}")) for name in ("time", "next", "total"))
    out: dict[str, Answer | Problem] = {}
    for label in labels:
        told = failed.get(label)
        if told is not None:
            told = told if isinstance(told, Mapping) and "error" in told else {"error": str(told)}
            out[label] = error(told, None, secrets)
        elif label in done:
            out[label] = _answer(done[label], times.get(label), nexts.get(label), totals.get(label))
        else:
            out[label] = _problem(wire.UNKNOWN_SERVER, "no_command_result", "о команде пакета нет ответа", None)
    return out


def found(result: Any, marker: str) -> Found:
    """Rows of `tasks.task.list` asked by XML_ID, newest first, re-checked by the marker itself.

    An unknown filter key is ignored by the portal without a word, and then every task comes back.
    """
    rows = [row for row in map(task_row, _task_list(result)) if row is not None]
    ours = sorted((row for row in rows if row.xml_id == marker), key=lambda row: int(row.id))
    trusted = len(ours) == len(rows)
    last_page = len(rows) < wire.PAGE
    lowest = None if trusted or last_page else min(int(row.id) for row in rows)
    return Found(tuple(ours), trusted or last_page, lowest)


def task_row(raw: Any) -> TaskRow | None:
    """One task of a list or of `tasks.task.get`; None for anything that has no usable id."""
    if not isinstance(raw, Mapping):
        return None
    number = integer(raw.get("id"))
    if number is None:
        return None
    xml_id, status = raw.get("xmlId"), raw.get("status")
    return TaskRow(
        id=str(number),
        xml_id=None if xml_id is None else str(xml_id),
        status=None if status is None else wire.STATUS_WORDS.get(str(status), str(status)),
        stage_id=integer(raw.get("stageId")),
        group_id=integer(raw.get("groupId")),
    )


def one_task(result: Any) -> TaskRow | None:
    """Result of get or add: `{task: {…}}`, of v3 `{item: {…}}` or `{id}`; `[]` = no such task."""
    if not isinstance(result, Mapping):
        return None
    return task_row(result.get("task") or result.get("item") or result)


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of one project: by lower-case title the lowest id, and the id of the first one."""

    ids: Mapping[str, int] = field(default_factory=dict)
    first: int | None = None
    last: int | None = None


def columns(result: Any) -> Columns:
    """Result of `task.stages.get`: a map of id -> stage, which may come as a list."""
    rows = [row for row in _as_map(result).values() if isinstance(row, Mapping)]
    stages = [(integer(row.get("SORT")) or 0, integer(row.get("ID")), str(row.get("TITLE", ""))) for row in rows]
    known = sorted((sort, number, title) for sort, number, title in stages if number is not None)
    ids: dict[str, int] = {}
    for _, number, title in known:
        name = title.strip().casefold()
        ids[name] = min(number, ids.get(name, number))
    return Columns(ids, known[0][1] if known else None, known[-1][1] if known else None)


def new_id(result: Any) -> int | None:
    """Id told by `task.stages.add`."""
    return integer(result)


def _problem(row: ErrorRow, code: str, text: str, status: int | None) -> Problem:
    why = f"Битрикс24: {row.advice}" + (f" ({text})" if text else "")
    return Problem(row.kind, code, why, row.pause_s, status)


def _not_json(status: int, v3: bool) -> Problem:
    if v3 and status == 404:
        return _problem(wire.V3_ABSENT, "http_404", "", status)
    if status >= 500 or status in wire.AMBIGUOUS_STATUSES or 200 <= status < 300:
        return _problem(wire.UNKNOWN_SERVER, f"http_{status}" if status >= 300 else "not_json", "", status)
    return _problem(wire.UNKNOWN_PAGE, f"http_{status}", "", status)


def _by_status(status: int | None, code: str, text: str) -> Problem:
    if status is not None and (status >= 500 or status in wire.AMBIGUOUS_STATUSES):
        return _problem(wire.UNKNOWN_SERVER, code, text, status)
    if status in (401, 403):
        return _problem(wire.UNKNOWN_AUTH, code, text, status)
    if status == 429 or "RATELIMIT" in code.upper():
        return _problem(wire.UNKNOWN_LIMIT, code, text, status)
    return _problem(wire.UNKNOWN_RULE, code, text, status)


def _task_list(result: Any) -> Sequence[Any]:
    tasks = result.get("tasks") if isinstance(result, Mapping) else result
    return list(_as_map(tasks).values())


def _as_map(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {str(key): item for key, item in value.items()}
    if isinstance(value, list):
        return {str(index): item for index, item in enumerate(value)}
    return {}


def _answer(result: Any, time: Any, next_: Any, total: Any) -> Answer:
    known = time if isinstance(time, Mapping) else {}
    reset_at = _seconds(known.get("operating_reset_at")) or None
    return Answer(
        result, reset_at, _seconds(known.get("operating")), moment(known.get("date_start")), integer(next_),
        integer(total), _seconds(known.get("duration")),
    )  # fmt: skip


def _seconds(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and value >= 0 else None
