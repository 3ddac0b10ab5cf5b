"""A person decides on a courier's shortage: written off, or found after all (domain.md §4)."""

from collections.abc import Sequence
from datetime import datetime

from posrednik.domain import backpack as bag
from posrednik.domain import ledger as accounts
from posrednik.domain.events import Actor
from posrednik.domain.incidents import About
from posrednik.domain.shifts import Goods
from posrednik.store import ledger, trade
from posrednik.store.db import Tx
from posrednik.usecases import courier_goods as own
from posrednik.usecases import incidents
from posrednik.usecases.couriers import Courier
from posrednik.usecases.order_facts import Rules


async def decide_shortage(
    tx: Tx, courier: Courier, lines: Sequence[Goods], reason: str, person: str, rules: Rules, now: datetime, *,
    found: bool,
) -> None:  # fmt: skip
    """Raises MoreThanShort, DecisionMissing, NothingNamed, QuantityNotANumber."""
    account = accounts.shortage(courier.ref)
    short = [Goods(p, c, milli) for (p, c), milli in (await ledger.goods(tx, [account]))[account].items()]
    backpack, actor = await own.backpack_of(tx, courier), Actor("logistician", None, person)
    if found:
        change = bag.find(backpack=backpack, lines=lines, short=short, reason=reason, actor=actor, now=now)
    else:
        prices = await trade.prices(tx, courier.base_id, (one.product for one in lines))
        change = bag.write_off(
            backpack=backpack, lines=lines, short=short, reason=reason, prices=prices, actor=actor, now=now
        )
    await trade.save_backpack(tx, change.backpack, change.loads)
    own.emit(tx, change.events, courier.base_id)
    about = About("backpack", courier.ref, courier.division, courier.ref, courier.base_id)
    await incidents.raise_all(tx, change.contradictions, about, now)
