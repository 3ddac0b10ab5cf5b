"""`pages`: Lighthouse on what the API process serves: the courier's application (mobile, and what its start weighs) and
each page of the office (desktop).

Needs the built pages, a browser and the packages of bench/lighthouse; `./run bench pages` sees to all three.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import msgspec
from rich.console import Console

from bench import goods, service
from bench.first_load import LIMIT_JS_BYTES, first_load
from bench.intake import Sender
from bench.latency import command
from bench.machine import ROOT, Place
from bench.office_pages import office_pages
from bench.report import Report, median
from posrednik.serving import web_folder

WANTED, WANTED_OF_OFFICE = 95, 90
ORDERS = 20
CATEGORIES = {"performance": "performance", "accessibility": "accessibility", "best-practices": "best practices"}
COURIER = goods.ref("courier", 1)
PATIENCE_S = 900


@dataclass(frozen=True, slots=True)
class Loaded:
    """One request of a load: bytes over the wire, headers included."""

    url: str
    type: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Run:
    """One load of a screen. scores: 0..100. metrics: ms, the layout shift has no unit. shown: orders on the screen."""

    scores: dict[str, int]
    metrics: dict[str, float]
    requests: list[Loaded]
    faults: list[str]
    shown: int


def measure(place: Place, console: Console, *, quick: bool) -> Report:
    web, browser, rounds = web_folder(), os.environ.get("POSREDNIK_BROWSER"), 1 if quick else 5
    if web is None or not browser:
        raise SystemExit(
            "pages: needs the built pages and a browser (POSREDNIK_BROWSER); start it by ./run bench pages"
        )
    port = service.free_port()
    with place.migrated("pages") as dsn:
        settings = service.config(
            place.folder, dsn, port, ["[[divisions]]", f'ref = "{goods.DIVISION}"', 'mode = "live"']
        )
        with service.api(place.folder, settings, port):
            _a_day(port)
            token, origin = _person(settings), f"http://127.0.0.1:{port}"
            code = _code(port, token)
            screens = _lighthouse("measure", browser, f"{origin}/courier/", code, str(rounds))
            paths, of_office = office_pages(), str(min(rounds, 3))
            office = _lighthouse("office", browser, origin, token, of_office, *paths.values())
    report = Report(
        f"pages: the courier's application, Lighthouse mobile, empty cache, median of {rounds}",
        "./run bench pages" + (" --quick" if quick else ""),
    )
    weigh(report, first_load(web / "courier").js_bytes, first_load(web / "courier").css_bytes)
    for name, title, orders in (("entry", "login", 0), ("orders", f"{ORDERS} orders", ORDERS)):
        judge(report, title, screens[name], orders)
    report.tell("the office", f"desktop, empty cache, median of {of_office}")
    for name, path in paths.items():
        judge_office(report, f"office, {name}", office[path])
    return report


def weigh(report: Report, js_bytes: int, css_bytes: int) -> None:
    report.at_most("first load: JavaScript, gzip", js_bytes / 1000, LIMIT_JS_BYTES / 1000, "KB")
    report.tell("first load: CSS, gzip", f"{css_bytes / 1000:.1f} KB")


def judge(report: Report, title: str, runs: Sequence[Run], orders: int) -> None:
    """Raises AssertionError when another screen than the wanted one was measured."""
    assert {run.shown for run in runs} == {orders}, f"{title}: {runs[0].shown} orders on the screen, not {orders}"
    _scores(report, title, runs, WANTED)
    times = ", ".join(f"{short} {median([run.metrics[name] for run in runs]):.0f} ms" for short, name in TIMES.items())
    report.tell(f"{title}: when", times)
    _no_strangers(report, title, runs)
    report.tell(f"{title}: over the wire", _wire(runs[-1]))
    if faults := sorted({fault for run in runs for fault in run.faults}):
        report.tell(f"{title}: what Lighthouse minds", "; ".join(faults))


def judge_office(report: Report, title: str, runs: Sequence[Run]) -> None:
    """Raises AssertionError when no page was there, but the question who one is."""
    assert min(run.shown for run in runs) >= 1, f"{title}: no heading on the screen"
    _scores(report, title, runs, WANTED_OF_OFFICE)
    _no_strangers(report, title, runs)
    largest = median([run.metrics["largest-contentful-paint"] for run in runs])
    report.tell(f"{title}: when, and over the wire", f"LCP {largest:.0f} ms, {_wire(runs[-1])}")


def _scores(report: Report, title: str, runs: Sequence[Run], wanted: int) -> None:
    for category, name in CATEGORIES.items():
        scores = [run.scores[category] for run in runs]
        report.at_least(f"{title}: {name}", median(scores), wanted, f" ({min(scores)}…{max(scores)})")


def _no_strangers(report: Report, title: str, runs: Sequence[Run]) -> None:
    strangers = sorted({host for run in runs for host in _strangers(run)})
    report.must(f"{title}: requests to other hosts", ", ".join(strangers) or "0", "0", not strangers)


TIMES = {"FCP": "first-contentful-paint", "LCP": "largest-contentful-paint", "TBT": "total-blocking-time",
         "SI": "speed-index"}  # fmt: skip


def _strangers(run: Run) -> list[str]:
    return [host for one in run.requests if (host := urlsplit(one.url).hostname) not in ("127.0.0.1", None)]


def _wire(run: Run) -> str:
    """ "JavaScript 91.3 KB in 5, CSS 5.1 KB in 1, in all 101.0 KB in 12", without the service worker's own loads."""

    def told(name: str, of: list[Loaded]) -> str:
        return f"{name} {sum(one.bytes for one in of) / 1000:.1f} KB in {len(of)}"

    kinds = {"JavaScript": "Script", "CSS": "Stylesheet"}
    parts = [told(name, [one for one in run.requests if one.type == kind]) for name, kind in kinds.items()]
    return ", ".join([*parts, told("in all", run.requests)])


