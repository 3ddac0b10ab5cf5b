"""The worker process of a contender: `python -m bench.worker CONTENDER DSN SINK LOG`. Says "ready", waits."""

import asyncio
import os
import sys

from bench import loop
from bench.contenders.registry import contender


async def main(name: str, dsn: str, sink: str, log: str) -> None:
    told = os.fdopen(os.dup(1), "w")
    with open(log, "ab") as file:  # what the engine logs goes to a file, as in production
        os.dup2(file.fileno(), 1)

    async def ready() -> None:
        print("ready", file=told, flush=True)
        await asyncio.to_thread(sys.stdin.readline)

    await contender(name).work(dsn, sink, ready)


if __name__ == "__main__":
    sys.exit(loop.serve(main(*sys.argv[1:])))
