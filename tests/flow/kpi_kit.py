"""For the tests of KPI and gates: destinations that accept what waits for them, days of the past."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.flow.exchange_client import DIVISION, Service, settings

from posrednik.config import Bitrix24, Division, Settings, SubscriptionSection, Webhooks
from posrednik.kit.ids import uuid7
from posrednik.store import lags, lanes
from posrednik.store.db import Database, Tx
from posrednik.store.lags import Lag
from posrednik.store.lanes import Attempt, LaneResult, Remote

Json = dict[str, Any]
KPI = "/api/v1/board/kpi"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def configured(mode: str = "live") -> Settings:
    """A division with a portal and a subscriber, none of which is ever called."""
    return settings(
        divisions=(Division(ref=DIVISION, mode=mode),),
        bitrix24=Bitrix24(portal_url="https://portal.example", webhook="1/secret"),
        webhooks=Webhooks(allow_private=True),
        subscriptions=(SubscriptionSection(url="http://127.0.0.1:9/hook", secret=SECRET),),
    )


@asynccontextmanager
async def database_of(dsn: str, size: int = 2) -> AsyncIterator[Database]:
    db = Database(dsn, size=size)
    await db.open()
    try:
        yield db
    finally:
        await db.close()


async def arrive(service: Service, kind: str, *, code: str = "accepted", dead: bool = False) -> int:
    """Everything that waits for destinations of this kind is accepted now, or refused for good; how many messages."""
    async with database_of(service.dsn) as db:
        return await db.transact(lambda tx: _arrive(tx, kind, code, dead))


async def _arrive(tx: Tx, kind: str, code: str, dead: bool) -> int:
    n = 0
    for row in await tx.fetch("destinations_of_kind", {"kind": kind}):
        claimed = await lanes.claim(tx, row.id, uuid4(), lanes=100, per_lane=20, lease_s=60)
        results, attempts, remotes = {}, [], []
        for one in claimed:
            upto = 0 if dead else one.seq
            results[one.lane_id] = LaneResult(one.lane_id, one.epoch, upto, release=True, dead=dead, why=code)
            outcome = "refused" if dead else "accepted"
            attempts.append(
                Attempt(one.lane_id, datetime.now(UTC), outcome, one.order_ref, one.event_id, 1, 5, code, "")
            )
            remotes += [Remote(one.lane_id, "77", None)] if kind == "bitrix24" and not dead else []
        await lanes.finish(tx, row.name, list(results.values()), attempts, remotes)
        n += len(claimed)
    return n


async def lasted(service: Service, name: lags.Name, *seconds: float, days_ago: int = 1, **more: Any) -> None:
    """Lags of a day of the past."""
    at = datetime.now(UTC) - timedelta(days=days_ago)
    found = [Lag(name, uuid7(), at, one, **{"division_ref": DIVISION, **more}) for one in seconds]
    async with database_of(service.dsn) as db:
        await db.transact(lambda tx: lags.add(tx, found))


async def counted(service: Service, name: lags.Counted, n: int = 1, *, days_ago: int = 1, ref: str = DIVISION) -> None:
    one = lags.Count(name, ref, None, datetime.now(UTC) - timedelta(days=days_ago), n)
    async with database_of(service.dsn) as db:
        await db.transact(lambda tx: lags.count(tx, [one]))


async def figured(service: Service, *, days_ago: int = 1, ref: str = DIVISION, **figures: int) -> None:
    """Figures of a courier's day."""
    for name, value in figures.items():
        await service.rows(
            "INSERT INTO day_figure VALUES ((now() AT TIME ZONE 'Europe/Moscow')::date - %s::int, %s, 'c', %s, %s)"
            " RETURNING day", days_ago, ref, name, value,
        )  # fmt: skip


async def kpis(service: Service, **query: Any) -> dict[str, Json]:
    """By key."""
    params = {("from" if key == "since" else key): value for key, value in query.items()}
    answer = await service.person("GET", KPI, params=params)
    assert answer.status_code == 200, answer.text
    return {one["key"]: one for one in answer.json()["kpis"]}


async def cases(service: Service, one: Json) -> list[Json]:
    """What is behind a KPI, by its own link."""
    answer = await service.person("GET", one["cases"])
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["cases"]
    return found
