"""The pages «Обмены», «Разбор» and «Смены» in a browser: a destination is paused, a dead letter replayed after a dry
run, cash that differs is decided with its effect shown, a shift is closed for a courier."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
import pytest
from playwright.async_api import Browser, Locator, Page, expect
from tests.browser import SIZES, axe_faults, chromium, too_wide
from tests.desk import Desk, Json, until
from tests.e2e.demo_running import Demo, demo

from posrednik.kit.ids import uuid7

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
BITRIX24 = "Битрикс24"


@pytest.fixture
async def running(browser_path: str, built_pages: Path) -> AsyncIterator[tuple[Demo, Browser]]:
    async with demo() as made, chromium(browser_path) as browser:
        await made.start()
        yield made, browser


async def test_what_stands_is_repaired_decided_and_closed_by_hand(running: tuple[Demo, Browser]) -> None:
    made, browser = running
    async with aiohttp.ClientSession() as session:
        desk = made.desk(session)
        page = await browser.new_page(locale="ru-RU", viewport=SIZES[0], reduced_motion="reduce")
        await page.goto(f"{made.service}/office/#token={made.token}")
        await expect(page.get_by_role("heading", level=1)).to_be_attached()  # he is in: the address is his now
        number = await _a_letter_dies_and_is_sent_again(page, desk, made)
        await _the_journal_tells_of_it(page, number)
        await _cash_that_differs_is_decided(page, desk)
        await _a_shift_is_closed(page, desk)


# -- «Обмены»


async def _a_letter_dies_and_is_sent_again(page: Page, desk: Desk, made: Demo) -> str:
    """The number of its order."""
    await _open(page, "/exchange")
    row = page.get_by_role("region", name="Куда передаём").get_by_role("row").filter(has_text=BITRIX24)
    await _switch(page, row, "Приостановить", "ремонт портала")
    await expect(row).to_contain_text("ремонт портала")
    order = (await desk.look("/onec/api/orders?limit=1"))["orders"][0]
    assert (await desk.press(order["ref"], "ready", courier=await _courier_of(desk, order)))["status"] == "done"
    number = str(order["number"])
    await page.get_by_role("searchbox", name="Номер заказа").fill(number)
    lane = page.get_by_role("row").filter(has=page.get_by_role("link", name=number)).filter(has_text=BITRIX24)
    await expect(lane.first).to_contain_text("отправка приостановлена: ремонт портала")

    await _refuse(made)
    await page.get_by_role("tab", name="Не передано").click()
    await page.get_by_text("Повторить несколько").click()
    await page.get_by_role("button", name="Сколько будет повторено?").click()
    await expect(page.get_by_text("Будет повторено 1 сообщение")).to_be_visible()
    await _faultless(page)
    assert len((await desk.ask("/api/v1/admin/dead"))["dead"]) == 1
    await page.get_by_role("button", name="Повторить 1", exact=True).click()
    await expect(page.get_by_text("Ни одно сообщение не остановлено.")).to_be_visible()
    await _switch(page, row, "Продолжить", "починили")
    await until("the task is made", lambda: _sent(desk))
    return number


async def _switch(page: Page, row: Locator, name: str, reason: str) -> None:
    await row.get_by_role("button", name=name).click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("button", name=name)).to_be_disabled()
    await dialog.get_by_label("Причина").fill(reason)
    await dialog.get_by_role("button", name=name).click()
    await expect(dialog).to_be_hidden()


async def _refuse(made: Demo) -> None:
    """As if the portal had refused the waiting task for good; what goes beside it waits."""
    dsn = (made.folder / "data" / "database.dsn").read_text("utf-8").strip()
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as conn:
        await conn.execute(
            "WITH l AS (UPDATE lane SET state = 'dead' FROM destination d WHERE d.id = destination_id "
            "AND d.name = 'bitrix24' AND lane.state = 'ready' AND starts_with(key, 'delivery:') RETURNING lane.id) "
            "UPDATE message SET dead_at = now(), dead_code = 'http_400', dead_why = 'портал не принял' FROM l "
            "WHERE lane_id = l.id"
        )


async def _sent(desk: Desk) -> bool:
    rows = (await desk.ask("/api/v1/admin/exchange"))["destinations"]
    return all(row["waiting"] == 0 and row["dead"] == 0 for row in rows if row["name"] == "bitrix24")


async def _the_journal_tells_of_it(page: Page, number: str) -> None:
    await page.get_by_role("tab", name="Журнал").click()
    await page.get_by_role("searchbox", name="Номер заказа").fill(number)
    await expect(page).to_have_url(re.compile("order="))  # what is typed has come into the address
    replayed = page.get_by_role("row").filter(has_text="Отправляем заново")
    await expect(replayed).to_have_count(1)
    await replayed.get_by_role("link").first.click()
    panel = page.get_by_role("dialog", name="Строка журнала")
    await expect(panel).to_contain_text("портал не принял")
    await expect(panel.get_by_role("heading", name="Событие: Доставка готова")).to_be_visible()
    await _faultless(page)
    await page.reload()  # what is shown is in the address
    await expect(panel).to_contain_text("портал не принял")
    await panel.get_by_role("button", name="Закрыть").click()
    for tab in ("Карантин", "Маршруты"):
        await page.get_by_role("tab", name=tab).click()
        await expect(page.locator("main .skeleton")).to_have_count(0)
        await _faultless(page)


# -- «Разбор»


async def _cash_that_differs_is_decided(page: Page, desk: Desk) -> None:
    order = (await desk.look("/onec/api/orders?limit=1"))["orders"][0]
    card = (await desk.board())[order["ref"]]
    courier = card["courier"]["ref"]
    await desk.act(card["id"], "pick_up")
    due = float(card["amount_due"])
    assert due > 40
    await desk.act(card["id"], "hand_over", amount_taken=card["amount_due"], photos=await desk.proof())
    counted = await _post(desk, "board/cash/counts", courier=courier, counted=f"{due - 40:.2f}")
    assert counted["state"] == "needs_reason", counted
    await _post(desk, f"board/cash/counts/{counted['id']}/confirm", reason="нет сдачи", second="Иванова А.")

    await _open(page, "/incidents")
    case = page.get_by_role("article", name="Деньги не сходятся").first
    await case.get_by_role("button", name="Решить").click()
    await case.get_by_role("radio", name="Провести разницу").check()
    await expect(case.get_by_text("Будет проведено:")).to_be_visible()
    await expect(case.get_by_text("40\u202f₽: наличные у курьера")).to_be_visible()
    await _faultless(page)
    await case.get_by_label("Причина").fill("удержим из зарплаты")
    await case.get_by_role("button", name="Записать решение").click()
    await expect(page.get_by_text("Решение записано: «Провести разницу»")).to_be_visible()
    await page.get_by_role("button", name="Решённые").click()
    await page.get_by_text("Что проведено и кому сообщено").first.click()
    await expect(page.get_by_text("40\u202f₽: наличные у курьера").first).to_be_visible()
    await _faultless(page)


# -- «Смены»


async def _a_shift_is_closed(page: Page, desk: Desk) -> None:
    courier = (await desk.look("/onec/api/couriers"))["couriers"][-1]
    await _opens_a_shift(desk, courier["ref"])
    await _open(page, "/shifts")
    await page.get_by_role("link", name=courier["name"]).click()
    panel = page.get_by_role("dialog")
    await expect(panel.get_by_text("Смена ещё открыта.")).to_be_visible()
    await panel.get_by_role("button", name="Закрыть смену за курьера").click()
    await panel.get_by_role("button", name="Закрыть смену", exact=True).click()
    await expect(panel.get_by_role("alert")).to_contain_text("Напишите причину")
    await _faultless(page)
    await panel.get_by_label("Почему закрываете вы").fill("телефон разбит")
    await panel.get_by_role("button", name="Закрыть смену", exact=True).click()
    await expect(page.get_by_text("Смена закрыта", exact=True)).to_be_visible()
    row = page.get_by_role("row").filter(has_text=courier["name"])
    await expect(row).to_contain_text("Закрыл")
    await row.get_by_role("link").click()
    await expect(panel).to_contain_text("телефон разбит")
    await _faultless(page)


async def _opens_a_shift(desk: Desk, courier: str) -> None:
    """As his phone does."""
    code = (await _post(desk, f"board/couriers/{courier}/login-codes"))["code"]
    device = str(uuid7())
    token = (await _post(desk, "courier/login", None, code=code, device=device))["token"]
    opened: Json = {
        "id": str(uuid7()), "seq": 1, "type": "shift.open", "at_device": datetime.now(UTC).isoformat(),
        "clock_offset_ms": 0, "geo_error": "denied", "photos": [], "payload": {"goods": [], "cash": "0.00"},
    }  # fmt: skip
    told = await _post(desk, "courier/events", token, device=device, events=[opened])
    assert told["results"][0]["status"] == "accepted", told


# -- small


async def _courier_of(desk: Desk, order: Json) -> str:
    couriers = (await desk.look("/onec/api/couriers"))["couriers"]
    return str(next(one["ref"] for one in couriers if one["division"] == order["division"]))


async def _post(desk: Desk, path: str, token: str | None = "person", **body: Any) -> Any:
    """token: None = nobody's; `person`: the desk's own."""
    bearer = desk.token if token == "person" else token
    headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
    async with desk.session.post(f"{desk.service}/api/v1/{path}", json=body, headers=headers) as answer:
        told = await answer.json(content_type=None)
        assert answer.status in (200, 201), told
        return told


async def _open(page: Page, path: str) -> None:
    await page.evaluate("(to) => { location.hash = to }", path)
    await expect(page.locator("main .skeleton")).to_have_count(0)


async def _faultless(page: Page) -> None:
    assert await axe_faults(page) + await too_wide(page) == []
