"""Users, projects and columns as portals tell of them, and what brings columns into our order."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from posrednik.connectors.bitrix24 import outbound, people
from posrednik.connectors.bitrix24.people import Change, Stage
from posrednik.domain.portal_desk import Bound, Project

OURS = tuple(outbound.COLUMNS.values())
NEW = [Stage(1, "Новые", 100, "NEW"), Stage(2, "Выполняются", 200, "WORK"), Stage(3, "Сделаны", 300, "FINISH")]


def test_a_user_is_read_with_all_his_telephones() -> None:
    [one] = people.users([{
        "ID": "7", "ACTIVE": True, "NAME": "Илья", "LAST_NAME": " Петров", "SECOND_NAME": "", "EMAIL": "Petrov@X.ru",
        "PERSONAL_MOBILE": "8 912 000-00-07", "WORK_PHONE": "+7 495 1234567 доб. 12", "PERSONAL_PHONE": None,
        "LAST_LOGIN": "2026-11-20T12:00:00+03:00", "UF_DEPARTMENT": [2],
    }])  # fmt: skip
    assert (one.id, one.name, one.email, one.active) == (7, "Петров Илья", "petrov@x.ru", True)
    assert one.phones == ("79120000007", "74951234567")
    assert one.last_login == datetime(2026, 11, 20, 9, tzinfo=UTC)


def test_few_rights_and_odd_rows_leave_gaps_and_no_faults() -> None:
    odd = {"0": {"ID": "8", "ACTIVE": "N", "LAST_LOGIN": ""}, "1": "x", "2": {"ID": None}, "3": {"ID": "-1"}}
    [one] = people.users(odd)
    assert (one.id, one.name, one.phones, one.active, one.last_login) == (8, "", (), False, None)
    assert people.users(None) == []
    assert people.projects([{"ID": "11", "NAME": "А", "CLOSED": "Y"}]) == [Project(11, "А", closed=True)]


def test_whoever_was_only_invited_is_no_member() -> None:
    rows = [{"USER_ID": "1", "ROLE": "A"}, {"USER_ID": "7", "ROLE": "K"}, {"USER_ID": "8", "ROLE": "Z"}]
    assert people.members(rows) == {1, 7}


def test_offline_events_are_nobody_s_address() -> None:
    rows = [{"event": "OnTaskAdd", "handler": "https://x/1"}, {"event": "ONTASKADD", "handler": "", "offline": 1}]
    assert people.bound(rows, "event") == [Bound("ONTASKADD", "https://x/1")]


# -- columns


def done(there: list[Stage], change: Change) -> list[Stage]:
    """What the portal makes of a change."""
    kept = [one for one in there if one.id != change.id]
    old = next((one for one in there if one.id == change.id), None)
    match change.do:
        case "rename":
            return [replace(one, title=change.title) if one.id == change.id else one for one in there]
        case "drop":
            return kept
        case "add":
            old = Stage(max((one.id for one in there), default=0) + 1, change.title, 0)
    assert old is not None
    place = next((n + 1 for n, one in enumerate(kept) if one.id == change.after), 0)
    moved = [*kept[:place], old, *kept[place:]]
    return [replace(one, sort=n * 100) for n, one in enumerate(moved, 1)]


def arranged(there: list[Stage], most: int = 60) -> tuple[list[Stage], list[str]]:
    did: list[str] = []
    for _ in range(most):
        change = people.next_change(there, OURS)
        if change is None:
            return there, did
        did.append(change.do)
        there = done(there, change)
    raise AssertionError(f"does not end: {did}")


def test_the_first_column_of_a_new_project_becomes_ours_and_the_rest_follows_it() -> None:
    there, did = arranged(NEW)
    assert [one.title for one in there] == [*OURS, "Выполняются", "Сделаны"]
    assert there[0].id == 1
    assert did == ["rename"] + ["add"] * (len(OURS) - 1)


def test_columns_that_the_first_task_made_stay_as_they_are() -> None:
    there = [*NEW, *(Stage(10 + n, title, 400 + n) for n, title in enumerate(OURS))]
    assert people.next_change(there, OURS) is None
    assert people.missing(there, OURS) == ()


def test_of_doubles_the_older_one_stays() -> None:
    there = [*NEW, *(Stage(10 + n, title, 400 + n) for n, title in enumerate(OURS)), Stage(30, OURS[2].upper(), 900)]
    assert people.next_change(there, OURS) == Change("drop", OURS[2].upper(), 30)
    assert people.next_change(there, OURS, left=[30]) is None


TITLES = st.sampled_from([*OURS, "Новые", "Своя", OURS[0].upper(), "Сделаны"])
BOARDS = st.lists(st.tuples(TITLES, st.sampled_from(["", "NEW", "WORK", "FINISH"])), max_size=14)


@given(BOARDS, st.randoms(use_true_random=False))
def test_columns_end_in_our_order_and_others_are_left_alone(board, random) -> None:
    ids = list(range(1, len(board) + 1))
    random.shuffle(ids)
    before = [Stage(id, title, n * 100, kind) for n, (id, (title, kind)) in enumerate(zip(ids, board, strict=True), 1)]
    there, did = arranged(before)
    folded = [one.title.casefold() for one in there]
    ours = [title.casefold() for title in OURS]
    assert [title for title in folded if title in ours] == ours
    renamed = {before[0].id} if "rename" in did else set()
    strangers = [one.id for one in before if one.title.casefold() not in ours and one.id not in renamed]
    assert [one.id for one in there if one.title.casefold() not in ours] == strangers
    assert people.next_change(there, OURS) is None
