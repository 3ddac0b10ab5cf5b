"""A small service behind the office's pages: the built files under /office/ and a pages API held in memory.

`python -m tests.e2e.fake_office` serves it for looking at the pages without a database (needs `npm run build` in web/).
"""

import contextlib
import hashlib
import json
import mimetypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from tests.e2e import office_bases
from tests.e2e import office_people as people
from tests.e2e.office_cash import FakeCash, Refused
from tests.e2e.office_data import (
    BASE,
    Json,
    a_card,
    board,
    dead_letters,
    exchange,
    first_deliveries,
    lanes,
    routes,
    steps_of,
    systems_of,
    whole,
)
from tests.e2e.office_portal import FakePortal
from tests.e2e.office_repair import FakeRepair

DIST = Path(__file__).parents[2] / "web" / "dist"
TOKEN = "person-1"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)
ALLOWED = {
    "ready": ["pick_up", "assign", "cancel"],
    "picked_up": ["depart", "hand_over", "not_deliver", "cancel"],
    "en_route": ["hand_over", "not_deliver", "cancel"],
    "handed_over": ["settle"],
    "not_delivered": ["retry", "give_back", "cancel"],
    "cancelled": ["give_back"],
}
BECOMES = {
    "pick_up": "picked_up", "depart": "en_route", "hand_over": "handed_over", "not_deliver": "not_delivered",
    "retry": "picked_up", "give_back": "returned", "settle": "settled", "cancel": "cancelled", "assign": "ready",
}  # fmt: skip


class Refusal(Exception):
    def __init__(self, status: int, code: str, title: str, detail: str, **more: list[str]) -> None:
        super().__init__(detail)
        self.body = {"status": status, "code": code, "title": title, "detail": detail, **more}


