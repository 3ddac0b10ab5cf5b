"""The sandbox process: ports, power switches, pages, the strip, its end."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import pytest

from posrednik_sandbox.app import Sandbox
from posrednik_sandbox.config import Address, Config, parse
from posrednik_sandbox.traffic import Traffic

SECRET = "whsec_c2FuZGJveC1zaG9wLXNlY3JldC0wMDAx"
FREE = Address("127.0.0.1", 0)


def a_config(folder: Path) -> Config:
    return Config(
        control=FREE,
        portal=FREE,
        shop=FREE,
        posrednik="http://127.0.0.1:9",
        base_id=UUID(int=5),
        base_token="token",
        shop_secrets=(SECRET,),
        data_dir=folder,
        links=(
            {"title": "Где мой <заказ>", "url": "http://127.0.0.1:9/", "about": "путь заказа", "role": "logistician"},
        ),
        orders=3,
    )


@pytest.fixture
async def ready(tmp_path: Path) -> AsyncIterator[dict[str, Any]]:
    sandbox = Sandbox(a_config(tmp_path))
    yield await sandbox.start()
    await sandbox.stop()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def json_of(http: aiohttp.ClientSession, url: str) -> Any:
    async with http.get(url) as response:
        assert response.status == 200, url
        return await response.json()


@pytest.mark.parametrize(
    "path", ["/", "/onec/", "/onec/exchange", "/onec/documents", "/onec/orders/any", "/shop/", "/portal/"]
)
async def test_pages_are_served_in_russian(ready: dict[str, Any], http: aiohttp.ClientSession, path: str) -> None:
    async with http.get(ready["control"] + path) as response:
        text = await response.text()
    assert response.status == 200
    assert 'lang="ru"' in text
    assert "Песочница" in text


async def test_start_page_shows_links_escaped_under_their_role(
    ready: dict[str, Any], http: aiohttp.ClientSession
) -> None:
    async with http.get(ready["control"] + "/") as response:
        text = await response.text()
    role = text[text.index("role logistician") : text.index("role administrator")]
    assert "Где мой &lt;заказ&gt;" in role
    assert "путь заказа" in role


@pytest.mark.parametrize("name", ["sandbox.css", "sandbox.js", "start.js", "onec.js", "shop.js", "icon.svg"])
async def test_static_files_are_there(ready: dict[str, Any], http: aiohttp.ClientSession, name: str) -> None:
    async with http.get(f"{ready['control']}/ui/{name}") as response:
        assert response.status == 200


@pytest.mark.parametrize("system", ["portal", "shop"])
async def test_switched_off_system_refuses_connections_and_comes_back(
    ready: dict[str, Any], http: aiohttp.ClientSession, system: str
) -> None:
    async with http.get(ready[system]) as response:
        assert response.status < 600
    off = {"system": system, "on": False}
    async with http.post(ready["control"] + "/api/switch", json=off) as response:
        states = {item["system"]: item["on"] for item in (await response.json())["systems"]}
    assert states == {"onec": True, "portal": True, "shop": True} | {system: False}
    with pytest.raises(aiohttp.ClientError):
        await http.get(ready[system])
    await http.post(ready["control"] + "/api/switch", json={"system": system, "on": True})
    async with http.get(ready[system]) as response:
        assert response.status < 600


async def test_switched_off_base_keeps_the_command_and_says_so(
    ready: dict[str, Any], http: aiohttp.ClientSession
) -> None:
    await http.post(ready["control"] + "/api/switch", json={"system": "onec", "on": False})
    orders = (await json_of(http, ready["control"] + "/onec/api/orders"))["orders"]
    url = f"{ready['control']}/onec/api/orders/{orders[0]['ref']}/ready"
    async with http.post(url, json={}) as response:
        pressed = await response.json()
    assert pressed["saved"]
    assert (await json_of(http, ready["control"] + "/onec/api/state"))["queue"]["commands"] == 1


async def test_unknown_system_is_refused(ready: dict[str, Any], http: aiohttp.ClientSession) -> None:
    async with http.post(ready["control"] + "/api/switch", json={"system": "moon", "on": True}) as response:
        assert response.status == 400


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
async def test_post_from_a_foreign_page_is_refused(
    ready: dict[str, Any], http: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    off = {"system": "shop", "on": False}
    async with http.post(ready["control"] + "/api/switch", json=off, headers=headers) as response:
        assert response.status == 403
    states = (await json_of(http, ready["control"] + "/api/switch"))["systems"]
    assert all(item["on"] for item in states)


async def test_foreign_host_name_is_refused(ready: dict[str, Any], http: aiohttp.ClientSession) -> None:
    async with http.get(ready["control"] + "/", headers={"Host": "evil.example"}) as response:
        assert response.status == 403


async def test_strip_tells_what_is_new_after_a_line(ready: dict[str, Any], http: aiohttp.ClientSession) -> None:
    first = await json_of(http, ready["control"] + "/api/traffic")
    await http.post(ready["control"] + "/api/switch", json={"system": "shop", "on": False})
    fresh = await json_of(http, f"{ready['control']}/api/traffic?after={first['next']}")
    assert any("Магазин: система выключена" in line["text"] for line in fresh["lines"])


async def test_shop_knows_the_orders_that_came_from_it(ready: dict[str, Any], http: aiohttp.ClientSession) -> None:
    made = {"count": 30, "ready": False}
    async with http.post(ready["control"] + "/onec/api/orders", json=made) as response:
        assert response.status == 201
    orders = (await json_of(http, ready["control"] + "/shop/api/orders"))["orders"]
    onec = (await json_of(http, ready["control"] + "/onec/api/orders"))["orders"]
    assert {item["ref"] for item in orders} == {item["ref"] for item in onec if item["site_number"]}


async def test_overview_says_that_posrednik_is_silent(ready: dict[str, Any], http: aiohttp.ClientSession) -> None:
    overview = await json_of(http, ready["control"] + "/api/overview")
    assert overview["posrednik"] == {"url": "http://127.0.0.1:9", "alive": False}


def test_repeated_lines_of_the_strip_fold_into_one() -> None:
    traffic = Traffic()
    for _ in range(3):
        traffic.add("onec", "не отвечает", ok=False, merge="later")
    lines = traffic.after(0)["lines"]
    assert [(line["times"], line["seq"], line["id"]) for line in lines] == [(3, 3, 1)]
    assert traffic.after(3)["lines"] == []


def test_settings_come_from_the_command_line_before_the_environment(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("secret\n")
    env = {"POSREDNIK_SANDBOX_POSREDNIK": "http://127.0.0.1:1", "POSREDNIK_SANDBOX_SEED": "9"}
    config = parse(["--posrednik", "http://127.0.0.1:2/", "--base-token-file", str(token)], env)
    assert (config.posrednik, config.seed, config.base_token) == ("http://127.0.0.1:2", 9, "secret")


def test_the_portal_allows_from_the_start_what_its_tariff_allows(tmp_path: Path) -> None:
    assert Sandbox(parse(["--data-dir", str(tmp_path / "1")], {})).portal.limits.tariff == "standard"
    env = {"POSREDNIK_SANDBOX_TARIFF": "box"}
    assert Sandbox(parse(["--data-dir", str(tmp_path / "2")], env)).portal.limits.tariff == "box"


def test_address_beyond_this_machine_is_refused() -> None:
    with pytest.raises(ValueError, match="loopback"):
        Address.parse("0.0.0.0:8100")


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
async def test_process_says_ready_and_stops_cleanly(tmp_path: Path, name: signal.Signals) -> None:
    ports = [part for option in ("--control", "--portal", "--shop") for part in (option, "127.0.0.1:0")]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "posrednik_sandbox", *ports, "--die-with-parent"),
        *("--posrednik", "http://127.0.0.1:9", "--data-dir", str(tmp_path), "--orders", "2"),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    ready = json.loads(await process.stdout.readline())
    assert ready["ready"]
    assert len({ready["control"], ready["portal"], ready["shop"]}) == 3
    process.send_signal(name)
    assert await asyncio.wait_for(process.wait(), 45) == 0


PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-m", "posrednik_sandbox", *sys.argv[1:]], stdout=subprocess.PIPE)
print(child.stdout.readline().decode(), end="", flush=True)
child.wait()
"""


