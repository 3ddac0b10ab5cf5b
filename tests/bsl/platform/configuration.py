"""What 1C's language sees of the sandbox's base: objects of a УТ under their 1C names, each attribute as SQL.

The names are those of the OData profiles (`X_Key` is the reference X); `extras.py` adds what a УТ has besides and the
sandbox has no place for: that lies in `odata_extra`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from tests.bsl.platform.columns import EMPTY_DATE, ZERO_GUID, Column
from tests.bsl.platform.extras import EXTRA, MORE, Extra

from posrednik_sandbox.onec.odata.model import ENUMS, LISTS, EntitySet, Field, Part, Profile
from posrednik_sandbox.onec.odata.profiles import PROFILES

CLASS = {"Catalog": "Справочник", "Document": "Документ", "InformationRegister": "РегистрСведений",
         "AccumulationRegister": "РегистрНакопления", "ExchangePlan": "ПланОбмена"}  # fmt: skip
# The catalog that owns what products of a kind share.
KINDS = "Справочник.ВидыНоменклатуры"
STANDARD = {"Description": "Наименование", "Code": "Код", "Parent": "Родитель", "Number": "Номер", "Date": "Дата"}
# Names of УТ's enumerations by the sandbox's tables, or by the attribute where the table is not enough.
ENUM_NAMES = {
    "payment": "ФормыОплаты", "vat": "СтавкиНДС", "goods": "ТипыНоменклатуры", "legal": "ЮрФизЛицо",
}  # fmt: skip
STATUS_ENUMS = {
    "ЗаказКлиента": "СтатусыЗаказовКлиентов", "РеализацияТоваровУслуг": "СтатусыРеализацийТоваровУслуг",
    "ПеремещениеТоваров": "СтатусыПеремещенийТоваров",
}  # fmt: skip
FIXED_ENUMS = {
    "ТипСклада": "ТипыСкладов", "СпособДоставки": "СпособыДоставки", "ХозяйственнаяОперация": "ХозяйственныеОперации",
    "ВидСклада": "ВидыСкладов", "НалогообложениеНДС": "ТипыНалогообложенияНДС",
}  # fmt: skip
MORE_VALUES = {
    "СтатусыЗаказовКлиентов": ("НеСогласован", "КОбеспечению", "КОтгрузке", "Закрыт", "Отменен"),
    "СтатусыРеализацийТоваровУслуг": ("КПредоплате", "КОтгрузке", "Отгружено"),
    "СтатусыПеремещенийТоваров": ("КОтгрузке", "Отгружено", "Принято"),
    "ТипыСкладов": ("ОптовыйСклад", "РозничныйМагазин"),
    "ВидыСкладов": ("Оптовый", "Розничный", "НТТ"),
    "СпособыДоставки": ("Самовывоз", "ДоКлиента"),
    "ФормыОплаты": ("Наличная", "ПлатежнаяКарта", "Безналичная", "Предоплата", "Взаимозачет"),
    "ВидыОперацийПКО": ("ОплатаПокупателя", "ВозвратДенежныхСредствПодотчетником", "ПриходДенежныхСредствПрочее"),
    "ВидыОперацийРКО": (
        "ВыдачаДенежныхСредствПодотчетнику", "ВозвратДенежныхСредствПокупателю", "РасходДенежныхСредствПрочее",
    ),
    "ВидыОперацийОплатаОтПокупателяПлатежнойКартой": ("ОплатаПокупателя", "ВозвратДенежныхСредствПокупателю"),
    "ТипыИзмеряемыхВеличин": ("КоличествоШтук", "Вес", "Объем"),
    "ЮрФизЛицо": ("ЮридическоеЛицо", "ФизическоеЛицо", "ИндивидуальныйПредприниматель"),
    "ТипыНалогообложенияНДС": ("ПродажаОблагаетсяНДС", "ПродажаНеОблагаетсяНДС"),
    "ХозяйственныеОперации": (
        "РеализацияКлиенту", "ВозвратТоваровОтКлиента", "ЗакупкаУПоставщика", "ПеремещениеТоваров",
        "ПоступлениеОплатыОтКлиента", "ПоступлениеОплатыОтКлиентаПоПлатежнойКарте", "ВозвратОплатыКлиенту",
        "ВыдачаДенежныхСредствПодотчетнику", "ВозвратДенежныхСредствОтПодотчетника", "СписаниеТоваров",
        "ОприходованиеТоваров", "ПрочаяВыдачаДенежныхСредств", "ПрочееПоступлениеДенежныхСредств",
        "ВозвратОплатыНаПлатежнуюКарту", "ПрочиеДоходы", "ПрочиеРасходы", "РеализацияВРозницу",
        "ВнесениеДенежныхСредствВКассуККМ", "ВыемкаДенежныхСредствИзКассыККМ",
        "ВозвратОплатыКлиентуНаПлатежнуюКарту", "ВозвратДенежныхСредствКлиенту",
    ),
}  # fmt: skip
AMOUNT_SCALES = {"quantity": 3, "latitude": 6, "longitude": 6, "coefficient": 3}
TEXT_LENGTHS = {"name": 150, "code": 11, "number": 11, "article": 25, "inn": 12, "comment": 0, "text": 0}


@dataclass(frozen=True, slots=True)
class Attribute:
    """sql: over `o` (a row of `object`) or, in a part, `j` (one of json_each).

    path: where the object's data have it; `@…` = made of something. extra: it lies in `odata_extra`.
    """

    column: Column
    sql: str
    path: tuple[str, ...] = ()
    about: str = ""
    extra: bool = False
    standard: bool = False

    @property
    def name(self) -> str:
        return self.column.name


@dataclass(frozen=True, slots=True)
class TablePart:
    """path: the list in the data; empty = one row with fields of the document; `@contacts` = phone and e-mail."""

    name: str
    path: str
    attributes: Mapping[str, Attribute]


@dataclass(frozen=True, slots=True)
class Thing:
    """A catalog, document or enumeration. kind: of the sandbox's objects; word: the list that it is made of."""

    cls: str
    name: str
    kind: str = ""
    word: str = ""
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    parts: Mapping[str, TablePart] = field(default_factory=dict)
    values: tuple[str, ...] = ()
    source: str = ""  # FROM with the aliases that the attributes use

    @property
    def full(self) -> str:
        return f"{self.cls}.{self.name}"

    @property
    def is_document(self) -> bool:
        return self.cls == "Документ"


