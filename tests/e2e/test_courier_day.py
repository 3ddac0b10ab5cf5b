"""A whole day without a network on a phone that dies all the time: the service ends with exactly the courier's day.

POSREDNIK_E2E_ORDERS: how many orders, five photos for two of them (16; the whole of it is 40). POSREDNIK_E2E_KILLS:
how often the phone dies (6; the whole of it is 50), POSREDNIK_E2E_SEED (1): where. Deaths beyond these come with each
return of the network.
"""

import os
import random
import time
from pathlib import Path

import pytest
from playwright.async_api import expect
from tests.e2e import courier_proof as proof
from tests.e2e.courier_day import Day
from tests.e2e.courier_hand import kopecks
from tests.e2e.courier_plan import Step, errands_of, fate_of
from tests.e2e.courier_stage import Stage, stage

ORDERS = int(os.environ.get("POSREDNIK_E2E_ORDERS", "16"))
PHOTOS = ORDERS * 5 // 2
KILLS = int(os.environ.get("POSREDNIK_E2E_KILLS", "6"))
SEED = int(os.environ.get("POSREDNIK_E2E_SEED", "1"))
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300 + 10 * KILLS)]


async def test_nothing_of_a_day_is_lost_or_doubled_however_often_the_phone_dies(
    browser_path: str, built_pages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with stage(browser_path, SEED) as made:
        began = time.monotonic()
        day, courier = await begun(made)
        errands = errands_of(made.network.told["/api/v1/courier/day"], PHOTOS, day.rng)
        day.fate = fate_of(errands, KILLS, day.rng)
        await made.network.cut()
        await day.work(errands)
        await day.compare()
        await ended(made, day)
        await proven(made, day, courier)
        with capsys.disabled():
            print(f"\n{len(day.record)} steps, {day.deaths} deaths ({day.kills} by SIGKILL), seed {SEED}, fates of "
                  f"requests {made.network.fates}: {time.monotonic() - began:.0f} s")  # fmt: skip


async def begun(made: Stage) -> tuple[Day, str]:
    """He has his orders, is logged in by a code, has opened his shift, and the application is on the phone."""
    courier = (await made.couriers())[0]
    await made.known(courier)
    await made.day_for(courier, ORDERS)
    phone = await made.phone()
    day = Day(phone, made.network, random.Random(SEED), kept=lambda: arrived(made))
    await phone.open()
    await day.hand.enter((await made.code(courier))["code"])
    await expect(phone.page.get_by_role("heading", level=1)).to_have_text(f"{ORDERS} осталось")
    await phone.installed()
    await day.hand.open_shift()
    day.record.append(Step(None, "shift.open"))
    return day, courier["ref"]


def arrived(made: Stage) -> set[str]:
    return {row["sha256"] for row in made.rows("SELECT encode(sha256, 'hex') AS sha256 FROM photo")}


async def ended(made: Stage, day: Day) -> None:
    """The network stays, all is sent, the shift is closed with the cash of his own record in his hand."""
    await made.network.connect()
    await day.hand.send_now()
    await day.hand.all_sent()
    await expect(day.handset.page.get_by_text("Требует внимания")).to_have_count(0)
    taken = [step.said for step in day.record if step.said.get("payment_method") == "cash"]
    await day.hand.close_shift(sum(kopecks(said["amount_taken"].replace(".", ",")) for said in taken))
    day.record.append(Step(None, "shift.close"))
    await day.hand.all_sent()


async def proven(made: Stage, day: Day, courier: str) -> None:
    assert day.deaths >= KILLS, day.fate.moments
    proof.steps_are_the_record(made, courier, day.record)
    assert await proof.photos_are_the_record(made, day.record) == PHOTOS
    await proof.onec_has_it_once(made, day.record)
    await proof.nothing_else_to_decide(made)
    assert day.handset.hosts == {made.network.url.removeprefix("http://")}
