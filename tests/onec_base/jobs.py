"""Scheduled jobs of the base: a thread with a session of its own that makes one step after another."""

import asyncio
import threading
import traceback
from collections.abc import Callable
from typing import Any

from tests.bsl.native import BslError, KilledHere
from tests.bsl.platform.infobase import Infobase
from tests.bsl.platform.jobs import STATES, BackgroundJob, Jobs

AGAIN_S = 0.05  # after a crash or an error the platform starts the job anew
Step = Callable[[Any, bool], float]


class Woken(Jobs):
    """Background jobs that only wake the scheduled one: it does the same, in its thread."""

    def __init__(self, base: Infobase, wake: Callable[[], None]) -> None:
        super().__init__(base)
        self.wake = wake

    def start(self, handler: str, args: list[Any], key: str, title: str) -> BackgroundJob:
        self.wake()
        made = BackgroundJob(self, handler, args, key, title)
        made.state = STATES["Завершено"]
        return made


class Job:
    """open_session: a new session of the base, made in the thread that uses it.

    step: one run; told whether it begins anew, gives the seconds to wait for the next one. anew: whether the first run
    begins so; all others do.
    """

    def __init__(self, name: str, open_session: Callable[[], Any], step: Step, *, anew: bool) -> None:
        self._open, self._step, self._anew = open_session, step, anew
        self._woken, self._ends = threading.Event(), False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._woken.set()

    def end(self) -> None:
        """Nothing more is begun."""
        self._ends = True
        self.wake()

    async def ended(self) -> None:
        """What is under way is finished."""
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        while not self._ends:
            session = self._open()
            try:
                self._work(session)
            except KilledHere:
                self._woken.wait(AGAIN_S)
            except BslError:
                traceback.print_exc()
                self._woken.wait(AGAIN_S)
            finally:
                session.close()

    def _work(self, session: Any) -> None:
        while not self._ends:
            self._woken.clear()
            first, self._anew = self._anew, True
            pause_s = self._step(session, first)
            if pause_s > 0 and not self._ends:
                self._woken.wait(pause_s)
