"""Writes to fields of other owners: found, and told as journal line, incident and count. See
docs/subsystems/ownership.md."""

import dataclasses
from collections import Counter
from collections.abc import Awaitable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from posrednik.domain import ownership as rules
from posrednik.domain.changes import Contradiction, found
from posrednik.domain.deliveries import Delivery, OrderFacts
from posrednik.domain.incidents import About
from posrednik.domain.ownership import DELIVERY, KINDS, POSREDNIK, REST, NotOwner, Policy
from posrednik.domain.texts_ownership import AGREES
from posrednik.kit import metrics
from posrednik.kit.quoting import quotable
from posrednik.store import journal, ownership
from posrednik.store.db import Database, Tx
from posrednik.store.inbox import Base
from posrednik.store.journal import Entry
from posrednik.usecases import incidents

MOST_TOLD = 20  # objects of one field and request that get an incident each; more are one incident of the field
MOST_EXAMPLES = 5
LONGEST_SHOWN = 60
FIELD = "field"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Refusal:
    """One write that was not taken. by: who wanted it, in words. where: his system's name in the journal.

    door: object, command, action. object: what people call it. shown: what was sent and kept, where that can be said.
    """

    kind: str
    ref: str
    field: str
    system: str
    by: str
    where: str
    door: str
    object: str
    owners: list[str]
    division_ref: str = ""
    base_id: UUID | None = None
    order_ref: str | None = None
    order_number: str | None = None
    trial: bool = False
    new: bool = False
    shown: dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def name(self) -> str:
        """As it is counted: what is no known field is one of the rest."""
        return f"{self.kind}.{self.field if self.field in KINDS[self.kind].fields else REST}"


class Refused(NotOwner):
    """A person's write to fields of other owners; nothing was done. refusals: at least one, the first is told."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        first = refusals[0]
        super().__init__(object_kind=first.kind, field=first.field, owners=first.owners)
        self.refusals = list(refusals)


async def telling(db: Database, work: Awaitable[T], now: datetime) -> T:
    """`work`, whose transaction is gone when it was Refused: the attempt is then told in one of its own."""
    try:
        return await work
    except Refused as error:
        refusals = error.refusals
        await db.transact(lambda tx: tell(tx, refusals, now))
        raise


def of_delivery(
    policy: Policy, fields: Iterable[str], of: Delivery | OrderFacts, order_ref: str, *, system: str, by: str,
    where: str, door: str, kind: str = DELIVERY,
) -> list[Refusal]:  # fmt: skip
    """Of fields of a delivery, or of one that is not made yet (of: its order); kind: or of its order's own."""
    number = of.order_number if isinstance(of, Delivery) else of.number
    return [
        Refusal(
            kind, order_ref, name, system, by, where, door, number, rules.shown(policy.owners(kind, name)),
            of.division_ref, of.base_id, order_ref, number, of.trial,
        )
        for name in fields
    ]  # fmt: skip


def refused(policy: Policy, system: str, base: str, fields: Iterable[str]) -> list[str]:
    """Those of a delivery's fields that this system may not write."""
    closed = policy.closed(system, base).get(DELIVERY)
    return [] if closed is None else [name for name in fields if closed.refuses(name)]


def check_person(
    policy: Policy, before: Delivery, after: Delivery, person: str, system: str = POSREDNIK, where: str = "office"
) -> None:
    """Raise Refused if what he wants done writes a field that his system does not own. where: of the journal."""
    if wrong := refused(policy, system, "", rules.written(before, after)):
        by = {**_office(person), "system": system, "where": where}
        raise Refused(of_delivery(policy, wrong, before, before.order_ref, **by))


def check_trial(policy: Policy, of: Delivery | OrderFacts, order_ref: str, person: str) -> None:
    """The same for the mark of a trial order, which is the order's and its delivery's."""
    for kind in ("order", DELIVERY):
        if not policy.may_write(kind, "trial", POSREDNIK):
            raise Refused(of_delivery(policy, ["trial"], of, order_ref, **_office(person), kind=kind))


def check_user(policy: Policy, ref: str, name: str, division_ref: str, person: str) -> None:
    """The same for the user of a courier. name: the courier's."""
    kind, one = "courier", "bitrix24_user"
    if not policy.may_write(kind, one, POSREDNIK):
        owners = rules.shown(policy.owners(kind, one))
        raise Refused([Refusal(kind, ref, one, POSREDNIK, person, "office", "action", name, owners, division_ref)])


