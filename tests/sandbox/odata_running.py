"""The emulated base's OData served on a port of the test, and a plain client of it."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
from aiohttp import web
from tests.sandbox.onec_running import BASE, NOWHERE, quiet, served
from yarl import URL

from posrednik_sandbox.onec import Onec
from posrednik_sandbox.onec import routes as onec_routes
from posrednik_sandbox.onec.drills import Drills

USER, PASSWORD = "Обмен", "token"
Json = dict[str, Any]


def basic(user: str = USER, password: str = PASSWORD, charset: str = "utf-8") -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode(charset)).decode()


@dataclass
class Reader:
    """Asks for addresses below the root of the interface. JSON without metadata unless told otherwise."""

    onec: Onec
    home: str
    session: aiohttp.ClientSession

    @property
    def root(self) -> str:
        return f"{self.home}/onec/odata/standard.odata"

    async def ask(self, address: str, method: str = "GET", **options: Any) -> tuple[int, str]:
        headers = {
            "Authorization": basic(),
            "Accept": "application/json;odata=nometadata",
            **options.pop("headers", {}),
        }
        url = URL(f"{self.root}/{quote(address, safe=_SAFE)}", encoded=True)
        async with self.session.request(method, url, headers=headers, **options) as answer:
            return answer.status, await answer.text()

    async def read(self, address: str, method: str = "GET", status: int = 200, **options: Any) -> Any:
        said, text = await self.ask(address, method, **options)
        assert said == status, text
        return json.loads(text) if text else None

    async def rows(self, address: str, **options: Any) -> list[Json]:
        found: list[Json] = (await self.read(address, **options))["value"]
        return found


_SAFE = "/?&=$(),':@!*+%"


@asynccontextmanager
async def a_reader(folder: Path, orders: int = 3, profile: str = "ut11", **options: Any) -> AsyncIterator[Reader]:
    onec = Onec(folder / "onec.sqlite3", NOWHERE, BASE, PASSWORD, quiet, profile=profile, **options)
    onec.prepare(7, orders)
    app = web.Application()
    app.add_subapp("/onec/", onec_routes.application(onec, Drills(onec, folder)))
    runner, home = await served(app)
    async with aiohttp.ClientSession() as session:
        yield Reader(onec, home, session)
    await runner.cleanup()
    await onec.close()