@dataclass(slots=True)
class Configuration:
    """things: by full name in lower case. own: the profile's names of registers."""

    profile: Profile
    things: dict[str, Thing]

    def find(self, full: str) -> Thing | None:
        return self.things.get(full.lower())

    def of_kind(self, kind: str) -> Thing | None:
        return next((one for one in self.things.values() if one.kind == kind and not one.word), None)

    def of_class(self, cls: str) -> list[Thing]:
        return [one for one in self.things.values() if one.cls == cls]


def configuration(profile_name: str) -> Configuration:
    known = PROFILES[profile_name]
    profile = replace(known, sets={**known.sets, **MORE[profile_name]})
    things: dict[str, Thing] = {}
    maker = _Maker(profile, profile_name)
    for thing in maker.things():
        things[thing.full.lower()] = thing
    for name, values in maker.enums.items():
        things[f"перечисление.{name}".lower()] = Thing("Перечисление", name, values=tuple(values))
    return Configuration(profile, things)


def russian(name: str) -> str:
    """`Catalog_Склады` → `Справочник.Склады`."""
    cls, _, rest = name.partition("_")
    return f"{CLASS[cls]}.{rest}"


class _Maker:
    def __init__(self, profile: Profile, name: str) -> None:
        self.profile, self.profile_name = profile, name
        self.enums: dict[str, dict[str, None]] = {key: dict.fromkeys(some) for key, some in MORE_VALUES.items()}
        for table, enum in ENUM_NAMES.items():
            self.enums.setdefault(enum, {}).update(dict.fromkeys(ENUMS[table].values()))

    def things(self) -> Iterable[Thing]:
        for entity in self.profile.sets.values():
            yield self._entity(entity)
        for name, about in self.profile.lists.items():
            yield self._words(russian(name), about)
        yield self._characteristics()
        if self.profile_name == "ut11":
            kinds = Attribute(Column("Наименование", "string", 50), "coalesce(json_extract(o.data, '$.name'), '')",
                              ("name",), standard=True)  # fmt: skip
            made = _by_name([*_standard("Справочник", KINDS), kinds])
            source = "object o WHERE o.kind = 'product_kind' AND o.deleted < 2"
            yield Thing(*KINDS.split("."), "product_kind", "", made, source=source)
        if "partner" in self.profile.own:
            yield self._partners()

    def _entity(self, entity: EntitySet) -> Thing:
        cls, name = russian(entity.name).split(".")
        attributes = _standard(cls, f"{cls}.{name}")
        attributes += [self._attribute(one, name, "o.data") for one in entity.fields]
        extras = EXTRA[self.profile_name].get(f"{cls}.{name}", ())
        attributes += [self._extra(one) for one in extras if not one.part]
        parts = {part.name.lower(): self._part(part, name, extras) for part in entity.parts}
        source = f"object o WHERE o.kind = '{entity.kind}' AND o.deleted < 2"
        return Thing(cls, name, entity.kind, "", _by_name(attributes), parts, source=source)

    def _words(self, full: str, about: str) -> Thing:
        cls, name = full.split(".")
        kind, path = LISTS[about]
        words = f"SELECT DISTINCT json_extract(data, '$.{path}') AS w FROM object WHERE kind = '{kind}'"
        source = f"({words}) o WHERE o.w IS NOT NULL AND o.w <> ''"
        made = [
            Attribute(Column("Ссылка", "ref", target=full), "word_ref(o.w)", standard=True),
            Attribute(Column("ВерсияДанных", "string"), "'AAAAAAAAAAE='", standard=True),
            Attribute(Column("ПометкаУдаления", "boolean"), "0", standard=True),
            Attribute(Column("Код", "string", 11), "CAST(o.w AS TEXT)", standard=True),
            Attribute(Column("Наименование", "string", 150), "CAST(o.w AS TEXT)", standard=True),
        ]
        if about == "unit":
            made += _unit(self._target("product"))
        return Thing(cls, name, "", about, _by_name(made), source=source)

    def _characteristics(self) -> Thing:
        cls, name = russian(self.profile.own["characteristic"]).split(".")
        product = self._target("product")
        also = KINDS if self.profile_name == "ut11" else ""
        # Those of a product lie in it; those that products of a kind share are objects of their own.
        source = (
            "(SELECT json_extract(j.value, '$.ref') AS ref, p.ref AS owner, p.version, 0 AS deleted, j.value AS one"
            " FROM object p, json_each(p.data, '$.characteristics') j WHERE p.kind = 'product' AND p.deleted < 2"
            " UNION ALL SELECT c.ref, json_extract(c.data, '$.owner'), c.version, c.deleted, c.data FROM object c"
            " WHERE c.kind = 'characteristic' AND c.deleted < 2) o WHERE 1"
        )
        made = [
            Attribute(Column("Ссылка", "ref", target=f"{cls}.{name}"), "o.ref", standard=True),
            Attribute(Column("ВерсияДанных", "string"), "o.version", standard=True),
            Attribute(Column("ПометкаУдаления", "boolean"), "o.deleted", standard=True),
            Attribute(Column("Наименование", "string", 150), "json_extract(o.one, '$.name')", ("name",), standard=True),
            Attribute(Column("Владелец", "ref", target=product, composite=True, also=also), "o.owner", ("owner",),
                      standard=True),
        ]  # fmt: skip
        return Thing(cls, name, "characteristic", "" if also else "-", _by_name(made), source=source)

    def _partners(self) -> Thing:
        """The CRM side of a counterparty; the sandbox has it under the counterparty's reference."""
        full = russian(self.profile.own["partner"])
        cls, name = full.split(".")
        made = [*_standard(cls, full), self._attribute(Field("Description", "text", ("name",)), name, "o.data")]
        source = "object o WHERE o.kind = 'counterparty' AND o.deleted < 2"
        return Thing(cls, name, "counterparty", "-", _by_name(made), source=source)

    def _part(self, part: Part, owner: str, extras: Iterable[Extra]) -> TablePart:
        data = "j.value" if part.path else "o.data"
        attributes = [_line_number(), *(self._attribute(one, owner, data) for one in part.fields)]
        if part.path == "lines":
            attributes += [
                replace(self._extra(one), sql=_extra_in_line(one)) for one in extras if one.part == part.name
            ]
        return TablePart(part.name, part.path, _by_name(attributes))

    def _attribute(self, one: Field, owner: str, data: str) -> Attribute:
        name = one.name.removesuffix("_Key")
        standard = STANDARD.get(name)
        column = self._column(one, standard or name, owner)
        if one.fixed is not None:
            value = repr(one.fixed) if isinstance(one.fixed, int) else f"'{one.fixed}'"
            return Attribute(column, f"coalesce({_extra_sql(column)}, {value})", extra=data == "o.data")
        return Attribute(column, _sql(one, column, data), one.path, one.about, standard=standard is not None)

    def _column(self, one: Field, name: str, owner: str) -> Column:
        if one.fixed is not None and name in ("Статус", *FIXED_ENUMS):
            enum = STATUS_ENUMS.get(owner, "") if name == "Статус" else FIXED_ENUMS[name]
            return Column(name, "enum", target=f"Перечисление.{enum}")
        if one.type == "enum":
            enum = STATUS_ENUMS[owner] if one.about == "status" else ENUM_NAMES[one.about]
            return Column(name, "enum", target=f"Перечисление.{enum}")
        if one.type == "word":
            return Column(name, "ref", target=self._list(one.about))
        if one.type in ("ref", "any"):
            return Column(name, "ref", target=self._target(one.about), composite=one.type == "any")
        last = one.path[-1] if one.path else ""
        if name in ("КодСтроки", "МаксимальныйКодСтроки"):
            return Column(name, "number", 10)
        if one.type == "number":
            return Column(name, "number", 15, AMOUNT_SCALES.get(last, 2 if one.fixed is None else 0))
        if one.type == "flag":
            return Column(name, "boolean")
        if one.type == "date":
            return Column(name, "date")
        length = TEXT_LENGTHS.get(last, 250)
        return Column(name, "string", length, memo=not length)

    def _target(self, about: str) -> str:
        found = self.profile.of_kind(about)
        name = found.name if found else self.profile.own.get(about, "")
        return russian(name) if name else (self._list("unit") if about == "packing" else "")

    def _list(self, about: str) -> str:
        return russian(next(name for name, known in self.profile.lists.items() if known == about))

    @staticmethod
    def _extra(one: Extra) -> Attribute:
        return Attribute(one.column, f"coalesce({_extra_sql(one.column)}, {one.column.sql_empty})", extra=True)


