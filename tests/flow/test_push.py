"""contract.md §3, "Push form": events to the extension's HTTP service; facts about 1C, marks E-40 to E-42."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from tests.flow.exchange_client import BASE, BASE_TOKEN, DIVISION, Service, running, settings
from tests.flow.fake_onec_service import FakeOneC, onec_service

from posrednik import bootstrap_worker
from posrednik.config import BaseSection, ConfigError, Settings, load
from posrednik.kit.http import Sessions
from posrednik.store.db import Database
from posrednik.usecases.push_outgoing import Pusher


class Pushed:
    """The service, the base's HTTP service, and one look at a time of who pushes."""

    def __init__(self, service: Service, onec: FakeOneC, pusher: Pusher, other: Pusher) -> None:
        self.service, self.onec, self.pusher, self.other = service, onec, pusher, other

    async def events(self) -> list[str]:
        rows = await self.service.rows(
            "SELECT e.id FROM event e JOIN message m ON m.event_id = e.id JOIN lane l ON l.id = m.lane_id"
            " JOIN destination d ON d.id = l.destination_id AND d.kind = 'onec' ORDER BY e.pos"
        )
        return [str(row["id"]) for row in rows]

    async def waits(self) -> list[dict[str, Any]]:
        return await self.service.rows(
            "SELECT why, why_text, depth FROM lane_wait WHERE kind = 'onec' ORDER BY lane_id"
        )

    async def make_due(self) -> None:
        await self.service.rows("UPDATE lane SET due_at = now() WHERE depth > 0 RETURNING 1")

    async def rounds(self, most: int = 20) -> None:
        """Until there is nothing left to do at once."""
        for _ in range(most):
            if await self.pusher.round() > 0:
                return


def configured(url: str, encoding: str) -> Settings:
    base = BaseSection(id=BASE, name="УТ", token=BASE_TOKEN, mode="push", push_url=url, encoding=encoding)
    return settings(bases=(base,))


@asynccontextmanager
async def pushing(dsn: str, encoding: str = "json") -> AsyncIterator[Pushed]:
    async with onec_service(encoding) as onec:
        made = configured(onec.url, encoding)
        async with running(dsn, made) as service:
            db, sessions = Database(dsn, size=2), Sessions()
            await db.open()
            try:
                [first], [second] = (
                    bootstrap_worker.pushers(made, db, sessions),
                    bootstrap_worker.pushers(made, db, sessions),
                )
                yield Pushed(service, onec, first, second)
            finally:
                await sessions.close()
                await db.close()


@pytest.fixture(params=["json", "xml"])
async def pushed(database: str, request: pytest.FixtureRequest) -> AsyncIterator[Pushed]:
    async with pushing(database, request.param) as made:
        yield made


async def orders(service: Service, count: int) -> None:
    for number in range(count):
        await service.picked_up(number=f"ТД00-{number:06}")


async def test_what_is_due_is_pushed_once_and_in_the_words_of_a_pull(pushed: Pushed):
    await orders(pushed.service, 3)
    wanted = await pushed.events()
    await pushed.rounds()
    assert pushed.onec.applied == wanted
    assert await pushed.events() == []
    assert pushed.onec.users == {f"{BASE}:{BASE_TOKEN}"}
    [batch] = pushed.onec.batches
    assert [str(event["number"]) for event in batch["events"]] == ["1", "2", "3"]
    assert batch["events"][0]["division"] == DIVISION
    assert await pushed.pusher.round() > 0
    assert len(pushed.onec.batches) == 1


@pytest.mark.parametrize(("status", "code"), [(423, "http_423"), (503, "http_503"), (429, "http_429")])
async def test_e40_a_locked_base_is_asked_again_when_it_said(pushed: Pushed, status: int, code: str):
    await orders(pushed.service, 1)
    busy = {"code": "locked", "message": "Объект заблокирован"}
    pushed.onec.answers.append(lambda _: _later(pushed.onec.problem(status, {**busy, "retry_after": 7})))
    assert await pushed.pusher.round() == 7
    [wait] = await pushed.waits()
    assert (wait["why"], wait["depth"]) == ("try_later", 1)
    assert "Объект заблокирован" in wait["why_text"]
    await pushed.make_due()
    await pushed.rounds()
    assert len(pushed.onec.applied) == 1


def _later(answer: web.Response) -> web.Response:
    answer.headers["Retry-After"] = "7"
    return answer


