"""Lanes and their messages: everything that dispatch does in the database. See docs/subsystems/dispatch.md."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from posrednik.domain.routes import ALARM
from posrednik.domain.task_notes import METHODS, PHOTO_LANES
from posrednik.store import lags
from posrednik.store.db import Database, Row, Tx

PERSON, BULK = 0, 1
# Of messages that an event has beside its main one at the same destination; the journal tells them apart.
BESIDE = METHODS | {ALARM.method}


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to be put into a lane.

    state_of: for *state* messages, what they are the state of; an unsent older one of the same is superseded.
    priority: PERSON when a person waits for it, BULK for loads and replays. body: JSON text.
    """

    destination_id: int
    key: str
    event_id: UUID
    method: str
    body: str
    order_ref: UUID | None = None
    state_of: str | None = None
    priority: int = PERSON


class Claimed(msgspec.Struct, frozen=True):
    """One message of a leased lane. in_doubt: look it up before sending it. urgent: goes before claimed bulk."""

    lane_id: int
    epoch: int
    key: str
    seq: int
    event_id: UUID
    order_ref: UUID | None
    method: str
    body: str
    attempt: int
    in_doubt: bool
    remote_id: str | None
    written: str | None
    urgent: bool = True


@dataclass(slots=True)
class LaneResult:
    """What one lane's lease has come to. done_upto: 0 = nothing done. release False = progress only."""

    lane_id: int
    epoch: int
    done_upto: int = 0
    release: bool = False
    dead: bool = False
    delay_s: float = 0.0
    attempt: int = 0
    doubt_upto: int = 0
    why: str = ""
    why_text: str = ""


class Attempt(msgspec.Struct, frozen=True):
    """One line of the journal. outcome: accepted, try_later, refused, unclear, found, not_there. method: of the
    message; told where an event has several for one destination."""

    lane_id: int
    at: datetime
    outcome: str
    order_ref: UUID | None
    event_id: UUID
    attempt: int
    duration_ms: int
    code: str
    summary: str
    method: str = ""


@dataclass(frozen=True, slots=True)
class Remote:
    """What a destination called the object of a lane, and what we last wrote there (JSON text)."""

    lane_id: int
    remote_id: str
    written: str | None


async def put(tx: Tx, drafts: Sequence[Draft]) -> None:
    """Append messages to their lanes; call once a transaction, last. Order of `drafts` is kept within a lane."""
    if not drafts:
        return
    counts = Counter((d.destination_id, d.key) for d in drafts)
    urgent = {(d.destination_id, d.key) for d in drafts if d.priority == PERSON}
    order = sorted(counts, key=lambda lane: (lane[0], lane[1].encode()))
    rows = await tx.fetch("lanes_lock", {
        "destination_ids": [lane[0] for lane in order],
        "keys": [lane[1] for lane in order],
        "counts": [counts[lane] for lane in order],
        "priorities": [PERSON if lane in urgent else BULK for lane in order],
    })  # fmt: skip
    lanes = {(row.destination_id, row.key): row for row in rows}
    numbered = _number(drafts, lanes, counts)
    await tx.run("messages_put", {
        "lane_ids": [lane_id for lane_id, _, _, _ in numbered],
        "seqs": [seq for _, seq, _, _ in numbered],
        "event_ids": [d.event_id for *_, d in numbered],
        "order_refs": [d.order_ref for *_, d in numbered],
        "states_of": [d.state_of for *_, d in numbered],
        "methods": [d.method for *_, d in numbered],
        "priorities": [d.priority for *_, d in numbered],
        "bodies": [d.body for *_, d in numbered],
    })  # fmt: skip
    await _supersede(tx, [row for row in numbered if row[3].state_of is not None])
    tx.hints.update(d.destination_id for d in drafts)


def _number(
    drafts: Sequence[Draft], lanes: dict[tuple[int, str], Row], counts: Counter[tuple[int, str]]
) -> list[tuple[int, int, int, Draft]]:
    """(lane id, seq, fence, draft) of each draft."""
    next_seq = {lane: row.last_seq - counts[lane] for lane, row in lanes.items()}
    numbered = []
    for draft in drafts:
        lane = (draft.destination_id, draft.key)
        next_seq[lane] += 1
        numbered.append((lanes[lane].lane_id, next_seq[lane], lanes[lane].fence, draft))
    return numbered


