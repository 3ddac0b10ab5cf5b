"""The local application: installed from its page or from server to server, installed anew, removed."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from b24pysdk.credentials.oauth_event_data import OAuthEventData
from b24pysdk.credentials.oauth_placement_data import OAuthPlacementData
from tests.sandbox.portal_application import ANNA, ILYA, PAVEL, Installed, installed
from tests.sandbox.portal_running import running

from posrednik_sandbox.config import parse
from posrednik_sandbox.portal import Portal
from posrednik_sandbox.portal.application import Application


@pytest.fixture
async def added() -> AsyncIterator[Installed]:
    """The form is filled in, the installation has not begun."""
    async with installed("/install") as started:
        yield started


async def install(app: Installed, **asked: Any) -> dict[str, Any]:
    status, answer = await app.portal.page("POST", "install", {"user": ANNA} | asked)
    assert status == 200, answer
    assert isinstance(answer, dict)
    return answer


async def opening(app: Installed, user: int, **asked: Any) -> tuple[int, Any]:
    return await app.portal.page("POST", "open", {"user": user, "device": "web"} | asked)


async def test_the_installer_gets_what_the_frame_of_an_administrator_posts(added: Installed) -> None:
    told = await install(added, finish=False)
    [(path, form)] = added.listening.got
    data = OAuthPlacementData.from_dict(form)
    assert (path, form["PLACEMENT"], data.domain) == ("/install", "DEFAULT", added.state.address)
    assert (told["posted"]["status"], told["posted"]["body"], told["installed"]) == (200, "<p>Принято</p>", False)
    assert (await added.ok("app.info", token=form["AUTH_ID"]))["INSTALLED"] is False
    _, pair = await renewed(added, form["REFRESH_ID"])
    assert pair["user_id"] == ANNA


async def test_until_it_is_finished_employees_are_refused_and_administrators_get_the_installer(
    added: Installed,
) -> None:
    status, answer = await opening(added, ILYA)
    assert status == 403
    assert "не установлено до конца" in answer["error"]
    status, answer = await opening(added, ANNA)
    assert (status, urlsplit(answer["url"]).path) == (200, "/install")
    assert (await opening(added, ANNA, device="phone"))[0] == 403
    await install(added)
    assert urlsplit((await opening(added, ILYA))[1]["url"]).path == "/app"


async def test_until_it_is_finished_nothing_is_told_and_nothing_is_built_in(added: Installed) -> None:
    form = (await opening(added, ANNA))[1]["form"]
    bound = {"PLACEMENT": "LEFT_MENU", "HANDLER": f"{added.listening.url}/office"}
    assert await added.ok("placement.bind", token=form["AUTH_ID"], **bound) is True
    event = {"event": "ONAPPTEST", "handler": f"{added.listening.url}/events"}
    assert await added.ok("event.bind", token=form["AUTH_ID"], **event) is True
    assert await added.ok("event.test", token=form["AUTH_ID"]) == 1
    await added.settled()
    assert added.listening.got == []
    assert (await opening(added, PAVEL, placement="LEFT_MENU"))[0] == 403
    assert (await added.portal.page("POST", "install/finish", {"user": ANNA}))[1]["installed"] is True
    assert urlsplit((await opening(added, PAVEL, placement="LEFT_MENU"))[1]["url"]).path == "/office"
    assert await added.ok("event.test", token=form["AUTH_ID"]) == 1
    await added.settled()
    assert [form["event"] for form in added.listening.events()] == ["ONAPPTEST"]


async def test_a_finished_installation_is_told_to_who_asked_for_it_with_a_refresh_token(added: Installed) -> None:
    token = (await opening(added, ANNA))[1]["form"]["AUTH_ID"]
    handler = f"{added.listening.url}/events"
    await added.ok("event.bind", token=token, event="ONAPPINSTALL", handler=handler)
    await added.portal.page("POST", "install/finish", {"user": ANNA})
    await added.settled()
    [event] = added.listening.events()
    data = OAuthEventData.from_dict(event)
    assert (data.event, data.data) == (
        "ONAPPINSTALL",
        {"VERSION": "1", "ACTIVE": "Y", "INSTALLED": "Y", "LANGUAGE_ID": "ru"},
    )
    assert (await renewed(added, str(event["auth[refresh_token]"])))[0] == 200


async def test_an_application_without_pages_is_called_from_server_to_server_and_is_there_at_once(
    added: Installed,
) -> None:
    added.listening.status = 500
    told = await install(added, api_only=True)
    [(path, form)] = added.listening.got
    data = OAuthEventData.from_dict(form)
    assert (path, data.event, data.auth.application_token) == ("/install", "ONAPPINSTALL", told["application_token"])
    assert (data.auth.user_id, told["installed"], told["posted"]["status"]) == (ANNA, True, 500)
    _, pair = await renewed(added, str(form["auth[refresh_token]"]))
    assert (pair["user_id"], pair["member_id"]) == (ANNA, told["member_id"])


@pytest.mark.parametrize("user", [ILYA, 999])
async def test_only_an_administrator_installs_finishes_and_removes(added: Installed, user: int) -> None:
    for path in ("install", "install/finish", "uninstall"):
        status, answer = await added.portal.page("POST", path, {"user": user})
        assert (status, "администратор" in answer["error"]) == (403, True)


async def test_an_installer_that_answers_badly_leaves_it_not_installed(added: Installed) -> None:
    added.listening.status = 500
    told = await install(added)
    assert (told["posted"]["status"], told["installed"]) == (500, False)
    gone = await install(added, url="http://127.0.0.1:1/nobody")
    assert (gone["posted"]["status"], gone["installed"], gone["posted"]["error"] != "") == (0, False, True)


async def test_a_path_that_is_no_address_is_refused(added: Installed) -> None:
    status, answer = await added.portal.page("POST", "install", {"user": ANNA, "url": "ftp://x/"})
    assert (status, "адрес" in answer["error"]) == (400, True)


async def test_installing_again_keeps_the_keys_and_loses_what_was_bound(added: Installed) -> None:
    first = await install(added)
    await added.bind("ONTASKADD")
    await added.ok("placement.bind", PLACEMENT="LEFT_MENU", HANDLER=f"{added.listening.url}/office")
    again = await install(added)
    keys = ("client_id", "client_secret", "application_token")
    assert [again[key] for key in keys] == [first[key] for key in keys]
    assert (await added.ok("event.get"), await added.ok("placement.get")) == ([], [])


async def test_a_removed_application_is_told_with_its_token_alone_and_loses_everything(added: Installed) -> None:
    await install(added)
    await added.bind("ONAPPUNINSTALL")
    refresh = (await opening(added, ANNA))[1]["form"]["REFRESH_ID"]
    token = await added.token()
    status, told = await added.portal.page("POST", "uninstall", {"user": ANNA})
    assert (status, told["state"], told["installed"]) == (200, "removed", False)
    await added.settled()
    event = added.listening.events()[-1]
    assert (event["event"], event["data[CLEAN]"]) == ("ONAPPUNINSTALL", "1")
    assert {name for name in event if name.startswith("auth")} == {
        "auth[domain]", "auth[server_endpoint]", "auth[client_endpoint]", "auth[member_id]", "auth[application_token]",
    }  # fmt: skip
    assert OAuthEventData.from_dict(event).is_system
    assert (await added.call("profile", token=token))[1]["error"] == "invalid_token"
    assert (await renewed(added, refresh)) == (
        401,
        {"error": "NOT_INSTALLED", "error_description": "Application not installed"},
    )
    assert (await opening(added, ANNA))[0] == 404


async def test_an_application_added_again_is_another_one_and_its_old_keys_are_dead(added: Installed) -> None:
    first = await install(added)
    refresh = (await opening(added, ANNA))[1]["form"]["REFRESH_ID"]
    second = await install(added, new=True)
    for key in ("client_id", "client_secret", "application_token"):
        assert first[key] != second[key]
    assert second["member_id"] == first["member_id"]
    old = {"client_id": first["client_id"], "client_secret": first["client_secret"]}
    assert (await renewed(added, refresh, **old))[1]["error"] == "wrong_client"
    assert (await renewed(added, refresh))[1]["error"] == "invalid_grant"
    assert urlsplit((await opening(added, ILYA))[1]["url"]).path == "/app"


async def test_other_rights_need_the_installation_again(added: Installed) -> None:
    await install(added)
    before = await added.token()
    status, told = await added.portal.page("POST", "application", {"scope": ["task", "department"]})
    assert (status, told["application"]["installed"]) == (200, False)
    assert (await added.call("department.get", token=before))[1]["error"] == "insufficient_scope"
    await install(added)
    assert await added.ok("department.get")
    assert (await added.refused("im.notify.personal.add"))[1] == "insufficient_scope"


async def test_an_installation_outlives_a_restart_with_its_tokens_handlers_and_places(tmp_path: Path) -> None:
    options = Application(install_url="http://127.0.0.1:1/install")
    portal = Portal(tmp_path, application=options)
    async with running(portal) as started:
        await started.page("POST", "install", {"user": ANNA, "new": True})
        await started.page("POST", "install/finish", {"user": ANNA})
        form = (await started.page("POST", "open", {"user": ANNA, "device": "web"}))[1]["form"]
        body = {"event": "ONTASKADD", "handler": "http://127.0.0.1:1/events", "auth": form["AUTH_ID"]}
        await started.session.post(f"{started.http}/rest/event.bind", json=body)
    portal.close()
    again = Portal(tmp_path, application=options)
    assert again.installed
    assert again.application.client_id == portal.application.client_id != options.client_id
    assert [row.event for row in again.events.handlers] == ["ONTASKADD"]
    token = again.tokens.by_refresh(form["REFRESH_ID"])
    assert token is not None
    assert token.user_id == ANNA
    again.close()


async def test_the_library_is_served_where_applications_load_it_from(added: Installed) -> None:
    async with added.portal.session.get(f"{added.portal.http}/api/v1/") as response:
        assert response.content_type == "text/javascript"
        assert "installFinish" in await response.text()


async def test_the_page_around_the_frame_finishes_for_who_opened_it(added: Installed) -> None:
    sid = (await opening(added, ANNA))[1]["query"]["APP_SID"]
    status, told = await framed(added, sid, "getInitData")
    assert (status, told) == (200, {"IS_ADMIN": True, "INSTALL": True})
    assert (await framed(added, sid, "setInstallFinish")) == (200, {"INSTALL": False})
    assert added.state.installed
    _, fresh = await framed(added, sid, "refreshAuth")
    assert (await added.ok("profile", token=fresh["AUTH_ID"]))["ID"] == str(ANNA)


async def test_strangers_finish_nothing(added: Installed) -> None:
    sid = (await opening(added, ANNA))[1]["query"]["APP_SID"]
    assert (await framed(added, "0" * 32, "setInstallFinish"))[0] == 404
    assert (await framed(added, sid, "formatDisk"))[0] == 400
    assert (await framed(added, sid, "setInstallFinish", Origin="https://evil.example"))[0] == 403
    assert not added.state.installed


def test_the_installation_is_set_by_options() -> None:
    wanted = [
        "--app-install",
        "http://127.0.0.1:3/i",
        "--app-secret",
        "s",
        "--app-scope",
        "user,task",
        "--zone",
        "Asia/Omsk",
    ]
    config = parse([*wanted, "--app-api-only", "yes"], {})
    app = config.application
    assert (app.install_url, app.client_secret, app.scope, app.api_only) == (
        "http://127.0.0.1:3/i", "s", ("task", "user"), True,
    )  # fmt: skip
    assert config.zone == "Asia/Omsk"


async def renewed(app: Installed, refresh: str, **keys: str) -> tuple[int, Any]:
    own = app.state.application
    asked = {"grant_type": "refresh_token", "client_id": own.client_id, "client_secret": own.client_secret} | keys
    params = asked | {"refresh_token": refresh}
    async with app.portal.session.get(f"{app.portal.http}/oauth/token/", params=params) as response:
        return response.status, await response.json()


async def framed(app: Installed, sid: str, command: str, **headers: str) -> tuple[int, Any]:
    body = {"sid": sid, "command": command}
    async with app.portal.session.post(f"{app.portal.http}/portal/frame", json=body, headers=headers) as response:
        return response.status, await response.json()
