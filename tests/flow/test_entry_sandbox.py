"""The sandbox's portal opens the application as an employee, and the service lets in whom it should."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import pytest
from httpx import Response
from tests.flow.entry_kit import home, login, with_courier, with_task
from tests.flow.exchange_client import Service, settings
from tests.flow.exchange_client import running as service_running
from tests.sandbox.portal_running import Running
from tests.sandbox.portal_running import running as portal_running

from posrednik.config import Bitrix24

ILYA, STRANGER = "7", 2


@pytest.fixture
async def portal() -> AsyncIterator[Running]:
    async with portal_running() as started:
        yield started


@pytest.fixture
async def service(database: str, portal: Running) -> AsyncIterator[Service]:
    app = portal.portal.application
    configured = settings(bitrix24=Bitrix24(
        portal_url=portal.http, client_id=app.client_id, auth_url=portal.http, member_id=app.member_id,
        application_token=app.application_token,
    ))  # fmt: skip
    async with service_running(database, configured) as made:
        await with_courier(made, name="Илья Петров", bitrix24_user=ILYA)
        yield made


async def opened(service: Service, portal: Running, **asked: Any) -> Response:
    """What the portal posts for an employee, posted to the service."""
    body = {"user": int(ILYA), "placement": "DEFAULT", "device": "phone"} | asked
    status, posts = await portal.page("POST", "open", body)
    assert status == 200, posts
    path = posts["url"].partition(":8000")[2]
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": home()}
    return await service.client.post(
        path, params=posts["query"], content=urlencode(posts["form"]), headers=headers
    )  # fmt: skip


@pytest.mark.parametrize("asked", [{"device": "phone"}, {"device": "web"}])
async def test_an_employee_who_is_a_courier_comes_in(service: Service, portal: Running, asked: dict[str, str]):
    answer = await opened(service, portal, **asked)
    assert answer.status_code == 303, answer.text
    entered = await login(service, answer.headers["location"].partition("#ticket=")[2])
    assert entered.json()["courier"]["name"] == "Илья Петров"


async def test_from_a_chat_and_by_a_link_the_delivery_comes_along(service: Service, portal: Running):
    delivery = await with_task(service, 17)
    answer = await opened(service, portal, placement="IMMOBILE_CONTEXT_MENU", options={"dialogId": "chat17"})
    assert answer.headers["location"].endswith(f"&delivery={delivery}")
    answer = await opened(service, portal, device="web", options={"delivery": delivery})
    assert answer.headers["location"].endswith(f"&delivery={delivery}")


async def test_another_employee_does_not_come_in(service: Service, portal: Running):
    answer = await opened(service, portal, user=STRANGER)
    assert (answer.status_code, f"номер {STRANGER}" in answer.text) == (403, True)


@pytest.mark.parametrize(("fault", "status", "told"), [
    ("open_expired", 403, "не подтвердил вход"), ("open_other_app", 403, "другим приложением"),
    ("open_other_member", 403, "с другого портала"), ("auth_down", 503, "сейчас не отвечает"),
])  # fmt: skip
async def test_a_forged_opening_is_told_what_is_wrong(
    service: Service, portal: Running, fault: str, status: int, told: str
):
    assert (await portal.page("POST", "faults", {"kind": fault}))[0] == 200
    answer = await opened(service, portal)
    assert answer.status_code == status, answer.text
    assert told in answer.text


async def test_a_forged_domain_changes_nothing_and_a_repeated_pass_gives_no_second_ticket(
    service: Service, portal: Running
):
    await portal.page("POST", "faults", {"kind": "open_forged_domain"})
    assert "#ticket=" in (await opened(service, portal)).headers["location"]
    await portal.page("POST", "faults", {"kind": "open_same_token"})
    assert (await opened(service, portal)).headers["location"] == "/courier/"
