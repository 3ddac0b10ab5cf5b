"""The server's own log file, kept small."""

import os
import shutil
from pathlib import Path
from typing import BinaryIO

MAX_BYTES = 10 * 1024 * 1024
KEPT = 3
TAIL_BYTES = 4000


class LogFile:
    """A file the server appends to; rotated by copy and truncate, since the server keeps it open.

    A pipe through us would block the server whenever we are busy, and its own collector is one more process.
    Lines written between copy and truncate are lost, which is at most a moment's worth.
    """

    def __init__(self, path: Path, max_bytes: int = MAX_BYTES) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self.rotate()
        self._start = path.stat().st_size if path.exists() else 0

    def open(self) -> BinaryIO:
        return os.fdopen(os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab", 0)

    def rotate(self) -> None:
        """Move the content to postgres.log.1 (that to .2, and so on) once it is too large."""
        if not self._path.exists() or self._path.stat().st_size < self._max_bytes:
            return
        for number in range(KEPT - 1, 0, -1):
            older = self._numbered(number)
            if older.exists():
                older.rename(self._numbered(number + 1))
        shutil.copyfile(self._path, self._numbered(1))
        self._numbered(1).chmod(0o600)
        os.truncate(self._path, 0)
        self._start = 0

    def tail(self) -> str:
        """The last lines since this object was made."""
        with self._path.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(self._start, size - TAIL_BYTES))
            return stream.read().decode(errors="replace").strip()

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")
