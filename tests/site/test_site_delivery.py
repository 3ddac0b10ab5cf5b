"""The real service delivers to the real module: dispatch and connector here, PHP's built-in server there."""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.flow.exchange_client import COURIER, Service, new_ref, order, references, running, until
from tests.flow.hook_kit import SETTINGS, delivered, dispatching
from tests.site.php_site import ROOT, PhpSite

from posrednik.connectors.site.outbound import Signer

SAMPLES = ROOT / "src" / "posrednik" / "connectors" / "site" / "samples"
STATUSES = {
    "ready": "DA", "picked_up": "DB", "en_route": "DC", "handed_over": "DD", "not_delivered": "DE", "withdrawn": "DA",
}  # fmt: skip
STEPS = {
    "ready": [], "picked_up": ["pick_up"], "en_route": ["pick_up", "depart"],
    "handed_over": ["pick_up", "depart", "hand_over"], "not_delivered": ["pick_up", "not_deliver"],
}  # fmt: skip


@pytest.fixture
def site(php: str, tmp_path: Path) -> Iterator[PhpSite]:
    made = PhpSite(php, tmp_path)
    made.tell("set", {
        "shipment_statuses": STATUSES, "tracking": "number", "background": "N",
        "properties": {"stage": "STATE", "courier": "COURIER", "amount_due": "DUE", "reason": "REASON"},
    })  # fmt: skip
    made.start()
    yield made
    made.kill()


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    async with running(database, SETTINGS) as made:
        yield made


async def subscribe(service: Service, site: PhpSite) -> dict[str, Any]:
    answer = await service.person("POST", "/api/v1/subscriptions", {"url": site.url, "events": ["delivery.*"]})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    site.tell("set", {"secret": made["secret"]})
    return made


async def ready(service: Service, site: PhpSite, number: str) -> str:
    """An order of the site with «Готов»; id of its delivery."""
    site.tell("order", number)
    ref = new_ref()
    await service.onec.send([order(ref, number=f"ТД-{number}", site_number=number)])
    done = await service.onec.press("delivery.ready", ref, courier=COURIER)
    delivery_id: str = done["result"]["delivery"]["id"]
    return delivery_id


async def step(service: Service, delivery_id: str, action: str) -> None:
    more = {"reason": "not_home"} if action == "not_deliver" else {}
    await service.act(delivery_id, action, **more)


def check(site: PhpSite, numbers: dict[str, str]) -> None:
    """Each order (number -> stage) shows its stage, and the standard exchange has nothing to send."""
    for number, stage in numbers.items():
        seen = site.tell("seen", number)
        assert [one["STATUS_ID"] for one in seen["shipments"]] == ["DN", STATUSES[stage]], (
            number,
            stage,
            site.events(),
        )
        assert seen["TRACKING_NUMBER"] == f"ТД-{number}"
        assert seen["properties"]["COURIER"] == "Пётр Иванов"
        assert seen["properties"]["REASON"] == ("Никого не было дома" if stage == "not_delivered" else "")
        assert (seen["STATUS_ID"], seen["CANCELED"], seen["PAYED"], seen["DEDUCTED"]) == ("P", "N", "N", "N")
    assert site.tell("query") == []


async def test_events_of_deliveries_become_statuses_of_orders(service: Service, site: PhpSite):
    subscription = await subscribe(service, site)
    await service.onec.send(references())
    numbers = {str(1001 + place): stage for place, stage in enumerate(STEPS)}
    async with dispatching(service):
        await service.person("POST", f"/api/v1/subscriptions/{subscription['id']}/test")
        for number, stage in numbers.items():
            delivery_id = await ready(service, site, number)
            for action in STEPS[stage]:
                await step(service, delivery_id, action)
        await delivered(service)
    assert site.tell("agent") == "\\Posrednik\\Delivery\\Agent::run();"
    check(site, numbers)
    events = site.events()
    assert len(events) == 1 + sum(1 + len(steps) for steps in STEPS.values())
    assert {event["STATE"] for event in events} == {"done"}
    assert [event["WHY"] for event in events if event["TYPE"] == "subscription.test"] == ["test"]
    await repeated_and_reordered(site, subscription["secret"], numbers)


async def repeated_and_reordered(site: PhpSite, secret: str, numbers: dict[str, str]) -> None:
    """All of it once more, shuffled and twice, under new timestamps: every answer is yes, nothing changes."""
    before = site.events()
    again = [event for event in before if event["DELIVERY_ID"]] * 2
    random.Random(8).shuffle(again)
    async with aiohttp.ClientSession() as session:
        for event in again:
            answer = await post(session, site, secret, event["MESSAGE_ID"], event["BODY"].encode())
            assert answer == (200, {"status": "duplicate"})
        forged = again[0]["BODY"].replace("ТД-", "XX-").encode()
        status, told = await post(session, site, secret, "another-id", forged)
        assert (status, told["code"]) == (409, "other_body")
        status, told = await post(session, site, secret[:-4] + "AAA=", "another-id", forged)
        assert (status, told["code"]) == (401, "bad_signature")
    site.tell("agent")
    told = [event for event in site.events() if event["STATE"] != "refused"]
    assert told == before
    assert {event["WHY"] for event in site.events() if event not in told} == {"other_body", "bad_signature"}
    check(site, numbers)


