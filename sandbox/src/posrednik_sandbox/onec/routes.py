"""Pages and JSON API of the emulated base, to be mounted under /onec/."""

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from posrednik_sandbox.onec import bags, books, dirty, service, views
from posrednik_sandbox.onec.base import NoSuchCourier, NoSuchOrder, Onec, WriteFailed
from posrednik_sandbox.onec.books import NotEnough, kopecks
from posrednik_sandbox.onec.client import NoAnswer
from posrednik_sandbox.onec.drills import Drills
from posrednik_sandbox.onec.odata import server as odata
from posrednik_sandbox.onec.papers import NoSuchDocument
from posrednik_sandbox.onec.seed import rubles
from posrednik_sandbox.ui import page

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
MOST_ORDERS = 100_000
DAY_ORDERS, MOST_DAY_ORDERS = 6, 100


def application(onec: Onec, drills: Drills) -> web.Application:
    app = web.Application(middlewares=[_plain_errors])
    api = Api(onec, drills)
    app.add_routes(
        [
            web.get("/", _page("Заказы клиентов", "orders")),
            web.get("/orders/{ref}", _page("Заказ клиента", "order")),
            web.get("/backpacks", _page("Рюкзаки курьеров", "backpacks")),
            web.get("/documents", _page("Документы", "documents")),
            web.get("/exchange", _page("Обмен с Посредником", "exchange")),
            web.get("/api/state", api.state),
            web.get("/api/orders", api.orders),
            web.post("/api/orders", api.create_orders),
            web.get("/api/orders/{ref}", api.order),
            web.post("/api/orders/{ref}/edit", api.edit),
            web.post("/api/orders/{ref}/{button}", api.press),
            web.get("/api/couriers", api.couriers),
            web.post("/api/couriers/{ref}/day", api.prepare_day),
            web.post("/api/couriers/{ref}/backpack", api.move_goods),
            web.get("/api/backpacks", api.backpacks),
            web.get("/api/books", api.books),
            web.get("/api/divisions", api.divisions),
            web.get("/api/events", api.events),
            web.get("/api/documents", api.documents),
            web.post("/api/documents/{ref}/{action}", api.change_document),
            web.get("/api/exchange", api.exchange),
            web.post("/api/exchange", api.drill),
            web.post(service.PATH, onec.service.handle),
            web.get("/api/odata", api.quirks),
            web.post("/api/odata", api.change_quirks),
            web.route("*", odata.PREFIX + "{tail:.*}", onec.odata.handle),
            web.get("/api/dirty", api.dirty),
            web.post("/api/dirty", api.make_dirty),
            web.get("/api/switches", api.switches),
            web.post("/api/switches", api.change_switches),
        ]
    )
    return app


@web.middleware
async def _plain_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except NoSuchOrder:
        return web.json_response({"error": "Такого заказа нет"}, status=404)
    except NoSuchCourier:
        return web.json_response({"error": "Такого курьера нет"}, status=404)
    except NoSuchDocument:
        return web.json_response({"error": "Такого документа нет"}, status=404)
    except (WriteFailed, NotEnough) as error:
        return web.json_response({"error": str(error)}, status=409)
    except NoAnswer as error:
        return web.json_response({"error": str(error)}, status=502)
    except (ValueError, KeyError, TypeError) as error:
        return web.json_response({"error": f"Не получилось: {error}"}, status=400)


def _page(title: str, name: str) -> Handler:
    async def shown(request: web.Request) -> web.Response:
        body = f'<main id="onec" data-page="{name}"></main>'
        html = page(title, "onec", body, scripts=("onec.js",))
        return web.Response(text=html, content_type="text/html")

    return shown


