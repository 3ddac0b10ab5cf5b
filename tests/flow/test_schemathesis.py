"""The whole API by what it publishes of itself: whatever fits the schema, and what does not, is answered without a 5xx,
for an administrator, for somebody limited to a division, and for nobody."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from tests.flow.exchange_client import BASE, BASE_TOKEN, DIVISION, FEED_TOKEN, PERSON_TOKEN, references, running
from tests.flow.people_kit import Office

PATH = "/api/v1/openapi.json"
TOKENS = {"/api/v1/exchange": BASE_TOKEN, "/api/v1/events": FEED_TOKEN}
CHANGES = ("POST", "PUT", "PATCH", "DELETE")
Call = Callable[..., Any]


class Running:
    """A service in a loop of its own, for tests that hypothesis calls again and again. person: whose token is sent."""

    def __init__(self, runner: asyncio.Runner, dsn: str, who: str) -> None:
        self._runner, self._dsn, self._who = runner, dsn, who
        self.person: str | None = None
        runner.run(self._start())

    async def _start(self) -> None:
        self._requests: asyncio.Queue = asyncio.Queue()
        self._answers: asyncio.Queue = asyncio.Queue()
        self._server = asyncio.create_task(self._serve())
        await self._answer()

    async def _serve(self) -> None:
        async with running(self._dsn) as service:
            await service.onec.begin_epoch()
            await service.onec.send(references())
            office = Office(service)
            if self._who == "a limited logistician":
                _, self.person = await office.employed("anna", ["logistician"], [DIVISION])
            else:
                self.person = PERSON_TOKEN if self._who == "an administrator" else None
            await self._answers.put(None)
            while (request := await self._requests.get()) is not None:
                await self._answers.put(await service.client.request(**request))

    async def _answer(self) -> Any:
        answer = asyncio.ensure_future(self._answers.get())
        await asyncio.wait([answer, self._server], return_when=asyncio.FIRST_COMPLETED)
        if self._server.done():
            self._server.result()
        return await answer

    async def _call(self, request: dict) -> Any:
        await self._requests.put(request)
        return await self._answer()

    def call(self, **request: Any) -> Any:
        return self._runner.run(self._call(request))

    def stop(self) -> None:
        async def stop() -> None:
            await self._requests.put(None)
            await self._server

        self._runner.run(stop())

    def last_act(self) -> int:
        """The number of the last row of the audit."""
        acts = self.call(method="GET", url="/api/v1/admin/audit", params={"limit": 1},
                         headers={"Authorization": f"Bearer {PERSON_TOKEN}"}).json()["acts"]  # fmt: skip
        return int(acts[0]["id"]) if acts else 0


@pytest.mark.timeout(600)
@pytest.mark.parametrize("who", ["an administrator", "a limited logistician", "nobody"])
def test_no_request_makes_a_door_fall_over_and_every_change_is_written_down(database: str, who: str):
    with asyncio.Runner() as runner:
        service = Running(runner, database, who)
        schema = schemathesis.openapi.from_dict(service.call(method="GET", url=PATH).json())
        for found in schema.get_all_operations():
            operation = found.ok()
            # His session would be over.
            if operation.path.startswith("/api/") and operation.path != "/api/v1/signout":
                storm(operation, service, 8 if who == "an administrator" else 3)
        service.stop()


def storm(operation: Any, service: Running, examples: int) -> None:
    declared = operation.definition.raw
    elsewhere = next((t for prefix, t in TOKENS.items() if operation.path.startswith(prefix)), None)
    token = (elsewhere if service.person == PERSON_TOKEN else None) or service.person

    @seeded(20261122)
    @settings(max_examples=examples, database=None, deadline=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    def attack(case: Any) -> None:
        changes = case.method in CHANGES and declared.get("x-right") and not tries_only(case)
        before = service.last_act() if changes else None
        answer = service.call(**request_of(case, token))
        told = (case.method, case.formatted_path, answer.status_code, answer.text[:300])
        assert answer.status_code < 500, told
        if token is None and declared.get("security"):
            assert answer.status_code >= 400, told
        if before is not None and answer.status_code < 300 and "idempotent-replayed" not in answer.headers:
            assert service.last_act() > before, told

    given(case=operation.as_strategy())(attack)()


def tries_only(case: Any) -> bool:
    """A dry run changes nothing, nor does a look at what a change would be."""
    if case.operation.path.endswith("/look"):
        return True
    schemas = [one.definition.get("schema", {}) for one in case.operation.body]
    known = next((p["dry_run"] for s in schemas if "dry_run" in (p := s.get("properties", {}))), None)
    return known is not None and isinstance(case.body, dict) and bool(case.body.get("dry_run", known.get("default")))


def request_of(case: Any, token: str | None) -> dict[str, Any]:
    """The case as it is sent; long polls and streams do not wait."""
    query = dict(case.query or {})
    query |= {"wait": "0"} if "wait" in query else {}
    query |= {"seconds": "0.01"} if case.formatted_path.endswith("/stream") else {}
    body = case.body if isinstance(case.body, dict | list) else None
    if isinstance(body, dict) and "base" in body:
        body = {**body, "base": str(BASE)}
    headers = {"Content-Type": "application/json", **({} if token is None else {"Authorization": f"Bearer {token}"})}
    return {"method": case.method, "url": case.formatted_path, "params": query, "headers": headers,
            "content": None if body is None else json.dumps(body).encode()}  # fmt: skip
