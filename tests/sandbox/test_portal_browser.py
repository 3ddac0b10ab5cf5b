"""The kanban in a browser: it follows the portal without redrawing what has not changed, and obeys a person."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect
from tests.browser import chromium, watched
from tests.sandbox.portal_running import Running, a_task, running

pytestmark = pytest.mark.e2e


@pytest.fixture
async def portal() -> AsyncIterator[Running]:
    async with running() as started:
        for number in (1, 2):
            fields = a_task(f"Доставка 000-00{number}", DESCRIPTION="К получению: 2 450 ₽")
            await started.ok("tasks.task.add", {"fields": fields})
        yield started


@pytest.fixture
async def page(portal: Running, browser_path: str) -> AsyncIterator[Page]:
    """The board of the first project; a script error or a foreign address fails the test."""
    async with chromium(browser_path) as browser:
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        faults = watched(page, portal.control)
        await page.goto(f"{portal.control}/portal/?group=11")
        await expect(page.locator(".task")).to_have_count(2)
        yield page
    assert faults == []


async def test_a_new_card_appears_and_the_others_are_not_redrawn(portal: Running, page: Page) -> None:
    await page.eval_on_selector_all(".task, .column", "rows => rows.forEach(row => { row.seen = true; })")
    await portal.ok("tasks.task.add", {"fields": a_task("Доставка 000-003")})
    fresh = page.locator(".task", has_text="000-003")
    await expect(fresh).to_be_visible()
    assert await fresh.evaluate("row => row.seen === undefined")
    kept = await page.eval_on_selector_all(".task, .column", "rows => rows.filter(row => row.seen).length")
    assert kept == 2 + 3


async def test_a_dragged_card_is_moved_in_the_portal(portal: Running, page: Page) -> None:
    await page.drag_and_drop(".task[data-id='101']", ".column:nth-child(2) .cards")
    await expect(page.locator(".column:nth-child(2) .task")).to_have_count(1)
    await expect(page.locator(".column:nth-child(2) .column-head")).to_contain_text("1")
    task = (await portal.ok("tasks.task.get", {"taskId": 101}))["task"]
    assert task["stageId"] == str(portal.portal.group_stages(11)[1].id)


async def test_a_card_opens_and_is_moved_by_its_stage_bar(portal: Running, page: Page) -> None:
    await page.get_by_role("link", name="Доставка 000-001").click()
    card = page.locator("#card")
    await expect(card).to_contain_text("К получению")
    await card.get_by_role("button", name="Сделаны").click()
    await expect(card.get_by_role("button", name="Сделаны", pressed=True)).to_be_visible()
    await expect(page.locator(".column:nth-child(3) .task")).to_have_count(1)
    await page.keyboard.press("Escape")
    await expect(card).to_be_hidden()


async def test_a_fault_is_switched_on_in_the_drawer(portal: Running, page: Page) -> None:
    await page.get_by_role("button", name="Сбои и лимиты").click()
    await page.get_by_label("REST v3 недоступен").check()
    await expect(page.locator("#faults-on")).to_have_text("1")
    assert [fault["kind"] for fault in portal.portal.faults.rows()] == ["v3_off"]


async def test_a_stopped_portal_is_told_in_words(portal: Running, page: Page) -> None:
    portal.portal.online = False
    await expect(page.locator("#notice")).to_contain_text("Портал остановлен")
    portal.portal.online = True
    await expect(page.locator("#notice")).to_be_hidden()


async def test_text_of_a_task_is_never_markup(portal: Running, page: Page) -> None:
    fields = a_task("<img src=x onerror=alert(1)>", DESCRIPTION="[b]<script>alert(1)</script>[/b]")
    await portal.ok("tasks.task.add", {"fields": fields})
    await page.get_by_role("link", name="<img src=x").click()
    await expect(page.locator("#card .text strong")).to_have_text("<script>alert(1)</script>")
    assert await page.locator("img").count() == 0


async def test_a_phone_shows_the_board_without_sideways_scrolling_of_the_page(portal: Running, page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    await page.get_by_role("link", name="Доставка 000-001").click()
    await expect(page.locator("#card")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
