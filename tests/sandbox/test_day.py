"""The day that the start page plays: its button, its words, and what it says when the service is not there."""

import random
import string
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import aiohttp
import pytest
from tests.desk import until
from tests.sandbox.test_app import a_config

from posrednik_sandbox.app import Sandbox
from posrednik_sandbox.day import AlreadyPlayed
from posrednik_sandbox.day.photo import photo
from posrednik_sandbox.day.words import WORDS, language_of, say


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    """With a head of the office, and a service that does not answer."""
    sandbox = Sandbox(replace(a_config(tmp_path), office_token="head"))
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


async def test_who_has_no_key_of_the_office_sees_no_button(tmp_path: Path) -> None:
    sandbox = Sandbox(a_config(tmp_path))
    control = (await sandbox.start())["control"]
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{control}/") as page:
            assert "Прожить день" not in await page.text()
        async with http.post(f"{control}/api/day", json={}) as refused:
            assert refused.status == 404
    await sandbox.stop()


async def test_the_button_speaks_the_visitors_language(sandbox: Sandbox) -> None:
    async with aiohttp.ClientSession() as http:
        for language, text in (("ru", "Прожить день"), ("en-GB,en;q=0.8", "Play a day")):
            async with http.get(f"{sandbox.control.url}/", headers={"Accept-Language": language}) as page:
                assert text in await page.text()


async def test_a_day_without_the_service_ends_in_words_and_can_be_begun_again(sandbox: Sandbox) -> None:
    for _ in range(2):
        async with aiohttp.ClientSession() as http, http.post(f"{sandbox.control.url}/api/day", json={}) as begun:
            assert begun.status == 202
            assert (await begun.json())["state"] == "running"
        await until("the day has ended", _ended(sandbox))
        assert "Посредник не отвечает" in sandbox.day.told("ru")["text"]
        assert "Posrednik does not answer" in sandbox.day.told("en")["text"]


async def test_a_second_day_does_not_begin_beside_the_first(sandbox: Sandbox) -> None:
    sandbox.day.begin("ru")
    with pytest.raises(AlreadyPlayed):
        sandbox.day.begin("ru")
    await until("the day has ended", _ended(sandbox))


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("", "ru"), ("de", "ru"), ("ru,en;q=0.9", "ru"), ("en-US,ru;q=0.5", "en"), ("de,en", "en")],
)
def test_english_is_for_who_names_it_first(accepted: str, language: str) -> None:
    assert language_of(accepted) == language


def test_both_languages_say_the_same_of_the_same() -> None:
    assert WORDS["ru"].keys() == WORDS["en"].keys()
    for key, text in WORDS["ru"].items():
        assert _fields(text) == _fields(WORDS["en"][key]), key


def test_sums_are_written_as_each_language_writes_them() -> None:
    assert "1\u00a0234,50\u00a0₽" in say("ru", "short", who="Пётр", short=Decimal("1234.5"))
    assert "1,234.50\u00a0₽" in say("en", "short", who="Пётр", short=Decimal("1234.5"))
    assert "200\u00a0₽" in say("ru", "short", who="Пётр", short=Decimal(200))


def test_no_two_photos_are_the_same_file() -> None:
    rng = random.Random(1)
    assert len({photo(rng)[0] for _ in range(20)}) == 20


async def test_orders_near_each_other_are_a_few_houses_of_one_street(sandbox: Sandbox) -> None:
    courier = next(iter(sandbox.onec.store.names("courier")))
    made = sandbox.onec.prepare_day(courier, 3, near=True)
    addresses = [sandbox.onec.store.names("order")[str(one["ref"])]["address"] for one in made]
    assert len({one["text"].partition(", д.")[0] for one in addresses}) == 1
    assert len({one["latitude"] for one in addresses}) == 3
    assert max(one["latitude"] for one in addresses) - min(one["latitude"] for one in addresses) < 0.001


def _ended(sandbox: Sandbox) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return bool(sandbox.day.told("ru")["state"] != "running")

    return look


def _fields(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text)} - {None}
