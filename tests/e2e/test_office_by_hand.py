"""What people do in the office of a running demo: one for all, for a start takes longer than what is looked at.

Each test leaves what it has done to the next ones: reports need a demo in which nothing was handed over, settings and
the pilot change a division for good.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser
from tests.browser import chromium
from tests.e2e import hand_exchange, hand_ownership, hand_pilot, hand_reports, hand_settings, hand_signin
from tests.e2e.demo_running import HURRIED, Demo, demo
from tests.e2e.office_live import Office, office_of, signed_in

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600), pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(browser_path: str, built_pages: Path) -> AsyncIterator[Demo]:
    async with demo(HURRIED) as made:
        await made.start()
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(browser_path: str) -> AsyncIterator[Browser]:
    async with chromium(browser_path) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def stranger(running: Demo, browser: Browser) -> AsyncIterator[Office]:
    """Not signed in yet."""
    async with office_of(running, browser) as office:
        yield office


@pytest_asyncio.fixture(loop_scope="module")
async def office(stranger: Office) -> Office:
    await signed_in(stranger)
    return stranger


async def test_a_figure_follows_a_hand_over_opens_its_cases_and_goes_into_a_file(
    office: Office, tmp_path: Path
) -> None:
    await hand_reports.a_figure_follows_a_hand_over(office, tmp_path)


async def test_owners_are_changed_by_the_page_and_what_is_refused_is_shown(office: Office) -> None:
    await hand_ownership.owners_are_changed(office)


async def test_what_stands_is_repaired_decided_and_closed_by_hand(office: Office) -> None:
    await hand_exchange.what_stands_is_repaired_decided_and_closed(office)


async def test_somebody_new_comes_in_secures_his_account_and_hires_another(stranger: Office) -> None:
    await hand_signin.somebody_new_comes_in(stranger)


async def test_the_demo_opens_the_office_as_each_of_its_people(stranger: Office) -> None:
    await hand_signin.the_demo_opens_the_office_as_each_of_its_people(stranger)


async def test_the_board_opens_within_bitrix24_for_whom_the_portal_vouches_for(running: Demo, browser: Browser) -> None:
    async with office_of(running, browser, within=True) as office:
        await hand_signin.the_board_opens_within_bitrix24(office)


async def test_settings_are_changed_by_the_page_and_hold_on_the_phone(office: Office) -> None:
    await hand_settings.settings_are_changed(office)


async def test_a_division_is_switched_off_and_back_by_hand(office: Office) -> None:
    await hand_pilot.a_division_is_switched(office)
