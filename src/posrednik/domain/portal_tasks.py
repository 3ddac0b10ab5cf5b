"""Tasks of the portal as they are read back, and the port through which they are asked for. What follows from a
difference is decided in `moved_task.py`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from posrednik.domain.moved_task import Seen

TEXTS = ("title", "description", "deadline")


@dataclass(frozen=True, slots=True)
class Known:
    """What we know of a task before it is read. written: what dispatch wrote last, in its connector's own form, None =
    not known. stood: texts (of TEXTS, hashed) as they stood after that write; None = not looked at since.
    """

    task_id: int
    written: Mapping[str, Any] | None = None
    stood: Mapping[str, str] | None = None
    time_zone: str = "Europe/Moscow"


@dataclass(frozen=True, slots=True)
class TaskSeen:
    """A task that was read. marker: our delivery's id that it carries, "" = none. texts: of TEXTS, hashed.

    changed_at: by the portal's clock.
    """

    task_id: int
    marker: str
    seen: Seen
    texts: Mapping[str, str]
    group: int | None = None
    chat: int | None = None
    changed_at: datetime | None = None
    changed_by: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """tasks: those that are there. gone: those that surely are not; of the rest nothing is known."""

    tasks: Sequence[TaskSeen]
    gone: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Marked:
    """A row of a list. marker: our delivery's id that it carries, "" = none."""

    task_id: int
    marker: str
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a list, all of them of the kind that was asked for. at: the portal's clock when it began to answer, in
    the portal's zone. whole: there is no more of it. ignored: the portal does not filter, so that this proves nothing.
    """

    rows: Sequence[Marked]
    at: datetime | None
    whole: bool
    ignored: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a task's history. field: the portal's name of it."""

    field: str
    user_id: int
    name: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hand:
    """Who changed a task by hand. user_id 0: nobody knows."""

    user_id: int
    name: str = ""
    at: datetime | None = field(default=None)


class PortalSilent(Exception):
    """The portal gave no usable answer. code: stable; the text is for people and holds no secret. after_s: when it
    may be asked again, 0 = as usual."""

    def __init__(self, code: str, why: str, after_s: float = 0.0) -> None:
        super().__init__(why)
        self.code, self.after_s = code, after_s


class PortalTasks(Protocol):
    """Every method raises PortalSilent."""

    @property
    def user_id(self) -> int:
        """Who we are there."""
        ...

    async def read(self, known: Sequence[Known]) -> Reading: ...

    async def hands(self, task_ids: Collection[int], fields: Mapping[int, Collection[str]]) -> Mapping[int, Hand]:
        """Who changed these fields (of moved_task.FIELDS) last, ourselves left out; unknown ones are missing."""
        ...

    async def changed(self, since: datetime, groups: Collection[int]) -> Page:
        """Tasks of these projects (none = all) changed at or after `since`."""
        ...

    async def marked(self, groups: Collection[int], since: datetime | None) -> Page:
        """All tasks of these projects that carry a marker of ours; since: only those changed since."""
        ...
