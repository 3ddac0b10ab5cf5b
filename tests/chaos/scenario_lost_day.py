"""A day that the service forgets, because its database is put back from yesterday's copy; all others remember it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.chaos.scenario_stage import Stage
from tests.desk import until

from posrednik.kit.ids import uuid7

Json = dict[str, Any]


class LostDay:
    """Four orders: one is on its way when the copy is made, three are of the day that is lost."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.desk = stage, stage.desk
        self.copy: Path = stage.folder / "yesterday"
        self.sent: list[Json] = []
        self.deliveries: dict[str, str] = {}

    async def yesterday(self) -> None:
        (self.early,) = await self.desk.make_orders(1)
        self.courier = await self.stage.courier_for(self.early)
        self.deliveries[self.early] = await self.stage.ready(self.early)
        self.phone = await self.stage.phone(self.courier)
        await self._step("pick_up", self.early)
        await self.stage.quiet()

    async def today(self) -> None:
        """The phone hands one over and takes another, the office does a third by itself, 1C edits and presses."""
        self.ours, self.office, self.edited = await self._orders_of_his_division(3)
        for ref in (self.ours, self.office):
            self.deliveries[ref] = await self.stage.ready(ref)
        await self._step("hand_over", self.early, payment_method="cash", amount_taken="0.00")
        await self._step("pick_up", self.ours)
        await self.stage.hand_over(self.by_the_office)
        await self.desk.tell(f"/onec/api/orders/{self.edited}/edit", data={"comment": "из потерянного дня"})
        await self.stage.quiet()
        self.events = await self._events()
        self.last_event = (await self.stage.state())["last_event"]

    @property
    def by_the_office(self) -> str:
        return self.deliveries[self.office]

    async def the_phone_goes_on(self) -> None:
        """It learns from the answer to its next step that earlier ones are missing, and sends them again."""
        await self._step("depart", self.ours, learns=[2, 3])

    async def is_sent_again(self) -> bool:
        rows = await self.stage.rows("SELECT 1 FROM command WHERE type = 'sent_again'")
        waits = await self.stage.rows("SELECT 1 FROM incident WHERE subject_kind = 'base' AND state = 'open'")
        return bool(rows) and not waits

    async def known_outside(self) -> Json:
        """Documents in 1C, tasks of the portal, statuses of the shop."""
        shop = (await self.desk.look("/shop/api/state"))["deliveries"]
        orders = [await self.stage.order(ref) for ref in self.deliveries]
        return {
            "papers": [sorted(paper["ref"] for paper in one["papers"]) for one in orders],
            "tasks": await self.stage.tasks_of(list(self.deliveries.values())),
            "shop": {one: sorted(set(shop[one]["types"])) for one in (self.deliveries[self.early], self.by_the_office)},
        }  # fmt: skip

    async def lost(self) -> list[Json]:
        """Open incidents about events that only 1C has."""
        return await self.stage.rows(
            "SELECT doc #>> '{data,event}' AS what FROM incident WHERE subject_kind = 'lost_event' AND state = 'open'"
            " ORDER BY 1"
        )

    async def check_what_came_back(self) -> None:
        (base,) = await self.stage.rows("SELECT last_accepted FROM base")
        state = await self.stage.state()
        assert (state["stopped"], state["gaps"], state["last_number"]) == ("", [], base["last_accepted"])
        assert await self.stage.rows("SELECT 1 FROM base_gap") == []
        (row,) = await self.stage.rows("SELECT data ->> 'comment' AS comment FROM mirror WHERE ref = %s", self.edited)
        assert row["comment"] == "из потерянного дня"
        now = await self._events()
        of_the_office = {key for key in self.events if key[1] == self.office and key[0] != "delivery.readied"}
        assert {key: now.get(key) for key in self.events if key not in of_the_office} == {
            key: id for key, id in self.events.items() if key not in of_the_office
        }

    async def check_new_events_are_new(self) -> None:
        """Numbers that 1C has seen are not given to other events."""
        rows = self.stage.base("SELECT number, type FROM event ORDER BY seq DESC LIMIT 3")
        assert all(number > self.last_event for number, _ in rows)
        assert set(await self.stage.digests()) == {"equal"}

    async def _orders_of_his_division(self, count: int) -> list[str]:
        found: list[str] = []
        while len(found) < count:
            (ref,) = await self.desk.make_orders(1)
            if await self.stage.courier_for(ref) == self.courier:
                found.append(ref)
        return found

    async def _events(self) -> dict[tuple[str, str], str]:
        """Ids of the deliveries' events by type and order."""
        rows = await self.stage.rows(
            "SELECT id, type, order_ref FROM event WHERE subject_kind = 'delivery' AND order_ref = ANY(%s::uuid[])"
            " AND type <> 'delivery.settled'", list(self.deliveries),
        )  # fmt: skip
        return {(row["type"], str(row["order_ref"])): str(row["id"]) for row in rows}

    async def _step(self, action: str, ref: str, *, learns: list[int] | None = None, **payload: Any) -> None:
        at = datetime.now(UTC) - timedelta(minutes=1)
        self.sent.append({
            "id": str(uuid7()), "seq": len(self.sent) + 1, "type": f"delivery.{action}", "at_device": at.isoformat(),
            "clock_offset_ms": 0, "photos": [], "payload": payload, "delivery": self.deliveries[ref],
            "geo_error": "unavailable",
        })  # fmt: skip
        due = [self.sent[-1]]

        async def taken() -> bool:
            body = {"device": self.phone.device, "events": due}
            answer = await self.phone._call("POST", "courier/events", body)
            assert all(one["status"] != "rejected" for one in answer["results"]), answer
            due[:] = [one for one in self.sent if one["seq"] in answer["missing"]] + due
            kept = {one["id"] for one in answer["results"] if one["status"] in ("accepted", "duplicate")}
            due[:] = [one for one in due if one["id"] not in kept]
            if learns is not None and answer["missing"]:
                assert answer["missing"] == learns
            return not due

        await until(f"{action} is taken", taken)
