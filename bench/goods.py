"""What a base sends at the first load: products, counterparties, orders with lines, stock; in messages of 500."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid5

import msgspec

from bench.service import BASE

Object = dict[str, Any]
DIVISION = str(uuid5(BASE, "division"))
WAREHOUSE = str(uuid5(BASE, "warehouse"))
EPOCH, INSTANCE = str(uuid5(BASE, "epoch")), "bench"
MIX = ("product",) * 8 + ("counterparty",) * 5 + ("order",) * 5 + ("stock",) * 2


def ref(kind: str, number: int) -> str:
    return str(uuid5(BASE, f"{kind}-{number}"))


def an_object(kind: str, key: str, data: Object, version: int = 1) -> Object:
    return {"kind": kind, "ref": key, "version": f"AAAAAA{version}=", "deleted": False, "posted": True, "data": data}


def firsts() -> list[Object]:
    """What the rest refers to."""
    return [
        an_object("division", DIVISION, {"name": "Центр"}),
        an_object("warehouse", WAREHOUSE, {"name": "Основной склад", "division": DIVISION}),
    ]


def objects(first: int, count: int) -> Iterator[Object]:
    """Objects number `first`…; an order refers to products that came with or before it."""
    for number in range(first, first + count):
        kind = MIX[number % len(MIX)]
        yield _MAKERS[kind](number)


def _product(number: int) -> Object:
    data = {"code": f"НФ-{number:08d}", "name": f"Термос «Дорожный» {number} мл с двойными стенками, нержавеющая сталь",
            "article": f"T-{number}", "unit": "шт", "vat": "20%", "is_service": False, "by_weight": False,
            "group": "Посуда для похода", "barcodes": [f"46{number:011d}"],
            "characteristics": [{"ref": ref("characteristic", number), "name": "синий"}]}  # fmt: skip
    return an_object("product", ref("product", number), data)


def _counterparty(number: int) -> Object:
    data = {"name": f"Соколова Мария Петровна {number}", "inn": f"77{number:010d}", "phone": f"8 (916) {number:07d}",
            "email": f"buyer{number}@example.com", "legal": False}  # fmt: skip
    return an_object("counterparty", ref("counterparty", number), data)


def _stock(number: int) -> Object:
    product = number // len(MIX) * len(MIX)
    data = {"warehouse": WAREHOUSE, "product": ref("product", product), "quantity": "12,5", "reserved": "2"}
    return an_object("stock", f"{WAREHOUSE}/{ref('product', number)}", data)


def _order(number: int) -> Object:
    group = number // len(MIX) * len(MIX)
    lines = [
        {"line": str(line + 1), "product": ref("product", group + line), "quantity": "2", "price": "990,00",
         "sum": "1980,00"}
        for line in range(3)
    ]  # fmt: skip
    data = {"number": f"000-{number:06d}", "site_number": f"S-{number}", "date": "2026-11-22T10:15:00",
            "division": DIVISION, "counterparty": ref("counterparty", group + 8),
            "recipient": {"name": "Мария Соколова", "phone": "+7 916 123-45-67"},
            "address": {"text": f"г. Москва, ул. Ленина, д. {number % 200}", "entrance": "2", "floor": "5",
                        "flat": "17", "intercom": "17К", "latitude": 55.75, "longitude": 37.61},
            "window": {"from": "2026-11-22T12:00:00", "to": "2026-11-22T15:00:00"},
            "comment": "Позвонить за час", "warehouse": WAREHOUSE, "lines": lines, "delivery_price": "470",
            "prepaid": "0", "payment_method": "cash", "receipt": True, "status": "К отгрузке"}  # fmt: skip
    return an_object("order", ref("order", number), data)


_MAKERS = {"product": _product, "counterparty": _counterparty, "order": _order, "stock": _stock}


def message(number: int, batch: list[Object], base: UUID = BASE) -> bytes:
    """The body of POST /exchange/messages."""
    return msgspec.json.encode({
        "base": str(base), "epoch": EPOCH, "instance": INSTANCE, "number": number, "objects": batch, "commands": [],
    })  # fmt: skip
