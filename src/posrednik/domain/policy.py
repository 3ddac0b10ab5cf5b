"""What a division asks of its couriers: proofs, radius, reasons, ceiling. Configured, told to the phones."""

from dataclasses import dataclass

from posrednik.domain.proofs import DEFAULT_RULES, ProofRules
from posrednik.domain.texts import REASONS

RADIUS_M = 200


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an order was not delivered: a stable code and what people read."""

    code: str
    ru: str
    en: str


KNOWN_REASONS = tuple(Reason(code, ru, en) for code, (ru, en) in REASONS.items())


@dataclass(frozen=True, slots=True)
class DivisionPolicy:
    """radius_m: how far from the address a step is still at it. phone: of the dispatcher, may be empty.

    cash_ceiling_kop: how much cash a courier may hold, None = no ceiling. sale_receipt: every sale wants one.
    oversale_milli: how far below zero a sale may take one product of his backpack, in thousandths.
    """

    radius_m: int = RADIUS_M
    cash_ceiling_kop: int | None = None
    proofs: ProofRules = DEFAULT_RULES
    reasons: tuple[Reason, ...] = KNOWN_REASONS
    phone: str = ""
    oversale_milli: int = 0
    sale_receipt: bool = False

    @property
    def reason_codes(self) -> tuple[str, ...]:
        """For `delivery_courier.not_deliver`."""
        return tuple(reason.code for reason in self.reasons)