class Api:
    def __init__(self, onec: Onec, drills: Drills) -> None:
        self.onec = onec
        self.drills = drills
        self.buttons: dict[str, Callable[[Json], tuple[str, Json, Json, Json]]] = {
            "ready": _ready,
            "withdraw": _withdraw,
            "price": _price,
            "amount": _amount,
            "assign": _assign,
            "cancel": _cancel,
        }

    async def state(self, request: web.Request) -> web.Response:
        return web.json_response(views.state(self.onec, brief="brief" in request.query))

    async def orders(self, request: web.Request) -> web.Response:
        limit = min(int(request.query.get("limit", "100")), 10_000)
        offset = int(request.query.get("offset", "0"))
        return web.json_response(views.orders(self.onec, request.query.get("q", ""), limit, offset))

    async def create_orders(self, request: web.Request) -> web.Response:
        body = await _body(request)
        count = int(body.get("count", 1))
        if not 1 <= count <= MOST_ORDERS:
            raise ValueError(f"count от 1 до {MOST_ORDERS}")
        made = self.onec.create_orders(count, bool(body.get("ready", False)))
        return web.json_response({"orders": made}, status=201)

    async def order(self, request: web.Request) -> web.Response:
        found = views.order(self.onec, request.match_info["ref"])
        if found is None:
            raise NoSuchOrder
        return web.json_response(found)

    async def edit(self, request: web.Request) -> web.Response:
        body = await _body(request)
        ref = request.match_info["ref"]
        changes = body.get("data") or {}
        self.onec.edit_order(ref, changes, deleted=body.get("deleted"), posted=body.get("posted"))
        return web.json_response(views.order(self.onec, ref))

    async def press(self, request: web.Request) -> web.Response:
        body = await _body(request)
        ref, button = request.match_info["ref"], self.buttons.get(request.match_info["button"])
        if button is None:
            raise web.HTTPNotFound
        press = functools.partial(self.onec.press, ref, *button(body))
        if self.onec.switches.double_press or body.get("double"):
            first, second = await asyncio.gather(press(), press())
            return web.json_response(first | {"second": second})
        return web.json_response(await press())

    async def couriers(self, request: web.Request) -> web.Response:
        return web.json_response({"couriers": views.couriers(self.onec.store)})

    async def prepare_day(self, request: web.Request) -> web.Response:
        """`{"count": 6}`: orders of today for this courier, assigned and «Готов»."""
        count = (await _body(request)).get("count", DAY_ORDERS)
        if not isinstance(count, int) or not 1 <= count <= MOST_DAY_ORDERS:
            raise ValueError(f"count от 1 до {MOST_DAY_ORDERS}")
        made = self.onec.prepare_day(request.match_info["ref"], count)
        return web.json_response({"orders": made}, status=201)

    async def move_goods(self, request: web.Request) -> web.Response:
        """`{"action": "load", "warehouse": ref, "lines": [{product, characteristic?, quantity}]}` by a transfer."""
        body = await _body(request)
        if body.get("action") not in bags.ACTIONS:
            raise ValueError("action: load или unload")
        where, twice = str(body["warehouse"]), bool(self.onec.switches.double_press or body.get("double"))
        ref = request.match_info["ref"]
        done = await bags.move(self.onec, ref, body["action"], where, body.get("lines") or [], twice=twice)
        return web.json_response(done, status=201)

    async def backpacks(self, request: web.Request) -> web.Response:
        return web.json_response(views.backpacks(self.onec))

    async def books(self, request: web.Request) -> web.Response:
        """Goods and money of every courier by the documents of the base, to be compared."""
        return web.json_response({"couriers": books.totals(self.onec.store)})

    async def divisions(self, request: web.Request) -> web.Response:
        return web.json_response({"divisions": views.divisions(self.onec.store)})

    async def events(self, request: web.Request) -> web.Response:
        limit = min(int(request.query.get("limit", "200")), 100_000)
        return web.json_response({"events": views.events(self.onec.store, limit)})

    async def documents(self, request: web.Request) -> web.Response:
        limit = min(int(request.query.get("limit", "500")), 100_000)
        return web.json_response({"documents": views.documents(self.onec.store, limit)})

    async def change_document(self, request: web.Request) -> web.Response:
        """action: post, unpost or delete, of a transfer."""
        row = bags.change(self.onec, request.match_info["ref"], request.match_info["action"])
        told = {name: row[name] for name in ("ref", "number", "kind")}
        return web.json_response(told | {"posted": bool(row["posted"]), "deleted": bool(row["deleted"])})

    async def exchange(self, request: web.Request) -> web.Response:
        return web.json_response(views.exchange(self.onec))

    async def drill(self, request: web.Request) -> web.Response:
        body = await _body(request)
        return web.json_response(await self.drills.run(str(body.get("action")), body))

    async def quirks(self, request: web.Request) -> web.Response:
        told = {
            "profile": self.onec.odata.tables.profile.name,
            "user": odata.USER,
            "requests": self.onec.odata.requests,
        }
        return web.json_response(self.onec.odata.quirks.as_dict() | told)

    async def change_quirks(self, request: web.Request) -> web.Response:
        self.onec.odata.quirks.change(await _body(request))
        return await self.quirks(request)

    async def dirty(self, request: web.Request) -> web.Response:
        """What should become of the dirty objects: totals, and with `fate` the objects themselves."""
        told: Json = {"totals": dirty.totals(self.onec.store)}
        if "fate" in request.query:
            limit = min(int(request.query.get("limit", "1000")), dirty.MOST)
            told["objects"] = dirty.expected(self.onec.store, request.query["fate"], limit)
        return web.json_response(told)

    async def make_dirty(self, request: web.Request) -> web.Response:
        """`{"count": 1000, "seed": 1}`: dirty objects over all kinds, to be sent as any other."""
        body = await _body(request)
        made = dirty.Made()
        for _ in dirty.portions(self.onec.store, int(body.get("count", 1000)), int(body.get("seed", 1)), made):
            await asyncio.sleep(0)
        self.onec.sender.wake()
        return web.json_response({"kinds": made.kinds, "fates": made.fates}, status=201)

    async def switches(self, request: web.Request) -> web.Response:
        return web.json_response(self.onec.switches.as_dict())

    async def change_switches(self, request: web.Request) -> web.Response:
        self.onec.switches.change(await _body(request))
        self.onec.sender.wake()
        return web.json_response(self.onec.switches.as_dict())


