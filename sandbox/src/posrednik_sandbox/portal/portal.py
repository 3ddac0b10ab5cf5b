"""The state of one emulated Bitrix24 portal, with the switches of its behaviour."""

import logging
import random
from collections import Counter, deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from typing import Any

from posrednik_sandbox.portal.application import INSTALLED, Application, Installation, restored
from posrednik_sandbox.portal.blobs import Blobs
from posrednik_sandbox.portal.clock import Clock
from posrednik_sandbox.portal.events import Events
from posrednik_sandbox.portal.faults import Faults
from posrednik_sandbox.portal.happenings import Happening
from posrednik_sandbox.portal.idempotency import IdempotencyStore
from posrednik_sandbox.portal.limits import Limits
from posrednik_sandbox.portal.links import Links
from posrednik_sandbox.portal.model import (
    Attachment,
    Change,
    ChecklistItem,
    Department,
    DiskObject,
    Elapsed,
    Group,
    Message,
    Notification,
    Placement,
    Principal,
    Result,
    Stage,
    Storage,
    Task,
    User,
    UserField,
)
from posrednik_sandbox.portal.seed import seed as fill
from posrednik_sandbox.portal.tables import Journal, Table
from posrednik_sandbox.portal.tokens import Tokens

Traffic = Mapping[str, Any]

WEBHOOK = ("1", "sandboxsecret")
SCOPE = frozenset({"task", "tasks", "user", "im", "sonet_group", "department", "disk", "pull"})

log = logging.getLogger(__name__)
# What rows are looked up by besides their ids.
_TASK, _DIALOG, _FOLDER = attrgetter("task_id"), attrgetter("dialog"), attrgetter("parent_id")
_TAG = attrgetter("owner", "tag")


