"""How the built pages are served: packed as the browser reads it, kept by it as long as the name says, guarded."""

import gzip
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient
from tests.flow.exchange_client import settings, started

from posrednik import bootstrap_api
from posrednik.config import Bitrix24, Server

SCRIPT = b"".join(b"export const a%d = 1\n" % number for number in range(2_000))
PACKED = {"br": random.Random(1).randbytes(9_000), "gzip": gzip.compress(SCRIPT), None: SCRIPT}  # nobody looks into .br
HASHED = "/courier/assets/index-Ab12.js"


@pytest.fixture
async def client(module_database: str, tmp_path: Path) -> AsyncIterator[AsyncClient]:
    """The whole application, with its own compression of answers, before pages as a build leaves them."""
    for name in ("office", "courier"):
        assets = tmp_path / name / "assets"
        assets.mkdir(parents=True)
        (assets.parent / "index.html").write_text("<!doctype html>the application", encoding="utf-8")
        (assets / "index-Ab12.js").write_bytes(SCRIPT)
        (assets / "index-Ab12.js.br").write_bytes(PACKED["br"])
        (assets / "index-Ab12.js.gz").write_bytes(PACKED["gzip"])
    (tmp_path / "secret.txt").write_text("not yours", encoding="utf-8")
    configured = settings(
        bitrix24=Bitrix24(portal_url="https://portal.example", client_id="local.app"),
        server=Server(data_dir=str(tmp_path / "var")),
    )
    app = bootstrap_api.api(configured, module_database, tmp_path)
    async with started(app), AsyncClient(transport=ASGITransport(app), base_url="http://posrednik.test") as made:
        yield made


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"), ("BR", "br"), ("br;q=0, gzip;q=0.5", "gzip"), ("gzip", "gzip"),
        ("br; q=0.0", None), ("deflate", None), ("", None), ("brotli", None),
    ],
)  # fmt: skip
async def test_the_smallest_that_the_browser_reads_is_sent(client: AsyncClient, accepted: str, encoding: str | None):
    async with client.stream("GET", HASHED, headers={"Accept-Encoding": accepted}) as answer:
        raw = b"".join([chunk async for chunk in answer.aiter_raw()])
    assert raw == PACKED[encoding]
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["content-length"] == str(len(raw))
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "content-disposition" not in answer.headers


async def test_packed_and_plain_have_their_own_marks(client: AsyncClient):
    answers = [await client.head(HASHED, headers={"Accept-Encoding": accepted}) for accepted in ("br", "gzip", "")]
    assert len({answer.headers["etag"] for answer in answers}) == 3
    assert [answer.content for answer in answers] == [b"", b"", b""]


@pytest.mark.parametrize("name", ["office", "courier"])
async def test_what_has_its_content_in_its_name_is_kept_for_ever_and_the_page_is_asked_for(
    client: AsyncClient, name: str
):
    kept = await client.get(f"/{name}/assets/index-Ab12.js", headers={"Accept-Encoding": "gzip"})
    assert (kept.content, kept.headers["cache-control"]) == (SCRIPT, "public, max-age=31536000, immutable")
    for path in (f"/{name}/", f"/{name}", f"/{name}/index.html"):
        page = await client.get(path)
        assert (page.status_code, page.headers["cache-control"]) == (200, "no-cache")
        assert page.text.endswith("the application")
        assert page.headers["content-type"].startswith("text/html")


async def test_every_answer_is_guarded_and_framed_by_nobody_but_the_portal(client: AsyncClient):
    for path in ("/courier/", "/office/"):
        headers = (await client.get(path)).headers
        assert headers["content-security-policy"].endswith("frame-ancestors 'self' https://portal.example")
        assert "script-src 'self';" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    ["nothing.js", "assets/nothing.js", "../secret.txt", "%2e%2e/secret.txt", "assets/..%2f..%2f..%2fsecret.txt"],
)
async def test_nothing_else_is_found(client: AsyncClient, path: str):
    answer = await client.get(f"/courier/{path}", headers={"Accept-Encoding": "br, gzip"})
    assert answer.status_code == 404
    assert "not yours" not in answer.text
