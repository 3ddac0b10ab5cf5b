"""Where the bytes of the Disk travel outside of the REST methods: `upload.json` and `download.json`."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from aiohttp import web

from posrednik_sandbox.portal import drive
from posrednik_sandbox.portal.clock import iso
from posrednik_sandbox.portal.disk import object_row
from posrednik_sandbox.portal.errors import RestError, RestRefusal
from posrednik_sandbox.portal.links import Link
from posrednik_sandbox.portal.model import Principal
from posrednik_sandbox.portal.portal import Portal
from posrednik_sandbox.portal.values import php

NOT_FOUND = "<html><body><h1>404 Not Found</h1></body></html>"
# Without these the web server in front of a portal takes a download for a robot and answers 404.
EXPECTED = ("User-Agent", "Accept", "Referer")
Work = Callable[[web.Request, Link], Awaitable[web.Response]]


def routes(portal: Portal) -> list[web.RouteDef]:
    transfer = Transfer(portal)
    prefixes = (r"/rest/{user:\d+}/{secret}", "/rest")
    return [
        *(web.get(f"{prefix}/download.json", transfer.serving(transfer.download)) for prefix in prefixes),
        *(web.post(f"{prefix}/upload.json", transfer.serving(transfer.upload)) for prefix in prefixes),
    ]


class Transfer:
    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def serving(self, work: Work) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            started, direction = time.perf_counter(), "disk.upload" if request.method == "POST" else "disk.download"
            try:
                link = self._link(request)
                await self._slowly(direction)
                response = await work(request, link)
            except RestRefusal as refusal:
                response = web.json_response(refusal.body(), status=refusal.status)
            self._portal.journal.flush()
            self._tell(direction, response.status, started)
            return response

        return handle

    async def _slowly(self, direction: str) -> None:
        slow_s = drive.slowness_s(self._portal, direction)
        if slow_s is not None:
            await asyncio.sleep(slow_s * self._portal.limits.wait_scale)
            drive.may_fail(self._portal)

    def _link(self, request: web.Request) -> Link:
        """RestError NO_AUTH_FOUND for a key that is unknown or over; the bucket counts transfers too."""
        if not self._portal.online:
            raise RestError("SERVICE_UNAVAILABLE", "The portal is not available", 503)
        self._portal.limits.admit(request.remote or "", self._portal.now())
        link = self._portal.links.find(request.query.get("token", ""))
        if link is None:
            raise RestError("NO_AUTH_FOUND", "Wrong authorization data", 401)
        return link

    async def download(self, request: web.Request, link: Link) -> web.Response:
        content = self._portal.blobs.get(link.subject)
        row = self._portal.objects.get(link.subject)
        if content is None or row is None or not all(request.headers.get(name) for name in EXPECTED):
            return web.Response(status=404, text=NOT_FOUND, content_type="text/html")
        disposition = f"attachment; filename*=utf-8''{quote(row.name)}"
        return web.Response(
            body=content, content_type="application/octet-stream", headers={"Content-Disposition": disposition}
        )

    async def upload(self, request: web.Request, link: Link) -> web.Response:
        folder = self._portal.objects.get(link.subject)
        if folder is None or not folder.folder:
            raise RestError("ERROR_NOT_FOUND", f"Could not find entity with id `{link.subject}`")
        form = await request.post()
        part = form.get("file")
        if not isinstance(part, web.FileField):
            raise RestError("ERROR_COULD_NOT_SAVE_FILE", "Could not save file")
        content = part.file.read()
        row = drive.add_file(self._portal, link.user_id, folder, part.filename, content, link.unique)
        who = Principal("upload", link.user_id, frozenset())
        now = self._portal.now()
        block = {"start": now, "finish": now, "duration": 0.0, "processing": 0.0, "date_start": iso(now)}
        answer = php(object_row(self._portal, who, row, fresh=True))
        return web.json_response({"result": answer, "time": {**block, "date_finish": iso(now)}})

    def _tell(self, method: str, status: int, started: float) -> None:
        ok = status < 400
        text = "Файл отправлен на Диск" if method == "disk.upload" else "Файл скачан с Диска"
        text = text if ok else f"Отказ {status}: {text}"
        duration_ms = round((time.perf_counter() - started) * 1000)
        self._portal.served(
            {
                "system": "bitrix24",
                "direction": "in",
                "method": method,
                "version": "classic",
                "status": status,
                "summary": text,
                "subject": "",
                "text": text,
                "ok": ok,
                "detail": f"{method}, ответ {status}, {duration_ms} мс",
                "merge": "",
                "duration_ms": duration_ms,
            }
        )