def _extra_sql(column: Column) -> str:
    value = f"json_extract(e.data, '$.\"{column.name}\"')"
    return f"(SELECT {value} FROM odata_extra e WHERE e.kind = o.kind AND e.ref = o.ref)"


def _unit(product: str) -> list[Attribute]:
    """What a unit of УТ has besides; those of the sandbox belong to no product."""
    kinds = "CASE o.w WHEN 'кг' THEN 'Вес' WHEN 'л' THEN 'Объем' ELSE 'КоличествоШтук' END"
    return [
        Attribute(Column("Владелец", "ref", target=product, composite=True), f"'{ZERO_GUID}'", standard=True),
        Attribute(Column("ТипИзмеряемойВеличины", "enum", target="Перечисление.ТипыИзмеряемыхВеличин"), kinds),
        Attribute(Column("Числитель", "number", 15, 3), "1"),
        Attribute(Column("Знаменатель", "number", 15, 3), "1"),
    ]


def _extra_in_line(one: Extra) -> str:
    return f"coalesce(json_extract(j.value, '$.\"{one.column.name}\"'), {one.column.sql_empty})"


def _by_name(attributes: Iterable[Attribute]) -> dict[str, Attribute]:
    return {one.name.lower(): one for one in attributes}


def _line_number() -> Attribute:
    return Attribute(Column("НомерСтроки", "number", 5), "CAST(j.key AS INTEGER) + 1", standard=True)


