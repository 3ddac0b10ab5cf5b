"""ЧтениеXML, node by node; СжатиеДанных, which old modules give to a ХранилищеЗначения."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from xml.parsers import expat

from tests.bsl import ops
from tests.bsl.native import BslError, Enumeration, EnumValue, Native, Value, method, prop

KINDS = Enumeration(
    ("ТипУзлаXML", "XMLNodeType"), "Ничего=None", "НачалоЭлемента=StartElement", "КонецЭлемента=EndElement",
    "Текст=Text",
    "СекцияCDATA=CDATASection", "Комментарий=Comment", "ИнструкцияОбработки=ProcessingInstruction", "Атрибут=Attribute",
    "ПробельныеСимволы=Whitespace",
)  # fmt: skip


@dataclass
class Node:
    """kind: a name of KINDS."""

    kind: str
    name: str = ""
    value: str = ""
    attributes: dict[str, str] = field(default_factory=dict)


class _Collector:
    """Turns a text into nodes; white space alone is none. `error` is what stopped it."""

    def __init__(self, source: str | bytes) -> None:
        self.nodes: deque[Node] = deque()
        self.cdata = False
        self.error = ""
        parser = expat.ParserCreate()
        parser.StartElementHandler = lambda name, attributes: self._put(Node("НачалоЭлемента", name, "", attributes))
        parser.EndElementHandler = lambda name: self._put(Node("КонецЭлемента", name))
        parser.CharacterDataHandler = self._text
        parser.StartCdataSectionHandler = lambda: self._section(True)
        parser.EndCdataSectionHandler = lambda: self._section(False)
        parser.CommentHandler = lambda text: self._put(Node("Комментарий", "#comment", text))
        try:
            parser.Parse(source, True)
        except expat.ExpatError as error:
            self.error = f"Ошибка разбора XML: [{error.lineno},{error.offset}]"
        self._drop_blank()

    def _put(self, node: Node) -> None:
        self._drop_blank()
        self.nodes.append(node)

    def _drop_blank(self) -> None:
        if self.nodes and self.nodes[-1].kind == "Текст" and not self.nodes[-1].value.strip():
            self.nodes.pop()

    def _section(self, begins: bool) -> None:
        self.cdata = begins
        if begins:
            self._put(Node("СекцияCDATA", "#cdata-section"))

    def _text(self, text: str) -> None:
        last = self.nodes[-1] if self.nodes else None
        if last is None or not (self.cdata or last.kind == "Текст"):
            last = Node("Текст", "#text")
            self.nodes.append(last)
        last.value += text


class XmlReader(Native):
    """ЧтениеXML."""

    bsl_type = "ЧтениеXML"
    bsl_type_en = "XMLReader"
    bsl_creatable = True

    def __init__(self) -> None:
        self.nodes: deque[Node] = deque()
        self.error = ""
        self.current = Node("Ничего")

    def _open(self, source: str | bytes) -> None:
        found = _Collector(source)
        self.nodes, self.error, self.current = found.nodes, found.error, Node("Ничего")

    @method("ОткрытьФайл", "OpenFile")
    def open_file(self, name: Any, *more: Value) -> None:
        path = Path(name)
        if not path.exists():
            raise BslError(f"Файл не обнаружен '{name}'")
        self._open(path.read_bytes())

    @method("УстановитьСтроку", "SetString")
    def set_string(self, text: Any, *more: Value) -> None:
        self._open(ops.text(text))

    @method("Прочитать", "Read")
    def read(self) -> bool:
        """The next node. Raises BslError at the place that is no XML."""
        if not self.nodes:
            self.current = Node("Ничего")
            if self.error:
                raise BslError(self.error)
            return False
        self.current = self.nodes.popleft()
        return True

    @method("Пропустить", "Skip")
    def skip(self) -> None:
        """To the end of the element that is now."""
        depth = 1 if self.current.kind == "НачалоЭлемента" else 0
        while depth and self.read():
            depth += {"НачалоЭлемента": 1, "КонецЭлемента": -1}.get(self.current.kind, 0)

    @method("ПерейтиКСодержимому", "MoveToContent")
    def to_content(self) -> Value:
        while self.current.kind in ("Ничего", "Комментарий") and self.read():
            pass
        return self.kind

    @method("Закрыть", "Close")
    def close(self) -> None:
        self._open("<closed/>")
        self.nodes.clear()

    @method("ЗначениеАтрибута", "AttributeValue")
    def attribute(self, which: Any) -> Value:
        if ops.is_number(which):
            return list(self.current.attributes.values())[int(which)]
        return self.current.attributes.get(which)

    @method("ПолучитьАтрибут", "GetAttribute")
    def get_attribute(self, which: Any) -> Value:
        return self.attribute(which)

    @method("ИмяАтрибута", "AttributeName")
    def attribute_name(self, index: Any) -> str:
        return list(self.current.attributes)[int(index)]

    @method("КоличествоАтрибутов", "AttributeCount")
    def attribute_count(self) -> int:
        return len(self.current.attributes)

    @prop("ТипУзла", "NodeType")
    def kind(self) -> EnumValue:
        return cast(EnumValue, KINDS[self.current.kind])

    @prop("Имя", "Name")
    def name(self) -> str:
        return self.current.name

    @prop("ЛокальноеИмя", "LocalName")
    def local_name(self) -> str:
        return self.current.name.rpartition(":")[2]

    @prop("Значение", "Value")
    def value(self) -> str:
        return self.current.value

    @prop("ИмеетЗначение", "HasValue")
    def has_value(self) -> bool:
        return self.current.kind in ("Текст", "СекцияCDATA", "Комментарий")


class Compression(Native):
    """СжатиеДанных(Уровень): only carried."""

    bsl_type = "СжатиеДанных"
    bsl_type_en = "Deflation"
    bsl_creatable = True

    def __init__(self, level: Any = 9) -> None:
        if not -1 <= level <= 9:
            raise BslError("Недопустимое значение параметра (параметр номер '1')")
        self.level = level
