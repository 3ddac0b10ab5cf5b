"""What a base says to compare itself with the mirror, by the type of its command: docs/subsystems/reconciliation.md."""

from collections.abc import Awaitable, Callable, Mapping

from posrednik.domain.errors import DomainError
from posrednik.domain.texts import text
from posrednik.store import reconciliation
from posrednik.store.commands import Stored
from posrednik.usecases.after_restore import MOST_TOLD, tell_unknown
from posrednik.usecases.compare_slice import DigestWrong, compare_slice, run_of
from posrednik.usecases.compare_slice_list import compare_list, compare_parts
from posrednik.usecases.order_desk import OrderDesk
from posrednik.usecases.reconcile_sample import compare_sample


async def end_run(desk: OrderDesk, command: Stored) -> None:
    """The base has compared everything. What it has not, it really has not: people are told. Raises DigestWrong."""
    run_id = await run_of(desk, command.data)
    if run_id is None:
        raise DigestWrong
    await reconciliation.end(desk.tx, run_id)
    await reconciliation.repair(desk.tx, run_id)
    unknown = await reconciliation.unknown(desk.tx, run_id, MOST_TOLD)
    told = await tell_unknown(desk.tx, desk.base, unknown, desk.now)
    done = await reconciliation.close(desk.tx, run_id)
    command.status, command.code, command.message = "done", None, None
    command.result = {"state": "done" if done else "running", "missing": told}


COMPARING: Mapping[str, Callable[[OrderDesk, Stored], Awaitable[None]]] = {
    "digest": compare_slice,
    "digest_parts": compare_parts,
    "listing": compare_list,
    "digest_end": end_run,
    "sample": compare_sample,
}


async def compare(desk: OrderDesk, command: Stored) -> None:
    """Sets status, code, message and result; never raises a rule."""
    try:
        await COMPARING[command.type](desk, command)
    except DomainError as error:
        command.status, command.code, command.result = "rejected", error.code, {}
        command.message = text(error.code)
        command.data = {name: one for name, one in command.data.items() if not isinstance(one, list)}
