"""An S3 server as small as it can be: PUT, GET and HEAD of objects, path-style, over real HTTP. It checks who asks and
whether what arrived is what was signed, and it can be away."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

KEY_ID, SECRET = "AKIAEXAMPLE", "a-secret-access-key"


@dataclass
class FakeS3:
    """objects: by path ("bucket/key"). status: what every request gets instead of its answer; 0 = the answer."""

    url: str = ""
    objects: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    status: int = 0

    async def answer(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        self.asked.append((request.method, path))
        if self.status:
            return web.Response(status=self.status, text=f"<Error><AWSAccessKeyId>{KEY_ID}</AWSAccessKeyId></Error>")
        body = await request.read()
        if f"Credential={KEY_ID}/" not in request.headers.get("Authorization", ""):
            return web.Response(status=403, text="<Error><Code>InvalidAccessKeyId</Code></Error>")
        signed = request.headers["x-amz-content-sha256"]
        if signed not in (hashlib.sha256(body).hexdigest(), "UNSIGNED-PAYLOAD"):
            return web.Response(status=400, text="<Error><Code>XAmzContentSHA256Mismatch</Code></Error>")
        return self._put(path, body, request) if request.method == "PUT" else self._get(path)

    def _put(self, path: str, body: bytes, request: web.Request) -> web.Response:
        self.objects[path] = (body, request.headers.get("Content-Type", ""))
        return web.Response(headers={"ETag": '"1"'})

    def _get(self, path: str) -> web.Response:
        if path not in self.objects:
            return web.Response(status=404, text="<Error><Code>NoSuchKey</Code></Error>")
        body, kind = self.objects[path]
        headers = {"ETag": '"1"', "Last-Modified": "Sun, 22 Nov 2026 10:00:00 GMT", "Content-Type": kind}
        return web.Response(body=body, headers=headers)


@asynccontextmanager
async def fake_s3() -> AsyncIterator[FakeS3]:
    made, app = FakeS3(), web.Application(client_max_size=10**8)
    app.router.add_route("*", "/{path:.*}", made.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        await runner.cleanup()
