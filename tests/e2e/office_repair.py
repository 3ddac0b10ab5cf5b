"""What the fake office tells of quarantine, value maps and reconciliation. `state` of each: full, empty, running."""

from typing import Any

from tests.e2e.office_data import ago

Json = dict[str, Any]
DIVISION = "d0000000-0000-4000-8000-000000000001"
LONG_NAME = "Торговля оптовая и розничная, основная база филиала в Петропавловске-Камчатском (копия для сверки)"
LONG_VALUE = "Обособленное подразделение «Северо-Восточный административный округ», временный склад-магазин при цехе №4"


def unread(kind: str, code: str, field: str | None, value: str | None, **more: Any) -> Json:
    return {"base": "Торговля", "base_id": "b1", "kind": kind, "code": code, "message": f"поле «{field}» не читается",
            "field": field, "value": value, "expects": None, "refers": None, "may_map": False, **more}  # fmt: skip


def _reference(value: str, field: str, refers: str) -> Json:
    return unread("order", "unreadable_value", field, value, expects="guid", refers=refers, may_map=True)


WHY: list[Json] = [
    _reference("Центральный отдел", "division", "division"),
    {**_reference(LONG_VALUE, "warehouse", "warehouse"), "base": LONG_NAME, "base_id": "b2"},
    unread("order", "missing_field", "division", "", expects="guid", refers="division", may_map=True),
    unread("courier", "unreadable_value", "active", "работает", expects="flag", may_map=True),
    unread("order", "unreadable_value", "lines.quantity", "2 шт", expects="quantity", may_map=True),
    unread("salesdocument", "unknown_kind", "kind", "salesdocument"),
    unread("product", "unreadable_value", "name", None, expects="text"),
]
COUNTS = (1204, 38, 12, 7, 3, 2, 1)
FIELDS: Json = {
    "kinds": [
        {"kind": "order", "fields": [
            {"field": "division", "type": "guid", "refers": "division", "required": True, "values": []},
            {"field": "warehouse", "type": "guid", "refers": "warehouse", "required": False, "values": []},
            {"field": "payment_method", "type": "text", "refers": None, "required": False,
             "values": ["cash", "card", "transfer", "prepaid"]},
            {"field": "lines.quantity", "type": "quantity", "refers": None, "required": True, "values": []},
        ]},
        {"kind": "courier", "fields": [
            {"field": "active", "type": "flag", "refers": None, "required": True, "values": ["true", "false"]},
        ]},
    ]
}  # fmt: skip
CHOICES: list[Json] = [
    {"ref": DIVISION.replace("d", letter, 1), "name": name}
    for letter, name in (("d", "Центр"), ("e", "Север"), ("f", LONG_VALUE))
]


