"""The emulated shop: signatures by the reference library, once per webhook-id, its faults."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientSession, web
from standardwebhooks import Webhook

from posrednik_sandbox.shop import Shop, routes
from posrednik_sandbox.shop.shop import WEBHOOK

SECRET = "whsec_c2FuZGJveC1zaG9wLXNlY3JldC0wMDAx"
OTHER = "whsec_b3RoZXItc2VjcmV0LW9mLXRoZS1zaG9w"


def quiet(text: str, **about: Any) -> None:
    """Nobody reads the strip here."""


class Running:
    """A shop on a free port, and what a test needs to call it."""

    def __init__(self, shop: Shop, session: ClientSession, url: str) -> None:
        self.shop, self.session, self.url = shop, session, url

    async def send(self, key: str, version: int, stage: str = "ready", secret: str = SECRET) -> int:
        body = a_body(version, stage)
        now = datetime.now(UTC)
        headers = {
            "webhook-id": key,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(secret).sign(key, now, body),
        }
        async with self.session.post(self.url + WEBHOOK, data=body.encode(), headers=headers) as response:
            return response.status

    async def get(self, path: str) -> Any:
        async with self.session.get(self.url + "/admin" + path) as response:
            return await response.json()

    async def post(self, path: str, body: Any) -> int:
        async with self.session.post(self.url + "/admin" + path, json=body) as response:
            return response.status


def a_body(version: int, stage: str) -> str:
    order = {"ref": "order-1", "number": "000-000101", "site_number": "48101"}
    delivery = {"id": "d-1", "version": version, "stage": stage, "order": order, "amount_due": "10.00"}
    data = {"event_id": f"e-{version}", "delivery": delivery}
    return json.dumps({"type": f"delivery.{stage}", "timestamp": "2026-11-22T10:00:00Z", "data": data})


def an_order() -> dict[str, Any]:
    lines = [{"sum": "2450.00"}]
    return {"site_number": "48101", "recipient": {"name": "Анна"}, "address": {"text": "Москва"}, "lines": lines}


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    shop = Shop(tmp_path / "shop.sqlite3", [SECRET], quiet)
    shop.place("order-1", an_order())
    app = shop.application()
    app.add_subapp("/admin/", routes.application(shop))
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with ClientSession() as session:
        yield Running(shop, session, f"http://127.0.0.1:{runner.addresses[0][1]}")
    await runner.cleanup()
    shop.store.close()


async def test_signed_webhook_shows_on_its_order(running: Running) -> None:
    assert await running.send("msg-1", 1) == 200
    orders = (await running.get("/api/orders"))["orders"]
    assert (orders[0]["stage"], orders[0]["stage_title"], orders[0]["amount_due"]) == ("ready", "Готов", "10.00")


async def test_wrong_signature_is_refused_and_changes_nothing(running: Running) -> None:
    assert await running.send("msg-1", 1, secret=OTHER) == 401
    assert (await running.get("/api/state"))["taken"] == 0


async def test_both_secrets_are_good_during_a_rotation(running: Running) -> None:
    assert await running.post("/api/secret", {"secrets": [OTHER, SECRET]}) == 200
    assert await running.send("msg-1", 1, secret=SECRET) == 200
    assert await running.send("msg-2", 2, secret=OTHER) == 200


async def test_same_webhook_id_counts_once(running: Running) -> None:
    assert [await running.send("msg-1", 1), await running.send("msg-1", 1)] == [200, 200]
    state = await running.get("/api/state")
    assert (state["taken"], state["duplicates"], state["deliveries"]["d-1"]["versions"]) == (1, 1, [1])


async def test_late_older_version_is_noted_and_does_not_turn_the_status_back(running: Running) -> None:
    await running.send("msg-2", 2, "picked_up")
    await running.send("msg-1", 1, "ready")
    assert (await running.get("/api/state"))["out_of_order"] == 1
    assert (await running.get("/api/orders"))["orders"][0]["stage"] == "picked_up"
    assert [row["version"] for row in (await running.get("/api/orders/order-1"))["history"]] == [2, 1]


@pytest.mark.parametrize("mode", ["500", "503", "410"])
async def test_refusing_faults_take_nothing_and_end_by_count(running: Running, mode: str) -> None:
    assert await running.post("/api/faults", {"mode": mode, "left": 1, "retry_after_s": 7}) == 200
    assert await running.send("msg-1", 1) == int(mode)
    assert (await running.get("/api/state"))["taken"] == 0
    assert await running.send("msg-1", 1) == 200


async def test_503_says_when_to_come_again(running: Running) -> None:
    await running.post("/api/faults", {"mode": "503", "retry_after_s": 7})
    async with running.session.post(running.url + WEBHOOK, data=b"{}") as response:
        assert response.headers["Retry-After"] == "7"


async def test_dropped_answer_has_taken_the_webhook(running: Running) -> None:
    await running.post("/api/faults", {"mode": "drop", "left": 1})
    with pytest.raises(aiohttp.ClientError):
        await running.send("msg-1", 1)
    assert await running.send("msg-1", 1) == 200
    state = await running.get("/api/state")
    assert (state["taken"], state["duplicates"]) == (1, 1)


async def test_slow_shop_still_answers(running: Running) -> None:
    await running.post("/api/faults", {"mode": "slow", "delay_s": 0.01})
    assert await running.send("msg-1", 1) == 200


@pytest.mark.parametrize("wanted", [{"mode": "explode"}, {"share": 2}, {"colour": 1}])
async def test_unknown_fault_is_refused(running: Running, wanted: dict[str, Any]) -> None:
    assert await running.post("/api/faults", wanted) == 400
    assert running.shop.faults.mode == "none"


async def test_unreadable_body_is_refused(running: Running) -> None:
    now = datetime.now(UTC)
    body = '{"type": 1}'
    headers = {
        "webhook-id": "m",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("m", now, body),
    }
    async with running.session.post(running.url + WEBHOOK, data=body.encode(), headers=headers) as response:
        assert response.status == 400


def test_taken_webhooks_survive_a_restart(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop.sqlite3", [SECRET], quiet)
    assert shop.store.take("msg-1", json.loads(a_body(1, "ready")))
    shop.store.close()
    again = Shop(tmp_path / "shop.sqlite3", [SECRET], quiet)
    assert not again.store.take("msg-1", json.loads(a_body(1, "ready")))
    again.store.close()
