"""XML of the 8.2 family, pushed events, digests, the site's exchange, edits after the fact: E-26, E-32, E-40, E-43."""

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from aiohttp import test_utils, web
from standardwebhooks import Webhook, WebhookVerificationError
from tests.sandbox.fake_posrednik import FakePosrednik, an_event
from tests.sandbox.odata_running import Reader, a_reader
from tests.sandbox.onec_running import BASE, drained, first_order, quiet

from posrednik.connectors.onec.push import Push, Said, Unsaid
from posrednik.kit import xml
from posrednik_sandbox.onec import Onec, digests, noise, wire
from posrednik_sandbox.onec.drills import Drills

Json = dict[str, Any]
PUSH = "/onec/hs/kd/v1/events"


def old_base(folder: Path, url: str = "http://127.0.0.1:9") -> Onec:
    onec = Onec(folder / "onec.sqlite3", url, BASE, "token", quiet, profile="ut103", encoding="xml")
    onec.prepare(7, 3)
    return onec


def test_xml_message_is_windows_1251_with_crlf_and_reads_as_the_json_does(tmp_path: Path) -> None:
    onec = old_base(tmp_path)
    data = {"name": "Ёж «№1» & <ко>", "comment": "\U0001f69a", "empty": None, "flag": True}
    onec.store.put("product", "r", data, urgent=True)
    packed = onec.outbox.pack()
    assert packed is not None
    body: bytes = packed["body"]
    assert body.startswith(b'<?xml version="1.0" encoding="windows-1251"?>\r\n')
    assert "№".encode("windows-1251") in body
    read = xml.read(body, "message")
    assert read["base"] == BASE
    found = next(one for one in read["objects"] if one["ref"] == "r")
    assert found["data"]["name"] == data["name"]
    assert found["data"]["comment"] == data["comment"]
    assert found["data"]["empty"] is None


def test_answers_of_the_service_are_read_from_result() -> None:
    told = {"http_status": 409, "code": "message_conflict", "last_accepted": 7, "gap": [1, 2], "commands": []}
    read = wire.decoded(xml.write(told, "result"), "xml")
    assert (read["http_status"], read["last_accepted"], read["gap"]) == ("409", "7", ["1", "2"])
    assert not read["commands"]


@asynccontextmanager
async def pushed(folder: Path, encoding: str = "json") -> AsyncIterator[tuple[Reader, Push]]:
    async with a_reader(folder, push=True, encoding=encoding) as reader:
        reader.onec.service.online = True
        async with aiohttp.ClientSession() as session:
            yield reader, Push(reader.home + PUSH, BASE, "token", encoding, session)  # type: ignore[arg-type]


def a_batch(reader: Reader, number: int = 1) -> Json:
    order = first_order(reader.onec)
    subject = {"kind": "delivery", "id": "d", "order_ref": order["ref"], "order_number": order["number"]}
    event = an_event(number, "delivery.picked_up", subject, 1, {"courier": None})
    return {"batch": "00000000-0000-4000-8000-0000000000aa", "events": [event]}


@pytest.mark.parametrize("encoding", ["json", "xml"])
async def test_pushed_event_is_applied_once_and_accepted_each_time(tmp_path: Path, encoding: str) -> None:
    async with pushed(tmp_path, encoding) as (reader, push):
        batch = a_batch(reader)
        for _ in range(2):
            said = await push.send(batch)
            assert isinstance(said, Said)
            assert [str(key) for key in said.accepted] == [batch["events"][0]["id"]]
        assert reader.onec.store.row("SELECT seen FROM event") == {"seen": 2}
        assert reader.onec.store.value("SELECT stage FROM order_card ORDER BY position LIMIT 1") == "picked_up"


@pytest.mark.parametrize("status", [401, 403, 404, 409, 422, 423, 500, 503])
async def test_push_is_answered_by_each_status_once(tmp_path: Path, status: int) -> None:
    async with pushed(tmp_path) as (reader, push):
        reader.onec.switches.change({"push_faults": 1, "push_status": status})
        said = await push.send(a_batch(reader))
        assert isinstance(said, Unsaid)
        assert said.code == f"http_{status}"
        assert said.after_s == (2.0 if status in (423, 503) else None)
        assert isinstance(await push.send(a_batch(reader)), Said)


