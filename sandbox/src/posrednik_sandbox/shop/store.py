"""The shop's durable memory: its orders and the webhooks it has taken."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).with_name("schema.sql")
KEEP_CALLS = 2000
Json = dict[str, Any]


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Store:
    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.executescript(SCHEMA.read_text("utf-8"))

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

    def rows(self, sql: str, *values: Any) -> list[Json]:
        return [dict(row) for row in self.db.execute(sql, values)]

    def value(self, sql: str, *values: Any) -> Any:
        found = self.db.execute(sql, values).fetchone()
        return None if found is None else found[0]

    def place(self, orders: list[Json]) -> None:
        """Orders a customer made on the site; one already there stays as it is."""
        with self.tx():
            self.db.executemany(
                "INSERT OR IGNORE INTO shop_order (ref, site_number, recipient, address, total, placed_at)"
                " VALUES (:ref, :site_number, :recipient, :address, :total, :placed_at)",
                orders,
            )

    def take(self, webhook_id: str, body: Json) -> bool:
        """Store one webhook and show it on its order. False = this id was taken before. Raises KeyError,
        ValueError.
        """
        with self.tx():
            known = self.value("SELECT 1 FROM hook WHERE webhook_id = ?", webhook_id)
            if known:
                self.db.execute("UPDATE hook SET times = times + 1 WHERE webhook_id = ?", (webhook_id,))
                return False
            self._insert(webhook_id, body)
        return True

    def _insert(self, webhook_id: str, body: Json) -> None:
        data = body["data"]
        delivery = data.get("delivery") or {}
        order = delivery.get("order") or {}
        key, version = str(delivery.get("id") or ""), int(delivery.get("version") or 0)
        newest = self.value("SELECT coalesce(max(version), 0) FROM hook WHERE delivery = ?", key)
        row = {
            "webhook_id": webhook_id,
            "event_id": data.get("event_id"),
            "type": body["type"],
            "delivery": key,
            "version": version,
            "stage": delivery.get("stage"),
            "order_ref": order.get("ref"),
            "order_number": order.get("number"),
            "site_number": order.get("site_number"),
            "body": json.dumps(body, ensure_ascii=False),
            "taken_at": now(),
            "in_order": int(version > newest or not key),
        }
        names = ", ".join(row)
        places = ", ".join(f":{name}" for name in row)
        self.db.execute(f"INSERT INTO hook ({names}) VALUES ({places})", row)  # noqa: S608
        self._show(order.get("ref"), delivery, version)

    def _show(self, ref: str | None, delivery: Json, version: int) -> None:
        """An older version that comes late is kept in the history and does not turn the status back."""
        if ref is None or not delivery.get("stage"):
            return
        self.db.execute(
            "UPDATE shop_order SET stage = ?, stage_version = ?, amount_due = ?, amount_taken = ?"
            " WHERE ref = ? AND stage_version <= ?",
            (delivery["stage"], version, delivery.get("amount_due"), delivery.get("amount_taken"), ref, version),
        )

    def called(self, webhook_id: str | None, status: int, note: str) -> None:
        with self.tx():
            self.db.execute(
                "INSERT INTO call (at, webhook_id, status, note) VALUES (?, ?, ?, ?)", (now(), webhook_id, status, note)
            )
            self.db.execute("DELETE FROM call WHERE seq <= (SELECT max(seq) FROM call) - ?", (KEEP_CALLS,))
