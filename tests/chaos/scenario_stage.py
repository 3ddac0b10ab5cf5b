"""The stage of the acceptance scenarios: one running system, how it is looked at and what is taken away from it."""

import contextlib
import functools
import json
import random
import shutil
import subprocess
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row
from tests.chaos.trade_books import of_the_base, of_the_ledgers
from tests.chaos.trade_day import CourierDay, Size
from tests.chaos.trade_phone import Handset
from tests.chaos.verdict import Verdict
from tests.desk import until
from tests.sandbox.test_onec_real import NewBase

from posrednik import bootstrap
from posrednik.config import Settings
from posrednik.store import tokens

Json = dict[str, Any]
QUIET_S = 120.0


class Stage(NewBase):
    """УТ 11, JSON, events asked for. The portal is a box: a day within seconds is more than the cloud allows.

    old: the stage of the base that scenario 8 compares with. told_otherwise: fields of an order in which they differ.
    hour: deliveries of an hour without 1C, three events of each wait for it; orders that its people write meanwhile.
    """

    hour = (20, 150)
    told_otherwise: tuple[str, ...] = ()

    @property
    def old(self) -> type["Stage"]:
        return OldStage

    async def start(self) -> None:
        await super().start()
        await self.desk.tell("/portal/api/limits", tariff="box")
        await self.impatient()
        await self.quiet()

    # -- what it shows

    async def rows(self, query: str, *values: Any) -> list[Json]:
        """Of the service's own database, as a stranger would read it."""
        dsn = self.database.dsn
        async with await psycopg.AsyncConnection.connect(dsn, autocommit=True, row_factory=dict_row) as conn:
            return list(await (await conn.execute(query, values)).fetchall())

    async def order(self, ref: str) -> Json:
        """The order's form in 1C: data, commands, events, papers."""
        found: Json = await self.desk.look(f"/onec/api/orders/{ref}")
        return found

    async def state(self) -> Json:
        """The exchange as 1C sees it."""
        found: Json = await self.desk.look("/onec/api/state")
        return found

    async def events_of(self, ref: str) -> list[str]:
        """What the service says has happened to an order's delivery, version by version."""
        sql = "SELECT type FROM event WHERE subject_kind = 'delivery' AND order_ref = %s ORDER BY version"
        return [row["type"].removeprefix("delivery.") for row in await self.rows(sql, ref)]

    async def papers(self, ref: str) -> dict[str, Json]:
        """Posted documents of an order in 1C by kind; there must not be two of one."""
        found = [paper for paper in (await self.order(ref))["papers"] if paper["posted"]]
        assert len({paper["kind"] for paper in found}) == len(found), found
        return {paper["kind"]: paper for paper in found}

    async def quiet(self) -> None:
        """Nothing waits anywhere: neither in 1C nor in a lane."""
        await Verdict(self.desk, [], self.database.dsn).quiet(QUIET_S)

    async def books(self) -> tuple[dict[str, Json], dict[str, Json]]:
        """Goods and money of every courier: by 1C's documents, by the service's ledgers."""
        base = await of_the_base(self.desk)
        return base, await of_the_ledgers(self.database.dsn, list(base))

    async def settled_but_for(self, dead: int) -> None:
        """Quiet, but for so many dead letters."""

        async def found() -> bool:
            waiting = await self.rows("SELECT 1 FROM lane WHERE depth > 0")
            letters = await self.rows("SELECT 1 FROM message WHERE dead_at IS NOT NULL")
            return not waiting and len(letters) == dead

        await until(f"all but {dead} dead letters are through", found)

    async def tasks_of(self, deliveries: Sequence[str]) -> list[str]:
        """Markers of the portal's tasks of these deliveries, as often as there are."""
        wanted = {f"posrednik:{one}" for one in deliveries}
        return sorted(str(task["xmlId"]) for task in await self.desk.tasks() if task["xmlId"] in wanted)

    # -- what people do

    def poison(self, line: Json) -> Json:
        """A line of an order with a value that the service cannot read."""
        return {**line, "quantity": "много"}

    async def couriers(self) -> list[Json]:
        return list((await self.desk.look("/onec/api/couriers"))["couriers"])

    async def courier_for(self, ref: str) -> str:
        """The first courier of the order's division."""
        division = (await self.order(ref))["division"]
        return next(str(one["ref"]) for one in await self.couriers() if one["division"] == division)

    async def ready(self, ref: str, **body: Any) -> str:
        """«Готов» with a courier. Id of the delivery."""
        done = await self.desk.press(ref, "ready", courier=await self.courier_for(ref), **body)
        assert done["status"] == "done", done
        return str(done["result"]["delivery"]["id"])

    async def hand_over(self, delivery: str, **body: Any) -> None:
        """The courier's three steps, paid in cash."""
        for action, more in (("pick_up", {}), ("depart", {}), ("hand_over", {"payment_method": "cash", **body})):
            await self.desk.act(delivery, action, **more)

    async def drill(self, action: str, **options: Any) -> Json:
        """An accident of the emulated base, on purpose."""
        done: Json = await self.desk.tell("/onec/api/exchange", action=action, **options)
        return done

    async def digests(self) -> list[str]:
        """1C tells what it has of every slice; the answers."""
        last = self.base("SELECT coalesce(max(position), 0) FROM command")[0][0]
        count = (await self.drill("digest"))["slices"]
        sql = f"SELECT result FROM command WHERE type = 'digest' AND status = 'done' AND position > {last}"

        async def answered() -> list[str] | None:
            told = [json.loads(result)["answer"] for (result,) in self.base(sql)]
            return told if len(told) >= count else None

        return await until("digests answered", answered)

    async def phone(self, courier: str) -> Handset:
        db = bootstrap.database(Settings(), self.database.dsn)
        await db.open()
        try:
            token = await db.transact(functools.partial(tokens.add, kind="device", owner=courier, name="телефон"))
        finally:
            await db.close()
        return Handset(self.desk, courier, token, random.Random(1))

    async def day_of(self, number: int, size: Size) -> CourierDay:
        """The working day of one of the couriers, by his place in 1C's list."""
        told = await self.desk.look("/onec/api/backpacks")
        main = {one["division"]: one["ref"] for one in told["warehouses"]}
        courier = told["couriers"][number]
        phone = await self.phone(courier["ref"])
        return CourierDay(self.desk, phone, courier, main[courier["division"]], size, random.Random(number))

    async def impatient(self) -> None:
        """1C's jobs begin anew, so that none of them sits out a pause that grew while the service was away."""
        for on in (False, True):
            await self.desk.switch("onec", on)

    # -- what is taken away

    @contextlib.asynccontextmanager
    async def without(self, *names: str) -> AsyncIterator[None]:
        """kill -9 of these processes with all their children; nobody starts them again until the end of this."""
        held = {name: self.processes[name] for name in names}
        for name, one in held.items():
            self.kill(name, group=True)
            del self.processes[name]
            assert one.process is not None
            one.process.wait()
        try:
            yield
        finally:
            for name, one in held.items():
                one.start()
                self.processes[name] = one
            await until("the service again", lambda: self.desk.ask("/health/ready"))
            await self.impatient()

    @property
    def service_processes(self) -> list[str]:
        return [name for name in self.processes if name != "sandbox"]

    def copy_database(self, to: Path) -> None:
        """A copy of the stopped cluster, as an administrator makes it at night."""
        self.database.stop()
        subprocess.run(["cp", "-a", str(self.folder / "postgres" / "cluster"), str(to)], check=True)
        self.database.start()

    def restore_database(self, copy: Path) -> None:
        self.database.stop()
        cluster = self.folder / "postgres" / "cluster"
        shutil.rmtree(cluster)
        subprocess.run(["cp", "-a", str(copy), str(cluster)], check=True)
        self.database.start()


class OldStage(Stage):
    """УТ 10.3 on 8.2: XML in windows-1251, Basic, events asked for."""

    options = {"PROFILE": "ut103", "ENCODING": "xml"}  # noqa: RUF012
    settings = ('encoding = "xml"',)
