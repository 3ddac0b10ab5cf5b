"""What all switches of the base have in common: set by name, counted down when used."""

from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar


@dataclass(slots=True)
class Changeable:
    """A dataclass of switches builds on it. of: whose they are, as a refusal says."""

    of: ClassVar[str] = ""

    def take(self, name: str) -> bool:
        """Use one of a counted fault; tells whether it was on."""
        left = int(getattr(self, name))
        if left > 0:
            setattr(self, name, left - 1)
        return left > 0

    def change(self, wanted: dict[str, Any]) -> None:
        """Set some of the switches. Raises ValueError for an unknown name or a value of another kind."""
        kinds = {item.name: type(getattr(self, item.name)) for item in fields(self)}
        for name, value in wanted.items():
            if name not in kinds:
                raise ValueError(f"нет такого переключателя{self.of}: {name}")
            if not isinstance(value, kinds[name]) and not (kinds[name] is float and isinstance(value, int)):
                raise ValueError(f"переключатель{self.of} {name}: не то значение")
        for name, value in wanted.items():
            setattr(self, name, kinds[name](value))

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
