"""Global functions of strings."""

from __future__ import annotations

import re
from typing import Any

from tests.bsl import ops
from tests.bsl.native import SKIPPED, BslError, Enumeration, Value, global_function
from tests.bsl.values import Array

SYMBOLS = Enumeration(
    ("Символы", "Chars"),
    ПС="\n",
    LF="\n",
    ВК="\r",
    CR="\r",
    Таб="\t",
    Tab="\t",
    ВТаб="\v",
    VTab="\v",
    НПП=ops.NBSP,
    NBSp=ops.NBSP,
    ПФ="\f",
    FF="\f",
)
DIRECTION = Enumeration(("НаправлениеПоиска", "SearchDirection"), "СНачала=FromBegin", "СКонца=FromEnd", since="8.3")
_HIGH, _LOW = "\ud800-\udbff", "\udc00-\udfff"
_FORBIDDEN = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[{_HIGH}](?![{_LOW}])|(?<![{_HIGH}])[{_LOW}]")


@global_function("СтрДлина", "StrLen")
def str_len(value: Any) -> int:
    return len(ops.halves(ops.text(value)))


@global_function("СокрЛП", "TrimAll")
def trim(value: Any) -> str:
    return ops.text(value).strip()


@global_function("СокрЛ", "TrimL")
def trim_left(value: Any) -> str:
    return ops.text(value).lstrip()


@global_function("СокрП", "TrimR")
def trim_right(value: Any) -> str:
    return ops.text(value).rstrip()


@global_function("Лев", "Left")
def left(value: Any, count: Any) -> str:
    return ops.joined(ops.halves(ops.text(value))[: max(0, int(ops.to_number(count)))])


@global_function("Прав", "Right")
def right(value: Any, count: Any) -> str:
    text, n = ops.halves(ops.text(value)), max(0, int(ops.to_number(count)))
    return ops.joined(text[max(0, len(text) - n) :])


@global_function("Сред", "Mid")
def mid(value: Any, start: Any, count: Any = None) -> str:
    """From the position `start` (from 1), `count` characters or all; a start under 1 is 1."""
    begin = max(1, int(ops.to_number(start))) - 1
    text = ops.halves(ops.text(value))[begin:]
    return ops.joined(text if count is None else text[: max(0, int(ops.to_number(count)))])


@global_function("Найти", "Find")
def old_find(value: Any, wanted: Any) -> int:
    return ops.halves(ops.text(value)).find(ops.halves(ops.text(wanted))) + 1


@global_function("СтрНайти", "StrFind", since="8.3")
def str_find(value: Any, wanted: Any, direction: Any = None, start: Any = None, nth: Any = 1) -> int:
    """The position (from 1) of the n-th occurrence; 0 where there is none."""
    text, part, backwards = ops.halves(ops.text(value)), ops.halves(ops.text(wanted)), direction is DIRECTION["СКонца"]
    if start is not None and not 1 <= start <= max(1, len(text)):
        raise BslError("Недопустимое значение параметра (параметр номер '4')")
    at = (len(text) if backwards else 1) if start is None else int(start)
    for _ in range(int(nth)):
        at = text.rfind(part, 0, at - 1 + len(part)) + 1 if backwards else text.find(part, at - 1) + 1
        if at == 0:
            return 0
        found, at = at, at - 1 if backwards else at + 1
    return found


@global_function("СтрЗаменить", "StrReplace")
def str_replace(value: Any, old: Any, new: Any) -> str:
    text, part = ops.text(value), ops.text(old)
    return text.replace(part, ops.text(new)) if part else text


@global_function("СтрРазделить", "StrSplit", since="8.3")
def str_split(value: Any, separators: Any, empty: Any = True) -> Array:
    """Parts between any of the characters of `separators`; without separators the whole."""
    parts, marks = [""], set(separators)
    for char in ops.text(value):
        if char in marks:
            parts.append("")
        else:
            parts[-1] += char
    return Array.of(part for part in parts if part or empty)


@global_function("СтрСоединить", "StrConcat", since="8.3")
def str_concat(lines: Any, separator: Any = "") -> str:
    return ops.joined(ops.text(separator).join(ops.text(line) for line in lines))


@global_function("СтрШаблон", "StrTemplate", since="8.3")
def str_template(template: Any, *values: Value) -> str:
    """%1…%10, %(1)…; %% is a percent. A value that the template lacks, or a number without a value, is an error."""
    text, made, i = ops.text(template), "", 0
    while i < len(text):
        if text[i] != "%":
            made, i = made + text[i], i + 1
            continue
        piece, i = _placed(text, i + 1, values)
        made += piece
    return made


