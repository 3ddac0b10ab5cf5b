"""The exchange of Posrednik as the public contract describes it: what the base is tested against."""

import asyncio
import hashlib
import json
from typing import Any

from aiohttp import web

Json = dict[str, Any]


def an_event(number: int, kind: str, subject: Json, version: int, data: Json | None = None, key: str = "") -> Json:
    """An event of contract.md §3."""
    return {
        "id": key or f"00000000-0000-4000-8000-{number:012d}",
        "number": number,
        "type": kind,
        "subject": subject,
        "version": version,
        "occurred_at": "2026-11-22T10:00:00+00:00",
        "actor": {"kind": "courier", "ref": None, "name": "Петров Илья"},
        "division": None,
        "trial": False,
        "data": data or {},
    }


class FakePosrednik:
    """One base, numbers, commands, events. Faults: `answer_with` (statuses to answer first); while `speaks` is not set,
    nothing is answered."""

    def __init__(self) -> None:
        self.epoch: str | None = None
        self.instance: str | None = None
        self.old_epochs: set[str] = set()
        self.hashes: dict[int, str] = {}
        self.bodies: list[bytes] = []
        self.objects: dict[tuple[str, str], Json] = {}
        self.commands: dict[str, Json] = {}
        self.events: list[Json] = []
        self.leased: set[str] = set()
        self.acked: dict[str, str] = {}
        self.answer_with: list[tuple[int, dict[str, str]]] = []
        self.speaks = asyncio.Event()
        self.speaks.set()
        self.unknown_command = False
        self.moved: set[str] = set()
        self.calls: list[str] = []
        self.changed = asyncio.Event()
        self.url = ""

    @property
    def last_accepted(self) -> int:
        return max(self.hashes, default=0)

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/api/v1/exchange/messages", self.messages)
        app.router.add_post("/api/v1/exchange/commands", self.single)
        app.router.add_post("/api/v1/exchange/epochs", self.epochs)
        app.router.add_get("/api/v1/exchange/state", self.state)
        app.router.add_get("/api/v1/exchange/outgoing", self.outgoing)
        app.router.add_post("/api/v1/exchange/outgoing/ack", self.ack)
        return app

    async def messages(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        self.bodies.append(raw)
        fault = await self._fault(request)
        if fault is not None:
            return fault
        body = json.loads(raw.decode("utf-8-sig"))
        stranger = self._stranger(body, bind=True)
        if stranger is not None:
            return stranger
        number, digest = body["number"], hashlib.sha256(raw).hexdigest()
        known = self.hashes.get(number)
        if known is not None and known != digest:
            return self._conflict("message_conflict")
        if known is None:
            self.hashes[number] = digest
            for item in body["objects"]:
                self.objects[item["kind"], item["ref"]] = item
        results = [self._do(command) for command in body["commands"]]
        self.changed.set()
        return web.json_response(
            {
                "status": "duplicate" if known else "accepted",
                "number": number,
                "last_accepted": self.last_accepted,
                "epoch": self.epoch,
                "objects": {"applied": len(body["objects"]), "unchanged": 0, "stale": 0, "waiting": 0},
                "released": 0,
                "quarantined": [],
                "commands": results,
                "gap": [],
            }
        )

    async def single(self, request: web.Request) -> web.StreamResponse:
        fault = await self._fault(request)
        if fault is not None:
            return fault
        body = await request.json()
        return self._stranger(body) or web.json_response(self._do(body["command"]))

    async def epochs(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if body["epoch"] in self.old_epochs:
            return self._conflict("old_epoch")
        if body["epoch"] != self.epoch:
            self.old_epochs |= {self.epoch} if self.epoch else set()
            self.epoch, self.instance, self.hashes = body["epoch"], body["instance"], {}
        return web.json_response({"epoch": self.epoch, "last_accepted": self.last_accepted})

    async def state(self, request: web.Request) -> web.StreamResponse:
        self.calls.append("state")
        if self.epoch is None:
            return web.json_response({"epoch": None, "last_accepted": 0})
        return self._stranger(dict(request.query)) or web.json_response(
            {"epoch": self.epoch, "last_accepted": self.last_accepted, "gaps": []}
        )

    async def outgoing(self, request: web.Request) -> web.StreamResponse:
        stranger = self._stranger(dict(request.query))
        if stranger is not None:
            return stranger
        if "after" in request.query:
            again = [event for event in self.events if event["number"] > int(request.query["after"])]
            return web.json_response({"batch": "again", "events": again})
        for _ in range(100):
            ready = [event for event in self.events if event["id"] not in self.acked | dict.fromkeys(self.leased, "")]
            if ready:
                self.leased |= {event["id"] for event in ready}
                return web.json_response({"batch": "b", "events": ready})
            await asyncio.sleep(0.01)
        return web.json_response({"batch": "b", "events": []})

    async def ack(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        for key in body["accepted"]:
            self.acked[key] = "accepted"
        for item in body["rejected"]:
            self.acked[item["id"]] = f"rejected:{item['code']}:{item['retry']}"
        self.changed.set()
        return web.json_response({})

    def emit(self, kind: str, order: Json, version: int, data: Json | None = None, key: str = "") -> Json:
        """Add an event about the delivery of an order of the base."""
        subject = {
            "kind": "delivery",
            "id": f"delivery-{order['ref']}",
            "order_ref": order["ref"],
            "order_number": order["number"],
        }
        return self.tell(kind, subject, version, data, key)

    def tell(self, kind: str, subject: Json, version: int, data: Json | None = None, key: str = "") -> Json:
        """Add an event about anything: a sale, a backpack, a courier's cash."""
        event = an_event(len(self.events) + 1, kind, subject, version, data, key)
        self.events.append(event)
        return event

    async def until(self, condition: Any, timeout_s: float = 60.0) -> None:
        async with asyncio.timeout(timeout_s):
            while not condition():
                self.changed.clear()
                try:
                    await asyncio.wait_for(self.changed.wait(), 0.02)
                except TimeoutError:
                    continue

    def _do(self, command: Json) -> Json:
        known = self.commands.get(command["id"])
        if known is None:
            order = ("order", command["data"].get("order"))
            status = "done" if order in self.objects else "waiting"
            delivery = {"id": "d", "version": 1, "stage": "ready", "amount_due": "10.00", "courier": None}
            known = {"id": command["id"], "status": status, "code": None, "message": None}
            known["result"] = {"delivery": delivery, "already": False} if status == "done" else None
            if command["type"].startswith("backpack."):
                known |= self._moved(command["data"])
            self.commands[command["id"]] = known
        return known

    def _moved(self, data: Json) -> Json:
        """The same document again is already done; one that is not here is waited for."""
        if self.unknown_command:
            return {"status": "rejected", "code": "unknown_command", "message": "Такой команды Посредник не знает"}
        if ("transfer", data["document"]) not in self.objects:
            return {"status": "waiting"}
        already = data["document"] in self.moved
        self.moved.add(data["document"])
        backpack = {"courier": data["courier"], "version": len(self.moved), "goods": len(data["lines"])}
        return {"status": "done", "result": {"backpack": backpack, "already": already}}

    async def _fault(self, request: web.Request) -> web.Response | None:
        self.calls.append(request.path.rsplit("/", 1)[-1])
        await self.speaks.wait()
        if not self.answer_with:
            return None
        status, headers = self.answer_with.pop(0)
        return web.json_response({"code": "fault", "title": "Ошибка"}, status=status, headers=headers)

    def _stranger(self, body: Json, bind: bool = False) -> web.Response | None:
        if self.epoch is None and bind:
            self.epoch, self.instance = body["epoch"], body["instance"]
        if body["epoch"] != self.epoch:
            return self._conflict("unknown_epoch")
        return None if body["instance"] == self.instance else self._conflict("other_instance")

    def _conflict(self, code: str) -> web.Response:
        body = {"code": code, "title": code, "last_accepted": self.last_accepted, "epoch": self.epoch}
        return web.json_response(body, status=409)
