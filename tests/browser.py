"""Chromium for the tests, and what is wrong with a page that it shows."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from urllib.parse import urlsplit

from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect
from playwright.sync_api import Browser as SyncBrowser
from playwright.sync_api import Page as SyncPage
from playwright.sync_api import expect as expect_in_step
from playwright.sync_api import sync_playwright
from tests.conftest import AXE

PATIENCE_MS = 45_000  # what is waited for comes at once, but the machine may be busy
expect.set_options(timeout=PATIENCE_MS)
expect_in_step.set_options(timeout=PATIENCE_MS)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
SIZES: tuple[ViewportSize, ...] = (
    {"width": 1440, "height": 900}, {"width": 1024, "height": 768}, {"width": 390, "height": 844},
)  # fmt: skip
# How axe is asked: every element that breaks a rule, with the reason; of all rules, or of those named.
FAULTS = """async (rules = null) => {
  const runOnly = rules === null ? {} : { runOnly: { type: 'rule', values: rules } }
  const { violations } = await axe.run(document, { resultTypes: ['violations'], ...runOnly })
  return violations.flatMap((one) => one.nodes.map(
    (node) => `${one.id}: ${node.target.join(' ')} ${(node.failureSummary ?? '').replaceAll('\\n', ' ')}`))
}"""
# Those of axe that look at colours ("cat.color") and that it asks by default.
COLOUR_RULES = ("color-contrast", "link-in-text-block")
# How much wider than the window the page is.
WIDER = "() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)"


@asynccontextmanager
async def chromium(path: str, *flags: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=[*FLAGS, *flags])
        yield browser
        await browser.close()


@contextmanager
def chromium_in_step(path: str) -> Iterator[SyncBrowser]:
    """For tests that run no event loop."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def watched(page: Page | SyncPage, own: str = "") -> list[str]:
    """What must not happen, from now on: errors of scripts, content that the policy blocks, requests to other hosts.

    own: the address of the page's service; empty = hosts are not looked at.
    """
    faults: list[str] = []
    hosts = {urlsplit(own).netloc, ""}  # "": data: and blob:, pictures of the page itself
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
    if own:
        page.on("request", lambda asked: faults.append(asked.url) if urlsplit(asked.url).netloc not in hosts else None)
    return faults


async def axe_faults(page: Page) -> list[str]:
    """What axe finds, in both themes; the light one stays. The dark one has nothing but colours of its own
    (tests/unit/test_themes.py)."""
    await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    dark = await ask_axe(page, COLOUR_RULES)
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return [*(f"dark: {fault}" for fault in dark), *(f"light: {fault}" for fault in await ask_axe(page))]


async def ask_axe(page: Page, rules: Sequence[str] | None = None) -> list[str]:
    """rules: these alone, by their ids."""
    if not await page.evaluate("typeof axe === 'object'"):
        await page.evaluate(AXE.read_text("utf-8"))
    return list(await page.evaluate(FAULTS, rules))


async def too_wide(page: Page) -> list[str]:
    """In which of the windows the page has to be moved sideways; the largest one stays."""
    found = []
    for size in reversed(SIZES):
        await page.set_viewport_size(size)
        if over := await page.evaluate(WIDER):
            found.append(f"{over} px wider than {size['width']}")
    return found
