"""The command `sample`: objects of the base as they are, each against the mirror, field by field.

They were read as objects of a message are (connectors/onec), so that what differs is what the exchange has not brought.
docs/subsystems/reconciliation.md.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from posrednik.domain.ownership import ONEC
from posrednik.domain.sampling import differing
from posrednik.store import reconciliation
from posrednik.store.commands import Stored
from posrednik.store.db import Row
from posrednik.store.mirror import Key
from posrednik.store.reconciliation import NOT_THERE, Found, key_of
from posrednik.usecases.compare_slice import DigestWrong, run_of
from posrednik.usecases.order_desk import OrderDesk

MOST_IN_A_COMMAND = 200
AS_A_WHOLE = ("",)  # it could not be read, or is on one side only
Sampled = dict[str, Any]


async def compare_sample(desk: OrderDesk, command: Stored) -> None:
    """Answer how many of these were compared and what differs. What nobody asked for is passed over, also what has
    come before in this run. Raises DigestWrong."""
    run_id, told = await run_of(desk, command.data), command.data.get("objects", [])
    if run_id is None or len(told) > MOST_IN_A_COMMAND:
        raise DigestWrong
    run = await reconciliation.get(desk.tx, desk.base.id, run_id)
    left = set(run.sample_left) if run else set()
    asked = {key: one for one in told if key_of(key := (one["kind"], one["ref"])) in left}
    found = await _found(desk, asked)
    await reconciliation.add_found(desk.tx, run_id, found)
    await reconciliation.sampled(desk.tx, run_id, asked, len(asked) - len(found))
    await reconciliation.close(desk.tx, run_id)
    command.status, command.code, command.message = "done", None, None
    differs = [{"kind": one.kind, "ref": one.ref, "fields": list(one.fields)} for one in found]
    command.result = {"checked": len(asked), "agreed": len(asked) - len(found), "differs": differs}
    command.data = {**command.data, "objects": len(told)}


async def _found(desk: OrderDesk, asked: dict[Key, Sampled]) -> list[Found]:
    known = await reconciliation.kept(desk.tx, desk.base.id, asked)
    found = []
    for key, one in asked.items():
        row = known.get(key)
        if fields := [name for name in _fields(one, row) if _is_theirs(desk, key[0], name)]:
            rank = (row.epoch_no, row.number, row.idx) if row else NOT_THERE
            found.append(Found(*key, "sample", rank, tuple(fields)))
    return found


def _is_theirs(desk: OrderDesk, kind: str, field: str) -> bool:
    """Of a field that this base does not own Posrednik keeps its own value, on purpose."""
    top = field.partition(".")[0]
    return not top or desk.rules.ownership.may_write(kind, top, ONEC, desk.base.name)


def _fields(one: Sampled, row: Row | None) -> Sequence[str]:
    """Names of what differs. An object that is gone on both sides agrees."""
    if "unreadable" in one:
        return AS_A_WHOLE
    if row is None or not one["found"]:
        gone = row is None or row.deleted
        return () if gone and (not one["found"] or one["deleted"]) else AS_A_WHOLE
    if one["deleted"] and row.deleted:
        return ()
    heads = [name for name in ("deleted", "posted") if one[name] != getattr(row, name)]
    return [*heads, *differing(one["data"], msgspec.json.decode(row.data))]
