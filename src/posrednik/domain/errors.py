"""Every "no" of the business rules. The words for people are in `texts.py`, one entry per code.

DomainError
├── OrderUnknown            the mirror has no such order yet: the command waits for it
├── OrderCancelled          the order or its delivery is cancelled
├── DeliveryWithdrawn       «Готов» was taken back, nobody is to carry it
├── AlreadyOnItsWay         «Готов» once more for goods that left the warehouse
├── AlreadyPickedUp         too late for this: somebody has the goods since then
├── AlreadyHandedOver       too late for this: the customer has the goods since then
├── StageJump               the table of `stages.py` has no arrow from here
├── NotAllowed              this action is not for this kind of actor
├── NotHisDelivery          another courier's, or nobody's
├── CourierInactive         left or switched off in 1C
├── CourierOtherDivision    has no right in the delivery's division
├── LineUnknown             the delivery has no such line
├── NothingNamed            every quantity is zero
├── QuantityNotANumber      negative, or not an integer of thousandths
├── QuantityOverLine        more than the order's line has
├── MoreThanCarried         more than the courier has of it
├── MoreThanAccepted        more than the customer ever accepted
├── TakeOverIncomplete      a courier takes over only a part of what another one carries
├── AmountNotANumber        negative, not an integer of kopecks, or beyond any sense
├── PaymentMethodUnknown    not one of cash, card, transfer, prepaid
├── PrepaidTakesNothing     money was taken, yet the way of payment says it was paid before
├── ReasonMissing           «Не вручил» needs a reason
├── ReasonUnknown           not one of the division's reasons
├── CorrectionReasonMissing a correction needs a reason
├── AlreadySettled          too late to correct: the cash is handed in
├── NotInBackpack           a sale of more than he carries and may be below it
├── MoreThanShort           more than the books are short of
├── NotHisSale              another courier's sale
├── DifferenceReasonMissing what was counted is not what the books say, and nobody says why
├── SecondNameMissing       a difference needs two people who confirm it
├── MoreThanDiffers         a decision on more than the counts of his cash differ by
├── CountFirst              what is expected of him is told after his money was counted
├── CashCeilingReached      he holds so much cash that he gets no new deliveries
├── ProofMissing            a proof that the division requires is not there
├── AlreadyDecided          the incident was decided before
└── DecisionMissing         an incident needs one of the decisions and a reason
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any


class DomainError(Exception):
    """A business rule said no. `code` is stable, `data` fills the texts; there is no HTTP status here."""

    code = "domain_error"

    def __init__(self, **data: Any) -> None:
        super().__init__(f"{self.code} {data}" if data else self.code)
        self.data = data


class OrderUnknown(DomainError):
    code = "order_unknown"


class OrderCancelled(DomainError):
    code = "order_cancelled"

    def __init__(self, *, order_number: str) -> None:
        super().__init__(order_number=order_number)
        self.order_number = order_number


class DeliveryWithdrawn(DomainError):
    code = "delivery_withdrawn"

    def __init__(self, *, order_number: str) -> None:
        super().__init__(order_number=order_number)
        self.order_number = order_number


class _TooLate(DomainError):
    """Somebody did it before. who: name, else 1C ref; since_at: aware UTC."""

    def __init__(self, *, order_number: str, who: str | None, since_at: datetime | None) -> None:
        super().__init__(order_number=order_number, who=who, since_at=since_at)
        self.order_number, self.who, self.since_at = order_number, who, since_at


class AlreadyOnItsWay(_TooLate):
    code = "already_on_its_way"


class AlreadyPickedUp(_TooLate):
    code = "already_picked_up"


class AlreadyHandedOver(_TooLate):
    code = "already_handed_over"


class StageJump(DomainError):
    code = "stage_jump"

    def __init__(self, *, order_number: str, action: str, stage: str) -> None:
        super().__init__(order_number=order_number, action=action, stage=stage)
        self.order_number, self.action, self.stage = order_number, action, stage


class NotAllowed(DomainError):
    code = "not_allowed"

    def __init__(self, *, action: str, actor_kind: str) -> None:
        super().__init__(action=action, actor_kind=actor_kind)
        self.action, self.actor_kind = action, actor_kind


class NotHisDelivery(DomainError):
    code = "not_his_delivery"

    def __init__(self, *, order_number: str, courier_ref: str | None) -> None:
        super().__init__(order_number=order_number, courier_ref=courier_ref)
        self.order_number, self.courier_ref = order_number, courier_ref


class _CourierRefused(DomainError):
    def __init__(self, *, courier_ref: str) -> None:
        super().__init__(courier_ref=courier_ref)
        self.courier_ref = courier_ref


class CourierInactive(_CourierRefused):
    code = "courier_inactive"


class CourierOtherDivision(_CourierRefused):
    code = "courier_other_division"


class CashCeilingReached(_CourierRefused):
    """cash_kop: what he holds; ceiling_kop: from where on he gets no new deliveries."""

    code = "cash_ceiling_reached"

    def __init__(self, *, courier_ref: str, cash_kop: int, ceiling_kop: int) -> None:
        DomainError.__init__(self, courier_ref=courier_ref, cash_kop=cash_kop, ceiling_kop=ceiling_kop)
        self.courier_ref, self.cash_kop, self.ceiling_kop = courier_ref, cash_kop, ceiling_kop


class NotHisSale(_CourierRefused):
    code = "not_his_sale"


class LineUnknown(DomainError):
    code = "line_unknown"

    def __init__(self, *, line: str) -> None:
        super().__init__(line=line)
        self.line = line


class NothingNamed(DomainError):
    code = "nothing_named"


class QuantityNotANumber(DomainError):
    code = "quantity_not_a_number"

    def __init__(self, *, line: str, asked: object) -> None:
        super().__init__(line=line, asked=repr(asked))
        self.line, self.asked = line, asked


class _TooMuch(DomainError):
    """asked_milli, have_milli: thousandths of a unit; goods: the product's name."""

    def __init__(self, *, line: str, goods: str, asked_milli: int, have_milli: int) -> None:
        super().__init__(line=line, goods=goods, asked_milli=asked_milli, have_milli=have_milli)
        self.line, self.goods, self.asked_milli, self.have_milli = line, goods, asked_milli, have_milli


