"""How the shop misbehaves on purpose."""

import random
from dataclasses import asdict, dataclass, fields
from typing import Any

MODES = ("none", "500", "503", "slow", "410", "drop")


@dataclass(slots=True)
class Faults:
    mode: str = "none"  # drop: the webhook is stored, then the connection is cut
    share: float = 1.0  # of the calls, 0 to 1
    left: int | None = None  # so many calls more; None = until switched off
    retry_after_s: int = 5  # for 503
    delay_s: float = 3.0  # for slow

    def next(self) -> str:
        """What happens to this call; uses one up if they are counted."""
        if self.mode == "none" or random.random() >= self.share:
            return "none"
        if self.left is not None:
            if self.left <= 0:
                return "none"
            self.left -= 1
        return self.mode

    def change(self, wanted: dict[str, Any]) -> None:
        """Set some of the faults. Raises ValueError for what is unknown or out of range."""
        unknown = set(wanted) - {item.name for item in fields(self)}
        if unknown:
            raise ValueError(f"нет таких настроек: {', '.join(sorted(unknown))}")
        changed = Faults(**{**asdict(self), **wanted})
        if changed.mode not in MODES:
            raise ValueError(f"режим: {', '.join(MODES)}")
        if not 0 <= float(changed.share) <= 1:
            raise ValueError("доля от 0 до 1")
        for item in fields(self):
            setattr(self, item.name, getattr(changed, item.name))

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
