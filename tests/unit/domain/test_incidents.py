"""Incidents of domain.md §3: raised once, later news joins, a person decides once."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posrednik.domain.changes import found
from posrednik.domain.errors import AlreadyDecided, DecisionMissing
from posrednik.domain.evidence import FLAGS
from posrednik.domain.incidents import DECISIONS, MOST_NEWS, About, decide, joined, raised, severity_of
from posrednik.domain.texts import CONTRADICTIONS, text
from posrednik.domain.texts_courier import INCIDENTS

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ID = UUID(int=1)
ABOUT = About(
    "delivery", str(UUID(int=2)), "d1", "c1", base_id=UUID(int=3), order_ref="o1", order_number="000-1", trial=True
)
DARK = found("dark_photo", order_number="000-1", who="Илья Петров", brightness_percent=3)

SPECIFIED = [
    "far_from_address",
    "no_position",
    "repeated_photo",
    "dark_photo",
    "clock_jump",
    "batch_clicking",
    "impossible_speed",
    "same_coordinates",
    "amount_mismatch",
    "cash_difference",
    "ceiling_exceeded",
    "backpack_negative",
    "count_difference",
    "transfer_undone_after_sale",
    "cancelled_but_handed_over",
    "handed_over_twice",
    "reassigned_but_done",
    "price_changed_meanwhile",
    "sequence_gap",
    "late_after_shift",
    "moved_by_hand",
    "task_deleted",
    "dead_letter",
    "double_at_destination",
    "does_not_agree",
    "ownership_violation",
]
OURS = ["cancelled_but_done", "withdrawn_but_done", "order_changed_after_pick_up", "repeated_step", "step_rejected"]


def an_incident(**fields):
    return replace(raised(DARK, ABOUT, ID, NOW)[0], **fields)


def test_every_kind_has_a_title_and_every_contradiction_a_kind():
    assert set(INCIDENTS) == {*SPECIFIED, *OURS}
    assert {name.partition(".")[0] for name in CONTRADICTIONS} <= set(INCIDENTS)


@pytest.mark.parametrize("kind", INCIDENTS)
def test_a_severity_is_one_that_the_table_allows(kind: str):
    assert severity_of(kind) in ("notice", "warning", "alarm")


def test_a_flag_is_never_an_alarm_and_lost_goods_or_money_are():
    assert "alarm" not in {severity_of(kind) for kind in FLAGS}
    assert severity_of("handed_over_twice") == severity_of("cash_difference") == "alarm"
    assert severity_of("never_heard_of") == "warning"


def test_a_raised_incident_is_open_and_says_what_why_and_what_to_do():
    incident, event = raised(DARK, ABOUT, ID, NOW)
    assert (incident.state, incident.version, incident.times, incident.news) == ("open", 1, 1, ())
    assert (incident.what, incident.why, incident.suggestion) == (DARK.what, DARK.why, DARK.suggestion)
    assert (incident.raised_at, incident.last_at, incident.severity) == (NOW, NOW, "notice")
    assert (incident.subject_id, incident.courier_ref, incident.order_number) == (str(UUID(int=2)), "c1", "000-1")
    assert (event.type, event.subject_kind, event.subject_id, event.version) == ("incident.raised", "incident", ID, 1)
    assert (event.actor.kind, event.division_ref, event.trial, event.occurred_at) == ("system", "d1", True, NOW)
    assert event.data["figures"] == DARK.data
    assert json.loads(json.dumps(event.data)) == event.data


@given(later=st.lists(st.integers(-100, 100), max_size=MOST_NEWS + 20))
def test_news_joins_without_a_new_version_and_the_newest_are_kept(later):
    incident = an_incident()
    for minutes in later:
        news = found("dark_photo", order_number=str(minutes))
        incident = joined(incident, news, NOW + timedelta(minutes=minutes))
    assert (incident.times, incident.version, incident.state) == (1 + len(later), 1, "open")
    assert incident.last_at == NOW + timedelta(minutes=max([0, *later]))
    assert [one.data["order_number"] for one in incident.news] == [str(one) for one in later[-MOST_NEWS:]]
    assert incident.what == DARK.what


@pytest.mark.parametrize("decision", DECISIONS[:4])
def test_a_person_decides_with_a_reason(decision: str):
    incident, event = decide(an_incident(), decision, " лампа перегорела ", "Мария", NOW)
    assert (incident.state, incident.decision, incident.reason) == ("decided", decision, "лампа перегорела")
    assert (incident.decided_by, incident.decided_at, incident.version) == ("Мария", NOW, 2)
    assert (event.type, event.version, event.subject_id) == ("incident.decided", 2, ID)
    assert (event.actor.kind, event.actor.name, event.trial) == ("logistician", "Мария", True)
    assert (event.data["decision"], event.data["reason"]) == (decision, "лампа перегорела")


@pytest.mark.parametrize(("decision", "reason"), [("accepted", ""), ("accepted", " \n"), ("", "x"), ("forgiven", "x")])
def test_a_decision_needs_one_of_the_words_and_a_reason(decision: str, reason: str):
    with pytest.raises(DecisionMissing):
        decide(an_incident(), decision, reason, "Мария", NOW)


def test_a_decided_incident_is_neither_decided_again_nor_joined():
    decided, _ = decide(an_incident(), "explained", "темно", "Мария", NOW)
    with pytest.raises(AlreadyDecided) as refused:
        decide(decided, "rejected", "нет", "Олег", NOW)
    assert "уже решили: Мария, 22.11 12:00" in text(refused.value.code, **refused.value.data)
    with pytest.raises(AlreadyDecided):
        joined(decided, DARK, NOW)
