"""What the fake office shows of couriers: their phones, incidents, steps of a delivery, photos."""

import hashlib
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import segno
from PIL import Image, ImageDraw
from tests.e2e.office_data import KAZAN, MOSCOW, PETROV, SIDOROV, Json, ago

LONG_NAME = "Абдурахмангаджиев-Кржижановский Константин Аполлинарьевич"
URL = "https://posrednik.example/courier/#code=ABCD2345"


def a_device(token_id: str | None, agent: str, **changes: Any) -> Json:
    return {
        "device": f"phone-{token_id}", "entry": "code", "agent": agent, "app_version": "0.1.0", "unsent": 0,
        "last_seq": 41, "missing": 0, "first_at": ago(900_000), "last_at": ago(240), "expires_at": ago(-7_000_000),
        "revoked": False, "token_id": token_id,
    } | changes  # fmt: skip


def a_courier(who: Json, *devices: Json, **changes: Any) -> Json:
    return {
        "ref": who["ref"], "name": who["name"], "phone": "+7 912 ***-**-89", "active": True, "division": MOSCOW,
        "bitrix24_user": "17", "devices": list(devices),
    } | changes  # fmt: skip


def couriers() -> list[Json]:
    inactive = a_courier({"ref": "c5", "name": "Яковлев Олег"}, a_device("t9", "Android, Chrome", revoked=True))
    return [
        a_courier({"ref": "c3", "name": LONG_NAME}, division=KAZAN, phone="", bitrix24_user=None),
        inactive | {"active": False},
        a_courier(
            PETROV,
            a_device("t1", "Android, Chrome", unsent=3, missing=2, last_at=ago(5400)),
            a_device("t2", "iPhone, Safari", revoked=True, last_at=ago(700_000)),
        ),
        a_courier(SIDOROV, a_device("t3", "Android, Битрикс24", entry="portal", expires_at=ago(-30_000))),
        a_courier({"ref": "c4", "name": "Фёдоров Артём"},
                  a_device("t4", "", device="", entry="token", app_version="", unsent=None)),
    ]  # fmt: skip


def login_code(lives_s: float) -> Json:
    return {
        "code": "ABCD2345", "expires_at": (datetime.now(UTC) + timedelta(seconds=lives_s)).isoformat(), "url": URL,
        "qr": [list(row) for row in segno.make(URL, error="m", micro=False).matrix],
    }  # fmt: skip


def an_incident(n: int, kind: str, title: str, severity: str, **changes: Any) -> Json:
    return {
        "id": f"0199-i{n}", "kind": kind, "title": title, "severity": severity, "state": "open",
        "what": "", "why": "", "suggestion": "", "order_number": "000-000135", "order_ref": "ref-135",
        "delivery_id": "0199-135", "courier": {k: PETROV[k] for k in ("ref", "name")}, "division": MOSCOW,
        "raised_at": ago(3600 * n), "last_at": ago(600 * n), "times": 1, "news": [], "moves": [],
        "together": kind == "far_from_address", "decision": None,
        "decided_by": None, "decided_at": None, "reason": None,
    } | changes  # fmt: skip


