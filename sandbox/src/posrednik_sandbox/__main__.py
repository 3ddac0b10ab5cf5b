"""`python -m posrednik_sandbox`: run the sandbox until it is told to stop."""

import asyncio
import ctypes
import json
import os
import signal
import sys
from collections.abc import Sequence

from posrednik_sandbox.app import Sandbox
from posrednik_sandbox.config import Config, parse

PR_SET_PDEATHSIG = 1


def main(argv: Sequence[str] | None = None) -> int:
    config = parse(argv)
    if config.die_with_parent:
        _die_with_parent()
    try:
        asyncio.run(_serve(config))
    except OSError as error:
        print(f"posrednik-sandbox: {error}", file=sys.stderr)
        return 1
    return 0


async def _serve(config: Config) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    sandbox = Sandbox(config)
    try:
        ready = await sandbox.start()
        print(json.dumps(ready), flush=True)
        await stopping.wait()
    finally:
        await sandbox.stop()


def _die_with_parent() -> None:
    """Ask the kernel for SIGTERM when the parent ends; a parent already gone at this point counts too."""
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(0)


if __name__ == "__main__":
    raise SystemExit(main())