class QuantityOverLine(_TooMuch):
    code = "quantity_over_line"


class MoreThanCarried(_TooMuch):
    code = "more_than_carried"


class MoreThanAccepted(_TooMuch):
    code = "more_than_accepted"


class NotInBackpack(_TooMuch):
    code = "not_in_backpack"


class MoreThanShort(_TooMuch):
    code = "more_than_short"


class TakeOverIncomplete(DomainError):
    code = "take_over_incomplete"

    def __init__(self, *, who: str | None) -> None:
        super().__init__(who=who)
        self.who = who


class AmountNotANumber(DomainError):
    code = "amount_not_a_number"

    def __init__(self, *, asked: object) -> None:
        super().__init__(asked=repr(asked))
        self.asked = asked


class PaymentMethodUnknown(DomainError):
    code = "payment_method_unknown"

    def __init__(self, *, payment_method: str) -> None:
        super().__init__(payment_method=payment_method)
        self.payment_method = payment_method


class PrepaidTakesNothing(DomainError):
    code = "prepaid_takes_nothing"

    def __init__(self, *, taken_kop: int) -> None:
        super().__init__(taken_kop=taken_kop)
        self.taken_kop = taken_kop


class ReasonMissing(DomainError):
    code = "reason_missing"


class ReasonUnknown(DomainError):
    code = "reason_unknown"

    def __init__(self, *, reason: str) -> None:
        super().__init__(reason=reason)
        self.reason = reason


class CorrectionReasonMissing(DomainError):
    code = "correction_reason_missing"


class AlreadySettled(_TooLate):
    code = "already_settled"


class DifferenceReasonMissing(DomainError):
    """Without figures on purpose: who counts must not learn what the books say before he has counted."""

    code = "difference_reason_missing"


class SecondNameMissing(DomainError):
    code = "second_name_missing"


class MoreThanDiffers(DomainError):
    """open_kop: what is left to decide in the direction that was asked for; 0 = nothing."""

    code = "more_than_differs"

    def __init__(self, *, asked_kop: int, open_kop: int) -> None:
        super().__init__(asked_kop=asked_kop, open_kop=open_kop)
        self.asked_kop, self.open_kop = asked_kop, open_kop


class CountFirst(DomainError):
    """Without figures on purpose, as `DifferenceReasonMissing`."""

    code = "count_first"


class ProofMissing(DomainError):
    """proofs: names of `proofs.PROOFS`, all that are required and missing."""

    code = "proof_missing"

    def __init__(self, *, action: str, proofs: Sequence[str]) -> None:
        super().__init__(action=action, proofs=list(proofs))
        self.action, self.proofs = action, tuple(proofs)


class AlreadyDecided(DomainError):
    """who: name, else reference; since_at: aware UTC."""

    code = "already_decided"

    def __init__(self, *, who: str | None, since_at: datetime | None) -> None:
        super().__init__(who=who, since_at=since_at)
        self.who, self.since_at = who, since_at


class DecisionMissing(DomainError):
    code = "decision_missing"
