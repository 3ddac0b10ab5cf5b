"""An administrator installs the application in a browser: its page in a frame ends the installation with BX24."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest
from aiohttp import web
from playwright.async_api import BrowserContext, Page, expect
from tests.browser import chromium
from tests.sandbox.portal_running import Running, running

pytestmark = pytest.mark.e2e

INSTALLER = """<!doctype html><html lang="ru"><title>Установка</title>
<script src="{portal}/api/v1/"></script>
<h1>Установка Посредника</h1><p id="who"></p><button id="end">Завершить</button>
<script src="/install.js"></script></html>"""
SCRIPT = """
BX24.init(() => {
  const auth = BX24.getAuth();
  const told = [auth.domain, auth.member_id, BX24.isAdmin(), BX24.placement.info().placement];
  document.getElementById("who").textContent = told.join(" ");
  BX24.setTitle("Мастер установки");
});
document.getElementById("end").addEventListener("click", () => BX24.installFinish());
"""


@dataclass
class Service:
    portal: str = ""
    url: str = ""
    posts: list[str] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        """The installer's page, or the application's."""
        self.posts.append(request.path)
        installer = INSTALLER.format(portal=self.portal)
        text = (
            installer
            if request.path == "/install"
            else "<!doctype html><html lang=ru><h1>Заказы на сегодня</h1></html>"
        )
        policy = f"default-src 'none'; script-src 'self' {self.portal}; frame-ancestors {self.portal}"
        return web.Response(text=text, content_type="text/html", headers={"Content-Security-Policy": policy})

    async def script(self, request: web.Request) -> web.Response:
        return web.Response(text=SCRIPT, content_type="text/javascript")


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    service = Service()
    app = web.Application()
    app.add_routes([web.get("/install.js", service.script), web.post("/{path:.*}", service.take)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    service.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield service
    await runner.cleanup()


@pytest.fixture
async def portal(service: Service) -> AsyncIterator[Running]:
    async with running() as started:
        started.portal.application = replace(started.portal.application, page_url=f"{service.url}/app")
        service.portal = started.http
        yield started


@pytest.fixture
async def context(browser_path: str) -> AsyncIterator[BrowserContext]:
    async with chromium(browser_path) as browser:
        yield await browser.new_context(viewport={"width": 1440, "height": 900})


async def test_an_administrator_installs_it_and_then_it_is_the_application(
    portal: Running, service: Service, context: BrowserContext
) -> None:
    page = await context.new_page()
    errors = watched_errors(page)
    await page.goto(f"{portal.control}/portal/apps")
    await page.get_by_label("Путь для первоначальной установки").fill(f"{service.url}/install")
    async with context.expect_page() as opened:
        await page.get_by_role("button", name="Установить").click()
    slider = await opened.value
    errors += watched_errors(slider)
    inner = slider.frame_locator("iframe")
    app = portal.portal.application
    await expect(inner.locator("#who")).to_have_text(f"{portal.portal.address} {app.member_id} true DEFAULT")
    await expect(slider.get_by_role("heading", name="Мастер установки")).to_be_visible()
    assert not portal.portal.installed
    await inner.get_by_role("button", name="Завершить").click()
    await expect(inner.get_by_role("heading", name="Заказы на сегодня")).to_be_visible()
    assert portal.portal.installed
    assert service.posts == ["/install", "/app"]
    await page.reload()
    await expect(page.get_by_role("heading", name="Установка: установлено")).to_be_visible()
    await page.get_by_role("button", name="Удалить", exact=True).click()
    await page.get_by_role("button", name="Точно удалить?").click()
    await expect(page.get_by_role("heading", name="удалено с портала")).to_be_visible()
    assert errors == []


async def test_an_application_without_pages_is_installed_at_once_and_its_events_are_seen(
    portal: Running, service: Service, context: BrowserContext
) -> None:
    page = await context.new_page()
    errors = watched_errors(page)
    await page.goto(f"{portal.control}/portal/apps")
    await page.get_by_label("Путь для первоначальной установки").fill(f"{service.url}/install")
    await page.get_by_label("Использует только API").check()
    await page.get_by_role("button", name="Установить").click()
    await expect(page.get_by_role("heading", name="Установка: установлено")).to_be_visible()
    await portal.page("POST", "events/forge", {"url": f"{service.url}/events", "task": 105})
    await expect(page.get_by_text("ONTASKUPDATE, задача № 105")).to_be_visible()
    assert service.posts == ["/install", "/events"]
    assert errors == []


def watched_errors(page: Page) -> list[str]:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    return errors
