"""The office by people's hands: the first sign-in, a second factor, a new colleague, the audit, and Bitrix24."""

import base64
import json
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import BrowserContext, Page, expect
from tests.browser import axe_faults, chromium
from tests.e2e.demo_running import Demo, demo

from posrednik.domain.people import TOTP_STEP_S, totp

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
PASSWORD = "трилистника хватит всем"


@pytest.fixture
async def stage(browser_path: str, built_pages: Path) -> AsyncIterator[tuple[Demo, BrowserContext]]:
    async with demo() as running, chromium(browser_path) as browser:
        await running.start()
        context = await browser.new_context(locale="ru-RU", timezone_id="Europe/Moscow", reduced_motion="reduce")
        yield running, context


async def ask(running: Demo, method: str, path: str, body: Any = None) -> Any:
    async with aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bearer {running.token}"}
        async with session.request(method, running.service + path, json=body, headers=headers) as answer:
            assert answer.status < 400, await answer.text()
            return await answer.json()


async def test_somebody_new_comes_in_secures_his_account_and_hires_another(stage: tuple[Demo, BrowserContext]) -> None:
    running, context = stage
    body = {"login": "boss", "name": "Вера Новая", "roles": ["administrator"]}
    made = await ask(running, "POST", "/api/v1/admin/people", body)
    page = await context.new_page()
    await page.goto(f"{running.service}/office/")
    await expect(page.get_by_role("heading", name="Вход в Посредник")).to_be_visible()
    assert await axe_faults(page) == []

    async def signs_in(password: str) -> None:
        await page.get_by_label("Логин").fill("boss")
        await page.get_by_label("Пароль").fill(password)
        await page.get_by_role("button", name="Войти", exact=True).click()

    await signs_in("не тот пароль")
    await expect(page.get_by_role("alert")).to_contain_text("Логин или пароль не подходят")
    await signs_in(made["password"])
    await expect(page.get_by_label("Новый пароль", exact=True)).to_be_focused()
    assert await axe_faults(page) == []
    await page.get_by_label("Новый пароль", exact=True).fill(PASSWORD)
    await page.get_by_label("Новый пароль ещё раз").fill(PASSWORD)
    await page.get_by_role("button", name="Войти", exact=True).click()

    await page.get_by_role("link", name="Вера Новая").click()
    secret = await _switches_the_code_on(page)
    await page.get_by_role("button", name="Выйти").click()
    await expect(page.get_by_role("heading", name="Вход в Посредник")).to_be_visible()
    await signs_in(PASSWORD)
    await page.get_by_label("Код из приложения").fill(_code(secret, 1))
    await page.get_by_role("button", name="Войти", exact=True).click()
    await expect(page.get_by_role("link", name="Вера Новая")).to_be_visible()
    await _hires(page, running)
    await _is_in_the_audit(page)


def _code(secret: str, off: int = 0) -> str:
    return totp(base64.b32decode(secret), int(time.time()) // TOTP_STEP_S + off)


async def _switches_the_code_on(page: Page) -> str:
    panel = page.locator("form").filter(has=page.get_by_role("heading", name="Вход с кодом"))
    await expect(page.get_by_text("это окно")).to_be_visible()
    assert await axe_faults(page) == []
    await panel.get_by_label("Нынешний пароль").fill(PASSWORD)
    await panel.get_by_role("button", name="Включить").click()
    secret = await panel.locator(".secret").inner_text()
    assert await axe_faults(page) == []
    await panel.get_by_label("Шесть цифр").fill(_code(secret))
    await panel.get_by_role("button", name="Подтвердить").click()
    await expect(panel.locator(".codes li")).to_have_count(8)
    await panel.get_by_role("button", name="Сохранил").click()
    await expect(panel).to_contain_text("Запасных кодов осталось: 8")
    return secret


async def _hires(page: Page, running: Demo) -> None:
    await page.goto(f"{running.service}/office/#/people")
    await page.get_by_role("button", name="Добавить человека").click()
    side = page.get_by_role("dialog", name="Добавить человека")
    await side.get_by_label("Логин").fill("masha")
    await side.get_by_label("Имя").fill("Мария Кассир")
    await side.get_by_label("Кассир").check()
    await side.get_by_label("Только в отмеченных").check()
    await side.get_by_label("Центр").check()
    assert await axe_faults(page) == []
    await side.get_by_role("button", name="Добавить", exact=True).click()
    await expect(side.get_by_test_id("password")).to_have_text(re.compile(r"(\w{4}-){3}\w{4}"))
    await side.get_by_role("button", name="Закрыть").click()
    row = page.get_by_role("row").filter(has_text="Мария Кассир")
    await expect(row).to_contain_text("Центр")
    await row.get_by_role("link").click()
    side = page.get_by_role("dialog", name="Мария Кассир")
    await expect(side.get_by_label("Кассир")).to_be_checked()
    await side.get_by_label("Логист").check()
    await side.get_by_role("button", name="Сохранить").click()
    await expect(side.get_by_text("Сохранено")).to_be_visible()
    assert await axe_faults(page) == []
    await side.get_by_role("button", name="Закрыть доступ").click()
    await (
        page.get_by_role("dialog", name="Закрыть доступ: Мария Кассир?")
        .get_by_role("button", name="Закрыть доступ")
        .click()
    )
    await expect(side.get_by_role("button", name="Вернуть доступ")).to_be_visible()


async def _is_in_the_audit(page: Page) -> None:
    await page.evaluate("() => { location.hash = '/audit' }")
    acts = page.get_by_role("row").filter(has_text=re.compile("Изменена учётная запись|Доступ закрыт"))
    await expect(acts).to_have_count(2)
    await expect(acts.first).to_contain_text("Вера Новая")
    await expect(acts.first.get_by_role("link", name="Мария Кассир")).to_be_visible()
    await acts.first.get_by_text("Подробности").click()
    await expect(acts.first.get_by_text("Работает", exact=True)).to_be_visible()
    assert await axe_faults(page) == []
    await page.get_by_role("searchbox").fill("masha")
    await expect(page.get_by_role("row").filter(has_text="Добавлен сотрудник")).to_have_count(1)
    await expect(acts).to_have_count(0)


async def test_the_board_opens_within_bitrix24_for_whom_the_portal_vouches_for(
    stage: tuple[Demo, BrowserContext],
) -> None:
    running, context = stage
    page = await context.new_page()
    await page.goto(f"{running.control}/portal/open?user=2&placement=LEFT_MENU&device=web")
    inner = page.frame_locator("iframe")
    await expect(inner.get_by_role("link", name="Павел Логинов")).to_be_visible()
    await expect(inner.get_by_role("link", name="Люди")).to_have_count(0)
    await page.goto(f"{running.control}/portal/open?user=7&placement=LEFT_MENU&device=web")
    await expect(page.frame_locator("iframe").get_by_role("heading")).to_have_text("У вас нет доступа к Посреднику")


async def test_the_demo_opens_the_office_as_each_of_its_people(stage: tuple[Demo, BrowserContext]) -> None:
    running, context = stage
    secrets = json.loads((running.folder / "data" / "secrets.json").read_text("utf-8"))
    page = await context.new_page()
    for login, name in (("logist", "Павел Логинов"), ("kassir", "Ольга Кассирова"), ("admin", "Анна Королёва")):
        await page.goto(f"{running.service}/office/#token={secrets[login]}&to=/deliveries")
        await expect(page.get_by_role("link", name=name)).to_be_visible()
        assert secrets[login] not in page.url
