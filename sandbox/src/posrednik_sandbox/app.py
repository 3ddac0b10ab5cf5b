"""The sandbox process: three emulated systems, their ports and power switches, and the pages around them."""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from posrednik_sandbox import onec, portal, shop, start
from posrednik_sandbox.config import Address, Config
from posrednik_sandbox.day import AlreadyPlayed, Player
from posrednik_sandbox.day.words import language_of, say
from posrednik_sandbox.onec import routes as onec_routes
from posrednik_sandbox.onec.client import NoAnswer
from posrednik_sandbox.onec.drills import Drills
from posrednik_sandbox.onec.odata.raw import take_raw
from posrednik_sandbox.shop import routes as shop_routes
from posrednik_sandbox.shop.shop import WEBHOOK
from posrednik_sandbox.traffic import Traffic
from posrednik_sandbox.ui import STATIC

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
LEAVE_S = 1.0
ALIVE_FOR_S = 2.0


class Port:
    """A listening address that can be closed and opened again on the same number."""

    def __init__(self, app: web.Application, address: Address) -> None:
        self.address = address
        self._runner = web.AppRunner(app, shutdown_timeout=LEAVE_S, access_log=None)
        self._site: web.TCPSite | None = None
        self._ready = False

    @property
    def url(self) -> str:
        host = f"[{self.address.host}]" if ":" in self.address.host else self.address.host
        return f"http://{host}:{self.address.port}"

    async def open(self) -> None:
        if not self._ready:
            await self._runner.setup()
            take_raw(self._runner.server)
            self._ready = True
        if self._site is not None:
            return
        site = web.TCPSite(self._runner, self.address.host, self.address.port, reuse_address=True)
        await site.start()
        self._site = site
        self.address = Address(self.address.host, self._runner.addresses[0][1])

    async def close(self) -> None:
        """Stop listening and cut the open connections: to its callers the system is gone."""
        site, self._site = self._site, None
        if site is None:
            return
        await site.stop()
        if self._runner.server is not None:
            await self._runner.server.shutdown(LEAVE_S)

    async def dispose(self) -> None:
        await self.close()
        if self._ready:
            await self._runner.cleanup()


