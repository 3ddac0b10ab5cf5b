"""The check list before a switch, the modes, and the mark of a trial order."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.delivery_builders import NOW, a_delivery, names_for

from posrednik.domain.events import Actor, Event
from posrednik.domain.modes import MODES, Standing, couriers_of, is_public, is_sent
from posrednik.domain.pilot import GATE_DAYS, SwitchFacts, TrialTooLate, checklist, mark_trial, may_switch

READY = SwitchFacts(
    bases=[("Основная", 60.0, True)], portal=("open", "closed"), workers=1, group=True, couriers=2, unmapped=[],
    pilot=1, strangers=[], incidents=0, dead=0, waits=0, quarantined=0, subscribers=1,
)  # fmt: skip


@dataclass(frozen=True)
class Gate:
    key: str
    day: date
    fine: bool | None


def weeks(*fine: bool | None) -> list[Gate]:
    """Two weeks, a gate a day; `fine` of the first days, then all is well. And one gate that nobody counts yet."""
    days = [date(2026, 11, 8) + timedelta(days=n) for n in range(GATE_DAYS)]
    told = [*fine, *[True] * (GATE_DAYS - len(fine))]
    return [Gate("cash", day, one) for day, one in zip(days, told, strict=True)] + [
        Gate("agree", day, None) for day in days
    ]


def states(mode: str, facts: SwitchFacts, gates: list[Gate]) -> dict[str, str]:
    return {check.key: check.state for check in checklist(mode, facts, gates)}


def test_with_everything_ready_a_division_may_go_live() -> None:
    assert set(states("live", READY, weeks()).values()) == {"ok"}


@pytest.mark.parametrize(
    ("gates", "live", "pilot"),
    [
        (weeks(), "ok", "ok"), (weeks(None, None, None, None), "ok", "ok"), (weeks(False), "stop", "warn"),
        (weeks(*[None] * 5), "stop", "warn"), ([], "stop", "warn"),
    ],
)  # fmt: skip
def test_going_live_takes_two_weeks_without_a_red_day_and_enough_days_with_facts(
    gates: list[Gate], live: str, pilot: str
) -> None:
    assert states("live", READY, gates)["gates"] == live
    assert states("pilot", READY, gates)["gates"] == pilot


@pytest.mark.parametrize(
    ("key", "changes", "state"),
    [
        ("bases", {"bases": []}, "stop"), ("bases", {"bases": [("а", None, True)]}, "stop"),
        ("bases", {"bases": [("а", 90_000.0, True)]}, "warn"), ("tokens", {"bases": [("а", 1.0, False)]}, "stop"),
        ("tokens", {"bases": [("а", 1.0, False), ("б", 1.0, True)]}, "warn"), ("portal", {"portal": None}, "stop"),
        ("portal", {"portal": ("disabled", "closed")}, "stop"), ("portal", {"portal": ("open", "half_open")}, "stop"),
        ("workers", {"workers": 0}, "stop"), ("group", {"group": False}, "warn"), ("couriers", {"couriers": 0}, "stop"),
        ("couriers", {"unmapped": ["Пётр"]}, "warn"), ("pilot_couriers", {"strangers": ["Пётр"]}, "stop"),
        ("pilot_couriers", {"pilot": 0}, "warn"), ("subscribers", {"subscribers": 0}, "warn"),
        ("dead", {"dead": 1}, "warn"),
        ("quarantine", {"quarantined": 1}, "warn"), ("incidents", {"incidents": 1}, "warn"),
    ],
)  # fmt: skip
def test_what_is_not_ready_is_told_in_both_languages(key: str, changes: dict[str, Any], state: str) -> None:
    checks = {check.key: check for check in checklist("pilot", replace(READY, **changes), weeks())}
    assert checks[key].state == state
    assert may_switch(list(checks.values())) == (state != "stop")
    for lang in ("ru", "en"):
        told = checks[key].told(lang)
        assert told["title"]
        assert "{" not in told["text"]


@given(st.builds(
    SwitchFacts, bases=st.just([]), portal=st.none(), workers=st.just(0), group=st.booleans(), couriers=st.just(0),
    unmapped=st.lists(st.text(max_size=5)), pilot=st.integers(0, 9), strangers=st.lists(st.text(max_size=5)),
    incidents=st.integers(0, 9), dead=st.integers(0, 9), waits=st.integers(0, 9), quarantined=st.integers(0, 9),
    subscribers=st.integers(0, 9),
))  # fmt: skip
def test_nothing_ever_keeps_from_going_back(facts: SwitchFacts) -> None:
    for mode in ("off", "shadow"):
        checks = checklist(mode, facts, [])
        assert may_switch(checks)
        assert all(check.told()["text"] for check in checks)


def an_event(kind: str = "delivery", *, trial: bool = False, **data: Any) -> Event:
    return Event(f"{kind}.x", kind, uuid4(), 1, NOW, Actor("system"), "d", trial, data)


@given(st.sampled_from(MODES), st.booleans(), st.booleans(), st.booleans())
def test_who_is_told_in_which_mode(mode: str, trial: bool, listed: bool, member: bool) -> None:
    event = an_event(trial=trial, delivery={"courier": {"ref": "c1"}, "holder": None, "handed_over_by": None})
    standing = Standing(mode, frozenset({"c1"} if listed else {"c2"}))
    told = is_sent(event, standing, {event.subject_id} if member else set())
    assert told == (mode == "live" or (mode == "pilot" and (trial or listed or member)))
    assert not (is_public(event) and trial)


@given(st.sampled_from(MODES))
def test_an_answer_to_a_command_of_1c_always_goes(mode: str) -> None:
    assert is_sent(an_event("command"), Standing(mode))


def test_whose_event_it_is() -> None:
    people = {"courier": {"ref": "a"}, "holder": {"ref": "b"}, "handed_over_by": {"ref": "c"}}
    assert couriers_of({"delivery": people}) == {"a", "b", "c"}
    assert couriers_of({"courier_ref": "d"}) == {"d"}
    assert couriers_of({}) == set()


def test_a_trial_is_marked_while_the_order_is_ready_and_no_later() -> None:
    known = {"actor": Actor("logistician", None, "Анна"), "now": NOW, "names": names_for(None)}
    ready = a_delivery()
    marked = mark_trial(delivery=ready, trial=True, **known)
    assert (marked.delivery.trial, marked.delivery.version) == (True, ready.version + 1)
    assert [(event.type, event.trial) for event in marked.events] == [("delivery.changed", True)]
    assert mark_trial(delivery=marked.delivery, trial=True, **known).already
    with pytest.raises(TrialTooLate):
        mark_trial(delivery=a_delivery("pick_up"), trial=True, **known)
