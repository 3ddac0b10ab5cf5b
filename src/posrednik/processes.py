"""Child processes of `serve` and `demo`: started, watched, restarted after a crash, ended with their parent."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from posrednik.kit.log import get_logger
from posrednik.kit.parent import die_with_parent

log = get_logger("processes")
RESTART_PAUSE_S = 1.0


def end_with_parent() -> None:
    """For children whose database ends with the parent too: a graceful stop would wait for it in vain, and hold the
    ports of the next start meanwhile. Ending at once is safe for them at any moment."""
    die_with_parent(signal.SIGKILL)


@dataclass(slots=True)
class Child:
    """name: for people. command: argv. env: added to ours. keep: start it again when it ends by itself.
    quiet: what it prints on stdout is for programs, not for this terminal."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    keep: bool = True
    quiet: bool = False
    process: asyncio.subprocess.Process | None = None


class Family:
    """Children that live and die together."""

    def __init__(self) -> None:
        self._children: list[Child] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._ending = False

    async def start(self, child: Child) -> None:
        await self._spawn(child)
        self._children.append(child)
        self._tasks.append(asyncio.create_task(self._watch(child)))

    async def _spawn(self, child: Child) -> None:
        child.process = await asyncio.create_subprocess_exec(
            *child.command,
            env={**os.environ, **child.env},
            preexec_fn=end_with_parent,
            stdout=subprocess.DEVNULL if child.quiet else None,
        )
        log.debug("process.started", name=child.name, pid=child.process.pid)

    async def _watch(self, child: Child) -> None:
        while child.process is not None:
            code = await child.process.wait()
            if self._ending or not child.keep:
                return
            log.warning("process.ended", name=child.name, code=code, restart_in_s=RESTART_PAUSE_S)
            await asyncio.sleep(RESTART_PAUSE_S)
            if self._ending:
                return
            await self._spawn(child)

    async def stop(self, grace_s: float = 25.0) -> None:
        """SIGTERM to all at once, SIGKILL to who does not hear it."""
        self._ending = True
        await asyncio.gather(*(self._end(child, grace_s) for child in self._children))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @staticmethod
    async def _end(child: Child, grace_s: float) -> None:
        if child.process is None or child.process.returncode is not None:
            return
        child.process.terminate()
        try:
            await asyncio.wait_for(child.process.wait(), grace_s)
        except TimeoutError:
            log.warning("process.killed", name=child.name)
            child.process.kill()
            await child.process.wait()
