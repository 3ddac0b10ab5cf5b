"""A transfer into a backpack is posted only while its order is not out for delivery, whoever posts it."""

from pathlib import Path

import pytest
from tests.bsl.native import BslError
from tests.onec.extension import COMMANDS, MESSAGES, Said, Service
from tests.onec.test_extension_backpack_button import by_hand, load, post, transfers, unpost
from tests.onec.test_extension_buttons import Shop, moved

POSTED = "Не удалось записать"


@pytest.fixture
def shop(tmp_path: Path, service: Service) -> Shop:
    return Shop(tmp_path, service)


def told(shop: Shop) -> str:
    """What the person at 1C has read last."""
    return str(shop.session.platform.messages[-1])


def taken_out(shop: Shop) -> str:
    """A transfer that the button has made, unposted again: its ref."""
    load(shop)
    (ref,) = transfers(shop)
    unpost(shop, ref)
    return ref


def refused(shop: Shop, ref: str, code: str = "") -> str:
    marks = shop.base.rows("кд_Изменения", "1")
    with pytest.raises(BslError, match=POSTED):
        post(shop, ref, code)
    assert (transfers(shop), shop.base.rows("кд_Изменения", "1")) == ([], marks)
    return told(shop)


def test_an_old_transfer_of_the_button_is_not_posted_again_after_ready(shop: Shop) -> None:
    ref = taken_out(shop)
    shop.press("delivery.ready")
    why = refused(shop, ref)
    assert why.startswith("Перемещение не проведено, его товар из заказа: ")
    assert str(shop.data("order", shop.order)["number"]) in why
    assert "сначала снимите готовность" in why
    assert [entry["text"] for entry in shop.base.log if "Перемещение не проведено" in entry["text"]] == [why]
    shop.press("delivery.withdraw")
    post(shop, ref)
    assert transfers(shop) == [ref]


def test_a_transfer_of_a_person_is_not_posted_either(shop: Shop) -> None:
    shop.press("delivery.ready")
    with pytest.raises(BslError, match=POSTED):
        by_hand(shop)
    assert "снимите готовность" in told(shop)


def test_a_press_that_is_not_answered_yet_counts(shop: Shop, service: Service) -> None:
    ref = taken_out(shop)
    service.then(MESSAGES, Said(status=503))
    service.then(COMMANDS, Said(status=503))
    assert shop.press("delivery.ready")["Состояние"] == "queued"
    assert "снимите готовность" in refused(shop, ref)


@pytest.mark.parametrize(
    ("event", "why"),
    [("delivery.picked_up", "после того, как курьер вернет"), ("delivery.handed_over", "уже вручен")],
)
def test_the_refusal_says_what_to_do_by_how_far_the_order_is(shop: Shop, event: str, why: str) -> None:
    ref = taken_out(shop)
    shop.press("delivery.ready")
    shop.take(event, "d", 2, lines=shop.lines())
    assert why in refused(shop, ref)


@pytest.mark.parametrize("event", ["delivery.returned", "delivery.cancelled", "delivery.withdrawn"])
def test_goods_that_are_back_may_be_put_in_again(shop: Shop, event: str) -> None:
    ref = taken_out(shop)
    shop.press("delivery.ready")
    shop.take(event, "d", 2, lines=shop.lines())
    post(shop, ref)
    assert transfers(shop) == [ref]


def test_posting_again_without_a_contradiction_is_let_through(shop: Shop) -> None:
    load(shop)
    (ref,) = transfers(shop)
    post(shop, ref)
    post(shop, by_hand(shop))
    assert ref in transfers(shop)
    assert shop.session.platform.messages == []


def test_what_another_system_loads_is_let_through(shop: Shop) -> None:
    ref = taken_out(shop)
    shop.press("delivery.ready")
    post(shop, ref, "Документ.ОбменДанными.Загрузка = Истина;")
    assert transfers(shop) == [ref]


def test_writing_unposting_and_marking_stay_possible(shop: Shop) -> None:
    ref = taken_out(shop)
    shop.press("delivery.ready")
    unpost(shop, ref, "Записать(РежимЗаписиДокумента.Запись)")
    post(shop, ref, "Документ.ОбменДанными.Загрузка = Истина;")
    unpost(shop, ref)
    unpost(shop, ref, "УстановитьПометкуУдаления(Истина)")
    assert transfers(shop) == []


def test_only_a_backpack_is_meant(shop: Shop) -> None:
    """The goods of the order come from another warehouse to the one it is sent from."""
    shop.press("delivery.ready")
    shop.map("transfer", "order", "ИШ_Заказ")
    ref = moved(shop, shop.bag, shop.main)
    order = f'Документы.ЗаказКлиента.ПолучитьСсылку(Новый УникальныйИдентификатор("{shop.order}"))'
    post(shop, ref, f"Документ.ИШ_Заказ = {order};")
    post(shop, moved(shop, shop.main, shop.bag))
    assert shop.session.platform.messages == []


def test_a_person_without_any_of_our_roles_gets_the_same_sentence(shop: Shop) -> None:
    ref = taken_out(shop)
    shop.press("delivery.ready")
    clerk = shop.base.session("Кладовщик", roles=[])
    with pytest.raises(BslError, match=POSTED):
        clerk.execute(
            f"""Документ = Документы.ПеремещениеТоваров.ПолучитьСсылку(Новый УникальныйИдентификатор("{ref}"));
            Документ.ПолучитьОбъект().Записать(РежимЗаписиДокумента.Проведение);"""
        )
    assert "снимите готовность" in clerk.platform.messages[-1]


def test_ready_and_posting_at_once_wait_for_each_other(shop: Shop) -> None:
    """Whoever posts holds the order's key until the end of his transaction."""
    ref = taken_out(shop)
    shop.base.wait_ms = 50
    other = shop.base.session("Борис")
    other.execute(f"""НачатьТранзакцию();
        кд_КнопкиРюкзака.ЗаблокироватьЗаказ("{shop.order}");""")
    with pytest.raises(BslError, match="блокиров"):
        post(shop, ref)
    other.execute("ОтменитьТранзакцию();")
    post(shop, ref)
    assert transfers(shop) == [ref]
