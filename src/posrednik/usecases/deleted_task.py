"""A delivery's task that somebody deleted in the portal: a person decides whether it is made anew. See
docs/subsystems/portal.md, "Coming from the portal"."""

from datetime import datetime
from uuid import UUID

from posrednik.domain.changes import contradiction
from posrednik.domain.moved_task import BITRIX24
from posrednik.store import deliveries, journal, lanes, portal_watch
from posrednik.store.db import Row, Tx
from posrednik.store.journal import Entry
from posrednik.usecases.incidents import about_delivery, raise_all


async def take_gone(tx: Tx, mark: Row, task_id: int, now: datetime) -> bool:
    """mark: of store.portal_watch.marks, from before it was looked for. False: something of ours is on its way there
    just now, look again. What waits in the lane does not matter: it finds no task either."""
    delivery = await deliveries.lock(tx, mark.delivery_id)
    lane = await portal_watch.lock_lane(tx, mark.lane_id)
    if delivery is None or lane is None or lane.remote_id != str(task_id):
        return True
    if lane.state == "leased" or lane.epoch != mark.epoch:
        return False
    if not await portal_watch.gone(tx, task_id, delivery.id) or delivery.closed:
        return True
    found = contradiction("task_deleted", delivery, task=str(task_id))
    await raise_all(tx, [found], about_delivery(delivery), now)
    await journal.add(tx, [Entry("action", BITRIX24, "deleted", found.what, "task_deleted", UUID(delivery.order_ref))])
    return True


async def decided(tx: Tx, delivery_id: UUID, *, again: bool) -> None:
    """again: a new task is made, whatever is put meanwhile. Else nothing is written there any more, and what could not
    be written is done with. Nothing of it where no portal has a task of it."""
    for portal in await portal_watch.portals(tx):
        drafts = await portal_watch.rewritten(tx, [delivery_id])
        if again:
            await portal_watch.forget(tx, portal, delivery_id)
        else:
            await portal_watch.distrust(tx, portal, delivery_id, portal_watch.LEFT)
        await lanes.put(tx, [draft for draft in drafts if draft.destination_id == portal])
