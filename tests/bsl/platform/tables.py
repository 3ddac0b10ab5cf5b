"""Tables as a query sees them: own registers, objects of the УТ, their table parts, registers of the УТ."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from tests.bsl.platform.columns import ZERO_GUID, Column
from tests.bsl.platform.configuration import Configuration, TablePart, Thing, russian
from tests.bsl.platform.dump import Dump, Register

from posrednik_sandbox.onec.odata.model import Profile

OPENED = "2026-01-01T00:00:00"
STOCK = "РегистрНакопления.ТоварыНаСкладах"
PRICES = "РегистрСведений.ЦеныНоменклатуры"


@dataclass(frozen=True, slots=True)
class Source:
    """sql: what stands in FROM. columns: by name in lower case; each is in the SQL under its own name."""

    sql: str
    columns: Mapping[str, Column]


@dataclass(frozen=True, slots=True)
class UtRegister:
    """A register of the УТ. kind: of the sandbox's objects that are its records."""

    full: str
    kind: str
    dimensions: tuple[Column, ...]
    resources: tuple[Column, ...]
    sql: str


@dataclass(frozen=True, slots=True)
class Tables:
    """everything: by full name in lower case, virtual tables by theirs (`…​.срезпоследних`)."""

    everything: Mapping[str, Source]
    registers: Mapping[str, UtRegister]

    def find(self, names: Iterable[str]) -> Source | None:
        return self.everything.get(".".join(names).lower())


def tables(configuration: Configuration, dump: Dump) -> Tables:
    found: dict[str, Source] = {}
    for register in dump.registers.values():
        found[f"регистрсведений.{register.name}".lower()] = _own(register)
    for thing in configuration.things.values():
        if thing.source:
            found[thing.full.lower()] = _thing(thing)
        for part in thing.parts.values():
            found[f"{thing.full}.{part.name}".lower()] = _part(thing, part)
    registers = {one.full.lower(): one for one in ut_registers(configuration.profile)}
    for one in registers.values():
        found.update(_register_tables(one))
    return Tables(found, registers)


def table_of(register: Register) -> str:
    return f"рс_{register.name}"


def create(register: Register) -> Iterable[str]:
    """SQL that makes an own register's table, where it is not there yet, with the index its queue is read by."""
    columns = ", ".join(f'"{one.name}" {one.sql_type} NOT NULL DEFAULT {one.sql_empty}' for one in register.columns)
    keys = ", ".join(f'"{one.name}"' for one in register.dimensions)
    primary = f", PRIMARY KEY ({keys})" if keys else ""
    table = table_of(register)
    yield f'CREATE TABLE IF NOT EXISTS "{table}" ({columns}{primary})'
    names = {one.name for one in register.columns}
    for wanted in (("Порядок", "Момент"), ("Состояние", "Позиция"), ("Состояние", "Номер"), ("Идентификатор",)):
        if names.issuperset(wanted):
            listed = ", ".join(f'"{name}"' for name in wanted)
            yield f'CREATE INDEX IF NOT EXISTS "{table}_{"_".join(wanted)}" ON "{table}" ({listed})'


def _own(register: Register) -> Source:
    return Source(f'"{table_of(register)}"', {one.name.lower(): one for one in register.columns})


def _thing(thing: Thing) -> Source:
    listed = ", ".join(f'{one.sql} AS "{one.name}"' for one in thing.attributes.values())
    return Source(f"(SELECT {listed} FROM {thing.source})", {key: one.column for key, one in thing.attributes.items()})


def _part(thing: Thing, part: TablePart) -> Source:
    listed = ", ".join(f'{one.sql} AS "{one.name}"' for one in part.attributes.values())
    owner = f'o.ref AS "Ссылка", {listed}'
    columns = {"ссылка": Column("Ссылка", "ref", target=thing.full)} | {
        key: one.column for key, one in part.attributes.items()
    }
    of_kind = f"o.kind = '{thing.kind}' AND o.deleted < 2"
    if part.path == "@contacts":
        rows = " UNION ALL ".join(
            _contact_sql(number, name, thing.kind) for number, name in enumerate(("phone", "email"))
        )
        return Source(f"({rows})", columns)
    if part.path:
        return Source(f"(SELECT {owner} FROM object o, json_each(o.data, '$.{part.path}') j WHERE {of_kind})", columns)
    owner = owner.replace("CAST(j.key AS INTEGER) + 1", "1")
    has_one = "json_extract(o.data, '$.order') IS NOT NULL"
    return Source(f"(SELECT {owner} FROM object o WHERE {of_kind} AND {has_one})", columns)


def _contact_sql(number: int, name: str, kind: str) -> str:
    value = f"json_extract(o.data, '$.{name}')"
    kinds = ("'Телефон'", "'Телефон'") if name == "phone" else ("'АдресЭлектроннойПочты'", "'Email'")
    phone, email = (value, "''") if name == "phone" else ("''", value)
    return (
        f'SELECT o.ref AS "Ссылка", {number + 1} AS "НомерСтроки", {kinds[0]} AS "Тип", {kinds[1]} AS "Вид",'
        f' {value} AS "Представление", {phone} AS "НомерТелефона", {email} AS "АдресЭП"'
        f" FROM object o WHERE o.kind = '{kind}' AND o.deleted < 2 AND coalesce({value}, '') <> ''"
    )


