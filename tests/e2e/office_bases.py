"""Bases of 1C for the office's pages: one of each kind that a page must tell apart, and a load that obeys."""

from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]
TRADE, OLD, NEW, SILENT, RESTORED = (f"b0000000-0000-4000-8000-00000000000{n}" for n in range(1, 6))
LONG = "Управление торговлей 11.5, розничная сеть «Уютный дом и сад», центральный распределительный узел (Екатеринбург)"
PRODUCT = "f7a1c0de-3b2f-4c55-9d6e-0c54f0a1b2c3"
NOTHING: Json = {"count": 0, "more": False}


def ago(seconds: float) -> str:
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()


def count(n: int, *, more: bool = False) -> Json:
    return {"count": n, "more": more}


def kinds(**numbers: int) -> list[Json]:
    return [
        {"kind": kind, "present": n, "deleted": n // 400, "changed_at": ago(60 * (i + 1) ** 3)}
        for i, (kind, n) in enumerate(numbers.items())
    ]


def a_base(id: str, name: str, **more: Any) -> Json:
    return {
        "id": id, "name": name, "time_zone": "Europe/Moscow", "mode": "pull", "encoding": "json",
        "epoch": "6c0d9f5e-2c52-4a8b-9f0e-0d8a0a3f1c11", "epoch_no": 1, "epoch_at": ago(86_400 * 40),
        "epoch_reason": "", "instance": 'Srvr="app-1c-01";Ref="ut11_prod";', "last_accepted": 104_233,
        "heard_at": ago(2),
        "message_at": ago(47), "gaps": [], "missing": 0, "silent": False, "restored": None,
        "objects": {"counted_at": ago(1), "kinds": kinds(order=18_204, product=9_310, counterparty=4_020, stock=2_100)},
        "waiting": {"objects": NOTHING, "commands": NOTHING, "oldest_at": None}, "quarantined": NOTHING,
        "outgoing": {"waiting": 0, "given": 0, "dead": 0, "oldest_s": None, "state": "open", "why": ""},
        "load": None, "loadable": False, **more,
    }  # fmt: skip


def a_set(kind: str, state: str, done: int, total: int | None, **more: Any) -> Json:
    checked = done if state == "checked" else None
    return {"kind": kind, "state": state, "done": done, "total": total, "bad": 0, "theirs": checked, "ours": checked,
            "differing": 0, **more}  # fmt: skip


def a_load(base: str, state: str = "running", **more: Any) -> Json:
    return {
        "id": 1, "base": base, "state": state, "kind": "order", "done": 312_400, "total": 1_002_318, "bad": 14,
        "rate": 1240.4 if state == "running" else 0.0, "left_s": 556.3 if state == "running" else None,
        "reads": state == "running", "asked_by": "Анна Кузнецова", "started_at": ago(260), "finished_at": None,
        "errors": ["Поле «ИШ_Домофон» в Document_ЗаказКлиента не опубликовано: значение останется пустым."],
        "sets": [
            a_set("division", "read", 12, 12), a_set("warehouse", "read", 38, 38),
            a_set("product", "read", 96_310, 96_310, bad=11), a_set("counterparty", "read", 84_040, 84_040),
            a_set("order", "waiting", 132_000, 640_918, bad=3), a_set("shipment", "waiting", 0, 181_000),
        ], **more,
    }  # fmt: skip


def a_done_load(base: str, *, differs: bool = False) -> Json:
    sets = [
        a_set("division", "checked", 12, 12),
        a_set("product", "checked", 9_310, 9_310, **({"differing": 2, "ours": 9_308} if differs else {})),
        a_set("order", "checked", 18_204, 18_204, **({"differing": 3} if differs else {})),
    ]
    return a_load(base, "done", done=27_526, total=27_526, bad=0, kind=None, sets=sets, errors=[],
                  started_at=ago(4_000), finished_at=ago(3_300))  # fmt: skip


FAULT = (
    "1С не отдаёт Document_ЗаказКлиента: «Недостаточно прав: пользователь «Обмен OData», роль «Чтение заказов»»"
    " (HTTP 500), восемь попыток."
)


def every_case() -> list[Json]:
    """In the order of their names, as the service tells them."""
    busy = {"waiting": 8, "given": 3, "dead": 0, "oldest_s": 842.0, "state": "open", "why": ""}
    waits = {"objects": count(1_240), "commands": count(2), "oldest_at": ago(3 * 3600)}
    lost = {
        "at": ago(5_400),
        "reason": "восстановлена копия за вчера",
        "lost": 4,
        "compared": 18,
        "agreed": 15,
        "over": False,
    }
    million = {"order": 640_918, "product": 96_310, "counterparty": 84_040, "shipment": 181_000, "warehouse": 38,
               "division": 12, "price": 0}  # fmt: skip
    return [
        a_base(TRADE, LONG, waiting=waits, quarantined=count(14), outgoing=busy, loadable=True, load=a_load(TRADE),
               objects={"counted_at": ago(190), "kinds": kinds(**million)}),
        a_base(OLD, "УТ 10.3, старая", encoding="xml", mode="push", loadable=True, heard_at=ago(130),
               load=a_load(OLD, "failed", errors=[*a_load(OLD)["errors"], FAULT])),
        a_base(NEW, "Новая база", epoch=None, epoch_no=0, epoch_at=None, instance=None, last_accepted=None,
               loadable=True, heard_at=None, message_at=None, objects={"counted_at": ago(1), "kinds": []}),
        a_base(SILENT, "Склад на Сибирском тракте", silent=True, heard_at=ago(27 * 3600), message_at=ago(28 * 3600),
               gaps=[[1041, 1042], [1050, 1050]], missing=3, outgoing={**busy, "dead": 2}, loadable=True,
               load=a_load(SILENT, "stopped", bad=0)),
        a_base(RESTORED, "Розница после восстановления", restored=lost, epoch_no=3, epoch_reason="restore",
               loadable=True, epoch_at=ago(5_400), objects=None, load=a_done_load(RESTORED, differs=True),
               waiting={**waits, "objects": count(10_000, more=True), "commands": NOTHING}),
    ]  # fmt: skip


def need(kind: str, ref: str, name: str = "", state: str = "absent") -> Json:
    return {"kind": kind, "ref": ref, "name": name, "state": state}


GOODS = "Термос стальной с двойными стенками и чехлом из неопрена, 1 литр, цвет «антрацит»"


def waiting(after: str | None) -> Json:
    first = 51 if after else 1
    return {
        "objects": [
            {"kind": "order", "ref": f"e0000000-0000-4000-8000-{first + i:012}", "name": f"ТД00-{124 + first + i:06}",
             "since": ago(10_800 - 60 * i), "number": None if i == 1 else 104_100 + i,
             "needs_count": 9 if i == 2 else 1,
             "needs": [need("product", PRODUCT, GOODS, "quarantined" if i == 2 else "absent")]}
            for i in range(3)
        ],
        "commands": [{"id": PRODUCT, "type": "delivery.ready", "order": "e0000000-0000-4000-8000-000000000125",
                      "since": ago(700), "by": "Мария Абдурахмангаджиева"}],
        "wanted": [
            {**need("product", PRODUCT, GOODS), "count": count(1_000, more=True), "since": None},
            {**need("product", "f8" + PRODUCT[2:], "", "quarantined"), "count": count(12), "since": ago(8_000)},
            {**need("order", "e0000000-0000-4000-8000-000000000125", "ТД00-000125", "waiting"), "count": count(1),
             "since": ago(700)},
            {**need("warehouse", "a1" + PRODUCT[2:]), "count": count(3), "since": ago(60)},
        ],
        "most": True, "next": None if after else "next-page",
    }  # fmt: skip


def differing() -> list[Json]:
    def one(n: int, why: str) -> Json:
        return {"ref": f"f0000000-0000-4000-8000-{n:012}", "theirs": "AAAAAQAAAAA=", "ours": None, "why": why}

    return [
        {"kind": "division", "theirs": 12, "ours": 12, "differing": []},
        {"kind": "product", "theirs": 9_310, "ours": 9_308, "differing": [one(1, "missing"), one(2, "quarantined")]},
        {"kind": "order", "theirs": 18_204, "ours": 18_204,
         "differing": [one(3, "version"), one(4, "waiting"), one(5, "gone")]},
    ]  # fmt: skip


class FakeBases:
    """bases: what is told; `acts`: (base, action) of the buttons that were pressed."""

    def __init__(self) -> None:
        self.bases = every_case()
        self.acts: list[tuple[str, str]] = []

    def of(self, id: str) -> Json:
        return next(one for one in self.bases if one["id"] == id)

    def loads(self) -> Json:
        return {"loads": [{**a_done_load(RESTORED, differs=True), "sets": differing()}], "configured": []}

    def act(self, id: str, action: str) -> Json:
        self.acts.append((id, action))
        one = self.of(id)
        if action == "start":
            one["load"] = a_load(
                id, done=0, total=None, kind="division", rate=0.0, left_s=None, bad=0, errors=[], sets=[]
            )
        else:
            running = action == "resume"
            one["load"].update(state="running" if running else "stopped", reads=running, errors=[])
        load: Json = one["load"]
        return load