async def _supersede(tx: Tx, states: Sequence[tuple[int, int, int, Draft]]) -> None:
    newest = {(lane_id, draft.state_of): (lane_id, seq, fence, draft) for lane_id, seq, fence, draft in states}
    older = [row for row in newest.values() if row[1] > 1]
    if older:
        await tx.run("messages_supersede", {
            "lane_ids": [lane_id for lane_id, *_ in older],
            "seqs": [seq for _, seq, _, _ in older],
            "fences": [fence for _, _, fence, _ in older],
            "states_of": [d.state_of for *_, d in older],
        })  # fmt: skip


async def claim(
    tx: Tx,
    destination_id: int,
    owner: UUID,
    *,
    lanes: int,
    per_lane: int,
    lease_s: float,
    bulk: int | None = None,
    bulk_first: bool = False,
    probe: bool = False,
) -> list[Claimed]:
    """Lease up to `lanes` due lanes of a destination, `per_lane` first messages of each, in lane order.

    bulk: at most so many of them with bulk priority (None: all may be). bulk_first: a few of these before the others.
    probe: for the caller of `claim_probe`, in the same transaction.
    """
    rows = await tx.fetch("lanes_claim", {
        "destination_id": destination_id, "owner": owner, "lanes": lanes, "per_lane": per_lane,
        "bulk": lanes if bulk is None else bulk, "lease_s": lease_s, "bulk_first": bulk_first, "probe": probe,
    })  # fmt: skip
    return list(_claimed(rows))


def _claimed(rows: Iterable[Row]) -> Iterable[Claimed]:
    """Columns by place, as lanes_claim gives them: by name each costs as much as the rest of its message."""
    before = None
    for lane_id, epoch, tried, doubt_upto, key, urgent, seq, event_id, order_ref, method, body, remote, written in rows:
        attempt = tried + 1 if lane_id != before else 1
        yield Claimed(
            lane_id, epoch, key, seq, event_id, order_ref, method, body, attempt, seq <= doubt_upto, remote, written,
            urgent,
        )  # fmt: skip
        before = lane_id


async def claim_probe(tx: Tx, destination_id: int, probe_s: float) -> float | None:
    """The right to probe a destination whose breaker's time is over; one worker gets it, for `probe_s` seconds.

    Returns how long the breaker was open last (seconds), or None. Roll back if there is nothing to probe with.
    """
    row = await tx.one("lanes_claim_probe", {"destination_id": destination_id, "probe_s": probe_s})
    return None if row is None else float(row.pause_s)


async def move_breaker(db: Database, destination_id: int, state: str, for_s: float, pause_s: float, why: str) -> None:
    """state: closed, open or half_open, for `for_s` seconds by the database clock; pause_s: what the next pause grows
    from."""

    async def work(tx: Tx) -> None:
        await tx.run("breaker_set", {
            "destination_id": destination_id, "breaker": state, "for_s": for_s, "pause_s": pause_s, "why": why,
        })  # fmt: skip

    await db.transact(work)


async def finish(
    tx: Tx, system: str, results: Sequence[LaneResult], attempts: Sequence[Attempt], remotes: Sequence[Remote]
) -> dict[int, bool]:
    """Record outcomes. Returns lane id -> whether it can be claimed again at once, for the lanes that were still ours.

    For a lane that was lost the attempt goes to the journal as `late_…`, the name of a remote object is kept (it is
    a fact; what was written there is then unknown), and nothing else is written.
    """
    columns = [[getattr(r, name) for r in results] for name in LaneResult.__slots__]
    rows = await tx.fetch("lanes_finish", dict(zip(_FINISH_PARAMS, columns, strict=True)))
    ours = {int(row.lane_id): bool(row.due) for row in rows}
    if attempts:
        await tx.run("attempts_journal", _journal_params(system, attempts, ours.keys()))
    made = await _keep_remotes(tx, remotes, ours.keys())
    await _note(tx, results, [a for a in attempts if a.lane_id in ours], made)
    return ours


