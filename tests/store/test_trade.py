"""Backpacks and cash books: what is not there yet is made once."""

import asyncio
from dataclasses import replace
from uuid import UUID

from posrednik.domain.backpack import Backpack
from posrednik.domain.cash import CashBook
from posrednik.store import trade
from posrednik.store.db import Database, Tx

BASE = UUID("b0000000-0000-4000-8000-000000000001")


async def test_two_who_make_the_first_entry_of_a_courier_take_turns(database: str) -> None:
    db = Database(database, size=4)
    await db.open()

    async def book(tx: Tx) -> int:
        known = await trade.lock_book(tx, "c1")
        await tx.conn.execute("SELECT pg_sleep(0.05)")  # long enough for the other to ask
        made = replace(known or CashBook("c1", BASE, "d1"), version=(known.version if known else 0) + 1)
        await trade.save_book(tx, made, None)
        return made.version

    async def backpack(tx: Tx) -> int:
        known = await trade.lock_backpack(tx, "c1")
        await tx.conn.execute("SELECT pg_sleep(0.05)")
        made = replace(known or Backpack("c1", BASE, "d1", None), version=(known.version if known else 0) + 1)
        await trade.save_backpack(tx, made)
        return made.version

    try:
        assert sorted(await asyncio.gather(*(db.transact(book) for _ in range(3)))) == [1, 2, 3]
        assert sorted(await asyncio.gather(*(db.transact(backpack) for _ in range(3)))) == [1, 2, 3]
    finally:
        await db.close()
