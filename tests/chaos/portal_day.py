"""The deliveries of a day: steps of couriers and of the office by the service, and between them what people do by hand
on the portal. Calm ones are touched only when nothing else happens to them, so that what must become of it is certain;
at wild ones everything happens at once.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from tests.chaos.portal_books import Books, Json
from tests.chaos.portal_hands import BACK, NOTHING, TAKEN, TITLES, Card, Hand, a_hand
from tests.chaos.portal_system import ADMINISTRATOR, LOGISTICIAN, Courier
from tests.desk import Desk, NotInTime, Refused, until

T = TypeVar("T")
PATIENCE_S = 120.0
IN_A_CROWD = 40
OVER = ("settled", "returned", "cancelled")
LONGEST_PAUSE_S = 0.4
# What the office and the courier's phone may do from a stage, by the service.
STEPS: Mapping[str, Sequence[tuple[str, Json]]] = {
    "ready": (("pick_up", {}),),
    "picked_up": (("depart", {}), ("hand_over", {"payment_method": "cash"}), ("not_deliver", {"reason": "not_home"})),
    "en_route": (("hand_over", {"payment_method": "cash"}), ("not_deliver", {"reason": "not_home"})),
    "not_delivered": (("retry", {}), ("give_back", {})),
    "handed_over": (("settle", {}),),
}


@dataclass(slots=True)
class Job:
    """One delivery. acted: what was done to its card by hand. lost: that was deleted. left: nobody wants another."""

    order: str
    delivery: str
    courier: Courier
    rng: random.Random
    acted: list["Act"] = field(default_factory=list)
    lost: bool = False
    left: bool = False


@dataclass(slots=True)
class Act:
    """One act by hand that the portal let happen. at: Unix time; seen: the last line of the card's chat before it;
    changed: the portal's history has it."""

    hand: Hand
    task: int
    at: float
    seen: int
    changed: bool
    calm: bool


