"""What people changed of a delivery's task in the portal: taken as an action of theirs, or put back with the reason.

One transaction, under the locks of the delivery and of its task's lane: only if nothing of ours was on the way since
before the task was read. Rules: domain/moved_task.py. See docs/subsystems/portal.md, "Coming from the portal".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from posrednik.domain import moved_task as moved
from posrednik.domain.changes import contradiction
from posrednik.domain.deliveries import Delivery, PaymentMethod
from posrednik.domain.errors import DomainError
from posrednik.domain.moved_task import BITRIX24, MOST_BACKS, Back, Mover, Plan
from posrednik.domain.portal_tasks import Hand, TaskSeen
from posrednik.domain.texts import text, told
from posrednik.domain.texts_portal_watch import CANCELLED_THERE, DECIDED, SAID
from posrednik.store import deliveries, incidents, journal, lanes, portal_watch
from posrednik.store.db import Row, Tx
from posrednik.store.journal import Entry
from posrednik.store.lanes import Draft
from posrednik.store.portal_watch import FileMode
from posrednik.usecases import ownership, say
from posrednik.usecases.act_on_delivery import Action, Source, act
from posrednik.usecases.incidents import about_delivery, decide, raise_all
from posrednik.usecases.order_facts import Rules
from posrednik.usecases.own_restore import awaited
from posrednik.usecases.portal_movers import courier_of, mover_of

SOURCE = Source(system=BITRIX24, where=BITRIX24, bare=True)
_OWNED = {"stage": "stage", "responsible": "courier"}  # of moved_task.FIELDS, what they are of a delivery
# What becomes of a look, for metrics.
SAME, BUSY, TAKEN, PUT_BACK, REWRITTEN, LEFT_AS_IS, OFF, WAITS = (
    "same", "busy", "taken", "put_back", "rewritten", "left", "off", "waits",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Watching:
    """rules: of divisions, kept up to date. file_mode: of a division that nobody has switched."""

    rules: Rules
    file_mode: FileMode = lambda division: "live"

    def project(self, division: str) -> str | None:
        return self.rules.of(division).group


async def take_seen(tx: Tx, watching: Watching, mark: Row, task: TaskSeen, hand: Hand | None, now: datetime) -> str:
    """A task that is not plain. mark: of store.portal_watch.marks, from before it was read. hand: who changed it last,
    None = nobody knows.

    What became of it; BUSY: something of ours was on its way, WAITS: this database was restored from a copy and 1C has
    not sent again what it lost; look again.
    """
    if await awaited(tx):
        return WAITS
    delivery = await deliveries.lock(tx, mark.delivery_id)
    if delivery is None:
        return OFF
    drafts = await portal_watch.rewritten(tx, [delivery.id], watching.file_mode, watching.project)
    lane = await portal_watch.lock_lane(tx, mark.lane_id)
    if lane is None or not _untouched(lane, mark, task):
        return BUSY
    row = await _saw(tx, mark, task)
    if not drafts:
        return OFF
    if row.gone_at is not None:
        return await _here_again(tx, lane.destination_id, delivery, drafts, now)
    case = _Case(tx, watching, delivery, task, lane.destination_id, now, await mover_of(tx, hand, delivery))
    return await case.decide(row, drafts)


def is_plain(mark: Row, task: TaskSeen) -> bool:
    """Nobody changed anything, and it was never missed."""
    return task.seen.plain and mark.gone_at is None


async def note_plain(tx: Tx, looked: Sequence[tuple[Row, TaskSeen]]) -> dict[int, str]:
    """Remember how tasks stand that are plain; what became of each, as of `take_seen`. Lanes are locked in the order
    in which dispatch locks them."""
    return {
        task.task_id: await _same(tx, mark, task)
        for mark, task in sorted(looked, key=lambda one: str(one[0].delivery_id))
    }


async def _same(tx: Tx, mark: Row, task: TaskSeen) -> str:
    lane = await portal_watch.lock_lane(tx, mark.lane_id)
    if lane is None or not _untouched(lane, mark, task):
        return BUSY
    await _saw(tx, mark, task)
    return SAME


def _untouched(lane: Row, mark: Row, task: TaskSeen) -> bool:
    """Nothing of ours was put or sent since the mark was taken. What is there again may have a dead message waiting."""
    if lane.remote_id != str(task.task_id):
        return False
    quiet = lane.depth == 0 or (mark.gone_at is not None and lane.state == "dead")
    return quiet and (lane.last_seq, lane.epoch) == (mark.last_seq, mark.epoch)


async def _saw(tx: Tx, mark: Row, task: TaskSeen) -> Row:
    """What stood there after our own write stays known until the next one."""
    before = stood(mark)
    texts = before if before is not None else None if task.seen.unsure else task.texts
    return await portal_watch.saw(
        tx, task.task_id, mark.delivery_id, mark.last_seq, texts, group=task.group, chat=task.chat,
        changed_at=task.changed_at, changed_by=task.changed_by,
    )  # fmt: skip


def stood(mark: Row) -> dict[str, str] | None:
    """Texts of a task, hashed, as they were seen since the last message of its lane; None = not seen since."""
    known = mark.texts is not None and mark.seq == mark.last_seq
    return msgspec.json.decode(mark.texts, type=dict[str, str]) if known else None


async def _here_again(tx: Tx, destination_id: int, delivery: Delivery, drafts: list[Draft], now: datetime) -> str:
    """It was deleted and is there again: written anew, and nobody need decide any more."""
    await portal_watch.distrust(tx, destination_id, delivery.id)
    await close_case(tx, "task_deleted", delivery, now)
    words = told(SAID["back_again"])
    await lanes.put(tx, [*drafts, *await say.lines(tx, delivery.id, words, order_ref=drafts[0].order_ref)])
    return REWRITTEN


async def close_case(tx: Tx, kind: str, delivery: Delivery, now: datetime) -> None:
    """What was open about the delivery has come right by itself."""
    for row in await incidents.open_about(tx, kind, "delivery", [str(delivery.id)]):
        await decide(tx, row.id, "explained", told(DECIDED[kind]), "Посредник", now)


@dataclass(slots=True)
class _Case:
    """One task that was changed by hand, its delivery and its lane locked."""

    tx: Tx
    watching: Watching
    delivery: Delivery
    task: TaskSeen
    destination_id: int
    now: datetime
    mover: Mover

    async def decide(self, row: Row, drafts: list[Draft]) -> str:
        rules = self.watching.rules
        courier = await courier_of(self.tx, self.task.seen.responsible)
        proofs = rules.of(self.delivery.division_ref).policy.proofs
        plan = moved.decide(
            self.delivery, self.task.seen, self.mover, rules.ownership, proofs, courier.ref if courier else None
        )
        if plan.backs and moved.put_back_too_often(row.backs, row.backs_since, self.now):
            return await self._give_up(row)
        acted, plan = await self._act(plan)
        if plan.backs or plan.whole:
            await portal_watch.distrust(self.tx, self.destination_id, self.delivery.id)
        await self._tell(plan.backs)
        if not acted and not plan.whole and not plan.backs:
            return SAME
        lines = await self._lines(plan.backs)
        await lanes.put(self.tx, lines if acted else [*drafts, *lines])
        return TAKEN if acted and not plan.backs else PUT_BACK if plan.backs else REWRITTEN

    # -- taken

    async def _act(self, plan: Plan) -> tuple[bool, Plan]:
        """All of it or nothing; what a rule refuses is put back."""
        if not plan.acts:
            return False, plan
        tx, events, effects = self.tx, len(self.tx.outbox), len(self.tx.after_commit)
        try:
            async with tx.conn.transaction():
                for action in self._actions(plan):
                    done = await act(tx, self.delivery.id, action, self.mover.name, self.watching.rules, self.now,
                                     source=SOURCE)  # fmt: skip
                    if done.refusal is not None:
                        raise done.refusal
            return len(tx.outbox) > events, plan
        except DomainError as error:
            del tx.outbox[events:], tx.after_commit[effects:]
            return False, replace(plan, backs=(await self._refused(error, plan), *plan.backs), whole=True)

    def _actions(self, plan: Plan) -> list[Action]:
        given = [Action("assign", courier=plan.assign)] if plan.assign else []
        return [*given, *(self._action(step) for step in plan.steps)]

    def _action(self, step: str) -> Action:
        if step == "cancel":
            return Action("cancel", reason=told(CANCELLED_THERE, who=self.mover.name))
        if step == "retry":
            return Action("retry")
        return Action(step, courier=self.mover.courier, payment_method=self._paid())

    def _paid(self) -> str:
        """As the order says; what is prepaid takes nothing."""
        said, due_kop = self.delivery.payment_method, self.delivery.amount_due_kop
        known = said in tuple(PaymentMethod) and not (said == PaymentMethod.PREPAID and due_kop)
        return said if known and said else PaymentMethod.CASH.value

    async def _refused(self, error: DomainError, plan: Plan) -> Back:
        field = "responsible" if plan.assign else "stage"
        if isinstance(error, ownership.Refused):
            return Back("not_owner", field, {"owners": list(error.owners)})
        return Back("refused", field, error.data, error.code)

    # -- told

    async def _tell(self, backs: tuple[Back, ...]) -> None:
        """Journal, incident, and how often it was put back."""
        if not backs:
            return
        await portal_watch.put_back(self.tx, self.task.task_id, moved.BACKS_WITHIN.total_seconds())
        told_of = [back for back in backs if back.field in _OWNED]
        mine = [back for back in told_of if back.why != "not_owner"]
        foreign = [_OWNED[back.field] for back in told_of if back.why == "not_owner"]
        if foreign:
            by = {"system": BITRIX24, "by": self.mover.name, "where": BITRIX24, "door": "action"}
            policy, delivery = self.watching.rules.ownership, self.delivery
            refusals = ownership.of_delivery(policy, foreign, delivery, delivery.order_ref, **by)
            await ownership.tell(self.tx, refusals, self.now)
        if mine:
            await self._raise(code=mine[0].sentence, error=dict(mine[0].data))
        await journal.add(self.tx, [self._entry(back) for back in backs])

    async def _raise(self, **data: Any) -> None:
        found = contradiction("moved_by_hand", self.delivery, who=self.mover.name, **data)
        await raise_all(self.tx, [found], about_delivery(self.delivery), self.now)

    def _entry(self, back: Back) -> Entry:
        summary = f"изменено вручную ({self.mover.name}): {sentence(back)}"
        return Entry("action", BITRIX24, "put_back", summary, back.code or back.why, UUID(self.delivery.order_ref),
                     detail={"field": back.field, "task": self.task.task_id})  # fmt: skip

    async def _lines(self, backs: tuple[Back, ...]) -> list[Draft]:
        if not backs:
            return []
        what = "\n".join(sentence(back) for back in backs)
        words = told(SAID["by"], who=self.mover.name, what=what)
        return await say.lines(self.tx, self.delivery.id, words, order_ref=UUID(self.delivery.order_ref))

    async def _give_up(self, row: Row) -> str:
        """Somebody, or a robot of the portal, does it again and again: a person has to look."""
        if row.backs == MOST_BACKS:
            await self._raise(variant="again", times=row.backs)
            await portal_watch.put_back(self.tx, self.task.task_id, moved.BACKS_WITHIN.total_seconds())
        return LEFT_AS_IS


def sentence(back: Back) -> str:
    """What is said of a change that was put back, in Russian as all of the portal's talk."""
    data: Mapping[str, Any] = back.data
    said = text(back.sentence, "ru", **data)
    return told(SAID["refused"], what=said) if back.code else said
