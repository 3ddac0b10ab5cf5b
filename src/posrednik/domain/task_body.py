"""The neutral body of Bitrix24's `task.put`, made of an event alone; the connector turns it into fields."""

from posrednik.domain.events import Data, Event

_AS_THEY_ARE = (
    "version",
    "stage",
    "recipient",
    "address",
    "window",
    "comment",
    "delivery_price_kop",
    "prepaid_kop",
    "amount_due_kop",
    "amount_taken_kop",
    "payment_method",
    "receipt",
    "courier",
    "division",
    "reason",
    "reason_title",
    "next_date",
    "closed",
    "trial",
    "time_zone",
)
_OF_A_LINE = ("name", "quantity_milli", "unit", "price_kop", "sum_kop", "accepted_milli", "refused_milli")


def task_body(event: Event) -> Data:
    """The whole state of the courier's task as of this event of a delivery.

    Money in kopecks, quantities in thousandths, times ISO 8601 in UTC, "stage" one of `Stage` or "withdrawn".
    """
    return task_of(event.data)


def task_of(data: Data) -> Data:
    """The same of the event's data alone."""
    delivery = data["delivery"]
    return {
        "delivery": delivery["id"],
        "order_number": delivery["order"]["number"],
        "site_number": delivery["order"]["site_number"],
        "lines": [{name: line[name] for name in _OF_A_LINE} for line in delivery["lines"]],
        **{name: delivery[name] for name in _AS_THEY_ARE},
    }
