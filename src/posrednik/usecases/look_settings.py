"""Changed settings of a division before they are saved: what cannot be used, what phones would be told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from posrednik.domain.policy import KNOWN_REASONS
from posrednik.store import views
from posrednik.store.db import Database
from posrednik.usecases import courier_rules
from posrednik.usecases.division_settings import KEYS, Divisions, LiveRules
from posrednik.usecases.order_facts import DivisionRules, Rules

DEFAULT_ZONE = "Europe/Moscow"
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Look:
    """wrong: key → what is expected. now, then: a phone's rules of the division (courier_rules.document); then is None
    while something is wrong. proofs: those of the company, which hold where the division names none."""

    wrong: Mapping[str, str]
    now: Document
    then: Document | None
    proofs: Document


async def look(db: Database, live: LiveRules, known: Divisions, ref: str, changes: Mapping[str, Any]) -> Look:
    """changes: key → value, None = the file's. Nothing is changed."""
    kept = known.own(ref).values
    changed = {key: value for key, value in {**kept, **changes}.items() if value is not None}
    zone = await _zone(db, ref)

    def told(rules: DivisionRules) -> Document:
        name = known.names.get(ref, ref)
        return dict(courier_rules.document(Rules({ref: rules}), [ref], {ref: name}, zone)[ref])

    wrong = _wrong(live, ref, changes)
    return Look(
        wrong, told(live.file.rules(ref, kept)), None if wrong else told(live.file.rules(ref, changed)),
        live.file.rules(ref, {"proofs": {}}).policy.proofs.plain(),
    )  # fmt: skip


def _wrong(live: LiveRules, ref: str, changes: Mapping[str, Any]) -> dict[str, str]:
    """Each key by itself, so that all that is wrong is told at once."""
    found = {}
    for key, value in changes.items():
        try:
            if key not in KEYS:
                raise ValueError("unknown")
            live.file.rules(ref, {} if value is None else {key: value})
        except ValueError as error:
            found[key] = str(error)
    return found


async def _zone(db: Database, ref: str) -> str:
    """Of the base that told of the division: for one without a zone of its own."""
    base = next((row.base_id for row in await views.names(db) if row.ref == ref and row.kind == "division"), None)
    zones = {row.id: str(row.time_zone) for row in await views.base_settings(db)}
    return zones.get(base) or next(iter(zones.values()), DEFAULT_ZONE)


def reasons() -> list[dict[str, str]]:
    """Those that every division may take by their code."""
    return [{"code": one.code, "ru": one.ru, "en": one.en} for one in KNOWN_REASONS]
