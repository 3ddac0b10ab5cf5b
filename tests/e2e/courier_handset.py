"""A courier's phone: a browser that keeps its data folder, so that it can be killed and switched on again."""

import asyncio
import contextlib
import io
import os
import random
import signal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from PIL import Image
from playwright.async_api import BrowserContext, ConsoleMessage, Geolocation, Page, Playwright, Request
from playwright.async_api import Error as PlaywrightError
from tests.browser import FLAGS
from tests.system import gone

Json = dict[str, Any]
PHONE = {"width": 390, "height": 844}
DEAD_S = 10.0
# A picture is a grid of colours that its number alone decides; it survives any compression.
GRID, SIZE = (8, 6), (640, 480)
# What the page's own disk has, read without the application. Pictures are named, not copied.
DISK = """() => new Promise((done, fail) => {
  const asked = indexedDB.open('posrednik-courier')
  asked.onerror = () => fail(asked.error)
  asked.onsuccess = () => {
    const db = asked.result, found = {}
    const looked = db.transaction(['queue', 'photos', 'drafts', 'meta'], 'readonly')
    const all = (store, key, keys) => {
      const request = keys ? looked.objectStore(store).getAllKeys() : looked.objectStore(store).getAll()
      request.onsuccess = () => { found[key] = request.result }
    }
    all('queue', 'queue'); all('photos', 'photos', true); all('drafts', 'drafts'); all('meta', 'meta')
    looked.oncomplete = () => { db.close(); done(found) }
    looked.onerror = () => fail(looked.error)
  }
})"""

CONTROLLED = """() => navigator.serviceWorker.controller !== null || new Promise((done) =>
  navigator.serviceWorker.addEventListener('controllerchange', () => done(true), { once: true }))"""


class Handset:
    """folder: the browser's. url: of the application. Console errors and foreign hosts are kept, not judged."""

    def __init__(self, playwright: Playwright, browser: str, folder: Path, url: str, **options: Any) -> None:
        self._playwright, self._browser, self._options = playwright, browser, options
        self.folder, self.url = folder, url
        self.faults: list[str] = []
        self.hosts: set[str] = set()
        self.place: Geolocation = {"latitude": 55.7601, "longitude": 37.6187, "accuracy": 12}
        self.context: BrowserContext | None = None

    async def start(self) -> None:
        """Switched on; no page of the application is open yet."""
        plain: Json = {
            "viewport": PHONE, "has_touch": True, "is_mobile": True, "locale": "ru-RU",
            "timezone_id": "Europe/Moscow", "reduced_motion": "reduce",
        }  # fmt: skip
        self.context = await self._playwright.chromium.launch_persistent_context(
            self.folder, executable_path=self._browser, args=FLAGS, permissions=["geolocation"],
            geolocation=self.place, **{**plain, **self._options},
        )  # fmt: skip
        self._watch(self.context)
        self.page: Page = self.context.pages[0]

    async def open(self, address: str = "", on: Page | None = None) -> Page:
        page = on or self.page
        await page.goto(address or self.url, wait_until="commit")
        return page

    async def installed(self) -> None:
        """Until the page can be opened with no network. Playwright's own waiting would evaluate text in the page again
        and again, which the application's rules for scripts forbid from the second time on."""
        await self.page.evaluate(CONTROLLED)

    async def stand_at(self, latitude: float, longitude: float) -> None:
        self.place = {"latitude": latitude, "longitude": longitude, "accuracy": 12}
        if self.context is not None:
            await self.context.set_geolocation(self.place)

    async def kill(self) -> None:
        """SIGKILL to the browser and whatever belongs to it, as a phone does that needs its memory."""
        for pid in self._processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        left = await gone(self._processes, DEAD_S)
        assert left == [], "the browser outlived SIGKILL"
        await self.stop()

    async def close_tab(self) -> None:
        """The page goes without a word; the browser stays, with a fresh page."""
        assert self.context is not None
        old, self.page = self.page, await self.context.new_page()
        await old.close(run_before_unload=False)

    async def stop(self) -> None:
        if self.context is not None:
            context, self.context = self.context, None
            with contextlib.suppress(PlaywrightError):
                await context.close()

    async def looks(self) -> str:
        """For a failed test: where it is, what it shows, what went wrong in it."""
        try:
            shown = await asyncio.wait_for(self.page.locator("body").inner_text(timeout=2000), 5)
        except (PlaywrightError, TimeoutError) as error:
            shown = repr(error)
        faults = "\n".join(self.faults[-10:])
        return f"--- {self.folder.name}: {self.page.url}\n{shown}\n--- its console\n{faults}"

    async def disk(self) -> Json:
        """queue: rows in the order of acts; photos: hashes of the pictures that are not sent; drafts: the oldest
        first; meta: by key."""
        found: Json = await self.page.evaluate(DISK)
        found["queue"].sort(key=lambda row: row["order"])
        found["drafts"].sort(key=lambda row: row["at"])
        found["meta"] = {row["key"]: row["value"] for row in found["meta"]}
        return found

    def _processes(self) -> list[int]:
        return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if _uses(pid, self.folder)]

    def _watch(self, context: BrowserContext) -> None:
        def said(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning"):
                self.faults.append(message.text)

        def asked(request: Request) -> None:
            if request.url.startswith("http"):
                self.hosts.add(urlsplit(request.url).netloc)

        context.on("console", said)
        context.on("weberror", lambda error: self.faults.append(str(error.error)))
        context.on("request", asked)


def _uses(pid: int, folder: Path) -> bool:
    try:
        return f"={folder}\0".encode() in Path(f"/proc/{pid}/cmdline").read_bytes() + b"\0"
    except OSError:
        return False


def _colours(number: int) -> list[tuple[int, int, int]]:
    rng = random.Random(f"picture {number}")
    return [(rng.randrange(256), rng.randrange(256), rng.randrange(256)) for _ in range(GRID[0] * GRID[1])]


def shot(number: int) -> bytes:
    """What the camera gives for this number: a JPEG that no other number has."""
    image = Image.new("RGB", GRID)
    for place, colour in enumerate(_colours(number)):
        image.putpixel((place % GRID[0], place // GRID[0]), colour)
    made = io.BytesIO()
    image.resize(SIZE, Image.Resampling.NEAREST).save(made, "JPEG", quality=90)
    return made.getvalue()


def number_of(jpeg: bytes, numbers: range) -> int | None:
    """Which of the camera's pictures these bytes show, however they were compressed."""
    image = Image.open(io.BytesIO(jpeg)).convert("RGB").resize(GRID, Image.Resampling.BOX)
    seen = [image.getpixel((x, y)) for y in range(GRID[1]) for x in range(GRID[0])]
    return next((number for number in numbers if _same(seen, _colours(number))), None)


def _same(seen: list[Any], meant: list[tuple[int, int, int]]) -> bool:
    off = sum(abs(a - b) for one, other in zip(seen, meant, strict=True) for a, b in zip(one, other, strict=True))
    return off / (3 * len(meant)) < 20


async def settled(task: "asyncio.Task[Any]") -> None:
    """The end of something whose browser has died under it."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
