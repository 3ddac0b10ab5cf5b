"""What becomes of a task of the portal that people changed by hand. Pure. Rules: domain.md §1, §2; facts win only where
somebody was at the door, so that a card that was dragged gives no proof of anything.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from posrednik.domain.deliveries import Delivery, Stage
from posrednik.domain.errors import ProofMissing
from posrednik.domain.ownership import DELIVERY, Policy, shown
from posrednik.domain.proofs import Given, ProofRules, check

BITRIX24 = "bitrix24"
# What people can change of a task, under the names that Hand and texts use.
FIELDS = ("stage", "group", "status", "responsible", "title", "description", "deadline")
# How often a change by hand is put back within a time; then somebody, or a robot of the portal, will not have it.
MOST_BACKS, BACKS_WITHIN = 5, timedelta(hours=1)

# Column left, column come to -> the actions that lead there, in their order.
_COURIER_STEPS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("ready", "picked_up"): ("pick_up",),
    ("ready", "en_route"): ("pick_up", "depart"),
    ("ready", "handed_over"): ("pick_up", "depart", "hand_over"),
    ("picked_up", "en_route"): ("depart",),
    ("picked_up", "handed_over"): ("depart", "hand_over"),
    ("en_route", "handed_over"): ("hand_over",),
}
_CANCELLABLE = ("ready", "picked_up", "en_route", "not_delivered")


@dataclass(frozen=True, slots=True)
class Seen:
    """A task as it was read, beside what we wrote last. Of each: None = as we wrote it.

    column: the stage whose column it is in now; "" = a column of nobody's. title: what people call that column.
    closed: it was completed (True) or opened again. responsible: the user who answers for it now.
    edited: which of title, description, deadline were changed by hand. unsure: they differ from what we wrote, and
    nobody can tell whether the portal did that.
    """

    column: str | None = None
    title: str = ""
    elsewhere: bool = False
    closed: bool | None = None
    responsible: int | None = None
    edited: tuple[str, ...] = ()
    unsure: bool = False

    @property
    def plain(self) -> bool:
        """Nobody changed anything."""
        return not (self.fields or self.unsure)

    @property
    def fields(self) -> tuple[str, ...]:
        """What was changed, of FIELDS. A task in another project has lost its column."""
        differs = {
            "stage": self.column is not None and not self.elsewhere, "group": self.elsewhere,
            "status": self.closed is not None, "responsible": self.responsible is not None,
        }  # fmt: skip
        return (*(name for name in FIELDS if differs.get(name)), *(name for name in FIELDS if name in self.edited))


@dataclass(frozen=True, slots=True)
class Mover:
    """Who did it. courier: his ref, if he is one courier of ours. office: he may do what the office does with this
    delivery. A person of ours without that right may not act in a courier's name either (`barred`)."""

    name: str
    courier: str | None = None
    office: bool = False
    barred: bool = False


@dataclass(frozen=True, slots=True)
class Back:
    """A change that is put back. why: its sentence is `portal_back.WHY` of texts_portal_watch, or `code` where a rule
    of the domain said no. data: for the sentence. field: of FIELDS."""

    why: str
    field: str
    data: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    code: str = ""

    @property
    def sentence(self) -> str:
        """Its code in the catalogue of texts."""
        return self.code or f"portal_back.{self.why}"


@dataclass(frozen=True, slots=True)
class Plan:
    """assign: the courier who gets it. steps: actions of domain.md §1, in their order, after the assignment.
    backs: what is put back; the task is written whole then. whole: it is written whole, and nobody is told.
    """

    assign: str | None = None
    steps: tuple[str, ...] = ()
    backs: tuple[Back, ...] = ()
    whole: bool = False

    @property
    def acts(self) -> bool:
        return self.assign is not None or bool(self.steps)


