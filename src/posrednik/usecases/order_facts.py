"""From the mirror's canonical data to what the domain knows of an order, its couriers and divisions. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from posrednik.domain.deliveries import Address, OrderFacts, OrderLine, Recipient, Window
from posrednik.domain.delivery_office import CourierFacts
from posrednik.domain.events import CourierName, Names
from posrednik.domain.modes import Standing
from posrednik.domain.ownership import Policy
from posrednik.domain.ownership import Rows as Owners
from posrednik.domain.policy import DivisionPolicy
from posrednik.kit.values import kopecks, milli

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DivisionRules:
    """What holds in a division. mode: off, shadow, pilot, live. group: project in Bitrix24.

    policy: what it asks of its couriers. pilot_couriers: refs of those who take part in its pilot.
    """

    mode: str = "live"
    group: str | None = None
    time_zone: str | None = None
    policy: DivisionPolicy = field(default_factory=DivisionPolicy)
    pilot_couriers: frozenset[str] = frozenset()

    def sends_of(self, courier_ref: str) -> bool:
        """Whether what this courier does is told to the other systems, as far as this process knows."""
        return Standing(self.mode, self.pilot_couriers).sends_of((courier_ref,))


class Rules:
    """What holds in divisions now: what the file says, and over it what a page or a command changed.

    default: of a division that nothing speaks of. owners: of fields, as the file has them; ownership: as they are now.
    Everybody asks the same object; `take` and `take_owners` change it for all at once.
    """

    def __init__(
        self, divisions: Mapping[str, DivisionRules], default: DivisionRules = DivisionRules(),
        owners: Owners | None = None,
    ) -> None:  # fmt: skip
        self._file = self._now = dict(divisions)
        self.default = default
        self.owners = dict(owners or {})
        self.ownership = Policy(self.owners)

    @property
    def ceilings(self) -> bool:
        """Whether any division has a ceiling of cash; else nobody's cash need be looked up."""
        return any(one.policy.cash_ceiling_kop is not None for one in (self.default, *self._now.values()))

    @property
    def divisions(self) -> Mapping[str, DivisionRules]:
        """Those that the file or a change speaks of."""
        return self._now

    def of(self, division_ref: str) -> DivisionRules:
        return self._now.get(division_ref, self.default)

    def of_file(self, division_ref: str) -> DivisionRules:
        """Without what a page or a command changed."""
        return self._file.get(division_ref, self.default)

    def take(self, changed: Mapping[str, DivisionRules]) -> None:
        """changed: all divisions that were ever changed, whole."""
        self._now = {**self._file, **changed}

    def take_owners(self, changed: Owners) -> None:
        """changed: all rows that hold over the file's."""
        self.ownership = Policy({**self.owners, **changed})


def order_facts(
    base_id: UUID, ref: str, data: Data, products: Mapping[str, Data], *, deleted: bool, posted: bool
) -> OrderFacts:
    """`data`: the order's canonical data. products: ref → the product's data, for names and units."""
    return OrderFacts(
        base_id=base_id,
        ref=ref,
        number=data["number"],
        division_ref=data["division"],
        recipient=Recipient(data["recipient"].get("name", ""), data["recipient"].get("phone", "")),
        address=_address(data["address"]),
        lines=tuple(_line(line, products.get(line["product"], {})) for line in data["lines"]),
        site_number=data.get("site_number"),
        date_at=datetime.fromisoformat(data["date"]),
        counterparty_ref=data.get("counterparty"),
        window=_window(data.get("window")),
        comment=data.get("comment"),
        warehouse_ref=data.get("warehouse"),
        delivery_price_kop=kopecks(data.get("delivery_price")),
        prepaid_kop=kopecks(data.get("prepaid")),
        payment_method=data.get("payment_method"),
        receipt=bool(data.get("receipt")),
        status=data.get("status"),
        deleted=deleted,
        posted=posted,
        trial=_is_trial(data),
    )


def _is_trial(data: Data) -> bool:
    """A mark of 1C's own: an addition to the contract, kept as 1C wrote it."""
    return str(data.get("trial") or "").strip().lower() in ("true", "1", "да", "истина")


def _address(data: Data) -> Address:
    names = ("entrance", "floor", "flat", "intercom", "latitude", "longitude")
    return Address(data.get("text", ""), **{name: data.get(name) for name in names})


def _window(data: Data | None) -> Window | None:
    if not data or "from" not in data or "to" not in data:
        return None
    return Window(datetime.fromisoformat(data["from"]), datetime.fromisoformat(data["to"]))


def _line(data: Data, product: Data) -> OrderLine:
    return OrderLine(
        line=data["line"],
        product=data["product"],
        characteristic=data.get("characteristic"),
        name=_name(data, product),
        unit=product.get("unit", "шт"),
        quantity_milli=milli(data["quantity"]),
        price_kop=kopecks(data["price"]),
        sum_kop=kopecks(data["sum"]),
        cancelled=bool(data.get("cancelled")),
    )


def _name(line: Data, product: Data) -> str:
    name: str = line.get("name") or product.get("name") or "Товар без названия"
    for one in product.get("characteristics") or ():
        if isinstance(one, dict) and one.get("ref") == line.get("characteristic") and one.get("name"):
            return f"{name} ({one['name']})"
    return name


def courier_facts(ref: str, data: Data | None, rules: Rules, cash_kop: int = 0) -> CourierFacts | None:
    """None = not in the mirror yet (or only as deleted, without data), which is allowed. cash_kop: what he holds."""
    if not data:
        return None
    ceiling_kop = rules.of(data["division"]).policy.cash_ceiling_kop
    return CourierFacts(ref, data["division"], bool(data["active"]), cash_kop=cash_kop, ceiling_kop=ceiling_kop)


def names_of(
    courier_ref: str | None, courier: Data | None, division: Data | None, rules: DivisionRules, zone: str
) -> Names:
    """What people and Bitrix24 call the delivery's courier and division."""
    name = None
    if courier_ref is not None:
        known = courier or {}
        name = CourierName(courier_ref, known.get("name"), known.get("bitrix24_user"))
    reasons = {reason.code: reason.ru for reason in rules.policy.reasons}
    return Names(name, (division or {}).get("name"), rules.group, rules.time_zone or zone, reasons)
