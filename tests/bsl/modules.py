"""Where the modules of a dump lie and how 1C calls them."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

_FOLDERS = {
    "CommonForms": "ОбщаяФорма", "HTTPServices": "HTTPСервис", "DataProcessors": "Обработка", "Reports": "Отчет",
    "ExternalDataProcessors": "ВнешняяОбработка", "Catalogs": "Справочник", "Documents": "Документ",
    "CommonCommands": "ОбщаяКоманда", "InformationRegisters": "РегистрСведений",
}  # fmt: skip
_FILES = {
    "ObjectModule": "МодульОбъекта", "ManagerModule": "МодульМенеджера", "RecordSetModule": "МодульНабораЗаписей",
    "CommandModule": "МодульКоманды", "ManagedApplicationModule": "МодульУправляемогоПриложения",
}  # fmt: skip
_FORM = "{http://v8.1c.ru/8.3/xcf/logform}"
FORM = frozenset({
    "элементы", "параметры", "команды", "закрыть", "открыть", "открыта", "модифицированность", "заголовок",
    "владелецформы", "уникальныйидентификатор", "обновитьотображениеданных", "проверитьзаполнение", "этаформа",
    "подключитьобработчикожидания", "отключитьобработчикожидания", "толькопросмотр", "доступность", "имяформы",
    "реквизитформывзначение", "значениевреквизитформы", "записать", "прочитать", "текущийэлемент", "автозаголовок",
    "получитьреквизиты", "изменитьреквизиты", "активизировать", "закрыватьпривыборе", "оповеститьовыборе",
    "режимоткрытияокна", "ключуникальности", "команднаяпанель", "этотобъект", "скопироватьданныеформы",
})  # fmt: skip
OBJECT = frozenset({
    "этотобъект", "метаданные", "получитьмакет", "получитьформу", "используемоеимяфайла", "проверитьзаполнение",
})  # fmt: skip


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
    return f"ВнешняяОбработка.{path.parent.name}.{path.stem}"


def _full(word: str, parts: tuple[str, ...], stem: str) -> str:
    name = f"{word}.{parts[0]}"
    if "Forms" in parts:
        return f"{name}.Форма.{parts[parts.index('Forms') + 1]}.Форма"
    return f"{name}.{'Форма' if word == 'ОбщаяФорма' else _FILES.get(stem, 'Модуль')}"


def full_name(name: str) -> str:
    """What 1C's errors call a module."""
    return name if "." in name else f"ОбщийМодуль.{name}.Модуль"


def context_of(path: Path) -> frozenset[str] | None:
    """The names (small) that the object of a module gives it, as far as the dump tells; None for a common module."""
    if path.parent.name == "Form":
        return FORM | frozenset(_names(path.parent.with_suffix(".xml"), "Attributes"))
    return OBJECT if path.stem in ("ObjectModule", "МодульОбъекта") else None


def _names(form: Path, section: str) -> list[str]:
    """The names of a form's attributes."""
    found = ElementTree.parse(form).getroot().find(f"{_FORM}{section}") if form.exists() else None
    return [] if found is None else [str(item.get("name", "")).lower() for item in found]


def is_client(path: Path) -> bool:
    """Whether a common module is of the client: its description beside its folder says so."""
    about = path.parents[1].with_suffix(".xml")
    words = about.read_text(encoding="utf-8-sig") if path.parent.name == "Ext" and about.exists() else ""
    return "<ClientManagedApplication>true<" in words and "<Server>true<" not in words


def modules_under(folder: Path) -> dict[str, Path]:
    """All modules of a dump: name → path."""
    return {name_of(path): path for path in sorted(folder.rglob("*.bsl"))}
