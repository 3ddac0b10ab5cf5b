"""Global functions of dates and numbers."""

from __future__ import annotations

import calendar
from datetime import datetime, timedelta
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from tests.bsl import ops
from tests.bsl.native import BslError, Enumeration, Value, global_function
from tests.bsl.syntax import date_value

ROUNDING = Enumeration(("РежимОкругления", "RoundMode"), "Окр15как10=Round15as10", "Окр15как20=Round15as20")


def _moment(value: Value) -> datetime:
    if not isinstance(value, datetime):
        raise BslError("Преобразование значения к типу Дата не может быть выполнено")
    return value


@global_function("Дата", "Date")
def date(first: Any, month: Any = None, day: Any = None, hour: Any = 0, minute: Any = 0, second: Any = 0) -> datetime:
    """Of numbers, or of a text ГГГГММДД[ччммсс]."""
    if month is None:
        return first if isinstance(first, datetime) else _of_text(ops.text(first))
    try:
        return datetime(*(int(ops.to_number(v)) for v in (first, month, day, hour, minute, second)))  # type: ignore[arg-type]
    except (ValueError, OverflowError):
        raise BslError("Неправильное значение параметра (Дата)") from None


def _of_text(text: str) -> datetime:
    try:
        if not text.isdigit() or len(text) not in (8, 12, 14):
            raise ValueError(text)
        return date_value(text)
    except ValueError:
        raise BslError("Преобразование значения к типу Дата не может быть выполнено") from None


@global_function("Год", "Year")
def year(value: Any) -> int:
    return _moment(value).year


@global_function("Месяц", "Month")
def month_of(value: Any) -> int:
    return _moment(value).month


@global_function("День", "Day")
def day_of(value: Any) -> int:
    return _moment(value).day


@global_function("Час", "Hour")
def hour_of(value: Any) -> int:
    return _moment(value).hour


@global_function("Минута", "Minute")
def minute_of(value: Any) -> int:
    return _moment(value).minute


@global_function("Секунда", "Second")
def second_of(value: Any) -> int:
    return _moment(value).second


@global_function("ДеньНедели", "WeekDay")
def weekday(value: Any) -> int:
    return _moment(value).isoweekday()


@global_function("ДеньГода", "DayOfYear")
def day_of_year(value: Any) -> int:
    return _moment(value).timetuple().tm_yday


@global_function("НачалоДня", "BegOfDay")
def day_start(value: Any) -> datetime:
    return _moment(value).replace(hour=0, minute=0, second=0)


@global_function("КонецДня", "EndOfDay")
def day_end(value: Any) -> datetime:
    return _moment(value).replace(hour=23, minute=59, second=59)


@global_function("НачалоЧаса", "BegOfHour")
def hour_start(value: Any) -> datetime:
    return _moment(value).replace(minute=0, second=0)


@global_function("НачалоМинуты", "BegOfMinute")
def minute_start(value: Any) -> datetime:
    return _moment(value).replace(second=0)


@global_function("НачалоНедели", "BegOfWeek")
def week_start(value: Any) -> datetime:
    return day_start(value) - timedelta(days=_moment(value).isoweekday() - 1)


@global_function("НачалоМесяца", "BegOfMonth")
def month_start(value: Any) -> datetime:
    return day_start(value).replace(day=1)


@global_function("КонецМесяца", "EndOfMonth")
def month_end(value: Any) -> datetime:
    moment = day_end(value)
    return moment.replace(day=calendar.monthrange(moment.year, moment.month)[1])


@global_function("НачалоГода", "BegOfYear")
def year_start(value: Any) -> datetime:
    return day_start(value).replace(month=1, day=1)


@global_function("КонецГода", "EndOfYear")
def year_end(value: Any) -> datetime:
    return day_end(value).replace(month=12, day=31)


@global_function("ДобавитьМесяц", "AddMonth")
def add_month(value: Any, count: Any) -> datetime:
    """Months later; the last day of a shorter month."""
    moment = _moment(value)
    months = moment.year * 12 + moment.month - 1 + int(ops.to_number(count))
    where, when = divmod(months, 12)
    return moment.replace(year=where, month=when + 1, day=min(moment.day, calendar.monthrange(where, when + 1)[1]))


@global_function("Окр", "Round")
def round_(value: Any, places: Any = 0, mode: Any = None) -> Value:
    """To `places` digits after the point, a half away from zero (Окр15как10: towards it)."""
    rule = ROUND_HALF_DOWN if mode is ROUNDING["Окр15как10"] or (ops.is_number(mode) and mode == 0) else ROUND_HALF_UP
    unit = Decimal(1).scaleb(-int(ops.to_number(places)))
    return ops.number((Decimal(ops.to_number(value)) / unit).quantize(Decimal(1), rule, ops.EXACT) * unit)


@global_function("Цел", "Int")
def whole(value: Any) -> int:
    return int(ops.to_number(value))


@global_function("Мин", "Min")
def least(first: Any, *others: Value) -> Value:
    result = first
    for other in others:
        result = other if ops.less(other, result) else result
    return result


@global_function("Макс", "Max")
def most(first: Any, *others: Value) -> Value:
    result = first
    for other in others:
        result = other if ops.greater(other, result) else result
    return result


@global_function("Pow")
def power(base: Any, exponent: Any) -> Value:
    return ops.number(ops.EXACT.power(Decimal(ops.to_number(base)), Decimal(ops.to_number(exponent))))


@global_function("Sqrt")
def root(value: Any) -> Value:
    return ops.number(ops.EXACT.quantize(Decimal(ops.to_number(value)).sqrt(ops.EXACT), ops.SMALLEST))


WORD = 0xFFFFFFFF


@global_function("ПобитовоеИ", "BitwiseAnd", since="8.3")
def bit_and(a: Any, b: Any) -> int:
    return int(a) & int(b) & WORD


@global_function("ПобитовоеИли", "BitwiseOr", since="8.3")
def bit_or(a: Any, b: Any) -> int:
    return (int(a) | int(b)) & WORD


@global_function("ПобитовоеИсключительноеИли", "BitwiseXor", since="8.3")
def bit_xor(a: Any, b: Any) -> int:
    return (int(a) ^ int(b)) & WORD


@global_function("ПобитовоеНе", "BitwiseNot", since="8.3")
def bit_not(a: Any) -> int:
    return ~int(a) & WORD


@global_function("ПобитовоеИНе", "BitwiseAndNot", since="8.3")
def bit_and_not(a: Any, b: Any) -> int:
    return int(a) & ~int(b) & WORD


@global_function("ПобитовыйСдвигВлево", "BitwiseShiftLeft", since="8.3")
def shift_left(a: Any, count: Any) -> int:
    return int(a) << int(count) & WORD


@global_function("ПобитовыйСдвигВправо", "BitwiseShiftRight", since="8.3")
def shift_right(a: Any, count: Any) -> int:
    return (int(a) & WORD) >> int(count)


@global_function("ПроверитьБит", "CheckBit", since="8.3")
def check_bit(a: Any, number: Any) -> bool:
    return bool(int(a) >> int(number) & 1)


@global_function("ЧислоИзШестнадцатеричнойСтроки", "NumberFromHexString", since="8.3")
def from_hex(value: Any) -> int:
    """Of a text «0xFF» (the platform wants the prefix)."""
    try:
        if not ops.text(value).lower().startswith("0x"):
            raise ValueError
        return int(ops.text(value), 16)
    except ValueError:
        raise BslError("Преобразование значения к типу Число не может быть выполнено") from None
