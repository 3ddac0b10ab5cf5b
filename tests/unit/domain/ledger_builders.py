"""Events that move goods and money, with no more data than the ledgers read."""

from datetime import timedelta
from uuid import UUID, uuid4

from tests.unit.domain.delivery_builders import NOW

from posrednik.domain.events import Actor, Event
from posrednik.domain.ledger import Balances, postings_of

SUBJECT = UUID("33333333-3333-4333-8333-333333333333")
OTHER = UUID("44444444-4444-4444-8444-444444444444")


def an_event(event_type: str, subject: UUID = SUBJECT, minute: int = 0, **data) -> Event:
    kind = event_type.partition(".")[0]
    values = {"courier_ref": "petrov", "warehouse_ref": "main", "till_ref": "till-1", **data}
    at = NOW + timedelta(minutes=minute)
    return Event(event_type, kind, subject, 1, at, Actor("system"), "moscow", False, values)


def lines(**quantities) -> list[dict]:
    return [
        {"product": product, "characteristic": None, "quantity_milli": milli} for product, milli in quantities.items()
    ]


def counted(expected_milli: int, counted_milli: int, product: str = "flask") -> list[dict]:
    return [
        {
            "product": product,
            "characteristic": "red",
            "expected_milli": expected_milli,
            "counted_milli": counted_milli,
        }
    ]


def a_sale(sum_kop: int = 99000, payment_method: str = "cash", **quantities) -> dict:
    return {"lines": lines(**quantities), "sum_kop": sum_kop, "payment_method": payment_method}


def cash_event(name: str, sum_kop: int, minute: int = 0, **data) -> Event:
    """A correction is of the entry that it names `before`, else each event has an entry of its own."""
    entry_id = data.get("before", {}).get("entry_id") or str(uuid4())
    return an_event(f"cash.{name}", minute=minute, **{"sum_kop": sum_kop, "entry_id": entry_id, **data})


def posted(*events: Event) -> Balances:
    balances = Balances()
    for event in events:
        balances.add(postings_of(event))
    return balances
