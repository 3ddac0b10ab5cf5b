"""Which system may write which field: the policy table (design.md §4, 8). Pure. See docs/subsystems/ownership.md.

A row is `{kind}.{field}` → owners; `{kind}.*` is for the fields of a kind that no row names. Owners are systems, or
`base:NAME` for one 1C base of several. What no row speaks of is as DEFAULTS have it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from posrednik.domain.changes import plan
from posrednik.domain.deliveries import Delivery
from posrednik.domain.errors import DomainError

ONEC, POSREDNIK, COURIER = "1c", "posrednik", "courier"
SYSTEMS = (ONEC, POSREDNIK, "site", "bitrix24", COURIER)
REST, BASE = "*", "base:"
LONGEST = 100
Rows = Mapping[str, Collection[str]]
Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """Its known fields. required: without these there is no such object. marks: of the object itself."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    marks: tuple[str, ...] = ("deleted",)

    @property
    def fields(self) -> tuple[str, ...]:
        """In the order in which they are shown, what is unknown last."""
        return (*self.required, *self.optional, *self.marks, REST)


def _document(required: tuple[str, ...], optional: tuple[str, ...] = ()) -> Kind:
    return Kind(("number", "date", *required), optional, ("deleted", "posted"))


# Of contract.md §2, under 1C's names, and of our own: the delivery.
KINDS: Mapping[str, Kind] = {
    "division": Kind(("name",), ("parent",)),
    "product": Kind(
        ("code", "name", "unit"),
        ("article", "vat", "is_service", "by_weight", "group", "barcodes", "characteristics", "packagings"),
    ),
    "price": Kind(("product", "price_type", "price"), ("characteristic", "packaging", "currency")),
    "stock": Kind(("warehouse", "product", "quantity"), ("characteristic", "packaging", "reserved")),
    "counterparty": Kind(("name",), ("inn", "phone", "email", "legal")),
    "warehouse": Kind(("name",), ("division", "courier")),
    "courier": Kind(("name", "division", "active"), ("phone", "bitrix24_user")),
    "outlet": Kind(("name",), ("address", "division")),
    "order": _document(
        ("division", "recipient", "address", "lines"),
        ("window", "comment", "site_number", "counterparty", "warehouse", "courier", "delivery_price", "prepaid",
         "payment_method", "receipt", "status", "trial"),
    ),
    "shipment": _document(("warehouse", "sum", "lines"), ("order", "counterparty", "courier")),
    "receipt": _document(("warehouse", "sum", "lines"), ("order", "counterparty", "courier")),
    "transfer": _document(("from", "to", "lines"), ("order", "courier")),
    "return": _document(("warehouse", "sum", "lines"), ("order", "counterparty", "courier")),
    "cash_receipt": _document(("sum",), ("courier", "order", "counterparty")),
    "delivery": Kind(
        ("stage", "courier", "amount_due", "delivery_price", "prepaid", "payment_method", "receipt", "recipient",
         "address", "window", "comment", "ready_comment", "lines", "warehouse", "division", "number", "site_number",
         "trial"),
        marks=(),
    ),
}  # fmt: skip
DELIVERY = "delivery"

# All other fields are 1C's.
DEFAULTS: Rows = {
    "courier.bitrix24_user": (ONEC, POSREDNIK),
    "order.trial": (ONEC, POSREDNIK),
    "delivery.stage": (ONEC, POSREDNIK, "bitrix24", COURIER),
    "delivery.courier": (ONEC, POSREDNIK),
    "delivery.payment_method": (ONEC, POSREDNIK, "bitrix24", COURIER),  # how it was paid, at the hand-over
    "delivery.trial": (ONEC, POSREDNIK),
}

# Fields of a delivery → what of `deliveries.Delivery` they are.
OF_DELIVERY: Mapping[str, tuple[str, ...]] = {
    "stage": ("stage", "on_board"), "courier": ("courier_ref",), "amount_due": ("amount_due_by_hand_kop",),
    "delivery_price": ("delivery_price_kop", "order_price_kop"), "prepaid": ("prepaid_kop",),
    "payment_method": ("payment_method",), "receipt": ("receipt",), "recipient": ("recipient",),
    "address": ("address",), "window": ("window",), "comment": ("order_comment",),
    "ready_comment": ("ready_comment",), "lines": ("lines",), "warehouse": ("warehouse_ref",),
    "division": ("division_ref",), "number": ("order_number",), "site_number": ("site_number",), "trial": ("trial",),
}  # fmt: skip


class NotOwner(DomainError):
    """A write to a field of another owner. owners: as `shown` gives them."""

    code = "not_owner"

    def __init__(self, *, object_kind: str, field: str, owners: Sequence[str]) -> None:
        super().__init__(object_kind=object_kind, field=field, owners=list(owners))
        self.object_kind, self.field, self.owners = object_kind, field, tuple(owners)


class Wrong(ValueError):
    """A row that says nothing that can be kept to. name: the row. code: kind, field, owner, nobody. value: what of it
    is meant."""

    def __init__(self, name: str, code: str, value: str = "") -> None:
        super().__init__(f"{name}: {code} {value}".strip())
        self.name, self.code, self.value = name, code, value


