"""The settings of divisions while the service runs: what the file says, what was changed over it, by whom and why.

A process takes a change over within REFRESH_S, the one that made it at once. See docs/subsystems/pilot.md.
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

import msgspec

from posrednik.domain.errors import DomainError
from posrednik.kit.log import get_logger
from posrednik.store import division, figures, journal, lanes, portal_watch, views
from posrednik.store.db import Database, Row, StoreError, Tx
from posrednik.store.division import Changed, Own
from posrednik.store.journal import Entry
from posrednik.store.lanes import Draft
from posrednik.usecases.live_owners import LiveOwners
from posrednik.usecases.order_facts import DivisionRules, Rules

log = get_logger("usecases")
REFRESH_S = 1.0
LONGEST_REASON = 500
# What a page may change. The mode and who is in the pilot are switched (usecases/switch_mode.py).
KEYS = ("bitrix24_group", "radius_m", "cash_ceiling", "oversale", "sale_receipt", "time_zone", "phone", "reasons",
        "proofs")  # fmt: skip


class SettingWrong(DomainError):
    """A value that cannot be used. data: key, what (is expected)."""

    code = "setting_wrong"


class SettingsChanged(DomainError):
    """Somebody changed the division meanwhile. data: version (now)."""

    code = "settings_changed"


class ReasonNeeded(DomainError):
    """A change needs a reason."""

    code = "setting_reason_missing"


class DivisionFile(Protocol):
    """The file's part: what it says of a division, and how values become rules. Made by bootstrap."""

    default_group: bool  # whether tasks of a division without a project of its own have one

    def refs(self) -> tuple[str, ...]: ...

    def values(self, ref: str) -> dict[str, Any]:
        """All of KEYS and the mode, JSON-able; the defaults for a division that the file does not have."""
        ...

    def rules(self, ref: str, changed: Mapping[str, Any]) -> DivisionRules:
        """The file's values with `changed` over them. Raises ValueError: what is wrong, of the first wrong key."""
        ...


class LiveRules:
    """Keeps `rules` at what the database says."""

    def __init__(self, db: Database, file: DivisionFile, rules: Rules) -> None:
        self.file, self.rules = file, rules
        self._db = db
        self._taken: dict[str, tuple[int, DivisionRules]] = {}
        self._owners = LiveOwners(db, rules)

    async def refresh(self) -> None:
        """Take over what was changed. What cannot be used (an older program's value) leaves the division as it was."""
        for own in await division.every(self._db):
            if own.version != self._taken.get(own.ref, (-1,))[0]:
                self._take(own)
        self.rules.take({ref: rules for ref, (_, rules) in self._taken.items()})
        await self._owners.refresh()

    def _take(self, own: Own) -> None:
        try:
            rules = rules_of(self.file, own)
        except ValueError as error:
            log.error("settings.unfit", division=own.ref, error=str(error))
            rules = self._taken[own.ref][1] if own.ref in self._taken else self.rules.of_file(own.ref)
        self._taken[own.ref] = (own.version, rules)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(REFRESH_S)
            try:
                await self.refresh()
            except StoreError as error:
                log.info("settings.not_refreshed", error=str(error))
            except Exception:
                log.exception("settings.refresh_crashed")

    def soon(self) -> None:
        """For `Tx.after_commit`: this process need not wait for its next look."""
        task = asyncio.ensure_future(self.refresh())
        task.add_done_callback(lambda done: done.cancelled() or done.exception())


def rules_of(file: DivisionFile, own: Own) -> DivisionRules:
    """What holds in a division. Raises ValueError."""
    rules = file.rules(own.ref, own.values)
    return replace(rules, mode=own.mode or rules.mode, pilot_couriers=own.pilot_couriers)


@dataclass(frozen=True, slots=True)
class Value:
    """source: file or page. who, at: of a page."""

    value: Any
    source: str
    who: str | None = None
    at: datetime | None = None


def settings_of(file: DivisionFile, own: Own) -> dict[str, Value]:
    """What holds, by key, and where it comes from."""
    start = file.values(own.ref)
    return {
        key: Value(one.value, "page", one.who, one.at) if (one := own.changes.get(key)) else Value(start[key], "file")
        for key in KEYS
    }


