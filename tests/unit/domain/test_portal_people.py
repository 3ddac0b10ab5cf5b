"""Whom a courier is on the portal: numbers, addresses and telephones as people write them."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posrednik.domain.portal_people import (
    Directory,
    Person,
    PortalUser,
    email_of,
    number_of,
    phones_of,
    suggestions,
)

CAME = datetime(2026, 11, 20, 9, tzinfo=UTC)
NATIONAL = st.from_regex(r"[3489][0-9]{9}", fullmatch=True)
SIGNS = st.sampled_from(["", " ", "-", "(", ")", ".", "\u00a0", " ("])


def user(
    number: int, name: str = "", *, phone: str = "", email: str = "", active: bool = True, came: bool = True
) -> PortalUser:
    return PortalUser(
        number, name or f"Имя {number}", email_of(email), phones_of(phone), active, CAME if came else None
    )


def suggested(directory: Directory, **ours: str) -> tuple[int, str] | None:
    found = directory.suggest(Person("c", **ours))
    return (found.user.id, found.by) if found else None


@st.composite
def written(draw: st.DrawFn, national: str) -> str:
    head = draw(st.sampled_from(["8", "7", "+7", "+ 7", ""]))
    return head + "".join(draw(SIGNS) + digit for digit in national) + draw(SIGNS)


@given(st.data(), NATIONAL)
def test_a_russian_number_is_one_however_it_is_written(data: st.DataObject, national: str) -> None:
    assert phones_of(data.draw(written(national))) == ("7" + national,)


@given(st.text(max_size=60))
def test_a_telephone_is_digits_and_stays_as_it_was_found(text: str) -> None:
    for phone in phones_of(text):
        assert re.fullmatch("[0-9]{10,15}", phone)
        assert phones_of("+" + phone) == (phone,)


@given(st.text(max_size=60))
def test_an_address_is_folded_once(text: str) -> None:
    assert email_of(email_of(text)) == email_of(text)


@pytest.mark.parametrize(("text", "found"), [
    ("8 (912) 000-00-07, доб. 3", ("79120000007",)),
    ("+7 912 000-00-07; 8-912-000-00-08", ("79120000007", "79120000008")),
    ("+7 (912) 000-00-07/08", ("79120000007",)),
    ("моб. 9120000007", ("79120000007",)),
    ("+375 29 123-45-67", ("375291234567",)),
    ("+84 912 345 678", ("84912345678",)),
    ("22-33-44", ()), ("", ()), ("нет", ()),
])  # fmt: skip
def test_telephones_are_found_in_what_people_write(text: str, found: tuple[str, ...]) -> None:
    assert phones_of(text) == found


@pytest.mark.parametrize(("text", "number"), [
    ("17", 17), (" 17 ", 17), ("user_17", 17), ("https://x.bitrix24.ru/company/personal/user/17/", 17), ("№ 17", 17),
    ("17 или 18", None), ("Петров", None), ("", None), ("0", None), ("٣", None),
])  # fmt: skip
def test_a_number_of_a_user_is_found_in_a_text(text: str, number: int | None) -> None:
    assert number_of(text) == number


def test_a_courier_without_a_user_is_found_by_his_telephone() -> None:
    directory = Directory([user(7, phone="+79120000007"), user(8, phone="+79120000008")])
    assert suggested(directory, phone="8 912 000 00 07") == (7, "phone")


def test_the_number_in_1c_is_believed_before_an_address_and_an_address_before_a_telephone() -> None:
    directory = Directory([user(7, phone="9120000007"), user(8, email="A@x.ru"), user(9)])
    ours = Person("c", said="user_9", email="a@X.ru ", phone="9120000007")
    assert [directory.suggest(one).by for one in (  # type: ignore[union-attr]
        ours, Person("c", email=ours.email, phone=ours.phone), Person("c", phone=ours.phone),
    )] == ["id", "email", "phone"]  # fmt: skip


def test_of_two_with_one_telephone_the_one_that_came_is_meant() -> None:
    directory = Directory([user(7, phone="9120000007", came=False), user(8, phone="9120000007")])
    assert suggested(directory, phone="9120000007") == (8, "phone")
    both = Directory([user(7, phone="9120000007"), user(8, phone="9120000007")])
    assert both.suggest(Person("c", phone="9120000007")) is None


def test_a_mapping_to_who_was_dismissed_or_never_came_is_told_and_replaced() -> None:
    directory = Directory([
        user(7, "Илья Петров", phone="9120000007", active=False), user(8, "Илья  Пётров", phone="9120000007"),
        user(9, "илья петров", phone="9120000007", came=False),
    ])  # fmt: skip
    assert directory.problems("7") == ("user_inactive",)
    assert directory.problems("8") == ("user_twin",)
    assert directory.problems("9") == ("user_never_came", "user_twin")
    assert directory.problems("10") == ("user_unknown",)
    assert directory.problems("") == ()
    for now in ("7", "9", "10", ""):
        assert suggested(directory, user=now, phone="9120000007") == (8, "phone"), now
    assert directory.suggest(Person("c", user="8", phone="9120000007")) is None


def test_a_portal_that_tells_no_logins_accuses_nobody() -> None:
    directory = Directory([user(7, came=False, phone="9120000007"), user(8, came=False)])
    assert directory.problems("8") == ()
    assert suggested(directory, phone="9120000007") == (7, "phone")


def test_before_the_users_are_read_nothing_is_wrong() -> None:
    assert Directory([]).problems("7") == ()


def test_one_user_is_not_suggested_to_two_and_not_taken_from_a_third() -> None:
    directory = Directory([user(7, phone="9120000007"), user(8, phone="9120000008")])
    two = [Person("a", phone="9120000007"), Person("b", phone="9120000007"), Person("c", phone="9120000008")]
    assert {ref: one.user.id for ref, one in suggestions(two, directory).items()} == {"c": 8}
    has = [Person("a", phone="9120000007"), Person("b", user="7")]
    assert suggestions(has, directory) == {}


PHONES = st.sampled_from(["9120000001", "9120000002", ""])
USERS = st.builds(
    user, st.integers(1, 6), st.sampled_from(["А Б", "В Г"]), phone=PHONES,
    email=st.sampled_from(["a@x.ru", "b@x.ru", ""]), active=st.booleans(), came=st.booleans(),
)  # fmt: skip
PEOPLE = st.builds(
    Person, st.sampled_from("abcde"), user=st.sampled_from(["", "1", "2", "3", "9"]),
    said=st.sampled_from(["", "1", "user_2", "что-то"]), email=st.sampled_from(["A@x.ru", ""]), phone=PHONES,
)  # fmt: skip


@given(st.lists(PEOPLE, max_size=5, unique_by=lambda one: one.ref), st.lists(USERS, max_size=6))
def test_a_suggestion_is_an_active_user_of_nobody_else_and_mends_what_was_wrong(
    people: list[Person], users: list[PortalUser]
) -> None:
    directory = Directory(users)
    found = suggestions(people, directory)
    assert len({one.user.id for one in found.values()}) == len(found)
    by_ref = {one.ref: one for one in people}
    for ref, one in found.items():
        assert one.user.active
        assert directory.get(by_ref[ref].user) != one.user
        assert all(other.user != str(one.user.id) for other in people if other.ref != ref)
        before, after = directory.problems(by_ref[ref].user), directory.problems(str(one.user.id))
        assert not {"user_unknown", "user_inactive"} & set(after)
        if by_ref[ref].user:
            assert {"user_unknown", "user_inactive", "user_never_came"} & set(before)
            assert "user_never_came" not in after or "user_never_came" not in before
