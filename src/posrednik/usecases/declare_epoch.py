"""POST /exchange/epochs and GET /exchange/state: a series of numbers begins, and how far it has come."""

from typing import Any

from posrednik.kit.quoting import quotable
from posrednik.store import inbox, journal
from posrednik.store.db import Tx
from posrednik.store.journal import Entry
from posrednik.usecases.exchange_guard import Conflict, Sender, misfit, refuse, system


async def declare_epoch(tx: Tx, sender: Sender, reason: str) -> dict[str, Any] | Conflict:
    """A new series on purpose. A repeat changes nothing; an epoch that was left before is refused."""
    base = await inbox.lock_base(tx, sender.base_id)
    if base is None:
        return Conflict("unknown_base")
    if base.epoch == sender.epoch:
        if base.instance != sender.instance:
            return await refuse(tx, base, "other_instance", sender)
        return {"epoch": str(base.epoch), "last_accepted": base.last_accepted}
    if await inbox.epoch_number(tx, base.id, sender.epoch) is not None:
        return await refuse(tx, base, "old_epoch", sender)
    if base.epoch is not None:
        base = await inbox.doubt(tx, base)
    begun = await inbox.begin_epoch(tx, base, sender.epoch, sender.instance, reason)
    summary = f"начата новая эпоха обмена: {quotable(reason) or 'причина не указана'}"
    await journal.add(tx, [Entry("message", system(base.id), "epoch", summary, detail={"epoch": str(begun.epoch)})])
    return {"epoch": str(begun.epoch), "last_accepted": 0}


async def exchange_state(tx: Tx, sender: Sender) -> dict[str, Any] | Conflict:
    """Where the exchange stands. A base never seen gets `epoch: null`."""
    base = await inbox.get_base(tx, sender.base_id)
    if base is None:
        return Conflict("unknown_base")
    wrong = misfit(base, sender) if base.epoch is not None else None
    if wrong:
        return await refuse(tx, base, wrong, sender)
    counts = await inbox.counts(tx, base.id)
    return {
        "epoch": str(base.epoch) if base.epoch else None,
        "last_accepted": base.last_accepted,
        "gaps": await inbox.gaps(tx, base),
        "waiting": counts.waiting,
        "quarantined": counts.quarantined,
        "outgoing": counts.outgoing,
    }
