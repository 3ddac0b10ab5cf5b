"""The board's live updates: server-sent events, read by fetch with the bearer token. See docs/subsystems/board.md."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Router, get
from litestar.params import FromQuery, QueryParameter
from litestar.response import Stream

from posrednik.api.auth import asked, check_range, person_of, services_of
from posrednik.api.board_filter import filter_of
from posrednik.api.cards import board_card
from posrednik.api.openapi import EventStream, documented
from posrednik.api.problems import language
from posrednik.api.services import Services
from posrednik.api.shapes import known
from posrednik.domain.board import Filter, Seen
from posrednik.domain.publication import rubles
from posrednik.domain.rights import Right
from posrednik.usecases.authenticate import Caller, Doorkeeper
from posrednik.usecases.watch_board import Batch, CursorUnknown, Full, Lagging, Viewer

AnyRequest = Request[Any, Any, Any]
Told = dict[UUID, tuple[Seen, bytes]]
TICK_S = 5.0  # a sign of life, and a look whether the person may still see this
LONGEST_S = 24 * 3600.0
LONGEST_CURSOR = 4000
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


@get(
    "/stream", summary="Live updates of the board",
    **documented("boardStream", answer=EventStream, right=Right.BOARD_SEE, exclude_from_compression=True),
)  # fmt: skip
async def stream(
    request: AnyRequest,
    q: FromQuery[str] = "",
    courier: FromQuery[str] = "",
    division: FromQuery[str] = "",
    day: FromQuery[str] = "",
    only: FromQuery[str] = "",
    stage: FromQuery[str] = "",
    since: Annotated[str, QueryParameter(description="A cursor; the header Last-Event-ID wins")] = "",
    seconds: Annotated[float, QueryParameter(description="End after so long; 0 = go on")] = 0,
) -> Stream:
    """Events `hello`, `card`, `gone`, `incident`, `cash`, `beat`, `reset`: docs/subsystems/board.md."""
    caller = await person_of(request, Right.BOARD_SEE)
    check_range("seconds", seconds, 0, LONGEST_S)
    wanted = filter_of(caller, q=q, courier=courier, division=division, day=day, only=only, stage=stage)
    cursor = asked(request.headers.get("last-event-id") or since, LONGEST_CURSOR)
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    told = _Told(services_of(request), wanted, language(request))
    still = _Still(doorkeeper, request.headers.get("authorization", ""), caller, seconds or LONGEST_S)
    return Stream(_events(told, still, cursor or None), media_type="text/event-stream", headers=HEADERS)


class _Still:
    """Whether the person may still see what he is being shown."""

    def __init__(self, doorkeeper: Doorkeeper, authorization: str, caller: Caller, seconds: float) -> None:
        self._doorkeeper, self._authorization, self._caller = doorkeeper, authorization, caller
        self._asked_at = time.monotonic()
        self._ends_at = self._asked_at + seconds

    @property
    def wait_s(self) -> float:
        return max(0.0, min(TICK_S, self._ends_at - time.monotonic()))

    async def allowed(self) -> bool:
        """Asked of the database every few seconds at most."""
        if time.monotonic() >= self._ends_at:
            return False
        if time.monotonic() - self._asked_at < TICK_S:
            return True
        self._asked_at = time.monotonic()
        now = await self._doorkeeper.caller(self._authorization)
        return now is not None and now.may(Right.BOARD_SEE) and now.divisions == self._caller.divisions


async def _events(told: "_Told", still: _Still, since: str | None) -> AsyncIterator[bytes]:
    watch = told.services.board
    try:
        async with watch.watching(since) as viewer:
            yield _frame("hello", {"cursor": viewer.cursor, "at": datetime.now(UTC)}, viewer.cursor)
            if viewer.missed is not None:
                yield await told.frames(viewer.missed)
            async for batch in _batches(viewer, still):
                looked = {"at": watch.looked_at}
                yield await told.frames(batch) if batch is not None else _frame("beat", looked)
    except (Lagging, CursorUnknown):
        yield _frame("reset", {})
    except Full:
        yield b"retry: 15000\n\n" + _frame("full", {})


async def _batches(viewer: Viewer, still: _Still) -> AsyncIterator[Batch | None]:
    """Until the process stops or the person may no longer look; None = nothing came for a while."""
    while not viewer.closed:
        batch = await viewer.next(still.wait_s)
        if viewer.closed or not await still.allowed():
            return
        yield batch


class _Told:
    """What one person is told of a look. Cards are made once for all who read the same language."""

    def __init__(self, services: Services, wanted: Filter, lang: str) -> None:
        self.services, self._wanted, self._lang = services, wanted, lang

    async def frames(self, batch: Batch) -> bytes:
        cards = await self._cards(batch)
        return b"".join(self._of(batch, cards)) + f"id: {batch.changes.cursor}\n\n".encode()

    async def _cards(self, batch: Batch) -> Told:
        if self._lang not in batch.memo:
            batch.memo[self._lang] = asyncio.ensure_future(_cards(self.services, batch, self._lang))
        made: Told = await asyncio.shield(batch.memo[self._lang])
        return made

    def _of(self, batch: Batch, cards: Told) -> Iterator[bytes]:
        now, wanted, changes = datetime.now(UTC), self._wanted, batch.changes
        for id, (seen, frame) in cards.items():
            before = changes.moved_from.get(id)
            if wanted.fits(seen, now):
                yield frame
            elif wanted.may_see(seen.division_ref) or (before is not None and wanted.may_see(before)):
                yield _frame("gone", {"id": id})
        for row in changes.cash:
            if wanted.divisions is None or row.division_ref in wanted.divisions:
                yield _frame("cash", {"courier": row.courier_ref, "on_hand": rubles(row.sum_kop)})
        if changes.open_incidents is not None:
            mine = (n for ref, n in changes.open_incidents.items() if wanted.may_see(ref))
            yield _frame("incident", {"open": sum(mine)})


async def _cards(services: Services, batch: Batch, lang: str) -> Told:
    names, now = await known(services.db, services.rules), datetime.now(UTC)
    made: Told = {}
    for id, one in batch.shown.items():
        seen, card = board_card(one.delivery, one.marks, names, lang, now)
        told = {"id": id, "version": card["version"], "changed_at": card["changed_at"], "card": card}
        made[id] = seen, _frame("card", told)
    return made


def _frame(event: str, data: Any, id: str | None = None) -> bytes:
    head = b"" if id is None else f"id: {id}\n".encode()
    return head + f"event: {event}\ndata: ".encode() + msgspec.json.encode(data) + b"\n\n"


router = Router("/api/v1/board", route_handlers=[stream], tags=["Board"])
