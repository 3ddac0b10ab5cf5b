"""Quantities per line as they come in: thousandths of a unit under the line's id."""

from collections.abc import Mapping
from typing import Any

from posrednik.domain.deliveries import Delivery, Line
from posrednik.domain.errors import (
    LineUnknown,
    MoreThanAccepted,
    MoreThanCarried,
    NothingNamed,
    QuantityNotANumber,
    QuantityOverLine,
)


def read(delivery: Delivery, named: Mapping[str, int]) -> dict[str, int]:
    """Every line of the delivery with its named quantity, 0 if it is not named.

    Raises LineUnknown, QuantityNotANumber.
    """
    known = dict.fromkeys((line.line for line in delivery.lines), 0)
    for line, quantity_milli in named.items():
        if line not in known:
            raise LineUnknown(line=line)
        if type(quantity_milli) is not int or quantity_milli < 0:
            raise QuantityNotANumber(line=line, asked=quantity_milli)
        known[line] = quantity_milli
    return known


def whole_unless_named(delivery: Delivery, named: Mapping[str, int] | None, whole: Mapping[str, int]) -> dict[str, int]:
    """Every line with its named quantity, else with that of `whole`."""
    quantities = read(delivery, named or {})
    return {line: quantities[line] if line in (named or {}) else whole[line] for line in quantities}


def something(quantities: Mapping[str, int]) -> None:
    """Raise NothingNamed if every quantity is zero."""
    if not any(quantities.values()):
        raise NothingNamed()


def over_line(delivery: Delivery, quantities: Mapping[str, int]) -> None:
    for line in delivery.lines:
        if quantities[line.line] > line.quantity_milli:
            raise QuantityOverLine(**figures(line, quantities, line.quantity_milli))


def over_carried(delivery: Delivery, quantities: Mapping[str, int]) -> None:
    for line in delivery.lines:
        if quantities[line.line] > line.carried_milli:
            raise MoreThanCarried(**figures(line, quantities, line.carried_milli))


def over_kept(delivery: Delivery, quantities: Mapping[str, int]) -> None:
    for line in delivery.lines:
        if quantities[line.line] > line.kept_milli:
            raise MoreThanAccepted(**figures(line, quantities, line.kept_milli))


def figures(line: Line, quantities: Mapping[str, int], have_milli: int) -> dict[str, Any]:
    asked = quantities[line.line]
    return {"line": line.line, "goods": line.name, "asked_milli": asked, "have_milli": have_milli}
