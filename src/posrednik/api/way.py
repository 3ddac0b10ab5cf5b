"""«Где мой заказ»: one order's whole way through all systems, and why it waits if it waits."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from posrednik.api.shapes import card, destination_title, known
from posrednik.domain.deliveries import Delivery
from posrednik.domain.texts_notes import MESSAGES
from posrednik.store import views
from posrednik.store.db import Database, Row
from posrednik.usecases.order_facts import Rules

MOST_STEPS = 500
_decoder = msgspec.json.Decoder(Delivery)
Plain = dict[str, Any]

EVENTS = {
    "delivery.readied": "Готов", "delivery.assigned": "Назначен курьер", "delivery.changed": "Изменена доставка",
    "delivery.picked_up": "Забрал", "delivery.departed": "В пути", "delivery.handed_over": "Отдал",
    "delivery.not_delivered": "Не вручено", "delivery.retried": "Повторная доставка",
    "delivery.returned": "Возврат", "delivery.customer_returned": "Возврат от покупателя",
    "delivery.settled": "Сдал деньги", "delivery.withdrawn": "«Готов» снят", "delivery.cancelled": "Отменено",
    "delivery.done_by_another": "Сделано другим курьером", "command.finished": "Команда выполнена",
    "exchange.send_slice": "Срез запрошен заново",
    "exchange.send_again": "Запрошено всё, что потеряла копия",
    "exchange.send_digests": "Запрошена сверка",
    "exchange.send_sample": "Запрошена выборка для сверки",
    "incident.raised": "Нужно решение", "incident.decided": "Решено",
    "delivery.corrected": "Исправлено", "delivery.give_back_claimed": "Везёт на склад",
}  # fmt: skip
_KINDS = {"message": "Сообщение из 1С", "object": "Заказ из 1С", "command": "Команда из 1С", "action": "Действие",
          "dispatch": "Отправка", "shadow": "Теневой режим", "contradiction": "Расхождение",
          "decision": "Решение"}  # fmt: skip
_TROUBLE = {"dead", "disabled", "paused"}  # an open breaker probes by itself: that is waiting


async def way(db: Database, rules: Rules, q: str, divisions: Iterable[str] | None = None) -> Plain:
    """Found orders; with exactly one of them its way. divisions: only orders of these, None = of all."""
    rows = await views.orders_found(db, q, divisions)
    found = [{"order_ref": r.ref, "number": r.number, "site_number": r.site_number, "base": r.base} for r in rows]
    if len(rows) != 1:
        return {"found": found}
    return {"found": found, "way": await _way(db, rules, rows[0])}


async def _way(db: Database, rules: Rules, row: Row) -> Plain:
    order = await views.order(db, row.base_id, row.ref)
    delivery = _decoder.decode(order.delivery) if order is not None and order.delivery else None
    bases = {str(b.id): b.name for b in await views.bases(db)}
    destinations = {d.name: destination_title(d.name, d.kind, d.url, bases) for d in await views.destinations(db)}
    journal = await views.order_journal(db, UUID(row.ref), MOST_STEPS)
    events = await views.order_events(db, UUID(row.ref))
    return {
        "order": await _order(db, row, order),
        "delivery": await _card(db, rules, delivery, order) if delivery and order else None,
        "systems": await _systems(db, delivery, destinations, journal),
        "steps": sorted([*map(_event_step, events), *(_journal_step(j, destinations) for j in journal)],
                        key=lambda step: step["at"]),
    }  # fmt: skip


async def systems_of(db: Database, delivery: Delivery) -> list[Plain]:
    """Where a delivery is in each system, and why it waits there."""
    bases = {str(b.id): b.name for b in await views.bases(db)}
    titles = {d.name: destination_title(d.name, d.kind, d.url, bases) for d in await views.destinations(db)}
    journal = await views.order_journal(db, UUID(delivery.order_ref), MOST_STEPS)
    return await _systems(db, delivery, titles, journal)


async def _card(db: Database, rules: Rules, delivery: Delivery, order: Row) -> Plain:
    marks = await views.marks(db, [delivery])
    return card(delivery, await known(db, rules), marks[delivery.id], order.delivery_changed_at)


async def _order(db: Database, row: Row, order: Row | None) -> Plain:
    waits, quarantined = await views.order_parts(db, row.base_id, row.ref)
    return {
        "ref": row.ref, "number": row.number, "site_number": row.site_number,
        "base": {"id": str(row.base_id), "name": row.base},
        "received_at": order.received_at.isoformat() if order else None,
        "message_number": order.number if order else None,
        "waiting_for": [{"kind": w.needed_kind, "ref": w.needed_ref} for w in waits],
        "quarantined": [{"code": x.code, "message": x.message, "at": x.received_at.isoformat()} for x in quarantined],
    }  # fmt: skip


async def _systems(
    db: Database, delivery: Delivery | None, titles: dict[str, str], journal: Sequence[Row]
) -> list[Plain]:
    lanes = await views.order_lanes(db, [f"delivery:{delivery.id}"]) if delivery else []
    by_destination = {lane.destination: lane for lane in lanes}
    done_at = {j.system: j.at for j in journal if j.kind == "attempt" and j.outcome in ("accepted", "found")}
    return [_system(name, title, by_destination.get(name), done_at.get(name)) for name, title in titles.items()]


def _system(name: str, title: str, lane: Row | None, last_at: Any) -> Plain:
    kind = name.partition(":")[0]
    told: Plain = {"destination": name, "kind": kind, "title": title, "state": "nothing", "text": "Сюда ничего не шло",
                   "due_at": None, "waiting": 0, "last_at": last_at.isoformat() if last_at else None,
                   "remote_id": lane.remote_id if lane else None}  # fmt: skip
    if lane is None:
        return told
    if lane.depth == 0:
        return {
            **told,
            "state": "done" if last_at else "nothing",
            "text": "Всё доставлено" if last_at else told["text"],
        }
    state = "trouble" if lane.why in _TROUBLE else "waiting"
    due_at = lane.due_at.isoformat() if lane.due_at else None
    return {**told, "state": state, "text": lane.why_text, "due_at": due_at, "waiting": lane.depth}


def _event_step(row: Row) -> Plain:
    actor = msgspec.json.decode(row.actor)
    who = actor.get("name") or {"onec": "1С", "system": "Посредник"}.get(actor["kind"], actor["kind"])
    return _step(row.recorded_at, "event", "posrednik", row.type, EVENTS.get(row.type, row.type),
                 f"{who}, версия {row.version}", event_id=row.id)  # fmt: skip


def _journal_step(row: Row, titles: dict[str, str]) -> Plain:
    system = titles.get(row.system, row.system)
    if row.kind == "attempt":
        title = f"{system}: {EVENTS.get(row.event_type, row.event_type or 'сообщение')}"
        title += f", {MESSAGES[row.method][0]}" if row.method in MESSAGES else ""
    else:
        title = _KINDS.get(row.kind, row.kind)
    return _step(row.at, row.kind, row.system, row.outcome, title, row.summary, attempt=row.attempt,
                 duration_ms=row.duration_ms, code=row.code or None, event_id=row.event_id)  # fmt: skip


def _step(
    at: Any, kind: str, system: str, outcome: str, title: str, text: str, *, attempt: int | None = None,
    duration_ms: int | None = None, code: str | None = None, event_id: UUID | None = None,
) -> Plain:  # fmt: skip
    return {
        "at": at.isoformat(), "kind": kind, "system": system, "outcome": outcome, "title": title, "text": text,
        "attempt": attempt, "duration_ms": duration_ms, "code": code, "event_id": str(event_id) if event_id else None,
    }  # fmt: skip
