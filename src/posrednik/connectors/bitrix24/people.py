"""Users, projects, members, columns and bindings as the portal tells of them -> ours; pure.

Source: official REST documentation of Bitrix24 (user, sonet_group, event, placement), as of August 2026.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from posrednik.connectors.bitrix24.values import moment
from posrednik.domain.portal_desk import Bound, Project
from posrednik.domain.portal_people import PortalUser, email_of, phones_of

PHONES = ("PERSONAL_MOBILE", "WORK_PHONE", "PERSONAL_PHONE")
NAMES = ("LAST_NAME", "NAME", "SECOND_NAME")


def rows(result: Any) -> list[Mapping[str, Any]]:
    """A list of objects, which may come as a map."""
    found = result.values() if isinstance(result, Mapping) else result if isinstance(result, list) else []
    return [row for row in found if isinstance(row, Mapping)]


def number(value: Any) -> int:
    """0 for anything that is no number."""
    try:
        return 0 if isinstance(value, bool) else int(value)
    except (TypeError, ValueError):
        return 0


def yes(value: Any) -> bool:
    return value is True or str(value).upper() in ("Y", "1", "TRUE")


def text(value: Any) -> str:
    return " ".join(str(value).split()) if isinstance(value, str | int) else ""


def users(result: Any) -> list[PortalUser]:
    """Rows of `user.get`; without a name the address stands for it."""
    return [_user(row) for row in rows(result) if number(row.get("ID")) > 0]


def _user(row: Mapping[str, Any]) -> PortalUser:
    email = email_of(text(row.get("EMAIL")))
    phones = [phone for name in PHONES for phone in phones_of(text(row.get(name)))]
    name = " ".join(part for key in NAMES if (part := text(row.get(key))))
    return PortalUser(
        number(row["ID"]), name or email, email, tuple(dict.fromkeys(phones)), yes(row.get("ACTIVE", True)),
        moment(row.get("LAST_LOGIN")),
    )  # fmt: skip


def projects(result: Any) -> list[Project]:
    """Rows of `sonet_group.get`."""
    return [
        Project(number(row["ID"]), text(row.get("NAME")), yes(row.get("CLOSED")))
        for row in rows(result)
        if number(row.get("ID")) > 0
    ]


def members(result: Any) -> frozenset[int]:
    """Rows of `sonet_group.user.get`; who is only asked or invited (Z) is no member yet."""
    return frozenset(
        number(row.get("USER_ID")) for row in rows(result) if str(row.get("ROLE", "K")) in ("A", "E", "K")
    ) - {0}


def bound(result: Any, name: str) -> list[Bound]:
    """Rows of `event.get` or `placement.get`. Offline events have no address and are nobody's here."""
    return [
        Bound(text(row.get(name)).upper(), text(row.get("handler")))
        for row in rows(result)
        if text(row.get("handler")) and not yes(row.get("offline"))
    ]


# -- columns


@dataclass(frozen=True, slots=True)
class Stage:
    """A column. kind: SYSTEM_TYPE, "NEW" of the first one that the portal itself made."""

    id: int
    title: str
    sort: int
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to do to columns. do: rename, add, move, drop. id: of the column, 0 when added. after: of the one on
    its left, 0 = none."""

    do: str
    title: str
    id: int = 0
    after: int = 0


def stages(result: Any) -> list[Stage]:
    """Result of `task.stages.get`, from left to right."""
    found = [
        Stage(number(row.get("ID")), text(row.get("TITLE")), number(row.get("SORT")), text(row.get("SYSTEM_TYPE")))
        for row in rows(result)
        if number(row.get("ID")) > 0
    ]
    return sorted(found, key=lambda one: (one.sort, one.id))


def next_change(there: Sequence[Stage], ours: Sequence[str], left: Iterable[int] = ()) -> Change | None:
    """What brings the columns nearer to ours, in their order; None when they are so. left: doubles that the portal
    would not give up.

    Tasks without a column stand in the first one, so the first column of a new project becomes our first. Others'
    columns stay, where they are.
    """
    ids = _lowest(there, ours)
    first = there[0] if there else None
    if ours[0] not in ids and first is not None and first.kind == "NEW" and _key(first.title) not in map(_key, ours):
        return Change("rename", ours[0], first.id)
    after = first.id if first is not None and first.id not in ids.values() else 0
    places = {one.id: place for place, one in enumerate(there)}
    for title in ours:
        if title not in ids:
            return Change("add", title, after=after)
        if after and places[ids[title]] < places[after] and after in ids.values():
            return Change("move", title, ids[title], after)
        after = ids[title]
    known = {_key(title): number for title, number in ids.items()}
    doubles = [one for one in there if known.get(_key(one.title), one.id) != one.id and one.id not in set(left)]
    return Change("drop", doubles[-1].title, doubles[-1].id) if doubles else None


def _lowest(there: Iterable[Stage], ours: Iterable[str]) -> dict[str, int]:
    """Our columns that are there; of doubles the older one, as everybody who writes tasks takes it."""
    titles = {_key(title): title for title in ours}
    found: dict[str, int] = {}
    for one in there:
        title = titles.get(_key(one.title))
        if title is not None:
            found[title] = min(one.id, found.get(title, one.id))
    return found


def _key(title: str) -> str:
    return title.strip().casefold()


def missing(there: Sequence[Stage], ours: Sequence[str]) -> tuple[str, ...]:
    known = _lowest(there, ours)
    return tuple(title for title in ours if title not in known)
