"""Which proofs a step must carry, by division: domain.md §2. Levels: required, warn, optional, off."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from posrednik.domain.errors import ProofMissing

Levels = Mapping[str, Mapping[str, str]]

STEPS = ("pick_up", "depart", "hand_over", "not_deliver", "give_back", "customer_return")
PROOFS = ("photo", "position", "amount", "items", "code")
LEVELS = ("required", "warn", "optional", "off")

# What a rule does not name: an additional photo or position never hurts, the rest is not asked.
_UNNAMED: Mapping[str, str] = MappingProxyType(
    {"photo": "optional", "position": "optional", "amount": "off", "items": "off", "code": "off"}
)


def _whole(named: Levels) -> Levels:
    return MappingProxyType({step: MappingProxyType({**_UNNAMED, **named.get(step, {})}) for step in STEPS})


# Step -> proof -> level, complete. That «Не вручил» has a reason is no proof: the action itself refuses it without.
DEFAULTS: Levels = _whole(
    {
        "pick_up": {"items": "required", "photo": "warn", "position": "warn"},
        "depart": dict.fromkeys(PROOFS, "optional"),
        "hand_over": {"photo": "required", "position": "warn", "amount": "required"},
        "not_deliver": {"photo": "warn", "position": "warn"},
    }
)


@dataclass(frozen=True, slots=True)
class ProofRules:
    """levels: step -> proof -> level, every step and proof of `STEPS` and `PROOFS`; made by `rules_with`."""

    levels: Levels = field(default_factory=lambda: DEFAULTS)

    def level(self, step: str, proof: str) -> str:
        """A step without rules (`retry`) is as one that names none: nothing is required of it."""
        return self.levels.get(step, _UNNAMED)[proof]

    def asked(self, step: str) -> tuple[str, ...]:
        """The proofs that a step is to have: required, or at least warned of."""
        return tuple(proof for proof in PROOFS if self.level(step, proof) in ("required", "warn"))

    def plain(self) -> dict[str, dict[str, str]]:
        """The levels as JSON-able data; `rules_with` reads them back."""
        return {step: dict(proofs) for step, proofs in self.levels.items()}


DEFAULT_RULES = ProofRules()


@dataclass(frozen=True, slots=True)
class Given:
    """What a step carries. items, code: the goods were counted, the buyer's code was entered."""

    photos: int = 0
    position: bool = False
    amount: bool = False
    items: bool = False
    code: bool = False

    def has(self, proof: str) -> bool:
        return self.photos > 0 if proof == "photo" else bool(getattr(self, proof))


def rules_with(overrides: Levels, base: ProofRules = DEFAULT_RULES) -> ProofRules:
    """`base` with the levels that `overrides` names. ValueError for a step, proof or level that there is not."""
    for step, proofs in overrides.items():
        _check("step", step, STEPS)
        for proof, level in proofs.items():
            _check(f"proof of {step}", proof, PROOFS)
            _check(f"level of {step}.{proof}", level, LEVELS)
    return ProofRules(_whole({step: {**base.levels[step], **overrides.get(step, {})} for step in STEPS}))


def _check(what: str, name: str, known: tuple[str, ...]) -> None:
    if name not in known:
        raise ValueError(f'{what}: "{name}" is none of {", ".join(known)}')


def check(rules: ProofRules, step: str, given: Given) -> tuple[str, ...]:
    """The missing proofs at level warn, as in `PROOFS`. Raises ProofMissing, which names all required ones missing."""
    missing = [proof for proof in PROOFS if not given.has(proof)]
    required = [proof for proof in missing if rules.level(step, proof) == "required"]
    if required:
        raise ProofMissing(action=step, proofs=required)
    return tuple(proof for proof in missing if rules.level(step, proof) == "warn")


def version_of(rules: Mapping[str, Any]) -> str:
    """16 hex characters of a JSON-able rules document; the order of its keys does not count."""
    text = json.dumps(rules, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()[:16]
