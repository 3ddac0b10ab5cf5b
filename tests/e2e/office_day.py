"""A day's work in a demo, for pictures and looks at all pages: orders at all stages, a shop that is out of order."""

import sys

from tests.desk import Desk, Json, Refused, until

PATIENCE_S = 180.0  # where the demo is not hurried: two calls a second
# How far each order of the day has come; the steps of its courier.
DAY: tuple[tuple[str, ...], ...] = (
    ("pick_up", "depart", "hand_over", "settle"), ("pick_up", "depart", "hand_over"), ("pick_up", "depart"), (),
    ("pick_up",), ("pick_up", "hand_over"), ("pick_up", "depart", "not_deliver"), (), ("pick_up", "depart"), (),
    ("pick_up", "hand_over", "settle"), (), ("pick_up",), ("pick_up", "depart"), ("pick_up", "depart", "hand_over"),
    (), ("pick_up", "not_deliver", "give_back"), ("pick_up",),
)  # fmt: skip


async def a_day(desk: Desk) -> str:
    """Orders at all stages, and one that waits for a shop that is out of order; the number of that one.

    The portal is a box, which answers more often: see `HURRIED` of the demo.
    """
    await desk.tell("/portal/api/limits", tariff="box")
    orders = (await desk.look("/onec/api/orders?limit=200"))["orders"]
    couriers = (await desk.look("/onec/api/couriers"))["couriers"]
    chosen = [order for order in orders if order["division"] == "Центр"][: len(DAY)]
    for number, (order, steps) in enumerate(zip(chosen, DAY, strict=False)):
        own = [courier["ref"] for courier in couriers if courier["division"] == order["division"]]
        await desk.press(order["ref"], "ready", courier=own[number % len(own)])
        await _steps(desk, order, steps)
    await until("the portal has caught up", lambda: _caught_up(desk, len(chosen)), PATIENCE_S)
    told: Json = next(order for order, steps in zip(chosen, DAY, strict=False) if _is_telling(order, steps))
    await _trouble(desk, orders, couriers)
    await _steps(desk, told, ("hand_over", "settle"))
    await until("lanes wait for the shop", lambda: _waits(desk), PATIENCE_S)
    return str(told["number"])


def _is_telling(order: Json, steps: tuple[str, ...]) -> bool:
    """It is on its way, the shop waits for news of it, and there is money in it."""
    return bool(order["site_number"]) and steps[-1:] == ("depart",) and float(order["amount_due"]) > 0


async def _steps(desk: Desk, order: Json, steps: tuple[str, ...]) -> None:
    card = (await desk.board())[order["ref"]]
    said: dict[str, Json] = {
        "not_deliver": {"reason": "not_home", "next_date": None},
        "hand_over": {"amount_taken": card["amount_due"], "photos": await desk.proof()},
    }
    for step in steps:
        await desk.act(card["id"], step, **said.get(step, {}))


async def _caught_up(desk: Desk, wanted: int) -> bool:
    waiting = [row for row in (await desk.ask("/api/v1/admin/exchange"))["destinations"] if row["waiting"]]
    return len(await desk.cards(11)) == wanted and not waiting


async def _trouble(desk: Desk, orders: list[Json], couriers: list[Json]) -> None:
    """The shop answers 503: what goes there waits, and a page says why."""
    await desk.tell("/shop/api/faults", mode="503", share=1.0, retry_after_s=120)
    courier = next(courier for courier in couriers if courier["division"] == "Север")
    for order in [order for order in orders if order["division"] == "Север"][:3]:
        try:
            await desk.press(order["ref"], "ready", courier=courier["ref"])
        except Refused as error:
            print(f"{order['number']}: {error}", file=sys.stderr)
    await until("the portal has these too", lambda: _shown(desk, 12, 3))


async def _shown(desk: Desk, group: int, cards: int) -> bool:
    return len(await desk.cards(group)) == cards


async def _waits(desk: Desk) -> bool:
    """For the shop, and for nobody else any more."""
    lanes = (await desk.ask("/api/v1/admin/lanes"))["lanes"]
    return len(lanes) == 4 and all(lane["why"] == "try_later" for lane in lanes)