def _a_day(port: int) -> None:
    """Orders of one courier, ready for him."""
    sender = Sender(port)
    sender.send(goods.firsts())
    courier = {"name": "Пётр Иванов", "division": goods.DIVISION, "active": True, "phone": "+79161234567"}
    sender.send([goods.an_object("courier", COURIER, courier)])
    sent = list(goods.objects(0, ORDERS // goods.MIX.count("order") * len(goods.MIX)))
    sender.send(sent)
    for order in (one["ref"] for one in sent if one["kind"] == "order"):
        _post(port, "/api/v1/exchange/commands", service.TOKEN, command(order, courier=COURIER))


def _person(settings: os.PathLike[str]) -> str:
    words = [sys.executable, "-m", "posrednik.cli", "token", "add", "--person", "Измеряющий"]
    env = {**os.environ, "POSREDNIK_CONFIG": str(settings)}
    return subprocess.run(words, env=env, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()[-1]


def _code(port: int, token: str) -> str:
    return str(_post(port, f"/api/v1/board/couriers/{COURIER}/login-codes", token, b"")["code"])


def _post(port: int, path: str, token: str, body: bytes) -> dict[str, object]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with urlopen(Request(f"http://127.0.0.1:{port}{path}", body, headers), timeout=30) as answer:
        return msgspec.json.decode(answer.read(), type=dict[str, object])


def _lighthouse(script: str, browser: str, *arguments: str) -> dict[str, list[Run]]:
    """Runs bench/lighthouse/SCRIPT.mjs; it says itself what it takes and answers."""
    ran = subprocess.run(
        ["node", str(ROOT / "bench" / "lighthouse" / f"{script}.mjs"), browser, *arguments],
        stdout=subprocess.PIPE,
        timeout=PATIENCE_S,
        check=False,
    )
    if ran.returncode != 0:
        raise SystemExit("pages: Lighthouse could not measure (see above)")
    return msgspec.convert(json.loads(ran.stdout), dict[str, list[Run]])