class Sandbox:
    """Everything of one process. `start` opens the ports, `stop` leaves nothing behind."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.traffic = Traffic()
        note = self.traffic.for_system
        self.shop = shop.Shop(config.data_dir / "shop.sqlite3", config.shop_secrets, note("shop"))
        self.onec = onec.Onec(
            config.data_dir / "onec.sqlite3",
            config.posrednik,
            str(config.base_id),
            config.base_token,
            note("onec"),
            config.utc_offset_h,
            profile=config.profile,
            encoding=config.encoding,
            push=config.push,
        )
        self.portal = portal.Portal(config.data_dir / "portal", application=config.application)
        self.portal.clock.set_zone(config.zone)
        self.portal.limits.set_tariff(config.tariff)
        self.portal.on_traffic(lambda line: start.portal_line(self.traffic, line))
        self._alive = (0.0, False)
        self._drills = Drills(self.onec, config.data_dir)
        self.day = Player(self.onec, self._drills, config.posrednik, config.office_token, note("day"))
        self.control = Port(self._control_app(), config.control)
        self.portal_port = Port(portal.protocol_app(self.portal), config.portal)
        self.shop_port = Port(self.shop.application(), config.shop)

    async def start(self) -> Json:
        """Open all. Returns the addresses as the one line for the process that waits for it."""
        self.onec.on_orders = self.shop.place_many
        self.onec.prepare(self.config.seed, self.config.orders, self.config.couriers)
        self.shop.place_many(list(self.onec.store.names("order").items()))
        await self.control.open()
        for system in ("portal", "shop", "onec"):
            await self.switch(system, True)
        return {
            "ready": True,
            "control": self.control.url,
            "portal": self.portal_port.url,
            "shop": self.shop_port.url,
            "webhook": self.shop_port.url + WEBHOOK,
            "base": str(self.config.base_id),
        }

    async def stop(self) -> None:
        await self.day.stop()
        await self.onec.close()
        for port in (self.portal_port, self.shop_port, self.control):
            await port.dispose()
        self.shop.store.close()
        self.portal.close()

    async def switch(self, system: str, on: bool) -> None:
        """Power of a system: its listening socket, and for 1C, which listens to nobody, its jobs."""
        if system == "onec":
            await (self.onec.start() if on else self.onec.stop())
        elif system == "portal":
            await (self.portal_port.open() if on else self.portal_port.close())
            self.portal.address = urlsplit(self.portal_port.url).netloc
            self.portal.home = f"{self.control.url}/portal/"
            self.portal.online = on
        elif system == "shop":
            await (self.shop_port.open() if on else self.shop_port.close())
            self.shop.online = on
        else:
            raise ValueError(f"нет такой системы: {system}")
        state = "включена" if on else "выключена"
        self.traffic.add(system, f"{start.TITLES[system]}: система {state}", ok=on)

    def _control_app(self) -> web.Application:
        app = web.Application(middlewares=[same_origin], client_max_size=8 << 20)
        app.router.add_get("/", self._start_page)
        app.router.add_get("/api/overview", self._overview)
        app.router.add_get("/api/traffic", self._traffic)
        app.router.add_get("/api/switch", self._switches)
        app.router.add_post("/api/switch", self._switch)
        app.router.add_post("/api/day", self._play)
        app.router.add_static("/ui/", STATIC)
        for prefix in ("onec", "shop", "portal"):
            app.router.add_get(f"/{prefix}", _with_slash)
        app.add_subapp("/onec/", onec_routes.application(self.onec, self._drills))
        app.add_subapp("/shop/", shop_routes.application(self.shop))
        app.add_subapp("/portal/", portal.pages(self.portal))
        return app

    async def _start_page(self, request: web.Request) -> web.Response:
        language = _language(request) if self.day.known else None
        return web.Response(text=start.html(self.config.links, language), content_type="text/html")

    async def _overview(self, request: web.Request) -> web.Response:
        return web.json_response({
            "systems": self._systems(), "day": self.day.told(_language(request)),
            "posrednik": {"url": self.config.posrednik, "alive": await self._is_alive()},
        })  # fmt: skip

    async def _traffic(self, request: web.Request) -> web.Response:
        return web.json_response(self.traffic.after(int(request.query.get("after", "0"))))

    async def _switches(self, request: web.Request) -> web.Response:
        return web.json_response({"systems": self._systems()})

    async def _switch(self, request: web.Request) -> web.Response:
        try:
            body = await request.json()
            await self.switch(str(body["system"]), bool(body["on"]))
        except (ValueError, KeyError, TypeError) as error:
            return web.json_response({"error": f"Не получилось: {error}"}, status=400)
        return web.json_response({"systems": self._systems()})

    async def _play(self, request: web.Request) -> web.Response:
        """Begins the day; how far it is: `day` of the overview."""
        if not self.day.known:
            raise web.HTTPNotFound
        try:
            self.day.begin(_language(request))
        except AlreadyPlayed:
            return web.json_response({"error": say(_language(request), "already")}, status=409)
        return web.json_response(self.day.told(_language(request)), status=202)

    def _systems(self) -> list[Json]:
        queue = self.onec.outbox.counts()
        taken = self.shop.store.value("SELECT count(*) FROM hook")
        waiting = queue["objects"] + queue["commands"]
        return [
            _system("onec", self.onec.online, self.config.posrednik, f"ждёт отправки: {waiting}"),
            _system("portal", bool(self.portal.online), self.portal_port.url, f"запросов: {self.portal.requests}"),
            _system("shop", self.shop.online, self.shop_port.url, f"статусов: {taken}"),
        ]

    async def _is_alive(self) -> bool:
        """Whether Posrednik answers; asked at most every two seconds however many pages look."""
        asked_at, alive = self._alive
        if time.monotonic() - asked_at < ALIVE_FOR_S:
            return alive
        try:
            answer = await self.onec.client.get("/health/live", {}, 1.0)
            alive = answer.status < 500
        except NoAnswer:
            alive = False
        self._alive = (time.monotonic(), alive)
        return alive


def _language(request: web.Request) -> str:
    return language_of(request.headers.get("Accept-Language", ""))


def _system(system: str, on: bool, address: str, figures: str) -> Json:
    return {"system": system, "title": start.TITLES[system], "on": on, "address": address, "figures": figures}


async def _with_slash(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound(request.path + "/")


@web.middleware
async def same_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Nothing here asks for a password, so only this machine's own pages and programs may change anything.

    The host must be loopback (a foreign name that resolves to it is refused); a browser always says where
    a POST comes
    from, and it must be this very page.
    """
    if urlsplit(f"//{request.host}").hostname not in LOOPBACK:
        return web.json_response({"error": "Песочница отвечает только на этой машине"}, status=403)
    if request.method not in ("GET", "HEAD") and not _from_here(request.host, request.headers):
        return web.json_response({"error": "Запрос пришёл с чужой страницы"}, status=403)
    return await handler(request)


def _from_here(host: str, headers: Mapping[str, str]) -> bool:
    origin = headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != host:
        return False
    return headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")
