"""Apply the objects of one message: newest wins, what refers to something unknown waits. Set-based: a message of a
thousand objects costs a handful of statements. Rules: contract.md §2; docs/subsystems/intake.md."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from posrednik.store import mappings, mirror
from posrednik.store.db import Tx
from posrednik.store.mirror import Bad, Key, Rank, State

BECAME = ("applied", "unchanged", "stale", "waiting")


class Arrived(msgspec.Struct, frozen=True, gc=False):
    """One readable object of a message. needs: what must be known before it is applied. odd_sums: for the journal."""

    state: State
    needs: tuple[Key, ...] = ()
    odd_sums: tuple[str, ...] = ()


@dataclass(slots=True)
class Taken:
    """What became of the objects of a message; released ones waited before and are in `orders` and `transfers` too.

    became: of each in turn: applied, unchanged, stale, waiting.
    """

    became: list[str] = field(default_factory=list)
    released: int = 0
    orders: list[State] = field(default_factory=list)
    waiting_orders: list[State] = field(default_factory=list)
    odd_sums: list[tuple[State, tuple[str, ...]]] = field(default_factory=list)
    transfers: list[State] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """How many became what."""
        return {name: self.became.count(name) for name in BECAME}


class _Sorting:
    """Goes through the objects in their order, as if each were applied by itself."""

    def __init__(
        self, applied: dict[Key, tuple[Rank, bytes]], waiting: dict[Key, Rank], have: set[Key], taken: Taken
    ) -> None:
        self._applied, self._waiting, self._have, self._taken = dict(applied), dict(waiting), have, taken
        self.to_apply: dict[Key, State] = {}
        self.to_touch: dict[Key, State] = {}
        self.to_wait: dict[Key, tuple[State, list[Key]]] = {}

    def sort(self, arrived: Arrived) -> None:
        state, key = arrived.state, arrived.state.key
        rank, content = self._applied.get(key, ((-1, 0, 0), b""))
        if state.rank < max(rank, self._waiting.get(key, rank)):
            self._taken.became.append("stale")
        elif content == state.hash and key not in self._waiting:
            self._taken.became.append("unchanged")
            self._touch(state)
        else:
            self._move(arrived)

    def _move(self, arrived: Arrived) -> None:
        """News of this object: it is applied, or waits for what is missing."""
        state, key = arrived.state, arrived.state.key
        if arrived.odd_sums:
            self._taken.odd_sums.append((state, arrived.odd_sums))
        if missing := [need for need in arrived.needs if need not in self._have]:
            self._taken.became.append("waiting")
            self._waiting[key] = state.rank
            self.to_wait[key] = (state, missing)
        else:
            self._taken.became.append("applied")
            self._applied[key] = (state.rank, state.hash)
            self._waiting.pop(key, None)
            self.to_wait.pop(key, None)
            self.to_touch.pop(key, None)
            self.to_apply[key] = state

    def _touch(self, state: State) -> None:
        """Unchanged, but seen again: the newer rank and version count."""
        target = self.to_apply if state.key in self.to_apply else self.to_touch
        target[state.key] = state
        self._applied[state.key] = (state.rank, state.hash)


async def take_objects(
    tx: Tx, base_id: UUID, epoch_no: int, number: int, arrived: Sequence[Arrived], bad: Sequence[Bad]
) -> Taken:
    """Apply, keep waiting or quarantine each object. Runs under the base's lock.

    Open tasks of couriers whose user of the portal changes with it are told anew.
    """
    if any(one.state.kind == "courier" for one in arrived):  # one never waits
        before = await mappings.users(tx, base_id)
        taken = await _take(tx, base_id, epoch_no, number, arrived, bad)
        after = await mappings.users(tx, base_id)
        moved = [ref for ref, user in after.items() if user != before.get(ref, "")]
        tx.retold.update(await mappings.open_deliveries(tx, *moved) if moved else ())
        return taken
    return await _take(tx, base_id, epoch_no, number, arrived, bad)


async def _take(
    tx: Tx, base_id: UUID, epoch_no: int, number: int, arrived: Sequence[Arrived], bad: Sequence[Bad]
) -> Taken:
    taken = Taken()
    await mirror.quarantine(tx, base_id, epoch_no, number, bad)
    if not arrived:
        return taken
    applied, waiting = await mirror.known(tx, base_id, {one.state.key for one in arrived})
    sorting = _Sorting(applied, waiting, await _have(tx, base_id, arrived, applied), taken)
    for one in arrived:
        sorting.sort(one)
    await _store(tx, base_id, sorting, applied, waiting)
    taken.orders = [state for state in sorting.to_apply.values() if state.kind == "order"]
    taken.transfers = [state for state in sorting.to_apply.values() if state.kind == "transfer"]
    taken.waiting_orders = [state for state, _ in sorting.to_wait.values() if state.kind == "order"]
    await _release(tx, base_id, sorting.to_apply, taken)
    return taken


async def _have(tx: Tx, base_id: UUID, arrived: Sequence[Arrived], applied: dict[Key, tuple[Rank, bytes]]) -> set[Key]:
    """What is known, counting what this message itself brings: within a message the order does not matter."""
    have = applied.keys() | {one.state.key for one in arrived if not one.needs}
    wanted = {need for one in arrived for need in one.needs} - have
    return have | (await mirror.have(tx, base_id, wanted) if wanted else set())


async def _store(tx: Tx, base_id: UUID, sorting: _Sorting, applied: Container[Key], waiting: dict[Key, Rank]) -> None:
    moved = sorting.to_apply.keys() | sorting.to_wait.keys()
    await mirror.stop_waiting(tx, base_id, moved & waiting.keys())
    await mirror.add(tx, base_id, [state for key, state in sorting.to_apply.items() if key not in applied])
    await mirror.put(tx, base_id, [state for key, state in sorting.to_apply.items() if key in applied])
    await mirror.touch(tx, base_id, list(sorting.to_touch.values()))
    needs = [(need, state.key) for state, missing in sorting.to_wait.values() for need in dict.fromkeys(missing)]
    await mirror.wait(tx, base_id, [state for state, _ in sorting.to_wait.values()], needs)
    good = [*sorting.to_apply.values(), *sorting.to_touch.values(), *(state for state, _ in sorting.to_wait.values())]
    await mirror.clear_quarantine(tx, base_id, good)


async def _release(tx: Tx, base_id: UUID, come: Iterable[Key], taken: Taken) -> None:
    """Apply what waited for these; what that frees in turn as well. Each round frees something new, so it ends."""
    while free := await mirror.release(tx, base_id, come):
        await mirror.stop_waiting(tx, base_id, [state.key for state in free])
        await mirror.put(tx, base_id, free)
        taken.released += len(free)
        taken.orders += [state for state in free if state.kind == "order"]
        taken.transfers += [state for state in free if state.kind == "transfer"]
        come = [state.key for state in free]
