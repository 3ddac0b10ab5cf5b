"""Generated catalogs and orders: the same seed gives the same data, but for the days, which follow the
calendar.
"""

import random
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from posrednik_sandbox.onec import words
from posrednik_sandbox.onec.store import Store

Object = dict[str, Any]


NEAR_DEGREES = 0.0004  # between two houses of a courier's street, about 45 m
# What the first and the fourth order of a prepared round must show.
SHOWN = {0: words.PRODUCTS[30][0], 3: words.PRODUCTS[32][0]}


@dataclass(frozen=True, slots=True)
class Product:
    ref: str
    name: str
    price_kop: int
    by_weight: bool


@dataclass(frozen=True, slots=True)
class Catalogs:
    """Refs of what orders point to, per division where it matters."""

    divisions: dict[str, str]
    warehouses: dict[str, str]
    couriers: dict[str, list[str]]
    products: list[Product]
    counterparties: list[tuple[str, Object]]


def ref(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def rubles(kopecks: int) -> str:
    """Also below zero: a courier can have handed in more than he had."""
    whole, rest = divmod(abs(kopecks), 100)
    return f"{'-' if kopecks < 0 else ''}{whole}.{rest:02d}"


def fill(store: Store, seed: int, couriers: int = 0) -> None:
    """Write the catalogs of a new base. The caller holds the transaction. couriers: how many, at least the named."""
    rng = random.Random(seed)
    divisions = {name: ref(rng) for name in words.STREETS}
    for name, division in divisions.items():
        store.put("division", division, {"name": name})
        store.put("warehouse", ref(rng), {"name": f"Склад «{name}»", "division": division})
    for number, product in enumerate(words.PRODUCTS, 1):
        store.put("product", ref(rng), _product(rng, number, *product))
    for name, division_name, user in words.COURIERS:
        courier = ref(rng)
        data = {"name": name, "phone": _phone(rng), "division": divisions[division_name]}
        store.put("courier", courier, {**data, "active": True, "bitrix24_user": user})
        bag = {"name": f"Рюкзак: {name}", "division": divisions[division_name], "courier": courier}
        store.put("warehouse", ref(rng), bag)
    _more_couriers(store, random.Random(f"{seed}:couriers"), divisions, couriers - len(words.COURIERS))
    for _ in range(34):
        store.put("counterparty", ref(rng), {"name": _person(rng), "phone": _phone(rng), "legal": False})
    for company in words.COMPANIES:
        inn = str(rng.randrange(7700000000, 7799999999))
        store.put("counterparty", ref(rng), {"name": company, "inn": inn, "phone": _phone(rng), "legal": True})


def _more_couriers(store: Store, rng: random.Random, divisions: dict[str, str], count: int) -> None:
    """Couriers beside the named ones, by turns in each division; the portal has no user for them."""
    for number in range(count):
        name, courier = f"Курьер {number + 1}", ref(rng)
        division = list(divisions.values())[number % len(divisions)]
        store.put("courier", courier, {"name": name, "phone": _phone(rng), "division": division, "active": True})
        store.put("warehouse", ref(rng), {"name": f"Рюкзак: {name}", "division": division, "courier": courier})


def catalogs(store: Store) -> Catalogs:
    divisions = {data["name"]: key for key, data in store.names("division").items()}
    names = {key: name for name, key in divisions.items()}
    warehouses = {
        names[data["division"]]: key for key, data in store.names("warehouse").items() if not data.get("courier")
    }
    couriers: dict[str, list[str]] = {name: [] for name in divisions}
    for key, data in store.names("courier").items():
        couriers[names[data["division"]]].append(key)
    products = [
        Product(key, data["name"], round(float(data["base_price"]) * 100), bool(data["by_weight"]))
        for key, data in store.names("product").items()
    ]
    return Catalogs(divisions, warehouses, couriers, products, list(store.names("counterparty").items()))


def order(
    rng: random.Random, known: Catalogs, position: int, moment: datetime, division: str = ""
) -> tuple[str, Object]:
    """One order of a customer: (ref, data as contract.md §2 wants it). `moment`: local time of the base.

    division: its name; empty = any.
    """
    division = division or rng.choice(sorted(known.divisions))
    counterparty, customer = rng.choice(known.counterparties)
    data: Object = {
        "number": f"000-{position:06d}",
        "date": moment.isoformat(timespec="seconds"),
        "division": known.divisions[division],
        "counterparty": counterparty,
        "recipient": {
            "name": _person(rng) if customer.get("legal") else customer["name"],
            "phone": customer["phone"],
        },
        "address": _address(rng, division),
        "window": _window(rng, moment),
        "comment": _comment(rng, position),
        "warehouse": known.warehouses[division],
        "lines": _lines(rng, known),
        "delivery_price": rubles(rng.choice((0, 25000, 30000, 35000, 49000))),
        "payment_method": rng.choice(("cash", "cash", "card", "transfer", "prepaid")),
        "receipt": rng.random() < 0.8,
        "status": "К обеспечению",
    }
    if rng.random() < 0.7:
        data["site_number"] = str(48000 + position)
    data["prepaid"] = _prepaid(rng, data)
    return ref(rng), data


def day_order(
    rng: random.Random, known: Catalogs, position: int, moment: datetime, courier: str, place: tuple[int, int],
    *, near: bool = False,
) -> tuple[str, Object]:  # fmt: skip
    """An order for a courier's round of today; place: its number from 0 and how many there are.

    The round shows what happens: one order is paid, one has goods by weight, one a long name, one no coordinates.
    near: a few houses of one street, which is the courier's own.
    """
    index, count = place
    division = next(name for name, own in known.couriers.items() if courier in own)
    key, data = order(rng, known, position, moment, division)
    data["window"] = _slot(moment, 10 + index * 10 // count)
    data["receipt"] = index % 3 != 2
    data["payment_method"] = ("cash", "prepaid", "card", "cash", "transfer", "cash")[index % 6]
    data["address"] = _address(rng, division, whole=True, found=index % 6 != 5)
    if near:
        street, latitude, longitude = random.Random(courier).choice(words.STREETS[division])
        data["address"] |= {
            "text": f"{street}, д. {index + 1}, кв. {data['address']['flat']}",
            "latitude": round(latitude + index * NEAR_DEGREES, 6), "longitude": longitude,
        }  # fmt: skip
    if index % 6 in SHOWN:
        data["lines"] = _with_line(rng, known, data["lines"], SHOWN[index % 6])
    data["prepaid"] = _prepaid(rng, data)
    return key, data


def _with_line(rng: random.Random, known: Catalogs, lines: list[Object], name: str) -> list[Object]:
    """The lines with this product first, and not twice."""
    shown = next(product for product in known.products if product.name == name)
    others = [line for line in lines if line["product"] != shown.ref]
    return [line | {"line": str(number)} for number, line in enumerate([_line(rng, shown), *others], 1)]


def _product(rng: random.Random, number: int, name: str, unit: str, price_kop: int, by_weight: bool) -> Object:
    return {
        "code": f"НФ-{number:08d}",
        "name": name,
        "article": f"А-{1000 + number}",
        "unit": unit,
        "vat": "20%",
        "is_service": False,
        "by_weight": by_weight,
        "barcodes": [_barcode(rng)],
        "base_price": rubles(price_kop),
    }


def _barcode(rng: random.Random) -> str:
    """EAN-13 with its check digit: a camera reads no other."""
    digits = str(rng.randrange(4600000000000, 4609999999999))[:12]
    weighed = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighed % 10}"


def _person(rng: random.Random) -> str:
    families, names, patronymics = rng.choice((words.MEN, words.WOMEN))
    return f"{rng.choice(families)} {rng.choice(names)} {rng.choice(patronymics)}"


def _phone(rng: random.Random) -> str:
    """As managers type it: the same number has four looks."""
    a, b, c, d = rng.randrange(900, 1000), rng.randrange(100, 1000), rng.randrange(100), rng.randrange(100)
    looks = (
        "+7 {a} {b}-{c:02d}-{d:02d}",
        "8({a}){b}-{c:02d}-{d:02d}",
        "+7{a}{b}{c:02d}{d:02d}",
        "8 {a} {b} {c:02d} {d:02d}",
    )
    return rng.choice(looks).format(a=a, b=b, c=c, d=d)


def _address(rng: random.Random, division: str, whole: bool | None = None, found: bool | None = None) -> Object:
    """whole: with entrance, floor and intercom; found: with coordinates. None = most have them."""
    street, latitude, longitude = rng.choice(words.STREETS[division])
    house, flat = rng.randrange(1, 60), rng.randrange(1, 180)
    address: Object = {"text": f"{street}, д. {house}, кв. {flat}", "flat": str(flat)}
    if rng.random() < 0.8 if whole is None else whole:
        address |= {
            "entrance": str(rng.randrange(1, 7)),
            "floor": str(rng.randrange(1, 17)),
            "intercom": f"{flat}К",
        }
    if rng.random() < 0.85 if found is None else found:
        address["latitude"] = round(latitude + rng.uniform(-0.004, 0.004), 6)
        address["longitude"] = round(longitude + rng.uniform(-0.006, 0.006), 6)
    return address


def _window(rng: random.Random, moment: datetime) -> Object:
    return _slot(moment, rng.choice((10, 12, 14, 16, 18)))


def _slot(moment: datetime, hour: int) -> Object:
    """Two hours of this day."""
    start = moment.replace(hour=hour, minute=0, second=0, microsecond=0)
    return {"from": start.isoformat(), "to": (start + timedelta(hours=2)).isoformat()}


def _comment(rng: random.Random, position: int) -> str:
    text = rng.choice(words.COMMENTS)
    if position % 40 == 5:
        return words.LONG_COMMENT
    return words.QUOTED_COMMENT if position % 40 == 8 else text


def _lines(rng: random.Random, known: Catalogs) -> list[Object]:
    sold = rng.sample(known.products, rng.randrange(1, 7))
    return [{"line": str(number)} | _line(rng, product) for number, product in enumerate(sold, 1)]


def _line(rng: random.Random, product: Product) -> Object:
    milli = rng.randrange(150, 2500) if product.by_weight else rng.choice((1000, 1000, 1000, 2000, 3000))
    total = (product.price_kop * milli + 500) // 1000
    line = {"product": product.ref, "quantity": _quantity(milli, product.by_weight)}
    return line | {"price": rubles(product.price_kop), "sum": rubles(total)}


def _quantity(milli: int, by_weight: bool) -> str:
    return f"{milli // 1000}.{milli % 1000:03d}" if by_weight else str(milli // 1000)


def _prepaid(rng: random.Random, data: Object) -> str:
    goods = sum(round(float(line["sum"]) * 100) for line in data["lines"])
    due = goods + round(float(data["delivery_price"]) * 100)
    if data["payment_method"] == "prepaid":
        return rubles(due)
    return rubles(rng.choice((0, 0, 0, 50000)) if due > 100000 else 0)
