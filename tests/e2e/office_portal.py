"""A portal of Bitrix24 for the office's pages, with all that can stand out in it; and alarms."""

from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]
URL = "https://ural-dom.bitrix24.example"


def ago(seconds: float) -> str:
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()


def an_alarm(code: str = "portal_overload", level: str = "red", **more: Any) -> Json:
    return {
        "code": code, "subject": "", "level": level, "since": ago(1500),
        "title": "Битрикс24 закрыл доступ из-за нагрузки",
        "text": "Сотрудники Битрикс24 остановили REST портала (OVERLOAD_LIMIT). Само это не проходит.",
        "todo": "Найдите, что ещё обращается к порталу с этого адреса, и напишите в поддержку Битрикс24.", **more,
    }  # fmt: skip


def a_line(key: str, state: str, title: str, text: str = "") -> Json:
    return {"key": key, "state": state, "title": title, "text": text}


def a_check(**more: Any) -> Json:
    return {"at": ago(120), "by": "Анна Кузнецова", "lines": [
        a_line("address", "ok", "Адрес портала"),
        a_line("scope", "wrong", "Права", "Нет права «Диск» (disk): фотографии не попадут в задачи. Добавьте его в "
                                         "карточке приложения и установите приложение снова."),
        a_line("couriers", "warn", "Курьеры", "Без пользователя: Ринат Ахметов."),
        a_line("clock", "skip", "Часы"),
    ], **more}  # fmt: skip


def a_method(method: str, operating_s: float | None, **more: Any) -> Json:
    return {
        "method": method, "calls": 18_204, "refused": 0, "operating_s": operating_s, "limit_s": 480.0,
        "learned": False, "reset_at": ago(-240), "rests_s": 0.0, "why": "", "code": "", "at": ago(3), **more,
    }  # fmt: skip


def a_portal(**more: Any) -> Json:
    return {
        "url": URL, "standing": "overload", "why": "Битрикс24 закрыл доступ из-за нагрузки: нужна его поддержка",
        "stopped_at": ago(1500), "ok_at": ago(1502),
        "access": {
            "way": "application", "user": 1, "user_name": "Анна Кузнецова", "application": True, "state": "installed",
            "why": "", "scope": ["im", "sonet_group", "task", "tasks", "user"], "installed_at": ago(86_400 * 160),
            "renewed_at": ago(86_400 * 155), "days_left": 24,
        },
        "limits": {"rate": 1.6, "configured": 5.0, "burst": 45.0, "free": 3.4, "refused": 1204, "slowed_at": ago(700)},
        "queue": [
            {"method": "notice.put", "waiting": 3, "dead": 0, "doubt": 0, "oldest_s": 40.0},
            {"method": "photos.put", "waiting": 12_406, "dead": 2, "doubt": 5, "oldest_s": 5400.0},
        ],
        "methods": [
            a_method("tasks.task.add", 441.0, rests_s=212.0, why="время метода почти исчерпано", refused=7),
            a_method("tasks.task.chat.message.send", 372.0, limit_s=420.0, learned=True, code="operation_time_limit"),
            a_method("tasks.task.list", 12.4), a_method("im.notify.personal.add", None, code="access_denied"),
        ],
        "events": {"count": 40_218, "last_at": ago(12), "forged": 44, "last_forged_at": ago(90)},
        "watch": {
            "polled_at": ago(700), "failed_since": ago(640), "failure": "Битрикс24 закрыл доступ",
            "swept_at": ago(3000), "compared_at": ago(30_000),
        },
        "duplicates": [{
            "delivery": "de000000-0000-4000-8000-000000000001", "order_number": "ТД00-000123", "order_ref": None,
            "tasks": [105, 211], "kept": 105, "found_at": ago(4000),
        }],
        "check": a_check(), **more,
    }  # fmt: skip


class FakePortal:
    """portal: None = there is none. checked: how often somebody pressed."""

    def __init__(self) -> None:
        self.portal: Json | None = a_portal()
        self.alarms: list[Json] = []
        self.checked = 0

    def check(self) -> Json:
        self.checked += 1
        found = a_check(at=ago(0), lines=[a_line("address", "ok", "Адрес портала")])
        if self.portal:
            self.portal["check"] = found
        return found
