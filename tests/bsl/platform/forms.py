"""A managed form of the dump: its attributes, items and commands; tests open it and press its buttons."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tests.bsl import ops
from tests.bsl.frames import Instance
from tests.bsl.native import BslError, Native, Ref, Value, method, prop
from tests.bsl.platform.client import screen
from tests.bsl.simple import type_name
from tests.bsl.tables import ValueTable
from tests.bsl.values import Structure, ValueList

FORM = "{http://v8.1c.ru/8.3/xcf/logform}"
CORE = "{http://v8.1c.ru/8.1/data/core}"
EMPTY: dict[str, Value] = {"xs:string": "", "xs:decimal": 0, "xs:boolean": False, "xs:dateTime": datetime(1, 1, 1)}
TYPES = {"xs:string": "Строка", "xs:decimal": "Число", "xs:boolean": "Булево", "xs:dateTime": "Дата"}
ITEM = frozenset({
    "видимость", "доступность", "заголовок", "толькопросмотр", "подсказкаввода", "ограничениетипа", "текущиеданные",
    "текущаястрока", "списоквыбора", "подсказка", "текущаястраница", "цветтекста", "выделенныестроки",
})  # fmt: skip


class FormTable(ValueTable):
    """An attribute of the type ТаблицаЗначений as the form has it."""

    bsl_type = "ДанныеФормыКоллекция"
    bsl_type_en = "FormDataCollection"
    bsl_creatable = False


class Item(Native):
    """An item of a form; only properties that items have."""

    bsl_type = "ЭлементФормы"

    def __init__(self, name: str, events: dict[str, str]) -> None:
        self.name, self.events = name, events
        self.values: dict[str, Value] = {"видимость": True, "доступность": True, "списоквыбора": ValueList()}

    @prop("Имя", "Name")
    def bsl_name(self) -> str:
        return self.name

    def bsl_get(self, name: str) -> Value:
        if name.lower() not in ITEM:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        return self.values.get(name.lower())

    def bsl_set(self, name: str, value: Value) -> None:
        if name.lower() not in ITEM:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        self.values[name.lower()] = value

    def __getitem__(self, name: str) -> Value:
        return self.values.get(name.lower())


class Items(Native):
    """Элементы."""

    bsl_type = "ВсеЭлементыФормы"

    def __init__(self, root: ElementTree.Element) -> None:
        self.by_name: dict[str, Item] = {}
        shown = [part for part in root if part.tag in (f"{FORM}ChildItems", f"{FORM}AutoCommandBar")]
        for node in (node for part in shown for node in part.iter() if node.get("id")):
            name = str(node.get("name"))
            self.by_name[name.lower()] = Item(name, _events(node))

    def bsl_get(self, name: str) -> Item:
        if name.lower() not in self.by_name:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        return self.by_name[name.lower()]

    @method("Найти", "Find")
    def find(self, name: Any) -> Value:
        return self.by_name.get(name.lower())


def _events(node: ElementTree.Element) -> dict[str, str]:
    return {str(event.get("name")): event.text or "" for event in node.findall(f"{FORM}Events/{FORM}Event")}


class Attribute:
    """type: as the dump says it; empty for several types or references."""

    def __init__(self, node: ElementTree.Element) -> None:
        self.name = str(node.get("name"))
        self.type = (node.findtext(f"{FORM}Type/{CORE}Type") or "").strip()
        lengths = node.findtext(f"{FORM}Type/{CORE}StringQualifiers/{CORE}Length")
        self.length = int(lengths or 0)
        self.columns = [Attribute(column) for column in node.findall(f"{FORM}Columns/{FORM}Column")]

    def empty(self) -> Value:
        """What a new form has in it."""
        if self.type != "v8:ValueTable":
            return EMPTY.get(self.type)
        table = FormTable()
        for column in self.columns:
            table.columns.add(column.name)
        return table

    def fit(self, value: Value) -> Value:
        """A value as the form keeps it. Raises BslError for one of another type."""
        if value is None:
            return self.empty()
        if self.type in TYPES and type_name(value) != TYPES[self.type]:
            raise BslError(f"Несоответствие типов ({self.name}: {type_name(value)})")
        return value[: self.length] if self.length and isinstance(value, str) else value


class Form(Native):
    """module: the full name of its module in the base's modules; file: its Form.xml. Made without a person: `open`."""

    bsl_type = "ФормаКлиентскогоПриложения"

    def __init__(self, session: Any, module: str, file: Path, **parameters: Value) -> None:
        root = ElementTree.parse(file).getroot()
        self.session, self.events, self.items = session, _events(root), Items(root)
        self.attributes = {
            one.name.lower(): one for one in map(Attribute, root.findall(f"{FORM}Attributes/{FORM}Attribute"))
        }
        self.values = {low: one.empty() for low, one in self.attributes.items()}
        self.actions = {
            str(command.get("name")): command.findtext(f"{FORM}Action") or ""
            for command in root.findall(f"{FORM}Commands/{FORM}Command")
        }
        self.parameters = Structure()
        for node in root.findall(f"{FORM}Parameters/{FORM}Parameter"):
            self.parameters.put(str(node.get("name")), parameters.get(str(node.get("name"))))
        self.closed, self.title, self.modified = False, "", False
        self.module: Instance = session.module(module, self)

    def open(self) -> bool:
        """Run what happens when a form opens; False where it refuses."""
        refused = Ref(False)
        for event in ("OnCreateAtServer", "OnOpen"):
            if event in self.events:
                args = [refused, Ref(True)] if event == "OnCreateAtServer" else [refused]
                self._run(self.events[event], *args)
        screen(self.session).forms.append(self)
        return not refused.value

    def press(self, command: str) -> None:
        """Press a button of the command."""
        self._run(self.actions[command], Item(command, {}))

    def change(self, item: str, value: Value) -> None:
        """Write into a field that has the name of its attribute."""
        self.bsl_set(item, value)
        events = self.items.bsl_get(item).events
        if "OnChange" in events:
            self._run(events["OnChange"], self.items.bsl_get(item))

    def notify(self, event: str, parameter: Value, source: Value) -> None:
        """Tell the form of an event."""
        if "NotificationProcessing" in self.events:
            self._run(self.events["NotificationProcessing"], event, parameter, source)

    def _run(self, name: str, *args: Value) -> None:
        with self.session.entered():
            self.module.call(name, *args)

    def __getitem__(self, name: str) -> Value:
        return self.values[name.lower()]

    def bsl_get(self, name: str) -> Value:
        if name.lower() not in self.values:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        return self.values[name.lower()]

    def bsl_set(self, name: str, value: Value) -> None:
        if name.lower() not in self.values:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        self.values[name.lower()] = self.attributes[name.lower()].fit(value)

    def bsl_has(self, name: str) -> bool:
        return super().bsl_has(name) or name.lower() in self.values

    def bsl_names(self) -> list[str]:
        return [one.name for one in self.attributes.values()]

    @prop("Элементы", "Items")
    def bsl_items(self) -> Items:
        return self.items

    @prop("Параметры", "Parameters")
    def bsl_parameters(self) -> Structure:
        return self.parameters

    @prop("Модифицированность", "Modified")
    def bsl_modified(self) -> bool:
        return self.modified

    @bsl_modified.setter
    def set_modified(self, value: Value) -> None:
        self.modified = ops.to_bool(value)

    @prop("Заголовок", "Title")
    def bsl_title(self) -> str:
        return self.title

    @bsl_title.setter
    def set_title(self, value: Value) -> None:
        self.title = ops.text(value)

    @method("Закрыть", "Close")
    def close(self, result: Any = None) -> None:
        self.closed = True
