"""What a sample tells of the whole, and what differs between two readings of an object. Pure."""

from collections.abc import Iterator, Mapping
from math import sqrt
from typing import Any

Z95 = 1.959963984540054  # the quantile of the normal distribution for 95 %
Data = Mapping[str, Any]


def interval(agreed: int, checked: int) -> tuple[float, float]:
    """Wilson's interval, 95 %: where the share of all lies, if `agreed` of `checked` drawn at random agree.

    0 <= agreed <= checked, checked > 0. Both ends lie within 0 and 1, the share of the sample between them.
    """
    share, spread = agreed / checked, Z95 * Z95 / checked
    middle = share + spread / 2
    reach = Z95 * sqrt((share * (1 - share) + spread / 4) / checked)
    low, high = (middle - reach) / (1 + spread), (middle + reach) / (1 + spread)
    # At the ends of the scale the formula is exact, floating point is not.
    return (max(0.0, low) if agreed else 0.0, min(1.0, high) if agreed < checked else 1.0)


def differing(theirs: Data, ours: Data) -> tuple[str, ...]:
    """Names of the fields that differ, sorted: `comment`, `address.flat` of a part, `lines` of a list as a whole."""
    return tuple(sorted(_differing(theirs, ours, "")))


def _differing(theirs: Data, ours: Data, path: str) -> Iterator[str]:
    for name in theirs.keys() | ours.keys():
        one, other = theirs.get(name), ours.get(name)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            yield from _differing(one, other, f"{path}{name}.")
        elif one != other or isinstance(one, bool) != isinstance(other, bool):
            yield path + name
