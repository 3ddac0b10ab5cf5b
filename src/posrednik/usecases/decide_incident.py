"""A person decides an incident; the decision on differing cash may move the money at once (domain.md §3, §4)."""

from datetime import datetime
from uuid import UUID

from posrednik.domain.errors import DecisionMissing
from posrednik.domain.incidents import SETTLED, Incident
from posrednik.store.db import Tx
from posrednik.usecases import incidents
from posrednik.usecases.cash_desk import Desk, decide_difference
from posrednik.usecases.order_facts import Rules


async def decide_incident(
    tx: Tx, rules: Rules, incident_id: UUID, decision: str, reason: str, person: str, now: datetime
) -> Incident:
    """settled: all that is open of his cash is posted as shortage or surplus, in this transaction.

    Raises NoSuchIncident, AlreadyDecided, DecisionMissing, MoreThanDiffers (nothing is left to post).
    """
    decided = await incidents.decide(tx, incident_id, decision, reason, person, now)
    if decision != SETTLED:
        return decided
    if decided.kind != "cash_difference" or decided.courier_ref is None:
        raise DecisionMissing
    await decide_difference(Desk(tx, rules, person, now), decided.courier_ref, None, reason)
    return decided