def _standard(cls: str, full: str) -> list[Attribute]:
    made = [
        Attribute(Column("Ссылка", "ref", target=full), "o.ref", standard=True),
        Attribute(Column("ВерсияДанных", "string"), "o.version", standard=True),
        Attribute(Column("ПометкаУдаления", "boolean"), "(o.deleted > 0)", standard=True),
    ]
    if cls == "Документ":
        return [*made, Attribute(Column("Проведен", "boolean"), "o.posted", standard=True)]
    return [*made, Attribute(Column("ЭтоГруппа", "boolean"), "0", standard=True),
            Attribute(Column("Предопределенный", "boolean"), "0", standard=True)]  # fmt: skip


_MADE = {
    "@event": "coalesce(o.event, '')",
    "@ref": "o.ref",
    "@sum": (
        "(SELECT coalesce(sum(CAST(json_extract(l.value, '$.sum') AS REAL)), 0) FROM json_each(o.data, '$.lines') l)"
    ),
    "@most_line": "coalesce(json_array_length(o.data, '$.lines'), 0)",
}


def _sql(one: Field, column: Column, data: str) -> str:
    if one.path[0] in _MADE:
        return _MADE[one.path[0]]
    path = "$" + "".join(f'."{name}"' for name in one.path)
    value = f"json_extract({data}, '{path}')"
    if column.kind == "number":
        return f"CAST(replace(coalesce({value}, 0), ',', '.') AS NUMERIC)"
    if column.kind == "boolean":
        return f"(json_type({data}, '{path}') IS 'true')"
    if column.kind == "date":
        return f"substr(coalesce(nullif({value}, ''), '{EMPTY_DATE}'), 1, 19)"
    if one.type == "word":
        return f"word_ref({value})"
    if column.kind == "enum":
        return f"enum_name('{one.about}', {value})"
    if column.kind == "ref":
        return f"coalesce(nullif({value}, ''), '{ZERO_GUID}')"
    return f"coalesce({value}, '')" if column.kind == "string" else value
