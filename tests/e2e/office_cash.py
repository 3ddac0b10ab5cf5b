"""What the fake office knows of cash and backpacks: a small desk with the service's answers, held in memory."""

from collections.abc import Callable
from typing import Any

from tests.e2e.office_data import KAZAN, MOSCOW, PETROV, SIDOROV, Json, ago
from tests.e2e.office_people import LONG_NAME

LONG_GOODS = "Термос «Полярник-Экспедиция» нержавеющая сталь, с широким горлом и чашкой, 1,2 л, тёмно-зелёный"


class Refused(Exception):
    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail


def a_line(number: int, kind: str, sum: str, **changes: Any) -> Json:
    return {
        "id": f"line-{number}", "at": ago(9000 - 600 * number), "kind": kind, "sum": sum, "order_number": None,
        "receiver": None,
    } | changes  # fmt: skip


def cash_couriers() -> list[Json]:
    def one(who: Json, **changes: Any) -> Json:
        about = {k: who[k] for k in ("ref", "name")}
        nothing = {"division": MOSCOW, "requested": None, "last_hand_in": None, "ceiling_state": "none"}
        return about | nothing | changes

    before = {"at": ago(90_000), "sum": "7120.50", "receiver": "Анна Кузнецова"}
    return [
        one(SIDOROV, last_hand_in=before),
        one({"ref": "c3", "name": LONG_NAME}, division=KAZAN, ceiling_state="near"),
        one(PETROV, requested={"at": ago(420), "code": "4821"}, ceiling_state="reached"),
    ]


def goods(product: str, name: str, quantity: str, unit: str = "шт", **changes: Any) -> Json:
    return {"product": product, "characteristic": None, "name": name, "unit": unit, "quantity": quantity} | changes


def carried(product: str, name: str, quantity: str, onec: str | None, difference: str | None, **more: Any) -> Json:
    return goods(product, name, quantity, **({"pending": "0", "onec": onec, "difference": difference} | more))


def backpacks() -> list[Json]:
    return [
        {
            "ref": SIDOROV["ref"], "name": SIDOROV["name"], "division": MOSCOW,
            "warehouse": {"ref": "w2", "name": "Рюкзак: склад 2"},
            "goods": [
                carried("p1", "Термос 1 л", "6", "6", "0"), carried("p2", "Сыр", "1.25", "1.25", "0", unit="кг"),
                carried("p3", "Кружка", "4", "4", "0", pending="4"),
            ],
            "disputed": [], "shortage": [],
        },
        {
            "ref": "c3", "name": LONG_NAME, "division": KAZAN, "warehouse": {"ref": "w3", "name": "Рюкзак: склад 3"},
            "goods": [
                carried("p4", LONG_GOODS, "3", "5", "-2"), carried("p5", "Кружка походная", "-1", "0", "-1"),
                carried("p1", "Термос 1 л", "2", None, None),
            ],
            "disputed": [goods("p6", "Ложка складная", "2")],
            "shortage": [
                goods("p4", LONG_GOODS, "3", value="2970.00"), goods("p7", "Набор специй", "1", value=None),
            ],
        },
    ]  # fmt: skip


