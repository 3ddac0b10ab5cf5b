"""Pages of an entity set: filtered, ordered, cut, and shown as asked."""

import random
import re
import uuid
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from posrednik_sandbox.onec.odata.query import BadQuery, Filter, order_of, sort_key
from posrednik_sandbox.onec.odata.quirks import Quirks
from posrednik_sandbox.onec.odata.tables import Table, Tables
from posrednik_sandbox.onec.store import Store

Json = dict[str, Any]
PRESENTATION = "____Presentation"
MOST_KEPT = 4
_DATE = re.compile(r"Date\s+(ge|gt|le|lt)\s+datetime'(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)'")


class Unavailable(Exception):
    """What the platform cannot do, by a switch: rights of rows, keyset paging, old releases."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Options of a request. top: None = all."""

    filter: str = ""
    orderby: str = ""
    select: tuple[str, ...] = ()
    expand: tuple[str, ...] = ()
    top: int | None = None
    skip: int = 0
    count: bool = False
    allowed_only: bool = False

    @staticmethod
    def of(query: Mapping[str, str]) -> "Asked":
        top = query.get("$top")
        return Asked(
            filter=query.get("$filter", "").strip(), orderby=query.get("$orderby", "").strip(),
            select=_names(query.get("$select", "")), expand=_names(query.get("$expand", "")),
            top=None if top is None else _whole(top), skip=_whole(query.get("$skip", "0")),
            count=query.get("$inlinecount", "") == "allpages",
            allowed_only=query.get("allowedOnly", "").lower() == "true",
        )  # fmt: skip


