"""Users and projects of the portal as they were last read, and what check and set-up said. See
docs/subsystems/portal.md."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from posrednik.domain.portal_desk import Project
from posrednik.domain.portal_people import PortalUser
from posrednik.store.db import Database, Row, Tx

Source = Tx | Database


async def _rows(source: Source, query: str, params: dict[str, Any] | None = None) -> Sequence[Row]:
    return await (source.fetch if isinstance(source, Tx) else source.read)(query, params)


async def users(source: Source) -> list[PortalUser]:
    """By id; [] before the first reading."""
    return [
        PortalUser(row.id, row.name, row.email, tuple(row.phones), row.active, row.last_login)
        for row in await _rows(source, "portal_users")
    ]


async def projects(source: Source) -> list[Project]:
    """Open ones first, by name."""
    return [Project(row.id, row.name, row.closed) for row in await _rows(source, "portal_projects")]


async def reading(source: Source) -> Row | None:
    """read_at (None = never), tried_at, why (None = the last try was good), users, projects; None: nobody tried yet."""
    rows = await _rows(source, "portal_reading")
    return rows[0] if rows else None


async def keep(tx: Tx, users: Sequence[PortalUser], projects: Sequence[Project], at: datetime) -> bool:
    """The whole lists of a reading that began at `at`. False: a newer one is kept already."""
    if await tx.one("portal_reading_put", {"at": at, "why": None}) is None:
        return False
    await tx.run("portal_users_put", {"users": _json(users)})
    await tx.run("portal_projects_put", {"projects": _json(projects)})
    return True


async def failed(tx: Tx, why: str, at: datetime) -> None:
    """The lists stay as they were read before."""
    await tx.one("portal_reading_put", {"at": at, "why": why})


async def office(source: Source) -> Sequence[Row]:
    """People of the office, columns of people.sql."""
    return await _rows(source, "people", {"now": None})


async def report(source: Source, kind: str) -> Row | None:
    """at, who, lines (JSON text) of the last "check" or "setup"."""
    rows = await _rows(source, "portal_report", {"kind": kind})
    return rows[0] if rows else None


async def keep_report(tx: Tx, kind: str, lines: Sequence[dict[str, Any]], who: str, at: datetime) -> None:
    await tx.run("portal_report_put", {"kind": kind, "lines": _json(lines), "who": who, "at": at})


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
