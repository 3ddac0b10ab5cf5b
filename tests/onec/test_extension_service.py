"""The extension's HTTP service: who may bring events, what is answered, what is done once."""

import asyncio
import json
import threading
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import test_utils, web
from tests.bsl.native import KilledHere
from tests.onec.extension import BASE, TOKEN, Base, Clock

from posrednik.connectors.onec.push import Push, Said, Unsaid
from posrednik.kit import signing

Json = dict[str, Any]
PATH = "/trade/hs/kd/v1/events"


@pytest.fixture
def base(tmp_path: Path) -> Base:
    made = Base(tmp_path, None, Clock())
    made.set(СпособПриема="push")
    return made


@pytest.fixture(scope="module")
def shut(tmp_path_factory: pytest.TempPathFactory) -> Base:
    """For tests in which nothing is taken."""
    made = Base(tmp_path_factory.mktemp("service"), None, Clock())
    made.set(СпособПриема="push")
    return made


def event(number: int, type_: str = "delivery.picked_up") -> Json:
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, str(number))), "number": number, "type": type_, "version": 1,
        "subject": {"kind": "delivery", "id": "d1", "order_ref": "o1"}, "occurred_at": "2026-11-23T09:00:00Z",
        "data": {},
    }  # fmt: skip


def batch(*events: Json) -> bytes:
    return json.dumps({"batch": "b1", "events": list(events)}, ensure_ascii=False).encode()


