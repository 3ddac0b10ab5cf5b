"""Shifts of a day for the office's page: what was counted and expected, what came late, what phones still owe."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from posrednik.domain.publication import rubles, units
from posrednik.domain.shifts import Difference, Goods, Key, Shift
from posrednik.store import phones, shifts
from posrednik.store.db import Database, Row
from posrednik.store.inbox import first_base
from posrednik.usecases import courier_goods as own
from posrednik.usecases.let_in import device_label
from posrednik.usecases.order_facts import Rules

Document = dict[str, Any]
Known = Mapping[Key, own.Product]
MARGIN = timedelta(hours=14)  # no time zone is farther from UTC
MOST_MISSING = 50


async def shifts_of_day(
    db: Database, rules: Rules, day: date | None, courier_ref: str | None, divisions: Iterable[str] | None,
    now: datetime,
) -> list[Document]:  # fmt: skip
    """day: of the division of each shift, None = today there. divisions: only of these, None = of all."""
    base = await db.transact(first_base)
    middle = datetime.combine(day or now.date(), time(12), UTC)
    found = await shifts.between(db, middle - timedelta(hours=36) - MARGIN, middle + timedelta(hours=36) + MARGIN,
                                 courier_ref)  # fmt: skip
    allowed = None if divisions is None else set(divisions)
    mine = [
        (shift, its) for shift, its in found
        if (allowed is None or shift.division_ref in allowed)
        and _of_day(shift, day, ZoneInfo(rules.of(shift.division_ref).time_zone or base.time_zone), now)
    ]  # fmt: skip
    return [await _told(db, shift, its) for shift, its in mine]


def _of_day(shift: Shift, day: date | None, zone: ZoneInfo, now: datetime) -> bool:
    """Any moment of it lies in the day; one that is open lasts until now."""
    wanted = day or now.astimezone(zone).date()
    until = shift.closed_at or max(now, shift.opened_at)
    return shift.opened_at.astimezone(zone).date() <= wanted <= until.astimezone(zone).date()


async def _told(db: Database, shift: Shift, its: Sequence[Row]) -> Document:
    goods = [*shift.opened_goods, *(shift.closed_goods or ())]
    known = await db.transact(
        lambda tx: own.products(tx, shift.base_id, ((one.product, one.characteristic) for one in goods))
    )
    return {
        "id": str(shift.id), "courier": {"ref": shift.courier_ref, "name": shift.courier_name},
        "division": shift.division_ref, "opened_at": shift.opened_at.isoformat(),
        "closed_at": shift.closed_at.isoformat() if shift.closed_at else None,
        "closed_by": shift.closed_by, "close_reason": shift.close_reason, "late": shift.late,
        "opened": {
            "goods": [_goods(one, known) for one in shift.opened_goods], "cash": rubles(shift.change_kop),
            "differences": [_difference(one) for one in shift.opened_differences],
        },
        "closed": _closed(shift, known) if shift.closed_at else None,
        "phones": [await _phone(db, row) for row in its],
    }  # fmt: skip


def _closed(shift: Shift, known: Known) -> Document:
    counted, expected = shift.closed_cash_kop, shift.expected_cash_kop
    return {
        "goods": None if shift.closed_goods is None else [_goods(one, known) for one in shift.closed_goods],
        "cash": None if counted is None else rubles(counted),
        "expected_cash": None if expected is None else rubles(expected),
        "cash_difference": None if counted is None or expected is None else rubles(counted - expected),
        "differences": [_difference(one) for one in shift.closed_differences],
    }


def _goods(one: Goods, known: Known) -> Document:
    product = known[one.product, one.characteristic]
    return {"product": one.product, "characteristic": one.characteristic, "name": product.name, "unit": product.unit,
            "quantity": units(one.quantity_milli)}  # fmt: skip


def _difference(one: Difference) -> Document:
    return {"product": one.product, "characteristic": one.characteristic, "name": one.name,
            "expected": units(one.expected_milli), "counted": units(one.counted_milli)}  # fmt: skip


async def _phone(db: Database, row: Row) -> Document:
    """missing: numbers that it has given and that have not come. unsent: what it said that it still has."""
    missing = await phones.missing(db, row.courier_ref, row.device, most=MOST_MISSING)
    return {"device": row.device, "name": device_label(row.agent) if row.agent else None, "last_seq": row.last_seq,
            "whole_to": row.whole_to, "missing": missing, "unsent": row.unsent,
            "last_at": row.last_at.isoformat()}  # fmt: skip
