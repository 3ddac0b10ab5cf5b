"""Global functions of types, errors, formats and whole objects."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.bsl import formats, ops
from tests.bsl.native import (
    BslError,
    Enumeration,
    Native,
    Value,
    get_property,
    global_function,
    prop,
    set_property,
)
from tests.bsl.simple import TypeValue, Uuid, type_name
from tests.bsl.values import names_of


@global_function("Строка", "String")
def string(value: Any) -> str:
    return ops.text(value)


@global_function("Число", "Number")
def number(value: Any) -> Value:
    return ops.to_number(value)


@global_function("Булево", "Boolean")
def boolean(value: Any) -> bool:
    return ops.to_bool(value)


@global_function("Формат", "Format")
def format_(value: Any, text: Any = "") -> str:
    return formats.formatted(value, ops.text(text))


@global_function("Тип", "Type")
def type_(session: Any, name: Any) -> TypeValue:
    """Raises BslError for a type that is not known."""
    found = session.known_type(name)
    if found is None:
        raise BslError(f"Тип не определен ({name})")
    return TypeValue(found)


@global_function("ТипЗнч", "TypeOf")
def type_of(value: Any) -> TypeValue:
    return TypeValue(type_name(value))


@global_function("ЗначениеЗаполнено", "ValueIsFilled")
def is_filled(value: Any) -> bool:
    if isinstance(value, Native):
        return value.bsl_filled()
    if isinstance(value, str):
        return bool(value.strip())
    if value is None or isinstance(value, datetime):
        return value not in (None, ops.EMPTY_DATE)
    return isinstance(value, bool) or value != 0


@global_function("ЗаполнитьЗначенияСвойств", "FillPropertyValues")
def fill_properties(target: Any, source: Any, names: Any = "", excluded: Any = "") -> None:
    """Copy the properties that both have; of those named, each must be there."""
    left_out = {name.lower() for name in names_of(excluded)}
    wanted = names_of(names)
    for name in wanted or source.bsl_names():
        if name.lower() in left_out or (not wanted and not target.bsl_has(name)):
            continue
        set_property(target, name, get_property(source, name))


# Errors


class ErrorInfo(Native):
    """ИнформацияОбОшибке; empty where no error is being handled."""

    bsl_type = "ИнформацияОбОшибке"
    bsl_type_en = "ErrorInfo"

    def __init__(self, error: BslError | None) -> None:
        self.error = error

    @prop("Описание", "Description")
    def description(self) -> str:
        return self.error.text if self.error else ""

    @prop("ИмяМодуля", "ModuleName")
    def module(self) -> str:
        return self.error.place.module if self.error and self.error.place else ""

    @prop("НомерСтроки", "LineNumber")
    def line(self) -> int:
        return self.error.place.line if self.error and self.error.place else 0

    @prop("ИсходнаяСтрока", "SourceLine")
    def source(self) -> str:
        return self.error.place.source if self.error and self.error.place else ""

    @prop("Причина", "Cause")
    def cause(self) -> Value:
        return ErrorInfo(self.error.cause) if self.error and self.error.cause else None


def _placed(error: BslError) -> str:
    return f"{error.place}: {error.text}" if error.place else error.text


def _brief(error: BslError | None) -> str:
    if error is None:
        return ""
    return error.text + ("\nпо причине:\n" + _brief(error.cause) if error.cause else "")


def _detailed(error: BslError | None) -> str:
    if error is None:
        return ""
    lines = [_placed(error)] + [f"\t{place.source}" for place in error.stack[:1]]
    return "\n".join(lines) + ("\nпо причине:\n" + _detailed(error.cause) if error.cause else "")


@global_function("ИнформацияОбОшибке", "ErrorInfo")
def error_info(session: Any) -> ErrorInfo:
    return ErrorInfo(session.errors[-1] if session.errors else None)


@global_function("ОписаниеОшибки", "ErrorDescription")
def error_text(session: Any) -> str:
    """With the place, as 1C gives it: not for people who use the program."""
    return _placed(session.errors[-1]) if session.errors else ""


@global_function("КраткоеПредставлениеОшибки", "BriefErrorDescription")
def brief_text(info: Any) -> str:
    return _brief(info.error)


@global_function("ПодробноеПредставлениеОшибки", "DetailErrorDescription")
def detailed_text(info: Any) -> str:
    return _detailed(info.error)


# Buttons, which modules of the server describe too

BUTTONS = Enumeration(
    ("ОтображениеКнопки", "ButtonRepresentation"),
    "Авто=Auto",
    "Картинка=Picture",
    "КартинкаИТекст=PictureAndText",
    "Текст=Text",
)

# Texts of XML


@global_function("XMLСтрока", "XMLString")
def xml_string(value: Any) -> str:
    """The text that XML holds for a value: 1234.5, true, 2024-01-31T10:00:00."""
    if value is True or value is False:
        return "true" if value else "false"
    if ops.is_number(value):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return value.isoformat() if isinstance(value, datetime) else ops.text(value)


@global_function("XMLЗначение", "XMLValue")
def xml_value(wanted: Any, text: Any) -> Value:
    """The value of a primitive type out of XML's text. Raises BslError."""
    match wanted.name.lower():
        case "строка":
            return text
        case "число":
            return ops.to_number(text)
        case "булево" if text in ("true", "false", "1", "0"):
            return text in ("true", "1")
        case "дата":
            return _xml_date(text)
        case "уникальныйидентификатор":
            return Uuid(text)
    raise BslError(f"Ошибка преобразования данных XML ({text})")


def _xml_date(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None, microsecond=0)
    except ValueError:
        raise BslError(f"Ошибка преобразования данных XML ({text})") from None
