"""The office by hand: the first sign-in, a second factor, a new colleague, the audit, and Bitrix24."""

import base64
import json
import re
import time

from playwright.async_api import expect
from tests.e2e.office_live import Office

from posrednik.domain.people import TOTP_STEP_S, totp

PASSWORD = "трилистника хватит всем"


async def somebody_new_comes_in(office: Office) -> None:
    page = office.page
    body = {"login": "boss", "name": "Вера Новая", "roles": ["administrator"]}
    made = await office.done("POST", "/api/v1/admin/people", body)
    await page.goto(f"{office.running.service}/office/")
    await expect(page.get_by_role("heading", name="Вход в Посредник")).to_be_visible()
    await office.looked_at("signing in")

    async def signs_in(password: str) -> None:
        await page.get_by_label("Логин").fill("boss")
        await page.get_by_label("Пароль").fill(password)
        await page.get_by_role("button", name="Войти", exact=True).click()

    await signs_in("не тот пароль")
    await expect(page.get_by_role("alert")).to_contain_text("Логин или пароль не подходят")
    await signs_in(made["password"])
    await expect(page.get_by_label("Новый пароль", exact=True)).to_be_focused()
    await office.looked_at("a new password")
    await page.get_by_label("Новый пароль", exact=True).fill(PASSWORD)
    await page.get_by_label("Новый пароль ещё раз").fill(PASSWORD)
    await page.get_by_role("button", name="Войти", exact=True).click()

    await page.get_by_role("link", name="Вера Новая").click()
    secret = await _switches_the_code_on(office)
    await page.get_by_role("button", name="Выйти").click()
    await expect(page.get_by_role("heading", name="Вход в Посредник")).to_be_visible()
    await signs_in(PASSWORD)
    await page.get_by_label("Код из приложения").fill(_code(secret, 1))
    await page.get_by_role("button", name="Войти", exact=True).click()
    await expect(page.get_by_role("link", name="Вера Новая")).to_be_visible()
    await _hires(office)
    await _is_in_the_audit(office)


def _code(secret: str, off: int = 0) -> str:
    return totp(base64.b32decode(secret), int(time.time()) // TOTP_STEP_S + off)


async def _switches_the_code_on(office: Office) -> str:
    page = office.page
    panel = page.locator("form").filter(has=page.get_by_role("heading", name="Вход с кодом"))
    await expect(page.get_by_text("это окно")).to_be_visible()
    await office.looked_at("his account")
    await panel.get_by_label("Нынешний пароль").fill(PASSWORD)
    await panel.get_by_role("button", name="Включить").click()
    secret = await panel.locator(".secret").inner_text()
    await office.looked_at("a secret")
    await panel.get_by_label("Шесть цифр").fill(_code(secret))
    await panel.get_by_role("button", name="Подтвердить").click()
    await expect(panel.locator(".codes li")).to_have_count(8)
    await panel.get_by_role("button", name="Сохранил").click()
    await expect(panel).to_contain_text("Запасных кодов осталось: 8")
    return secret


async def _hires(office: Office) -> None:
    page = office.page
    await page.goto(f"{office.running.service}/office/#/people")
    await page.get_by_role("button", name="Добавить человека").click()
    side = page.get_by_role("dialog", name="Добавить человека")
    await side.get_by_label("Логин").fill("masha")
    await side.get_by_label("Имя").fill("Мария Кассир")
    await side.get_by_label("Кассир").check()
    await side.get_by_label("Только в отмеченных").check()
    await side.get_by_label("Центр").check()
    await office.looked_at("a new colleague")
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
    await office.looked_at("a colleague")
    await side.get_by_role("button", name="Закрыть доступ").click()
    await (
        page.get_by_role("dialog", name="Закрыть доступ: Мария Кассир?")
        .get_by_role("button", name="Закрыть доступ")
        .click()
    )
    await expect(side.get_by_role("button", name="Вернуть доступ")).to_be_visible()


async def _is_in_the_audit(office: Office) -> None:
    page = office.page
    await page.evaluate("() => { location.hash = '/audit' }")
    acts = page.get_by_role("row").filter(has_text=re.compile("Изменена учётная запись|Доступ закрыт"))
    await expect(acts).to_have_count(2)
    await expect(acts.first).to_contain_text("Вера Новая")
    await expect(acts.first.get_by_role("link", name="Мария Кассир")).to_be_visible()
    await acts.first.get_by_text("Подробности").click()
    await expect(acts.first.get_by_text("Работает", exact=True)).to_be_visible()
    await office.looked_at("the audit")
    await page.get_by_role("searchbox").fill("masha")
    await expect(page.get_by_role("row").filter(has_text="Добавлен сотрудник")).to_have_count(1)
    await expect(acts).to_have_count(0)


async def the_board_opens_within_bitrix24(office: Office) -> None:
    page, running = office.page, office.running
    await page.goto(f"{running.control}/portal/open?user=2&placement=LEFT_MENU&device=web")
    inner = page.frame_locator("iframe")
    await expect(inner.get_by_role("link", name="Павел Логинов")).to_be_visible()
    await expect(inner.get_by_role("link", name="Люди")).to_have_count(0)
    await page.goto(f"{running.control}/portal/open?user=7&placement=LEFT_MENU&device=web")
    await expect(page.frame_locator("iframe").get_by_role("heading")).to_have_text("У вас нет доступа к Посреднику")


async def the_demo_opens_the_office_as_each_of_its_people(office: Office) -> None:
    page, running = office.page, office.running
    secrets = json.loads((running.folder / "data" / "secrets.json").read_text("utf-8"))
    for login, name in (("logist", "Павел Логинов"), ("kassir", "Ольга Кассирова"), ("admin", "Анна Королёва")):
        await page.goto(f"{running.service}/office/#token={secrets[login]}&to=/deliveries")
        await expect(page.get_by_role("link", name=name)).to_be_visible()
        assert secrets[login] not in page.url
