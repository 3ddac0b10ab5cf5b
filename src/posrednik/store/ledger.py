"""The ledgers in the database: appended with the events they come of, never changed. See docs/subsystems/ledgers.md.

What is posted is decided by domain/ledger.py alone; `events.flush` calls `append` for all events of a transaction.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID

import msgspec

from posrednik.domain import ledger as rules
from posrednik.domain.events import Actor, Event
from posrednik.domain.ledger import GoodsPosting, MoneyPosting, Product, postings_of
from posrednik.store.db import Database, Row, Tx

CHUNK = 500
Subject = tuple[str, str]  # kind, id
Numbered = tuple[UUID, int, Any]  # event, number of the posting in it, the posting


async def append(tx: Tx, happened: Iterable[tuple[UUID, Event]]) -> None:
    """Post these events, by their ids, and bring the balances along; an event that is posted already stays as it is.

    Nothing is asked of the database when nothing moves.
    """
    posted = [(event_id, postings_of(event)) for event_id, event in happened]
    goods = list(chain.from_iterable(_numbered(event_id, postings.goods) for event_id, postings in posted))
    money = list(chain.from_iterable(_numbered(event_id, postings.money) for event_id, postings in posted))
    if goods:
        await tx.run("ledger_goods_add", {
            **_columns(goods), "products": [p.product for _, _, p in goods],
            "characteristics": [p.characteristic for _, _, p in goods],
            "quantities": [p.quantity_milli for _, _, p in goods],
        })  # fmt: skip
    if money:
        await tx.run("ledger_money_add", {**_columns(money), "sums": [p.sum_kop for _, _, p in money]})


def _numbered(event_id: UUID, postings: Sequence[GoodsPosting] | Sequence[MoneyPosting]) -> list[Numbered]:
    return [(event_id, n, posting) for n, posting in enumerate(postings, 1)]


def _columns(rows: Sequence[Numbered]) -> dict[str, list[Any]]:
    return {
        "event_ids": [event_id for event_id, _, _ in rows], "ns": [n for _, n, _ in rows],
        "sources": [p.source for _, _, p in rows], "targets": [p.target for _, _, p in rows],
        "whys": [p.why for _, _, p in rows], "subject_kinds": [p.subject_kind for _, _, p in rows],
        "subject_ids": [p.subject_id for _, _, p in rows], "couriers": [p.courier_ref for _, _, p in rows],
        "ats": [p.at for _, _, p in rows],
    }  # fmt: skip


async def goods(source: Tx | Database, accounts: Sequence[str]) -> dict[str, dict[Product, int]]:
    """Thousandths by product and characteristic of each account (`rules.backpack(ref)`, …); no zeros, below zero if so.

    Events of this very transaction are posted by its end and not seen here yet.
    """
    found: dict[str, dict[Product, int]] = {account: {} for account in accounts}
    for row in await _read(source, "ledger_goods", {"accounts": list(accounts)}):
        found[row.account][row.product, row.characteristic] = row.quantity_milli
    return found


async def money(source: Tx | Database, accounts: Sequence[str]) -> dict[str, int]:
    """Kopecks of each account (`rules.cash(ref)` is «к сдаче»), as `goods` does."""
    rows = await _read(source, "ledger_money", {"accounts": list(accounts)})
    return dict.fromkeys(accounts, 0) | {row.account: row.sum_kop for row in rows}


async def lock_cash(tx: Tx, courier_ref: str) -> None:
    """The courier's cash until the commit, also one that has no balance yet."""
    await tx.one("ledger_cash_lock", {"account": rules.cash(courier_ref)})


async def cash_began(tx: Tx, courier_ref: str, subjects: Iterable[Subject]) -> dict[Subject, datetime]:
    """When cash first came in or went out for each of these subjects; one without any is absent."""
    wanted = list(subjects)
    rows = await tx.fetch("ledger_cash_began", {
        **_cash_of(courier_ref), "kinds": [kind for kind, _ in wanted], "ids": [ref for _, ref in wanted],
    })  # fmt: skip
    return {(row.subject_kind, row.subject_id): row.began_at for row in rows}