def _office(person: str) -> dict[str, str]:
    return {"system": POSREDNIK, "by": person, "where": "office", "door": "action"}


# -- telling


async def tell(tx: Tx, refusals: Sequence[Refusal], now: datetime) -> None:
    """In the transaction of what they came of."""
    if not refusals:
        return
    groups: dict[tuple[str, str, str], list[Refusal]] = {}
    for one in refusals:
        groups.setdefault((one.kind, one.field, one.where), []).append(one)
    lots = [lot for group in groups.values() for lot in ([group] if len(group) > MOST_TOLD else [[r] for r in group])]
    await journal.add(tx, [_entry(lot) for lot in lots])
    await incidents.raise_many(tx, [(_contradiction(lot), _about(lot)) for lot in lots], now)
    counted = Counter((one.name, one.system) for one in refusals)
    await ownership.count(tx, counted, now)
    tx.after_commit.append(lambda: _count(counted))


async def settle(tx: Tx, subjects: Sequence[str], now: datetime) -> None:
    """Fields (`kind:ref:field`) whose owner's value their base has again: what is open about them is over."""
    for incident_id in await ownership.open_cases(tx, subjects):
        await incidents.decide(tx, incident_id, "explained", AGREES, "1С", now)


def _count(counted: Mapping[tuple[str, str], int]) -> None:
    for (name, system), n in counted.items():
        kind, _, named = name.partition(".")
        metrics.OWNERSHIP_REFUSED.labels(kind, named, system).inc(n)


def _entry(lot: Sequence[Refusal]) -> Entry:
    told, one = _contradiction(lot), lot[0]
    detail: dict[str, Any] = {"kind": one.kind, "field": one.field, "owners": one.owners}
    detail |= {"ref": one.ref} if len(lot) == 1 else {"objects": len(lot), "refs": [r.ref for r in lot[:MOST_TOLD]]}
    order_ref = UUID(one.order_ref) if one.order_ref and len(lot) == 1 else None
    summary = f"{told.what} {told.why}"
    return Entry(one.door, one.where, "refused", summary, "ownership_refused", order_ref, detail=detail)


def _contradiction(lot: Sequence[Refusal]) -> Contradiction:
    one = lot[0]
    data = {"by": one.by, "field": one.field, "object_kind": one.kind, "owners": one.owners}
    if len(lot) > 1:
        examples = [r.object for r in lot[:MOST_EXAMPLES]]
        return found("ownership_violation", variant="many", **data, objects=len(lot), examples=examples)
    variant = "new" if one.new else "values" if one.shown else ""
    return found("ownership_violation", variant=variant, **data, object=one.object, **one.shown)


def _about(lot: Sequence[Refusal]) -> About:
    one = lot[0]
    if len(lot) > 1:
        return About(FIELD, f"{one.kind}.{one.field}:{one.where}", base_id=one.base_id)
    return About(
        FIELD, subject_of(one.kind, one.ref, one.field), one.division_ref, base_id=one.base_id, order_ref=one.order_ref,
        order_number=one.order_number, trial=one.trial,
    )  # fmt: skip


def subject_of(kind: str, ref: str, field: str) -> str:
    return f"{kind}:{ref}:{field}"


# -- for the doors of 1C


def by_base(base: Base) -> str:
    return f"1С «{base.name}»"


def shown_values(sent: Any, kept: Any) -> dict[str, str]:
    """For an incident; nothing when they have parts (goods, addresses)."""
    if isinstance(sent, dict | list) or isinstance(kept, dict | list):
        return {}
    return {"sent": _value(sent), "kept": _value(kept)}


def _value(value: Any) -> str:
    if value is None:
        return "—"
    return quotable(str(value).lower() if isinstance(value, bool) else str(value), limit=LONGEST_SHOWN)


def attributes(fields: Collection[str]) -> frozenset[str]:
    """Of these fields of a delivery, what of the delivery they are."""
    return frozenset(part for name in fields for part in rules.OF_DELIVERY[name])


def fields_of(parts: Collection[str]) -> list[str]:
    """The other way."""
    return [name for name, known in rules.OF_DELIVERY.items() if not {*known}.isdisjoint(parts)]
