"""Become the PostgreSQL server: drop rights, ask to die with the parent, exec.

Run by path with `python -I -S`, as a program of its own, and not as `preexec_fn`: so nothing of ours runs
between fork and exec of a process that has threads. The process id stays the same through the exec.
Usage: postgres_exec.py UID GID PARENT PROGRAM ARGS...   (UID -1: stay who we are)
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def drop_to(uid: int, gid: int) -> None:
    if uid < 0:
        return
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def die_with(parent: int) -> None:
    """Linux: the kernel sends SIGINT (a fast shutdown) when the thread that started us is gone.

    A change of the user clears this wish, so it comes after `drop_to`. The parent may have died before we
    asked, hence the look at it.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the supervisor is gone")


def main() -> None:
    uid, gid, parent = (int(text) for text in sys.argv[1:4])
    drop_to(uid, gid)
    die_with(parent)
    os.chdir("/")
    os.execv(sys.argv[4], sys.argv[4:])  # noqa: S606 no shell is the point


if __name__ == "__main__":
    main()
