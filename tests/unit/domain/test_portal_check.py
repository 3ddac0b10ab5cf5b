"""What is said of a portal: every line has a sentence in both languages, and nothing wrong is called fine."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posrednik.domain import texts_portal_check
from posrednik.domain.portal_check import (
    COURIER_WARN,
    COURIER_WRONG,
    FOR_APPLICATIONS,
    NEEDED,
    USEFUL,
    Bindings,
    DivisionFacts,
    Facts,
    Line,
    is_public,
    lines,
    worst,
)
from posrednik.domain.portal_desk import About, Board, Bound, Me, PortalTrouble, Project
from posrednik.domain.portal_people import PortalUser
from posrednik.domain.portal_setup import project_name, wanted_events, wanted_placements

URL = "https://posrednik.example"
ALL = frozenset((*NEEDED, *USEFUL, *FOR_APPLICATIONS))
ANNA = PortalUser(1, "Королёва Анна")
CENTRE = DivisionFacts("Центр", 11, project=Project(11, "Доставка: Центр"), board=Board())
FINE = Facts(
    application=True, own_url=URL, me=Me(1, "Королёва Анна", admin=True), about=About(ALL, "ru_pro", True, 1.0, True),
    people=[("creator", 1, ANNA)], divisions=[CENTRE], mapped=2,
    events=Bindings(wanted_events(URL), wanted_events(URL)),
    placements=Bindings(wanted_placements(URL), wanted_placements(URL)),
)  # fmt: skip
DISMISSED = replace(ANNA, active=False)
TROUBLES = st.sampled_from(
    ["address", "tls", "access", "scope", "tariff", "busy", "webhook", "absent", "unclear", "refused"]
)
TROUBLE = st.builds(PortalTrouble, TROUBLES, st.just("почему"))


def found(facts: Facts, key: str) -> list[tuple[str, str]]:
    return [(one.state, one.what) for one in lines(facts) if one.key == key]


def test_a_portal_where_all_is_well_has_no_other_line() -> None:
    assert {one.state for one in lines(FINE)} == {"ok"}
    assert worst(lines(FINE)) == "ok"


def test_a_webhook_is_fine_without_events_and_placements_and_says_so() -> None:
    facts = replace(FINE, application=False, events=None, placements=None, about=About(ALL - {"placement"}))
    assert found(facts, "events") == found(facts, "placements") == [("skip", "webhook")]
    assert worst(lines(facts)) == "ok"


@pytest.mark.parametrize(("facts", "key", "state", "what"), [
    (replace(FINE, trouble=PortalTrouble("tls", "х")), "address", "wrong", "tls"),
    (replace(FINE, trouble=PortalTrouble("tariff", "х")), "access", "wrong", "tariff"),
    (replace(FINE, me=Me(2, "", admin=False)), "admin", "wrong", ""),
    (replace(FINE, about=About(ALL - {"task"})), "right_task", "wrong", "missing"),
    (replace(FINE, about=About(ALL - {"disk"})), "right_disk", "warn", "missing"),
    (replace(FINE, about=About(ALL, installed=False)), "installed", "wrong", ""),
    (replace(FINE, about=About(ALL, ahead_s=-300.0)), "clock", "warn", ""),
    (replace(FINE, about=About(ALL, v3=False)), "v3", "warn", ""),
    (replace(FINE, people=[("creator", 1, DISMISSED)]), "creator", "wrong", "inactive"),
    (replace(FINE, people=[("fallback", 9, None)]), "fallback", "wrong", "unknown"),
    (replace(FINE, failed="нет права"), "users", "wrong", ""),
    (replace(FINE, divisions=[]), "divisions", "warn", ""),
    (replace(FINE, divisions=[DivisionFacts("Центр", None)]), "project", "wrong", "none"),
    (replace(FINE, divisions=[DivisionFacts("Центр", 11)]), "project", "wrong", "unknown"),
    (replace(FINE, divisions=[replace(CENTRE, project=Project(11, "х", closed=True))]), "project", "wrong", "closed"),
    (replace(FINE, divisions=[replace(CENTRE, absent=["Пётр"])]), "project", "wrong", "members"),
    (replace(FINE, divisions=[replace(CENTRE, board=Board(("Готов",)))]), "project", "warn", "columns"),
    (replace(FINE, divisions=[replace(CENTRE, board=None, trouble="х")]), "project", "wrong", "unread"),
    (replace(FINE, events=Bindings(wanted_events(URL))), "events", "wrong", "missing"),
    (replace(FINE, own_url="http://127.0.0.1:8000", events=Bindings(wanted_events(URL))), "events", "wrong", "local"),
    (replace(FINE, placements=Bindings([], [], PortalTrouble("scope", "х"))), "placements", "wrong", "unread"),
    (replace(FINE, events=Bindings(wanted_events(URL), [*wanted_events(URL), *wanted_events("https://old.example")])),
     "events", "warn", "stale"),
    (replace(FINE, couriers={"user_inactive": ["Пётр"]}), "couriers", "wrong", "user_inactive"),
    (replace(FINE, couriers={"user_twin": ["Пётр"]}), "couriers", "warn", "user_twin"),
])  # fmt: skip
def test_what_is_wrong_is_told(facts: Facts, key: str, state: str, what: str) -> None:
    assert found(facts, key) == [(state, what)]
    assert worst(lines(facts)) == state


def test_names_of_events_are_compared_without_regard_to_case() -> None:
    there = [Bound("OnTaskUpdate", f"{URL}/x"), Bound("ONTASKADD", "https://old.example/x")]
    bindings = Bindings([Bound("ONTASKUPDATE", f"{URL}/x"), Bound("ONTASKADD", f"{URL}/x")], there)
    assert bindings.missing == [Bound("ONTASKADD", f"{URL}/x")]
    assert bindings.stale == [Bound("ONTASKADD", "https://old.example/x")]


BOUNDS = st.lists(
    st.builds(Bound, st.sampled_from(["A", "B", "a"]), st.sampled_from([f"{URL}/1", f"{URL}/2"])), max_size=4
)
FACTS = st.builds(
    Facts, st.booleans(), st.sampled_from([URL, "http://127.0.0.1:8000", ""]),
    trouble=st.none() | TROUBLE,
    me=st.just(Me(1, "", admin=True)) | st.just(Me(2, "Павел", admin=False)),
    about=TROUBLE | st.builds(
        About, st.frozensets(st.sampled_from(sorted(ALL))), st.sampled_from(["", "ru_pro"]), st.none() | st.booleans(),
        st.none() | st.floats(-1e6, 1e6), st.none() | st.booleans(),
    ),
    failed=st.sampled_from(["", "почему"]),
    people=st.lists(st.tuples(
        st.sampled_from(["creator", "fallback"]), st.just(1), st.sampled_from([None, ANNA, DISMISSED]),
    ), max_size=2),
    divisions=st.lists(st.builds(
        DivisionFacts, st.sampled_from(["Центр", "{север}"]), st.none() | st.just(11), st.booleans(),
        st.none() | st.builds(Project, st.just(11), st.just("Проект"), st.booleans()),
        st.none() | st.builds(Board, st.sampled_from([(), ("Готов",)])), st.sampled_from(["", "почему"]),
        st.sampled_from([(), ("Пётр",)]),
    ), max_size=2),
    couriers=st.dictionaries(
        st.sampled_from([*COURIER_WRONG, *COURIER_WARN, "no_warehouse"]), st.just(["Пётр"] * 30), max_size=3
    ),
    events=st.none() | st.builds(Bindings, BOUNDS, BOUNDS, st.none() | TROUBLE),
    placements=st.none() | st.builds(Bindings, BOUNDS, BOUNDS),
)  # fmt: skip


@given(FACTS)
def test_every_line_has_its_title_and_sentence_in_both_languages(facts: Facts) -> None:
    for one in lines(facts):
        for lang in ("ru", "en"):
            told = one.told(lang)
            assert told["title"].strip()
            assert len(told["text"]) < 1500
            assert told["text"].strip()
            assert told["state"] in ("ok", "warn", "wrong", "skip")


def test_every_sentence_of_a_set_up_can_be_told() -> None:
    data = dict.fromkeys(("name", "id", "why", "division", "project", "group", "url", "gone"), "x")
    lists = {key: ["а"] for key in ("names", "added", "renamed", "moved", "dropped")}
    for key, what in texts_portal_check._SENTENCES:
        for lang in ("ru", "en"):
            told = Line(key, "done", what, {**data, **lists, "licence": "x", "seconds": 1, "n": 1}).told(lang)
            assert "{" not in told["title"] + told["text"]


@given(st.text(max_size=200))
def test_the_name_of_a_project_is_found_again(division: str) -> None:
    name = project_name(division)
    assert name == " ".join(name.split())
    assert 0 < len(name) <= 100


def test_an_address_of_this_machine_is_not_public() -> None:
    assert [is_public(one) for one in (URL, "http://x.example", "https://127.0.0.1", "https://localhost:8", "")] == [
        True, False, False, False, False,
    ]  # fmt: skip