class FakeRepair:
    """State of these doors. `maps`: saved ones; `tries`: of a map, as they were asked."""

    def __init__(self) -> None:
        self.state = "full"
        self.started = False
        self.tries: list[Json] = []
        common = {"base": "b1", "base_name": "Торговля", "kind": "order", "by": "Анна Кузнецова", "at": ago(86_400)}
        self.maps: list[Json] = [
            {**common, "id": 1, "field": "division", "theirs": "Отдел", "ours": DIVISION, "ours_name": "Центр"},
            {**common, "id": 2, "field": "payment_method", "theirs": LONG_VALUE, "ours": "cash", "ours_name": None},
            {**common, "id": 3, "field": "division", "theirs": "", "ours": DIVISION, "ours_name": "Центр",
             "base_name": LONG_NAME},
        ]  # fmt: skip

    def told(self, way: list[str], query: Json, body: Json, method: str) -> Json | None:
        """The answer of a door under `admin/`, None = it is none of these."""
        match way:
            case ["quarantine"]:
                return {"objects": self.objects(query), "next": None}
            case ["quarantine", "reasons"]:
                return {"reasons": self.reasons(query), "more": False}
            case ["quarantine", "replay"]:
                return self.tried(4, done=not body["dry_run"])
            case ["quarantine", row]:
                one = self.objects({})[int(row) - 1]
                return {**one, "raw": {"kind": one["kind"], "ref": one["ref"], "data": {one["field"]: one["value"]}}}
            case ["value-maps"]:
                return self.mapped(body) if method == "POST" else {"maps": self.maps if self.state == "full" else []}
            case ["value-maps", "fields"]:
                return FIELDS
            case ["value-maps", "choices"]:
                wanted = query.get("q", "").lower()
                return {"choices": [one for one in CHOICES if wanted in one["name"].lower()]}
            case ["value-maps", row]:
                self.maps = [one for one in self.maps if one["id"] != int(row)]
                return {}
            case ["reconciliation", *rest]:
                return self.reconciliation(rest, body)
        return None

    # -- quarantine

    def reasons(self, query: Json) -> list[Json]:
        gone = {(one["kind"], one["field"], one["theirs"]) for one in self.maps}
        found = [
            {**one, "count": count, "first_at": ago(9 * 86_400), "last_at": ago(600)}
            for one, count in zip(WHY, COUNTS, strict=True)
            if (one["kind"], one["field"], one["value"]) not in gone
            and query.get("base", one["base_id"]) == one["base_id"]
        ]
        return found if self.state == "full" else []

    def objects(self, query: Json) -> list[Json]:
        if self.state != "full":
            return []
        rows = [
            {**one, "id": n + 1, "ref": f"5b1c1a52-7f0e-11ee-b962-0242ac1200{n:02}", "received_at": ago(600 * n + 60),
             "number": 1040 - n}
            for n, one in enumerate(WHY)
        ]  # fmt: skip
        return [row for row in rows if all(query.get(key, row[key]) == row[key] for key in ("kind", "field", "value"))]

    def tried(self, count: int, *, done: bool) -> Json:
        ends = ["applied", "waiting", "stale", "bad"]
        objects = [
            {"id": n, "kind": "order", "ref": f"5b1c1a52-7f0e-11ee-b962-0242ac1200{n:02}", "became": end,
             "code": "unreadable_value" if end == "bad" else "",
             "message": "поле «lines[0].quantity» не читается (not a number): '2 шт'" if end == "bad" else ""}
            for n, end in enumerate(ends)
        ]  # fmt: skip
        return {"count": count, "replayed": count if done else 0, "more": False, "objects": objects}

    def mapped(self, body: Json) -> Json:
        self.tries.append(body)
        if not body["dry_run"]:
            name = next((one["name"] for one in CHOICES if one["ref"] == body["ours"]), None)
            self.maps.append({**self.maps[0], **body, "id": 10 + len(self.maps), "ours_name": name, "at": ago(0)})
        return {**self.tried(1203, done=not body["dry_run"]), "id": None if body["dry_run"] else 9, "waited": 5}

    # -- reconciliation

    def reconciliation(self, rest: list[str], body: Json) -> Json:
        match rest:
            case ["runs"]:
                return {"runs": self.runs()}
            case ["runs", run_id]:
                one = next(one for one in self.runs() if one["id"] == run_id)
                return {**one, "found_count": one["found"], "found": found() if one["found"] else []}
            case ["start"]:
                self.started = True
                return {"run": "r0", "started": True}
            case ["ask"]:
                return {"asked": True}
        return {"bases": self.bases()}

    def bases(self) -> list[Json]:
        def one(kind: str, month: str, theirs: int, ours: int, equal: bool, asked: bool = False) -> Json:
            return {"kind": kind, "slice": month, "at": ago(3600), "theirs": theirs, "ours": ours, "equal": equal,
                    "asked": asked, "times": 14, "differed": 0 if equal else 3}  # fmt: skip

        never: Json = {"id": "b2", "name": LONG_NAME, "checked": 0, "agreeing": 0, "share": None, "lost": 0,
                       "last_at": None, "slices": []}  # fmt: skip
        if self.state == "empty":
            return []
        slices = [one("order", "2026-11", 12_408, 12_405, False, True), one("stock", "", 180_022, 180_022, False),
                  one("product", "", 41_870, 41_870, True)]  # fmt: skip
        full = {"id": "b1", "name": "Торговля", "checked": 234_300, "agreeing": 41_870, "share": 0.1787, "lost": 4,
                "last_at": ago(3600), "slices": slices}  # fmt: skip
        fine = {**full, "id": "b3", "name": "Склад", "share": 1.0, "lost": 0, "slices": slices[2:]}
        return [full, fine, never]

    def runs(self) -> list[Json]:
        def one(id: str, state: str, **more: Any) -> Json:
            return {
                "id": id, "base": "b1", "base_name": "Торговля", "state": state, "reason": "nightly", "by": "",
                "started_at": ago(30_000), "finished_at": None if state == "running" else ago(29_312), "slices": 38,
                "differed": 0, "objects": 1_000_000, "found": 0, "repaired": 0, "unknown": 0, "sample": None, **more,
                "agreeing": more.get("objects", 1_000_000) - more.get("found", 0),
            }  # fmt: skip

        sample = {
            "size": 400, "checked": 400, "agreed": 396, "share": 0.99, "low": 0.9746, "high": 0.9961,
            "fields": [{"kind": "order", "field": "recipient.phone", "count": 3},
                       {"kind": "product", "field": "", "count": 1}],
        }  # fmt: skip
        whole = {"size": 400, "checked": 400, "agreed": 400, "share": 1.0, "low": 0.9905, "high": 1.0, "fields": []}
        if self.state == "empty":
            return []
        running = one(
            "r0", "running", started_at=ago(42), reason="asked", by="Анна Кузнецова", objects=410_220, slices=11
        )
        waits = {**sample, "checked": 0, "agreed": 0, "share": None, "low": None, "high": None, "fields": []}
        return [
            *([{**running, "sample": waits}] if self.started or self.state == "running" else []),
            one("r1", "done", differed=2, found=100, repaired=97, unknown=2, sample=sample),
            one("r2", "late", started_at=ago(116_000), finished_at=ago(109_000), objects=612_000, slices=20, found=3,
                repaired=3),
            one("r3", "done", base="b3", base_name="Склад", objects=41_870, slices=4, sample=whole, reason="load"),
        ]  # fmt: skip


def found() -> list[Json]:
    whats = ("missing_here", "changed", "missing_there", "waiting", "quarantined", "sample")
    return [
        {"kind": "order" if n % 2 else "product", "ref": f"5b1c1a52-7f0e-11ee-b962-0242ac1300{n:02}",
         "name": LONG_VALUE if n == 3 else f"000-0001{n:02}", "what": whats[n % 6],
         "fields": ["recipient.phone", "lines.quantity"] if n % 6 == 5 else [],
         "repaired_at": ago(1000) if n % 2 else None}
        for n in range(14)
    ]  # fmt: skip
