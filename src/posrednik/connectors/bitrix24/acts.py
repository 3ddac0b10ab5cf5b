"""Messages for a portal that are no task: what the connector asks of whoever carries them out."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Protocol

from posrednik.connectors.base import Held, Item, LookUpReport, NotThere, Outcome, Report
from posrednik.connectors.bitrix24.transport import Calls


class Acts(Protocol):
    """methods: of the messages that it takes. Each item gets one report; what gets none (Held, an error, too late) is
    reported by the connector: as not sent when Held was raised, else as unclear when sending."""

    methods: frozenset[str]

    async def send(self, calls: Calls, items: Sequence[Item], report: Report) -> None: ...

    async def look_up(self, calls: Calls, items: Sequence[Item], report: LookUpReport) -> None:
        """What became of items in doubt. Changes nothing there."""


class Facts(Protocol):
    """What acts have to know of us."""

    async def tasks_of(self, deliveries: Collection[str]) -> Mapping[str, str]:
        """Delivery id -> task id; one without a task yet is left out."""

    async def photo(self, sha256: str) -> bytes | None:
        """A picture that has come from the phone; None = not yet."""

    async def audience(self, division: str, about: str) -> Sequence[int]:
        """Users of the portal who are told. about: "incident", "alarm"."""


class OneByOne:
    """Acts of which each is a call of its own."""

    def __init__(
        self, method: str, send: Callable[[Calls, Item], Awaitable[Outcome]],
        find: Callable[[Calls, Item], Awaitable[Outcome | NotThere]],
    ) -> None:  # fmt: skip
        self.methods = frozenset({method})
        self._send, self._find = send, find

    async def send(self, calls: Calls, items: Sequence[Item], report: Report) -> None:
        for item in items:
            try:
                report(item, await self._send(calls, item))
            except Held as held:
                report(item, held.outcome())

    async def look_up(self, calls: Calls, items: Sequence[Item], report: LookUpReport) -> None:
        for item in items:
            try:
                report(item, await self._find(calls, item))
            except Held as held:
                report(item, held.outcome())
