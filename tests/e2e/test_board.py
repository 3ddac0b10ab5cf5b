"""The board in real browsers, by a real service: live, shared by its address, moved by hand, and with 2 000 cards."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from tests.browser import FAULTS, chromium_in_step
from tests.conftest import AXE
from tests.e2e.board_live import Live, Watcher, live
from tests.flow.exchange_client import SECOND_COURIER
from tests.ports import new_ports

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

CARDS = 2000
# Milliseconds from the start of the page: its first paint, when the board was asked for, read, and all of it shown.
PAINT = """() => {
  const read = performance.getEntriesByType('resource').find((one) => one.name.includes('/board/deliveries?'))
  const first = performance.getEntriesByName('first-contentful-paint')[0]
  const shown = performance.getEntriesByName('shown')[0]
  return { first: first.startTime, asked: read.startTime, read: read.responseEnd, shown: shown.startTime }
}"""
PAINTED = """() => ['first-contentful-paint', 'shown'].every((name) => performance.getEntriesByName(name).length)"""
MARK = """addEventListener('DOMContentLoaded', () => new MutationObserver((_, watch) => {
  if (!document.querySelector('.columns .card')) return
  watch.disconnect()
  requestAnimationFrame(() => performance.mark('shown'))
}).observe(document.body, { childList: true, subtree: true }))"""


@pytest.fixture(scope="module")
def browser(browser_path: str, built_pages: Path) -> Iterator[Browser]:
    with chromium_in_step(browser_path) as browser:
        yield browser


@pytest.fixture(scope="module")
def running(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live(module_database, new_ports(1)[0], tmp_path_factory.mktemp("board")) as running:
        yield running


@pytest.fixture
def service(running: Live) -> Live:
    """One for all of the file, each test on an empty board of its own: a start takes longer than most of them."""
    running.clear()
    return running


@pytest.fixture
def watcher(browser: Browser, service: Live) -> Iterator[Callable[..., Watcher]]:
    made: list[Watcher] = []

    def watch(**options: Any) -> Watcher:
        made.append(Watcher(browser, service.url, **options))
        return made[-1]

    yield watch
    for one in made:
        one.context.close()
        assert one.faults == []


def test_a_filter_is_shared_by_its_address(service: Live, watcher: Callable[..., Watcher]) -> None:
    service.order("ТД-1")
    service.order("ТД-2", ready={"courier": SECOND_COURIER})
    mine, other = watcher(), watcher()
    page = mine.open()
    page.get_by_label("Курьер").select_option("Иван Петров")
    page.get_by_role("searchbox").fill("тд")
    expect(page.get_by_role("status").filter(has_text="достав")).to_have_text("1 доставка")
    expect(mine.card("ТД-2")).to_be_visible()
    expect(page).to_have_url(re.compile(f"courier={SECOND_COURIER}"))
    other.open(page.url.partition("#")[2])
    expect(other.card("ТД-2")).to_be_visible()
    expect(other.card("ТД-1")).to_have_count(0)
    page.get_by_role("button", name="Только расхождения").click()
    expect(page.get_by_role("heading", name="По этому фильтру ничего нет")).to_be_visible()


def test_what_one_does_the_other_sees_at_once(service: Live, watcher: Callable[..., Watcher]) -> None:
    one = service.order("ТД-1")
    mine, other = watcher(), watcher()
    mine.open(f"/deliveries?id={one}")
    other.open()
    expect(other.column("Готов").get_by_role("button", name="ТД-1")).to_be_visible()
    mine.detail("ТД-1").get_by_role("button", name="Забрал", exact=True).click()
    expect(other.column("Забрал").get_by_role("button", name="ТД-1")).to_be_visible()
    expect(other.column("Готов").get_by_role("button", name="ТД-1")).to_have_count(0)
    service.order("ТД-2")
    for watching in (mine, other):
        expect(watching.column("Готов").get_by_role("button", name="ТД-2")).to_be_visible()


def test_a_card_goes_by_hand_only_where_the_rules_allow(service: Live, watcher: Callable[..., Watcher]) -> None:
    one = service.order("ТД-1")
    mine = watcher()
    page = mine.open()
    mine.card("ТД-1").drag_to(mine.column("Отдал"))
    expect(page.get_by_role("complementary")).to_have_count(0)
    assert service.card(one)["stage"] == "ready"
    mine.card("ТД-1").drag_to(mine.column("Забрал"))
    expect(mine.detail("ТД-1").get_by_text("Записано: «Забрал»")).to_be_visible()
    expect(mine.column("Забрал").get_by_role("button", name="ТД-1")).to_be_visible()
    mine.detail("ТД-1").get_by_role("button", name="Закрыть").click()
    mine.card("ТД-1").drag_to(mine.column("Отдал"))
    form = mine.detail("ТД-1").get_by_role("form", name="Отдал")
    form.get_by_label("Взято").fill("2 000")
    form.get_by_role("button", name=re.compile("Отдал, взято")).click()
    expect(mine.column("Отдал")).to_contain_text("на руках 2 000")
    expect(mine.column("Требует разбора").get_by_role("button", name="ТД-1")).to_contain_text("2 280")
    taken = service.card(one)
    assert (taken["stage"], taken["amount_taken"]) == ("handed_over", "2000.00")


def test_the_same_steps_are_taken_by_the_keyboard(service: Live, watcher: Callable[..., Watcher]) -> None:
    one = service.order("ТД-1")
    mine = watcher()
    page = mine.open()
    mine.card("ТД-1").focus()
    page.keyboard.press("Enter")
    mine.detail("ТД-1").get_by_role("button", name="Забрал", exact=True).focus()
    page.keyboard.press("Enter")
    expect(mine.detail("ТД-1").get_by_text("Записано: «Забрал»")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("complementary")).to_have_count(0)
    assert service.card(one)["stage"] == "picked_up"


def test_a_delivery_is_given_to_another_tried_again_and_talked_about(
    service: Live, watcher: Callable[..., Watcher]
) -> None:
    one = service.order("ТД-1")
    mine, other = watcher(), watcher()
    page = mine.open(f"/deliveries?id={one}")
    detail = mine.detail("ТД-1")
    detail.get_by_role("button", name="Назначить").click()
    detail.get_by_role("form", name="Назначить").get_by_label("Курьер").select_option("Иван Петров")
    detail.get_by_role("button", name="Назначить курьера").click()
    expect(mine.card("ТД-1")).to_contain_text("Иван Петров")
    service.run(service.service.act(one, "pick_up"))
    service.run(service.service.act(one, "not_deliver", reason="not_home"))
    expect(mine.column("Не вручено").get_by_role("button", name="ТД-1")).to_be_visible()
    mine.card("ТД-1").drag_to(mine.column("Забрал"))
    form = detail.get_by_role("form", name="Повторить")
    form.get_by_label("Когда везти снова").fill("2099-01-15")
    form.get_by_label("Курьер").select_option("Пётр Иванов")
    form.get_by_role("button", name="Везти снова").click()
    expect(detail.get_by_text("Записано: «Повторить»")).to_be_visible()
    again = service.card(one)
    assert (again["next_date"], again["courier"]["name"]) == ("2099-01-15", "Пётр Иванов")
    other.open(f"/deliveries?id={one}")
    detail.get_by_label("Для своих").fill("Позвонить до десяти")
    detail.get_by_role("button", name="Добавить").click()
    for watching in (mine, other):
        said = watching.detail("ТД-1").get_by_role("region", name="Комментарии")
        expect(said).to_contain_text("Позвонить до десяти")
        expect(said).to_contain_text("Анна Кузнецова")
        expect(watching.card("ТД-1")).to_contain_text("1 комментарий")
    expect(page.get_by_label("Для своих")).to_have_value("")


def test_a_stop_of_the_service_is_told_and_what_was_missed_comes_after_it(
    service: Live, watcher: Callable[..., Watcher]
) -> None:
    service.order("ТД-1")
    mine = watcher()
    page = mine.open()
    assert service.stop() < 45
    expect(page.get_by_text(re.compile(r"Нет связи, показано на \d\d:\d\d"))).to_be_visible()
    expect(mine.card("ТД-1")).to_be_visible()
    service.again()
    service.order("ТД-2")
    expect(mine.card("ТД-2")).to_be_visible()
    expect(page.get_by_text("Нет связи")).to_have_count(0)


def test_an_empty_board_says_when_it_will_not_be(watcher: Callable[..., Watcher]) -> None:
    mine = watcher()
    mine.open()
    expect(mine.page.get_by_role("heading", name="Доставок пока нет")).to_be_visible()


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (1440, "dark"), (1024, "light"), (390, "dark")])
def test_the_board_and_a_card_fit_and_axe_finds_nothing(
    service: Live, watcher: Callable[..., Watcher], width: int, theme: str
) -> None:
    one = service.order("ТД-1", recipient={"name": "Константинопольская Александра", "phone": "+79031234567"})
    service.run(service.service.act(one, "pick_up"))
    service.run(service.service.act(one, "hand_over", amount_taken="2000.00", difference_reason="скидка"))
    service.run(service.service.person("POST", f"/api/v1/board/deliveries/{one}/comments", {"text": "Домофон сломан"}))
    service.order("ТД-2", ready={})
    mine = watcher(viewport={"width": width, "height": 900}, color_scheme=theme, bypass_csp=True)
    for hash, seen in (("/deliveries", "2 доставки"), (f"/deliveries?id={one}", "Деньги по учёту")):
        mine.page.goto("about:blank")
        page = mine.open(hash) if width > 719 or hash == "/deliveries" else _card(mine, service, hash)
        expect(page.get_by_text(seen).first).to_be_visible()
        page.add_script_tag(path=AXE)
        assert page.evaluate(FAULTS) == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def _card(mine: Watcher, service: Live, hash: str) -> Any:
    """On a phone the card takes the board's place, and with it the line that says how fresh the board is."""
    mine.page.goto(f"{service.url}/office/#{hash}")
    return mine.page


