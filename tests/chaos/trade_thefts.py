"""Thirty thefts and mistakes of a day, each with the one incident that must come of it.

A plant is an act on one courier's day; it gives (kind, ref of the courier whom the incident must name).
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.chaos.trade_day import CourierDay
from tests.desk import Desk

Json = dict[str, Any]
Blame = tuple[str, str]
FAR = 0.013  # degrees of latitude, about 1.4 km
# How often each is planted, over the couriers in turn; those of the evening at most once for a courier.
DOOR = {"wrong_sum": 4, "far": 3, "price_meanwhile": 3, "cancelled": 2, "not_all_back": 2, "twice": 2}
TRADE = {"other_price": 2, "other_sum": 1, "gone": 1, "undone": 2}
EVENING = {"miscounted": 1, "missing": 2, "sold_past": 1, "short": 4}


@dataclass
class Thefts:
    """couriers: with their morning behind them. blamed: what must be found. missing, short: kept for the evening.

    not_in_1c: what 1C's books lack, thousandths by product and kopecks by "card": what it took back after a sale, and
    what a second person says he took.
    """

    desk: Desk
    couriers: list[CourierDay]
    blamed: Counter[Blame] = field(default_factory=Counter)
    missing: dict[str, dict[str, int]] = field(default_factory=dict)
    short: dict[str, int] = field(default_factory=dict)
    not_in_1c: dict[str, Counter[str]] = field(default_factory=dict)

    async def commit(self) -> None:
        """All of those that are done at doors and between them; the evening's are kept."""
        acts: dict[str, Callable[[CourierDay], Awaitable[Blame]]] = {
            "wrong_sum": self.wrong_sum, "far": self.far, "price_meanwhile": self.price_meanwhile,
            "cancelled": self.cancelled, "not_all_back": self.not_all_back, "twice": self.twice,
            "other_price": self.other_price, "other_sum": self.other_sum, "gone": self.gone, "undone": self.undone,
            "miscounted": self.miscounted, "missing": self.take_away, "sold_past": self.take_away,
            "short": self.keep_cash,
        }  # fmt: skip
        for names in (DOOR, TRADE, EVENING):
            turns = self._in_turn()
            for name, times in names.items():
                for _ in range(times):
                    self.blamed[await acts[name](next(turns))] += 1

    def _in_turn(self) -> Iterator[CourierDay]:
        while True:
            yield from self.couriers

    # -- at the door

    @staticmethod
    def _owing(day: CourierDay, least: int = 2) -> Json:
        """The next delivery that he is to take money for, and that no theft has touched."""
        return day.deliveries.pop(next(
            n for n, one in enumerate(day.deliveries)
            if day.due(one) > 50_000 and len(one["lines"]) >= least and one["payment_method"] != "prepaid"
        ))  # fmt: skip

    async def wrong_sum(self, day: CourierDay) -> Blame:
        one = self._owing(day)
        day._walk(one)
        await day.hand_over({**one, "way": "cash"}, less=30_000)
        return "amount_mismatch", day.ref

    async def far(self, day: CourierDay) -> Blame:
        one = next(one for one in day.deliveries if "latitude" in one["address"])
        day.deliveries.remove(one)
        day._walk(one)
        latitude, longitude = day.place
        day.place = latitude + FAR, longitude
        await day.hand_over(one)
        day.now += timedelta(minutes=3)
        return "far_from_address", day.ref

    async def price_meanwhile(self, day: CourierDay) -> Blame:
        one = self._owing(day)
        await self.desk.press(one["order"]["ref"], "amount", amount_due="77.00")
        day._walk(one)
        await day.hand_over({**one, "way": "cash"}, version=one["version"] + 1)
        return "price_changed_meanwhile", day.ref

    async def cancelled(self, day: CourierDay) -> Blame:
        one = self._owing(day)
        await self.desk.press(one["order"]["ref"], "cancel")
        day._walk(one)
        await day.hand_over({**one, "way": "cash"}, version=one["version"] + 1)
        return "cancelled_but_handed_over", day.ref

    async def not_all_back(self, day: CourierDay) -> Blame:
        one = self._owing(day)
        day._walk(one)
        await day.step("delivery.not_deliver", one, reason="not_home")
        lines = [{"line": line["line"], "quantity": line["quantity"]} for line in one["lines"]]
        await day.step("delivery.give_back", one, lines=lines)
        await self.desk.act(one["id"], "give_back", lines=lines[1:])
        return "count_difference", day.ref

    async def twice(self, day: CourierDay) -> Blame:
        """Another took the goods over and handed them over; then this one says that he did."""
        one = self._owing(day)
        other = next(o for o in self.couriers if o is not day and o.division == day.division)
        day._walk(one)
        await day.step("delivery.not_deliver", one, reason="not_home")
        await self.desk.act(one["id"], "retry", courier=other.ref)
        other.now = max(other.now, day.now) + timedelta(minutes=12)
        await other.step("delivery.pick_up", one)
        other._walk(one)
        await other.hand_over({**one, "way": "card"})
        card = day.own.card
        day.now = max(other.now, day.now) + timedelta(minutes=2)
        await day.hand_over({**one, "way": "card"}, version=one["version"] + 1)
        self.not_in_1c.setdefault(day.ref, Counter())["card"] -= day.own.card - card
        return "handed_over_twice", day.ref

    # -- sales

    async def other_price(self, day: CourierDay) -> Blame:
        product = self._piece(day)
        await day.sell(product=product, price=day.prices[product] - 10_000)
        return "price_changed_meanwhile", day.ref

    async def other_sum(self, day: CourierDay) -> Blame:
        product = self._piece(day)
        await day.sell(product=product, sum=day.prices[product] - 10_000)
        return "amount_mismatch", day.ref

    async def gone(self, day: CourierDay) -> Blame:
        """Sold where there is no network, while the base took all of it back; then the base puts it right."""
        product = self._piece(day)
        await day.move("unload", {product: day.own.bag[product]})
        left, day.own.bag[product] = day.own.bag[product], 0
        await day.sell(product=product, count=1000, version=day.seen_version)
        await day.load({product: 1000}, {})
        day.own.bag[product] = 0
        assert left >= 1000
        return "backpack_negative", day.ref

    async def undone(self, day: CourierDay) -> Blame:
        """A transfer is unposted when its goods are sold."""
        product = next(one for one in sorted(await day._for_sale()) if not day.own.bag[one])
        document = await day.load({product: 2000})
        await day.sell(product=product, count=2000)
        await self.desk.tell(f"/onec/api/documents/{document}/unpost")
        self.not_in_1c.setdefault(day.ref, Counter())[product] -= 2000
        return "transfer_undone_after_sale", day.ref

    @staticmethod
    def _piece(day: CourierDay) -> str:
        return next(
            one for one, count in sorted(day.own.bag.items())
            if count >= 2000 and day.prices.get(one, 0) > 20_000 and one not in day.by_weight
        )  # fmt: skip

    # -- counts

    async def miscounted(self, day: CourierDay) -> Blame:
        """One piece less than the base loaded."""
        product = self._piece(day)
        await day.load({product: 3000}, {product: 2000})
        return "count_difference", day.ref

    async def take_away(self, day: CourierDay) -> Blame:
        """A piece is stolen, or sold past the system: either way it is not there in the evening."""
        day.spared = self.missing[day.ref] = {self._piece(day): 1000}
        return "count_difference", day.ref

    async def keep_cash(self, day: CourierDay) -> Blame:
        self.short[day.ref] = 17_000
        return "cash_difference", day.ref