def incidents() -> list[Json]:
    return [
        an_incident(
            1, "far_from_address", "Далеко от адреса", "warning", times=3,
            what="Заказ 000-000135: «Отдал» отмечено в 640 м от адреса. Курьер Петров Иван.",
            why="640 м от адреса, точность 12 м, допустимо 200 м.",
            suggestion="Посмотрите фото и спросите курьера: координаты адреса и место по телефону бывают неточными.",
            news=[{"at": ago(600), "what": "Заказ 000-000135: «Отдал» отмечено в 615 м от адреса."}],
        ),
        an_incident(
            2, "amount_mismatch", "Взята другая сумма", "warning", order_number="000-000136", delivery_id="0199-136",
            what="По заказу 000-000136 взято 2 000 ₽, а к получению 2 280 ₽.",
            why="Сумма не менялась, курьер видел её.",
            suggestion="Проверьте причину; примите взятую сумму или разберите разницу с курьером.",
            courier={k: SIDOROV[k] for k in ("ref", "name")},
        ),
        an_incident(
            3, "handed_over_twice", "Вручён дважды", "alarm", order_number="000-000138", delivery_id="0199-138",
            what=f"Заказ 000-000138 отмечен вручённым второй раз. Первый раз его отдал {LONG_NAME}.",
            why="Первое вручение 13:20, второе 15:02 другим курьером.",
            suggestion="Выясните, кто отдал товар: деньги второго вручения уже записаны на него.",
            courier={"ref": "c3", "name": LONG_NAME}, division=KAZAN,
        ),
        an_incident(
            4, "sequence_gap", "Записи телефона не дошли", "warning", order_number=None, order_ref=None,
            delivery_id=None, what="От телефона курьера Петров Иван не дошли записи с номерами 39, 40.",
            why="Последняя принятая запись 41, эти номера были раньше.",
            suggestion="Попросите курьера открыть приложение со связью; ничего не удаляйте на телефоне.",
        ),
        an_incident(
            5, "dark_photo", "Тёмное фото", "notice", order_number="000-000137", delivery_id="0199-137",
            state="decided", what="Фото к заказу 000-000137 тёмное, на нём может быть ничего не видно.",
            why="Средняя яркость снимка 7 из 100.", suggestion="Откройте фото.", decision="explained",
            decided_by="Анна Кузнецова", decided_at=ago(1200), reason="В подъезде не было света, товар виден.",
        ),
    ]  # fmt: skip


def a_photo(text: str, size: tuple[int, int] = (640, 480)) -> tuple[str, bytes]:
    """Its SHA-256 and a JPEG that says what it is."""
    image = Image.new("RGB", size, (176, 190, 204))
    ImageDraw.Draw(image).text((20, 20), text, fill=(30, 40, 50))
    kept = io.BytesIO()
    image.save(kept, "JPEG")
    return hashlib.sha256(kept.getvalue()).hexdigest(), kept.getvalue()


DOOR, GOODS = a_photo("door"), a_photo("goods", (480, 640))
COMING = "f" * 64


def _links(sha256: str) -> Json:
    path = f"/api/v1/photos/{sha256}?until=1&sign=fake&size="
    return {"sha256": sha256, "arrived": True, "small": f"{path}small", "full": f"{path}full"}


def a_phone_step(at: float, action: str, title: str, **changes: Any) -> Json:
    return {
        "event_id": f"e-{action}-{at}", "action": action, "title": title, "state": "accepted",
        "courier": {k: PETROV[k] for k in ("ref", "name")}, "at_device": ago(at), "occurred_at": ago(at),
        "received_at": ago(at - 2), "distance_m": None, "accuracy_m": None, "geo_error": None, "photos": [],
        "flags": [], "code": "", "message": "",
    } | changes  # fmt: skip


def phone_steps(one: Json) -> list[Json]:
    if one["id"] != "0199-135":
        return []
    far = {
        "kind": "far_from_address", "what": "«Отдал» отмечено в 640 м от адреса.",
        "why": "640 м от адреса, точность 12 м, допустимо 200 м.",
    }  # fmt: skip
    doubt = "«Не вручил» не записано: заказ 000-000135 уже вручён. Если товар вернули, оформите возврат."
    return [
        a_phone_step(9000, "pick_up", "Забрал", geo_error="denied"),
        a_phone_step(8000, "depart", "В пути", distance_m=5240, accuracy_m=30),
        a_phone_step(
            7000, "hand_over", "Отдал", received_at=ago(1300), distance_m=640, accuracy_m=12, at_device=ago(7600),
            photos=[_links(DOOR[0]), _links(GOODS[0]), {"sha256": COMING, "arrived": False}], flags=[far],
        ),
        a_phone_step(1500, "not_deliver", "Не вручил", state="rejected", code="already_handed_over", message=doubt,
                     distance_m=18, accuracy_m=9),
    ]  # fmt: skip
