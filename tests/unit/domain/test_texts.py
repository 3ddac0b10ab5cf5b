"""Every "no" and every contradiction has words in Russian and English, with its figures in them."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from posrednik.connectors.onec.wire import COMMANDS
from posrednik.domain import texts
from posrednik.domain.deliveries import Delivery, Stage
from posrednik.domain.errors import AlreadyPickedUp, DomainError, MoreThanCarried, StageJump
from posrednik.domain.stages import TABLE
from posrednik.domain.texts import contradiction_text, text
from posrednik.domain.texts_courier import ERRORS as COURIER
from posrednik.domain.texts_exchange import EXCHANGE
from posrednik.domain.texts_kpi import SENTENCES as KPI
from posrednik.domain.texts_ownership import ERRORS as OWNERSHIP
from posrednik.domain.texts_people import PEOPLE
from posrednik.domain.texts_pilot import ERRORS as PILOT
from posrednik.domain.texts_portal_watch import ERRORS as PORTAL_WATCH
from posrednik.domain.texts_settings import ERRORS as SETTINGS

ALL = {**EXCHANGE, **COURIER, **PEOPLE, **PILOT, **KPI, **SETTINGS, **OWNERSHIP, **PORTAL_WATCH, **texts.ERRORS}


def all_errors(root: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    for error in root.__subclasses__():
        if not error.__name__.startswith("_"):
            yield error
        yield from all_errors(error)


def test_every_error_has_a_code_and_a_text_of_its_own_and_no_text_is_left_over():
    codes = [error.code for error in all_errors() if error.__module__ == "posrednik.domain.errors"]
    assert len(set(codes)) == len(codes)
    assert set(texts.ERRORS) <= {"domain_error", *codes} <= set(texts.ERRORS) | set(COURIER)


def test_every_error_of_a_use_case_has_a_text():
    assert {error.code for error in all_errors()} <= {*ALL}


@pytest.mark.parametrize("code", ALL)
def test_a_text_says_it_in_both_languages(code: str):
    russian, english = ALL[code]
    assert re.search("[а-я]", russian) or russian.isdecimal()
    assert not re.search("[а-я]", english.replace("«Готов»", ""))
    assert set(re.findall(r"{\w+}", russian)) == set(re.findall(r"{\w+}", english))


def test_words_exist_for_every_stage_and_action():
    assert {*Stage, "withdrawn"} == set(texts.STAGES)
    assert {*TABLE, *(name.removeprefix("delivery.") for name in COMMANDS)} == set(texts.ACTIONS)
    fields = {*Delivery.__dataclass_fields__}
    assert set(texts.FIELDS) <= fields


def test_a_text_shows_stage_action_and_number_in_words():
    error = StageJump(order_number="000-123", action="depart", stage="ready")
    assert text(error.code, **error.data) == (
        "«В пути» сейчас нельзя: заказ 000-123 на стадии «Готов». Пройдите шаги по порядку."
    )


def test_a_text_shows_quantities_by_their_units():
    error = MoreThanCarried(line="1", goods="Сыр", asked_milli=1500, have_milli=1000)
    assert text(error.code, **error.data).startswith("Сыр: указано 1,5, а у курьера 1.")
    assert "1.5 entered" in text(error.code, "en", **error.data)


def test_a_text_shows_a_time_by_the_divisions_zone():
    at = datetime(2026, 11, 20, 9, 5, tzinfo=UTC)
    error = AlreadyPickedUp(order_number="1", who="Петров", since_at=at)
    assert "20.11 12:05" in text(error.code, **error.data)
    assert "20.11 16:05" in text(error.code, time_zone="Asia/Novosibirsk", **error.data)


def test_a_missing_value_is_a_dash_and_an_unknown_code_or_language_still_gives_a_sentence():
    assert "у «—»" in text("already_on_its_way", order_number="1")
    assert text("never_heard_of") == text("domain_error")
    assert text("domain_error", "fr") == text("domain_error", "ru")


@pytest.mark.parametrize("kind", texts.CONTRADICTIONS)
def test_a_contradiction_says_what_why_and_what_to_do_in_both_languages(kind: str):
    for lang in texts.LANGUAGES:
        assert all(part.endswith(".") for part in contradiction_text(kind, lang))


@pytest.mark.parametrize("kind", texts.CONTRADICTIONS)
def test_both_languages_of_a_contradiction_have_the_same_figures(kind: str):
    russian, english = (set(re.findall(r"{\w+}", " ".join(parts))) for parts in texts.CONTRADICTIONS[kind])
    assert russian == english
    assert not re.search("[а-я]", " ".join(texts.CONTRADICTIONS[kind][1]).replace("«Готов»", ""))


def test_a_variant_is_another_wording_of_the_same_kind():
    usual = contradiction_text("batch_clicking", order_number="1")
    other = contradiction_text("batch_clicking", variant="one_delivery", order_number="1")
    assert usual[0].startswith("Заказы 1 и —")
    assert other[0].startswith("Все шаги по заказу 1")


def test_a_refusal_is_told_in_the_readers_language_with_its_own_data():
    told = {"code": "proof_missing", "error": {"action": "hand_over", "proofs": ["photo"]}, "action": "hand_over"}
    assert "«Отдал» не записано: не хватает обязательного (фото)." in contradiction_text("step_rejected", **told)[1]
    assert "“hand over” was not recorded" in contradiction_text("step_rejected", "en", **told)[1]
    assert "как есть" in contradiction_text("step_rejected", code="proof_missing", message="как есть")[1]


def test_differences_of_a_count_are_told_line_by_line():
    lines = [
        {"goods": "Сыр", "expected_milli": 1500, "counted_milli": 1000},
        {"goods": "Мёд", "expected_milli": 2000, "counted_milli": 3000},
    ]
    assert contradiction_text("count_difference", differences=lines)[1] == (
        "Сыр: по учёту 1,5, посчитано 1; Мёд: по учёту 2, посчитано 3."
    )
    assert contradiction_text("count_difference", "en", differences=lines[:1])[1] == "Сыр: 1.5 expected, 1 counted."


@pytest.mark.parametrize(
    ("metres", "shown"), [(0, "0 м"), (420, "420 м"), (999, "999 м"), (1000, "1 км"), (1459, "1,45 км")]
)
def test_a_distance_is_told_in_metres_and_from_one_on_in_kilometres(metres: int, shown: str):
    assert texts.distance(metres).replace("\u00a0", " ") == shown


@pytest.mark.parametrize(
    ("passed", "shown"),
    [(0, "0 с"), (59, "59 с"), (60, "1 мин"), (-320, "−5 мин 20 с"), (7260, "2 ч 1 мин"), (3661, "1 ч 1 мин")],
)
def test_a_time_that_passed_is_told_in_its_two_greatest_units(passed: int, shown: str):
    assert texts.seconds(passed).replace("\u00a0", " ") == shown


def test_units_are_told_in_english_too():
    assert (texts.distance(1459, "en"), texts.seconds(90, "en"), texts.speed(130, "en")) == (
        "1.45\u00a0km",
        "1\u00a0min 30\u00a0s",
        "130\u00a0km/h",
    )


def test_a_time_that_was_stored_as_text_is_told_by_its_zone():
    stored = {"who": "Петров", "since_at": "2026-11-20T09:05:00+00:00", "time_zone": "Asia/Novosibirsk"}
    assert "Петров, 20.11 16:05" in text("already_decided", **stored)


@pytest.mark.parametrize(
    ("kop", "shown"), [(245000, "2\u2009450\u00a0₽"), (245050, "2\u2009450,50\u00a0₽"), (-5, "−0,05\u00a0₽")]
)
def test_rubles_have_kopecks_only_when_they_are_not_zero(kop: int, shown: str):
    assert texts.rubles(kop) == shown