async def test_push_to_a_base_that_is_off_or_dies_before_it_answers_is_no_answer(tmp_path: Path) -> None:
    async with pushed(tmp_path) as (reader, push):
        reader.onec.switches.change({"crash_before_ack": 1})
        assert isinstance(await push.send(a_batch(reader)), Unsaid)
        assert reader.onec.store.value("SELECT count(*) FROM event") == 1
        assert isinstance(await push.send(a_batch(reader)), Said)
        reader.onec.service.online = False
        assert isinstance(await push.send(a_batch(reader)), Unsaid)


async def test_push_needs_the_bases_own_token_and_a_published_service(tmp_path: Path) -> None:
    async with a_reader(tmp_path) as reader:
        reader.onec.service.online = True
        known = {"Authorization": "Basic " + base64.b64encode(f"{BASE}:token".encode()).decode()}
        async with reader.session.post(reader.home + PUSH, json={}, headers=known) as answer:
            assert answer.status == 404
        reader.onec.service.published = True
        async with reader.session.post(reader.home + PUSH, json={}) as answer:
            assert answer.status == 401
        async with reader.session.post(reader.home + PUSH, json={}, headers=known) as answer:
            assert await answer.json() == {"batch": None, "accepted": [], "rejected": []}


async def test_digests_follow_the_last_object_of_a_full_registration(
    fake: FakePosrednik, onec: Onec, tmp_path: Path
) -> None:
    await onec.start()
    await drained(fake, onec)
    await Drills(onec, tmp_path).run("register_all", {})
    await drained(fake, onec)
    sent = [json.loads(body.decode("utf-8-sig")) for body in fake.bodies]
    told = {(c["data"]["kind"], c["data"].get("slice", "")): c["data"] for one in sent for c in one["commands"]}
    assert ("product", "") in told
    lines = sorted(f"{ref}:{one['version']}" for (kind, ref), one in fake.objects.items() if kind == "product")
    assert told["product", ""]["count"] == len(lines)
    assert told["product", ""]["hash"] == hashlib.sha256("\n".join(lines).encode()).hexdigest()


async def test_digest_on_demand_waits_for_what_is_unsent(onec: Onec, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="уйти"):
        await Drills(onec, tmp_path).run("digest", {})
    onec.store.db.execute("DELETE FROM dirty")
    done = await Drills(onec, tmp_path).run("digest", {})
    assert done["slices"] == len(digests.slices(onec.store, 3))


async def test_writes_of_the_site_are_unseen_by_the_outbox_and_seen_by_the_plan(tmp_path: Path) -> None:
    async with a_reader(tmp_path, orders=20) as reader:
        store = reader.onec.store
        node = (await reader.read("ExchangePlan_ОбменСПосредником", "POST", 201, json={}))["Ref_Key"]
        for skip, seen in ((True, 0), (False, 3)):
            store.db.execute("DELETE FROM dirty")
            store.db.execute("DELETE FROM odata_change")
            reader.onec.switches.change({"skip_loading": skip})
            done = await Drills(reader.onec, tmp_path).run("site_exchange", {"count": 3})
            assert len(done["refs"]) == 3
            assert store.value("SELECT count(*) FROM dirty") == seen
            assert store.value("SELECT count(*) FROM odata_change WHERE node = ?", node) == 3


def test_edits_after_the_fact_are_the_same_for_the_same_seed(tmp_path: Path) -> None:
    done = []
    for name in ("a", "b"):
        onec = old_base(tmp_path / name)
        done.append(noise.make(onec.store, 60, 3))
    assert done[0] == done[1]
    assert {one["action"] for one in done[0]} == set(noise.EDITS)


async def test_push_is_signed_by_the_bases_token_over_the_bytes_that_go() -> None:
    """What the extension checks: Standard Webhooks v1, the key is the token's own bytes."""
    heard: list[tuple[dict[str, str], bytes]] = []

    async def hear(request: web.Request) -> web.Response:
        heard.append((dict(request.headers), await request.read()))
        return web.json_response({"accepted": [], "rejected": []})

    app = web.Application()
    app.router.add_post(PUSH, hear)
    async with test_utils.TestServer(app) as server, aiohttp.ClientSession() as session:
        push = Push(str(server.make_url(PUSH)), UUID(BASE), "токен базы", "json", session)
        batch_id = "00000000-0000-4000-8000-0000000000aa"
        await push.send({"batch": batch_id, "events": []})
    ((headers, body),) = heard
    known = Webhook("токен базы".encode())
    told = {name.lower(): value for name, value in headers.items()}
    assert known.verify(body, told) == {"batch": batch_id, "events": []}
    assert told["webhook-id"] == batch_id
    with pytest.raises(WebhookVerificationError):
        known.verify(body + b" ", told)
