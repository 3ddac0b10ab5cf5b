"""Lines for the chat of a task: which events are told, in which words, and by which way they go."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from tests.unit.notes_portal import LOST, FakeCalls, Refusal

from posrednik.connectors.base import Accepted, Item, NotThere, Outcome, TryLater, Unclear
from posrednik.connectors.bitrix24 import wire
from posrednik.connectors.bitrix24.comments import Comments, mark
from posrednik.connectors.bitrix24.wire import Kind
from posrednik.domain.events import Actor, Event
from posrednik.domain.routes import SAY, TABLE
from posrednik.domain.task_notes import line_of
from posrednik.domain.texts_notes import LINES
from posrednik.kit.ids import uuid7

AT = datetime(2026, 11, 22, 11, 5, tzinfo=UTC)


def event(event_type: str, *, data: Any = None, actor: Actor | None = None, **snapshot: Any) -> Event:
    lines = [{"line": "1", "name": "Термос", "refused_milli": 0, "accepted_milli": 2000}]
    delivery = {
        "id": str(uuid4()), "time_zone": "Europe/Moscow", "amount_taken_kop": 245000, "amount_due_kop": 245000,
        "payment_method": "cash", "reason_title": None, "courier": {"ref": "c", "name": "Иван"}, "lines": lines,
        "goods_out": False,
    } | snapshot  # fmt: skip
    who = actor or Actor("courier", "c", "Иван Петров")
    return Event(event_type, "delivery", uuid4(), 2, AT, who, "d", False, {**(data or {}), "delivery": delivery})


def test_a_hand_over_tells_the_money_and_only_what_differs() -> None:
    assert line_of(event("delivery.handed_over")) == (
        "Отдано 22.11 14:05, Иван Петров. Получено 2\u2009450\u00a0₽, наличными."
    )
    short = event("delivery.handed_over", data={"difference_reason": "скидка"}, amount_taken_kop=200000)
    assert line_of(short).endswith("К получению было 2\u2009450\u00a0₽. Причина: скидка.")
    refused = [{"line": "1", "name": "Термос", "refused_milli": 1500}]
    assert line_of(event("delivery.handed_over", lines=refused)).endswith("Отказ: Термос × 1,5.")


def test_a_failed_delivery_tells_why_and_when_next() -> None:
    told = event("delivery.not_delivered", data={"reason": "not_home", "comment": "темно", "next_date": "2026-11-25"})
    assert line_of(told) == (
        "Не вручено 22.11 14:05, Иван Петров: нет дома. Комментарий: темно Новая дата: 25.11.2026."
    )
    own = event("delivery.not_delivered", data={"reason": "x1"}, reason_title="Закрыт шлагбаум")
    assert "Закрыт шлагбаум" in line_of(own)


def test_a_cancellation_by_1c_says_what_it_was_in_words() -> None:
    told = event("delivery.cancelled", data={"reason": "order_deleted"}, actor=Actor("onec"), goods_out=True)
    assert line_of(told) == (
        "Доставка отменена 22.11 14:05, 1С. Причина: заказ помечен на удаление в 1С. "
        "Товар у курьера, его нужно вернуть на склад."
    )


@pytest.mark.parametrize("lang", ["ru", "en"])
@pytest.mark.parametrize("event_type", sorted(LINES))
def test_every_event_that_is_said_has_words(event_type: str, lang: str) -> None:
    lines = [{"line": "1", "quantity_milli": 1000}]
    told = line_of(event(event_type, data={"lines": lines, "reason": "other", "correction_reason": "ошибка"}), lang)
    assert told
    assert "{" not in told


def test_what_is_routed_to_the_chat_has_words_and_nothing_else_has() -> None:
    assert {name for name, routes in TABLE.items() if SAY in routes} == set(LINES)


# -- the way


class Facts:
    async def tasks_of(self, deliveries: Collection[str]) -> Mapping[str, str]:
        return {one: one for one in deliveries}

    async def photo(self, sha256: str) -> bytes | None:
        return None

    async def audience(self, division: str, about: str) -> Sequence[int]:
        return ()


def item(task: int = 5, text: str = "Отдано") -> Item:
    return Item(uuid7(), f"talk:{task}", "task.say", {"delivery": str(task), "text": text})


class Chats:
    """v3, im: whether this way is open to us."""

    def __init__(self, *, v3: bool = True, im: bool = True, chat: int | None = 7) -> None:
        self.v3, self.im, self.chat = v3, im, chat
        self.said: list[tuple[str, str]] = []

    def serve(self, method: str, params: Mapping[str, Any]) -> Any:
        if method == wire.TASK_GET:
            return {"task": {"id": "5", "chatId": self.chat}}
        if method == wire.CHAT_SEND and not self.v3:
            raise Refusal("http_404", Kind.ABSENT)
        if method in (wire.MESSAGE_ADD, wire.MESSAGES_GET) and not self.im:
            raise Refusal("insufficient_scope", Kind.ACCESS)
        if method == wire.MESSAGES_GET:
            return {"messages": [{"id": n, "text": text} for n, (_, text) in enumerate(self.said)]}
        if method == wire.COMMENT_LIST:
            return [{"POST_MESSAGE": text} for _, text in self.said]
        fields = params.get("fields") or params.get("1") or params
        text = next(fields[name] for name in ("text", "MESSAGE", "POST_MESSAGE") if name in fields)
        self.said.append((method, text))
        return 1


async def do(chats: Chats, *items: Item, look: bool = False, lost: frozenset[int] = frozenset()) -> list[Any]:
    calls, told = FakeCalls(chats.serve, lost), dict[str, Outcome | NotThere]()
    acts = Comments(Facts())
    await (acts.look_up if look else acts.send)(calls, items, lambda one, out: told.update({one.key: out}))  # type: ignore[arg-type]
    return [told[one.key] for one in items]


@pytest.mark.parametrize(
    ("chats", "ways"),
    [
        (Chats(), [wire.CHAT_SEND]),
        (Chats(v3=False, chat=None), [wire.COMMENT_ADD]),
        (Chats(v3=False, im=False), [wire.COMMENT_ADD]),
    ],
)
async def test_a_line_goes_the_best_way_that_is_open(chats: Chats, ways: list[str]) -> None:
    assert isinstance((await do(chats, item()))[0], Accepted)
    assert [way for way, _ in chats.said] == ways


async def test_many_go_to_their_chats_and_without_that_right_by_v3() -> None:
    chats, closed = Chats(), Chats(im=False)
    for one in (chats, closed):
        await do(one, *(item(n) for n in range(1, 6)))
    assert {way for way, _ in chats.said} == {wire.MESSAGE_ADD}
    assert {way for way, _ in closed.said} == {wire.CHAT_SEND}


async def test_each_line_ends_with_its_mark_and_is_found_by_it() -> None:
    chats, one = Chats(), item(text="[B]$result[a][/B]")
    (outcome,) = await do(chats, one, lost=frozenset({1}))
    assert isinstance(outcome, Unclear)
    assert chats.said[0][1].splitlines()[-1] == mark(one)
    assert "[B]" not in chats.said[0][1]
    assert isinstance((await do(chats, one, look=True))[0], Accepted)
    assert isinstance((await do(chats, item(), look=True))[0], NotThere)


async def test_where_nobody_may_look_a_line_counts_as_written() -> None:
    chats = Chats(im=False)
    (outcome,) = await do(chats, item(), look=True)
    assert isinstance(outcome, Accepted)
    assert outcome.code == "not_checked"


async def test_a_look_up_that_fails_is_repeated() -> None:
    (outcome,) = await do(Chats(), item(), look=True, lost=frozenset({2}))
    assert isinstance(outcome, TryLater)
    assert outcome.why == LOST.why
