"""What a phone's acts do to the model of `trade_model`: refused or taken, in the order of the service."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.flow.exchange_client import Json
from tests.flow.trade_model import (
    COUNTS,
    DUE,
    OVERSALE,
    TOTALS,
    Delivery,
    Doc,
    Goods,
    Man,
    Model,
    Sale,
    Shift,
    milli_of,
)


@dataclass
class Act:
    """sent: as the phone sends it. seen: the version of the backpack's books that he saw last."""

    courier: str
    sent: Json
    device: str
    what: str
    state: str = ""
    seen: int = 0

    @property
    def id(self) -> str:
        return str(self.sent["id"])

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.sent["at_device"])

    @property
    def payload(self) -> Json:
        payload: Json = self.sent["payload"]
        return payload


def sale_of(payload: Json) -> Sale:
    prices = {line["product"]: round(float(line["price"]) * 100) for line in payload["lines"]}
    return Sale(+milli_of(payload["lines"]), prices, payload["payment_method"])


class Acts:
    """`takes` says yes or no and changes nothing; `take` does it."""

    def __init__(self, model: Model) -> None:
        self.m = model

    def takes(self, act: Act) -> bool:
        m, man = self.m, self.m.men[act.courier]
        match act.what:
            case "sale":
                return self._fits(act, man, Counter(), sale_of(act.payload).lines)
            case "correct_sale":
                known = m.sales.get(act.payload["of"])
                right = sale_of(act.payload["payload"]).lines
                return known is not None and self._fits(act, man, known[1].lines, right)
            case "pick_up":
                return self._delivery(act).stage == "ready"
            case "hand_over":
                return self._delivery(act).stage == "picked_up"
            case "correct_hand_over":
                one = m.deliveries[act.payload["delivery"]]
                return one.stage == "handed_over" and not (one.settled and one.cash)
            case "close":
                return self._closing(act, man) is not None
        return True

    def _delivery(self, act: Act) -> Delivery:
        return self.m.deliveries[act.sent["delivery"]]

    def _closing(self, act: Act, man: Man) -> Shift | None:
        return man.shift_at(act.at) or (s if (s := man.open_shift) and s.device == act.device else None)

    def _fits(self, act: Act, man: Man, before: Goods, right: Goods) -> bool:
        if act.seen < man.version or man.fell > act.at:
            return True
        return all(m - man.bag[p] - before[p] <= OVERSALE for p, m in right.items() if m > before[p])

    def take(self, act: Act) -> None:
        shift = self.m.men[act.courier].shift_at(act.at)
        late = shift if shift is not None and shift.closed is not None else None
        if late and act.what in TOTALS and self._changes(act):
            self.m.plant("late_after_shift", "shift", late.id)
        differs = getattr(self, f"_{act.what}")(act, self.m.men[act.courier])
        if late and act.what in COUNTS and differs:
            self.m.plant("late_after_shift", "shift", late.id)

    def _changes(self, act: Act) -> bool:
        if act.what == "correct_sale":
            return self.m.sales[act.payload["of"]][1] != sale_of(act.payload["payload"])
        if act.what == "correct_hand_over":
            one, right = self.m.deliveries[act.payload["delivery"]], act.payload["payload"]
            return (one.taken, one.method) != (round(float(right["amount_taken"]) * 100), right["payment_method"])
        return True

    # -- sales

    def _sale(self, act: Act, man: Man) -> None:
        sale = sale_of(act.payload)
        self.m.sales[act.id] = act.courier, sale
        self.m.events["sale.made"] += 1
        self._sell(act, man, act.id, Sale(Counter(), {}, ""), sale)

    def _correct_sale(self, act: Act, man: Man) -> None:
        id = act.payload["of"]
        was, right = self.m.sales[id][1], sale_of(act.payload["payload"])
        if was == right:
            return
        self.m.sales[id] = act.courier, right
        self.m.events["sale.corrected"] += 1
        self._sell(act, man, id, was, right)

    def _sell(self, act: Act, man: Man, id: str, was: Sale, right: Sale) -> None:
        m = self.m
        if any(q > man.bag[p] + was.lines[p] for p, q in right.lines.items() if q > was.lines[p]):
            m.plant("backpack_negative", "sale", id)
        known = {(p, q, was.prices[p]) for p, q in was.lines.items()}
        news = [p for p, q in right.lines.items() if (p, q, right.prices[p]) not in known]
        if any(right.prices[p] != m.prices[p] for p in news):
            m.plant("price_changed_meanwhile", "sale", id)
        for p in {*was.lines, *right.lines}:
            man.bag[p] += was.lines[p] - right.lines[p]
            m.sold[p] += right.lines[p] - was.lines[p]
        m.paid(act.courier, id, "sale", right.sum() if right.method == "cash" else 0, act.at)

    # -- counts

    def _accept(self, act: Act, man: Man) -> bool:
        loads = [self.m.docs[act.courier, key] for key in act.payload["model"]]
        return self._count_in(act, man, [one for one in man.waiting if one in loads], milli_of(act.payload["lines"]))

    def _count_in(self, act: Act, man: Man, loads: list[Doc], there: Goods) -> bool:
        """What was sold of it before it was counted had come; what is missing is missing of the oldest last."""
        if not loads:
            return False
        warehouses = len({one.warehouse for one in loads})
        self.m.events["backpack.accepted"] += warehouses
        man.version += warehouses
        differs = False
        waiting = sum((one.waiting for one in loads), Counter[str]())
        for p in {*waiting, *there}:
            gone = max(0, waiting[p] - max(0, man.bag[p]))
            came = there[p] + gone
            differs |= came != waiting[p]
            for one in loads:
                lost = max(0, one.waiting[p] - came)
                came -= one.waiting[p] - lost
                man.bag[p] -= lost
                self.m.disputed[p] += lost
                one.lost[p] += lost
                if lost:
                    man.fell = datetime.now(UTC)
            man.bag[p] += came
            self.m.disputed[p] -= came
        for one in loads:
            one.waiting = Counter()
        if differs:
            self.m.plant("count_difference", "backpack", act.courier)
        return differs

    def _count(self, act: Act, man: Man) -> bool:
        return self._count_all(act, man, milli_of(act.payload["lines"]))

    def _count_all(self, act: Act, man: Man, there: Goods) -> bool:
        self.m.events["backpack.counted"] += 1
        man.version += 1
        differs, should = False, man.bag_at(act.at)
        for p in {*should, *there}:
            more = there[p] - should[p]
            differs |= more != 0
            (man.surplus if more > 0 else man.short)[p] += abs(more)
            if more < 0:
                man.fell = datetime.now(UTC)
            man.bag[p] += more
        if differs:
            self.m.plant("count_difference", "backpack", act.courier)
        return differs

    # -- shifts

    def _open(self, act: Act, man: Man) -> None:
        if man.open_shift or man.shift_at(act.at):
            return
        there, cash = milli_of(act.payload["goods"]), round(float(act.payload["cash"]) * 100)
        should, seen = man.bag_at(act.at), [one for one in man.waiting if one.at <= act.at]
        waiting = sum((one.waiting for one in seen), Counter[str]())
        if +waiting and +waiting == _only_some(should):
            self._count_in(act, man, seen, there)
        elif any(should.values()) and +there != +should:
            self.m.plant("count_difference", "shift", act.id)
        man.shifts.append(Shift(act.id, act.device, act.at))
        if cash > man.cash:
            self.m.change(act.courier, f"shift {act.id}", cash - man.cash, act.at)
        elif cash < man.cash:
            self.m.plant("cash_difference", "cash", act.courier)

    def _close(self, act: Act, man: Man) -> None:
        shift = self._closing(act, man)
        assert shift is not None
        if shift.closed is not None:
            return
        shift.closed = act.at
        there, cash = milli_of(act.payload["goods"]), round(float(act.payload["cash"]) * 100)
        if cash != man.cash or (man.cash and man.explained != man.moves):
            self.m.plant("cash_difference", "cash", act.courier)
        if +there or any(man.bag_at(act.at).values()):
            self._count_all(act, man, there)

    def _ask(self, act: Act, man: Man) -> None:
        man.asked = round(float(act.payload["sum"]) * 100)

    # -- deliveries

    def _pick_up(self, act: Act, man: Man) -> None:
        self._delivery(act).stage = "picked_up"

    def _hand_over(self, act: Act, man: Man) -> None:
        one = self._delivery(act)
        one.stage = "handed_over"
        self._took(act, one, act.sent["delivery"], act.payload)

    def _correct_hand_over(self, act: Act, man: Man) -> None:
        if self._changes(act):
            id = act.payload["delivery"]
            self._took(act, self.m.deliveries[id], id, act.payload["payload"])

    def _took(self, act: Act, one: Delivery, id: str, payload: Json) -> None:
        before, taken = one.taken, round(float(payload["amount_taken"]) * 100)
        one.taken, one.method, one.settled = taken, payload["payment_method"], False
        if taken != DUE and (act.what == "hand_over" or taken != before):
            self.m.plant("amount_mismatch", "delivery", id)
        self.m.paid(act.courier, id, "delivery", taken if one.method == "cash" else 0, act.at)


def _only_some(goods: Goods) -> Goods:
    return Counter({p: milli for p, milli in goods.items() if milli})


def now() -> str:
    return datetime.now(UTC).isoformat()
