"""Documents of sales, backpacks and cash: once per event, renewed by corrections, refused where a switch says so."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sandbox.fake_posrednik import FakePosrednik, an_event
from tests.sandbox.onec_running import a_base, drained, left, named

from posrednik.connectors.onec.inbound import Inbound
from posrednik_sandbox.onec import Onec, books, views
from posrednik_sandbox.onec.books import kopecks, units
from posrednik_sandbox.onec.seed import rubles

Json = dict[str, Any]


class Field:
    """One courier of the base and what Posrednik says of him."""

    def __init__(self, onec: Onec) -> None:
        self.onec = onec
        self.courier = named(onec, "courier", "Петров Илья")
        self.bag = named(onec, "warehouse", "Рюкзак: Петров Илья")
        self.main = named(onec, "warehouse", "Склад «Центр»")
        self.thermos = named(onec, "product", "Термос «Тайга» 1 л")
        self.coffee = named(onec, "product", "Кофе в зёрнах")
        self.number = 0

    def take(self, kind: str, subject: str, version: int = 1, **data: Any) -> str:
        """Let the base take in an event about him. Returns accepted, or the code of the refusal."""
        self.number += 1
        about = {"kind": kind.split(".")[0], "id": subject}
        event = an_event(self.number, kind, about, version, {"courier": self.courier, **data})
        accepted, rejected = self.onec.receiver._apply_all([event])
        return "accepted" if accepted else str(rejected[0]["code"])

    def papers(self) -> list[tuple[str, str]]:
        """Kind and sum of the documents that are posted."""
        rows = self.onec.store.rows("SELECT kind, sum FROM document WHERE posted = 1 ORDER BY kind, sum")
        return [(row["kind"], row["sum"]) for row in rows]

    def books(self) -> Json:
        return next(item for item in books.totals(self.onec.store) if item["ref"] == self.courier)

    def in_bag(self, product: str) -> int:
        return left(self.onec, self.bag, product)


@pytest.fixture
def field(onec: Onec) -> Field:
    return Field(onec)


def a_sale(field: Field, count: str = "2", method: str = "cash", price: str = "990.00") -> Json:
    total = rubles(round(kopecks(price) * float(count)))
    line = {"product": field.thermos, "name": "Термос", "quantity": count, "price": price, "sum": total}
    return {"warehouse": field.bag, "lines": [line], "sum": total, "payment_method": method}


@pytest.mark.parametrize(
    ("method", "payment"), [("cash", "cash_receipt"), ("card", "card_payment"), ("transfer", "bank_payment")]
)
def test_sale_becomes_order_shipment_and_payment(field: Field, method: str, payment: str) -> None:
    before = field.in_bag(field.thermos)
    assert field.take("sale.made", "sale-1", **a_sale(field, "2", method)) == "accepted"
    assert field.papers() == sorted([("order", "1980.00"), ("shipment", "1980.00"), (payment, "1980.00")])
    assert field.in_bag(field.thermos) == before - 2000
    (order,) = field.onec.store.rows("SELECT * FROM document WHERE kind = 'order'")
    listed = views.order(field.onec, order["ref"])
    assert listed is not None
    assert (listed["number"], listed["recipient"], listed["amount_due"]) == (
        "МЗ00-000001",
        "Розничный покупатель",
        "0.00",
    )
    assert sorted(paper["kind"] for paper in listed["papers"]) == sorted(["order", "shipment", payment])
    assert {paper["courier"] for paper in listed["papers"]} == {"Петров Илья"}


def test_sale_at_a_delivery_is_an_order_of_the_same_customer(field: Field) -> None:
    order = field.onec.store.row("SELECT ref, number FROM order_card ORDER BY position LIMIT 1")
    assert order is not None
    event = an_event(90, "delivery.picked_up", {"kind": "delivery", "id": "d-1", "order_ref": order["ref"]}, 2)
    field.onec.receiver._apply_all([event])
    field.take("sale.made", "sale-1", **a_sale(field), delivery="d-1")
    known = field.onec.store.names("order")
    made = next(data for ref, data in known.items() if data["number"] == "МЗ00-000001")
    assert made["recipient"] == known[order["ref"]]["recipient"]
    assert made["address"] == known[order["ref"]]["address"]


def test_corrected_sale_renews_its_documents_under_their_numbers(field: Field) -> None:
    first = a_sale(field, "2", "cash")
    before = field.in_bag(field.thermos)
    field.take("sale.made", "sale-1", 1, **first)
    sql = "SELECT kind, ref, number FROM document WHERE kind IN ('order', 'shipment') ORDER BY kind"
    numbers = field.onec.store.rows(sql)
    field.take("sale.corrected", "sale-1", 2, **a_sale(field, "1", "card"), before=first)
    assert field.papers() == [("card_payment", "990.00"), ("order", "990.00"), ("shipment", "990.00")]
    assert field.onec.store.rows(sql) == numbers
    assert field.in_bag(field.thermos) == before - 1000
    field.take("sale.corrected", "sale-1", 3, **a_sale(field, "2", "cash"), before=first)
    assert field.papers() == [("cash_receipt", "1980.00"), ("order", "1980.00"), ("shipment", "1980.00")]
    assert field.onec.store.value("SELECT count(*) FROM document") == 4


def test_sale_taken_back_whole_leaves_nothing_posted(field: Field) -> None:
    before = field.in_bag(field.thermos)
    field.take("sale.made", "sale-1", 1, **a_sale(field))
    field.take("sale.corrected", "sale-1", 2, lines=[], sum="0.00", payment_method="cash", before=a_sale(field))
    assert (field.papers(), field.in_bag(field.thermos)) == ([], before)
    order = field.onec.store.value("SELECT ref FROM document WHERE kind = 'order'")
    stored = field.onec.store.object("order", order)
    assert stored is not None
    assert not stored["posted"]


def test_older_version_of_a_sale_does_not_turn_its_documents_back(field: Field) -> None:
    field.take("sale.corrected", "sale-1", 2, **a_sale(field, "1"), before=a_sale(field, "2"))
    field.take("sale.made", "sale-1", 1, **a_sale(field, "2"))
    assert field.papers() == [("cash_receipt", "990.00"), ("order", "990.00"), ("shipment", "990.00")]


async def test_repeated_sale_makes_its_documents_once_and_they_carry_its_event(fake: FakePosrednik, onec: Onec) -> None:
    await onec.start()
    await drained(fake, onec)
    field = Field(onec)
    onec.switches.crash_before_ack = 1
    event = fake.tell("sale.made", {"kind": "sale", "id": "s"}, 1, {"courier": field.courier, **a_sale(field)})
    await fake.until(lambda: onec.store.value("SELECT count(*) FROM event") == 1)
    fake.leased.clear()
    await fake.until(lambda: event["id"] in fake.acked)
    await drained(fake, onec)
    echoes = sorted(kind for (kind, _), item in fake.objects.items() if item.get("event") == event["id"])
    assert echoes == ["cash_receipt", "order", "shipment"]
    shipment = next(item["data"] for (kind, _), item in fake.objects.items() if kind == "shipment")
    assert (("order", shipment["order"]) in fake.objects, shipment["warehouse"]) == (True, field.bag)


async def test_sale_that_is_refused_with_retry_makes_its_documents_at_the_next_try(
    fake: FakePosrednik, onec: Onec
) -> None:
    await onec.start()
    await drained(fake, onec)
    field = Field(onec)
    onec.switches.change({"control_stock": True, "reject_retry": True})
    data = {"courier": field.courier, **a_sale(field, "900")}
    event = fake.tell("sale.made", {"kind": "sale", "id": "s"}, 1, data)
    await fake.until(lambda: event["id"] in fake.acked)
    assert fake.acked.pop(event["id"]) == "rejected:not_posted:True"
    assert (field.papers(), onec.store.value("SELECT count(*) FROM event")) == ([], 0)
    assert "Не хватает остатка" in views.state(onec)["refused"][0]["message"]
    onec.switches.change({"control_stock": False})
    fake.leased.clear()
    await fake.until(lambda: fake.acked.get(event["id"]) == "accepted")
    assert len(field.papers()) == 3
    assert field.in_bag(field.thermos) < 0


def test_without_control_a_sale_of_more_than_there_is_goes_below_zero(field: Field) -> None:
    before = field.in_bag(field.thermos)
    assert field.take("sale.made", "sale-1", **a_sale(field, "50")) == "accepted"
    assert field.in_bag(field.thermos) == before - 50_000


def test_controlled_stock_lets_goods_come_in_where_there_are_less_than_none(field: Field) -> None:
    field.take("sale.made", "sale-1", **a_sale(field, "50"))
    field.onec.switches.control_stock = True
    line = {"product": field.thermos, "expected": "0", "counted": "1"}
    assert field.take("backpack.counted", field.courier, warehouse=field.bag, lines=[line]) == "accepted"


def test_acceptance_with_differences_is_corrected_by_transfers(field: Field) -> None:
    lines = [
        {"product": field.thermos, "expected": "3", "counted": "1"},
        {"product": field.coffee, "expected": "0.500", "counted": "0.750"},
    ]
    before = [field.in_bag(one) for one in (field.thermos, field.coffee)]
    field.take("backpack.accepted", field.courier, warehouse=field.main, lines=lines)
    assert [kind for kind, _ in field.papers()] == ["transfer", "transfer"]
    assert [field.in_bag(one) for one in (field.thermos, field.coffee)] == [before[0] - 2000, before[1] + 250]
    ways = {(data["from"], data["to"]) for data in field.onec.store.names("transfer").values()}
    assert ways == {(field.bag, field.main), (field.main, field.bag)}


def test_acceptance_of_what_was_expected_makes_no_document(field: Field) -> None:
    lines = [{"product": field.thermos, "expected": "3", "counted": "3"}]
    assert field.take("backpack.accepted", field.courier, warehouse=field.main, lines=lines) == "accepted"
    assert field.papers() == []


@pytest.mark.parametrize("named_warehouse", ["main", "bag", "none"])
def test_unload_by_posrednik_is_a_transfer_back(field: Field, named_warehouse: str) -> None:
    """Whichever warehouse the event names, goods come back to the one that is nobody's backpack."""
    where = {"main": {"warehouse": field.main}, "bag": {"warehouse": field.bag}, "none": {}}[named_warehouse]
    before = left(field.onec, field.main, field.thermos)
    lines = [{"product": field.thermos, "quantity": "2", "expected": "2", "counted": "2"}]
    field.take("backpack.unloaded", field.courier, lines=lines, **where)
    (transfer,) = field.onec.store.names("transfer").values()
    assert (transfer["from"], transfer["to"]) == (field.bag, field.main)
    assert left(field.onec, field.main, field.thermos) == before + 2000


