"""One walk: three phones of two couriers, 1C with its commands and transfers, a cash desk, in any order of steps.

Each step is a name and three numbers, which choose among what there is at that moment; so any list of steps is a walk.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from psycopg import Connection
from tests.flow.courier_phone import Phone, device_token
from tests.flow.exchange_client import WAREHOUSE, Json, Service, courier, new_ref, obj, order, product, references
from tests.flow.trade_acts import Act
from tests.flow.trade_checks import Checks
from tests.flow.trade_model import DUE, Delivery, Goods, Model

Step = tuple[str, int, int, int]
PRICES = (99_000, 33_333)
WRONG = 100
METHODS = ("cash", "cash", "card", "transfer")
SOME = ((1000, 0), (2000, 0), (0, 350), (1000, 1275), (3000, 500), (0, 2000))


@dataclass
class Transfer:
    """As 1C has it. into, out_of: couriers; None = the warehouse."""

    ref: str
    into: str | None
    out_of: str | None
    lines: Goods
    version: int = 1
    posted: bool = True
    deleted: bool = False


@dataclass
class Pocket:
    phone: Phone
    courier: str
    outbox: list[Act] = field(default_factory=list)
    done: list[Act] = field(default_factory=list)
    arrived: set[int] = field(default_factory=set)
    day: Json = field(default_factory=dict)
    seen: int = 0


def kop(sum: int) -> str:
    return f"{'-' if sum < 0 else ''}{abs(sum) // 100}.{abs(sum) % 100:02d}"


def units(milli: int) -> str:
    return f"{milli / 1000:.3f}"


class Walk(Checks):
    def __init__(self, service: Service, db: Connection[Any]) -> None:
        self.products = (new_ref(), new_ref())
        couriers = (new_ref(), new_ref())
        super().__init__(service, db, Model(couriers, dict(zip(self.products, PRICES, strict=True))))
        self.couriers, self.bags = couriers, {ref: new_ref() for ref in couriers}
        self.transfers: list[Transfer] = []
        self.late: list[Json] = []
        self.commands: list[tuple[str, Json]] = []

    async def start(self) -> None:
        goods = [product(self.products[0], "Термос"), product(self.products[1], "Чай на вес")]
        goods[1]["data"] |= {"unit": "кг", "by_weight": True}
        prices = [
            obj("price", new_ref(), {"product": ref, "price_type": "Розничная", "price": kop(price)})
            for ref, price in self.model.prices.items()
        ]
        bags = [obj("warehouse", self.bags[ref], {"name": "Рюкзак", "courier": ref}) for ref in self.couriers]
        men = [courier(ref, f"Пётр {n}") for n, ref in enumerate(self.couriers)]
        await self.service.onec.send([*references(), *goods, *men, *bags, *prices])
        for owner in (0, 0, 1):
            ref = self.couriers[owner]
            self.pockets.append(Pocket(Phone(self.service, await device_token(self.service, ref)), ref))
        for owner in (0, 0, 2):
            await self.ready(0, owner, 0)
        self.check()

    def goods(self, n: int) -> Goods:
        return +Counter(dict(zip(self.products, SOME[n % len(SOME)], strict=True)))

    def lines(self, goods: Goods) -> list[Json]:
        return [{"product": ref, "quantity": units(milli)} for ref, milli in goods.items()]

    def man(self, b: int) -> str:
        return self.couriers[b % 3 == 2]

    # -- 1C

    async def command(self, a: int, b: int, c: int) -> None:
        """«Положить в рюкзак» or «Забрать из рюкзака», perhaps of a transfer that 1C sends as well; or once more."""
        if self.commands and c % 5 == 0:
            told = await self.service.onec.press_as(self.commands[b % len(self.commands)][1])
            assert told["status"] == self.commands[b % len(self.commands)][0]
            return
        ref, lines, document = self.man(b), self.goods(a), new_ref() if c % 2 else None
        action = "load" if a % 3 else "unload"
        body: Json = {
            "id": new_ref(), "type": f"backpack.{action}", "issued_by": "Мария",
            "data": {"courier": ref, "warehouse": WAREHOUSE, "lines": self.lines(lines)},
        }  # fmt: skip
        body["data"] |= {"document": document} if document else {}
        told = await self.service.onec.press_as(body)
        done = True
        if action == "load":
            self.model.load(ref, document or body["id"], WAREHOUSE, lines)
        else:
            done = self.model.unload(ref, lines, late=False)
            if document and done:
                self.model.outs[ref, document] = lines.copy()
        assert told["status"] == ("done" if done else "rejected"), told
        self.commanded.add(body["id"])
        self.commands.append((told["status"], body))
        if document and done:
            self.transfers.append(
                Transfer(document, *((ref, None) if action == "load" else (None, ref)), lines, version=0)
            )

    async def transfer(self, a: int, b: int, c: int) -> None:
        """Between the warehouse and a backpack, or between two backpacks."""
        ref = self.man(b)
        other = self.couriers[ref == self.couriers[0]]
        into, out_of = ((ref, None), (ref, None), (None, ref), (other, ref))[c % 4]
        self.transfers.append(Transfer(new_ref(), into, out_of, self.goods(a)))
        await self._send(self.transfers[-1])

    async def change(self, a: int, b: int, c: int) -> None:
        """1C edits a transfer, unposts it, deletes it, posts it again, or sends it as it is."""
        if not self.transfers:
            return
        one = self.transfers[b % len(self.transfers)]
        one.version += 1
        match c % 5:
            case 0:
                one.lines = self.goods(a)
            case 1 | 2:
                one.posted = not one.posted
            case 3:
                one.deleted = not one.deleted
        await self._send(one)

    async def _send(self, one: Transfer) -> None:
        places = {name: self.bags.get(ref or "", WAREHOUSE) for name, ref in (("from", one.out_of), ("to", one.into))}
        data = {"number": "7", "date": "2026-11-22T09:00:00", **places, "lines": self.lines(one.lines)}
        head = {"posted": one.posted, "deleted": one.deleted}
        await self.service.onec.send([{**obj("transfer", one.ref, data, **head), "version": str(one.version)}])
        holds = one.posted and not one.deleted
        if one.into and holds:
            self.model.load(one.into, one.ref, places["from"], one.lines)
        elif one.into:
            self.model.undo(one.into, one.ref)
        if one.out_of:
            fewer = self.model.out(one.out_of, one.ref, one.lines if holds else Counter())
            if fewer:
                self.back(one.out_of, places["to"], fewer)

    async def ready(self, a: int, b: int, c: int) -> None:
        ref, made = self.man(b), order(new_ref(), number=f"П-{len(self.model.deliveries)}")
        await self.service.onec.send([made])
        told = await self.service.onec.press("delivery.ready", made["ref"], courier=ref)
        if told["status"] == "done":
            self.model.deliveries[told["result"]["delivery"]["id"]] = Delivery(ref)
        else:
            assert told["code"] == "cash_ceiling_reached", told

    # -- the office

    async def desk(self, path: str, body: Json, status: int = 200) -> Json:
        answer = await self.service.person("POST", f"/api/v1/board/{path}", body)
        assert answer.status_code == status, answer.text
        told: Json = answer.json()
        return told

    async def issue(self, a: int, b: int, c: int) -> None:
        ref, sum = self.man(b), 10_000 * (1 + a % 9) + len(self.model.men[self.man(b)].entries)
        at = datetime.now(UTC)
        await self.desk("cash/change", {"courier": ref, "sum": kop(sum)})
        self.model.change(ref, self.new_entry(ref), sum, at)

    async def hand_in(self, a: int, b: int, c: int) -> None:
        """Counted blind: right, short, over; a part of it, if he asked for that."""
        ref = self.man(b)
        man = self.model.men[ref]
        expected = man.cash if man.asked is None else min(man.asked, man.cash)
        counted = max(0, expected + (0, 0, 0, -4_000, 700, 3)[a % 6])
        told = await self.desk("cash/counts", {"courier": ref, "counted": kop(counted)})
        assert (told["expected"], told["state"]) == (
            kop(expected), "posted" if counted == expected else "needs_reason"
        ), told  # fmt: skip
        if counted != expected and c % 4 == 0:
            await self.desk(f"cash/counts/{told['id']}/cancel", {})
            return
        if counted != expected:
            await self.desk(f"cash/counts/{told['id']}/confirm", {"reason": "так", "second": "Иванова А."})
        moved = counted or expected
        self.model.hand_in(ref, self.new_entry(ref) if moved else "", counted, expected)

    async def settle_one(self, a: int, b: int, c: int) -> None:
        """«Сдал деньги» of one delivery on the board: its cash, whatever else he owes."""
        waiting = [(id, one) for id, one in self.model.deliveries.items() if one.stage == "handed_over"]
        waiting = [(id, one) for id, one in waiting if not one.settled]
        if not waiting:
            return
        id, one = waiting[a % len(waiting)]
        man = self.model.men[one.courier]
        enough = man.cash >= one.cash
        await self.desk(f"deliveries/{id}/actions", {"action": "settle"}, 200 if enough else 422)
        if enough:
            self.model.hand_in(one.courier, self.new_entry(one.courier), one.cash, one.cash, names=id)

    async def put_right(self, a: int, b: int, c: int) -> None:
        """A hand-in or change, corrected."""
        ref = self.man(b)
        entries = self.model.men[ref].entries
        known = [one for one in entries if not one.startswith("shift")]
        if not known:
            return
        id = known[a % len(known)]
        was = entries[id]
        right = max(0, (was.kop + 1_500, was.kop - 2_500, was.expected or was.kop, was.kop, 0)[c % 5])
        body = {"event": id, "sum": kop(right), "reason": "пересчитали", "second": "Иванова А."}
        await self.desk("cash/corrections", body)
        self.model.correct_entry(ref, id, right)

    async def shortage(self, a: int, b: int, c: int) -> None:
        ref, one, milli = self.man(b), self.products[a % 2], (1000, 350, 2000)[c % 3]
        if not any(self.model.men[man].version for man in (ref,)):
            return
        done = self.model.decide_short(ref, one, milli, found=bool(c % 2))
        body = {"product": one, "quantity": units(milli), "reason": "нашлось"}
        await self.desk(f"backpacks/{ref}/{'found' if c % 2 else 'write-off'}", body, 200 if done else 422)

    async def decide(self, a: int, b: int, c: int) -> None:
        await self.decide_one(a)

    async def pull(self, a: int, b: int, c: int) -> None:
        """1C takes what there is; the answer may get lost, then it comes again."""
        events = await self.service.onec.events()
        if c % 3:
            await self.acknowledge(events)
        else:
            self.late += events

    # -- phones

    async def look(self, a: int, b: int, c: int) -> None:
        pocket = self.pockets[b % 3]
        pocket.day, pocket.seen = await pocket.phone.day(), self.model.men[pocket.courier].version
        self.day_agrees(pocket.courier, pocket.day)

    async def record(self, a: int, b: int, c: int) -> None:
        """He does something; it waits in the phone."""
        pocket = self.pockets[b % 3]
        if not pocket.day or c % 3 == 0:
            await self.look(a, b, c)
        what = RECORDED[a % len(RECORDED)]
        getattr(self, f"_{what}")(pocket, a, c)

    def _act(self, pocket: Pocket, what: str, type: str, payload: Json, **more: Any) -> None:
        sent = pocket.phone.act(type, more.pop("delivery", None), payload=payload, **more)
        act = Act(pocket.courier, sent, pocket.phone.device, what, seen=pocket.seen)
        pocket.outbox.append(act)
        pocket.done.append(act)
        self.acts[act.id] = act

    def _said(self, goods: Goods, c: int) -> Json:
        off = WRONG if c % 7 == 3 else 0
        lines = [{**line, "price": kop(self.model.prices[line["product"]] + off)} for line in self.lines(goods)]
        return {"lines": lines, "payment_method": METHODS[c % 4], "reference": "СБП 1" if c % 4 == 3 else None}

    def _sell(self, pocket: Pocket, a: int, c: int) -> None:
        payload = self._said(self.goods(a // 3 + c), c)
        self._act(pocket, "sale", "sale.make", payload, version=pocket.day["backpack_version"])

    def _unsell(self, pocket: Pocket, a: int, c: int) -> None:
        mine = [one for one in pocket.done if one.what == "sale"]
        if mine:
            right = self._said(self.goods(a // 2 + c) if c % 5 else Counter(), c)
            payload = {"of": mine[c % len(mine)].id, "reason": "ошибся", "payload": right}
            self._act(pocket, "correct_sale", "correction", payload, version=pocket.day["backpack_version"])

    def _count_of(self, pocket: Pocket, a: int) -> list[Json]:
        """What is there, or a little more or less."""
        bag = Counter({p: max(0, q) for p, q in self.model.men[pocket.courier].bag.items()})
        bag[self.products[a % 2]] = max(0, bag[self.products[a % 2]] + (0, 0, 1000, -1000, -350)[a % 5])
        return self.lines(bag)

    def _accept(self, pocket: Pocket, a: int, c: int) -> None:
        loads = pocket.day["backpack_loads"]
        if not loads:
            return
        keys = [self.key_of(pocket.courier, one) for one in loads]
        there = sum((self.model.docs[pocket.courier, key].waiting for key in keys), Counter[str]())
        off = (0, 0, -1000, 1000, -350)[a // 2 % 5]
        there[self.products[c % 2]] = max(0, there[self.products[c % 2]] + off)
        payload = {"loads": [one["id"] for one in loads], "lines": self.lines(there), "model": keys}
        self._act(pocket, "accept", "backpack.accept", payload, version=pocket.day["backpack_version"])

    def _count(self, pocket: Pocket, a: int, c: int) -> None:
        self._act(pocket, "count", "backpack.count", {"lines": self._count_of(pocket, c)})

    def _open(self, pocket: Pocket, a: int, c: int) -> None:
        cash = max(0, self.model.men[pocket.courier].cash + (0, 0, 5_000, -5_000)[a // 5 % 4])
        self._act(pocket, "open", "shift.open", {"goods": self._count_of(pocket, c), "cash": kop(cash)})

    def _close(self, pocket: Pocket, a: int, c: int) -> None:
        cash = max(0, self.model.men[pocket.courier].cash + (0, 0, -700)[a // 5 % 3])
        self._act(pocket, "close", "shift.close", {"goods": self._count_of(pocket, c), "cash": kop(cash)})

    def _ask(self, pocket: Pocket, a: int, c: int) -> None:
        self._act(pocket, "ask", "cash.hand_in_request", {"sum": kop(50_000 * (1 + c % 6))})

    def _deliver(self, pocket: Pocket, a: int, c: int) -> None:
        """Taken and handed over by this phone; its money put right afterwards."""
        for id, one in self.model.deliveries.items():
            done = [
                act.what for act in self.acts.values() if id in (act.sent.get("delivery"), act.payload.get("delivery"))
            ]
            if one.courier != pocket.courier or (done and id not in self.phone_of(pocket)) or len(done) > 2:
                continue
            if not done:
                self._act(pocket, "pick_up", "delivery.pick_up", {}, delivery=id)
                return
            taken = (DUE, DUE, DUE, DUE - 5_000, 0)[c % 5]
            said = {"amount_taken": kop(taken), "payment_method": METHODS[c // 2 % 4], "reference": None}
            if len(done) == 1:
                photo = f"{len(self.acts):04x}{new_ref().replace('-', '')}".ljust(64, "0")
                self._act(pocket, "hand_over", "delivery.hand_over", said, delivery=id, photos=[photo])
                return
            (of,) = [act.id for act in pocket.done if act.what == "hand_over" and act.sent["delivery"] == id]
            payload = {"of": of, "reason": "ошибся", "payload": said, "delivery": id}
            self._act(pocket, "correct_hand_over", "correction", payload)
            return

    def phone_of(self, pocket: Pocket) -> set[str]:
        return {act.sent["delivery"] for act in pocket.done if act.what == "pick_up"}

    async def deliver(self, a: int, b: int, c: int) -> None:
        """Some of the outbox goes out: in order or not, doubled, twice at once; the answer may be lost."""
        pocket = self.pockets[b % 3]
        batch = pocket.outbox[: 1 + c % 6] if c % 4 else pocket.outbox[-(1 + c % 3) :]
        batch = [*batch, *batch[:1]] if c % 7 == 0 else batch
        if batch:
            await self.send(pocket, batch[::-1] if a % 3 == 0 else batch, twice=a % 8 == 3, lost=c % 6 == 2)

    async def repeat(self, a: int, b: int, c: int) -> None:
        pocket = self.pockets[b % 3]
        sent = [one for one in pocket.done if one.sent["seq"] in pocket.arrived]
        if sent:
            await self.send(pocket, [sent[c % len(sent)]])

    async def finish(self) -> None:
        for pocket in self.pockets:
            while pocket.outbox:
                await self.send(pocket, pocket.outbox[:50])
        self.check()
        for number in range(3):
            await self.look(0, number, 0)
        self.check()
        await self.acknowledge(self.late)
        while events := await self.service.onec.events():
            await self.acknowledge(events)
        self.one_c_heard()


RECORDED = (
    "sell", "sell", "sell", "deliver", "sell", "deliver", "accept", "unsell", "open", "deliver", "accept", "sell",
    "close", "ask", "unsell", "deliver", "count", "deliver",
)  # fmt: skip
Perform = Callable[[Walk, int, int, int], Awaitable[None]]
STEPS: dict[str, Perform] = {
    "command": Walk.command, "transfer": Walk.transfer, "change": Walk.change, "ready": Walk.ready, "issue": Walk.issue,
    "hand_in": Walk.hand_in, "settle_one": Walk.settle_one, "put_right": Walk.put_right, "shortage": Walk.shortage,
    "decide": Walk.decide,
    "pull": Walk.pull, "look": Walk.look, "record": Walk.record, "deliver": Walk.deliver, "repeat": Walk.repeat,
}  # fmt: skip
CHOICES = [*STEPS, *["record"] * 10, *["deliver"] * 6, "hand_in", "command", "transfer", "change", "change", "ready"]


async def walk(service: Service, db: Connection[Any], steps: list[Step]) -> None:
    """Raises AssertionError with what does not hold."""
    one = Walk(service, db)
    await one.start()
    for name, a, b, c in steps:
        await STEPS[name](one, a, b, c)
        one.check()
    await one.finish()