async def change_settings(
    tx: Tx, live: LiveRules, ref: str, changes: Mapping[str, Any], *, version: int | None, who: str, reason: str,
    now: datetime,
) -> Own:  # fmt: skip
    """Set `changes` (None: back to the file's value). version: that the page saw, None = whatever it is.

    With another project open tasks go there at once. Call it last. Raises SettingWrong, SettingsChanged, ReasonNeeded.
    """
    why = checked_reason(reason)
    moved = await _tasks_there(tx, live, ref, changes["bitrix24_group"]) if "bitrix24_group" in changes else []
    before = await division.lock(tx, ref)
    check_version(before, version)
    for key in changes:
        if key not in KEYS:
            raise SettingWrong(key=key, what="unknown")
        _check(live.file, ref, {key: changes[key]})
    kept = {key: one for key, one in before.changes.items() if key not in changes}
    new = {key: Changed(value, who, now) for key, value in changes.items() if value is not None}
    after = replace(before, version=before.version + 1, changes={**kept, **new})
    _check(live.file, ref, after.values)
    told = {key: {"before": _value(live.file, before, key), "after": _value(live.file, after, key)} for key in changes}
    await division.save(tx, after, kind="settings", who=who, reason=why, at=now, changes=told)
    summary = f"настройки подразделения ({who}): {', '.join(sorted(changes))}; причина: {why}"
    await journal.add(tx, [Entry("settings", "office", "changed", summary, ref, detail=told)])
    if "time_zone" in changes:
        await _set_zone(tx, live.file, after)
    if _value(live.file, after, "bitrix24_group") != _value(live.file, before, "bitrix24_group"):
        await lanes.put(tx, moved)
    tx.after_commit.append(live.soon)
    return after


async def _tasks_there(tx: Tx, live: LiveRules, ref: str, group: Any) -> list[Draft]:
    """The division's open tasks in another project (None: the file's). Deliveries and modes are locked before the
    division itself, as by everybody else."""
    _check(live.file, ref, {"bitrix24_group": group})
    number = live.file.values(ref)["bitrix24_group"] if group is None else group
    project = None if number is None else str(number)
    found = await division.lock_open(tx, ref)
    return await portal_watch.rewritten(tx, found, lambda one: str(live.file.values(one)["mode"]), lambda _: project)


async def _set_zone(tx: Tx, file: DivisionFile, own: Own) -> None:
    """Days of reports begin by it from now on; without one by the zone of the base."""
    zone = _value(file, own, "time_zone")
    await (figures.set_zone(tx, own.ref, zone) if zone else figures.forget_zone(tx, own.ref))


def _value(file: DivisionFile, own: Own, key: str) -> Any:
    return settings_of(file, own)[key].value


def _check(file: DivisionFile, ref: str, changed: Mapping[str, Any]) -> None:
    given = {key: value for key, value in changed.items() if value is not None}
    try:
        file.rules(ref, given)
    except ValueError as error:
        key = next(iter(given), "")
        raise SettingWrong(key=key, what=str(error)) from error


def checked_reason(reason: str) -> str:
    """Trimmed. Raises ReasonNeeded."""
    why = reason.strip()
    if not why or len(why) > LONGEST_REASON:
        raise ReasonNeeded
    return why


def check_version(own: Own, seen: int | None) -> None:
    """Raises SettingsChanged."""
    if seen is not None and seen != own.version:
        raise SettingsChanged(version=own.version)


@dataclass(frozen=True, slots=True)
class Divisions:
    """All divisions that somebody may see. names: of the mirror."""

    refs: tuple[str, ...]
    names: Mapping[str, str]
    _file: DivisionFile
    _owns: Mapping[str, Own]

    def own(self, ref: str) -> Own:
        return self._owns.get(ref) or Own(ref)

    def mode(self, ref: str) -> str:
        """As the database says now, not as this process last looked."""
        return self.own(ref).mode or str(self._file.values(ref)["mode"])


async def known(source: Tx | Database, live: LiveRules, mine: Collection[str] | None) -> Divisions:
    """Those that 1C told of, that the file has or that were changed; mine: of these only, None = all. By name."""
    names = {row.ref: row.name or row.ref for row in await views.names(source) if row.kind == "division"}
    owns = {own.ref: own for own in await division.every(source)}
    refs = {*names, *live.file.refs(), *owns} if mine is None else {*mine} & {*names, *live.file.refs(), *owns}
    return Divisions(tuple(sorted(refs, key=lambda ref: (names.get(ref, ref), ref))), names, live.file, owns)


async def told(source: Tx | Database, file: DivisionFile, own: Own) -> dict[str, Any]:
    """version, mode, changed, settings and history of a division, JSON-able."""
    start = file.values(own.ref)
    return {
        "version": own.version, "mode": own.mode or start["mode"], "changed": sorted(own.changes),
        "settings": {
            key: {"value": one.value, "source": one.source, "who": one.who,
                  "at": one.at.isoformat() if one.at else None, "file": start[key]}
            for key, one in settings_of(file, own).items()
        },
        "history": [_line(row) for row in await division.history(source, own.ref)],
    }  # fmt: skip


def _line(row: Row) -> dict[str, Any]:
    return {"version": row.version, "at": row.at.isoformat(), "who": row.who, "kind": row.kind, "reason": row.reason,
            "changes": msgspec.json.decode(row.changes)}  # fmt: skip
