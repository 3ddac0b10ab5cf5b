"""What the demo writes and says before it starts anything."""

import json
import stat
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from posrednik import demo
from posrednik.config import Settings, load


@pytest.fixture
def places(tmp_path: Path) -> demo.Places:
    return demo.Places(tmp_path, 9000)


@pytest.fixture
def secrets(places: demo.Places) -> dict[str, str]:
    return demo._secrets(places.data_dir / "secrets.json")


@pytest.fixture
def settings(places: demo.Places, secrets: dict[str, str]) -> Settings:
    places.config.write_text(demo._config(places, secrets, {"d-1": 11}), encoding="utf-8")
    return load(str(places.config), {})


def test_the_service_and_the_portal_are_told_the_same_application(
    places: demo.Places, secrets: dict[str, str], settings: Settings
) -> None:
    env, portal = demo._sandbox(places, secrets).env, settings.bitrix24
    told = (env["POSREDNIK_SANDBOX_APP_CLIENT_ID"], env["POSREDNIK_SANDBOX_APP_TOKEN"])
    assert (portal.client_id, portal.application_token) == told
    assert portal.member_id == env["POSREDNIK_SANDBOX_MEMBER_ID"]
    assert portal.auth_url == portal.portal_url == f"http://{env['POSREDNIK_SANDBOX_PORTAL']}"
    assert env["POSREDNIK_SANDBOX_APP_PAGE"] == f"{settings.server.url}/courier/open"
    assert env["POSREDNIK_SANDBOX_APP_CHAT"] == f"{settings.server.url}/courier/open/chat"


def test_the_courier_opens_his_application_on_the_phone(places: demo.Places, secrets: dict[str, str]) -> None:
    links = {link["title"]: link for link in demo._links(places, secrets)}
    address = urlsplit(links["Приложение курьера"]["url"])
    assert (address.netloc, address.path) == (places.control, "/portal/open")
    assert parse_qs(address.query) == {"user": ["7"], "placement": ["DEFAULT"], "device": ["phone"]}
    assert links["Приложение курьера"]["role"] == links["Доставки"]["role"] == "courier"
    for title, page in (("Курьеры", "/couriers"), ("Разбор", "/incidents")):
        assert links[title]["url"].endswith(f"&to={page}")


def test_data_of_an_older_demo_gets_the_younger_secrets_and_keeps_its_own(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    file.write_text(json.dumps({"base": "b", "person": "p", "shop": "whsec_eA=="}))
    read = demo._secrets(file)
    assert (read["base"], read["person"], read["shop"]) == ("b", "p", "whsec_eA==")
    assert read["application"]
    assert demo._secrets(file) == read


def test_secrets_are_read_by_their_owner_only(places: demo.Places, secrets: dict[str, str]) -> None:
    mode = stat.S_IMODE((places.data_dir / "secrets.json").stat().st_mode)
    assert mode == 0o600
    assert len(set(secrets.values())) == len(secrets) == 9
