"""Codes as people type them, phones as people tell them apart, and the pages that say no."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posrednik.api.couriers import masked
from posrednik.api.entry import PAGE, STATUS, address_of
from posrednik.api.services import Tries
from posrednik.config import ConfigError, load
from posrednik.domain.texts_entry import ENTRY_PAGES, page_words
from posrednik.usecases.let_in import ALPHABET, CODE_LENGTH, TICKET_LENGTH, can_be_guessed, device_label, folded

CYRILLIC = dict(zip("ABEKMHPCTYX", "АВЕКМНРСТУХ", strict=True))
codes = st.text(ALPHABET, min_size=CODE_LENGTH, max_size=CODE_LENGTH)


@st.composite
def typings(draw: st.DrawFn) -> tuple[str, str]:
    """(a code, one way of typing it)"""
    code, typed = draw(codes), ""
    for letter in code:
        shape = draw(st.sampled_from([letter, letter.lower(), CYRILLIC.get(letter, letter),
                                      CYRILLIC.get(letter, letter).lower()]))  # fmt: skip
        typed += draw(st.sampled_from(["", "", " ", "-", " – ", "\u00a0"])) + shape
    return code, typed + draw(st.sampled_from(["", " ", "\n"]))


@given(typings())
def test_a_code_is_read_however_it_is_typed(typing: tuple[str, str]):
    code, typed = typing
    assert folded(typed) == code
    assert can_be_guessed(typed)


@given(codes, codes)
def test_two_codes_are_never_read_as_one(one: str, other: str):
    assert (folded(one.lower()) == folded(other)) == (one == other)


@given(st.text(max_size=60))
def test_reading_twice_changes_nothing(typed: str):
    assert folded(folded(typed)) == folded(typed)


def test_codes_are_short_and_tickets_too_long_to_be_guessed():
    assert len(ALPHABET) ** CODE_LENGTH > 2**39
    assert len(ALPHABET) ** TICKET_LENGTH > 2**128
    assert not can_be_guessed("2" * TICKET_LENGTH)


# -- phones


@pytest.mark.parametrize(("phone", "shown"), [
    ("+7 (912) 345-67-89", "+7 912 ***-**-89"), ("89123456789", "+7 912 ***-**-89"), ("", ""), ("02", ""),
    ("+375 29 123-45-67", "***-**-67"), ("нет", ""),
])  # fmt: skip
def test_a_phone_number_is_masked(phone: str, shown: str):
    assert masked(phone) == shown


@given(st.text(max_size=40))
def test_a_masked_number_never_has_more_than_six_digits_of_it(phone: str):
    assert len(re.findall(r"\d", masked(phone))) <= 6


@pytest.mark.parametrize(("agent", "label"), [
    ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Mobile Safari/537.36",
     "Android, Chrome"),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile Safari/604.1",
     "iPhone, Safari"),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605 BitrixMobile/Version=60",
     "iPhone, Битрикс24"),
    ("Mozilla/5.0 (Linux; arm_64; Android 13) Chrome/126 YaBrowser/24.7 Mobile Safari/537.36",
     "Android, Яндекс Браузер"),
    ("Mozilla/5.0 (Windows NT 10.0) Chrome/131.0 Safari/537.36 Edg/131.0", "Windows, Edge"),
    ("curl/8", "неизвестное устройство"), ("", "неизвестное устройство"),
])  # fmt: skip
def test_a_phone_is_called_by_its_system_and_browser(agent: str, label: str):
    assert device_label(agent) == label


# -- tries


def test_tries_are_counted_and_those_given_back_are_not(monkeypatch: pytest.MonkeyPatch):
    tries, now = Tries(most=2, within_s=600), 1000.0
    monkeypatch.setattr("posrednik.api.services.time.monotonic", lambda: now)
    assert tries.take() == 0
    tries.give_back()
    assert (tries.take(), tries.take()) == (0, 0)
    now += 590
    assert tries.take() == pytest.approx(10)
    now += 10
    assert tries.take() == 0


class Asked:
    def __init__(self, peer: str | None, forwarded: str = "") -> None:
        self.client = type("Peer", (), {"host": peer}) if peer is not None else None
        self.headers = {"x-forwarded-for": forwarded} if forwarded else {}


@pytest.mark.parametrize(("peer", "forwarded", "counted"), [
    ("203.0.113.5", "", "203.0.113.5"), ("203.0.113.5", "198.51.100.1", "203.0.113.5"),
    ("127.0.0.1", "198.51.100.1", "198.51.100.1"), ("::1", "10.0.0.1, 198.51.100.1", "198.51.100.1"),
    ("127.0.0.1", "", "127.0.0.1"), ("127.0.0.1", "unknown", "127.0.0.1"), (None, "", ""),
    ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"), ("fe80::1%eth0", "", "fe80::/64"),
])  # fmt: skip
def test_limits_count_the_address_that_can_be_believed(peer: str | None, forwarded: str, counted: str):
    assert address_of(Asked(peer, forwarded)) == counted  # type: ignore[arg-type]


# -- pages


@pytest.mark.parametrize("code", ENTRY_PAGES)
def test_a_page_says_it_in_both_languages(code: str):
    for russian, english in zip(page_words(code), page_words(code, "en"), strict=True):
        assert re.search("[а-я]", russian)
        assert not re.search("[а-я]", english)
    assert "{" not in "".join(page_words(code, user="7"))


def test_every_code_of_a_status_has_a_page_and_an_unknown_code_too():
    assert set(STATUS) <= set(ENTRY_PAGES)
    assert page_words("?") == page_words("internal_error")


def test_a_page_is_whole_by_itself():
    asked: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list) -> None:
            asked.extend(name for name, _ in attrs if name in ("src", "href", "style") or name.startswith("on"))
            assert tag not in ("script", "link", "img", "iframe")

    Reader().feed(PAGE.substitute(lang="ru", title="T", text="t"))
    assert asked == []


# -- settings


def read(**bitrix24: str):
    return load(None, {f"POSREDNIK_BITRIX24_{name.upper()}": value for name, value in bitrix24.items()}).bitrix24


def test_an_application_of_the_portal_needs_no_webhook():
    known = read(client_id="local.1", portal_url="https://x.bitrix24.ru")
    assert known.auth_url == "https://oauth.bitrix24.tech"
    assert read(client_id="local.1", portal_url="http://127.0.0.1:1", auth_url="http://localhost:2").client_id


@pytest.mark.parametrize(("told", "keys"), [
    ("client_id", {"client_secret": "b", "portal_url": "https://x.bitrix24.ru"}),
    ("js_url", {"client_id": "a", "portal_url": "https://x.bitrix24.ru", "js_url": "http://api.example/"}),
    ("portal_url", {"client_id": "a"}),
    ("portal_url", {"client_id": "a", "portal_url": "http://x.bitrix24.ru"}),
    ("portal_url", {"client_id": "a", "portal_url": "x.bitrix24.ru"}),
    ("auth_url", {"client_id": "a", "portal_url": "https://x.bitrix24.ru", "auth_url": "http://oauth.example"}),
    ("auth_url", {"client_id": "a", "portal_url": "https://x.bitrix24.ru", "auth_url": "https://u:p@oauth.example"}),
    ("auth_url", {"client_id": "a", "portal_url": "https://x.bitrix24.ru", "auth_url": "https://[oauth"}),
    ("auth_url", {"client_id": "a", "portal_url": "https://x.bitrix24.ru", "auth_url": ""}),
])  # fmt: skip
def test_what_the_entry_cannot_use_is_told_by_its_key(told: str, keys: dict[str, str]):
    with pytest.raises(ConfigError, match=told):
        read(**keys)
