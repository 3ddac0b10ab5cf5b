"""What check, set-up and mappings ask of the portal, and what they are told. See docs/subsystems/portal.md."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from posrednik.domain.portal_people import PortalUser

# address: no such host, or nobody there. busy: later by itself. webhook: only an application may ask this. absent: the
# portal has no such method. unclear: it may have been done. refused: anything else.
What = Literal["address", "tls", "access", "scope", "tariff", "busy", "webhook", "absent", "unclear", "refused"]


class PortalTrouble(Exception):
    """The portal did not answer yes. why: a sentence for people, without secrets. code: the portal's, or ours."""

    def __init__(self, what: What, why: str, code: str = "") -> None:
        super().__init__(f"{what}: {code or why}")
        self.what, self.why, self.code = what, why, code


@dataclass(frozen=True, slots=True)
class Me:
    """Who acts on the portal."""

    id: int
    name: str
    admin: bool


@dataclass(frozen=True, slots=True)
class About:
    """What the portal says of our access. installed None: we are no application, or it does not tell. ahead_s: its
    clock before ours. v3: REST v3 knows tasks; None = it did not say."""

    scopes: frozenset[str]
    licence: str = ""
    installed: bool | None = None
    ahead_s: float | None = None
    v3: bool | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """A project (or group) of the portal. closed: in the archive, it takes no tasks."""

    id: int
    name: str
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """Of one project. missing: titles of our columns that it has not. members: numbers of users."""

    missing: tuple[str, ...] = ()
    members: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Arranged:
    """Titles of columns. dropped: doubles of ours."""

    added: tuple[str, ...] = ()
    renamed: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Bound:
    """What the portal calls: an event or a placement, and our address that it calls then."""

    name: str
    handler: str


@dataclass(frozen=True, slots=True)
class Titled(Bound):
    """A placement with what people read. titles: by language."""

    titles: dict[str, str] = field(default_factory=dict, compare=False)


class PortalDesk(Protocol):
    """One portal. Everything raises PortalTrouble; what is asked to be done is done once, however often it is asked."""

    application: bool  # calls are an application's: it may have events and placements

    async def me(self) -> Me: ...

    async def about(self, now: datetime) -> About: ...

    async def users(self) -> list[PortalUser]:
        """All that the portal tells of, dismissed ones too."""
        ...

    async def projects(self, name: str = "") -> list[Project]:
        """All; name: those that are called exactly so, lowest number first."""
        ...

    async def board(self, project: int) -> Board: ...

    async def make_project(self, name: str) -> int: ...

    async def arrange_columns(self, project: int) -> Arranged:
        """Ours there and in their order, what was done to get them so."""
        ...

    async def add_members(self, project: int, users: Collection[int]) -> None: ...

    async def events(self) -> Sequence[Bound]: ...

    async def bind_event(self, one: Bound) -> None: ...

    async def unbind_event(self, one: Bound) -> None: ...

    async def placements(self) -> Sequence[Bound]: ...

    async def bind_placement(self, one: Titled) -> None: ...

    async def unbind_placement(self, one: Bound) -> None: ...
