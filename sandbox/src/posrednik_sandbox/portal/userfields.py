"""`task.item.userfield.*`: fields an administrator has added to tasks.

Source: api-reference/tasks/user-field of the official documentation, 2026-08.
"""

import re
from typing import Any

from posrednik_sandbox.portal.calls import Call, Method
from posrednik_sandbox.portal.disk_filter import chosen
from posrednik_sandbox.portal.errors import RestError, core
from posrednik_sandbox.portal.model import UserField
from posrednik_sandbox.portal.portal import Portal
from posrednik_sandbox.portal.values import Params, as_dict, as_int, flag

TYPES = {"string": "Строка", "double": "Число", "datetime": "Дата со временем", "boolean": "Да/Нет"}
LONGEST_NAME = 50


def check(portal: Portal, values: dict[str, Any]) -> None:
    """A new task must fill every mandatory field, whoever makes it. RestError ERROR_CORE."""
    given = values.get("custom", {})
    for row in portal.userfields:
        if row.mandatory and not given.get(row.name):
            raise core(f"Поле «{row.label or row.name}» обязательно для заполнения")


def _must_be_admin(call: Call) -> None:
    if not call.portal.is_admin(call.who.user_id):
        raise RestError("ERROR_CORE", "Доступ запрещен.")


def _params(call: Call, name: str = "PARAMS") -> Params:
    given = call.any_case(name)
    if given is None and call.params:
        given = next(iter(call.params.values()))
    return {key.upper(): value for key, value in as_dict(given).items()}


def add(call: Call) -> int:
    _must_be_admin(call)
    given = _params(call)
    for name in ("USER_TYPE_ID", "FIELD_NAME"):
        if not given.get(name):
            raise core(f"The '{name}' field is not found.")
    if given["USER_TYPE_ID"] not in TYPES:
        raise core("Указан неверный пользовательский тип.")
    name = _name(str(given["FIELD_NAME"]))
    if any(row.name == name for row in call.portal.userfields):
        raise core(f"Поле {name} для объекта TASKS_TASK уже существует.")
    row = UserField(call.portal.userfields.next_id(), name, str(given["USER_TYPE_ID"]))
    return call.portal.userfields.put(_read(row, given)).id


def _name(text: str) -> str:
    upper = text.upper()
    upper = upper if upper.startswith("UF_") else f"UF_{upper}"
    if len(upper) > LONGEST_NAME or not re.fullmatch("[A-Z0-9_]+", upper):
        raise core("Поле FIELD_NAME содержит недопустимые символы или слишком длинное.")
    return upper


def _read(row: UserField, given: Params) -> UserField:
    row.xml_id = str(given.get("XML_ID", row.xml_id) or "")
    row.sort = as_int(given.get("SORT"), row.sort) or row.sort
    row.mandatory = flag(given["MANDATORY"]) if "MANDATORY" in given else row.mandatory
    row.multiple = row.kind != "boolean" and (flag(given["MULTIPLE"]) if "MULTIPLE" in given else row.multiple)
    form = given.get("EDIT_FORM_LABEL")
    label = as_dict(form).get("ru") if isinstance(form, dict) else form
    row.label = str(label or given.get("LABEL") or row.label)
    if "SETTINGS" in given:
        row.settings = {key: str(value) for key, value in as_dict(given["SETTINGS"]).items()}
    return row


def _found(call: Call) -> UserField:
    number = as_int(call.any_case("ID", next(iter(call.params.values()), None)))
    row = call.portal.userfields.get(number)
    if row is None:
        raise RestError("ERROR_NOT_FOUND", "Поле не найдено")
    return row


def update(call: Call) -> bool:
    """Name and type stay as they were made."""
    _must_be_admin(call)
    values = list(call.params.values())
    given = call.any_case("DATA", values[1] if len(values) > 1 else {})
    row = _read(_found(call), {key.upper(): value for key, value in as_dict(given).items()})
    call.portal.userfields.put(row)
    return True


def delete(call: Call) -> bool:
    _must_be_admin(call)
    call.portal.userfields.drop(_found(call).id)
    return True


def get(call: Call) -> dict[str, Any]:
    return _row(_found(call))


def get_list(call: Call) -> list[dict[str, Any]]:
    """The portal's own fields that link tasks to its other parts, then those that were added."""
    rows = [*SYSTEM, *(_row(row) for row in call.portal.userfields)]
    return chosen(rows, as_dict(call.any_case("FILTER")), as_dict(call.any_case("ORDER")))


def _row(row: UserField) -> dict[str, Any]:
    return {
        "ID": str(row.id),
        "ENTITY_ID": "TASKS_TASK",
        "FIELD_NAME": row.name,
        "USER_TYPE_ID": row.kind,
        "XML_ID": row.xml_id,
        "SORT": str(row.sort),
        "MULTIPLE": "Y" if row.multiple else "N",
        "MANDATORY": "Y" if row.mandatory else "N",
        "EDIT_FORM_LABEL": row.label,
        "SETTINGS": row.settings,
    }


SYSTEM: tuple[dict[str, Any], ...] = (
    _row(UserField(1295, "UF_CRM_TASK", "crm", multiple=True)),
    _row(UserField(229, "UF_TASK_WEBDAV_FILES", "disk_file", "TASK_WEBDAV_FILES", multiple=True)),
)


def types(call: Call) -> list[dict[str, str]]:
    return [{"USER_TYPE_ID": name, "DESCRIPTION": title} for name, title in TYPES.items()]


def fields(call: Call) -> dict[str, dict[str, str]]:
    kinds = {"ID": "integer", "SORT": "integer", "MULTIPLE": "boolean", "MANDATORY": "boolean", "SETTINGS": "array"}
    return {name: {"type": kinds.get(name, "string"), "title": name} for name in SYSTEM[0]}


METHODS: dict[str, Method] = {
    "task.item.userfield.add": Method(add, "task"),
    "task.item.userfield.update": Method(update, "task"),
    "task.item.userfield.delete": Method(delete, "task"),
    "task.item.userfield.get": Method(get, "task"),
    "task.item.userfield.getlist": Method(get_list, "task"),
    "task.item.userfield.gettypes": Method(types, "task"),
    "task.item.userfield.getfields": Method(fields, "task"),
}
