"""Who works on a database folder: the supervisor's lock and the server's processes."""

import fcntl
import hashlib
import os
import signal
import time
from pathlib import Path

from posrednik.kit.postgres_errors import DataInUse

WAIT_FOR_END_S = 30.0  # of a server whose supervisor was killed a moment ago
WAIT_FOR_READY_S = 3.0  # a server that stays ready this long is not on its way down
PAUSE_S = 0.02

# A record lock belongs to the process, so it neither passes to forked children (they would hold the data of a
# dead supervisor) nor refuses the same process twice: the second part is this set.
_held: set[Path] = set()


class SupervisorLock:
    """One supervisor per folder. Freed by the kernel when the process ends, however it ends."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._path = root / "supervisor.lock"
        if self._path in _held:
            raise DataInUse(root, "this very process")
        self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.lockf(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(self._fd, 20).decode(errors="replace").strip()
            os.close(self._fd)
            raise DataInUse(root, f"the process {holder}") from None
        os.ftruncate(self._fd, 0)
        os.write(self._fd, str(os.getpid()).encode())
        _held.add(self._path)

    def release(self) -> None:
        _held.discard(self._path)
        os.close(self._fd)


def cluster_name(cluster: Path) -> str:
    """A name that PostgreSQL shows in the title of each of its processes, one per folder."""
    return "posrednik-" + hashlib.sha256(os.fsencode(cluster)).hexdigest()[:12]


def processes_of(cluster: Path) -> dict[int, bool]:
    """Live PostgreSQL processes on these data, pid -> whether it is the main one (Linux; elsewhere empty).

    Read from command lines, which everyone may read; links such as cwd need rights that root in a container
    lacks. A zombie has an empty command line, so it does not count.
    """
    found = {}
    title = b"postgres: " + cluster_name(cluster).encode() + b":"
    main = b"\0-D\0" + os.fsencode(cluster) + b"\0"
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        is_main = main in line and line.split(b"\0", 1)[0].endswith(b"/postgres")
        if is_main or line.startswith(title):
            found[int(entry.name)] = is_main
    return found


def wait_until_free(root: Path, cluster: Path) -> None:
    """Return when no process works on the data; the caller holds the lock of `root`.

    A server whose supervisor died is on its way down and is waited for. Helpers that outlived a killed server
    are told to quit: they end by themselves, but not in the middle of a long query.
    Raises DataInUse when a server stays.
    """
    begun = time.monotonic()
    while left := processes_of(cluster):
        waited = time.monotonic() - begun
        if not any(left.values()):
            _quit(left)
        steady = pid_file_state(cluster)[1] == "ready" and waited > WAIT_FOR_READY_S
        if steady or waited > WAIT_FOR_END_S:
            raise DataInUse(root, "a PostgreSQL server, process " + ", ".join(map(str, left)))
        time.sleep(PAUSE_S)


def _quit(pids: dict[int, bool]) -> None:
    for pid in pids:
        try:
            os.kill(pid, signal.SIGQUIT)
        except ProcessLookupError:
            continue


def pid_file_state(cluster: Path) -> tuple[int, str]:
    """Process id and state word of postmaster.pid; (0, "") when it is absent or not written to the end."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
        return int(lines[0]), lines[7].strip() if len(lines) > 7 else ""
    except (OSError, ValueError, IndexError):
        return 0, ""


def disown_pid_file(cluster: Path) -> None:
    """Make a left-over postmaster.pid harmless; the caller knows that no server works on the data.

    PostgreSQL refuses to start while the process number in it exists, even as a zombie or a stranger. The
    number becomes ours: a server ignores its own parent's. The file is not removed, since its other lines
    let the server check that the old shared memory is really out of use.
    """
    path = cluster / "postmaster.pid"
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return
    if not lines:
        path.unlink()
        return
    path.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
