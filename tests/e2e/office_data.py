"""What the fake office shows: invented orders in the shapes of the pages API."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]

BASE: Json = {"id": "b1", "name": "Торговля"}
MOSCOW: Json = {"ref": "d1", "name": "Москва"}
KAZAN: Json = {"ref": "d2", "name": "Казань"}
PETROV: Json = {"ref": "c1", "name": "Петров Иван", "division": "d1"}
SIDOROV: Json = {"ref": "c2", "name": "Сидоров Пётр", "division": "d1"}
REASONS = [
    {"code": "not_home", "title": "нет дома"},
    {"code": "refused", "title": "отказ"},
    {"code": "rescheduled", "title": "перенос"},
]
PEOPLE = ("Ирина П.", "Олег С.", "Марина К.", "Сергей Л.", "Татьяна Ж.", "Павел Н.")
STREETS = (
    "ул. Ленина, 10",
    "пр. Мира, 118, корп. 2",
    "Садовая-Кудринская ул., 3А",
    "ул. Гагарина, 7",
    "наб. Тараса Шевченко, 23",
)
GOODS = (
    ("Термос 1 л, стальной", "шт", "2", "990.00", "1980.00"),
    ("Плед шерстяной 150×200, серый", "шт", "1", "1450.50", "1450.50"),
    ("Сыр «Российский»", "кг", "1.25", "640.00", "800.00"),
)


def ago(seconds: float) -> str:
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()


def a_delivery(n: int, stage: str, **changes: Any) -> Json:
    goods = GOODS[: 1 + n % 3]
    due = sum(float(g[4]) for g in goods) + 300
    lines = [
        {
            "line": str(i + 1),
            "name": g[0],
            "unit": g[1],
            "quantity": g[2],
            "price": g[3],
            "sum": g[4],
            "accepted": None,
            "refused": None,
            "carried": None,
        }
        for i, g in enumerate(goods)
    ]
    address = {"text": STREETS[n % 5], "entrance": "2", "floor": "4", "flat": str(10 + n), "intercom": f"{10 + n}К"}
    window = {"from": ago(-3600 * (1 + n % 4)), "to": ago(-3600 * (3 + n % 4))}
    one = {
        "id": f"0199-{n:03d}",
        "order_ref": f"ref-{n}",
        "order_number": f"000-{n:06d}",
        "site_number": f"{7000 + n}" if n % 3 else None,
        "stage": stage,
        "version": 1,
        "courier": None if stage == "ready" and n % 2 else (PETROV if n % 2 else SIDOROV),
        "division": KAZAN if n % 5 == 0 else MOSCOW,
        "recipient": {"name": PEOPLE[n % 6], "phone": f"+7912***67{n % 100:02d}"},
        "address": address,
        "window": window if n % 4 else None,
        "time_zone": "Europe/Moscow",
        "comment": "Позвонить за час, домофон не работает" if n % 2 else None,
        "lines": lines,
        "delivery_price": "300.00",
        "prepaid": "0.00",
        "amount_due": f"{due:.2f}",
        "amount_due_by_hand": n % 4 == 1,
        "amount_taken": f"{due:.2f}" if stage in ("handed_over", "settled") else None,
        "payment_method": "cash" if stage in ("handed_over", "settled") else None,
        "reason": "not_home" if stage == "not_delivered" else None,
        "next_date": None,
        "claimed_back": None,
        "incidents": 0,
        "photos": 0,
        "trial": n == 7,
        "changed_at": ago(60 * n),
    }
    return one | changes


def first_deliveries() -> list[Json]:
    stages = (
        ("ready",) * 5
        + ("picked_up",) * 3
        + ("en_route",) * 4
        + ("handed_over",) * 3
        + ("settled",) * 2
        + ("not_delivered",)
    )
    return [a_delivery(123 + i, stage) for i, stage in enumerate(stages)]


def board(deliveries: Sequence[Json] = (), query: Json | None = None) -> Json:
    wanted = query or {}
    shown = [d for d in deliveries if _fits(d, wanted)]
    return {
        "cards": [a_card(d) for d in shown],
        "cursor": "1:1:",
        "next": None,
        "deliveries": shown,
        "counts": dict(Counter(d["stage"] for d in shown)),
        "couriers": [PETROV, SIDOROV],
        "divisions": [MOSCOW, KAZAN],
        "reasons": REASONS,
    }


def a_card(one: Json) -> Json:
    """What a column shows of a delivery."""
    differs = one["amount_taken"] not in (None, one["amount_due"])
    trouble = {"kind": "far_from_address", "what": f"Заказ {one['order_number']} отдан в 640 м от адреса."}
    left_out = ("lines", "comment", "delivery_price", "prepaid", "amount_due_by_hand", "reason")
    return {key: value for key, value in one.items() if key not in left_out} | {
        "planned_day": one["changed_at"][:10], "left_over": False, "since": ago(2400),
        "discrepant": differs or one["incidents"] > 0, "trouble": trouble if one["incidents"] else None,
        "on_hand": one["amount_taken"] if one["stage"] == "handed_over" else "0.00",
        "claimed_back": one["claimed_back"] is not None, "place": None if one["stage"] == "ready" else True,
        "comments": len(one.get("comments", [])),
    }  # fmt: skip


def whole(one: Json) -> Json:
    """The card by its own request."""
    taken = {"at": ago(600), "title": "Получено при вручении", "account": "наличные у курьера", "courier": PETROV}
    money = [taken | {"sum": one["amount_taken"]}] if one["amount_taken"] else []
    return one | {
        "planned_day": one["changed_at"][:10], "discrepant": False, "money": money, "systems": systems_of(one),
        "comments": one.get("comments", []),
    }  # fmt: skip


def _fits(one: Json, query: Json) -> bool:
    text = f"{one['order_number']} {one['address']['text']} {one['recipient']['name']}".lower()
    courier = one["courier"]["ref"] if one["courier"] else None
    return (
        query.get("q", "").lower() in text
        and query.get("courier") in (None, courier)
        and query.get("division") in (None, one["division"]["ref"])
    )


def systems_of(one: Json) -> list[Json]:
    waits = (
        "Магазин отвечает 503 «Сайт на обслуживании». Это пройдёт само: повторяем по расписанию, порядок сохранится."
    )
    return [
        {
            "destination": "onec:b1",
            "kind": "onec",
            "title": "1С",
            "state": "done",
            "text": "Все события заказа переданы и подтверждены.",
            "due_at": None,
            "waiting": 0,
            "last_at": ago(40),
            "remote_id": None,
        },
        {
            "destination": "bitrix24",
            "kind": "bitrix24",
            "title": "Битрикс24",
            "state": "done",
            "text": "Задача курьера создана и показывает стадию доставки.",
            "due_at": None,
            "waiting": 0,
            "last_at": ago(38),
            "remote_id": "4217",
        },
        {
            "destination": "site:1",
            "kind": "site",
            "title": "Сайт",
            "state": "waiting",
            "text": waits,
            "due_at": ago(-95),
            "waiting": 2,
            "last_at": ago(25),
            "remote_id": None,
        },
    ]


def a_step(at: float, kind: str, system: str, outcome: str, title: str, text: str = "", **more: Any) -> Json:
    return {
        "at": ago(at),
        "kind": kind,
        "system": system,
        "outcome": outcome,
        "title": title,
        "text": text,
        "attempt": None,
        "duration_ms": None,
        "code": None,
        "event_id": None,
    } | more


def steps_of(one: Json) -> list[Json]:
    return [*_came(), *_made_ready(), *_picked_up(one)]


def _came() -> list[Json]:
    return [
        a_step(90_000, "message", "onec:b1", "accepted", "Сообщение № 1043 из 1С", "14 объектов, 1 команда",
               duration_ms=41),
        a_step(89_999, "object", "onec:b1", "applied", "Заказ обновлён", "Адрес и 2 строки товаров, сообщение № 1043"),
    ]  # fmt: skip


def _made_ready() -> list[Json]:
    silent, found = (
        "Портал не ответил за 30 с; проверим, создана ли задача",
        "Задача нашлась по нашей метке, второй не будет",
    )
    return [
        a_step(300, "command", "onec:b1", "done", "Команда «Готов»", "Нажал менеджер Соколова А."),
        a_step(299, "event", "posrednik", "", "Доставка готова", "Версия 1: в Битрикс24 и на сайт", event_id="e1"),
        _attempt(297, "bitrix24", "unclear", "Создание задачи", silent, (1, 30012, "timeout"), "e1"),
        _attempt(236, "bitrix24", "found", "Создание задачи", found, (2, 184, "200"), "e1"),
        _attempt(235, "site:1", "accepted", "Статус «Готов»", "Магазин принял", (1, 96, "200"), "e1"),
    ]


def _picked_up(one: Json) -> list[Json]:
    who, wait = one["courier"]["name"] if one["courier"] else "", "Сайт на обслуживании, повторим"
    changed, warn = "Сумма изменилась после «Забрал»", "Курьер видел прежнюю сумму; предупредите его."
    return [
        a_step(120, "action", "office", "done", "Курьер забрал заказ", who, event_id="e2"),
        _attempt(118, "site:1", "try_later", "Статус «Забрал»", wait, (1, 61, "503"), "e2"),
        _attempt(88, "site:1", "try_later", "Статус «Забрал»", wait, (2, 58, "503"), "e2"),
        _attempt(40, "onec:b1", "given", "Событие «Забрал»", "Передано в 1С под № 88", (1, None, None), "e2"),
        a_step(25, "contradiction", "posrednik", "price_changed_meanwhile", changed, warn),
    ]


def _attempt(
    at: float, system: str, outcome: str, title: str, text: str, how: tuple[int, int | None, str | None], event: str
) -> Json:
    """how: number, milliseconds, code."""
    attempt, duration_ms, code = how
    more = {"attempt": attempt, "duration_ms": duration_ms, "code": code, "event_id": event}
    return a_step(at, "attempt", system, outcome, title, text, **more)


def exchange(dead: int) -> Json:
    return {
        "destinations": [
            _destination(1, "bitrix24", "bitrix24", "Битрикс24", limits={"rate": 2.0, "burst": 50.0, "fill": 0.86}),
            _destination(2, "onec:b1", "onec", "1С «Торговля»", waiting=3, oldest_s=14, done_last_hour=1204),
            _destination(3, "site:1", "site", "Магазин", **_stopped(dead)),
        ],
        "bases": [
            _base("b1", "Торговля", epoch="6c0d9f5e-2c52-4a8b-9f0e-0d8a0a3f1c11", last_accepted=1043,
                  gaps=[[1041, 1042]], waiting=2, quarantined=1),
            _base("b2", "Склад"),
        ],
        "workers": [{"id": "w1", "host": "app-1", "pid": 4121, "beat_age_s": 0.8, "leases": 4}],
    }  # fmt: skip


def _destination(id: int, name: str, kind: str, title: str, **more: Any) -> Json:
    return {
        "id": id, "name": name, "kind": kind, "title": title, "state": "open", "why": "",
        "breaker": "closed", "breaker_until": None, "breaker_why": "",
        "waiting": 0, "dead": 0, "oldest_s": None, "last_error": None, "last_error_at": None,
        "done_last_hour": 418, "failed_last_hour": 0, "per_minute": 7.2, "limits": None, "pauses": [],
    } | more  # fmt: skip


def _stopped(dead: int) -> Json:
    return {
        "breaker": "open", "breaker_until": ago(-47),
        "breaker_why": "Магазин отвечает 503 пять раз подряд; ждём и пробуем одним запросом.",
        "waiting": 38, "dead": dead, "oldest_s": 1260,
        "last_error": "503 Service Unavailable: сайт на обслуживании", "last_error_at": ago(13),
        "done_last_hour": 96, "failed_last_hour": 5, "per_minute": 0.0,
    }  # fmt: skip


def _base(id: str, name: str, **more: Any) -> Json:
    return {
        "id": id, "name": name, "epoch": None, "last_accepted": None, "gaps": [], "waiting": 0, "quarantined": 0,
    } | more  # fmt: skip


def lanes() -> list[Json]:
    return [
        {
            "lane_id": 10 + i, "destination": "site:1", "key": f"delivery:0199-{123 + i}",
            "order_number": f"000-000{123 + i}", "depth": 1 + i % 3, "state": "ready", "why": "breaker",
            "why_text": "Сайт не отвечает: ждём, пока пробный запрос пройдёт.",
            "due_at": ago(-47), "attempt": i % 4, "since": ago(300 + 60 * i), "may_hasten": False,
        }
        for i in range(6)
    ]  # fmt: skip


def dead_letters() -> list[Json]:
    return [
        {
            "lane_id": 50 + i, "seq": 1, "destination": "site:1", "key": f"delivery:0199-{140 + i}",
            "order_number": f"000-000{140 + i}", "method": "webhook", "dead_at": ago(4000 + 60 * i),
            "code": "http_422" if i % 2 else "http_404",
            "why": "Магазин не знает такого заказа: ответ 404 «order not found».", "attempt": 3,
        }
        for i in range(4)
    ]  # fmt: skip


def routes() -> list[Json]:
    return [
        {"event": "delivery.readied", "bitrix24": True, "onec": False, "site": True,
         "messages": ["task.put", "steps.put", "notice.put"]},
        {"event": "delivery.picked_up", "bitrix24": True, "onec": True, "site": True,
         "messages": ["task.put", "steps.put", "photos.put"]},
        {"event": "delivery.settled", "bitrix24": True, "onec": False, "site": False, "messages": ["task.put"]},
        {"event": "command.finished", "bitrix24": False, "onec": True, "site": False, "messages": []},
    ]  # fmt: skip
