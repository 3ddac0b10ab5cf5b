"""One and the same work done in two bases, and what is left of it in 1C and in the service, to be compared."""

import json
from typing import Any

from tests.chaos.scenario_stage import Stage

Json = dict[str, Any]
# Two bases of one seed are the same but for the moment in which each order was written.
OF_THE_MOMENT = ("date", "window")


async def work(stage: Stage) -> None:
    """Every button of the manager and every way in which a delivery ends, on the five orders of the start."""
    desk, (handed, retried, withdrawn, cancelled, back) = stage.desk, await first_orders(stage)
    await stage.hand_over(await stage.ready(handed))
    delivery = await stage.ready(retried)
    await desk.press(retried, "price", delivery_price="321.50")
    await desk.act(delivery, "pick_up")
    await desk.act(delivery, "not_deliver", reason="not_home")
    await desk.act(delivery, "retry")
    await desk.act(delivery, "hand_over", payment_method="card")
    await stage.ready(withdrawn)
    await desk.press(withdrawn, "withdraw", reason="не тот склад")
    await stage.ready(withdrawn, comment="домофон не работает")
    await stage.ready(cancelled)
    await desk.press(cancelled, "cancel", reason="клиент отказался")
    delivery = await stage.ready(back)
    await desk.press(back, "amount", amount_due="1 234,50")
    await desk.act(delivery, "pick_up")
    await desk.act(delivery, "not_deliver", reason="not_home")
    await desk.act(delivery, "give_back")
    await desk.tell(f"/onec/api/orders/{withdrawn}/edit", data={"comment": "ё «кавычки» & <знаки> №1"})
    await stage.quiet()


async def first_orders(stage: Stage) -> list[str]:
    rows = stage.base("SELECT ref FROM order_card ORDER BY position LIMIT 5")
    return [str(ref) for (ref,) in rows]


async def left(stage: Stage) -> Json:
    """By order: its form in 1C and its papers there, the service's mirror, delivery and events."""
    return {ref: await _left_of(stage, ref) for ref in await first_orders(stage)}


async def _left_of(stage: Stage, ref: str) -> Json:
    form = await stage.order(ref)
    (mirror,) = await stage.rows("SELECT data FROM mirror WHERE kind = 'order' AND ref = %s", ref)
    apart = {*OF_THE_MOMENT, *stage.told_otherwise}
    (delivery,) = await stage.rows("SELECT stage, on_board, version, doc FROM delivery WHERE order_ref = %s", ref)
    money = ("goods_kop", "delivery_price_kop", "prepaid_kop", "amount_due_by_hand_kop", "amount_taken_kop", "lines",
             "payment_method", "recipient", "address", "comment", "courier_ref")  # fmt: skip
    return {
        "form": {name: form[name] for name in ("stage", "amount_due", "delivery_price", "courier", "ready")},
        "commands": [(one["type"], one["status"], _already(stage, one)) for one in form["commands"]],
        "told": [(one["type"], one["in_order"]) for one in form["events"]],
        "papers": sorted((one["kind"], one["sum"], one["posted"]) for one in form["papers"]),
        "mirror": {name: value for name, value in mirror["data"].items() if name not in apart},
        "delivery": {name: delivery[name] for name in ("stage", "on_board", "version")},
        "doc": {name: _plain(delivery["doc"]).get(name) for name in money},
        "events": await stage.events_of(ref),
    }


def _already(stage: Stage, command: Json) -> Any:
    """Where a price is written into the order, too, it may have come with the order before its command."""
    beside = command["type"] == "delivery.set_price" and "delivery_price" in stage.told_otherwise
    return None if beside else (command["result"] or {}).get("already")


def _plain(doc: Any) -> Json:
    found: Json = json.loads(doc) if isinstance(doc, str) else doc
    return found
