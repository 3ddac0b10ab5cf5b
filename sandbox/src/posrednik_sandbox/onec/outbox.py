"""What waits to be sent: packing into numbered messages and taking acknowledged rows away.

Variant N of the change register: one dirty row per object with a mark that is new at every write, so an
edit made while a
message travels survives its acknowledgement. Source: facts/onec.md §2.2, E-20, E-21.
"""

import json
from collections.abc import Iterable
from typing import Any

from posrednik_sandbox.onec import digests, wire
from posrednik_sandbox.onec.client import Answer
from posrednik_sandbox.onec.store import Store, now
from posrednik_sandbox.onec.switches import Switches

PACK_OBJECTS = 200
PACK_COMMANDS = 200
KEEP_SENT = 500
ANSWERED = ("done", "waiting", "rejected")
Row = dict[str, Any]


class Outbox:
    def __init__(self, store: Store, base_id: str, switches: Switches, offset_h: int, encoding: str = "json") -> None:
        self.store = store
        self.base_id = base_id
        self.switches = switches
        self.offset_h = offset_h
        self.encoding = encoding
        # Commands a button is sending by itself right now; they join the queue when the button gives up.
        self.held: set[str] = set()

    @property
    def last_number(self) -> int:
        return int(self.store.get("last_number", "0"))

    def head(self) -> Row:
        return {
            "base": self.base_id,
            "epoch": self.store.get("epoch"),
            "instance": self.store.get("instance"),
        }

    def on_its_way(self) -> Row | None:
        return self.store.row("SELECT * FROM message WHERE state = 'waiting'")

    def pack(self) -> Row | None:
        """Number and store the next message. Returns it, or None when there is nothing to send."""
        with self.store.tx():
            objects = self._dirty()
            self._compare(len(objects))
            commands = self._queued({row["ref"] for row in objects})
            if not objects and not commands:
                return None
            number = self.last_number + 1
            self.store.set("last_number", str(number))
            self._save(number, objects, commands)
        return self.on_its_way()

    def acknowledge(self, message: Row, answer: Answer) -> None:
        """The service has it: drop marks that are still the packed ones, keep what it said of each
        command.
        """
        refused = {(item.get("kind"), item.get("ref")): item for item in answer.body.get("quarantined") or []}
        with self.store.tx():
            for kind, ref, mark in json.loads(message["marks"]):
                self.store.db.execute("DELETE FROM dirty WHERE kind = ? AND ref = ? AND mark = ?", (kind, ref, mark))
                self._remember_quarantine(kind, ref, message["number"], refused.get((kind, ref)))
            for result in answer.body.get("commands") or []:
                self.record_result(result, via="message")
            # A command the answer does not name is asked for again: the service takes the same id once.
            self.store.db.execute(
                "UPDATE command SET packed_in = NULL WHERE status = 'queued' AND packed_in = ?",
                (message["number"],),
            )
            self._close(message, "sent", json.dumps(answer.body, ensure_ascii=False))
            self._forget_old()

    def drop(self, message: Row, why: str) -> None:
        """Give up a number that can never be accepted; its objects and commands stay to be packed again."""
        with self.store.tx():
            self._release(message, why)

    def record_result(self, result: Row, via: str) -> None:
        """Store what became of a command. The caller holds the transaction."""
        if result.get("status") not in ANSWERED:
            return
        done = result.get("result")
        digests.answered(self.store, str(result.get("id")), done)
        self.store.db.execute(
            "UPDATE command SET status = ?, code = ?, message = ?, result = ?, answered_at = ?, via "
            "= coalesce(via, ?)"
            " WHERE id = ?",
            (
                result.get("status"),
                result.get("code"),
                result.get("message"),
                json.dumps(done, ensure_ascii=False) if done is not None else None,
                now(),
                via,
                result.get("id"),
            ),
        )
        delivery = (done or {}).get("delivery") if isinstance(done, dict) else None
        if delivery:
            self._show_delivery(str(result.get("id")), delivery)

    def continue_from(self, number: int) -> None:
        """The restore rule: the other side has seen more than this base remembers, so numbers go on from
        there.
        """
        with self.store.tx():
            waiting = self.on_its_way()
            if waiting is not None and waiting["number"] <= number:
                self._release(waiting, f"база восстановлена из копии, продолжаем с номера {number + 1}")
            if number > self.last_number:
                self.store.set("last_number", str(number))

    def start_epoch(self, epoch: str, last_accepted: int) -> None:
        with self.store.tx():
            waiting = self.on_its_way()
            if waiting is not None:
                self._release(waiting, "начата новая эпоха")
            self.store.set("epoch", epoch)
            self.store.set("last_number", str(last_accepted))

    def failed_attempt(self, message: Row, error: str) -> None:
        with self.store.tx():
            self.store.db.execute(
                "UPDATE message SET attempts = attempts + 1, last_error = ? WHERE epoch = ? AND number = ?",
                (error, message["epoch"], message["number"]),
            )

    def counts(self) -> Row:
        found = self.store.row(
            "SELECT (SELECT count(*) FROM dirty) AS objects, (SELECT min(at) FROM dirty) AS oldest_object,"
            " (SELECT count(*) FROM command WHERE status = 'queued')"
            " + (SELECT count(*) FROM comparison WHERE command IS NULL) AS commands,"
            " (SELECT min(issued_at) FROM command WHERE status = 'queued') AS oldest_command"
        )
        return found or {}

    def _dirty(self) -> list[Row]:
        return self.store.rows(
            "SELECT o.*, d.mark FROM (SELECT * FROM dirty ORDER BY rank, place LIMIT ?) d"
            " JOIN object o ON o.kind = d.kind AND o.ref = d.ref ORDER BY d.rank, d.place",
            PACK_OBJECTS,
        )

    def _compare(self, packed: int) -> None:
        """Comparing goes with the last changed object, when no other command is left behind."""
        dirty = int(self.store.value("SELECT count(*) FROM dirty"))
        if dirty == packed:
            queued = int(self.store.value("SELECT count(*) FROM command WHERE status = 'queued'"))
            digests.fill(self.store, self.offset_h, self.switches, PACK_COMMANDS - queued)

    def _queued(self, packed: set[str]) -> list[Row]:
        """Commands in their order; one whose changed order or transfer does not fit in yet waits for it."""
        rows = self.store.rows(
            "SELECT c.*, EXISTS (SELECT 1 FROM dirty d WHERE d.ref = c.order_ref AND d.kind IN ('order', 'transfer'))"
            " AS unsent"
            " FROM command c WHERE status = 'queued' ORDER BY position LIMIT ?",
            PACK_COMMANDS + len(self.held),
        )
        free = [row for row in rows if row["id"] not in self.held]
        return [row for row in free if not row["unsent"] or row["order_ref"] in packed][:PACK_COMMANDS]

    def _save(self, number: int, objects: list[Row], commands: list[Row]) -> None:
        head = self.head() | {"number": number, "sent_at": wire.local_now(self.offset_h).isoformat()}
        packed = [wire.object_of(row, self.switches.odd_values) for row in objects]
        pressed = [wire.command_of(row) for row in commands]
        body = wire.message(head, packed, pressed, self.switches.bom, self.encoding)
        marks = json.dumps([(row["kind"], row["ref"], row["mark"]) for row in objects])
        ids = [row["id"] for row in commands]
        self.store.db.execute(
            "INSERT INTO message (epoch, number, body, marks, commands, created_at) VALUES (?, ?, ?, ?, ?, ?)",
            (head["epoch"], number, body, marks, json.dumps(ids), now()),
        )
        self.store.db.executemany("UPDATE command SET packed_in = ? WHERE id = ?", [(number, key) for key in ids])

    def _release(self, message: Row, why: str) -> None:
        ids: Iterable[str] = json.loads(message["commands"])
        self.store.db.executemany("UPDATE command SET packed_in = NULL WHERE id = ?", [(key,) for key in ids])
        digests.forget(self.store, ids)
        self._close(message, "dropped", None, why)

    def _close(self, message: Row, state: str, answer: str | None, error: str | None = None) -> None:
        self.store.db.execute(
            "UPDATE message SET state = ?, answer = ?, answered_at = ?, last_error = ?, attempts = "
            "attempts + 1"
            " WHERE epoch = ? AND number = ?",
            (state, answer, now(), error, message["epoch"], message["number"]),
        )

    def _forget_old(self) -> None:
        self.store.db.execute(
            "DELETE FROM message WHERE state <> 'waiting' AND number <= ? AND epoch = ?",
            (self.last_number - KEEP_SENT, self.store.get("epoch")),
        )

    def _remember_quarantine(self, kind: str, ref: str, number: int, refused: Row | None) -> None:
        if refused is None:
            self.store.db.execute("DELETE FROM quarantine WHERE kind = ? AND ref = ?", (kind, ref))
            return
        self.store.db.execute(
            "INSERT OR REPLACE INTO quarantine VALUES (?, ?, ?, ?, ?)",
            (kind, ref, number, refused.get("code"), refused.get("message")),
        )

    def _show_delivery(self, command_id: str, delivery: Row) -> None:
        """Put what the service says of the delivery into the order's row, unless an event told something
        newer.
        """
        self.store.db.execute(
            "UPDATE order_card SET stage = ?, stage_version = ?, amount_due = coalesce(?, amount_due),"
            " courier = coalesce(?, courier)"
            " WHERE ref = (SELECT order_ref FROM command WHERE id = ?) AND stage_version <= ?",
            (
                delivery.get("stage"),
                int(delivery.get("version") or 0),
                delivery.get("amount_due"),
                _ref_of(delivery.get("courier")),
                command_id,
                int(delivery.get("version") or 0),
            ),
        )


def _ref_of(courier: Any) -> str | None:
    """The courier as the service names him: a ref, or an object with one."""
    if isinstance(courier, dict):
        courier = courier.get("ref") or courier.get("id")
    return str(courier) if courier else None