def test_two_thousand_cards_are_there_quickly_and_scroll_to_the_last(
    service: Live, watcher: Callable[..., Watcher], record_property: Callable[[str, object], None]
) -> None:
    service.order("ТД-1")
    service.copies(CARDS - 1)
    mine = watcher()
    page = mine.open()
    expect(page.get_by_text("2000 доставок")).to_be_visible()
    page.add_init_script(MARK)
    page.reload()
    expect(page.get_by_text("2000 доставок")).to_be_visible()
    page.wait_for_function(PAINTED)
    shown = page.evaluate(PAINT)
    for name, at_ms in shown.items():
        record_property(f"{name}_ms", round(at_ms))
    print(f"{CARDS} cards, ms from the start: " + ", ".join(f"{name} {at:.0f}" for name, at in shown.items()))
    column = mine.column("В пути")
    assert column.get_by_role("button").count() < 200, "what is out of sight was drawn"
    last = column.get_by_role("button", name=re.compile("М-01998"))
    for _ in range(600):
        if last.count():
            break
        column.evaluate("one => one.scrollTo(0, one.scrollHeight)")
        page.wait_for_timeout(50)
    expect(last).to_be_visible()
    moved = service.order("ТД-2")
    expect(mine.column("Готов")).to_contain_text("501")
    assert moved
