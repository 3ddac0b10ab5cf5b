"""`posrednik demo` as a user starts it: a process of its own, spoken to by its pages and doors."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from types import MappingProxyType
from uuid import uuid4

import aiohttp
from tests.desk import Desk, until
from tests.ports import base_with
from tests.system import MARK, gone, processes_of

from posrednik.processes import die_with_parent

PORTS = (0, 1, 100, 101, 103)
START_S = 120.0
END_S = 45.0
# With a portal that is a box from its start, for a refusal would teach the service to call as seldom as in the cloud: a
# day's work is in it within seconds.
HURRIED = {"POSREDNIK_BITRIX24_CALLS_PER_SECOND": "20", "POSREDNIK_SANDBOX_TARIFF": "box"}


class Demo:
    """folder: its data. Starts as often as wanted on the same data; `pid` is that of the command itself."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.folder, self.env = folder, env
        self.mark = uuid4().hex
        port = base_with(PORTS)
        self._port = port
        self.service = f"http://127.0.0.1:{port}"
        self.control, self.portal = f"http://127.0.0.1:{port + 100}", f"http://127.0.0.1:{port + 101}"
        self.log = folder / "demo.log"
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> float:
        """Until the start page is printed; seconds it took."""
        began = time.monotonic()
        command = [sys.executable, "-m", "posrednik.cli", "demo", "--data-dir", str(self.folder / "data")]
        with self.log.open("wb") as stream:
            self._process = subprocess.Popen(
                [*command, "--port", str(self._port)],
                env={**os.environ, **self.env, MARK: self.mark, "COLUMNS": "200"},
                stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, start_new_session=True,
                preexec_fn=die_with_parent,
            )  # fmt: skip
        await until(f"the demo is up, {self.log}", self._said_where_to_begin, START_S)
        return time.monotonic() - began

    async def _said_where_to_begin(self) -> bool:
        assert self._process is not None
        said = self.log.read_text("utf-8")
        assert self._process.poll() is None, f"the demo has ended: {said}"
        return f"{self.control}/" in said

    @property
    def token(self) -> str:
        """Of the person whose pages the start page leads to."""
        return str(json.loads((self.folder / "data" / "secrets.json").read_text("utf-8"))["person"])

    def desk(self, session: aiohttp.ClientSession) -> Desk:
        return Desk(session, self.service, self.control, self.portal, self.token)

    def kill(self) -> None:
        """kill -9 of the command alone; what becomes of its children is theirs to show."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    async def stop(self) -> None:
        """Ctrl-C: the terminal sends it to all of them at once."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        try:
            await asyncio.to_thread(process.wait, END_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def left_behind(self) -> list[int]:
        return processes_of(self.mark, self.folder)


@contextlib.asynccontextmanager
async def demo(env: Mapping[str, str] = MappingProxyType({})) -> AsyncIterator[Demo]:
    """A demo with new data, not started yet; neither processes nor files of it stay."""
    folder = Path(tempfile.mkdtemp(prefix="posrednik-demo-"))
    folder.chmod(0o755)  # PostgreSQL does not run as root; its account must reach its folder
    running = Demo(folder, env)
    try:
        yield running
    except BaseException:
        print(running.log.read_text("utf-8")[-4000:] if running.log.exists() else "nothing was said")
        raise
    finally:
        await running.stop()
        left = await gone(running.left_behind)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)
        assert left == [], "processes were left behind"
