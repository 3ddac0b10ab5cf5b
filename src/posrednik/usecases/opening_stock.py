"""What a courier carried before there were ledgers: 1C's stock of his warehouse, less what the books have of it.

It is taken once, as a load that Posrednik makes itself, by the first thing he does with his backpack after 1C told of
its stock; `Backpack.opened` says that it was. Loads that come before change nothing of that, nor does stock that comes
after his first shift began.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from posrednik.domain import backpack as bag
from posrednik.domain.backpack import Backpack, Load
from posrednik.domain.events import Actor
from posrednik.domain.goods import Names, less, sums
from posrednik.domain.shifts import Goods
from posrednik.kit.ids import uuid7
from posrednik.kit.values import milli
from posrednik.store import ledger, shifts, trade
from posrednik.store.db import Tx
from posrednik.usecases import courier_goods as own
from posrednik.usecases.couriers import Courier
from posrednik.usecases.order_facts import Rules

OPENING = "opening"  # in place of the document of 1C that other loads have


@dataclass(frozen=True, slots=True)
class Held:
    """carried: by the ledger and what was taken now, which is posted with the commit. version: of the backpack before.

    opening: the load that was made now.
    """

    backpack: Backpack
    carried: list[Goods]
    version: int
    opening: Load | None = None

    def counted_at(self, at: datetime) -> "Held":
        """As a count of this time could find it: what 1C loaded while the count was on its way is still to be counted
        in, and is neither missing nor found."""
        since = sums(line for load in self.backpack.pending if load.at > at for line in load.waiting)
        if not since:
            return self
        # What of it was sold meanwhile is not carried any more.
        left = {key: max(min(milli, 0), milli - since.get(key, 0)) for key, milli in sums(self.carried).items()}
        return replace(
            self, carried=list(Names(self.carried).goods({key: milli for key, milli in left.items() if milli}))
        )


async def held(tx: Tx, courier: Courier, rules: Rules, at: datetime, *, counted: bool = False) -> Held:
    """His backpack, locked, with the opening stock in it. counted: the whole backpack is counted by this very act, so
    that the opening does not wait for it any more."""
    backpack, carried = await own.backpack_of(tx, courier), await own.carried(tx, courier)
    goods = await opening(tx, courier, backpack, carried)
    if goods is None:
        return Held(backpack, carried, backpack.version)
    version, backpack = backpack.version, replace(backpack, opened=True)
    if not goods:
        await trade.save_backpack(tx, backpack)
        return Held(backpack, carried, version)
    load = Load(uuid7(), goods, backpack.warehouse_ref, at, document=OPENING)
    change = bag.load(
        backpack=backpack, load=load, known=None, carried=[], actor=Actor("system"), now=at, cause_base=courier.base_id
    )
    (load,), backpack = change.loads, change.backpack
    if counted:
        load = replace(load, waiting=())
        backpack = replace(backpack, pending=tuple(one for one in backpack.pending if one.id != load.id))
    await trade.save_backpack(tx, backpack, [load])
    own.emit(tx, change.events, courier.base_id)
    return Held(backpack, together(carried, goods), version, load)


async def opening(tx: Tx, courier: Courier, backpack: Backpack, carried: list[Goods]) -> tuple[Goods, ...] | None:
    """What is to be taken; None: it was, or 1C has not told of his warehouse yet."""
    if backpack.opened:
        return None
    rows = await shifts.backpack(tx, courier.base_id, courier.ref)
    if not rows or await trade.find_load(tx, courier.ref, uuid7(), OPENING) is not None:
        return None
    stock = [Goods(row.product, row.characteristic, milli(row.quantity)) for row in rows]
    known = await own.products(tx, courier.base_id, ((one.product, one.characteristic) for one in stock))
    names = Names([replace(one, name=known[one.product, one.characteristic].name) for one in stock])
    unheard = await ledger.backpack_unheard(tx, courier.ref)
    # 1C has what it was told of; what it was not told yet is still as it was there.
    books = sums(carried)
    heard = {key: books.get(key, 0) - unheard.get(key, 0) for key in {**books, **unheard}}
    return names.goods(less(sums(stock), heard))


def together(carried: list[Goods], more: tuple[Goods, ...]) -> list[Goods]:
    """One entry for each product and characteristic."""
    return list(Names(carried, more).goods(sums((*carried, *more))))