def signed(base: Base, body: bytes, *, key: str = TOKEN, shift_s: int = 0, name: str = "b1") -> dict[str, str]:
    return dict(signing.Signer([key.encode()]).headers(name, base.clock.ms // 1000 + shift_s, body))


def push(base: Base, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, Json, dict[str, str]]:
    status, told, raw = base.base.serve("POST", PATH, signed(base, body) if headers is None else headers, body)
    return status, json.loads(raw), told


def test_a_signed_batch_is_applied_and_answered_as_a_pull_is(base: Base) -> None:
    status, answer, _ = push(base, batch(event(1), event(2)))
    assert status == 200
    assert answer == {"batch": "b1", "accepted": [event(1)["id"], event(2)["id"]], "rejected": []}
    assert all(row["Подтверждено"] > 0 for row in base.rows("кд_ПринятыеСобытия"))


def test_the_service_signs_as_the_extension_checks_it_also_with_headers_in_another_case(base: Base) -> None:
    body = batch(event(1))
    headers = {name.title(): value for name, value in signed(base, body).items()}
    assert push(base, body, headers)[0] == 200


def test_one_good_signature_of_several_is_enough(base: Base) -> None:
    body = batch(event(1))
    headers = signed(base, body)
    headers["webhook-signature"] = f"v1,AAAA {headers['webhook-signature']} v1a,BBBB"
    assert push(base, body, headers)[0] == 200


@pytest.mark.parametrize("what", ["none", "key", "body", "name", "old", "future", "version", "moment"])
def test_a_batch_that_is_not_signed_as_it_must_be_is_refused_and_not_applied(shut: Base, what: str) -> None:
    body = batch(event(1))
    headers = {
        "none": {},
        "key": signed(shut, body, key="another"),
        "body": signed(shut, body + b" "),
        "name": signed(shut, body, name="b2") | {"webhook-id": "b1"},
        "old": signed(shut, body, shift_s=-301),
        "future": signed(shut, body, shift_s=310),
        "version": {k: v.replace("v1,", "v2,") for k, v in signed(shut, body).items()},
        "moment": signed(shut, body) | {"webhook-timestamp": "now"},
    }[what]
    status, answer, _ = push(shut, body, headers)
    assert (status, answer["code"]) == (401, "bad_signature")
    assert shut.rows("кд_ПринятыеСобытия") == []


@pytest.mark.parametrize("shift_s", [-299, 299])
def test_clocks_may_differ_by_less_than_five_minutes(base: Base, shift_s: int) -> None:
    body = batch(event(1))
    assert push(base, body, signed(base, body, shift_s=shift_s))[0] == 200


def test_without_a_token_nobody_is_let_in(base: Base) -> None:
    base.call("кд_Настройки.УстановитьТокен", "")
    body = batch(event(1))
    assert push(base, body, signed(base, body, key=" "))[0] == 401
    assert push(base, body, {})[0] == 401


def test_the_check_can_be_turned_off_where_the_publication_does_it(base: Base) -> None:
    base.set(ПроверятьПодпись="Нет")
    assert push(base, batch(event(1)), {})[0] == 200


def test_a_repeated_push_is_accepted_and_makes_nothing_twice(base: Base) -> None:
    for _ in range(3):
        assert push(base, batch(event(1)))[1]["accepted"] == [event(1)["id"]]
    assert len(base.objects.applied) == 1


def test_parallel_pushes_of_one_event_have_one_effect(base: Base) -> None:
    body, said = batch(event(1)), list[int]()
    headers = signed(base, body)
    threads = [threading.Thread(target=lambda: said.append(push(base, body, headers)[0])) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert said == [200, 200, 200]
    assert len(base.objects.applied) == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"events": [1]}', b'{"events": {}}', b"\xff\xfe", b"null"])
def test_a_body_that_is_no_batch_is_bad(shut: Base, body: bytes) -> None:
    status, answer, _ = push(shut, body)
    assert (status, answer["code"]) == (400, "bad_request")


def test_a_body_without_end_is_too_large(shut: Base) -> None:
    assert push(shut, b"x" * (16 * 1024 * 1024 + 1), {})[0] == 413


def test_locks_that_hold_everything_are_told_with_a_pause_and_nothing_is_taken(base: Base) -> None:
    base.objects.refusals["sale.made"] = "Объект заблокирован другим пользователем"
    status, answer, headers = push(base, batch(event(1, "sale.made")))
    assert (status, answer["code"], headers["Retry-After"]) == (423, "object_locked", "5")
    assert base.rows("кд_ПринятыеСобытия") == []
    base.objects.refusals.clear()
    assert push(base, batch(event(1, "sale.made")))[0] == 200


def test_a_lock_that_holds_one_event_is_told_of_that_one(base: Base) -> None:
    base.objects.refusals["sale.made"] = "Объект заблокирован другим пользователем"
    status, answer, _ = push(base, batch(event(1, "sale.made"), event(2)))
    assert status == 200
    assert answer["accepted"] == [event(2)["id"]]
    assert [(one["id"], one["retry"]) for one in answer["rejected"]] == [(event(1)["id"], True)]


def test_a_refusal_is_told_in_words(base: Base) -> None:
    base.objects.refusals["sale.made"] = "[not_posted] Не хватает товара"
    _, answer, _ = push(base, batch(event(1, "sale.made")))
    assert answer["rejected"] == [
        {"id": event(1)["id"], "code": "not_posted", "message": "Не хватает товара", "retry": False}
    ]


def test_a_copied_base_takes_nothing(base: Base) -> None:
    base.base.connection = 'File="C:\\Copy";'
    status, answer, _ = push(base, batch(event(1)))
    assert (status, answer["code"]) == (403, "copied_base")
    assert base.rows("кд_ПринятыеСобытия") == []


def test_an_error_of_the_base_is_500_in_the_log_and_tells_nothing_of_the_base(tmp_path: Path) -> None:
    broken = """
        Функция ПрименитьСобытия(События) Экспорт
            ВызватьИсключение "Таблица _InfoRg17 не найдена";
        КонецФункции"""
    base = Base(tmp_path, None, Clock(), modules={"кд_Прием": broken})
    status, answer, _ = push(base, batch(event(1)))
    assert (status, answer["code"]) == (500, "internal_error")
    assert "_InfoRg17" not in answer["message"]
    assert any("_InfoRg17" in str(line) for line in base.base.log)
    assert not any(TOKEN in str(line) for line in base.base.log)


def test_the_ping_says_which_base_it_is(shut: Base) -> None:
    status, _, raw = shut.base.serve("GET", "/trade/hs/kd/v1/ping", {})
    assert (status, json.loads(raw)) == (200, {"status": "ok", "base": BASE, "mode": "push"})


# -- the service itself calls


@asynccontextmanager
async def pushing(base: Base) -> AsyncIterator[Push]:
    """What the service pushes with, and the base behind a web server."""

    async def publish(request: web.Request) -> web.Response:
        headers, body = {str(name): value for name, value in request.headers.items()}, await request.read()
        try:
            status, told, raw = await asyncio.to_thread(base.base.serve, "POST", request.path, headers, body)
        except KilledHere:  # the web server outlives 1C's process
            return web.Response(status=502)
        return web.Response(status=status, headers=told, body=raw)

    app = web.Application()
    app.router.add_post(PATH, publish)
    async with test_utils.TestServer(app) as server, aiohttp.ClientSession() as session:
        url = str(server.make_url(PATH))
        yield Push(url, uuid.UUID(BASE), TOKEN, "json", session, clock=lambda: base.clock.ms / 1000)


async def test_what_the_service_pushes_is_taken_once_however_often_it_comes(base: Base) -> None:
    told = {"batch": str(uuid.uuid4()), "events": [event(1), event(2)]}
    async with pushing(base) as push_to:
        for _ in range(3):
            said = await push_to.send(told)
            assert said == Said([uuid.UUID(one["id"]) for one in told["events"]], [])
    assert [row["Номер"] for row in base.rows("кд_ПринятыеСобытия", "Номер")] == [1, 2]
    assert {row["Повторов"] for row in base.rows("кд_ПринятыеСобытия")} == {3}


async def test_a_base_that_dies_while_it_takes_a_push_gets_it_again(base: Base) -> None:
    told = {"batch": str(uuid.uuid4()), "events": [event(1)]}
    base.base.kill_at("before-commit")
    async with pushing(base) as push_to:
        said = await push_to.send(told)
        assert isinstance(said, Unsaid)
        assert said.fault
        assert base.rows("кд_ПринятыеСобытия") == []
        assert isinstance(await push_to.send(told), Said)
    assert len(base.rows("кд_ПринятыеСобытия")) == 1
