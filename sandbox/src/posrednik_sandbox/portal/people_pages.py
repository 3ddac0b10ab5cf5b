"""JSON behind the pages of people: employees and what is told to each of them."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from posrednik_sandbox.portal import page_data
from posrednik_sandbox.portal.acts import deadline
from posrednik_sandbox.portal.clock import iso
from posrednik_sandbox.portal.errors import PageError
from posrednik_sandbox.portal.model import Notification, User
from posrednik_sandbox.portal.portal import Portal
from posrednik_sandbox.portal.values import as_ids, as_int

Body = dict[str, Any]
TEXTS = ("name", "last_name", "position", "email", "phone")
FLAGS = ("active", "admin")
LONGEST = 200
MOST_NOTICES = 200


def people(portal: Portal, request: web.Request, body: Body) -> Body:
    """All employees by number, and the departments they can be in."""
    rows = [_row(portal, user) for user in sorted(portal.users, key=lambda user: user.id)]
    return {"people": rows, "departments": [{"id": row.id, "name": row.name} for row in portal.departments]}


def _row(portal: Portal, user: User) -> Body:
    return {
        **page_data.person(portal, user.id),
        **{name: getattr(user, name) for name in (*TEXTS[3:], *FLAGS)},
        "first_name": user.name,
        "last_name": user.last_name,
        "last_login": iso(user.last_login),
        "departments": user.departments,
        "groups": [group.name for group in portal.groups if user.id in group.members],
        "unread": sum(row.user_id == user.id and not row.read for row in portal.notifications),
    }


def add(portal: Portal, request: web.Request, body: Body) -> Body:
    """A new employee: `name`, `last_name`, `groups` (projects he becomes a member of) and what `change` takes.

    He has been here already unless `last_login` is null.
    """
    user = User(portal.users.next_id(), "", "", "", "", last_login=portal.now())
    _read(portal, user, body)
    groups = [portal.groups.get(number) for number in as_ids(body.get("groups"))]
    if not user.name or not user.last_name or None in groups:
        raise PageError("Нужны name, last_name и groups: номера проектов портала")
    for group in groups:
        if group is not None:
            group.members = [*group.members, user.id]
            portal.groups.put(group)
    return _row(portal, portal.users.put(user))


def change(portal: Portal, request: web.Request, body: Body) -> Body:
    """Any of `name`, `last_name`, `position`, `email`, `phone`, `departments`, `active`, `admin`, `last_login`.

    `{"active": false}` dismisses an employee: his tokens and openings are refused. last_login: an ISO time, "now", or
    null for somebody who has never come.
    """
    user = portal.users.get(int(request.match_info["id"]))
    if user is None:
        raise PageError("Такого сотрудника нет", 404)
    if not body:
        raise PageError("Нечего менять")
    changed = User(**vars(user))
    _read(portal, changed, body)
    return _row(portal, portal.users.put(changed))


def _read(portal: Portal, user: User, body: Body) -> None:
    for name in TEXTS:
        if name in body:
            setattr(user, name, str(body[name]).strip()[:LONGEST])
    for name in FLAGS:
        if name in body and not isinstance(body[name], bool):
            raise PageError(f"{name}: ожидается true или false")
        setattr(user, name, body.get(name, getattr(user, name)))
    if "departments" in body:
        user.departments = [number for number in as_ids(body["departments"]) if portal.departments.get(number)]
    if "last_login" in body:
        user.last_login = portal.now() if body["last_login"] == "now" else deadline(body["last_login"])


def notices(portal: Portal, request: web.Request, body: Body) -> Body:
    """What `user` was told, newest first."""
    user = _user(portal, request.query.get("user"))
    rows = [row for row in portal.notifications if row.user_id == user.id]
    shown = sorted(rows, key=lambda row: -row.id)[:MOST_NOTICES]
    return {
        "user": _row(portal, user),
        "notices": [_notice(portal, row) for row in shown],
        "portal": page_data.origin(portal),
    }


def _notice(portal: Portal, row: Notification) -> Body:
    return {
        "id": row.id,
        "at": iso(row.at),
        "text": row.text,
        "tag": row.tag,
        "read": row.read,
        "push": row.push,
        "author": page_data.person(portal, row.author_id) if row.author_id else None,
    }


def read_notices(portal: Portal, request: web.Request, body: Body) -> Body:
    """`{"user": 7}` marks all of his as read."""
    user = _user(portal, body.get("user"))
    for row in [row for row in portal.notifications if row.user_id == user.id and not row.read]:
        row.read = True
        portal.notifications.put(row)
    return _row(portal, user)


def _user(portal: Portal, value: Any) -> User:
    user = portal.users.get(as_int(value))
    if user is None:
        raise PageError("Такого сотрудника нет", 404)
    return user


ROUTES: tuple[tuple[str, str, Callable[[Portal, web.Request, Body], Any]], ...] = (
    ("GET", "/api/people", people),
    ("POST", "/api/users", add),
    ("POST", r"/api/users/{id:\d+}", change),
    ("GET", "/api/notices", notices),
    ("POST", "/api/notices/read", read_notices),
)
