"""JSON of 8.3: writer, reader, ЗаписатьJSON and ПрочитатьJSON."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.bsl import ops
from tests.bsl.native import SKIPPED, BslError, Enumeration, Native, Ref, Value, global_function, method
from tests.bsl.platform.crypto import decoded
from tests.bsl.values import Array, FixedArray, FixedMap, FixedStructure, Map, Structure

BREAKS = Enumeration(("ПереносСтрокJSON", "JSONLineBreak"), "Авто=Auto", "Нет=None", "Unix", "Windows", since="8.3")
ESCAPES = Enumeration(
    ("ЭкранированиеСимволовJSON", "JSONCharactersEscapeMode"),
    "Нет=None", "СимволыВнеASCII=NotASCIISymbols", "СимволыВнеBMP=SymbolsNotInBMP", since="8.3",
)  # fmt: skip


class JsonSettings(Native):
    """ПараметрыЗаписиJSON(ПереносСтрок, СимволыОтступа, …): only whether there are line breaks is looked at."""

    bsl_type = "ПараметрыЗаписиJSON"
    bsl_type_en = "JSONWriterSettings"
    bsl_creatable = True
    bsl_since = "8.3"

    def __init__(self, breaks: Value = None, indent: Value = "", quotes: Value = True, escape: Value = None,
                 *more: Value) -> None:  # fmt: skip
        self.breaks = BREAKS["Авто"] if breaks in (None, SKIPPED) else breaks
        self.indent = "" if indent in (None, SKIPPED) else indent
        self.ascii = escape is ESCAPES["СимволыВнеASCII"]


class JsonWriter(Native):
    """ЗаписьJSON."""

    bsl_type = "ЗаписьJSON"
    bsl_type_en = "JSONWriter"
    bsl_creatable = True
    bsl_since = "8.3"

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.open = ""
        self.path = ""
        self.settings = JsonSettings()
        self.first: list[bool] = []
        self.named = False
        self.closing: list[str] = []

    @method("УстановитьСтроку", "SetString")
    def set_string(self, settings: Any = None) -> None:
        self._start("string", settings)

    @method("ОткрытьФайл", "OpenFile")
    def open_file(self, path: Any, encoding: Any = None, bom: Any = False, settings: Any = None) -> None:
        self._start("file", settings)
        self.path = path

    def _start(self, kind: str, settings: Value) -> None:
        self.parts, self.open, self.first, self.named, self.closing = [], kind, [], False, []
        if isinstance(settings, JsonSettings):
            self.settings = settings

    @method("Закрыть", "Close")
    def close(self) -> str:
        if not self.open:
            raise BslError("Запись JSON не открыта")
        text, kind = "".join(self.parts), self.open
        self.open = ""
        if kind == "file":
            with open(self.path, "w", encoding="utf-8") as file:
                file.write(text)
            return ""
        return text

    # -- piece by piece

    @method("ЗаписатьНачалоОбъекта", "WriteStartObject")
    def start_object(self) -> None:
        self._begin("{", "}")

    @method("ЗаписатьКонецОбъекта", "WriteEndObject")
    def end_object(self) -> None:
        self._end("}")

    @method("ЗаписатьНачалоМассива", "WriteStartArray")
    def start_array(self) -> None:
        self._begin("[", "]")

    @method("ЗаписатьКонецМассива", "WriteEndArray")
    def end_array(self) -> None:
        self._end("]")

    @method("ЗаписатьИмяСвойства", "WritePropertyName")
    def name(self, name: Any) -> None:
        if not self.closing or self.closing[-1] != "}" or self.named:
            raise BslError("Имя свойства JSON недопустимо в этом месте")
        self._separate()
        self.parts.append(self._text(name) + (":" if self._compact else ": "))
        self.named = True

    @method("ЗаписатьЗначение", "WriteValue")
    def value(self, value: Any = None, *more: Any) -> None:
        self._before()
        self.parts.append(self.scalar(value))

    @property
    def _compact(self) -> bool:
        return self.settings.breaks is BREAKS["Нет"]

    def _begin(self, mark: str, closing: str) -> None:
        self._before()
        self.parts.append(mark)
        self.first.append(True)
        self.closing.append(closing)

    def _end(self, mark: str) -> None:
        if not self.closing or self.closing.pop() != mark or self.named:
            raise BslError("Недопустимое состояние записи JSON")
        if not self.first.pop():
            self._line()
        self.parts.append(mark)

    def _before(self) -> None:
        if not self.open:
            raise BslError("Запись JSON не открыта")
        if self.named:
            self.named = False
        elif self.closing and self.closing[-1] == "}":
            raise BslError("Значению JSON нужно имя свойства")
        elif self.closing:
            self._separate()

    def _separate(self) -> None:
        if not self.first[-1]:
            self.parts.append(",")
        self.first[-1] = False
        self._line()

    def _line(self) -> None:
        if not self._compact:
            self.parts.append("\n" + (self.settings.indent or "") * len(self.closing))

    def _text(self, text: str) -> str:
        return json.dumps(text, ensure_ascii=self.settings.ascii)

    def scalar(self, value: Value) -> str:
        if value is None or type(value).__name__ == "Null":
            return "null"
        if value is True or value is False:
            return "true" if value else "false"
        if ops.is_number(value):
            return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
        if isinstance(value, datetime):
            return self._text(value.isoformat())
        if isinstance(value, str):
            return self._text(value)
        raise BslError("Недопустимый тип значения JSON")


@global_function("ЗаписатьJSON", "WriteJSON", since="8.3")
def write_json(session: Any, writer: Any, value: Any, *options: Any) -> None:
    """Структура, Соответствие, Массив and what they hold; another type is an error, as in 1C."""
    _write(session, writer, value, [one for one in options if one not in (None, SKIPPED)])


def _write(session: Any, writer: JsonWriter, value: Value, options: list[Value]) -> None:
    if isinstance(value, FixedStructure | FixedMap):
        writer.start_object()
        for one in value.items.values():
            if not isinstance(one.key, str):
                raise BslError("Ключ JSON должен быть строкой")
            writer.name(one.key)
            _write(session, writer, one.value, options)
        writer.end_object()
    elif isinstance(value, FixedArray):
        writer.start_array()
        for item in value.items:
            _write(session, writer, item, options)
        writer.end_array()
    elif isinstance(value, Native) and type(value).__name__ != "Null":
        writer.value(_converted(session, value, options))
    else:
        writer.value(value)


def _converted(session: Any, value: Value, options: list[Value]) -> Value:
    """Through the function of conversion, where the caller has named one."""
    name = next((one for one in options if isinstance(one, str)), "")
    if not name:
        raise BslError(f"Переданное значение не может быть сериализовано в JSON: {ops.text(value)}")
    module = next((one for one in options if isinstance(one, Native) and one.bsl_has_method(name)), None)
    if module is None:
        raise BslError(f"Функция преобразования не найдена ({name})")
    return module.bsl_call(session, name, ["", value, None, Ref(False)])


class JsonReader(Native):
    """ЧтениеJSON."""

    bsl_type = "ЧтениеJSON"
    bsl_type_en = "JSONReader"
    bsl_creatable = True
    bsl_since = "8.3"

    def __init__(self) -> None:
        self.text: str | None = None

    @method("УстановитьСтроку", "SetString")
    def set_string(self, text: Any) -> None:
        if not isinstance(text, str):
            raise BslError("Несоответствие типов (параметр номер '1')")
        self.text = text

    @method("ОткрытьФайл", "OpenFile")
    def open_file(self, path: Any, encoding: Any = None) -> None:
        with open(path, "rb") as file:
            self.set_string(decoded(file.read(), encoding))

    @method("Закрыть", "Close")
    def close(self) -> None:
        self.text = None

    def loaded(self) -> Any:
        if self.text is None:
            raise BslError("Чтение JSON не открыто")
        try:
            return json.loads(self.text, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_Pairs)
        except (ValueError, RecursionError) as error:
            raise BslError(f"Непредвиденный символ при чтении JSON: {error}") from error


class _Pairs(list[tuple[str, Any]]):
    """An object of JSON with its keys in order."""


def _refuse(word: str) -> Any:
    raise ValueError(word)


def _scalar(value: Any) -> Value:
    return ops.number(value) if isinstance(value, Decimal) else value


@global_function("ПрочитатьJSON", "ReadJSON", since="8.3")
def read_json(session: Any, reader: Any, as_map: Any = False, dates: Any = None, date_format: Any = None,
              *more: Any) -> Value:  # fmt: skip
    """Соответствие where asked for, else Структура, whose names must be identifiers. dates: names of fields."""
    names = {dates.lower()} if isinstance(dates, str) else {one.lower() for one in dates.items} if dates else set()
    return _value(reader.loaded(), as_map is True, names, "")


def _value(found: Any, as_map: bool, dates: set[str], name: str) -> Value:
    if isinstance(found, _Pairs):
        made: Any = Map() if as_map else Structure()
        for key, one in found:
            made.put(key, _value(one, as_map, dates, key))
        return made
    if isinstance(found, list):
        return Array.of(_value(one, as_map, dates, name) for one in found)
    if name.lower() in dates and isinstance(found, str) and found:
        try:
            return datetime.fromisoformat(found[:19])
        except ValueError:
            raise BslError(f"Неверный формат даты JSON ({found})") from None
    return _scalar(found)
