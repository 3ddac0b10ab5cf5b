"""One call of a REST method: what a handler gets and gives."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from posrednik_sandbox.portal.model import Principal
from posrednik_sandbox.portal.portal import Portal
from posrednik_sandbox.portal.values import Params, as_int

PAGE = 50


@dataclass
class Call:
    portal: Portal
    who: Principal
    method: str
    params: Params
    in_batch: bool = False

    @property
    def now(self) -> float:
        return self.portal.now()

    def any_case(self, name: str, default: Any = None) -> Any:
        """A parameter of an old method, which reads its names in any case."""
        for key, value in self.params.items():
            if key.lower() == name.lower():
                return value
        return default


@dataclass
class Listing:
    """A page of a list; `total` and `next` stand beside `result` in the answer."""

    result: Any
    total: int | None = None
    next: int | None = None


Handler = Callable[[Call], Any]


@dataclass(frozen=True)
class Method:
    """`scope` is what the caller must hold; None is open to everybody. application: not for a webhook."""

    run: Handler
    scope: str | None = None
    application: bool = False


def page(rows: list[Any], start: Any) -> tuple[list[Any], int | None, int | None]:
    """Fifty rows from the offset `start`, the total and the next offset; -1 switches counting off."""
    offset = as_int(start, 0) or 0
    if offset < 0:
        return rows[:PAGE], None, None
    following = offset + PAGE if offset + PAGE < len(rows) else None
    return rows[offset : offset + PAGE], len(rows), following
