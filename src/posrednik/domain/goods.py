"""Goods by product and characteristic: how lists of them are read, summed, compared and told in events."""

from collections.abc import Iterable, Mapping

from posrednik.domain.errors import QuantityNotANumber
from posrednik.domain.events import Data
from posrednik.domain.shifts import Goods, Key

MAX_MILLI = 10**12  # A thousand million pieces: nobody carries them, a slipped finger types them.
Sums = dict[Key, int]


def key_of(goods: Goods) -> Key:
    return goods.product, goods.characteristic


def check_quantity(quantity_milli: object, name: str) -> int:
    """Raise QuantityNotANumber unless it can be a quantity in thousandths. True is no number here."""
    if type(quantity_milli) is not int or not 0 <= quantity_milli <= MAX_MILLI:
        raise QuantityNotANumber(line=name, asked=quantity_milli)
    return quantity_milli


def counted(goods: Iterable[Goods]) -> Sums:
    """What somebody counted or named, summed; nothing of 0. Raises QuantityNotANumber."""
    read = list(goods)
    for one in read:
        check_quantity(one.quantity_milli, one.name or one.product)
    return {key: milli for key, milli in sums(read).items() if milli}


def sums(goods: Iterable[Goods]) -> Sums:
    """One sum for each product and characteristic, in the order in which they were named; may be below zero."""
    found: Sums = {}
    for one in goods:
        found[key_of(one)] = found.get(key_of(one), 0) + one.quantity_milli
    return found


def less(have: Mapping[Key, int], taken: Mapping[Key, int]) -> Sums:
    """What of `have` is more than `taken`; only what is above zero."""
    left = {key: milli - taken.get(key, 0) for key, milli in have.items()}
    return {key: milli for key, milli in left.items() if milli > 0}


class Names:
    """What people call the goods; the product's reference for those that nobody named."""

    def __init__(self, *lists: Iterable[Goods]) -> None:
        self._known = {key_of(one): one.name for goods in lists for one in goods if one.name}

    def of(self, key: Key) -> str:
        return self._known.get(key) or key[0]

    def goods(self, quantities: Mapping[Key, int]) -> tuple[Goods, ...]:
        return tuple(Goods(*key, milli, self._known.get(key)) for key, milli in quantities.items())

    def line(self, key: Key, **figures: int | None) -> Data:
        """One line of an event."""
        return {"product": key[0], "characteristic": key[1], "name": self._known.get(key), **figures}

    def lines(self, quantities: Mapping[Key, int]) -> list[Data]:
        return [self.line(key, quantity_milli=milli) for key, milli in quantities.items() if milli]


def worth_kop(price_kop: int, quantity_milli: int) -> int:
    """Price x quantity in kopecks, half up; below zero as far as above it."""
    whole = (2 * price_kop * abs(quantity_milli) + 1000) // 2000
    return -whole if quantity_milli < 0 else whole
