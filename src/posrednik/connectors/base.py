"""What a connector is: one folder per outside system behind this contract. See docs/subsystems/connectors.md.

A send ends in one of four values:

    Outcome
    ├── Accepted   the destination answered yes
    ├── TryLater   it certainly did not happen; later it may (limits, outage, "locked")
    ├── Refused    it certainly did not happen and a repeat would not help
    └── Unclear    bytes were sent and no whole answer came: it may have happened
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol
from uuid import UUID

import msgspec

Body = Mapping[str, Any]
# As a method of `Gate.pause`: all of them.
EVERY = "*"


class StoredBody(Body):
    """A body as it is stored, JSON text; read only by who needs what is in it. `text` can be sent as it stands."""

    __slots__ = ("_data", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._data: dict[str, Any] | None = None

    def _read(self) -> dict[str, Any]:
        if self._data is None:
            self._data = msgspec.json.decode(self.text, type=dict[str, Any])
        return self._data

    def __getitem__(self, key: str) -> Any:
        return self._read()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


@dataclass(frozen=True, slots=True)
class Item:
    """One message as a connector sees it.

    id: stable over retries, replays and restarts: the marker and the idempotency key.
    key: the subject, which is the lane ("delivery:<uuid>"). method: what is wanted, from domain/routes.py.
    remote_id, written: what `Accepted` of an earlier message of the same key left behind.
    attempt: 1 for the first try.
    """

    id: UUID
    key: str
    method: str
    body: Body
    attempt: int = 1
    remote_id: str | None = None
    written: Body | None = None


class Accepted(msgspec.Struct, frozen=True):
    """Done there. `remote_id` and `written` are kept for the next message of the same key."""

    remote_id: str | None = None
    written: Body | None = None
    why: str = ""
    status: int | None = None
    code: str = "accepted"


class TryLater(msgspec.Struct, frozen=True):
    """Not done, certainly. `why` is a sentence for people, `code` is stable and English.

    after_s: seconds the destination asked for, None = by the retry policy.
    scope: "message" costs an attempt unless `free`; "method" pauses this method, "destination" opens the
    breaker for `after_s`, and neither of these ever costs an attempt.
    fault: the destination itself is unwell (refused connection, 5xx); counts for the breaker.
    """

    why: str
    code: str = "try_later"
    after_s: float | None = None
    scope: Literal["message", "method", "destination"] = "message"
    free: bool = False
    fault: bool = False
    status: int | None = None


class Refused(msgspec.Struct, frozen=True):
    """A definite no. disable: the whole destination said it wants nothing more (410, portal deleted)."""

    why: str
    code: str = "refused"
    disable: bool = False
    status: int | None = None


class Unclear(msgspec.Struct, frozen=True):
    """Sent, but no whole answer: look up before sending again, after the destination's own time limit."""

    why: str
    code: str = "unclear"
    status: int | None = None
    fault: bool = True


Outcome = Accepted | TryLater | Refused | Unclear


class NotThere(msgspec.Struct, frozen=True):
    """A look-up is sure that the effect of the item did not happen: it may be sent again."""

    why: str = "not found by its marker"


Report = Callable[[Item, Outcome], None]
LookUpReport = Callable[[Item, Outcome | NotThere], None]


class Held(Exception):
    """The gate did not let a call through in reasonable time; nothing was sent and nothing charged."""

    def __init__(self, why: str, after_s: float, code: str = "limiter") -> None:
        super().__init__(why)
        self.why, self.after_s, self.code = why, after_s, code

    def outcome(self) -> TryLater:
        return TryLater(self.why, self.code, after_s=self.after_s, free=True)


class Gate(Protocol):
    """The limits of one destination, shared by all workers. Charged once per HTTP call, just before it."""

    async def enter(self, method: str) -> None:
        """Wait for a token and for the end of a pause of `method`; raise `Held` if that takes long."""

    def pause(self, method: str, seconds: float, why: str) -> None:
        """From an answer: this method is not to be called for so long; EVERY = none is."""

    def slow_down(self, seconds: float) -> None:
        """From an answer: calls come too often. Nobody calls for so long, and then all call slower."""


class Connector(Protocol):
    """kind: "bitrix24", "site", ... group_size: items offered to one `send`; 1 = each by itself.

    time_limit_s: after so long a request that was sent can no longer take effect there (Bitrix24: 60 s).
    timeout_s: the longest that one `send` or `look_up` may take. Both always end in one report per item;
    they never raise for anything the destination did.
    """

    kind: str
    group_size: int
    time_limit_s: float
    timeout_s: float

    async def send(self, items: Sequence[Item], gate: Gate, report: Report) -> None: ...

    async def look_up(self, items: Sequence[Item], gate: Gate, report: LookUpReport) -> None:
        """Find out what became of items whose outcome is not known. Changes nothing there."""

    async def close(self) -> None: ...
