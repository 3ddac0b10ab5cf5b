"""Where the modules of a dump lie and how 1C calls them."""

from __future__ import annotations

from pathlib import Path

_FOLDERS = {
    "CommonForms": "ОбщаяФорма", "HTTPServices": "HTTPСервис", "DataProcessors": "Обработка", "Reports": "Отчет",
    "ExternalDataProcessors": "ВнешняяОбработка", "Catalogs": "Справочник", "Documents": "Документ",
    "CommonCommands": "ОбщаяКоманда", "InformationRegisters": "РегистрСведений",
}  # fmt: skip
_FILES = {
    "ObjectModule": "МодульОбъекта", "ManagerModule": "МодульМенеджера", "RecordSetModule": "МодульНабораЗаписей",
    "CommandModule": "МодульКоманды", "ManagedApplicationModule": "МодульУправляемогоПриложения",
}  # fmt: skip


def name_of(path: Path) -> str:
    """The name of a module by its file: a common module's own name, else a full name with dots.

    `…/CommonModules/X/Ext/Module.bsl` → `X`, `…/DataProcessors/X/Ext/ObjectModule.bsl` → `Обработка.X.МодульОбъекта`.
    """
    parts = path.parts
    if "CommonModules" in parts:
        return parts[parts.index("CommonModules") + 1]
    for folder, word in _FOLDERS.items():
        if folder in parts:
            return _full(word, parts[parts.index(folder) + 1 :], path.stem)
    return _full("ВнешняяОбработка", parts[-3:], path.stem)


def _full(word: str, parts: tuple[str, ...], stem: str) -> str:
    name = f"{word}.{parts[0]}"
    if "Forms" in parts:
        return f"{name}.Форма.{parts[parts.index('Forms') + 1]}.Форма"
    return f"{name}.{'Форма' if word == 'ОбщаяФорма' else _FILES.get(stem, 'Модуль')}"


def modules_under(folder: Path) -> dict[str, Path]:
    """All modules of a dump: name → path."""
    return {name_of(path): path for path in sorted(folder.rglob("*.bsl"))}
