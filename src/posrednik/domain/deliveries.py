"""What a delivery is, and what the mirror knows of an order. The actions on it are in `delivery_*.py`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class Stage(StrEnum):
    READY = "ready"
    PICKED_UP = "picked_up"
    EN_ROUTE = "en_route"
    HANDED_OVER = "handed_over"
    SETTLED = "settled"
    NOT_DELIVERED = "not_delivered"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class PaymentMethod(StrEnum):
    CASH = "cash"
    CARD = "card"
    TRANSFER = "transfer"
    PREPAID = "prepaid"


@dataclass(frozen=True, slots=True)
class Person:
    ref: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Address:
    text: str
    entrance: str | None = None
    floor: str | None = None
    flat: str | None = None
    intercom: str | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Window:
    from_at: datetime
    to_at: datetime


@dataclass(frozen=True, slots=True)
class OrderLine:
    line: str
    product: str
    characteristic: str | None
    name: str
    unit: str
    quantity_milli: int
    price_kop: int
    sum_kop: int
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """The order as the mirror knows it now (contract.md §2), in our units.

    delivery_price_kop is the order's own value, never one set by a command (that is `Preset`).
    """

    base_id: UUID
    ref: str
    number: str
    division_ref: str
    recipient: Recipient
    address: Address
    lines: tuple[OrderLine, ...]
    site_number: str | None = None
    date_at: datetime | None = None
    counterparty_ref: str | None = None
    window: Window | None = None
    comment: str | None = None
    warehouse_ref: str | None = None
    delivery_price_kop: int = 0
    prepaid_kop: int = 0
    payment_method: str | None = None
    receipt: bool = False
    status: str | None = None
    deleted: bool = False
    posted: bool = True
    trial: bool = False

    @property
    def cancelled(self) -> bool:
        return self.deleted or not self.posted


@dataclass(frozen=True, slots=True)
class Preset:
    """What commands set on an order before «Готов»; None = not set."""

    delivery_price_kop: int | None = None
    amount_due_kop: int | None = None
    courier_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the order and what became of its goods, in thousandths of a unit.

    refused_milli is what the customer did not take at the door; it stays with the courier until given back,
    and remains here as a fact after that. returned_milli came back from the customer later.
    """

    line: str
    product: str
    characteristic: str | None
    name: str
    unit: str
    quantity_milli: int
    price_kop: int
    sum_kop: int
    picked_milli: int = 0
    accepted_milli: int = 0
    refused_milli: int = 0
    given_back_milli: int = 0
    returned_milli: int = 0

    @property
    def carried_milli(self) -> int:
        """What the courier has of it now."""
        return self.picked_milli - self.accepted_milli + self.returned_milli - self.given_back_milli

    @property
    def kept_milli(self) -> int:
        """What the customer has of it now."""
        return self.accepted_milli - self.returned_milli

    def sum_of_kop(self, quantity_milli: int) -> int:
        """The part of the line's sum for that quantity, half up. 1C's sum wins over quantity x price."""
        if quantity_milli == self.quantity_milli:
            return self.sum_kop
        return (2 * self.sum_kop * quantity_milli + self.quantity_milli) // (2 * self.quantity_milli)


