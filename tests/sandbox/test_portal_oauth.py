"""The authorisation server: codes, tokens that live an hour, refresh tokens that work once."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.sandbox.portal_running import Running, running

ANNA, ILYA = 1, 7


@pytest.fixture
async def portal() -> AsyncIterator[Running]:
    async with running() as started:
        yield started


async def opened(portal: Running, user: int = ANNA) -> dict[str, str]:
    _, answer = await portal.page("POST", "open", {"user": user, "device": "web"})
    form: dict[str, str] = answer["form"]
    return form


async def exchanged(portal: Running, **more: str) -> tuple[int, Any]:
    """A question to /oauth/token/ with the application's own keys unless `more` says otherwise."""
    app = portal.portal.application
    asked = {"grant_type": "refresh_token", "client_id": app.client_id, "client_secret": app.client_secret} | more
    async with portal.session.get(f"{portal.http}/oauth/token/", params=asked) as response:
        return response.status, await response.json()


async def called(portal: Running, token: str, method: str = "profile") -> tuple[int, Any]:
    async with portal.session.post(f"{portal.http}/rest/{method}", json={"auth": token}) as response:
        return response.status, await response.json()


async def fault(portal: Running, kind: str, **row: Any) -> None:
    status, answer = await portal.page("POST", "faults", {"kind": kind} | row)
    assert status == 200, answer


async def test_an_opening_can_be_renewed_into_a_new_pair(portal: Running) -> None:
    form = await opened(portal)
    status, pair = await exchanged(portal, refresh_token=form["REFRESH_ID"])
    assert status == 200, pair
    assert set(pair) == {
        "access_token", "refresh_token", "expires", "expires_in", "scope", "domain", "server_endpoint",
        "client_endpoint", "status", "member_id", "user_id",
    }  # fmt: skip
    assert (pair["user_id"], pair["expires_in"], pair["status"]) == (ANNA, 3600, "L")
    assert pair["refresh_token"] != form["REFRESH_ID"]
    assert (await called(portal, pair["access_token"]))[1]["result"]["ADMIN"] is True
