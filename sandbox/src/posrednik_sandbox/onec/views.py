"""What the pages and the JSON API show of the base."""

import json
from typing import Any

from posrednik_sandbox.onec import books, papers, receiver
from posrednik_sandbox.onec.base import Onec, answer_text
from posrednik_sandbox.onec.books import kopecks
from posrednik_sandbox.onec.seed import rubles
from posrednik_sandbox.onec.store import Store

Json = dict[str, Any]
LIST_SQL = """
SELECT c.*, o.data, o.deleted, o.posted,
  EXISTS (SELECT 1 FROM dirty d WHERE d.kind = 'order' AND d.ref = c.ref) AS unsent,
  (SELECT count(*) FROM document d WHERE d.order_ref = c.ref AND d.posted = 1) AS documents,
  (SELECT count(*) FROM command k WHERE k.order_ref = c.ref AND k.status = 'queued') AS queued,
  (SELECT status FROM command k WHERE k.order_ref = c.ref ORDER BY position DESC LIMIT 1) AS last_status
FROM order_card c JOIN object o ON o.kind = 'order' AND o.ref = c.ref
"""


def state(onec: Onec, brief: bool = False) -> Json:
    """The exchange as one object: numbers, queue, errors; without `brief` every event in the order of applying."""
    store, counts = onec.store, onec.outbox.counts()
    oldest = min(filter(None, (counts["oldest_object"], counts["oldest_command"])), default=None)
    return {
        "online": onec.online,
        "base": onec.outbox.base_id,
        "epoch": store.get("epoch"),
        "instance": store.get("instance"),
        "last_number": onec.outbox.last_number,
        "queue": {"objects": counts["objects"], "commands": counts["commands"]},
        "queue_length": counts["objects"] + counts["commands"],
        "oldest_unsent": oldest,
        "on_its_way": _on_its_way(onec),
        "last_error": onec.sender.last_error,
        "stopped": onec.sender.stopped,
        "receiver_error": onec.receiver.last_error,
        "orders": store.value("SELECT count(*) FROM order_card"),
        "commands_waiting": store.value("SELECT count(*) FROM command WHERE status = 'waiting'"),
        "documents": store.value("SELECT count(*) FROM document WHERE posted = 1"),
        "quarantined": store.rows("SELECT * FROM quarantine ORDER BY number DESC LIMIT 50"),
        "quarantined_count": store.value("SELECT count(*) FROM quarantine"),
        "refused": store.rows("SELECT * FROM refusal ORDER BY number DESC LIMIT 50"),
        **_event_counts(store),
        **({} if brief else {"applied": applied(store)}),
    }


def applied(store: Store) -> Json:
    """Per order (events of deliveries) or `kind:id` (all else): versions and types in the order of applying."""
    found: dict[str, Json] = {}
    sql = "SELECT subject_kind, subject_id, order_ref, type, version FROM event ORDER BY seq"
    for row in store.rows(sql):
        key = f"{row['subject_kind']}:{row['subject_id']}"
        if row["subject_kind"] == "delivery" and row["order_ref"]:
            key = row["order_ref"]
        item = found.setdefault(key, {"versions": [], "types": []})
        item["versions"].append(row["version"])
        item["types"].append(row["type"])
    return found


def _event_counts(store: Store) -> Json:
    """How many came, came twice, came after a newer version, and which numbers never came."""
    return {
        "applied_count": store.value("SELECT count(*) FROM event"),
        "last_event": store.value("SELECT coalesce(max(number), 0) FROM event"),
        "duplicates": store.value("SELECT coalesce(sum(seen - 1), 0) FROM event"),
        "out_of_order": store.value("SELECT count(*) FROM event WHERE in_order = 0"),
        "gaps": _gaps(store),
    }


def orders(onec: Onec, text: str, limit: int, offset: int) -> Json:
    store = onec.store
    where = "WHERE c.number LIKE ? OR c.recipient LIKE ? OR coalesce(c.site_number, '') LIKE ?"
    like = f"%{text}%"
    rows = store.rows(f"{LIST_SQL} {where} ORDER BY c.position DESC LIMIT ? OFFSET ?", like, like, like, limit, offset)
    total = store.value(f"SELECT count(*) FROM order_card c {where}", like, like, like)  # noqa: S608
    names = {kind: store.names(kind) for kind in ("division", "courier")}
    return {"total": total, "orders": [_listed(row, names) for row in rows]}


