"""Three books of one day that must agree: what the test did itself, the service's ledgers, 1C's documents."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.rows import dict_row
from tests.desk import Desk

Json = dict[str, Any]
GOODS = """
SELECT account, product, coalesce(characteristic, '') AS characteristic, quantity_milli FROM goods_balance
WHERE account LIKE 'backpack:%' AND quantity_milli <> 0
"""
MONEY = "SELECT account, sum_kop FROM money_balance WHERE account LIKE 'cash:%'"
# What passed the courier's hands by kind of posting, the corrections of it counted back.
PAID = """
SELECT courier_ref, CASE WHEN 'customer' IN (source, target) THEN subject_kind || ':' ELSE '' END || account AS kind,
    sum(sign * sum_kop)::bigint AS sum_kop
FROM money_posting CROSS JOIN LATERAL (VALUES (split_part(target, ':', 1), 1), (split_part(source, ':', 1), -1))
    AS side (account, sign)
WHERE account IN ('acquiring', 'transfers', 'till') GROUP BY 1, 2
"""
# A sum that was put right counts by what is right.
CHANGE = """
SELECT courier_ref, sum(CASE WHEN source LIKE 'till:%' THEN sum_kop ELSE -sum_kop END)::bigint AS n
FROM money_posting WHERE starts_with(why, 'change_issued') GROUP BY 1
"""


def kop(text: Any) -> int:
    return int((Decimal(str(text)) * 100).to_integral_value())


def milli(text: Any) -> int:
    return int((Decimal(str(text)) * 1000).to_integral_value())


def rubles(kopecks: int) -> str:
    return f"{Decimal(kopecks) / 100:.2f}"


def units(thousandths: int) -> str:
    return str(Decimal(thousandths) / 1000)


def worth(price_kop: int, quantity_milli: int) -> int:
    return (price_kop * quantity_milli + 500) // 1000


@dataclass
class Own:
    """What one courier really has and did, by the test's own arithmetic. bag: thousandths by product."""

    bag: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    cash: int = 0
    card: int = 0
    transfer: int = 0
    handed_in: int = 0
    change: int = 0

    def told(self) -> Json:
        return {
            "goods": {product: milli for product, milli in self.bag.items() if milli},
            "cash": self.cash, "card": self.card, "transfer": self.transfer, "handed_in": self.handed_in,
            "change": self.change,
        }  # fmt: skip


async def of_the_base(desk: Desk) -> dict[str, Json]:
    """1C's books by courier, in the shape of `Own.told`."""
    books = (await desk.look("/onec/api/books"))["couriers"]
    return {
        one["ref"]: {
            "goods": {line["product"]: milli(line["quantity"]) for line in one["goods"]},
            "cash": kop(one["cash"]), "card": kop(one["card"]), "transfer": kop(one["transfer"]),
            "handed_in": kop(one["handed_in"]), "change": kop(one["change_issued"]),
        }
        for one in books
    }  # fmt: skip


async def of_the_ledgers(dsn: str, couriers: Sequence[str]) -> dict[str, Json]:
    """The service's ledgers by courier. `transfer` is of sales only, as in 1C."""
    found: dict[str, Json] = {ref: Own().told() for ref in couriers}
    async with await psycopg.AsyncConnection.connect(dsn, row_factory=dict_row) as conn:
        for row in await (await conn.execute(GOODS)).fetchall():
            found[_owner(row)]["goods"][row["product"]] = row["quantity_milli"]
        for row in await (await conn.execute(MONEY)).fetchall():
            found[_owner(row)]["cash"] = row["sum_kop"]
        for row in await (await conn.execute(PAID)).fetchall():
            _add(found[row["courier_ref"]], row)
        for row in await (await conn.execute(CHANGE)).fetchall():
            found[row["courier_ref"]]["change"] = row["n"]
            found[row["courier_ref"]]["handed_in"] += row["n"]
    return found


def _owner(row: Mapping[str, Any]) -> str:
    return str(row["account"]).partition(":")[2]


def _add(own: Json, row: Mapping[str, Any]) -> None:
    match row["kind"]:
        case "delivery:acquiring" | "sale:acquiring":
            own["card"] += row["sum_kop"]
        case "sale:transfers":
            own["transfer"] += row["sum_kop"]
        case "till":
            own["handed_in"] += row["sum_kop"]


def differences(who: str, one: Json, other: Json) -> list[str]:
    """In words, nothing when they agree: both in the shape of `Own.told`."""
    found = [
        f"{who}: {name} {one[name]} / {other[name]}" for name in one if name != "goods" and one[name] != other[name]
    ]
    goods, others = one["goods"], other["goods"]
    return found + [
        f"{who}: {product} {goods.get(product, 0)} / {others.get(product, 0)}"
        for product in sorted({*goods, *others})
        if goods.get(product, 0) != others.get(product, 0)
    ]


async def incidents(desk: Desk) -> list[Json]:
    """All that were ever raised, open and decided."""
    return list((await desk.ask("/api/v1/board/incidents?state=all&limit=1000"))["incidents"])
