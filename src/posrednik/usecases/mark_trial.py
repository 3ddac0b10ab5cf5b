"""Mark an order as a trial one, or take the mark away: before «Готов» it is remembered, until «Забрал» it changes."""

from datetime import datetime
from uuid import UUID

from posrednik.domain.errors import DomainError
from posrednik.domain.events import Actor
from posrednik.domain.pilot import mark_trial
from posrednik.store import inbox, journal
from posrednik.store.db import Row, Tx
from posrednik.store.journal import Entry
from posrednik.usecases.division_settings import checked_reason
from posrednik.usecases.order_desk import OrderDesk, with_trial
from posrednik.usecases.order_facts import Rules
from posrednik.usecases.ownership import check_trial


class NotOneOrder(DomainError):
    """No order, or several. data: q, n."""

    code = "order_not_one"


async def mark(
    tx: Tx, found: list[Row], q: str, *, trial: bool, rules: Rules, who: str, reason: str, now: datetime
) -> tuple[OrderDesk, UUID]:  # fmt: skip
    """found: of `views.orders_found(q)`. Returns the desk with its order and, if there is one, delivery.

    Raises NotOneOrder, TrialTooLate, ReasonNeeded, ownership.Refused.
    """
    why = checked_reason(reason)
    desk, ref = await _desk(tx, found, q, rules, now)
    delivery = desk.deliveries.get(ref)
    of = delivery or desk.orders[ref]
    if of.trial != trial:
        check_trial(rules.ownership, of, str(ref), who)
    if delivery is not None:
        names = desk.names(delivery.courier_ref, delivery.division_ref)
        actor = Actor("logistician", None, who)
        desk.apply(ref, mark_trial(delivery=delivery, trial=trial, actor=actor, now=now, names=names))
    desk.set_term(ref, "trial", {"on": trial, "who": who, "at": now.isoformat(), "rank": [0, 0, 0]})
    await desk.save()
    what = "пробный заказ" if trial else "больше не пробный заказ"
    line = Entry("action", "office", "done", f"{what} ({who}): {why}", "trial", ref)
    await journal.add(tx, [line])
    return desk, ref


async def _desk(tx: Tx, found: list[Row], q: str, rules: Rules, now: datetime) -> tuple[OrderDesk, UUID]:
    if len(found) != 1:
        raise NotOneOrder(q=q, n=len(found))
    base, ref = await inbox.lock_base(tx, found[0].base_id), UUID(found[0].ref)
    assert base is not None  # its mirror has the order
    desk = OrderDesk(tx, base, rules, now)
    await desk.load([ref])
    if ref not in desk.orders:
        raise NotOneOrder(q=q, n=0)
    desk.orders[ref] = with_trial(desk.orders[ref], desk.terms.get(ref, {}))
    return desk, ref
