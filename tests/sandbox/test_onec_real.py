"""The emulated base and the service as real processes: both encodings, both ways of events, dirty objects, digests."""

import json
import sqlite3
from typing import Any

import pytest
from tests.desk import until
from tests.system import Pace, System, running

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(240)]
DIRTY = 420
LEASE_S = 40  # what pushes need


class NewBase(System):
    """УТ 11 as the sandbox has it by default."""

    options: dict[str, str] = {}  # noqa: RUF012 - of the class, never changed
    settings: tuple[str, ...] = ()

    def _sandbox_env(self) -> dict[str, str]:
        return super()._sandbox_env() | {f"POSREDNIK_SANDBOX_{name}": value for name, value in self.options.items()}

    def _toml(self, divisions: Any) -> str:
        more = "\n".join(one.format(control=self.control) for one in self.settings)
        return super()._toml(divisions).replace("[[subscriptions]]", f"{more}\n[[subscriptions]]")

    def base(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the emulated infobase."""
        with sqlite3.connect(f"file:{self.folder}/sandbox/onec.sqlite3?mode=ro", uri=True) as db:
            return db.execute(sql).fetchall()


class OldBase(NewBase):
    """УТ 10.3 on 8.2: XML in windows-1251, and events pushed to its service."""

    options = {"PROFILE": "ut103", "ENCODING": "xml", "PUSH": "yes"}  # noqa: RUF012
    settings = ('encoding = "xml"', 'mode = "push"', 'push_url = "{control}/onec/hs/kd/v1/events"')


@pytest.mark.parametrize("kind", [NewBase, OldBase])
async def test_dirty_objects_end_as_foretold_and_events_come_back(kind: type[NewBase]) -> None:
    async with running(workers=1, orders=3, kind=kind, pace=Pace(lease_s=LEASE_S)) as system:
        assert isinstance(system, NewBase)
        desk = system.desk
        await desk.tell("/onec/api/dirty", count=DIRTY, seed=1)

        async def all_sent() -> bool:
            return (await desk.look("/onec/api/state?brief=1"))["queue_length"] == 0

        await until("everything sent", all_sent)
        foretold = {
            row
            for row in system.base("SELECT kind, ref, code FROM spoiled WHERE fate = 'quarantined'")
            if row[1].strip()
        }
        assert set(system.base("SELECT kind, ref, code FROM quarantine WHERE trim(ref) <> ''")) == foretold
        order = (await desk.look("/onec/api/orders"))["orders"][0]
        pressed = await desk.tell(f"/onec/api/orders/{order['ref']}/ready")
        assert pressed["command"]["status"] == "done"

        await desk.tell("/onec/api/exchange", action="digest")

        async def compared() -> dict[str, str] | None:
            rows = system.base("SELECT data, result FROM command WHERE type = 'digest' AND status = 'done'")
            told = {json.loads(data)["kind"]: json.loads(result)["answer"] for data, result in rows}
            return told if {"courier", "product", "stock"} <= told.keys() else None

        told = await until("digests answered", compared)
        assert "send" in told.values()
        await until("slices asked for", lambda: _asked(system))


async def _asked(system: NewBase) -> bool:
    return bool(system.base("SELECT 1 FROM event WHERE type = 'exchange.send_slice' AND acked_at IS NOT NULL"))
