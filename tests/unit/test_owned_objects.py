"""What a policy that lets everything through costs a message: nothing."""

from typing import Any, cast
from uuid import uuid4

from posrednik.domain.ownership import Policy
from posrednik.store.db import Tx
from posrednik.store.inbox import Base
from posrednik.store.mirror import State
from posrednik.usecases.owned_objects import screen
from posrednik.usecases.take_objects import Arrived

BASE = Base(uuid4(), "УТ", "Europe/Moscow", 60, None, 1, None, 0, 0)
BODY = '{"code":"1","name":"Термос","unit":"шт"}'


def arrived(count: int) -> list[Arrived]:
    return [Arrived(State("product", str(uuid4()), "1", b"", (1, 1, i), False, True, None, BODY)) for i in range(count)]


class Asked:
    """Stands for a transaction; counts what it is asked."""

    def __init__(self) -> None:
        self.queries: list[str] = []

    async def fetch(self, query: str, _: Any) -> list[Any]:
        self.queries.append(query)
        return []


async def screened(rows: dict[str, list[str]], count: int = 1000) -> tuple[bool, list[str]]:
    """Whether the objects were left as they are, and what the database was asked."""
    tx, objects = Asked(), arrived(count)
    found = await screen(cast(Tx, tx), BASE, Policy(rows), objects)
    assert found.ends(["applied"] * count) == ["applied"] * count
    return found.arrived is objects, tx.queries


async def test_the_default_policy_looks_at_no_object_and_asks_nothing() -> None:
    assert await screened({}) == (True, [])


async def test_a_row_of_another_kind_or_of_this_very_base_asks_nothing() -> None:
    assert await screened({"order.comment": ["site"]}) == (True, [])
    assert await screened({"product.name": ["base:УТ"]}) == (True, [])


async def test_otherwise_a_message_costs_one_question_however_many_objects_it_has() -> None:
    assert await screened({"product.article": ["site"]}) == (False, ["mirror_content"])
