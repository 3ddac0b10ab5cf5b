"""One walk: an office, three phones of two couriers, a warehouse and a base that pulls, in any order of steps.

Each step is a name and three numbers, which choose among what there is at that moment; so any list of steps is a walk.
After each step the service's state is folded from its events by `courier_model` and compared.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from psycopg import Connection
from tests.flow.courier_checks import Checks
from tests.flow.courier_course import Course, Pocket, Told, shown
from tests.flow.courier_model import ON_THE_WAY, Act
from tests.flow.courier_phone import Phone, device_token
from tests.flow.exchange_client import Json, Service, courier, line, new_ref, order, references

Step = tuple[str, int, int, int]
OFFERED = {
    "ready": ("pick_up",), "withdrawn": ("pick_up",), "returned": ("give_back",), "cancelled": ("give_back",),
    "picked_up": ("hand_over", "depart", "not_deliver", "hand_over", "correction"),
    "en_route": ("hand_over", "hand_over", "not_deliver", "correction"),
    "not_delivered": ("retry", "give_back", "correction"), "settled": ("customer_return", "correction", "give_back"),
    "handed_over": ("customer_return", "correction", "give_back"),
}  # fmt: skip
LEADS = {
    "pick_up": "picked_up", "depart": "en_route", "hand_over": "handed_over", "not_deliver": "not_delivered",
    "retry": "picked_up",
}  # fmt: skip


class Walk(Checks):
    """`start`, any `step`s, `finish`. db: reads what the service wrote."""

    def __init__(self, service: Service, db: Connection[Any]) -> None:
        super().__init__(service, db, (new_ref(), new_ref()))
        self.late: list[Json] = []
        self.numbers = itertools.count(1)
        self.foreign = ""

    async def start(self) -> None:
        made = [courier(self.couriers[0], "Пётр"), courier(self.couriers[1], "Иван")]
        goods = [line("1", 2, "990.00", "1980.00"), line("2", "1.5", "100.00", "150.00")]
        orders = [order(new_ref(), lines=goods, number=f"П-{n}") for n in (1, 2)]
        await self.service.onec.send([*references(), *made, *orders])
        for owner in (0, 0, 1):
            ref = self.couriers[owner]
            self.pockets.append(Pocket(Phone(self.service, await device_token(self.service, ref)), ref))
        stranger = Phone(self.service, await device_token(self.service, new_ref()))
        self.foreign = await stranger.put_photo(7)
        for one in orders:
            told = await self.service.onec.press("delivery.ready", one["ref"], courier=self.couriers[0])
            self.courses.append(Course(one, told["result"]["delivery"]["id"]))
        self.check()

    # -- the office

    async def press(self, course: Course, type: str, **data: Any) -> None:
        told = await self.service.onec.press(f"delivery.{type}", course.order["ref"], **data)
        if type == "cancel" and told.get("code") == "already_handed_over":
            course.must[frozenset({"cancelled_but_handed_over"})] += 1

    async def ready(self, d: Course, b: int, c: int) -> None:
        await self.press(d, "ready", **({"courier": self.couriers[b % 2]} if c % 2 else {}))

    async def withdraw(self, d: Course, b: int, c: int) -> None:
        await self.press(d, "withdraw")

    async def assign(self, d: Course, b: int, c: int) -> None:
        await self.press(d, "assign", courier=self.couriers[b % 2])

    async def set_price(self, d: Course, b: int, c: int) -> None:
        await self.press(d, "set_price", delivery_price=("0.00", "250.00", "400.50")[b % 3])

    async def set_amount_due(self, d: Course, b: int, c: int) -> None:
        await self.press(d, "set_amount_due", amount_due=(None, "2000.00", "100.00")[b % 3])

    async def cancel(self, d: Course, b: int, c: int) -> None:
        if c % 3 == 0:
            await self.press(d, "cancel")

    async def edit(self, d: Course, b: int, c: int) -> None:
        """The order is sent again: with other goods, with another price, deleted, or good again."""
        data, before = dict(d.order["data"]), d.now
        match b % 4:
            case 0:
                data["lines"] = [line("1", 1 + c % 2, "990.00", ("990.00", "1980.00")[c % 2]), data["lines"][1]]
            case 1:
                data["delivery_price"] = ("300.00", "350.00")[c % 2]
            case 2:
                data["comment"] = ("позвонить", "не звонить")[c % 2]
        changed = data != d.order["data"]
        deleted = b % 4 == 3 and c % 3 == 0
        d.order = {**d.order, "data": data, "version": new_ref(), "deleted": deleted}
        await self.service.onec.send([d.order])
        if deleted and before.stage in ("handed_over", "settled"):
            d.must[frozenset({"cancelled_but_handed_over"})] += 1
        elif changed and b % 4 == 2 and before.stage in (*ON_THE_WAY, "not_delivered"):
            d.must[frozenset({"order_changed_after_pick_up"})] += 1

    async def board(self, d: Course, action: str, **more: Any) -> None:
        body = {"action": action, **more}
        answer = await self.service.person("POST", f"/api/v1/board/deliveries/{d.id}/actions", body)
        assert answer.status_code in (200, 409, 422), answer.text
        if action == "cancel" and answer.status_code != 200 and answer.json()["code"] == "already_handed_over":
            d.must[frozenset({"cancelled_but_handed_over"})] += 1

    async def board_assign(self, d: Course, b: int, c: int) -> None:
        await self.board(d, "assign", courier=self.couriers[b % 2])

    async def board_cancel(self, d: Course, b: int, c: int) -> None:
        if c % 3 == 0:
            await self.board(d, "cancel")

    async def board_retry(self, d: Course, b: int, c: int) -> None:
        await self.board(d, "retry", **({"courier": self.couriers[b % 2]} if c % 2 else {}))

    async def count_in(self, d: Course, b: int, c: int) -> None:
        """The warehouse counts: all of it, some, or more than there is."""
        lines = [None, [{"line": "1", "quantity": "1"}], [{"line": "2", "quantity": "0.5"}],
                 [{"line": "1", "quantity": "3"}]][b % 4]  # fmt: skip
        await self.board(d, "give_back", **({} if lines is None else {"lines": lines}))

    async def settle(self, d: Course, b: int, c: int) -> None:
        await self.board(d, "settle")

    async def return_goods(self, d: Course, b: int, c: int) -> None:
        await self.board(d, "customer_return", lines=[{"line": "1", "quantity": str(1 + b % 3)}], refund="10.00")

    async def decide(self, d: Course, b: int, c: int) -> None:
        rows = self.rows("SELECT id FROM incident WHERE subject_id = %s AND state = 'open' ORDER BY raised_at", d.id)
        if rows:
            path = f"/api/v1/board/incidents/{rows[b % len(rows)]['id']}/decide"
            answer = await self.service.person("POST", path, {"decision": "explained", "reason": "так и было"})
            assert answer.status_code == 200, answer.text

    # -- the phones

    async def look(self, d: Course, b: int, c: int) -> None:
        """A phone fetches the day, and shows its own unsent steps on top."""
        pocket = self.pockets[b % 3]
        day = await pocket.phone.day()
        pocket.seen = {one["id"]: one for one in day["deliveries"]}
        pocket.believed |= {one["id"]: one["stage"] for one in day["deliveries"]}
        for told in pocket.outbox:
            self._believe(pocket, told.act)
        for one in day["deliveries"]:
            (course,) = [course for course in self.courses if course.id == one["id"]]
            assert one["version"] == len(course.states)
            assert one["stage"] == shown(course.now)

    async def record(self, d: Course, b: int, c: int) -> None:
        """He does something; mostly what his screen offers, and with the version that it shows."""
        pocket = self.pockets[b % 3]
        if d.id not in pocket.seen and c % 8:
            await self.look(d, b, c)
        for n in range(1 + c % 4):  # so many before he has a network again
            offered = OFFERED[pocket.believed.get(d.id, "ready")]
            action = offered[(b + n) % len(offered)] if c % 9 else tuple(LEADS)[b % len(LEADS)]
            made = self._act(pocket, d, action, b + n, c + n)
            if made is not None:
                self._believe(pocket, made.act)

    def _believe(self, pocket: Pocket, act: Act) -> None:
        stage = LEADS.get(act.sent["type"].removeprefix("delivery."))
        if stage and "delivery" in act.sent:
            pocket.believed[act.sent["delivery"]] = stage

    def _act(self, pocket: Pocket, d: Course, action: str, b: int, c: int) -> Told | None:
        corrects = None
        if action == "correction":
            mine = [one for one in pocket.done if "payload" in one.act.sent and one.act.sent["type"] in (
                "delivery.pick_up", "delivery.hand_over", "delivery.not_deliver")]  # fmt: skip
            if not mine:
                return None
            corrects = mine[b % len(mine)].act
            payload, wrong = self._payload(corrects.sent["type"].removeprefix("delivery."), pocket, d, b + c, c)
            payload = {"of": corrects.sent["id"], "reason": "ошибся", "payload": payload}
            sent = pocket.phone.act("correction", payload=payload)
        else:
            payload, wrong = self._payload(action, pocket, d, b, c)
            photos = [] if c % 11 in (2, 7) or action not in ("hand_over",) else [f"{next(self.numbers):064x}"]
            photos = [self.foreign] if c % 11 == 9 else photos
            wrong = wrong or c % 11 == 9 or (action == "hand_over" and not photos)
            sent = pocket.phone.act(f"delivery.{action}", d.id, payload=payload, photos=photos)
        seen = pocket.seen.get(d.id)
        if seen is not None and c % 12 != 5:
            sent["version"] = seen["version"]
        told = Told(Act(pocket.courier, sent, corrects), pocket.phone.device, wrong)
        pocket.outbox.append(told)
        pocket.done.append(told)
        self.acts[told.id] = told
        return told

    def _payload(self, action: str, pocket: Pocket, d: Course, b: int, c: int) -> tuple[Json, bool]:
        """(payload, it can never be right)"""
        due = (pocket.seen.get(d.id) or {}).get("amount_due", "2430.00")
        some = [[], [], [("1", "1")], [("1", "2"), ("2", "1.5")], [("2", "0.5")], [("1", "0"), ("2", "0")]]
        lines: list[tuple[str, str]] = some[b // 3 % 6]
        wrong = c % 14 == 3
        if wrong:
            lines = [("1", "9")] if c % 4 else [("9", "1")]
        match action:
            case "pick_up" | "give_back":
                lines = [] if lines == some[-1] else lines
                return _lines("quantity", lines), wrong
            case "customer_return":
                lines = lines or [("1", "1")]
                return {**_lines("quantity", lines), "refund": "5.00"}, wrong
            case "not_deliver":
                known = c % 7 != 6
                return {"reason": "not_home" if known else "лень", "comment": str(b)}, not known
            case "hand_over":
                amount = due if b % 2 else ("100.00", "0.00", "2430.00")[b // 2 % 3]
                method = (*("cash",) * 5, *("card",) * 3, "transfer", "cash", "фантики", "prepaid")[c % 12]
                amount = "много" if c % 13 == 12 else amount
                impossible = method == "фантики" or amount == "много" or (method == "prepaid" and float(amount) != 0)
                return {"amount_taken": amount, "payment_method": method, **_lines("accepted", lines)}, (
                    wrong or impossible
                )
        return {}, False

    async def lose(self, d: Course, b: int, c: int) -> None:
        """A step that the phone loses for good; its number stays a hole."""
        pocket = self.pockets[b % 3]
        if pocket.outbox and c % 3 == 0:
            pocket.outbox.pop(c % len(pocket.outbox))

    async def deliver(self, d: Course, b: int, c: int) -> None:
        """Some of the outbox goes out: in order or not, doubled, twice at once; the answer may be lost."""
        pocket = self.pockets[b % 3]
        batch = pocket.outbox[: 1 + c % 4] if c % 3 else pocket.outbox[-(1 + c % 4) :]
        batch = batch[::-1] if c % 5 == 0 else batch
        batch = [*batch, *batch[:1]] if c % 7 == 0 else batch
        if batch:
            await self.send(pocket, batch, at_once=2 if c % 8 == 3 else 1, lost=c % 6 == 2)

    async def repeat(self, d: Course, b: int, c: int) -> None:
        """What was sent before comes once more, alone."""
        pocket = self.pockets[b % 3]
        sent = [one for one in pocket.done if one.act.sent["seq"] in pocket.arrived]
        if sent:
            await self.send(pocket, [sent[c % len(sent)]])

    async def send(self, pocket: Pocket, batch: list[Told], *, at_once: int = 1, lost: bool = False) -> None:
        before = [len(course.states) for course in self.courses]
        pocket.arrived |= {one.act.sent["seq"] for one in batch}
        asked = [pocket.phone.send(*(one.act.sent for one in batch)) for _ in range(at_once)]
        answers = await asyncio.gather(*asked)
        self.check(before)
        for answer in answers:
            self.answered(pocket, batch, answer, lost, once=at_once == 1)

    def answered(self, pocket: Pocket, batch: list[Told], answer: Json, lost: bool, *, once: bool) -> None:
        highest = max(pocket.arrived)
        assert answer["missing"] == [n for n in range(1, highest) if n not in pocket.arrived]
        for told, result in zip(batch, answer["results"], strict=True):
            status = result["status"]
            told.accepted += status == "accepted"
            assert told.accepted <= 1, "accepted twice"
            assert status in ("accepted", "duplicate", "rejected", "retry_later"), result
            if status in ("rejected", "retry_later"):
                assert result["code"], result
                assert len(result["message"]) > 10, result
            if status == "retry_later":
                assert result["code"] == "waits_for_earlier", result
                twice = not once or batch.count(told) > 1  # the other answer may be the later one
                assert twice or pocket.misses(told.act.sent["seq"]), "waits for nothing"
            elif not lost and told in pocket.outbox:
                pocket.outbox.remove(told)

    async def forge(self, d: Course, b: int, c: int) -> None:
        """Something else under the id of a step that was sent: by the same phone, or by another courier's."""
        sent = [one for one in self.acts.values() if one.state]
        if not sent:
            return
        told = sent[b % len(sent)]
        mine = self.home(told)
        other = self.pockets[2 if mine is not self.pockets[2] else 0]
        pocket = (mine, other)[c % 2]
        forged = {**told.act.sent, "payload": {"lines": [], "note": "другое"}}
        body = {"device": mine.phone.device if pocket is mine else "чужой", "events": [forged]}
        answer = (await pocket.phone.call("POST", "courier/events", json=body)).json()
        (result,) = answer["results"]
        assert (result["status"], result.get("code")) == ("rejected", "event_conflict"), result

    async def pull(self, d: Course, b: int, c: int) -> None:
        """1C takes what there is; the answer may get lost, then it comes again."""
        events = await self.service.onec.events()
        if c % 3:
            await self.acknowledge(events)
        else:
            self.late += events

    async def acknowledge(self, events: list[Json]) -> None:
        self.pulled |= {one["id"]: (one["subject"]["id"], one["version"]) for one in events}
        await self.service.onec.ack([one["id"] for one in events])

    async def finish(self) -> None:
        """All outboxes empty, as far as holes let them; then what must hold at the end of the day."""
        for pocket in self.pockets:
            while pocket.outbox:
                left = list(pocket.outbox)
                await self.send(pocket, left[:50])
                if pocket.outbox == left:
                    break
            assert not pocket.outbox or pocket.misses(max(pocket.arrived))
        await self.a_day_passes()
        for told in self.acts.values():
            assert told.state or told.act.sent["seq"] not in self.home(told).arrived, "an act without an end"
        for number in range(3):
            await self.look(self.courses[0], number, 0)
        await self.board_agrees()
        await self.acknowledge(self.late)
        while events := await self.service.onec.events():
            await self.acknowledge(events)
        self.one_c_heard_in_order()