class FakeOffice:
    """State of the fake and what the tests may look at: `keys` of the actions, in order; `lost` answers to lose;
    `asked`, actions that need a photo; `sent`, photos that were put; `lives_s`, how long a login code lives."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.deliveries = {one["id"]: one for one in first_deliveries()}
        for one in self.deliveries.values():
            one["allowed"] = ALLOWED.get(one["stage"], [])
        self._mark()
        self.dead = dead_letters()
        self.repair = FakeRepair()
        self.cash, self.onec, self.portal = FakeCash(), office_bases.FakeBases(), FakePortal()
        self.couriers, self.incidents = people.couriers(), people.incidents()
        self.photos = dict([people.DOOR, people.GOODS])
        self.sent: list[str] = []
        self.shown: dict[str, list[str]] = {}
        self.asked: set[str] = set()
        self.lives_s = 600.0
        self.keys: list[str] = []
        self.answers: dict[str, Json] = {}
        self.lost = 0
        self.broken = False
        self.stopped = threading.Event()

    def _mark(self) -> None:
        handed, back = self.deliveries["0199-135"], self.deliveries["0199-140"]
        handed["photos"], handed["incidents"] = 2, 1
        back["claimed_back"] = [{"line": "1", "quantity": "1"}]
        for line in back["lines"]:
            line["carried"] = line["quantity"]

    def enter(self, ref: str, agent: str) -> None:
        """The courier's phone uses the code."""
        courier = next(one for one in self.couriers if one["ref"] == ref)
        courier["devices"].insert(0, people.a_device("t-new", agent, last_at=ago(0)))

    def revoke(self, token_id: str) -> Json:
        for device in (device for one in self.couriers for device in one["devices"]):
            if device["token_id"] == token_id:
                device["revoked"] = True
        return {"revoked": True, "courier": ""}

    def chosen_incidents(self, query: Json) -> Json:
        state = query.get("state", "open")
        found = [
            one for one in self.incidents
            if state in ("all", one["state"]) and query.get("delivery") in (None, one["delivery_id"])
            and query.get("courier") in (None, (one["courier"] or {}).get("ref"))
            and query.get("kind") in (None, one["kind"])
        ]  # fmt: skip
        still = sum(one["state"] == "open" for one in self.incidents)
        return {"incidents": found[: int(query.get("limit", 100))], "open": still}

    def decide(self, incident_id: str, body: Json) -> Json:
        one = next(one for one in self.incidents if one["id"] == incident_id)
        if one["state"] == "decided":
            detail = f"По этому случаю уже решили: {one['decided_by']}. Ваше решение не записано. Обновите страницу."
            raise Refusal(422, "already_decided", "Правило говорит «нет»", detail)
        one.update(body, state="decided", decided_by="Анна Кузнецова", decided_at=ago(0))
        return one

    def put(self, sha256: str, data: bytes, kind: str | None) -> Json:
        if kind != "image/jpeg" or hashlib.sha256(data).hexdigest() != sha256 or data[:2] != b"\xff\xd8":
            raise Refusal(422, "photo_mismatch", "Правило говорит «нет»", "Фото дошло не таким, каким его сделали.")
        self.photos[sha256] = data
        self.sent.append(sha256)
        return {"sha256": sha256, "bytes": len(data), "width": 1, "height": 1}

    def act(self, delivery_id: str, body: Json, key: str) -> Json:
        if key in self.answers:
            return self.answers[key]
        one = self.deliveries[delivery_id]
        if body["action"] not in one["allowed"]:
            raise Refusal(422, "stage_jump", "Так сейчас нельзя", f"Заказ {one['order_number']} уже на другой стадии.")
        self._prove(one, body)
        contradictions = self._hand_over(one, body) if body["action"] == "hand_over" else []
        if body["action"] == "not_deliver":
            one["reason"], one["next_date"] = body["reason"], body.get("next_date")
        if body["action"] == "assign":
            one["courier"] = next(c for c in board()["couriers"] if c["ref"] == body["courier"])
        one["stage"] = BECOMES[body["action"]]
        one["version"] += 1
        one["allowed"] = ALLOWED.get(one["stage"], [])
        self.answers[key] = {"delivery": dict(one), "already": False, "contradictions": contradictions}
        return self.answers[key]

    def comment(self, delivery_id: str, text: str) -> Json:
        said = {"id": f"c{len(self.answers)}", "at": ago(0), "author": "Анна Кузнецова", "text": text}
        self.deliveries[delivery_id].setdefault("comments", []).append(said)
        return said

    def _prove(self, one: Json, body: Json) -> None:
        given = body.get("photos", [])
        if body["action"] in self.asked and not given:
            detail = "Шаг не записан: не хватает обязательного (фото). Добавьте и повторите."
            raise Refusal(422, "proof_missing", "Правило говорит «нет»", detail, proofs=["photo"])
        if unknown := [sha256 for sha256 in given if sha256 not in self.sent]:
            raise Refusal(422, "photo_not_here", "Правило говорит «нет»", f"Фото нет на сервере: {unknown}.")
        self.shown.setdefault(one["id"], []).extend(given)

    def _hand_over(self, one: Json, body: Json) -> list[Json]:
        taken, due = body["amount_taken"], one["amount_due"]
        if float(taken) > 100_000:
            raise Refusal(422, "amount_not_a_number", "Сумма не принята", "Сумма больше возможной. Проверьте её.")
        one["amount_taken"], one["payment_method"] = taken, body["payment_method"]
        for line in one["lines"]:
            said = next((x["quantity"] for x in body["lines"] if x["line"] == line["line"]), line["quantity"])
            line["accepted"], line["refused"] = said, f"{float(line['quantity']) - float(said):g}"
        if taken == due:
            return []
        return [{
            "kind": "amount_mismatch",
            "what": f"По заказу {one['order_number']} взято {taken}, а к получению {due}.",
            "why": "Сумма не менялась, курьер видел её.",
            "suggestion": "Проверьте причину; примите взятую сумму или разберите разницу с курьером.",
        }]  # fmt: skip

    def way(self, q: str) -> Json:
        if q == "одинаковый":
            return {"found": [
                {"order_ref": "r1", "number": "000-500", "site_number": "91", "base": {"id": "b1", "name": "Торговля"}},
                {"order_ref": "r2", "number": "000-500", "site_number": None, "base": {"id": "b2", "name": "Склад"}},
            ]}  # fmt: skip
        one = next((d for d in self.deliveries.values() if q in _names(d)), None)
        if one is None:
            return {"found": []}
        order = {
            "ref": one["order_ref"], "number": one["order_number"], "site_number": one["site_number"], "base": BASE,
            "received_at": ago(3600), "message_number": 1043, "waiting_for": [], "quarantined": [],
        }  # fmt: skip
        way = {"order": order, "delivery": one, "systems": systems_of(one), "steps": steps_of(one)}
        return {"found": [_found(one)], "way": way}

    def replay(self, body: Json) -> Json:
        chosen = [d for d in self.dead if _fits(d, body)]
        if not body["dry_run"]:
            self.dead = [d for d in self.dead if d not in chosen]
        first = [{k: d[k] for k in ("destination", "key", "order_number")} for d in chosen[:5]]
        return {"count": len(chosen), "replayed": 0 if body["dry_run"] else len(chosen), "first": first}


