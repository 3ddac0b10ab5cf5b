"""A first load as an administrator runs it: `posrednik load …` as real processes, one of them killed in the middle."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.command import posrednik
from tests.flow import odata_rows as rows
from tests.flow.exchange_client import BASE
from tests.flow.fake_odata import PASSWORD, USER, FakeOData, odata

Json = dict[str, Any]
PRODUCTS = "Catalog_Номенклатура"


@pytest.fixture
async def onec() -> AsyncIterator[FakeOData]:
    async with odata() as made:
        made.sets = rows.base(products=300, orders=40)
        made.sets["Document_ЗаказКлиента"][7]["Товары"][0]["Количество"] = "много"
        yield made


class Terminal:
    """The command line on a database and a 1C."""

    def __init__(self, dsn: str, onec: FakeOData, folder: Path) -> None:
        self.dsn = dsn
        self._file = folder / "posrednik.toml"
        self._file.write_text(
            f"""
            [[bases]]
            id = "{BASE}"
            token = "t"
            [bases.odata]
            url = "{onec.url}"
            user = "{USER}"
            password = "{PASSWORD}"
            page = 20
            parallel = 2
            fields = {{ "courier.division" = "ИШ_Подразделение_Key" }}
            """
        )

    async def begin(self, *words: str) -> asyncio.subprocess.Process:
        clean = {k: v for k, v in os.environ.items() if not k.startswith("POSREDNIK_")}
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "posrednik.cli", "load", *words, "--config", str(self._file),
            env={**clean, "POSREDNIK_DATABASE_URL": self.dsn, "COLUMNS": "200"},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    async def run(self, *words: str) -> tuple[int, str]:
        ran = await asyncio.to_thread(posrednik, "load", *words, "--config", str(self._file), dsn=self.dsn)
        return ran.returncode, ran.stdout + ran.stderr

    def rows(self, query: str) -> list[Any]:
        with psycopg.connect(self.dsn) as conn:
            return conn.execute(query.encode()).fetchall()


@pytest.fixture
def terminal(database: str, onec: FakeOData, tmp_path: Path) -> Terminal:
    return Terminal(database, onec, tmp_path)


async def killed_at(terminal: Terminal, onec: FakeOData, name: str, skip: int) -> None:
    """`load start`, killed with -9 while 1C is about to answer a page of this set."""
    reached, asked = asyncio.Event(), asyncio.Event()

    async def holds(asked_name: str, options: Json) -> None:
        if asked_name == name and int(options.get("$skip", -1)) >= skip:
            reached.set()
            await asked.wait()

    onec.before = holds
    process = await terminal.begin("start", "--base", str(BASE))
    await asyncio.wait_for(reached.wait(), 200)
    process.send_signal(signal.SIGKILL)
    await process.communicate()
    onec.before = lambda name, options: None
    asked.set()


@pytest.mark.parametrize(("name", "skip"), [(PRODUCTS, 119), ("Document_ЗаказКлиента", 0)])
async def test_a_load_killed_in_the_middle_loses_and_doubles_nothing(
    terminal: Terminal, onec: FakeOData, name: str, skip: int
):
    await killed_at(terminal, onec, name, skip)
    (before,) = terminal.rows("SELECT count(*) FROM mirror")[0]
    assert 40 <= before < 342
    onec.asked = []
    code, told = await terminal.run("resume", "--base", str(BASE))
    assert code == 1, "one order cannot be read, so not everything agrees"
    assert "загрузка закончена, прочитано 343 из 343" in told
    assert f"заказ {rows.ref('8', 7)}: в карантине" in told
    divisions = [options for asked, options in onec.asked if asked == "Catalog_СтруктураПредприятия"]
    assert all("Description" not in one.get("$select", "") for one in divisions), "not read once more, only compared"
    counts = dict(terminal.rows("SELECT kind, count(*) FROM mirror GROUP BY kind"))
    assert counts == {"division": 1, "warehouse": 1, "product": 300, "courier": 1, "order": 39}
    assert terminal.rows("SELECT count(*) FROM quarantine") == [(1,)]
    assert terminal.rows("SELECT count(*) FROM load") == [(1,)]


async def test_status_stop_and_what_cannot_be_done_are_told(terminal: Terminal, onec: FakeOData):
    del onec.sets["Document_ЗаказКлиента"]
    code, told = await terminal.run("stop", "--base", str(BASE))
    assert (code, "нет загрузки" in told) == (1, True)
    code, told = await terminal.run("start", "--base", str(BASE))
    assert (code, "Document_ЗаказКлиента не опубликовано" in told) == (0, True), told
    code, told = await terminal.run("status")
    assert (code, "прочитано 303 из 303" in told) == (0, True), told
    code, told = await terminal.run("start", "--base", "b0000000-0000-4000-8000-000000000009")
    assert (code, "[bases.odata]" in told) == (1, True)
