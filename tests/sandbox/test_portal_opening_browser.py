"""The application opened in a browser as an employee: on the phone a page of its own, on the web a frame."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, expect
from tests.browser import chromium
from tests.sandbox.portal_running import Running, a_task, running

pytestmark = pytest.mark.e2e

PHONE = {"width": 390, "height": 844}


@dataclass
class Service:
    """The application's side: takes the form, sends on to a plain page, and lets only the portal frame it."""

    portal: str = ""
    url: str = ""
    posts: list[tuple[dict[str, str], dict[str, str], str | None]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.posts.append((dict(request.query), form, request.headers.get("Origin")))
        return self._answer(303, {"Location": "/courier/#ticket=once"})

    async def show(self, request: web.Request) -> web.Response:
        return self._answer(200, {})

    def _answer(self, status: int, headers: dict[str, str]) -> web.Response:
        policy = {"Content-Security-Policy": f"default-src 'none'; frame-ancestors {self.portal}"}
        page = "<!doctype html><html lang=ru><title>Курьер</title><h1>Заказы на сегодня</h1></html>"
        return web.Response(text=page, status=status, headers=policy | headers, content_type="text/html")


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    service = Service()
    app = web.Application()
    app.add_routes([web.post("/courier/open{more:.*}", service.take), web.get("/courier/", service.show)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    service.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield service
    await runner.cleanup()


@pytest.fixture
async def portal(service: Service) -> AsyncIterator[Running]:
    async with running() as started:
        handlers = {"page_url": f"{service.url}/courier/open", "chat_url": f"{service.url}/courier/open/chat"}
        started.portal.application = replace(started.portal.application, **handlers)
        service.portal = started.http
        await started.ok("tasks.task.add", {"fields": a_task()})
        yield started


@pytest.fixture
async def browser(browser_path: str) -> AsyncIterator[Browser]:
    async with chromium(browser_path) as browser:
        yield browser


@dataclass
class Tab:
    page: Page
    errors: list[str]


@pytest.fixture
async def tab(browser: Browser) -> AsyncIterator[Tab]:
    """A page whose script errors and broken policies fail the test."""
    page = await browser.new_page(viewport={"width": 1440, "height": 900})
    tab = Tab(page, [])
    page.on("pageerror", lambda error: tab.errors.append(str(error)))
    page.on("console", lambda line: tab.errors.append(line.text) if line.type == "error" else None)
    yield tab
    assert tab.errors == []


async def test_on_the_phone_the_page_posts_itself_and_is_the_application(
    portal: Running, service: Service, tab: Tab
) -> None:
    await tab.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    await tab.page.goto(f"{portal.control}/portal/open?user=7&placement=DEFAULT&device=phone")
    await expect(tab.page.get_by_role("heading", name="Заказы на сегодня")).to_be_visible()
    assert tab.page.url == f"{service.url}/courier/#ticket=once"
    (query, form, origin) = service.posts[0]
    assert (query["DOMAIN"], form["PLACEMENT"], origin) == (portal.portal.address, "DEFAULT", portal.http)
    assert len(service.posts) == 1


async def test_on_the_web_the_application_stands_in_the_sliders_frame(
    portal: Running, service: Service, tab: Tab
) -> None:
    await tab.page.goto(f"{portal.control}/portal/open?user=8&device=web")
    inner = tab.page.frame_locator("iframe")
    await expect(inner.get_by_role("heading", name="Заказы на сегодня")).to_be_visible()
    assert tab.page.url.startswith(portal.http)
    assert len(service.posts) == 1
    await tab.page.get_by_role("link", name="Закрыть").click()
    await expect(tab.page.locator(".task")).to_have_count(1)


@pytest.mark.parametrize("device", ["phone", "web"])
async def test_without_scripts_a_button_opens_it(
    portal: Running, service: Service, browser: Browser, device: str
) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{portal.control}/portal/open?user=7&device={device}")
    assert service.posts == []
    await page.get_by_role("button", name="Открыть").click()
    place: Any = page if device == "phone" else page.frame_locator("iframe")
    await expect(place.get_by_role("heading", name="Заказы на сегодня")).to_be_visible()
    assert len(service.posts) == 1


async def test_the_card_of_a_courier_opens_it_as_him_and_from_the_tasks_chat(
    portal: Running, service: Service, tab: Tab
) -> None:
    await tab.page.goto(f"{portal.control}/portal/?group=11&task=101")
    card = tab.page.locator("#card")
    for name in ("Открыть приложение (телефон)", "Открыть приложение (веб)"):
        await expect(card.get_by_text(name, exact=True)).to_be_visible()
    async with tab.page.context.expect_page() as opened:
        await card.get_by_text("Из чата задачи (телефон)").click()
    await expect((await opened.value).get_by_role("heading", name="Заказы на сегодня")).to_be_visible()
    task = portal.portal.tasks.get(101)
    assert task is not None
    assert service.posts[0][1]["PLACEMENT"] == "IMMOBILE_CONTEXT_MENU"
    assert f"chat{task.chat_id}" in service.posts[0][1]["PLACEMENT_OPTIONS"]


async def test_the_card_of_another_employee_has_no_such_door(portal: Running, tab: Tab) -> None:
    await portal.ok("tasks.task.update", {"taskId": 101, "fields": {"RESPONSIBLE_ID": 2}})
    await tab.page.goto(f"{portal.control}/portal/?group=11&task=101")
    await expect(tab.page.get_by_label("Исполнитель")).to_be_visible()
    await expect(tab.page.locator("#card .open-as")).to_have_count(0)


async def test_the_left_menu_opens_it_as_any_courier_at_work(portal: Running, tab: Tab) -> None:
    await portal.page("POST", "users/8", {"active": False})
    await tab.page.goto(f"{portal.control}/portal/?group=11")
    menu = tab.page.get_by_role("navigation", name="Меню портала")
    await expect(menu.get_by_text("Илья Петров")).to_be_visible()
    await expect(menu.get_by_text("Ринат Ахметов")).to_have_count(0)
    link = menu.get_by_role("link", name="телефон: открыть приложение как Марина Гусева")
    await expect(link).to_have_attribute("href", "open?user=10&placement=DEFAULT&device=phone")


async def test_an_employee_is_dismissed_on_the_page_of_applications(portal: Running, tab: Tab) -> None:
    await tab.page.goto(f"{portal.control}/portal/apps")
    await expect(tab.page.get_by_text(portal.portal.application.client_id, exact=True)).to_be_visible()
    await tab.page.get_by_role("button", name="Уволить: Илья Петров").click()
    await expect(tab.page.get_by_role("button", name="Вернуть: Илья Петров")).to_be_visible()
    user = portal.portal.users.get(7)
    assert user is not None
    assert not user.active


@pytest.mark.parametrize("path", ["?group=11", "?group=11&task=101", "apps", "open?user=999"])
async def test_nothing_is_wider_than_a_phone(portal: Running, browser: Browser, path: str) -> None:
    page = await browser.new_page(viewport={"width": 320, "height": 640})
    await page.goto(f"{portal.control}/portal/{path}")
    await page.wait_for_load_state("networkidle")
    assert await page.evaluate("document.documentElement.scrollWidth") == 320
