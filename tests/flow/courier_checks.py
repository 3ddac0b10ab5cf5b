"""What must hold after every step of a walk, and at the end of its day. See `courier_model` for the rules."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row
from tests.flow.courier_course import Course, Pocket, Told, agree, shown
from tests.flow.courier_model import BY_TYPE, Happened, State, after, imagined, needed, possible
from tests.flow.exchange_client import Json, Service

from posrednik.store.db import Database
from posrednik.usecases.give_up_parked import give_up_parked

# Refusals that an earlier step, which is still missing, may turn into a yes.
WAITS = ("stage_jump", "more_than_carried", "more_than_accepted", "nothing_to_correct")
# Done with goods and money in hand; the rest is said of what comes, and the office may know better.
FACTS = (
    "delivery.pick_up",
    "delivery.depart",
    "delivery.hand_over",
    "delivery.not_deliver",
    "delivery.customer_return",
)


class Checks:
    """service, db: where to look. couriers: whose acts count. pulled: (delivery, version) of each event 1C has had."""

    def __init__(self, service: Service, db: Connection[Any], couriers: Sequence[str]) -> None:
        self.service, self.db, self.couriers = service, db, couriers
        self.acts: dict[str, Told] = {}
        self.pulled: dict[str, tuple[str, int]] = {}
        self.courses: list[Course] = []
        self.pockets: list[Pocket] = []

    def rows(self, query: str, *values: Any) -> list[Json]:
        with self.db.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query.encode(), values).fetchall()

    def check(self, before: list[int] | None = None) -> None:
        """After every step. before: versions when a phone began to send."""
        before = before or [len(course.states) for course in self.courses]
        recorded = {str(row["id"]): row for row in self.rows(
            "SELECT id, seq, device, state, code, delivery_id, delivery_version, incident_id FROM courier_event "
            "WHERE courier_ref = ANY(%s)", list(self.couriers),
        )}  # fmt: skip
        by_version = self._effects(recorded)
        for course in self.courses:
            self._fold(course, by_version)
            self._incidents(course)
        for told in self.acts.values():
            if told.id in recorded:
                self._fate(told, recorded[told.id], before)

    def _effects(self, recorded: dict[str, Json]) -> dict[tuple[str, int], Told]:
        """Which act made which version: each one at most one."""
        made: dict[tuple[str, int], Told] = {}
        for id, row in recorded.items():
            if row["delivery_version"] is not None:
                key = str(row["delivery_id"]), row["delivery_version"]
                assert key not in made, "two acts made one version"
                assert row["state"] == "accepted"
                made[key] = self.acts[id]
        return made

    def _fold(self, course: Course, by_version: dict[tuple[str, int], Told]) -> None:
        new = self.rows(
            "SELECT version, type, actor, data FROM event WHERE subject_id = %s AND version > %s ORDER BY version",
            course.id, len(course.states),
        )  # fmt: skip
        for row in new:
            assert row["version"] == len(course.states) + 1, "a version without its event"
            told = by_version.get((course.id, row["version"]))
            assert (told is not None) == (row["actor"]["kind"] == "courier"), f"whose step is {row['type']}?"
            event = Happened(row["version"], row["type"], row["actor"]["kind"], row["data"], told.act if told else None)
            self._follow(course, event, told)
        (doc,) = self.rows("SELECT doc, stage, version FROM delivery WHERE id = %s", course.id)
        assert doc["version"] == doc["doc"]["version"] == len(course.states), "versions count events"
        assert doc["stage"] == course.now.stage
        agree(course.now, doc["doc"])

    def _follow(self, course: Course, event: Happened, told: Told | None) -> None:
        was = course.states[-1] if course.states else State()
        now = after(was, event)
        if told is not None:
            assert not told.wrong, f"{told.act.sent} can never be right"
            assert told.device in {one.phone.device for one in self.pockets}
            said = told.act.sent["type"]
            kept_apart = event.type == "delivery.done_by_another" and said == f"delivery.{event.data['action']}"
            assert kept_apart or event.type == BY_TYPE[said], f"{said} became {event.type}"
        course.must.update(needed(was, event, now))
        course.states.append(now)
        course.happened.append(event)
        snapshot = event.data["delivery"]
        assert snapshot["stage"] == shown(now), f"{event.type}: {snapshot['stage']}, by the book {shown(now)}"
        agree(now, {**snapshot, "courier_ref": (snapshot["courier"] or {}).get("ref")})

    def _incidents(self, course: Course) -> None:
        rows = self.rows("SELECT kind, doc FROM incident WHERE subject_id = %s", course.id)
        there: Counter[str] = Counter()
        for row in rows:
            there[row["kind"]] += row["doc"]["times"]
        for kinds, times in course.must.items():
            least = sum(n for other, n in course.must.items() if other <= kinds)
            assert sum(there[kind] for kind in kinds) >= max(times, least), f"{sorted(kinds)} is forgotten"

    def _fate(self, told: Told, row: Json, before: list[int]) -> None:
        """What became of an act in this step, if anything did."""
        state = row["state"]
        if state == "parked":
            assert self.home(told).misses(row["seq"]), "parked, and nothing is missing"
        if state == told.state:
            return
        assert told.state in ("", "parked"), f"{told.state}, now {state}"
        told.state = state
        target = told.act.corrects.sent if told.act.corrects else told.act.sent
        number = next(n for n, course in enumerate(self.courses) if course.id == target["delivery"])
        course, is_step = self.courses[number], told.act.corrects is None
        seen = range(before[number], len(course.states) + 1)
        if state == "accepted":
            assert str(row["delivery_id"]) == course.id
            assert any(told.act.courier in course.states[n - 1].related for n in seen), "another's delivery"
            if row["delivery_version"] is None and is_step and not course.overtaken(told.act):
                course.must[frozenset({"repeated_step"})] += 1
                self._incidents(course)
        elif state == "rejected":
            self._refused(told, row, course, seen)

    def _refused(self, told: Told, row: Json, course: Course, seen: range) -> None:
        """Only what can never be right, and not while something that could make it right is missing."""
        home, code, is_step = self.home(told), row["code"], told.act.corrects is None
        if code == "waits_for_earlier":
            return  # given up after a day, see finish
        related = told.act.courier in course.states[seen[0] - 1].related
        if code in WAITS or (code == "not_his_delivery" and is_step and related):
            assert not home.misses(row["seq"]), f"refused with {code}, and an earlier step is missing"
        assert not is_step or not related or row["incident_id"] is not None, f"nobody is told of {told.act.sent}"
        views = [self._as_he_had_it(home, told, course.view(told.act, upto)) for upto in seen]
        fact = told.act.sent["type"] in FACTS and not told.wrong
        fact = fact and all(view is not None and possible(view, told.act) for view in views)
        assert not fact, f"{told.act.sent} was possible, and is refused with {code}"

    def _as_he_had_it(self, home: Pocket, told: Told, view: State | None) -> State | None:
        """With the steps that his phone has not sent yet, or has lost: while they are missing, nobody knows better."""
        for earlier in home.done:
            mine, that = told.act.sent, earlier.act.sent
            missing = that["seq"] < mine["seq"] and that["seq"] not in home.arrived
            if view is not None and missing and that.get("delivery") == mine.get("delivery") and not earlier.wrong:
                view = imagined(view, earlier.act)
        return view

    async def a_day_passes(self) -> None:
        """What still waits for a lost number is given up, and a person is told."""
        db = Database(self.service.dsn, size=1)
        await db.open()
        try:
            await give_up_parked(db, datetime.now(UTC) + timedelta(hours=25))
        finally:
            await db.close()
        self.check()
        assert "parked" not in {told.state for told in self.acts.values()}, "parked for ever"

    def home(self, told: Told) -> Pocket:
        return next(one for one in self.pockets if one.phone.device == told.device)

    async def board_agrees(self) -> None:
        for course in self.courses:
            card = (await self.service.person("GET", f"/api/v1/board/deliveries/{course.id}")).json()
            assert (card["stage"], card["version"]) == (shown(course.now), len(course.states))

    def one_c_heard_in_order(self) -> None:
        for course in self.courses:
            versions = [version for id, version in self.pulled.values() if id == course.id]
            assert versions == sorted(set(versions)), "1C is told in order of versions, each once"
            concern = {"picked_up", "departed", "handed_over", "not_delivered", "corrected"}
            told = [one.version for one in course.happened if one.type.removeprefix("delivery.") in concern]
            assert set(told) <= set(versions), "1C is told of every step"
