"""The emulated base and the service as real processes: both encodings, both ways of events, dirty objects, digests."""

import sqlite3
from typing import Any

import psycopg
import pytest
from tests.desk import until
from tests.system import BASE_ID, Pace, System, running

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]
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
        assert (await desk.press(order["ref"], "ready"))["status"] == "done"

        await _a_run_finds_what_was_made_to_differ(system)
        await _a_base_without_lists_is_asked_for_slices(system)


async def _a_run_finds_what_was_made_to_differ(system: NewBase) -> None:
    """E-27: behind the exchange's back an object is changed in 1C, one lost here, one is only here, and one has the
    right version and wrong words; all that differs besides is what the dirty objects make differ."""
    bad = {ref for (ref,) in system.base("SELECT ref FROM spoiled")}
    goods = [
        ref for (ref,) in system.base("SELECT ref FROM object WHERE kind = 'product' AND deleted = 0 ORDER BY ref")
    ]
    changed, lost, wrong = [ref for ref in goods if ref not in bad][:3]
    gone = "00000000-0000-4000-8000-00000000dead"
    with sqlite3.connect(f"{system.folder}/sandbox/onec.sqlite3", timeout=30) as base:
        base.execute("UPDATE object SET version = 'AAAAAAD////=' WHERE ref = ?", (changed,))
    with psycopg.connect(system.database.dsn) as here:
        here.execute("DELETE FROM mirror WHERE ref = %s", (lost,))
        here.execute('UPDATE mirror SET data = data || \'{"name": "не то"}\' WHERE ref = %s', (wrong,))
        here.execute(
            "INSERT INTO mirror (base_id, kind, ref, version, hash, epoch_no, number, idx, deleted, posted, data)"
            " SELECT base_id, kind, %s, version, hash, epoch_no, number, idx, deleted, posted, data FROM mirror"
            " WHERE ref = %s", (gone, wrong),
        )  # fmt: skip
    desk, admin = system.desk, "/api/v1/admin/reconciliation"
    run = (await desk.order(f"{admin}/start", base=BASE_ID, sample=2000))["run"]

    async def finished() -> dict[str, Any] | None:
        told: dict[str, Any] = await desk.ask(f"{admin}/runs/{run}")
        return told if told["state"] == "done" else None

    told = await until("the run is done", finished)
    found = {(f["ref"], f["what"]): f for f in told["found"] if f["ref"] not in bad}
    expected = {
        (changed, "changed"),
        (lost, "missing_here"),
        (gone, "missing_there"),
        (wrong, "sample"),
        (gone, "sample"),
    }
    assert {key for key in found if key != (lost, "sample")} == expected
    assert found[wrong, "sample"]["fields"] == ["name"]
    assert [key for key in found if not found[key]["repaired_at"]] == [(gone, "missing_there"), (gone, "sample")]
    assert {f["what"] for f in told["found"] if f["ref"] in bad} <= {"waiting", "quarantined", "sample"}
    assert told["sample"]["checked"] == told["sample"]["size"] > 100


async def _a_base_without_lists_is_asked_for_slices(system: NewBase) -> None:
    await system.desk.tell("/onec/api/switches", no_detail=True)
    await system.desk.tell("/onec/api/exchange", action="digest")

    async def asked() -> bool:
        return bool(system.base("SELECT 1 FROM event WHERE type = 'exchange.send_slice' AND acked_at IS NOT NULL"))

    await until("slices asked for", asked)