async def test_process_ends_with_its_parent_if_asked(tmp_path: Path, http: aiohttp.ClientSession) -> None:
    ports = [part for option in ("--control", "--portal", "--shop") for part in (option, "127.0.0.1:0")]
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, *ports, "--die-with-parent", "--orders", "1"),
        *("--posrednik", "http://127.0.0.1:9", "--data-dir", str(tmp_path)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert parent.stdout is not None
    ready = json.loads(await parent.stdout.readline())
    parent.kill()
    await parent.wait()
    async with asyncio.timeout(60):
        while await answers(http, ready["control"]):
            await asyncio.sleep(0.05)


async def answers(http: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with http.get(url + "/api/switch") as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False


async def test_busy_port_is_said_in_one_line(tmp_path: Path, ready: dict[str, Any]) -> None:
    taken = ready["control"].removeprefix("http://")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "posrednik_sandbox", "--control", taken, "--data-dir", str(tmp_path / "other")),
        stderr=asyncio.subprocess.PIPE,
    )
    _, error = await process.communicate()
    assert process.returncode == 1
    assert "Traceback" not in error.decode()
    assert taken.rsplit(":", 1)[1] in error.decode()


async def test_the_service_stands_first_where_the_courier_begins(tmp_path: Path, http: aiohttp.ClientSession) -> None:
    link = {"title": "Приложение курьера", "url": "/portal/open?user=7", "role": "courier"}
    sandbox = Sandbox(replace(a_config(tmp_path), links=(link,)))
    ready = await sandbox.start()
    try:
        async with http.get(ready["control"] + "/") as response:
            text = await response.text()
        role = text[text.index("role courier") : text.index("role logistician")]
        assert role.index("Приложение курьера") < role.index("Канбан доставок")
    finally:
        await sandbox.stop()