def _lines(name: str, lines: Iterable[tuple[str, str]]) -> Json:
    made = [{"line": number, name: quantity} for number, quantity in lines]
    return {"lines": made} if made else {}


Perform = Callable[[Walk, Course, int, int], Awaitable[None]]
OFTEN: dict[str, Perform] = {"record": Walk.record, "deliver": Walk.deliver, "look": Walk.look}
SELDOM: dict[str, Perform] = {
    "ready": Walk.ready, "withdraw": Walk.withdraw, "assign": Walk.assign, "set_price": Walk.set_price,
    "set_amount_due": Walk.set_amount_due, "cancel": Walk.cancel, "edit": Walk.edit, "lose": Walk.lose,
    "board_assign": Walk.board_assign, "board_cancel": Walk.board_cancel, "board_retry": Walk.board_retry,
    "count_in": Walk.count_in, "settle": Walk.settle, "return_goods": Walk.return_goods, "decide": Walk.decide,
    "repeat": Walk.repeat, "forge": Walk.forge, "pull": Walk.pull,
}  # fmt: skip
STEPS = OFTEN | SELDOM
CHOICES = ["record"] * 12 + ["deliver"] * 8 + ["look"] * 4 + [*SELDOM]


async def walk(service: Service, db: Connection[Any], steps: list[Step]) -> None:
    """Raises AssertionError with what does not hold."""
    one = Walk(service, db)
    await one.start()
    for name, a, b, c in steps:
        await STEPS[name](one, one.courses[a % 4 == 3], b, c)
        one.check()
    await one.finish()
