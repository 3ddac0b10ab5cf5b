"""Who of ours is which user of the portal: what is wrong with a mapping, and who it may be instead. Pure.

A task given to a dismissed user, or to a second account of somebody that nobody looks into, is done by nobody; so such
mappings are told, and users are suggested by number, e-mail or telephone, never by a name. See
docs/subsystems/portal.md, "Who is who".
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

By = Literal["id", "email", "phone"]
LEAST_DIGITS, MOST_DIGITS = 10, 15
_NUMBERED = re.compile(r"/user/([0-9]{1,18})(?:/|$)|^\D*([0-9]{1,18})\D*$", re.ASCII)
_BETWEEN = re.compile(r"[,;/\n]|[^\W\d_]+", re.UNICODE)
_DIGITS = re.compile(r"[0-9]", re.ASCII)


@dataclass(frozen=True, slots=True)
class PortalUser:
    """email: folded. phones: as `phones_of` gives them. last_login None: never, or the portal does not tell."""

    id: int
    name: str
    email: str = ""
    phones: tuple[str, ...] = ()
    active: bool = True
    last_login: datetime | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """One of ours. user: number that holds, "" = none. said: what 1C says, whatever it is. phone: as it is written."""

    ref: str
    user: str = ""
    said: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    user: PortalUser
    by: By


def phones_of(text: str) -> tuple[str, ...]:
    """Telephones of a text, digits with the country's code: "8 (912) 000-00-07, доб. 3" -> ("79120000007",).

    Ten digits, and eleven that begin with 8, are Russian. What is shorter is an extension and finds nobody.
    """
    found = (_phone(part) for part in _BETWEEN.split(text))
    return tuple(dict.fromkeys(phone for phone in found if phone))


def _phone(text: str) -> str:
    digits, abroad = "".join(_DIGITS.findall(text)), text.strip().startswith("+")
    if len(digits) == 10 and not abroad:
        return "7" + digits
    if len(digits) == 11 and digits[0] == "8" and not abroad:
        return "7" + digits[1:]
    return digits if LEAST_DIGITS <= len(digits) <= MOST_DIGITS else ""


def email_of(text: str) -> str:
    """As addresses are compared; "" for what is none."""
    one = text.strip().casefold()
    return one if 0 < one.find("@") < len(one) - 1 and not any(sign.isspace() for sign in one) else ""


def number_of(text: str) -> int | None:
    """The user that a text names: its only number, or that of the address of a profile."""
    found = _NUMBERED.search(text.strip())
    return int(found[1] or found[2]) or None if found else None


class Directory:
    """The users of a portal, found quickly."""

    def __init__(self, users: Iterable[PortalUser]) -> None:
        self.users = {user.id: user for user in users}
        self._by_email, self._by_phone = (
            defaultdict[str, list[PortalUser]](list),
            defaultdict[str, list[PortalUser]](list),
        )
        self._names = Counter(_folded(user.name) for user in self.users.values() if user.active)
        for user in self.users.values():
            if user.active and user.email:
                self._by_email[user.email].append(user)
            for phone in user.phones if user.active else ():
                self._by_phone[phone].append(user)
        # With few rights a portal tells of nobody when he was there: then nobody is told to have stayed away.
        self._tells_logins = any(user.last_login for user in self.users.values())

    def get(self, user: str) -> PortalUser | None:
        """By his number as text."""
        return self.users.get(int(user)) if user.isascii() and user.isdigit() else None

    def came(self, user: PortalUser) -> bool:
        return user.last_login is not None or not self._tells_logins

    def problems(self, user: str) -> tuple[str, ...]:
        """user_unknown, user_inactive, user_never_came, user_twin; () for no user and while no user is known here."""
        if not user or not self.users:
            return ()
        one = self.get(user)
        if one is None or not one.active:
            return ("user_unknown",) if one is None else ("user_inactive",)
        twins = self._names[_folded(one.name)] > 1
        found = {"user_never_came": not self.came(one), "user_twin": bool(one.name.strip()) and twins}
        return tuple(key for key, holds in found.items() if holds)

    def suggest(self, person: Person, taken: Collection[int] = ()) -> Suggestion | None:
        """Whom he should be mapped to, None = as it is, or nobody is sure. taken: users of others.

        Never an inactive user; of several who fit the only one that ever came. Somebody who never came is replaced
        by nobody who did not come either.
        """
        now = self.get(person.user)
        if now is not None and now.active and self.came(now):
            return None
        ways: Mapping[By, Callable[[], list[PortalUser]]] = {
            "id": lambda: self._numbered(person.said),
            "email": lambda: self._by_email.get(email_of(person.email), []),
            "phone": lambda: [user for phone in phones_of(person.phone) for user in self._by_phone.get(phone, [])],
        }
        for by, found in ways.items():
            one = self._only(user for user in found() if user.id not in taken)
            if one is not None and one is not now and (now is None or not now.active or self.came(one)):
                return Suggestion(one, by)
        return None

    def _numbered(self, said: str) -> list[PortalUser]:
        one = self.users.get(number_of(said) or 0)
        return [one] if one is not None and one.active else []

    def _only(self, found: Iterable[PortalUser]) -> PortalUser | None:
        users = {user.id: user for user in found}
        came = [user for user in users.values() if self.came(user)]
        known = came if came else list(users.values())
        return known[0] if len(known) == 1 else None


def suggestions(people: Collection[Person], directory: Directory) -> dict[str, Suggestion]:
    """By ref. Nobody is suggested for two people, nor one whom another person has."""
    having: dict[int, set[str]] = defaultdict(set)
    for person in people:
        user = directory.get(person.user)
        if user is not None and user.active:
            having[user.id].add(person.ref)
    found: dict[str, Suggestion] = {}
    for person in people:
        taken = {user for user, refs in having.items() if refs - {person.ref}}
        one = directory.suggest(person, taken)
        if one is not None:
            found[person.ref] = one
    wanted = Counter(one.user.id for one in found.values())
    return {ref: one for ref, one in found.items() if wanted[one.user.id] == 1}


def _folded(name: str) -> str:
    return " ".join(name.casefold().replace("ё", "е").split())
