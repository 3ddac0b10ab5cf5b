"""Objects as twenty years of careless hands leave them (E-06, E-30 to E-33), with what should become of each.

Fates: `applied` however it is written, `waiting` for what was never sent, `quarantined` with the code of the reason.
The same seed writes the same objects. They are kept apart from the base's own catalogs: nobody sells these goods.
"""

import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from posrednik_sandbox.onec.store import Store

Json = dict[str, Any]
Rng = random.Random
MOST = 100_000
PORTION = 2_000
NBSP, THIN, NARROW = "\u00a0", "\u2009", "\u202f"
ZERO_GUID = "00000000-0000-0000-0000-000000000000"
UNKNOWN_KIND = "нестандартный_вид"
MOST_BLANK_REFS = 20
WAITING_SHARE, QUARANTINED_SHARE = 0.05, 0.15
MONEY = {"price", "sum", "delivery_price", "prepaid"}
QUANTITY = {"quantity", "reserved"}
FLAGS = {"is_service", "by_weight", "legal", "active", "cancelled", "receipt"}
TEXTS = {"name", "comment", "article", "address", "text", "unit", "email", "status", "flat", "intercom"}
OPTIONAL_GUIDS = {"characteristic", "parent", "counterparty", "order"}
# What an object cannot do without, by kind: a field to empty, a field to make unreadable, a field to point nowhere.
WEAK: dict[str, tuple[str, str, str]] = {
    "division": ("name", "parent", ""),
    "product": ("name", "by_weight", ""),
    "price": ("price", "price", ""),
    "stock": ("quantity", "quantity", ""),
    "counterparty": ("name", "legal", ""),
    "warehouse": ("name", "division", ""),
    "courier": ("name", "active", ""),
    "outlet": ("name", "division", ""),
    "order": ("number", "date", "division"),
    "shipment": ("warehouse", "sum", "warehouse"),
    "receipt": ("warehouse", "date", "warehouse"),
    "transfer": ("from", "date", "to"),
    "return": ("sum", "sum", "warehouse"),
    "cash_receipt": ("sum", "date", ""),
}

KINDS = tuple(WEAK)


@dataclass(frozen=True, slots=True)
class Known:
    """Refs of the base that a dirty object may point to."""

    division: Sequence[str]
    product: Sequence[str]
    warehouse: Sequence[str]
    courier: Sequence[str]
    counterparty: Sequence[str]


@dataclass(frozen=True, slots=True)
class Fate:
    fate: str
    code: str = ""


@dataclass(slots=True)
class Made:
    """How many of each kind were written, and how many should end how."""

    kinds: dict[str, int] = field(default_factory=dict)
    fates: dict[str, int] = field(default_factory=dict)

    def count(self, kind: str, fate: Fate) -> None:
        name = f"{fate.fate}:{fate.code}" if fate.code else fate.fate
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        self.fates[name] = self.fates.get(name, 0) + 1


def make(store: Store, count: int, seed: int) -> Made:
    """Write `count` objects over all kinds; each stands in `spoiled` with its fate."""
    made = Made()
    for _ in portions(store, count, seed, made):
        pass
    return made


def portions(store: Store, count: int, seed: int, made: Made) -> Iterator[None]:
    """The same in transactions of some thousand objects, so that others get their turn between them."""
    if not 1 <= count <= MOST:
        raise ValueError(f"count от 1 до {MOST}")
    rng = Rng(f"dirty:{seed}")
    names = ("division", "product", "warehouse", "courier", "counterparty")
    known = Known(*(sorted(store.names(kind)) for kind in names))
    for start in range(0, count, PORTION):
        with store.tx():
            for number in range(start, min(start + PORTION, count)):
                _write(store, rng, known, number, made)
        yield


def _write(store: Store, rng: Rng, known: Known, number: int, made: Made) -> None:
    kind = KINDS[number % len(KINDS)]
    wanted, data, fate = _spoiled(rng, kind, soiled(rng, _CLEAN[kind](rng, known, number)))
    ref = str(uuid.UUID(int=rng.getrandbits(128), version=4))
    if fate.code == "missing_ref":
        ref, fate = _blank(store, ref)
    store.put(wanted, ref, data)
    store.db.execute("INSERT INTO spoiled VALUES (?, ?, ?, ?)", (wanted, ref, fate.fate, fate.code))
    made.count(wanted, fate)


def _blank(store: Store, ref: str) -> tuple[str, Fate]:
    """An empty reference. The base itself must tell them apart, so each is longer and there are only some."""
    blank = int(store.get("blank_refs", "0")) + 1
    if blank > MOST_BLANK_REFS:
        return ref, Fate("applied")
    store.set("blank_refs", str(blank))
    return " " * blank, Fate("quarantined", "missing_ref")