@pytest.mark.parametrize("answer", [
    lambda _: web.Response(status=500, body="<!DOCTYPE html><h1>Ошибка</h1>".encode(), content_type="text/html"),
    lambda _: web.Response(status=200, body=b"<html>login</html>", content_type="text/html"),
    lambda _: web.Response(status=404, text="no such service"),
    lambda _: web.Response(status=403), lambda _: web.Response(status=302, headers={"Location": "/x"}),
    lambda _: web.Response(status=200, body=b""),
])  # fmt: skip
async def test_e40_a_page_of_the_web_server_is_no_answer(pushed: Pushed, answer: Any):
    """Nothing is dead for it, nothing is lost, and the pauses grow."""
    await orders(pushed.service, 2)
    pushed.onec.answers += [answer, answer]
    first = await pushed.pusher.round()
    await pushed.make_due()
    assert await pushed.pusher.round() == 2 * first > 0
    assert {wait["why"] for wait in await pushed.waits()} == {"try_later"}
    await pushed.make_due()
    await pushed.rounds()
    assert len(pushed.onec.applied) == 2


async def test_e40_an_answer_lost_after_the_effect_is_applied_once(pushed: Pushed):
    await orders(pushed.service, 2)
    pushed.onec.cut_after_effect = 1
    assert await pushed.pusher.round() > 0
    await pushed.make_due()
    await pushed.rounds()
    assert len(pushed.onec.applied) == len(set(pushed.onec.applied)) == 2
    assert len(pushed.onec.batches) == 2
    assert await pushed.events() == []


@pytest.mark.parametrize("status", [400, 409, 422])
async def test_e41_a_batch_that_is_refused_is_halved_until_the_one_that_is_meant_is_alone(database: str, status: int):
    async with pushing(database) as pushed:
        await orders(pushed.service, 9)
        ids = await pushed.events()
        bad = ids[4]

        def refuse(batch: dict[str, Any]) -> web.Response | None:
            pushed.onec.answers.append(refuse)
            if bad in [event["id"] for event in batch["events"]]:
                return pushed.onec.problem(status, {"code": "posting", "message": "Не хватает товара"})
            return None

        pushed.onec.answers.append(refuse)
        await pushed.rounds(40)
        assert set(pushed.onec.applied) == set(ids) - {bad}
        [dead] = await pushed.service.rows(
            "SELECT event_id, dead_code, dead_why FROM message WHERE dead_at IS NOT NULL"
        )
        assert str(dead["event_id"]) == bad
        assert "Не хватает товара" in dead["dead_why"]


async def test_e41_an_event_that_1c_rejects_holds_nothing_else(pushed: Pushed):
    await orders(pushed.service, 3)
    ids = await pushed.events()
    said = {"accepted": [ids[0], ids[2]],
            "rejected": [{"id": ids[1], "code": "posting", "message": "Нет остатка", "retry": "false"}]}  # fmt: skip
    if pushed.onec.encoding == "json":
        said["rejected"][0]["retry"] = False  # type: ignore[index]
    pushed.onec.answers.append(lambda _: pushed.onec.told(said))
    await pushed.rounds()
    dead = await pushed.service.rows("SELECT event_id, dead_code FROM message WHERE dead_at IS NOT NULL")
    assert [(str(row["event_id"]), row["dead_code"]) for row in dead] == [(ids[1], "posting")]


async def test_an_answer_that_names_strangers_is_not_believed(pushed: Pushed):
    await orders(pushed.service, 1)
    pushed.onec.answers.append(lambda _: pushed.onec.told({"accepted": [str(BASE)], "rejected": []}))
    assert await pushed.pusher.round() > 0
    assert len(await pushed.events()) == 1


async def test_two_workers_push_an_event_to_one_base_once(database: str):
    async with pushing(database) as pushed:
        await orders(pushed.service, 5)
        await asyncio.gather(pushed.pusher.round(), pushed.other.round())
        seen = [event["id"] for batch in pushed.onec.batches for event in batch["events"]]
        assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize(("changes", "why"), [
    ({"push_url": "http://1c.example/hs"}, "https"), ({"push_url": ""}, "https"), ({"token": ""}, "token"),
    ({"lease_s": 20}, "lease_s"),
])  # fmt: skip
def test_settings_of_a_push_are_checked(tmp_path: Any, changes: dict[str, Any], why: str):
    keys = {"id": str(BASE), "mode": "push", "push_url": "https://1c.example/hs", "token": "t", **changes}
    text = "[[bases]]\n" + "\n".join(f"{k} = {v if isinstance(v, int) else repr(v)}" for k, v in keys.items())
    (tmp_path / "c.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=why):
        load(str(tmp_path / "c.toml"))
