"""Which Python modules make the global context of a base."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from tests.bsl.native import Native
from tests.bsl.platform.crypto import ValueStorage

BSP_MODULES = ("ОбщегоНазначения", "Пользователи", "ПолучениеФайловИзИнтернета")


def modules(*, bsp: bool) -> list[ModuleType]:
    from tests.bsl.platform import (
        crypto,
        files,
        functions,
        http,
        http_service,
        jobs,
        json_native,
        libraries,
        locks,
        managers,
        metadata,
        objects,
        query,
        registers,
        sources,
        xml_native,
    )

    return [
        metadata, registers, sources, query, locks, functions, crypto, json_native, http, http_service, jobs, files,
        managers, objects, xml_native, *([libraries] if bsp else []),
    ]  # fmt: skip


def stored_text(value: Any) -> str | None:
    return value.bsl_xml() if isinstance(value, ValueStorage) else None


def stored_value(text: str) -> Native:
    return ValueStorage.of(text)
