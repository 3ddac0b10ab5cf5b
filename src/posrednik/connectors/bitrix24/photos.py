"""Photos of a delivery's steps: from our storage into the project's Disk, and from there onto the task.

In the background: one send at a time takes part, and only a few photos, so that a Disk that is slow or fails never
keeps the others of this worker waiting. A photo is known by its name, which ends with the first digits of its SHA-256:
what was in doubt, or is there already, is found by it and not uploaded twice.
"""

import asyncio
import base64
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from posrednik.connectors.base import Accepted, Held, Item, LookUpReport, NotThere, Outcome, Report, TryLater
from posrednik.connectors.bitrix24 import asides, wire
from posrednik.connectors.bitrix24.acts import Facts
from posrednik.connectors.bitrix24.asides import Got, Patience
from posrednik.connectors.bitrix24.folders import Folders
from posrednik.connectors.bitrix24.inbound import Problem
from posrednik.connectors.bitrix24.outbound import project_of
from posrednik.connectors.bitrix24.settings import Bitrix24Settings
from posrednik.connectors.bitrix24.texts import Division, plain
from posrednik.connectors.bitrix24.transport import Calls
from posrednik.connectors.bitrix24.values import integer
from posrednik.connectors.bitrix24.wire import Kind
from posrednik.domain.routes import PHOTOS
from posrednik.domain.texts import told
from posrednik.domain.texts_notes import PHOTO_STEPS
from posrednik.kit.blobs import StorageUnavailable

AT_ONCE = 10
UPLOADS_AT_ONCE = 2
# A phone that is lost never sends what it took; the other photos of the step are there by then.
LOST_AFTER = timedelta(days=7)
_SAFE = NotThere("фото ищется по имени и среди файлов задачи, повтор безопасен")


class Body(asides.OfDelivery, frozen=True):
    """Of `photos.put`. step: type of the event. photos: SHA-256 in hex. at: when it was taken."""

    order_number: str
    step: str
    at: str
    photos: Sequence[str]
    time_zone: str = "Europe/Moscow"
    division: Division | None = None


class Photo:
    """One picture on its way. file: its id on the Disk; found: it was there before; hung: it is on the task."""

    def __init__(self, owner: "Step", sha256: str) -> None:
        self.owner, self.sha256 = owner, sha256
        self.name = name_of(owner.body, sha256)
        self.data: bytes | None = None
        self.file: int | None = None
        self.found = self.hung = False

    @property
    def open(self) -> bool:
        return self.owner.outcome is None and not self.hung


class Step:
    """One message: the photos of a step. outcome: set as soon as one of them decides it."""

    def __init__(self, item: Item, body: Body, task_id: str, done: Sequence[str]) -> None:
        self.item, self.body, self.task_id = item, body, task_id
        self.outcome: Outcome | None = None
        self.folder = 0
        self.photos = [Photo(self, sha256) for sha256 in body.photos if sha256 not in done]
        self.refused: Problem | None = None

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.body.at).astimezone(ZoneInfo(self.body.time_zone))


