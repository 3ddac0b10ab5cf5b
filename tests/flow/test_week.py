"""The weekly status: figures, what is out of bounds, switches; as data, Markdown and a line in a chat."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.flow.exchange_client import DIVISION, Json, Service, running
from tests.flow.test_pilot import configured

from posrednik.domain.week import Counts, Line, Stands, Switch, Week, chat_text, lines_of, markdown, shown

QUIET = Counts(raised=0, decided=0, open_now=0, dead_now=0, quarantined_now=0, shadow=0)


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    async with running(database, configured) as it:
        yield it


def line(lines: tuple[Line, ...], key: str) -> Line:
    return next(one for one in lines if one.key == key)


def week(**changes: object) -> Week:
    plain: dict[str, object] = {
        "about": "Центр", "first": date(2026, 11, 16), "last": date(2026, 11, 22), "lines": lines_of({}, QUIET),
        "stands": [Stands("Центр", "pilot", 0)], "switches": [],
    }  # fmt: skip
    return Week(**{**plain, **changes})  # type: ignore[arg-type]


def test_a_quiet_week_has_nothing_red() -> None:
    assert week().red == []
    assert "Отклонений нет." in markdown(week())


def test_cash_that_differs_by_more_than_the_limit_is_red() -> None:
    figures = {"taken_cash_kop": (900_000, 0), "sold_cash_kop": (100_000, 0), "cash_shortage_kop": (3_000, 0)}
    assert line(lines_of(figures, QUIET), "cash_difference").fine is True
    figures["cash_surplus_kop"] = (1, 0)
    told = week(lines=lines_of(figures, QUIET))
    assert [one.key for one in told.red] == ["cash_difference"]
    assert "Требует внимания" in markdown(told)
    assert "[B]Требует внимания[/B]" in chat_text(told)


def test_without_cash_nothing_differs_and_nothing_is_fine() -> None:
    assert line(lines_of({}, QUIET), "cash_difference").fine is None
    assert shown(line(lines_of({}, QUIET), "cash_difference"), None) == "—"


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_a_share_is_that_of_the_whole(part: int, rest: int) -> None:
    told = line(lines_of({"in_window": (part, 0), "late_window": (rest, 0)}, QUIET), "in_window")
    assert told.value == part / (part + rest)
    assert told.earlier is None


@given(st.text(max_size=60), st.text(max_size=60))
def test_what_people_write_is_neither_markdown_nor_a_mark_of_the_chat(reason: str, name: str) -> None:
    switch = Switch(name, datetime(2026, 11, 20, 9, 30, tzinfo=UTC), "Анна", reason, "shadow", "pilot")
    told = week(about=name, stands=[Stands(name, "live", None)], switches=[switch])
    plain = week(about="x", stands=[Stands("x", "live", None)], switches=[switch])
    assert markdown(told).count("\n") == markdown(plain).count("\n")
    assert chat_text(told).count("[") == chat_text(plain).count("[")


async def test_the_week_counts_what_was_done_and_tells_of_switches(service: Service) -> None:
    _, delivery = await service.picked_up()
    await service.act(delivery["id"], "hand_over", amount_taken="2280.00")
    body = {"mode": "off", "reason": "| вернули | назад |", "force": True}
    await service.person("POST", f"/api/v1/admin/pilot/{DIVISION}/mode", body)
    answer = await service.person("GET", f"/api/v1/admin/week?division={DIVISION}")
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    lines = {one["key"]: one for one in told["lines"]}
    assert (lines["done"]["value"], lines["taken"]["shown"]) == (1, "2\u2009280\u00a0₽")
    assert lines["shadow"]["value"] > 0
    assert [(one["before"], one["after"]) for one in told["switches"]] == [("shadow", "off")]
    assert [one["mode"] for one in told["stands"]] == ["off"]
    assert told["about"] == "Центр"
    page = await service.person("GET", "/api/v1/admin/week?format=md")
    assert page.headers["content-type"].startswith("text/markdown")
    assert r"\| вернули \| назад \|" in page.text
    earlier = (await service.person("GET", "/api/v1/admin/week?to=2026-01-10")).json()
    assert (earlier["first"], earlier["last"]) == ("2026-01-04", "2026-01-10")
    assert all(not one["value"] for one in earlier["lines"] if one["key"] in ("done", "shadow"))


@pytest.mark.parametrize("day", ["завтра", "0001-01-01", "9999-12-31", "2026-13-01"])
async def test_a_day_that_is_none_is_not_read(service: Service, day: str) -> None:
    assert (await service.person("GET", f"/api/v1/admin/week?to={day}")).status_code == 400


async def test_the_week_goes_into_the_chat_once_for_one_key(service: Service) -> None:
    for _ in range(2):
        answer = await service.person("POST", "/api/v1/admin/week/send", {}, key="one")
        assert answer.json() == {"sent": True, "chat": "chat1"}
    rows = await service.rows("SELECT l.key, m.method, m.body FROM message m JOIN lane l ON l.id = m.lane_id")
    assert [(row["key"], row["method"], row["body"]["dialog"]) for row in rows] == [("status:all", "chat.say", "chat1")]
    assert "Доставка: неделя по фактам" in rows[0]["body"]["text"]
