"""Orders and deliveries with defaults, and every action as one short call."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from posrednik.domain import delivery_after, delivery_correct, delivery_courier, delivery_office
from posrednik.domain.changes import Change
from posrednik.domain.deliveries import Address, Delivery, OrderFacts, OrderLine, Recipient, Window
from posrednik.domain.events import Actor, CourierName, Names

BASE = UUID("11111111-1111-4111-8111-111111111111")
NEW_ID = UUID("22222222-2222-4222-8222-222222222222")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PETROV = Actor("courier", "petrov", "Петров Иван")
SIDOROV = Actor("courier", "sidorov", "Сидоров Олег")
ONEC = Actor("onec", "manager-7", "Анна К.")
LOGISTICIAN = Actor("logistician", "log-1", "Ольга Н.")
WAREHOUSE = Actor("warehouse", "w-1", "Склад")
CASH_DESK = Actor("cash_desk", "till-1", "Касса")

_WHO = {
    "withdraw": ONEC,
    "assign": ONEC,
    "set_price": ONEC,
    "set_amount_due": ONEC,
    "order_changed": ONEC,
    "cancel": ONEC,
    "pick_up": PETROV,
    "depart": PETROV,
    "hand_over": PETROV,
    "not_deliver": PETROV,
    "retry": LOGISTICIAN,
    "give_back": WAREHOUSE,
    "settle": CASH_DESK,
    "customer_return": LOGISTICIAN,
    "claim_give_back": PETROV,
    "correct_hand_over": PETROV,
    "correct_not_deliver": PETROV,
    "correct_pick_up": PETROV,
}
_WHERE = (delivery_office, delivery_courier, delivery_after, delivery_correct)
_DEFAULTS = {
    "hand_over": {"amount_taken_kop": 245000, "payment_method": "cash"},
    "not_deliver": {"reason": "not_home"},
    "give_back": {"quantities": None},
    "claim_give_back": {"quantities": None},
    "correct_hand_over": {"why": "ошибся", "amount_taken_kop": 245000, "payment_method": "cash"},
    "correct_not_deliver": {"why": "ошибся", "reason": "not_home"},
    "correct_pick_up": {"why": "ошибся"},
}


def names_for(courier_ref: str | None) -> Names:
    courier = CourierName(courier_ref, "Петров Иван", "17") if courier_ref else None
    return Names(courier, "Москва", "sonet-5", "Europe/Moscow")


def a_line(line: str = "1", quantity_milli: int = 2000, sum_kop: int = 198000, **fields) -> OrderLine:
    """Two thermos flasks for 1 980 rubles."""
    values = {"product": f"product-{line}", "characteristic": None, "name": "Термос 1 л", "unit": "шт"}
    return OrderLine(line=line, quantity_milli=quantity_milli, price_kop=99000, sum_kop=sum_kop, **{**values, **fields})


def an_order(**fields) -> OrderFacts:
    """Goods 1 980 + a plaid 270 + delivery 300 − prepaid 100 = 2 450 rubles to be taken."""
    values = {
        "base_id": BASE,
        "ref": "order-1",
        "number": "000-123",
        "site_number": "S-77",
        "division_ref": "moscow",
        "recipient": Recipient("Иван П.", "+79123456789"),
        "address": Address("ул. Ленина, 10", "2", "4", "17", "17К", 55.75, 37.62),
        "window": Window(NOW + timedelta(hours=5), NOW + timedelta(hours=7)),
        "comment": "позвонить за час",
        "warehouse_ref": "main",
        "lines": (a_line(), a_line("2", 1000, 27000, name="Плед")),
        "delivery_price_kop": 30000,
        "prepaid_kop": 10000,
        "payment_method": "cash",
        "receipt": True,
    }
    return OrderFacts(**{**values, **fields})


def readied(order: OrderFacts | None = None, delivery: Delivery | None = None, **fields) -> Change:
    fields = {"actor": ONEC, "now": NOW, "names": names_for("petrov"), "courier_ref": "petrov", **fields}
    return delivery_office.ready(order=order or an_order(), delivery=delivery, new_id=NEW_ID, **fields)


def a_delivery(*actions: str, **fields) -> Delivery:
    """A ready delivery of Petrov after these actions: a_delivery("pick_up", "depart")."""
    delivery = readied(an_order(**fields)).delivery
    for action in actions:
        delivery = do(action, delivery).delivery
    return delivery


def do(action: str, delivery: Delivery, **fields) -> Change:
    """One action by the usual actor with the usual figures, an hour after the last one."""
    act = next(getattr(module, action) for module in _WHERE if action in vars(module))
    values = {
        "actor": _WHO[action],
        "now": NOW + timedelta(hours=delivery.version),
        "names": names_for(delivery.courier_ref),
        **_DEFAULTS.get(action, {}),
    }
    return act(delivery=delivery, **{**values, **fields})


def with_lines(delivery: Delivery, **fields) -> Delivery:
    return replace(delivery, lines=tuple(replace(line, **fields) for line in delivery.lines))
