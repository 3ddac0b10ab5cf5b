"""Owners of fields on their page: who, since when, what was refused, and a change. See docs/subsystems/ownership.md."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from posrednik.domain import ownership as policy
from posrednik.domain.errors import DomainError
from posrednik.domain.ownership import BASE, KINDS, REST, SYSTEMS, Policy, Rows, Wrong
from posrednik.domain.texts_ownership import FIELDS, WRONG, titled
from posrednik.domain.texts_ownership import KINDS as KIND_TITLES
from posrednik.domain.texts_ownership import SYSTEMS as SYSTEM_TITLES
from posrednik.store import journal, ownership
from posrednik.store.db import Database, Row, Tx
from posrednik.store.journal import Entry
from posrednik.usecases.division_settings import checked_reason
from posrednik.usecases.live_owners import set_by_pages, version_of

DAYS = 7


class OwnershipWrong(DomainError):
    """A row that cannot be kept to. data: row, what (in words)."""

    code = "ownership_wrong"


class OwnershipChanged(DomainError):
    """Somebody changed it meanwhile. data: version (now)."""

    code = "ownership_changed"


# -- what holds


async def told(db: Database, file: Rows, lang: str, now: datetime) -> dict[str, Any]:
    """All kinds and fields with their owners, JSON-able. file: its rows."""
    rows = await ownership.every(db)
    refused = {row.name: row for row in await ownership.refusals(db, (now - timedelta(days=DAYS)).date())}
    table = _Table(file, rows, refused, lang)
    return {
        "version": version_of(rows), "owners": _owners(await _bases(db), lang),
        "kinds": [{"kind": kind, "title": titled(KIND_TITLES, kind, lang), "fields": table.fields(kind)}
                  for kind in KINDS],
    }  # fmt: skip


async def _bases(source: Tx | Database) -> list[str]:
    read = source.fetch if isinstance(source, Tx) else source.read
    return sorted({row.name for row in await read("bases")})


def _owners(bases: Collection[str], lang: str) -> list[dict[str, str]]:
    """Who can own a field. A base by its name is of use only beside others."""
    named = [{"owner": BASE + name, "title": name} for name in bases] if len(bases) > 1 else []
    return [*({"owner": one, "title": titled(SYSTEM_TITLES, one, lang)} for one in SYSTEMS), *named]


class _Table:
    def __init__(self, file: Rows, rows: Collection[Row], refused: Mapping[str, Row], lang: str) -> None:
        self._file, self._pages, self._lang, self._refused = file, set_by_pages(rows), lang, refused
        self._said = {row.name: row for row in rows}
        self._policy = Policy({**file, **self._pages})

    def fields(self, kind: str) -> list[dict[str, Any]]:
        return [self._field(kind, name) for name in KINDS[kind].fields]

    def _field(self, kind: str, name: str) -> dict[str, Any]:
        row, refused = f"{kind}.{name}", self._refused.get(f"{kind}.{name}")
        by = next((one for one in (row, f"{kind}.{REST}") if one in self._policy.rows), None)
        source = "default" if by is None else "page" if by in self._pages else "file"
        page = self._said.get(by) if by is not None and source == "page" else None
        return {
            "field": name, "title": titled(FIELDS, name, self._lang),
            "owners": ordered(self._policy.owners(kind, name)), "default": by is None, "source": source,
            "inherited": by != row and by is not None,
            "else_owners": ordered(self._without(row).owners(kind, name)),
            "who": page.who if page else None, "at": page.at.isoformat() if page else None,
            "reason": page.reason if page else None, "required": name in KINDS[kind].required and kind != "delivery",
            "refused_7d": refused.n if refused else 0, "last_at": refused.last_at.isoformat() if refused else None,
            "last_by": refused.by if refused else None,
        }  # fmt: skip

    def _without(self, row: str) -> Policy:
        """What would hold if no page said anything of this row."""
        if row not in self._pages:
            return self._policy
        pages = {name: owners for name, owners in self._pages.items() if name != row}
        return Policy({**self._file, **pages})


def ordered(owners: Collection[str]) -> list[str]:
    """Systems first, then bases, each as a row names it."""
    return sorted(owners, key=lambda one: (SYSTEMS.index(one) if one in SYSTEMS else len(SYSTEMS), one))


# -- a change


async def change(
    tx: Tx, file: Rows, changes: Mapping[str, Collection[str] | None], *, version: int | None, who: str, reason: str,
    now: datetime, soon: Callable[[], None],
) -> dict[str, Any]:  # fmt: skip
    """changes: `{kind}.{field}` → owners, None = as if no page had said anything. version: that the page saw, None =
    whatever it is. soon: run after the commit. What became other, row → before, after.

    Raises OwnershipWrong, OwnershipChanged, ReasonNeeded.
    """
    why, bases = checked_reason(reason), await _bases(tx)
    for name, owners in changes.items():
        _check(name, owners, bases)
    await ownership.lock(tx)
    rows = await ownership.every(tx)
    if version not in (None, version_of(rows)):
        raise OwnershipChanged(version=version_of(rows))
    pages = dict(set_by_pages(rows))
    before = Policy({**file, **pages})
    given = {name: owners for name, owners in changes.items() if owners is not None}
    after = Policy({**file, **{name: owners for name, owners in pages.items() if name not in changes}, **given})
    different = _different(before, after, changes)
    if changes:
        await ownership.put(tx, changes, version=version_of(rows) + 1, who=who, at=now, reason=why)
        await journal.add(tx, [_entry(different, who, why)])
        tx.after_commit.append(soon)
    return different


def _check(name: str, owners: Collection[str] | None, bases: Collection[str]) -> None:
    try:
        policy.check(name, SYSTEMS if owners is None else owners, bases)
    except Wrong as error:
        raise OwnershipWrong(row=error.name, problem=error.code, value=error.value) from error


def what(error: OwnershipWrong, lang: str) -> str:
    """What is wrong with the row, in words."""
    return WRONG[error.data["problem"]][lang == "en"].format(value=error.data["value"])


def _different(before: Policy, after: Policy, names: Collection[str]) -> dict[str, Any]:
    split = [(name, *name.split(".", 1)) for name in names]
    was = {name: ordered(before.owners(kind, one)) for name, kind, one in split}
    now = {name: ordered(after.owners(kind, one)) for name, kind, one in split}
    return {name: {"before": was[name], "after": now[name]} for name in names if was[name] != now[name]}


def _entry(different: Mapping[str, Any], who: str, why: str) -> Entry:
    told = [f"{name}: {', '.join(one['before'])} → {', '.join(one['after'])}" for name, one in different.items()]
    summary = f"владение полями ({who}): {'; '.join(told) or 'без изменений'}; причина: {why}"
    return Entry("settings", "office", "changed", summary[:2000], "ownership", detail=different)
