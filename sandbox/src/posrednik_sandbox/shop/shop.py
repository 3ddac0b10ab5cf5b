"""The emulated shop: takes signed webhooks (Standard Webhooks, checked by the reference library) on its
own port.
"""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

from posrednik_sandbox.shop.faults import Faults
from posrednik_sandbox.shop.store import Store, now
from posrednik_sandbox.traffic import Note

WEBHOOK = "/posrednik/webhook"
MAX_BODY = 1 << 20
STAGES = {
    "ready": "Готов",
    "picked_up": "Забрал",
    "en_route": "В пути",
    "handed_over": "Отдал",
    "settled": "Сдал деньги",
    "not_delivered": "Не вручено",
    "returned": "Возврат",
    "cancelled": "Отменено",
    "withdrawn": "Готовность снята",
}
Json = dict[str, Any]


class Shop:
    def __init__(self, path: Path, secrets: Sequence[str], note: Note) -> None:
        self.store = Store(path)
        self.faults = Faults()
        self.note = note
        self.online = False
        self._keys = [Webhook(secret) for secret in secrets]

    def set_secrets(self, secrets: Sequence[str]) -> None:
        """New and old secret are both good while a rotation lasts. Raises ValueError for one that is not
        Base64.
        """
        self._keys = [Webhook(secret) for secret in secrets]

    @property
    def has_secret(self) -> bool:
        return bool(self._keys)

    def place(self, ref: str, data: Json) -> None:
        self.place_many([(ref, data)])

    def place_many(self, orders: Sequence[tuple[str, Json]]) -> None:
        """Orders as 1C holds them; those without a site number were never the shop's."""
        self.store.place([_placed(ref, data) for ref, data in orders if data.get("site_number")])

    def application(self) -> web.Application:
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_post(WEBHOOK, self.webhook)
        return app

    async def webhook(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        webhook_id = request.headers.get("webhook-id")
        fault = self.faults.next()
        if fault == "slow":
            await asyncio.sleep(self.faults.delay_s)
        early = self._refusal(fault, webhook_id)
        if early is not None:
            return early
        if not self._signed(raw, request):
            return self._answer(webhook_id, 401, "подпись не сошлась")
        return self._take(request, webhook_id or "", raw, fault)

    def _refusal(self, fault: str, webhook_id: str | None) -> web.Response | None:
        """The faults that answer before anything is stored."""
        if fault == "503":
            pause = {"Retry-After": str(self.faults.retry_after_s)}
            return self._answer(webhook_id, 503, f"магазин занят, повтор через {self.faults.retry_after_s} с", pause)
        texts = {"500": "ошибка магазина", "410": "адрес закрыт, больше не присылайте"}
        return self._answer(webhook_id, int(fault), texts[fault]) if fault in texts else None

    def _signed(self, raw: bytes, request: web.Request) -> bool:
        for key in self._keys:
            try:
                key.verify(raw, dict(request.headers), json_parse=False)
            except (WebhookVerificationError, ValueError):
                continue
            return True
        return False

    def _take(self, request: web.Request, webhook_id: str, raw: bytes, fault: str) -> web.Response:
        try:
            body = json.loads(raw)
            fresh = self.store.take(webhook_id, body)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return self._answer(webhook_id, 400, f"не читается: {error}")
        text = "принято" if fresh else "уже было, учтено один раз"
        if fault == "drop":
            return self._cut(request, webhook_id, body)
        return self._answer(webhook_id, 200, text, body=body)

    def _cut(self, request: web.Request, webhook_id: str, body: Json) -> web.Response:
        self.store.called(webhook_id, 0, f"{_what(body)}: принято, но ответ оборван")
        self.note(
            f"Посредник → Магазин: {_what(body)}: магазин записал и оборвал связь без ответа",
            ok=False,
            subject=_ref(body),
        )
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    def _answer(
        self,
        webhook_id: str | None,
        status: int,
        text: str,
        headers: dict[str, str] | None = None,
        body: Json | None = None,
    ) -> web.Response:
        what = f"{_what(body)}: " if body else ""
        self.store.called(webhook_id, status, what + text)
        merge = "" if status == 200 else f"shop-{status}"
        self.note(f"Посредник → Магазин: {what}{text} ({status})", ok=status == 200, subject=_ref(body), merge=merge)
        return web.json_response({"status": text}, status=status, headers=headers)


def _what(body: Json) -> str:
    delivery = (body.get("data") or {}).get("delivery") or {}
    order = delivery.get("order") or {}
    stage = STAGES.get(str(delivery.get("stage")), str(body.get("type")))
    number = order.get("site_number") or order.get("number") or "?"
    return f"заказ {number}, «{stage}»"


def _ref(body: Json | None) -> str:
    delivery = ((body or {}).get("data") or {}).get("delivery") or {}
    return str((delivery.get("order") or {}).get("ref") or "")


def _placed(ref: str, data: Json) -> Json:
    kopecks = sum(round(float(line["sum"]) * 100) for line in data["lines"])
    return {
        "ref": ref,
        "site_number": data["site_number"],
        "recipient": data["recipient"]["name"],
        "address": data["address"]["text"],
        "total": f"{kopecks // 100}.{kopecks % 100:02d}",
        "placed_at": data.get("date") or now(),
    }
