"""What must hold after every step of a walk over backpacks, sales and cash. See `trade_model` for the rules."""

import asyncio
from collections import Counter
from decimal import Decimal
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row
from tests.flow.exchange_client import Json, Service
from tests.flow.trade_acts import Act, Acts
from tests.flow.trade_model import Goods, Model, Subject

ABOUT_DELIVERIES = ("amount_mismatch", "ceiling_exceeded")  # other incidents of deliveries: courier_checks.py
GOODS = """SELECT account, product, sum(q)::bigint AS q, sum(b)::bigint AS b FROM (
    SELECT source AS account, product, -quantity_milli AS q, 0 AS b FROM goods_posting
    UNION ALL SELECT target, product, quantity_milli, 0 FROM goods_posting
    UNION ALL SELECT account, product, 0, quantity_milli FROM goods_balance) x
    WHERE product = ANY(%s) GROUP BY account, product"""
MONEY = """SELECT account, sum(q)::bigint AS q, sum(b)::bigint AS b FROM (
    SELECT source AS account, -sum_kop AS q, 0 AS b FROM money_posting
    UNION ALL SELECT target, sum_kop, 0 FROM money_posting
    UNION ALL SELECT account, 0, sum_kop FROM money_balance) x GROUP BY account"""
TO_1C = ("sale.%", "backpack.accepted", "backpack.counted", "cash.%")


