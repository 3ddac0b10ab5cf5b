"""A courier's day on a phone that dies again and again, done through the screens; what the screens told is recorded.

A step is on the record when the screen has said that it is done. After each death the phone's disk must have exactly
the record, and at most the one step that was being made: found there, it joins the record; not there, it is made again.
"""

import asyncio
import contextlib
import random
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import expect
from tests.desk import until
from tests.e2e.courier_hand import Hand, rubles
from tests.e2e.courier_handset import Handset, settled
from tests.e2e.courier_network import FAIR, Network, Weather
from tests.e2e.courier_plan import Errand, Fate, Step

Json = dict[str, Any]
WEATHER = {
    "fair": FAIR, "lossy": Weather(lost=0.7), "captive": Weather(captive=True), "torn": Weather(torn=0.5),
    "slow": Weather(slow_s=0.3),
}  # fmt: skip
BEFORE = {"pick_up": "ready", "depart": "picked_up", "hand_over": "en_route", "not_deliver": "en_route"}
AFTER = {"pick_up": "picked_up", "depart": "en_route", "hand_over": "handed_over", "not_deliver": "not_delivered"}
REASON, WHEN = "Нет дома", "Завтра"
# A death comes somewhere in the first tenths of a second of what is being done, most writes of the phone are in there.
LONGEST_S = 0.25


class Died(Exception):
    """The phone is dead; what was being done may have happened or not."""


