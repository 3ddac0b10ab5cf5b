"""What the operators and the implicit conversions of BSL do with values."""

from __future__ import annotations

import re
from array import array
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal

from tests.bsl.native import BslError, Native, Value

EXACT = Context(prec=120, rounding=ROUND_HALF_UP)
SMALLEST = Decimal(1).scaleb(-27)
NBSP = "\u00a0"
EMPTY_DATE = datetime(1, 1, 1)
NOT_ORDERED = "Операции сравнения на больше-меньше допустимы только для значений совпадающих примитивных типов"


def is_number(value: Value) -> bool:
    """Whether a value is of the type Число."""
    return type(value) is int or type(value) is Decimal


def number(value: Decimal) -> int | Decimal:
    """The same number as an int where it is whole, else without noughts at its end: every number has one form."""
    return int(value) if value == value.to_integral_value() else value.normalize(EXACT)


def number_text(value: int | Decimal) -> str:
    """A number as Строка() prints it: 1 234,5 with no-break spaces; a forgotten Формат is seen by it."""
    whole, _, rest = f"{abs(value):f}".partition(".")
    rest = rest.rstrip("0")
    text = f"{int(whole):,}".replace(",", NBSP) + ("," + rest if rest else "")
    return "-" + text if value < 0 else text


def date_text(value: datetime) -> str:
    """A date as Строка() prints it in Russian: 01.02.2024 9:05:00."""
    return f"{value:%d.%m.}{value.year:04} {value.hour}:{value:%M:%S}"


def halves(value: str) -> str:
    """A string as 1C counts it: what is beyond FFFF is two characters."""
    if value.isascii() or not _BEYOND.search(value):
        return value
    return "".join(map(chr, array("H", value.encode("utf-16-le", "surrogatepass"))))


def joined(value: str) -> str:
    """A string whose halves are together again; a half alone stays."""
    if value.isascii() or not _PAIR.search(value):
        return value
    return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


_BEYOND = re.compile("[\U00010000-\U0010ffff]")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def text(value: Value) -> str:
    """The presentation of a value: what stands in a string after «+»."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    if value is True or value is False:
        return "Да" if value else "Нет"
    if isinstance(value, datetime):
        return date_text(value)
    return value.bsl_text() if isinstance(value, Native) else number_text(value)


def to_number(value: Value) -> int | Decimal:
    """Conversion to Число: of numbers, booleans and texts like «1 234,5» or «-1.5»."""
    if is_number(value):
        return value  # type: ignore[no-any-return]
    if type(value) is bool:
        return int(value)
    if type(value) is str:
        return _parsed(value)
    raise BslError("Преобразование значения к типу Число не может быть выполнено")


def _parsed(value: str) -> int | Decimal:
    plain = value.replace(NBSP, "").replace(" ", "").replace(",", ".")
    digits = plain.lstrip("+-").replace(".", "", 1)
    if not (digits.isascii() and digits.isdigit()) or len(plain) - len(plain.lstrip("+-")) > 1:
        raise BslError("Преобразование значения к типу Число не может быть выполнено")
    return number(Decimal(plain))


def to_bool(value: Value) -> bool:
    """Conversion to Булево, as conditions make it."""
    if value is True or value is False:
        return value
    if is_number(value):
        return bool(value != 0)
    if type(value) is str and value.strip().lower() in _WORDS:
        return _WORDS[value.strip().lower()]
    raise BslError("Преобразование значения к типу Булево не может быть выполнено")


_WORDS = {
    "да": True,
    "истина": True,
    "true": True,
    "yes": True,
    "нет": False,
    "ложь": False,
    "false": False,
    "no": False,
}


def equal(a: Value, b: Value) -> bool:
    """«=»: values of different types are never equal."""
    if (a is True or a is False) != (b is True or b is False):
        return False
    return bool(a == b)


def unequal(a: Value, b: Value) -> bool:
    """«<>»."""
    return not equal(a, b)


def collated(value: str) -> tuple[str, str]:
    """The order of strings: letters before their case, small before capital."""
    return value.casefold().replace("ё", "е"), value.swapcase()


def _comparable(a: Value, b: Value) -> tuple[Value, Value]:
    if is_number(a) and is_number(b):
        return a, b
    if type(a) is not type(b) or type(a) not in (str, bool, datetime):
        raise BslError(f"{NOT_ORDERED} (Булево, Число, Строка, Дата)")
    return (collated(a), collated(b)) if type(a) is str else (a, b)


def less(a: Value, b: Value) -> bool:
    """«<»."""
    a, b = _comparable(a, b)
    return bool(a < b)


def greater(a: Value, b: Value) -> bool:
    """«>»."""
    a, b = _comparable(a, b)
    return bool(a > b)


def not_greater(a: Value, b: Value) -> bool:
    """«<=»."""
    return not greater(a, b)


def not_less(a: Value, b: Value) -> bool:
    """«>=»."""
    return not less(a, b)


def add(a: Value, b: Value) -> Value:
    """«+»: the left operand says of what type the result is."""
    if type(a) is int and type(b) is int:
        return a + b
    if type(a) is str:
        return joined(a + text(b))
    if isinstance(a, datetime):
        return _moved(a, to_number(b))
    return number(EXACT.add(Decimal(to_number(a)), Decimal(to_number(b))))


def subtract(a: Value, b: Value) -> Value:
    """«-»: of two dates, seconds."""
    if type(a) is int and type(b) is int:
        return a - b
    if isinstance(a, datetime):
        if isinstance(b, datetime):
            return round((a - b).total_seconds())
        return _moved(a, -to_number(b))
    return number(EXACT.subtract(Decimal(to_number(a)), Decimal(to_number(b))))


def _moved(value: datetime, seconds: int | Decimal) -> datetime:
    try:
        return value + timedelta(seconds=int(seconds))
    except OverflowError:
        raise BslError("Неправильное значение даты") from None


def multiply(a: Value, b: Value) -> Value:
    """«*»."""
    if type(a) is int and type(b) is int:
        return a * b
    return number(EXACT.multiply(Decimal(to_number(a)), Decimal(to_number(b))))


def divide(a: Value, b: Value) -> Value:
    """«/»: to 27 digits after the point."""
    if type(a) is int and type(b) is int and b and a % b == 0:
        return a // b
    left, right = Decimal(to_number(a)), Decimal(to_number(b))
    if right == 0:
        raise BslError("Деление на 0")
    return number(EXACT.quantize(EXACT.divide(left, right), SMALLEST))


def modulo(a: Value, b: Value) -> Value:
    """«%»: has the sign of the left operand."""
    if type(a) is int and type(b) is int and a >= 0 and b > 0:
        return a % b
    left, right = Decimal(to_number(a)), Decimal(to_number(b))
    if right == 0:
        raise BslError("Деление на 0")
    return number(EXACT.remainder(left, right))


def negate(value: Value) -> Value:
    """Unary «-»."""
    return -to_number(value)


def plus(value: Value) -> Value:
    """Unary «+»."""
    return to_number(value)


OPERATORS = {
    "+": add, "-": subtract, "*": multiply, "/": divide, "%": modulo,
    "=": equal, "<>": unequal, "<": less, ">": greater, "<=": not_greater, ">=": not_less,
}  # fmt: skip
