"""The policy table: whoever does not own a field never changes it, whatever he sends and in whatever order."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.delivery_builders import a_delivery, an_order, do

from posrednik.connectors.onec import wire
from posrednik.domain.deliveries import Address
from posrednik.domain.ownership import (
    BASE,
    DEFAULTS,
    DELIVERY,
    KINDS,
    OF_DELIVERY,
    ONEC,
    SYSTEMS,
    Content,
    NotOwner,
    Policy,
    Wrong,
    check,
    keep,
    shown,
)
from posrednik.domain.texts import contradiction_text, text
from posrednik.domain.texts_ownership import CONTRADICTIONS, FIELDS
from posrednik.domain.texts_ownership import KINDS as KIND_TITLES
from posrednik.domain.texts_ownership import SYSTEMS as SYSTEM_TITLES

BASES = ("УТ", "Розница")
ROWS = [f"{kind}.{field}" for kind, known in KINDS.items() for field in known.fields]
OWNERS = st.sets(st.sampled_from([*SYSTEMS, *(BASE + name for name in BASES)]), min_size=1)
POLICIES = st.dictionaries(st.sampled_from(ROWS), OWNERS, max_size=12).map(Policy)


# -- the table


def test_every_field_of_the_exchange_has_a_row_and_a_title() -> None:
    assert {*KINDS} - {DELIVERY} == {*wire.KINDS}
    for kind, fields in wire.KINDS.items():
        needed = {*fields.required, *fields.parts_required, *(["lines"] if fields.lines else [])}
        assert {*KINDS[kind].required} == needed, kind
        assert {*fields.optional, *fields.parts} <= {*KINDS[kind].fields}, kind
        assert ("posted" in KINDS[kind].marks) == ("date" in fields.required), kind
    assert {field for known in KINDS.values() for field in known.fields} == {*FIELDS}
    assert {*KINDS} == {*KIND_TITLES}
    assert {*SYSTEMS} == {*SYSTEM_TITLES}
    assert {*OF_DELIVERY} == {*KINDS[DELIVERY].required}
    assert {*DEFAULTS} <= {*ROWS}


def test_by_default_1c_may_write_everything_and_nothing_is_looked_at() -> None:
    assert Policy().closed(ONEC, "УТ") == {}
    assert all(Policy().may_write(kind, field, ONEC) for kind, known in KINDS.items() for field in known.fields)


def test_the_row_of_a_field_goes_before_that_of_the_rest_and_that_before_the_default() -> None:
    policy = Policy({"order.*": ["site"], "order.comment": ["1c"]})
    assert policy.may_write("order", "comment", ONEC)
    assert not policy.may_write("order", "status", ONEC)
    assert policy.may_write("order", "attribute of their own", "site")
    assert policy.may_write("product", "name", ONEC)


def test_a_base_by_its_name_is_not_all_of_1c() -> None:
    policy = Policy({"product.name": ["base:УТ"]})
    assert policy.may_write("product", "name", ONEC, "УТ")
    assert not policy.may_write("product", "name", ONEC, "Розница")
    assert not policy.may_write("product", "name", ONEC)
    assert shown(policy.owners("product", "name")) == ["УТ"]


@pytest.mark.parametrize(
    ("name", "owners", "code"),
    [
        ("order.comment", ["1c", "base:УТ"], None), ("order.*", ["site"], None), ("delivery.stage", ["courier"], None),
        ("order", ["1c"], "kind"), ("orders.comment", ["1c"], "kind"), ("order.recipient.phone", ["1c"], "field"),
        ("order.colour", ["1c"], "field"), ("order.comment", [], "nobody"), ("order.comment", ["1С"], "owner"),
        ("order.comment", ["base:Склад"], "owner"), ("delivery.deleted", ["1c"], "field"),
    ],
)  # fmt: skip
def test_a_row_names_what_there_is(name: str, owners: list[str], code: str | None) -> None:
    if code is None:
        check(name, owners, BASES)
        return
    with pytest.raises(Wrong) as wrong:
        check(name, owners, BASES)
    assert wrong.value.code == code


@given(POLICIES, st.sampled_from(ROWS), st.sampled_from(SYSTEMS), st.sampled_from(["", *BASES]))
def test_what_is_worked_out_once_says_the_same_as_the_rows(policy: Policy, row: str, system: str, base: str) -> None:
    kind, field = row.split(".", 1)
    closed = policy.closed(system, base).get(kind)
    assert (closed is None or not closed.refuses(field)) == policy.may_write(kind, field, system, base)
    assert policy.closed(system, base) is policy.closed(system, base)


# -- objects

VALUES = st.none() | st.sampled_from(["а", "б", "1.00"]) | st.lists(st.sampled_from(["в", "г"]), max_size=2)
NAMES = ("name", "code", "unit", "article", "group", "своё поле")


@st.composite
def contents(draw: st.DrawFn) -> Content:
    """A product as a base can send it: whole, or deleted and empty."""
    if draw(st.integers(0, 9)) == 0:
        return Content({}, deleted=True)
    data = {name: draw(VALUES) for name in NAMES}
    whole = {"name": "товар", "code": "1", "unit": "шт"} | {k: v for k, v in data.items() if v is not None}
    return Content(whole, draw(st.booleans()), draw(st.booleans()))


def apply(policy: Policy, base: str, known: Content | None, came: Content) -> Content | None:
    closed = policy.closed(ONEC, base).get("product")
    if closed is None:
        return came
    kept = keep("product", closed, known, came)
    return known if kept.missing else kept.content


def value(content: Content | None, name: str) -> Any:
    if content is None:
        return None
    return getattr(content, name) if name in ("deleted", "posted") else content.data.get(name)


WRITES = st.lists(st.tuples(st.sampled_from(BASES), contents()), max_size=8)
FIELD_NAMES = (*NAMES, "deleted", "posted")


@given(POLICIES, WRITES)
def test_nobody_ever_changes_a_field_that_he_does_not_own(policy: Policy, writes: list[tuple[str, Content]]) -> None:
    known: Content | None = None
    for base, came in writes:
        after = apply(policy, base, known, came)
        for name in FIELD_NAMES:
            begins = known is None and name in ("deleted", "posted")
            if not begins and not policy.may_write("product", name, ONEC, base):
                assert value(after, name) == value(known, name), (base, name)
        known = after


@given(POLICIES, contents(), contents())
def test_an_owners_write_always_passes(policy: Policy, first: Content, second: Content) -> None:
    known = first if first.data else None
    after = apply(policy, "УТ", known, second)
    if after is None or not second.data:
        return
    missing = after is known and known is not None
    for name in FIELD_NAMES:
        if policy.may_write("product", name, ONEC, "УТ") and not missing:
            assert value(after, name) == value(second, name), name


@given(POLICIES, contents(), contents())
def test_what_is_refused_is_told_and_nothing_else_is(policy: Policy, first: Content, second: Content) -> None:
    closed = policy.closed(ONEC, "УТ").get("product")
    if closed is None or not first.data or not second.data:
        return
    kept = keep("product", closed, first, second)
    wanted = {name for name in FIELD_NAMES if value(first, name) != value(second, name)}
    assert {*kept.refused} == {name for name in wanted if closed.refuses(name)}
    assert kept.missing == ()
    assert keep("product", closed, kept.content, kept.content).refused == ()


@given(POLICIES, contents().filter(lambda one: bool(one.data)), st.permutations(range(4)), st.data())
def test_the_order_of_refused_writes_does_not_matter(
    policy: Policy, first: Content, turns: list[int], data: st.DataObject
) -> None:
    """Writes that only touch fields of others leave everything as it was, in whatever order they come."""
    closed = policy.closed(ONEC, "УТ").get("product")
    foreign = [name for name in NAMES if closed is not None and closed.refuses(name)]
    writes = [
        Content({**first.data, **{name: data.draw(st.sampled_from(["х", "ц"])) for name in foreign}}, first.deleted,
                first.posted)
        for _ in range(4)
    ]  # fmt: skip
    known: Content | None = first
    for turn in turns:
        known = apply(policy, "УТ", known, writes[turn])
    assert known == first


def test_a_new_object_without_what_only_another_may_give_is_none() -> None:
    closed = Policy({"product.name": ["site"], "product.article": ["site"]}).closed(ONEC)["product"]
    came = Content({"name": "Термос", "code": "1", "unit": "шт", "article": "А-1"})
    kept = keep("product", closed, None, came)
    assert (kept.refused, kept.missing) == (("article", "name"), ("name",))
    assert keep("product", closed, came, came).missing == ()


def test_a_deletion_that_says_nothing_else_empties_no_field_of_another() -> None:
    closed = Policy({"product.name": ["site"]}).closed(ONEC)["product"]
    known = Content({"name": "Термос", "code": "1", "unit": "шт"})
    assert keep("product", closed, known, Content({}, deleted=True)).content == Content(known.data, deleted=True)


# -- words


@pytest.mark.parametrize("variant", [one.partition(".")[2] for one in CONTRADICTIONS])
@pytest.mark.parametrize("lang", ["ru", "en"])
def test_an_incident_says_who_what_and_whose(variant: str, lang: str) -> None:
    data = {"by": "1С «УТ»", "field": "comment", "object_kind": "order", "owners": ["posrednik", "Розница"],
            "object": "ТД-1", "objects": 30, "examples": ["ТД-1"], "sent": "а", "kept": "б"}  # fmt: skip
    what, why, _ = contradiction_text("ownership_violation", lang, variant=variant, **data)
    assert ("комментарий" in what) == (lang == "ru")
    assert ("Посредник, Розница" if lang == "ru" else "Posrednik, Розница") in why


def test_a_refusal_says_whose_it_is_in_both_languages() -> None:
    error = NotOwner(object_kind="delivery", field="courier", owners=["1c"])
    assert text(error.code, **error.data).startswith("Поле «курьер» (доставка) меняет только 1С.")
    assert "“courier” (delivery) is changed by 1C alone" in text(error.code, "en", **error.data)


# -- deliveries

TEXTS = st.sampled_from(["а", "б", "в"])
EDITS = st.fixed_dictionaries({
    "comment": TEXTS, "prepaid_kop": st.integers(0, 3), "delivery_price_kop": st.integers(0, 3),
    "payment_method": st.sampled_from(["cash", "card"]), "receipt": st.booleans(), "deleted": st.booleans(),
    "address": st.builds(Address, TEXTS),
})  # fmt: skip


@given(st.sets(st.sampled_from([*OF_DELIVERY])), st.lists(EDITS, max_size=6))
def test_an_edited_order_never_changes_what_of_the_delivery_is_not_1cs(fields: set[str], edits: list[Any]) -> None:
    delivery, parts = a_delivery(), {part for field in fields for part in OF_DELIVERY[field]}
    for edit in edits:
        change = do("order_changed", delivery, order=an_order(**edit), keep=parts)
        for part in parts:
            assert getattr(change.delivery, part) == getattr(delivery, part), part
        assert {*change.kept} <= parts
        delivery = change.delivery
