"""A person's tab in a real browser against the small service of `fake_office`: fixtures of the office's tests."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, ViewportSize
from tests.browser import chromium_in_step
from tests.e2e.fake_office import TOKEN, FakeOffice, serving

DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser(browser_path: str, built_pages: Path) -> Iterator[Browser]:
    with chromium_in_step(browser_path) as browser:
        yield browser


@pytest.fixture
def service() -> Iterator[tuple[str, FakeOffice]]:
    with serving() as running:
        yield running


@pytest.fixture
def office(service: tuple[str, FakeOffice]) -> FakeOffice:
    return service[1]


class Desk:
    """A person's tab: opens pages by the demo's links and keeps what must not happen."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.faults: list[str] = []
        self.hosts: set[str] = set()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: self.faults.append(said.text) if "Content Security" in said.text else None)
        page.on("request", self._asked)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith("blob:"):  # a picture of this page itself
            self.hosts.add(urlsplit(request.url).netloc)

    def open(self, hash: str, token: str = TOKEN) -> Page:
        self.page.goto(f"{self.url}/office/#token={token}&to={quote(hash)}")
        return self.page


@pytest.fixture
def desk(browser: Browser, service: tuple[str, FakeOffice]) -> Iterator[Desk]:
    context = browser.new_context(viewport=DESK, locale="ru-RU", timezone_id="Europe/Moscow", reduced_motion="reduce")
    desk = Desk(context.new_page(), service[0])
    yield desk
    context.close()
    assert desk.faults == [], desk.faults
    assert desk.hosts == {urlsplit(desk.url).netloc}, desk.hosts


# Contrast of every visible text against what is painted behind it: WCAG 2.2, 1.4.3.
FAINT_TEXTS = """() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data]
  }
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0)
  const behind = (el) => {
    for (let at = el; at; at = at.parentElement) {
      const color = rgba(getComputedStyle(at).backgroundColor)
      if (color[3] > 250) return color
    }
    return [255, 255, 255]
  }
  const faint = []
  const walker = document.createTreeWalker(document.querySelector('#app'), NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const el = walker.currentNode.parentElement, text = walker.currentNode.textContent.trim()
    if (!text || !el.checkVisibility() || el.closest(':disabled, .sr-only')) continue
    const [a, b] = [light(rgba(getComputedStyle(el).color)), light(behind(el))]
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    if (ratio < 4.5) faint.push(`${text}: ${ratio.toFixed(2)}`)
  }
  return faint
}"""
