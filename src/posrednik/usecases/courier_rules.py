"""The proof rules as a phone is given them, and back: a step is judged by the rules that its courier saw."""

from collections.abc import Iterable, Mapping
from typing import Any

from posrednik.domain.policy import DivisionPolicy, Reason
from posrednik.domain.proofs import rules_with, version_of
from posrednik.domain.publication import rubles, units
from posrednik.kit.values import kopecks, milli, money, quantity
from posrednik.store import phones
from posrednik.store.db import Database, Tx
from posrednik.usecases.order_facts import Rules

Document = dict[str, Any]


def document(rules: Rules, divisions: Iterable[str], names: Mapping[str, str], zone: str) -> Document:
    """Division's ref → all that its couriers act by. zone: of the base, for divisions without one of their own."""
    return {ref: _told(rules.of(ref).policy, names.get(ref, ""), rules.of(ref).time_zone or zone) for ref in divisions}


def _told(policy: DivisionPolicy, name: str, zone: str) -> Document:
    ceiling = policy.cash_ceiling_kop
    return {
        "name": name, "phone": policy.phone, "time_zone": zone, "radius_m": policy.radius_m,
        "cash_ceiling": None if ceiling is None else rubles(ceiling), "oversale": units(policy.oversale_milli),
        "sale_receipt": policy.sale_receipt, "proofs": policy.proofs.plain(),
        "reasons": [{"code": r.code, "title": {"ru": r.ru, "en": r.en}} for r in policy.reasons],
    }  # fmt: skip


def policy_from(told: Document) -> DivisionPolicy:
    """What `_told` said."""
    ceiling = told["cash_ceiling"]
    return DivisionPolicy(
        radius_m=told["radius_m"], cash_ceiling_kop=None if ceiling is None else kopecks(money(ceiling)),
        proofs=rules_with(told["proofs"]), phone=told["phone"], oversale_milli=milli(quantity(told.get("oversale", 0))),
        sale_receipt=bool(told.get("sale_receipt")),
        reasons=tuple(Reason(r["code"], r["title"]["ru"], r["title"]["en"]) for r in told["reasons"]),
    )  # fmt: skip


async def keep(db: Database, told: Document) -> str:
    """The version of these rules; they are remembered, because steps made by them come later."""
    version = version_of(told)
    await db.transact(lambda tx: phones.keep_rules(tx, version, told))
    return version


async def seen(tx: Tx, version: str, division_ref: str, rules: Rules) -> DivisionPolicy:
    """The division's rules of that version; those of now when a phone cannot have it any more."""
    told = await phones.rules_seen(tx, version) if version else None
    if told is None or division_ref not in told:
        return rules.of(division_ref).policy
    return policy_from(told[division_ref])
