"""A base was restored from a copy: what is here and not there is told, until 1C confirms or deletes it (contract §3).

The base sends each slice again after that. When what it has sent of a slice is exactly what it says it has, the
rest of that slice here is what it lost; only then is anything told, so that nothing is told of what is on its way.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from posrednik.domain.changes import Contradiction, found
from posrednik.domain.incidents import About
from posrednik.domain.texts_exchange_found import CONFIRMED
from posrednik.store import slices
from posrednik.store.db import Row, Tx
from posrednik.store.inbox import Base
from posrednik.store.mirror import State
from posrednik.store.slices import Slice
from posrednik.usecases import incidents

MOST_TOLD = 1000  # of one slice; the rest is told when these are through
OBJECT = "object"
TITLES = {"order": "заказ", "shipment": "реализация", "receipt": "поступление", "transfer": "перемещение",
          "return": "возврат", "cash_receipt": "кассовый ордер", "product": "товар", "courier": "курьер",
          "counterparty": "контрагент", "warehouse": "склад", "division": "подразделение", "outlet": "точка",
          "price": "цена", "stock": "остаток"}  # fmt: skip


async def tell_missing(tx: Tx, base: Base, one: Slice, theirs: tuple[int, str], now: datetime) -> list[str]:
    """Refs of the slice that the restored base has lost, each an incident; none while the slice is on its way."""
    before = (base.doubt_epoch_no, base.doubt_number)
    if not base.doubt_epoch_no or await slices.digest(tx, one, after=before) != theirs:
        return []
    lost = await slices.unconfirmed(tx, one, before, MOST_TOLD)
    await incidents.raise_many(tx, [(_lost(base, one.kind, row), _about(base, one.kind, row)) for row in lost], now)
    return [row.ref for row in lost]


def _lost(base: Base, kind: str, row: Row) -> Contradiction:
    named = " ".join(filter(None, (TITLES.get(kind, kind), row.number or row.name or row.ref)))
    return found("does_not_agree", variant="after_restore", base=base.name, object=named, object_kind=kind, ref=row.ref,
                 changed_at=row.changed_at.isoformat(), time_zone=base.time_zone)  # fmt: skip


def _about(base: Base, kind: str, row: Row) -> About:
    order = kind == "order"
    return About(
        OBJECT, f"{kind}:{row.ref}", row.division or "", base_id=base.id, order_ref=row.ref if order else None,
        order_number=row.number if order else None,
    )  # fmt: skip


async def confirm(tx: Tx, base_id: UUID, come: Sequence[State], now: datetime) -> None:
    """Objects that came (again): what was open about them is over, and says why."""
    newest = {f"{state.kind}:{state.ref}": state for state in come}
    for row in await slices.doubted(tx, base_id, sorted(newest)):
        why = CONFIRMED["deleted" if newest[row.subject_id].deleted else "sent"]
        await incidents.decide(tx, row.id, "explained", why, "1С", now)