def check(name: str, owners: Collection[str], bases: Collection[str]) -> None:
    """Raise Wrong for what is unknown. bases: names of those that there are."""
    kind, dot, named = name.partition(".")
    if not dot or kind not in KINDS:
        raise Wrong(name, "kind", kind)
    if named != REST and named not in KINDS[kind].fields:
        raise Wrong(name, "field", named)
    if not owners:
        raise Wrong(name, "nobody")
    known = {*SYSTEMS, *(BASE + base for base in bases)}
    if unknown := [owner for owner in owners if owner not in known]:
        raise Wrong(name, "owner", unknown[0])


@dataclass(frozen=True, slots=True)
class Closed:
    """What of a kind one system may not write. rest: fields that are in neither set, too."""

    fields: frozenset[str]
    rest: bool
    open: frozenset[str]

    def refuses(self, field: str) -> bool:
        return field in self.fields or (self.rest and field not in self.open)


class Policy:
    """Who owns what. Never changed: another policy is another object, so what follows from it is worked out once."""

    def __init__(self, rows: Rows | None = None) -> None:
        self.rows: Mapping[str, frozenset[str]] = {name: frozenset(owners) for name, owners in (rows or {}).items()}
        self._closed: dict[tuple[str, str], Mapping[str, Closed]] = {}

    def owners(self, kind: str, field: str) -> frozenset[str]:
        for name in (f"{kind}.{field}", f"{kind}.{REST}"):
            if name in self.rows:
                return self.rows[name]
        return frozenset(DEFAULTS.get(f"{kind}.{field}", (ONEC,)))

    def may_write(self, kind: str, field: str, system: str, base: str = "") -> bool:
        """base: the name of the base that system "1c" is here."""
        owners = self.owners(kind, field)
        return system in owners or (system == ONEC and bool(base) and BASE + base in owners)

    def closed(self, system: str, base: str = "") -> Mapping[str, Closed]:
        """Kinds of which this system may not write everything; empty: nothing is to be looked at."""
        known = self._closed.get((system, base))
        if known is None:
            found = {kind: self._closed_of(kind, system, base) for kind in KINDS}
            known = self._closed[system, base] = {kind: one for kind, one in found.items() if one.fields or one.rest}
        return known

    def _closed_of(self, kind: str, system: str, base: str) -> Closed:
        may = {name: self.may_write(kind, name, system, base) for name in KINDS[kind].fields}
        rest = not may.pop(REST)
        return Closed(
            frozenset(name for name in may if not may[name]), rest, frozenset(name for name in may if may[name])
        )


# -- an object that came


@dataclass(frozen=True, slots=True)
class Content:
    """What an object says. data: canonical; empty = it was deleted and says nothing else."""

    data: Data
    deleted: bool = False
    posted: bool = True


@dataclass(frozen=True, slots=True)
class Kept:
    """content: what came, with everything that its sender does not own as it was. refused: those fields of it that he
    wanted different. missing: fields without which there is no such object, and that only another may give."""

    content: Content
    refused: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def keep(kind: str, closed: Closed, before: Content | None, after: Content) -> Kept:
    """`after` as far as its sender may say so. before: what is known, None = nothing.

    A field that is not there is an empty one. A new object begins with the marks it comes with: without them nobody
    knew what it is.
    """
    if not after.data:
        return _removed(closed, before, after)
    was, data = dict(before.data) if before else {}, dict(after.data)
    refused = [name for name in sorted({*was, *data}) if closed.refuses(name) and was.get(name) != data.get(name)]
    for name in refused:
        data.pop(name, None)
        if name in was:
            data[name] = was[name]
    marks = {name: getattr(after, name) for name in ("deleted", "posted")}
    for name in marks if before else ():
        if closed.refuses(name) and marks[name] != getattr(before, name):
            marks[name] = getattr(before, name)
            refused.append(name)
    missing = tuple(name for name in KINDS[kind].required if name in refused and name not in data)
    return Kept(Content(data, **marks), tuple(refused), missing)


def _removed(closed: Closed, before: Content | None, after: Content) -> Kept:
    """What is known of it stays: some of it is not the sender's to empty."""
    if before is None or not before.data:
        return Kept(after)
    if closed.refuses("deleted"):
        return Kept(before, () if before.deleted else ("deleted",))
    return Kept(Content(before.data, True, before.posted))


# -- a delivery


def written(before: Delivery | None, after: Delivery) -> tuple[str, ...]:
    """The fields of a delivery that an action changes; of a new one its stage, since the rest is the order's."""
    if before is None:
        return ("stage",)
    return tuple(name for name, parts in OF_DELIVERY.items() if any(_differs(part, before, after) for part in parts))


def _differs(part: str, before: Delivery, after: Delivery) -> bool:
    """Of lines what the order says; what became of the goods is what couriers do."""
    if part == "lines":
        return plan(before.lines) != plan(after.lines)
    return bool(getattr(before, part) != getattr(after, part))


def shown(owners: Collection[str]) -> list[str]:
    """For texts: systems in the order of SYSTEMS, then bases by their names alone."""
    bases = sorted(owner.removeprefix(BASE) for owner in owners if owner.startswith(BASE))
    return [*(system for system in SYSTEMS if system in owners), *bases]
