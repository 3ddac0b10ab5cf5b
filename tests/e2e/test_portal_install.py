"""An administrator installs Posrednik in a browser: its own page ends the installation by the portal's library."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiohttp import web
from playwright.async_api import expect
from tests.browser import WIDER, chromium, watched
from tests.flow.exchange_client import Service, settings
from tests.flow.exchange_client import running as service_running
from tests.sandbox.portal_running import Running
from tests.sandbox.portal_running import running as portal_running

from posrednik.config import Bitrix24, Server

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
ADMIN = 1


@asynccontextmanager
async def reached(service: list[Service]) -> AsyncIterator[str]:
    """The address at which a browser finds the service (its only element, once it is there)."""

    async def pass_on(request: web.Request) -> web.Response:
        said = await service[0].client.request(
            request.method, request.path_qs, content=await request.read(), headers=dict(request.headers)
        )
        kept = {
            name: value for name, value in said.headers.items() if name not in ("content-length", "content-encoding")
        }
        return web.Response(status=said.status_code, body=said.content, headers=kept)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", pass_on)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def application(portal: Running, url: str) -> Bitrix24:
    """What its administrator fills in on both sides."""
    app = replace(portal.portal.application, page_url=f"{url}/courier/open", install_url=f"{url}/bitrix24/install")
    portal.portal.application = app
    return Bitrix24(
        portal_url=portal.http, auth_url=portal.http, js_url=f"{portal.http}/api/v1/", client_id=app.client_id,
        client_secret=app.client_secret, calls_per_second=0,
    )  # fmt: skip


async def test_an_administrator_reads_what_was_done_and_ends_the_installation(database: str, browser_path: str) -> None:
    served: list[Service] = []
    async with portal_running() as portal, reached(served) as url:
        configured = settings(bitrix24=application(portal, url), server=Server(public_url=url))
        async with service_running(database, configured) as service, chromium(browser_path) as browser:
            served.append(service)
            page = await browser.new_page(viewport={"width": 390, "height": 844}, locale="ru-RU")
            faults = watched(page)
            await page.goto(f"{portal.http}/portal/open?user={ADMIN}&placement=DEFAULT&device=web")
            inner = page.frame_locator("iframe")
            await expect(inner.get_by_role("heading", name="Посредник установлен")).to_be_visible()
            await expect(inner.get_by_text("Всё на месте.")).to_be_visible()
            assert await page.frames[-1].evaluate(WIDER) == 0
            assert not portal.portal.installed
            await inner.get_by_role("button", name="Завершить установку").click()
            await expect(inner.get_by_role("heading", name="Посредник установлен")).to_be_hidden()
            assert portal.portal.installed
            assert {row.placement for row in portal.portal.placements} == {"LEFT_MENU", "IMMOBILE_CONTEXT_MENU"}
            assert faults == []
