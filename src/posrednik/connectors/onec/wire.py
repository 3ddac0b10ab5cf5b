"""What a 1C base sends, under its names: contract.md §2. Nothing is renamed here.

The envelope is read strictly, its objects and commands one by one, so that a bad one spoils only itself.
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec


class Envelope(msgspec.Struct):
    """POST /exchange/messages. Objects and commands stay raw until each is read by itself."""

    base: UUID
    epoch: UUID
    instance: str
    number: int
    sent_at: Any = None
    objects: list[msgspec.Raw] | None = None
    commands: list[msgspec.Raw] | None = None


class SingleCommand(msgspec.Struct):
    """POST /exchange/commands."""

    base: UUID
    epoch: UUID
    instance: str
    command: msgspec.Raw


class EpochCall(msgspec.Struct):
    """POST /exchange/epochs."""

    base: UUID
    epoch: UUID
    instance: str
    reason: str | None = None


class Ack(msgspec.Struct):
    """POST /exchange/outgoing/ack."""

    base: UUID
    epoch: UUID
    instance: str
    batch: Any = None
    accepted: list[UUID] | None = None
    rejected: list["Rejection"] | None = None


class Rejection(msgspec.Struct):
    """An event that 1C could not apply. retry: it may become possible; holds only that subject's lane."""

    id: UUID
    code: str | None = None
    message: str | None = None
    retry: bool | None = None


@dataclass(frozen=True, slots=True)
class Fields:
    """The shape of one kind's `data` (contract.md §2, table). Types: readers of kit/values.py, lists.py.

    needs: field → kind that must be known before (an order or document waits for it).
    """

    required: dict[str, str] = field(default_factory=dict)
    optional: dict[str, str] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)
    lines_optional: dict[str, str] = field(default_factory=dict)
    parts: dict[str, dict[str, str]] = field(default_factory=dict)
    parts_required: tuple[str, ...] = ()
    needs: dict[str, str] = field(default_factory=dict)
    ref_is_guid: bool = True


_LINE = {"line": "text", "product": "guid", "quantity": "quantity", "price": "money", "sum": "money"}
_PLAIN_LINE = {"product": "guid", "quantity": "quantity"}
_LINE_MORE = {"characteristic": "guid", "packaging": "guid", "cancelled": "flag", "name": "text", "price": "money",
              "sum": "money", "line": "text"}  # fmt: skip
_DOCUMENT = {"number": "text", "date": "time"}
_GOODS = Fields(
    required={**_DOCUMENT, "warehouse": "guid", "sum": "money"},
    optional={"order": "guid", "counterparty": "guid", "courier": "guid"},
    lines=_PLAIN_LINE, lines_optional=_LINE_MORE, needs={"warehouse": "warehouse"},
)  # fmt: skip