class Photos:
    """The acts of `photos.put`. clock: Unix time in seconds."""

    methods = frozenset({PHOTOS.method})

    def __init__(self, facts: Facts, settings: Bitrix24Settings, clock: Callable[[], float] = time.time) -> None:
        self._facts, self._settings, self._clock = facts, settings, clock
        self._turn = asyncio.Lock()
        self._uploads = asyncio.Semaphore(UPLOADS_AT_ONCE)
        self._folders = Folders(settings)
        self._for_task, self._for_phone = asides.for_task(), Patience(5.0, 3600.0)
        self._for_turn = Patience(2.0, 30.0, times=2)
        # What this process has hung, of messages that still wait for another photo.
        self._hung: dict[str, list[str]] = {}

    async def send(self, calls: Calls, items: Sequence[Item], report: Report) -> None:
        mine = list(items[:AT_ONCE]) if not self._turn.locked() else []
        for item in items[len(mine) :]:
            report(item, self._for_turn.wait(item, "очередь фото: сначала уйдут другие", "photos_queue"))
        if not mine:
            return
        async with self._turn:
            await self._send(calls, mine, report)

    async def look_up(self, calls: Calls, items: Sequence[Item], report: LookUpReport) -> None:
        for item in items:
            report(item, _SAFE)

    async def _send(self, calls: Calls, items: Sequence[Item], report: Report) -> None:
        steps = await self._steps(items, report)
        here = [photo for step in steps for photo in step.photos if await self._is_here(photo)]
        await self._put_into_folders(calls, steps, here)
        await self._hang(calls, [photo for photo in here if photo.open])
        await _check_tasks(calls, [step for step in steps if step.outcome is None and step.refused is not None])
        for step in steps:
            report(step.item, step.outcome or self._end(step))

    async def _steps(self, items: Sequence[Item], report: Report) -> list[Step]:
        going = await asides.with_tasks(self._facts, self._for_task, items, Body, report)
        self._for_turn.over([item for item, _, _ in going])
        return [Step(item, body, task_id, self._hung.get(_key(item), [])) for item, body, task_id in going]

    async def _is_here(self, photo: Photo) -> bool:
        try:
            photo.data = await self._facts.photo(photo.sha256)
        except StorageUnavailable as error:
            photo.owner.outcome = TryLater(f"хранилище фото недоступно: {error}", "storage_unavailable", free=True)
        return photo.data is not None

    def _end(self, step: Step) -> Outcome:
        """All that has come from the phone is on the task."""
        missing = [photo for photo in step.photos if not photo.hung]
        if not missing or self._clock() - step.at.timestamp() > LOST_AFTER.total_seconds():
            self._for_phone.over([step.item])
            self._hung.pop(_key(step.item), None)
            why = f"фото так и не пришли с телефона: {len(missing)}" if missing else ""
            return Accepted(why=why, code="photo_never_came" if missing else "accepted")
        self._hung[_key(step.item)] = [sha for sha in step.body.photos if sha not in {p.sha256 for p in missing}]
        return self._for_phone.wait(step.item, "фото ещё не пришло с телефона", "no_photo_yet")

    # -- onto the Disk

    async def _put_into_folders(self, calls: Calls, steps: Sequence[Step], here: Sequence[Photo]) -> None:
        for step in {photo.owner for photo in here}:
            group = project_of(step.body.division, self._settings)
            try:
                folder = await self._folders.of(calls, group, f"{step.at:%Y-%m}")
            except Held as held:
                folder = asides.not_let(held)
            if isinstance(folder, Problem):
                step.outcome = asides.outcome_of(folder, writing=False)
            else:
                step.folder = folder
        await _find(calls, [photo for photo in here if photo.open and photo.owner.item.attempt > 1])
        async with asyncio.TaskGroup() as uploads:
            for photo in here:
                if photo.open and photo.file is None:
                    uploads.create_task(self._upload(calls, photo))
        await _find(calls, [photo for photo in here if photo.open and photo.file is None])
        for photo in here:
            if photo.open and photo.file is None:
                self._folders.forget()
                why = "Битрикс24: фото не найдено после загрузки"
                photo.owner.outcome = asides.outcome_of(Problem(Kind.PASSING, "photo_not_found", why), writing=True)

    async def _upload(self, calls: Calls, photo: Photo) -> None:
        """A name that is taken leaves the file to be found by it."""
        async with self._uploads:
            if not photo.open:
                return
            try:
                answer: Got = await calls.call(wire.FILE_UPLOAD, _upload(photo))
            except Held as held:
                answer = asides.not_let(held)
            finally:
                photo.data = None
        if not isinstance(answer, Problem):
            photo.file = _number(answer.result, "ID")
        elif answer.code.upper() != wire.NAME_TAKEN:
            self._folders.forget()
            photo.owner.outcome = asides.outcome_of(_folder_again(answer), writing=True)

    # -- onto the task

    async def _hang(self, calls: Calls, photos: Sequence[Photo]) -> None:
        """A file may hang on a task twice, so those that were there before are looked for on it first."""
        await _look_at_tasks(calls, [photo for photo in photos if photo.found])
        asked = [(photo, _attach(photo)) for photo in photos if photo.open]
        for photo, _, answer in await asides.run(calls, asked):
            if not isinstance(answer, Problem):
                photo.hung = True
            elif answer.kind in (Kind.RULE, Kind.MISSING) and not asides.closed(answer):
                photo.owner.refused = answer
            else:
                photo.owner.outcome = asides.outcome_of(answer, writing=True)


