"""What the file says of divisions, and how changed values become rules by the very code that reads the file."""

from collections.abc import Mapping
from typing import Any

import msgspec

from posrednik.config import ConfigError, Division, Settings, check_zone, policy_of
from posrednik.usecases.division_settings import KEYS
from posrednik.usecases.order_facts import DivisionRules, Rules


class DivisionFile:
    """The divisions of one file of settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.default_group = bool(settings.bitrix24.default_group)
        self._divisions = {one.ref.lower(): one for one in settings.divisions}

    def refs(self) -> tuple[str, ...]:
        return tuple(self._divisions)

    def mode(self, ref: str) -> str:
        return self._of(ref).mode

    def values(self, ref: str) -> dict[str, Any]:
        known: dict[str, Any] = msgspec.to_builtins(self._of(ref))
        return {key: known[key] for key in ("mode", *KEYS)}

    def rules(self, ref: str, changed: Mapping[str, Any]) -> DivisionRules:
        try:
            division = msgspec.convert({**msgspec.to_builtins(self._of(ref)), **changed}, Division)
            if division.time_zone:
                check_zone(division.time_zone)
            return self._rules(division)
        except (msgspec.ValidationError, ConfigError) as error:
            raise ValueError(str(error)) from error

    def all(self) -> Rules:
        """The rules with which a process starts."""
        rules = {ref: self._rules(one) for ref, one in self._divisions.items()}
        return Rules(rules, DivisionRules(policy=policy_of(self._settings)), self._settings.ownership)

    def _of(self, ref: str) -> Division:
        return self._divisions.get(ref) or Division(ref=ref)

    def _rules(self, division: Division) -> DivisionRules:
        group = None if division.bitrix24_group is None else str(division.bitrix24_group)
        return DivisionRules(division.mode, group, division.time_zone, policy_of(self._settings, division))
