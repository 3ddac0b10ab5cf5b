"""Where each event goes: the table of domain.md §5 as data, in this one place. A page shows it.

An event is not sent back to the system whose command caused it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal
from uuid import UUID

from posrednik.domain.events import Event

Destination = Literal["bitrix24", "onec", "site"]
MessageKind = Literal["state", "event"]


@dataclass(frozen=True, slots=True)
class Route:
    """kind: a newer `state` message replaces an unsent older one of the same subject; an `event` never goes lost."""

    destination: Destination
    kind: MessageKind
    method: str


TASK = Route("bitrix24", "state", "task.put")
# Beside the task, each in lanes of its own (task_notes.py). An event may have none or several messages of them.
STEPS = Route("bitrix24", "state", "steps.put")
SAY = Route("bitrix24", "event", "task.say")
PHOTOS = Route("bitrix24", "event", "photos.put")
NOTICE = Route("bitrix24", "state", "notice.put")
INCIDENT = Route("bitrix24", "state", "notice.incident")
# Of no event: put by who watches over the service.
ALARM = Route("bitrix24", "state", "notice.alarm")
TO_1C = Route("onec", "event", "event")
WEBHOOK = Route("site", "event", "webhook")

TABLE: Mapping[str, tuple[Route, ...]] = MappingProxyType(
    {
        "delivery.readied": (TASK, STEPS, NOTICE, WEBHOOK),
        "delivery.assigned": (TASK, NOTICE, WEBHOOK),
        "delivery.changed": (TASK, NOTICE, WEBHOOK),
        "delivery.picked_up": (TASK, STEPS, PHOTOS, TO_1C, WEBHOOK),
        "delivery.departed": (TASK, STEPS, PHOTOS, TO_1C, WEBHOOK),
        "delivery.handed_over": (TASK, STEPS, SAY, PHOTOS, TO_1C, WEBHOOK),
        "delivery.not_delivered": (TASK, SAY, PHOTOS, TO_1C, WEBHOOK),
        "delivery.retried": (TASK, STEPS, SAY, NOTICE, TO_1C, WEBHOOK),
        "delivery.returned": (TASK, SAY, TO_1C, WEBHOOK),
        "delivery.customer_returned": (TASK, SAY, PHOTOS, TO_1C, WEBHOOK),
        "delivery.corrected": (TASK, SAY, PHOTOS, TO_1C, WEBHOOK),
        "delivery.settled": (TASK,),
        "delivery.withdrawn": (TASK, SAY, NOTICE, TO_1C, WEBHOOK),
        "delivery.cancelled": (TASK, SAY, NOTICE, TO_1C, WEBHOOK),
        # A second story about one delivery is for a person to decide; no document may come of it by itself.
        "delivery.done_by_another": (),
        # Only words so far: the goods move when the warehouse has counted them, and that is `delivery.returned`.
        "delivery.give_back_claimed": (),
        "sale.made": (TO_1C,),
        "sale.corrected": (TO_1C,),
        # 1C loads by a transfer or a command of its own and knows of it.
        "backpack.loaded": (),
        "backpack.written_off": (TO_1C,),
        "backpack.found": (TO_1C,),
        "backpack.accepted": (TO_1C,),
        "backpack.unloaded": (TO_1C,),
        "backpack.counted": (TO_1C,),
        "cash.change_issued": (TO_1C,),
        "cash.handed_in": (TO_1C,),
        "cash.corrected": (TO_1C,),
        "shift.opened": (),
        "shift.closed": (),
        "incident.raised": (INCIDENT,),
        "incident.decided": (INCIDENT,),
        "command.finished": (TO_1C,),
        "exchange.send_slice": (TO_1C,),
        "exchange.send_again": (TO_1C,),
        "exchange.send_digests": (TO_1C,),
        "exchange.send_sample": (TO_1C,),
    }
)


_OF_A_BASE = ("delivery", "sale", "backpack", "cash")


def routes_for(event: Event) -> tuple[Route, ...]:
    """The routes of an event. Raises KeyError for a type that the table does not have."""
    routes = TABLE[event.type]
    if event.subject_kind not in _OF_A_BASE or not _came_from_its_base(event):
        return routes
    return tuple(route for route in routes if route.destination != "onec")


def _came_from_its_base(event: Event) -> bool:
    """Whether the base that would get the event is the one whose command caused it."""
    about = event.data["delivery"] if event.subject_kind == "delivery" else event.data
    return event.cause_base == UUID(about["base_id"])