def decide(
    delivery: Delivery, seen: Seen, mover: Mover, policy: Policy, proofs: ProofRules, courier: str | None = None
) -> Plan:
    """courier: ref of the one courier whose user answers for the task now, None = there is none.

    Everything that people changed is either done or put back. A step is taken only if nothing that must be proved is
    skipped, and only of fields that Bitrix24 may write.
    """
    moved = _moved(delivery, seen, mover, policy, proofs)
    given = _given(delivery, seen, mover, policy, courier)
    found = [one for one in (moved, given) if isinstance(one, Back)]
    backs = (*found, *_put_back(seen))
    steps = moved if isinstance(moved, tuple) else ()
    return Plan(given if isinstance(given, str) else None, steps, backs, seen.unsure or bool(backs))


def _moved(delivery: Delivery, seen: Seen, mover: Mover, policy: Policy, proofs: ProofRules) -> tuple[str, ...] | Back:
    if "stage" not in seen.fields:
        return ()
    before, after = column_of(delivery), seen.column
    if after == before:
        return ()
    if not after:
        return Back("unknown_column", "stage", {"column": seen.title})
    if not policy.may_write(DELIVERY, "stage", BITRIX24):
        return Back("not_owner", "stage", {"owners": shown(policy.owners(DELIVERY, "stage"))})
    if delivery.on_board and (steps := _COURIER_STEPS.get((before, after))):
        return _taken(steps, mover, proofs)
    return _by_office(delivery, before, after, mover)


def _taken(steps: tuple[str, ...], mover: Mover, proofs: ProofRules) -> tuple[str, ...] | Back:
    """A card that was dragged shows nothing: no photo, no place, no counted goods, no sum."""
    if mover.barred:
        return Back("no_right", "stage")
    for step in steps:
        try:
            check(proofs, step, Given())
        except ProofMissing as missing:
            return Back("proof_missing", "stage", dict(missing.data))
    return steps


def _by_office(delivery: Delivery, before: str, after: str, mover: Mover) -> tuple[str, ...] | Back:
    if after == "settled":
        return Back("cash_desk", "stage")
    if after == "returned":
        return Back("warehouse", "stage")
    if after == "not_delivered" and delivery.on_board and before in ("ready", "picked_up", "en_route"):
        return Back("reason_missing", "stage")
    cancels = after == "cancelled" and before in _CANCELLABLE
    if not (delivery.on_board and (cancels or _retries(delivery, after))):
        return Back("no_step", "stage", {"stage": before, "asked_stage": after})
    if not mover.office:
        return Back("no_right", "stage")
    return ("cancel",) if cancels else ("retry",)


def _retries(delivery: Delivery, after: str) -> bool:
    """A new try begins where its goods are."""
    if delivery.stage is not Stage.NOT_DELIVERED:
        return False
    has_goods = delivery.holder is not None and delivery.holder_ref == delivery.courier_ref
    return after == ("picked_up" if has_goods else "ready")


def _given(delivery: Delivery, seen: Seen, mover: Mover, policy: Policy, courier: str | None) -> str | Back | None:
    if seen.responsible is None:
        return None
    if courier is not None and courier == delivery.courier_ref:
        return None
    if courier is None:
        return Back("unknown_user", "responsible", {"user": str(seen.responsible)})
    if not policy.may_write(DELIVERY, "courier", BITRIX24):
        return Back("not_owner", "responsible", {"owners": shown(policy.owners(DELIVERY, "courier"))})
    if mover.barred or (mover.courier and not mover.office):
        return Back("no_right", "responsible")
    if delivery.stage is not Stage.READY or not delivery.on_board:
        return Back("on_its_way", "responsible", {"stage": column_of(delivery)})
    return courier


def _put_back(seen: Seen) -> Sequence[Back]:
    found = [Back("other_project", "group")] if seen.elsewhere else []
    if seen.closed is not None:
        found.append(Back("completed" if seen.closed else "renewed", "status"))
    if seen.edited:
        found.append(Back("edited", seen.edited[0], {"parts": list(seen.edited)}))
    return found


def column_of(delivery: Delivery) -> str:
    """The stage whose column its card is in: one that was withdrawn stands with the cancelled."""
    return delivery.stage.value if delivery.on_board else Stage.CANCELLED.value


def put_back_too_often(times: int, since: datetime | None, now: datetime) -> bool:
    """Whether a task was put back so often that it is left as it is until a person has looked."""
    return since is not None and now - since < BACKS_WITHIN and times >= MOST_BACKS
