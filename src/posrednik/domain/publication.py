"""How an event is told to the outside: contract.md §3 (to 1C) and §4 (to subscribers). Pure."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from posrednik.domain.events import Data, Event

# Steps of which 1C is told position and number of photos, 0 included; of other steps the number only if it is known.
_WITH_PLACE = ("delivery.picked_up", "delivery.departed", "delivery.retried")
_NOT_OWN = ("delivery", "position", "photo_hashes", "asked_proofs")
# What 1C is told of sales, backpack and cash, by our names; `line` is the line's number.
_SALE = (
    "courier_ref", "warehouse_ref", "delivery_id", "lines", "sum_kop", "payment_method", "reference", "receipt",
    "receipt_url", "correction_reason",
)  # fmt: skip
# documents: the transfers that a count accepts; document: the one by which goods came out.
_BACKPACK = ("courier_ref", "warehouse_ref", "documents", "document", "lines", "reason")
_CASH = (
    "entry_id", "courier_ref", "till_ref", "expected_kop", "counted_kop", "sum_kop", "receiver", "corrects",
    "correction_reason",
)  # fmt: skip
_TOLD = {"sale": _SALE, "backpack": _BACKPACK, "cash": _CASH}
_OF_LINES = ("product", "characteristic", "quantity_milli", "expected_milli", "counted_milli", "price_kop", "sum_kop")


def rubles(amount_kop: int) -> str:
    """Kopecks to "2450.00"."""
    sign, whole = ("-", -amount_kop) if amount_kop < 0 else ("", amount_kop)
    return f"{sign}{whole // 100}.{whole % 100:02d}"


def units(qty_milli: int) -> str:
    """Thousandths to "1.5"."""
    sign, whole = ("-", -qty_milli) if qty_milli < 0 else ("", qty_milli)
    return (sign + f"{whole // 1000}.{whole % 1000:03d}").rstrip("0").rstrip(".")


def wire(value: Any) -> Any:
    """Our units to the contract's: `x_kop` → `x` in rubles, `x_milli` → `x` in units, absent instead of null."""
    if isinstance(value, Mapping):
        return {_name(k): _scalar(k, v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [wire(one) for one in value]
    return value


def _name(key: str) -> str:
    return key.removesuffix("_kop").removesuffix("_milli")


def _scalar(key: str, value: Any) -> Any:
    if key.endswith("_kop") and isinstance(value, int):
        return rubles(value)
    if key.endswith("_milli") and isinstance(value, int):
        return units(value)
    return wire(value)


def site_body(event_id: UUID, event: Event) -> Data:
    """The body a subscriber gets, by webhook and by feed alike (contract.md §4)."""
    snapshot = event.data["delivery"]
    delivery: Data = {
        "id": snapshot["id"],
        "version": event.version,
        "stage": snapshot["stage"],
        "order": wire(snapshot["order"]),
        "amount_due": rubles(snapshot["amount_due_kop"]),
    }
    if snapshot["courier"] is not None:
        delivery["courier"] = wire({name: snapshot["courier"].get(name) for name in ("ref", "name")})
    if snapshot["amount_taken_kop"] is not None:
        delivery["amount_taken"] = rubles(snapshot["amount_taken_kop"])
    refused = [_refused(line) for line in snapshot["lines"] if line["refused_milli"]]
    if refused:
        delivery["refused"] = refused
    for name in ("reason", "next_date"):
        if snapshot[name] is not None:
            delivery[name] = snapshot[name]
    return {
        "type": event.type,
        "timestamp": event.occurred_at.isoformat(),
        "data": {"event_id": str(event_id), "delivery": delivery},
    }


def _refused(line: Data) -> Data:
    return {"line": line["line"], "product": line["product"], "name": line["name"],
            "quantity": units(line["refused_milli"])}  # fmt: skip


def base_data(event_type: str, data: Data) -> Data:
    """`data` of an event for 1C (contract.md §3): the type's own fields, with courier and warehouse always there."""
    if event_type == "command.finished" or event_type.startswith("exchange."):
        return {name: value for name, value in data.items() if value is not None}
    subject_kind = event_type.partition(".")[0]
    if subject_kind in _TOLD:
        return _of_ledger(subject_kind, data)
    own = {name: value for name, value in data.items() if name not in _NOT_OWN}
    snapshot = data["delivery"]
    courier = snapshot["holder"] or snapshot["handed_over_by"] or snapshot["courier"]
    told = {"courier": courier["ref"] if courier else None, "warehouse": snapshot["warehouse_ref"],
            "receipt": snapshot["receipt"] or None, **_evidence(event_type, data)}  # fmt: skip
    published: Data = wire({**{k: v for k, v in told.items() if v is not None}, **own})
    return published


def _of_ledger(subject_kind: str, data: Data) -> Data:
    told: Data = {name: data.get(name) for name in _TOLD[subject_kind]}
    if "lines" in told:
        without_price = subject_kind == "backpack"
        names = [name for name in _OF_LINES if not (without_price and name.endswith("_kop"))]
        told["lines"] = [
            {"line": str(number), **{name: line.get(name) for name in names}}
            for number, line in enumerate(told["lines"], 1)
        ]
    if "receipt" in told:
        told["receipt"] = told["receipt"] or None
    if "receiver" in told:
        told["receiver"] = told["receiver"]["ref"] or told["receiver"]["name"]
    if data.get("corrects") == "difference":
        told["difference_kop"] = data["difference_kop"]
    published: Data = wire({_outside(name): value for name, value in told.items()})
    return published


def _outside(name: str) -> str:
    """`courier_ref` → `courier`. The id of an entry of cash stays one: a correction tells by it what it corrects."""
    return name if name == "entry_id" else name.removesuffix("_ref").removesuffix("_id")


def _evidence(event_type: str, data: Data) -> Data:
    """How many photos and, of some steps, where. The hashes stay here: they are names of pictures of people's homes."""
    if event_type in _WITH_PLACE:
        return {"photos": len(data.get("photo_hashes") or ()), "position": data.get("position")}
    return {"photos": len(data["photo_hashes"])} if "photo_hashes" in data else {}
