"""Events: who may be bound to what, what is sent, what is lost, what waits in the offline queue."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from b24pysdk.credentials.oauth_event_data import OAuthEventData
from tests.sandbox.portal_application import ANNA, ILYA, Installed, installed
from tests.sandbox.portal_running import SECRET, a_task

from posrednik_sandbox.portal import Portal


@pytest.fixture
async def app() -> AsyncIterator[Installed]:
    async with installed() as started:
        yield started


async def test_a_task_made_by_the_webhook_is_told_with_its_id_and_the_application_token(app: Installed) -> None:
    await app.bind("OnTaskAdd")
    task = (await app.portal.ok("tasks.task.add", {"fields": a_task()}))["task"]["id"]
    await app.settled()
    [event] = app.listening.events()
    assert event["event"] == "ONTASKADD"
    assert event["data[FIELDS_AFTER][ID]"] == task
    assert (event["data[FIELDS_BEFORE]"], event["data[IS_ACCESSIBLE_BEFORE]"]) == ("undefined", "N")
    assert event["auth[application_token]"] == app.state.application.application_token
    assert event["auth[member_id]"] == app.state.application.member_id
    assert event["auth[domain]"] == app.state.address
    assert "auth[refresh_token]" not in event
