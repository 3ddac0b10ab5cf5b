"""«Положить в рюкзак» in an order: the transfer to the courier's warehouse and its command, once and together."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.bsl.native import KilledHere
from tests.bsl.platform import client
from tests.bsl.values import Structure, to_python
from tests.onec.extension import COMMANDS, MESSAGES, Said, Service
from tests.onec.test_extension_buttons import Shop, moved
from tests.onec.test_extension_forms import MODULES, Desk

Json = dict[str, Any]
LOAD = "backpack.load"


@pytest.fixture
def shop(tmp_path: Path, service: Service) -> Shop:
    return Shop(tmp_path, service)


def load(shop: Shop, **given: Any) -> Json:
    return shop.press(LOAD, **({"Курьер": shop.courier} | given))


def commands(shop: Shop) -> list[Json]:
    """The data of the commands to load."""
    rows = [row for row in shop.base.rows("кд_Команды", "Позиция") if row["Тип"] == LOAD]
    return [shop.call("кд_ОбщегоНазначения.ИзJSON", row["Данные"]) for row in rows]


def transfers(shop: Shop, *, posted: int = 1) -> list[str]:
    rows = shop.store.rows("SELECT ref FROM document WHERE kind = 'transfer' AND posted = ?", posted)
    return [row["ref"] for row in rows]


def goods(lines: list[Json]) -> list[tuple[str, str]]:
    return [(one["product"], one["quantity"]) for one in lines]


def written(shop: Shop) -> bool:
    """Is anything left of a press?"""
    left = transfers(shop) + transfers(shop, posted=0)
    return bool(left or shop.base.rows("кд_Команды", "1") or shop.base.rows("кд_ДокументыСобытий", "1"))


def change(shop: Shop, code: str) -> None:
    """What a person changes in the order before he writes it."""
    shop.write(
        f"""Заказ = Документы.ЗаказКлиента.ПолучитьСсылку(Новый УникальныйИдентификатор("{shop.order}"));
        Документ = Заказ.ПолучитьОбъект();
        {code}
        Документ.Записать(РежимЗаписиДокумента.Проведение);"""
    )


def unpost(shop: Shop, ref: str, how: str = "Записать(РежимЗаписиДокумента.ОтменаПроведения)") -> None:
    shop.write(
        f"""Документ = Документы.ПеремещениеТоваров.ПолучитьСсылку(Новый УникальныйИдентификатор("{ref}"));
        Документ.ПолучитьОбъект().{how};"""
    )


def pressed_at_once(shop: Shop, buttons: dict[str, str]) -> list[Json]:
    """buttons: name of the manager → button; each presses in a session of his own. What they are told."""

    def pressed(name: str) -> Json:
        person = shop.base.session(name)
        link = f'Документы.ЗаказКлиента.ПолучитьСсылку(Новый УникальныйИдентификатор("{shop.order}"))'
        given = person.evaluate(f'Новый Структура("Курьер", "{shop.courier}")')
        told: Json = to_python(person.call("кд_Кнопки.Нажать", buttons[name], person.evaluate(link), given))
        return told

    with ThreadPoolExecutor(2) as both:
        return list(both.map(pressed, buttons))


def test_the_goods_of_an_order_go_to_the_courier_and_the_service_is_told_at_once(shop: Shop, service: Service) -> None:
    before = shop.in_bag(shop.thermos)
    lines = shop.data("order", shop.order)["lines"]
    told = load(shop)
    assert told["Состояние"] == "done"
    assert told["Текст"].startswith("Перемещение № ")
    (ref,) = transfers(shop)
    moved = shop.data("transfer", ref)
    assert (moved["from"], moved["to"], moved["order"], moved["courier"]) == (
        shop.data("order", shop.order)["warehouse"], shop.bag, shop.order, shop.courier,
    )  # fmt: skip
    assert goods(moved["lines"]) == goods(lines)
    loaded = sum(float(one["quantity"]) for one in lines if one["product"] == shop.thermos)
    assert shop.in_bag(shop.thermos) - before == loaded * 1000
    (data,) = commands(shop)
    assert (data["courier"], data["warehouse"], data["document"]) == (shop.courier, moved["from"], ref)
    assert goods(data["lines"]) == goods(lines)
    (sent,) = [asked.body for asked in service.of(MESSAGES)]
    assert [one["type"] for one in sent["commands"]] == [LOAD]
    assert {"kind": "transfer", "ref": ref}.items() <= sent["objects"][-1].items()
    assert "event" not in sent["objects"][-1]


def test_pressed_twice_it_is_loaded_once(shop: Shop) -> None:
    load(shop)
    (ref,) = transfers(shop)
    again = load(shop)
    number = shop.data("transfer", ref)["number"]
    assert again["Состояние"] == "rejected"
    assert again["Текст"].startswith(f"Уже положено: Перемещение № {number}")
    assert (transfers(shop), len(commands(shop))) == ([ref], 1)
    prepared = shop.ask("кд_КомандыВызовСервера.Подготовка", LOAD, shop.link("ЗаказКлиента", shop.order))
    assert prepared["Отказ"] == again["Текст"]
    assert prepared["НуженКурьер"] is False


@pytest.mark.parametrize("how", ["Записать(РежимЗаписиДокумента.ОтменаПроведения)", "УстановитьПометкуУдаления(Истина)",
                                 "Удалить()"])  # fmt: skip
def test_after_the_transfer_was_taken_back_it_may_be_done_again(shop: Shop, how: str) -> None:
    load(shop)
    (first,) = transfers(shop)
    unpost(shop, first, how)
    assert load(shop)["Состояние"] == "done"
    (second,) = transfers(shop)
    assert second != first
    assert [data["document"] for data in commands(shop)] == [first, second]


def test_an_order_on_its_way_to_the_customer_is_not_put_into_a_backpack_too(shop: Shop) -> None:
    shop.press("delivery.ready")
    assert "снимите готовность" in load(shop)["Текст"]
    assert transfers(shop) == []
    shop.press("delivery.withdraw")
    assert load(shop)["Состояние"] == "done"


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ("delivery.picked_up", "после того, как курьер вернет"),
        ("delivery.not_delivered", "после того, как курьер вернет"),
        ("delivery.handed_over", "уже вручен"),
    ],
)
def test_what_to_do_with_an_order_that_is_out_follows_how_far_it_is(shop: Shop, event: str, why: str) -> None:
    shop.press("delivery.ready")
    shop.take(event, "d", 2, lines=shop.lines())
    assert why in load(shop)["Текст"]
    assert transfers(shop) == []


def test_goods_of_an_order_that_was_cancelled_on_its_way_are_the_couriers_until_they_are_back(shop: Shop) -> None:
    shop.press("delivery.ready")
    shop.take("delivery.picked_up", "d", 2)
    shop.take("delivery.cancelled", "d", 3)
    assert "после того, как курьер вернет" in load(shop)["Текст"]
    assert transfers(shop) == []
    shop.take("delivery.returned", "d", 4, lines=shop.lines())
    assert load(shop)["Состояние"] == "done"


def test_an_order_that_another_courier_is_to_bring_waits_to_be_picked_up(shop: Shop) -> None:
    shop.press("delivery.ready")
    for version, (kind, data) in enumerate(
        (("picked_up", {}), ("not_delivered", {}), ("retried", {"courier_ref": shop.courier})), 2
    ):
        shop.take(f"delivery.{kind}", "d", version, **data)
    assert shop.delivery()["Стадия"] == "picked_up"
    shop.take("delivery.not_delivered", "d", 5)
    shop.take("delivery.retried", "d", 6, courier_ref="another")
    assert shop.delivery()["Стадия"] == "ready"
    assert "снимите готовность" in load(shop)["Текст"]


def unanswered(shop: Shop, service: Service, kind: str) -> None:
    service.then(MESSAGES, Said(status=503))
    service.then(COMMANDS, Said(status=503))
    assert shop.press(kind)["Состояние"] == "queued"


def test_an_order_given_out_again_is_not_put_into_a_backpack_before_the_answer(shop: Shop, service: Service) -> None:
    shop.press("delivery.ready")
    shop.take("delivery.returned", "d", 2, lines=shop.lines())
    unanswered(shop, service, "delivery.ready")
    assert "снимите готовность" in load(shop)["Текст"]
    assert transfers(shop) == []


def test_goods_that_a_courier_has_are_his_until_the_withdrawal_is_answered(shop: Shop, service: Service) -> None:
    shop.press("delivery.ready")
    shop.take("delivery.picked_up", "d", 2)
    unanswered(shop, service, "delivery.withdraw")
    assert "после того, как курьер вернет" in load(shop)["Текст"]
    assert transfers(shop) == []


@pytest.mark.parametrize("how", ["Записать(РежимЗаписиДокумента.ОтменаПроведения)", "УстановитьПометкуУдаления(Истина)",
                                 "Удалить()"])  # fmt: skip
def test_an_order_whose_goods_are_in_a_backpack_is_not_given_out_too(shop: Shop, service: Service, how: str) -> None:
    load(shop)
    (ref,) = transfers(shop)
    asked = len(service.asked)
    told = shop.press("delivery.ready")
    number = shop.data("transfer", ref)["number"]
    assert told["Состояние"] == "rejected"
    assert told["Текст"].startswith(f"Товар заказа уже в рюкзаке курьера: Перемещение № {number}")
    assert "отмените проведение" in told["Текст"]
    assert "новый заказ копированием" in told["Текст"]
    prepared = shop.ask("кд_КомандыВызовСервера.Подготовка", "delivery.ready", shop.link("ЗаказКлиента", shop.order))
    assert prepared["Отказ"] == told["Текст"]
    assert len(service.asked) == asked
    assert shop.base.rows("кд_Доставки", "1") == []
    unpost(shop, ref, how)
    assert shop.press("delivery.ready")["Состояние"] == "done"


@pytest.mark.parametrize("door", ["кд_Команды.Нажать", "кд_КомандыВызовСервера.Нажать", "кд_Кнопки.НажатьВсе"])
def test_no_door_leads_round_the_refusal(shop: Shop, door: str) -> None:
    load(shop)
    link = shop.link("ЗаказКлиента", shop.order)
    given: dict[str, Any] = {
        "кд_Команды.Нажать": ("delivery.ready", shop.order, {"order": shop.order}, {"Готов": True}),
        "кд_КомандыВызовСервера.Нажать": ("delivery.ready", link, {}),
        "кд_Кнопки.НажатьВсе": ("delivery.ready", [link], {}),
    }
    told = shop.ask(door, *given[door])
    told = told[0] if isinstance(told, list) else told
    assert (told["Состояние"], told["Идентификатор"]) == ("rejected", "")
    assert "уже в рюкзаке" in told["Текст"]
    assert [row["Тип"] for row in shop.base.rows("кд_Команды", "1")] == [LOAD]


def by_hand(shop: Shop, *, loading: bool = False) -> str:
    """A transfer into the backpack that a person has made of the order, or that came from another system so."""
    shop.map("transfer", "order", "ИШ_Заказ")
    ref = moved(shop, shop.main, shop.bag)
    post(
        shop,
        ref,
        f"""
        Документ.ИШ_Заказ = Документы.ЗаказКлиента.ПолучитьСсылку(Новый УникальныйИдентификатор("{shop.order}"));
        Документ.ОбменДанными.Загрузка = {"Истина" if loading else "Ложь"};""",
    )
    return ref


def post(shop: Shop, ref: str, code: str = "") -> None:
    """Post a transfer, whatever was changed in it before."""
    shop.write(
        f"""Документ = Документы.ПеремещениеТоваров.ПолучитьСсылку(Новый УникальныйИдентификатор("{ref}"));
        Документ = Документ.ПолучитьОбъект();
        {code}
        Документ.Записать(РежимЗаписиДокумента.Проведение);"""
    )


def test_a_transfer_of_the_order_that_a_person_has_made_counts_as_well(shop: Shop) -> None:
    ref = by_hand(shop)
    assert "уже в рюкзаке" in shop.press("delivery.ready")["Текст"]
    assert "Уже положено" in load(shop)["Текст"]
    unpost(shop, ref)
    assert shop.press("delivery.ready")["Состояние"] == "done"


def test_a_transfer_of_an_order_that_is_out_says_so_at_its_button(shop: Shop) -> None:
    shop.press("delivery.ready")
    ref = by_hand(shop, loading=True)
    assert "отдан в доставку" in shop.press(LOAD, ref, "ПеремещениеТоваров")["Текст"]
    shop.press("delivery.withdraw")
    assert shop.press(LOAD, ref, "ПеремещениеТоваров")["Состояние"] == "done"


def test_a_transfer_that_came_posted_after_ready_is_seen_with_the_order(shop: Shop) -> None:
    load(shop)
    (ref,) = transfers(shop)
    unpost(shop, ref)
    shop.press("delivery.ready")
    post(shop, ref, "Документ.ОбменДанными.Загрузка = Истина;")
    shown = shop.ask("кд_ПанельОбмена.ДоставкаЗаказа", shop.link("ЗаказКлиента", shop.order))
    assert shown["Готовность"].startswith("готов, товар в рюкзаке: Перемещение № ")


def test_of_ready_and_the_backpack_pressed_at_once_one_is_done(shop: Shop) -> None:
    told = pressed_at_once(shop, {"Анна": LOAD, "Борис": "delivery.ready"})
    assert sorted(one["Состояние"] for one in told) == ["done", "rejected"]
    assert len(shop.base.rows("кд_Команды", "1")) == 1


def test_a_courier_without_a_warehouse_is_refused_with_what_to_do(shop: Shop) -> None:
    shop.write(
        f"""Склад = Справочники.Склады.ПолучитьСсылку(Новый УникальныйИдентификатор("{shop.bag}")).ПолучитьОбъект();
        Склад.ИШ_Курьер = Справочники.ФизическиеЛица.ПустаяСсылка(); Склад.Записать();"""
    )
    told = load(shop)
    assert told["Состояние"] == "rejected"
    assert "нет рюкзака: Петров Илья" in told["Текст"]
    assert "ИШ_Курьер" in told["Текст"]
    assert not written(shop)
    shop.map("warehouse", "courier", "")
    assert "Назовите в настройках доставки" in load(shop)["Текст"]


def test_what_1c_does_not_post_is_told_in_its_words_and_leaves_nothing(shop: Shop) -> None:
    change(shop, "Для Каждого Строка Из Документ.Товары Цикл Строка.Количество = 100000; КонецЦикла;")
    shop.base.control_stock = True
    told = load(shop)
    assert told["Состояние"] == "rejected"
    assert "ничего не записано: " in told["Текст"]
    assert "[" not in told["Текст"]
    assert not written(shop)
    shop.base.control_stock = False
    assert load(shop)["Состояние"] == "done"


def test_cancelled_lines_and_services_stay(shop: Shop) -> None:
    change(
        shop,
        f"""Товар = Справочники.Номенклатура.ПолучитьСсылку(Новый УникальныйИдентификатор("{shop.coffee}"));
        Строка = Документ.Товары.Добавить(); Строка.Номенклатура = Товар; Строка.Количество = 1;
        Строка = Документ.Товары.Добавить(); Строка.Количество = 2; Строка.Отменено = Истина;
        Строка.Номенклатура =
            Справочники.Номенклатура.ПолучитьСсылку(Новый УникальныйИдентификатор("{shop.thermos}"));""",
    )
    shop.write(
        f"""Товар = Справочники.Номенклатура.ПолучитьСсылку(Новый УникальныйИдентификатор("{shop.coffee}"));
        Товар = Товар.ПолучитьОбъект(); Товар.ТипНоменклатуры = Перечисления.ТипыНоменклатуры.Услуга;
        Товар.Записать();"""
    )
    lines = [one for one in shop.data("order", shop.order)["lines"] if not one.get("cancelled")]
    load(shop)
    (data,) = commands(shop)
    assert goods(data["lines"]) == [one for one in goods(lines) if one[0] != shop.coffee]
    unpost(shop, data["document"])
    change(shop, "Для Каждого Строка Из Документ.Товары Цикл Строка.Отменено = Истина; КонецЦикла;")
    assert "нет товаров" in load(shop)["Текст"]


def test_the_courier_of_the_order_is_offered_and_meant_when_none_is_named(shop: Shop) -> None:
    link = shop.link("ЗаказКлиента", shop.order)
    shop.press("delivery.assign", Курьер=shop.courier)
    prepared = shop.session.call("кд_КомандыВызовСервера.Подготовка", LOAD, link)
    assert prepared.items["курьер"].value == shop.courier
    assert "Петров Илья" in [one.label for one in prepared.items["курьеры"].value.items]
    assert shop.press(LOAD)["Состояние"] == "done"
    assert commands(shop)[0]["courier"] == shop.courier


def test_an_order_that_nobody_is_to_bring_asks_for_a_courier(shop: Shop) -> None:
    assert "выберите курьера" in shop.press(LOAD)["Текст"]
    assert "выберите курьера" in load(shop, Курьер="не курьер")["Текст"]
    assert not written(shop)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("Документ.Склад = Справочники.Склады.ПустаяСсылка();", "не указан склад"),
        ('Документ.Склад = Справочники.Склады.ПолучитьСсылку(Новый УникальныйИдентификатор("{bag}"));', "уже у него"),
    ],
)
def test_goods_without_a_warehouse_or_already_there_cannot_be_moved(shop: Shop, code: str, why: str) -> None:
    change(shop, code.replace("{bag}", shop.bag))
    assert why in load(shop)["Текст"]
    assert not written(shop)


def test_an_order_that_is_not_posted_is_refused(shop: Shop) -> None:
    shop.write(
        f"""Документ = Документы.ЗаказКлиента.ПолучитьСсылку(Новый УникальныйИдентификатор("{shop.order}"));
        Документ.ПолучитьОбъект().Записать(РежимЗаписиДокумента.ОтменаПроведения);"""
    )
    assert "не проведен" in load(shop)["Текст"]


def test_a_base_that_exchanges_no_transfers_says_so(shop: Shop) -> None:
    rows = [row for row in shop.ask("кд_ПанельОбмена.Состав") if row["Вид"] != "transfer"]
    shop.ask("кд_ПанельОбмена.ЗаписатьСостав", rows)
    shop.base.refresh_reused()
    assert "нет перемещений" in load(shop)["Текст"]
    assert not written(shop)


def test_killed_before_the_commit_nothing_is_left_and_the_next_press_does_it(shop: Shop) -> None:
    shop.base.kill_at("before-commit")
    with pytest.raises(KilledHere):
        load(shop)
    assert not written(shop)
    assert load(shop)["Состояние"] == "done"
    assert len(transfers(shop)) == len(commands(shop)) == 1


def test_two_managers_who_press_at_once_load_it_once(shop: Shop) -> None:
    told = sorted(one["Текст"] for one in pressed_at_once(shop, {"Анна": LOAD, "Борис": LOAD}))
    assert [text.split(":")[0] for text in told][1] == "Уже положено"
    assert len(transfers(shop)) == len(commands(shop)) == 1


def test_a_silent_service_leaves_both_to_the_queue(shop: Shop, service: Service) -> None:
    service.then(MESSAGES, Said(status=503))
    service.then(COMMANDS, Said(status=503))
    told = load(shop)
    assert (told["Состояние"], told["Сохранено"]) == ("queued", True)
    assert len(transfers(shop)) == 1
    assert "Уже положено" in load(shop)["Текст"]


def test_a_refusal_of_the_service_names_the_transfer_that_stays(shop: Shop, service: Service) -> None:
    service.then(MESSAGES, Said(status=503))
    service.then(COMMANDS, Said(body={"status": "rejected", "code": "no_courier", "message": "Курьер не работает"}))
    told = load(shop)
    (ref,) = transfers(shop)
    assert told["Состояние"] == "rejected"
    assert shop.data("transfer", ref)["number"] in told["Текст"]
    assert told["Текст"].endswith(": Курьер не работает")


def test_it_needs_the_role_of_the_buttons_and_no_right_to_transfers(shop: Shop) -> None:
    for roles, state in (([], "rejected"), (["кд_Менеджер"], "done")):
        person = shop.base.session("Кладовщик", roles=roles)
        link = f'Документы.ЗаказКлиента.ПолучитьСсылку(Новый УникальныйИдентификатор("{shop.order}"))'
        given = person.evaluate(f'Новый Структура("Курьер", "{shop.courier}")')
        assert isinstance(given, Structure)
        told = to_python(person.call("кд_КомандыВызовСервера.Нажать", LOAD, person.evaluate(link), given))
        assert told["Состояние"] == state
        assert len(transfers(shop)) == (state == "done")


def test_the_form_of_an_order_asks_for_the_courier_and_shows_the_command(tmp_path: Path, service: Service) -> None:
    desk = Desk(Shop(tmp_path, service, modules=MODULES, library=[client]), service)
    form = desk.order_form()
    assert desk.press(form, "ПоложитьВРюкзак", None) == [("choice", "Положить в рюкзак")]
    shown = desk.press(form, "ПоложитьВРюкзак", desk.shop.courier)
    assert [kind for kind, _ in shown] == ["choice", "state", "notification"]
    assert form["НажатыеКоманды"].count() == 1
    assert [kind for kind, _ in desk.press(form, "ПоложитьВРюкзак")] == ["warning"]
