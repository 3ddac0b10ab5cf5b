"""Each backpack against 1C's stock of its warehouse: what differs is one incident of the courier. See
docs/subsystems/ledgers.md, "Backpacks against 1C"."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from posrednik.domain import ledger as accounts
from posrednik.domain.agreement import disagreement
from posrednik.domain.changes import Contradiction
from posrednik.domain.goods import Names
from posrednik.domain.incidents import About
from posrednik.domain.shifts import Goods, Key
from posrednik.kit.log import get_logger
from posrednik.kit.values import milli
from posrednik.store import incidents, ledger, shifts, trade
from posrednik.store.db import Database, Tx
from posrednik.usecases import courier_goods as own
from posrednik.usecases.couriers import Courier, courier_of
from posrednik.usecases.incidents import raise_all
from posrednik.usecases.opening_stock import opening
from posrednik.usecases.order_facts import Rules

log = get_logger("usecases")
# 1C takes an event, makes its document and tells the stock after it, in this time.
QUIET = timedelta(minutes=15)
# The same figures after a decision: the person who decided knows of them for so long.
DECIDED = timedelta(hours=24)
# For so long a load that was counted otherwise explains a difference; then it is told as one.
DISPUTED = timedelta(days=31)


async def compare_backpacks(db: Database, rules: Rules, now: datetime) -> int:
    """One round over all couriers, each in a transaction of its own. Returns how many incidents got news."""
    told = 0
    for courier_ref in await trade.quiet_backpacks(db, now - QUIET):
        told += await db.transact(partial(_compare, courier_ref=courier_ref, rules=rules, now=now))
    if told:
        log.warning("backpacks.disagree", couriers=told)
    return told


async def _compare(tx: Tx, *, courier_ref: str, rules: Rules, now: datetime) -> bool:
    courier = await courier_of(tx, courier_ref)
    # In shadow 1C is told nothing, so that nothing can agree.
    if courier is None or not rules.of(courier.division).sends_of(courier.ref):
        return False
    found = await _found(tx, courier, now)
    # Asked again with the backpack locked: what came between the two looks is not judged by half.
    quiet = found is not None and await trade.quiet_backpacks(tx, now - QUIET, courier.ref)
    if found is None or not quiet or await _known(tx, found, courier, now):
        return False
    await raise_all(tx, [found], About("backpack", courier.ref, courier.division, courier.ref, courier.base_id), now)
    return True


async def _found(tx: Tx, courier: Courier, now: datetime) -> Contradiction | None:
    """None also while a load waits to be counted in, and before the first count has taken over what 1C has: of a
    courier whose warehouse 1C told of only later, his next act does."""
    backpack = await own.backpack_of(tx, courier)
    if backpack.version == 0 or any(load.waiting for load in backpack.pending):
        return None
    mine = [account(courier.ref) for account in (accounts.backpack, accounts.shortage, accounts.surplus)]
    held = await ledger.goods(tx, mine)
    if await opening(tx, courier, backpack, await own.carried(tx, courier)):
        return None
    base = await _of_base(tx, courier)
    known = await own.products(tx, courier.base_id, (*held[mine[0]], *base))
    disputed = await ledger.disputed(tx, courier.ref, now - DISPUTED)
    return disagreement(
        who=courier.name or courier.ref, ours=held[mine[0]], theirs=base,
        missing=_above_zero(held[mine[1]], disputed, 1), surplus=_above_zero(held[mine[2]], disputed, -1),
        names=Names(Goods(*key, 0, one.name) for key, one in known.items()),
    )  # fmt: skip


def _above_zero(counted: Mapping[Key, int], disputed: Mapping[Key, int], sign: int) -> dict[Key, int]:
    """sign: 1 for what is missing, -1 for what is too much, as the books have it. Each count by itself."""
    keys = dict.fromkeys((*counted, *disputed))
    return {key: max(0, sign * counted.get(key, 0)) + max(0, sign * disputed.get(key, 0)) for key in keys}


async def _of_base(tx: Tx, courier: Courier) -> dict[Key, int]:
    there: defaultdict[Key, int] = defaultdict(int)
    for row in await shifts.backpack(tx, courier.base_id, courier.ref):
        there[row.product, row.characteristic] += milli(row.quantity)
    return dict(there)


async def _known(tx: Tx, found: Contradiction, courier: Courier, now: datetime) -> bool:
    """Whether a person has these very figures before him, or decided on them a short while ago."""
    last = await incidents.newest(tx, found.kind, "backpack", courier.ref)
    if last is None or (last.decided_at is not None and last.decided_at < now - DECIDED):
        return False
    told = last.news[-1].data if last.news else last.data
    return bool(told["disagree"] == found.data["disagree"])
