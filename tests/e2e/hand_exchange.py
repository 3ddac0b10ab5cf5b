"""The pages «Обмены», «Разбор» and «Смены» by hand: a destination is paused, a dead letter replayed after a dry run,
cash that differs is decided with its effect shown, a shift is closed for a courier."""

import re
from datetime import UTC, datetime
from typing import Any

import psycopg
from playwright.async_api import Locator, Page, expect
from tests.desk import Desk, Json, until
from tests.e2e.demo_running import Demo
from tests.e2e.office_live import Office

from posrednik.kit.ids import uuid7

BITRIX24 = "Битрикс24"
DIVISION = "Север"  # where nobody else of the file has orders or money


async def what_stands_is_repaired_decided_and_closed(office: Office) -> None:
    await until("nothing waits for the portal", lambda: _sent(office.desk))
    order = await _a_letter_dies_and_is_sent_again(office)
    await _the_journal_tells_of_it(office, order["number"])
    await _cash_that_differs_is_decided(office, order)
    await _a_shift_is_closed(office)


# -- «Обмены»


async def _a_letter_dies_and_is_sent_again(office: Office) -> Json:
    """Its order."""
    page, desk = office.page, office.desk
    await office.open("/exchange")
    row = page.get_by_role("region", name="Куда передаём").get_by_role("row").filter(has_text=BITRIX24)
    await _switch(page, row, "Приостановить", "ремонт портала")
    await expect(row).to_contain_text("ремонт портала")
    order = await _order_of(desk)
    assert (await desk.press(order["ref"], "ready", courier=await _courier_of(desk)))["status"] == "done"
    number = str(order["number"])
    await page.get_by_role("searchbox", name="Номер заказа").fill(number)
    lane = page.get_by_role("row").filter(has=page.get_by_role("link", name=number)).filter(has_text=BITRIX24)
    await expect(lane.first).to_contain_text("отправка приостановлена: ремонт портала")

    await _refuse(office.running)
    await page.get_by_role("tab", name="Не передано").click()
    await page.get_by_text("Повторить несколько").click()
    await page.get_by_role("button", name="Сколько будет повторено?").click()
    await expect(page.get_by_text("Будет повторено 1 сообщение")).to_be_visible()
    await office.looked_at("a dry run")
    assert len((await desk.ask("/api/v1/admin/dead"))["dead"]) == 1
    await page.get_by_role("button", name="Повторить 1", exact=True).click()
    await expect(page.get_by_text("Ни одно сообщение не остановлено.")).to_be_visible()
    await _switch(page, row, "Продолжить", "починили")
    await until("the task is made", lambda: _sent(desk))
    return order


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


async def _the_journal_tells_of_it(office: Office, number: str) -> None:
    page = office.page
    await page.get_by_role("tab", name="Журнал").click()
    await page.get_by_role("searchbox", name="Номер заказа").fill(number)
    await expect(page).to_have_url(re.compile("order="))  # what is typed has come into the address
    replayed = page.get_by_role("row").filter(has_text="Отправляем заново")
    await expect(replayed).to_have_count(1)
    await replayed.get_by_role("link").first.click()
    panel = page.get_by_role("dialog", name="Строка журнала")
    await expect(panel).to_contain_text("портал не принял")
    await expect(panel.get_by_role("heading", name="Событие: Доставка готова")).to_be_visible()
    await office.looked_at("a line of the journal")
    await page.reload()  # what is shown is in the address
    await expect(panel).to_contain_text("портал не принял")
    await panel.get_by_role("button", name="Закрыть").click()
    for tab in ("Карантин", "Маршруты"):
        await page.get_by_role("tab", name=tab).click()
        await expect(page.locator("main .skeleton")).to_have_count(0)
        await office.looked_at(tab)


# -- «Разбор»


async def _cash_that_differs_is_decided(office: Office, order: Json) -> None:
    page, desk = office.page, office.desk
    card = (await desk.board())[order["ref"]]
    courier = card["courier"]["ref"]
    await desk.act(card["id"], "pick_up")
    due = float(card["amount_due"])
    assert due > 40
    await desk.act(card["id"], "hand_over", amount_taken=card["amount_due"], photos=await desk.proof())
    counted = await _post(desk, "board/cash/counts", courier=courier, counted=f"{due - 40:.2f}")
    assert counted["state"] == "needs_reason", counted
    await _post(desk, f"board/cash/counts/{counted['id']}/confirm", reason="нет сдачи", second="Иванова А.")

    await office.open("/incidents")
    case = page.get_by_role("article", name="Деньги не сходятся").first
    await case.get_by_role("button", name="Решить").click()
    await case.get_by_role("radio", name="Провести разницу").check()
    await expect(case.get_by_text("Будет проведено:")).to_be_visible()
    await expect(case.get_by_text("40\u202f₽: наличные у курьера")).to_be_visible()
    await office.looked_at("a decision")
    await case.get_by_label("Причина").fill("удержим из зарплаты")
    await case.get_by_role("button", name="Записать решение").click()
    await expect(page.get_by_text("Решение записано: «Провести разницу»")).to_be_visible()
    await page.get_by_role("button", name="Решённые").click()
    await page.get_by_text("Что проведено и кому сообщено").first.click()
    await expect(page.get_by_text("40\u202f₽: наличные у курьера").first).to_be_visible()
    await office.looked_at("decided")


# -- «Смены»


async def _a_shift_is_closed(office: Office) -> None:
    page, desk = office.page, office.desk
    courier = (await _couriers_of(desk))[-1]
    await _opens_a_shift(desk, courier["ref"])
    await office.open("/shifts")
    await page.get_by_role("link", name=courier["name"]).click()
    panel = page.get_by_role("dialog")
    await expect(panel.get_by_text("Смена ещё открыта.")).to_be_visible()
    await panel.get_by_role("button", name="Закрыть смену за курьера").click()
    await panel.get_by_role("button", name="Закрыть смену", exact=True).click()
    await expect(panel.get_by_role("alert")).to_contain_text("Напишите причину")
    await office.looked_at("a shift without a reason")
    await panel.get_by_label("Почему закрываете вы").fill("телефон разбит")
    await panel.get_by_role("button", name="Закрыть смену", exact=True).click()
    await expect(page.get_by_text("Смена закрыта", exact=True)).to_be_visible()
    row = page.get_by_role("row").filter(has_text=courier["name"])
    await expect(row).to_contain_text("Закрыл")
    await row.get_by_role("link").click()
    await expect(panel).to_contain_text("телефон разбит")
    await office.looked_at("a closed shift")


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


async def _order_of(desk: Desk) -> Json:
    """One of DIVISION that is not on its way, with enough to pay for."""
    orders = (await desk.look("/onec/api/orders?limit=200"))["orders"]
    board = await desk.board()
    fit = (one for one in orders if one["division"] == DIVISION and one["ref"] not in board)
    return next(dict(one) for one in fit if float(one["amount_due"]) > 40)


async def _couriers_of(desk: Desk) -> list[Json]:
    couriers = (await desk.look("/onec/api/couriers"))["couriers"]
    return [one for one in couriers if one["division"] == DIVISION]


async def _courier_of(desk: Desk) -> str:
    return str((await _couriers_of(desk))[0]["ref"])


async def _post(desk: Desk, path: str, token: str | None = "person", **body: Any) -> Any:
    """token: None = nobody's; `person`: the desk's own."""
    bearer = desk.token if token == "person" else token
    headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
    async with desk.session.post(f"{desk.service}/api/v1/{path}", json=body, headers=headers) as answer:
        told = await answer.json(content_type=None)
        assert answer.status in (200, 201), told
        return told
