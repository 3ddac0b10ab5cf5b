"""A person in the office of a running demo: his page, his calls, and what is wrong with what he sees."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from playwright.async_api import Browser, Page, expect
from tests.browser import SIZES, axe_faults, too_wide, watched
from tests.desk import Desk
from tests.e2e.demo_running import Demo

Json = dict[str, Any]


@dataclass
class Office:
    """faults: what must not happen: errors, blocked content, other hosts, axe, a page wider than its window."""

    page: Page
    running: Demo
    session: aiohttp.ClientSession
    faults: list[str]

    @property
    def desk(self) -> Desk:
        return self.running.desk(self.session)

    async def open(self, path: str) -> None:
        """Within the office, until nothing is being read any more."""
        await self.page.evaluate("(to) => { location.hash = to }", path)
        await expect(self.page.locator("main .skeleton")).to_have_count(0)

    async def looked_at(self, where: str) -> None:
        """axe in both themes, and no page wider than its window."""
        self.faults += [f"{where}: {fault}" for fault in await too_wide(self.page) + await axe_faults(self.page)]

    async def ask(self, method: str, path: str, body: Json | None = None, token: str = "") -> tuple[int, Any]:
        """token: empty = the person's of the demo."""
        headers = {"Authorization": f"Bearer {token or self.running.token}"}
        url = self.running.service + path
        async with self.session.request(method, url, json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def done(self, method: str, path: str, body: Json | None = None, token: str = "") -> Any:
        """The answer to what must be allowed."""
        status, told = await self.ask(method, path, body, token)
        assert status < 300, told
        return told


@asynccontextmanager
async def office_of(running: Demo, browser: Browser, *, within: bool = False) -> AsyncIterator[Office]:
    """In a tab of his own, nobody signed in yet. within: opened by the portal, whose host is no fault then."""
    async with aiohttp.ClientSession() as session:
        context = await browser.new_context(
            locale="ru-RU", timezone_id="Europe/Moscow", viewport=SIZES[0], reduced_motion="reduce"
        )
        page = await context.new_page()
        office = Office(page, running, session, watched(page, "" if within else running.service))
        try:
            yield office
        finally:
            await context.close()
        assert office.faults == [], "\n".join(office.faults)


async def signed_in(office: Office) -> None:
    """By the link of the demo's start page. Only then to another page: the office goes to its first one."""
    await office.page.goto(f"{office.running.service}/office/#token={office.running.token}")
    await expect(office.page.get_by_role("navigation").first).to_be_visible()
    await expect(office.page.locator("main").get_by_role("heading").first).to_be_attached()
