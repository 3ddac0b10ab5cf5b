"""Rules of the exchange that hold for all inputs (design.md §4, numbers in the names)."""

import asyncio
import json
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.flow.exchange_client import (
    COURIER,
    DIVISION,
    Service,
    command,
    courier,
    division,
    line,
    order,
    product,
    running,
    warehouse,
)  # fmt: skip
from tests.flow.exchange_client import settings as configured
from tests.pg import Databases

FAST = settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)  # fmt: skip
ORDERS = [f"0{n}000000-0000-4000-8000-00000000000{n}" for n in (1, 2)]


def _object(draw: Any) -> dict:
    ref, note = draw(st.sampled_from(ORDERS)), draw(st.sampled_from("абв"))
    return draw(st.sampled_from([
        division(name=note), warehouse(), product(name=note), courier(),
        {"kind": "division", "ref": DIVISION, "data": {}},
        order(ref, comment=note), order(ref, delivery_price=draw(st.sampled_from(["0", "100"]))),
        order(ref, lines=[line(quantity=draw(st.integers(0, 2)))]),
    ]))  # fmt: skip


objects = st.composite(_object)()


@st.composite
def series(draw: Any) -> list[dict]:
    """Messages of objects; «Готов» and others only in the last, after everything has come in some order."""
    return [{"number": n, "objects": draw(st.lists(objects, max_size=4)), "commands": []}
            for n in range(1, draw(st.integers(2, 6)))]  # fmt: skip


# A last word on everything, so that all series end in it.
LAST = {
    "objects": [division(), warehouse(), product(), courier(), *(order(ref, number=ref[:2]) for ref in ORDERS)],
    "commands": [command("delivery.ready", ref, ref.replace("0", "a"), courier=COURIER) for ref in ORDERS],
}


async def result(service: Service) -> dict:
    """All that a series of messages may leave behind, without what is new at each run."""
    mirror = await service.rows(
        "SELECT kind, ref, version, deleted, posted, data, epoch_no, number FROM mirror ORDER BY kind, ref"
    )
    deliveries = await service.rows("SELECT order_ref, stage, version, doc FROM delivery ORDER BY order_ref")
    for row in deliveries:
        row["doc"] = {k: v for k, v in row["doc"].items() if k not in ("id", "ready_at", "made_at")}
    waiting = await service.rows("SELECT kind, ref, data FROM waiting_object ORDER BY kind, ref")
    return json.loads(json.dumps([mirror, deliveries, waiting], default=str))


async def taken(dsn: str, messages: list[dict], at_once: int = 1) -> Any:
    """A fresh service that gets these messages. at_once: how many run at the same time."""
    async with running(dsn, configured()) as service:
        service.onec.epoch = "e0000000-0000-4000-8000-000000000001"
        bodies = [json.dumps(service.onec.envelope(**message)).encode() for message in messages]
        for start in range(0, len(bodies), at_once):
            answers = await asyncio.gather(
                *(service.onec.post("messages", body) for body in bodies[start : start + at_once])
            )
            assert {a.status_code for a in answers} == {200}, answers[0].text
        return await result(service)


@pytest.fixture(scope="module")
def fresh(database_server: Databases) -> Any:
    """Runs messages on a database of their own."""

    def run(messages: list[dict], at_once: int = 1) -> Any:
        with database_server.migrated() as dsn:
            return asyncio.run(taken(dsn, messages, at_once))

    return run


@FAST
@given(messages=series(), seed=st.integers(0, 2**32), at_once=st.integers(1, 3))
def test_2_any_order_and_any_repetition_of_messages_end_in_the_same_state(
    fresh: Any, messages: list[dict], seed: int, at_once: int
):
    last = {"number": 100, **LAST}
    rng = random.Random(seed)
    mixed = messages + rng.choices(messages, k=3)
    rng.shuffle(mixed)
    assert fresh([*mixed, last, *rng.choices(messages, k=2), last], at_once) == fresh([*messages, last])


@FAST
@given(messages=series())
def test_9_splitting_a_message_into_many_ends_in_the_same_state(fresh: Any, messages: list[dict]):
    whole = [one for message in messages for one in message["objects"]]
    split = [{"number": n, "objects": [one], "commands": []} for n, one in enumerate(whole, 1)]
    one_last = {"number": 100, **LAST}

    def without_numbers(state: Any) -> Any:
        mirror, deliveries, waiting = state
        return [{k: v for k, v in row.items() if k != "number"} for row in mirror], deliveries, waiting

    together = fresh([{"number": 1, "objects": whole, "commands": []}, one_last])
    assert without_numbers(together) == without_numbers(fresh([*split, one_last]))


@FAST
@given(messages=series())
def test_1_what_was_answered_is_there_for_a_service_that_starts_anew(database_server: Databases, messages: list[dict]):
    async def both(dsn: str) -> tuple[Any, Any]:
        before = await taken(dsn, messages)
        async with running(dsn) as service:
            return before, await result(service)

    with database_server.migrated() as dsn:
        before, after = asyncio.run(both(dsn))
        assert before == after


WRITES = [{"name": "Чужое"}, {"code": "x", "unit": "шт", "name": "Чужое"}]


def test_8_no_door_but_that_of_1c_writes_what_1c_owns(database_server: Databases):
    """The mirror has one writer: nothing that people, subscribers or another base may call changes it."""

    async def attempt(dsn: str) -> None:
        async with running(dsn) as service:
            _, delivery = await service.picked_up()
            before = await service.mirror()
            for action in ("depart", "hand_over", "settle", "customer_return"):
                await service.person(
                    "POST", f"/api/v1/board/deliveries/{delivery['id']}/actions",
                    {"action": action, "lines": [{"line": "1", "quantity": 1, "price": "1.00"}], "delivery_price": "1"},
                )  # fmt: skip
            paths = (await service.client.get("/api/v1/openapi.json")).json()["paths"]
            for path in paths:
                if not path.startswith("/api/v1/exchange"):
                    for body in WRITES:
                        await service.person("POST", path.replace("{delivery_id}", delivery["id"]), body)
            assert await service.mirror() == before

    with database_server.migrated() as dsn:
        asyncio.run(attempt(dsn))
