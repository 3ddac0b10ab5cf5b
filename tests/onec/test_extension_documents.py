"""What the extension makes of the events of deliveries: documents of УТ 11, once, renewed by corrections."""

import uuid
from pathlib import Path

import pytest
from tests.onec.ut import SPACE, Courier, taken, worth


@pytest.fixture
def base(tmp_path: Path) -> Courier:
    return Courier(tmp_path)


def test_hand_over_ships_what_was_accepted_and_takes_the_cash_in(base: Courier) -> None:
    lines = base.lines()
    taken = base.take("delivery.handed_over", "d", 4, lines=lines, amount_taken="150.00", payment_method="cash",
                      warehouse=base.main)  # fmt: skip
    assert (taken, base.papers()) == ("accepted", [("cash_receipt", "150.00"), ("shipment", worth(lines))])
    shipment = base.paper("shipment")["data"]
    order = base.object("order", base.order)["data"]
    assert (shipment["order"], shipment["warehouse"], shipment["courier"]) == (base.order, base.main, base.courier)
    assert shipment["counterparty"] == order["counterparty"]
    assert [(one["line"], one["product"], one["quantity"], one["sum"]) for one in shipment["lines"]] == [
        (one["line"], one["product"], one["quantity"], one["sum"]) for one in order["lines"]
    ]
    receipt = base.paper("cash_receipt")["data"]
    assert (receipt["order"], receipt["courier"], receipt["sum"]) == (base.order, base.courier, "150.00")


def test_documents_go_back_with_the_event_and_under_their_slots(base: Courier) -> None:
    event = base.event("delivery.handed_over", "d", 4, lines=base.lines(), amount_taken="1.00", payment_method="cash")
    base.given(event)
    rows = {row["Место"]: row for row in base.base.rows("кд_ДокументыСобытий", "1")}
    assert set(rows) == {"shipment", "cash_receipt"}
    for kind, row in rows.items():
        described = base.described(kind, row["Идентификатор"])
        assert described is not None
        assert (described["event"], described["posted"], row["Заказ"], row["Курьер"]) == (
            event["id"], True, base.order, base.courier,
        )  # fmt: skip
    assert {row["ИмяОбъекта"] for row in base.base.rows("кд_Изменения", "1")} >= {
        row["ИмяОбъекта"] for row in rows.values()
    }


def test_a_discount_stays_in_the_sum_of_the_line(base: Courier) -> None:
    """The sum wins over price by quantity."""
    line = base.lines()[0] | {"accepted": "3", "price": "100.00", "sum": "249.99"}
    base.take("delivery.handed_over", "d", 4, lines=[line], amount_taken="0.00", payment_method="card")
    assert base.papers() == [("shipment", "249.99")]
    assert base.data("shipment", base.paper("shipment")["ref"])["lines"][0]["sum"] == "249.99"


def test_partial_refusal_ships_only_the_accepted_lines(base: Courier) -> None:
    lines = base.lines("0.5")
    base.take("delivery.handed_over", "d", 4, lines=lines, amount_taken="0.00", payment_method="prepaid")
    assert base.papers() == [("shipment", worth(lines[:1]))]
    (line,) = base.paper("shipment")["data"]["lines"]
    assert (line["product"], line["quantity"]) == (lines[0]["product"], "0.5")


@pytest.mark.parametrize(("method", "kind"), [("cash", "cash_receipt"), ("card", "card_payment"), ("transfer", "")])
def test_the_way_of_payment_decides_the_document_of_money(base: Courier, method: str, kind: str) -> None:
    base.take("delivery.handed_over", "d", 4, amount_taken="70.00", payment_method=method)
    assert base.papers() == ([(kind, "70.00")] if kind else [])


def test_an_event_told_twice_makes_its_documents_once(base: Courier) -> None:
    event = base.event("delivery.handed_over", "d", 4, lines=base.lines(), amount_taken="1.00", payment_method="cash")
    assert [base.given(event), base.given(event)] == ["accepted", "accepted"]
    assert len(base.papers()) == 2


