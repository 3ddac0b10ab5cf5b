"""Whoever was dismissed on the portal is out here too: what he opened by the portal's word ends. A duty, once a minute.

See docs/subsystems/portal.md, "Who was dismissed". An opening asks by itself; this is for those who are in already.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime

from posrednik.kit.log import get_logger
from posrednik.store import journal, portal
from posrednik.store.db import Database, Row, Tx
from posrednik.store.journal import Entry
from posrednik.usecases.couriers import courier_of

log = get_logger("portal")
Dismissed = Callable[[Collection[str]], Awaitable[Collection[str]]]


async def end_dismissed(db: Database, dismissed: Dismissed, now: datetime) -> int:
    """dismissed: of these users of the portal, those that are not active there. Returns how many tokens ended."""
    rows = await portal.came_in(db, now)
    users = {row.user_id for row in rows}
    gone = users & set(await dismissed(users)) if users else set()
    if not gone:
        return 0

    async def work(tx: Tx) -> int:
        ended = await portal.end(tx, gone)
        told = [row for row in rows if row.user_id in gone]
        await journal.add(tx, await _entries(tx, told))
        return ended

    ended = await db.transact(work)
    log.warning("portal.dismissed", users=len(gone), tokens=ended)
    return ended


async def _entries(tx: Tx, rows: Sequence[Row]) -> list[Entry]:
    return [
        Entry("action", portal.DESTINATION, "ended", f"уволен на портале (пользователь № {row.user_id}): "
              f"{await _who(tx, row)} больше не в Посреднике, закрыто входов: {row.n}", "user_dismissed",
              detail={"user": row.user_id, "who": row.who, "ref": row.owner})
        for row in rows
    ]  # fmt: skip


async def _who(tx: Tx, row: Row) -> str:
    if row.who == "person":
        return f"сотрудник {row.name}"
    courier = await courier_of(tx, row.owner)
    return f"курьер {courier.name if courier is not None else row.owner}"
