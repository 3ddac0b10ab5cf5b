"""«Владение полями» by hand: an owner is changed there, and what then is refused shows."""

from urllib.parse import urlencode

from playwright.async_api import Locator, expect
from tests.e2e.office_live import Office


async def owners_are_changed(office: Office) -> None:
    await found_by_words(office)
    await owner_changed(office)
    await refusal_shown(office)
    await conflict_told(office)
    await taken_back(office)


async def opened(office: Office, **query: str) -> None:
    await office.open(f"/exchange?{urlencode({'tab': 'ownership', **query})}")
    await expect(office.page.get_by_text("Кто вправе менять каждое поле.")).to_be_visible()
    await expect(office.page.locator("main .skeleton")).to_have_count(0)


def row(office: Office, field: str) -> Locator:
    return office.page.locator("tr", has=office.page.get_by_text(field, exact=True))


async def found_by_words(office: Office) -> None:
    page = office.page
    await opened(office)
    await expect(page.locator(".ownership details")).to_have_count(15)
    await expect(page.locator(".ownership details[open]")).to_have_count(0)  # nothing was changed, nothing refused
    await office.looked_at("all kinds")
    await opened(office, kind="delivery", q="курьер")
    await expect(row(office, "courier")).to_contain_text("по умолчанию")
    await opened(office, q="такого слова нет")
    await expect(page.get_by_role("heading", name="Таких полей нет")).to_be_visible()
    await opened(office, refused="1")
    await expect(page.get_by_role("heading", name="За неделю отказов не было")).to_be_visible()
    await office.looked_at("nothing found")


async def owner_changed(office: Office) -> None:
    page = office.page
    await opened(office, kind="delivery")
    await row(office, "courier").get_by_role("button", name="Изменить").click()
    dialog = page.get_by_role("dialog", name="доставка: курьер")
    save = dialog.get_by_role("button", name="Сохранить")
    await dialog.get_by_label("Посредник").uncheck()
    await expect(save).to_be_disabled()
    await dialog.get_by_label("Причина изменения").fill("курьеров назначает 1С")
    await office.looked_at("dialog")
    await save.click()
    await expect(page.get_by_role("status").get_by_text("Сохранено: доставка: курьер")).to_be_visible()
    await expect(row(office, "courier")).to_contain_text("курьеров назначает 1С")
    await expect(row(office, "courier").locator(".owner")).to_have_text(["1С"])


async def refusal_shown(office: Office) -> None:
    """The board says no, the page counts it, and the case waits for a person."""
    desk = office.desk
    (ref,) = await desk.make_orders(1)
    assert (await desk.press(ref, "ready"))["status"] == "done"
    delivery = (await desk.board())[ref]["id"]
    courier = next(one["ref"] for one in (await desk.look("/onec/api/couriers"))["couriers"])
    act = {"action": "assign", "courier": courier}
    status, said = await office.ask("POST", f"/api/v1/board/deliveries/{delivery}/actions", act)
    assert (status, said["code"]) == (409, "not_owner")
    await opened(office, refused="1")
    refusals = row(office, "courier").get_by_role("link", name="1", exact=True)
    await expect(refusals).to_be_visible()
    await office.looked_at("refusals")
    await refusals.click()
    await expect(office.page.get_by_text("меняет чужое поле «курьер»")).to_be_visible()


async def conflict_told(office: Office) -> None:
    page = office.page
    await opened(office, kind="delivery")
    await row(office, "stage").get_by_role("button", name="Изменить").click()
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
    await opened(office, changed="1")
    await expect(page.locator(".ownership details[open]")).to_have_count(2)
    await row(office, "courier").get_by_role("button", name="Изменить").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Вернуть, как без этой страницы").check()
    await dialog.get_by_label("Причина изменения").fill("вернули")
    await dialog.get_by_role("button", name="Сохранить").click()
    await expect(row(office, "courier")).to_have_count(0)
    await opened(office, kind="delivery")
    await expect(row(office, "courier")).to_contain_text("по умолчанию")
