"""«Владение полями» in a real browser on a running service: an owner is changed there, and what then is refused shows.

One demo for the whole walk: starting one takes longer than what is looked at.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Locator, Page, expect
from tests.browser import SIZES, axe_faults, chromium, too_wide, watched
from tests.e2e.demo_running import Demo, demo

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
Json = dict[str, Any]


@dataclass
class Office:
    """faults: what must not happen: errors, blocked content, other hosts, axe, a page wider than its window."""

    page: Page
    running: Demo
    session: aiohttp.ClientSession
    faults: list[str]

    async def open(self, **query: str) -> None:
        asked = "&".join(f"{key}={value}" for key, value in {"tab": "ownership", **query}.items())
        await self.page.evaluate("(to) => { location.hash = to }", f"/exchange?{asked}")
        await expect(self.page.get_by_text("Кто вправе менять каждое поле.")).to_be_visible()
        await expect(self.page.locator("main .skeleton")).to_have_count(0)

    async def looked_at(self, where: str) -> None:
        """axe in both themes, and no page wider than its window."""
        self.faults += [f"{where}: {fault}" for fault in await too_wide(self.page) + await axe_faults(self.page)]

    async def ask(self, method: str, path: str, body: Json | None = None) -> tuple[int, Json]:
        headers = {"Authorization": f"Bearer {self.running.token}"}
        async with self.session.request(method, self.running.service + path, json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    def row(self, field: str) -> Locator:
        return self.page.locator("tr", has=self.page.get_by_text(field, exact=True))


@pytest.fixture
async def office(browser_path: str, built_pages: Path) -> AsyncIterator[Office]:
    async with demo() as running, aiohttp.ClientSession() as session, chromium(browser_path) as browser:
        await running.start()
        context = await browser.new_context(
            locale="ru-RU", timezone_id="Europe/Moscow", viewport=SIZES[0], reduced_motion="reduce"
        )
        page = await context.new_page()
        faults = watched(page, running.service)
        await page.goto(f"{running.service}/office/#token={running.token}")
        await expect(page.locator("main").get_by_role("heading").first).to_be_attached()
        yield Office(page, running, session, faults)


async def test_owners_are_changed_by_the_page_and_what_is_refused_is_shown(office: Office) -> None:
    await found_by_words(office)
    await owner_changed(office)
    await refusal_shown(office)
    await conflict_told(office)
    await taken_back(office)
    assert office.faults == []


async def found_by_words(office: Office) -> None:
    page = office.page
    await office.open()
    await expect(page.locator(".ownership details")).to_have_count(15)
    await expect(page.locator(".ownership details[open]")).to_have_count(0)  # nothing was changed, nothing refused
    await office.looked_at("all kinds")
    await office.open(kind="delivery", q="курьер")
    await expect(office.row("courier")).to_contain_text("по умолчанию")
    await office.open(q="такого слова нет")
    await expect(page.get_by_role("heading", name="Таких полей нет")).to_be_visible()
    await office.open(refused="1")
    await expect(page.get_by_role("heading", name="За неделю отказов не было")).to_be_visible()
    await office.looked_at("nothing found")


async def owner_changed(office: Office) -> None:
    page = office.page
    await office.open(kind="delivery")
    await office.row("courier").get_by_role("button", name="Изменить").click()
    dialog = page.get_by_role("dialog", name="доставка: курьер")
    save = dialog.get_by_role("button", name="Сохранить")
    await dialog.get_by_label("Посредник").uncheck()
    await expect(save).to_be_disabled()
    await dialog.get_by_label("Причина изменения").fill("курьеров назначает 1С")
    await office.looked_at("dialog")
    await save.click()
    await expect(page.get_by_role("status").get_by_text("Сохранено: доставка: курьер")).to_be_visible()
    await expect(office.row("courier")).to_contain_text("курьеров назначает 1С")
    await expect(office.row("courier").locator(".owner")).to_have_text(["1С"])


async def refusal_shown(office: Office) -> None:
    """The board says no, the page counts it, and the case waits for a person."""
    desk = office.running.desk(office.session)
    (ref,) = await desk.make_orders(1)
    assert (await desk.press(ref, "ready"))["status"] == "done"
    delivery = (await desk.board())[ref]["id"]
    courier = next(one["ref"] for one in (await desk.look("/onec/api/couriers"))["couriers"])
    act = {"action": "assign", "courier": courier}
    status, said = await office.ask("POST", f"/api/v1/board/deliveries/{delivery}/actions", act)
    assert (status, said["code"]) == (409, "not_owner")
    await office.open(refused="1")
    refusals = office.row("courier").get_by_role("link", name="1", exact=True)
    await expect(refusals).to_be_visible()
    await office.looked_at("refusals")
    await refusals.click()
    await expect(office.page.get_by_text("меняет чужое поле «курьер»")).to_be_visible()


async def conflict_told(office: Office) -> None:
    page = office.page
    await office.open(kind="delivery")
    await office.row("stage").get_by_role("button", name="Изменить").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("курьер", exact=True).uncheck()
    await expect(dialog.get_by_text("всё равно принимаются")).to_be_visible()
    other = {"changes": {"order.comment": ["site"]}, "reason": "другой человек"}
    assert (await office.ask("PUT", "/api/v1/admin/ownership", other))[0] == 200
    await dialog.get_by_label("Причина изменения").fill("так")
    await dialog.get_by_role("button", name="Сохранить").click()
    await expect(dialog.get_by_text("изменил другой человек")).to_be_visible()
    await dialog.get_by_role("button", name="Не нужно").click()


async def taken_back(office: Office) -> None:
    page = office.page
    await office.open(changed="1")
    await expect(page.locator(".ownership details[open]")).to_have_count(2)
    await office.row("courier").get_by_role("button", name="Изменить").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Вернуть, как без этой страницы").check()
    await dialog.get_by_label("Причина изменения").fill("вернули")
    await dialog.get_by_role("button", name="Сохранить").click()
    await expect(office.row("courier")).to_have_count(0)
    await office.open(kind="delivery")
    await expect(office.row("courier")).to_contain_text("по умолчанию")
