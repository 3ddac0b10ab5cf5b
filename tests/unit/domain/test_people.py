"""Logins, passwords, codes and pauses: rules that hold for every input."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posrednik.domain.people import (
    FREE_TRIES,
    PAUSES,
    TOTP_STEP_S,
    LoginUnfit,
    PasswordTooPlain,
    PasswordTooShort,
    RoleUnknown,
    administrators_left,
    check_password,
    login_of,
    otpauth,
    pause_after,
    roles_of,
    totp,
    totp_step,
)  # fmt: skip
from posrednik.domain.rights import Role

RFC_SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("at", "code"),
    [(59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (1234567890, "89005924"),
     (2000000000, "69279037"), (20000000000, "65353130")],
)  # fmt: skip
def test_codes_are_those_of_the_standard(at: int, code: str):
    """RFC 6238, appendix B, SHA-1; telephones show the last six of its eight digits."""
    assert totp(RFC_SECRET, at // TOTP_STEP_S) == code[2:]


@given(
    secret=st.binary(min_size=10, max_size=40), step=st.integers(9, 2**40), off=st.integers(-3, 3),
    used=st.integers(-5, 5),
)  # fmt: skip
def test_a_code_counts_one_step_off_at_most_and_never_after_it_or_a_later_one_was_used(
    secret: bytes, step: int, off: int, used: int
):
    found = totp_step(secret, totp(secret, step + off), step * TOTP_STEP_S, step + used)
    if abs(off) <= 1 and off > used:
        assert found is not None
    assert found is None or (abs(found - step) <= 1 and found > step + used)


@given(typed=st.text())
def test_nothing_but_the_code_is_the_code(typed: str):
    right = {totp(RFC_SECRET, step) for step in (0, 1, 2)}
    if not any(code in "".join(typed.split()).replace("-", "") for code in right):
        assert totp_step(RFC_SECRET, typed, 59, 0) is None


def test_a_code_may_be_typed_as_the_telephone_shows_it():
    code = totp(RFC_SECRET, 1)
    assert totp_step(RFC_SECRET, f" {code[:3]} {code[3:]}", 59, 0) == 1


@given(typed=st.text())
def test_a_login_is_kept_in_one_form_or_refused(typed: str):
    try:
        login = login_of(typed)
    except LoginUnfit:
        return
    assert login == login_of(login) == login_of(typed.upper().lower())
    assert 2 <= len(login) <= 64


@given(password=st.text(max_size=250))
def test_a_password_is_judged_by_its_length_and_by_what_is_plain(password: str):
    if not 10 <= len(password) <= 200:
        with pytest.raises(PasswordTooShort):
            check_password(password, "anna")
    elif len(set(password.lower())) < 5:
        with pytest.raises(PasswordTooPlain):
            check_password(password, "anna")


@pytest.mark.parametrize(
    "password",
    ["1234567890", "qwertyuiop", "йцукенгшщз", "aaaaaaaaaa", "Administrator1", "0987654321"],
)
def test_what_is_tried_first_is_too_plain(password: str):
    with pytest.raises(PasswordTooPlain):
        check_password(password, "administrator")


def test_several_words_are_a_password():
    check_password("трилистника хватит всем", "anna")


@given(failed=st.integers(0, 10_000), kind=st.sampled_from(["login", "address"]))
def test_the_pause_begins_after_the_free_tries_and_never_shrinks(failed: int, kind: str):
    before, after = pause_after(failed, kind), pause_after(failed + 1, kind)
    assert (before is None) == (failed < FREE_TRIES[kind])
    assert (before or timedelta(0)) <= (after or timedelta(0)) <= PAUSES[-1]


@given(named=st.lists(st.sampled_from([*Role]), max_size=8))
def test_roles_are_kept_once_and_never_none(named: list[Role]):
    if not named:
        with pytest.raises(RoleUnknown):
            roles_of(named)
    else:
        assert roles_of(named) == sorted(set(named))


def test_an_administrator_is_left_who_is_active_and_not_limited():
    whole = ([Role.ADMINISTRATOR], True, None)
    assert administrators_left([whole])
    for short in (([Role.HEAD], True, None), ([Role.ADMINISTRATOR], False, None), ([Role.ADMINISTRATOR], True, ["d"])):
        assert not administrators_left([short])


def test_the_telephone_is_told_who_it_is_for():
    assert otpauth("anna@x", "ABC", "Посредник") == (
        "otpauth://totp/%D0%9F%D0%BE%D1%81%D1%80%D0%B5%D0%B4%D0%BD%D0%B8%D0%BA:anna%40x?secret=ABC"
        "&issuer=%D0%9F%D0%BE%D1%81%D1%80%D0%B5%D0%B4%D0%BD%D0%B8%D0%BA&digits=6&period=30"
    )
