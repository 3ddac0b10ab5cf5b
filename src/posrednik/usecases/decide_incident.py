"""A person decides an incident; a decision may post a correction at once (domain.md §3, §4)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from posrednik.domain import ledger as accounts
from posrednik.domain.errors import AlreadyDecided, DecisionMissing, DomainError
from posrednik.domain.evidence import FLAGS
from posrednik.domain.incidents import DECISIONS, FOUND, LEFT, RECREATED, SETTLED, Incident
from posrednik.domain.shifts import Goods
from posrednik.store import effects, ledger
from posrednik.store.db import Database, Row, Tx
from posrednik.usecases import deleted_task, incidents
from posrednik.usecases.cash_desk import Desk, NoSuchCourier, decide_difference
from posrednik.usecases.couriers import courier_of
from posrednik.usecases.decide_shortage import decide_shortage
from posrednik.usecases.incidents import NoSuchIncident, Permit
from posrednik.usecases.order_facts import Rules


class NotTogether(DomainError):
    """Only doubts about evidence, and of one kind, are decided many at once."""

    code = "not_together"


class _WouldBe(Exception):
    """Ends a transaction that was only tried."""

    def __init__(self, effect: Sequence[Row]) -> None:
        self.effect = effect


async def decide_incident(
    tx: Tx, rules: Rules, incident_id: UUID, decision: str, reason: str, person: str, now: datetime,
    permit: Permit = lambda incident: None,
) -> Incident:  # fmt: skip
    """settled: all that is open of his cash is posted as shortage or surplus; written_off, found: all goods that he is
    short of; recreated: the task is made anew, left: it is not; in this transaction.

    Raises NoSuchIncident, AlreadyDecided, DecisionMissing, MoreThanDiffers, MoreThanShort (nothing is left to post).
    """
    decided = await incidents.decide(tx, incident_id, decision, reason, person, now, permit=permit)
    if decision in DECISIONS[:4]:
        return decided
    if decision in (RECREATED, LEFT):
        await deleted_task.decided(tx, UUID(decided.subject_id), again=decision == RECREATED)
        return decided
    if decided.courier_ref is None:
        raise DecisionMissing
    if decision == SETTLED:
        await decide_difference(Desk(tx, rules, person, now), decided.courier_ref, None, reason)
    else:
        await _shortage(tx, rules, decided.courier_ref, reason, person, now, found=decision == FOUND)
    return decided


async def _shortage(
    tx: Tx, rules: Rules, courier_ref: str, reason: str, person: str, now: datetime, *, found: bool
) -> None:
    courier = await courier_of(tx, courier_ref)
    if courier is None:
        raise NoSuchCourier
    account = accounts.shortage(courier.ref)
    short = (await ledger.goods(tx, [account]))[account]
    lines = [Goods(product, characteristic, milli) for (product, characteristic), milli in short.items() if milli > 0]
    await decide_shortage(tx, courier, lines, reason, person, rules, now, found=found)


async def would_be(
    db: Database, rules: Rules, incident_id: UUID, decision: str, person: str, now: datetime, permit: Permit
) -> Sequence[Row]:
    """What this decision would post and send: it is taken whole and rolled back. Rows of `effects.of_incident`."""

    async def attempt(tx: Tx) -> None:
        decided = await decide_incident(tx, rules, incident_id, decision, "?", person, now, permit)
        await db.finish(tx)
        raise _WouldBe(await effects.of_incident(tx, decided))

    try:
        await db.transact(attempt)
    except _WouldBe as told:
        return told.effect
    return ()


async def effect_of(db: Database, incident: Incident) -> Sequence[Row]:
    """What the decision on it posted and sent; nothing while it is open. Rows of `effects.of_incident`."""
    return await effects.of_incident(db, incident)


async def decide_many(
    tx: Tx, ids: Sequence[UUID], decision: str, reason: str, person: str, now: datetime, permit: Permit
) -> tuple[list[Incident], list[UUID]]:
    """The same decision on many doubts of one kind; those that somebody has decided before are the second list.

    Raises NotTogether, NoSuchIncident, DecisionMissing.
    """
    if decision not in DECISIONS[:4]:
        raise DecisionMissing
    decided: list[Incident] = []
    before: list[UUID] = []
    for incident_id in sorted(set(ids)):  # one order, so that two people never wait for each other
        try:
            decided.append(await incidents.decide(tx, incident_id, decision, reason, person, now, permit=permit))
        except AlreadyDecided:
            before.append(incident_id)
    if len({one.kind for one in decided}) > 1 or any(one.kind not in FLAGS for one in decided):
        raise NotTogether
    return decided, before


__all__ = ["NoSuchIncident", "NotTogether", "decide_incident", "decide_many", "effect_of", "would_be"]