def ago(seconds: float) -> str:
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()


def _names(one: Json) -> list[str]:
    return [one["id"], one["order_ref"], one["order_number"], one["site_number"]]


def _found(one: Json) -> Json:
    return {
        "order_ref": one["order_ref"],
        "number": one["order_number"],
        "site_number": one["site_number"],
        "base": BASE,
    }


def _fits(letter: Json, body: Json) -> bool:
    return all(body.get(k) in (None, letter[k]) for k in ("destination", "code", "lane_id", "seq"))


class Handler(BaseHTTPRequestHandler):
    office: FakeOffice
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Silence: a test's output is its own."""

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if path.startswith("/office/"):
            self._file(path)
        elif path == "/api/v1/board/stream" and not self.office.broken:
            self._stream()
        elif path.startswith("/api/v1/photos/") and "sign=" in self.path:
            data = self.office.photos.get(path.rpartition("/")[2], b"")
            self._answer(200 if data else 404, data, "image/jpeg")
        else:
            self._api(path, {})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"] or 0)) or b"{}")
        self._api(unquote(urlsplit(self.path).path), body)

    def do_DELETE(self) -> None:
        self._api(urlsplit(self.path).path, {})

    def do_PUT(self) -> None:
        path, data = urlsplit(self.path).path, self.rfile.read(int(self.headers["content-length"] or 0))
        self._api(path, {"sha256": path.rpartition("/")[2], "data": data, "kind": self.headers["content-type"]})

    def _stream(self) -> None:
        """Changes of the deliveries as server-sent events, looked for a few times a second."""
        if self.headers["authorization"] != f"Bearer {TOKEN}":
            self._problem({"status": 401, "code": "unauthorized", "title": "", "detail": ""})
            return
        self.close_connection = True
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        known = self._cards()
        self._tell("hello", {"cursor": "1:1:"})
        with contextlib.suppress(OSError):
            while not self.office.broken and not self.office.stopped.wait(0.2):
                now = self._cards()
                for id, card in now.items():
                    if card != known.get(id):
                        self._tell("card", {"id": id, "version": 1, "changed_at": ago(0), "card": json.loads(card)})
                known = now
                self._tell("beat", {})

    def _cards(self) -> dict[str, str]:
        steady = {"since": None, "changed_at": ago(0)[:10]}
        with self.office.lock:
            return {id: json.dumps(a_card(one) | steady) for id, one in self.office.deliveries.items()}

    def _tell(self, event: str, data: Json) -> None:
        self.wfile.write(f"event: {event}\ndata: {json.dumps(data)}\n\n".encode())
        self.wfile.flush()

    def _file(self, path: str) -> None:
        file = DIST / path.lstrip("/") / ("index.html" if path.endswith("/") else "")
        if not file.is_file():
            self._answer(404, b"", "text/plain")
            return
        self._answer(200, file.read_bytes(), mimetypes.guess_type(file.name)[0] or "application/octet-stream")

    def _api(self, path: str, body: Json) -> None:
        if self.office.broken:
            self._problem({"status": 503, "code": "unavailable", "title": "", "detail": ""})
        elif self.headers["authorization"] != f"Bearer {TOKEN}":
            self._problem({"status": 401, "code": "unauthorized", "title": "", "detail": ""})
        else:
            with self.office.lock:
                self._say(path, body)

    def _say(self, path: str, body: Json) -> None:
        try:
            told = self._told(path.removeprefix("/api/v1/"), body)
        except Refusal as refusal:
            self._problem(refusal.body)
            return
        except Refused as no:
            self._problem({"status": no.status, "code": no.code, "title": "", "detail": no.detail})
            return
        if self.command == "POST" and self.office.lost:
            self.office.lost -= 1
            self.close_connection = True  # done, and the answer is lost on the way
            return
        self._answer(200, json.dumps(told).encode(), "application/json")

    def _told(self, path: str, body: Json) -> Json:
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        office = self.office
        if path.startswith("board/deliveries/"):
            return self._delivery(path.split("/")[2:], body)
        match path.split("/"):
            case ["board", "cash", *rest]:
                return office.cash.cash(rest, body, self.headers["idempotency-key"])
            case ["board", "backpacks", *rest]:
                return office.cash.goods(rest, body, self.headers["idempotency-key"])
            case ["photos", _]:
                return office.put(**body)
            case ["board", "couriers", _, "login-codes"]:
                return people.login_code(office.lives_s)
            case ["board", "devices", token_id, "revoke"]:
                return office.revoke(token_id)
            case ["admin", "bases", _, "waiting"]:
                return office_bases.waiting(query.get("after"))
            case ["admin", "loads", base]:
                return office.onec.act(base, body["action"])
            case ["board", "incidents", incident_id, "decide"]:
                return office.decide(incident_id, body)
        if path.startswith("admin/"):
            repair = office.repair.told(path.split("/")[1:], query, body, self.command)
            if repair is not None:
                return repair
        answers: dict[str, Callable[[], Json]] = {
            "board/me": lambda: {"name": "Анна Кузнецова"},
            "board/deliveries": lambda: board(list(office.deliveries.values()), query),
            "board/couriers": lambda: {"couriers": office.couriers},
            "board/incidents": lambda: office.chosen_incidents(query),
            "board/way": lambda: office.way(query["q"]),
            "admin/exchange": lambda: exchange(len(office.dead)),
            "admin/bases": lambda: {"bases": office.onec.bases, "address": "https://posrednik.example"},
            "admin/loads": office.onec.loads,
            "admin/alarms": lambda: {"alarms": office.portal.alarms},
            "admin/portal": lambda: {"portal": office.portal.portal},
            "admin/portal/check": office.portal.check,
            "admin/dead": lambda: {"dead": office.dead},
            "admin/lanes": lambda: {"lanes": lanes()},
            "admin/routes": lambda: {"routes": routes()},
            "admin/replay": lambda: office.replay(body),
            "admin/skip": lambda: {"skipped": True},
        }
        return answers[path]()

    def _delivery(self, rest: list[str], body: Json) -> Json:
        if rest[0] not in self.office.deliveries:
            raise Refusal(404, "not_found", "Доставки нет", "Такой доставки нет. Вернитесь к доске.")
        if len(rest) == 1:
            return whole(self.office.deliveries[rest[0]])
        if rest[1] == "steps":
            return {"steps": people.phone_steps(self.office.deliveries[rest[0]])}
        key = self.headers["idempotency-key"]
        if rest[1] == "comments":
            return self.office.comment(rest[0], body["text"])
        self.office.keys.append(key)
        return self.office.act(rest[0], body, key)

    def _problem(self, body: Json) -> None:
        self._answer(body["status"], json.dumps(body).encode(), "application/problem+json")

    def _answer(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        self.send_header("content-security-policy", POLICY)
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def serving(port: int = 0) -> Iterator[tuple[str, FakeOffice]]:
    office = FakeOffice()
    handler = type("OfficeHandler", (Handler,), {"office": office})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", office
    finally:
        office.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()


def main() -> None:
    with serving(8123) as (url, _):
        print(f"{url}/office/#token={TOKEN}")
        threading.Event().wait()


if __name__ == "__main__":
    main()
