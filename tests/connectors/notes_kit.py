"""Messages beside tasks against the sandbox's portal: checklists, lines of chats, photos, notices."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any
from uuid import uuid4

from tests.connectors.bitrix24_harness import GROUP, Bitrix24Harness, a_portal
from tests.connectors.harness import TestGate

from posrednik.connectors.base import Accepted, Item, NotThere, Outcome
from posrednik.connectors.bitrix24.acts import Acts
from posrednik.connectors.bitrix24.client import Bitrix24Connector
from posrednik.connectors.bitrix24.comments import Comments
from posrednik.connectors.bitrix24.notices import Notices
from posrednik.connectors.bitrix24.photos import Photos
from posrednik.connectors.bitrix24.steps import Steps
from posrednik.kit import http
from posrednik.kit.ids import uuid7
from posrednik_sandbox.portal import tasks
from posrednik_sandbox.portal.model import Task

NOW = "2026-11-22T11:05:00+00:00"


@dataclass
class FakeFacts:
    tasks: dict[str, str] = field(default_factory=dict)
    photos: dict[str, bytes] = field(default_factory=dict)
    people: dict[str, list[int]] = field(default_factory=dict)

    async def tasks_of(self, deliveries: Collection[str]) -> Mapping[str, str]:
        return {one: self.tasks[one] for one in deliveries if one in self.tasks}

    async def photo(self, sha256: str) -> bytes | None:
        return self.photos.get(sha256)

    async def audience(self, division: str, about: str) -> Sequence[int]:
        return self.people.get(about, [])


@dataclass
class Office:
    """A portal, what we know, and a connector that carries messages beside tasks."""

    made: Bitrix24Harness
    facts: FakeFacts
    now: float

    def a_task(self) -> str:
        """A delivery with a task; its id."""
        delivery = str(uuid4())
        task = tasks.create(self.made.portal, 1, {"title": "Доставка", "responsible_id": 7, "group_id": GROUP})
        self.facts.tasks[delivery] = str(task.id)
        return delivery

    def task(self, delivery: str) -> Task:
        task = self.made.portal.tasks.get(int(self.facts.tasks[delivery]))
        assert task is not None
        return task

    def photo(self, text: str = "фото") -> str:
        """A picture that has come; its SHA-256."""
        data = text.encode()
        name = sha256(data).hexdigest()
        self.facts.photos[name] = data
        return name

    async def send(self, *items: Item, look: bool = False, gate: TestGate | None = None) -> list[Outcome | NotThere]:
        told: dict[tuple[Any, str], Outcome | NotThere] = {}

        def report(item: Item, outcome: Outcome | NotThere) -> None:
            assert (item.id, item.key) not in told
            told[item.id, item.key] = outcome

        do = self.made.connector.look_up if look else self.made.connector.send
        await do(items, gate or TestGate(), report)
        return [told[item.id, item.key] for item in items]

    async def one(self, item: Item, **more: Any) -> Any:
        return (await self.send(item, **more))[0]

    def calls(self) -> dict[str, int]:
        return dict(self.made.portal.by_method)


@asynccontextmanager
async def an_office(**settings: Any) -> AsyncIterator[Office]:
    settings = {"client_id": "local.1", "public_url": "https://p.example", "timeout_s": 30.0, **settings}
    async with a_portal(**settings) as made:
        made.portal.new_card = True
        office = Office(made, FakeFacts(people={"incident": [2, 9], "alarm": [1]}), 0.0)
        session, told = http.new_session(), made.settings(**settings)

        def clock() -> float:
            return 1_795_345_500.0 + office.now  # 2026-11-22T11:05Z

        facts = office.facts
        acts: list[Acts] = [
            Steps(facts), Comments(facts, clock), Photos(facts, told, clock), Notices(facts, told, clock)
        ]  # fmt: skip
        made.connector = Bitrix24Connector(told, session, acts=acts)
        try:
            yield office
        finally:
            await session.close()


class Saboteur(TestGate):
    """Switches a fault on just before the call of this number."""

    def __init__(self, office: Office, call: int, fault: str) -> None:
        super().__init__()
        self._office, self._call, self._fault = office, call, fault

    async def enter(self, method: str) -> None:
        await super().enter(method)
        if len(self.entered) == self._call:
            self._office.made.portal.faults.set(self._fault, count=1)


def message(method: str, lane: str, body: Mapping[str, Any], **more: Any) -> Item:
    return Item(uuid7(), lane, method, dict(body), **more)


def again(item: Item, outcome: Outcome | NotThere | None = None, **body: Any) -> Item:
    """The next message of the lane, from what the last one left behind."""
    assert outcome is None or isinstance(outcome, Accepted)
    left = (outcome.remote_id, outcome.written) if outcome else (None, None)
    return replace(item, id=uuid7(), body={**item.body, **body}, remote_id=left[0], written=left[1])


def retried(item: Item) -> Item:
    return replace(item, attempt=item.attempt + 1)


def steps(delivery: str, *done: str, title: str = "Отдать заказ: фото, сумма") -> Item:
    rows = [
        {"key": "pick_up", "title": "Забрать заказ: сверить товары", "done": "pick_up" in done},
        {"key": "hand_over", "title": title, "done": "hand_over" in done},
    ]
    return message("steps.put", f"steps:{delivery}", {"delivery": delivery, "version": 1, "steps": rows})


def say(delivery: str, text: str = "Отдано, получено 2 450 ₽") -> Item:
    return message("task.say", f"talk:{delivery}", {"delivery": delivery, "text": text})


def photos(delivery: str, *hashes: str, at: str = NOW, **more: Any) -> Item:
    body = {
        "delivery": delivery, "order_number": "000-000123", "step": "delivery.handed_over", "at": at,
        "time_zone": "Europe/Moscow", "photos": list(hashes),
        "division": {"ref": "5b4f0b0e-0000-4000-8000-000000000001", "name": "Центр", "group": str(GROUP)},
    }  # fmt: skip
    return message("photos.put", f"photos:{delivery}:handed_over", body | more)


def notice(delivery: str, about: str = "new", user: str = "7", **more: Any) -> Item:
    body = {
        "delivery": delivery, "user": user, "about": about, "changed": [], "order_number": "000-000123",
        "address": "ул. Ленина, 10", "window": {"from_at": "2026-11-22T07:00:00+00:00", "to_at": None},
        "time_zone": "Europe/Moscow", "next_date": None, "amount_due_kop": 245000, "goods_out": False, "at": NOW,
    }  # fmt: skip
    return message("notice.put", f"notice:{delivery}:{user}", body | more)


def incident(number: str = "i1", state: str = "open", **more: Any) -> Item:
    body = {
        "incident": number, "division": "d", "state": state, "severity": "alarm", "what": "Сумма не сходится.",
        "order_number": "000-000123", "decided_by": "Ольга" if state == "decided" else None,
        "reason": "ошиблась" if state == "decided" else None, "at": NOW,
    }  # fmt: skip
    return message("notice.incident", f"notice:incident:{number}", body | more)
