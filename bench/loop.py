"""The event loop: the same for every contender."""

import asyncio
import signal
import sys
from collections.abc import Coroutine
from typing import Any


def serve(main: Coroutine[Any, Any, None]) -> int:
    """`run` for a process of its own: ends quietly at SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    return run(main)


def run(main: Coroutine[Any, Any, None]) -> int:
    """uvloop where there is one."""
    if sys.platform == "win32":
        asyncio.run(main)
    else:
        import uvloop

        uvloop.run(main)
    return 0
