"""Who of ours a user of the portal is, and what he may do with a delivery."""

from collections.abc import Collection

from posrednik.domain.deliveries import Delivery
from posrednik.domain.moved_task import Mover
from posrednik.domain.portal_tasks import Hand
from posrednik.domain.rights import Right, may
from posrednik.domain.texts import told
from posrednik.domain.texts_portal_watch import NAMES
from posrednik.kit.quoting import quotable
from posrednik.store import couriers, people
from posrednik.store.db import Row, Tx

LONGEST_NAME = 80
# For the steps of couriers that he takes in their name, and for what the office does.
_STEPS: Collection[Right] = (Right.DELIVERY_ACT,)
_OFFICE: Collection[Right] = (Right.DELIVERY_ACT, Right.DELIVERY_CANCEL, Right.DELIVERY_ASSIGN)


async def courier_of(tx: Tx, user: int | None) -> Row | None:
    """The one active courier whose user this is."""
    if not user:
        return None
    found = [row for row in await couriers.found(tx, bitrix24_user=str(user)) if row.active]
    return found[0] if len({row.ref for row in found}) == 1 else None


async def mover_of(tx: Tx, hand: Hand | None, delivery: Delivery) -> Mover:
    """Somebody whom we do not know may do what shows no proof and needs no right; nobody knows him otherwise."""
    if hand is None or not hand.user_id:
        return Mover(told(NAMES["nobody"]))
    courier = await courier_of(tx, hand.user_id)
    person = await people.found(tx, user=str(hand.user_id))
    name = (courier.name if courier else None) or (person.name if person else None)
    name = name or quotable(hand.name, limit=LONGEST_NAME)
    shown = told(NAMES["person"], name=name) if name else told(NAMES["user"], user=str(hand.user_id))
    if person is None or not person.active:
        return Mover(shown, courier.ref if courier else None)
    office = _may(person, _OFFICE, delivery)
    return Mover(shown, courier.ref if courier else None, office, not courier and not _may(person, _STEPS, delivery))


def _may(person: Row, rights: Collection[Right], delivery: Delivery) -> bool:
    return all(may(person.roles, person.divisions, right, delivery.division_ref) for right in rights)
