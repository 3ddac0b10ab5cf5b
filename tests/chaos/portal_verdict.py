"""What must be true at the end of a portal's day: both sides agree, every act by hand has its answer, nothing twice."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from tests.chaos.portal_books import EVENTS, Books, Json
from tests.chaos.portal_day import Act, Job, answers
from tests.chaos.portal_hands import NOTHING, TITLES
from tests.chaos.portal_system import ADMINISTRATOR, GROUPS, Courier
from tests.desk import NotInTime, Refused, until

from posrednik import bootstrap_portal
from posrednik.config import load
from posrednik.connectors.bitrix24 import outbound
from posrednik.connectors.bitrix24.access import WebhookAccess
from posrednik.domain.task_body import task_of

FIELDS = ("ID", "XML_ID", "TITLE", "DESCRIPTION", "DEADLINE", "RESPONSIBLE_ID", "GROUP_ID", "STAGE_ID", "STATUS")
CLOSED = "5"
WAITING = "SELECT key, depth, state, why, why_text FROM lane_wait"
TAKEN = """
SELECT order_ref::text AS order, at FROM journal
WHERE kind = 'action' AND system = 'bitrix24' AND outcome NOT IN ('put_back', 'deleted')
"""
WRITTEN = "SELECT order_ref::text AS order, at FROM journal WHERE kind = 'attempt' AND system = 'bitrix24'"
STORY = """
SELECT at, concat_ws(' ', kind, system, outcome, code, summary) AS line FROM journal
WHERE order_ref::text = %(order)s ORDER BY at, id
"""
HINTS = "SELECT task_id, times FROM portal_hint"
POLLED = "SELECT polled_at > %(at)s AS since, failure FROM portal_watch"
NOW = "SELECT clock_timestamp() AS now"
# An act at a card that the service was writing to at that time is written over, as somebody's word that comes second:
# something happened to the delivery about then, or what had happened before went out only after the act.
OVERTAKEN_S = 20.0


class PortalVerdict:
    """config: of the service, for the address that its texts name."""

    def __init__(self, books: Books, jobs: Sequence[Job], staff: Sequence[Courier], config: Path) -> None:
        self.books, self.jobs = books, jobs
        self._users = {one.ref: one.user for one in staff}
        settings = load(str(config), {})
        access = WebhookAccess(settings.bitrix24.portal_url, settings.bitrix24.webhook)
        self._settings = bootstrap_portal.portal_settings(settings, access)

    async def quiet(self, within_s: float, *, watched: bool = True) -> None:
        """Nothing waits, nothing is to be looked at. watched: and the portal was asked for changes once more since."""
        (row,) = await self.books.rows(NOW)
        asked = [row["now"]]

        async def still() -> bool:
            if await self.books.rows(WAITING) or await self.books.rows(HINTS):
                asked[0] = (await self.books.rows(NOW))[0]["now"]
                return False
            if not watched:
                return True
            (watch,) = await self.books.rows(POLLED, at=asked[0])
            return bool(watch["since"])

        try:
            await until("all lanes are empty and the portal was asked", still, within_s)
        except NotInTime as error:
            waiting, hints = await self.books.rows(WAITING), await self.books.rows(HINTS)
            raise NotInTime(f"{error}; waiting {waiting[:10]}, hints {hints[:10]}") from error

    async def agree(self) -> None:
        """Every delivery has exactly one task, in the column, with the responsible, status and texts it should have;
        one whose deleted task nobody wanted back has none."""
        tasks = await self.books.portal_tasks(FIELDS)
        several = {marker: count for marker, count in Counter(task["xmlId"] for task in tasks).items() if count > 1}
        assert several == {}, "more than one task"
        there = {task["xmlId"]: task for task in tasks}
        wanted = {f"posrednik:{job.delivery}" for job in self.jobs if not job.left}
        assert set(there) == wanted, "tasks are missing or nobody's"
        last = await self._last_events()
        titles = {group: await self.books.desk.columns(group) for group in GROUPS.values()}
        wrong = []
        for job in self.jobs:
            if not job.left:
                task = there[f"posrednik:{job.delivery}"]
                found = self._differences(job, task, last[job.delivery]["delivery_data"], titles)
                wrong += found and [*found, await self._story(job, int(task["id"]))]
        assert wrong == [], "\n".join(wrong)

    def _differences(
        self, job: Job, task: Json, data: Mapping[str, Any], titles: Mapping[int, Mapping[str, str]]
    ) -> list[str]:
        division = next(name for name in GROUPS if GROUPS[name] == int(task["groupId"] or 0)) if task["groupId"] else ""
        stage = data["stage"] if data["on_board"] else "cancelled"
        courier = (data["courier"] or {}).get("ref")
        texts = self._texts(data)
        pairs = {
            "project": (division, data["division"]["name"]),
            "column": (_column(titles.get(int(task["groupId"] or 0), {}), str(task["stageId"])), TITLES[stage]),
            "responsible": (int(task["responsibleId"]), self._users.get(courier, ADMINISTRATOR)),
            "status": (task["status"] == CLOSED, data["closed"]),
            "title": (task["title"], texts["TITLE"]),
            "description": (task["description"], texts["DESCRIPTION"]),
            "deadline": (_moment(task["deadline"]), _moment(texts["DEADLINE"])),
        }
        where = f"task {task['id']} of {job.delivery}, acts {[act.hand.do for act in job.acted]}"
        return [f"{where}: {name} {a!r}, should be {b!r}" for name, (a, b) in pairs.items() if a != b]

    async def _story(self, job: Job, task: int) -> str:
        """What both sides have written down of it, for whoever looks for the reason."""
        ours = [f"{row['at']:%H:%M:%S.%f} {row['line']}" for row in await self.books.rows(STORY, order=job.order)]
        kept = await self.books.rows("SELECT * FROM portal_task WHERE task_id = %(task)s", task=task)
        acts = [f"{datetime.fromtimestamp(act.at, UTC):%H:%M:%S.%f} {act.hand.do} {act.hand.how}" for act in job.acted]
        theirs = [
            f"{row['at']} {row['who']}: {row['what']} → {row['new']}"
            for row in (await self.books.card(task))["history"]
        ]
        return "\n  ".join(["", *ours, str(kept), *acts, *theirs])

    def _texts(self, data: Mapping[str, Any]) -> Mapping[str, str]:
        body = msgspec.json.decode(msgspec.json.encode(task_of({"delivery": data})))
        fields = outbound.desired(outbound.parse(body), self._settings, None).fields
        return {name: str(value) for name, value in fields.items()}

    async def answered(self) -> Counter[str]:
        """Every act by hand was taken, or put back with a word about it, or came while the service itself was writing
        to the card. What became of them, counted."""
        by_delivery, by_order = await self._by("delivery", EVENTS), await self._by("order", TAKEN)
        written = await self._by("order", WRITTEN)
        became: Counter[str] = Counter()
        silent = []
        for job in self.jobs:
            for act in job.acted:
                ours = [event["recorded_at"] for event in by_delivery[job.delivery]]
                ours += [row["at"] for row in written[job.order]]
                how = await self._answer(act, ours, by_order[job.order])
                became[how] += 1
                if how == "silent" or (how == "overtaken" and act.calm):
                    silent.append(f"{how}: {act}{await self._story(job, act.task)}")
        assert silent == [], "\n".join(silent)
        return became

    async def watched(self) -> None:
        """Forged events came, were told apart from the portal's own, and nothing else of them is left."""
        (watch,) = await self.books.rows("SELECT events, forged, failure FROM portal_watch")
        assert watch["forged"] > 0
        assert watch["events"] > 0
        assert watch["failure"] == ""
        assert await self.books.rows("SELECT * FROM portal_duplicate WHERE over_at IS NULL") == []

    async def _by(self, key: str, query: str) -> dict[str, list[Json]]:
        found: dict[str, list[Json]] = defaultdict(list)
        for row in await self.books.rows(query):
            found[row[key]].append(row)
        return found

    async def _answer(self, act: Act, ours: Sequence[datetime], taken: Sequence[Json]) -> str:
        if not act.changed or act.hand.expected == NOTHING:
            return "nothing"
        if any(row["at"].timestamp() >= act.at - 1 for row in taken):
            return "taken"
        try:
            card = await self.books.card(act.task)
        except Refused:
            return "gone"
        if answers(card, act.seen):
            return "put back"
        near = any(abs(at.timestamp() - act.at) < OVERTAKEN_S for at in ours)
        return "overtaken" if near else "silent"

    async def _last_events(self) -> dict[str, Json]:
        return {event["delivery"]: event for event in await self.books.rows(EVENTS)}


def _column(titles: Mapping[str, str], stage_id: str) -> str | None:
    """titles: from left to right. A task of the first column may carry 0 for it."""
    return next(iter(titles.values()), None) if stage_id == "0" else titles.get(stage_id)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
