"""What a new portal contains: six employees, two projects with their first columns."""

from typing import TYPE_CHECKING

from posrednik_sandbox.portal.model import Department, Group, Stage, User

if TYPE_CHECKING:
    from posrednik_sandbox.portal.portal import Portal

# Title, colour and SYSTEM_TYPE of the columns a portal gives a new project.
FIRST_COLUMNS = (
    ("Новые", "00C4FB", "NEW"),
    ("Выполняются", "47D1E2", "WORK"),
    ("Сделаны", "75D900", "FINISH"),
)
# Who acts and answers when nobody else is named.
LOGISTICIAN = 2
PEOPLE = (
    User(1, "Анна", "Королёва", "Администратор портала", "anna@sandbox.local", "+79120000001", admin=True),
    User(2, "Павел", "Логинов", "Логист", "pavel@sandbox.local", "+79120000002"),
    User(7, "Илья", "Петров", "Курьер", "petrov@sandbox.local", "+79120000007", departments=[2]),
    User(8, "Ринат", "Ахметов", "Курьер", "akhmetov@sandbox.local", "+79120000008", departments=[2]),
    User(9, "Артём", "Соловьёв", "Курьер", "soloviev@sandbox.local", "+79120000009", departments=[3]),
    User(10, "Марина", "Гусева", "Курьер", "guseva@sandbox.local", "+79120000010", departments=[3]),
)
DEPARTMENTS = (
    Department(1, "Доставка", head=2),
    Department(2, "Доставка. Центр", parent=1, head=2),
    Department(3, "Доставка. Север", parent=1, head=2),
)
GROUPS = ((11, "Доставка. Центр", [1, 2, 7, 8]), (12, "Доставка. Север", [1, 2, 9, 10]))


def seed(portal: "Portal") -> None:
    """Fill a portal that has no users yet; one that was restored from disk keeps what it has."""
    if len(portal.users):
        _bring_up(portal)
        return
    for person in PEOPLE:
        portal.users.put(User(**{**vars(person), "last_login": portal.now()}))
    for department in DEPARTMENTS:
        portal.departments.put(Department(**vars(department)))
    for group_id, name, members in GROUPS:
        portal.groups.put(Group(group_id, name, 1, portal.now(), list(members), moderators=[LOGISTICIAN]))
        add_first_columns(portal, group_id)
    portal.journal.flush()


def _bring_up(portal: "Portal") -> None:
    """A portal kept by an earlier version knows of no log-in and of no moderator."""
    if any(user.last_login for user in portal.users):
        return
    for user in list(portal.users):
        user.last_login = portal.now()
        portal.users.put(user)
    for group in list(portal.groups):
        group.moderators = [LOGISTICIAN] if LOGISTICIAN in group.members else []
        portal.groups.put(group)


def add_first_columns(portal: "Portal", group_id: int) -> None:
    for position, (title, color, kind) in enumerate(FIRST_COLUMNS, start=1):
        portal.stages.put(Stage(portal.stages.next_id(), group_id, title, position * 100, color, kind))
