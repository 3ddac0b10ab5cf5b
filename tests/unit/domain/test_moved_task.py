"""What people change of a task is done or put back, whatever it is; nothing that must be proved is skipped."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.delivery_builders import a_delivery

from posrednik.domain.deliveries import Delivery, Person, Stage
from posrednik.domain.moved_task import (
    BACKS_WITHIN,
    FIELDS,
    MOST_BACKS,
    Back,
    Mover,
    Plan,
    Seen,
    column_of,
    decide,
    put_back_too_often,
)
from posrednik.domain.ownership import Policy
from posrednik.domain.proofs import LEVELS, PROOFS, STEPS, ProofRules, rules_with
from posrednik.domain.stages import TABLE
from posrednik.domain.texts import text
from posrednik.domain.texts_portal_watch import ERRORS

FREE = rules_with({step: dict.fromkeys(PROOFS, "optional") for step in STEPS})
COURIER = "petrov"
OPEN = Policy({"delivery.courier": ("1c", "bitrix24")})
SHUT = Policy({"delivery.stage": ("1c",), "delivery.courier": ("1c",)})
COLUMNS = ("", *Stage)
COURIER_STEPS = frozenset({"pick_up", "depart", "hand_over"})

movers = st.builds(
    Mover, st.just("Битрикс24: Анна"), st.sampled_from([None, COURIER, "c2"]), st.booleans(), st.booleans()
)
proof_rules = st.dictionaries(
    st.sampled_from(STEPS), st.dictionaries(st.sampled_from(PROOFS), st.sampled_from(LEVELS)), max_size=3
).map(rules_with)
policies = st.sampled_from([Policy(), OPEN, SHUT])
couriers = st.sampled_from([None, COURIER, "c2"])
seens = st.builds(
    Seen,
    column=st.sampled_from([None, *COLUMNS]),
    title=st.just("Колонка"),
    elsewhere=st.booleans(),
    closed=st.sampled_from([None, True, False]),
    responsible=st.sampled_from([None, 7, 8]),
    edited=st.lists(st.sampled_from(["title", "description", "deadline"]), unique=True).map(tuple),
    unsure=st.booleans(),
)


@st.composite
def deliveries(draw: st.DrawFn) -> Delivery:
    stage = draw(st.sampled_from(list(Stage)))
    carried = stage in (Stage.PICKED_UP, Stage.EN_ROUTE, Stage.NOT_DELIVERED) and draw(st.booleans())
    on_board = stage is not Stage.READY or draw(st.booleans())
    holder = Person(COURIER, "Пётр") if carried else None
    return replace(a_delivery(), stage=stage, on_board=on_board, courier_ref=COURIER, holder=holder)


@given(deliveries(), seens, movers, policies, proof_rules, couriers)
def test_every_change_is_done_or_put_back(
    delivery: Delivery, seen: Seen, mover: Mover, policy: Policy, proofs: ProofRules, courier: str | None
) -> None:
    plan = decide(delivery, seen, mover, policy, proofs, courier)
    answered = {back.field for back in plan.backs}
    if plan.steps or seen.column == column_of(delivery):
        answered.add("stage")
    if plan.assign or courier == delivery.courier_ref:
        answered.add("responsible")
    if seen.edited:
        answered |= set(seen.edited) if answered & set(seen.edited) else set()
    assert set(seen.fields) <= answered
    assert plan.whole == (bool(plan.backs) or seen.unsure)


@given(deliveries(), movers, policies, proof_rules, couriers)
def test_what_nobody_changed_asks_for_nothing(
    delivery: Delivery, mover: Mover, policy: Policy, proofs: ProofRules, courier: str | None
) -> None:
    assert Seen().plain
    assert decide(delivery, Seen(), mover, policy, proofs, courier) == Plan()


@given(deliveries(), seens, movers, policies, proof_rules, couriers)
def test_no_step_with_a_required_proof_is_taken_or_skipped(
    delivery: Delivery, seen: Seen, mover: Mover, policy: Policy, proofs: ProofRules, courier: str | None
) -> None:
    plan = decide(delivery, seen, mover, policy, proofs, courier)
    for step in COURIER_STEPS & set(plan.steps):
        assert not any(proofs.level(step, proof) == "required" for proof in PROOFS)
    if column_of(delivery) == "ready" and seen.column == "handed_over" and plan.steps:
        assert plan.steps == ("pick_up", "depart", "hand_over")


@given(deliveries(), seens, movers, policies, proof_rules, couriers)
def test_steps_lead_by_the_table_to_the_column_it_was_dragged_to(
    delivery: Delivery, seen: Seen, mover: Mover, policy: Policy, proofs: ProofRules, courier: str | None
) -> None:
    plan = decide(delivery, seen, mover, policy, proofs, courier)
    if not plan.steps:
        return
    reached = {delivery.stage}
    for step in plan.steps:
        reached = {after for stage in reached for after in TABLE[step].arrows.get(stage, ())}
    assert seen.column in {stage.value for stage in reached}
    assert delivery.on_board


@given(deliveries(), seens, movers, proof_rules, couriers)
def test_nothing_is_written_that_bitrix24_does_not_own(
    delivery: Delivery, seen: Seen, mover: Mover, proofs: ProofRules, courier: str | None
) -> None:
    plan = decide(delivery, seen, mover, SHUT, proofs, courier)
    assert not plan.acts
    assert decide(delivery, seen, mover, Policy(), proofs, courier).assign is None


@given(deliveries(), seens, movers, policies, proof_rules, couriers)
def test_what_the_office_does_needs_its_right(
    delivery: Delivery, seen: Seen, mover: Mover, policy: Policy, proofs: ProofRules, courier: str | None
) -> None:
    plan = decide(delivery, seen, mover, policy, proofs, courier)
    if {"cancel", "retry"} & set(plan.steps):
        assert mover.office
    if COURIER_STEPS & set(plan.steps):
        assert not mover.barred
    if plan.assign:
        assert not mover.barred
        assert mover.courier is None or mover.office
    assert not {"settle", "give_back", "not_deliver", "customer_return"} & set(plan.steps)


@given(deliveries(), seens, movers, policies, proof_rules, couriers)
def test_what_is_put_back_is_said_in_words(
    delivery: Delivery, seen: Seen, mover: Mover, policy: Policy, proofs: ProofRules, courier: str | None
) -> None:
    for back in decide(delivery, seen, mover, policy, proofs, courier).backs:
        assert back.sentence in ERRORS
        assert back.field in FIELDS
        for lang in ("ru", "en"):
            assert "—" not in text(back.sentence, lang, **back.data)


def test_a_rule_that_refused_is_told_by_its_own_sentence() -> None:
    assert Back("refused", "stage", code="not_his_delivery").sentence == "not_his_delivery"


@pytest.mark.parametrize(
    ("before", "after", "steps"),
    [
        ("ready", "picked_up", ("pick_up",)),
        ("picked_up", "en_route", ("depart",)),
        ("picked_up", "handed_over", ("depart", "hand_over")),
        ("en_route", "handed_over", ("hand_over",)),
        ("en_route", "cancelled", ("cancel",)),
        ("not_delivered", "ready", ("retry",)),
        ("not_delivered", "picked_up", ()),
        ("en_route", "picked_up", ()),
        ("handed_over", "settled", ()),
        ("handed_over", "cancelled", ()),
        ("en_route", "returned", ()),
    ],
)
def test_columns_and_their_steps(before: str, after: str, steps: tuple[str, ...]) -> None:
    delivery = replace(a_delivery(), stage=Stage(before), courier_ref=COURIER)
    plan = decide(delivery, Seen(column=after), Mover("Анна", office=True), Policy(), FREE)
    assert plan.steps == steps
    assert bool(plan.backs) == (not steps)


def test_a_card_in_another_project_has_no_column() -> None:
    plan = decide(a_delivery(), Seen(column="en_route", elsewhere=True), Mover("Анна"), Policy(), FREE)
    assert [(back.why, back.field) for back in plan.backs] == [("other_project", "group")]
    assert plan.steps == ()


@given(st.integers(0, 20), st.integers(0, 7200))
def test_putting_back_rests_and_begins_again(times: int, ago_s: int) -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    often = put_back_too_often(times, now - timedelta(seconds=ago_s), now)
    assert often == (times >= MOST_BACKS and ago_s < BACKS_WITHIN.total_seconds())
    assert not put_back_too_often(times, None, now)
