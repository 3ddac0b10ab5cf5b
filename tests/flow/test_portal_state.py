"""The state page of the portal: nothing known, all known, its check, and who may see it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from tests.flow.exchange_client import Service, running
from tests.flow.portal_kit import ANNA, Beside, beside

from posrednik import bootstrap_meter, bootstrap_portal
from posrednik.api import documents_portal as told_of
from posrednik.connectors.bitrix24.inbound import Answer, Problem
from posrednik.connectors.bitrix24.wire import Kind
from posrednik.domain.portal_install import Fresh
from posrednik.kit.ids import uuid7
from posrednik.store import lanes, portal, portal_limits
from posrednik.store.lanes import Draft
from posrednik.usecases.install_portal import where
from posrednik.usecases.portal_tokens import Chest
from posrednik.usecases.watch_alarms import WatchAlarms, show_alarms

Json = dict[str, Any]


@pytest.fixture
async def at(database: str) -> AsyncIterator[Beside]:
    async with beside(database) as ready:
        yield ready


async def page(service: Service, **headers: str) -> Json:
    answer = await service.person("GET", "/api/v1/admin/portal", headers=headers)
    assert answer.status_code == 200, answer.text
    msgspec.json.decode(answer.content, type=told_of.PortalPage)
    found: Json = answer.json()["portal"]
    if found:
        assert set(found) == set(told_of.Portal.__struct_fields__), "what is told is what is published"
    return found


async def destination_of(at: Beside) -> int:
    (row,) = await at.service.rows("SELECT id FROM destination WHERE kind = 'bitrix24'")
    return int(row["id"])


async def change(at: Beside, statement: str, *values: Any) -> None:
    await at.service.rows(f"{statement} RETURNING 1", *values)


async def test_without_a_portal_there_is_nothing_to_show(database: str) -> None:
    async with running(database) as service:
        assert await page(service) is None
        assert (await service.person("POST", "/api/v1/admin/portal/check")).status_code == 409


async def test_a_portal_that_nobody_has_called_yet(at: Beside) -> None:
    seen = await page(at.service)
    assert (seen["standing"], seen["why"], seen["ok_at"]) == ("unused", "", None)
    assert seen["access"] | {"way": "webhook", "user": ANNA, "state": "", "scope": []} == seen["access"]
    assert seen["limits"] == {
        "rate": 2.0, "configured": 2.0, "burst": 45.0, "free": 45.0, "refused": 0, "slowed_at": None,
    }  # fmt: skip
    assert [seen[name] for name in ("queue", "methods", "duplicates", "check")] == [[], [], [], None]


async def test_what_calls_cost_is_kept_by_the_meter_and_shown(at: Beside) -> None:
    ledger = bootstrap_meter.meter(at.settings, at.db, await destination_of(at))
    ledger.used("tasks.task.add", Answer(None, datetime.now(UTC).timestamp() + 100, 431.26))
    ledger.refused("im.notify.personal.add", Problem(Kind.RULE, "access_denied", "…"))
    await asyncio.gather(*_once_saved(ledger))
    seen = await page(at.service)
    assert seen["standing"] == "works"
    dearest, other = seen["methods"]
    assert (dearest["method"], dearest["calls"], dearest["operating_s"]) == ("tasks.task.add", 1, 431.3)
    assert (dearest["limit_s"], dearest["learned"], dearest["code"]) == (480.0, False, "")
    assert (other["refused"], other["code"], other["operating_s"]) == (1, "access_denied", None)


def _once_saved(ledger: Any) -> list[asyncio.Task[None]]:
    """The write is begun at once; what would wait for more is ended."""

    async def ended() -> None:
        while not ledger.health.ok_at or ledger._changed:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        ledger._saving.cancel()

    return [asyncio.create_task(ended())]


async def test_a_stop_outlives_what_another_worker_knew_before_it(at: Beside) -> None:
    to, early, late = await destination_of(at), datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    well: Json = {"stopped_at": None, "code": "", "why": ""}
    stopped: Json = {"stopped_at": early, "code": "portal_deleted", "why": "портал удалён"}
    await portal_limits.note(at.db, to, [], {"ok_at": None, **stopped})
    await portal_limits.note(at.db, to, [], {"ok_at": None, **stopped, "stopped_at": late})
    seen = await page(at.service)
    assert (seen["standing"], seen["why"]) == ("stopped", "портал удалён")
    assert datetime.fromisoformat(seen["stopped_at"]) == early, "since it was told first"
    await portal_limits.note(at.db, to, [], {"ok_at": late, **well})
    await portal_limits.note(at.db, to, [], {"ok_at": None, **stopped})
    assert (await page(at.service))["standing"] == "works", "a call has been answered since"


@pytest.mark.parametrize(
    ("statement", "standing", "why"),
    [
        ("UPDATE destination SET state = 'paused', why = 'переезд' WHERE kind = 'bitrix24'", "paused", "переезд"),
        ("UPDATE destination SET breaker = 'open', breaker_until = now(), breaker_why = 'нет связи' "
         "WHERE kind = 'bitrix24'", "away", "нет связи"),
        ("INSERT INTO portal_health (destination_id, stopped_at, code, why) SELECT id, now(), 'overload_limit', 'x' "
         "FROM destination WHERE kind = 'bitrix24'", "overload", "x"),
    ],
)  # fmt: skip
async def test_the_worst_that_holds_is_told(at: Beside, statement: str, standing: str, why: str) -> None:
    await change(at, statement)
    seen = await page(at.service)
    assert (seen["standing"], seen["why"]) == (standing, why)


async def test_a_rate_that_a_refusal_taught_is_told(at: Beside) -> None:
    name = f"bitrix24:{at.portal.http}"
    await change(
        at, "INSERT INTO bucket (name, tokens, learned, slowed_at, refused) VALUES (%s, -3, 0.5, now(), 7)", name
    )
    limits = (await page(at.service))["limits"]
    assert (limits["rate"], limits["configured"], limits["free"], limits["refused"]) == (0.5, 2.0, 0.0, 7)
    assert limits["slowed_at"]
    await change(at, "UPDATE bucket SET slowed_at = now() - interval '2 hours'")
    limits = (await page(at.service))["limits"]
    assert (limits["rate"], limits["slowed_at"]) == (2.0, None)


async def test_a_queue_is_told_by_kind_of_message(at: Beside) -> None:
    to = await destination_of(at)
    drafts = [Draft(to, "notice:1", uuid7(), "notice.put", "{}") for _ in range(2)]
    await at.db.transact(lambda tx: lanes.put(tx, drafts))
    await change(at, "UPDATE message SET dead_at = now(), dead_code = 'bad_body', dead_why = '' WHERE seq = 1")
    (one,) = (await page(at.service))["queue"]
    assert (one["method"], one["waiting"], one["dead"], one["doubt"]) == ("notice.put", 1, 1, 0)


async def test_an_installed_application_is_told_with_the_age_of_its_tokens(at: Beside) -> None:
    await change(
        at, "INSERT INTO portal_install (domain, member_id, client_id, user_id, access, refresh, scope, refreshed_at, "
        "state, code) VALUES ('p', 'm', 'c', 1, 'x', 'y', '{user,task}', now() - interval '30 days', 'broken', "
        "'wrong_client')",
    )  # fmt: skip
    access = (await page(at.service))["access"]
    assert (access["way"], access["state"], access["scope"]) == ("webhook", "broken", ["task", "user"])
    assert "client_id" in access["why"]
    assert "knows no application" in (await page(at.service, **{"Accept-Language": "en"}))["access"]["why"]


async def test_tokens_under_another_client_secret_are_told_as_such(at: Beside) -> None:
    b24 = msgspec.structs.replace(at.settings.bitrix24, client_id="local.1", client_secret="new secret")
    configured = msgspec.structs.replace(at.settings, bitrix24=b24)
    kept = Chest(where(b24.portal_url, b24.client_id), "old secret").sealed(Fresh("a", "r", 3600, ("task",)))
    await at.db.transact(lambda tx: portal.put(tx, where(b24.portal_url, b24.client_id), "m", ANNA, kept, None))
    async with running(at.service.dsn, configured) as service:
        access = (await page(service))["access"]
        assert (access["state"], access["way"], access["days_left"]) == ("unreadable", "webhook", None)
        assert "с другим client_secret" in access["why"]
        alarms, chest = partial(show_alarms, at.db, datetime.now(UTC)), bootstrap_portal.chest_of(configured)
        await WatchAlarms(at.db, chest=chest).look(datetime.now(UTC))
        assert [one["code"] for one in await alarms()] == ["token_unreadable"]
        opened = Chest(where(b24.portal_url, b24.client_id), "new secret").sealed(Fresh("a", "r", 3600, ("task",)))
        await at.db.transact(lambda tx: portal.put(tx, where(b24.portal_url, b24.client_id), "m", ANNA, opened, None))
        await WatchAlarms(at.db, chest=chest).look(datetime.now(UTC))
        assert (await alarms(), (await page(service))["access"]["state"]) == ([], "installed")


async def test_a_check_is_made_by_the_page_and_kept(at: Beside) -> None:
    answer = await at.service.person("POST", "/api/v1/admin/portal/check")
    assert answer.status_code == 200, answer.text
    found = msgspec.json.decode(answer.content, type=told_of.Check)
    assert found.by == "Логист"
    assert {line.key for line in found.lines} >= {"address"}
    kept = (await page(at.service))["check"]
    assert kept == answer.json()
    assert (await page(at.service))["standing"] in ("works", "unused")


async def test_doubles_are_shown_with_the_one_that_is_kept(at: Beside) -> None:
    _, delivery = await at.service.ready_order()
    await change(at, "INSERT INTO portal_duplicate (delivery_id, task_ids) VALUES (%s, '{9,7}')", delivery["id"])
    (one,) = (await page(at.service))["duplicates"]
    assert (one["delivery"], one["tasks"], one["order_number"]) == (delivery["id"], [7, 9], "ТД00-000123")


async def test_the_page_needs_a_right(at: Beside) -> None:
    for method, path in (("GET", "portal"), ("POST", "portal/check")):
        answer = await at.service.client.request(
            method, f"/api/v1/admin/{path}", headers={"Authorization": f"Bearer {uuid4()}"}
        )
        assert answer.status_code == 401
