"""What the extension makes of sales, backpacks and cash; what happens when 1C does not post."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.onec.ut import Courier

from posrednik_sandbox.onec import views
from posrednik_sandbox.onec.books import kopecks, units
from posrednik_sandbox.onec.seed import rubles

Json = dict[str, Any]


@pytest.fixture
def base(tmp_path: Path) -> Courier:
    return Courier(tmp_path)


def a_sale(base: Courier, count: str = "2", method: str = "cash", price: str = "990.00") -> Json:
    total = rubles(round(kopecks(price) * float(count)))
    line = {"line": "1", "product": base.thermos, "quantity": count, "price": price, "sum": total}
    return {"warehouse": base.bag, "lines": [line], "sum": total, "payment_method": method}


def hooks(sending: str = "", before: str = "", writing: str = "", after: str = "") -> str:
    """The module that the extension leaves to the integrator, with his code in it."""
    return f"""
Процедура ПриВыгрузкеОбъекта(Знач Вид, Источник, Описание) Экспорт
{sending}
КонецПроцедуры
Процедура ПередПрименениемСобытия(Событие, Отказ) Экспорт
{before}
КонецПроцедуры
Процедура ПередЗаписьюДокумента(Событие, Знач Вид, Документ) Экспорт
{writing}
КонецПроцедуры
Процедура ПослеПримененияСобытия(Событие, СозданныеДокументы) Экспорт
{after}
КонецПроцедуры
"""


# -- sales


@pytest.mark.parametrize(
    ("method", "payment"), [("cash", "cash_receipt"), ("card", "card_payment"), ("transfer", "bank_payment")]
)
def test_sale_becomes_order_shipment_and_payment(base: Courier, method: str, payment: str) -> None:
    before = base.in_bag(base.thermos)
    assert base.take("sale.made", "s", **a_sale(base, "2", method)) == "accepted"
    assert base.papers() == sorted([("order", "1980.00"), ("shipment", "1980.00"), (payment, "1980.00")])
    assert base.in_bag(base.thermos) == before - 2000
    order = base.paper("order")
    listed = views.order(base.onec, order["ref"])
    assert listed is not None
    assert (listed["recipient"], sorted(paper["kind"] for paper in listed["papers"])) == (
        "Розничный покупатель", sorted(["order", "shipment", payment]),
    )  # fmt: skip
    division = base.object("warehouse", base.bag)["data"]["division"]
    assert (order["data"]["division"], order["data"]["warehouse"]) == (division, base.bag)
    assert base.paper("shipment")["data"]["order"] == order["ref"]


def test_sale_at_a_delivery_is_an_order_of_the_same_customer(base: Courier) -> None:
    base.take("delivery.picked_up", "d", 2)
    delivery = base.base.rows("кд_ПринятыеСобытия", "1")[0]["Предмет"]
    base.take("sale.made", "s", **a_sale(base), delivery=delivery)
    sold, delivered = base.paper("order")["data"], base.object("order", base.order)["data"]
    assert sold["recipient"] == delivered["recipient"]
    assert sold["address"]["text"] == delivered["address"]["text"]
    assert sold["counterparty"] == delivered["counterparty"]


def test_sale_without_an_order_where_the_setting_says_so(base: Courier) -> None:
    customer = next(iter(base.store.names("counterparty")))
    base.set(ПродажаДокументом="РеализацияТоваровУслуг", РозничныйПокупатель=customer)
    base.take("sale.made", "s", **a_sale(base))
    assert base.papers() == [("cash_receipt", "1980.00"), ("shipment", "1980.00")]
    assert base.paper("shipment")["data"]["counterparty"] == customer


def test_sales_of_a_day_are_lines_of_one_retail_report(base: Courier) -> None:
    base.set(ПродажаДокументом="ОтчетОРозничныхПродажах")
    before = base.in_bag(base.thermos)
    base.take("sale.made", "s-1", **a_sale(base, "2"))
    base.take("sale.made", "s-2", **a_sale(base, "1", "card"))
    assert (base.papers(), base.in_bag(base.thermos)) == ([("retail_report", "2970.00")], before - 3000)
    base.take("sale.corrected", "s-1", 2, **a_sale(base, "1"))
    assert (base.papers(), base.in_bag(base.thermos)) == ([("retail_report", "1980.00")], before - 2000)
    base.take("sale.corrected", "s-2", 2, lines=[], sum="0.00", payment_method="card")
    assert base.papers() == [("retail_report", "990.00")]
    base.take("sale.corrected", "s-1", 3, lines=[], sum="0.00", payment_method="cash")
    assert (base.papers(), base.in_bag(base.thermos)) == ([], before)


def test_sale_of_another_day_is_in_another_report(base: Courier) -> None:
    base.set(ПродажаДокументом="ОтчетОРозничныхПродажах")
    base.take("sale.made", "s-1", **a_sale(base))
    tomorrow = base.event("sale.made", "s-2", **a_sale(base)) | {"occurred_at": "2026-11-22T22:30:00+00:00"}
    assert base.given(tomorrow) == "accepted"
    assert base.papers() == [("retail_report", "1980.00"), ("retail_report", "1980.00")]


def test_corrected_sale_renews_its_documents_under_their_numbers(base: Courier) -> None:
    before = base.in_bag(base.thermos)
    base.take("sale.made", "s", 1, **a_sale(base, "2", "cash"))
    sql = "SELECT kind, ref, number FROM document WHERE kind IN ('order', 'shipment') ORDER BY kind"
    numbers = base.store.rows(sql)
    base.take("sale.corrected", "s", 2, **a_sale(base, "1", "card"))
    assert base.papers() == [("card_payment", "990.00"), ("order", "990.00"), ("shipment", "990.00")]
    assert (base.store.rows(sql), base.in_bag(base.thermos)) == (numbers, before - 1000)
    base.take("sale.corrected", "s", 3, **a_sale(base, "2", "cash"))
    assert base.papers() == [("cash_receipt", "1980.00"), ("order", "1980.00"), ("shipment", "1980.00")]
    assert base.store.value("SELECT count(*) FROM document") == 4


def test_sale_taken_back_whole_leaves_nothing_posted(base: Courier) -> None:
    before = base.in_bag(base.thermos)
    base.take("sale.made", "s", 1, **a_sale(base))
    base.take("sale.corrected", "s", 2, lines=[], sum="0.00", payment_method="cash")
    assert (base.papers(), base.in_bag(base.thermos)) == ([], before)


def test_older_version_of_a_sale_does_not_turn_its_documents_back(base: Courier) -> None:
    base.take("sale.corrected", "s", 2, **a_sale(base, "1"))
    base.take("sale.made", "s", 1, **a_sale(base, "2"))
    assert base.papers() == [("cash_receipt", "990.00"), ("order", "990.00"), ("shipment", "990.00")]


def test_the_sum_that_the_courier_took_stands_in_the_lines(base: Courier) -> None:
    """Price by quantity is a kopeck off where goods are sold by weight."""
    line = {"line": "1", "product": base.coffee, "quantity": "0.333", "price": "1890.00", "sum": "629.38"}
    base.take("sale.made", "s", lines=[line], sum="629.38", payment_method="card")
    assert base.data("shipment", base.paper("shipment")["ref"])["lines"][0]["sum"] == "629.38"


def test_sale_without_any_warehouse_is_refused_for_good(base: Courier) -> None:
    lost = a_sale(base) | {"courier": "Некто", "warehouse": "Нигде"}
    assert base.take("sale.made", "s", **lost) == "cannot_apply"
    assert base.papers() == []


# -- backpacks


def test_what_the_count_finds_at_the_acceptance_is_moved(base: Courier) -> None:
    document = base.paper_of_a_load("3")
    lines = [
        {"product": base.thermos, "expected": "3", "counted": "1"},
        {"product": base.coffee, "expected": "0.5", "counted": "0.6"},
    ]
    goods, coffee = base.in_bag(base.thermos), base.in_bag(base.coffee)
    base.take("backpack.accepted", "b", 1, warehouse=base.main, lines=lines, documents=[document])
    assert (base.in_bag(base.thermos), base.in_bag(base.coffee)) == (goods - 2000, coffee + 100)
    rows = {row["Место"]: row for row in base.base.rows("кд_ДокументыСобытий", "1")}
    assert set(rows) == {"transfer_less", "transfer_more"}
    assert {row["Основание"] for row in rows.values()} == {document}
    less = base.data("transfer", rows["transfer_less"]["Идентификатор"])
    assert (less["from"], less["to"], less["courier"]) == (base.bag, base.main, base.courier)
    assert [(one["product"], one["quantity"]) for one in less["lines"]] == [(base.thermos, "2")]


def test_unloaded_goods_go_back_unless_a_document_of_the_base_took_them(base: Courier) -> None:
    lines = [{"product": base.thermos, "quantity": "1"}]
    base.take("backpack.unloaded", "b", 1, lines=lines)
    (back,) = base.store.rows("SELECT ref FROM document WHERE kind = 'transfer'")
    found = base.data("transfer", back["ref"])
    assert (found["from"], found["to"]) == (base.bag, base.main)
    base.take("backpack.unloaded", "b", 2, lines=lines, document=back["ref"])
    assert len(base.papers()) == 1


def test_count_makes_documents_of_shortage_and_surplus_and_a_found_piece_comes_back(base: Courier) -> None:
    lines = [
        {"product": base.thermos, "expected": "3", "counted": "1"},
        {"product": base.coffee, "expected": "0.5", "counted": "0.6"},
    ]
    before = base.in_bag(base.thermos)
    base.take("backpack.counted", "b", 1, warehouse=base.bag, lines=lines)
    assert [kind for kind, _ in base.papers()] == ["surplus", "write_off"]
    assert base.in_bag(base.thermos) == before - 2000
    base.take("backpack.found", "b", 2, lines=[{"product": base.thermos, "quantity": "1"}])
    assert base.in_bag(base.thermos) == before - 1000
    base.take("backpack.written_off", "b", 3, lines=[{"product": base.thermos, "quantity": "1"}], reason="пропал")
    assert (base.in_bag(base.thermos), len(base.papers())) == (before - 1000, 3)


# -- cash


def test_cash_of_a_day_as_in_the_example_of_the_rules(base: Courier) -> None:
    """Change 2 000, taken at the door 2 450, a thermos for cash and one by card; counted 5 400 of 5 440."""
    base.take("cash.change_issued", "c", 1, sum="2000.00", till="t", receiver="Петров Илья")
    base.take("delivery.handed_over", "d", 4, amount_taken="2450.00", payment_method="cash")
    base.take("sale.made", "s-1", **a_sale(base, "1", "cash"))
    base.take("sale.made", "s-2", **a_sale(base, "1", "card"))
    assert base.books()["cash"] == "5440.00"
    base.take("cash.handed_in", "c", 2, till="t", expected="5440.00", counted="5400.00", sum="5400.00")
    told = base.books()
    assert {name: told[name] for name in ("cash", "cash_documents", "sales", "card", "change_issued", "handed_in")} == {
        "cash": "40.00", "cash_documents": "3440.00", "sales": "1980.00", "card": "990.00",
        "change_issued": "2000.00", "handed_in": "5400.00",
    }  # fmt: skip
    assert "насчитано: 5400.00" in base.paper("cash_hand_in")["data"]["comment"]


def test_a_decided_difference_is_kept_and_becomes_a_document_where_one_is_named(base: Courier) -> None:
    told = {"corrects": "difference", "difference": "-40.00", "sum": "0.00"}
    assert base.take("cash.corrected", "c", 1, **told) == "accepted"
    assert (base.papers(), len(base.base.rows("кд_ПринятыеСобытия", "1"))) == ([], 1)
    base.set(Документ__cash_shortage="ИШ_НедостачаДенег")
    base.take("cash.corrected", "c", 2, **told)
    assert base.papers() == [("cash_shortage", "40.00")]


def test_no_document_where_the_setting_says_none(base: Courier) -> None:
    base.set(Документ__cash_hand_in="нет")
    assert base.take("cash.handed_in", "c", 1, sum="500.00") == "accepted"
    assert base.papers() == []


def test_correction_finds_the_entry_that_it_names(base: Courier) -> None:
    base.take("cash.change_issued", "c", 1, sum="500.00", entry_id="one")
    base.take("cash.change_issued", "c", 2, sum="500.00", entry_id="two")
    told = {"corrects": "change_issued", "entry_id": "one"}
    base.take("cash.corrected", "c", 3, **told, before={"sum": "500.00"}, sum="0.00")
    assert (base.papers(), base.papers(posted=False)) == ([("change_issue", "500.00")], [("change_issue", "500.00")])
    base.take("cash.corrected", "c", 4, **told, before={"sum": "0.00"}, sum="300.00")
    assert base.papers() == [("change_issue", "300.00"), ("change_issue", "500.00")]


def test_correction_without_an_entry_finds_the_newest_of_the_wrong_sum(base: Courier) -> None:
    base.take("cash.handed_in", "c", 1, sum="500.00")
    base.take("cash.handed_in", "c", 2, sum="700.00")
    base.take("cash.corrected", "c", 3, corrects="handed_in", before={"sum": "500.00"}, sum="550.00")
    assert base.papers() == [("cash_hand_in", "550.00"), ("cash_hand_in", "700.00")]


# -- what 1C does not post


@pytest.mark.parametrize("kind", ["sale.made", "backpack.unloaded", "backpack.counted"])
def test_controlled_stock_posts_nothing_below_zero(base: Courier, kind: str) -> None:
    base.base.control_stock = True
    lines = [{"product": base.thermos, "quantity": "900", "expected": "900", "counted": "0", "price": "1.00"}]
    told = {"lines": lines, "sum": "900.00", "payment_method": "cash", "warehouse": base.bag}
    if kind == "backpack.unloaded":
        lines[0] |= {"counted": "900"}
    assert base.take(kind, "x", **told) == "not_posted"
    assert (base.papers(), base.papers(posted=False), base.base.rows("кд_ДокументыСобытий", "1")) == ([], [], [])
    base.base.control_stock = False
    assert base.take(kind, "x", **told) == "accepted"


def test_the_refusal_says_what_1c_told_the_user(tmp_path: Path) -> None:
    """A configuration refuses in one sentence and tells the reason by messages."""
    tells = """
    Если Вид = "shipment" Тогда
        Сообщение = Новый СообщениеПользователю;
        Сообщение.Текст = "Не заполнено соглашение";
        Сообщение.Сообщить();
        Документ.ПометкаУдаления = Истина;
    КонецЕсли;"""
    base = Courier(tmp_path, modules={"кд_ОбменПереопределяемый": hooks(writing=tells)})
    told = {"lines": base.lines(), "amount_taken": "1.00", "payment_method": "cash"}
    assert base.take("delivery.handed_over", "d", 4, **told) == "not_posted"
    (refusal,) = base.base.rows("кд_ОтклоненныеСобытия", "1")
    assert refusal["Сообщение"].endswith("не может быть проведен!. Не заполнено соглашение")
    assert (base.papers(), base.base.rows("кд_ДокументыСобытий", "1")) == ([], [])


def test_by_the_setting_goods_that_are_not_there_stay_in_an_unposted_document(base: Courier) -> None:
    base.paper_of_a_load("3")
    base.base.control_stock = True
    base.set(ПриОтказеПроведения="БезПроведения")
    before = base.in_bag(base.thermos)
    assert base.take("sale.made", "s", 1, **a_sale(base, "900")) == "accepted"
    assert [kind for kind, _ in base.papers()] == ["cash_receipt", "order", "transfer"]
    assert ([kind for kind, _ in base.papers(posted=False)], base.in_bag(base.thermos)) == (["shipment"], before)
    assert base.take("sale.corrected", "s", 2, **a_sale(base, "1")) == "accepted"
    assert ([kind for kind, _ in base.papers()], base.in_bag(base.thermos)) == (
        ["cash_receipt", "order", "shipment", "transfer"], before - 1000,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "name", "count"),
    [("shipment", "РеализацияТоваровУслуг", "1"), ("cash_receipt", "ПриходныйКассовыйОрдер", "0")],
    ids=["rewritten", "unposted"],
)
def test_a_document_that_somebody_edits_refuses_the_event_for_a_while(
    base: Courier, kind: str, name: str, count: str
) -> None:
    """An open form keeps nobody from writing, so the extension asks before it takes the edit away from its person."""
    base.take("sale.made", "s", **a_sale(base))
    event, before = base.event("sale.corrected", "s", 2, **a_sale(base, count)), base.papers()
    base.base.lock(f"Документ.{name}", base.paper(kind)["ref"])
    (refused,) = base.call("кд_Прием.ПрименитьСобытия", [event])["rejected"]
    assert (refused["code"], refused["retry"], base.papers()) == ("object_locked", True, before)
    assert "правит" in refused["message"]
    base.base.unlock(f"Документ.{name}", base.paper(kind)["ref"])
    assert base.given(event) == "accepted"
    assert base.papers() == ([(one, "990.00") for one in ("cash_receipt", "order", "shipment")] if count == "1" else [])


def test_the_integrator_fills_what_only_his_configuration_needs(tmp_path: Path) -> None:
    code = hooks(
        sending="""
    Если Вид = "shipment" Тогда
        Описание["data"].Вставить("carrier", "Своими силами");
    КонецЕсли;""",
        before='Отказ = Событие["type"] = "cash.handed_in";',
        writing='Документ.Комментарий = Вид + " по событию";',
        after="""
    Для Каждого Созданный Из СозданныеДокументы Цикл
        кд_Настройки.Установить("Проба." + Созданный.Место, Созданный.Идентификатор);
    КонецЦикла;""",
    )
    base = Courier(tmp_path, modules={"кд_ОбменПереопределяемый": code})
    base.take("delivery.handed_over", "d", 4, lines=base.lines(), amount_taken="1.00", payment_method="cash")
    shipment = base.paper("shipment")
    assert shipment["data"]["comment"] == "shipment по событию"
    assert base.call("кд_Настройки.Значение", "Проба.shipment") == shipment["ref"]
    assert base.data("shipment", shipment["ref"])["carrier"] == "Своими силами"
    assert base.take("cash.handed_in", "c", 1, sum="500.00") == "accepted"
    assert ("cash_hand_in", "500.00") not in base.papers()


def test_constants_of_the_map_fill_what_posrednik_does_not_know(base: Courier) -> None:
    another = next(ref for ref in base.store.names("courier") if ref != base.courier)
    base.map("cash_receipt", "запись.Комментарий", "=Касса курьеров")
    base.map("shipment", "запись.Комментарий", "НомерПоДаннымКлиента|Номер")
    base.map("shipment", "запись.Курьер", f"={another}")
    base.map("shipment", "запись.Статус", "=КПредоплате")
    base.map("order", "запись.ИШ_НуженЧек", "=Да")
    base.take("delivery.handed_over", "d", 4, lines=base.lines(), amount_taken="1.00", payment_method="cash")
    order = base.object("order", base.order)["data"]
    assert base.paper("cash_receipt")["data"]["comment"] == "Касса курьеров"
    shipment = base.paper("shipment")["data"]
    assert shipment["comment"] in (order.get("site_number"), order["number"])
    assert shipment["courier"] == another
    base.take("sale.made", "s", **a_sale(base))
    assert base.paper("order")["data"]["receipt"] is True


def test_a_constant_that_does_not_suit_its_attribute_refuses_and_says_which(base: Courier) -> None:
    base.map("shipment", "запись.Курьер", "=Иванов")
    base.map("shipment", "запись.ТакогоНет", "=Иванов")
    assert base.take("delivery.handed_over", "d", 4, lines=base.lines(), amount_taken="0.00") == "cannot_apply"
    (refusal,) = base.base.rows("кд_ОтклоненныеСобытия", "1")
    assert "«Иванов» не подходит реквизиту Курьер" in refusal["Сообщение"]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("sale"), st.integers(0, 2), st.integers(0, 3000), st.sampled_from(["cash", "card"])),
        st.tuples(st.just("accepted"), st.integers(0, 3000), st.integers(0, 3000)),
        st.tuples(st.just("counted"), st.integers(0, 3000), st.integers(0, 3000)),
        st.tuples(st.just("unloaded"), st.integers(1, 3000)),
        st.tuples(st.just("change"), st.integers(1, 500_000)),
        st.tuples(st.just("hand_in"), st.integers(1, 500_000)),
    ),
    max_size=6,
)


@pytest.fixture(scope="module")
def one_base(tmp_path_factory: pytest.TempPathFactory) -> Courier:
    return Courier(tmp_path_factory.mktemp("books"))


@given(STEPS)
@settings(max_examples=15, deadline=None)
def test_books_agree_with_what_was_told_to_the_kopeck_and_the_gram(
    one_base: Courier, steps: list[tuple[Any, ...]]
) -> None:
    """As of the sandbox's own documents: sales made and corrected, counts, unloads, change and hand-ins, each twice."""
    base = one_base
    goods, cash, run = base.in_bag(base.coffee), kopecks(base.books()["cash"]), base.number
    sales: dict[int, tuple[int, int, str, int]] = {}
    for versions, step in enumerate(steps, 1):
        match step:
            case ("sale", place, milli, method):
                taken = (189000 * milli + 500) // 1000
                version = sales[place][3] + 1 if place in sales else 1
                kind = "sale.corrected" if place in sales else "sale.made"
                sales[place] = (milli, taken, method, version)
                line = {"product": base.coffee, "quantity": units(milli), "price": "1890.00", "sum": rubles(taken)}
                data = {"lines": [line] if milli else [], "sum": rubles(taken), "payment_method": method}
                event = base.event(kind, f"{run}-{place}", version, **data)
            case ("accepted" | "counted" as what, expected, counted):
                line = {"product": base.coffee, "expected": units(expected), "counted": units(counted)}
                event = base.event(f"backpack.{what}", f"bag-{run}", versions, lines=[line])
                goods += counted - expected
            case ("unloaded", milli):
                line = {"product": base.coffee, "quantity": units(milli)}
                event = base.event("backpack.unloaded", f"bag-{run}", versions, lines=[line])
                goods -= milli
            case ("change", total):
                event = base.event("cash.change_issued", f"cash-{run}", versions, sum=rubles(total))
                cash += total
            case (_, total):
                event = base.event("cash.handed_in", f"cash-{run}", versions, sum=rubles(total))
                cash -= total
        assert [base.given(event), base.given(event)] == ["accepted", "accepted"]
    goods -= sum(milli for milli, _, _, _ in sales.values())
    cash += sum(taken for _, taken, method, _ in sales.values() if method == "cash")
    assert (base.in_bag(base.coffee), kopecks(base.books()["cash"])) == (goods, cash)
