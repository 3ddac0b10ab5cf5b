"""What happens on the day: four couriers, one story each, some of it as it should not be."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from posrednik_sandbox.day.doors import Office, Phone, until

Json = dict[str, Any]
Tell = Callable[..., None]
ORDERS = 3  # of each courier
LESS = Decimal(200)
SECOND = "Иванова Анна"


@dataclass
class Told:
    """What has been done so far."""

    orders: int = 0
    handed_over: int = 0
    not_delivered: int = 0
    sales: int = 0
    handed_in: Decimal = Decimal(0)


@dataclass
class Courier:
    """One courier at work; tell: takes a key of the words and its data."""

    phone: Phone
    office: Office
    tell: Tell
    told: Told
    why: str
    less: str
    deliveries: list[Json] = field(default_factory=list)

    async def begins(self, orders: Sequence[str]) -> None:
        """Waits until these orders are on his phone, counts his backpack and picks everything up."""
        day = await self._day_with(orders)
        self.deliveries = [one for ref in orders for one in day["deliveries"] if one["order"]["ref"] == ref]
        if day["shift"] is None:
            counted = {"goods": _counted(day), "cash": day["cash"]["to_hand_in"]}
            await self.phone.do("shift.open", counted)
            self._say("shift")
        for one in self.deliveries:
            await self.phone.do("delivery.pick_up", {}, one, [await self.phone.photo()])
            self._say("picked_up", one)

    async def departs(self, one: Json) -> None:
        await self.phone.do("delivery.depart", {}, one)
        self._say("departed", one)

    async def hands_over(self, one: Json, photo: str = "", *, less: Decimal = Decimal(0)) -> str:
        """The picture that was sent with it. photo: this one, else a new one. less: he takes, with a reason."""
        due, method = Decimal(one["amount_due"]), one["payment_method"] or "cash"
        taken = max(due - less, Decimal(0))
        payload: Json = {
            "amount_taken": f"{taken:.2f}",
            "payment_method": method if taken or method == "prepaid" else "cash",
        }
        if taken != due:
            payload["difference_reason"] = self.less
        photo = photo or await self.phone.photo()
        await self.phone.do("delivery.hand_over", payload, one, [photo])
        self.told.handed_over += 1
        self._say("handed_over", one, taken=taken)
        return photo

    async def fails(self, one: Json, reason: str, *, tomorrow: bool = False) -> None:
        payload: Json = {"reason": reason}
        if tomorrow:
            payload["next_date"] = (
                (datetime.fromisoformat((await self.phone.day())["day"]) + timedelta(1)).date().isoformat()
            )
        await self.phone.do("delivery.not_deliver", payload, one, [await self.phone.photo()])
        self.told.not_delivered += 1
        self._say("not_delivered", one)

    async def gives_back(self, one: Json) -> None:
        """To the warehouse, all of it."""
        await self.phone.do("delivery.give_back", {}, one)
        self._say("given_back", one)

    async def sells(self) -> None:
        """One piece of the first goods in his backpack that have a price; nothing if there are none."""
        backpack = (await self.phone.day())["backpack"]
        goods = next((one for one in backpack if Decimal(one["quantity"]) >= 1 and one["price"]), None)
        if goods is None:
            return
        line = {name: goods[name] for name in ("product", "characteristic", "price")} | {"quantity": "1"}
        await self.phone.do("sale.make", {"lines": [line], "payment_method": "cash"})
        self.told.sales += 1
        self._say("sold", goods=goods["name"])

    async def hands_in(self, *, less: Decimal = Decimal(0)) -> None:
        """All his cash; less: is not in the envelope."""
        held = Decimal((await self.phone.day())["cash"]["to_hand_in"])
        if held <= less:
            return
        await self.phone.do("cash.hand_in_request", {"sum": f"{held:.2f}"})
        whole = await self.office.count(self.phone.ref, held - less, self.why, SECOND)
        self.told.handed_in += held - less
        self._say("counted", counted=held - less)
        if not whole:
            self._say("short", short=less)

    async def ends(self, *, missing: bool = False) -> None:
        """Counts his backpack and his cash; missing: one piece of the dearest goods is not there any more."""
        day = await self.phone.day()
        if missing and day["backpack"]:
            dearest = max(day["backpack"], key=lambda one: Decimal(one["price"] or 0))
            dearest["quantity"] = str(max(Decimal(dearest["quantity"]) - 1, Decimal(0)))
        goods = _counted(day)
        await self.phone.do("shift.close", {"goods": goods, "cash": day["cash"]["to_hand_in"]})
        self._say("closed")

    async def _day_with(self, orders: Sequence[str]) -> Json:
        async def come() -> Json | None:
            day = await self.phone.day()
            return day if {one["order"]["ref"] for one in day["deliveries"]} >= set(orders) else None

        return await until(come, "no_orders", who=self.phone.who)

    def _say(self, key: str, delivery: Json | None = None, **data: Any) -> None:
        order = (delivery or {}).get("order", {})
        self.tell(key, who=self.phone.who, number=order.get("number"), subject=order.get("ref", ""), **data)


async def as_it_should_be(courier: Courier) -> None:
    first, second, third = courier.deliveries
    await courier.hands_over(first)
    await courier.sells()
    await courier.hands_over(second)
    await courier.hands_over(third)
    await courier.sells()
    await courier.hands_in()
    await courier.ends()


async def with_too_little_money(courier: Courier) -> None:
    """A discount at the door, somebody not at home, an envelope with less than it should have."""
    first, second, third = courier.deliveries
    await courier.hands_over(first, less=LESS)
    await courier.fails(second, "not_home", tomorrow=True)
    await courier.hands_over(third)
    await courier.sells()
    await courier.hands_in(less=LESS)
    await courier.ends()


async def with_a_theft(courier: Courier) -> None:
    """One picture for two doors, a refusal, and goods that are gone from the backpack in the evening."""
    first, second, third = courier.deliveries
    photo = await courier.hands_over(first)
    await courier.hands_over(second, photo)
    await courier.fails(third, "refused")
    await courier.gives_back(third)
    await courier.hands_in()
    await courier.ends(missing=True)


async def still_at_work(courier: Courier) -> None:
    first, second, _ = courier.deliveries
    await courier.hands_over(first)
    await courier.sells()
    await courier.departs(second)


STORIES: tuple[Callable[[Courier], Awaitable[None]], ...] = (
    as_it_should_be, with_a_theft, with_too_little_money, still_at_work,
)  # fmt: skip


def _counted(day: Json) -> list[Json]:
    """What he has, with what waits to be counted, as a count of it."""
    found = []
    for one in day["backpack"]:
        quantity = Decimal(one["quantity"])
        if quantity > 0:
            found.append(
                {"product": one["product"], "characteristic": one["characteristic"], "quantity": one["quantity"]}
            )
    return found