async def cash_from(source: Tx | Database, courier_ref: str, since: datetime) -> list[MoneyPosting]:
    """The courier's cash since a moment, of subjects that began then or later, oldest first: for `settled_by`."""
    rows = await _read(source, "ledger_cash", {**_cash_of(courier_ref), "since": since})
    return [MoneyPosting(**row._asdict()) for row in rows]


def _cash_of(courier_ref: str) -> dict[str, str]:
    return {"courier_ref": courier_ref, "account": rules.cash(courier_ref)}


async def _read(source: Tx | Database, query: str, params: dict[str, Any]) -> Sequence[Row]:
    return await (source.fetch if isinstance(source, Tx) else source.read)(query, params)


async def rebuild(db: Database, *, chunk: int = CHUNK) -> int:
    """Post every event that is not posted yet, from the first one: for data older than the ledgers.

    Returns how many events that move something were looked at. May run beside live traffic and be repeated or cut off
    at any moment: what is posted is skipped, and each chunk is a transaction of its own.
    """
    looked_at, after = 0, 0
    while rows := await db.read("ledger_events", {"after": after, "types": sorted(rules.MOVING), "limit": chunk}):
        happened = [(row.id, event_of(row)) for row in rows]
        await db.transact(lambda tx, happened=happened: append(tx, happened))  # type: ignore[misc]
        looked_at, after = looked_at + len(rows), rows[-1].pos
    return looked_at


async def posted_events(db: Database) -> int:
    """How many events have posted anything."""
    (row,) = await db.read("ledger_posted")
    return int(row.events)


async def renew_balances(tx: Tx) -> int:
    """Every balance as the sum of its postings; how many were not. Nobody else posts until the commit."""
    await tx.run("ledger_balances_lock")
    return await tx.run("ledger_goods_renew") + await tx.run("ledger_money_renew")


def event_of(row: Row) -> Event:
    """An event as `ledger_events` and `figures_events` tell it, with what old ones did not say."""
    data = msgspec.json.decode(row.data)
    _complete(row.type, data, row.held_by)
    actor = msgspec.convert(msgspec.json.decode(row.actor), Actor)
    return Event(
        row.type, row.subject_kind, UUID(row.subject_id), row.version, row.occurred_at, actor, row.division_ref,
        row.trial, data,
    )  # fmt: skip


def _complete(event_type: str, data: dict[str, Any], held_by: str | None) -> None:
    """What events did not say before there were ledgers, from what they said beside it."""
    if event_type == "delivery.handed_over":
        data.setdefault("taken_over_from_ref", held_by if held_by != data["courier_ref"] else None)
    if event_type == "delivery.customer_returned":
        paid_cash = data["delivery"]["payment_method"] == "cash"
        data.setdefault("refund_cash_kop", data["refund_kop"] if paid_cash else 0)


async def fell_since(tx: Tx, courier_ref: str, since: datetime) -> bool:
    """Whether goods left the courier's backpack after that moment, as the books learnt of it."""
    params = {"courier_ref": courier_ref, "account": rules.backpack(courier_ref), "since": since}
    row = await tx.one("ledger_fell_since", params)
    return bool(row and row.fell)


async def cash_since(source: Tx | Database, courier_ref: str, since: datetime) -> Sequence[Row]:
    """The courier's cash since that moment, newest first; the columns are in the query's header."""
    return await _read(source, "ledger_cash_since", {**_cash_of(courier_ref), "since": since})


async def cash_moved_since(tx: Tx, courier_ref: str, since: datetime) -> bool:
    """Whether anything was posted to the courier's cash after that moment, whenever it happened."""
    row = await tx.one("ledger_cash_moved", {**_cash_of(courier_ref), "since": since})
    return bool(row and row.moved)


async def backpack_unheard(tx: Tx, courier_ref: str) -> dict[Product, int]:
    """By how many thousandths the backpack changed by what 1C has not been told yet."""
    params = {"courier_ref": courier_ref, "account": rules.backpack(courier_ref)}
    rows = await tx.fetch("backpack_unheard", params)
    return {(row.product, row.characteristic): row.quantity_milli for row in rows}


async def disputed(tx: Tx, courier_ref: str, since: datetime) -> dict[Product, int]:
    """What counts of his loads found too little (above zero) or too much since then, thousandths."""
    rows = await tx.fetch("ledger_disputed", {"courier_ref": courier_ref, "since": since})
    return {(row.product, row.characteristic): row.quantity_milli for row in rows}
