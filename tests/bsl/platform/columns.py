"""Typed columns: what an attribute of the metadata may hold, how it lies in SQLite, what 1C does at an assignment."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Literal

ZERO_GUID = "00000000-0000-0000-0000-000000000000"
EMPTY_DATE = "0001-01-01T00:00:00"
Kind = Literal["string", "number", "boolean", "date", "ref", "enum", "uuid", "storage", "any", "characteristic"]


class WrongType(ValueError):
    """The value is of no type of the column."""


@dataclass(frozen=True, slots=True)
class Column:
    """length: of a text (0 = unlimited) or digits of a number. target: full name of what a reference points to.

    composite: one of several types, so that nothing in it is Неопределено and not an empty reference. also: another
    type of reference that it may hold; which one a cell is tells the table that has it.
    """

    name: str
    kind: Kind
    length: int = 0
    scale: int = 0
    target: str = ""
    composite: bool = False
    also: str = ""
    negative: bool = True
    memo: bool = False  # a text without a limit: a query neither compares nor groups nor orders it

    @property
    def sql_type(self) -> str:
        if self.kind == "boolean" or (self.kind == "number" and not self.scale):
            return "INTEGER"
        return "TEXT"

    @property
    def sql_empty(self) -> str:
        """What a cell holds that nobody wrote, as an SQL literal."""
        return _SQL_EMPTY.get(self.kind, "''") if self.kind != "ref" else f"'{ZERO_GUID}'"


_SQL_EMPTY: Mapping[str, str] = {"number": "0", "boolean": "0", "date": f"'{EMPTY_DATE}'", "uuid": f"'{ZERO_GUID}'"}


def cut(column: Column, text: str) -> str:
    """1C cuts what is longer than the column without a word."""
    return text[: column.length] if column.length else text


def fitted(column: Column, number: Decimal) -> Decimal:
    """Rounded to the column; what has more digits becomes the greatest number that fits, as 1C does it."""
    if not number.is_finite():
        raise WrongType("не число")
    rounded = number.quantize(Decimal(1).scaleb(-column.scale), ROUND_HALF_UP)
    most = Decimal(10) ** (column.length - column.scale) - Decimal(1).scaleb(-column.scale)
    if column.length and abs(rounded) > most:
        rounded = most if rounded > 0 else -most
    return max(rounded, Decimal(0)) if not column.negative else rounded


def decimal_of(value: object) -> Decimal:
    """A number of a table's cell; floats of SQLite's sums are rounded to what 1C keeps."""
    if isinstance(value, float):
        return Decimal(repr(round(value, 8)))
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return Decimal(0)


def is_guid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return len(text) == 36
