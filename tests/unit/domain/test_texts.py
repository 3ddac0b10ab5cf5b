"""Every "no" and every contradiction has words in Russian and English, with its figures in them."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from posrednik.domain import texts
from posrednik.domain.deliveries import Delivery, Stage
from posrednik.domain.errors import AlreadyPickedUp, DomainError, MoreThanCarried, StageJump
from posrednik.domain.stages import TABLE
from posrednik.domain.texts import contradiction_text, text
from posrednik.domain.texts_courier import ERRORS as COURIER
from posrednik.domain.texts_exchange import EXCHANGE


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
    assert {error.code for error in all_errors()} <= set(texts.ERRORS) | set(EXCHANGE) | set(COURIER)


@pytest.mark.parametrize("code", [*texts.ERRORS, *EXCHANGE, *COURIER])
def test_a_text_says_it_in_both_languages(code: str):
    russian, english = texts.ERRORS.get(code) or EXCHANGE.get(code) or COURIER[code]
    assert re.search("[а-я]", russian)
    assert not re.search("[а-я]", english.replace("«Готов»", ""))
    assert set(re.findall(r"{\w+}", russian)) == set(re.findall(r"{\w+}", english))


def test_words_exist_for_every_stage_and_action():
    assert {*Stage, "withdrawn"} == set(texts.STAGES)
    assert set(TABLE) == set(texts.ACTIONS)
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


@pytest.mark.parametrize(
    ("kop", "shown"), [(245000, "2\u2009450\u00a0₽"), (245050, "2\u2009450,50\u00a0₽"), (-5, "−0,05\u00a0₽")]
)
def test_rubles_have_kopecks_only_when_they_are_not_zero(kop: int, shown: str):
    assert texts.rubles(kop) == shown
