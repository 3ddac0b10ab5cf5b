"""The doubt about a restored base ends when it has confirmed all that it had sent before.

docs/subsystems/reconciliation.md, "What is found".
"""

from functools import partial
from uuid import UUID

from posrednik.store import inbox, journal
from posrednik.store.db import Database, Row, Tx
from posrednik.store.journal import Entry
from posrednik.usecases.compare_slice import MONTHLY
from posrednik.usecases.exchange_guard import system

MOST_SLICES = 20
OVER = "база подтвердила всё, что передала до восстановления или переноса: сверка закончена"


async def end_doubts(db: Database) -> list[UUID]:
    """Look at each base in doubt, note what is left. Returns those that are in none any more."""
    ended = []
    for base in await inbox.doubted(db):
        rows = await inbox.doubt_left(db, base.id, MONTHLY)
        if await db.transact(partial(_note, base=base, left=[(r.kind, r.slice, r.n) for r in rows[:MOST_SLICES]])):
            ended.append(base.id)
    return ended


async def _note(tx: Tx, base: Row, left: list[tuple[str, str, int]]) -> bool:
    """Whether the doubt is over with this; one that has begun meanwhile is left alone."""
    if not await inbox.note_doubt(tx, base.id, base.doubt_at, left) or left:
        return False
    await journal.add(tx, [Entry("message", system(base.id), "confirmed", OVER)])
    return True