class Checks:
    """acts: all that phones recorded, by id. pulled: events that 1C has had, in the order of the first time."""

    def __init__(self, service: Service, db: Connection[Any], model: Model) -> None:
        self.service, self.db, self.model, self.rule = service, db, model, Acts(model)
        self.acts: dict[str, Act] = {}
        self.pockets: list[Any] = []
        self.pulled: dict[str, Json] = {}
        self.commanded: set[str] = set()

    def rows(self, query: str, *values: Any) -> list[Json]:
        with self.db.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query.encode(), values or None).fetchall()

    # -- what phones sent

    async def send(self, pocket: Any, batch: list[Act], *, twice: bool = False, lost: bool = False) -> None:
        pocket.arrived |= {one.sent["seq"] for one in batch}
        asked = [pocket.phone.send(*(one.sent for one in batch)) for _ in range(1 + twice)]
        answers = await asyncio.gather(*asked)
        self._fates(pocket, batch)
        for answer in answers:
            for act, result in zip(batch, answer["results"], strict=True):
                assert result["status"] in ("accepted", "duplicate", "rejected", "retry_later"), result
                final = result["status"] != "retry_later"
                assert final or result["code"] == "waits_for_earlier", result
                if final and not lost and act in pocket.outbox:
                    pocket.outbox.remove(act)
        assert sum(r["status"] == "accepted" for a in answers for r in a["results"]) <= len({one.id for one in batch})

    def _fates(self, pocket: Any, batch: list[Act]) -> None:
        """What was decided now: first what was sent, by its numbers, then what had waited for it."""
        rows = self.rows("SELECT id, state, code FROM courier_event WHERE courier_ref = %s", pocket.courier)
        fates = {str(row["id"]): row for row in rows}
        news = [one for one in pocket.done if one.id in fates and fates[one.id]["state"] != one.state]
        news.sort(key=lambda one: (one.state == "parked", one.sent["seq"]))
        put_off: list[Act] = []
        for act in [*news, *put_off]:
            self._fate(pocket, act, fates[act.id], put_off)
        for act in put_off:
            self._fate(pocket, act, fates[act.id], None)

    def _fate(self, pocket: Any, act: Act, row: Json, put_off: list[Act] | None) -> None:
        missing = any(n not in pocket.arrived for n in range(1, act.sent["seq"]))
        takes = self.rule.takes(act)
        if takes != (row["state"] == "accepted") and put_off is not None:
            put_off.append(act)
            return
        act.state = row["state"]
        if act.state == "accepted":
            assert takes, f"{act.what} {act.sent} cannot be"
            self.rule.take(act)
        elif act.state == "parked":
            assert missing, f"{act.what} waits for nothing"
        else:
            assert not takes, f"{act.what} {act.payload} is refused with {row['code']}"
            assert not missing, f"{act.what} is refused with {row['code']}, and an earlier act is missing"

    # -- after every step

    def check(self) -> None:
        self.model.settle()
        self._goods()
        self._money()
        self._incidents()
        ids = list(self.model.deliveries)
        for row in self.rows("SELECT id::text, stage FROM delivery WHERE id::text = ANY(%s)", ids):
            one = self.model.deliveries[row["id"]]
            assert row["stage"] == ("settled" if one.settled else one.stage), f"{row}, by the book {one}"

    def _goods(self) -> None:
        m, sums = self.model, Counter[str]()
        there: Counter[tuple[str, str]] = Counter()
        for row in self.rows(GOODS, list(m.prices)):
            assert row["q"] == row["b"], f"the balance of {row} is not the sum of its postings"
            kind, _, ref = row["account"].partition(":")
            there[row["account"] if ref in m.men else kind, row["product"]] += row["q"]
            sums[row["product"]] += row["q"]
        assert not any(sums.values()), sums
        for p in m.prices:
            for ref, man in m.men.items():
                told = [there[f"{name}:{ref}", p] for name in ("backpack", "shortage", "surplus")]
                assert told == [man.bag[p], man.short[p], -man.surplus[p]], f"{told}, by the book {man}"
            told = [there[name, p] for name in ("disputed", "customer", "written_off", "warehouse")]
            assert told == [m.disputed[p], m.sold[p], m.written[p], -m.given[p]], f"{told}, by the book {m}"
            had = sum(man.bag[p] + man.short[p] - man.surplus[p] for man in m.men.values())
            assert had + m.sold[p] + m.disputed[p] + m.written[p] == m.given[p], "something is lost"

    def _money(self) -> None:
        rows = self.rows(MONEY)
        assert sum(row["q"] for row in rows) == 0
        assert all(row["q"] == row["b"] for row in rows), rows
        there = {row["account"]: row["q"] for row in rows}
        for ref, man in self.model.men.items():
            assert there.get(f"cash:{ref}", 0) == man.cash, f"{there.get(f'cash:{ref}')}, by the book {man}"

    def _incidents(self) -> None:
        rows = self.rows("SELECT kind, subject_kind, subject_id, state, doc FROM incident WHERE courier_ref = ANY(%s)",
                         list(self.model.men))  # fmt: skip
        there: Counter[Subject] = Counter()
        open_now: Counter[Subject] = Counter()
        for row in rows:
            if row["subject_kind"] != "delivery" or row["kind"] in ABOUT_DELIVERIES:
                key = row["kind"], row["subject_kind"], row["subject_id"]
                there[key] += row["doc"]["times"]
                open_now[key] += row["state"] == "open"
        assert there == self.model.must + Counter(), f"{there - self.model.must}, {self.model.must - there}"
        assert all(number <= 1 for number in open_now.values()), "one contradiction, two open incidents"

    async def decide_one(self, a: int) -> None:
        rows = self.rows(
            "SELECT id, kind, courier_ref FROM incident WHERE courier_ref = ANY(%s) AND state = 'open' "
            "ORDER BY raised_at", list(self.model.men),
        )  # fmt: skip
        if rows:
            one = rows[a % len(rows)]
            man = self.model.men[one["courier_ref"]]
            man.explained = man.moves if one["kind"] == "cash_difference" else man.explained
            path = f"/api/v1/board/incidents/{one['id']}/decide"
            answer = await self.service.person("POST", path, {"decision": "explained", "reason": "так и было"})
            assert answer.status_code == 200, answer.text

    def new_entry(self, ref: str) -> str:
        """The id of what was moved at the cash desk just now; those of shifts' openings are no concern here."""
        known = list(self.model.men[ref].entries)
        (row,) = self.rows(
            "SELECT id::text FROM cash_entry WHERE courier_ref = %s AND id::text <> ALL(%s) "
            "AND doc #>> '{receiver,name}' <> 'по счёту курьера'", ref, known,
        )  # fmt: skip
        return str(row["id"])

    def back(self, ref: str, warehouse: str, goods: Goods) -> None:
        """A load of what never left: the service makes its id."""
        rows = self.rows("SELECT id::text FROM backpack_load WHERE courier_ref = %s AND document IS NULL", ref)
        new = {row["id"] for row in rows} - {key for _, key in self.model.docs} - self.commanded
        assert len(new) == 1, "what never left is in the backpack once"
        (id,) = new
        self.model.load(ref, id, warehouse, goods)

    def key_of(self, courier: str, load: Json) -> str:
        """Which load of the model the phone is shown."""
        return next(key for of, key in self.model.docs if of == courier and key in (load["document"], load["id"]))

    def day_agrees(self, ref: str, day: Json) -> None:
        man = self.model.men[ref]
        there = {one["product"]: round(float(one["quantity"]) * 1000) for one in day["backpack"]}
        right = {p: milli for p, milli in man.bag.items() if milli}
        assert there == right, f"{there}, by the book {right}"
        assert day["cash"]["to_hand_in"] == f"{Decimal(man.cash) / 100:.2f}"
        assert (day["cash"]["hand_in_code"] is None) == (man.asked is None)
        sales = {id: sale for id, (courier, sale) in self.model.sales.items() if courier == ref}
        assert {one["id"]: round(float(one["sum"]) * 100) for one in day["sales"]} == {
            id: sale.sum() for id, sale in sales.items()
        }
        assert len(day["backpack_loads"]) == len(man.waiting), f"{day['backpack_loads']}, by the book {man.waiting}"

    # -- 1C

    async def acknowledge(self, events: list[Json]) -> None:
        for one in events:
            self.pulled.setdefault(one["id"], one)
        await self.service.onec.ack([one["id"] for one in events])

    def one_c_heard(self) -> None:
        heard: dict[tuple[str, str], list[int]] = {}
        mine: Counter[str] = Counter()
        for one in self.pulled.values():
            heard.setdefault((one["subject"]["kind"], one["subject"]["id"]), []).append(one["version"])
            if one["subject"]["kind"] != "delivery" and str(one["data"].get("courier")) in self.model.men:
                mine[one["type"]] += 1
        assert all(versions == sorted(set(versions)) for versions in heard.values()), "in order, each once"
        assert mine == +self.model.events, f"{mine}, by the book {self.model.events}"
