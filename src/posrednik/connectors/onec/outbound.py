"""From an event as it is stored to the event that a 1C base is given: contract.md §3, pure."""

from typing import Any
from uuid import UUID

import msgspec

from posrednik.connectors.onec.wire import JSON
from posrednik.domain.publication import base_data


def batch(batch_id: UUID, rows: Any) -> JSON:
    """The answer to GET /exchange/outgoing and the body of a push: the same words."""
    return {"batch": str(batch_id), "events": [event(row) for row in rows]}


def event(row: Any) -> JSON:
    """One event. row: columns of the query `outgoing_events`, `actor` and `data` as JSON text.

    The reader finds 1C's own reference of the order in `subject`, so it need not know ours.
    """
    data = msgspec.json.decode(row.data)
    subject: JSON = {"kind": row.subject_kind, "id": row.subject_id}
    if row.order_ref is not None:
        subject["order_ref"] = str(row.order_ref)
    if "delivery" in data:
        subject["order_number"] = data["delivery"]["order"]["number"]
    return {
        "id": str(row.id), "number": row.number, "type": row.type, "subject": subject, "version": row.version,
        "occurred_at": row.occurred_at.isoformat(), "actor": msgspec.json.decode(row.actor),
        "division": row.division_ref or None, "trial": row.trial, "data": base_data(row.type, data),
    }  # fmt: skip