def expected(store: Store, fate: str, limit: int) -> list[Json]:
    """Objects with this fate, "" = any: kind, ref, fate, code."""
    return store.rows("SELECT * FROM spoiled WHERE ? IN ('', fate) ORDER BY kind, ref LIMIT ?", fate, limit)


def totals(store: Store) -> list[Json]:
    return store.rows("SELECT kind, fate, code, count(*) AS count FROM spoiled GROUP BY kind, fate, code")


def soiled(rng: Rng, value: Any, key: str = "") -> Any:
    """The same value as a careless exchange writes it."""
    if isinstance(value, dict):
        changed = {name: soiled(rng, one, name) for name, one in value.items()}
        return changed | _extra(rng)
    if isinstance(value, list):
        return [soiled(rng, one, key) for one in value]
    if key in MONEY | QUANTITY and isinstance(value, str) and value:
        return number(rng, value)
    if isinstance(value, bool):
        return rng.choice((value, *(("Да", "Истина", "true") if value else ("Нет", "Ложь", "false"))))
    return text(rng, value) if key in TEXTS and isinstance(value, str) else value


def number(rng: Rng, value: str) -> Any:
    """E-31: a number, or a text with a point, with a comma, with groups by any blank, a minus by brackets."""
    minus, plain = value.startswith("-"), value.lstrip("-")
    whole, _, part = plain.partition(".")
    blank = rng.choice((NBSP, " ", THIN, NARROW))
    grouped = f"{int(whole):,}".replace(",", blank) + (f",{part}" if part else "")
    look = rng.choice((plain, plain.replace(".", ","), grouped))
    if minus:
        return rng.choice((value, f"({look})", f"-{look}"))
    return rng.choice((look, float(plain), f"{look} "))


def text(rng: Rng, value: str) -> str:
    """E-06: the same words with what gets between them."""
    dirt: tuple[Callable[[str], str], ...] = (
        lambda one: one + "   ",
        lambda one: f"{NBSP}{one}{NBSP}",
        lambda one: one.replace(" ", "  "),
        lambda one: one.replace(" ", THIN),
        lambda one: one + "\x02",
        lambda one: f"«{one}» ё Ё",
        lambda one: f"{one} \U0001f69a",
        lambda one: (one + " очень длинно" * 90)[:1024],
        lambda one: f"{one}\r\nвторая строка",
    )
    return rng.choice(dirt)(value)


def _extra(rng: Rng) -> Json:
    """Fields nobody has heard of, and empty ones in the forms of an empty value (E-30, E-33)."""
    extra: Json = {}
    if rng.random() < 0.3:
        extra["ИШ_Поле"] = rng.choice(("", None, "значение", 5, [1, 2], {"а": 1}))
    return extra


def _spoiled(rng: Rng, kind: str, data: Json) -> tuple[str, Json, Fate]:
    chance = rng.random()
    needed, read, points = WEAK[kind]
    if chance < WAITING_SHARE and points:
        return kind, data | {points: str(uuid.UUID(int=rng.getrandbits(128), version=4))}, Fate("waiting")
    if chance > QUARANTINED_SHARE + WAITING_SHARE:
        return kind, data, Fate("applied")
    way = rng.randrange(100)
    if way < 3:
        return kind, data, Fate("quarantined", "missing_ref")
    if way < 15:
        return UNKNOWN_KIND, data, Fate("quarantined", "unknown_kind")
    if way < 60:
        empty = rng.choice((None, "", " ", NBSP)) if needed in ("name", "number") else rng.choice((None, ""))
        return kind, data | {needed: empty}, Fate("quarantined", "missing_field")
    bad = rng.choice(("сто рублей", "31.02.2026", "не задано", "{ошибка}"))
    return kind, data | {read: bad}, Fate("quarantined", "unreadable_value")


# -- clean data of each kind


def _phone(rng: Rng) -> str:
    """Some customers share a phone, and each writes it in his own way."""
    tail = f"{rng.randrange(1000, 3000):07d}"
    looks = (
        "+7 905 {0}-{1}-{2}",
        "8(905){0}{1}{2}",
        "905{0}{1}{2}",
        "+7-905-{0}-{1}-{2} доб. 12",
        "т. 8 905 {0} {1} {2}",
    )
    return rng.choice(looks).format(tail[:3], tail[3:5], tail[5:])


def _money(rng: Rng) -> str:
    return f"{rng.randrange(1, 5_000_000)}.{rng.randrange(100):02d}"


def _quantity(rng: Rng) -> str:
    return rng.choice((str(rng.randrange(1, 2000)), f"{rng.randrange(1, 2000)}.{rng.randrange(1, 1000):03d}"))


