"""What `posrednik bitrix24 check` says of a portal, line by line, of what was asked and answered. Pure.

A line is fine, or says what is so, what it means and what to do. See docs/subsystems/portal.md, "Check".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from posrednik.domain.portal_desk import About, Board, Bound, Me, PortalTrouble, Project
from posrednik.domain.portal_people import PortalUser
from posrednik.domain.texts_portal_check import line_text

# done: of a set-up, which had something to do.
State = Literal["ok", "warn", "wrong", "skip", "done"]
WORST: tuple[State, ...] = ("wrong", "warn")
CLOCK_S = 60.0
# Without these no delivery gets its task and column; the others are for one thing each.
NEEDED = ("task", "user", "sonet_group")
USEFUL = ("tasks", "im", "disk")
FOR_APPLICATIONS = ("placement",)
# A smaller right of the same kind. With `user_brief` the portal tells neither e-mail nor telephone.
INSTEAD: Mapping[str, tuple[str, ...]] = {"user": ("user_basic",), "disk": ()}
# What is wrong with a courier's user, the gravest first; a twin may be right.
COURIER_WRONG = ("user_of_several", "bad_user", "user_unknown", "user_inactive")
COURIER_WARN = ("no_user", "user_never_came", "user_twin")
LOCAL = ("http://", "https://127.", "https://localhost", "https://[")


@dataclass(frozen=True, slots=True)
class Line:
    """data: what its sentence names. what: which of the sentences of its key."""

    key: str
    state: State
    what: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)

    def told(self, lang: str = "ru") -> dict[str, Any]:
        """{"key", "state", "title", "text"}"""
        title, sentence = line_text(self.key, self.what or self.state, lang, self.data)
        return {"key": self.key, "state": self.state, "title": title, "text": sentence}


@dataclass(frozen=True, slots=True)
class DivisionFacts:
    """group: number of its project, None = none at all. common: it is the company's common one. project, board: as the
    portal has them, None = it has none like that, or did not answer (trouble). absent: names of couriers who are not
    in the project."""

    name: str
    group: int | None
    common: bool = False
    project: Project | None = None
    board: Board | None = None
    trouble: str = ""
    absent: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Bindings:
    """wanted: what the portal should call. there: what it calls. trouble: why it could not be asked."""

    wanted: Sequence[Bound]
    there: Sequence[Bound] = ()
    trouble: PortalTrouble | None = None

    @property
    def missing(self) -> list[Bound]:
        return sorted(set(map(_plain, self.wanted)) - set(map(_plain, self.there)))

    @property
    def stale(self) -> list[Bound]:
        """Of the same name at another address: an earlier address of ours."""
        names, wanted = {one.name for one in self.wanted}, set(map(_plain, self.wanted))
        return sorted(one for one in map(_plain, self.there) if one.name in names and one not in wanted)


def _plain(one: Bound) -> Bound:
    return Bound(one.name.upper(), one.handler)


@dataclass(frozen=True, slots=True)
class Facts:
    """trouble: of the very first question; nothing else was asked then. people: users who act and answer by default,
    with what they are here for: creator, fallback. couriers: names by what is wrong with their users. failed: why the
    users could not be read. own_url: our address, as the portal is to call it."""

    application: bool
    own_url: str
    trouble: PortalTrouble | None = None
    me: Me | None = None
    about: About | PortalTrouble | None = None
    failed: str = ""
    people: Sequence[tuple[str, int, PortalUser | None]] = ()
    divisions: Sequence[DivisionFacts] = ()
    couriers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    mapped: int = 0
    events: Bindings | None = None
    placements: Bindings | None = None


def lines(facts: Facts) -> tuple[Line, ...]:
    """In the order in which they should be mended."""
    if facts.trouble is not None:
        return _unreached(facts.trouble)
    return (
        Line("address", "ok"), *_access(facts), *_about(facts), *_people(facts), *_divisions(facts), *_couriers(facts),
        _bound("events", facts, facts.events), _bound("placements", facts, facts.placements),
    )  # fmt: skip


def worst(found: Iterable[Line]) -> State:
    """Of all lines; without any it is ok."""
    states = {one.state for one in found}
    return next((state for state in WORST if state in states), "ok")


def _unreached(trouble: PortalTrouble) -> tuple[Line, ...]:
    why = {"why": trouble.why}
    if trouble.what in ("address", "tls", "busy", "unclear"):
        return (Line("address", "wrong", trouble.what if trouble.what in ("address", "tls") else "busy", why),)
    return (Line("address", "ok"), Line("access", "wrong", "tariff" if trouble.what == "tariff" else "refused", why))


def _access(facts: Facts) -> list[Line]:
    if facts.me is None:
        return []
    data = {"name": facts.me.name or str(facts.me.id), "id": facts.me.id}
    how = "application" if facts.application else "webhook"
    admin = Line("admin", "ok", data=data) if facts.me.admin else Line("admin", "wrong", data=data)
    return [Line("access", "ok", how, data), admin]


def _about(facts: Facts) -> list[Line]:
    about = facts.about
    if not isinstance(about, About):
        return [Line("rights", "warn", data={"why": about.why})] if about else []
    return [*_scopes(facts.application, about.scopes), *_portal(about)]


def _scopes(application: bool, given: frozenset[str]) -> list[Line]:
    wanted = (*NEEDED, *USEFUL, *(FOR_APPLICATIONS if application else ()))
    missing = [one for one in wanted if not {one, *INSTEAD.get(one, ())} & given]
    if not missing:
        return [Line("rights", "ok", data={"names": list(wanted)})]
    return [Line(f"right_{one}", "wrong" if one in NEEDED else "warn", "missing") for one in missing]


def _portal(about: About) -> list[Line]:
    found = [Line("tariff", "ok", data={"licence": about.licence})] if about.licence else []
    if about.installed is not None:
        found.append(Line("installed", "ok" if about.installed else "wrong"))
    if about.ahead_s is not None:
        fine = abs(about.ahead_s) <= CLOCK_S
        found.append(Line("clock", "ok" if fine else "warn", data={"seconds": abs(round(about.ahead_s))}))
    if about.v3 is not None:
        found.append(Line("v3", "ok" if about.v3 else "warn"))
    return found


def _people(facts: Facts) -> list[Line]:
    if facts.failed:
        return [Line("users", "wrong", data={"why": facts.failed})]
    found = []
    for key, number, user in facts.people:
        fine = user is not None and user.active
        what = "" if fine else "inactive" if user else "unknown"
        found.append(Line(key, "ok" if fine else "wrong", what, {"id": number, "name": user.name if user else ""}))
    return found


def _divisions(facts: Facts) -> list[Line]:
    if not facts.divisions:
        return [Line("divisions", "warn")]
    return [_division(one) for one in facts.divisions]


def _division(one: DivisionFacts) -> Line:
    data: dict[str, Any] = {
        "division": one.name,
        "group": one.group,
        "project": one.project.name if one.project else "",
    }
    if one.group is None:
        return Line("project", "wrong", "none", data)
    if one.trouble:
        return Line("project", "wrong", "unread", data | {"why": one.trouble})
    if one.project is None or one.board is None:
        return Line("project", "wrong", "unknown", data)
    if one.project.closed:
        return Line("project", "wrong", "closed", data)
    if one.absent:
        return Line("project", "wrong", "members", data | {"names": list(one.absent)})
    if one.board.missing:
        return Line("project", "warn", "columns", data | {"names": list(one.board.missing)})
    return Line("project", "ok", "common" if one.common else "own", data)


def _couriers(facts: Facts) -> list[Line]:
    found: list[Line] = []
    for key in (*COURIER_WRONG, *COURIER_WARN):
        if names := facts.couriers.get(key):
            found.append(Line("couriers", "wrong" if key in COURIER_WRONG else "warn", key, {"names": list(names)}))
    return found or [Line("couriers", "ok", data={"n": facts.mapped})]


def _bound(key: str, facts: Facts, bindings: Bindings | None) -> Line:
    if bindings is None or not facts.application:
        return Line(key, "skip", "webhook")
    if bindings.trouble is not None:
        return Line(key, "wrong", "unread", {"why": bindings.trouble.why})
    if bindings.missing:
        data = {"names": [one.name for one in bindings.missing], "url": facts.own_url}
        return Line(key, "wrong", "missing" if is_public(facts.own_url) else "local", data)
    if bindings.stale:
        return Line(key, "warn", "stale", {"names": [f"{one.name} ({one.handler})" for one in bindings.stale]})
    return Line(key, "ok", data={"url": facts.own_url})


def is_public(url: str) -> bool:
    """Whether a portal in the cloud can call it: https, and not this machine."""
    return bool(url) and not url.startswith(LOCAL)
