"""The page of reports by hand: a figure follows a hand-over, opens its cases, and goes into a file."""

import zipfile
from pathlib import Path

from playwright.async_api import expect
from tests.desk import Desk
from tests.e2e.office_live import Office

DIVISION = "Центр"


async def handed_over(desk: Desk) -> None:
    orders = (await desk.look("/onec/api/orders?limit=200"))["orders"]
    couriers = (await desk.look("/onec/api/couriers"))["couriers"]
    order, own = (next(one for one in all if one["division"] == DIVISION) for all in (orders, couriers))
    await desk.press(order["ref"], "ready", courier=own["ref"])
    card = (await desk.board())[order["ref"]]
    await desk.act(card["id"], "pick_up")
    await desk.act(card["id"], "hand_over", amount_taken=card["amount_due"], photos=await desk.proof())


async def a_figure_follows_a_hand_over(office: Office, tmp_path: Path) -> None:
    """Nothing was handed over before."""
    page, desk = office.page, office.desk
    await office.open("/reports")
    await expect(page.get_by_role("heading", name="За этот период данных нет")).to_be_visible()
    await handed_over(desk)
    await page.reload()
    table = page.get_by_role("region", name="По курьерам и дням")
    await expect(table.locator("tfoot")).to_contain_text("Итого")
    await table.locator("tbody tr").first.get_by_role("link", name="1", exact=True).first.click()
    cases = page.get_by_role("dialog", name="Что за этой цифрой: Вручено")
    await expect(cases.get_by_role("listitem")).to_have_count(1)
    await expect(cases.get_by_role("link", name="Весь путь заказа")).to_be_visible()
    await page.reload()
    await expect(cases.get_by_role("listitem")).to_have_count(1)
    await page.keyboard.press("Escape")
    async with page.expect_download() as found:
        await page.get_by_role("button", name="Excel").click()
    file = await found.value
    await file.save_as(tmp_path / "report.xlsx")
    assert zipfile.ZipFile(tmp_path / "report.xlsx").testzip() is None
    await page.get_by_role("tab", name="Доказательства").click()
    await expect(page.get_by_text("Есть ли у шагов фото и место")).to_be_visible()
    assert "report=proofs" in page.url