def test_a_base_that_has_lost_the_event_makes_the_same_documents_again(base: Courier) -> None:
    """References follow from the event (a restored base gets its events again)."""
    event = base.event("delivery.handed_over", "d", 4, lines=base.lines(), amount_taken="1.00", payment_method="cash")
    base.given(event)
    before = base.store.rows("SELECT ref, number, sum FROM document ORDER BY ref")
    for register in ("кд_ПринятыеСобытия", "кд_ДокументыСобытий"):
        base.write(f"РегистрыСведений.{register}.СоздатьНаборЗаписей().Записать();")
    base.given(event)
    assert base.store.rows("SELECT ref, number, sum FROM document ORDER BY ref") == before


def test_documents_of_a_trial_order_are_marked(base: Courier) -> None:
    event = base.event("delivery.handed_over", "d", 4, lines=base.lines(), amount_taken="1.00", payment_method="cash")
    base.given(event | {"trial": True})
    assert {base.paper(kind)["data"]["comment"] for kind in ("shipment", "cash_receipt")} == {"Пробный заказ"}


def test_corrected_hand_over_rewrites_its_documents_and_unposts_the_needless_one(base: Courier) -> None:
    lines = base.lines()
    base.take("delivery.handed_over", "d", 4, lines=lines, amount_taken="150.00", payment_method="cash")
    before = {kind: base.paper(kind) for kind in ("shipment", "cash_receipt")}
    right = [taken(base.lines()[0], "0.001")]
    correction = base.event("delivery.corrected", "d", 5, corrects="hand_over", lines=right, amount_taken="70.00",
                            payment_method="card")  # fmt: skip
    assert base.given(correction) == "accepted"
    assert base.papers() == [("card_payment", "70.00"), ("shipment", worth(right))]
    after = base.paper("shipment")
    assert (after["ref"], after["number"]) == (before["shipment"]["ref"], before["shipment"]["number"])
    for kind in ("shipment", "cash_receipt"):
        described = base.described(kind, before[kind]["ref"])
        assert described is not None
        assert (described["event"], described["posted"]) == (correction["id"], kind == "shipment")


def test_correction_leaves_the_documents_of_an_earlier_trip_alone(base: Courier) -> None:
    base.take("delivery.handed_over", "d", 4, amount_taken="150.00", payment_method="cash")
    base.take("delivery.handed_over", "d", 9, amount_taken="90.00", payment_method="cash")
    right = {"corrects": "hand_over", "payment_method": "card"}
    base.take("delivery.corrected", "d", 10, amount_taken="80.00", **right)
    base.take("delivery.corrected", "d", 11, amount_taken="70.00", **right)
    assert base.papers() == [("card_payment", "70.00"), ("cash_receipt", "150.00")]


def test_a_late_hand_over_does_not_undo_its_correction(base: Courier) -> None:
    """Its letter was dead, a person sent it again after the correction had come."""
    right = {"corrects": "hand_over", "payment_method": "card", "amount_taken": "70.00"}
    base.take("delivery.corrected", "d", 5, lines=base.lines(), **right)
    before = base.papers()
    base.take("delivery.handed_over", "d", 4, lines=base.lines(), amount_taken="150.00", payment_method="cash")
    assert base.papers() == before


def test_correction_of_another_step_changes_no_document(base: Courier) -> None:
    base.take("delivery.handed_over", "d", 4, amount_taken="150.00", payment_method="cash")
    assert base.take("delivery.corrected", "d", 5, corrects="not_deliver", reason="refused") == "accepted"
    assert base.papers() == [("cash_receipt", "150.00")]


def test_what_a_person_has_shipped_by_hand_is_not_shipped_again(base: Courier) -> None:
    """Refused at the door, it comes back by a return; what was accepted is in his document already."""
    lines = base.lines()
    first = lines[0]
    shipped = f"""
        Документ = Документы.РеализацияТоваровУслуг.СоздатьДокумент();
        Документ.Дата = ТекущаяДатаСеанса();
        Документ.ЗаказКлиента = Документы.ЗаказКлиента.ПолучитьСсылку(Новый УникальныйИдентификатор("{base.order}"));
        Документ.Склад = Справочники.Склады.ПолучитьСсылку(Новый УникальныйИдентификатор("{base.main}"));
        Строка = Документ.Товары.Добавить();
        Строка.Номенклатура = Справочники.Номенклатура.ПолучитьСсылку(
            Новый УникальныйИдентификатор("{first["product"]}"));
        Строка.Количество = {first["quantity"]};
        Документ.Записать(РежимЗаписиДокумента.Проведение);"""
    base.write(shipped)
    accepted = [first | {"accepted": "0"}, *lines[1:]]
    base.take("delivery.handed_over", "d", 4, lines=accepted, amount_taken="0.00", payment_method="card")
    rows = [one for one in base.papers() if one[0] == "shipment"]
    assert len(rows) == (2 if lines[1:] else 1)
    base.take("delivery.returned", "d", 5, lines=[first], warehouse=base.main)
    (line,) = base.paper("return")["data"]["lines"]
    assert (line["product"], line["quantity"]) == (first["product"], first["quantity"])