def order(onec: Onec, ref: str) -> Json | None:
    """One order with everything the form shows, or None."""
    store = onec.store
    row = store.row(f"{LIST_SQL} WHERE c.ref = ?", ref)
    if row is None:
        return None
    names = {kind: store.names(kind) for kind in ("division", "courier", "counterparty", "warehouse", "product")}
    data = json.loads(row["data"])
    return _listed(row, names) | {
        "data": data,
        "counterparty": _name(names["counterparty"], data.get("counterparty")),
        "warehouse": _name(names["warehouse"], data.get("warehouse")),
        "lines": [_line(line, names["product"]) for line in data["lines"]],
        "commands": [_command(onec, key["id"]) for key in _commands_of(store, ref)],
        "events": [_event(item) for item in store.rows("SELECT * FROM event WHERE order_ref = ? ORDER BY seq", ref)],
        "papers": [_paper(item, names) for item in store.rows("SELECT * FROM document WHERE order_ref = ?", ref)],
    }


def exchange(onec: Onec) -> Json:
    """Messages and queue for the page «Обмен»."""
    store = onec.store
    sql = (
        "SELECT number, state, length(body) AS size, created_at, answered_at, attempts, last_error, "
        "marks, commands,"
        " answer FROM message ORDER BY created_at DESC, number DESC LIMIT 60"
    )
    queued = store.rows("SELECT id FROM command WHERE status = 'queued' ORDER BY position LIMIT 50")
    dirty = store.rows("SELECT kind, count(*) AS count FROM dirty GROUP BY kind ORDER BY min(rank)")
    return {
        "messages": [_message(row) for row in store.rows(sql)],
        "queued": [_command(onec, row["id"]) for row in queued],
        "dirty": dirty,
    }


def events(store: Store, limit: int) -> list[Json]:
    return [_event(row) for row in store.rows("SELECT * FROM event ORDER BY seq DESC LIMIT ?", limit)]


def documents(store: Store, limit: int) -> list[Json]:
    sql = (
        "SELECT d.*, c.number AS order_number, c.recipient FROM document d LEFT JOIN order_card c ON "
        "c.ref = d.order_ref"
        " ORDER BY d.created_at DESC, d.number DESC LIMIT ?"
    )
    names = {kind: store.names(kind) for kind in ("courier", "warehouse")}
    counted = _counted_in(store)
    return [_paper(row, names) | {"accepted": counted.get(row["ref"])} for row in store.rows(sql, limit)]


def _counted_in(store: Store) -> dict[str, str]:
    """Transfers that couriers have counted in, and when."""
    sql = (
        "SELECT d.value AS ref, max(e.occurred_at) AS at FROM event e, json_each(e.body, '$.data.documents') d"
        " WHERE e.type = 'backpack.accepted' GROUP BY d.value"
    )
    return {row["ref"]: row["at"] for row in store.rows(sql)}


def backpacks(onec: Onec) -> Json:
    """What couriers' own warehouses hold, the other warehouses likewise, and the last commands of backpacks."""
    store = onec.store
    products, warehouses, divisions = (store.names(kind) for kind in ("product", "warehouse", "division"))
    own = {data["courier"]: ref for ref, data in warehouses.items() if data.get("courier")}
    commands = store.rows("SELECT id FROM command WHERE type LIKE 'backpack.%' ORDER BY position DESC LIMIT 20")
    return {
        "couriers": [
            item | {"warehouse": own.get(item["ref"]), "goods": _goods(store, own.get(item["ref"]), products)}
            for item in couriers(store)
        ],
        "warehouses": [
            {
                "ref": ref,
                "name": data["name"],
                "division": _name(divisions, data.get("division")),
                "goods": _goods(store, ref, products),
            }
            for ref, data in warehouses.items()
            if not data.get("courier")
        ],
        "commands": [_command(onec, row["id"]) for row in commands],
    }


def _goods(store: Store, warehouse: str | None, products: dict[str, Json]) -> list[Json]:
    found = [_line(line, products) for line in books.goods(store, warehouse)] if warehouse else []
    weighed = {ref for ref, data in products.items() if data.get("by_weight")}
    return sorted(
        (line | {"by_weight": line["product"] in weighed} for line in found), key=lambda line: str(line["name"])
    )


def couriers(store: Store) -> list[Json]:
    divisions = store.names("division")
    return [
        {"ref": ref, "name": data["name"], "division": _name(divisions, data.get("division"))}
        for ref, data in sorted(store.names("courier").items(), key=lambda item: str(item[1]["name"]))
    ]


def _on_its_way(onec: Onec) -> Json | None:
    row = onec.outbox.on_its_way()
    if row is None:
        return None
    return {key: row[key] for key in ("number", "attempts", "last_error", "created_at")} | {
        "next_try_s": onec.sender.next_try_s
    }