def _placed(text: str, i: int, values: tuple[Value, ...]) -> tuple[str, int]:
    """What stands for the sign after «%» at `i`, and where the text goes on."""
    if text[i : i + 1] == "%":
        return "%", i + 1
    closed = text[i : i + 1] == "("
    digits = text[i + 1 : text.find(")", i)] if closed else text[i : i + 2 if text[i : i + 2] == "10" else i + 1]
    if not digits.isdigit() or not 1 <= int(digits) <= 10:
        raise BslError("Ошибка синтаксиса шаблона в позиции " + str(i))
    number = int(digits)
    if number > len(values):
        raise BslError("Недопустимое значение параметра (параметр номер '1')")
    value = values[number - 1]
    return "" if value is SKIPPED else ops.text(value), i + len(digits) + (2 if closed else 0)


@global_function("СтрНачинаетсяС", "StrStartsWith", since="8.3")
def str_starts(value: Any, part: Any) -> bool:
    return ops.text(value).startswith(ops.text(part))


@global_function("СтрЗаканчиваетсяНа", "StrEndsWith", since="8.3")
def str_ends(value: Any, part: Any) -> bool:
    return ops.text(value).endswith(ops.text(part))


@global_function("СтрСравнить", "StrCompare", since="8.3")
def str_compare(a: Any, b: Any) -> int:
    """-1, 0, 1 without regard to case."""
    left_, right_ = ops.text(a).casefold(), ops.text(b).casefold()
    return (left_ > right_) - (left_ < right_)


@global_function("СтрЧислоСтрок", "StrLineCount")
def line_count(value: Any) -> int:
    return ops.text(value).count("\n") + 1


@global_function("СтрПолучитьСтроку", "StrGetLine")
def get_line(value: Any, number: Any) -> str:
    """The n-th line, from 1; beyond the last an empty one."""
    lines = ops.text(value).split("\n")
    return lines[int(number) - 1].removesuffix("\r") if 1 <= number <= len(lines) else ""


@global_function("СтрЧислоВхождений", "StrOccurrenceCount")
def occurrences(value: Any, part: Any) -> int:
    return ops.text(value).count(ops.text(part)) if ops.text(part) else 0


@global_function("ВРег", "Upper")
def upper(value: Any) -> str:
    return ops.text(value).upper()


@global_function("НРег", "Lower")
def lower(value: Any) -> str:
    return ops.text(value).lower()


@global_function("ТРег", "Title")
def title(value: Any) -> str:
    return ops.text(value).title()


@global_function("Символ", "Char")
def char(code: Any) -> str:
    return chr(int(ops.to_number(code)))


@global_function("КодСимвола", "CharCode")
def char_code(value: Any, position: Any = 1) -> int:
    """The code of the character at a position from 1 (of a half, where two make one); -1 where there is none."""
    text = ops.halves(ops.text(value))
    return ord(text[int(position) - 1]) if 1 <= position <= len(text) else -1


@global_function("НайтиНедопустимыеСимволыXML", "FindDisallowedXMLCharacters")
def forbidden_in_xml(value: Any, start: Any = 1) -> int:
    """The position (from 1) of the first character that XML 1.0 cannot hold; 0 where there is none."""
    text = ops.halves(ops.text(value))
    found = _FORBIDDEN.search(text, max(0, int(start) - 1))
    return found.start() + 1 if found else 0


@global_function("ПустаяСтрока", "IsBlankString")
def is_blank(value: Any) -> bool:
    return not ops.text(value).strip()


@global_function("НСтр", "NStr")
def nstr(value: Any, language: Any = "ru") -> str:
    """The text of a language out of «ru = '…'; en = '…'»; two quotes inside are one."""
    source, found = ops.text(value), {}
    while "=" in source:
        name, _, rest = source.partition("=")
        quote = rest.lstrip()[:1]
        rest = rest.lstrip()[1:]
        end = _closing(rest, quote)
        found[name.strip(" ;\n\t\r").lower()] = rest[:end].replace(quote * 2, quote)
        source = rest[end + 1 :]
    return found.get(ops.text(language).lower() or "ru", next(iter(found.values()), "")) or ""


def _closing(text: str, quote: str) -> int:
    """Where the quote that ends a text is. Raises BslError where there is none."""
    at = text.find(quote) if quote in ("'", '"') else -1
    while at >= 0 and text[at + 1 : at + 2] == quote:
        at = text.find(quote, at + 2)
    if at < 0:
        raise BslError("НСтр: нет закрывающей кавычки")
    return at
