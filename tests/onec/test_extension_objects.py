"""What the extension says of УТ 11's objects: every kind, by the map of attributes, with versions that agree."""

import json
import uuid
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.bsl.platform import configuration
from tests.onec.ut import Courier, Json, Ut
from tests.sandbox.onec_running import named

from posrednik.connectors.onec.inbound import Inbound
from posrednik_sandbox.onec import books, dirty
from posrednik_sandbox.onec.odata.profiles import UT11

# What of the sandbox's own data is no part of the wire, or is written otherwise: an absent value and an empty one are
# the same to the service.
OWN = {"base_price"}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Courier:
    """Nothing is written to it."""
    made = Courier(tmp_path_factory.mktemp("ut"), orders=4)
    made.take("delivery.handed_over", "d", 4, lines=made.lines(), amount_taken="150.00", payment_method="cash")
    made.take("delivery.customer_returned", "d", 5, lines=made.lines(), warehouse=made.main)
    made.take("backpack.unloaded", "b", 1, lines=[{"product": made.thermos, "quantity": "1"}])
    receipt = f"""
        Документ = Документы.ПриобретениеТоваровУслуг.СоздатьДокумент();
        Документ.Дата = '20261120100000';
        Документ.Склад = Справочники.Склады.ПолучитьСсылку(Новый УникальныйИдентификатор("{made.main}"));
        Строка = Документ.Товары.Добавить();
        Строка.Номенклатура = Справочники.Номенклатура.ПолучитьСсылку(
            Новый УникальныйИдентификатор("{made.thermos}"));
        Строка.Количество = 1.5;
        Строка.Цена = 100;
        Строка.Сумма = 150;
        Документ.Записать(РежимЗаписиДокумента.Проведение);"""
    made.write(receipt)
    made.store.put("outlet", str(uuid.uuid4()), {"name": "Точка", "address": "ул. Мира", "division": a_division(made)})
    return made


@pytest.fixture
def own(tmp_path: Path) -> Courier:
    """To be written to."""
    return Courier(tmp_path)


def a_division(base: Ut) -> str:
    return next(iter(base.store.names("division")))