async def test_an_opening_leads_to_the_portals_own_address_and_names_it(
    ready: dict[str, Any], http: aiohttp.ClientSession
) -> None:
    body = {"user": 7, "placement": "DEFAULT", "device": "phone"}
    async with http.post(ready["control"] + "/portal/api/open", json=body) as response:
        opening = await response.json()
    assert f"http://{opening['query']['DOMAIN']}" == ready["portal"]
    assert opening["url"].endswith("/courier/open")
    query = {"user": "7", "placement": "DEFAULT", "device": "web"}
    async with http.get(ready["control"] + "/portal/open", params=query, allow_redirects=False) as response:
        assert response.headers["Location"].startswith(ready["portal"] + "/portal/open?")
    lines = (await json_of(http, ready["control"] + "/api/traffic"))["lines"]
    assert any("Битрикс24 → Посредник: Илья Петров открывает приложение" in line["text"] for line in lines)


def test_settings_of_the_application_come_from_options_and_follow_the_service() -> None:
    plain = parse(["--posrednik", "http://127.0.0.1:2/"], {}).application
    assert plain.page_url == "http://127.0.0.1:2/courier/open"
    assert plain.chat_url == "http://127.0.0.1:2/courier/open/chat"
    assert plain.office_url == "http://127.0.0.1:2/office/open"
    env = {"APP_CLIENT_ID": "local.1", "APP_TOKEN": "t", "MEMBER_ID": "m", "APP_MOBILE": "no"}
    env |= {
        "APP_PAGE": "http://127.0.0.1:3/a",
        "APP_CHAT": "https://courier.example/b",
        "APP_OFFICE": "http://127.0.0.1:3/c",
    }
    known = parse([], {f"POSREDNIK_SANDBOX_{key}": value for key, value in env.items()}).application
    assert (known.client_id, known.application_token, known.member_id, known.mobile) == ("local.1", "t", "m", False)
    assert known.origins == ["http://127.0.0.1:3", "https://courier.example"]


@pytest.mark.parametrize("wrong", ["--app-page=ftp://x/", "--app-chat=http://a;b/", "--app-mobile=maybe"])
def test_settings_of_the_application_that_cannot_be_are_refused(wrong: str) -> None:
    with pytest.raises(SystemExit):
        parse([wrong], {})
