"""Which Python modules make the global context of a base."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

from tests.bsl.native import Native

if TYPE_CHECKING:
    from tests.bsl.platform.infobase import Infobase

BSP_MODULES: tuple[str, ...] = ()


def modules(*, bsp: bool) -> list[ModuleType]:
    from tests.bsl.platform import locks, metadata, query, registers, sources

    return [metadata, registers, sources, query, locks]


def new_jobs(base: Infobase) -> Any:
    return None


def stored_text(value: Any) -> str | None:
    return None


def stored_value(text: str) -> Native:
    raise NotImplementedError