def name_of(body: Body, sha256: str) -> str:
    """«000-123 Отдал 14-05 1a2b3c4d.jpg»"""
    step = told(PHOTO_STEPS[body.step]) if body.step in PHOTO_STEPS else ""
    at = datetime.fromisoformat(body.at).astimezone(ZoneInfo(body.time_zone))
    words = [_UNFIT.sub("-", plain(body.order_number)), step, f"{at:%H-%M}", sha256[:8]]
    return " ".join(word for word in words if word) + ".jpg"


# What no name of a file may hold, on any system that the Disk is synchronised with.
_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f\u200b]')


def _key(item: Item) -> str:
    return f"{item.key} {item.id}"


def _upload(photo: Photo) -> Mapping[str, Any]:
    content = base64.b64encode(photo.data or b"").decode()
    return {"id": photo.owner.folder, "data": {"NAME": photo.name}, "fileContent": [photo.name, content]}


def _attach(photo: Photo) -> Any:
    return asides.write(wire.FILES_ATTACH, {"taskId": int(photo.owner.task_id), "fileId": photo.file})


async def _find(calls: Calls, photos: Sequence[Photo]) -> None:
    """By name in their folders; a filter that the portal ignores finds the name all the same, on its first page."""
    asked = [
        (photo, asides.read(wire.FOLDER_CHILDREN, {"id": photo.owner.folder, "filter": {"NAME": photo.name}}))
        for photo in photos
    ]
    for photo, _, answer in await asides.run(calls, asked):
        if isinstance(answer, Problem):
            photo.owner.outcome = asides.outcome_of(_folder_again(answer), writing=False)
            continue
        rows = answer.result if isinstance(answer.result, list) else []
        same = [row for row in rows if isinstance(row, Mapping) and row.get("NAME") == photo.name]
        photo.file = next((n for n in map(_id_of, same) if n is not None), None)
        photo.found = photo.file is not None


def _folder_again(problem: Problem) -> Problem:
    """The folder was taken away: it is made again at the next try."""
    return replace(problem, kind=Kind.PASSING) if problem.kind is Kind.MISSING else problem


async def _look_at_tasks(calls: Calls, photos: Sequence[Photo]) -> None:
    """Which of the files hang on their tasks already: a task names places, and a place names its file."""
    steps = list({photo.owner for photo in photos if photo.open})
    places: list[tuple[Step, Any]] = []
    asked = [(step, asides.read_task(step.task_id, "UF_TASK_WEBDAV_FILES")) for step in steps]
    for step, _, answer in await asides.run(calls, asked):
        task = asides.task_in(answer)
        if isinstance(answer, Problem):
            step.outcome = asides.outcome_of(answer, writing=False)
        elif task is None:
            step.outcome = asides.without_task("фото осталось на Диске")
        else:
            hung = task.get("ufTaskWebdavFiles")
            numbers = hung if isinstance(hung, list) else []
            places += [(step, asides.read(wire.ATTACHED_GET, {"id": number})) for number in numbers]
    for step, _, answer in await asides.run(calls, places):
        if isinstance(answer, Problem) and answer.kind is not Kind.MISSING:
            step.outcome = asides.outcome_of(answer, writing=False)
        elif not isinstance(answer, Problem):
            number = _number(answer.result, "OBJECT_ID")
            for photo in step.photos:
                photo.hung = photo.hung or (number is not None and photo.file == number)


async def _check_tasks(calls: Calls, steps: Sequence[Step]) -> None:
    """A photo was refused by its task: it is gone, or it really says no."""
    asked = [(step, asides.read_task(step.task_id)) for step in steps]
    for step, _, answer in await asides.run(calls, asked):
        if isinstance(answer, Problem):
            step.outcome = asides.outcome_of(answer, writing=False)
        elif asides.task_in(answer) is None:
            step.outcome = asides.without_task("фото осталось на Диске")
        elif step.refused is not None:
            step.outcome = asides.outcome_of(step.refused, writing=True)


def _id_of(row: Mapping[str, Any]) -> int | None:
    return _number(row, "ID")


def _number(row: Any, name: str) -> int | None:
    return integer(row.get(name)) if isinstance(row, Mapping) else None
