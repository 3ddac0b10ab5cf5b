"""`posrednik …` in a process of its own that begins where this one is: nothing has to be imported again."""

import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping
from pathlib import Path

from posrednik import cli, cli_base

WITHIN_S = 120
WIDE = 200


def posrednik(*arguments: str, dsn: str = "", cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end. dsn: of its database. env: on top of this environment without its POSREDNIK_… variables."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("POSREDNIK_")}
    clean |= {"COLUMNS": str(WIDE), **({"POSREDNIK_DATABASE_URL": dsn} if dsn else {}), **env}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        pid = os.fork()
        if pid == 0:
            _become(arguments, clean, cwd, (out.fileno(), err.fileno()))
        _, status = os.waitpid(pid, 0)
        told = [_text(stream) for stream in (out, err)]
    return subprocess.CompletedProcess(arguments, os.waitstatus_to_exitcode(status), *told)


def _become(arguments: tuple[str, ...], env: Mapping[str, str], cwd: Path | None, streams: tuple[int, int]) -> None:
    """The command itself, in the new process; never returns."""
    code = 1
    try:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(WITHIN_S)
        for target, stream in enumerate(streams, 1):
            os.dup2(stream, target)
        sys.stdout, sys.stderr = (os.fdopen(target, "w", encoding="utf-8") for target in (1, 2))
        os.environ.clear()
        os.environ.update(env)
        os.chdir(cwd or Path.cwd())
        for console in (cli_base.out, cli_base.err):  # they know the width of the terminal that this process began in
            console.width = WIDE
        sys.argv = ["posrednik", *arguments]
        cli.main()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _text(stream: "tempfile._TemporaryFileWrapper[bytes]") -> str:
    stream.seek(0)
    return stream.read().decode()
