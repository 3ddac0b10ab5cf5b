"""The standard exchange of the base with its web shop, which rewrites orders at the same time (E-43).

It writes with Загрузка = Истина: handlers that leave at once then do not see it, an exchange plan does.
"""

import asyncio
from collections.abc import Callable

from posrednik_sandbox.onec.store import Store
from posrednik_sandbox.onec.switches import Switches

IDLE_S = 0.5


def rewrite(store: Store, switches: Switches, count: int) -> list[str]:
    """Write `count` orders of the site again, each in turn: nothing of them changes but the mark of the exchange.

    Returns their refs.
    """
    at = int(store.get("site_at", "0"))
    rows = store.rows(
        "SELECT ref FROM order_card WHERE site_number IS NOT NULL AND position > ? ORDER BY position LIMIT ?", at, count
    )
    with store.tx():
        for row in rows:
            found = store.object("order", row["ref"])
            if found is None:
                continue
            times = int(found["data"].get("site_exchanged") or 0) + 1
            store.put("order", row["ref"], found["data"] | {"site_exchanged": times}, deleted=bool(found["deleted"]),
                      posted=bool(found["posted"]), unseen=switches.skip_loading)  # fmt: skip
        last = rows[-1]["ref"] if len(rows) == count else None
        store.set("site_at", str(store.value("SELECT position FROM order_card WHERE ref = ?", last) or 0))
    return [row["ref"] for row in rows]


async def run(store: Store, switches: Switches, wake: Callable[[], None]) -> None:
    """Rewrite one order every `site_exchange_s` seconds while that switch is on, until cancelled."""
    while True:
        await asyncio.sleep(switches.site_exchange_s or IDLE_S)
        if switches.site_exchange_s and rewrite(store, switches, 1):
            wake()
