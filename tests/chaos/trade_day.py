"""One courier's day with backpack, sales and cash, over HTTP; what he really did is kept beside (`Own`).

Hours of work are told by the phone's clock: the day began in the morning and ends before now.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.chaos.trade_books import Own, kop, milli, rubles, units, worth
from tests.chaos.trade_phone import Handset
from tests.desk import Desk, until

Json = dict[str, Any]
PAUSE, WALK, AT_MOST = timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=15)
LOADED = 8
BASE = {"Центр": (55.7500, 37.6100), "Север": (55.8500, 37.5700)}
WAYS = ("cash", "cash", "cash", "card", "transfer")


@dataclass(frozen=True, slots=True)
class Size:
    """How much one courier does."""

    deliveries: int
    sales: int


class CourierDay:
    """courier: as the base lists him. warehouses: refs of the divisions' own ones by name of the division."""

    def __init__(
        self, desk: Desk, phone: Handset, courier: Json, warehouse: str, size: Size, rng: random.Random
    ) -> None:
        self.desk, self.phone, self.ref, self.size, self.rng = desk, phone, str(courier["ref"]), size, rng
        self.name, self.division, self.warehouse = str(courier["name"]), str(courier["division"]), warehouse
        self.own, self.prices, self.by_weight = Own(), dict[str, int](), set[str]()
        self.now = datetime.now(UTC) - AT_MOST * (size.deliveries + 5)
        self.place = BASE[self.division]
        self.deliveries: list[Json] = []
        self.sales: list[Json] = []
        self.seen_version = 0
        self.spared = dict[str, int]()  # thousandths that he never sells, because they will be missing

    # -- the morning

    async def morning(self, goods: Sequence[Json]) -> None:
        """goods: of his own warehouse by 1C. Change and shift, orders, a load counted in, everything picked up."""
        for line in goods:
            self.own.bag[line["product"]] += milli(line["quantity"])
        change = self.rng.choice((0, 150000, 200000))
        if change and self.rng.random() < 0.5:
            await self._issue(change)
        self.own.change += change
        self.own.cash += change
        await self._do("shift.open", goods=self.counted(), cash=rubles(change))
        await self.desk.tell(f"/onec/api/couriers/{self.ref}/day", count=self.size.deliveries)
        products = self.rng.sample(sorted(await self._for_sale()), LOADED)
        await self.load(dict.fromkeys(products, 1000 * (2 + self.size.sales // 2)))
        day = await until(f"orders of {self.name}", self._all_orders)
        self.deliveries = sorted(day["deliveries"], key=lambda one: str(one["order"]["number"]))
        for one in self.deliveries:
            await self.step("delivery.pick_up", one)

    async def _issue(self, change: int) -> None:
        """Change from the cash desk, at first written down as 50 rubles more than it was."""
        await self._person("cash/change", courier=self.ref, sum=rubles(change + 5000))
        (line,) = (await self.desk.ask(f"/api/v1/board/cash/couriers/{self.ref}"))["lines"]
        await self._person("cash/corrections", event=line["id"], sum=rubles(change), reason="описка")

    async def _for_sale(self) -> set[str]:
        told = await self.desk.look("/onec/api/backpacks")
        found = next(one for one in told["warehouses"] if one["ref"] == self.warehouse)["goods"]
        return {line["product"] for line in found if milli(line["quantity"]) > 100_000}

    async def _all_orders(self) -> Json | None:
        day = await self.phone.day()
        return day if len(day["deliveries"]) == self.size.deliveries else None

    async def load(self, goods: Mapping[str, int], counted: Mapping[str, int] | None = None) -> str:
        """«Положить в рюкзак», and his count of it. counted: what he says came, None = all. Ref of the transfer."""
        done = await self.move("load", goods)
        self.learn(await self.phone.day())
        (load,) = [one for one in (await self.phone.day())["backpack_loads"] if one["document"] == done]
        came = goods if counted is None else counted
        lines = [{"product": product, "quantity": units(count)} for product, count in came.items()]
        await self._do("backpack.accept", loads=[load["id"]], lines=lines)
        for product, count in came.items():
            self.own.bag[product] += count
        return done

    async def move(self, action: str, goods: Mapping[str, int]) -> str:
        """The base's button; done when the service has it. Ref of the transfer."""
        lines = [{"product": product, "quantity": units(count)} for product, count in goods.items()]
        path = f"/onec/api/couriers/{self.ref}/backpack"
        done = await self.desk.tell(path, action=action, warehouse=self.warehouse, lines=lines)

        async def finished() -> bool | None:
            known = (await self.desk.look("/onec/api/state?brief"))["commands_waiting"]
            return not known

        if done["saved"]:
            await until("the command of a backpack is done", finished)
        else:
            assert done["command"]["status"] == "done", done
        return str(done["document"]["ref"])

    def learn(self, day: Json) -> None:
        self.seen_version = day["backpack_version"]
        for line in day["backpack"]:
            self.prices[line["product"]] = kop(line["price"])
            if line["by_weight"]:
                self.by_weight.add(line["product"])

    # -- the round

    async def round(self) -> None:
        """All deliveries with sales between, a fifth of them with no network, money handed in half way.

        A tenth of all acts is offline so, as the whole morning was not.
        """
        doors, left = len(self.deliveries), self.size.sales
        half, span = doors // 2, -(-doors // 5)
        gone = self.rng.randrange(half + 1, max(half + 2, doors - span))
        for number, one in enumerate(self.deliveries):
            if number == gone:
                self.phone.offline = True
            await self.at_the_door(one)
            for _ in range(-(-left // (len(self.deliveries) - number))):
                await self.sell(one)
                left -= 1
            if number == gone + span:
                await self.phone.send()
            if number == half:
                await self.hand_in(self.own.cash // 200 * 100, asks=True)
        await self.phone.send()

    async def at_the_door(self, one: Json) -> None:
        """Most are handed over whole, some in part, some not at all; what is left comes back to the warehouse."""
        self.now += PAUSE
        if self.rng.random() < 0.5:
            await self.step("delivery.depart", one, pause=1)
        self._walk(one)
        chance = self.rng.random()
        if chance < 0.08:
            await self.step("delivery.not_deliver", one, reason="not_home")
            return
        refused = one["lines"][0]["line"] if chance < 0.18 and len(one["lines"]) > 1 else None
        await self.hand_over(one, refused=refused)
        if chance > 0.95 and one["way"] == "cash":
            await self.customer_return(one)

    async def hand_over(self, one: Json, *, refused: str | None = None, less: int = 0, **more: Any) -> None:
        """refused: a line. less: kopecks that he takes less than is due. more: members of the event."""
        due = self.due(one, refused)
        way = one.get("way") or ("prepaid" if not due else self.rng.choice(WAYS))
        one["way"], taken = way, due - less
        payload: Json = {"amount_taken": rubles(taken), "payment_method": way}
        if refused is not None:
            payload["lines"] = [{"line": refused, "accepted": "0"}]
        if way == "transfer":
            payload["reference"] = f"СБП {self.rng.randrange(10**6)}"
        one["due"], one["refused"] = due, refused
        await self.step("delivery.hand_over", one, **payload, event=more)
        self.own.cash += taken if way == "cash" else 0
        self.own.card += taken if way == "card" else 0

    @staticmethod
    def due(one: Json, refused: str | None = None) -> int:
        if refused is None:
            return kop(one["amount_due"])
        goods = sum(kop(line["sum"]) for line in one["lines"] if line["line"] != refused)
        return max(0, goods + kop(one["delivery_price"]) - kop(one["prepaid"]))

    async def customer_return(self, one: Json) -> None:
        line = next(line for line in one["lines"] if line["line"] != one["refused"])
        refund = min(one["due"], kop(line["sum"]))
        lines = [{"line": line["line"], "quantity": line["quantity"]}]
        await self.step("delivery.customer_return", one, lines=lines, refund=rubles(refund))
        one["back"] = True
        self.own.cash -= refund

    async def sell(self, at: Json | None = None, product: str | None = None, **more: Any) -> Json:
        """One or two products of those he has. price: kopecks, another than 1C's; sum: what he took for the line."""
        has = [
            one for one, count in self.own.bag.items() if count >= 1000 + self.spared.get(one, 0) and one in self.prices
        ]
        product = product or self.rng.choice(sorted(has))
        count = self.rng.randrange(100, 900) if product in self.by_weight else more.get("count", 1000)
        price = more.get("price", self.prices[product])
        line: Json = {"product": product, "quantity": units(count), "price": rubles(price)}
        total = worth(price, count)
        if "sum" in more:
            line["sum"], total = rubles(more["sum"]), more["sum"]
        payload: Json = {"lines": [line], "payment_method": (way := self.rng.choice(WAYS))}
        if way == "transfer":
            payload["reference"] = f"СБП {self.rng.randrange(10**6)}"
        if at is not None and self.rng.random() < 0.3:
            payload["delivery"] = at["id"]
        event = await self._do("sale.make", **payload, event={"version": more.get("version", self.seen_version)})
        self._sold(product, -count, way, total)
        self.sales.append({"id": event["id"], "payload": payload, "sold": (product, count, way, total)})
        if not more and self.rng.random() < 0.05:
            await self._correct(self.sales[-1])
        return event

    async def _correct(self, sale: Json) -> None:
        """It was paid by card after all."""
        product, count, way, total = sale["sold"]
        right = {**sale["payload"], "payment_method": "card"}
        if way == "card":
            return
        await self._do("correction", of=sale["id"], reason="оплатили картой", payload=right)
        self._sold(product, count, way, -total)
        self._sold(product, -count, "card", total)

    def _sold(self, product: str, count: int, way: str, total: int) -> None:
        self.own.bag[product] += count
        name = {"cash": "cash", "card": "card", "transfer": "transfer"}[way]
        setattr(self.own, name, getattr(self.own, name) + total)

    # -- the evening

    async def give_back(self) -> None:
        """Everything he brings is claimed by him and counted by the warehouse."""
        for one in (await self.phone.day())["deliveries"]:
            carried = [line for line in one["lines"] if milli(line["carried"]) > 0]
            if carried and one["goods_out"]:
                lines = [{"line": line["line"], "quantity": line["carried"]} for line in carried]
                await self.step("delivery.give_back", one, lines=lines)
                await self.desk.act(one["id"], "give_back")

    async def hand_in(self, sum_kop: int, *, asks: bool = False, short: int = 0) -> None:
        """A blind count by the cashier. asks: the phone names the sum before. short: kopecks that are not there."""
        if asks:
            await self._do("cash.hand_in_request", sum=rubles(sum_kop))
        counted = await self._person("cash/counts", courier=self.ref, counted=rubles(sum_kop - short))
        if short:
            assert (counted["state"], counted["difference"]) == ("needs_reason", rubles(-short)), counted
            path = f"cash/counts/{counted['id']}/confirm"
            counted = await self._person(path, reason="недосдача", second="Иванова А.")
        assert counted["state"] == "posted", (self.name, sum_kop, counted)
        self.own.handed_in += sum_kop - short
        self.own.cash -= sum_kop - short

    async def close(self, missing: Mapping[str, int] | None = None) -> None:
        """The whole backpack counted, nothing in his pockets. missing: thousandths that are not there."""
        for product, count in (missing or {}).items():
            self.own.bag[product] -= count
        self.now += PAUSE / 2
        await self._do("shift.close", goods=self.counted(), cash="0.00")

    def counted(self) -> list[Json]:
        return [{"product": product, "quantity": units(n)} for product, n in sorted(self.own.bag.items()) if n > 0]

    # -- how

    async def step(self, type: str, one: Json, *, event: Json | None = None, pause: int = 0, **payload: Any) -> Json:
        self.now += timedelta(minutes=pause)
        return await self._do(type, delivery=one["id"], event=event, **payload)

    async def _do(self, type: str, *, delivery: str | None = None, event: Json | None = None, **payload: Any) -> Json:
        self.now += timedelta(seconds=1)
        return await self.phone.do(
            type, self.now, delivery if type.startswith("delivery.") else None, geo=self._geo(),
            **({"payload": payload if delivery is None or type.startswith("delivery.") else
                {**payload, "delivery": delivery}} | (event or {})),
        )  # fmt: skip

    def _walk(self, one: Json) -> None:
        address = one["address"]
        self.now += WALK
        if "latitude" in address:
            self.place = (float(address["latitude"]), float(address["longitude"]))

    def _geo(self) -> Json:
        """Where he is, and never twice to the last digit the same."""
        latitude, longitude = (part + self.rng.uniform(-0.0001, 0.0001) for part in self.place)
        return {"latitude": round(latitude, 6), "longitude": round(longitude, 6), "accuracy_m": 12}

    async def _person(self, path: str, **body: Any) -> Json:
        url = f"{self.desk.service}/api/v1/board/{path}"
        done: Json = await self.desk._json("POST", url, body, self.desk._person())
        return done
