"""Counts the tasks of each delivery at the portal: two under one marker are told once, and never merged silently."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from posrednik.domain.changes import contradiction
from posrednik.domain.portal_tasks import Known, Marked, PortalTasks
from posrednik.kit.log import get_logger
from posrednik.store import deliveries, lags, portal_watch
from posrednik.store.db import Database, Tx
from posrednik.usecases.incidents import about_delivery, raise_all
from posrednik.usecases.take_seen_task import close_case

log = get_logger("portal")
KIND = "double_at_destination"
# A sweep reads again what changed within this time before the last one; the first reads what changed since FIRST.
OVERLAP, FIRST = timedelta(hours=2), timedelta(days=7)
MOST_DOUBLES = 1000


@dataclass(frozen=True, slots=True)
class Swept:
    """tasks: with a marker of ours that were seen. doubles: deliveries with several tasks now. news: found just now.
    whole: all tasks of our projects were seen."""

    tasks: int
    doubles: int
    news: int
    whole: bool


async def sweep(
    db: Database, destination_id: int, portal: PortalTasks, groups: Collection[int], *, everything: bool = False
) -> Swept:
    """everything: also what did not change since the last sweep. Raises PortalSilent."""
    state = await portal_watch.state(db)
    since = None if everything else state.swept_to - OVERLAP if state.swept_to else state.now - FIRST
    page = await portal.marked(groups, since)
    found = _by_delivery(page.rows)
    kept = await portal_watch.tasks_of(db, destination_id, list(found))
    for delivery_id, row in kept.items():
        if row.task_id.isdecimal():
            found[delivery_id].add(int(row.task_id))
    for row in await portal_watch.duplicates(db, MOST_DOUBLES):
        found.setdefault(row.delivery_id, set()).update(row.task_ids)
    seen = await there(portal, {one: ids for one, ids in found.items() if len(ids) > 1})
    news = await db.transact(lambda tx: note(tx, destination_id, seen, datetime.now(UTC)))
    if page.whole:
        await portal_watch.swept(db, page.at)
        await lags.count_most(db, "sweeps", 1)
    doubles = sum(len(ids) > 1 for ids in seen.values())
    log.info("portal.swept", tasks=len(page.rows), doubles=doubles, news=news, whole=page.whole)
    return Swept(len(page.rows), doubles, news, page.whole)


def _by_delivery(rows: Collection[Marked]) -> dict[UUID, set[int]]:
    found: dict[UUID, set[int]] = defaultdict(set)
    for row in rows:
        if row.marker:
            found[UUID(row.marker)].add(row.task_id)
    return dict(found)


async def there(portal: PortalTasks, several: Mapping[UUID, Collection[int]]) -> dict[UUID, set[int]]:
    """Which of these tasks there really are, under the marker of their delivery, by delivery."""
    wanted = [Known(task) for ids in several.values() for task in sorted(ids)]
    marker = {task.task_id: task.marker for task in (await portal.read(wanted)).tasks} if wanted else {}
    return {one: {task for task in ids if marker.get(task) == str(one)} for one, ids in several.items()}


async def note(tx: Tx, destination_id: int, seen: Mapping[UUID, Collection[int]], now: datetime) -> int:
    """seen: tasks that there are, by delivery. One incident a delivery while it has several; how many are news."""
    several = {one: ids for one, ids in seen.items() if len(ids) > 1}
    kept = await portal_watch.tasks_of(tx, destination_id, list(several))
    news = await portal_watch.doubles(tx, several)
    for delivery_id in sorted(news):
        delivery = await deliveries.lock(tx, delivery_id)
        if delivery is not None:
            tasks = [str(task) for task in sorted(several[delivery_id])]
            found = contradiction(KIND, delivery, tasks=tasks, kept=kept[delivery_id].task_id)
            await raise_all(tx, [found], about_delivery(delivery), now)
    for delivery_id in sorted(await portal_watch.single(tx, [one for one in seen if one not in several])):
        delivery = await deliveries.lock(tx, delivery_id)
        if delivery is not None:
            await close_case(tx, KIND, delivery, now)
    return len(news)
