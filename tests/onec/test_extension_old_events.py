"""Events whose texts are older than they are kept: what their documents still need of them is there."""

from pathlib import Path

import pytest
from tests.onec.test_extension_documents_trade import a_sale
from tests.onec.ut import Courier


@pytest.fixture
def base(tmp_path: Path) -> Courier:
    return Courier(tmp_path)


def cleaned(base: Courier) -> None:
    """As after the days that texts are kept for."""
    base.set(ХранитьДней="-1")
    assert base.call("кд_Очередь.ОчиститьСтарое") is True


def texts(base: Courier) -> dict[str, bool]:
    return {row["Тип"]: bool(row["Тело"]) for row in base.base.rows("кд_ПринятыеСобытия", "1")}


def test_only_texts_that_no_document_can_need_go(base: Courier) -> None:
    base.take("delivery.picked_up", "d", 2)
    base.take("delivery.handed_over", "d", 3, lines=base.lines(), amount_taken="10.00", payment_method="cash")
    base.take("sale.made", "s", **a_sale(base))
    base.take("cash.change_issued", "c", sum="500.00", entry_id="one")
    cleaned(base)
    assert texts(base) == {
        "delivery.picked_up": False, "delivery.handed_over": True, "sale.made": True, "cash.change_issued": True,
    }  # fmt: skip


def test_cash_is_corrected_however_old_it_is(base: Courier) -> None:
    for number, entry in enumerate(("one", "two"), 1):
        base.take("cash.change_issued", "c", number, sum="500.00", entry_id=entry)
    cleaned(base)
    told = {"corrects": "change_issued", "entry_id": "one", "before": {"sum": "500.00"}}
    assert base.take("cash.corrected", "c", 3, **told, sum="300.00") == "accepted"
    assert [total for _, total in base.papers()] == ["300.00", "500.00"]


def test_a_text_that_an_earlier_release_has_dropped_stops_no_correction(base: Courier) -> None:
    base.take("cash.change_issued", "c", 1, sum="500.00", entry_id="one")
    base.write("""Набор = РегистрыСведений.кд_ПринятыеСобытия.СоздатьНаборЗаписей();
        Набор.Прочитать();
        Для Каждого Запись Из Набор Цикл Запись.Тело = ""; КонецЦикла;
        Набор.Записать();""")
    base.take("cash.change_issued", "c", 2, sum="700.00", entry_id="two")
    told = {"corrects": "change_issued", "entry_id": "two", "before": {"sum": "700.00"}}
    assert base.take("cash.corrected", "c", 3, **told, sum="600.00") == "accepted"
    assert [total for _, total in base.papers()] == ["500.00", "600.00"]


def test_goods_come_back_long_after_they_were_handed_over(base: Courier) -> None:
    base.take("delivery.handed_over", "d", 3, lines=base.lines("1"), amount_taken="10.00", payment_method="cash")
    cleaned(base)
    assert base.take("delivery.returned", "d", 4, lines=base.lines()) == "accepted"
    assert base.take("delivery.handed_over", "d", 6, lines=base.lines(), amount_taken="0.00") == "accepted"


def test_a_sale_of_an_old_day_is_corrected_in_its_report(base: Courier) -> None:
    base.set(ПродажаДокументом="ОтчетОРозничныхПродажах")
    base.take("sale.made", "s-1", **a_sale(base, "2"))
    base.take("sale.made", "s-2", **a_sale(base, "1", "card"))
    cleaned(base)
    assert base.take("sale.corrected", "s-1", 2, **a_sale(base, "1")) == "accepted"
    assert base.papers() == [("retail_report", "1980.00")]
