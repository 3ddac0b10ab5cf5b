"""Deliveries become settled when their cash is covered, whatever moved the courier's money: domain.md §4.

`settle_moved` is run once before each commit (bootstrap.py), so that no use case can forget it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from posrednik.domain import delivery_after as after
from posrednik.domain import ledger as accounts
from posrednik.domain.deliveries import Delivery, Stage
from posrednik.domain.events import Actor, Names
from posrednik.domain.ledger import MoneyPosting, postings_of
from posrednik.domain.settled import settled_by, signed_kop
from posrednik.store import deliveries, events, inbox, ledger, mirror
from posrednik.store.db import Tx
from posrednik.store.ledger import Subject
from posrednik.usecases.order_facts import Rules, names_of


async def settle_moved(tx: Tx, rules: Rules, now: datetime) -> None:
    """Of every courier whose cash the events of this transaction move."""
    prefix = accounts.cash("")
    moved = {
        account.removeprefix(prefix)
        for one in _posted(tx) for account in (one.source, one.target) if account.startswith(prefix)
    }  # fmt: skip
    for courier_ref in sorted(moved):
        await settle_covered(tx, courier_ref, rules, now)


async def settle_covered(tx: Tx, courier_ref: str, rules: Rules, now: datetime) -> list[str]:
    """Settle what is covered, the events of this transaction included. Returns the numbers of the orders.

    Locks the courier's cash until the commit: of two that move it, the second sees what the first did.
    """
    await ledger.lock_cash(tx, courier_ref)
    waiting = await deliveries.to_settle(tx, courier_ref)
    covered = await _covered(tx, courier_ref, waiting) if waiting else []
    done: list[str] = []
    for delivery_id in covered:
        delivery = await deliveries.lock(tx, delivery_id)
        if delivery is not None and delivery.stage is Stage.HANDED_OVER:
            done.append(await _settle(tx, delivery, rules, now))
    return done


def _posted(tx: Tx) -> list[MoneyPosting]:
    """What the events of this transaction will post with its commit."""
    return [posting for one in tx.outbox for posting in postings_of(one.event).money]


async def _covered(tx: Tx, courier_ref: str, waiting: Sequence[UUID]) -> list[UUID]:
    """Those of `waiting` whose cash is covered. Nothing is read that is older than the oldest of them."""
    account = accounts.cash(courier_ref)
    mine = [one for one in _posted(tx) if account in (one.source, one.target)]
    subjects = {*(("delivery", str(one)) for one in waiting), *(_subject(one) for one in mine)}
    began = await ledger.cash_began(tx, courier_ref, subjects)
    for one in mine:
        began[_subject(one)] = min(began.get(_subject(one), one.at), one.at)
    since = min((began[key] for one in waiting if (key := ("delivery", str(one))) in began), default=None)
    if since is None:
        return []
    entries = await ledger.cash_from(tx, courier_ref, since)
    entries += [one for one in mine if _began(one, began) >= since]
    cash_kop = (await ledger.money(tx, [account]))[account] + sum(signed_kop(one, account) for one in mine)
    return sorted(settled_by(entries, courier_ref, cash_kop) & set(waiting))


def _subject(posting: MoneyPosting) -> Subject:
    return posting.subject_kind, posting.subject_id


def _began(posting: MoneyPosting, began: Mapping[Subject, datetime]) -> datetime:
    """Entries of the cash desk are debts of their own, not of the book that they are all in."""
    return posting.at if posting.subject_kind == "cash" else began[_subject(posting)]


async def _settle(tx: Tx, delivery: Delivery, rules: Rules, now: datetime) -> str:
    names = await _names(tx, delivery, rules)
    change = after.settle(delivery=delivery, actor=Actor("system"), now=now, names=names)
    for event in change.events:
        events.emit(tx, event, delivery.base_id, UUID(delivery.order_ref))
    await deliveries.save(tx, [change.delivery])
    return delivery.order_number


async def _names(tx: Tx, delivery: Delivery, rules: Rules) -> Names:
    ref, division = delivery.courier_ref or "", delivery.division_ref
    rows = await mirror.get(tx, delivery.base_id, [("courier", ref), ("division", division)])
    base = await inbox.get_base(tx, delivery.base_id)
    known = {kind: msgspec.json.decode(row.data) for (kind, _), row in rows.items()}
    zone = base.time_zone if base else "Europe/Moscow"
    return names_of(delivery.courier_ref, known.get("courier"), known.get("division"), rules.of(division), zone)
