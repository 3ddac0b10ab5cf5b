"""A portal of the sandbox, a service beside it, and a desk at the portal: by a webhook, or as the application."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from tests.flow.exchange_client import DIVISION, Service, courier, division, settings
from tests.flow.exchange_client import running as service_running
from tests.sandbox.portal_running import SECRET, Running
from tests.sandbox.portal_running import running as portal_running

from posrednik import bootstrap
from posrednik.config import Bitrix24, Server, Settings
from posrednik.connectors.bitrix24.access import Ticket, WebhookAccess
from posrednik.connectors.bitrix24.commands import Command
from posrednik.connectors.bitrix24.desk import Desk
from posrednik.connectors.bitrix24.inbound import Answer, Problem
from posrednik.connectors.bitrix24.transport import Calls, Transport
from posrednik.division_file import DivisionFile
from posrednik.kit.http import new_session
from posrednik.store.db import Database
from posrednik.usecases.check_portal import PortalWanted
from posrednik.usecases.division_settings import LiveRules
from posrednik_sandbox.portal import Portal
from posrednik_sandbox.portal.model import User

ANNA, PAVEL, ILYA, RINAT = 1, 2, 7, 8
SOUTH, SECOND = "d0000000-0000-4000-8000-0000000000aa", "c0000000-0000-4000-8000-0000000000aa"
URL = "https://posrednik.example"


class Open:
    """A gate that holds nobody."""

    async def enter(self, method: str) -> None:
        pass

    def pause(self, method: str, seconds: float, why: str) -> None:
        pass

    def slow_down(self, seconds: float) -> None:
        pass


class AsApplication:
    """A token of the installed application."""

    def __init__(self, root: str, token: str) -> None:
        self.user_id = ANNA
        self._ticket = Ticket(f"{root}/rest/", f"{root}/rest/api/", token, secrets=(token,))

    async def ticket(self) -> Ticket:
        return self._ticket

    async def renew(self, old: Ticket) -> Ticket:
        return self._ticket


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Counted:
    """Calls, counted; after `dies_after` of them the process is killed: the last was done, nobody saw its answer."""

    calls: Calls
    n: int = 0
    dies_after: int | None = None

    async def call(self, method: str, body: Mapping[str, Any], *, key: str = "", v3: bool = False) -> Answer | Problem:
        answer = await self.calls.call(method, body, key=key, v3=v3)
        self._count()
        return answer

    async def batch(self, commands: Mapping[str, Command]) -> dict[str, Answer | Problem]:
        answers = await self.calls.batch(commands)
        self._count()
        return answers

    def _count(self) -> None:
        self.n += 1
        if self.n == self.dies_after:
            raise Killed


@dataclass
class Beside:
    """portal: the sandbox's. db, live: of the service, as a command of the command line has them."""

    portal: Running
    service: Service
    db: Database
    live: LiveRules
    settings: Settings
    session: Any

    @property
    def state(self) -> Portal:
        return self.portal.portal

    def calls(self, token: str = "", secret: str = SECRET) -> Calls:
        access = AsApplication(self.portal.http, token) if token else WebhookAccess(self.portal.http, secret)
        return Calls(Transport(access, self.session, timeout_s=30.0), Open())

    def desk(self, secret: str = SECRET) -> Desk:
        return Desk(self.calls(secret=secret), application=False)

    async def application(self) -> Desk:
        status, answer = await self.portal.page("POST", "open", {"user": ANNA, "device": "web"})
        assert status == 200, answer
        return Desk(self.calls(token=answer["form"]["AUTH_ID"]), application=True)

    def wanted(self, **changed: Any) -> PortalWanted:
        return replace(PortalWanted(URL), **changed)

    def titles(self, project: int) -> list[str]:
        return [one.title for one in self.state.group_stages(project)]

    def projects(self, name: str) -> list[int]:
        return [one.id for one in self.state.groups if one.name == name]

    def members(self, project: int) -> set[int]:
        group = self.state.groups.get(project)
        assert group is not None
        return set(group.members)

    async def group(self, ref: str = DIVISION) -> int | None:
        answer = await self.service.person("GET", f"/api/v1/admin/divisions/{ref}")
        found: int | None = answer.json()["settings"]["bitrix24_group"]["value"]
        return found


def now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def beside(dsn: str, **configured: Any) -> AsyncIterator[Beside]:
    """1C has told of a division with two couriers: Илья (7 on the portal) and Ринат, whom only his telephone tells."""
    async with portal_running() as portal:
        b24 = Bitrix24(portal_url=portal.http, webhook=SECRET, **configured)
        known = settings(bitrix24=b24, server=Server(requests_per_second=1e6, request_burst=1e6, public_url=URL))
        async with service_running(dsn, known) as service:
            await service.onec.send([
                division(), courier(name="Илья Петров", bitrix24_user="7", phone="+79120000007"),
                courier(SECOND, "Ринат Ахметов", phone="8 (912) 000-00-08"),
            ])  # fmt: skip
            db = bootstrap.database(known, dsn)
            await db.open()
            session, file = new_session(), DivisionFile(known)
            try:
                yield Beside(portal, service, db, LiveRules(db, file, file.all()), known, session)
            finally:
                await session.close()
                await db.close()


def hire(portal: Portal, number: int, **fields: Any) -> User:
    """Somebody new on the portal, who has been there."""
    known = {"name": "Имя", "last_name": f"Номер{number}", "position": "", "email": "", "last_login": portal.now()}
    return portal.users.put(User(number, **{**known, **fields}))
