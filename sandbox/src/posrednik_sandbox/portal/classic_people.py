"""Employees, departments, and what a caller may ask about himself."""

from typing import Any

from posrednik_sandbox.portal.calls import Call, Listing, Method, page
from posrednik_sandbox.portal.clock import iso
from posrednik_sandbox.portal.errors import RestError
from posrednik_sandbox.portal.model import Department, User
from posrednik_sandbox.portal.values import Params, as_dict, as_int, as_list, flag

USER_SORTS = {"ID": lambda user: user.id, "LAST_NAME": lambda user: user.last_name, "NAME": lambda user: user.name}


# Scopes that open users, and what each keeps back.
CONTACTS = ("EMAIL", "PERSONAL_MOBILE", "WORK_PHONE", "LAST_LOGIN")
HIDDEN = {"user": (), "user_basic": ("LAST_LOGIN",), "user_brief": CONTACTS}


def shown(call: Call, user: User) -> dict[str, Any]:
    """The fields of a user that the caller's scope opens. RestError insufficient_scope without any scope of users."""
    held = [name for name in HIDDEN if name in call.who.scope]
    if not held:
        raise RestError("insufficient_scope", "The request requires higher privileges than provided", 403)
    return {key: value for key, value in user_row(user).items() if key not in HIDDEN[held[0]]}


def user_row(user: User) -> dict[str, Any]:
    """`LAST_LOGIN` is empty for somebody who was invited and has never come."""
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
        "WORK_PHONE": "",
        "PERSONAL_PHOTO": None,
        "LAST_LOGIN": iso(user.last_login) or "",
        "DATE_REGISTER": "2026-01-12T00:00:00+03:00",
        "IS_ONLINE": "N",
        "USER_TYPE": "employee",
        "UF_DEPARTMENT": list(user.departments),
    }


ALL_SCOPES = ("department", "disk", "im", "placement", "pull", "sonet_group", "task", "tasks", *HIDDEN)


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
        return bool(wanted) and in_order(prefix, as_int(found, 0) or 0, as_int(wanted[0]))
    if "%" in prefix:
        return any(item.strip("%").lower() in str(found).lower() for item in wanted) != prefix.startswith("!")
    return (str(found) in wanted) != prefix.startswith("!")


def in_order(prefix: str, left: int, right: int | None) -> bool:
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
    return _listing([shown(call, user) for user in found], call)


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
    return _listing([shown(call, user) for user in found], call)


def _me(call: Call) -> User:
    user = call.portal.users.get(call.who.user_id)
    if user is None:
        raise RestError("INVALID_CREDENTIALS", "Invalid request credentials", 403)
    return user


def user_current(call: Call) -> dict[str, Any]:
    return shown(call, _me(call))


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


def server_time(call: Call) -> str | None:
    return iso(call.now)


def scope(call: Call) -> list[str]:
    """What the caller holds, or with `full` all that can be held."""
    return sorted(ALL_SCOPES if flag(call.any_case("full")) else call.who.scope)


def user_admin(call: Call) -> bool:
    return _me(call).admin


METHODS: dict[str, Method] = {
    "user.admin": Method(user_admin),
    "profile": Method(profile),
    "user.current": Method(user_current),
    "user.get": Method(user_get),
    "user.search": Method(user_search),
    "department.get": Method(department_get, "department"),
    "server.time": Method(server_time),
    "scope": Method(scope),
}