def _gaps(store: Store) -> list[int]:
    """Numbers below the highest that were neither applied nor refused; at most 100. A restored service begins anew."""
    sql = (
        "SELECT before, number FROM (SELECT number, lag(number, 1, first) OVER (ORDER BY number) AS before FROM"
        " (SELECT number FROM event UNION SELECT number FROM refusal),"
        " (SELECT coalesce(max(number), 0) AS first FROM event WHERE type = 'exchange.send_again')"
        " WHERE number > first) WHERE number > before + 1 LIMIT 100"
    )
    holes = store.rows(sql)
    return [number for row in holes for number in range(row["before"] + 1, row["number"])][:100]


def _listed(row: Json, names: dict[str, dict[str, Json]]) -> Json:
    data = json.loads(row["data"])
    goods = sum(kopecks(line["sum"]) for line in data["lines"] if not line.get("cancelled"))
    price, prepaid = kopecks(row["delivery_price"]), kopecks(data.get("prepaid"))
    by_hand = row["amount_due"]
    return {
        "ref": row["ref"],
        "number": row["number"],
        "site_number": row["site_number"],
        "date": data["date"],
        "division": _name(names["division"], data.get("division")),
        "recipient": row["recipient"],
        "phone": data["recipient"].get("phone"),
        "address": data["address"]["text"],
        "window": data.get("window"),
        "goods": rubles(goods),
        "delivery_price": rubles(price),
        "amount_due": by_hand if by_hand is not None else rubles(max(0, goods + price - prepaid)),
        "courier": _name(names["courier"], row["courier"]),
        "courier_ref": row["courier"],
        "ready": bool(row["ready"]),
        "stage": row["stage"],
        "deleted": bool(row["deleted"]),
        "posted": bool(row["posted"]),
        "unsent": bool(row["unsent"]),
        "queued": row["queued"],
        "last_status": row["last_status"],
        "documents": row["documents"],
    }


def _line(line: Json, products: dict[str, Json]) -> Json:
    product = products.get(str(line["product"]), {})
    return line | {"name": product.get("name"), "unit": product.get("unit"), "code": product.get("code")}


def _commands_of(store: Store, ref: str) -> list[Json]:
    return store.rows("SELECT id FROM command WHERE order_ref = ? ORDER BY position DESC LIMIT 30", ref)


def _command(onec: Onec, key: str) -> Json:
    command = onec.command(key)
    sql = "SELECT number FROM order_card WHERE ref = ? UNION ALL SELECT number FROM document WHERE ref = ? LIMIT 1"
    number = onec.store.value(sql, command["order_ref"], command["order_ref"])
    return command | {"text": answer_text(command), "order_number": number}


def _event(row: Json) -> Json:
    body = json.loads(row["body"])
    kept = ("id", "number", "type", "order_ref", "version", "occurred_at", "applied_at", "seen", "acked_at")
    return {key: row[key] for key in kept} | {
        "title": receiver.TITLES.get(row["type"], row["type"]),
        "in_order": bool(row["in_order"]),
        "order_number": (body.get("subject") or {}).get("order_number"),
        "actor": (body.get("actor") or {}).get("name"),
        "data": body.get("data"),
    }


def _paper(row: Json, names: dict[str, dict[str, Json]]) -> Json:
    """A row of the list of documents: what stands in it, what it is about, and whether it holds."""
    data = json.loads(row["data"])
    way = [_name(names["warehouse"], data.get(end)) for end in ("from", "to")]
    return row | {
        "title": papers.TITLES[row["kind"]],
        "data": data,
        "courier_ref": row["courier"],
        "courier": _name(names["courier"], row["courier"]),
        "about": " → ".join(name for name in way if name) or None,
        "posted": bool(row["posted"]),
        "deleted": bool(row["deleted"]),
    }


def _message(row: Json) -> Json:
    answer = json.loads(row["answer"]) if row["answer"] else None
    return {
        key: row[key] for key in ("number", "state", "size", "created_at", "answered_at", "attempts", "last_error")
    } | {
        "objects": len(json.loads(row["marks"])),
        "commands": len(json.loads(row["commands"])),
        "quarantined": (answer or {}).get("quarantined") or [],
        "status": (answer or {}).get("status"),
        "gap": (answer or {}).get("gap") or [],
    }


def _name(catalog: dict[str, Json], ref: Any) -> str | None:
    found = catalog.get(str(ref))
    return str(found["name"]) if found else (str(ref) if ref else None)


def divisions(store: Store) -> list[Json]:
    return [{"ref": ref, "name": data["name"]} for ref, data in store.names("division").items()]
