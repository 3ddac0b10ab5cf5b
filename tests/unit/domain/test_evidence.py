"""Every flag of domain.md §2 with its border; what is missing raises none."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import pi
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from posrednik.domain.evidence import (
    AT_ADDRESS,
    DARK,
    FLAGS,
    NEAR,
    Photo,
    Place,
    Repeat,
    SeenStep,
    StepContext,
    distance_m,
    photo_flags,
    step_flags,
)
from posrednik.domain.proofs import LEVELS, STEPS
from posrednik.domain.texts import CONTRADICTIONS, contradiction_text

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
HOME = Place(55.03, 82.92, 15.0)
METRE = 180 / (pi * 6_371_008.8)  # degrees of latitude

latitudes, longitudes = st.floats(-90, 90), st.floats(-180, 180)
places = st.builds(Place, latitudes, longitudes, st.floats(0, 5000))
seconds = st.integers(0, 600)


def north(metres: float, of: Place = HOME, accuracy_m: float | None = 15.0) -> Place:
    return Place(of.latitude + metres * METRE, of.longitude, accuracy_m)


def a_step(action: str = "hand_over", number: int = 1, *, delivery: int = 1, after_s: float = 0, **fields) -> SeenStep:
    given = {"place": HOME, "address": HOME, "order_number": f"000-{delivery}", **fields}
    return SeenStep(UUID(int=number), action, UUID(int=delivery), NOW + timedelta(seconds=after_s), **given)


def around(step: SeenStep | None = None, **fields) -> StepContext:
    known = {"order_number": "000-1", "who": "Илья Петров", "radius_m": 200, "position_level": "warn"}
    return StepContext(step or a_step(), **{**known, **fields})


def kinds(context: StepContext) -> list[str]:
    return [flag.kind for flag in step_flags(context)]


def test_an_ordinary_step_raises_no_flag():
    assert kinds(around(same_delivery=(a_step(),), same_place_addresses=1, last_offset_ms=0)) == []


def test_every_flag_has_its_texts():
    assert set(FLAGS) <= set(CONTRADICTIONS)


# Distances


@given(a=places, b=places)
def test_a_distance_is_the_same_both_ways_and_at_most_half_the_globe(a, b):
    assert distance_m(a, b) == distance_m(b, a)
    assert 0 <= distance_m(a, b) <= pi * 6_371_008.8 + 1
    assert distance_m(a, a) == 0


@given(a=places, b=places, c=places)
def test_a_detour_is_never_shorter(a, b, c):
    assert distance_m(a, c) <= distance_m(a, b) + distance_m(b, c) + 1


def test_a_distance_agrees_with_one_that_is_known():
    moscow, novosibirsk = Place(55.7558, 37.6173), Place(55.0302, 82.9204)
    assert distance_m(moscow, novosibirsk) == pytest.approx(2_811_000, rel=0.005)
    assert distance_m(Place(0.5, 179.9995), Place(0.5, -179.9995)) == pytest.approx(111, abs=1)


# far_from_address


@given(metres=st.floats(0, 20_000), accuracy=st.floats(0, 3000), radius=st.integers(1, 5000))
def test_far_is_what_stays_beyond_the_radius_when_the_accuracy_is_granted(metres, accuracy, radius):
    place = north(metres, accuracy_m=accuracy)
    flags = step_flags(around(a_step(place=place), radius_m=radius))
    assert bool(flags) == (distance_m(place, HOME) - accuracy > radius)
    if flags:
        data = flags[0].data
        assert flags[0].kind == "far_from_address"
        assert data["distance_m"] - data["accuracy_m"] > data["radius_m"] == radius


def test_far_from_the_address_is_told_with_its_figures():
    (flag,) = step_flags(around(a_step(place=north(419.5))))
    assert flag.what == "Заказ 000-1: «Отдал» отмечено в 420\u00a0м от адреса. Курьер Илья Петров."
    assert flag.why == "420\u00a0м от адреса, точность 15\u00a0м, допустимо 200\u00a0м."
    english = contradiction_text(flag.kind, "en", **flag.data)
    assert english[1] == "420\u00a0m from the address, accuracy 15\u00a0m, allowed 200\u00a0m."


@pytest.mark.parametrize("action", [*STEPS, "retry"])
def test_only_steps_at_the_customers_are_compared_with_the_address(action: str):
    assert kinds(around(a_step(action, place=north(5000)))) == (["far_from_address"] if action in AT_ADDRESS else [])


@pytest.mark.parametrize(
    "fields",
    [
        {"address": None},
        {"address": Place(0.0, 0.0)},
        {"address": Place(551.0, 82.0)},
        {"address": Place(55.0, 1e12)},
        {"place": north(5000, accuracy_m=None)},
    ],
)
def test_an_address_or_an_accuracy_that_is_not_known_raises_no_flag(fields):
    assert kinds(around(a_step(**{"place": north(5000), **fields}))) == []


# no_position


@pytest.mark.parametrize("level", LEVELS)
def test_a_missing_position_is_told_where_the_division_wants_one(level: str):
    flags = kinds(around(a_step(place=None), position_level=level))
    assert flags == (["no_position"] if level in ("required", "warn") else [])


def test_a_missing_position_is_told_with_the_phones_reason():
    (flag,) = step_flags(around(a_step(place=None), geo_error="denied"))
    assert flag.why == "По правилам подразделения место нужно, но его нет: доступ к местоположению запрещён."
    (flag,) = step_flags(around(a_step(place=None)))
    assert flag.why.endswith("телефон не назвал причину.")


# clock_jump


@given(before=st.integers(-(10**10), 10**10), after=st.integers(-(10**10), 10**10))
def test_a_clock_jumps_by_more_than_five_minutes(before, after):
    assert kinds(around(offset_ms=after, last_offset_ms=before)) == (
        ["clock_jump"] if abs(after - before) > 300_000 else []
    )


def test_a_clock_that_was_never_measured_does_not_jump():
    assert kinds(around(offset_ms=10**9, last_offset_ms=None)) == []


def test_a_jump_is_told_in_minutes():
    (flag,) = step_flags(around(offset_ms=-725_000, last_offset_ms=1_000))
    assert "переведены на 12\u00a0мин 6\u00a0с" in flag.what
    assert flag.why == "Расхождение с часами сервера было 1\u00a0с, стало −12\u00a0мин 5\u00a0с."


# batch_clicking


@given(passed=st.integers(-120, 120), metres=st.floats(0, 2000))
def test_two_hand_overs_within_a_minute_at_places_apart_are_told(passed, metres):
    address = north(metres)
    assume(abs(distance_m(address, HOME) - 500) > 0.001)
    other = a_step(number=2, delivery=2, after_s=passed, address=address)
    flags = kinds(around(hand_overs=(other,)))
    assert flags == (["batch_clicking"] if abs(passed) < 60 and metres > 500 else [])


def test_two_hand_overs_are_told_with_both_orders():
    other = a_step(number=2, delivery=2, after_s=-20, address=north(2999.5))
    (flag,) = step_flags(around(hand_overs=(other,)))
    assert flag.what.startswith("Заказы 000-1 и 000-2 отмечены вручёнными почти разом.")
    assert flag.why == "Между вручениями 20\u00a0с, а между местами 3\u00a0км."


def test_without_addresses_the_phones_places_are_compared_with_their_accuracies_granted():
    step = a_step(address=None)
    for metres, accuracy, told in ((540, 15.0, True), (530, 15.0, False), (5000, 4900.0, False), (5000, None, False)):
        other = a_step(number=2, delivery=2, address=None, place=north(metres, accuracy_m=accuracy))
        assert ("batch_clicking" in kinds(around(step, hand_overs=(other,)))) == told


def test_neither_another_step_nor_the_same_delivery_is_a_second_hand_over():
    other = a_step(number=2, delivery=2, address=north(3000))
    assert kinds(around(a_step("depart"), hand_overs=(other,))) == []
    assert kinds(around(hand_overs=(replace(other, delivery_id=UUID(int=1)),))) == []


@given(times=st.lists(st.integers(0, 90), min_size=1, max_size=3), end=st.sampled_from(["hand_over", "not_deliver"]))
def test_a_whole_trip_within_a_minute_is_told(times, end):
    actions = ["pick_up", "depart", end][: len(times)]
    steps = [
        a_step(action, i, after_s=at) for i, (action, at) in enumerate(zip(actions, sorted(times), strict=True), 1)
    ]
    flags = kinds(around(steps[-1], same_delivery=tuple(steps)))
    assert flags == (["batch_clicking"] if len(steps) == 3 and max(times) - min(times) <= 60 else [])


@pytest.mark.parametrize(
    "actions",
    [
        ("pick_up", "hand_over"),
        ("depart", "depart", "hand_over"),
        ("pick_up", "depart", "depart"),
        ("pick_up", "hand_over", "customer_return"),
    ],
)
def test_less_than_a_trip_of_three_steps_is_not_told(actions):
    steps = tuple(a_step(action, i, after_s=i) for i, action in enumerate(actions, 1))
    assert kinds(around(steps[-1], same_delivery=steps)) == []


def test_the_step_itself_counts_once_and_the_trip_is_told_with_its_figures():
    steps = tuple(a_step(action, i, after_s=i * 10) for i, action in enumerate(("pick_up", "depart", "hand_over"), 1))
    (flag,) = step_flags(around(steps[-1], same_delivery=steps))
    assert flag.what == "Все шаги по заказу 000-1 отмечены почти разом. Курьер Илья Петров."
    assert flag.why == "Шагов 3, от первого до последнего 20\u00a0с."
    assert kinds(around(steps[-1], same_delivery=steps[:-1])) == ["batch_clicking"]
    assert kinds(around(steps[-1], same_delivery=(steps[0], steps[-1]))) == []


# impossible_speed


@given(passed=seconds, metres=st.floats(0, 50_000), first=st.floats(0, 3000), second=st.floats(0, 3000))
def test_a_speed_is_impossible_above_120_km_h_with_both_accuracies_granted(passed, metres, first, second):
    before = a_step("pick_up", 2, after_s=-passed, place=north(metres, accuracy_m=first))
    step = a_step("depart", place=north(0, accuracy_m=second))
    speed = (distance_m(before.place, step.place) - first - second) / max(1, passed) * 3.6
    assert kinds(around(step, previous=before)) == (["impossible_speed"] if speed > 120 else [])


def test_a_speed_is_told_with_way_and_time():
    before = a_step("pick_up", 2, after_s=-60, place=north(5029.5))
    (flag,) = step_flags(around(a_step("depart"), previous=before))
    assert flag.why == "За 1\u00a0мин не меньше 5\u00a0км: 300\u00a0км/ч, предел 120\u00a0км/ч."


@pytest.mark.parametrize("place", [None, north(50_000, accuracy_m=None), Place(0.0, 0.0, 5.0)])
def test_a_place_that_is_not_known_has_no_speed(place):
    before = a_step("pick_up", 2, after_s=-60, place=place)
    assert kinds(around(a_step("depart"), previous=before)) == []


# same_coordinates


@pytest.mark.parametrize(("addresses", "told"), [(0, False), (2, False), (3, True), (9, True)])
def test_one_position_at_three_addresses_is_told(addresses: int, told: bool):
    assert kinds(around(same_place_addresses=addresses)) == (["same_coordinates"] if told else [])


def test_picking_up_several_orders_in_one_place_is_no_wonder():
    assert kinds(around(a_step("pick_up"), same_place_addresses=9)) == []


def test_no_position_cannot_be_the_same():
    assert kinds(around(a_step(place=None), position_level="off", same_place_addresses=9)) == []


# Photos

A_PHOTO = Photo("aa" * 32, 0.5, 0xF0F0_F0F0_F0F0_F0F0)


def a_repeat(**fields) -> Repeat:
    known = {"sha256": "bb" * 32, "phash": A_PHOTO.phash, "order_number": "000-7", "at": NOW, "who": "Анна Ким"}
    return Repeat(**{**known, **fields})


def photo_kinds(photo: Photo, *repeats: Repeat, **fields) -> list[str]:
    return [flag.kind for flag in photo_flags(photo, "000-1", "Илья Петров", repeats, **fields)]


def test_a_photo_that_nobody_saw_before_raises_no_flag():
    assert photo_kinds(A_PHOTO) == []


@given(brightness=st.floats(0, 1))
def test_a_photo_is_dark_below_the_border(brightness):
    assert photo_kinds(replace(A_PHOTO, brightness=brightness)) == (["dark_photo"] if brightness < DARK else [])


@given(phash=st.integers(0, 2**64 - 1), bits=st.sets(st.integers(0, 63)), signed=st.booleans())
def test_pictures_are_near_by_the_number_of_bits_that_differ(phash, bits, signed):
    other = phash
    for bit in bits:
        other ^= 1 << bit
    if signed and other >= 2**63:
        other -= 2**64  # as a database may give 64 bits
    flags = photo_kinds(replace(A_PHOTO, phash=phash), a_repeat(phash=other))
    assert flags == (["repeated_photo"] if len(bits) <= NEAR else [])


@given(brightness=st.floats(0, 1), phash=st.integers(0, 2**64 - 1))
def test_the_same_file_is_always_a_repeat(brightness, phash):
    photo = replace(A_PHOTO, brightness=brightness)
    assert "repeated_photo" in photo_kinds(photo, a_repeat(sha256=photo.sha256, phash=phash))


def test_dark_photos_all_look_alike_so_only_the_same_file_is_a_repeat():
    dark = replace(A_PHOTO, brightness=0.01)
    assert photo_kinds(dark, a_repeat()) == ["dark_photo"]
    assert photo_kinds(dark, a_repeat(sha256=dark.sha256)) == ["dark_photo", "repeated_photo"]


def test_a_photo_named_twice_in_one_step_repeats_nothing():
    mine = UUID(int=5)
    repeat = a_repeat(sha256=A_PHOTO.sha256, source=mine)
    assert photo_kinds(A_PHOTO, repeat, source=mine) == []
    assert photo_kinds(A_PHOTO, repeat, source=UUID(int=6)) == ["repeated_photo"]
    assert photo_kinds(A_PHOTO, replace(repeat, source=None)) == ["repeated_photo"]


def test_of_several_repeats_the_same_file_comes_first_then_the_oldest():
    near, later = a_repeat(), a_repeat(sha256=A_PHOTO.sha256, at=NOW + timedelta(days=1), order_number="000-9")
    same = a_repeat(sha256=A_PHOTO.sha256, order_number="000-8")
    (flag,) = photo_flags(A_PHOTO, "000-1", "Илья Петров", [near, later, same], time_zone="Asia/Novosibirsk")
    assert flag.what == "Фото к заказу 000-1 уже приложено раньше. Курьер Илья Петров."
    assert flag.why == "Тот же файл был у заказа 000-8: Анна Ким, 22.11 16:00."


def test_a_similar_photo_is_told_as_similar_in_both_languages():
    (flag,) = photo_flags(A_PHOTO, "000-1", "Илья Петров", [a_repeat(phash=A_PHOTO.phash ^ 3, order_number=None)])
    assert flag.why == "Похожий снимок был у заказа —: Анна Ким, 22.11 12:00; различий 2 из 64."
    english = contradiction_text(flag.kind, "en", **flag.data)
    assert english[1] == "A similar picture belongs to order —: Анна Ким, 22.11 12:00; 2 of 64 bits differ."
