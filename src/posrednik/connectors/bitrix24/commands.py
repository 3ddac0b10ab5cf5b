"""One call of a method, alone or as a line of a classic batch. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import quote


class Step(Enum):
    """What a command of a task's work does; each but FIND and READ writes. CALL: of something else, by itself."""

    FIND = "find"
    READ = "read"
    ADD = "add"
    UPDATE = "update"
    MOVE = "move"
    COMPLETE = "complete"
    RENEW = "renew"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Command:
    """One call of a method, alone or inside a batch."""

    step: Step
    method: str
    params: Mapping[str, Any]

    @property
    def writes(self) -> bool:
        return self.step not in (Step.FIND, Step.READ)

    def line(self) -> str:
        """The command as a batch wants it: the method and PHP-bracketed, percent-encoded parameters."""
        return f"{self.method}?{query(self.params)}"


def query(params: Mapping[str, Any]) -> str:
    """PHP-bracketed parameters, names and values percent-encoded; yes and no as Y and N, None as empty."""
    return "&".join(f"{quote(name, safe='[]')}={quote(value, safe='')}" for name, value in _flat("", params))


def _flat(prefix: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, Mapping):
        pairs = [(f"{prefix}[{key}]" if prefix else str(key), item) for key, item in value.items()]
        return [flat for name, item in pairs for flat in _flat(name, item)]
    if isinstance(value, list):
        return [flat for index, item in enumerate(value) for flat in _flat(f"{prefix}[{index}]", item)]
    if isinstance(value, bool):
        return [(prefix, "Y" if value else "N")]
    return [(prefix, "" if value is None else str(value))]
