"""Writing through the interface: create, change, remove, post, unpost (E-13)."""

import uuid
from typing import Any

from posrednik_sandbox.onec import books, papers
from posrednik_sandbox.onec.odata.model import EntitySet, Field, put_at, taken, truth
from posrednik_sandbox.onec.odata.tables import Tables
from posrednik_sandbox.onec.store import Store, now
from posrednik_sandbox.onec.switches import Switches

Json = dict[str, Any]
_META = {"Ref_Key", "DataVersion", "DeletionMark", "Posted"}


class Unknown(Exception):
    """A field that the entity set has not."""


class Refused(Exception):
    """The base does not write this."""


class Writes:
    def __init__(self, store: Store, tables: Tables, switches: Switches) -> None:
        self.store = store
        self.tables = tables
        self.switches = switches

    def create(self, entity: EntitySet, body: Json, *, loading: bool) -> str:
        """A new object; the reference may be named. Returns it. loading: no checks of what must be filled."""
        ref = str(uuid.UUID(str(body.get("Ref_Key") or uuid.uuid4())))
        if self.store.value("SELECT 1 FROM object WHERE kind = ? AND ref = ? AND deleted < 2", entity.kind, ref):
            raise Refused("Запись с такими ключевыми полями существует!")
        name = "Date" if entity.is_document else "Description"
        if not loading and not body.get(name):
            raise Refused(f"Поле «{name}» не заполнено")
        with self.store.tx():
            self._write(entity, ref, {}, body, posted=False)
            self._show_new_order(entity, ref)
        return ref

    def change(self, entity: EntitySet, ref: str, body: Json, *, whole: bool = False) -> None:
        """Some fields; a table part that is named is replaced whole. A write without a change is one too (E-01).

        whole: what is not named becomes empty.
        """
        with self.store.tx():
            found = self._found(entity, ref)
            data = {} if whole else found["data"]
            self._write(entity, ref, data, body, posted=bool(found["posted"]), deleted=bool(found["deleted"]))

    def remove(self, entity: EntitySet, ref: str) -> None:
        """Physically: only the registrations of a change still know that it was there."""
        with self.store.tx():
            self.store.remove(entity.kind, ref)

    def post(self, entity: EntitySet, ref: str, posted: bool) -> None:
        with self.store.tx():
            found = self._found(entity, ref)
            if posted and found["deleted"]:
                raise Refused("Помеченный на удаление документ не может быть проведен!")
            row = self.store.row("SELECT * FROM document WHERE ref = ? AND kind = ?", ref, entity.kind)
            if row is None:
                self.store.put(entity.kind, ref, found["data"], posted=posted, deleted=bool(found["deleted"]))
            else:
                self._post_paper(row, posted)

    def _post_paper(self, row: Json, posted: bool) -> None:
        """A document that the base has made itself moves goods, too."""
        if not posted:
            papers.unpost(self.store, self.switches, row, None)
            return
        try:
            papers.repost(self.store, row)
        except books.NotEnough as error:
            raise Refused(str(error)) from error

    def _found(self, entity: EntitySet, ref: str) -> Json:
        found = self.store.object(entity.kind, ref)
        if found is None:
            raise Refused("Экземпляр сущности не найден")
        return found

    def _write(
        self, entity: EntitySet, ref: str, data: Json, body: Json, *, posted: bool, deleted: bool = False
    ) -> None:
        known = {one.name: one for one in entity.fields}
        parts = {part.name: part for part in entity.parts}
        words = self.tables.words()
        extra = {}
        for name, value in body.items():
            if name in parts:
                if parts[name].path in ("", "@contacts"):
                    self._single(data, name, parts[name].fields, value, words)
                else:
                    put_at(data, (parts[name].path,), self._lines(parts[name].fields, value, words))
            elif name in known:
                one = known[name]
                if one.path and not one.path[0].startswith("@"):
                    put_at(data, one.path, taken(one, value, words))
            elif name.startswith("ИШ_"):
                extra[name] = value
            elif name not in _META and "@" not in name and not name.endswith(("_Type", "Base64Data")):
                raise Unknown(f"Свойство {name} не найдено")
        deleted = truth(body.get("DeletionMark", deleted))
        posted = truth(body.get("Posted", posted)) and not deleted
        self.store.put(entity.kind, ref, data, posted=posted or not entity.is_document, deleted=deleted)
        if extra:
            self.store.add_extra(entity.kind, ref, extra)

    @staticmethod
    def _single(data: Json, name: str, fields: tuple[Field, ...], rows: Any, words: dict[str, str]) -> None:
        """A part that the base keeps in the document or catalog itself: its first filled values count."""
        for row in rows or []:
            for one in fields:
                if one.name in row and (name == "РасшифровкаПлатежа" or one.path[-1] in ("phone", "email")):
                    value = taken(one, row[one.name], words)
                    if value is not None:
                        put_at(data, one.path, value)

    @staticmethod
    def _lines(fields: tuple[Field, ...], rows: Any, words: dict[str, str]) -> list[Json]:
        if not isinstance(rows, list):
            raise Refused("Табличная часть должна быть массивом")
        lines, used = [], {str(row.get("КодСтроки") or "") for row in rows}
        for number, row in enumerate(rows, 1):
            line: Json = {}
            for one in fields:
                if one.path and row.get(one.name) is not None and one.name != "КоличествоУпаковок":
                    put_at(line, one.path, taken(one, row[one.name], words))
            if not line.get("line"):
                code = number
                while str(code) in used:
                    code += 1
                used.add(str(code))
                line["line"] = str(code)
            lines.append(line)
        return lines

    def _show_new_order(self, entity: EntitySet, ref: str) -> None:
        """An order that came so stands in the managers' list as any other."""
        found = self.store.object(entity.kind, ref)
        if entity.kind != "order" or found is None:
            return
        position = int(self.store.value("SELECT coalesce(max(position), 100) FROM order_card") or 100) + 1
        data = found["data"]
        data.setdefault("number", f"000-{position:06d}")
        data.setdefault("recipient", {"name": "", "phone": ""})
        data.setdefault("address", {"text": ""})
        self.store.put("order", ref, data, posted=bool(found["posted"]), deleted=bool(found["deleted"]))
        self.store.db.execute(
            "INSERT INTO order_card (ref, position, number, site_number, recipient, delivery_price, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (ref, position, data["number"], data.get("site_number"), data["recipient"].get("name") or "",
             data.get("delivery_price"), now()),
        )  # fmt: skip
