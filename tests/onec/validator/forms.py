"""Managed forms: ids, paths to data, commands and their procedures."""

from collections import Counter
from collections.abc import Iterator

from lxml import etree
from tests.onec.validator.bsl import Finding, Module
from tests.onec.validator.dump import Dump

LF = "{http://v8.1c.ru/8.3/xcf/logform}"
# Event: its parameters and where it runs. Source: syntax help of the platform.
FORM_EVENTS = {
    "OnCreateAtServer": (2, "НаСервере"),
    "OnOpen": (1, "НаКлиенте"),
    "BeforeClose": (5, "НаКлиенте"),
    "OnClose": (1, "НаКлиенте"),
    "NotificationProcessing": (3, "НаКлиенте"),
}
ITEM_EVENTS = {"OnChange": (1, "НаКлиенте"), "Click": (1, "НаКлиенте"), "Selection": (4, "НаКлиенте")}
SECTIONS = ("AutoCommandBar", "Events", "ChildItems", "Attributes", "Commands", "Parameters", "CommandInterface")
# The platform writes and reads the properties of an element in one order. Source: 1800 forms of public dumps.
TIP = "ExtendedTooltip"
MENU = f"ContextMenu {TIP}"
PANELS = f"ContextMenu AutoCommandBar {TIP} SearchStringAddition ViewStatusAddition SearchControlAddition"
ORDER = {
    "UsualGroup": "Visible Title ToolTip Width HorizontalStretch Group Behavior Representation ShowTitle"
    f" {TIP} ChildItems",
    "Pages": f"Visible Title PagesRepresentation {TIP} Events ChildItems",
    "Page": f"Visible Title ToolTip Picture Group ShowTitle {TIP} ChildItems",
    "InputField": "DataPath Visible ReadOnly Title TitleLocation ToolTip EditMode Width AutoMaxWidth MaxWidth Height"
    " HorizontalStretch PasswordMode MultiLine ClearButton ListChoiceMode Format TextEdit ChoiceList InputHint"
    f" {MENU} Events",
    "LabelField": f"DataPath Visible Title TitleLocation Width AutoMaxWidth HorizontalStretch {MENU} Events",
    "CheckBoxField": f"DataPath Visible ReadOnly Title TitleLocation ToolTip EditMode CheckBoxType {MENU} Events",
    "LabelDecoration": f"Visible Width AutoMaxWidth Height HorizontalStretch Title ToolTip {MENU} Events",
    "Button": f"Type Visible Representation DefaultButton Enabled CommandName Picture Title {TIP}",
    "Table": "Representation CommandBarLocation ReadOnly ChangeRowSet ChangeRowOrder Height SelectionMode Header"
    f" AutoInsertNewRow FileDragMode DataPath Title CommandSet RowFilter {PANELS} Events ChildItems",
    "SearchStringAddition": f"AdditionSource {MENU}",
    "ViewStatusAddition": f"AdditionSource {MENU}",
    "SearchControlAddition": f"AdditionSource {MENU}",
    "Command": "Title ToolTip Shortcut Picture Action Representation ModifiesSavedData CurrentRowUse",
    "Attribute": "Title Type MainAttribute SavedData Columns",
    "Column": "Title Type",
    "Parameter": "Type KeyParameter",
}
# What every element of a kind has in all of those forms.
ALWAYS = {*PANELS.split(), "AdditionSource", "CommandName", "Type", "Action"}
COMMAND, STANDARD = "Form.Command.", "Form.StandardCommand."


def forms(dump: Dump) -> Iterator[Finding]:
    for item in dump.of("CommonForm"):
        path = f"CommonForms/{item.name}/Ext/Form.xml"
        form, module = dump.form(item.name), dump.module("CommonForm", item.name)
        if form is None or module is None:
            yield Finding("form", item.path, "у формы нет Form.xml или модуля")
            continue
        yield from _sections(path, form)
        yield from _order(path, form)
        yield from _additions(path, form)
        yield from _ids(path, form)
        yield from _paths(path, form)
        yield from _commands(path, form, module)
        yield from _events(path, form, module)


def _sections(path: str, form: etree._Element) -> Iterator[Finding]:
    told = [etree.QName(item).localname for item in form]
    known = [name for name in told if name in SECTIONS]
    first = told.index("AutoCommandBar") if "AutoCommandBar" in told else -1
    if first < 0 or known != [name for name in SECTIONS if name in known] or told[first:] != known:
        yield Finding("form_sections", path, f"разделы формы не те или не в том порядке: {told}")


