"""Employees, departments, projects, and what a webhook may ask about itself."""

from typing import Any

from posrednik_sandbox.portal.calls import Call, Listing, Method, page
from posrednik_sandbox.portal.clock import iso
from posrednik_sandbox.portal.errors import RestError
from posrednik_sandbox.portal.model import Department, Group, User
from posrednik_sandbox.portal.seed import add_first_columns
from posrednik_sandbox.portal.values import Params, as_dict, as_int, as_list, flag

USER_SORTS = {"ID": lambda user: user.id, "LAST_NAME": lambda user: user.last_name, "NAME": lambda user: user.name}


def user_row(user: User) -> dict[str, Any]:
    return {
        "ID": str(user.id),
        "XML_ID": "",
        "ACTIVE": user.active,
        "NAME": user.name,
        "LAST_NAME": user.last_name,
        "SECOND_NAME": "",
        "EMAIL": user.email,
        "WORK_POSITION": user.position,
        "PERSONAL_MOBILE": user.phone,
        "PERSONAL_PHOTO": None,
        "USER_TYPE": "employee",
        "UF_DEPARTMENT": list(user.departments),
    }


def _user_fits(user: User, key: str, value: Any) -> bool:
    """One condition of a user filter; names the portal does not know are passed over."""
    name = key.lstrip("!<>=@%").upper()
    prefix = key[: len(key) - len(name)]
    found = user_row(user).get(name)
    if name == "UF_DEPARTMENT":
        return bool({str(item) for item in as_list(value)} & {str(item) for item in user.departments})
    if name == "ACTIVE":
        return user.active == flag(value)
    if found is None:
        return True
    wanted = [str(item) for item in as_list(value)]
    if prefix in (">", "<", ">=", "<="):
        return bool(wanted) and _in_order(prefix, as_int(found, 0) or 0, as_int(wanted[0]))
    if prefix == "%":
        return any(item.lower() in str(found).lower() for item in wanted)
    return (str(found) in wanted) != prefix.startswith("!")


def _in_order(prefix: str, left: int, right: int | None) -> bool:
    if right is None:
        return False
    return {">": left > right, "<": left < right, ">=": left >= right, "<=": left <= right}[prefix]


def _without_service(params: Params) -> Params:
    service = {"filter", "sort", "order", "start", "select", "admin_mode", "image_resize", "auth", "__order"}
    return {key: value for key, value in params.items() if key.lower() not in service}


def user_get(call: Call) -> Listing:
    """Conditions stand in FILTER, or in old calls beside it; SORT and ORDER are texts."""
    conditions = as_dict(call.any_case("FILTER")) or _without_service(call.params)
    found = [
        user for user in call.portal.users if all(_user_fits(user, key, value) for key, value in conditions.items())
    ]
    getter = USER_SORTS.get(str(call.any_case("SORT", "ID")).upper(), USER_SORTS["ID"])
    found.sort(key=getter, reverse=str(call.any_case("ORDER", "ASC")).upper() == "DESC")
    return _listing([user_row(user) for user in found], call)


def _listing(rows: list[dict[str, Any]], call: Call) -> Listing:
    return Listing(*page(rows, call.any_case("start")))


def user_search(call: Call) -> Listing:
    """FIND looks in names, position and mail of active employees; FILTER works as in user.get."""
    conditions = as_dict(call.any_case("FILTER")) or _without_service(call.params)
    words = str(call.any_case("FIND") or conditions.get("FIND") or "").lower().split()
    found = [
        user
        for user in call.portal.users
        if user.active
        and all(word in f"{user.full_name} {user.position} {user.email}".lower() for word in words)
        and all(_user_fits(user, key, value) for key, value in conditions.items())
    ]
    return _listing([user_row(user) for user in found], call)


def _me(call: Call) -> User:
    user = call.portal.users.get(call.who.user_id)
    if user is None:
        raise RestError("INVALID_CREDENTIALS", "Invalid request credentials", 403)
    return user


def user_current(call: Call) -> dict[str, Any]:
    return user_row(_me(call))


def profile(call: Call) -> dict[str, Any]:
    user = _me(call)
    names = {"NAME": user.name, "LAST_NAME": user.last_name}
    return {"ID": str(user.id), "ADMIN": user.admin, **names, "PERSONAL_GENDER": "", "TIME_ZONE": ""}


