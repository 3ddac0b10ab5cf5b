"""Who of the couriers is which user of Bitrix24: 1C says so, and a page where 1C is wrong. See
docs/subsystems/settings.md.

Warehouses and names are 1C's alone; divisions' projects are settings of divisions (division_settings.py).
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from posrednik.domain.errors import DomainError
from posrednik.store import journal, mappings, portal_watch
from posrednik.store.db import Database, Row, Tx
from posrednik.store.journal import Entry
from posrednik.usecases.division_settings import LiveRules, checked_reason
from posrednik.usecases.ownership import check_user

_USER = re.compile(r"[0-9]{0,18}")


class MappingWrong(DomainError):
    """No number of a user."""

    code = "mapping_wrong"


class MappingTaken(DomainError):
    """Another active courier has this user. data: user, courier (his name)."""

    code = "mapping_taken"


class MappingChanged(DomainError):
    """Somebody changed it meanwhile. data: version (now)."""

    code = "mapping_changed"


@dataclass(frozen=True, slots=True)
class Mapped:
    """row: columns of queries/mappings.sql. wrong: no_user, bad_user, user_of_several, no_warehouse,
    several_warehouses; of one who is not active nothing is wrong."""

    row: Row
    wrong: tuple[str, ...]

    @property
    def user(self) -> str:
        """That holds now, "" = none."""
        return user_of(self.row)


def user_of(row: Row) -> str:
    return str(row.said if row.told is None else row.told)


async def couriers(source: Tx | Database, mine: Collection[str] | None) -> list[Mapped]:
    """All couriers whose division somebody may see (None = all), by name."""
    rows = await mappings.every(source)
    shared = _shared(rows)
    seen = [Mapped(row, _wrong(row, shared)) for row in rows if mine is None or row.division in mine]
    return sorted(seen, key=lambda one: (not one.row.active, (one.row.name or "").casefold(), one.row.ref))


def _shared(rows: Sequence[Row]) -> frozenset[str]:
    """Users that several active couriers have."""
    counted = Counter(user_of(row) for row in rows if row.active)
    return frozenset(user for user, n in counted.items() if user and n > 1)


def _wrong(row: Row, shared: Collection[str]) -> tuple[str, ...]:
    if not row.active:
        return ()
    user, warehouses = user_of(row), len(row.warehouses)
    bad = not _USER.fullmatch(user)
    found = {
        "no_user": not user, "bad_user": bad, "user_of_several": user in shared, "no_warehouse": not warehouses,
        "several_warehouses": warehouses > 1,
    }  # fmt: skip
    return tuple(key for key, holds in found.items() if holds)


async def courier(source: Tx | Database, ref: str) -> Mapped | None:
    """One of them; None = 1C never told of him."""
    rows = await mappings.every(source)
    shared = _shared(rows)
    return next((Mapped(row, _wrong(row, shared)) for row in rows if row.ref == ref), None)


async def map_courier(
    tx: Tx, ref: str, user: str | None, *, version: int | None, who: str, reason: str, now: datetime, live: LiveRules,
) -> Mapped | None:  # fmt: skip
    """user: None = 1C's again, "" = none. version: that the page saw, None = whatever it is. The new state; None =
    1C never told of him. His open tasks are given to the new user. Call it last. Raises MappingWrong, MappingTaken,
    MappingChanged, ReasonNeeded, ownership.Refused."""
    why = checked_reason(reason)
    wanted = None if user is None else _checked(user)
    await mappings.lock(tx)
    rows = await mappings.every(tx)
    before = next((row for row in rows if row.ref == ref), None)
    if before is None:
        return None
    if version is not None and version != before.version:
        raise MappingChanged(version=before.version)
    _check_free(rows, ref, wanted)
    if wanted is not None and wanted != user_of(before):
        check_user(live.rules.ownership, ref, before.name or ref, before.division or "", who)
    await mappings.put(tx, ref, wanted, who, now, why)
    after = await courier(tx, ref)
    assert after is not None
    detail = {"courier": ref, "before": user_of(before), "after": after.user}
    summary = f"пользователь Битрикс24 курьера {before.name} ({who}): {_told(before)} → {_told(after.row)}; {why}"
    await journal.add(tx, [Entry("settings", "office", "changed", summary, ref, detail=detail)])
    if after.user != user_of(before):
        open_ = await mappings.open_deliveries(tx, ref)
        await portal_watch.rewrite(
            tx, *open_, file_mode=lambda division: str(live.file.values(division)["mode"]),
            project=lambda division: live.rules.of(division).group,
        )  # fmt: skip
    return after


def _told(row: Row) -> str:
    return (user_of(row) or "нет") + (" (из 1С)" if row.told is None else "")


def _checked(user: str) -> str:
    plain = user.strip()
    if not (plain.isascii() and _USER.fullmatch(plain)) or (plain and not int(plain)):
        raise MappingWrong
    return plain.lstrip("0")


def _check_free(rows: Sequence[Row], ref: str, wanted: str | None) -> None:
    """What 1C says is taken as it is: it is shown where it is wrong. A person does not make a second of one user."""
    if not wanted:
        return
    for row in rows:
        if row.ref != ref and (row.active or row.told) and user_of(row) == wanted:
            raise MappingTaken(user=wanted, courier=row.name)