async def post(
    session: aiohttp.ClientSession, site: PhpSite, secret: str, id: str, body: bytes
) -> tuple[int, dict[str, Any]]:
    headers = Signer([secret]).headers(id, int(time.time()), body)
    async with session.post(site.url, data=body, headers=headers) as response:
        return response.status, await response.json()


async def test_events_that_come_in_any_order_end_in_the_newest_state(service: Service, site: PhpSite):
    """What the service has to send is brought by hand, newest first, the agent running in between."""
    secret = (await subscribe(service, site))["secret"]
    await service.onec.send(references())
    delivery_id = await ready(service, site, "1001")
    for action in STEPS["handed_over"]:
        await step(service, delivery_id, action)
    bodies = await service.rows("SELECT body::text AS body FROM message WHERE method = 'webhook' ORDER BY seq")
    async with aiohttp.ClientSession() as session:
        for number, row in enumerate(reversed(bodies)):
            assert (await post(session, site, secret, f"m{number}", row["body"].encode()))[0] == 200
            site.tell("agent")
    check(site, {"1001": "handed_over"})
    states = {int(event["VERSION"]): event["STATE"] for event in site.events()}
    assert [state for _, state in sorted(states.items())] == ["stale", "stale", "stale", "done"]


async def test_a_site_that_is_killed_broken_or_without_its_database_loses_nothing(service: Service, site: PhpSite):
    await subscribe(service, site)
    site.tell("set", {"background": "Y"})
    await service.onec.send(references())
    dice, numbers, going = random.Random(7), {}, []
    async with dispatching(service):
        for number in range(1001, 1007):
            stage = dice.choice(list(STEPS))
            numbers[str(number)] = stage
            going += [(await ready(service, site, str(number)), STEPS[stage])]
        for turn in range(4):
            trouble(site, turn)
            for delivery_id, steps in going:
                if turn < len(steps):
                    await step(service, delivery_id, steps[turn])
            if turn == 1:
                await until(lambda: failed_attempts(service))
        trouble(site, 0)
        await delivered(service)
    site.tell("drain")
    check(site, numbers)
    events = site.events()
    assert len(events) == sum(1 + len(STEPS[stage]) for stage in numbers.values())
    assert {event["STATE"] for event in events} <= {"done", "stale"}


async def failed_attempts(service: Service) -> list[Any]:
    return await service.rows("SELECT id FROM journal WHERE kind = 'attempt' AND outcome <> 'accepted' LIMIT 1")


def trouble(site: PhpSite, turn: int) -> None:
    """0: well. 1: killed. 2: started, but its kernel dies with a page that says 200. 3: killed and started, well."""
    broken = site.root / "broken"
    if turn in (1, 3):
        site.kill()
    if turn == 2:
        broken.touch()
    else:
        broken.unlink(missing_ok=True)
    if site.process is None and turn != 1:
        site.start()


async def test_the_endpoint_says_no_in_time_and_a_broken_kernel_never_says_yes(site: PhpSite):
    site.tell("set", {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})
    async with aiohttp.ClientSession() as session:
        async with session.get(site.url) as response:
            assert (response.status, response.headers["Allow"]) == (405, "POST")
        async with session.post(site.url, data=b"x" * 300_000) as response:
            assert response.status == 413
            assert "Retry-After" not in response.headers
        async with session.post(site.url, data=b"{}") as response:
            assert (response.status, (await response.json())["code"]) == (400, "no_headers")
        (site.root / "broken").touch()
        async with session.post(site.url, data=b"{}") as response:
            assert (response.status, response.headers["Retry-After"]) == (503, "60")
    refused = {event["WHY"] for event in site.events() if event["STATE"] == "refused"}
    assert refused == {"too_large", "no_headers"}, "the administrator sees them; not the visit by GET"
    assert len(site.events()) == 2


async def test_one_event_that_comes_to_three_processes_at_once_is_taken_and_applied_once(site: PhpSite):
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    site.tell("set", {"secret": secret, "background": "Y"})
    site.tell("order", "1001")
    sample = json.loads((SAMPLES / "delivery_readied.json").read_text(encoding="utf-8"))
    async with aiohttp.ClientSession() as session:
        answers = await asyncio.gather(
            *(post(session, site, secret, f"m{number}", sample["bytes"].encode()) for number in range(12))
        )
    told = sorted((status, answer["status"]) for status, answer in answers)
    assert told == [(200, "accepted")] + [(200, "duplicate")] * 11
    site.tell("drain")
    assert [event["STATE"] for event in site.events()] == ["done"]
    assert site.tell("seen", "1001")["VERSION"] == "1", "the order was saved once"


async def test_a_secret_is_changed_on_both_sides_without_a_break(service: Service, site: PhpSite):
    subscription = await subscribe(service, site)
    await service.onec.send(references())
    async with dispatching(service):
        delivery_id = await ready(service, site, "1001")
        await delivered(service)
        new = (await service.person("POST", f"/api/v1/subscriptions/{subscription['id']}/rotate")).json()["secret"]
        await step(service, delivery_id, "pick_up")
        await delivered(service)
        site.tell(
            "set", {"secret": new, "secret_old": subscription["secret"], "secret_old_until": int(time.time()) + 99}
        )
        await step(service, delivery_id, "depart")
        await delivered(service)
    site.tell("agent")
    check(site, {"1001": "en_route"})
    attempts = await service.rows("SELECT outcome FROM journal WHERE kind = 'attempt' AND system LIKE 'site:%%'")
    assert [row["outcome"] for row in attempts] == ["accepted"] * 3
