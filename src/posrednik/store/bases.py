"""The bases as a person looks at them: where each exchange stands, when it was heard, and what waits for what."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from posrednik.store.db import Database, Row
from posrednik.store.mirror import Key

MOST_COUNTED = 10_001  # one more than is told as a number: beyond it "more" is enough, and costs nothing
MOST_THINGS = 200  # that others wait for; of each a thousand are counted, and the age of a hundred is told
MOST_WAIT, FEW_WAIT = 1_001, 100
MOST_GROUPS = 20
NEEDS_OF_ONE = 5
Place = tuple[datetime, str, str]  # (since, kind, ref) of a waiting object


async def heard(db: Database, base_id: UUID) -> None:
    """A base has called; one that is gone changes nothing."""
    await db.transact(lambda tx: tx.run("base_heard", {"base_id": base_id}))


async def states(db: Database) -> Sequence[Row]:
    """Columns of queries/base_states.sql, by name."""
    return await db.read("base_states", {"most": MOST_COUNTED})


async def outgoing(db: Database) -> dict[str, Row]:
    """By the name of the destination: state, why, waiting, given, dead, oldest_s."""
    return {row.name: row for row in await db.read("base_outgoing", {"most": MOST_COUNTED})}


async def confirmed(db: Database, base_id: UUID, since: datetime) -> Row:
    """Of a restored base: compared, agreed (slices), lost (open incidents)."""
    return (await db.read("base_confirmed", {"base_id": base_id, "since": since}))[0]


async def objects(db: Database) -> Sequence[Row]:
    """All bases by kind: base_id, kind, present, deleted, changed_at. Reads the whole mirror."""
    return await db.read("mirror_counts")


async def waiting(db: Database, base_id: UUID, after: Place | None, limit: int) -> Sequence[Row]:
    """Objects that wait, longest first: kind, ref, name, since, number, needs (how many)."""
    since, kind, ref = after or (None, None, None)
    return await db.read("base_waiting", {
        "base_id": base_id, "since": since, "kind": kind, "ref": ref, "limit": limit,
    })  # fmt: skip


async def needs(db: Database, base_id: UUID, keys: Sequence[Key]) -> Sequence[Row]:
    """The first few of what each waits for: kind, ref, needed_kind, needed_ref, name, waits, quarantined."""
    if not keys:
        return ()
    return await db.read("base_waiting_needs", {
        "base_id": base_id, "kinds": [kind for kind, _ in keys], "refs": [ref for _, ref in keys],
        "most": NEEDS_OF_ONE,
    })  # fmt: skip


async def waited_for(db: Database, base_id: UUID) -> Sequence[Row]:
    """What most wait for: columns of queries/base_waited_for.sql."""
    return await db.read("base_waited_for", {
        "base_id": base_id, "most": MOST_THINGS, "limit": MOST_GROUPS, "many": MOST_WAIT, "few": FEW_WAIT,
    })  # fmt: skip


async def waiting_commands(db: Database, base_id: UUID, limit: int) -> Sequence[Row]:
    """id, type, order_ref, received_at, issued_by; longest first."""
    return await db.read("base_waiting_commands", {"base_id": base_id, "limit": limit})