def _date(rng: Rng) -> str:
    """Without a zone, with `Z`, with an offset; some a year ahead (E-34)."""
    day = f"{rng.choice((2025, 2026, 2027))}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}"
    return f"{day}T{rng.randrange(24):02d}:{rng.randrange(60):02d}:00" + rng.choice(("", "", "Z", "+03:00"))


def _lines(rng: Rng, known: Known) -> list[Json]:
    return [
        {
            "line": str(place),
            "product": _guid(rng, rng.choice(known.product)),
            "characteristic": ZERO_GUID,
            "quantity": _quantity(rng),
            "price": _money(rng),
            "sum": _money(rng),
        }
        for place in range(1, rng.randrange(2, 5))
    ]


def _guid(rng: Rng, ref: str) -> str:
    return rng.choice((ref, ref, ref.upper(), f"{{{ref}}}"))


def _document(rng: Rng, number: int) -> Json:
    return {"number": f"ГР{number % 90:02d}-{number:06d}", "date": _date(rng), "comment": "проверить адрес"}


def _order(rng: Rng, known: Known, number: int) -> Json:
    return _document(rng, number) | {
        "division": _guid(rng, rng.choice(known.division)),
        "counterparty": rng.choice((ZERO_GUID, "", rng.choice(known.counterparty))),
        "recipient": {"name": "Ёлкина Алёна", "phone": _phone(rng)},
        "address": {"text": "Тула, пр-т Ленина, д. 5", "flat": "12"},
        "window": {"from": rng.choice(("0001-01-01T00:00:00", "", _date(rng))), "to": None},
        "lines": _lines(rng, known),
        "delivery_price": _money(rng),
        "prepaid": "0.00",
        "payment_method": rng.choice(("cash", "card", "по договору", "")),
        "receipt": rng.random() < 0.5,
        "status": rng.choice(("К отгрузке", "Согласован директором", "ё")),
    }


def _goods(rng: Rng, known: Known, number: int) -> Json:
    about = {"warehouse": _guid(rng, rng.choice(known.warehouse)), "lines": _lines(rng, known), "sum": _money(rng)}
    return _document(rng, number) | about | {"counterparty": ZERO_GUID}


def _product(rng: Rng, known: Known, number: int) -> Json:
    """One barcode in fifty is on two goods (E-04)."""
    return {"code": f"ГР-{number:08d}", "name": f"Товар {number}", "article": f"А {number}", "unit": "шт", "vat": "20%",
            "is_service": False, "by_weight": rng.random() < 0.2,
            "barcodes": [f"46000000{rng.randrange(50) if number % 50 == 0 else 100000 + number}"]}  # fmt: skip


def _transfer(rng: Rng, known: Known, number: int) -> Json:
    way = {"from": rng.choice(known.warehouse), "to": rng.choice(known.warehouse), "lines": _lines(rng, known)}
    return _document(rng, number) | way


def _stock(rng: Rng, known: Known, number: int) -> Json:
    quantity = rng.choice(("", "-")) + _quantity(rng)
    return {"warehouse": rng.choice(known.warehouse), "product": rng.choice(known.product), "quantity": quantity,
            "reserved": ""}  # fmt: skip


_CLEAN: dict[str, Callable[[Rng, Known, int], Json]] = {
    "division": lambda rng, known, number: {"name": f"Отдел {number}", "parent": ZERO_GUID},
    "product": _product,
    "price": lambda rng, known, number: {
        "product": rng.choice(known.product), "price_type": f"Опт {number}", "price": _money(rng), "currency": "RUB",
    },
    "stock": _stock,
    "counterparty": lambda rng, known, number: {
        "name": f"ООО Покупатель {number}", "inn": f"77{number:08d}", "phone": _phone(rng), "email": "a@b.example",
        "legal": rng.random() < 0.5,
    },
    "warehouse": lambda rng, known, number: {"name": f"Склад {number}", "division": rng.choice(known.division)},
    "courier": lambda rng, known, number: {
        "name": f"Курьер Грязнов {number}", "phone": _phone(rng), "division": rng.choice(known.division),
        "active": rng.random() < 0.5,
    },
    "outlet": lambda rng, known, number: {
        "name": f"Точка {number}", "address": "ул. Мира", "division": rng.choice(known.division),
    },
    "order": _order,
    "shipment": _goods,
    "receipt": _goods,
    "transfer": _transfer,
    "return": _goods,
    "cash_receipt": lambda rng, known, number: _document(rng, number) | {
        "courier": rng.choice(known.courier), "sum": _money(rng),
    },
}  # fmt: skip
