"""Names of photos and of their folders."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posrednik.connectors.bitrix24.photos import Body, name_of
from posrednik.domain.routes import PHOTOS, TABLE
from posrednik.domain.texts_notes import PHOTO_STEPS

SHA = "1a2b3c4d" + "0" * 56
AT = "2026-11-22T22:05:00+00:00"


def body(**more: Any) -> Body:
    return Body(**({"delivery": "d", "order_number": "000-123", "step": "delivery.handed_over", "at": AT,
                    "photos": [SHA]} | more))  # fmt: skip


def test_a_photo_is_named_by_order_step_local_time_and_its_own_first_digits() -> None:
    assert name_of(body(), SHA) == "000-123 Отдал 01-05 1a2b3c4d.jpg"
    assert name_of(body(time_zone="Asia/Omsk"), SHA) == "000-123 Отдал 04-05 1a2b3c4d.jpg"


@given(st.text(min_size=1), st.text())
def test_a_name_fits_every_disk_and_ends_with_its_digits(number: str, step: str) -> None:
    name = name_of(body(order_number=number, step=step), SHA)
    assert not re.search(r'[\\/:*?"<>|\x00-\x1f]', name)
    assert name.endswith(" 01-05 1a2b3c4d.jpg") or name == "01-05 1a2b3c4d.jpg"
    assert "$result" not in name.lower()


@pytest.mark.parametrize("event_type", sorted(name for name, routes in TABLE.items() if PHOTOS in routes))
def test_every_step_with_photos_has_a_word(event_type: str) -> None:
    assert event_type in PHOTO_STEPS