def plain(value: Any) -> Any:
    """Values as the wire has them, without what is empty."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items() if one not in (None, "", {}) and name not in OWN}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return float(value) if isinstance(value, Decimal | int | float) and not isinstance(value, bool) else value


# -- every kind


def test_every_object_is_said_as_the_sandbox_itself_says_it(base: Courier) -> None:
    seen = set()
    for row in base.store.rows("SELECT * FROM object WHERE deleted = 0"):
        if not base.call("кд_ВыгрузкаОбъектов.ИмяПоВиду", row["kind"]):
            continue
        seen.add(row["kind"])
        told = base.described(row["kind"], row["ref"])
        want = plain(json.loads(row["data"]))
        if "bitrix24_user" in want:
            want["bitrix24_user"] = str(int(want["bitrix24_user"]))
        if row["kind"] == "stock" and books.milli(want["quantity"]) == 0:
            assert told is not None
            assert (told["deleted"], told["data"]["quantity"]) == (True, "0")
            continue
        assert told is not None, row
        data = plain(told["data"])
        assert {name: data.get(name) for name in want} == want, row["kind"]
        assert told["ref"] == row["ref"]
        if row["kind"] not in ("price", "stock"):
            of_its_own = "~" if row["kind"] == "product" else ""
            assert told["version"].partition("~")[:2] == (row["version"], of_its_own)
            assert told["deleted"] is False
    assert seen == {one.kind for one in UT11.sets.values()} | {"price", "stock"}


def test_everything_it_says_is_readable_to_the_service(base: Courier) -> None:
    reader, kinds = Inbound("Europe/Moscow"), set()
    for name in {row["ИмяОбъекта"] for row in base.base.rows("кд_СоставОбмена", "1")}:
        for ref in base.call("кд_ВыгрузкаОбъектов.ВсеИдентификаторы", name):
            found = base.session.call("кд_ВыгрузкаОбъектов.Описание", name, ref, False)
            text = base.session.call("кд_ОбщегоНазначения.ВJSON", found)
            read = reader.object(0, text.encode())
            assert read.odd_sums == ()
            kinds.add(read.kind)
    assert kinds == set(dirty.KINDS)


def test_all_of_them_have_the_versions_that_are_compared(base: Courier) -> None:
    slices = base.call("кд_ВыгрузкаОбъектов.Срезы")
    assert {one["Вид"] for one in slices} == set(dirty.KINDS)
    for one in slices:
        listed = base.call("кд_ВыгрузкаОбъектов.Версии", one["Вид"], one["Срез"])
        assert listed, one
        for version in listed:
            sample = base.call("кд_ВыгрузкаОбъектов.Выборка", one["Вид"], version["ref"])
            assert (sample["found"], sample["version"], sample["deleted"]) == (True, version["version"], False)
            if one["Срез"]:
                assert sample["data"]["date"].startswith(one["Срез"])
    for kind in ("order", "shipment"):
        refs = {ref["ref"] for one in slices if one["Вид"] == kind for ref in
                base.call("кд_ВыгрузкаОбъектов.Версии", kind, one["Срез"])}  # fmt: skip
        assert refs == set(base.store.names(kind))


def test_a_slice_of_a_month_has_only_its_documents(base: Courier) -> None:
    name = base.call("кд_ВыгрузкаОбъектов.ИмяПоВиду", "receipt")
    assert len(base.call("кд_ВыгрузкаОбъектов.ВсеИдентификаторы", name, "2026-11")) == 1
    assert base.call("кд_ВыгрузкаОбъектов.ВсеИдентификаторы", name, "2026-10") == []
    assert base.call("кд_ВыгрузкаОбъектов.Версии", "receipt", "2026-12") == []


# -- prices and stock


def test_references_of_prices_and_stock_are_those_of_the_first_load(base: Courier) -> None:
    """docs/integrators.md: UUIDv5 of what they are about."""
    for kind, space, words in (("price", "product", ("price_type",)), ("stock", "warehouse", ("product",))):
        for one in base.call("кд_ВыгрузкаОбъектов.Версии", kind, ""):
            data = base.data(kind, one["ref"])
            name = "".join(data[word] for word in words) + data.get("characteristic", "")
            assert one["ref"] == str(uuid.uuid5(uuid.UUID(data[space]), name))
            assert ":" not in one["version"]
            assert base.call("кд_ВыгрузкаРегистров.СсылкаПоКлючу", kind, one["Идентификатор"]) == one["ref"]


def test_a_stock_that_became_nothing_is_said_once_and_is_in_no_version(own: Courier) -> None:
    product = next(data["product"] for data in own.store.names("stock").values() if data["warehouse"] == own.bag)
    ref = str(uuid.uuid5(uuid.UUID(own.bag), product))
    before = own.data("stock", ref)
    version = next(one for one in own.call("кд_ВыгрузкаОбъектов.Версии", "stock", "") if one["ref"] == ref)
    books.post(own.store, "all of it", [books.Move(own.bag, product, "", -books.milli(before["quantity"]))])
    for key in (ref, version["Идентификатор"]):
        told = own.described("stock", key)
        assert told is not None
        assert (told["ref"], told["deleted"], told["data"]["quantity"]) == (ref, True, "0")
    assert ref not in {one["ref"] for one in own.call("кд_ВыгрузкаОбъектов.Версии", "stock", "")}
    assert own.call("кд_ВыгрузкаОбъектов.Выборка", "stock", ref) == {"kind": "stock", "ref": ref, "found": False}


def test_a_stock_that_moved_has_another_version(own: Courier) -> None:
    one = own.call("кд_ВыгрузкаОбъектов.Версии", "stock", "")[0]
    data = own.data("stock", one["ref"])
    books.post(own.store, "more", [books.Move(data["warehouse"], data["product"], "", 1)])
    told = own.described("stock", one["ref"])
    assert told is not None
    assert (told["version"] == one["version"], books.milli(told["data"]["quantity"])) == (
        False, books.milli(data["quantity"]) + 1,
    )  # fmt: skip


def test_records_are_found_by_their_references(own: Courier) -> None:
    one = own.call("кд_ВыгрузкаОбъектов.Версии", "price", "")[0]
    gone, order = str(uuid.uuid4()), own.order
    found = own.call("кд_ВыгрузкаОбъектов.ИдентификаторыПоСсылкам", "price", [one["ref"], gone])
    assert found == {one["ref"]: one["Идентификатор"], gone: gone}
    told = own.described("price", gone)
    assert told is not None
    assert (told["ref"], told["deleted"], told["data"]) == (gone, True, {})
    found = own.call("кд_ВыгрузкаОбъектов.ИдентификаторыПоСсылкам", "order", [order, gone, "не UUID"])
    assert found == {order: order}


def test_only_the_kinds_of_prices_that_are_wanted_are_sent(own: Courier) -> None:
    key = own.call("кд_ВыгрузкаОбъектов.Версии", "price", "")[0]["Идентификатор"]
    own.set(ВидЦены="Оптовая; Розничная")
    assert own.described("price", key) is not None
    own.set(ВидЦены="Оптовая")
    assert own.described("price", key) is None
    assert own.call("кд_ВыгрузкаОбъектов.Версии", "price", "") == []


def test_a_price_by_a_dimension_that_nobody_maps_is_not_that_of_the_product(own: Courier) -> None:
    """As in the УТ 11.5 with prices by characteristics, series and packagings «of pricing»."""
    plain = next(iter(own.store.names("price").values()))
    red = {"ref": str(uuid.uuid4()), "name": "красный"}
    product = own.object("product", plain["product"])["data"]
    own.store.put("product", plain["product"], product | {"characteristics": [red]})
    own.store.put("price", str(uuid.uuid4()), plain | {"characteristic": red["ref"], "price": "1.00"})
    key = next(one for one in own.call("кд_ВыгрузкаОбъектов.Версии", "price", "") if red["ref"] in one["Идентификатор"])
    own.map("price", "characteristic", "")
    versions = own.call("кд_ВыгрузкаОбъектов.Версии", "price", "")
    assert len(versions) == len(own.store.names("price")) - 1
    general = key["Идентификатор"].replace(red["ref"], "")
    assert [one["Идентификатор"] for one in versions].count(general) == 1
    assert own.data("price", general)["price"] == plain["price"]


# -- the map of attributes


def test_a_field_may_come_from_any_attribute_path_or_constant(own: Courier) -> None:
    order = own.object("order", own.order)["data"]
    customer = own.object("counterparty", order["counterparty"])["data"]
    own.map("order", "recipient.name", "НетТакого | Контрагент.Наименование")
    own.map("order", "recipient.phone", "Контрагент.КонтактнаяИнформация[Тип=Телефон].НомерТелефона")
    own.map("order", "delivery_price", "=250.00")
    own.map("order", "receipt", "=Истина")
    own.map("order", "comment", "")
    own.map("order", "address.entrance", "ИШ_ТакогоНет.Подъезд")
    own.map("order", "lines.name", "Товары.Номенклатура")
    own.map("order", "shop.number", "НомерПоДаннымКлиента|Номер")
    data = own.data("order", own.order)
    assert (data["recipient"]["name"], data["recipient"]["phone"]) == (customer["name"], customer["phone"])
    assert (data["delivery_price"], data["receipt"]) == ("250.00", True)
    assert "comment" not in data
    assert "entrance" not in data["address"]
    assert data["lines"][0]["name"] == own.object("product", order["lines"][0]["product"])["data"]["name"]
    assert data["shop"]["number"] in (order.get("site_number"), order["number"])


def test_a_slip_in_the_map_or_the_composition_stops_nothing(own: Courier) -> None:
    own.map("order", "comment", "Номер заказа|Комментарий")
    own.map("order", "status", "Статус..Имя")
    own.write("""
        Запись = РегистрыСведений.кд_СоставОбмена.СоздатьМенеджерЗаписи();
        Запись.ИмяОбъекта = "Справочник.УдаленныйПриОбновлении"; Запись.Вид = "outlet"; Запись.Выгружать = Истина;
        Запись.Записать(Истина);""")
    own.base.refresh_reused()
    found = own.object("order", own.order)
    own.store.put("order", own.order, found["data"] | {"comment": "позвонить"})
    data = own.data("order", own.order)
    assert (data["comment"], "status" in data) == ("позвонить", False)
    name = "Справочник.УдаленныйПриОбновлении"
    assert own.call("кд_ВыгрузкаОбъектов.Описание", name, str(uuid.uuid4()), False) is None
    assert own.call("кд_ВыгрузкаОбъектов.ВсеИдентификаторы", name) == []
    assert own.call("кд_ВыгрузкаОбъектов.Версии", "outlet", "") == []
    assert {"outlet", "order"} <= {one["Вид"] for one in own.call("кд_ВыгрузкаОбъектов.Срезы")}


def test_filling_the_map_keeps_what_was_written_and_finds_what_has_appeared(own: Courier) -> None:
    own.map("order", "recipient.name", "Партнер")
    own.map("order", "status", "")
    own.call("кд_СоставОбмена.ЗаполнитьПоУмолчанию")
    rows = {(row["Вид"], row["Поле"]): row["Реквизит"] for row in own.base.rows("кд_СоответствиеРеквизитов", "1")}
    assert (rows["order", "recipient.name"], rows["order", "status"]) == ("Партнер", "Статус")
    assert rows["receipt", "courier"] == "", "what this УТ has not is there to be filled in"
    names = {row["ИмяОбъекта"] for row in own.base.rows("кд_СоставОбмена", "1")}
    assert "Документ.ПоступлениеТоваровУслуг" not in names
    assert "Документ.ПриобретениеТоваровУслуг" in names


def test_without_a_map_the_names_of_the_standard_are_used(tmp_path: Path) -> None:
    base = Courier(tmp_path, told=False)
    for name, kind in (("Документ.ЗаказКлиента", "order"), ("Справочник.СтруктураПредприятия", "division"),
                       ("Справочник.Контрагенты", "counterparty")):  # fmt: skip
        base.write(f"""
            Запись = РегистрыСведений.кд_СоставОбмена.СоздатьМенеджерЗаписи();
            Запись.ИмяОбъекта = "{name}"; Запись.Вид = "{kind}"; Запись.Выгружать = Истина;
            Запись.Записать(Истина);""")
    base.base.refresh_reused()
    order = base.object("order", base.order)["data"]
    data = base.data("order", base.order)
    assert (data["number"], data["division"], data["address"]["text"]) == (
        order["number"], order["division"], order["address"]["text"],
    )  # fmt: skip
    assert data["recipient"]["name"] == base.object("counterparty", order["counterparty"])["data"]["name"]
    assert "warehouse" not in data, "warehouses are not exchanged here"
    assert len(data["lines"]) == len(order["lines"])


def test_a_time_of_delivery_without_a_day_is_of_the_day_of_shipment(own: Courier) -> None:
    found = own.object("order", own.order)
    window = {"from": "0001-01-01T10:00:00", "to": "0001-01-01T12:00:00"}
    own.store.put("order", own.order, found["data"] | {"date": "2026-11-20T09:00:00", "window": window})
    assert own.data("order", own.order)["window"] == {"from": "2026-11-20T10:00:00", "to": "2026-11-20T12:00:00"}


def test_what_a_button_has_set_is_said_where_the_order_has_no_attribute(own: Courier) -> None:
    own.map("order", "delivery_price", "")
    courier = own.courier
    own.write(f"""
        Запись = РегистрыСведений.кд_Доставки.СоздатьМенеджерЗаписи();
        Запись.Заказ = "{own.order}"; Запись.ЦенаДоставки = "450.00"; Запись.Курьер = "{courier}";
        Запись.Записать(Истина);""")
    data = own.data("order", own.order)
    assert (data["delivery_price"], data["courier"]) == ("450.00", courier)


# -- what is there and what is gone


def test_marked_unposted_and_removed_objects_are_said_to_be_so(own: Courier) -> None:
    found = own.object("order", own.order)
    own.store.put("order", own.order, found["data"], posted=False)
    told = own.described("order", own.order)
    assert told is not None
    assert (told["posted"], told["deleted"]) == (False, False)
    own.store.put("order", own.order, found["data"], posted=False, deleted=True)
    told = own.described("order", own.order)
    assert told is not None
    assert (told["posted"], told["deleted"], told["data"]["number"]) == (False, True, found["data"]["number"])
    assert own.order not in {
        one["ref"] for one in own.call("кд_ВыгрузкаОбъектов.Версии", "order", found["data"]["date"][:7])
    }
    own.store.remove("order", own.order)
    for gone in (True, False):
        told = own.described("order", own.order, gone=gone)
        assert told is not None
        assert (told["kind"], told["ref"], told["deleted"], told["posted"], told["data"]) == (
            "order", own.order, True, False, {},
        )  # fmt: skip
    assert own.call("кд_ВыгрузкаОбъектов.Выборка", "order", own.order)["found"] is False


def test_a_person_without_a_division_is_no_courier(own: Courier) -> None:
    """A real base has thousands of persons."""
    person = str(uuid.uuid4())
    own.store.put("courier", person, {"name": "Бухгалтер"})
    assert own.described("courier", person) is None
    assert person not in {one["ref"] for one in own.call("кд_ВыгрузкаОбъектов.Версии", "courier", "")}
    own.map("courier", "division", "ИШ_Подразделение|=")
    assert person not in {one["ref"] for one in own.call("кд_ВыгрузкаОбъектов.Версии", "courier", "")}


def test_documents_from_before_the_exchange_are_left_alone(own: Courier) -> None:
    own.write("""
        Запись = РегистрыСведений.кд_СоставОбмена.СоздатьМенеджерЗаписи();
        Запись.ИмяОбъекта = "Документ.ЗаказКлиента"; Запись.Вид = "order"; Запись.Выгружать = Истина;
        Запись.ДатаНачала = '20991231';
        Запись.Записать(Истина);""")
    own.base.refresh_reused()
    assert own.described("order", own.order) is None
    assert own.call("кд_ВыгрузкаОбъектов.ВсеИдентификаторы", "Документ.ЗаказКлиента") == []
    assert [one for one in own.call("кд_ВыгрузкаОбъектов.Срезы") if one["Вид"] == "order"] == []


# -- goods


def test_a_product_brings_its_barcodes_and_characteristics(own: Courier) -> None:
    found = own.object("product", own.thermos)
    kinds = [{"ref": str(uuid.uuid4()), "name": name} for name in ("Зелёный", "Синий")]
    own.store.put("product", own.thermos, found["data"] | {"characteristics": kinds})
    data = own.data("product", own.thermos)
    assert (data["barcodes"], data["characteristics"]) == (found["data"]["barcodes"], kinds)
    assert own.call(
        "кд_ВыгрузкаОбъектов.Описание", "Справочник.ХарактеристикиНоменклатуры", kinds[0]["ref"], False
    ) == (own.described("product", own.thermos))


def test_a_written_barcode_sends_its_product(own: Courier) -> None:
    name = "РегистрСведений.ШтрихкодыНоменклатуры"
    assert own.call("кд_ВыгрузкаОбъектов.ВсеИдентификаторы", name) == []
    assert own.call("кд_ВыгрузкаОбъектов.ИмяПоВиду", "product") == "Справочник.Номенклатура"
    told = own.call("кд_ВыгрузкаОбъектов.Описание", name, own.thermos, False)
    assert told == own.described("product", own.thermos)


def test_a_written_packaging_sends_its_product_and_is_none_itself(tmp_path: Path, monkeypatch: Any) -> None:
    """The kilogram belongs to the thermos here, as a packaging of УТ does; the piece to none, as a unit does."""
    thermos, units = Courier(tmp_path / "plain").thermos, configuration._unit

    def owned(product: str) -> list[configuration.Attribute]:
        owner, *more = units(product)
        return [replace(owner, sql=f"CASE o.w WHEN 'кг' THEN '{thermos}' ELSE {owner.sql} END"), *more]

    monkeypatch.setattr(configuration, "_unit", owned)
    own = Courier(tmp_path / "owned")
    name = "Справочник.УпаковкиЕдиницыИзмерения"
    own.call("кд_СоставОбмена.ЗаполнитьПоУмолчанию")
    found = 'Строка(Справочники.УпаковкиЕдиницыИзмерения.НайтиПоНаименованию("{}").УникальныйИдентификатор())'
    packaging, unit = (own.session.evaluate(found.format(word)) for word in ("кг", "шт"))
    told = own.call("кд_ВыгрузкаОбъектов.Описание", name, packaging, False)
    assert told == own.described("product", thermos)
    assert told["version"] == listed(own, thermos)
    assert told["data"]["packagings"] == [{"ref": packaging, "name": "кг", "coefficient": "1"}]
    assert own.call("кд_ВыгрузкаОбъектов.Описание", name, unit, False) is None
    assert own.call("кд_ВыгрузкаОбъектов.ВсеИдентификаторы", name) == []
    assert not {packaging, unit} & {one["ref"] for one in own.call("кд_ВыгрузкаОбъектов.Версии", "product", "")}


def listed(base: Courier, product: str) -> str:
    """The version of a product as it is compared."""
    return next(
        one["version"] for one in base.call("кд_ВыгрузкаОбъектов.Версии", "product", "") if one["ref"] == product
    )


def silently(base: Courier, product: str, **data: Any) -> None:
    """A change beside the product that nobody has noticed: its own version stays."""
    found = base.object("product", product)
    text = json.dumps(found["data"] | data, ensure_ascii=False)
    with base.store.tx():
        base.store.db.execute("UPDATE object SET data = ? WHERE ref = ?", (text, product))
    assert base.object("product", product)["version"] == found["version"]


@pytest.mark.parametrize("field", ["barcodes", "characteristics"])
def test_a_lost_change_of_what_a_product_has_of_its_own_is_another_version_of_it(own: Courier, field: str) -> None:
    other = listed(own, own.coffee)
    kinds = [{"ref": str(uuid.uuid4()), "name": name} for name in ("Зелёный", "Синий")]
    values = [["4600000000001"], ["4600000000002"], ["4600000000002", "4600000000003"], []]
    if field == "characteristics":
        values = [kinds[:1], [kinds[0] | {"name": "Салатовый"}], kinds, []]  # type: ignore[list-item]
    seen = []
    for value in values:
        silently(own, own.thermos, **{field: value})
        seen.append(listed(own, own.thermos))
        assert own.described("product", own.thermos)["version"] == seen[-1]  # type: ignore[index]
        assert ":" not in seen[-1]
    assert len(set(seen)) == len(values)
    assert listed(own, own.coffee) == other


def test_a_product_that_has_nothing_of_its_own_keeps_its_plain_version(own: Courier) -> None:
    silently(own, own.thermos, barcodes=[])
    assert listed(own, own.thermos) == own.object("product", own.thermos)["version"]


def test_the_order_in_which_barcodes_were_written_is_no_difference(own: Courier) -> None:
    silently(own, own.thermos, barcodes=["4600000000001", "4600000000002"])
    before = listed(own, own.thermos)
    silently(own, own.thermos, barcodes=["4600000000002", "4600000000001"])
    assert listed(own, own.thermos) == before


def test_versions_of_all_products_are_asked_for_together(own: Courier) -> None:
    """However many products there are."""

    def asked() -> int:
        told: list[str] = []
        own.call("кд_ВыгрузкаОбъектов.Версии", "product", "")
        own.session.platform.data.store.db.set_trace_callback(told.append)
        own.call("кд_ВыгрузкаОбъектов.Версии", "product", "")
        own.session.platform.data.store.db.set_trace_callback(None)
        return len(told)

    few = asked()
    found = own.object("product", own.thermos)["data"]
    for number in range(20):
        own.store.put("product", str(uuid.uuid4()), found | {"barcodes": [f"47{number:011}"]})
    assert asked() == few


def test_a_written_balance_or_price_is_sent_under_its_key(own: Courier) -> None:
    for kind in ("stock", "price"):
        one = own.call("кд_ВыгрузкаОбъектов.Версии", kind, "")[-1]
        with own.store.tx():
            own.base.fire(kind, one["ref"], own.store)
        assert one["Идентификатор"] in {row["Идентификатор"] for row in own.base.rows("кд_Изменения", "1")}


# -- speed


def test_describing_an_order_asks_the_base_no_more_for_more_lines(own: Courier) -> None:
    """One reading of the object, no query per field or line."""
    found = own.object("order", own.order)
    line = found["data"]["lines"][0]

    def asked(lines: list[Json]) -> int:
        own.store.put("order", own.order, found["data"] | {"lines": lines})
        told: list[str] = []
        own.data("order", own.order)
        own.session.platform.data.store.db.set_trace_callback(told.append)
        own.data("order", own.order)
        own.session.platform.data.store.db.set_trace_callback(None)
        return len(told)

    few = asked([line])
    assert few <= 20
    assert asked([line | {"line": str(number)} for number in range(1, 41)]) == few


def test_the_dirtiest_objects_are_described_too(own: Courier) -> None:
    """Whatever people have written, an object is never an error."""
    dirty.make(own.store, 140, 3)
    for row in own.store.rows("SELECT s.kind, s.ref FROM spoiled s"):
        name = own.call("кд_ВыгрузкаОбъектов.ИмяПоВиду", row["kind"])
        if name and len(row["ref"]) == 36:
            found = own.session.call("кд_ВыгрузкаОбъектов.Описание", name, row["ref"], False)
            json.loads(own.session.call("кд_ОбщегоНазначения.ВJSON", found))


def test_the_bag_of_a_courier_is_said_to_be_his(base: Courier) -> None:
    assert base.data("warehouse", named(base.onec, "warehouse", "Рюкзак: Петров Илья"))["courier"] == base.courier