async def _body(request: web.Request) -> Json:
    body = await request.json() if request.can_read_body else {}
    if not isinstance(body, dict):
        raise TypeError("ожидается объект JSON")
    return body


def _ready(body: Json) -> tuple[str, Json, Json, Json]:
    extra = {key: body[key] for key in ("courier", "comment") if body.get(key)}
    card = {"ready": 1} | ({"courier": extra["courier"]} if "courier" in extra else {})
    return "delivery.ready", extra, {"status": "Готов к доставке"}, card


def _withdraw(body: Json) -> tuple[str, Json, Json, Json]:
    return "delivery.withdraw", _reason(body), {"status": "К обеспечению"}, {"ready": 0}


def _price(body: Json) -> tuple[str, Json, Json, Json]:
    price = rubles(_amount_of(body, "delivery_price"))
    return "delivery.set_price", {"delivery_price": price}, {}, {"delivery_price": price}


def _amount(body: Json) -> tuple[str, Json, Json, Json]:
    """`amount_due: null` gives the sum back to the order's own arithmetic."""
    due = None if body.get("amount_due") in (None, "") else rubles(_amount_of(body, "amount_due"))
    return "delivery.set_amount_due", {"amount_due": due}, {}, {"amount_due": due}


def _assign(body: Json) -> tuple[str, Json, Json, Json]:
    return "delivery.assign", {"courier": str(body["courier"])}, {}, {"courier": str(body["courier"])}


def _cancel(body: Json) -> tuple[str, Json, Json, Json]:
    return "delivery.cancel", _reason(body), {"status": "Отменён"}, {"ready": 0}


def _reason(body: Json) -> Json:
    return {"reason": str(body["reason"])} if body.get("reason") else {}


def _amount_of(body: Json, key: str) -> int:
    text = str(body.get(key, "")).replace("\u00a0", "").replace(" ", "")
    amount = kopecks(text) if text else -1
    if amount < 0:
        raise ValueError("нужна сумма в рублях, не меньше нуля")
    return amount
