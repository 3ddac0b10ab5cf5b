"""An emulated base in a folder of the test, and plain ways to work with it."""

from pathlib import Path
from typing import Any

from aiohttp import web
from tests.sandbox.fake_posrednik import FakePosrednik

from posrednik_sandbox.onec import Onec
from posrednik_sandbox.onec.odata.raw import take_raw

BASE = "5a4b1c00-0000-4000-8000-000000000009"
NOWHERE = "http://127.0.0.1:9"


def quiet(text: str, **about: Any) -> None:
    """Nobody reads the strip here."""


def a_base(folder: Path, url: str = NOWHERE, orders: int = 3) -> Onec:
    onec = Onec(folder / "onec.sqlite3", url, BASE, "token", quiet)
    onec.prepare(7, orders)
    onec.button_limit_s = 45.0  # nobody looks at the form, but the machine may be busy
    return onec


async def served(app: web.Application) -> tuple[web.AppRunner, str]:
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    take_raw(runner.server)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


def first_order(onec: Onec) -> dict[str, Any]:
    found = onec.store.row("SELECT ref, number FROM order_card ORDER BY position LIMIT 1")
    assert found is not None
    return found


async def press_ready(onec: Onec, ref: str) -> dict[str, Any]:
    return await onec.press(ref, "delivery.ready", {}, {"status": "Готов к доставке"}, {"ready": 1})


async def drained(fake: FakePosrednik, onec: Onec) -> None:
    await fake.until(lambda: not any(onec.outbox.counts()[key] for key in ("objects", "commands")))


def named(onec: Onec, kind: str, name: str) -> str:
    """The ref of what people call so."""
    return next(ref for ref, data in onec.store.names(kind).items() if data["name"] == name)


def left(onec: Onec, warehouse: str, product: str) -> int:
    """Thousandths in a warehouse, as the base tells Posrednik."""
    found = [
        data["quantity"]
        for data in onec.store.names("stock").values()
        if (data["warehouse"], data["product"]) == (warehouse, product)
    ]
    return round(float(found[0]) * 1000) if found else 0
