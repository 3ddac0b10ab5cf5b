"""Proof rules of domain.md §2: their defaults, what overrides them, what a step must carry."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posrednik.domain.errors import ProofMissing
from posrednik.domain.proofs import DEFAULTS, LEVELS, PROOFS, STEPS, Given, ProofRules, check, rules_with, version_of
from posrednik.domain.texts import text
from posrednik.domain.texts_courier import PROOFS as WORDS

steps, proofs, levels = st.sampled_from(STEPS), st.sampled_from(PROOFS), st.sampled_from(LEVELS)
overrides = st.dictionaries(steps, st.dictionaries(proofs, levels))
givens = st.builds(
    Given,
    photos=st.integers(0, 3),
    position=st.booleans(),
    amount=st.booleans(),
    items=st.booleans(),
    code=st.booleans(),
)


def test_the_defaults_are_those_of_the_specification():
    unnamed = {"photo": "optional", "position": "optional", "amount": "off", "items": "off", "code": "off"}
    assert ProofRules().plain() == {
        "pick_up": {**unnamed, "items": "required", "photo": "warn", "position": "warn"},
        "depart": dict.fromkeys(PROOFS, "optional"),
        "hand_over": {**unnamed, "photo": "required", "position": "warn", "amount": "required"},
        "not_deliver": {**unnamed, "photo": "warn", "position": "warn"},
        "give_back": unnamed,
        "customer_return": unnamed,
    }


def test_every_proof_has_a_word_and_a_given_counterpart():
    assert set(WORDS) == set(PROOFS)
    everything = Given(photos=1, position=True, amount=True, items=True, code=True)
    assert [everything.has(proof) for proof in PROOFS] == [True] * 5
    assert [Given().has(proof) for proof in PROOFS] == [False] * 5


def test_a_hand_over_without_photo_and_amount_is_refused_with_both_in_words():
    with pytest.raises(ProofMissing) as refused:
        check(ProofRules(), "hand_over", Given(position=True))
    assert refused.value.data == {"action": "hand_over", "proofs": ["photo", "amount"]}
    assert "«Отдал» не записано: не хватает обязательного (фото, полученная сумма)" in text(
        refused.value.code, **refused.value.data
    )
    assert "(a photo, the amount taken)" in text(refused.value.code, "en", **refused.value.data)


def test_what_is_wanted_but_not_required_is_told_and_not_refused():
    assert check(ProofRules(), "pick_up", Given(items=True)) == ("photo", "position")
    assert check(ProofRules(), "not_deliver", Given(photos=1)) == ("position",)


@pytest.mark.parametrize("step", ["depart", "give_back", "customer_return", "retry"])
def test_these_steps_need_no_proof(step: str):
    assert check(ProofRules(), step, Given()) == ()


@given(overrides=overrides, step=steps, proof=proofs)
def test_an_override_holds_and_everything_else_stays(overrides, step, proof):
    expected = overrides.get(step, {}).get(proof, DEFAULTS[step][proof])
    assert rules_with(overrides).level(step, proof) == expected


@given(first=overrides, second=overrides, step=steps, proof=proofs)
def test_overrides_lie_over_one_another(first, second, step, proof):
    rules = rules_with(second, rules_with(first))
    below = first.get(step, {}).get(proof, DEFAULTS[step][proof])
    assert rules.level(step, proof) == second.get(step, {}).get(proof, below)


@given(overrides=overrides, step=steps, given=givens)
def test_a_step_is_refused_exactly_for_what_is_required_and_missing(overrides, step, given):
    rules = rules_with(overrides)
    missing = {level: [p for p in PROOFS if rules.level(step, p) == level and not given.has(p)] for level in LEVELS}
    if not missing["required"]:
        assert list(check(rules, step, given)) == missing["warn"]
        return
    with pytest.raises(ProofMissing) as refused:
        check(rules, step, given)
    assert list(refused.value.proofs) == missing["required"]


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        ({"fly": {"photo": "warn"}}, 'step: "fly" is none of pick_up'),
        ({"depart": {"smell": "warn"}}, 'proof of depart: "smell" is none of photo'),
        ({"depart": {"photo": "must"}}, 'level of depart.photo: "must" is none of required'),
    ],
)
def test_a_name_that_there_is_not_is_refused_with_those_there_are(overrides, told):
    with pytest.raises(ValueError, match=told):
        rules_with(overrides)


@given(overrides=overrides)
def test_rules_that_were_given_to_a_phone_can_be_read_back(overrides):
    rules = rules_with(overrides)
    assert rules_with(json.loads(json.dumps(rules.plain()))) == rules


@given(a=overrides, b=overrides)
def test_a_version_is_short_and_differs_exactly_when_the_rules_do(a, b):
    one, other = rules_with(a).plain(), rules_with(b).plain()
    turned = {step: dict(reversed(found.items())) for step, found in reversed(one.items())}
    assert version_of(one) == version_of(turned)
    assert (version_of(one) == version_of(other)) == (one == other)
    assert len(version_of(one)) == 16


def test_a_version_is_the_same_in_every_process():
    assert version_of({"b": ["ё", 1], "a": None}) == "6f6fbc80369dc431"