def test_only_what_was_shipped_can_come_back(base: Courier) -> None:
    lines = base.lines()
    back = [lines[0] | {"quantity": "0.5"}]
    base.take("delivery.customer_returned", "d", 4, lines=back)
    assert base.papers() == []
    base.take("delivery.handed_over", "d", 5, lines=lines, amount_taken="0.00", payment_method="card")
    base.take("delivery.returned", "d", 6, lines=back, warehouse=base.main)
    assert [kind for kind, _ in base.papers()] == ["shipment"]
    base.take("delivery.customer_returned", "d", 7, lines=back, warehouse=base.main, refund="10.00")
    assert [kind for kind, _ in base.papers()] == ["cash_refund", "return", "shipment"]
    returned = base.paper("return")["data"]
    assert (returned["order"], returned["lines"][0]["quantity"]) == (base.order, "0.5")
    base.take("delivery.customer_returned", "d", 8, lines=[lines[0] | {"quantity": "1000"}], warehouse=base.main)
    quantities = [
        float(one["quantity"])
        for row in base.store.rows("SELECT ref FROM document WHERE kind = 'return'")
        for one in base.data("return", row["ref"])["lines"]
    ]
    assert sum(quantities) == float(lines[0]["quantity"])


def test_refund_of_what_was_paid_by_card_leaves_the_cash_alone(base: Courier) -> None:
    base.take("delivery.customer_returned", "d", 4, refund="300.00", refund_cash="0.00")
    assert (base.papers(), base.books()["cash"]) == ([("card_refund", "300.00")], "0.00")


@pytest.mark.parametrize(
    ("kind", "stage"),
    [("picked_up", "picked_up"), ("departed", "en_route"), ("not_delivered", "not_delivered"),
     ("cancelled", "cancelled"), ("withdrawn", "withdrawn"), ("returned", "returned")],
)  # fmt: skip
def test_steps_without_documents_show_their_stage(base: Courier, kind: str, stage: str) -> None:
    assert base.take(f"delivery.{kind}", "d", 3) == "accepted"
    assert base.take("delivery.departed", "d", 2) == "accepted"
    (row,) = base.base.rows("кд_Доставки", "1")
    assert (row["Заказ"], row["Стадия"], row["ВерсияСтадии"], row["Доставка"]) == (
        base.order, stage, 3, str(uuid.uuid5(SPACE, "d")),
    )  # fmt: skip
    assert base.papers() == []


def test_an_unknown_event_is_taken_and_only_kept(base: Courier) -> None:
    assert base.take("delivery.teleported", "d", 3, where="Марс") == "accepted"
    assert (base.papers(), len(base.base.rows("кд_ПринятыеСобытия", "1"))) == ([], 1)


def test_a_courier_who_is_not_of_this_base_is_in_no_document(base: Courier) -> None:
    base.take("delivery.handed_over", "d", 4, amount_taken=150, payment_method="cash", courier="Петров, внештатный")
    assert "courier" not in base.paper("cash_receipt")["data"]


def test_what_is_no_number_refuses_the_event_for_good_and_leaves_nothing(base: Courier) -> None:
    told = {"lines": base.lines(), "amount_taken": "сто рублей", "payment_method": "cash"}
    assert base.take("delivery.handed_over", "d", 4, **told) == "cannot_apply"
    assert (base.papers(), base.base.rows("кд_ПринятыеСобытия", "1")) == ([], [])
    (refusal,) = base.base.rows("кд_ОтклоненныеСобытия", "1")
    assert "не число" in refusal["Сообщение"]
