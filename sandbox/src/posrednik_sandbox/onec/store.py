"""The infobase file: durable SQLite, its write transaction, its backup copies."""

import base64
import json
import sqlite3
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).with_name("schema.sql")
# A file of an earlier sandbox: its documents get the columns that came later.
SET_ASIDE = """
DROP INDEX document_order;
ALTER TABLE document RENAME TO earlier_document;
"""
TAKE_OVER = """
INSERT INTO document (ref, kind, slot, number, date, event, order_ref, sum, data, created_at)
SELECT d.ref, d.kind, d.kind, d.number, substr(d.created_at, 1, 19), d.event, d.order_ref, d.sum,
       coalesce(o.data, '{}'), d.created_at
FROM earlier_document d LEFT JOIN object o ON o.kind = d.kind AND o.ref = d.ref;
DROP TABLE earlier_document;
"""
# Reference data leave before what refers to them; an object a manager waits for leaves first of all.
RANKS = {
    "division": 0,
    "warehouse": 1,
    "product": 1,
    "courier": 2,
    "counterparty": 2,
    "price": 3,
    "stock": 3,
    "order": 5,
}
URGENT = -1
NAMES_SQL = (
    "SELECT ref, data FROM object o WHERE kind = ? AND deleted < 2"
    " AND NOT EXISTS (SELECT 1 FROM spoiled s WHERE s.kind = o.kind AND s.ref = o.ref)"
)
DOCUMENT_RANK = 6


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Store:
    """One connection, used from the event loop only; no transaction is open across an `await`."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.execute("PRAGMA foreign_keys = ON")
        columns = {row["name"] for row in self.rows("PRAGMA table_info(document)")}
        earlier = bool(columns) and "slot" not in columns
        steps = (SET_ASIDE, SCHEMA.read_text("utf-8"), TAKE_OVER) if earlier else (SCHEMA.read_text("utf-8"),)
        self.db.executescript(f"BEGIN;{''.join(steps)}COMMIT;")

    def close(self) -> None:
        self.db.close()

    @contextmanager
    def tx(self) -> Iterator[None]:
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in self.db.execute(sql, values)]

    def row(self, sql: str, *values: Any) -> dict[str, Any] | None:
        found = self.db.execute(sql, values).fetchone()
        return None if found is None else dict(found)

    def value(self, sql: str, *values: Any) -> Any:
        found = self.db.execute(sql, values).fetchone()
        return None if found is None else found[0]

    def get(self, key: str, default: str = "") -> str:
        found = self.value("SELECT value FROM meta WHERE key = ?", key)
        return default if found is None else str(found)

    def set(self, key: str, value: str) -> None:
        self.db.execute(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (key, value),
        )

    def put(
        self,
        kind: str,
        ref: str,
        data: Mapping[str, Any],
        *,
        event: str | None = None,
        deleted: bool = False,
        posted: bool = True,
        urgent: bool = False,
        unseen: bool = False,
    ) -> None:
        """Write an object and its mark of change; the caller holds the transaction (E-20: both or none).

        unseen: the outbox does not notice it, registrations of the exchange plan do (§2.2).
        """
        text = json.dumps(data, ensure_ascii=False)
        self.db.execute(
            "INSERT INTO object VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, ref) DO UPDATE SET"
            " version = excluded.version, deleted = excluded.deleted, posted = excluded.posted,"
            " event = coalesce(excluded.event, event), data = excluded.data",
            (kind, ref, self._next_version(), int(deleted), int(posted), event, text),
        )
        if unseen:
            self._register(kind, ref)
        else:
            self.touch(kind, ref, urgent=urgent)

    def touch(self, kind: str, ref: str, *, urgent: bool = False) -> None:
        rank = URGENT if urgent else RANKS.get(kind, DOCUMENT_RANK)
        self.db.execute(
            "INSERT INTO dirty VALUES (?, ?, ?, ?, ?, (SELECT coalesce(max(place), 0) + 1 FROM dirty WHERE rank = ?))"
            " ON CONFLICT (kind, ref) DO UPDATE SET mark = excluded.mark, rank = min(rank, excluded.rank),"
            " at = excluded.at, place = excluded.place",
            (kind, ref, str(uuid.uuid4()), rank, now(), rank),
        )
        self._register(kind, ref)

    def _register(self, kind: str, ref: str) -> None:
        self.db.execute("INSERT OR REPLACE INTO odata_change SELECT ref, ?, ?, NULL FROM odata_node", (kind, ref))

    def remove(self, kind: str, ref: str) -> None:
        """Physical deletion: the object's trace stays for the registers of changes, its data do not."""
        self.db.execute(
            "UPDATE object SET deleted = 2, posted = 0, data = '{}', version = ? WHERE kind = ? AND ref = ?",
            (self._next_version(), kind, ref),
        )
        self.db.execute("DELETE FROM order_card WHERE ref = ?", (ref,))
        self.touch(kind, ref)

    def add_extra(self, kind: str, ref: str, data: Mapping[str, Any]) -> None:
        """Keep attributes that the base's own model has no place for; they are seen through OData only."""
        self.db.execute(
            "INSERT INTO odata_extra VALUES (?, ?, ?)"
            " ON CONFLICT (kind, ref) DO UPDATE SET data = json_patch(data, excluded.data)",
            (kind, ref, json.dumps(data, ensure_ascii=False)),
        )

    def object(self, kind: str, ref: str) -> dict[str, Any] | None:
        found = self.row("SELECT * FROM object WHERE kind = ? AND ref = ?", kind, ref)
        if found is not None:
            found["data"] = json.loads(found["data"])
        return found

    def names(self, kind: str) -> dict[str, dict[str, Any]]:
        """All objects of a catalog by ref, but for those of the dirty generator."""
        rows = self.rows(NAMES_SQL, kind)
        return {row["ref"]: json.loads(row["data"]) for row in rows}

    def snapshot(self, path: Path) -> None:
        """A backup copy of the whole base, as an administrator makes it before an update."""
        path.unlink(missing_ok=True)
        copy = sqlite3.connect(path)
        try:
            self.db.backup(copy)
        finally:
            copy.close()

    def restore(self, path: Path) -> None:
        """Yesterday's base over today's: numbers, marks, events and documents go back with it (E-24)."""
        copy = sqlite3.connect(path)
        try:
            copy.backup(self.db)
        finally:
            copy.close()

    def _next_version(self) -> str:
        """1C's ВерсияДанных: eight bytes in Base64 that grow at every write, also at one that changes
        nothing.
        """
        number = int(self.get("data_version", "0")) + 1
        self.set("data_version", str(number))
        return base64.b64encode(number.to_bytes(8, "big")).decode()
