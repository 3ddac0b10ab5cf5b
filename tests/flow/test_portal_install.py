"""An administrator installs the application on his portal; who is none, or forges it, changes nothing (portal.md)."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from httpx import Response
from tests.connectors.oauth_kit import ADMIN, EMPLOYEE, World, a_world
from tests.flow.entry_kit import home, with_courier
from tests.flow.exchange_client import Service, running, settings, until
from tests.flow.people_kit import Office

from posrednik import bootstrap, bootstrap_worker
from posrednik.config import Settings
from posrednik.kit.http import Sessions
from posrednik_sandbox.portal import opening

OPENS = "/courier/open"
DOOR = "/bitrix24/install"


@pytest.fixture
async def world(database: str) -> AsyncIterator[World]:
    async with a_world(database) as made:
        yield made


def configured(world: World, **more: Any) -> Settings:
    return settings(bitrix24=msgspec.structs.replace(world.settings().bitrix24, **more))


@pytest.fixture
async def service(world: World) -> AsyncIterator[Service]:
    async with running(world.dsn, configured(world)) as made:
        yield made


async def posted(
    service: Service, form: Mapping[str, str], door: str = DOOR, query: str = "", **headers: str
) -> Response:
    told = {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": home(), **headers}
    return await service.client.post(door + (f"?{query}" if query else ""), content=urlencode(form), headers=told)


def on_install(world: World, user: int = ADMIN, **auth: str) -> dict[str, str]:
    """ONAPPINSTALL as the server of the portal posts it."""
    page = world.form(user)
    told = {
        "access_token": page["AUTH_ID"], "refresh_token": page["REFRESH_ID"], "expires_in": "3600",
        "member_id": page["member_id"], "domain": world.portal.address, "user_id": str(user), "status": "L",
        "application_token": page["APPLICATION_TOKEN"], "client_endpoint": f"{world.url}/rest/", **auth,
    }  # fmt: skip
    data = {"event": "ONAPPINSTALL", "ts": "1", "data[VERSION]": "1", "data[LANGUAGE_ID]": "ru"}
    return data | {f"auth[{name}]": value for name, value in told.items()}


def on_uninstall(world: World, **auth: str) -> dict[str, str]:
    app = world.portal.application
    told = {"domain": world.portal.address, "member_id": app.member_id, "application_token": app.application_token}
    return {"event": "ONAPPUNINSTALL", "data[CLEAN]": "1"} | {f"auth[{k}]": v for k, v in (told | auth).items()}


async def state(service: Service) -> Any:
    rows = await service.rows("SELECT * FROM portal_install")
    return rows[0] if rows else None


def says_no(answer: Response, status: int, words: str) -> None:
    assert answer.status_code == status, answer.text
    assert words in answer.text
    assert "<script" not in answer.text


# -- yes


async def test_the_page_says_what_was_done_and_ends_the_installation_by_the_library_of_the_portal(
    service: Service, world: World
):
    answer = await posted(service, world.form())
    assert answer.status_code == 200, answer.text
    for words in (
        "Посредник установлен",
        world.portal.address,
        "пользователя № 1",
        "Завершить установку",
        "Всё на месте",
    ):
        assert words in answer.text
    assert "x-frame-options" not in answer.headers
    policy = answer.headers["content-security-policy"]
    assert policy.endswith(f"frame-ancestors 'self' {world.url}")
    assert "script-src 'self' https://api.bitrix24.tech" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    found = await state(service)
    assert (found["user_id"], found["state"], found["revision"]) == (ADMIN, "installed", 1)
    assert found["domain"] == world.portal.address
    assert set(found["scope"]) == set(world.portal.application.scope)


async def test_the_page_has_no_script_of_its_own_inside_and_its_script_is_served(service: Service, world: World):
    asked: list[str] = []

    class Reader(HTMLParser):
        inside = ""

        def handle_starttag(self, tag: str, attrs: list) -> None:
            asked.extend(str(value) for name, value in attrs if name in ("src", "href"))
            assert not [name for name, _ in attrs if name.startswith("on") or name == "style"]
            self.inside = tag

        def handle_data(self, data: str) -> None:
            assert self.inside != "script" or not data.strip()

        def handle_endtag(self, tag: str) -> None:
            self.inside = ""

    Reader().feed((await posted(service, world.form())).text)
    assert asked == ["https://api.bitrix24.tech/api/v1/", "/bitrix24/install.js"]
    script = await service.client.get("/bitrix24/install.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert "BX24.installFinish()" in script.text


async def test_from_server_to_server_it_is_installed_at_the_same_address(service: Service, world: World):
    answer = await posted(service, on_install(world))
    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    assert (await state(service))["state"] == "installed"


async def test_the_sandbox_installs_it_as_a_portal_does(world: World):
    """Its own posts, read by the real door: the page of an administrator, then ONAPPINSTALL."""
    async with running(world.dsn, configured(world)) as service:
        opened = opening.open_as(world.portal, ADMIN, "DEFAULT", "web", {})
        answer = await posted(service, opened.form, query=urlencode(opened.query))
        assert "Посредник установлен" in answer.text
        assert (await state(service))["revision"] == 1


async def test_what_is_missing_is_said_in_words(service: Service, world: World):
    world.portal.application = replace(world.portal.application, scope=("task", "user"))
    text = (await posted(service, world.form(APPLICATION_TOKEN=""))).text
    for words in ("Чего не хватает", "Чат и уведомления (im)", "Диск (disk)", "не передал токен приложения"):
        assert words in text
    assert "Задачи (task)" not in text


async def test_the_page_speaks_english_to_who_asks_for_it(service: Service, world: World):
    english = (await posted(service, world.form(), **{"Accept-Language": "en"})).text
    assert "Finish the installation" in english
    assert not re.search("[а-яА-Я]", english)


async def test_events_and_places_are_bound_at_once_and_again_after_a_second_installation(
    service: Service, world: World
):
    wanted = {"ONTASKADD", "ONTASKUPDATE", "ONTASKDELETE", "ONAPPUNINSTALL"}, {"LEFT_MENU", "IMMOBILE_CONTEXT_MENU"}
    for _ in range(2):
        text = (await posted(service, world.form())).text
        bound = {row.event for row in world.portal.events.handlers}, {row.placement for row in world.portal.placements}
        assert bound == wanted
        assert not list(world.portal.groups)[2:], "projects are made when somebody asks for them"
        assert "Чего не хватает" in text
        world.portal.events.unbind_all()
        for row in list(world.portal.placements):
            world.portal.placements.drop(row.id)


async def test_a_portal_that_binds_nothing_is_installed_all_the_same(service: Service, world: World):
    world.portal.faults.set("http_500_before", method="event.*")
    text = (await posted(service, world.form())).text
    assert "Посредник установлен" in text
    assert "Всё на месте" not in text
    assert (await state(service))["state"] == "installed"


async def test_installed_again_the_second_one_counts(service: Service, world: World):
    await posted(service, world.form())
    first = await state(service)
    await posted(service, world.form())
    second = await state(service)
    assert second["revision"] == 2
    assert second["access"] != first["access"]


async def test_workers_are_told_and_an_open_breaker_is_tried_at_once(service: Service, world: World):
    await service.rows("UPDATE destination SET breaker = 'open', breaker_until = now() + interval '1 hour' "
                       "WHERE kind = 'bitrix24' RETURNING id")  # fmt: skip
    await posted(service, world.form())
    [found] = await service.rows(
        "SELECT revision, breaker_until <= now() AS due FROM destination WHERE kind = 'bitrix24'"
    )
    assert found == {"revision": 2, "due": True}
    [line] = await service.rows("SELECT outcome, summary FROM journal WHERE system = 'bitrix24'")
    assert (line["outcome"], "№ 1" in line["summary"]) == ("installed", True)


async def test_a_delivery_becomes_a_task_by_the_tokens_of_the_application(world: World):
    told = configured(world, default_group=11)
    async with running(world.dsn, told) as service:
        await service.ready_order()
        db, sessions = bootstrap.database(told, world.dsn), Sessions()
        await db.open()
        worker = bootstrap_worker.worker(told, db, sessions)
        await worker.start()
        try:
            assert not list(world.portal.tasks)
            await posted(service, world.form())
            [task] = await until(lambda: _tasks(world))
            assert task.creator_id == ADMIN
            world.hour_later()
            await service.ready_order()
            assert len(await until(lambda: _tasks(world, 2))) == 2
            assert world.renewals() == 1
        finally:
            await worker.stop(1.0)
            await sessions.close()
            await db.close()


async def _tasks(world: World, least: int = 1) -> list[Any]:
    found = list(world.portal.tasks)
    return found if len(found) >= least else []


# -- no


async def test_who_is_no_administrator_installs_nothing(service: Service, world: World):
    says_no(await posted(service, world.form(EMPLOYEE)), 403, "только администратор портала")
    says_no(await posted(service, on_install(world, EMPLOYEE)), 403, f"номер {EMPLOYEE}")
    assert await state(service) is None


async def test_a_dismissed_administrator_installs_nothing(service: Service, world: World):
    form = world.form()
    user = world.portal.users.get(ADMIN)
    assert user is not None
    user.active = False
    says_no(await posted(service, form), 403, "не подтвердил вход")
    assert await state(service) is None


@pytest.mark.parametrize(("fault", "status", "words"), [
    ("open_expired", 403, "не подтвердил вход"), ("open_other_app", 403, "другим приложением"),
    ("open_other_member", 403, "с другого портала"), ("auth_down", 503, "сейчас не отвечает"),
])  # fmt: skip
async def test_a_token_that_is_not_of_our_installation_changes_nothing(
    service: Service, world: World, fault: str, status: int, words: str
):
    world.portal.faults.set(fault)
    opened = opening.open_as(world.portal, ADMIN, "DEFAULT", "web", {})
    says_no(await posted(service, opened.form), status, words)
    assert await state(service) is None


async def test_the_addresses_that_are_posted_are_never_called(service: Service, world: World):
    async with a_world(world.dsn) as evil:
        token = evil.form()
        bad = {"SERVER_ENDPOINT": f"{evil.url}/rest/", "DOMAIN": evil.portal.address, "client_endpoint": evil.url}
        says_no(
            await posted(service, {**token, **bad}, query=f"DOMAIN={evil.portal.address}&PROTOCOL=0"),
            403,
            "не подтвердил",
        )
        event = on_install(evil, server_endpoint=f"{evil.url}/rest/")
        says_no(await posted(service, event), 403, "не подтвердил")
        assert evil.asked == []
    assert await state(service) is None


async def test_a_portal_that_says_no_more_than_half_installs_nothing(service: Service, world: World):
    form = world.form()
    for fault in ("http_500_before", "overload", "token_expired"):
        world.portal.faults.set(fault)
        answer = await posted(service, form)
        assert answer.status_code in (403, 503), answer.text
        world.portal.faults.clear()
    assert await state(service) is None


async def test_without_the_key_of_the_application_nothing_is_kept(world: World):
    async with running(world.dsn, configured(world, client_secret="")) as service:
        says_no(await posted(service, world.form()), 403, "client_secret")
        assert await state(service) is None


async def test_a_configured_application_token_must_be_the_posted_one(world: World):
    async with running(world.dsn, configured(world, application_token="another-token")) as service:
        says_no(await posted(service, world.form()), 403, "другим приложением")
        assert world.asked == []


async def test_without_an_application_there_is_no_such_door(database: str):
    async with running(database) as service:
        says_no(await posted(service, {"AUTH_ID": "a" * 20, "REFRESH_ID": "b" * 20}), 404, "не настроен")


NO_FORMS = [
    {}, {"AUTH_ID": "a" * 20}, {"AUTH_ID": "a" * 20, "REFRESH_ID": ""}, {"AUTH_ID": "ж" * 20, "REFRESH_ID": "b" * 20},
    {"AUTH_ID": "a" * 2000, "REFRESH_ID": "b" * 20}, {"AUTH_ID": "a a" * 9, "REFRESH_ID": "b" * 20},
    {"event": "ONAPPINSTALL"}, {"event": "ONTASKADD", "auth[access_token]": "a" * 20, "auth[refresh_token]": "b" * 20},
    {"event": "ONAPPINSTALL", "auth[access_token]": "a" * 20, "auth[refresh_token]": "b" * 20,
     "auth[application_token]": "с" * 20},
]  # fmt: skip


async def test_a_form_that_is_no_installation_is_told_so(service: Service, world: World):
    for form in NO_FORMS:
        says_no(await posted(service, form), 400, "не похож на открытие")
    assert world.asked == []


async def test_the_door_is_narrow(no_time_passes: None, service: Service, world: World):
    post = service.client.post
    says_no(await post(DOOR, json={"AUTH_ID": "x"}), 415, "не похож")
    says_no(await post(DOOR, content=b"a=" + b"x" * 70_000), 413, "не похож")
    says_no(await post(DOOR, content="&".join(f"a{n}=1" for n in range(200))), 400, "не похож")
    headers = {"X-Forwarded-For": home()}
    answers = [await post(DOOR, headers=headers) for _ in range(62)]
    says_no(answers[-1], 429, "Слишком много")
    answer = await service.client.get(DOOR)
    assert (answer.status_code, answer.headers["location"]) == (303, "/office/")
    assert world.asked == []


# -- afterwards


async def test_openings_must_bring_the_token_of_the_installation(service: Service, world: World):
    await with_courier(service, bitrix24_user=str(EMPLOYEE))
    assert (await posted(service, world.form(EMPLOYEE, APPLICATION_TOKEN="anything"), OPENS)).status_code == 303
    await posted(service, world.form())
    says_no(await posted(service, world.form(EMPLOYEE, APPLICATION_TOKEN="anything"), OPENS), 403, "другим приложением")
    assert (await posted(service, world.form(EMPLOYEE), OPENS)).status_code == 303


async def test_an_administrators_opening_heals_dead_tokens_whoever_he_is_here(service: Service, world: World):
    await with_courier(service, bitrix24_user=str(EMPLOYEE))
    await posted(service, world.form())
    await service.rows("UPDATE portal_install SET state = 'broken', code = 'token_dead' RETURNING domain")
    assert (await posted(service, world.form(EMPLOYEE), OPENS)).status_code == 303
    assert (await state(service))["state"] == "broken"
    says_no(await posted(service, world.form(), "/office/open"), 403, "нет доступа к Посреднику")
    healed = await state(service)
    assert (healed["state"], healed["user_id"], healed["revision"]) == ("installed", ADMIN, 2)


async def test_tokens_that_were_idle_for_five_months_are_replaced_too(service: Service, world: World):
    await posted(service, world.form())
    await posted(service, world.form(), OPENS)
    assert (await state(service))["revision"] == 1
    await service.rows("UPDATE portal_install SET refreshed_at = now() - interval '151 days' RETURNING domain")
    await posted(service, world.form(), OPENS)
    assert (await state(service))["revision"] == 2


async def test_the_page_of_the_application_leads_people_of_the_office_to_theirs(service: Service, world: World):
    says_no(await posted(service, world.form(), OPENS), 403, "на странице «Люди»")
    await Office(service).hired("anna", ["administrator"], bitrix24_user=str(ADMIN))
    form = world.form()
    first, again = [(await posted(service, form, OPENS)).headers["location"] for _ in range(2)]
    assert re.fullmatch(r"/office/#ticket=[\w-]{43}", first)
    assert again == "/office/"


async def test_a_removed_application_is_forgotten_with_its_secrets(service: Service, world: World):
    await posted(service, world.form())
    for forged in ({"application_token": "guessed"}, {"member_id": "another"}, {"domain": "evil.example"},
                   {"application_token": ""}, {"application_token": "ж"}):  # fmt: skip
        says_no(await posted(service, on_uninstall(world, **forged)), 403, "другим приложением")
    assert (await state(service))["state"] == "installed"
    assert (await posted(service, on_uninstall(world))).json() == {"ok": True}
    found = await state(service)
    assert (found["state"], found["access"], found["refresh"], found["application_token"]) == (
        "uninstalled", None, None, None,
    )  # fmt: skip
    says_no(await posted(service, on_uninstall(world)), 403, "другим приложением")
    assert (await posted(service, world.form())).status_code == 200
    assert (await state(service))["state"] == "installed"


async def test_secrets_of_an_installation_are_in_no_log_and_in_no_table(
    service: Service, world: World, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
):
    caplog.set_level("DEBUG")
    await posted(service, world.form())
    await posted(service, on_install(world, EMPLOYEE))
    await posted(service, on_uninstall(world, application_token="guessed-token"))
    world.portal.faults.set("auth_down")
    answer = await posted(service, world.form())
    tables = [
        await service.rows(f"SELECT t::text AS row FROM {name} t") for name in ("portal_install", "journal", "secret")
    ]
    told = "".join(capfd.readouterr()) + caplog.text + answer.text + str(tables)
    assert not [secret for secret in {*world.secrets(), "guessed-token"} if secret in told]
