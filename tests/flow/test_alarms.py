"""Alarms of a running service: seen in its database, told once, over when they are over."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.flow.exchange_client import BASE, Service, running

from posrednik.api import documents_portal as told_of
from posrednik.kit.ids import uuid7
from posrednik.store import lanes
from posrednik.store.db import Database
from posrednik.store.lanes import Draft
from posrednik.usecases.watch_alarms import WatchAlarms

Json = dict[str, Any]
HOST = "INSERT INTO worker (id, host, pid) VALUES (gen_random_uuid(), 'office', 17)"


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    async with running(database) as ready:
        yield ready


@pytest.fixture
async def db(database: str) -> AsyncIterator[Database]:
    db = Database(database, size=2)
    await db.open()
    yield db
    await db.close()


async def change(service: Service, statement: str, *values: Any) -> None:
    await service.rows(f"{statement} RETURNING 1", *values)


async def a_portal(service: Service) -> int:
    (row,) = await service.rows("INSERT INTO destination (name, kind) VALUES ('bitrix24', 'bitrix24') RETURNING id")
    return int(row["id"])


async def look(db: Database, watch: WatchAlarms | None = None) -> None:
    await (watch or WatchAlarms(db)).look(datetime.now(UTC))


async def shown(service: Service) -> list[Json]:
    answer = await service.person("GET", "/api/v1/admin/alarms")
    assert answer.status_code == 200, answer.text
    msgspec.json.decode(answer.content, type=told_of.Alarms)
    found: list[Json] = answer.json()["alarms"]
    return found


async def codes(service: Service) -> list[str]:
    return [one["code"] for one in await shown(service)]


async def notices(service: Service) -> list[Json]:
    rows = await service.rows("SELECT body::text AS body FROM message WHERE method = 'notice.alarm' ORDER BY seq")
    return [json.loads(row["body"]) for row in rows]


async def stop(service: Service, destination_id: int, code: str = "portal_deleted") -> None:
    put = "INSERT INTO portal_health (destination_id, stopped_at, code, why) VALUES (%s, now(), %s, 'портал удалён')"
    await change(service, put, destination_id, code)


async def test_a_service_that_is_well_has_none(service: Service, db: Database) -> None:
    await a_portal(service)
    await change(service, HOST)
    await look(db)
    assert await shown(service) == []
    ready = await service.client.get("/health/ready")
    assert ready.json() == {"status": "ok", "alarms": []}


async def test_dead_letters_are_told_to_administrators_once_and_so_is_their_end(service: Service, db: Database) -> None:
    destination_id = await a_portal(service)
    draft = Draft(destination_id, "delivery:1", uuid7(), "task.put", "{}")
    await db.transact(lambda tx: lanes.put(tx, [draft]))
    await change(service, "UPDATE message SET dead_at = now(), dead_code = 'bad_body', dead_why = ''")
    await look(db)
    await look(db)
    (one,) = await shown(service)
    assert (one["code"], one["subject"], one["level"]) == ("dead_letters", "bitrix24", "amber")
    assert "Битрикс24" in one["title"]
    (notice,) = await notices(service)
    assert notice["code"] == "dead_letters:bitrix24"
    assert "Не передано" in notice["text"]
    assert notice["over"] is False
    await change(service, "DELETE FROM message WHERE dead_at IS NOT NULL")
    await look(db)
    assert await codes(service) == []
    (notice,) = await notices(service)
    assert notice["over"] is True, "the end replaces what was not sent yet"


async def test_a_stopped_portal_is_told_by_the_page_and_not_by_itself(service: Service, db: Database) -> None:
    destination_id = await a_portal(service)
    await stop(service, destination_id)
    await look(db)
    (one,) = await shown(service)
    assert (one["code"], one["level"]) == ("portal_stopped", "red")
    assert "портал удалён" in one["text"]
    assert await notices(service) == []
    ready = await service.client.get("/health/ready")
    assert ready.status_code == 200, "it can do its work"
    assert ready.json()["alarms"] == ["portal_stopped"]
    metrics = await service.client.get("/metrics")
    assert 'posrednik_alarms{code="portal_stopped",subject=""} 1.0' in metrics.text
    answer = await service.person("GET", "/api/v1/admin/alarms", headers={"Accept-Language": "en"})
    assert answer.json()["alarms"][0]["title"] == "Bitrix24 does not let Posrednik in"


async def test_an_overload_has_its_own_words(service: Service, db: Database) -> None:
    await stop(service, await a_portal(service), "overload_limit")
    await look(db)
    assert await codes(service) == ["portal_overload"]


async def test_a_breaker_that_opens_and_probes_is_away_since_it_opened(service: Service, db: Database) -> None:
    await a_portal(service)
    await change(service, "UPDATE destination SET breaker = 'open', breaker_until = now(), breaker_why = 'нет связи', "
                          "breaker_since = now() - interval '6 minutes' WHERE name = 'bitrix24'")  # fmt: skip
    await look(db)
    (one,) = await shown(service)
    assert one["code"] == "destination_away"
    assert "нет связи" in one["text"]
    age = datetime.now(UTC) - datetime.fromisoformat(one["since"])
    assert 300 < age.total_seconds() < 420
    assert await notices(service) == [], "it is not asked to tell that it does not answer"


async def test_false_events_are_a_storm_only_when_they_are_many_at_once(service: Service, db: Database) -> None:
    await a_portal(service)
    watch = WatchAlarms(db)
    await change(service, "UPDATE portal_watch SET forged = 500")
    await look(db, watch)
    assert await codes(service) == [], "they came before we looked"
    await change(service, "UPDATE portal_watch SET forged = 530")
    await look(db, watch)
    assert await codes(service) == ["events_forged"]


async def test_a_base_is_silent_after_twice_its_usual_pause(service: Service, db: Database) -> None:
    await service.onec.send([])
    await change(service, "UPDATE base_heard SET at = now() - interval '3 hours', since = now() - interval '9 days', "
                          "pause_s = 3600 WHERE base_id = %s", BASE)  # fmt: skip
    await look(db)
    (one,) = await shown(service)
    assert (one["code"], one["subject"]) == ("base_silent", str(BASE))
    await service.onec.outgoing()
    await change(service, "UPDATE base_heard SET pause_s = 7200 WHERE base_id = %s", BASE)
    await look(db)
    assert await codes(service) == []


async def test_the_longest_pause_of_a_base_is_kept_and_fades(service: Service, db: Database) -> None:
    await service.onec.send([])

    async def after(pause: str, pause_s: float) -> float:
        await change(service, f"UPDATE base_heard SET at = now() - interval '{pause}', pause_s = %s", pause_s)
        await db.transact(lambda tx: tx.run("base_heard", {"base_id": BASE}))
        (row,) = await service.rows("SELECT pause_s FROM base_heard")
        return float(row["pause_s"])

    assert await after("1 hour", 60) == pytest.approx(3600, rel=0.01)
    assert await after("1 minute", 3600) == pytest.approx(3600, rel=0.01)
    assert await after("7 days", 4e6) == pytest.approx(2e6, rel=0.01)


async def test_without_a_worker_the_page_says_so_though_nobody_looks(service: Service) -> None:
    await change(service, HOST)
    assert await codes(service) == []
    await change(service, "UPDATE worker SET beat_at = now() - interval '5 minutes'")
    (one,) = await shown(service)
    assert (one["code"], one["level"]) == ("no_worker", "red")


async def test_a_folder_that_is_not_there_yet_is_no_alarm(service: Service, db: Database, tmp_path: Path) -> None:
    await look(db, WatchAlarms(db, tmp_path / "not there yet"))
    assert await codes(service) == []


async def test_only_who_sees_the_exchange_sees_alarms(service: Service) -> None:
    assert (await service.client.get("/api/v1/admin/alarms")).status_code == 401
