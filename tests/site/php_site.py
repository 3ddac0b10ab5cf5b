"""A site on PHP's built-in server: the module as its installer puts it there, the kernel as stubs on SQLite."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.ports import new_ports

from posrednik.processes import die_with_parent

ROOT = Path(__file__).resolve().parents[2]
MODULE = ROOT / "site" / "local" / "modules" / "posrednik.delivery"
TESTS = ROOT / "site" / "tests"
HOOK = "/bitrix/tools/posrednik.delivery/webhook.php"
START_S = 60.0


@dataclass
class PhpSite:
    """php: its program. folder: document root and database. Ends with the test process, or by `kill`."""

    php: str
    folder: Path
    port: int = field(default_factory=lambda: new_ports(1)[0])
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.root = self.folder / "www"
        shutil.copytree(TESTS / "stubs" / "root", self.root)
        assert self.tell("install") is True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{HOOK}"

    def env(self) -> dict[str, str]:
        return {
            **os.environ, "POSREDNIK_SITE_DB": str(self.folder / "site.db"), "POSREDNIK_SITE_TESTS": str(TESTS),
            "DOCUMENT_ROOT": str(self.root), "PHP_CLI_SERVER_WORKERS": "3",
        }  # fmt: skip

    def tell(self, command: str, value: Any = None) -> Any:
        """A command of site/tests/stage.php and what it answered."""
        ran = subprocess.run(
            [self.php, str(TESTS / "stage.php"), command, json.dumps(value)], env=self.env(), capture_output=True,
            text=True, timeout=60, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return json.loads(ran.stdout)

    def start(self) -> None:
        with (self.folder / "php.log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.php, "-S", f"127.0.0.1:{self.port}", "-t", str(self.root)], env=self.env(),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, preexec_fn=die_with_parent,
            )  # fmt: skip
        deadline = time.monotonic() + START_S
        while not self._listens():
            assert time.monotonic() < deadline, (self.folder / "php.log").read_text()
            time.sleep(0.02)

    def kill(self) -> None:
        """kill -9 of the server with its helpers, in the middle of whatever they do."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def events(self) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = self.tell("events")
        return told

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
