"""Objects of 1C as far as their base may say so: fields of other owners keep the value that they had. See
docs/subsystems/ownership.md."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from posrednik.domain import ownership as rules
from posrednik.domain.ownership import KINDS, ONEC, Closed, Content, NotOwner, Policy
from posrednik.domain.texts import text
from posrednik.kit import values
from posrednik.kit.quoting import quotable
from posrednik.store import ownership
from posrednik.store.db import Row, Tx
from posrednik.store.inbox import Base
from posrednik.store.mirror import Bad, State
from posrednik.usecases.exchange_guard import system
from posrednik.usecases.ownership import Refusal, by_base, settle, shown_values, subject_of, tell
from posrednik.usecases.take_objects import Arrived, Taken, take_objects

_encoder = msgspec.json.Encoder(order="sorted")
_MARKS = ("deleted", "posted")
# What a document needs to be known before it: field → kind. Its lines need their products.
_NEEDS = {"division": "division", "warehouse": "warehouse", "from": "warehouse", "to": "warehouse"}


class Screened:
    """arrived: what may be applied, with fields of other owners as they were. bad: new objects that cannot be without
    such a field."""

    def __init__(self, arrived: Sequence[Arrived]) -> None:
        self.arrived = arrived
        self.bad: list[Bad] = []
        self._ends: Sequence[int | Bad] = range(len(arrived))
        self._refused: list[tuple[int | None, Refusal]] = []  # place in `arrived`, None: of a bad one
        self._agreed: list[tuple[int, str]] = []

    def refusals(self, became: Sequence[str]) -> list[Refusal]:
        """became: of each of `arrived` in turn; what was stale would have written nothing."""
        return [one for place, one in self._refused if place is None or became[place] != "stale"]

    def agreed(self, became: Sequence[str]) -> list[str]:
        """Fields of others that came as they are here: kind:ref:field."""
        return [subject for place, subject in self._agreed if became[place] != "stale"]

    def ends(self, became: Sequence[str]) -> list[str | Bad]:
        """Of all that was screened, in turn: what became of it, or why nothing could."""
        return [one if isinstance(one, Bad) else became[one] for one in self._ends]


async def screen(tx: Tx, base: Base, policy: Policy, arrived: Sequence[Arrived]) -> Screened:
    """Under the base's lock, before the objects are taken. Costs nothing when the base may write all that there is."""
    closed = policy.closed(ONEC, base.name)
    keys = {one.state.key for one in arrived if one.state.kind in closed} if closed else None
    if not keys:
        return Screened(arrived)
    known = await ownership.contents(tx, base.id, keys)
    screened = _Screening(base, policy, closed)
    for one in arrived:
        screened.take(one, known.get(one.state.key))
    return screened


async def take_owned(
    tx: Tx, base: Base, policy: Policy, rank: tuple[int, int], arrived: Sequence[Arrived], bad: Sequence[Bad],
    now: datetime,
) -> tuple[Taken, list[Bad]]:  # fmt: skip
    """`take_objects` as far as the base may; also all that went to quarantine. rank: epoch and number of `bad`."""
    screened = await screen(tx, base, policy, arrived)
    all_bad = [*bad, *screened.bad]
    taken = await take_objects(tx, base.id, *rank, screened.arrived, all_bad)
    await tell(tx, screened.refusals(taken.became), now)
    await settle(tx, screened.agreed(taken.became), now)
    return taken, all_bad


class _Screening(Screened):
    """Goes through the objects in their order."""

    def __init__(self, base: Base, policy: Policy, closed: Mapping[str, Closed]) -> None:
        self._passed: list[Arrived] = []
        self._ended: list[int | Bad] = []
        super().__init__(self._passed)
        self._ends = self._ended
        self._base, self._policy, self._closed = base, policy, closed

    def take(self, one: Arrived, row: Row | None) -> None:
        """row: what was accepted last of the object."""
        state, closed = one.state, self._closed.get(one.state.kind)
        if closed is None:
            self._pass(one)
            return
        before = None if row is None else Content(msgspec.json.decode(row.data), row.deleted, row.posted)
        came = Content(msgspec.json.decode(state.body), state.deleted, state.posted)
        kept = rules.keep(state.kind, closed, before, came)
        place = None if kept.missing else len(self._passed)
        for name in kept.missing or kept.refused:
            self._refused.append((place, self._refusal(state, name, before, came, new=bool(kept.missing))))
        if kept.missing:
            self.bad.append(self._bad(state, kept.missing[0]))
            self._ended.append(self.bad[-1])
        else:
            self._pass(one if kept.content == came else _rewritten(one, kept))
            self._agree(state, closed, came, kept)

    def _agree(self, state: State, closed: Closed, came: Content, kept: rules.Kept) -> None:
        place = len(self._passed) - 1
        same = [name for name in (*came.data, *_MARKS) if closed.refuses(name) and name not in kept.refused]
        self._agreed += [(place, subject_of(state.kind, state.ref, name)) for name in same]

    def _pass(self, one: Arrived) -> None:
        self._ended.append(len(self._passed))
        self._passed.append(one)

    def _refusal(self, state: State, name: str, before: Content | None, came: Content, *, new: bool) -> Refusal:
        data = before.data if before and before.data else came.data
        order = state.kind == "order"
        return Refusal(
            state.kind, state.ref, name, ONEC, by_base(self._base), system(self._base.id), "object",
            _called(data) or state.ref, self._owners(state.kind, name),
            str(data.get("division") or ""), self._base.id, state.ref if order else None,
            str(data.get("number")) if order else None, new=new,
            shown={} if new else shown_values(_value(came, name), None if before is None else _value(before, name)),
        )  # fmt: skip

    def _bad(self, state: State, name: str) -> Bad:
        said = NotOwner(object_kind=state.kind, field=name, owners=self._owners(state.kind, name))
        raw = {
            "kind": state.kind, "ref": state.ref, "version": state.version, "deleted": state.deleted,
            "posted": state.posted, "event": state.event_id, "data": msgspec.Raw(state.body.encode()),
        }  # fmt: skip
        words, body = text(said.code, **said.data), msgspec.json.encode(raw)
        return Bad(state.kind, state.ref, state.rank[2], said.code, words, body, name)

    def _owners(self, kind: str, name: str) -> list[str]:
        return rules.shown(self._policy.owners(kind, name))


def _called(data: rules.Data) -> str:
    """By its number, or by its name, in which there may be anything."""
    return str(data.get("number") or quotable(str(data.get("name") or "")))


def _value(content: Content, name: str) -> Any:
    return getattr(content, name) if name in _MARKS else content.data.get(name)


def _rewritten(one: Arrived, kept: rules.Kept) -> Arrived:
    content = kept.content
    body = _encoder.encode(content.data)
    state = msgspec.structs.replace(
        one.state, body=body.decode(), deleted=content.deleted, posted=content.posted,
        hash=values.content_hash(content.deleted, content.posted, body),
    )  # fmt: skip
    odd_sums = () if "lines" in kept.refused else one.odd_sums
    return msgspec.structs.replace(one, state=state, needs=_needs(state.kind, content.data), odd_sums=odd_sums)


def _needs(kind: str, data: rules.Data) -> tuple[tuple[str, str], ...]:
    """As of an object that comes so: the value that stays may be one whose object is still waited for."""
    if "posted" not in KINDS[kind].marks:
        return ()
    found = {(needed, data[name]) for name, needed in _NEEDS.items() if name in data}
    return tuple(sorted(found | {("product", line["product"]) for line in data.get("lines", ())}))
