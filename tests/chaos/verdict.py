"""What must be true when everything has become quiet, counted where the effects are: in the portal, 1C, the shop."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg.rows import dict_row
from tests.chaos.drive import Order
from tests.desk import Desk, NotInTime, until

from posrednik import bootstrap
from posrednik.config import Settings
from posrednik.store import upkeep

CLOSED = "5"
# domain.md §5, in words of its own: what each system is told.
SHOP_IS_NOT_TOLD = {"delivery.settled"}
ONEC_IS_TOLD = {
    "delivery.picked_up", "delivery.departed", "delivery.handed_over", "delivery.not_delivered", "delivery.retried",
    "delivery.returned", "delivery.withdrawn", "delivery.cancelled",
}  # fmt: skip
Json = dict[str, Any]

# A shop that failed twice is tried again after five minutes: here time is moved on, not the rules.
PASS_THE_TIME = """
UPDATE lane l SET due_at = now() FROM destination d
WHERE d.id = l.destination_id AND d.kind = 'site' AND l.state = 'ready' AND l.due_at > now() + interval '2 s'
"""
WAITING = "SELECT destination, key, depth, state, why, why_text, due_at FROM lane_wait"


class Verdict:
    """orders: with what was done to them. dsn: of the service's database, to look into its own books."""

    def __init__(self, desk: Desk, orders: Sequence[Order], dsn: str) -> None:
        self.desk, self.orders, self._dsn = desk, orders, dsn

    async def quiet(self, within_s: float) -> None:
        """Wait until nothing waits anywhere; each look passes the time of the shop's retry schedule.

        Both are looked at twice: what 1C takes between a look at it and one at the lanes is seen in neither, and what
        it makes of it comes back.
        """

        async def look() -> bool:
            onec = await self.desk.look("/onec/api/state?brief")
            await self._rows(PASS_THE_TIME)
            return not await self._rows(WAITING) and not onec["queue_length"] and not onec["commands_waiting"]

        async def empty() -> bool:
            return await look() and await look()

        try:
            await until("all lanes and queues are empty", empty, within_s)
        except NotInTime as error:
            raise NotInTime(f"{error}; still waiting: {await self._rows(WAITING)}") from error

    async def portal(self) -> None:
        """One task for each order that was ready, in the column of its last stage, closed when it should be."""
        tasks = await self.desk.tasks()
        per_marker = Counter(task["xmlId"] for task in tasks)
        assert {marker: n for marker, n in per_marker.items() if n > 1} == {}, "more than one task"
        wanted = {f"posrednik:{order.delivery}": order for order in self.orders}
        assert set(per_marker) == set(wanted), "tasks are missing or nobody's"
        titles = {**await self.desk.columns(11), **await self.desk.columns(12)}
        wrong = [
            (order.plan.stage, titles[task["stageId"]], task)
            for task in tasks
            if titles[task["stageId"]] != (order := wanted[task["xmlId"]]).plan.column
            or (task["status"] == CLOSED) != order.plan.closed
        ]
        assert wrong == []

    async def events(self) -> None:
        """The service's own books: for each order exactly what was done to it, one version after another."""
        by_order = await self._events_by_order()
        for order in self.orders:
            events = by_order[order.ref]
            done = [move.event for move in order.plan.moves if move.event]
            assert [event["type"] for event in events] == done, order
            assert [event["version"] for event in events] == list(range(1, len(events) + 1)), order

    async def onec(self) -> None:
        """Each step came to 1C once in effect and in the order of versions; what 1C caused did not come back."""
        state = await self.desk.look("/onec/api/state")
        assert (state["out_of_order"], state["gaps"], state["refused"], state["quarantined"]) == (0, [], [], [])
        for order in self.orders:
            moves = enumerate((move for move in order.plan.moves if move.event), 1)
            told = [(n, move.event) for n, move in moves if move.where == "act" and move.event in ONEC_IS_TOLD]
            there = state["applied"].get(order.ref, {"versions": [], "types": []})
            assert list(zip(there["versions"], there["types"], strict=True)) == told, order

    async def documents(self) -> None:
        """1C made one shipment for each hand-over, whatever came twice."""
        events = (await self.desk.look("/onec/api/events?limit=100000"))["events"]
        handed = [event["id"] for event in events if event["type"] == "delivery.handed_over"]
        planned = [move for order in self.orders for move in order.plan.moves if move.name == "hand_over"]
        assert len(handed) == len(set(handed)) == len(planned)

    async def shop(self) -> None:
        """Each status came to the shop once in effect and in the order of versions."""
        state = await self.desk.look("/shop/api/state")
        assert state["out_of_order"] == 0
        for order in self.orders:
            moves = enumerate((move for move in order.plan.moves if move.event), 1)
            told = [(n, move.event) for n, move in moves if move.event not in SHOP_IS_NOT_TOLD]
            there = state["deliveries"][order.delivery]
            assert list(zip(there["versions"], there["types"], strict=True)) == told, order

    async def books(self) -> None:
        """No dead letters, nothing in quarantine, nothing left over, and the service's own checks are content."""
        for table in ("message", "quarantine WHERE cleared_at IS NULL", "lane WHERE depth <> 0 OR state <> 'idle'"):
            assert await self._rows(f"SELECT * FROM {table}") == [], table
        db = bootstrap.database(Settings(), self._dsn)
        await db.open()
        try:
            assert {name: list(await upkeep.check(db, name)) for name in upkeep.CHECKS} == {
                name: [] for name in upkeep.CHECKS
            }
        finally:
            await db.close()

    async def journal(self) -> Counter[str]:
        """Every message has one success or was replaced; whatever was unclear was looked up. Outcomes, counted."""
        lines = await self._rows(
            "SELECT id, system, kind, event_id, outcome, coalesce(detail ->> 'method', '') AS method FROM journal"
            " WHERE event_id IS NOT NULL ORDER BY at, id"
        )
        by_message: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        for line in lines:
            by_message[line["system"], str(line["event_id"]), line["method"]].append(line["outcome"])
        for event in await self._rows("SELECT id, type, cause_base FROM event WHERE subject_kind = 'delivery'"):
            self._told("bitrix24", by_message["bitrix24", str(event["id"]), ""], event)
        for message, outcomes in by_message.items():
            _looked_up(message, outcomes)
        return Counter(line["outcome"] for line in lines if line["system"] == "bitrix24")

    @staticmethod
    def _told(system: str, outcomes: Sequence[str], event: Mapping[str, Any]) -> None:
        ended = Counter(outcomes)
        done = ended["accepted"] + ended["found"]
        assert done + ended["superseded"] == 1, (system, event, outcomes)

    async def _events_by_order(self) -> dict[str, list[Json]]:
        found: dict[str, list[Json]] = defaultdict(list)
        for row in await self._rows(
            "SELECT order_ref, type, version FROM event WHERE subject_kind = 'delivery' ORDER BY order_ref, version"
        ):
            found[str(row["order_ref"])].append(row)
        return found

    async def _rows(self, query: str) -> list[Json]:
        async with await psycopg.AsyncConnection.connect(self._dsn, autocommit=True, row_factory=dict_row) as conn:
            cursor = await conn.execute(query)
            return list(await cursor.fetchall()) if cursor.description else []


def _looked_up(message: tuple[str, str, str], outcomes: Sequence[str]) -> None:
    """After an attempt whose end nobody knows comes a look, before anything else is sent."""
    if message[0] != "bitrix24" or message[2].startswith("notice."):  # one event may tell two people
        return
    for number, outcome in enumerate(outcomes):
        if outcome in ("unclear", "rescued"):
            after = [later for later in outcomes[number + 1 :] if not later.startswith("late_")]
            assert after, (message, outcomes)
            assert after[0] in ("found", "not_there", "rescued", "try_later", "superseded"), (message, outcomes)