def ut_registers(profile: Profile) -> Iterable[UtRegister]:
    own, old = profile.own, profile.name == "ut103"
    product = Column("Номенклатура", "ref", target="Справочник.Номенклатура")
    variant = Column(own["characteristic_key"].removesuffix("_Key"), "ref", target=russian(own["characteristic"]))
    price_type = russian(next(name for name, about in profile.lists.items() if about == "price_type"))
    kind = Column(own["price_type_key"].removesuffix("_Key"), "ref", target=price_type)
    yield UtRegister(PRICES, "price", (product, variant, kind), (
        Column("Цена", "number", 15, 2), Column("Валюта", "ref", target="Справочник.Валюты"),
    ), f"""SELECT o.ref AS "@", '{OPENED}' AS "Период", {_ref("product")} AS "Номенклатура",
 {_ref("characteristic")} AS "{variant.name}",
 word_ref(json_extract(o.data, '$.price_type')) AS "{kind.name}", {_num("price")} AS "Цена",
 word_ref(json_extract(o.data, '$.currency')) AS "Валюта" FROM object o
 WHERE o.kind = 'price' AND o.deleted < 2 AND json_extract(o.data, '$.product') IS NOT NULL""")  # fmt: skip
    balance = own["balance"].removesuffix("Balance")
    resources = [Column(balance, "number", 15, 3)]
    listed = f'{_num("quantity")} AS "{balance}"'
    if "reserve" in own:
        reserve = own["reserve"].removesuffix("Balance")
        resources.append(Column(reserve, "number", 15, 3))
        listed += f', {_num("reserved")} AS "{reserve}"'
    warehouse = Column("Склад", "ref", target="Справочник.Склады")
    yield UtRegister(STOCK, "stock", (warehouse, product, variant), tuple(resources),
        f"""SELECT o.ref AS "@", {_ref("warehouse")} AS "Склад", {_ref("product")} AS "Номенклатура",
 {_ref("characteristic")} AS "{variant.name}", {listed} FROM object o
 WHERE o.kind = 'stock' AND o.deleted < 2 AND json_extract(o.data, '$.product') IS NOT NULL""")  # fmt: skip
    barcode = Column("Штрихкод", "string", 200)
    owner = Column("Владелец", "ref", target="Справочник.Номенклатура") if old else product
    units = russian(next(name for name, about in profile.lists.items() if about == "unit"))
    packing = Column("ЕдиницаИзмерения" if old else "Упаковка", "ref", target=units)
    yield UtRegister(russian(own["barcodes"]), "barcode", (barcode,), (owner, variant, packing),
        f"""SELECT o.ref AS "@", j.value AS "Штрихкод", o.ref AS "{owner.name}", '{ZERO_GUID}' AS "{variant.name}",
 '{ZERO_GUID}' AS "{packing.name}"
 FROM object o, json_each(o.data, '$.barcodes') j WHERE o.kind = 'product' AND o.deleted < 2""")  # fmt: skip
    if "contacts" in own:
        yield _contacts(russian(own["contacts"]))


def _contacts(full: str) -> UtRegister:
    """Of counterparties and couriers; the owner is shown as one type, he is found by his GUID."""
    rows = " UNION ALL ".join(
        f'SELECT o.ref || \'{name}\' AS "@", o.ref AS "Объект", \'{word}\' AS "Тип", \'{word}\' AS "Вид",'
        f" json_extract(o.data, '$.{name}') AS \"Представление\" FROM object o"
        f" WHERE o.kind IN ('counterparty', 'courier') AND o.deleted < 2 AND json_extract(o.data, '$.{name}') <> ''"
        for name, word in (("phone", "Телефон"), ("email", "Адрес электронной почты"))
    )
    owner = Column("Объект", "ref", target="Справочник.Контрагенты", composite=True)
    keys = (owner, Column("Тип", "string", 50), Column("Вид", "string", 50))
    return UtRegister(full, "contact", keys, (Column("Представление", "string", 500),), rows)


def _ref(path: str) -> str:
    return f"coalesce(nullif(json_extract(o.data, '$.{path}'), ''), '{ZERO_GUID}')"


def _num(path: str) -> str:
    return f"CAST(replace(coalesce(json_extract(o.data, '$.{path}'), 0), ',', '.') AS NUMERIC)"


def _register_tables(one: UtRegister) -> Mapping[str, Source]:
    columns = {column.name.lower(): column for column in one.dimensions + one.resources}
    key = one.full.lower()
    if one.full == STOCK:
        left = tuple(replace(column, name=f"{column.name}Остаток") for column in one.resources)
        pairs = [(column.name, column.name) for column in one.dimensions]
        pairs += [(column.name, new.name) for column, new in zip(one.resources, left, strict=True)]
        listed = ", ".join(f'"{name}" AS "{new}"' for name, new in pairs)
        balances = {column.name.lower(): column for column in one.dimensions + left}
        return {f"{key}.остатки": Source(f"(SELECT {listed} FROM ({one.sql}))", balances)}
    found = {key: Source(f"({one.sql})", columns)}
    if one.full == PRICES:
        period = {"период": Column("Период", "date")}
        found = {name: Source(f"({one.sql})", columns | period) for name in (key, f"{key}.срезпоследних")}
    return found