def test_unload_by_a_document_of_the_base_makes_no_other(field: Field) -> None:
    lines = [{"product": field.thermos, "quantity": "2"}]
    field.take("backpack.unloaded", field.courier, 1, lines=lines)
    document = field.onec.store.value("SELECT ref FROM document")
    field.take("backpack.unloaded", field.courier, 2, lines=lines, document=document)
    assert len(field.papers()) == 1


def test_count_makes_documents_of_shortage_and_surplus_and_a_found_piece_comes_back(field: Field) -> None:
    lines = [
        {"product": field.thermos, "expected": "3", "counted": "1"},
        {"product": field.coffee, "expected": "0.5", "counted": "0.6"},
    ]
    before = field.in_bag(field.thermos)
    field.take("backpack.counted", field.courier, 1, warehouse=field.bag, lines=lines)
    assert field.papers() == [("surplus", "189.00"), ("write_off", "1980.00")]
    assert field.in_bag(field.thermos) == before - 2000
    field.take("backpack.found", field.courier, 2, lines=[{"product": field.thermos, "quantity": "1"}])
    assert field.in_bag(field.thermos) == before - 1000


def test_cash_of_a_day_as_in_the_example_of_the_rules(field: Field) -> None:
    """Change 2 000, taken at the door 2 450, a thermos for cash and one by card; counted 5 400 of 5 440."""
    order = field.onec.store.row("SELECT ref FROM order_card ORDER BY position LIMIT 1")
    assert order is not None
    field.take("cash.change_issued", field.courier, 1, sum="2000.00", till="t", receiver="Петров Илья")
    door = {"amount_taken": "2450.00", "payment_method": "cash", "courier": field.courier}
    subject = {"kind": "delivery", "id": "d-1", "order_ref": order["ref"]}
    field.onec.receiver._apply_all([an_event(50, "delivery.handed_over", subject, 4, door)])
    field.take("sale.made", "s-1", **a_sale(field, "1", "cash"))
    field.take("sale.made", "s-2", **a_sale(field, "1", "card"))
    assert field.books()["cash"] == "5440.00"
    counted = {"expected": "5440.00", "counted": "5400.00", "sum": "5400.00", "difference": "-40.00"}
    field.take("cash.handed_in", field.courier, 2, till="t", **counted)
    told = field.books()
    assert {name: told[name] for name in ("cash", "cash_documents", "sales", "card", "change_issued", "handed_in")} == {
        "cash": "40.00",
        "cash_documents": "3440.00",
        "sales": "1980.00",
        "card": "990.00",
        "change_issued": "2000.00",
        "handed_in": "5400.00",
    }
    field.take("cash.corrected", field.courier, 3, corrects="difference", difference="-40.00", sum="0.00")
    assert (field.books()["cash"], field.books()["cash_shortage"]) == ("0.00", "40.00")


