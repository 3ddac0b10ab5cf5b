"""`sonet_group.*`: projects and who is in them."""

from typing import Any

from posrednik_sandbox.portal.calls import Call, Listing, Method, page
from posrednik_sandbox.portal.classic_people import in_order
from posrednik_sandbox.portal.clock import iso
from posrednik_sandbox.portal.errors import RestError
from posrednik_sandbox.portal.model import Group
from posrednik_sandbox.portal.seed import add_first_columns
from posrednik_sandbox.portal.values import as_dict, as_ids, as_int, as_list, flag


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
    return Listing(*page(found, call.any_case("start")))


def _group_fits(row: dict[str, Any], key: str, value: Any) -> bool:
    name = key.lstrip("%!=<>@")
    if name not in row:
        return True
    wanted = [str(item) for item in as_list(value)]
    if key.startswith("%"):
        return any(item.lower() in str(row[name]).lower() for item in wanted)
    if key[0] in "<>":
        return bool(wanted) and in_order(key[: len(key) - len(name)], as_int(row[name], 0) or 0, as_int(wanted[0]))
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


# Members.


def _group(call: Call, name: str = "GROUP_ID") -> Group:
    number = as_int(call.any_case(name))
    if not number:
        raise RestError("", "Wrong group ID")
    group, user_id = call.portal.groups.get(number), call.who.user_id
    if group is None or not (group.visible or user_id in group.members or call.portal.is_admin(user_id)):
        raise RestError("", "Socialnetwork group not found")
    return group


def _members(call: Call, what: str) -> tuple[Group, list[int]]:
    """The project and the known users of USER_ID, one or a list. RestError without rights or users."""
    group = _group(call)
    if not (call.portal.is_admin(call.who.user_id) or call.who.user_id == group.owner_id):
        raise RestError("", f"No permissions to {what}")
    ids = [number for number in as_ids(call.any_case("USER_ID")) if call.portal.users.get(number) is not None]
    if not ids:
        raise RestError("", "Wrong user IDs")
    return group, ids


def member_list(call: Call) -> list[dict[str, str]]:
    """Active members: A owner, E moderator, K the others."""
    group = _group(call, "ID")
    users = [user for number in group.members if (user := call.portal.users.get(number)) is not None and user.active]
    return [{"USER_ID": str(user.id), "ROLE": _role(group, user.id)} for user in users]


def _role(group: Group, user_id: int) -> str:
    return "A" if user_id == group.owner_id else "E" if user_id in group.moderators else "K"


def _texts(ids: list[int]) -> list[str]:
    return [str(number) for number in ids]


def member_add(call: Call) -> list[str]:
    group, ids = _members(call, "add users")
    fresh = [number for number in ids if number not in group.members]
    group.members = [*group.members, *fresh]
    call.portal.groups.put(group)
    return _texts(fresh)


def member_delete(call: Call) -> list[str]:
    """The owner stays whatever is asked."""
    group, ids = _members(call, "update users role")
    gone = [number for number in ids if number in group.members and number != group.owner_id]
    group.members = [number for number in group.members if number not in gone]
    group.moderators = [number for number in group.moderators if number not in gone]
    call.portal.groups.put(group)
    return _texts(gone)


def member_update(call: Call) -> list[str]:
    group, ids = _members(call, "update users role")
    role = str(call.any_case("ROLE") or "")
    if role not in ("E", "K"):
        raise RestError("", "Incorrect role code")
    changed = [number for number in ids if number in group.members and number != group.owner_id]
    others = [number for number in group.moderators if number not in changed]
    group.moderators = others + changed if role == "E" else others
    call.portal.groups.put(group)
    return _texts(changed)


def own_groups(call: Call) -> list[dict[str, str]]:
    """Projects the caller is in."""
    user_id = call.who.user_id
    mine = [group for group in call.portal.groups if user_id in group.members]
    return [{"GROUP_ID": str(group.id), "GROUP_NAME": group.name, "ROLE": _role(group, user_id)} for group in mine]


METHODS: dict[str, Method] = {
    "sonet_group.get": Method(group_get, "sonet_group"),
    "sonet_group.create": Method(group_create, "sonet_group"),
    "sonet_group.user.get": Method(member_list, "sonet_group"),
    "sonet_group.user.add": Method(member_add, "sonet_group"),
    "sonet_group.user.delete": Method(member_delete, "sonet_group"),
    "sonet_group.user.update": Method(member_update, "sonet_group"),
    "sonet_group.user.groups": Method(own_groups, "sonet_group"),
}
