"""What an installation's form brings, read without believing it, and the words for its people."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posrednik.domain.entry import NotVerified
from posrednik.domain.portal_install import (
    LONGEST_LIFE_S,
    NEEDED_SCOPES,
    auth_of,
    event_of,
    life_of,
    missing_scopes,
    posted_of,
    rest_after,
    scope_of,
)
from posrednik.domain.texts_portal import INSTALLED, NO_ACCESS, SCOPES, installed, no_access

NAMES = [
    "AUTH_ID", "REFRESH_ID", "AUTH_EXPIRES", "APPLICATION_TOKEN", "member_id", "event", "auth[access_token]",
    "auth[refresh_token]", "auth[expires_in]", "auth[application_token]", "auth[", "auth[]", "auth[domain]",
]  # fmt: skip
VALUES = st.text(max_size=12) | st.sampled_from(["a" * 20, "ONAPPINSTALL", "3600", "1" * 400])


@given(form=st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_any_form_is_read_or_refused_and_what_is_read_fits_a_header(form: dict[str, str]):
    try:
        posted = posted_of(form)
    except NotVerified:
        return
    for token in (posted.access, posted.refresh):
        assert re.fullmatch("[!-~]{8,1024}", token)
    assert 0 <= posted.expires_in_s <= LONGEST_LIFE_S
    assert "access" not in repr(posted)


@given(told=st.text() | st.integers())
def test_a_life_is_seconds_within_reason(told: str | int):
    assert 0 <= life_of(told) <= LONGEST_LIFE_S


def test_both_forms_bring_the_same():
    page = {"AUTH_ID": "a" * 20, "REFRESH_ID": "r" * 20, "AUTH_EXPIRES": "60", "APPLICATION_TOKEN": "t",
            "member_id": "m", "DOMAIN": "d"}  # fmt: skip
    event = {
        "event": "onappinstall", "auth[access_token]": "a" * 20, "auth[refresh_token]": "r" * 20,
        "auth[expires_in]": "60", "auth[application_token]": "t", "auth[member_id]": "m", "auth[domain]": "d",
    }  # fmt: skip
    assert posted_of(page) == posted_of(event)
    assert (event_of(page), event_of(event), auth_of(page)) == ("", "ONAPPINSTALL", {})


def test_rights_that_are_missing_are_those_that_were_not_given():
    assert scope_of(" Task, user,,task ") == ("task", "user")
    assert missing_scopes(NEEDED_SCOPES) == []
    assert missing_scopes(["task", "crm"]) == [one for one in NEEDED_SCOPES if one != "task"]
    assert set(SCOPES) == set(NEEDED_SCOPES)


def test_pauses_between_tries_grow_up_to_five_minutes():
    assert [rest_after(n) for n in (0, 1, 4, 5, 10_000)] == [15, 30, 240, 300, 300]


@pytest.mark.parametrize("words", [*NO_ACCESS.values(), *SCOPES.values(), *INSTALLED.values()])
def test_every_text_is_in_both_languages(words: tuple[str, str]):
    russian, english = words
    assert re.search("[а-яА-Я]", russian)
    assert not re.search("[а-яА-Я]", english)
    assert set(re.findall(r"{\w+}", russian)) == set(re.findall(r"{\w+}", english))


def test_an_unknown_reason_is_told_as_a_dead_token():
    assert no_access("?") == no_access("token_dead")
    assert installed("user", user="7").startswith("Посредник действует от имени пользователя № 7")