def test_corrected_hand_in_renews_its_document(field: Field) -> None:
    field.take("cash.handed_in", field.courier, 1, sum="500.00")
    field.take("cash.handed_in", field.courier, 2, sum="700.00")
    number = field.onec.store.value("SELECT number FROM document WHERE sum = '500.00'")
    field.take("cash.corrected", field.courier, 3, corrects="handed_in", before={"sum": "500.00"}, sum="550.00")
    assert field.papers() == [("cash_hand_in", "550.00"), ("cash_hand_in", "700.00")]
    assert field.onec.store.value("SELECT number FROM document WHERE sum = '550.00'") == number
    field.take("cash.corrected", field.courier, 4, corrects="handed_in", before={"sum": "700.00"}, sum="0.00")
    assert field.papers() == [("cash_hand_in", "550.00")]


def test_correction_finds_the_entry_that_it_names(field: Field) -> None:
    field.take("cash.change_issued", field.courier, 1, sum="500.00", entry_id="one")
    field.take("cash.change_issued", field.courier, 2, sum="500.00", entry_id="two")
    told = {"corrects": "change_issued", "entry_id": "one"}
    field.take("cash.corrected", field.courier, 3, **told, before={"sum": "500.00"}, sum="0.00")
    field.take("cash.corrected", field.courier, 4, **told, before={"sum": "0.00"}, sum="300.00")
    rows = field.onec.store.rows("SELECT json_extract(data, '$.entry_id') AS entry, sum, posted FROM document")
    assert sorted((row["entry"], row["sum"], row["posted"]) for row in rows) == [
        ("one", "300.00", 1),
        ("two", "500.00", 1),
    ]


