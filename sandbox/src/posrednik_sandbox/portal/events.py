"""Events of the portal: which there are, who is bound to them, what waits in the offline queue.

Source: api-reference/events/ of the official REST documentation, 2026-08.
"""

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from posrednik_sandbox.portal.event_sender import Outgoing, Sender
from posrednik_sandbox.portal.happenings import ADDED, COMMENTED, DELETED, Happening
from posrednik_sandbox.portal.model import Principal
from posrednik_sandbox.portal.tables import Table

if TYPE_CHECKING:
    from posrednik_sandbox.portal.portal import Portal

INSTALL, UNINSTALL, TEST, OFFLINE = "ONAPPINSTALL", "ONAPPUNINSTALL", "ONAPPTEST", "ONOFFLINEEVENT"
# Events by the scope that opens them; "" is open to every application.
SCOPES: Mapping[str, tuple[str, ...]] = {
    "": (INSTALL, UNINSTALL, TEST, OFFLINE, "ONAPPUPDATE", "ONAPPPAYMENT", "ONAPPMETHODCONFIRM"),
    "user": ("ONUSERADD",),
    "task": (
        "ONTASKADD", "ONTASKUPDATE", "ONTASKDELETE", "ONTASKCOMMENTADD", "ONTASKCOMMENTUPDATE", "ONTASKCOMMENTDELETE",
    ),
}  # fmt: skip
# Calls made with an event's token count on; after so many events in a row the portal falls silent.
MOST_HOPS = 7
WITH_REFRESH = frozenset({INSTALL, OFFLINE})
NEVER_OFFLINE = frozenset({INSTALL, UNINSTALL, TEST, OFFLINE})


@dataclass
class EventHandler:
    """A bound handler; `handler` is empty for an offline one, `user_id` 0 for whoever caused the event."""

    id: int
    client_id: str
    event: str
    handler: str
    user_id: int = 0
    connector: str = ""
    min_timeout_s: int = 1

    @property
    def offline(self) -> bool:
        return not self.handler


@dataclass
class OfflineRow:
    """What changed, not how often: one row per event and object until it is taken into work (`process_id`)."""

    id: int
    client_id: str
    connector: str
    event: str
    data: dict[str, Any]
    message_id: str
    at: float
    user_id: int = 0
    process_id: str = ""
    error: bool = False


@dataclass(frozen=True)
class Cause:
    """The call that is running: its `auth_connector`, and how many events stand behind it."""

    connector: str = ""
    hops: int = 0


class Events:
    """Bound handlers of the application, the offline queue, and the sender to the online ones."""

    def __init__(self, portal: "Portal") -> None:
        self._portal = portal
        self.handlers: Table[EventHandler] = Table("event_handler", EventHandler, portal.journal)
        self.offline: Table[OfflineRow] = Table("offline_event", OfflineRow, portal.journal)
        self.sender = Sender(portal)
        self._cause = Cause()
        self._woken: dict[int, float] = {}
        self._fresh = {(row.client_id, row.connector, row.message_id): row.id for row in self.offline}
        portal.on_happening(self._of_task)

    @contextmanager
    def caused_by(self, who: Principal, connector: str) -> Iterator[None]:
        """What happens inside is told of this call."""
        self._cause = Cause(connector, who.hops)
        try:
            yield
        finally:
            self._cause = Cause()

    def emit(self, event: str, data: dict[str, Any], user_id: int = 0) -> None:
        """Tell the bound handlers, unless the installation is not finished or events go round in a circle."""
        cause = self._cause
        if not len(self.handlers) or not self._portal.installed or cause.hops >= MOST_HOPS:
            return
        for handler in [row for row in self.handlers if row.event == event]:
            if not handler.offline:
                self._send(handler, data, user_id, cause.hops + 1)
            elif not (handler.connector and handler.connector == cause.connector):
                self._queue(handler, data, user_id)

    def send_last(self, handlers: list[EventHandler], data: dict[str, Any]) -> None:
        """ONAPPUNINSTALL: the handlers are gone already, and so are the tokens."""
        for handler in handlers:
            self.sender.put(Outgoing(handler.id, handler.handler, handler.event, data, system=True))

    def of_application(self, client_id: str) -> list[EventHandler]:
        return [row for row in self.handlers if row.client_id == client_id]

    def unbind_all(self) -> None:
        """Handlers and what waits for them: an application that is removed or updated loses both."""
        for handler in list(self.handlers):
            self.handlers.drop(handler.id)
        for row in list(self.offline):
            self.offline.drop(row.id)

    def _of_task(self, what: Happening) -> None:
        if len(self.handlers):
            self.emit(what.event, _task_data(what), what.user_id)

    def _send(self, handler: EventHandler, data: dict[str, Any], user_id: int, hops: int) -> None:
        self.sender.put(
            Outgoing(
                handler.id, handler.handler, handler.event, data, handler.user_id or user_id, hops=hops,
                refresh=handler.event in WITH_REFRESH,
            )
        )  # fmt: skip

    def _queue(self, handler: EventHandler, data: dict[str, Any], user_id: int) -> None:
        text = handler.event + json.dumps(data, sort_keys=True)
        message_id = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
        place = (handler.client_id, handler.connector, message_id)
        row, now = self.offline.get(self._fresh.get(place)), self._portal.now()
        if row is None or row.process_id or row.error:
            row = OfflineRow(self.offline.next_id(), *place[:2], handler.event, data, message_id, now)
        row.at, row.user_id = now, user_id
        self._fresh[place] = self.offline.put(row).id
        self._wake(now)

    def _wake(self, now: float) -> None:
        """ONOFFLINEEVENT: at most one in `minTimeout` seconds per handler; only a hint."""
        for handler in [row for row in self.handlers if row.event == OFFLINE]:
            if now - self._woken.get(handler.id, float("-inf")) >= handler.min_timeout_s:
                self._woken[handler.id] = now
                self._send(handler, {}, handler.user_id or self._portal.installed_by, 1)


def new_process() -> str:
    return secrets.token_hex(16)


def _task_data(what: Happening) -> dict[str, Any]:
    fields: dict[str, int] = {"ID": what.task_id}
    if what.event == COMMENTED:
        # The new card keeps comments in the chat, so there is no comment to name.
        fields = {"ID": 0, "TASK_ID": what.task_id, "MESSAGE_ID": what.message_id}
    before: Any = "undefined" if what.event in (ADDED, COMMENTED) else fields
    after: Any = "undefined" if what.event == DELETED else fields
    return {
        "FIELDS_BEFORE": before,
        "FIELDS_AFTER": after,
        "IS_ACCESSIBLE_BEFORE": "N" if what.event == ADDED else "undefined",
        "IS_ACCESSIBLE_AFTER": "N" if what.event == DELETED else "undefined",
    }
