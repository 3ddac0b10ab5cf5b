"""What comes after the end of the shift in which it happened: counted with it and, if it changes its totals, told."""

from uuid import UUID

from posrednik.domain import shifts as rules
from posrednik.domain.changes import Change
from posrednik.domain.incidents import About
from posrednik.domain.shifts import Shift
from posrednik.store import shifts
from posrednik.usecases import incidents
from posrednik.usecases.courier_case import Act


async def late(act: Act, change: Change, action: str) -> tuple[list[UUID], UUID | None]:
    """The incident of a step that comes too late, if it is one, and the shift in which it happened."""
    return await late_in(act, action, change.delivery.order_number, already=change.already)


async def late_in(
    act: Act, action: str, order_number: str | None, *, already: bool, moves: bool = True
) -> tuple[list[UUID], UUID | None]:
    """The same of what has no delivery, as a sale. already: it changes nothing. moves: it does, also his books."""
    shift = await shifts.lock_at(act.tx, act.phone.courier_ref, act.at)
    if shift is None or already:
        return [], shift.id if shift else None
    counted = rules.late_event(shift=shift, action=action, order_number=order_number, moves=moves)
    if counted.already:
        return [], shift.id
    await shifts.save(act.tx, counted.shift)
    return await incidents.raise_all(act.tx, counted.contradictions, about_shift(shift), act.now), shift.id


def about_shift(shift: Shift) -> About:
    return About("shift", str(shift.id), shift.division_ref, shift.courier_ref, shift.base_id)
