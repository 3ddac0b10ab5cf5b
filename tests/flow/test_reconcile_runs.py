"""Runs of reconciliation as people and 1C see them: begun, compared, listed, repaired, closed."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.command import posrednik
from tests.flow.exchange_client import BASE, Service, new_ref, product, references, running

RUNS = "/api/v1/admin/reconciliation"
Json = dict[str, Any]


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    async with running(database) as made:
        await made.onec.send(references())
        yield made


async def start(service: Service, sample: int = 0, **more: Any) -> Json:
    answer = await service.person("POST", f"{RUNS}/start", {"base": str(BASE), "sample": sample}, **more)
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


async def run_of(service: Service, run: str) -> Json:
    answer = await service.person("GET", f"{RUNS}/runs/{run}")
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


async def test_a_run_asks_the_base_for_digests_and_for_a_sample_of_what_is_here(service: Service):
    gone = new_ref()
    await service.onec.send([{**product(gone), "deleted": True}])
    told = await start(service, sample=3)
    assert told["started"]
    first, second = await service.onec.events()
    assert (first["type"], first["data"]) == ("exchange.send_digests", {"run": told["run"], "slices": []})
    assert (second["type"], second["data"]["run"]) == ("exchange.send_sample", told["run"])
    asked = {(one["kind"], one["ref"]) for one in second["data"]["objects"]}
    assert len(asked) == 3
    assert asked < {(row["kind"], row["ref"]) for row in await service.mirror()} - {("product", gone)}
    run = await run_of(service, told["run"])
    assert (run["state"], run["reason"], run["by"], run["found"], run["found_count"]) == (
        "running",
        "asked",
        "Логист",
        [],
        0,
    )
    assert run["sample"] == {
        "size": 3,
        "checked": 0,
        "agreed": 0,
        "share": None,
        "low": None,
        "high": None,
        "fields": [],
    }


async def test_two_asked_for_at_once_are_one_run(service: Service):
    first, second = await start(service), await start(service)
    assert (first["started"], second) == (True, {"run": first["run"], "started": False})
    assert [event["type"] for event in await service.onec.events()] == ["exchange.send_digests"]
    runs = (await service.person("GET", f"{RUNS}/runs?base={BASE}&limit=5")).json()["runs"]
    assert [(one["id"], one["found"], one["sample"]) for one in runs] == [(first["run"], 0, None)]


async def test_what_cannot_be_begun_or_shown_is_told_so(service: Service):
    assert (await service.person("POST", f"{RUNS}/start", {"base": new_ref()})).status_code == 404
    assert (await service.person("POST", f"{RUNS}/start", {"base": str(BASE), "sample": 2001})).status_code == 400
    assert (await service.person("GET", f"{RUNS}/runs/{new_ref()}")).status_code == 404
    assert (await service.person("GET", f"{RUNS}/runs?limit=0")).status_code == 400


async def test_the_command_line_begins_and_shows_runs(service: Service):
    def reconcile(*arguments: str) -> tuple[int, str]:
        done = posrednik("reconcile", *arguments, dsn=service.dsn)
        return done.returncode, done.stdout + done.stderr

    base = ("--base", str(BASE))
    code, text = await asyncio.to_thread(reconcile, "--runs")
    assert (code, "сверок ещё не было" in text) == (0, True)
    code, text = await asyncio.to_thread(reconcile, "--start", "--sample", "3", *base)
    assert (code, text.strip().endswith("начата")) == (0, True), text
    assert "уже идёт" in (await asyncio.to_thread(reconcile, "--start", *base))[1]
    code, text = await asyncio.to_thread(reconcile, "--runs")
    assert (code, "ждём 3" in text, "идёт" in text) == (0, True, True), text
    assert "назовите базу" in (await asyncio.to_thread(reconcile, "--start"))[1]
