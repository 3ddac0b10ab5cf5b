"""The page «Настройки» by hand: what is changed there comes with the phone's next day."""

import re

from playwright.async_api import expect
from tests.desk import until
from tests.e2e.office_live import Json, Office


async def settings_are_changed(office: Office) -> None:
    phone, courier = await a_phone(office)
    await rule_changed(office, phone, courier["division"]["ref"])
    await conflict_told(office, courier["division"]["ref"])
    await courier_mapped(office, courier)
    await suggestion_taken(office, courier)
    await project_chosen(office, courier["division"])
    await subscription_made(office)
    await key_made_and_revoked(office)


async def opened(office: Office, path: str) -> None:
    await office.open(path)
    await expect(office.page.get_by_role("heading", name="Настройки", exact=True)).to_be_visible()
    await expect(office.page.locator("main .skeleton")).to_have_count(0)


async def a_phone(office: Office) -> tuple[str, Json]:
    """(token, courier) of the first courier's telephone."""
    couriers = (await office.done("GET", "/api/v1/board/couriers"))["couriers"]
    courier = next(one for one in couriers if one["active"])
    body = {"kind": "device", "owner": courier["ref"], "name": "проверка"}
    return (await office.done("POST", "/api/v1/admin/tokens", body))["token"], courier


async def rule_changed(office: Office, phone: str, division: str) -> None:
    day = await office.done("GET", "/api/v1/courier/day?device=e2e", token=phone)
    assert day["rules"][division]["proofs"]["depart"]["photo"] != "required"
    page = office.page
    await opened(office, f"/settings?division={division}")
    await office.looked_at("divisions")
    cell = page.get_by_label("В пути: фото")
    await expect(cell).to_have_value("")
    await cell.select_option("required")
    preview = page.get_by_role("region", name="Что увидит курьер")
    await expect(preview).to_contain_text("С вашими изменениями")
    await expect(preview.locator("dd").nth(1)).to_contain_text("фото обязательно")
    await page.get_by_role("textbox", name="Радиус «на месте», м").fill("0")
    await expect(preview).to_contain_text("Исправьте отмеченное")
    await expect(page.get_by_role("button", name="Сохранить")).to_be_disabled()
    await page.get_by_role("textbox", name="Радиус «на месте», м").fill("150")
    await page.get_by_label("Причина изменения").fill("Пропадают коробки")
    await office.looked_at("a change")
    await page.get_by_role("button", name="Сохранить").click()
    await expect(page.get_by_role("status").filter(has_text="Сохранено")).to_be_visible()
    history = page.get_by_role("region", name="История")
    await expect(history).to_contain_text("«Пропадают коробки»")
    await expect(history).to_contain_text("В пути, фото:")
    told = await office.done("GET", "/api/v1/courier/day?device=e2e", token=phone)
    assert told["rules"][division]["proofs"]["depart"]["photo"] == "required"
    assert told["rules"][division]["radius_m"] == 150
    assert told["rules_version"] != day["rules_version"]
    await page.get_by_role("button", name="Вернуть как в файле: Радиус «на месте», м").click()
    await page.get_by_label("Причина изменения").fill("Вернули")
    await page.get_by_role("button", name="Сохранить").click()
    await expect(history).to_contain_text("«Вернули»")
    told = await office.done("GET", "/api/v1/courier/day?device=e2e", token=phone)
    assert told["rules"][division]["radius_m"] == day["rules"][division]["radius_m"]


async def conflict_told(office: Office, division: str) -> None:
    """Somebody else is quicker: his change is told, and nothing is saved over it unseen."""
    page = office.page
    await page.get_by_role("textbox", name="Телефон логиста").fill("+7 495 000-00-01")
    await page.get_by_label("Причина изменения").fill("Новый номер")
    await expect(page.get_by_role("button", name="Сохранить")).to_be_enabled()
    body = {"changes": {"phone": "+7 495 000-00-02"}, "reason": "я первый"}
    await office.done("PATCH", f"/api/v1/admin/divisions/{division}", body)
    await page.get_by_role("button", name="Сохранить").click()
    note = page.get_by_role("alert").filter(has_text="Пока вы правили, настройки изменились")
    await expect(note).to_contain_text("→ +7 495 000-00-02")
    await office.looked_at("a conflict")
    settings = (await office.done("GET", f"/api/v1/admin/divisions/{division}"))["settings"]
    assert settings["phone"]["value"] == "+7 495 000-00-02"
    await note.get_by_role("button").click()
    await expect(page.get_by_role("textbox", name="Телефон логиста")).to_have_value("+7 495 000-00-01")
    await page.get_by_role("button", name="Сохранить").click()
    await expect(page.get_by_role("status").filter(has_text="Сохранено")).to_be_visible()


