"""What is here and not in the base is told to people, until 1C sends or deletes it (contract §3).

After a restore from a copy a base that cannot list sends each slice again. When what it has sent of a slice is exactly
what it says it has, the rest of that slice here is what it lost; only then is anything told, so that nothing is told of
what is on its way. A base that lists says itself what it has.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from posrednik.domain.changes import Contradiction, found
from posrednik.domain.incidents import About
from posrednik.domain.texts_exchange_found import CONFIRMED
from posrednik.store import reconciliation, slices
from posrednik.store.db import Row, Tx
from posrednik.store.inbox import Base
from posrednik.store.mirror import Key, State
from posrednik.store.slices import Slice
from posrednik.usecases import incidents

MOST_TOLD = 1000  # of one slice or run; the rest is told when these are through
OBJECT = "object"
ONEC = "1С"  # who decides what is open about an object that has come
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
    told = [(_missing("after_restore", base, one.kind, row), _about(base, one.kind, row)) for row in lost]
    await incidents.raise_many(tx, told, now)
    return [row.ref for row in lost]


async def tell_unknown(tx: Tx, base: Base, objects: Sequence[Key], now: datetime) -> int:
    """An incident for each of these (kind, ref) that the base has said it has not, if people do not know of it.

    Returns how many are new to them.
    """
    doubted = (base.doubt_epoch_no, base.doubt_number)
    rows = await reconciliation.untold(tx, base.id, objects[:MOST_TOLD], ONEC)
    told = [
        (_missing("after_restore" if (row.epoch_no, row.message) <= doubted else "missing_there", base, row.kind, row),
         _about(base, row.kind, row))
        for row in rows
    ]  # fmt: skip
    await incidents.raise_many(tx, told, now)
    return len(told)


def _missing(variant: str, base: Base, kind: str, row: Row) -> Contradiction:
    named = " ".join(filter(None, (TITLES.get(kind, kind), row.number or row.name or row.ref)))
    return found("does_not_agree", variant=variant, base=base.name, object=named, object_kind=kind, ref=row.ref,
                 changed_at=row.changed_at.isoformat(), time_zone=base.time_zone)  # fmt: skip


def _about(base: Base, kind: str, row: Row) -> About:
    order = kind == "order"
    return About(
        OBJECT, f"{kind}:{row.ref}", row.division or "", base_id=base.id, order_ref=row.ref if order else None,
        order_number=row.number if order else None,
    )  # fmt: skip


async def confirm(tx: Tx, base_id: UUID, come: Sequence[State], now: datetime) -> None:
    """Objects that came (again): what was open about them is over, and says why."""
    if not come or not await slices.any_doubted(tx, base_id):
        return
    newest = {f"{state.kind}:{state.ref}": state for state in come}
    for row in await slices.doubted(tx, base_id, sorted(newest)):
        why = CONFIRMED["deleted" if newest[row.subject_id].deleted else "sent"]
        await incidents.decide(tx, row.id, "explained", why, ONEC, now)