KINDS: dict[str, Fields] = {
    "division": Fields({"name": "text"}, {"parent": "guid"}),
    "product": Fields(
        {"code": "text", "name": "text", "unit": "text"},
        {"article": "text", "vat": "text", "is_service": "flag", "by_weight": "flag", "group": "text",
         "barcodes": "barcodes", "characteristics": "characteristics", "packagings": "packagings"},
    ),
    "price": Fields(
        {"product": "guid", "price_type": "text", "price": "money"},
        {"characteristic": "guid", "packaging": "guid", "currency": "text"}, ref_is_guid=False,
    ),
    "stock": Fields(
        {"warehouse": "guid", "product": "guid", "quantity": "quantity"},
        {"characteristic": "guid", "packaging": "guid", "reserved": "quantity"}, ref_is_guid=False,
    ),
    "counterparty": Fields({"name": "text"}, {"inn": "text", "phone": "text", "email": "text", "legal": "flag"}),
    "warehouse": Fields({"name": "text"}, {"division": "guid", "courier": "guid"}),
    "courier": Fields(
        {"name": "text", "division": "guid", "active": "flag"}, {"phone": "text", "bitrix24_user": "text"}
    ),
    "outlet": Fields({"name": "text"}, {"address": "text", "division": "guid"}),
    "order": Fields(
        {**_DOCUMENT, "division": "guid"},
        {"site_number": "text", "counterparty": "guid", "comment": "text", "warehouse": "guid", "courier": "guid",
         "delivery_price": "money", "prepaid": "money", "payment_method": "text", "receipt": "flag", "status": "text"},
        lines=_LINE,
        lines_optional={"characteristic": "guid", "packaging": "guid", "cancelled": "flag", "name": "text"},
        parts={
            "recipient": {"name": "text", "phone": "text"},
            "address": {"text": "text", "entrance": "text", "floor": "text", "flat": "text", "intercom": "text",
                        "latitude": "number", "longitude": "number"},
            "window": {"from": "time", "to": "time"},
        },
        parts_required=("recipient", "address"),
        needs={"division": "division", "warehouse": "warehouse"},
    ),
    "shipment": _GOODS,
    "return": _GOODS,
    "receipt": _GOODS,
    "transfer": Fields(
        {**_DOCUMENT, "from": "guid", "to": "guid"}, {"order": "guid", "courier": "guid"},
        lines=_PLAIN_LINE, lines_optional=_LINE_MORE, needs={"from": "warehouse", "to": "warehouse"},
    ),
    "cash_receipt": Fields(
        {**_DOCUMENT, "sum": "money"}, {"courier": "guid", "order": "guid", "counterparty": "guid"}
    ),
}  # fmt: skip

# What a field that is a reference points to.
REFERS = {
    "division": "division", "parent": "division", "warehouse": "warehouse", "from": "warehouse", "to": "warehouse",
    "product": "product", "counterparty": "counterparty", "courier": "courier", "order": "order",
}  # fmt: skip


def type_of(kind: str, field: str) -> str | None:
    """The type of a known field of a kind's data by its path (`division`, `window.from`, `lines.product`), or None."""
    fields, (part, _, name) = KINDS.get(kind, Fields()), field.rpartition(".")
    within = {
        "": {**fields.optional, **fields.required},
        "lines": {**fields.lines_optional, **fields.lines},
        **fields.parts,
    }
    return within.get(part, {}).get(name)


COMMANDS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "delivery.ready": ({"order": "guid"}, {"courier": "guid", "comment": "text"}),
    "delivery.withdraw": ({"order": "guid"}, {"reason": "text"}),
    "delivery.set_price": ({"order": "guid", "delivery_price": "money"}, {}),
    "delivery.set_amount_due": ({"order": "guid"}, {"amount_due": "money"}),
    "delivery.assign": ({"order": "guid", "courier": "guid"}, {}),
    "delivery.cancel": ({"order": "guid"}, {"reason": "text"}),
    "digest": ({"kind": "text", "count": "text", "hash": "text"}, {"slice": "text", "detail": "flag", "run": "guid"}),
    "digest_parts": ({"kind": "text"}, {"slice": "text", "at": "text", "parts": "list", "run": "guid"}),
    "listing": ({"kind": "text"}, {"slice": "text", "at": "text", "part": "exact", "versions": "list", "run": "guid"}),
    "digest_end": ({"run": "guid"}, {}),
    "sample": ({"run": "guid"}, {"objects": "list"}),
    "sent_again": ({}, {"events": "list", "more": "flag"}),
    "backpack.load": ({"courier": "guid", "warehouse": "guid"}, {"document": "guid"}),
    "backpack.unload": ({"courier": "guid", "warehouse": "guid"}, {"document": "guid"}),
}

# Lines of the commands that have some: required and optional fields.
COMMAND_LINES: dict[str, tuple[dict[str, str], dict[str, str]]] = dict.fromkeys(
    ("backpack.load", "backpack.unload"), (_PLAIN_LINE, _LINE_MORE)
)

# Fields that must be named although their value may be null, because null means something.
NULLABLE: dict[str, tuple[str, ...]] = {"delivery.set_amount_due": ("amount_due",)}

JSON = dict[str, Any]