class Pages:
    def __init__(self, store: Store, tables: Tables, quirks: Quirks) -> None:
        self.store = store
        self.tables = tables
        self.quirks = quirks
        self._asked = 0
        # Refs in their order, by what was asked of the set while no object was written.
        self._kept: dict[tuple[str, str, str], tuple[str, list[str]]] = {}

    def table(self, name: str) -> Table | None:
        """Also a register under its own name, whose rows are kept under `…_RecordType`."""
        found = self.tables.get(name)
        rows = self.tables.get(f"{name}_RecordType")
        if found is not None or rows is None:
            return found
        columns = {"Recorder": "Edm.String", "Recorder_Type": "Edm.String"}
        return Table(name, ("Recorder", "Recorder_Type"), columns, lambda: _sets_of(rows.rows()), {}, {})

    def page(self, table: Table, asked: Asked) -> tuple[list[Json], int | None]:
        """(rows of the page, count of all if asked)."""
        self._asked += 1
        if self.quirks.shifting and table.entity and table.entity.is_document:
            self._shift(table)
        if table.entity is not None:
            found, count = self._objects(table, asked)
        else:
            rows = self._ordered(table, self._filtered(table, table.rows(), asked.filter), asked.orderby)
            found, count = _cut(rows, asked), len(rows)
        return [self.shown(table, row, asked) for row in found], count if asked.count else None

    def virtual(self, table: Table, name: str, condition: str, asked: Asked) -> tuple[list[Json], int | None]:
        """`SliceLast` of a register of prices, `Balance` of the register of goods."""
        own, rows = self.tables.profile.own, self.tables.get(f"{table.name}_RecordType")
        if name in ("SliceLast", "SliceFirst") and table.name == own["prices"] and rows is not None:
            virtual = replace(rows, name=table.name)
        elif name == "Balance" and table.name == own["stock"]:
            virtual = self._balance(table)
        else:
            raise BadQuery(f"Сегмент пути {name} не найден!")
        kept = list(self._filtered(virtual, virtual.rows(), condition))
        kept = self._ordered(virtual, self._filtered(virtual, kept, asked.filter), asked.orderby)
        shown = [self.shown(virtual, row, asked) for row in _cut(kept, asked)]
        return shown, len(kept) if asked.count else None

    def by_key(self, table: Table, key: str) -> Json | None:
        """The row with this key, of one part or several."""
        text = key.replace(",", " and ").replace("=", " eq ") if "=" in key else f"{table.keys[0]} eq {key}"
        return next(self._filtered(table, table.rows(), text), None)

    def referred(self, table: Table, row: Json, word: str) -> tuple[Table, Json] | None:
        """The row that a field refers to."""
        name = table.targets.get(f"{word}_Key") or self._typed(row, word)
        target = self.tables.get(name) if name else None
        ref = row.get(f"{word}_Key") or row.get(word)
        found = self._by_ref(target, str(ref)) if target is not None else None
        return (target, found) if target is not None and found is not None else None

    def shown(self, table: Table, row: Json, asked: Asked) -> Json:
        expanded = dict(row)
        for word in asked.expand:
            if word not in table.parts:
                found = self.referred(table, row, word)
                expanded[word] = found[1] if found else None
        if not asked.select or asked.select == ("*",):
            return expanded
        chosen: Json = {}
        for name in asked.select:
            chosen |= self._chosen(table, row, name)
        return chosen | {word: expanded[word] for word in asked.expand if word in expanded}

    def _chosen(self, table: Table, row: Json, name: str) -> Json:
        if name in ("*", "**"):
            return row
        if name == f"*{PRESENTATION}":
            words = [key.removesuffix("_Key") for key in table.targets]
            return {
                key: value for word in words for key, value in self._chosen(table, row, word + PRESENTATION).items()
            }
        if name.endswith(PRESENTATION):
            found = self.referred(table, row, name.removesuffix(PRESENTATION))
            return {name: _presented(found[1]) if found else ""}
        part, _, inner = name.partition("/")
        if inner and part in table.parts:
            return {part: [{key: line[key] for key in ("LineNumber", inner) if key in line} for line in row[part]]}
        if name not in row and name not in table.columns:
            raise BadQuery(f"Сегмент пути {name} не найден!")
        return {name: row.get(name)}

    def _typed(self, row: Json, word: str) -> str:
        return str(row.get(f"{word}_Type") or "").removeprefix("StandardODATA.")

    def _by_ref(self, target: Table, ref: str) -> Json | None:
        if target.entity is not None:
            return self.tables.one(target.entity, ref)
        return next((row for row in target.rows() if row.get("Ref_Key") == ref), None)

    # -- objects: the order is remembered, so that the next page of the same question costs a page

    def _objects(self, table: Table, asked: Asked) -> tuple[list[Json], int]:
        assert table.entity is not None
        refs = self._refs(table, asked)
        if self.quirks.unstable_order and asked.orderby == "Ref_Key":
            refs = random.Random(self._asked).sample(refs, len(refs))
        refs = self._allowed(refs, asked)
        end = len(refs) if asked.top is None else asked.skip + asked.top
        rows = [self.tables.one(table.entity, ref) for ref in refs[asked.skip : end]]
        return [row for row in rows if row is not None], len(refs)

    def _refs(self, table: Table, asked: Asked) -> list[str]:
        key = (table.name, asked.filter, asked.orderby)
        version = self.store.get("data_version")
        kept = self._kept.get(key)
        if kept is not None and kept[0] == version:
            return kept[1]
        refs = self._asked_refs(table, asked)
        self._kept.pop(key, None)
        self._kept[key] = (version, refs)
        while len(self._kept) > MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        return refs

    def _asked_refs(self, table: Table, asked: Asked) -> list[str]:
        assert table.entity is not None
        sql, values = "SELECT {} FROM object WHERE kind = ? AND deleted < 2", [table.entity.kind]
        narrowed, bounds = _dates(asked.filter)
        if bounds:
            sql, values = sql + narrowed, values + bounds
        if not asked.filter and asked.orderby in ("", "Ref_Key"):
            return [row[0] for row in self.store.db.execute(sql.format("ref") + " ORDER BY ref", values)]
        entity = table.entity
        order = order_of(asked.orderby, table.columns)
        only = {name for name, _ in order} | self._looked_at(table, asked.filter)
        rows = (self.tables.row(entity, found, only) for found in self.store.db.execute(sql.format("*"), values))
        keyed = [
            ([sort_key(row, name, table.columns) for name, _ in order], row["Ref_Key"])
            for row in self._filtered(table, rows, asked.filter)
        ]
        for place in reversed(range(len(order))):
            keyed.sort(key=lambda item, at=place: item[0][at], reverse=order[place][1])  # type: ignore[misc]
        return [ref for _, ref in keyed]

    def _allowed(self, refs: list[str], asked: Asked) -> list[str]:
        """Rows that RLS denies: an error, or skipped when only the allowed are asked for."""
        each = self.quirks.denied_rows
        if not each:
            return refs
        allowed = [ref for ref in refs if zlib.crc32(ref.encode()) % each]
        if len(allowed) < len(refs) and not asked.allowed_only:
            raise Unavailable("Нарушение прав доступа!")
        return allowed

    # -- the rest

    def _filtered(self, table: Table, rows: Iterable[Json], text: str) -> Iterator[Json]:
        if not text:
            return iter(rows)
        if not self.quirks.lambdas and re.search(r"/(any|all)\(", text):
            raise BadQuery("Ошибка разбора параметра $filter около «any»")
        wanted = Filter(text, table.columns, table.parts)
        for name, sign in wanted.over:
            if name == "Ref_Key" and sign not in ("eq", "ne") and self.quirks.keyset_fails:
                raise Unavailable("Операция сравнения недопустима для типа Ссылка")
            if name == "Date" and self.quirks.dates_refused:
                raise BadQuery("Неверная операция сравнения с датой")
        return (row for row in rows if wanted.matches(row))

    @staticmethod
    def _looked_at(table: Table, text: str) -> set[str]:
        """Fields and parts of the condition; of a reference of several types also the reference."""
        names = Filter(text, table.columns, table.parts).names if text else set()
        return names | {name.removesuffix("_Type") for name in names}

    def _ordered(self, table: Table, rows: Iterable[Json], text: str) -> list[Json]:
        """On a register with a recorder the platform silently ignores $orderby."""
        found = list(rows)
        order = order_of(text, table.columns)
        if "Recorder" in table.columns:
            return found
        for name, down in reversed(order):
            found.sort(key=lambda row, by=name: sort_key(row, by, table.columns), reverse=down)  # type: ignore[misc]
        return found

    def _balance(self, table: Table) -> Table:
        own = self.tables.profile.own
        columns = {"Склад_Key": "Edm.Guid", "Номенклатура_Key": "Edm.Guid", own["characteristic_key"]: "Edm.Guid",
                   own["balance"]: "Edm.Double"}  # fmt: skip
        if "reserve" in own:
            columns[own["reserve"]] = "Edm.Double"
        moves = self.tables.get(f"{table.name}_RecordType")
        return Table(table.name, (), columns, self.tables.balances, {}, moves.targets if moves else {})

    def _shift(self, table: Table) -> None:
        """Somebody works in the base that is read: the first document moves to the end, or a new first one comes."""
        if self._asked % self.quirks.shifting or table.entity is None:
            return
        sql = (
            "SELECT ref, json_extract(data, '$.date') AS date FROM object WHERE kind = ? AND deleted < 2 ORDER BY date"
        )
        rows = self.store.rows(sql, table.entity.kind)
        found = self.store.object(table.entity.kind, rows[0]["ref"]) if rows else None
        if found is None:
            return
        move = (self._asked // self.quirks.shifting) % 2 == 1
        first, last = (datetime.fromisoformat(str(rows[at]["date"])[:19]) for at in (0, -1))
        date = last + timedelta(seconds=1) if move else first - timedelta(seconds=1)
        ref = rows[0]["ref"] if move else str(uuid.UUID(int=random.Random(self._asked).getrandbits(128), version=4))
        with self.store.tx():
            self.store.put(table.entity.kind, ref, found["data"] | {"date": date.isoformat()})


def _dates(text: str) -> tuple[str, list[Any]]:
    """Bounds of the date that hold for the whole condition, for the index; the condition is looked at all the same."""
    if re.search(r"\b(or|not)\b", text):
        return "", []
    found = _DATE.findall(text)
    # Loosely, since a date with a zone sorts after the bare one.
    sql = "".join(f" AND json_extract(data, '$.date') {'>=' if sign[0] == 'g' else '<='} ?" for sign, _ in found)
    return sql, [date if sign[0] == "g" else f"{date}~" for sign, date in found]


def _sets_of(rows: Iterable[Json]) -> Iterator[Json]:
    """Whole sets of records by their recorder."""
    sets: dict[str, Json] = {}
    for row in rows:
        head = {"Recorder": row["Recorder"], "Recorder_Type": row["Recorder_Type"], "RecordSet": []}
        sets.setdefault(row["Recorder"], head)["RecordSet"].append(row)
    return iter(sets.values())


def _cut(rows: list[Json], asked: Asked) -> list[Json]:
    return rows[asked.skip : None if asked.top is None else asked.skip + asked.top]


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise BadQuery(f"«{text}» не число")
    return int(text)


def _presented(row: Mapping[str, Any]) -> str:
    return str(row.get("Description") or f"{row.get('Number', '')} от {row.get('Date', '')}")