@dataclass
class Day:
    desk: Desk
    books: Books
    staff: Sequence[Courier]
    rng: random.Random
    at_once: int  # people who work side by side
    jobs: list[Job] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    _wild_left: int = 0

    async def begin(self, count: int) -> None:
        """So many orders in 1C, each with a courier of its division and «Готов»."""
        refs = await self.desk.make_orders(count)
        await self._each(refs, self._ready)

    async def play(self) -> None:
        """Half of the deliveries are calm; a crowd of people is at the others."""
        calm, wild = self.jobs[::2], self.jobs[1::2]
        self._wild_left = len(wild)
        async with asyncio.TaskGroup() as all_:
            all_.create_task(self._each(calm, self._calm))
            all_.create_task(self._each(wild, self._wild))
            for _ in range(-(-self.at_once // IN_A_CROWD)):
                all_.create_task(self._crowd(wild))

    async def lose(self, share: float) -> None:
        """People delete cards of deliveries that are not over."""
        await self._each(self.rng.sample(self.jobs, max(4, round(share * len(self.jobs)))), self._lose)

    async def _lose(self, job: Job) -> None:
        stands = await self.books.stands(job.delivery)
        if stands["stage"] not in OVER and stands["on_board"]:
            await self.books.act(LOGISTICIAN, await self._calm_task(job), "delete")
            job.lost = True

    async def decide(self) -> None:
        """Of each card that was deleted somebody says whether there shall be another."""
        await self._each([job for job in self.jobs if job.lost], self._decide)

    async def _decide(self, job: Job) -> None:
        incident = await until(f"an incident of {job.delivery}", lambda: self._lost(job.delivery), PATIENCE_S)
        job.left = job.rng.random() < 0.4
        decision = "left" if job.left else "recreated"
        await self.desk.order(f"/api/v1/board/incidents/{incident}/decide", decision=decision, reason="проверка")
        self.done[decision] += 1

    async def _lost(self, delivery: str) -> str | None:
        found = await self.books.incidents("task_deleted")
        return next((row["id"] for row in found if row["delivery"] == delivery and row["state"] == "open"), None)

    # -- one delivery

    async def _ready(self, ref: str) -> None:
        own = random.Random(f"{self.rng.random()}:{ref}")
        division = (await self.desk.look(f"/onec/api/orders/{ref}"))["division"]
        courier = own.choice([one for one in self.staff if one.division == division])
        command = await self.desk.press(ref, "ready", courier=courier.ref)
        assert command["status"] == "done", command
        self.jobs.append(Job(ref, command["result"]["delivery"]["id"], courier, own))

    async def _calm(self, job: Job) -> None:
        for _ in range(job.rng.randrange(1, 3)):
            if job.rng.random() < 0.35:
                await self._step(job)
            else:
                await self._by_hand(job)

    async def _wild(self, job: Job) -> None:
        for _ in range(job.rng.randrange(2, 6)):
            await self._step(job)
            await asyncio.sleep(job.rng.random() * LONGEST_PAUSE_S)
        self._wild_left -= 1

    async def _step(self, job: Job) -> None:
        """The next step by the service, unless the delivery is over; people may have been quicker."""
        stands = await self.books.stands(job.delivery)
        steps = STEPS.get(stands["stage"], ()) if stands["on_board"] else ()
        if not steps:
            return
        action, body = job.rng.choice(steps)
        try:
            await self.desk.act(job.delivery, action, **body)
            self.done[action] += 1
        except Refused:
            self.done["refused"] += 1

    # -- by hand

    async def _crowd(self, jobs: Sequence[Job]) -> None:
        while self._wild_left > 0:
            await asyncio.sleep(self.rng.random() * LONGEST_PAUSE_S / 2)
            job = self.rng.choice(jobs)
            task = await self.books.task(job.delivery)
            if task is not None:
                await self._do(job, task, a_hand(self.rng, await self._card(job), self.staff), calm=False)

    async def _by_hand(self, job: Job) -> None:
        """One act while nothing else happens to the card, and what becomes of it."""
        task = await self._calm_task(job)
        hand = a_hand(job.rng, await self._card(job), self.staff)
        act = await self._do(job, task, hand, calm=True)
        if act is None or hand.expected == NOTHING or not act.changed:
            return
        try:
            await until(f"{hand.expected}: {hand}", lambda: self._became(job, act), PATIENCE_S)
        except NotInTime as error:
            self.wrong.append(f"{error}; stands {await self.books.stands(job.delivery)}")
        self.done[hand.expected] += 1

    async def _calm_task(self, job: Job) -> int:
        return await until(f"a calm task of {job.delivery}", lambda: self.books.calm_task(job.delivery), PATIENCE_S)

    async def _card(self, job: Job) -> Card:
        stands = await self.books.stands(job.delivery)
        stage = stands["stage"] if stands["on_board"] else "cancelled"
        courier = next((one for one in self.staff if one.ref == stands["courier"]), job.courier)
        return Card(stage, courier.division, courier, stage in OVER)

    async def _do(self, job: Job, task: int, hand: Hand, *, calm: bool) -> Act | None:
        """None: the portal did not let him."""
        try:
            before = await self.books.card(task)
            after = await self.books.act(hand.user, task, hand.do, **hand.how)
        except Refused:
            self.done["not allowed"] += 1
            return None
        changed = len(after["history"]) > len(before["history"])
        seen = max((line["id"] for line in before["messages"]), default=0)
        act = Act(hand, task, time.time(), seen, changed, calm)
        job.acted.append(act)
        self.done[hand.do] += 1
        return act

    async def _became(self, job: Job, act: Act) -> bool:
        stands = await self.books.stands(job.delivery)
        # What leaves nothing to hand in is settled by its own hand-over.
        stage = "handed_over" if act.hand.stage == "handed_over" and stands["stage"] == "settled" else stands["stage"]
        if (stage, stands["courier"]) != (act.hand.stage, act.hand.courier):
            return False
        if act.hand.expected == TAKEN:
            return await self.books.calm_task(job.delivery) is not None
        card = await self.books.card(act.task)
        column = next(row["title"] for row in card["stages"] if row["id"] == card["stage"])
        responsible = next(one.user for one in self.staff if one.ref == stands["courier"])
        stands_again = (column, card["responsible"]["id"]) == (TITLES[stands["stage"]], responsible)
        return act.hand.expected == BACK and stands_again and bool(answers(card, act.seen))

    async def _each(self, things: Sequence[T], do: Callable[[T], Awaitable[None]]) -> None:
        """So many at once as people are at work."""
        places = asyncio.Semaphore(self.at_once)

        async def one(thing: T) -> None:
            async with places:
                await do(thing)

        async with asyncio.TaskGroup() as all_:
            for thing in things:
                all_.create_task(one(thing))


def answers(card: Json, seen: int) -> list[str]:
    """What the service has written into the card's chat since."""
    return [line["text"] for line in card["messages"] if line["id"] > seen and line["author"]["id"] == ADMINISTRATOR]
