"""What the service and the portal hold, looked at beside the day: the service's own tables, the portal's own pages."""

from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from tests.desk import Desk

Json = dict[str, Any]
# Nothing of ours waits for the task, and it was looked at since the last that was written.
CALM = """
SELECT r.remote_id::bigint AS task, l.depth = 0 AND l.state = 'idle' AS quiet,
    coalesce(p.seq = l.last_seq AND p.texts IS NOT NULL AND p.gone_at IS NULL, false) AS seen
FROM lane l JOIN remote_object r ON r.lane_id = l.id LEFT JOIN portal_task p ON p.task_id = r.remote_id::bigint
WHERE l.key = %(key)s AND l.destination_id = (SELECT id FROM destination WHERE kind = 'bitrix24')
"""
STANDS = "SELECT stage, on_board, courier_ref::text AS courier, version FROM delivery WHERE id = %(id)s"
EVENTS = """
SELECT subject_id AS delivery, type, version, recorded_at, data->'delivery' AS delivery_data
FROM event WHERE subject_kind = 'delivery' ORDER BY subject_id, version
"""
INCIDENTS = "SELECT id::text AS id, kind, subject_id AS delivery, state FROM incident WHERE kind = ANY(%(kinds)s)"


class Books:
    """dsn: of the service's database."""

    def __init__(self, desk: Desk, dsn: str) -> None:
        self.desk, self._dsn = desk, dsn
        self._connection: AsyncConnection[Json] | None = None

    async def open(self) -> None:
        self._connection = await AsyncConnection.connect(self._dsn, autocommit=True, row_factory=dict_row)

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def rows(self, query: str, **params: Any) -> list[Json]:
        assert self._connection is not None
        return list(await (await self._connection.execute(query, params)).fetchall())

    async def stands(self, delivery: str) -> Json:
        """stage, on_board, courier, version of a delivery now."""
        (row,) = await self.rows(STANDS, id=delivery)
        return row

    async def calm_task(self, delivery: str) -> int | None:
        """Its task, when nothing waits for it and the service has looked at it."""
        found = await self.rows(CALM, key=f"delivery:{delivery}")
        return int(found[0]["task"]) if found and found[0]["quiet"] and found[0]["seen"] else None

    async def task(self, delivery: str) -> int | None:
        found = await self.rows(CALM, key=f"delivery:{delivery}")
        return int(found[0]["task"]) if found else None

    async def incidents(self, *kinds: str) -> list[Json]:
        return await self.rows(INCIDENTS, kinds=list(kinds))

    async def card(self, task: int) -> Json:
        """The card as people see it; raises desk.Refused with 404 when it is gone."""
        found: Json = await self.desk.look(f"/portal/api/tasks/{task}")
        return found

    async def act(self, user: int, task: int, do: str, **how: Any) -> Json:
        """By hand, in the name of an employee; the card afterwards, or `deleted`."""
        done: Json = await self.desk.tell("/portal/api/act", user=user, task=task, do=do, **how)
        return done

    async def portal_tasks(self, fields: Sequence[str]) -> list[Json]:
        """All tasks with a marker of ours, as REST tells them."""
        found: list[Json] = []
        start: int | None = 0
        while start is not None:
            page = await self.desk.rest(
                "tasks.task.list", start=start, order={"ID": "asc"}, filter={}, select=list(fields)
            )
            found += page["result"]["tasks"]
            start = page.get("next")
        return [task for task in found if str(task.get("xmlId") or "").startswith("posrednik:")]
