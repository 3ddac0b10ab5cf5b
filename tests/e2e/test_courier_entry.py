"""How a courier comes in, in a real browser: code, link, portal, a revoked phone, a start without a network."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from tests.desk import until
from tests.e2e.courier_hand import Hand
from tests.e2e.courier_handset import Handset
from tests.e2e.courier_network import Weather
from tests.e2e.courier_stage import Stage, stage

# One stage for all: what a test finds on it (orders, phones of before) it counts from.
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180), pytest.mark.asyncio(loop_scope="module")]
Json = dict[str, Any]
ILYA, STRANGER = 7, 1
ORDERS = 6
ILYA_HAS_NONE = "0192a1b2-0000-7000-8000-000000000001"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole_stage(browser_path: str, built_pages: Path) -> AsyncIterator[Stage]:
    async with stage(browser_path) as made:
        await made.day_for(await petrov(made), ORDERS)
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def open_stage(whole_stage: Stage) -> AsyncIterator[Stage]:
    """With a fair network and no phones."""
    yield whole_stage
    await whole_stage.put_away()


async def petrov(stage: Stage) -> Json:
    """The courier of «Центр» who is number 7 of the portal; he has orders."""
    [courier] = [one for one in await stage.couriers() if one["name"].startswith("Петров")]
    await stage.known(courier)
    return courier


async def phones_since(stage: Stage, courier: Json, before: list[Json]) -> list[Json]:
    known = {one["device"] for one in before}
    return [one for one in await stage.devices(courier) if one["device"] not in known]


def left(page: Page, number: int = ORDERS) -> Any:
    return expect(page.get_by_role("heading", level=1)).to_have_text(f"{number} осталось")


async def logged_in(stage: Stage, courier: Json, handset: Handset) -> Hand:
    hand = Hand(handset)
    await handset.open()
    await hand.enter((await stage.code(courier))["code"])
    await left(handset.page)
    return hand


async def one_pick_up(hand: Hand) -> str:
    """One order is picked up; its number."""
    await hand.page.locator("a[href^='#/order/']", has_text="Готов").first.click()
    heading = hand.page.get_by_role("heading", level=1)
    await expect(heading).to_have_text(re.compile(r"^Заказ \S"))
    number = (await heading.inner_text()).split()[-1]
    await hand.open_sheet("pick_up")
    await hand.fits_all()
    await hand.take(await hand.camera(), 1, 1)
    await hand.press()
    await hand.confirmed("pick_up", number)
    await hand.at_stage("picked_up")
    return number


async def test_a_code_lets_in_once_and_a_used_one_is_refused_in_words(open_stage: Stage) -> None:
    courier = await petrov(open_stage)
    before = await open_stage.devices(courier)
    code = (await open_stage.code(courier))["code"]
    first = await open_stage.phone("first")
    await first.open()
    await Hand(first).enter(code[:4].lower() + " " + code[4:])
    await left(first.page)
    second = await open_stage.phone("second")
    await second.open()
    hand = Hand(second)
    await hand.enter(code[:5])
    await expect(second.page.get_by_role("alert")).to_contain_text("В коде 8 знаков, введено 5")
    await hand.enter(code)
    await expect(second.page.get_by_role("alert")).to_contain_text(re.compile("[Кк]од"))
    await expect(second.page.get_by_label("Код входа")).to_have_value(code)
    assert len(await phones_since(open_stage, courier, before)) == 1


async def test_a_link_of_the_office_lets_in_and_leaves_the_address(open_stage: Stage) -> None:
    courier = await petrov(open_stage)
    made = await open_stage.code(courier)
    assert made["url"].startswith(open_stage.url)
    phone = await open_stage.phone()
    await phone.open(made["url"])
    await left(phone.page)
    assert made["code"] not in phone.page.url
    assert made["code"] not in await phone.page.evaluate("JSON.stringify(history.state) + location.href")
    # The link once more, in a tab that shows the application already: it is used, and nothing is lost by it.
    await phone.page.evaluate("to => { location.href = to }", made["url"])
    await until("the code leaves the address", lambda: _without(phone.page, made["code"]))
    await left(phone.page)


async def _without(page: Page, code: str) -> bool:
    return code not in page.url


async def test_a_lost_answer_to_the_login_does_not_cost_the_code(open_stage: Stage) -> None:
    courier = await petrov(open_stage)
    before = await open_stage.devices(courier)
    code = (await open_stage.code(courier))["code"]
    phone = await open_stage.phone()
    await phone.open()
    await expect(phone.page.get_by_label("Код входа")).to_be_visible()
    await open_stage.network.connect(Weather(lost=1.0))
    await Hand(phone).enter(code)
    await expect(phone.page.get_by_role("alert")).not_to_be_empty()
    assert open_stage.network.count("lost") >= 1
    await open_stage.network.connect()
    await phone.page.get_by_role("button", name="Войти").click()
    await left(phone.page)
    assert [one["revoked"] for one in await phones_since(open_stage, courier, before)] == [False]


async def test_the_portal_opens_the_application_for_a_courier_and_for_nobody_else(open_stage: Stage) -> None:
    await petrov(open_stage)
    phone = await open_stage.phone()
    await phone.open(open_stage.opening(STRANGER, "phone"))
    await expect(phone.page.get_by_text(f"номер {STRANGER}")).to_be_visible()
    await phone.open(open_stage.opening(ILYA, "phone"))
    await left(phone.page)
    assert phone.page.url.partition("#")[0] == open_stage.url
    assert "ticket" not in phone.page.url
    await phone.page.reload()
    await left(phone.page)


async def test_the_portal_on_the_web_shows_the_application_in_its_frame(open_stage: Stage) -> None:
    await petrov(open_stage)
    desk = await open_stage.phone("desk", viewport={"width": 1280, "height": 800}, is_mobile=False, has_touch=False)
    await desk.open(open_stage.opening(ILYA, "web"))
    inside = desk.page.frame_locator("iframe")
    await expect(inside.get_by_role("heading", level=1)).to_have_text(f"{ORDERS} осталось")


async def test_the_chat_of_a_task_and_the_links_of_its_text_land_at_its_delivery(open_stage: Stage) -> None:
    courier = await petrov(open_stage)
    task = await one_task(open_stage, courier)
    phone = await open_stage.phone()
    from_chat = {"placement": "IMMOBILE_CONTEXT_MENU", "dialog": f"chat{task['chat']}"}
    await phone.open(open_stage.opening(ILYA, "phone", **from_chat))
    await at_order(phone, task)
    await phone.page.get_by_role("button", name="Назад").click()
    await left(phone.page)
    await phone.open(await open_stage.link_in_text(task["task"], "/courier/#"))
    await at_order(phone, task)
    in_portal = f"{await open_stage.link_in_text(task['task'], '/marketplace/view/')}&user={ILYA}&device=phone"
    await phone.open(in_portal)
    await at_order(phone, task)
    await phone.open(in_portal.replace(task["delivery"], ILYA_HAS_NONE))
    await expect(phone.page.get_by_text("Этой доставки нет в вашем дне")).to_be_visible()
    await left(phone.page)
    assert ILYA_HAS_NONE not in phone.page.url
    await served_by_its_worker(phone)
    await phone.kill()
    await open_stage.network.cut()
    await phone.start()
    for address in (in_portal, f"{open_stage.url}#delivery={task['delivery']}"):
        await phone.open(address)
        await at_order(phone, task)
    await phone.open(open_stage.opening(ILYA, "phone", **from_chat))
    await left(phone.page)


async def one_task(stage: Stage, courier: Json) -> Json:
    """delivery, number, chat, text of a task of his, once the watch has seen it."""

    async def seen() -> Json | None:
        found = stage.rows(
            "SELECT d.id::text AS delivery, d.order_number AS number, p.chat_id AS chat, p.task_id AS task"
            " FROM portal_task p JOIN delivery d ON d.id = p.delivery_id"
            " WHERE d.courier_ref = %(courier)s AND p.chat_id IS NOT NULL ORDER BY p.task_id LIMIT 1",
            courier=courier["ref"],
        )  # fmt: skip
        return found[0] if found else None

    return await until("the watch has seen a task of his", seen)


async def at_order(phone: Handset, task: Json) -> None:
    await expect(phone.page.get_by_role("heading", level=1)).to_contain_text(task["number"])
    assert phone.page.url.partition("#")[2] == f"/order/{task['delivery']}"


async def test_the_same_pass_of_the_portal_lets_in_once(open_stage: Stage) -> None:
    courier = await petrov(open_stage)
    before = await open_stage.devices(courier)
    first = await open_stage.phone("first")
    await first.open(open_stage.opening(ILYA, "phone"))
    await left(first.page)
    await open_stage.system.desk.tell("/portal/api/faults", kind="open_same_token", count=2)
    second = await open_stage.phone("second")
    await second.open(open_stage.opening(ILYA, "phone"))
    await expect(second.page.get_by_label("Код входа")).to_be_visible()
    assert len(await phones_since(open_stage, courier, before)) == 1
    # On the phone that is in already the same pass changes nothing: he goes on working.
    await first.open(open_stage.opening(ILYA, "phone"))
    await left(first.page)


async def test_a_revoked_phone_keeps_its_queue_and_sends_it_after_a_new_login(open_stage: Stage) -> None:
    courier = await petrov(open_stage)
    before = await open_stage.devices(courier)
    phone = await open_stage.phone()
    hand = await logged_in(open_stage, courier, phone)
    await served_by_its_worker(phone)
    await open_stage.network.cut()
    number = await one_pick_up(hand)
    [device] = await phones_since(open_stage, courier, before)
    await open_stage.office("POST", f"devices/{device['token_id']}/revoke")
    await open_stage.network.connect()
    await expect(phone.page.get_by_text("Вход устарел").first).to_be_visible(timeout=60_000)
    await hand.at_stage("picked_up")
    assert recorded(open_stage, device["device"]) == []
    await phone.page.get_by_role("button", name="Войти").click()
    await expect(phone.page.get_by_text("Ждёт отправки на телефоне")).to_be_visible()
    await hand.enter((await open_stage.code(courier))["code"])
    await hand.all_sent()
    [row] = recorded(open_stage, device["device"])
    assert (row["type"], row["seq"], row["state"], row["number"]) == ("delivery.pick_up", 1, "accepted", number)
    assert [one["revoked"] for one in await phones_since(open_stage, courier, before)] == [False]


async def test_another_courier_waits_until_the_first_ones_steps_are_sent(open_stage: Stage) -> None:
    courier = await petrov(open_stage)
    other = next(one for one in await open_stage.couriers() if one["ref"] != courier["ref"])
    phone = await open_stage.phone()
    hand = await logged_in(open_stage, courier, phone)
    await open_stage.network.connect(Weather(torn_from="/api/v1/courier/events"))
    await one_pick_up(hand)
    await phone.open((await open_stage.code(other))["url"])
    await expect(phone.page.get_by_role("alert")).to_contain_text("На телефоне есть неотправленное")
    await left(phone.page)
    disk = await phone.disk()
    assert disk["meta"]["session"]["courier"]["ref"] == courier["ref"]
    assert [row["wire"]["type"] for row in disk["queue"]] == ["delivery.pick_up"]
    await open_stage.network.connect()
    await hand.all_sent()
    await phone.open((await open_stage.code(other))["url"])
    await expect(phone.page.get_by_text("Заказов пока нет")).to_be_visible()
    assert [row["courier"] for row in recorded(open_stage, disk["meta"]["device"]["id"])] == [courier["ref"]]


async def test_a_killed_phone_starts_without_a_network(open_stage: Stage) -> None:
    courier = await petrov(open_stage)
    phone = await open_stage.phone()
    await logged_in(open_stage, courier, phone)
    await served_by_its_worker(phone)
    await phone.kill()
    await open_stage.network.cut()
    await phone.start()
    await phone.open()
    await left(phone.page)
    await expect(phone.page.get_by_text("Нет связи, всё сохраняется на телефоне")).to_be_visible()
    hand = Hand(phone)
    await one_pick_up(hand)
    # Every screen comes from the worker: those loaded later too.
    for hash, seen in (("#/cash", "Деньги"), ("#/backpack", "Рюкзак"), ("#/more/diagnostics", "Проверка телефона")):
        await hand.go(hash)
        await expect(phone.page.get_by_role("heading", level=1)).to_have_text(seen)


async def test_a_new_version_waits_until_the_courier_agrees(open_stage: Stage) -> None:
    courier = await petrov(open_stage)
    phone = await open_stage.phone()
    hand = await logged_in(open_stage, courier, phone)
    await served_by_its_worker(phone)
    before = await worker_version(phone.page)
    open_stage.network.changes["/courier/sw.js"] = lambda body: body.replace(
        json.dumps(before).encode(), b'"a-newer-one"'
    )
    await phone.page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.update())")
    update = phone.page.get_by_role("button", name="Обновить", exact=True).first
    await expect(phone.page.get_by_text("Есть новая версия")).to_be_visible()
    await phone.page.locator("a[href^='#/order/']", has_text="Готов").first.click()
    await hand.open_sheet("pick_up")
    await hand.fits_all()
    await hand.take(await hand.camera(), 1, 1)
    assert await worker_version(phone.page) == before
    async with phone.page.expect_navigation():
        await update.click()
    await hand.sheet_ready()
    assert await hand.shots() == 1
    assert await worker_version(phone.page) == "a-newer-one"


async def served_by_its_worker(phone: Handset) -> None:
    await phone.installed()


async def worker_version(page: Page) -> str:
    told: str = await page.evaluate("""() => new Promise((done) => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = ({ data }) => done(data)
      navigator.serviceWorker.controller.postMessage('version', [port2])
    })""")
    return told


def recorded(stage: Stage, device: str) -> list[Json]:
    """What the service has of this phone."""
    return stage.rows(
        "SELECT e.type, e.seq, e.state, e.courier_ref AS courier, d.order_number AS number FROM courier_event e"
        " LEFT JOIN delivery d ON d.id = e.delivery_id WHERE e.device = %(device)s ORDER BY e.seq", device=device,
    )  # fmt: skip
