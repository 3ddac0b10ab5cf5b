"""One suite that every connector passes; see `harness.py` for how a connector joins it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest
from tests.connectors import bitrix24_harness, onec_harness, site_harness  # noqa: F401 (they register themselves)
from tests.connectors.harness import HARNESSES, IN_DOUBT, Harness, Reports, TestGate, Trouble, new_key

from posrednik.connectors.base import Accepted, Item, NotThere, Outcome, Refused, TryLater, Unclear


@pytest.fixture(params=sorted(HARNESSES))
async def system(request: pytest.FixtureRequest) -> AsyncIterator[Harness]:
    async with HARNESSES[request.param]() as made:
        yield made


async def send(system: Harness, items: Sequence[Item], gate: TestGate | None = None) -> Reports:
    """Send as the dispatcher does: at most `group_size` items in one call."""
    reports, size = Reports(), system.connector.group_size
    for start in range(0, len(items), size):
        await system.connector.send(items[start : start + size], gate or TestGate(), reports)
    return reports


async def look_up(system: Harness, items: Sequence[Item]) -> Reports:
    reports = Reports()
    await system.connector.look_up(items, TestGate(), reports)
    return reports


def following(item: Item, outcome: Outcome | NotThere, version_item: Item) -> Item:
    """The next message of a key, with what `Accepted` left behind."""
    assert isinstance(outcome, Accepted)
    return replace(version_item, remote_id=outcome.remote_id, written=outcome.written)


async def test_an_accepted_message_takes_effect_once(system: Harness) -> None:
    item = system.item(new_key())
    reports = await send(system, [item])
    assert isinstance(reports.of(item), Accepted)
    assert system.effects(item.key) == 1


async def test_each_of_many_messages_gets_exactly_one_report(system: Harness) -> None:
    items = [system.item(new_key()) for _ in range(20)]
    reports = await send(system, items)
    assert all(isinstance(reports.of(item), Accepted) for item in items)
    assert [system.effects(item.key) for item in items] == [1] * 20


async def test_messages_of_one_key_take_effect_in_their_order(system: Harness) -> None:
    key = new_key()
    items = [system.item(key, version) for version in (1, 2, 3)]
    reports = await send(system, items)
    assert [item_id for item_id, _ in reports.rows] == [item.id for item in items]
    assert system.version(key) == 3


async def test_a_later_message_changes_what_the_first_made(system: Harness) -> None:
    key = new_key()
    first, second = system.item(key, 1), system.item(key, 2)
    done = (await send(system, [first])).of(first)
    second = following(first, done, second)
    assert isinstance((await send(system, [second])).of(second), Accepted)
    assert system.version(key) == 2


async def test_a_refusal_leaves_nothing_behind(system: Harness) -> None:
    item = system.item(new_key())
    await system.have(Trouble.REFUSES)
    assert isinstance((await send(system, [item])).of(item), Refused)
    assert system.effects(item.key) == 0


async def test_a_limited_destination_costs_no_attempt_and_loses_nothing(system: Harness) -> None:
    item = system.item(new_key())
    await system.have(Trouble.LIMITED)
    outcome = (await send(system, [item])).of(item)
    assert isinstance(outcome, TryLater)
    assert outcome.free
    assert outcome.after_s is not None
    await system.have(Trouble.NONE)
    assert isinstance((await send(system, [item])).of(item), Accepted)


async def test_a_closed_port_is_certainly_not_sent(system: Harness) -> None:
    item = system.item(new_key())
    await system.have(Trouble.DOWN)
    outcome = (await send(system, [item])).of(item)
    assert isinstance(outcome, TryLater)
    assert outcome.fault
    await system.have(Trouble.NONE)
    assert isinstance((await send(system, [item])).of(item), Accepted)
    assert system.effects(item.key) == 1


@pytest.mark.parametrize("trouble", IN_DOUBT, ids=lambda trouble: trouble.name.lower())
async def test_a_message_in_doubt_never_takes_effect_twice(system: Harness, trouble: Trouble) -> None:
    item = system.item(new_key())
    await warm_up(system)
    await system.have(trouble)
    outcome = (await send(system, [item])).of(item)
    if system.settles_by_looking:
        assert isinstance(outcome, Unclear)
    else:
        assert isinstance(outcome, TryLater | Accepted)
    await system.have(Trouble.NONE)
    known = (await look_up(system, [item])).of(item)
    if isinstance(known, NotThere):
        again = replace(item, attempt=2)
        assert isinstance((await send(system, [again])).of(again), Accepted)
    else:
        assert isinstance(known, Accepted)
    assert system.effects(item.key) == 1


@pytest.mark.parametrize("trouble", IN_DOUBT, ids=lambda trouble: trouble.name.lower())
async def test_a_change_in_doubt_is_written_whole_by_the_next_try(system: Harness, trouble: Trouble) -> None:
    key = new_key()
    first = system.item(key, 1)
    done = (await send(system, [first])).of(first)
    second = following(first, done, system.item(key, 2))
    await system.have(trouble)
    (await send(system, [second])).of(second)
    await system.have(Trouble.NONE)
    again = replace(second, attempt=2)
    assert isinstance((await look_up(system, [again])).of(again), NotThere | Accepted)
    assert isinstance((await send(system, [again])).of(again), Accepted)
    assert system.version(key) == 2
    assert system.effects(key) == (1 if system.settles_by_looking else 2)


async def test_what_was_never_sent_is_not_there(system: Harness) -> None:
    item = system.item(new_key())
    await warm_up(system)
    assert isinstance((await look_up(system, [item])).of(item), NotThere)
    assert system.effects(item.key) == 0


@pytest.mark.parametrize("trouble", list(Trouble), ids=lambda trouble: trouble.name.lower())
async def test_every_item_is_reported_once_whatever_happens(system: Harness, trouble: Trouble) -> None:
    items = [system.item(new_key()) for _ in range(3)]
    await system.have(trouble)
    sent, looked = await send(system, items), await look_up(system, items)
    assert [len({id(sent.of(item))}) + len({id(looked.of(item))}) for item in items] == [2, 2, 2]


@pytest.mark.parametrize("trouble", list(Trouble), ids=lambda trouble: trouble.name.lower())
async def test_no_outcome_tells_a_secret(system: Harness, trouble: Trouble) -> None:
    items = [system.item(new_key()) for _ in range(2)]
    await system.have(trouble)
    rows = (await send(system, items)).rows + (await look_up(system, items)).rows
    told = repr([outcome for _, outcome in rows])
    assert not [secret for secret in system.secrets if secret in told]


async def test_the_gate_is_charged_once_per_call(system: Harness) -> None:
    gate = TestGate()
    items = [system.item(new_key()) for _ in range(5)]
    await send(system, items, gate)
    assert len(gate.entered) == system.received > 0


async def test_a_held_gate_sends_nothing_and_costs_nothing(system: Harness) -> None:
    gate = TestGate(held=True)
    items = [system.item(new_key()) for _ in range(3)]
    reports = await send(system, items, gate)
    outcomes = [reports.of(item) for item in items]
    assert all(isinstance(outcome, TryLater) and outcome.free for outcome in outcomes)
    assert system.received == 0


async def test_the_marker_stays_the_same_over_tries(system: Harness) -> None:
    item = system.item(new_key())
    await system.have(Trouble.FAILS)
    await send(system, [item])
    await system.have(Trouble.NONE)
    await send(system, [replace(item, attempt=2)])
    assert len(system.markers(item.key)) == 1


async def test_a_stop_in_the_middle_reports_every_item_and_goes_through(system: Harness) -> None:
    items = [system.item(new_key()) for _ in range(system.connector.group_size)][:3]
    await system.have(Trouble.HANGS)
    reports = Reports()
    sending = asyncio.create_task(system.connector.send(items, TestGate(), reports))
    while not system.received:
        await asyncio.sleep(0.005)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert all(isinstance(reports.of(item), TryLater | Unclear) for item in items)


async def test_an_unfit_message_is_refused_alone(system: Harness) -> None:
    good, bad = system.item(new_key()), replace(system.item(new_key()), method="no.such.method")
    reports = await send(system, [bad, good])
    assert isinstance(reports.of(bad), Refused)
    assert isinstance(reports.of(good), Accepted)


async def warm_up(system: Harness) -> None:
    """Whatever a connector prepares once (columns of a project) is there before the trouble begins."""
    item = system.item(new_key())
    assert isinstance((await send(system, [item])).of(item), Accepted)
