"""The HTTP service of the base's extension, where events come without being asked for (contract.md §3, E-40)."""

import asyncio
import base64
import binascii
import hmac
from typing import Any

from aiohttp import web

from posrednik_sandbox.onec import wire
from posrednik_sandbox.onec.outbox import Outbox
from posrednik_sandbox.onec.receiver import Receiver

PATH = "/hs/kd/v1/events"
MOST_BODY = 16 << 20
WORDS = {
    401: "Идентификация пользователя не выполнена",
    403: "Нет роли для работы с HTTP-сервисом",
    404: "HTTP-сервис не опубликован",
    409: "Событие с этим идентификатором уже было другим",
    422: "Событие противоречит учёту",
    423: "Объект заблокирован другим пользователем",
    500: "Ошибка при вызове метода контекста",
    503: "Не обнаружено свободной лицензии",
}
HTML = (401, 404, 500)
RETRY_AFTER_S = 2


class Service:
    """One base's service. power: whether the base is on; published: whether it takes pushes at all."""

    def __init__(self, outbox: Outbox, receiver: Receiver, token: str, *, published: bool) -> None:
        self.outbox = outbox
        self.receiver = receiver
        self.published = published
        self.online = False
        self._known = f"{outbox.base_id}:{token}".encode()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Apply the events of a batch, each in a transaction of its own, and say what became of each."""
        if not self.online:
            return _cut(request)
        if not self.published:
            return self._refused(404)
        if not self._is_known(request.headers.get("Authorization", "")):
            return self._refused(401)
        switches = self.outbox.switches
        if switches.push_slow_s:
            await asyncio.sleep(switches.push_slow_s)
        if switches.take("push_faults"):
            return self._refused(switches.push_status)
        raw = await request.read()
        if len(raw) > MOST_BODY:
            return self._refused(422)
        return self._applied(request, raw)

    def _applied(self, request: web.Request, raw: bytes) -> web.StreamResponse:
        try:
            batch = wire.decoded(raw, self.outbox.encoding)
            accepted, rejected = self.receiver.take(batch.get("events") or [])
        except (ValueError, KeyError, TypeError) as error:
            return self._answer({"code": "bad_request", "message": f"Пакет не читается: {error}"}, 400)
        if self.outbox.switches.take("crash_before_ack"):
            return _cut(request)
        self.receiver.acknowledged(accepted)
        return self._answer({"batch": batch.get("batch"), "accepted": accepted, "rejected": rejected}, 200)

    def _is_known(self, header: str) -> bool:
        kind, _, coded = header.partition(" ")
        try:
            return kind == "Basic" and hmac.compare_digest(base64.b64decode(coded, validate=True), self._known)
        except (binascii.Error, ValueError):
            return False

    def _refused(self, status: int) -> web.Response:
        words = WORDS.get(status, f"Ошибка {status}")
        headers = {"Retry-After": str(RETRY_AFTER_S)} if status in (423, 503) else {}
        if status in HTML:
            page = f"<!DOCTYPE html><html><body><h1>{words}</h1></body></html>"
            return web.Response(text=page, content_type="text/html", status=status, headers=headers)
        answer = self._answer({"code": str(status), "message": words}, status)
        answer.headers.update(headers)
        return answer

    def _answer(self, body: dict[str, Any], status: int) -> web.Response:
        kind = "application/xml" if self.outbox.encoding == "xml" else "application/json"
        raw = wire.encoded(body, self.outbox.encoding, root="result")
        return web.Response(body=raw, content_type=kind, status=status)


def _cut(request: web.Request) -> web.Response:
    """To its caller the base is gone."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
