"""What happens between the systems, as Russian sentences with times; the start page shows it live."""

from collections import deque
from datetime import UTC, datetime
from typing import Any, Protocol


class Note(Protocol):
    """How a system tells what it just did; `merge` folds a repetition into the line already shown."""

    def __call__(self, text: str, *, ok: bool = True, subject: str = "", detail: str = "", merge: str = "") -> None: ...


class Traffic:
    """The last lines of all systems. `seq` grows with every change, so `after(seq)` gives what is new.

    A line that repeats (same system, same `merge`) keeps its id, counts up and moves to the end: an outage
    of an
    hour stays one line «… (41 раз)» and does not push everything else out.
    """

    def __init__(self, keep: int = 400) -> None:
        self._lines: deque[dict[str, Any]] = deque(maxlen=keep)
        self._seq = 0

    def add(
        self,
        system: str,
        text: str,
        *,
        ok: bool = True,
        subject: str = "",
        detail: str = "",
        merge: str = "",
        at: datetime | None = None,
    ) -> None:
        line = self._take_mergeable(system, merge) if merge else None
        self._seq += 1
        times = (line["times"] + 1) if line else 1
        self._lines.append(
            {
                "id": line["id"] if line else self._seq,
                "seq": self._seq,
                "at": (at or datetime.now(UTC)).isoformat(timespec="milliseconds"),
                "system": system,
                "text": text,
                "ok": ok,
                "subject": subject,
                "detail": detail,
                "times": times,
                "merge": merge,
            }
        )

    def for_system(self, system: str) -> Note:
        def note(text: str, *, ok: bool = True, subject: str = "", detail: str = "", merge: str = "") -> None:
            self.add(system, text, ok=ok, subject=subject, detail=detail, merge=merge)

        return note

    def after(self, seq: int, limit: int = 100) -> dict[str, Any]:
        fresh = [line for line in self._lines if line["seq"] > seq]
        return {"next": self._seq, "lines": fresh[-limit:]}

    def _take_mergeable(self, system: str, merge: str) -> dict[str, Any] | None:
        """Only among the newest lines: an old outage is not continued by a new one."""
        for line in list(self._lines)[-8:]:
            if line["system"] == system and line["merge"] == merge:
                self._lines.remove(line)
                return line
        return None