def _order(path: str, form: etree._Element) -> Iterator[Finding]:
    """Properties that stand in another order, are missing, or are not known here, may break the load."""
    for item in form.iter(*(f"{LF}{kind}" for kind in ORDER)):
        order = ORDER[etree.QName(item).localname].split()
        told = [etree.QName(one).localname for one in item]
        places = [order.index(name) if name in order else -1 for name in told]
        lacking = ALWAYS & set(order) - set(told)
        if lacking:
            yield Finding("form_lacks", path, f"{item.get('name')}: нет того, что есть всегда: {sorted(lacking)}")
        if -1 in places or places != sorted(places):
            yield Finding("form_order", path, f"{item.get('name')}: свойства не те или не в том порядке: {told}")


def _additions(path: str, form: etree._Element) -> Iterator[Finding]:
    """The search string, the state and the menu of a table name that table."""
    for item in form.iter(f"{LF}AdditionSource"):
        table = item.getparent().getparent()
        if item.findtext(f"{LF}Item") != table.get("name"):
            yield Finding("form_lacks", path, f"{item.getparent().get('name')}: дополнение не своей таблицы")


def _ids(path: str, form: etree._Element) -> Iterator[Finding]:
    """Ids and names are unique in their scope: all elements, the attributes, the commands, columns of one table."""
    scopes = {
        "элементы": [item for item in form.iter(etree.Element) if _is_element(item)],
        "реквизиты": form.findall(f"{LF}Attributes/{LF}Attribute"),
        "команды": form.findall(f"{LF}Commands/{LF}Command"),
    }
    for table in form.findall(f"{LF}Attributes/{LF}Attribute"):
        scopes[f"колонки {table.get('name')}"] = table.findall(f"{LF}Columns/{LF}Column")
    for scope, items in scopes.items():
        for key in ("id", "name"):
            twice = [value for value, times in Counter(item.get(key) for item in items).items() if times > 1]
            if twice:
                yield Finding("form_ids", path, f"{scope}: {key} не один раз: {twice}")
        for item in items:
            if not (item.get("id") or "").lstrip("-").isdigit() or "ё" in (item.get("name") or "").lower():
                yield Finding("form_ids", path, f"{scope}: {item.get('name')} без номера или с буквой «ё»")


def _is_element(item: etree._Element) -> bool:
    return item.get("id") is not None and not {
        etree.QName(parent).localname for parent in (item, *item.iterancestors())
    } & {"Attributes", "Commands", "Parameters"}


def _paths(path: str, form: etree._Element) -> Iterator[Finding]:
    columns = {
        item.get("name"): {one.get("name") for one in item.iter(f"{LF}Column")}
        for item in form.findall(f"{LF}Attributes/{LF}Attribute")
    }
    shown = set()
    for item in form.iter(f"{LF}DataPath"):
        name, _, column = (item.text or "").partition(".")
        shown.add(name)
        if name not in columns or (column and column not in columns[name]):
            yield Finding("form_path", path, f"{item.getparent().get('name')}: нет данных {item.text}")
    for name in columns.keys() - shown:
        yield Finding("form_path", path, f"реквизит {name} нигде не показан")


def _commands(path: str, form: etree._Element, module: Module) -> Iterator[Finding]:
    """Buttons press commands that exist; each command has a button and a procedure of one parameter at the client."""
    commands = {item.get("name"): item.findtext(f"{LF}Action") for item in form.iter(f"{LF}Command")}
    pressed = set()
    for item in form.iter(f"{LF}CommandName"):
        name = (item.text or "").removeprefix(COMMAND)
        pressed.add(name)
        if name not in commands and not (item.text or "").startswith(STANDARD):
            yield Finding("form_command", path, f"{item.getparent().get('name')}: нет команды {item.text}")
    for name in commands.keys() - pressed:
        yield Finding("form_command", path, f"для команды {name} нет кнопки")
    for name, action in commands.items():
        yield from _procedure(path, module, f"команда {name}", action or "", 1, "НаКлиенте")


def _events(path: str, form: etree._Element, module: Module) -> Iterator[Finding]:
    for item in form.iter(f"{LF}Event"):
        owner = item.getparent().getparent()
        known = FORM_EVENTS if owner is form else ITEM_EVENTS
        if item.get("name") not in known:
            yield Finding("form_event", path, f"неизвестное событие {item.get('name')}")
            continue
        yield from _procedure(path, module, item.get("name"), item.text or "", *known[item.get("name")])


def _procedure(path: str, module: Module, of: str, name: str, count: int, place: str) -> Iterator[Finding]:
    found = module.method(name)
    if found is None:
        yield Finding("handler", path, f"{of}: в модуле формы нет процедуры {name}")
    elif found.kind != "procedure" or len(found.params) != count:
        yield Finding("handler_params", path, f"{of}: {name} должна быть процедурой, параметров {count}")
    elif place not in found.annotations:
        yield Finding("form_place", path, f"{of}: {name} должна выполняться &{place}")