class FakeCash:
    """`expected`: what each courier holds, kopecks as rubles; `asked`: paths and bodies of what was written, in order.

    A call repeated under its key gets the answer of the first.
    """

    def __init__(self) -> None:
        self.couriers, self.backpacks = cash_couriers(), backpacks()
        self.expected: dict[str, float] = {one["ref"]: 5440.0 for one in self.couriers}
        self.counts: dict[str, Json] = {}
        self.differs: dict[str, float] = {}
        self.lines = {
            one["ref"]: [
                a_line(5, "sale", "990.00"),
                a_line(4, "delivery", "2450.00", order_number="000-000135"),
                a_line(1, "change", "2000.00", receiver="Анна Кузнецова"),
            ]
            for one in self.couriers
        }
        self.asked: list[tuple[str, Json]] = []
        self.answers: dict[str, Json] = {}

    def cash(self, rest: list[str], body: Json, key: str | None) -> Json:
        match rest:
            case []:
                still = [self._open(one) for one in self.counts.values() if one["state"] == "open"]
                return {"couriers": self.couriers, "counts": still}
            case ["couriers", ref]:
                who = {k: self._courier(ref)[k] for k in ("ref", "name")}
                told = {"to_hand_in": f"{self.expected[ref]:.2f}", "difference": f"{self.differs.get(ref, 0):.2f}"}
                return {"courier": who, **told, "lines": self.lines[ref]}
            case ["counts"]:
                return self._once(rest, body, key, lambda: self._count(body))
            case ["counts", count_id, "confirm"]:
                return self._once(rest, body, key, lambda: self._confirm(count_id, body))
            case ["counts", count_id, "cancel"]:
                return self._once(rest, body, key, lambda: self._give_up(count_id))
            case ["differences", ref]:
                return self._once(rest, body, key, lambda: self._settle(ref, body))
            case ["change"]:
                return self._once(rest, body, key, lambda: self._change(body))
            case ["corrections"]:
                return self._once(rest, body, key, lambda: self._correct(body))
        raise Refused(404, "not_found", "Такого раздела нет.")

    def goods(self, rest: list[str], body: Json, key: str | None) -> Json:
        if not rest:
            return {"couriers": self.backpacks}
        return self._once(rest, body, key, lambda: self._decide(rest[0], body))

    def _once(self, rest: list[str], body: Json, key: str | None, work: Callable[[], Json]) -> Json:
        if not key:
            raise Refused(422, "key_missing", "Нет ключа повтора.")
        if key not in self.answers:
            self.asked.append(("/".join(rest), body))
            self.answers[key] = work()
        return self.answers[key]

    def _courier(self, ref: str) -> Json:
        return next(one for one in self.couriers if one["ref"] == ref)

    def _count(self, body: Json) -> Json:
        ref, counted = body["courier"], float(body["counted"])
        one = {
            "id": f"count-{len(self.counts) + 1}", "courier": ref, "counted": body["counted"], "state": "open",
            "receiver": "Анна Кузнецова", "at": ago(0), "expected": f"{self.expected[ref]:.2f}",
            "difference": f"{counted - self.expected[ref]:.2f}",
        }  # fmt: skip
        self.counts[one["id"]] = one
        return self._take(one) if counted == self.expected[ref] else self._told(one, [])

    def _confirm(self, count_id: str, body: Json) -> Json:
        if not body["reason"] or not body["second"] or body["second"].casefold() == "анна кузнецова":
            raise Refused(422, "second_name_missing", "Разницу подтверждают двое. Укажите другого человека.")
        return self._take(self.counts[count_id])

    def _give_up(self, count_id: str) -> Json:
        self.counts[count_id]["state"] = "given_up"
        return {"done": True}

    def _open(self, one: Json) -> Json:
        told = {k: one[k] for k in ("id", "counted", "expected", "difference", "at")} | {"by": one["receiver"]}
        told["courier"] = {k: self._courier(one["courier"])[k] for k in ("ref", "name")}
        given_up = [each["counted"] for each in self.counts.values() if each["state"] == "given_up"]
        return told | {"recounts": given_up}

    def _settle(self, ref: str, body: Json) -> Json:
        moved = float(body["sum"]) * (-1 if body["decision"] == "shortage" else 1)
        self.differs[ref] -= moved
        self.expected[ref] += moved
        self.lines[ref].insert(0, a_line(10, "difference", f"{moved:.2f}", at=ago(0)))
        return {"decided": f"{moved:.2f}", "difference": f"{self.differs[ref]:.2f}"}

    def _take(self, one: Json) -> Json:
        one["state"] = "posted"
        self.differs[one["courier"]] = float(one["difference"])
        courier = self._courier(one["courier"])
        courier["requested"] = None
        courier["last_hand_in"] = {"at": ago(0), "sum": one["counted"], "receiver": one["receiver"]}
        self.expected[one["courier"]] -= float(one["counted"])
        line = a_line(9, "hand_in", f"-{one['counted']}", receiver=one["receiver"], at=ago(0))
        self.lines[one["courier"]].insert(0, line)
        return self._told(one, ["000-000135", "000-000136"])

    def _told(self, one: Json, settled: list[str]) -> Json:
        state = "needs_reason" if one["state"] == "open" else "posted"
        return {k: one[k] for k in ("id", "counted", "expected", "difference")} | {"state": state, "settled": settled}

    def _change(self, body: Json) -> Json:
        self.expected[body["courier"]] += float(body["sum"])
        self.lines[body["courier"]].insert(0, a_line(8, "change", body["sum"], receiver="Анна Кузнецова", at=ago(0)))
        return {"done": True}

    def _correct(self, body: Json) -> Json:
        for ref, lines in self.lines.items():
            for line in [
                one for one in lines if one["id"] == body["event"] and self._courier(ref)["requested"] is None
            ]:
                moved = float(body["sum"]) - abs(float(line["sum"]))
                lines.insert(0, a_line(7, "correction", f"{moved:.2f}", at=ago(0)))
                self.expected[ref] += moved
        return {"done": True}

    def _decide(self, ref: str, body: Json) -> Json:
        one = next(one for one in self.backpacks if one["ref"] == ref)
        for line in [line for line in one["shortage"] if line["product"] == body["product"]]:
            if float(body["quantity"]) > float(line["quantity"]):
                raise Refused(422, "more_than_short", "Указано больше недостачи. Проверьте количество.")
            line["quantity"] = f"{float(line['quantity']) - float(body['quantity']):g}"
        one["shortage"] = [line for line in one["shortage"] if line["quantity"] != "0"]
        return {"done": True}