def test_goods_that_were_never_shipped_come_back_without_a_movement(field: Field) -> None:
    """Refused at the door: 1C shipped what was accepted, so only what the customer gives back moves stock."""
    order = field.onec.store.row("SELECT ref FROM order_card ORDER BY position LIMIT 1")
    assert order is not None
    data = field.onec.store.names("order")[order["ref"]]
    subject = {"kind": "delivery", "id": "d-1", "order_ref": order["ref"]}
    line = data["lines"][0] | {"quantity": "1"}
    before = left(field.onec, data["warehouse"], line["product"])
    field.onec.receiver._apply_all([an_event(1, "delivery.returned", subject, 3, {"lines": [line]})])
    assert left(field.onec, data["warehouse"], line["product"]) == before
    field.onec.receiver._apply_all([an_event(2, "delivery.customer_returned", subject, 4, {"lines": [line]})])
    assert left(field.onec, data["warehouse"], line["product"]) == before + 1000
    assert [kind for kind, _ in field.papers()] == ["return", "return"]


def test_refund_of_what_was_paid_by_card_leaves_the_cash_alone(field: Field) -> None:
    subject = {"kind": "delivery", "id": "d-1"}
    told = {"lines": [], "refund": "300.00", "refund_cash": "0.00", "courier": field.courier}
    field.onec.receiver._apply_all([an_event(1, "delivery.customer_returned", subject, 4, told)])
    assert (field.papers(), field.books()["cash"]) == ([("card_refund", "300.00")], "0.00")


def test_sale_without_any_warehouse_is_refused_for_good(field: Field) -> None:
    lost = a_sale(field) | {"courier": "Некто", "warehouse": "Нигде"}
    assert field.take("sale.made", "sale-1", **lost) == "cannot_apply"
    assert field.onec.store.value("SELECT count(*) FROM document") == 0


