"""Edits of documents after the fact, as real bases have them (E-26)."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from posrednik_sandbox.onec.store import Store

Json = dict[str, Any]
Edit = Callable[[random.Random, Store, Json], Json]


def make(store: Store, count: int, seed: int) -> list[Json]:
    """Do `count` edits of orders, the same for the same base and seed. Returns {action, ref} of each."""
    rng = random.Random(seed)
    refs = [row["ref"] for row in store.rows("SELECT ref FROM order_card ORDER BY position")]
    done = []
    with store.tx():
        for _ in range(count if refs else 0):
            ref, action = rng.choice(refs), rng.choice(list(EDITS))
            found = store.object("order", ref)
            if found is None:
                continue
            now = {"data": found["data"], "deleted": bool(found["deleted"]), "posted": bool(found["posted"])}
            changed = now | EDITS[action](rng, store, now)
            store.put("order", ref, changed["data"], deleted=changed["deleted"], posted=changed["posted"])
            done.append({"action": action, "ref": ref})
    return done


def _move_date(rng: random.Random, store: Store, now: Json) -> Json:
    """Over midnight, or over the new year."""
    date = datetime.fromisoformat(now["data"]["date"])
    moved = date + rng.choice((timedelta(days=1), timedelta(days=-1), timedelta(days=-366)))
    return {"data": now["data"] | {"date": moved.isoformat()}}


def _renumber(rng: random.Random, store: Store, now: Json) -> Json:
    return {"data": now["data"] | {"number": f"{now['data']['number']}-И{rng.randrange(10)}"}}


def _other_customer(rng: random.Random, store: Store, now: Json) -> Json:
    return {"data": now["data"] | {"counterparty": rng.choice(sorted(store.names("counterparty")))}}


def _cancel_line(rng: random.Random, store: Store, now: Json) -> Json:
    lines = [dict(line) for line in now["data"]["lines"]]
    if lines:
        rng.choice(lines)["cancelled"] = True
    return {"data": now["data"] | {"lines": lines}}


def _drop_line(rng: random.Random, store: Store, now: Json) -> Json:
    """The code of a line stays when a line before it goes (E-03)."""
    lines = list(now["data"]["lines"])
    if len(lines) > 1:
        lines.pop(rng.randrange(len(lines)))
    return {"data": now["data"] | {"lines": lines}}


EDITS: dict[str, Edit] = {
    "repost": lambda rng, store, now: {},
    "unpost": lambda rng, store, now: {"posted": False},
    "post": lambda rng, store, now: {"posted": True, "deleted": False},
    "mark": lambda rng, store, now: {"deleted": True, "posted": False},
    "unmark": lambda rng, store, now: {"deleted": False},
    "move_date": _move_date,
    "renumber": _renumber,
    "other_customer": _other_customer,
    "cancel_line": _cancel_line,
    "drop_line": _drop_line,
}
