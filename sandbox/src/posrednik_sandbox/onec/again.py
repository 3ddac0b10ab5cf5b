"""Sending again what Posrednik, restored from a copy, has lost (event `exchange.send_again`): the stored messages byte
for byte, then the commands, each under its own id, and at the end which events this base has got meanwhile.
"""

import json
import uuid
from typing import Any

from posrednik_sandbox.onec import wire, words
from posrednik_sandbox.onec.store import Store

AFTER, UPTO, EVENTS = "again_after", "again_upto", "again_events"
COMMAND = "sent_again"
A_COMMAND = 100
OWN = ("delivery.", "backpack.", "sale.", "cash.")
Json = dict[str, Any]


def register(store: Store, asked: Json) -> None:
    """Remember what was asked for. The caller holds the transaction."""
    after, last = int(asked["after"]), int(store.get("last_number", "0"))
    if asked.get("epoch") == store.get("epoch"):
        kept = int(store.value("SELECT count(*) FROM message WHERE epoch = ? AND number > ? AND state = 'sent'",
                               store.get("epoch"), after))  # fmt: skip
        store.set(AFTER, str(after))
        store.set(UPTO, str(last))
    else:
        kept = 0
    if kept < last - after:  # older ones were cleaned away
        for row in store.rows("SELECT kind, ref FROM object"):
            store.touch(row["kind"], row["ref"])
    store.db.execute(
        "UPDATE command SET status = 'queued', packed_in = NULL WHERE status IN ('done', 'waiting')"
        " AND answered_at >= ? AND (type LIKE 'delivery.%' OR type LIKE 'backpack.%')",
        (asked.get("since") or "",),
    )
    store.set(EVENTS, str(asked.get("events_after") or 0))


def next_message(store: Store) -> Json | None:
    """The next stored message to be sent once more."""
    if not store.get(UPTO):
        return None
    sql = "SELECT * FROM message WHERE epoch = ? AND number BETWEEN ? AND ? AND state = 'sent' ORDER BY number LIMIT 1"
    found = store.row(sql, store.get("epoch"), int(store.get(AFTER)) + 1, int(store.get(UPTO)))
    if found is None:
        store.set(UPTO, "")
    return found


def passed(store: Store, message: Json) -> None:
    store.set(AFTER, str(message["number"]))


def tell(store: Store, offset_h: int) -> bool:
    """When all has gone: name the events that came after those the copy knows. True = there is something to send."""
    after = store.get(EVENTS)
    if not after:
        return False
    rows = store.rows("SELECT body FROM event WHERE number > ? ORDER BY number", int(after))
    told = [_named(event) for event in (json.loads(row["body"]) for row in rows) if event["type"].startswith(OWN)]
    parts = [told[i : i + A_COMMAND] for i in range(0, len(told), A_COMMAND)] or [[]]
    with store.tx():
        for part in parts:
            data = json.dumps({"events": part, "more": part is not parts[-1]}, ensure_ascii=False)
            store.db.execute(
                "INSERT INTO command (id, type, order_ref, data, issued_at, issued_by) VALUES (?, ?, '', ?, ?, ?)",
                (str(uuid.uuid4()), COMMAND, data, wire.local_now(offset_h).isoformat(), words.MANAGER),
            )
        store.set(EVENTS, "")
    return True


def _named(event: Json) -> Json:
    subject = event.get("subject") or {}
    kept = {name: event.get(name) for name in ("id", "number", "type", "version", "occurred_at", "data")}
    return kept | {"subject": subject.get("id"), "order_number": subject.get("order_number")}
