"""The kanban in a browser: it follows the portal without redrawing what has not changed, and obeys a person."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect
from tests.browser import ask_axe, chromium, too_wide, watched
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
    await expect(page.locator("img")).to_have_count(0)


async def test_links_and_lists_of_a_tasks_text_are_links_and_lists(portal: Running, page: Page) -> None:
    text = (
        "Товары:\n[LIST]\n[*]Термос × 2\n[*][b]Чай[/b] × 1\n[/LIST]\nДоставка\n[URL=https://a.example/?x=1]Карта[/URL] "
        "[URL=javascript:alert(1)]Нельзя[/URL] [url]data:text/html,x[/url] [LIST=1][*]не закрыт [*]<b>"
    )
    await portal.ok("tasks.task.add", {"fields": a_task("Доставка 000-009", DESCRIPTION=text)})
    await page.get_by_role("link", name="Доставка 000-009").click()
    shown = page.locator("#card .text").first
    await expect(shown.locator("ul > li")).to_have_text(["Термос × 2", "Чай × 1"])
    await expect(shown.locator("ol > li")).to_have_text(["не закрыт", "<b>"])
    await expect(shown.locator("a")).to_have_text(["Карта"])
    for name, value in (("href", "https://a.example/?x=1"), ("rel", "noopener"), ("target", "_blank")):
        await expect(shown.locator("a")).to_have_attribute(name, value)
    await expect(shown).not_to_contain_text("[")


async def test_a_phone_shows_the_board_without_sideways_scrolling_of_the_page(portal: Running, page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await expect(page.locator("html")).to_have_js_property("scrollWidth", 390)
    await page.get_by_role("link", name="Доставка 000-001").click()
    await expect(page.locator("#card")).to_contain_text("К получению")
    await expect(page.locator("html")).to_have_js_property("scrollWidth", 390)


PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="  # 1 by 1 pixel
)


async def furnish(portal: Running) -> None:
    """Task 101 with two steps and a photo, a notice for courier 7."""
    for title in ("Забрал", "Отдал"):
        await portal.ok("task.checklistitem.add", [101, {"TITLE": title}])
    place = await portal.ok("disk.storage.getlist", {"filter": {"ENTITY_TYPE": "group", "ENTITY_ID": 11}})
    sent = {"id": place[0]["ROOT_OBJECT_ID"], "data": {"NAME": "дверь.png"}, "fileContent": ["дверь.png", PICTURE]}
    file = await portal.ok("disk.folder.uploadFile", sent)
    await portal.ok("tasks.task.files.attach", {"taskId": 101, "fileId": file["ID"]})
    await portal.ok("im.notify.personal.add", {"USER_ID": 7, "MESSAGE": "Новая [b]доставка[/b]", "TAG": "d1"})


async def test_a_courier_ticks_a_step_in_his_own_name_and_may_not_edit(portal: Running, page: Page) -> None:
    await furnish(portal)
    await page.get_by_label("Кто смотрит на портал").select_option("Илья Петров")
    await expect(page.locator("#bell")).to_contain_text("1")
    await page.get_by_role("link", name="Доставка 000-001").click()
    card = page.locator("#card")
    await card.get_by_label("Забрал").check()
    await expect(card.locator("h3", has_text="Чек-лист")).to_contain_text("1 из 2")
    assert [row.toggled_by for row in portal.portal.checklist] == [None, 7, None]
    await expect(card.get_by_role("button", name="Изменить")).to_be_disabled()
    await expect(card.get_by_role("button", name="Удалить")).to_be_disabled()
    await card.get_by_label("Сообщение").fill("Звонил, не берёт")
    await card.get_by_role("button", name="Отправить").click()
    await expect(card.locator(".line")).to_contain_text("Илья Петров")
    await card.get_by_role("button", name="Начать").click()
    await expect(card).to_contain_text("Выполняется")


async def test_a_photo_opens_large_and_the_card_stays(portal: Running, page: Page) -> None:
    await furnish(portal)
    await page.get_by_role("link", name="Доставка 000-001").click()
    await page.get_by_role("button", name="Открыть фото дверь.png").click()
    viewer = page.locator("dialog.viewer")
    await expect(viewer).to_contain_text("1 из 1")
    await expect(viewer.locator("img")).to_have_js_property("naturalWidth", 1)
    await page.keyboard.press("Escape")
    await expect(viewer).to_have_count(0)
    await expect(page.locator("#card")).to_be_visible()


async def test_a_deleted_task_is_taken_out_of_the_bin(portal: Running, page: Page) -> None:
    await page.get_by_role("link", name="Доставка 000-002").click()
    await page.locator("#card").get_by_role("button", name="Удалить").click()
    await page.locator("#card").get_by_role("button", name="Точно удалить").click()
    await expect(page.locator(".task")).to_have_count(1)
    await page.get_by_role("button", name="Корзина: 1").click()
    await page.get_by_role("button", name="Восстановить").click()
    await expect(page.locator(".task")).to_have_count(2)


async def test_links_of_a_text_lead_out_and_into_the_application(portal: Running, page: Page) -> None:
    written = "[url=https://maps.example/?q=1]На карте[/url] [url=/marketplace/view/x/?params%5Ba%5D=1]Открыть[/url] "
    fields = a_task("Доставка 000-004", DESCRIPTION=f"{written}[url=javascript:alert(1)]Нет[/url] [b]незакрытая")
    await portal.ok("tasks.task.add", {"fields": fields})
    await page.get_by_role("link", name="Доставка 000-004").click()
    text = page.locator("#card .text")
    await expect(text).to_contain_text("Нет незакрытая")
    await expect(text.locator("a")).to_have_text(["На карте", "Открыть"])
    ours = f"{portal.http}/marketplace/view/x/?params%5Ba%5D=1&user=2"
    for label, address in (("На карте", "https://maps.example/?q=1"), ("Открыть", ours)):
        await expect(text.get_by_role("link", name=label)).to_have_attribute("href", address)


async def test_notices_and_employees_have_pages_of_their_own(portal: Running, page: Page) -> None:
    await furnish(portal)
    await page.goto(f"{portal.control}/portal/notices?user=7")
    await expect(page.locator("#notices strong")).to_have_text("доставка")
    await page.get_by_role("button", name="Прочитать все").click()
    await expect(page.locator("#whose")).to_contain_text("всё прочитано")
    await page.goto(f"{portal.control}/portal/users")
    await page.get_by_role("button", name="Уволить: Илья Петров").click()
    await expect(page.get_by_role("button", name="Вернуть: Илья Петров")).to_be_visible()
    await page.get_by_role("button", name="Изменить: Ринат Ахметов").click()
    await page.locator("#users").get_by_label("Телефон").fill("8 999")
    await page.locator("#users").get_by_role("button", name="Сохранить").click()
    await expect(page.locator("#users")).to_contain_text("8 999")
    invite = page.locator("#invite")
    for label, value in (("Имя", "Олег"), ("Фамилия", "Новиков")):
        await invite.get_by_label(label).fill(value)
    await invite.get_by_role("button", name="Пригласить").click()
    await expect(page.locator(".user", has_text="Олег Новиков")).to_contain_text("ни разу не заходил")


async def test_every_page_fits_and_reads_well(portal: Running, page: Page) -> None:
    await furnish(portal)
    for path in ("?group=11&task=101", "notices?user=7", "users", "chat"):
        await page.goto(f"{portal.control}/portal/{path}")
        await expect(page.locator("#bell")).to_be_visible()
        assert await ask_axe(page) == [], path
        assert await too_wide(page) == [], path
