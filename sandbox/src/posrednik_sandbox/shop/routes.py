"""Pages and JSON API of the shop's admin, to be mounted under /shop/."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from posrednik_sandbox.shop.shop import STAGES, Shop
from posrednik_sandbox.ui import page

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def application(shop: Shop) -> web.Application:
    app = web.Application(middlewares=[_plain_errors])
    api = Api(shop)
    app.add_routes(
        [
            web.get("/", _shown),
            web.get("/api/state", api.state),
            web.get("/api/orders", api.orders),
            web.get("/api/orders/{ref}", api.order),
            web.get("/api/faults", api.faults),
            web.post("/api/faults", api.change_faults),
            web.post("/api/secret", api.secret),
        ]
    )
    return app


@web.middleware
async def _plain_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except (ValueError, KeyError, TypeError) as error:
        return web.json_response({"error": f"Не получилось: {error}"}, status=400)


async def _shown(request: web.Request) -> web.Response:
    html = page("Заказы магазина", "shop", '<main id="shop"></main>', scripts=("shop.js",))
    return web.Response(text=html, content_type="text/html")


class Api:
    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    async def state(self, request: web.Request) -> web.Response:
        """Versions per delivery in the order they came, what came twice or late, the last calls."""
        store = self.shop.store
        deliveries: dict[str, Json] = {}
        for row in store.rows("SELECT delivery, version, type, stage, order_ref, site_number FROM hook ORDER BY seq"):
            item = deliveries.setdefault(
                row["delivery"],
                {"versions": [], "types": [], "order_ref": row["order_ref"], "site_number": row["site_number"]},
            )
            item["versions"].append(row["version"])
            item["types"].append(row["type"])
            item["stage"] = row["stage"]
        return web.json_response(
            {
                "online": self.shop.online,
                "has_secret": self.shop.has_secret,
                "deliveries": deliveries,
                "taken": store.value("SELECT count(*) FROM hook"),
                "duplicates": store.value("SELECT coalesce(sum(times - 1), 0) FROM hook"),
                "out_of_order": store.value("SELECT count(*) FROM hook WHERE in_order = 0"),
                "refused": store.value("SELECT count(*) FROM call WHERE status <> 200"),
                "calls": store.rows("SELECT * FROM call ORDER BY seq DESC LIMIT 50"),
            }
        )

    async def orders(self, request: web.Request) -> web.Response:
        limit = min(int(request.query.get("limit", "200")), 10_000)
        like = f"%{request.query.get('q', '')}%"
        rows = self.shop.store.rows(
            "SELECT o.*, (SELECT max(taken_at) FROM hook h WHERE h.order_ref = o.ref) AS changed_at "
            "FROM shop_order o"
            " WHERE site_number LIKE ? OR recipient LIKE ? ORDER BY changed_at IS NULL, changed_at DESC,"
            " site_number DESC LIMIT ?",
            like,
            like,
            limit,
        )
        for row in rows:
            row["stage_title"] = STAGES.get(row["stage"] or "", row["stage"])
        return web.json_response({"orders": rows})

    async def order(self, request: web.Request) -> web.Response:
        ref = request.match_info["ref"]
        hooks = self.shop.store.rows("SELECT * FROM hook WHERE order_ref = ? ORDER BY seq", ref)
        history = [
            {key: hook[key] for key in ("webhook_id", "event_id", "type", "version", "taken_at", "times")}
            | {
                "in_order": bool(hook["in_order"]),
                "stage": hook["stage"],
                "stage_title": STAGES.get(hook["stage"] or "", hook["stage"]),
                "delivery": (json.loads(hook["body"])["data"]).get("delivery"),
            }
            for hook in hooks
        ]
        return web.json_response({"ref": ref, "history": history})

    async def faults(self, request: web.Request) -> web.Response:
        return web.json_response(self.shop.faults.as_dict())

    async def change_faults(self, request: web.Request) -> web.Response:
        self.shop.faults.change(await _body(request))
        return web.json_response(self.shop.faults.as_dict())

    async def secret(self, request: web.Request) -> web.Response:
        body = await _body(request)
        self.shop.set_secrets([str(item) for item in body.get("secrets") or [body["secret"]]])
        return web.json_response({"has_secret": self.shop.has_secret})


async def _body(request: web.Request) -> Json:
    body = await request.json() if request.can_read_body else {}
    if not isinstance(body, dict):
        raise TypeError("ожидается объект JSON")
    return body
