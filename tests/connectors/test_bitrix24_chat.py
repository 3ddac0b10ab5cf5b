"""A line in a chat of the portal: put once, found when the answer got lost."""

from typing import Any

import pytest
from tests.connectors.bitrix24_harness import Bitrix24Harness, a_portal
from tests.connectors.bitrix24_steps import look_up, send

from posrednik.connectors.base import Accepted, Item, NotThere, Outcome, Refused, TryLater
from posrednik.connectors.bitrix24 import chat
from posrednik.kit.ids import uuid7


def line(text: str = "Неделя прошла спокойно", dialog: str = "chat1", **more: Any) -> Item:
    return Item(uuid7(), "status:all", chat.METHOD, {"dialog": dialog, "text": text, **more})


async def outcomes(made: Bitrix24Harness, items: list[Item], *, look: bool = False) -> list[Outcome | NotThere]:
    return await (look_up(made, *items) if look else send(made, *items))


async def test_a_line_stands_in_the_chat_with_its_number() -> None:
    async with a_portal() as made:
        item = line()
        assert [type(one) for one in await outcomes(made, [item])] == [Accepted]
        assert [row.text for row in made.portal.messages] == [f"Неделя прошла спокойно\n№ {item.id}"]


async def test_lines_and_tasks_of_one_group_both_arrive() -> None:
    async with a_portal() as made:
        task = made.item("delivery:5b4f0b0e-0000-4000-8000-0000000000aa")
        assert [type(one) for one in await outcomes(made, [line(), task])] == [Accepted, Accepted]
        assert made.effects(task.key) == 1


async def test_what_is_in_doubt_is_looked_for_by_its_number() -> None:
    async with a_portal() as made:
        sent, lost = line(), line()
        await outcomes(made, [sent])
        assert [type(one) for one in await outcomes(made, [sent, lost], look=True)] == [Accepted, NotThere]
        assert len(made.portal.messages) == 1


@pytest.mark.parametrize("item", [line(dialog=""), line(dialog="chat999")])
async def test_a_chat_that_is_not_there_is_a_no_and_not_a_loss(item: Item) -> None:
    async with a_portal() as made:
        (outcome,) = await outcomes(made, [item])
        assert isinstance(outcome, Refused | TryLater)
        assert not list(made.portal.messages)


async def test_a_body_without_a_chat_is_refused() -> None:
    async with a_portal() as made:
        for look in (False, True):
            (outcome,) = await outcomes(made, [Item(uuid7(), "status:all", chat.METHOD, {"text": "x"})], look=look)
            assert isinstance(outcome, Refused)
