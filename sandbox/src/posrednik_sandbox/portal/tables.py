"""Rows in memory with an optional journal on disk, so that a restart of the sandbox keeps them.

A request's changes are one write to the journal before its answer: a killed process loses nothing it has
confirmed. Opening folds the journal into a snapshot, replaced atomically.
"""

import json
import os
from collections.abc import Callable, Hashable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar


class Row(Protocol):
    id: int


R = TypeVar("R", bound=Row)


class Journal:
    """Lines `{"t": table, "id": n, "v": row | null}`; without a directory it only counts changes."""

    def __init__(self, data_dir: Path | None) -> None:
        self.version = 0
        self.saved: dict[str, dict[str, Any]] = {}
        self._lines: list[str] = []
        self._file = None
        if data_dir is not None:
            data_dir.mkdir(parents=True, exist_ok=True)
            self._load(data_dir / "portal.json", data_dir / "portal.journal")
            self._file = (data_dir / "portal.journal").open("a", encoding="utf-8")

    @property
    def keeps(self) -> bool:
        """Whether anything outlives this process."""
        return self._file is not None

    def note(self, table: str, row_id: int | str, row: Any) -> None:
        self.version += 1
        if self._file is not None:
            self._lines.append(json.dumps({"t": table, "id": row_id, "v": row}, ensure_ascii=False))

    def flush(self) -> None:
        if self._file is not None and self._lines:
            self._file.write("\n".join(self._lines) + "\n")
            self._file.flush()
            self._lines.clear()

    def close(self) -> None:
        self.flush()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _load(self, snapshot: Path, journal: Path) -> None:
        if snapshot.exists():
            self.saved = json.loads(snapshot.read_text("utf-8"))
        for line in journal.read_text("utf-8").splitlines() if journal.exists() else []:
            try:
                change = json.loads(line)
            except ValueError:
                continue  # the torn last line of a killed process, which nobody was answered about
            self._apply(change)
        temporary = snapshot.with_suffix(".new")
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(self.saved, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(snapshot)
        journal.unlink(missing_ok=True)

    def _apply(self, change: dict[str, Any]) -> None:
        rows = self.saved.setdefault(change["t"], {})
        if change["v"] is None:
            rows.pop(str(change["id"]), None)
        else:
            rows[str(change["id"])] = change["v"]


class Table(Generic[R]):
    """Rows of one kind by id. Ids are never given out twice, also after a row is deleted.

    by: what rows are also found by, see `of`.
    """

    def __init__(
        self,
        name: str,
        kind: type[R],
        journal: Journal,
        first_id: int = 1,
        by: Callable[[R], Hashable] | None = None,
    ) -> None:
        self._name, self._journal, self._by = name, journal, by
        saved = journal.saved.get(name, {})
        self._rows: dict[int, R] = {int(key): kind(**row) for key, row in saved.items()}
        given_out = journal.saved.get("given_out", {}).get(name, 0)
        self._next: int = max(first_id, given_out + 1, *(key + 1 for key in self._rows))
        self._keys: dict[int, Hashable] = {}
        self._groups: dict[Hashable, dict[int, R]] = {}
        for row in self._rows.values():
            self._file(row)

    def __iter__(self) -> Iterator[R]:
        return iter(self._rows.values())

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, row_id: int | None) -> R | None:
        return None if row_id is None else self._rows.get(row_id)

    def of(self, key: Hashable) -> list[R]:
        """Rows whose `by` gives `key`, in the order they came."""
        return list(self._groups.get(key, {}).values())

    def next_id(self) -> int:
        self._next += 1
        return self._next - 1

    def put(self, row: R) -> R:
        """Insert, or record that `row` was changed."""
        self._rows[row.id] = row
        self._next = max(self._next, row.id + 1)
        self._file(row)
        self._journal.note(self._name, row.id, asdict(row) if self._journal.keeps else None)  # type: ignore[call-overload]
        return row

    def drop(self, row_id: int) -> None:
        if self._rows.pop(row_id, None) is not None:
            self._unfile(row_id)
            self._journal.note(self._name, row_id, None)
            self._journal.note("given_out", self._name, self._next - 1)

    def _file(self, row: R) -> None:
        if self._by is None:
            return
        key = self._by(row)
        if self._keys.get(row.id, key) != key:
            self._unfile(row.id)
        self._keys[row.id] = key
        self._groups.setdefault(key, {})[row.id] = row

    def _unfile(self, row_id: int) -> None:
        if row_id in self._keys:
            group = self._groups[self._keys[row_id]]
            del group[row_id], self._keys[row_id]
