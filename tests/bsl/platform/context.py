"""Which Python modules make the global context of a base."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

from tests.bsl.native import Native
from tests.bsl.platform.crypto import ValueStorage

if TYPE_CHECKING:
    from tests.bsl.platform.infobase import Infobase

BSP_MODULES: tuple[str, ...] = ()


def modules(*, bsp: bool) -> list[ModuleType]:
    from tests.bsl.platform import crypto, functions, json_native, locks, metadata, query, registers, sources

    return [metadata, registers, sources, query, locks, functions, crypto, json_native]


def new_jobs(base: Infobase) -> Any:
    return None


def stored_text(value: Any) -> str | None:
    return value.bsl_xml() if isinstance(value, ValueStorage) else None


def stored_value(text: str) -> Native:
    return ValueStorage.of(text)
