"""Troubles that can be switched on: each a kind, a share of calls, a method pattern and a count."""

import random
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

When = Literal["before", "after", "mode", "entry", "token", "event"]


@dataclass(frozen=True)
class Kind:
    """`when`: before the work is done (nothing has happened), after it (it is done), a changed behaviour, how the
    application is opened and its user is asked for, its tokens, or what becomes of an event."""

    when: When
    title: str
    note: str


KINDS: dict[str, Kind] = {
    "drop": Kind("after", "Обрыв связи после записи", "Портал выполнил вызов и закрыл соединение без ответа"),
    "delay": Kind("after", "Ответ с опозданием", "Вызов выполнен, ответ задержан на указанные секунды"),
    "http_500": Kind("after", "500 после записи", "Вызов выполнен, вместо ответа страница ошибки 500"),
    "http_502": Kind("after", "502 после записи", "Вызов выполнен, вместо ответа страница прокси 502"),
    "http_504": Kind("after", "504 после записи", "Вызов выполнен, прокси не дождался ответа: страница 504"),
    "truncated": Kind("after", "Оборванный JSON", "Вызов выполнен, статус 200, тело обрезано посередине"),
    "no_time": Kind("after", "Ответ без time", "Вызов выполнен, в ответе нет блока time"),
    "http_500_before": Kind("before", "500 без записи", "Страница ошибки 500, вызов не выполнялся"),
    "error_200": Kind("before", "Ошибка со статусом 200", "Тело с error при статусе 200, вызов не выполнялся"),
    "query_limit": Kind("before", "503: слишком много запросов", "QUERY_LIMIT_EXCEEDED, вызов не выполнялся"),
    "operation_limit": Kind("before", "429: время метода исчерпано", "OPERATION_TIME_LIMIT для одного метода"),
    "overload": Kind("before", "503: блокировка за перегрузку", "OVERLOAD_LIMIT, снимает только поддержка"),
    "v3_off": Kind("before", "REST v3 недоступен", "Вызовы /rest/api/ отвечают 404 METHODNOTFOUND"),
    "webhook_revoked": Kind("before", "Вебхук отозван", "401 NO_AUTH_FOUND на любой вызов"),
    "tariff_lapsed": Kind("before", "Тариф закончился", "403 ACCESS_DENIED: REST только на платных тарифах"),
    "portal_deleted": Kind("before", "Портал удалён", "PORTAL_DELETED на любой вызов"),
    "filter_ignored": Kind("mode", "Фильтр не действует", "tasks.task.list отдаёт все задачи, а не найденные"),
    "start_ignored": Kind("mode", "start не действует в пакете", "Список внутри batch всегда с начала"),
    "disk_slow": Kind(
        "mode", "Диск медлит и отказывает", "disk.* от 0,08 с до указанных секунд (иначе до 3,5 с), 5 % отказов 503"
    ),
    "duplicate": Kind("mode", "Двойник задачи", "После создания кто-то заводит вторую с тем же XML_ID"),
    "open_expired": Kind("entry", "Просроченный AUTH_ID", "Приложение открывается с ключом, срок которого вышел"),
    "open_other_app": Kind("entry", "AUTH_ID другого приложения", "Ключ этого же портала, но выданный не нам"),
    "open_other_member": Kind(
        "entry", "Ключ другого портала", "member_id и домен чужие, в форме и у сервера авторизации"
    ),
    "open_forged_domain": Kind("entry", "Поддельный DOMAIN", "В адресе чужой портал; обращаться к нему нельзя"),
    "open_same_token": Kind("entry", "Тот же AUTH_ID ещё раз", "Портал повторяет ключ прошлого открытия"),
    "auth_down": Kind("entry", "Сервер авторизации недоступен", "app.info обрывает связь без ответа"),
    "auth_slow": Kind("entry", "Сервер авторизации медлит", "app.info отвечает через указанные секунды"),
    "refresh_down": Kind("token", "Ключи не обновляются", "Сервер авторизации обрывает связь, ключи прежние"),
    "refresh_slow": Kind("token", "Ключи обновляются долго", "Новая пара ключей через указанные секунды"),
    "refresh_lost": Kind("token", "Ответ с ключами потерян", "Ключи заменены, ответа нет: старый уже не примут"),
    "token_expired": Kind("token", "Ключ истёк", "401 expired_token раньше срока, вызов не выполнялся"),
    "token_expired_inside": Kind("token", "Ключ истёк посреди пакета", "Команды пакета после первой: expired_token"),
    "event_dropped": Kind("event", "Событие потеряно", "Обработчик о нём не узнает"),
    "event_duplicated": Kind("event", "Событие дважды", "Одно и то же событие приходит два раза"),
    "event_reordered": Kind("event", "События не по порядку", "Событие приходит после следующего за ним"),
    "event_delayed": Kind("event", "Событие с опозданием", "Через указанные секунды по часам портала"),
    "event_forged": Kind("event", "Поддельное событие", "Перед настоящим такое же с чужим application_token"),
}


@dataclass
class Fault:
    """`share` of the matching calls, `left` of them (None: no end); `method` is a pattern as `tasks.*`."""

    kind: str
    share: float = 1.0
    method: str = "*"
    left: int | None = None
    seconds: float = 0.0
    hits: int = 0

    def fits(self, methods: Iterable[str]) -> bool:
        return any(fnmatchcase(method, self.method) for method in methods)


class Faults:
    """The faults switched on now. One of a kind per method pattern."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._on: list[Fault] = []

    def set(
        self,
        kind: str,
        *,
        share: float = 1.0,
        method: str = "*",
        count: int | None = None,
        seconds: float = 0.0,
    ) -> Fault:
        """Switch on, replacing the same kind for the same pattern. ValueError for what cannot be."""
        if kind not in KINDS:
            raise ValueError(f"неизвестный сбой: {kind}")
        if not 0 <= share <= 1 or seconds < 0 or (count is not None and count < 0):
            raise ValueError("доля от 0 до 1, секунды и число раз не меньше нуля")
        pattern = method.lower() or "*"
        self.clear(kind, pattern)
        fault = Fault(kind, share, pattern, count, seconds)
        self._on.append(fault)
        return fault

    def clear(self, kind: str | None = None, method: str | None = None) -> None:
        """Switch off a kind (for one pattern), or everything."""
        self._on = [
            fault for fault in self._on if (kind not in (None, fault.kind)) or (method not in (None, fault.method))
        ]

    def strikes(self, kind: str, *methods: str) -> Fault | None:
        """Throw the dice for one call; a hit is counted and uses up `left`."""
        for fault in self._on:
            if fault.kind != kind or fault.left == 0 or not fault.fits(methods):
                continue
            if self._rng.random() < fault.share:
                fault.hits += 1
                fault.left = None if fault.left is None else fault.left - 1
                return fault
        return None

    def rows(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self._on]
