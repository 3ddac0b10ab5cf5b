"""What every contender can do, so that all are measured by the same hands."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from bench.work import Job

CONCURRENT = 50  # requests in flight, where an engine lets us say
CHUNK = 500  # events a transaction, when they are enqueued in bulk


class Contender(Protocol):
    """name: as in the table. ours: its database needs our schema. recorded: SQL, how many events are durably recorded
    as delivered with an attempt each, none of them left in the queue."""

    name: str
    ours: bool
    recorded: str

    async def prepare(self, dsn: str, sink: str) -> None:
        """Tables and whatever else it needs, once a database."""

    async def enqueue(self, dsn: str, jobs: Sequence[Job], chunk: int) -> float:
        """Put events, `chunk` a transaction, one caller. Returns seconds, without connecting."""

    async def work(self, dsn: str, sink: str, ready: Callable[[], Awaitable[None]]) -> None:
        """The worker process: connect, wait for `ready`, then deliver until cancelled."""


def chunks(jobs: Sequence[Job], size: int) -> list[Sequence[Job]]:
    return [jobs[at : at + size] for at in range(0, len(jobs), size)]
