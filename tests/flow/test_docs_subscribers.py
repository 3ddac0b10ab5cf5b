"""The receivers of docs/subscribers.md are started as they stand there, and the real service delivers to them."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.flow.exchange_client import COURIER, FEED_TOKEN, Service, new_ref, order, references, running
from tests.flow.hook_kit import SETTINGS, delivered, dispatching
from tests.ports import new_ports

from posrednik.connectors.site.outbound import Signer
from posrednik.domain.deliveries import Stage
from posrednik.domain.routes import TABLE, WEBHOOK
from posrednik.processes import die_with_parent

DOCS = Path(__file__).parents[2] / "docs"
PAGE, RUSSIAN = ((DOCS / name).read_text("utf-8") for name in ("subscribers.md", "subscribers.ru.md"))
OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
RECEIVERS = {
    "receiver.py": ["python3", "receiver.py"],
    "receiver.php": ["php", "-S", "127.0.0.1:{port}", "receiver.php"],
    "receiver.mjs": ["node", "receiver.mjs"],
}
STEPS = ("pick_up", "depart", "hand_over")
STAGES = ["ready", "picked_up", "en_route", "handed_over"]
START_S = 60.0


def blocks(page: str) -> dict[str, str]:
    """Programs of a page by the name behind the language."""
    return dict(re.findall(r"^```\w+ (\S+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))


PROGRAMS = blocks(PAGE)


# -- what the page says


def test_both_languages_have_the_same_programs_and_tables():
    assert blocks(RUSSIAN) == PROGRAMS
    assert set(PROGRAMS) == {*RECEIVERS, "Genuine.java", "genuine.sh", "feed.sh"}
    for pattern in (r"^```json\n.*?^```$", r"^\| `[\w.`, ]+ \|", r"^## "):
        there = [re.findall(pattern, page, re.MULTILINE | re.DOTALL) for page in (PAGE, RUSSIAN)]
        assert len(there[0]) == len(there[1]) > 0
    assert re.findall(r"```json\n.*?```", PAGE, re.DOTALL) == re.findall(r"```json\n.*?```", RUSSIAN, re.DOTALL)


def test_every_event_that_subscribers_get_is_named_and_no_other():
    told = {kind for kind, routes in TABLE.items() if WEBHOOK in routes} | {"subscription.test"}
    for page in (PAGE, RUSSIAN):
        rows = re.findall(r"^\| (`(?:delivery|subscription)\..*?) \|", page, re.MULTILINE)
        assert {kind for row in rows for kind in re.findall(r"`([\w.]+)`", row)} == told


def test_the_stages_that_are_named_are_there():
    named = {
        word
        for row in re.findall(r"^\| `delivery.*\| (.*?) \|$", PAGE, re.MULTILINE)
        for word in re.findall(r"`(\w+)`", row)
    }
    assert named <= {*Stage, "withdrawn"}
    assert {"ready", "handed_over", "not_delivered", "withdrawn", "cancelled"} <= named


# -- the receivers, for real


@dataclass
class Receiver:
    """A program of the page as a process. applied: what it printed so far, line by line without the first word."""

    name: str
    folder: Path
    secrets: str
    port: int = field(default_factory=lambda: new_ports(1)[0])
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def applied(self) -> list[str]:
        lines = (self.folder / "said").read_text("utf-8", "replace").splitlines()
        return [line.removeprefix("applied ") for line in lines if line.startswith("applied ")]

    def start(self) -> None:
        (self.folder / self.name).write_text(PROGRAMS[self.name], "utf-8")
        data = {"PORT": str(self.port), "DATA": str(self.folder / "data"), "WEBHOOK_SECRETS": self.secrets}
        command = [word.format(port=self.port) for word in RECEIVERS[self.name]]
        with (self.folder / "said").open("ab") as said:
            self.process = subprocess.Popen(
                command, cwd=self.folder, env={**os.environ, **data}, stdin=subprocess.DEVNULL, stdout=said,
                stderr=said, start_new_session=True, preexec_fn=die_with_parent,
            )  # fmt: skip
        deadline = time.monotonic() + START_S
        while not self._listens():
            assert time.monotonic() < deadline, (self.folder / "said").read_text()
            assert self.process.poll() is None, (self.folder / "said").read_text()
            time.sleep(0.02)

    def kill(self) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def need(program: str, request: pytest.FixtureRequest) -> None:
    if program == "php":
        request.getfixturevalue("php")
    elif shutil.which(program) is None:
        pytest.skip(f"{program} is not installed, so its example on docs/subscribers.md was not run")


@contextlib.contextmanager
def receiver(name: str, folder: Path, secrets: str) -> Iterator[Receiver]:
    folder.mkdir(parents=True)
    made = Receiver(name, folder, secrets)
    made.start()
    try:
        yield made
    finally:
        made.kill()


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    async with running(database, SETTINGS) as made:
        yield made


async def ready(service: Service, number: str) -> str:
    ref = new_ref()
    await service.onec.send([order(ref, number=f"ТД-{number}", site_number=number)])
    told = await service.onec.press("delivery.ready", ref, courier=COURIER)
    delivery_id: str = told["result"]["delivery"]["id"]
    return delivery_id


def send(to: Receiver, secrets: list[str], id: str, body: bytes, *, at: float | None = None, **changed: Any) -> int:
    """A request as the service makes it; `changed` headers instead of the right ones. The status."""
    headers = Signer(secrets).headers(id, int(time.time() if at is None else at), body)
    return httpx.post(to.url, content=body, headers=headers | changed).status_code


@pytest.mark.parametrize("name", RECEIVERS)
async def test_a_receiver_of_the_page_applies_each_event_once_and_in_order(
    name: str, service: Service, tmp_path: Path, request: pytest.FixtureRequest
):
    need(RECEIVERS[name][0], request)
    port = new_ports(1)[0]
    answer = await service.person(
        "POST", "/api/v1/subscriptions", {"url": f"http://127.0.0.1:{port}/hook", "events": ["*"]}
    )
    made = answer.json()
    await service.onec.send(references())
    with receiver(name, tmp_path / "first", f"{OTHER} {made['secret']}") as to:
        to.kill()
        to.port = port
        to.start()
        sent = await deliver(service, made["id"], to)
        expected = [
            f"{number} {version + 1} {stage}" for number in ("1001", "1002") for version, stage in enumerate(STAGES)
        ]
        assert sorted(to.applied) == sorted(expected)
        assert [line for line in to.applied if line.startswith("1001")] == expected[:4]
        repeated_and_refused(to, made["secret"], sent)
        assert sorted(to.applied) == sorted(expected)
    with receiver(name, tmp_path / "second", made["secret"]) as to:
        # The newest first, as after a queue that was turned round.
        for number, body in enumerate(reversed(sent)):
            assert send(to, [made["secret"]], f"m{number}", body) == 204
        assert sorted(to.applied) == ["1001 4 handed_over", "1002 4 handed_over"]


async def deliver(service: Service, subscription_id: str, to: Receiver) -> list[bytes]:
    """Two orders from «Готов» to the hand-over, the receiver killed in between; what was sent, oldest first."""
    bodies: dict[str, bytes] = {}

    async def keep() -> None:
        query = "SELECT event_id, body::text AS body FROM message WHERE method = 'webhook' ORDER BY event_id"
        bodies.update({str(row["event_id"]): row["body"].encode() for row in await service.rows(query)})

    await service.person("POST", f"/api/v1/subscriptions/{subscription_id}/test")
    first, second = await ready(service, "1001"), await ready(service, "1002")
    await keep()
    async with dispatching(service):
        await delivered(service)
        to.kill()
        for delivery_id in (first, second):
            for action in STEPS[:2]:
                await service.act(delivery_id, action)
        await keep()
        to.start()
        await delivered(service)
        to.kill()
        for delivery_id in (first, second):
            await service.act(delivery_id, STEPS[2])
        await keep()
        to.start()
        await delivered(service)
    assert len(bodies) == 9
    return [body for body in bodies.values() if b"subscription.test" not in body]


def repeated_and_refused(to: Receiver, secret: str, sent: list[bytes]) -> None:
    for body in [*sent, *sent]:
        assert send(to, [secret], "again", body) == 204
    for secrets in ([OTHER], [OTHER, secret], [secret, OTHER]):
        assert send(to, secrets, "again", sent[0]) == 204
    wrong = "whsec_" + "A" * 43 + "="
    assert send(to, [wrong], "x", sent[0]) == 401
    assert send(to, [secret], "x", sent[0], at=time.time() - 400) == 401
    assert send(to, [secret], "x", sent[0], at=time.time() + 400) == 401
    assert send(to, [secret], "x", sent[0], **{"webhook-id": "y"}) == 401
    assert send(to, [secret], "x", sent[0], **{"webhook-timestamp": "soon"}) == 401
    assert send(to, [secret], "x", sent[0], **{"webhook-signature": "v1,=="}) == 401
    assert httpx.post(to.url, content=sent[0]).status_code == 401
    with contextlib.suppress(httpx.TransportError):  # who is refused for length may find the line cut
        assert send(to, [secret], "x", b"x" * 300_000) == 413


# -- the signature alone


@pytest.mark.parametrize(("name", "command"), [
    ("genuine.sh", ["sh", "genuine.sh"]), ("Genuine.java", ["java", "Genuine.java"]),
])  # fmt: skip
def test_a_check_of_the_page_tells_genuine_from_forged(
    name: str, command: list[str], tmp_path: Path, request: pytest.FixtureRequest
):
    need("java" if "java" in command else "openssl", request)
    (tmp_path / name).write_text(PROGRAMS[name], "utf-8")
    body = '{"type":"delivery.readied","имя":"Пётр"}\n'.encode()
    signed = Signer([OTHER, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]).headers("msg-1", int(time.time()), body)
    right = [signed[f"webhook-{word}"] for word in ("id", "timestamp", "signature")]

    def ask(words: list[str], body: bytes) -> str:
        ran = subprocess.run([*command, *words], cwd=tmp_path, input=body, capture_output=True, timeout=60, check=False)
        return ran.stdout.decode().strip() or ran.stderr.decode()

    assert ask([*right, OTHER], body) == "genuine"
    assert ask([*right, OTHER], body + b" ") == "not genuine"


# -- the feed


async def test_the_reader_of_the_feed_gets_everything_once_whatever_interrupts_it(
    service: Service, tmp_path: Path, request: pytest.FixtureRequest
):
    need("curl", request)
    await service.onec.send(references())
    for number in ("1001", "1002", "1003"):
        await ready(service, number)
    with feed_server(await pages(service)) as (url, asked):
        (tmp_path / "feed.sh").write_text(PROGRAMS["feed.sh"], "utf-8")
        env = {**os.environ, "POSREDNIK": url, "FEED": FEED_TOKEN, "DATA": str(tmp_path)}
        for _ in range(2):
            ran = subprocess.run(["sh", "feed.sh"], cwd=tmp_path, env=env, capture_output=True, timeout=60, check=False)
            assert ran.returncode == 0, ran.stderr
    told = [json.loads(line) for line in (tmp_path / "pages.jsonl").read_text("utf-8").splitlines()]
    numbers = [event["data"]["delivery"]["order"]["site_number"] for page in told for event in page["events"]]
    assert numbers == ["1001", "1002", "1003"]
    assert (tmp_path / "cursor").read_text().strip() == told[-1]["next"]
    assert asked == {f"Bearer {FEED_TOKEN}"}


async def pages(service: Service) -> dict[str, bytes]:
    """Answers of the service's own feed by the cursor that was asked with, two events a page."""
    answers: dict[str, bytes] = {}
    cursor = "0"
    while cursor not in answers:
        answer = await service.client.get(
            "/api/v1/events", params={"after": cursor, "limit": 2, "types": "delivery.*"},
            headers={"Authorization": f"Bearer {FEED_TOKEN}"},
        )  # fmt: skip
        answers[cursor] = answer.content
        cursor = answer.json()["next"]
    return answers


@contextlib.contextmanager
def feed_server(answers: dict[str, bytes]) -> Iterator[tuple[str, set[str]]]:
    """The answers on a port: curl needs one, and the service of a test has none."""
    import http.server
    import threading
    from urllib.parse import parse_qs, urlsplit

    keys: set[str] = set()

    class Feed(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            keys.add(self.headers["Authorization"])
            self.send_response(200 if parts.path == "/api/v1/events" else 404)
            self.end_headers()
            self.wfile.write(answers[parse_qs(parts.query)["after"][0]])

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Feed)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", keys
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