async def courier_mapped(office: Office, courier: Json) -> None:
    page = office.page
    await opened(office, "/settings?tab=mappings")
    await office.looked_at("mappings")
    await page.get_by_role("button", name=f"Изменить: {courier['name']}").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Номер пользователя").fill("987")
    await dialog.get_by_label("Причина изменения").fill("В 1С ошибка")
    await office.looked_at("a mapping")
    await dialog.get_by_role("button", name="Сохранить").click()
    await expect(page.get_by_role("status").filter(has_text="Соответствие сохранено")).to_be_visible()
    shown = (await office.done("GET", "/api/v1/board/couriers"))["couriers"]
    assert next(one["bitrix24_user"] for one in shown if one["ref"] == courier["ref"]) == "987"


async def suggestion_taken(office: Office, courier: Json) -> None:
    """The portal has no user 987; 1C's own number is suggested, and taken by one press."""
    page, line = office.page, office.page.get_by_role("region", name="Список портала")
    await line.get_by_role("button", name="Прочитать сейчас").click()
    await expect(line).to_contain_text("Прочитано с портала")
    row = page.get_by_role("row").filter(has_text=courier["name"])
    await expect(row).to_contain_text("Такого пользователя на портале нет")
    await office.looked_at("suggestions")
    await row.get_by_role("button", name=f"Кому: {courier['name']}").click()
    await expect(page.get_by_role("status").filter(has_text="Соответствие сохранено")).to_be_visible()
    await expect(row).not_to_contain_text("Такого пользователя на портале нет")
    shown = (await office.done("GET", "/api/v1/board/couriers"))["couriers"]
    assert next(one["bitrix24_user"] for one in shown if one["ref"] == courier["ref"]) == courier["bitrix24_user"]


async def project_chosen(office: Office, division: Json) -> None:
    page = office.page
    await page.get_by_role("button", name=f"Выбрать проект: {division['name']}").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Проект портала").select_option(label="Доставка. Север")
    await dialog.get_by_label("Причина изменения").fill("Переехали")
    await office.looked_at("a project")
    await dialog.get_by_role("button", name="Сохранить").click()
    await expect(page.get_by_role("status").filter(has_text="Проект сохранён")).to_be_visible()
    settings = (await office.done("GET", f"/api/v1/admin/divisions/{division['ref']}"))["settings"]
    assert settings["bitrix24_group"]["value"] == 12


async def subscription_made(office: Office) -> None:
    page = office.page
    await opened(office, "/settings?tab=subscriptions")
    await page.get_by_role("button", name="Добавить подписку").click()
    panel = page.get_by_role("dialog")
    await panel.get_by_label("Адрес").fill("https://shop.example/e2e")
    await panel.get_by_label("Все события доставок").uncheck()
    await panel.get_by_label("delivery.handed_over").check()
    await office.looked_at("a subscription")
    await panel.get_by_role("button", name="Создать").click()
    await expect(panel.get_by_test_id("secret")).to_contain_text("whsec_")
    await panel.get_by_role("button", name="Закрыть").click()
    await page.get_by_role("link", name="https://shop.example/e2e").click()
    await panel.get_by_role("button", name="Заменить секрет").click()
    await page.get_by_role("dialog", name="Заменить секрет?").get_by_role("button", name="Заменить секрет").click()
    await expect(panel.get_by_test_id("secret")).to_contain_text("whsec_")
    await expect(panel).to_contain_text("Прежний секрет действует до")
    link = panel.get_by_role("link", name="Очередь на странице обменов")
    await expect(link).to_have_attribute("href", re.compile("destination=site"))
    await panel.get_by_role("button", name="Удалить подписку").click()
    await page.get_by_role("dialog", name="Удалить подписку?").get_by_role("button", name="Удалить").click()
    await expect(page.get_by_role("link", name="https://shop.example/e2e")).to_have_count(0)
    await office.looked_at("subscriptions")


async def key_made_and_revoked(office: Office) -> None:
    page = office.page
    await opened(office, "/settings?tab=tokens")
    await page.get_by_role("button", name="Создать ключ").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Для чего").select_option("feed")
    await dialog.get_by_label("Имя владельца").fill("витрина")
    await office.looked_at("a key")
    await dialog.get_by_role("button", name="Создать").click()
    secret = (await dialog.get_by_test_id("secret").inner_text()).strip()
    await office.done("GET", "/api/v1/events", token=secret)
    await dialog.get_by_role("button", name="Закрыть").click()
    await office.looked_at("keys")
    await page.get_by_role("button", name="Отозвать: Лента событий, витрина").click()
    await page.get_by_role("dialog").get_by_role("button", name="Отозвать").click()
    await expect(page.get_by_role("status").filter(has_text="Ключ отозван")).to_be_visible()

    async def refused() -> bool:
        headers = {"Authorization": f"Bearer {secret}"}
        async with office.session.get(f"{office.running.service}/api/v1/events", headers=headers) as answer:
            return answer.status == 401

    await until("the key is known no more", refused)
