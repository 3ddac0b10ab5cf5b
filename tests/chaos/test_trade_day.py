"""A day of couriers who deliver and sell: money and goods agree with 1C, and every theft is found.

POSREDNIK_TRADE_FULL=1: 20 couriers, 1 000 deliveries, 400 sales. POSREDNIK_TRADE_SEED: another day of the same kind.
"""

import asyncio
import functools
import os
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping

import pytest
from tests.chaos.trade_books import differences, incidents, of_the_base, of_the_ledgers
from tests.chaos.trade_day import CourierDay, Size
from tests.chaos.trade_phone import Handset
from tests.chaos.trade_thefts import Thefts
from tests.chaos.verdict import Verdict
from tests.system import System, running

from posrednik import bootstrap
from posrednik.config import Settings
from posrednik.store import tokens

FULL = os.environ.get("POSREDNIK_TRADE_FULL") == "1"
COURIERS, SIZE = (20, Size(50, 20)) if FULL else (5, Size(12, 8))
SEED = int(os.environ.get("POSREDNIK_TRADE_SEED", "20261122"))
AT_ONCE = 6
QUIET_S = 600.0 if FULL else 120.0

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(2400 if FULL else 400)]


class TradeSystem(System):
    """The same, with as many couriers in 1C as the day needs."""

    def _sandbox_env(self) -> dict[str, str]:
        return {**super()._sandbox_env(), "POSREDNIK_SANDBOX_COURIERS": str(COURIERS)}

    async def start(self) -> None:
        """With a portal on a machine of its own: a day within minutes is more than one in the cloud allows."""
        await super().start()
        await self.desk.tell("/portal/api/limits", tariff="box")


async def days(system: System) -> list[CourierDay]:
    told = await system.desk.look("/onec/api/backpacks")
    main = {one["division"]: one["ref"] for one in told["warehouses"]}
    db = bootstrap.database(Settings(), system.database.dsn)
    await db.open()
    try:
        made = []
        for number, courier in enumerate(told["couriers"][:COURIERS]):
            ref = courier["ref"]
            token = await db.transact(functools.partial(tokens.add, kind="device", owner=ref, name="телефон"))
            rng = random.Random(f"{SEED}:{number}")
            phone = Handset(system.desk, ref, token, rng)
            made.append(CourierDay(system.desk, phone, courier, main[courier["division"]], SIZE, rng))
        return made
    finally:
        await db.close()


async def all_of(days: list[CourierDay], act: Callable[[CourierDay], Awaitable[None]]) -> None:
    """Several couriers at once, as it is in life."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(day: CourierDay) -> None:
        async with places:
            await act(day)

    async with asyncio.TaskGroup() as group:
        for day in days:
            group.create_task(one(day))


async def mornings(system: System, couriers: list[CourierDay]) -> None:
    """When the service has all that 1C has told: what a courier begins with is 1C's stock of his warehouse."""
    await Verdict(system.desk, [], system.database.dsn).quiet(QUIET_S)
    bags = {one["ref"]: one["goods"] for one in (await system.desk.look("/onec/api/backpacks"))["couriers"]}
    await all_of(couriers, lambda day: day.morning(bags[day.ref]))


async def evening(day: CourierDay) -> None:
    await day.give_back()
    await day.hand_in(day.own.cash)
    await day.close()


@pytest.mark.skipif(not FULL, reason="the day of thefts shows the same in less: POSREDNIK_TRADE_FULL=1 runs both")
async def test_after_an_honest_day_all_books_agree_and_nobody_is_blamed(capsys: pytest.CaptureFixture[str]) -> None:
    async with running(workers=2, kind=TradeSystem) as system:
        couriers = await days(system)
        await mornings(system, couriers)
        await all_of(couriers, lambda day: day.round())
        await all_of(couriers, evening)
        await agreed(system, couriers, {})
        assert [(one["kind"], one["courier"], one["what"], one["why"]) for one in await incidents(system.desk)] == []
        stages = [card["stage"] for card in (await system.desk.board()).values()]
        assert "handed_over" not in stages
        late, sold = sum(day.phone.sent_late for day in couriers), sum(len(day.sales) for day in couriers)
        acts = sum(day.phone.acts for day in couriers)
        with capsys.disabled():
            print(f"\n{COURIERS} couriers, {len(stages)} on the board, {sold} sales, {late} of {acts} acts sent late")
        assert late > acts / 10


async def test_every_theft_and_mistake_is_one_incident_with_its_courier_and_no_other() -> None:
    async with running(workers=2, kind=TradeSystem) as system:
        couriers = await days(system)
        await mornings(system, couriers)
        thefts = Thefts(system.desk, couriers)
        await thefts.commit()
        assert thefts.blamed.total() == 30
        await all_of(couriers, lambda day: day.round())

        async def end(day: CourierDay) -> None:
            await day.give_back()
            await day.hand_in(day.own.cash, short=thefts.short.get(day.ref, 0))
            if day.own.cash:  # what was short is brought later; else the end of the shift raises it once more
                await day.hand_in(day.own.cash)
            await day.close(thefts.missing.get(day.ref))

        await all_of(couriers, end)
        await agreed(system, couriers, thefts.not_in_1c)
        raised = [(one["kind"], str((one["courier"] or {}).get("ref")), one) for one in await incidents(system.desk)]
        found = Counter((kind, ref) for kind, ref, _ in raised)
        words = {(kind, ref): one["why"] for kind, ref, one in raised}
        assert [(*key, words[key]) for key in found - thefts.blamed] == [], "without a cause"
        assert thefts.blamed - found == Counter(), "not found"


async def agreed(system: System, couriers: list[CourierDay], not_in_1c: Mapping[str, Mapping[str, int]]) -> None:
    """Nothing waits anywhere, and the three books are the same but for what 1C is not told."""
    verdict = Verdict(system.desk, [], system.database.dsn)
    await verdict.quiet(QUIET_S)
    await verdict.books()
    refs = [day.ref for day in couriers]
    base, ledgers = await of_the_base(system.desk), await of_the_ledgers(system.database.dsn, refs)
    told = {day.ref: day.own.told() for day in couriers}
    assert [words for day in couriers for words in differences(day.name, ledgers[day.ref], told[day.ref])] == []
    for ref, goods in not_in_1c.items():
        for name, count in goods.items():
            part = told[ref] if name == "card" else told[ref]["goods"]
            part[name] = part.get(name, 0) + count
    assert [words for day in couriers for words in differences(day.name, base[day.ref], told[day.ref])] == []