class Portal:
    """Everything a portal knows. One asyncio loop uses it; no method of it waits.

    data_dir: where changes are kept over a restart; None keeps them in memory only.
    online: a stopped portal answers 503 where it is still reached.
    strict_filters: refuse unknown filter keys of tasks.task.list, which a real portal ignores in silence.
    address: host and port as the outside knows them; home: address of the pages. The process that listens sets both.
    new_card: comments of a task are lines of its chat; off, as on an old box, there is no chat of a task.
    shared_tags: a notification drops those of its application with the same TAG, whoever got them.
    public_handlers: refuse handlers at addresses of this machine, as a real portal does. https_only: refuse plain http.
    sids: APP_SID of an opened frame -> whose it is.
    v3_race: two requests at once with one Idempotency-Key may both be executed, as the documentation warns.
    """

    def __init__(
        self,
        data_dir: Path | None = None,
        clock: Clock | None = None,
        *,
        seed: int | None = None,
        application: Application | None = None,
    ) -> None:
        self.clock = clock or Clock()
        self.options = application or Application()
        self.address, self.home = "127.0.0.1:8101", "/portal/"
        self.rng = random.Random(seed)
        self.journal = Journal(data_dir)
        self.installations: Table[Installation] = Table("installation", Installation, self.journal)
        self.application = restored(self.options, self.installations.get(1))
        self.tokens = Tokens(self.now, self.journal)
        self.users: Table[User] = Table("user", User, self.journal)
        self.departments: Table[Department] = Table("department", Department, self.journal)
        self.groups: Table[Group] = Table("group", Group, self.journal)
        self.stages: Table[Stage] = Table("stage", Stage, self.journal, 101)
        self.tasks: Table[Task] = Table("task", Task, self.journal, 101)
        self.history: Table[Change] = Table("history", Change, self.journal, by=_TASK)
        self.checklist: Table[ChecklistItem] = Table("checklist", ChecklistItem, self.journal, by=_TASK)
        self.messages: Table[Message] = Table("message", Message, self.journal, by=_DIALOG)
        self.notifications: Table[Notification] = Table("notification", Notification, self.journal, by=_TAG)
        self.deleted: Table[Task] = Table("deleted", Task, self.journal)
        self.elapsed: Table[Elapsed] = Table("elapsed", Elapsed, self.journal)
        self.results: Table[Result] = Table("result", Result, self.journal)
        self.userfields: Table[UserField] = Table("userfield", UserField, self.journal, 1301)
        self.storages: Table[Storage] = Table("storage", Storage, self.journal)
        self.objects: Table[DiskObject] = Table("object", DiskObject, self.journal, 8001, by=_FOLDER)
        self.attachments: Table[Attachment] = Table("attachment", Attachment, self.journal, 1001)
        self.blobs = Blobs(None if data_dir is None else data_dir / "disk")
        self.links = Links(self.now)
        self.idempotency = IdempotencyStore(self.journal)
        self.limits = Limits()
        self.faults = Faults(self.rng)
        self.webhooks: dict[tuple[str, str], Principal] = {}
        self.add_webhook(*WEBHOOK)
        self.online = True
        self.strict_filters = False
        self.v3_race = True
        self.new_card = True
        self.shared_tags = True
        self.requests = 0
        self.by_method: Counter[str] = Counter()
        self.last_requests: deque[Traffic] = deque(maxlen=100)
        self._listeners: list[Callable[[Traffic], None]] = []
        self._watchers: list[Callable[[Happening], None]] = []
        self.placements: Table[Placement] = Table("placement", Placement, self.journal)
        self.events = Events(self)
        self.sids: dict[str, int] = {}
        self.public_handlers = False
        self.https_only = False
        fill(self)

    @property
    def version(self) -> int:
        """Grows with every change, so that a page asks only for what is new."""
        return self.journal.version

    def now(self) -> float:
        return self.clock.now()

    @property
    def installed(self) -> bool:
        """Whether the application's installation is finished; one without an installer needs none."""
        row = self.installations.get(1)
        return row.state == INSTALLED if row else not self.application.install_url

    @property
    def installed_by(self) -> int:
        """Whoever installed the application; 0 when nobody did."""
        row = self.installations.get(1)
        return row.user_id if row else 0

    @property
    def client_endpoint(self) -> str:
        """Where an application calls this portal."""
        return f"http://{self.address}/rest/"

    @property
    def server_endpoint(self) -> str:
        """The authorisation server, which shares the portal's port."""
        return f"http://{self.address}/rest/"

    def add_webhook(
        self, user_id: str, secret: str, scope: frozenset[str] = SCOPE, expires_at: float | None = None
    ) -> None:
        key = f"webhook:{user_id}:{secret}"
        self.webhooks[user_id, secret] = Principal(key, int(user_id), scope, expires_at=expires_at)

    def revoke_webhook(self, user_id: str, secret: str) -> None:
        self.webhooks.pop((user_id, secret), None)

    def on_traffic(self, listener: Callable[[Traffic], None]) -> None:
        """`listener` gets a mapping about every request served, after its answer is ready."""
        self._listeners.append(listener)

    def served(self, line: dict[str, Any]) -> None:
        """Count a request and tell the listeners."""
        self.requests += 1
        self.by_method[line["method"]] += 1
        row = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), **line}
        self.last_requests.appendleft(row)
        self.tell(row)

    def tell(self, row: Traffic) -> None:
        """Tell the listeners what happened; a failure of theirs never breaks an answer."""
        for listener in self._listeners:
            try:
                listener(row)
            except Exception:
                log.exception("portal.traffic_listener_failed")

    def on_happening(self, watcher: Callable[[Happening], None]) -> None:
        """`watcher` gets every change of a task, by REST or by hand, once it is done."""
        self._watchers.append(watcher)

    def happened(self, what: Happening) -> None:
        for watcher in self._watchers:
            try:
                watcher(what)
            except Exception:
                log.exception("portal.watcher_failed")

    def group_stages(self, group_id: int) -> list[Stage]:
        """Columns of a group from left to right."""
        return sorted((row for row in self.stages if row.group_id == group_id), key=lambda row: row.sort)

    def is_admin(self, user_id: int) -> bool:
        user = self.users.get(user_id)
        return user is not None and user.admin

    def same_xml_id(self) -> dict[str, list[int]]:
        """XML_ID held by more than one task, with the tasks' ids: what must never be."""
        found: dict[str, list[int]] = {}
        for task in self.tasks:
            if task.xml_id:
                found.setdefault(task.xml_id, []).append(task.id)
        return {key: ids for key, ids in found.items() if len(ids) > 1}

    def close(self) -> None:
        self.journal.close()
