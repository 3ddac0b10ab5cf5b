"""A task as the portal shows it, beside what dispatch wrote last. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from posrednik.connectors.bitrix24 import outbound, wire
from posrednik.connectors.bitrix24.outbound import COLUMNS, Written, digest
from posrednik.connectors.bitrix24.values import integer, moment
from posrednik.domain.moved_task import Seen
from posrednik.domain.portal_tasks import TEXTS, Known, Marked, TaskSeen
from posrednik.kit.quoting import quotable

SELECT: Final = ("ID", "XML_ID", "STATUS", "STAGE_ID", "GROUP_ID", "RESPONSIBLE_ID", "TITLE", "DESCRIPTION", "DEADLINE",
                 "CHANGED_DATE", "CHANGED_BY", "CHAT_ID")  # fmt: skip
MARKER: Final = "posrednik:"
LONGEST_TITLE: Final = 80
_STAGE_OF: Final[Mapping[str, str]] = {title.casefold(): stage for stage, title in COLUMNS.items()}


@dataclass(frozen=True, slots=True)
class Row:
    """A task of a list or of `tasks.task.get`. None: the portal did not tell."""

    id: int
    marker: str
    status: str | None
    stage: int | None
    group: int | None
    responsible: int | None
    title: str | None
    description: str | None
    deadline: datetime | None
    changed_at: datetime | None
    changed_by: int | None
    chat: int | None

    @property
    def closed(self) -> bool | None:
        return None if self.status is None else self.status in wire.CLOSED_STATUSES

    def marked(self) -> Marked:
        return Marked(self.id, self.marker, self.changed_at)


def row(raw: Any) -> Row | None:
    """None for what has no number."""
    if not isinstance(raw, Mapping) or (number := integer(raw.get("id"))) is None:
        return None
    status = raw.get("status")
    return Row(
        id=number, marker=_delivery(raw.get("xmlId")),
        status=None if status is None else wire.STATUS_WORDS.get(str(status), str(status)),
        stage=integer(raw.get("stageId")), group=integer(raw.get("groupId")),
        responsible=integer(raw.get("responsibleId")),
        title=_text(raw.get("title")), description=_text(raw.get("description")), deadline=moment(raw.get("deadline")),
        changed_at=moment(raw.get("changedDate")), changed_by=integer(raw.get("changedBy")),
        chat=integer(raw.get("chatId")),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kanban:
    """Columns of one project by id. first: a task that stands in it may tell 0."""

    titles: Mapping[int, str] = field(default_factory=dict)
    first: int | None = None

    def title(self, stage: int | None) -> str:
        return self.titles.get(self.first or 0 if stage == 0 else stage or 0, "")

    def stage(self, stage: int | None) -> str:
        """Our stage whose column it is; "" = nobody's."""
        return _STAGE_OF.get(self.title(stage).strip().casefold(), "")


def kanban(result: Any) -> Kanban:
    """Result of `task.stages.get`: a map of id -> stage, which may come as a list."""
    rows = list(result.values()) if isinstance(result, Mapping) else result if isinstance(result, list) else []
    known = sorted(
        (integer(one.get("SORT")) or 0, number, str(one.get("TITLE") or ""))
        for one in rows if isinstance(one, Mapping) and (number := integer(one.get("ID"))) is not None
    )  # fmt: skip
    return Kanban({number: title for _, number, title in known}, known[0][1] if known else None)


def moved_column(there: Row, known: Known) -> bool:
    """Whether the columns of its project are needed to say what became of it."""
    written = Written.from_body(known.written)
    return written is not None and written.stage is not None and there.stage != written.stage


def beside(there: Row, known: Known, columns: Kanban, us: int) -> TaskSeen:
    """What people changed of it. us: our user; what he did last is no edit, only the portal's own spelling of it."""
    texts = _texts(there, known.time_zone)
    return TaskSeen(
        there.id, there.marker, _seen(there, known, columns, texts, us), texts, there.group, there.chat,
        there.changed_at, there.changed_by,
    )  # fmt: skip


def spelled(there: Row, known: Known, us: int) -> tuple[str, ...]:
    """Texts that stand otherwise than we wrote them, though we did the last thing to the task and nobody looked since:
    the portal spells them so, or somebody edited them before we did something else."""
    written = Written.from_body(known.written)
    if written is None or known.stood is not None or there.changed_by != us:
        return ()
    texts = _texts(there, known.time_zone)
    return tuple(name for name in TEXTS if not _as_written(there, name, written, texts))


def _seen(there: Row, known: Known, columns: Kanban, texts: Mapping[str, str], us: int) -> Seen:
    written = Written.from_body(known.written)
    if written is None:
        return Seen(unsure=True)
    edited, unsure = _edited(there, known, written, texts, us)
    column, title = _column(there, written, columns)
    told = written.fields.get("RESPONSIBLE_ID")
    responsible = there.responsible if told and there.responsible and digest(there.responsible) != told else None
    closed = there.closed if written.closed is not None and there.closed is not written.closed else None
    elsewhere = there.group is not None and (there.group or None) != (written.group or None)
    return Seen(column, title, elsewhere, closed, responsible, edited, unsure)


def _column(there: Row, written: Written, columns: Kanban) -> tuple[str | None, str]:
    """(None, "") where it stands as written. Two columns of one name are one."""
    if written.stage is None or there.stage is None or there.stage == written.stage:
        return None, ""
    now, before = columns.stage(there.stage), columns.stage(written.stage)
    same = bool(now) and now == before
    at_first = there.stage == 0 and written.stage == columns.first
    return (None, "") if same or at_first else (now, quotable(columns.title(there.stage), limit=LONGEST_TITLE))


def _edited(
    there: Row, known: Known, written: Written, texts: Mapping[str, str], us: int
) -> tuple[tuple[str, ...], bool]:
    """Names of texts that people edited, and whether something differs of which nobody can say who did it."""
    differs = [name for name in TEXTS if not _as_written(there, name, written, texts)]
    if known.stood is not None:
        return tuple(name for name in differs if known.stood.get(name) != texts.get(name)), False
    return (), bool(differs) and there.changed_by != us


def _as_written(there: Row, name: str, written: Written, texts: Mapping[str, str]) -> bool:
    wrote, raw = written.fields.get(name.upper()), getattr(there, name)
    if wrote is None or name not in texts:
        return True
    return wrote in (texts[name], digest(raw) if isinstance(raw, str) else "")


def _texts(there: Row, time_zone: str) -> dict[str, str]:
    """Hashes as `outbound.hashes` makes them, of what was told; a deadline in the zone in which it was written."""
    deadline = there.deadline.astimezone(ZoneInfo(time_zone)).isoformat() if there.deadline else ""
    found = {"title": there.title, "description": there.description, "deadline": deadline}
    return {name: digest(unescape(text)) for name, text in found.items() if text is not None}


def _delivery(xml_id: Any) -> str:
    text = str(xml_id or "")
    try:
        found = UUID(text.removeprefix(MARKER)) if text.startswith(MARKER) else None
    except ValueError:
        return ""
    return str(found) if found and outbound.marker(str(found)) == text else ""


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
