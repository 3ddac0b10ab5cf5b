"""Posrednik's own database is older than what 1C, phones and people know (facts about 1C: D-1, scenario 6 of 10.6)."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.flow.courier_phone import a_phone
from tests.flow.exchange_client import COURIER, Service, command, new_ref, running
from tests.flow.exchange_client import settings as a_settings

from posrednik import bootstrap, bootstrap_api
from posrednik.config import Server, Settings
from posrednik.usecases import own_restore

Json = dict[str, Any]

CHECK = (files("posrednik.store") / "queries" / "check_outgoing.sql").read_text()


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    async with running(database) as made:
        yield made


async def incidents(service: Service, subject_kind: str) -> list[Json]:
    return await service.rows(
        "SELECT subject_id, state, doc ->> 'decision' AS decision FROM incident WHERE subject_kind = %s", subject_kind
    )


async def ask_all(service: Service) -> list[str]:
    """What `posrednik restored` does."""
    db = bootstrap.database(Settings(), service.dsn)
    await db.open()
    try:
        return await db.transact(partial(own_restore.ask_all, now=datetime.now(UTC)))
    finally:
        await db.close()


async def say(service: Service, *events: Json, **more: Any) -> Json:
    """1C has sent all again and names the events that it has."""
    told = {**command("sent_again", new_ref()), "data": {"events": list(events), **more}}
    return await service.onec.press_as(told)


def an_event(subject: str, **data: Any) -> Json:
    return {"id": new_ref(), "number": 7, "type": "delivery.handed_over", "version": 5, "subject": subject,
            "order_number": "ТД00-000123", "occurred_at": "2026-11-21T12:00:00+00:00", "data": data}  # fmt: skip


async def test_a_base_that_knows_more_events_than_were_given_is_asked_to_send_again(service: Service) -> None:
    await service.picked_up()
    (given,) = await service.onec.events(known=0)
    await service.onec.ack([given["id"]])
    assert await service.onec.events(known=given["number"]) == []
    (asked,) = await service.onec.events(known=40)
    assert (asked["type"], asked["number"]) == ("exchange.send_again", 41)
    last_accepted = (await service.onec.state())["last_accepted"]
    assert (asked["data"]["after"], asked["data"]["events_after"]) == (last_accepted, given["number"])
    assert asked["data"]["epoch"] == service.onec.epoch
    await service.onec.ack([asked["id"]])
    assert await service.onec.events(known=41) == [], "it is asked once"
    assert [one["state"] for one in await incidents(service, "base")] == ["open"]
    assert (await say(service))["status"] == "done"
    assert [(one["state"], one["decision"]) for one in await incidents(service, "base")] == [("decided", "explained")]


async def test_by_command_numbers_go_on_far_behind_any_that_was_given(service: Service) -> None:
    assert await ask_all(service) == [], "no base was ever seen"
    await service.picked_up()
    assert await ask_all(service) == ["Основная"]
    numbers = [one["number"] for one in await service.onec.events()]
    assert numbers == [own_restore.BEYOND + 1, own_restore.BEYOND + 2]
    assert await service.rows(CHECK) == [], "numbers that were skipped on purpose are no fault"
    await service.rows("DELETE FROM outgoing RETURNING 1")
    assert len(await service.rows(CHECK)) == 1


async def test_a_number_that_is_none_is_refused(service: Service) -> None:
    await service.ready_order()
    for known in ("-1", "много", str(2**53)):
        assert (await service.onec.outgoing(known=known)).status_code == 400


async def test_until_1c_has_sent_again_a_step_of_an_unknown_delivery_is_not_refused(service: Service) -> None:
    await service.ready_order()
    phone = await a_phone(service)
    unknown = phone.act("delivery.pick_up", new_ref())
    await ask_all(service)
    for _ in range(2):
        (answer,) = (await phone.send(unknown))["results"]
        assert (answer["status"], answer["code"]) == ("retry_later", "awaits_resend")
    assert await service.rows("SELECT 1 FROM courier_event") == [], "it leaves no trace, its number is still missing"
    await say(service)
    (answer,) = (await phone.send(unknown))["results"]
    assert (answer["status"], answer["code"]) == ("rejected", "not_found")


async def test_what_only_1c_knows_is_told_once_and_is_over_when_it_was_done_again_with_the_same_figures(
    service: Service,
) -> None:
    _, delivery = await service.picked_up()
    await service.act(delivery["id"], "hand_over", payment_method="cash")
    (told,) = [one for one in await service.onec.events() if one["type"] == "delivery.handed_over"]
    _, again = await service.picked_up()
    figures = {name: value for name, value in told["data"].items() if name not in ("position", "photos")}
    lost, other = an_event(again["id"], **figures), an_event(again["id"], **{**figures, "amount_taken": "1.00"})
    known = {**told, "subject": told["subject"]["id"]}
    assert (await say(service, lost, other, known, more=True))["result"]["lost"] == [lost["id"], other["id"]]
    assert (await say(service, lost))["result"]["lost"] == [lost["id"]]
    assert len(await incidents(service, "lost_event")) == 2
    await service.act(again["id"], "hand_over", payment_method="cash")
    rows = await service.rows(
        "SELECT id FROM event WHERE subject_id = %s AND type = 'delivery.handed_over'", again["id"]
    )
    assert [str(row["id"]) for row in rows] == [lost["id"]]
    states = {one["subject_id"]: (one["state"], one["decision"]) for one in await incidents(service, "lost_event")}
    assert states == {lost["id"]: ("decided", "corrected"), other["id"]: ("open", None)}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3), max_leaves=8,
)  # fmt: skip
SLOW = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@SLOW
@given(events=st.lists(json_values | st.fixed_dictionaries({}, optional={
    "id": json_values | st.uuids().map(str), "type": json_values, "subject": json_values, "occurred_at": json_values,
    "data": json_values,
}), max_size=4))  # fmt: skip
async def test_whatever_1c_says_of_its_events_is_taken_or_rejected_in_words(
    service: Service, events: list[Any]
) -> None:
    if not await service.rows("SELECT 1 FROM base WHERE epoch IS NOT NULL"):
        await service.ready_order()
    assert (await say(service, *events))["status"] == "done"


async def test_a_picture_whose_file_is_here_is_known_again_for_the_step_that_names_it(
    database: str, tmp_path: Path
) -> None:
    configured = a_settings(server=Server(requests_per_second=1e6, request_burst=1e6, data_dir=str(tmp_path)))
    async with running(database, configured) as service:
        _, delivery = await service.ready_order(ready={"courier": COURIER})
        phone = await a_phone(service)
        sha256 = await phone.put_photo()
        assert (await phone.do("delivery.pick_up", delivery["id"], photos=[sha256, "ab" * 32]))["status"] == "accepted"
        await service.rows("DELETE FROM photo_owner RETURNING 1")
        await service.rows("DELETE FROM photo RETURNING 1")
        assert (await phone.call("GET", f"photos/{sha256}")).status_code == 404
        db = bootstrap.database(configured, database)
        await db.open()
        try:
            assert await bootstrap_api.find_lost_photos(configured, db) == (1, 1)
            assert await bootstrap_api.find_lost_photos(configured, db) == (0, 1)
        finally:
            await db.close()
        assert (await phone.call("GET", f"photos/{sha256}")).status_code == 200