@dataclass
class Day:
    handset: Handset
    network: Network
    rng: random.Random
    fate: Fate = field(default_factory=Fate)
    record: list[Step] = field(default_factory=list)
    # Hashes that the service has, all of them: what the phone has no more must be there.
    kept: Callable[[], set[str]] = set
    making: Step | None = None
    deaths: int = 0
    kills: int = 0
    starts: int = 0
    camera: int = 0
    # In which life of the page the screen last said that a step is done.
    told_in: int = -1
    # Of the sheet in hand: pictures that were taken for it, and how many the screen said it has.
    taken: list[int] = field(default_factory=list)
    saved: int = 0

    def __post_init__(self) -> None:
        self.hand = Hand(self.handset)

    async def work(self, errands: list[Errand]) -> None:
        """First everything is picked up, then one after the other is brought."""
        rounds = [(errand, ("pick_up",)) for errand in errands] + [(errand, errand.steps[1:]) for errand in errands]
        for number, (errand, actions) in enumerate(rounds):
            if number in self.fate.weathers:
                await self.under(WEATHER[self.fate.weathers[number]])
            for action in actions:
                await self.step(errand, action)

    async def step(self, errand: Errand, action: str) -> None:
        """Until it is on the record."""
        self.taken, self.saved, self.making = [], 0, None
        await self._until_made(errand, action)
        if (errand.id, action) in self.fate.undone:
            self.fate.undone.discard((errand.id, action))
            await self._undo(errand, action)

    async def _until_made(self, errand: Errand, action: str) -> None:
        begun = len(self.record)
        while len(self.record) == begun:
            try:
                await self._make(errand, action)
            except Died:
                await self.switch_on()

    async def _make(self, errand: Errand, action: str) -> None:
        await self._go_to(errand)
        await self.hand.at_order(errand.id, errand.number)
        await self.hand.at_stage(BEFORE[action])
        step = Step(errand, action)
        if action == "depart":
            await self._finish(errand, step, self.hand.open_sheet("depart"))
            return
        await self.dies(errand, step.action, "open", self.hand.open_sheet(action))
        await self._restored()
        await self._fill(errand, step)
        for _ in range(errand.photos[action] - self.saved):
            await self._shoot(errand, step)
        step.shots = list(self.taken)
        await self._finish(errand, step, self.hand.press())

    async def _go_to(self, errand: Errand) -> None:
        address = errand.delivery["address"]
        if "latitude" in address:
            off = self.rng.uniform(-0.0004, 0.0004)
            await self.handset.stand_at(address["latitude"] + off, address["longitude"] + off)

    async def _restored(self) -> None:
        """The sheet has the pictures that it said it had; one more at most, which it did not come to say."""
        shown = await self.hand.shots()
        assert shown >= self.saved, "the sheet has lost a picture that it called saved"
        assert shown <= len(self.taken), "the sheet has a picture that nobody took"
        self.saved, self.taken = shown, self.taken[:shown]

    async def _fill(self, errand: Errand, step: Step) -> None:
        fill = {"pick_up": self.hand.fits_all, "hand_over": lambda: self._pay(errand, step), "not_deliver": self._fail}
        if step.action == "not_deliver":
            step.said = {"reason": "not_home"}
        await self.dies(errand, step.action, "fill", fill[step.action]())

    async def _pay(self, errand: Errand, step: Step) -> None:
        hand = self.hand
        lines = {line["line"]: line["quantity"] for line in errand.delivery["lines"]}
        if errand.partial:
            first = errand.delivery["lines"][0]
            lines[first["line"]] = await hand.refuse_one(first["quantity"])
        due = await hand.due()
        reference = f"СБП {errand.number}" if errand.method == "transfer" else ""
        given = -(-due // 100_000) * 100_000 if errand.method == "cash" else 0
        await hand.pays(errand.method, due, given, reference)
        step.said = {
            "payment_method": errand.method, "amount_taken": rubles(due if errand.method != "prepaid" else 0),
            "lines": lines, **({"reference": reference} if reference else {}),
        }  # fmt: skip

    async def _fail(self) -> None:
        await self.hand.fails(REASON, "Звонил дважды", WHEN)

    async def _shoot(self, errand: Errand, step: Step) -> None:
        chooser: list[Any] = []

        async def open_camera() -> None:
            chooser.append(await self.hand.camera())

        await self.dies(errand, step.action, "camera", open_camera())
        self.camera += 1
        self.taken.append(self.camera)
        await self.dies(
            errand, step.action, "photo", self.hand.take(chooser[0], self.camera, self.saved + 1), told=self._has_saved
        )

    def _has_saved(self) -> None:
        self.saved += 1

    async def _finish(self, errand: Errand, step: Step, press: Coroutine[Any, Any, None]) -> None:
        """Pressed, and the screen says that it is done."""
        self.making = step

        async def pressed() -> None:
            await press
            await self.hand.confirmed(step.action, errand.number)

        await self.dies(errand, step.action, "press", pressed(), told=lambda: self._is_told(step))
        if self.fate.strikes(errand.id, step.action, "done"):
            await self.die(self.rng.uniform(0, LONGEST_S))
            await self.switch_on()

    def _is_told(self, step: Step) -> None:
        self.record.append(step)
        self.making, self.told_in = None, self.starts

    async def _undo(self, errand: Errand, action: str) -> None:
        """Within the ten seconds it is taken back, and then made again from the sheet as it was, pictures and all."""
        if not await self.hand.undo_bar(action, errand.number).count():
            return  # too late: it stays
        with contextlib.suppress(PlaywrightError):
            await self.hand.undo()
        await until("the step is undone or sent", lambda: self._undone_or_late(len(self.record)))
        if len((await self.handset.disk())["queue"]) == len(self.record):
            return
        if self.told_in == self.starts and action != "depart":
            await expect(self.handset.page).to_have_url(re.compile(f"/{action}$"))
        step = self.record.pop()
        self.saved, self.taken = len(step.shots), list(step.shots)
        await self._until_made(errand, action)

    async def _undone_or_late(self, before: int) -> bool:
        rows = (await self.handset.disk())["queue"]
        return len(rows) < before or rows[-1]["state"] != "held"

    # -- deaths

    async def dies(
        self, errand: Errand, action: str, moment: str, work: Coroutine[Any, Any, None],
        told: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """Does the work, or dies in it if that is its fate. told: what holds once the screen has said so."""
        if not self.fate.strikes(errand.id, action, moment):
            await work
            told()
            return
        task = asyncio.ensure_future(work)
        await asyncio.wait({task}, timeout=self.rng.uniform(0, LONGEST_S))
        if task.done() and task.exception() is None:
            told()
        await self.die(0)
        await settled(task)
        raise Died

    async def die(self, after_s: float) -> None:
        """The browser is killed, or the tab is closed."""
        await asyncio.sleep(after_s)
        self.deaths += 1
        if self.rng.random() < 0.6:
            self.kills += 1
            await self.handset.kill()
            await self.handset.start()
        else:
            await self.handset.close_tab()

    async def switch_on(self) -> None:
        """Open again, on the same disk: nothing of the record may be lost."""
        self.starts += 1
        await self.handset.open()
        if self.starts in self.fate.starts:
            await self.die(self.rng.uniform(0, LONGEST_S))
            await self.handset.open()
        await expect(self.handset.page.get_by_role("heading", level=1)).to_be_visible()
        assert not await self.handset.page.get_by_label("Код входа").count(), "the login is lost"
        await self._back_in_his_sheet()
        await self.compare()

    async def _back_in_his_sheet(self) -> None:
        """He lands where he was writing when the phone died."""
        drafts = (await self.handset.disk())["drafts"]
        if drafts and drafts[-1]["form"]["open"]:
            await expect(self.handset.page).to_have_url(re.compile(f"#{re.escape(drafts[-1]['form']['path'])}$"))

    async def compare(self) -> None:
        """The disk against the record; a step that was being made and is there joins it."""
        disk = await self.handset.disk()
        rows, making = disk["queue"], self.making
        if making is not None and len(rows) == len(self.record) + 1:
            self.record.append(making)
        self.making = None
        seen = [(row["wire"]["type"], row["delivery"]) for row in rows]
        assert seen == [(step.type, step.delivery) for step in self.record], "the phone's disk is not the record"
        for row, step in zip(rows, self.record, strict=True):
            assert len(row["wire"]["photos"]) == len(step.shots), f"half a step: {step}"
        named = {sha256 for row in rows for sha256 in row["wire"]["photos"]}
        lacking = named - set(disk["photos"])
        assert not lacking or lacking <= self.kept(), "a picture is neither on the phone nor at the service"

    # -- the network

    async def under(self, weather: Weather) -> None:
        """The network comes back for a moment, as it is; the courier presses «send» meanwhile, and it goes again."""
        before = dict(self.network.fates)
        await self.network.connect(weather)
        with contextlib.suppress(PlaywrightError):
            await self.hand.send_now()
        await until("the network was used", lambda: self._used(before, weather))
        await self.die(self.rng.uniform(0, LONGEST_S))
        await self.switch_on()
        await self.network.cut()

    async def _used(self, before: Json, weather: Weather) -> bool:
        wanted = "captive" if weather.captive else "lost" if weather.lost else "torn" if weather.torn else "answered"
        return self.network.count(wanted) > before.get(wanted, 0) + (4 if wanted == "answered" else 0)
