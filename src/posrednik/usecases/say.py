"""A line in the talk of a delivery's task: what people there are to know. See docs/subsystems/portal.md."""

from uuid import UUID

from posrednik.kit.ids import uuid7, uuid7_of
from posrednik.store import lanes, portal_watch
from posrednik.store.db import Tx
from posrednik.store.lanes import Draft


async def lines(tx: Tx, delivery_id: UUID, text: str, key: str = "", order_ref: UUID | None = None) -> list[Draft]:
    """The messages of `say`, not put yet."""
    message_id = uuid7_of(None, "task.say", delivery_id, key) if key else uuid7()
    return [
        portal_watch.line(portal, delivery_id, text, order_ref, message_id) for portal in await portal_watch.portals(tx)
    ]


async def say(tx: Tx, delivery_id: UUID, text: str, key: str = "", order_ref: UUID | None = None) -> None:
    """Put the line; call it last. text: for people, Russian. key: the same line is said once under it, where it is
    still on its way."""
    await lanes.put(tx, await lines(tx, delivery_id, text, key, order_ref))
