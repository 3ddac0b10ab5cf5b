"""`posrednik quarantine …`: the same repair from the command line."""

import asyncio
from collections.abc import AsyncIterator
from unittest.mock import patch

import pytest
from click.testing import Result
from tests.flow.exchange_client import BASE, DIVISION, Service, new_ref, order, references, running
from typer.testing import CliRunner

from posrednik import cli_base
from posrednik.cli import app


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    async with running(database) as made:
        await made.onec.send(references())
        await made.onec.send([order(new_ref(), division="Отдел"), order(new_ref(), lines=None)])
        yield made


async def said(service: Service, *arguments: str) -> Result:
    """In this process: to start one for each would take most of the time."""
    env = {"POSREDNIK_DATABASE_URL": service.dsn}
    with patch.object(cli_base.out, "_width", 200):
        return await asyncio.to_thread(CliRunner().invoke, app, ["quarantine", *arguments], env=env)


MAP = ("map", "--base", str(BASE), "--kind", "order", "--field", "division", "--theirs", "Отдел", "--ours", DIVISION)


async def test_a_value_is_found_mapped_and_unmapped(service: Service):
    listed = await said(service, "list")
    assert listed.exit_code == 1
    assert "division" in listed.stdout
    assert "Отдел" in listed.stdout
    tried = await said(service, *MAP, "--dry-run")
    assert "можно применить: 1, не читается: 0" in tried.stdout, tried.stderr
    assert await service.rows("SELECT 1 FROM value_map") == []
    mapped = await said(service, *MAP)
    assert (mapped.exit_code, "применено: 1, не читается: 0" in mapped.stdout) == (0, True), mapped.stderr
    assert "order.division" in (await said(service, "maps")).stdout
    [row] = await service.rows("SELECT id FROM value_map")
    assert (await said(service, "unmap", str(row["id"]))).exit_code == 0
    assert (await said(service, "unmap", str(row["id"]))).exit_code == 1
    acts = await service.rows("SELECT operation FROM audit ORDER BY id")
    assert [act["operation"] for act in acts] == ["exchange.map", "exchange.unmap"]


async def test_an_object_is_shown_as_it_came_and_tried_again(service: Service):
    [row] = await service.rows("SELECT id FROM quarantine WHERE code = 'missing_field'")
    shown = await said(service, "show", str(row["id"]))
    assert "Анна Смирнова" in shown.stdout
    assert "+79031234567" not in shown.stdout
    again = await said(service, "replay", "--id", str(row["id"]))
    assert (again.exit_code, "применено: 0, не читается: 1" in again.stdout) == (1, True)
    objects = await said(service, "list", "--objects", "--field", "lines")
    assert objects.stdout.count("order") == 1
    assert (await said(service, "show", "999999")).exit_code == 1


async def test_a_replay_of_nothing_named_and_a_map_without_sense_are_refused_in_words(service: Service):
    nothing = await said(service, "replay")
    assert nothing.exit_code == 2
    assert "--all" in nothing.stderr
    senseless = await said(service, *MAP[:-1], "не ссылка")
    assert senseless.exit_code == 1
    assert "Ничего не сохранено" in " ".join(senseless.stderr.split())
    everything = await said(service, "replay", "--all", "--dry-run")
    assert "можно применить: 0, не читается: 2" in everything.stdout