@dataclass(frozen=True, slots=True)
class EarlierLines:
    """The goods as they were up to a version: a courier who saw that one took these."""

    until_version: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class OtherStep:
    """What another person did with a delivery that had gone on without him: kept, and a person decides."""

    action: str
    by: Person
    at: datetime
    accepted_milli: dict[str, int] | None = None
    amount_taken_kop: int | None = None
    payment_method: str | None = None
    reference: str | None = None
    receipt_url: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One order on its way to one customer. Immutable: every action gives a new one with the next version.

    holder: who has the goods now. carriers: who picked them up and has not brought all back.
    former_courier_refs: who was assigned before; what he did offline is still a fact.
    order_price_kop: the delivery price that the order itself had when it was last read.
    amount_changed_version: since then the amount due is what it is.
    earlier_lines: what the office changed before the goods were picked up, oldest first.
    claimed_back: line -> thousandths that the holder says he brings back, until the warehouse has counted.
    cash_refunds_kop: courier -> what he gave back to the customer in cash.
    """

    id: UUID
    base_id: UUID
    order_ref: str
    order_number: str
    site_number: str | None
    division_ref: str
    courier_ref: str | None
    stage: Stage
    on_board: bool
    version: int
    recipient: Recipient
    address: Address
    window: Window | None
    order_comment: str | None
    ready_comment: str | None
    lines: tuple[Line, ...]
    delivery_price_kop: int
    order_price_kop: int
    prepaid_kop: int
    amount_due_by_hand_kop: int | None
    payment_method: str | None
    receipt: bool
    warehouse_ref: str | None
    trial: bool
    ready_at: datetime
    amount_changed_version: int = 1
    former_courier_refs: tuple[str, ...] = ()
    holder: Person | None = None
    carriers: tuple[str, ...] = ()
    picked_up_at: datetime | None = None
    departed_at: datetime | None = None
    handed_over_at: datetime | None = None
    handed_over_by: Person | None = None
    settled_at: datetime | None = None
    amount_taken_kop: int | None = None
    reference: str | None = None
    receipt_url: str | None = None
    difference_reason: str | None = None
    refund_kop: int = 0
    reason: str | None = None
    reason_comment: str | None = None
    next_date: date | None = None
    retries: int = 0
    cancelled_by_order: bool = False
    other_steps: tuple[OtherStep, ...] = ()
    earlier_lines: tuple[EarlierLines, ...] = ()
    claimed_back: dict[str, int] | None = None
    cash_refunds_kop: dict[str, int] | None = None

    @property
    def holder_ref(self) -> str | None:
        return self.holder.ref if self.holder else None

    @property
    def comment(self) -> str | None:
        """The order's comment and, below it, what was said with «Готов»."""
        return "\n".join(part for part in (self.order_comment, self.ready_comment) if part) or None

    @property
    def shown_stage(self) -> str:
        return self.stage.value if self.on_board else "withdrawn"

    @property
    def goods_kop(self) -> int:
        return sum(line.sum_kop for line in self.lines)

    @property
    def computed_due_kop(self) -> int:
        return max(0, self.goods_kop + self.delivery_price_kop - self.prepaid_kop)

    @property
    def whole_due_kop(self) -> int:
        """What is to be taken when everything is accepted: «Сумма к получению» by hand wins."""
        by_hand = self.amount_due_by_hand_kop
        return self.computed_due_kop if by_hand is None else by_hand

    @property
    def due_difference_kop(self) -> int:
        """By how much the hand-set amount differs from the computed one; 0 when nothing is set by hand."""
        return self.whole_due_kop - self.computed_due_kop

    @property
    def amount_due_kop(self) -> int:
        """What the courier is to take; after the hand-over: what was to be taken for what was accepted."""
        if self.handed_over_at is None:
            return self.whole_due_kop
        return self.due_for_kop({line.line: line.accepted_milli for line in self.lines})

    def due_for_kop(self, accepted_milli: Mapping[str, int]) -> int:
        """The amount due if only that much of each line is accepted; a hand-set amount falls by the rest."""
        accepted_kop = sum(line.sum_of_kop(accepted_milli[line.line]) for line in self.lines)
        if self.amount_due_by_hand_kop is not None:
            return max(0, self.amount_due_by_hand_kop - (self.goods_kop - accepted_kop))
        return max(0, accepted_kop + self.delivery_price_kop - self.prepaid_kop)

    @property
    def goods_out(self) -> bool:
        """Some of the goods are with a courier, who owes them."""
        return any(line.carried_milli for line in self.lines)

    @property
    def anything_accepted(self) -> bool:
        return any(line.accepted_milli for line in self.lines)

    @property
    def cash_taken_kop(self) -> int:
        return (self.amount_taken_kop or 0) if self.payment_method == PaymentMethod.CASH else 0

    @property
    def closed(self) -> bool:
        """The courier's task has nothing left in it: domain.md §5, column Bitrix24.

        A cancelled one is closed with its reason although its goods are owed; a settled one only when the
        refused goods are back too.
        """
        if not self.on_board or self.stage is Stage.CANCELLED:
            return True
        if self.stage is Stage.HANDED_OVER:
            return not self.goods_out and self.cash_taken_kop == 0
        return self.stage in (Stage.SETTLED, Stage.RETURNED) and not self.goods_out
