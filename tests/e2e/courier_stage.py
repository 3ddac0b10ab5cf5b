"""The stage for the courier's application: the whole service as processes, a network that lies, and phones on it."""

import contextlib
import itertools
import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import psycopg
from playwright.async_api import Playwright, async_playwright
from psycopg.rows import dict_row
from tests.desk import until
from tests.e2e.courier_handset import Handset
from tests.e2e.courier_network import Network
from tests.ports import new_ports
from tests.system import System, running

from posrednik_sandbox.portal.application import Application

Json = dict[str, Any]


class CourierSystem(System):
    """A system whose couriers come in through the network of the test, also from the portal; proofs as by default."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.phones_port = new_ports(1)[0]
        self.phones_url = f"http://127.0.0.1:{self.phones_port}"

    def _sandbox_env(self) -> dict[str, str]:
        pages = {"APP_PAGE": f"{self.phones_url}/courier/open", "APP_CHAT": f"{self.phones_url}/courier/open/chat"}
        return super()._sandbox_env() | {f"POSREDNIK_SANDBOX_{name}": value for name, value in pages.items()}

    def _toml(self, divisions: Any) -> str:
        app = Application()
        entry = [
            f'client_id = "{app.client_id}"', f'auth_url = "{self.portal}"', f'member_id = "{app.member_id}"',
            f'application_token = "{app.application_token}"', "poll_s = 5",
        ]  # fmt: skip
        lines = []
        for line in super()._toml(divisions).splitlines():
            if not line.startswith("hand_over = "):
                lines.append(line)
            lines += {"[server]": [f'public_url = "{self.phones_url}"'], "[bitrix24]": entry}.get(line, [])
        return "\n".join(lines) + "\n"


@dataclass
class Stage:
    system: CourierSystem
    network: Network
    playwright: Playwright
    browser: str
    handsets: list[Handset] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def url(self) -> str:
        return f"{self.network.url}/courier/"

    async def phone(self, name: str = "phone", **more: Any) -> Handset:
        """A phone that was never used, switched on; more: options of its browser."""
        folder = self.system.folder / f"{name}-{next(self._numbers)}"
        handset = Handset(self.playwright, self.browser, folder, self.url, **more)
        self.handsets.append(handset)
        await handset.start()
        return handset

    async def put_away(self) -> None:
        """All phones off, a fair network, at another address."""
        while self.handsets:
            handset = self.handsets.pop()
            print(await handset.looks())  # seen when the test has failed
            await handset.stop()
        self.network.changes.clear()
        self.network.home += 1
        await self.network.connect()

    async def couriers(self, division: str = "Центр") -> list[Json]:
        """As 1C has them, by name."""
        found = (await self.system.desk.look("/onec/api/couriers"))["couriers"]
        return [one for one in found if one["division"] == division]

    async def known(self, courier: Json) -> None:
        """Until the service has heard of him."""
        await until("the courier is known", lambda: self._known(courier["ref"]))

    async def _known(self, ref: str) -> bool:
        told = (await self.system.desk.ask("/api/v1/board/couriers"))["couriers"]
        return any(one["ref"] == ref and one["name"] for one in told)

    async def day_for(self, courier: Json, orders: int) -> None:
        """Orders of today, assigned to him in 1C, until all are on the board."""
        made = await self.system.desk.tell(f"/onec/api/couriers/{courier['ref']}/day", count=orders)
        refs = {order["ref"] for order in made["orders"]}

        async def there() -> bool:
            board = await self.system.desk.board()
            return refs <= {ref for ref, card in board.items() if (card.get("courier") or {}).get("ref")}

        await until(f"{orders} orders are on the board", there)

    async def load(self, courier: Json, goods: dict[str, int]) -> None:
        """«Положить в рюкзак» of 1C from his division's warehouse, by names of goods, until the service has done it."""
        told = await self.system.desk.look("/onec/api/backpacks")
        house = next(one for one in told["warehouses"] if one["division"] == courier["division"])
        refs = {line["name"]: line["product"] for line in house["goods"]}
        lines = [{"product": refs[name], "quantity": str(count)} for name, count in goods.items()]
        path = f"/onec/api/couriers/{courier['ref']}/backpack"
        made = await self.system.desk.tell(path, action="load", warehouse=house["ref"], lines=lines)

        async def done() -> bool:
            commands = (await self.system.desk.look("/onec/api/backpacks"))["commands"]
            return any(one["id"] == made["command"]["id"] and one["status"] == "done" for one in commands)

        await until("the backpack is loaded", done)

    async def code(self, courier: Json) -> Json:
        """A login code from the office: code, url."""
        made: Json = await self.office("POST", f"couriers/{courier['ref']}/login-codes")
        return made

    async def office(self, method: str, path: str, **body: Any) -> Any:
        desk = self.system.desk
        headers = {"Authorization": f"Bearer {desk.token}"}
        url = f"{self.system.service}/api/v1/board/{path}"
        async with desk.session.request(method, url, json=body or None, headers=headers) as answer:
            assert answer.status < 400, await answer.text()
            return json.loads(await answer.read())

    async def devices(self, courier: Json) -> list[Json]:
        couriers = (await self.office("GET", "couriers"))["couriers"]
        return next(list(one["devices"]) for one in couriers if one["ref"] == courier["ref"])

    def opening(self, user: int, device: str, **more: str) -> str:
        """Where an employee opens the application in the sandbox's portal. more: placement, dialog."""
        return f"{self.system.portal}/portal/open?{urlencode({'user': user, 'device': device, **more})}"

    async def link_in_text(self, task: int, part: str) -> str:
        """The address that a task's text links to, by a part of it."""
        shown = await self.system.desk.look(f"/portal/api/tasks/{task}?as=1")
        [found] = [url for url in re.findall(r"\[URL=([^\]]+)\]", shown["description"]) if part in url]
        return str(found)

    def rows(self, query: str, **values: Any) -> list[Json]:
        """What the database of the service has."""
        with psycopg.connect(self.system.database.dsn, row_factory=dict_row) as connection:
            return list(connection.execute(query, values))


@contextlib.asynccontextmanager
async def stage(browser: str, seed: int = 1) -> AsyncIterator[Stage]:
    """Everything, until the end of the test; no process and no file of it stays. Needs the built pages."""
    async with running(workers=1, kind=CourierSystem) as system, async_playwright() as playwright:
        assert isinstance(system, CourierSystem)
        async with Network(system.phones_port, system.service, seed).running() as network:
            made = Stage(system, network, playwright, browser)
            try:
                yield made
            finally:
                await made.put_away()
