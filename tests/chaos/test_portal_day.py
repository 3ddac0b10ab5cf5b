"""A day of a portal: couriers deliver, people drag, edit, hand on, delete and complete cards, answers and events are
lost, doubled and forged; at the end the service and the portal agree.

POSREDNIK_PORTAL_FULL=1: 50 couriers, 2 000 deliveries. POSREDNIK_PORTAL_SEED: another day of the same kind.
"""

import os
import random
from collections.abc import Sequence
from typing import Any

import pytest
from tests.chaos.portal_books import Books
from tests.chaos.portal_day import Day
from tests.chaos.portal_system import PortalSystem
from tests.chaos.portal_verdict import PortalVerdict
from tests.desk import Desk
from tests.system import running

FULL = os.environ.get("POSREDNIK_PORTAL_FULL") == "1"
COURIERS, DELIVERIES, AT_ONCE = (50, 2000, 60) if FULL else (6, 60, 60)
SEED = int(os.environ.get("POSREDNIK_PORTAL_SEED", "20261123"))
QUIET_S = 900.0 if FULL else 120.0
FAULTS: Sequence[dict[str, Any]] = (
    {"kind": "drop", "method": "tasks.task.add", "share": 0.05},
    {"kind": "http_502", "method": "tasks.task.update", "share": 0.03},
    {"kind": "http_504", "method": "task.stages.movetask", "share": 0.03},
    {"kind": "truncated", "method": "tasks.task.add", "share": 0.03},
    {"kind": "query_limit", "method": "tasks.task.add", "share": 0.03},
    {"kind": "event_dropped", "share": 0.2},
    {"kind": "event_duplicated", "share": 0.2},
    {"kind": "event_reordered", "share": 0.1},
    {"kind": "event_forged", "share": 0.1},
)

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(3600 if FULL else 400)]


class Portal(PortalSystem):
    couriers = COURIERS


async def forged(desk: Desk) -> None:
    """Events of somebody who does not know the application's token."""
    for number in range(5):
        await desk.tell("/portal/api/events/forge", event="ONTASKUPDATE", task=101 + number)


async def test_after_a_day_of_people_at_the_cards_both_sides_agree(capsys: pytest.CaptureFixture[str]) -> None:
    async with running(workers=2, kind=Portal) as system:
        books = Books(system.desk, system.database.dsn)
        await books.open()
        day = Day(system.desk, books, system.staff, random.Random(SEED), AT_ONCE)
        await system.desk.tell("/portal/api/faults", faults=[dict(fault) for fault in FAULTS])
        await day.begin(DELIVERIES)
        await day.play()
        await forged(system.desk)
        verdict = PortalVerdict(books, day.jobs, system.staff, system.config)
        await verdict.quiet(QUIET_S)
        await system.desk.tell("/portal/api/faults", faults=[])
        await day.lose(0.08)
        await day.decide()
        await verdict.quiet(QUIET_S, watched=False)
        assert day.wrong == []
        await verdict.agree()
        became = await verdict.answered()
        await verdict.watched()
        await books.close()
        with capsys.disabled():
            print(f"\n{dict(day.done)}; acts by hand: {dict(became)}")
        assert became["taken"]
        assert became["put back"]
