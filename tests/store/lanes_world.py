"""Connections that behave as a `Database`, with queries that may be bent and statements that may be held up."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString, TypeVar

from psycopg import AsyncConnection
from psycopg.rows import namedtuple_row

from posrednik.store.db import Params, Row, Tx
from posrednik.store.sql import literal, sql

T = TypeVar("T")


@dataclass
class BentTx(Tx):
    """A transaction whose queries may be replaced, and which asks before each statement whether it is its turn."""

    broken: dict[str, str] = field(default_factory=dict)
    turn: Callable[[], Awaitable[None]] | None = None

    async def _text(self, query: str) -> LiteralString:
        if self.turn:
            await self.turn()
        return literal(self.broken.get(query, sql(query)))

    async def fetch(self, query: str, params: Params | None = None) -> list[Row]:
        return await (await self.conn.execute(await self._text(query), params)).fetchall()

    async def one(self, query: str, params: Params | None = None) -> Row | None:
        return await (await self.conn.execute(await self._text(query), params)).fetchone()

    async def run(self, query: str, params: Params | None = None) -> int:
        return (await self.conn.execute(await self._text(query), params)).rowcount


class World:
    """Two connections and an event loop; behaves as a `Database` where the store asks for one."""

    def __init__(self, dsn: str, broken: dict[str, str] | None = None) -> None:
        self.loop = asyncio.new_event_loop()
        self.broken = broken or {}
        connect = AsyncConnection[Row].connect
        self.conns = [self.run(connect(dsn, row_factory=namedtuple_row)) for _ in range(2)]
        self.numbers = iter(range(1, 1 << 30))

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(coroutine)

    def close(self) -> None:
        for conn in self.conns:
            self.run(conn.close())
        self.loop.close()

    async def transact(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        return await self.on(0, work)

    async def on(
        self, which: int, work: Callable[[Tx], Awaitable[T]], turn: Callable[[], Awaitable[None]] | None = None
    ) -> T:
        async with self.conns[which].transaction():
            return await work(BentTx(self.conns[which], broken=self.broken, turn=turn))

    async def read(self, query: str, params: Params | None = None) -> Sequence[Row]:
        return await self.transact(lambda tx: tx.fetch(query, params))

    async def raw(self, query: LiteralString, *params: Any) -> list[Row]:
        async with self.conns[0].transaction():
            cursor = await self.conns[0].execute(query, params)
            return await cursor.fetchall() if cursor.description else []
