"""Which deliveries are settled: their cash is handed in. Rules: domain.md §4; docs/subsystems/ledgers.md, "Settled"."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from posrednik.domain.ledger import MoneyPosting, cash

_Key = tuple[str, str]


@dataclass(slots=True)
class _Debit:
    """delivery: the one whose cash it is, None = of something else. taken: some cash came in for it."""

    sum_kop: int = 0
    delivery: UUID | None = None
    taken: bool = False


def settled_by(entries: Iterable[MoneyPosting], courier_ref: str, cash_kop: int | None = None) -> frozenset[UUID]:
    """The deliveries whose cash, as this courier took it, is covered by what he handed in, oldest first.

    entries: postings of his cash, in any order; of the same time, in that of the ledger. All of them, or all of the
    subjects and entries that began at some moment or later: then cash_kop is what he holds by the whole ledger.
    A subject's corrections and refunds count against what was taken for it, and so does a hand-in that names it.
    Change that was issued is a debt like any other. Example: docs/subsystems/ledgers.md, "Settled".
    """
    entries, account = list(entries), cash(courier_ref)
    if cash_kop is None:
        cash_kop = sum(signed_kop(entry, account) for entry in entries)
    settled: set[UUID] = set()
    newer_kop = 0
    for debit in reversed(_debits(entries, account)):
        # What he still holds is of the newest debts: this one is covered if they alone come to as much.
        if debit.delivery is not None and debit.taken and (debit.sum_kop <= 0 or cash_kop <= newer_kop):
            settled.add(debit.delivery)
        newer_kop += max(0, debit.sum_kop)
    return frozenset(settled)


def signed_kop(entry: MoneyPosting, account: str) -> int:
    """By how much it changes the account."""
    return entry.sum_kop if entry.target == account else -entry.sum_kop


def _debits(entries: list[MoneyPosting], account: str) -> list[_Debit]:
    """By the time of their first posting. What covers all alike is none: it shows in what he holds."""
    debits: dict[_Key, _Debit] = {}
    for entry in sorted(entries, key=lambda entry: entry.at):
        debit, sum_kop = _debit_of(debits, entry), signed_kop(entry, account)
        if debit is not None:
            debit.sum_kop += sum_kop
            debit.taken |= sum_kop > 0 and entry.subject_kind == "delivery"
    return list(debits.values())


def _debit_of(debits: dict[_Key, _Debit], entry: MoneyPosting) -> _Debit | None:
    """The debt that the posting is of; None: of none that is among the entries."""
    if entry.why == "change_issued":
        return debits.setdefault(("change", str(entry.entry_id)), _Debit())
    if entry.why.startswith("change_issued_"):
        return debits.get(("change", str(entry.entry_id)))
    if entry.subject_kind == "cash":
        return debits.get(("delivery", str(entry.delivery_id)))
    delivery = UUID(entry.subject_id) if entry.subject_kind == "delivery" else None
    return debits.setdefault((entry.subject_kind, entry.subject_id), _Debit(delivery=delivery))
