"""Whether what happens in a division is sent to the other systems. Pure; decided in `store/events.py` alone.

off: nothing is taken as news. shadow: all is computed, nothing is sent. pilot: of listed couriers and trial orders.
live: everything. Trial orders never reach the site. See docs/subsystems/pilot.md.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Literal, get_args
from uuid import UUID

from posrednik.domain.events import Data, Event

Mode = Literal["off", "shadow", "pilot", "live"]
MODES: tuple[str, ...] = get_args(Mode)
TITLES: dict[str, tuple[str, str]] = {
    "off": ("Выключено", "off"), "shadow": ("Теневой режим", "shadow"), "pilot": ("Пилот", "pilot"),
    "live": ("Работает", "live"),
}  # fmt: skip
SENDING = frozenset({"pilot", "live"})


@dataclass(frozen=True, slots=True)
class Standing:
    """How a division stands. couriers: refs of those who take part in its pilot."""

    mode: str = "live"
    couriers: frozenset[str] = frozenset()

    def sends_of(self, couriers: Iterable[str | None], *, trial: bool = False, member: bool = False) -> bool:
        """Whether what these couriers do is sent. member: of a delivery that is in the pilot already."""
        if self.mode != "pilot":
            return self.mode == "live"
        return trial or member or any(ref in self.couriers for ref in couriers)


def is_sent(event: Event, standing: Standing, members: Collection[UUID] = ()) -> bool:
    """Whether `event` goes to anybody. What is of the exchange itself always does: an answer to a command of 1C, a
    slice or a comparison that is asked for.

    members: deliveries that are in a pilot.
    """
    if event.subject_kind in ("command", "slice", "reconciliation"):
        return True
    member = event.subject_kind == "delivery" and event.subject_id in members
    return standing.sends_of(couriers_of(event.data), trial=event.trial, member=member)


def is_public(event: Event) -> bool:
    """Whether subscribers may hear of it: they hear of deliveries, and a trial order never leaves the pilot."""
    return event.subject_kind == "delivery" and not event.trial


def couriers_of(data: Data) -> set[str]:
    """Refs of the couriers that an event is about: to whom it is assigned, who has the goods, who handed them over."""
    delivery: dict[str, Any] | None = data.get("delivery")
    if delivery is None:
        ref = data.get("courier_ref")
        return {str(ref)} if ref else set()
    people = (delivery.get(name) for name in ("courier", "holder", "handed_over_by"))
    return {str(person["ref"]) for person in people if person}