def test_everything_the_base_sends_is_readable_to_the_service(field: Field) -> None:
    field.take("sale.made", "sale-1", **a_sale(field, "50"))
    lines = [{"product": field.thermos, "expected": "3", "counted": "1"}]
    field.take("backpack.accepted", field.courier, warehouse=field.main, lines=lines)
    packed, kinds = field.onec.outbox.pack(), set()
    while packed is not None:
        for index, item in enumerate(json.loads(packed["body"])["objects"]):
            read = Inbound("Europe/Moscow").object(index, json.dumps(item).encode())
            kinds.add(read.kind)
            assert read.odd_sums == ()
        field.onec.outbox.drop(packed, "read")
        marks = [(kind, ref) for kind, ref, _ in json.loads(packed["marks"])]
        field.onec.store.db.executemany("DELETE FROM dirty WHERE kind = ? AND ref = ?", marks)
        packed = field.onec.outbox.pack()
    assert {"price", "stock", "order", "shipment", "cash_receipt", "transfer"} <= kinds


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("sale"), st.integers(0, 3), st.integers(0, 5000), st.sampled_from(["cash", "card"])),
        st.tuples(st.just("accepted"), st.integers(0, 5000), st.integers(0, 5000)),
        st.tuples(st.just("counted"), st.integers(0, 5000), st.integers(0, 5000)),
        st.tuples(st.just("unloaded"), st.integers(1, 5000)),
        st.tuples(st.just("change"), st.integers(1, 500_000)),
        st.tuples(st.just("hand_in"), st.integers(1, 500_000)),
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
def one_base(tmp_path_factory: pytest.TempPathFactory) -> Field:
    return Field(a_base(tmp_path_factory.mktemp("books"), orders=0))


@given(STEPS)
@settings(max_examples=40, deadline=None)
def test_books_agree_with_what_was_told_to_the_kopeck_and_the_gram(
    one_base: Field, steps: list[tuple[Any, ...]]
) -> None:
    """Sales made and corrected, counts, unloads, change and hand-ins in any order, each told twice."""
    field = one_base
    goods, cash = field.in_bag(field.coffee), kopecks(field.books()["cash"])
    sales: dict[int, tuple[int, int, str, int]] = {}
    run = field.number
    for versions, step in enumerate(steps, 1):
        match step:
            case ("sale", place, milli, method):
                taken = (189000 * milli + 500) // 1000
                known = sales.get(place)
                version = known[3] + 1 if known else 1
                sales[place] = (milli, taken, method, version)
                line = {"product": field.coffee, "quantity": units(milli), "price": "1890.00", "sum": rubles(taken)}
                data = {"lines": [line] if milli else [], "sum": rubles(taken), "payment_method": method}
                kind = "sale.corrected" if known else "sale.made"
                for _ in range(2):
                    field.take(kind, f"{run}-{place}", version, **data)
                    field.number -= 1
                field.number += 1
            case ("accepted" | "counted" as what, expected, counted):
                line = {"product": field.coffee, "expected": units(expected), "counted": units(counted)}
                field.take(f"backpack.{what}", f"bag-{run}", versions, lines=[line])
                goods += counted - expected
            case ("unloaded", milli):
                line = {"product": field.coffee, "quantity": units(milli)}
                field.take("backpack.unloaded", f"bag-{run}", versions, lines=[line])
                goods -= milli
            case ("change", total):
                field.take("cash.change_issued", f"cash-{run}", versions, sum=rubles(total))
                cash += total
            case ("hand_in", total):
                field.take("cash.handed_in", f"cash-{run}", versions, sum=rubles(total))
                cash -= total
    goods -= sum(milli for milli, _, _, _ in sales.values())
    cash += sum(taken for _, taken, method, _ in sales.values() if method == "cash")
    assert field.in_bag(field.coffee) == books.balance(field.onec.store, field.bag, field.coffee) == goods
    assert kopecks(field.books()["cash"]) == cash


@given(st.integers(-(10**9), 10**9))
def test_regression_sums_below_zero_keep_their_kopecks(sum_kop: int) -> None:
    assert kopecks(rubles(sum_kop)) == sum_kop
