"""POST /exchange/commands: one command by itself, so that a button shows its result at once (contract.md §2)."""

from dataclasses import replace
from datetime import datetime

from posrednik.store import inbox, journal
from posrednik.store.commands import Stored
from posrednik.store.db import Tx
from posrednik.usecases.exchange_guard import Conflict, Sender, admit, system
from posrednik.usecases.order_desk import OrderDesk
from posrednik.usecases.order_facts import Rules
from posrednik.usecases.take_message import SINGLE_INDEX, Answer, refused_entry, run_new


async def take_command(tx: Tx, sender: Sender, command: Stored, rules: Rules, now: datetime) -> Answer | Conflict:
    """Run it, or say what became of it if its id was here before."""
    base = await admit(tx, sender, bind=False)
    if isinstance(base, Conflict):
        return base
    arrival = await inbox.next_arrival(tx, base.id)
    ranked = replace(command, rank=(base.epoch_no, base.last_accepted, SINGLE_INDEX + arrival))
    desk = OrderDesk(tx, base, rules, now)
    orders = [command.order_ref] if command.order_ref else []
    await desk.load(orders, [command.data["courier"]] if "courier" in command.data else [])
    answers = await run_new(desk, [ranked])
    await desk.save()
    return answers[0]


async def refuse_command(tx: Tx, sender: Sender, refused: Answer) -> Answer | Conflict:
    """One that could not be read: journalled and told, if the sender fits at all."""
    base = await admit(tx, sender, bind=False)
    if isinstance(base, Conflict):
        return base
    await journal.add(tx, [refused_entry(system(base.id), refused)])
    return refused
