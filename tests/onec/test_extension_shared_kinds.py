"""Characteristics that all products of a kind share: sent with each of them, compared, and spread without a storm."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from tests.bsl.native import KilledHere
from tests.onec.extension import MESSAGES, Service
from tests.onec.test_extension_buttons import Shop

Json = dict[str, Any]
PORTION = 100
KIND = 'Справочники.ВидыНоменклатуры.ПолучитьСсылку(Новый УникальныйИдентификатор("{}"))'


class Kinds(Shop):
    """red, blue: kinds of products; size: a characteristic that all red products share."""

    def __init__(self, folder: Path, service: Service, **options: Any) -> None:
        super().__init__(folder, service, **options)
        self.red, self.blue = self.kind("Красные"), self.kind("Синие")
        self.size = self.characteristic(self.red, "42")

    def made(self, catalog: str, code: str) -> str:
        ref = str(uuid.uuid4())
        self.write(f"""Элемент = Справочники.{catalog}.СоздатьЭлемент();
            Элемент.УстановитьСсылкуНового(
                Справочники.{catalog}.ПолучитьСсылку(Новый УникальныйИдентификатор("{ref}")));
            {code} Элемент.Записать();""")
        return ref

    def kind(self, name: str) -> str:
        return self.made("ВидыНоменклатуры", f'Элемент.Наименование = "{name}";')

    def characteristic(self, kind: str, name: str) -> str:
        code = f'Элемент.Наименование = "{name}"; Элемент.Владелец = {KIND.format(kind)};'
        return self.made("ХарактеристикиНоменклатуры", code)

    def rename(self, ref: str, name: str) -> None:
        link = f'Справочники.ХарактеристикиНоменклатуры.ПолучитьСсылку(Новый УникальныйИдентификатор("{ref}"))'
        self.write(f'Элемент = {link}.ПолучитьОбъект(); Элемент.Наименование = "{name}"; Элемент.Записать();')

    def is_of(self, product: str, kind: str, attribute: str = "ВидНоменклатуры") -> None:
        with self.store.tx():
            self.store.add_extra("product", product, {attribute: kind})

    def many(self, kind: str, count: int) -> list[str]:
        """More products of a kind."""
        data = self.object("product", self.coffee)["data"] | {"barcodes": []}
        refs = [str(uuid.uuid4()) for _ in range(count)]
        for ref in refs:
            with self.store.tx():
                self.store.put("product", ref, data)
            self.is_of(ref, kind)
        return refs

    def listed(self) -> dict[str, str]:
        return {one["ref"]: one["version"] for one in self.call("кд_ВыгрузкаОбъектов.Версии", "product", "")}

    def version(self, product: str) -> str:
        found = self.described("product", product)
        assert found is not None
        return str(found["version"])

    def queue(self) -> list[Json]:
        return self.base.rows("кд_Изменения", "Порядок")

    def statements(self, what: Any) -> int:
        """Without what finds the type that a cell of two types points to: the platform has it in the cell."""
        told: list[str] = []
        trace = self.session.platform.data.store.db.set_trace_callback
        trace(told.append)
        what()
        trace(None)
        return len([one for one in told if 't."Ссылка" =' not in one and not one.startswith("PRAGMA")])


def objects(body: Json) -> list[tuple[str, str]]:
    return [(one["kind"], one["ref"]) for one in body["objects"]]


def sent(service: Service) -> list[list[tuple[str, str]]]:
    return [objects(asked.body) for asked in service.of(MESSAGES)]


@pytest.fixture
def shop(tmp_path: Path, service: Service) -> Kinds:
    made = Kinds(tmp_path, service)
    made.is_of(made.thermos, made.red)
    drained(made)
    service.asked.clear()
    return made


def drained(shop: Kinds) -> None:
    shop.call("кд_Отправка.ОтправитьСейчас")
    assert shop.queue() == []


def test_a_product_has_the_characteristics_of_its_kind_and_of_the_kind_that_lends_its_own(shop: Kinds) -> None:
    lent = shop.characteristic(shop.blue, "Синий")
    assert shop.data("product", shop.thermos)["characteristics"] == [{"ref": shop.size, "name": "42"}]
    shop.is_of(shop.thermos, shop.blue, "ВладелецХарактеристик")
    refs = [one["ref"] for one in shop.data("product", shop.thermos)["characteristics"]]
    assert sorted(refs) == sorted([shop.size, lent])


def test_a_lost_change_of_a_shared_characteristic_is_another_version_of_each_product_of_the_kind(shop: Kinds) -> None:
    (other,) = shop.many(shop.red, 1)
    seen = [shop.listed()]
    for change in (lambda: shop.rename(shop.size, "43"), lambda: shop.characteristic(shop.red, "44")):
        change()
        seen.append(shop.listed())
        assert [shop.version(one) for one in (other, shop.thermos)] == [seen[-1][one] for one in (other, shop.thermos)]
    for product in (other, shop.thermos):
        assert len({one[product] for one in seen}) == len(seen)
    assert len({one[shop.coffee] for one in seen}) == 1


def test_versions_of_all_products_cost_the_same_statements_however_many_kinds_there_are(shop: Kinds) -> None:
    few = shop.statements(shop.listed)
    for number in range(5):
        kind = shop.kind(f"Вид {number}")
        shop.characteristic(kind, "Мало")
        shop.many(kind, 3)
    assert shop.statements(shop.listed) == few


def test_a_written_characteristic_is_one_row_and_as_many_statements_for_any_number_of_products(shop: Kinds) -> None:
    one = shop.statements(lambda: shop.rename(shop.size, "43"))
    shop.many(shop.red, 50)
    assert shop.statements(lambda: shop.rename(shop.size, "44")) == one
    assert [(row["ИмяОбъекта"], row["Идентификатор"]) for row in shop.queue()] == [
        ("Справочник.ХарактеристикиНоменклатуры", shop.size)
    ]


def test_a_step_of_the_spreading_costs_the_same_however_many_products_there_are(shop: Kinds) -> None:
    costs = []
    for name in ("43", "44"):
        shop.many(shop.red, 2 * PORTION)
        shop.rename(shop.size, name)
        costs.append(shop.statements(lambda: shop.call("кд_Очередь.Упаковать")))
        drained(shop)
    assert costs[0] == costs[1]


def test_one_product_costs_the_same_statements_whatever_its_kind_has(shop: Kinds) -> None:
    plain = shop.statements(lambda: shop.described("product", shop.coffee))
    for number in range(5):
        shop.characteristic(shop.red, f"{number}")
    assert shop.statements(lambda: shop.described("product", shop.thermos)) == plain


def test_the_products_of_the_kind_follow_in_portions_each_once(shop: Kinds, service: Service) -> None:
    wanted = {shop.thermos, *shop.many(shop.red, 2 * PORTION + 30)}
    for name in ("43", "44", "45"):
        shop.rename(shop.size, name)
        shop.characteristic(shop.red, f"{name} широкий")
    drained(shop)
    messages = sent(service)
    assert max(map(len, messages)) <= PORTION
    refs = [ref for message in messages for _, ref in message]
    assert sorted(refs) == sorted(wanted)


def test_whoever_edits_meanwhile_waits_for_one_portion_at_most(shop: Kinds, service: Service) -> None:
    shop.many(shop.red, 3 * PORTION)
    shop.rename(shop.size, "43")
    shop.call("кд_Очередь.Упаковать")
    assert len(shop.queue()) <= 2 * PORTION + 1  # those on their way, the next ones, the place
    shop.call("кд_Регистрация.ОтметитьИзменение", "Документ.ЗаказКлиента", shop.order)
    drained(shop)
    place = next(number for number, message in enumerate(sent(service)) if ("order", shop.order) in message)
    assert place <= 1


def test_a_change_in_the_middle_begins_anew_and_ends(shop: Kinds, service: Service) -> None:
    wanted = {shop.thermos, *shop.many(shop.red, 2 * PORTION)}
    shop.rename(shop.size, "43")
    shop.call("кд_Очередь.Упаковать")
    shop.rename(shop.size, "44")
    drained(shop)
    last = {}
    for asked in service.of(MESSAGES):
        for one in asked.body["objects"]:
            last[one["ref"]] = [kind["name"] for kind in one["data"]["characteristics"]]
    assert last == {ref: ["44"] for ref in wanted}


def test_killed_between_two_portions_it_goes_on(shop: Kinds, service: Service) -> None:
    wanted = {shop.thermos, *shop.many(shop.red, PORTION + 5)}
    shop.rename(shop.size, "43")
    shop.base.kill_at("before-commit")
    with pytest.raises(KilledHere):
        shop.call("кд_Очередь.Упаковать")
    drained(shop)
    assert {ref for message in sent(service) for _, ref in message} == wanted


def test_a_comparison_waits_for_the_last_product(shop: Kinds, service: Service) -> None:
    wanted = {shop.thermos, *shop.many(shop.red, PORTION + 5)}
    shop.rename(shop.size, "43")
    shop.call("кд_Сверка.СверитьВсе")
    drained(shop)
    bodies = [asked.body for asked in service.of(MESSAGES)]
    seen: set[str] = set()
    for body in bodies:
        seen |= {one["ref"] for one in body["objects"]}
        if body["commands"]:
            break
    assert seen == wanted


def test_a_deletion_mark_of_a_shared_characteristic_is_spread_as_well(shop: Kinds, service: Service) -> None:
    link = f'Справочники.ХарактеристикиНоменклатуры.ПолучитьСсылку(Новый УникальныйИдентификатор("{shop.size}"))'
    shop.write(f"{link}.ПолучитьОбъект().УстановитьПометкуУдаления(Истина);")
    drained(shop)
    (product,) = [one for asked in service.of(MESSAGES) for one in asked.body["objects"]]
    assert product["ref"] == shop.thermos
    assert "characteristics" not in product["data"]
