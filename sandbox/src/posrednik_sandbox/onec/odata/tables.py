"""Rows of the entity sets, made of the base's own objects when somebody asks for them."""

import json
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from posrednik_sandbox.onec.odata.model import (
    LISTS,
    ZERO_GUID,
    EntitySet,
    Part,
    Profile,
    as_number,
    shown,
    word_ref,
)
from posrednik_sandbox.onec.store import Store

Json = dict[str, Any]
Columns = dict[str, str]
# One document set all prices of the base on one day, one counted all goods in: an emulated base keeps no more history.
OPENED = "2026-01-01T00:00:00"
SPACE = uuid.UUID("9a1e9d3c-4a5b-4c2e-8f43-6a0c1c0b1f11")
GONE = 2


@dataclass(frozen=True, slots=True)
class Table:
    """One entity set. keys: columns of its key. parts: columns of its table parts. rows: all of them, whole.

    entity: where each row is one object of the base.
    """

    name: str
    keys: tuple[str, ...]
    columns: Columns
    rows: Callable[[], Iterator[Json]]
    parts: Mapping[str, Columns]
    targets: Mapping[str, str]
    entity: EntitySet | None = None


class Tables:
    def __init__(self, store: Store, profile: Profile) -> None:
        self.store = store
        self.profile = profile
        self._all: dict[str, Table] = {}
        for entity in profile.sets.values():
            self._add(self._of_entity(entity))
            for part in entity.parts:
                self._add(self._of_part(entity, part))
        for name, about in profile.lists.items():
            self._add(self._of_list(name, about))
        for name, columns, keys, rows, targets in self._registers():
            self._add(Table(name, keys, columns, rows, {}, targets))

    def names(self) -> list[str]:
        return sorted(self._all)

    def get(self, name: str) -> Table | None:
        return self._all.get(name)

    def all(self) -> list[Table]:
        return [self._all[name] for name in self.names()]

    def one(self, entity: EntitySet, ref: str) -> Json | None:
        """The row of one object; None if there is none, also where it was removed from the base."""
        found = self.store.row("SELECT * FROM object WHERE kind = ? AND ref = ?", entity.kind, ref)
        return None if found is None or found["deleted"] == GONE else self.row(entity, found)

    def row(self, entity: EntitySet, found: Mapping[str, Any], only: Collection[str] | None = None) -> Json:
        """An object as its entity set shows it. only: these fields and parts, where no more is looked at."""
        data = json.loads(found["data"])
        data |= {"@event": found["event"], "@ref": found["ref"]}
        lines = data["lines"] if isinstance(data.get("lines"), list) else []
        row: Json = {
            "Ref_Key": found["ref"],
            "DataVersion": found["version"],
            "DeletionMark": bool(found["deleted"]),
        }
        if entity.is_document:
            row["Posted"] = bool(found["posted"])
            data |= {"@sum": _total(lines), "@most_line": len(lines)}
        if any(part.path == "@contacts" for part in entity.parts):
            data["@contacts"] = contacts(data)
        for one in entity.fields:
            if only is None or one.name in only:
                row.update(shown(one, data, self.profile))
        for part in entity.parts:
            if only is None or part.name in only:
                row[part.name] = list(self._lines(part, data, found["ref"]))
        return row if only is not None else row | self._added(entity, found["ref"])

    def _lines(self, part: Part, data: Json, ref: str) -> Iterator[Json]:
        source = data.get(part.path) or [] if part.path else [data] if data.get("order") else []
        for number, line in enumerate(source, 1):
            row: Json = {"Ref_Key": ref, "LineNumber": str(number)}
            for one in part.fields:
                row.update(shown(one, line, self.profile))
            yield row

    def _added(self, entity: EntitySet, ref: str) -> Json:
        """Attributes that somebody wrote and the base's own model has no place for."""
        text = self.store.value("SELECT data FROM odata_extra WHERE kind = ? AND ref = ?", entity.kind, ref)
        return json.loads(text) if text else {}

    def _add(self, table: Table) -> None:
        self._all[table.name] = table

    def _of_entity(self, entity: EntitySet) -> Table:
        columns = {"Ref_Key": "Edm.Guid", "DataVersion": "Edm.String", "DeletionMark": "Edm.Boolean"}
        if entity.is_document:
            columns["Posted"] = "Edm.Boolean"
        targets = {}
        for one in entity.fields:
            columns[one.name] = one.edm
            if one.type == "any":
                columns[f"{one.name}_Type"] = "Edm.String"
            if one.type in ("ref", "word"):
                targets[one.name] = self._target(one.type, one.about)
        parts = {part.name: self._part_columns(part) for part in entity.parts}

        def rows() -> Iterator[Json]:
            sql = "SELECT * FROM object WHERE kind = ? AND deleted < 2"
            for found in self.store.db.execute(sql, (entity.kind,)):
                yield self.row(entity, found)

        return Table(entity.name, ("Ref_Key",), columns, rows, parts, targets, entity)

    def _target(self, kind: str, about: str) -> str:
        if kind == "word":
            return next(name for name, known in self.profile.lists.items() if known == about)
        found = self.profile.of_kind(about)
        return found.name if found else self.profile.own.get(about, "")

    @staticmethod
    def _part_columns(part: Part) -> Columns:
        columns = {"Ref_Key": "Edm.Guid", "LineNumber": "Edm.Int64"}
        for one in part.fields:
            columns[one.name] = one.edm
            if one.type == "any":
                columns[f"{one.name}_Type"] = "Edm.String"
        return columns

    def _of_part(self, entity: EntitySet, part: Part) -> Table:
        def rows() -> Iterator[Json]:
            for row in self._all[entity.name].rows():
                yield from row[part.name]

        targets = {one.name: self._target(one.type, one.about) for one in part.fields if one.type in ("ref", "word")}
        name = f"{entity.name}_{part.name}"
        return Table(name, ("Ref_Key", "LineNumber"), self._part_columns(part), rows, {}, targets)

    def _of_list(self, name: str, about: str) -> Table:
        kind, path = LISTS[about]

        def rows() -> Iterator[Json]:
            sql = "SELECT DISTINCT json_extract(data, ?) AS word FROM object WHERE kind = ? ORDER BY word"
            for row in self.store.rows(sql, f"$.{path}", kind):
                if row["word"]:
                    word = str(row["word"])
                    yield {"Ref_Key": word_ref(word), "DataVersion": "AAAAAAAAAAE=", "DeletionMark": False,
                           "Code": word, "Description": word}  # fmt: skip

        columns = {"Ref_Key": "Edm.Guid", "DataVersion": "Edm.String", "DeletionMark": "Edm.Boolean",
                   "Code": "Edm.String", "Description": "Edm.String"}  # fmt: skip
        return Table(name, ("Ref_Key",), columns, rows, {}, {})

    def words(self) -> dict[str, str]:
        """Ref → word of all lists."""
        lists = [self._all[name] for name in self.profile.lists]
        return {row["Ref_Key"]: row["Description"] for table in lists for row in table.rows()}

    # -- what is not one object to one row

    def _registers(self) -> Iterator[tuple[str, Columns, tuple[str, ...], Callable[[], Iterator[Json]], Columns]]:
        own, guid, text = self.profile.own, "Edm.Guid", "Edm.String"
        product = self._target("ref", "product")
        catalog = {"Ref_Key": guid, "DataVersion": text, "DeletionMark": "Edm.Boolean", "Description": text}
        owner = {"Owner_Key": product}
        yield own["characteristic"], catalog | {"Owner_Key": guid}, ("Ref_Key",), self._characteristics, owner
        if "partner" in own:
            yield own["partner"], catalog, ("Ref_Key",), self._partners, {}
        columns, targets = self._barcode_columns(product)
        yield own["barcodes"], columns, ("Штрихкод",), self._barcodes, targets
        prices, targets = self._price_columns(product)
        yield f"{own['prices']}_RecordType", prices, ("Recorder", "LineNumber"), self._prices, targets
        moves = {"Period": "Edm.DateTime", "Recorder": text, "Recorder_Type": text, "LineNumber": "Edm.Int64",
                 "Active": "Edm.Boolean", "RecordType": text, "Склад_Key": guid, "Номенклатура_Key": guid,
                 own["characteristic_key"]: guid, own["moved"]: "Edm.Double"}  # fmt: skip
        yield f"{own['stock']}_RecordType", moves, ("Recorder", "LineNumber"), self._moves, {
            "Склад_Key": self._target("ref", "warehouse"), "Номенклатура_Key": product}  # fmt: skip
        if "contacts" in own:
            columns = dict.fromkeys(("Объект", "Объект_Type", "Тип", "Вид", "Представление"), text)
            yield own["contacts"], columns, ("Объект", "Тип", "Вид"), self._contacts, {}

    def _characteristics(self) -> Iterator[Json]:
        for found in self._objects("product", "characteristics"):
            for one in json.loads(found["data"])["characteristics"]:
                yield {"Ref_Key": one.get("ref"), "DataVersion": found["version"], "DeletionMark": False,
                       "Description": one.get("name") or "", "Owner_Key": found["ref"]}  # fmt: skip

    def _partners(self) -> Iterator[Json]:
        for found in self._objects("counterparty", "name"):
            yield {"Ref_Key": found["ref"], "DataVersion": found["version"], "DeletionMark": bool(found["deleted"]),
                   "Description": json.loads(found["data"])["name"]}  # fmt: skip

    def _objects(self, kind: str, path: str) -> list[Any]:
        sql = "SELECT * FROM object WHERE kind = ? AND deleted < 2 AND json_extract(data, ?) IS NOT NULL"
        return self.store.db.execute(sql, (kind, f"$.{path}")).fetchall()

    def _barcode_columns(self, product: str) -> tuple[Columns, Columns]:
        guid, text = "Edm.Guid", "Edm.String"
        if self.profile.name == "ut103":
            return {"Штрихкод": text, "Владелец": text, "Владелец_Type": text,
                    "ХарактеристикаНоменклатуры_Key": guid}, {}  # fmt: skip
        columns = {"Штрихкод": text, "Номенклатура_Key": guid, "Характеристика_Key": guid, "Упаковка_Key": guid}
        return columns, {"Номенклатура_Key": product}

    def _barcodes(self) -> Iterator[Json]:
        """The barcode is the key: of one on two goods (E-04) the register keeps the first."""
        seen = set()
        for found in self._objects("product", "barcodes"):
            for code in json.loads(found["data"])["barcodes"]:
                if code not in seen:
                    seen.add(code)
                    yield {"Штрихкод": code} | self._owner(found["ref"])

    def _owner(self, product: str) -> Json:
        if self.profile.name == "ut103":
            name = self._target("ref", "product")
            return {"Владелец": product, "Владелец_Type": f"StandardODATA.{name}",
                    "ХарактеристикаНоменклатуры_Key": ZERO_GUID}  # fmt: skip
        return {"Номенклатура_Key": product, "Характеристика_Key": ZERO_GUID, "Упаковка_Key": ZERO_GUID}

    def _price_columns(self, product: str) -> tuple[Columns, Columns]:
        own = self.profile.own
        columns = {"Period": "Edm.DateTime", "Recorder": "Edm.String", "Recorder_Type": "Edm.String",
                   "LineNumber": "Edm.Int64", "Active": "Edm.Boolean", "Номенклатура_Key": "Edm.Guid",
                   own["characteristic_key"]: "Edm.Guid", own["price_type_key"]: "Edm.Guid",
                   "Валюта_Key": "Edm.Guid", "Цена": "Edm.Double"}  # fmt: skip
        if self.profile.name == "ut11":
            columns["Упаковка_Key"] = "Edm.Guid"
        else:
            columns["ПроцентСкидкиНаценки"] = "Edm.Double"
        kinds = self._target("word", "price_type")
        targets = {"Номенклатура_Key": product, own["price_type_key"]: kinds,
                   "Валюта_Key": self._target("word", "currency")}  # fmt: skip
        return columns, targets

    def _prices(self) -> Iterator[Json]:
        own = self.profile.own
        more: Json = {"Упаковка_Key": ZERO_GUID} if self.profile.name == "ut11" else {"ПроцентСкидкиНаценки": None}
        for number, found in enumerate(self._objects("price", "product"), 1):
            data = json.loads(found["data"])
            yield {
                "Period": OPENED,
                "Recorder": str(uuid.uuid5(SPACE, str(data.get("price_type")))),
                "Recorder_Type": f"StandardODATA.{own['price_document']}",
                "LineNumber": str(number),
                "Active": True,
                "Номенклатура_Key": data["product"],
                own["characteristic_key"]: data.get("characteristic") or ZERO_GUID,
                own["price_type_key"]: word_ref(data.get("price_type")),
                "Валюта_Key": word_ref(data.get("currency")),
                "Цена": as_number(data.get("price")),
            } | more

    def _moves(self) -> Iterator[Json]:
        sql = ("SELECT m.*, d.date, d.kind FROM goods_move m LEFT JOIN document d ON d.ref = m.document"
               " ORDER BY m.document, m.rowid")  # fmt: skip
        own, number, last = self.profile.own, 0, ""
        for found in self.store.rows(sql):
            number, last = (number + 1 if found["document"] == last else 1), found["document"]
            known = self.profile.of_kind(str(found["kind"]))
            yield {
                "Period": found["date"] or OPENED,
                "Recorder": last if known else str(uuid.uuid5(SPACE, last)),
                "Recorder_Type": f"StandardODATA.{known.name if known else 'Document_ВводОстатков'}",
                "LineNumber": str(number),
                "Active": True,
                "RecordType": "Receipt" if found["milli"] > 0 else "Expense",
                "Склад_Key": found["warehouse"],
                "Номенклатура_Key": found["product"],
                own["characteristic_key"]: found["characteristic"] or ZERO_GUID,
                own["moved"]: as_number(Decimal(abs(found["milli"])) / 1000),
            }

    def balances(self) -> Iterator[Json]:
        """Balance() of the register of goods: what the base also sends as kind `stock`; an empty resource is null."""
        own = self.profile.own
        for found in self._objects("stock", "product"):
            data = json.loads(found["data"])
            row = {
                "Склад_Key": data.get("warehouse"),
                "Номенклатура_Key": data["product"],
                own["characteristic_key"]: data.get("characteristic") or ZERO_GUID,
                own["balance"]: as_number(data.get("quantity")),
            }
            if "reserve" in own:
                row[own["reserve"]] = as_number(data.get("reserved"))
            yield row

    def _contacts(self) -> Iterator[Json]:
        for kind in ("counterparty", "courier"):
            entity = self.profile.of_kind(kind)
            for found in self.store.rows("SELECT ref, data FROM object WHERE kind = ? AND deleted < 2", kind):
                for one in contacts(json.loads(found["data"])):
                    yield {"Объект": found["ref"], "Объект_Type": f"StandardODATA.{entity.name if entity else ''}",
                           "Тип": one["type"], "Вид": one["kind"], "Представление": one["shown"]}  # fmt: skip


def contacts(data: Mapping[str, Any]) -> list[Json]:
    found = []
    if data.get("phone"):
        found.append({"type": "Телефон", "kind": "Телефон", "shown": data["phone"], "phone": data["phone"]})
    if data.get("email"):
        email = data["email"]
        found.append({"type": "АдресЭлектроннойПочты", "kind": "Email", "shown": email, "email": email})
    return found


def _total(lines: list[Json]) -> str:
    total = Decimal(0)
    for line in lines:
        try:
            total += Decimal(str(line.get("sum") or 0))
        except InvalidOperation:
            continue
    return format(total, "f")