async def _keep_remotes(tx: Tx, remotes: Sequence[Remote], ours: Collection[int]) -> list[int]:
    """Lanes that had no object at their destination before."""
    if not remotes:
        return []
    newest = {r.lane_id: r for r in remotes}
    kept = [newest[lane_id] for lane_id in sorted(newest)]
    rows = await tx.fetch("remote_objects_put", {
        "lane_ids": [r.lane_id for r in kept],
        "remote_ids": [r.remote_id for r in kept],
        "writtens": [r.written if r.lane_id in ours else None for r in kept],
    })  # fmt: skip
    made = [row.lane_id for row in rows if row.made]
    if made:
        woken = await tx.fetch("task_came", {"lane_ids": made, "steps": PHOTO_LANES})
        tx.hints.update(row.destination_id for row in woken)
    return made


async def _note(tx: Tx, results: Sequence[LaneResult], ours: Sequence[Attempt], made: Sequence[int]) -> None:
    """How long it took, what died, what is there twice."""
    last = {a.lane_id: a.event_id for a in ours}
    await lags.note_sent(
        tx, [(a.lane_id, a.event_id) for a in ours if a.outcome in DONE], made,
        dead=[last[r.lane_id] for r in results if r.dead and r.lane_id in last],
        doubles=[a.event_id for a in ours if a.code == lags.DOUBLE],
    )  # fmt: skip


DONE = ("accepted", "found")


_FINISH_PARAMS = ("lane_ids", "epochs", "done_uptos", "releases", "deads", "delays", "attempts", "doubt_uptos",
                  "whys", "why_texts")  # fmt: skip


def _journal_params(system: str, attempts: Sequence[Attempt], ours: Collection[int]) -> dict[str, Any]:
    return {
        "system": system,
        "ats": [a.at for a in attempts],
        "outcomes": [a.outcome if a.lane_id in ours else f"late_{a.outcome}" for a in attempts],
        "order_refs": [a.order_ref for a in attempts],
        "event_ids": [a.event_id for a in attempts],
        "attempts": [a.attempt for a in attempts],
        "durations": [a.duration_ms for a in attempts],
        "codes": [a.code for a in attempts],
        "summaries": [a.summary for a in attempts],
        "methods": [a.method if a.method in BESIDE else None for a in attempts],
    }


async def transaction(tx: Tx) -> str:
    """The id of the running transaction, for `committed`."""
    row = await tx.one("lanes_transaction")
    assert row is not None
    return str(row.id)


async def committed(db: Database, transaction_id: str) -> bool:
    """Whether a transaction took place whose commit got no answer. False also when that is not known any more."""
    return bool((await db.read("lanes_committed", {"id": transaction_id}))[0].committed)


async def release_strays(tx: Tx, destination_id: int, owner: UUID, held: Collection[int]) -> int:
    """Give back lanes of `owner` that it does not know of: a claim whose commit could not be confirmed. Returns their
    number. held: the lanes it knows; only the claimer of the destination may call it, between two claims."""
    params = {"destination_id": destination_id, "owner": owner, "held": list(held)}
    return await tx.run("lanes_release_strays", params)


async def rescue(
    tx: Tx, *, dead_after_s: float, limits_s: dict[str, float], limit: int = 500, me: UUID | None = None
) -> list[Row]:
    """Give back the lanes of dead workers, in doubt. Returns lane_id, destination_id, destination, key, attempt.

    limits_s: kind of destination -> its own time limit, seconds. me: the worker that asks; it rescues nothing while
    its own heartbeat shows a gap, since then the database was away and nobody could beat.
    """
    return await tx.fetch("lanes_rescue", {
        "me": me, "dead_after_s": dead_after_s, "limit": limit,
        "kinds": list(limits_s), "limits_s": [float(s) for s in limits_s.values()],
    })  # fmt: skip


async def beat(db: Database, worker_id: UUID, host: str, pid: int, gap_s: float) -> None:
    """Sign of life. gap_s: a silence so long counts as a gap (see `rescue`)."""

    async def work(tx: Tx) -> None:
        await tx.run("worker_beat", {"id": worker_id, "host": host, "pid": pid, "gap_s": gap_s})

    await db.transact(work)


async def waiting(db: Database, destination: str | None = None, limit: int = 200) -> Sequence[Row]:
    """Lanes that are not empty, the longest waiting first, each with why it waits: the columns of the view lane_wait.

    destination: its name, None = all. `why` is a stable code, `why_text` a sentence for people.
    """
    return await db.read("lanes_waiting", {"destination": destination, "limit": limit})
