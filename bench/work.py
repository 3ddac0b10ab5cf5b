"""The events that everybody delivers: changes of deliveries, five or so to a delivery, ~600 bytes to a POST."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from posrednik.domain.events import Actor, Data, Event
from posrednik.domain.publication import site_body
from posrednik.kit.ids import uuid7

BASE = UUID("5a4b1c00-0000-4000-8000-000000000001")
DIVISION = "5b4f0b0e-0000-4000-8000-000000000001"
SECRET = "whsec_" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
NOTE = "Покупатель просил позвонить за час и оставить у соседей, если его не будет дома до семи вечера. " * 2


@dataclass(frozen=True, slots=True)
class Job:
    """One event. body: the POST's content, the same bytes for every contender."""

    id: UUID
    key: str
    event: Event
    body: bytes


def jobs(count: int, keys: int) -> list[Job]:
    """`count` events round robin over `keys` deliveries, versions 1, 2, …"""
    ids = [uuid7() for _ in range(keys)]
    return list(_jobs(count, ids))


def _jobs(count: int, ids: list[UUID]) -> Iterator[Job]:
    now = datetime.now(UTC)
    for number in range(count):
        delivery, version = ids[number % len(ids)], number // len(ids) + 1
        event = an_event(delivery, version, now)
        made = uuid7()
        yield Job(made, f"delivery:{delivery}", event, msgspec.json.encode(site_body(made, event)))


def an_event(delivery: UUID, version: int, now: datetime) -> Event:
    data: Data = {"delivery": a_snapshot(delivery, version)}
    return Event(
        "delivery.changed", "delivery", delivery, version, now, Actor("onec", str(BASE), "Анна"), DIVISION, False,
        data, cause_base=BASE,
    )  # fmt: skip


def a_snapshot(delivery: UUID, version: int) -> Data:
    """A whole delivery as domain/events.py tells it."""
    number = f"000-{delivery.int % 1_000_000:06d}"
    line = {"line": "1", "product": str(delivery), "name": "Термос 0,75 л", "unit": "шт", "quantity_milli": 2000,
            "price_kop": 99000, "sum_kop": 198000, "accepted_milli": None, "refused_milli": 0}  # fmt: skip
    return {
        "id": str(delivery), "base_id": str(BASE), "version": version, "stage": "ready", "on_board": True,
        "closed": False, "trial": False, "time_zone": "Europe/Moscow", "warehouse_ref": None,
        "recipient": {"name": "Мария Соколова", "phone": "+79161234567"},
        "address": {"text": "ул. Ленина, 10", "entrance": "2", "floor": "5", "flat": "17", "intercom": "17К",
                    "latitude": 55.7512, "longitude": 37.6184},
        "window": None, "comment": f"Позвонить за час, версия {version}", "lines": [line],
        "order": {"ref": str(delivery), "number": number, "site_number": "S-77"},
        "courier": {"ref": str(BASE), "name": "Иван Петров", "bitrix24_user": "7"},
        "division": {"ref": DIVISION, "name": "Центр", "group": "11"}, "holder": None, "handed_over_by": None,
        "delivery_price_kop": 47000, "prepaid_kop": 0, "amount_due_kop": 245000, "amount_taken_kop": None,
        "payment_method": "cash", "receipt": True, "reason": NOTE[:120], "reason_title": None, "next_date": None,
    }  # fmt: skip
