"""All orders, deliveries and terms that one request touches: loaded in sets, changed in memory, saved once."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from posrednik.domain import ledger as accounts
from posrednik.domain.changes import Change
from posrednik.domain.deliveries import Delivery, OrderFacts, Preset
from posrednik.domain.delivery_office import CourierFacts
from posrednik.domain.events import Actor, Event, Names
from posrednik.domain.ownership import OF_DELIVERY, ONEC
from posrednik.store import deliveries, events, journal, ledger, mirror
from posrednik.store.commands import Stored
from posrednik.store.db import Tx
from posrednik.store.inbox import Base
from posrednik.store.journal import Entry
from posrednik.store.lanes import PERSON
from posrednik.store.mirror import Key, Rank
from posrednik.usecases import ownership
from posrednik.usecases.exchange_guard import system
from posrednik.usecases.incidents import Found, about_delivery, raise_many
from posrednik.usecases.order_facts import Rules, courier_facts, names_of, order_facts

Term = dict[str, Any]


class OrderDesk:
    """Runs under the base's lock. `load` first, `save` last."""

    def __init__(self, tx: Tx, base: Base, rules: Rules, now: datetime) -> None:
        self.tx, self.base, self.rules, self.now = tx, base, rules, now
        self.orders: dict[UUID, OrderFacts] = {}
        self.ranks: dict[UUID, Rank] = {}
        self.deliveries: dict[UUID, Delivery] = {}
        self.terms: dict[UUID, dict[str, Term]] = {}
        self.entries: list[Entry] = []
        self.finished: list[Stored] = []
        self._changed: dict[UUID, Delivery] = {}
        self._found: list[Found] = []
        self._refused: list[ownership.Refusal] = []
        self._changed_terms: set[UUID] = set()
        self._known: dict[Key, dict[str, Any]] = {}
        self._cash: dict[str, int] = {}

    async def load(self, order_refs: Iterable[UUID], courier_refs: Iterable[str] = ()) -> None:
        """Orders, their deliveries (locked) and terms, and everything they refer to."""
        refs = list(dict.fromkeys(order_refs))
        if not refs:
            return
        found = await mirror.get(self.tx, self.base.id, [("order", str(ref)) for ref in refs])
        # Of an order that was deleted before it was ever seen whole nothing can be said: it stays unknown.
        rows = {key: row for key, row in found.items() if row.data != "{}"}
        self.deliveries = await deliveries.lock_of_orders(self.tx, self.base.id, refs)
        self.terms = await deliveries.terms(self.tx, self.base.id, refs)
        datas = {UUID(ref): msgspec.json.decode(row.data) for (_, ref), row in rows.items()}
        await self._load_references(datas.values(), courier_refs)
        products = {ref: data for (kind, ref), data in self._known.items() if kind == "product"}
        for ref, data in datas.items():
            row = rows["order", str(ref)]
            self.ranks[ref] = (row.epoch_no, row.number, row.idx)
            self.orders[ref] = order_facts(
                self.base.id, str(ref), data, products, deleted=row.deleted, posted=row.posted
            )

    async def _load_references(self, datas: Iterable[dict[str, Any]], courier_refs: Iterable[str]) -> None:
        keys: set[Key] = {("courier", ref) for ref in courier_refs}
        keys |= {("courier", d.courier_ref) for d in self.deliveries.values() if d.courier_ref}
        keys |= {("courier", t["courier"]["ref"]) for t in self.terms.values() if "courier" in t}
        keys |= {("division", d.division_ref) for d in self.deliveries.values()}
        for data in datas:
            keys.add(("division", data["division"]))
            keys |= {("product", line["product"]) for line in data["lines"]}
        found = await mirror.get(self.tx, self.base.id, keys)
        self._known = {key: msgspec.json.decode(row.data) for key, row in found.items()}
        if self.rules.ceilings:
            refs = [ref for kind, ref in keys if kind == "courier"]
            held = await ledger.money(self.tx, [accounts.cash(ref) for ref in refs])
            self._cash = {ref: held[accounts.cash(ref)] for ref in refs}

    def courier(self, ref: str | None) -> CourierFacts | None:
        if ref is None:
            return None
        return courier_facts(ref, self._known.get(("courier", ref)), self.rules, self._cash.get(ref, 0))

    def names(self, courier_ref: str | None, division_ref: str) -> Names:
        """Names for a delivery whose courier will be `courier_ref` after the action."""
        return names_of(
            courier_ref, self._known.get(("courier", courier_ref or "")), self._known.get(("division", division_ref)),
            self.rules.of(division_ref), self.base.time_zone,
        )  # fmt: skip

    def preset(self, order_ref: UUID) -> Preset:
        """What commands set before «Готов»."""
        terms = self.terms.get(order_ref, {})
        return Preset(
            terms.get("delivery_price", {}).get("kop"), terms.get("amount_due", {}).get("kop"),
            terms.get("courier", {}).get("ref"),
        )  # fmt: skip

    def set_term(self, order_ref: UUID, name: str, term: Term) -> None:
        self.terms.setdefault(order_ref, {})[name] = term
        self._changed_terms.add(order_ref)

    def facts(self, order_ref: UUID) -> OrderFacts:
        """The order, its own price masked while a command of a later rank says otherwise (contract.md §2)."""
        terms = self.terms.get(order_ref, {})
        order, term = with_trial(self.orders[order_ref], terms), terms.get("delivery_price")
        if term is None or term["own"] == order.delivery_price_kop:
            return order
        if tuple(term["rank"]) > self.ranks[order_ref]:
            return replace(order, delivery_price_kop=term["own"])
        del self.terms[order_ref]["delivery_price"]
        self._changed_terms.add(order_ref)
        return order

    def foreign(self, fields: Iterable[str]) -> list[str]:
        """Those fields of a delivery that this base may not write."""
        return ownership.refused(self.rules.ownership, ONEC, self.base.name, fields)

    def keep(self) -> frozenset[str]:
        """The same of all fields, as attributes."""
        return ownership.attributes(self.foreign(OF_DELIVERY))

    def refuse(self, order_ref: UUID, fields: Iterable[str], door: str) -> list[ownership.Refusal]:
        """They stay as they are, and that is told."""
        of = self.deliveries.get(order_ref) or self.orders[order_ref]
        refused = ownership.of_delivery(
            self.rules.ownership, fields, of, str(order_ref), system=ONEC, by=ownership.by_base(self.base),
            where=system(self.base.id), door=door,
        )  # fmt: skip
        self._refused += refused
        return refused

    def apply(self, order_ref: UUID, change: Change, *, priority: int = PERSON) -> None:
        """Take a change over: the delivery, its events, what contradicts the office, what is not 1C's to write."""
        self.refuse(order_ref, ownership.fields_of(change.kept), "object")
        if not change.already:
            self.deliveries[order_ref] = self._changed[order_ref] = change.delivery
            for event in change.events:
                self.emit(event, order_ref, priority=priority)
        self._found += [(one, about_delivery(change.delivery)) for one in change.contradictions]

    def emit(self, event: Event, order_ref: UUID, *, priority: int = PERSON) -> None:
        events.emit(self.tx, event, self.base.id, order_ref, priority=priority)

    async def save(self) -> None:
        await deliveries.save(self.tx, self._changed.values())
        await deliveries.save_terms(self.tx, self.base.id, {ref: self.terms[ref] for ref in self._changed_terms})
        await raise_many(self.tx, self._found, self.now)
        await ownership.tell(self.tx, self._refused, self.now)
        await journal.add(self.tx, self.entries)


def with_trial(order: OrderFacts, terms: dict[str, Term]) -> OrderFacts:
    """A mark that a person set or took away wins over that of 1C (usecases/mark_trial.py)."""
    mark = terms.get("trial")
    return order if mark is None else replace(order, trial=bool(mark["on"]))


def actor_of(base: Base, issued_by: str) -> Actor:
    return Actor("onec", str(base.id), issued_by or base.name)


def orders_of(states: Sequence[mirror.State]) -> list[UUID]:
    return list(dict.fromkeys(UUID(state.ref) for state in states))
