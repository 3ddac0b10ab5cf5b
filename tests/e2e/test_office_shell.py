"""The frame around the office's pages in a real browser: addresses, rights, what fits, what is not loaded, Bitrix24."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from bench.office_pages import office_pages
from playwright.sync_api import Browser, Page, Route, expect
from tests.browser import WIDER
from tests.e2e import office_desk
from tests.e2e.fake_office import TOKEN, FakeOffice
from tests.e2e.office_desk import DESK, PHONE, Desk

pytestmark = pytest.mark.e2e

browser, service, office, desk = office_desk.browser, office_desk.service, office_desk.office, office_desk.desk
CASHIER = ["board.see", "cash.see", "cash.count", "way.see"]
# What a browser does to a page in a foreign frame when it keeps storage from it.
NO_STORAGE = """if (self !== top) for (const name of ['sessionStorage', 'localStorage'])
  Object.defineProperty(self, name, { get() { throw new DOMException('denied', 'SecurityError') } })"""

# Every section can be seen and pressed: none is hidden, none sticks out of the window.
ALL_WITHIN = """width => [...document.querySelectorAll('nav[aria-label="Разделы"] a')].every((link) => {
  const box = link.getBoundingClientRect()
  return link.checkVisibility() && box.width > 0 && box.left >= 0 && box.right <= width
})"""
SIX_IN_ONE_LINE = """() => {
  const tops = [...document.querySelectorAll('nav > a')].map((link) => link.getBoundingClientRect().top)
  return tops.length >= 6 && new Set(tops).size === 1
}"""


def with_rights(page: Page, rights: list[str]) -> None:
    told = json.dumps({"name": "Анна Кузнецова", "rights": rights, "roles": [], "divisions": None})
    page.route("**/api/v1/board/me", lambda route: route.fulfill(body=told, content_type="application/json"))


def sections(page: Page) -> list[str]:
    """What the header offers, the menu included."""
    links = page.get_by_role("navigation", name="Разделы").locator("a")
    return [name.strip() for name in links.all_text_contents()]


def test_an_address_opens_its_page_and_the_way_back_the_one_before(desk: Desk) -> None:
    page = desk.open("/way?q=000-000129")
    expect(page.get_by_role("heading", name="000-000129")).to_be_visible()
    page.get_by_role("navigation", name="Разделы").get_by_role("link", name="Касса").click()
    expect(page.get_by_role("heading", name="Касса", exact=True)).to_be_attached()
    expect(page).to_have_title(re.compile("^Касса"))
    page.go_back()
    expect(page.get_by_role("heading", name="000-000129")).to_be_visible()


def test_an_address_without_a_page_says_so_and_the_bare_one_is_the_board(desk: Desk) -> None:
    page = desk.open("/no-such-page")
    expect(page.get_by_role("heading", name="Такой страницы нет")).to_be_visible()
    page.goto(f"{desk.url}/office/")
    expect(page).to_have_url(re.compile(r"#/deliveries$"))


def test_only_what_a_person_may_see_is_offered_and_opened(desk: Desk) -> None:
    with_rights(desk.page, CASHIER)
    page = desk.open("/cash")
    expect(page.get_by_role("navigation", name="Разделы").locator("a")).to_have_count(3)
    assert sections(page) == ["Доска", "Касса", "Где мой заказ"]
    page.goto(f"{desk.url}/office/#/exchange")
    expect(page.get_by_role("heading", name="Для этого раздела нужно право")).to_be_visible()


@pytest.mark.parametrize("width", [1440, 1024, 800, 390])
def test_every_section_is_reached_at_every_width(desk: Desk, width: int) -> None:
    desk.page.set_viewport_size({"width": width, "height": 844})
    page = desk.open("/cash")
    expect(page.get_by_role("link", name="Анна Кузнецова")).to_be_visible()
    links = page.get_by_role("navigation", name="Разделы").locator("a")
    expect(links).to_have_count(len(office_pages()))
    assert page.evaluate(WIDER) == 0
    expect(page.locator("main.cash").get_by_role("heading").first).to_be_visible()
    page.get_by_role("button", name="Ещё", exact=True).click()
    page.wait_for_function(ALL_WITHIN, arg=width)


@pytest.mark.parametrize("language", ["Русский", "English"])
def test_the_sections_that_fit_stand_in_one_line_of_a_desk(desk: Desk, language: str) -> None:
    page = desk.open("/cash")
    if language == "English":
        page.get_by_role("button", name="English").click()
    more = page.get_by_role("button", name=re.compile("^(Ещё|More)$"))
    for width in (1440, 1024):
        page.set_viewport_size({"width": width, "height": 800})
        expect(more).to_be_visible()
        page.wait_for_function(SIX_IN_ONE_LINE)  # one look at all of them: which fit changes with words and width
        assert (width, page.evaluate(WIDER)) == (width, 0)


def test_the_menu_is_shut_by_escape_and_by_a_press_elsewhere(desk: Desk) -> None:
    desk.page.set_viewport_size(PHONE)
    page = desk.open("/cash")
    # A page that is still being changed to closes the menu.
    expect(page.locator("main.cash").get_by_role("heading").first).to_be_visible()
    more = page.get_by_role("button", name="Ещё", exact=True)
    for shut in (lambda: page.keyboard.press("Escape"), lambda: page.mouse.click(200, 200)):
        more.click()
        expect(more).to_have_attribute("aria-expanded", "true")
        shut()
        expect(more).to_have_attribute("aria-expanded", "false")


def test_a_section_whose_files_are_gone_says_so_and_opens_when_they_are_back(desk: Desk) -> None:
    gone = re.compile(r"/assets/CashPage-.*\.js$")

    def refuse(route: Route) -> None:
        route.fulfill(status=404, body="")

    desk.page.route(gone, refuse)
    page = desk.open("/way")
    page.get_by_role("navigation", name="Разделы").get_by_role("link", name="Касса").click()
    expect(page.get_by_role("heading", name="Раздел не загрузился")).to_be_visible()
    page.unroute(gone)
    page.get_by_role("button", name="Открыть заново").click()
    expect(page.get_by_role("heading", name="Касса", exact=True)).to_be_attached()
    assert page.url.endswith("#/cash")
    # The browser tells of the files that were refused, and of what the opening anew has cut short.
    desk.faults[:] = [fault for fault in desk.faults if "fetch" not in fault.lower() and "import" not in fault.lower()]


@contextmanager
def portal(host: str, framed: str) -> Iterator[str]:
    """A page at another address that shows `framed` in a frame, as Bitrix24 does."""

    class Portal(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Silence: a test's output is its own."""

        def do_GET(self) -> None:
            body = f'<!doctype html><title>Портал</title><iframe src="{framed}" width="1200" height="800"></iframe>'
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body.encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Portal)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize("closed", [False, True], ids=["storage works", "storage is closed"])
def test_it_works_in_a_frame_of_the_portal_and_says_when_nothing_is_kept(
    browser: Browser, service: tuple[str, FakeOffice], closed: bool
) -> None:
    context = browser.new_context(viewport=DESK, locale="ru-RU")
    page = context.new_page()
    if closed:
        page.add_init_script(NO_STORAGE)
    # To another site the browser closes storage by itself; the script does so whatever its settings.
    host = "localhost" if closed else "127.0.0.1"
    with portal(host, f"{service[0]}/office/#token={TOKEN}&to=/cash") as address:
        page.goto(address)
        frame = page.frame_locator("iframe")
        expect(frame.get_by_role("link", name="Анна Кузнецова")).to_be_visible()
        expect(frame.locator(".brand")).to_have_count(0)
        frame.get_by_role("link", name="Рюкзаки").click()
        expect(frame.get_by_role("heading", name="Рюкзаки", exact=True)).to_be_attached()
        assert page.url == address
        note = frame.get_by_role("link", name="открыть в новой вкладке")
        expect(note).to_have_count(int(closed))
        if closed:
            expect(note).to_have_attribute("target", "_blank")
            expect(note).to_have_attribute("href", re.compile("^#/"))
    context.close()
