"""A base of УТ 11 with the whole extension in it: the sandbox's catalogs and orders, events told to it one by one."""

import atexit
import functools
import json
import shutil
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.bsl.platform.infobase import Infobase
from tests.bsl.values import to_bsl, to_python
from tests.onec_base import customer
from tests.sandbox.onec_running import a_base, first_order, left, named

from posrednik_sandbox.onec import books
from posrednik_sandbox.onec.seed import rubles

Json = dict[str, Any]
SPACE = uuid.UUID("3f0c4a4e-7a51-4f0a-9c07-5f2a0d3c9a11")


@functools.cache
def _template(orders: int, told: bool) -> Path:
    """The file of a base as it is filled at the beginning, made once."""
    folder = Path(tempfile.mkdtemp(prefix="ut-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    onec = a_base(folder, orders=orders)
    if told:
        customer.tell(Infobase(onec.store.path).session("Обмен"))
    onec.store.snapshot(folder / "template.sqlite3")
    onec.store.close()
    return folder / "template.sqlite3"


class Ut:
    """told: fill the composition and the map of attributes as the settings' form does."""

    def __init__(self, folder: Path, *, orders: int = 2, told: bool = True, **options: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(_template(orders, told), folder / "onec.sqlite3")
        self.onec = a_base(folder, orders=orders)
        self.store = self.onec.store
        self.base = Infobase(self.store.path, **options)
        self.session = self.base.session("Обмен")
        self.number = 0

    def call(self, path: str, *args: Any) -> Any:
        return to_python(self.session.call(path, *(to_bsl(one) for one in args)))

    def set(self, **settings: str) -> None:
        for name, value in settings.items():
            self.call("кд_Настройки.Установить", name.replace("__", "."), value)

    def map(self, kind: str, field: str, attribute: str) -> None:
        """Where a field comes from."""
        self.session.execute(customer.RECORD.format(kind=kind, field=field, attribute=attribute))
        self.base.refresh_reused()

    def described(self, kind: str, ref: str, *, gone: bool = False) -> Json | None:
        name = self.call("кд_ВыгрузкаОбъектов.ИмяПоВиду", kind)
        return self.call("кд_ВыгрузкаОбъектов.Описание", name, ref, gone)  # type: ignore[no-any-return]

    def data(self, kind: str, ref: str) -> Json:
        found = self.described(kind, ref)
        assert found is not None
        return found["data"]  # type: ignore[no-any-return]

    def write(self, code: str) -> None:
        """What a person does in 1C."""
        self.session.execute(code)

    def additional(self, name: str, ref: str, title: str, value: str, word: str = "") -> None:
        """A user's additional attribute of an object and its value.

        name: full name of the metadata; title: what he has called it; value: an expression of BSL.
        """
        cls, _, rest = name.partition(".")
        managers = {"Справочник": "Справочники", "Документ": "Документы"}[cls]
        self.session.execute(f"""
            Свойство = ПланыВидовХарактеристик.ДополнительныеРеквизитыИСведения.СоздатьЭлемент();
            Свойство.Заголовок = "{title}"; Свойство.Наименование = "{title} ({rest})";
            Свойство.Имя = "{word or f"Имя_{uuid.uuid4().hex}"}";
            Свойство.Записать();
            Объект = {managers}.{rest}.ПолучитьСсылку(Новый УникальныйИдентификатор("{ref}")).ПолучитьОбъект();
            Строка = Объект.ДополнительныеРеквизиты.Добавить();
            Строка.Свойство = Свойство.Ссылка;
            Строка.Значение = {value};
            Объект.Записать();""")

    def object(self, kind: str, ref: str) -> Json:
        found = self.store.object(kind, ref)
        assert found is not None
        return found


class Courier(Ut):
    """One courier of the base and what Posrednik says of him."""

    def __init__(self, folder: Path, **options: Any) -> None:
        super().__init__(folder, **options)
        self.courier = named(self.onec, "courier", "Петров Илья")
        self.bag = named(self.onec, "warehouse", "Рюкзак: Петров Илья")
        self.main = named(self.onec, "warehouse", "Склад «Центр»")
        self.thermos = named(self.onec, "product", "Термос «Тайга» 1 л")
        self.coffee = named(self.onec, "product", "Кофе в зёрнах")
        self.order = first_order(self.onec)["ref"]

    def event(self, kind: str, subject: str, version: int = 1, **data: Any) -> Json:
        """An event about him. subject: of a delivery «d», which is that of the first order, of others any name."""
        self.number += 1
        about: Json = {"kind": kind.partition(".")[0], "id": str(uuid.uuid5(SPACE, subject))}
        if about["kind"] == "delivery":
            about |= {"order_ref": self.order, "order_number": "1"}
        return {
            "id": str(uuid.uuid5(SPACE, f"{self.number}")), "number": self.number, "type": kind, "subject": about,
            "version": version, "occurred_at": "2026-11-22T10:00:00+00:00", "division": None, "trial": False,
            "data": {"courier": self.courier, **data},
        }  # fmt: skip

    def take(self, kind: str, subject: str, version: int = 1, **data: Any) -> str:
        """Let the base take in an event. Returns accepted, or the code of the refusal."""
        return self.given(self.event(kind, subject, version, **data))

    def given(self, event: Json) -> str:
        done = self.call("кд_Прием.ПрименитьСобытия", [event])
        return "accepted" if done["accepted"] else str(done["rejected"][0]["code"])

    def papers(self, *, posted: bool = True) -> list[tuple[str, str]]:
        """Kind and sum of the documents that are posted, or of those that are not."""
        rows = self.store.rows("SELECT kind, sum FROM document WHERE posted = ? ORDER BY kind, sum", int(posted))
        return [(row["kind"], row["sum"]) for row in rows]

    def paper(self, kind: str) -> Json:
        """The data of the only document of a kind."""
        (row,) = self.store.rows("SELECT * FROM document WHERE kind = ?", kind)
        return row | {"data": json.loads(row["data"])}

    def paper_of_a_load(self, quantity: str) -> str:
        """A transfer into his backpack that a person has made: its ref."""
        uuid_of = "Новый УникальныйИдентификатор"
        self.write(f"""
            Документ = Документы.ПеремещениеТоваров.СоздатьДокумент();
            Документ.Дата = ТекущаяДатаСеанса();
            Документ.СкладОтправитель = Справочники.Склады.ПолучитьСсылку({uuid_of}("{self.main}"));
            Документ.СкладПолучатель = Справочники.Склады.ПолучитьСсылку({uuid_of}("{self.bag}"));
            Строка = Документ.Товары.Добавить();
            Строка.Номенклатура = Справочники.Номенклатура.ПолучитьСсылку({uuid_of}("{self.thermos}"));
            Строка.Количество = {quantity};
            Документ.Записать(РежимЗаписиДокумента.Проведение);""")
        return str(self.store.value("SELECT ref FROM document WHERE kind = 'transfer' ORDER BY created_at DESC"))

    def books(self) -> Json:
        return next(item for item in books.totals(self.store) if item["ref"] == self.courier)

    def in_bag(self, product: str) -> int:
        return left(self.onec, self.bag, product)

    def lines(self, *accepted: str) -> list[Json]:
        """The order's lines as handed over: all of them, or as many of the first ones as told."""
        lines = self.object("order", self.order)["data"]["lines"]
        counts = [*accepted, *("0" for _ in lines[len(accepted) :])] if accepted else [one["quantity"] for one in lines]
        return [taken(one, count) for one, count in zip(lines, counts, strict=False)]


def taken(line: Mapping[str, Any], accepted: str) -> Json:
    """A line of which so much was accepted; the sum is that of it."""
    part = books.kopecks(line["sum"]) * books.milli(accepted) / books.milli(line["quantity"])
    return {**line, "accepted": accepted, "sum": rubles(int(part + 0.5))}


def worth(lines: Sequence[Mapping[str, Any]]) -> str:
    """The sum of what is accepted."""
    return rubles(sum(books.kopecks(one["sum"]) for one in lines))