def _department_row(row: Department) -> dict[str, Any]:
    optional = {"PARENT": str(row.parent)} if row.parent else {}
    head = {"UF_HEAD": str(row.head)} if row.head else {}
    return {"ID": str(row.id), "NAME": row.name, "SORT": row.sort, **optional, **head}


def department_get(call: Call) -> Listing:
    conditions = {
        name: [str(item) for item in as_list(call.any_case(name))]
        for name in ("ID", "NAME", "PARENT", "UF_HEAD")
        if call.any_case(name) is not None
    }
    rows = [_department_row(row) for row in call.portal.departments]
    found = [row for row in rows if all(str(row.get(name)) in wanted for name, wanted in conditions.items())]
    found.sort(key=lambda row: int(row["ID"]), reverse=str(call.any_case("order", "")).upper() == "DESC")
    above = as_int(call.any_case(">ID"))
    return _listing([row for row in found if above is None or int(row["ID"]) > above], call)


def _group_row(group: Group) -> dict[str, Any]:
    return {
        "ID": str(group.id),
        "SITE_ID": "s1",
        "NAME": group.name,
        "DESCRIPTION": group.description,
        "DATE_CREATE": iso(group.created_at),
        "ACTIVE": "Y",
        "VISIBLE": "Y" if group.visible else "N",
        "OPENED": "Y" if group.opened else "N",
        "CLOSED": "N",
        "PROJECT": "Y" if group.project else "N",
        "OWNER_ID": str(group.owner_id),
        "NUMBER_OF_MEMBERS": str(len(group.members)),
        "IS_EXTRANET": "N",
    }


def group_get(call: Call) -> Listing:
    user_id = call.who.user_id
    as_admin = flag(call.any_case("IS_ADMIN")) and call.portal.is_admin(user_id)
    conditions = {key.upper(): value for key, value in as_dict(call.any_case("FILTER")).items()}
    rows = [_group_row(group) for group in call.portal.groups if group.visible or as_admin or user_id in group.members]
    found = [row for row in rows if all(_group_fits(row, key, value) for key, value in conditions.items())]
    return _listing(found, call)


def _group_fits(row: dict[str, Any], key: str, value: Any) -> bool:
    name = key.lstrip("%!=<>@")
    if name not in row:
        return True
    wanted = [str(item) for item in as_list(value)]
    if key.startswith("%"):
        return any(item.lower() in str(row[name]).lower() for item in wanted)
    if key[0] in "<>":
        return bool(wanted) and _in_order(key[: len(key) - len(name)], as_int(row[name], 0) or 0, as_int(wanted[0]))
    return (str(row[name]) in wanted) != key.startswith("!")


def group_create(call: Call) -> int:
    fields = {key.upper(): value for key, value in call.params.items()}
    fields |= {key.upper(): value for key, value in as_dict(call.any_case("arFields")).items()}
    name = str(fields.get("NAME") or "").strip()
    if not name:
        raise RestError("ERROR_CREATE_GROUP", "Не указано название группы")
    owner = as_int(fields.get("OWNER_ID")) if call.portal.is_admin(call.who.user_id) else None
    owner = owner or call.who.user_id
    group = Group(
        call.portal.groups.next_id(),
        name,
        owner,
        call.now,
        sorted({owner, call.who.user_id}),
        str(fields.get("DESCRIPTION") or ""),
        flag(fields.get("PROJECT")),
        flag(fields.get("VISIBLE", "Y")),
        flag(fields.get("OPENED")),
    )
    call.portal.groups.put(group)
    add_first_columns(call.portal, group.id)
    return group.id


def server_time(call: Call) -> str | None:
    return iso(call.now)


def scope(call: Call) -> list[str]:
    return sorted(call.who.scope)


METHODS: dict[str, Method] = {
    "profile": Method(profile),
    "user.current": Method(user_current, "user"),
    "user.get": Method(user_get, "user"),
    "user.search": Method(user_search, "user"),
    "department.get": Method(department_get, "department"),
    "sonet_group.get": Method(group_get, "sonet_group"),
    "sonet_group.create": Method(group_create, "sonet_group"),
    "server.time": Method(server_time),
    "scope": Method(scope),
}
