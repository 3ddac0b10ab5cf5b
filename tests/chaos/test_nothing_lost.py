"""Nothing lost, nothing twice: hundreds of orders while everything is killed and everybody misbehaves.

POSREDNIK_CHAOS_ORDERS: how many (100). POSREDNIK_CHAOS_SEED: another run of the same kind.
"""

import asyncio
import os
import random
import time

import pytest
from tests.chaos.drive import Drive, orders_of
from tests.chaos.trouble import Trouble
from tests.chaos.verdict import Verdict
from tests.system import running

ORDERS = int(os.environ.get("POSREDNIK_CHAOS_ORDERS", "100"))
SEED = int(os.environ.get("POSREDNIK_CHAOS_SEED", "20261122"))
QUIET_S = 90.0 + ORDERS / 10

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(240 + 2 * ORDERS)]


async def test_nothing_is_lost_and_nothing_comes_twice(capsys: pytest.CaptureFixture[str]) -> None:
    async with running(workers=2) as system:
        drive = Drive(system.desk, await orders_of(system.desk, ORDERS, SEED))
        trouble = Trouble(system, random.Random(SEED + 1))
        verdict = Verdict(system.desk, drive.orders, system.database.dsn)
        started = time.monotonic()
        await trouble.begin()
        async with asyncio.TaskGroup() as both:
            both.create_task(drive.run())
            both.create_task(trouble.run(lambda: drive.progress))
        driven_s = time.monotonic() - started
        await trouble.let_the_portal_fail(ORDERS)
        await trouble.end()
        await verdict.quiet(QUIET_S)
        quiet_s = time.monotonic() - started - driven_s
        await verdict.events()
        await verdict.portal()
        await verdict.onec()
        await verdict.documents()
        await verdict.shop()
        await verdict.books()
        outcomes = await verdict.journal()
        with capsys.disabled():
            print(
                f"\n{ORDERS} orders, seed {SEED}: driven in {driven_s:.1f} s, quiet after {quiet_s:.1f} s more; "
                f"done: {dict(trouble.done)}; portal: {dict(trouble.portal_hits)}; journal: {dict(outcomes)}"
            )
        assert trouble.done["database SIGINT"] == trouble.done["database SIGKILL"] == 1
        if ORDERS >= 200:
            assert trouble.done["worker"] >= 3
            assert trouble.done["api"] >= 2
        assert trouble.portal_hits["drop tasks.task.add"] > 0
        assert outcomes["found"] > 0
