"""What a portal holds. Ids are integers here; the REST methods print most of them as text."""

from dataclasses import dataclass, field

PENDING, IN_PROGRESS, AWAITING_CONTROL, COMPLETED, DEFERRED = 2, 3, 4, 5, 6


@dataclass
class User:
    """`last_login` None: he was invited and has never come."""

    id: int
    name: str
    last_name: str
    position: str
    email: str
    phone: str = ""
    active: bool = True
    admin: bool = False
    departments: list[int] = field(default_factory=lambda: [1])
    last_login: float | None = None

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
    moderators: list[int] = field(default_factory=list)


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
    """Times are seconds since the epoch. `stage_id` 0 also means the first column of the group.

    `files` are ids of attachments, not of the files on the Disk. `active_at`: the last change or line of its chat.
    """

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
    active_at: float | None = None


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
    """`parent_id` 0 marks the list itself, whose title is its heading. `members`: user id as text -> A or U."""

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
    members: dict[str, str] = field(default_factory=dict)


GENERAL_CHAT = "chat1"


@dataclass
class Message:
    """A line of a chat; `dialog` is `chat105` or a user id. A deleted one stays as a line without text."""

    id: int
    dialog: str
    author_id: int
    text: str
    at: float
    system: bool = False
    edited: bool = False
    deleted: bool = False
    files: list[int] = field(default_factory=list)


@dataclass
class Notification:
    id: int
    user_id: int
    text: str
    at: float
    owner: str
    tag: str = ""
    sub_tag: str = ""
    author_id: int = 0
    read: bool = False
    push: bool = False


@dataclass
class Storage:
    """A Disk of a user, of a project, of the company (common) or of an application (restapp)."""

    id: int
    entity_type: str
    entity_id: str
    name: str
    root_id: int


@dataclass
class DiskObject:
    """A folder or a file; `parent_id` 0 is the root of its storage. What a file holds is kept in `Portal.blobs`."""

    id: int
    storage_id: int
    parent_id: int
    name: str
    folder: bool
    created_at: float
    created_by: int
    updated_at: float
    updated_by: int
    size: int = 0
    file_id: int = 0
    version: int = 1


@dataclass
class Attachment:
    """A file of the Disk hung on a task; the same file may hang there twice."""

    id: int
    object_id: int
    task_id: int
    at: float
    user_id: int


@dataclass
class UserField:
    """`kind`: string, double, datetime or boolean."""

    id: int
    name: str
    kind: str
    xml_id: str = ""
    sort: int = 100
    multiple: bool = False
    mandatory: bool = False
    label: str = ""
    settings: dict[str, str] = field(default_factory=dict)


@dataclass
class Elapsed:
    id: int
    task_id: int
    user_id: int
    seconds: int
    text: str
    at: float


@dataclass
class Result:
    """A task's result of REST v3. `message_id`: the line of the chat it was made of."""

    id: int
    task_id: int
    author_id: int
    text: str
    at: float
    updated_at: float | None = None
    message_id: int | None = None


@dataclass
class Placement:
    """A handler the application has built in; titles: language -> TITLE, DESCRIPTION, GROUP_NAME."""

    id: int
    client_id: str
    placement: str
    handler: str
    user_id: int = 0
    options: dict[str, str] = field(default_factory=dict)
    titles: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Principal:
    """Who calls: a webhook acting as its owner, or a user's token of an application; within its scope.

    hops: of the token, see tokens.py. expires_at: of a webhook with an end, seconds of the portal's clock.
    """

    key: str
    user_id: int
    scope: frozenset[str]
    client_id: str = ""
    hops: int = 0
    expires_at: float | None = None
