"""What a portal holds. Ids are integers here; the REST methods print most of them as text."""

from dataclasses import dataclass, field

PENDING, IN_PROGRESS, AWAITING_CONTROL, COMPLETED, DEFERRED = 2, 3, 4, 5, 6


@dataclass
class User:
    id: int
    name: str
    last_name: str
    position: str
    email: str
    phone: str = ""
    active: bool = True
    admin: bool = False
    departments: list[int] = field(default_factory=lambda: [1])

    @property
    def full_name(self) -> str:
        return f"{self.name} {self.last_name}"


@dataclass
class Department:
    id: int
    name: str
    parent: int = 0
    head: int = 0
    sort: int = 500


@dataclass
class Group:
    id: int
    name: str
    owner_id: int
    created_at: float
    members: list[int] = field(default_factory=list)
    description: str = ""
    project: bool = True
    visible: bool = True
    opened: bool = False


@dataclass
class Stage:
    """A column. `kind` is SYSTEM_TYPE: NEW, PROGRESS, WORK, REVIEW, FINISH or empty for a user's own."""

    id: int
    group_id: int
    title: str
    sort: int
    color: str
    kind: str = ""


@dataclass
class Task:
    """Times are seconds since the epoch. `stage_id` 0 also means the first column of the group."""

    id: int
    title: str
    creator_id: int
    responsible_id: int
    created_at: float
    changed_at: float
    guid: str
    chat_id: int
    changed_by: int
    description: str = ""
    group_id: int = 0
    stage_id: int = 0
    status: int = PENDING
    status_changed_at: float | None = None
    status_changed_by: int = 0
    priority: int = 1
    deadline: float | None = None
    started_at: float | None = None
    closed_at: float | None = None
    closed_by: int | None = None
    accomplices: list[int] = field(default_factory=list)
    auditors: list[int] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    xml_id: str | None = None
    parent_id: int | None = None
    control: bool = False
    change_deadline: bool = True
    crm: list[str] = field(default_factory=list)
    files: list[int] = field(default_factory=list)
    custom: dict[str, str] = field(default_factory=dict)
    sort: float = 0.0


@dataclass
class Change:
    """A row of a task's history."""

    id: int
    task_id: int
    at: float
    user_id: int
    field: str
    old: str
    new: str


@dataclass
class ChecklistItem:
    """`parent_id` 0 marks the list itself, whose title is its heading."""

    id: int
    task_id: int
    title: str
    parent_id: int
    sort_index: int
    created_by: int
    complete: bool = False
    important: bool = False
    toggled_by: int | None = None
    toggled_at: float | None = None


GENERAL_CHAT = "chat1"


@dataclass
class Message:
    """A line of a chat; `dialog` is `chat105` or a user id."""

    id: int
    dialog: str
    author_id: int
    text: str
    at: float


@dataclass
class Notification:
    id: int
    user_id: int
    text: str
    at: float
    owner: str
    tag: str = ""


@dataclass(frozen=True)
class Principal:
    """Who calls: a webhook acting as its owner, or a user's token of an application; within its scope."""

    key: str
    user_id: int
    scope: frozenset[str]
    client_id: str = ""
