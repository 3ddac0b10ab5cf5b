"""«Фото доставок»/YYYY-MM on the Disk of each project: found by name or made, and remembered."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from posrednik.connectors.bitrix24 import wire
from posrednik.connectors.bitrix24.asides import Got
from posrednik.connectors.bitrix24.inbound import Problem
from posrednik.connectors.bitrix24.settings import Bitrix24Settings
from posrednik.connectors.bitrix24.transport import Calls
from posrednik.connectors.bitrix24.wire import Kind
from posrednik.domain.texts import told
from posrednik.domain.texts_notes import PHOTO_FOLDER

NAME = told(PHOTO_FOLDER)
PAUSE_S = 900.0


class Folders:
    """One at a time looks for a folder or makes it, so that it is made once by this process; two processes are told
    apart by the portal, which lets a name be taken only once."""

    def __init__(self, settings: Bitrix24Settings) -> None:
        self._settings = settings
        self._known: dict[tuple[int | None, str], int] = {}
        self._turn = asyncio.Lock()

    def forget(self) -> None:
        """Somebody may have taken a folder away: look anew."""
        self._known.clear()

    async def of(self, calls: Calls, group: int | None, month: str) -> int | Problem:
        """Its id. group None: the Disk of the user whose tasks they are. Raises Held."""
        async with self._turn:
            key = group, month
            if key in self._known:
                return self._known[key]
            found = await self._path(calls, group, month)
            if isinstance(found, int):
                self._known[key] = found
            return found if isinstance(found, int) else _mendable(found)

    async def _path(self, calls: Calls, group: int | None, month: str) -> int | Problem:
        at = await self._root(calls, group)
        for name in (NAME, month):
            if isinstance(at, Problem):
                return at
            at = await _folder(calls, at, name)
        return at

    async def _root(self, calls: Calls, group: int | None) -> int | Problem:
        """A filter that is ignored tells of other Disks too: each row is looked at."""
        kind, number = ("group", group) if group is not None else ("user", self._settings.creator)
        wanted = {"ENTITY_TYPE": kind, "ENTITY_ID": str(number)}
        answer = await calls.call(wire.STORAGES, {"filter": wanted})
        for row in _rows(answer):
            if all(str(row.get(name)) == value for name, value in wanted.items()):
                return int(row["ROOT_OBJECT_ID"])
        if isinstance(answer, Problem):
            return answer
        return Problem(Kind.RULE, "no_disk", f"Битрикс24: у проекта {number} нет Диска, или он закрыт для нас")


async def _folder(calls: Calls, parent: int, name: str) -> int | Problem:
    found = await _find(calls, parent, name)
    if found is not None:
        return found
    made = await calls.call(wire.FOLDER_ADD, {"id": parent, "data": {"NAME": name}})
    if not isinstance(made, Problem):
        return int(made.result["ID"])
    again = await _find(calls, parent, name) if made.code.upper() == wire.NAME_TAKEN else None
    return made if again is None else again


async def _find(calls: Calls, parent: int, name: str) -> int | Problem | None:
    answer = await calls.call(wire.FOLDER_CHILDREN, {"id": parent, "filter": {"NAME": name, "TYPE": "folder"}})
    if isinstance(answer, Problem):
        return answer
    same = [row for row in _rows(answer) if row.get("NAME") == name and row.get("TYPE") == "folder"]
    return int(same[0]["ID"]) if same else None


def _rows(answer: Got) -> list[Mapping[str, Any]]:
    rows = [] if isinstance(answer, Problem) else answer.result
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _mendable(problem: Problem) -> Problem:
    """Without its folder no photo can be put, but nothing is lost: an administrator can mend it."""
    if problem.kind not in (Kind.RULE, Kind.MISSING):
        return problem
    why = f"нет доступа к Диску: {problem.why}"
    return replace(problem, kind=Kind.BUDGET, code="disk_unavailable", why=why, pause_s=PAUSE_S)
