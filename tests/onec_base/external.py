"""The emulated УТ 10.3 on the platform 8.2, whose exchange is the external processing of onec/external.

All that the processing remembers lies in items of a catalog; what the sandbox's pages show is copied from there after
each step. Nothing tells it of changes: it finds them, and until it has looked, what was written counts as waiting.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.bsl.platform import extra_ut103
from tests.bsl.platform.infobase import Infobase
from tests.bsl.values import Structure, to_python
from tests.onec.old_base import Processing, old_base, structure
from tests.onec_base.interpreted import CARD, IDLE_S, TICK_S, WAIT_S, InterpretedOnec

from posrednik_sandbox.onec.store import Store, now

Json = dict[str, Any]
NOTHING_TO_DO = 30
COMMAND = """
INSERT INTO command (id, type, order_ref, data, issued_at, issued_by, status, code, message, result, via)
VALUES (:id, :type, :object, :data, :at, :by, :status, :code, :message, :result, :via)
ON CONFLICT (id) DO UPDATE SET status = excluded.status, code = excluded.code, message = excluded.message,
    result = excluded.result, via = excluded.via
"""
EVENT = """
INSERT INTO event
    (id, number, type, subject_kind, subject_id, order_ref, version, occurred_at, body, applied_at, in_order)
VALUES (:id, :number, :type, :kind, :subject, :order, :version, :at, :body, :now, :version > (
    SELECT coalesce(max(version), 0) FROM event WHERE subject_kind = :kind AND subject_id = :subject))
ON CONFLICT (id) DO UPDATE SET number = excluded.number
"""
CARD_SQL = """
UPDATE order_card SET ready = :ready, stage = :stage, stage_version = :version, courier = coalesce(:courier, courier),
    delivery_price = coalesce(:price, delivery_price), amount_due = :amount WHERE ref = :ref
"""


class ExternalOnec(InterpretedOnec):
    """Of the faults it has only the held sender: that is what scenario 8 needs."""

    def __init__(self, path: Path, *args: Any, **options: Any) -> None:
        self._told: Mapping[str, str] = {}
        super().__init__(path, *args, **options)

    def infobase_at(self, path: Path) -> Infobase:
        empty = path.with_name("no-dump")
        empty.mkdir(exist_ok=True)
        return old_base(path, empty, connection=f'File="{path.parent}";', offset_h=self.offset_h)

    def told(self) -> Mapping[str, str]:
        return self._told

    def prepare(self, seed_number: int, orders: int, couriers: int = 0) -> None:
        """The base is filled; a person opens the processing and tells it where the service is."""
        super().prepare(seed_number, orders, couriers)
        window = self.open()
        told = {"АдресСервиса": self.posrednik, "ИдентификаторБазы": self.outbox.base_id, "Токен": self.token,
                "Кодировка": "windows-1251", "ДатаНачала": datetime(2026, 1, 1), "СтрокХешировать": 0}  # fmt: skip
        window.call("ЗаписатьНастройки", structure(told))
        window.close()

    # -- its jobs

    def open(self) -> Processing:
        return Processing(self.infobase)

    def send(self, window: Processing, first: bool) -> float:
        if self.switches.hold_sender:
            return IDLE_S
        seen = self._marks()
        pause = 0.0
        while not pause:
            pause = float(window.get("ШагОтправки"))
        self._copy(window)
        if pause == NOTHING_TO_DO and not any(self._told.values()):
            self._forget(seen)
        return min(TICK_S, pause)

    def receive(self, window: Processing, first: bool) -> float:
        pause = float(window.get("ШагПриема", WAIT_S))
        self._copy(window)
        return min(TICK_S, pause)

    def _marks(self) -> list[str]:
        store = Store(self.store.path)
        try:
            return [row["mark"] for row in store.rows("SELECT mark FROM dirty")]
        finally:
            store.close()

    def _forget(self, marks: list[str]) -> None:
        """Everything written before the processing has looked is sent."""
        store = Store(self.store.path)
        with store.tx():
            store.db.executemany("DELETE FROM dirty WHERE mark = ?", [(mark,) for mark in marks])
        store.close()

    # -- its people

    def pressed(self, window: Processing, kind: str, ref: str, extra: Json, card: Json) -> Json:
        attributes = Structure()
        for name, value in card.items():
            attributes.insert(CARD[name], _attribute(name, value))
        done: Json = window.get("Нажать", kind, ref, extra, attributes)
        self._copy(window)
        return done

    # -- what its pages show

    def _copy(self, window: Processing) -> None:
        """From the processing's items into the sandbox's tables."""
        state = window.get("Состояние")
        store = Store(self.store.path)
        try:
            with store.tx():
                commands = [to_python(one) for _, one in extra_ut103.items(self.infobase, "cmd")]
                for one in sorted(commands, key=lambda command: str(command["Позиция"])):
                    store.db.execute(COMMAND, _command(one))
                events = [to_python(one) for _, one in extra_ut103.items(self.infobase, "evt")]
                for one in sorted(events, key=lambda event: event["Номер"]):
                    store.db.execute(EVENT, _event(one))
                for name, one in extra_ut103.items(self.infobase, "obj"):
                    store.db.execute(CARD_SQL, _card(name, to_python(one)))
        finally:
            store.close()
        self._told = {name: state[name] for name in ("Остановлен", "ПоследняяОшибка", "ОшибкаПриема")}


def _attribute(name: str, value: Any) -> Any:
    if name == "ready":
        return bool(value)
    return value if name == "courier" or value is None else Decimal(str(value))


def _command(one: Json) -> Json:
    result = one["Результат"]
    return {
        "id": one["Идентификатор"], "type": one["Тип"],
        "object": one["Объект"], "data": _json(one["Данные"]), "at": one["МоментНажатия"], "by": one["Автор"],
        "status": one["Состояние"], "code": one["Код"] or None, "message": one["Сообщение"] or None,
        "result": None if result is None else _json(result), "via": one["Способ"] or None,
    }  # fmt: skip


def _event(one: Json) -> Json:
    body = {"data": one["Данные"], "subject": {"order_number": one["НомерЗаказа"]}}
    return {
        "id": one["Идентификатор"], "number": int(one["Номер"]), "type": one["Тип"], "kind": one["ВидПредмета"],
        "subject": one["Предмет"], "order": one["Заказ"] or None, "version": int(one["Версия"]),
        "at": one["МоментСобытия"], "body": _json(body), "now": now(),
    }  # fmt: skip


def _card(name: str, one: Json) -> Json:
    return {
        "ref": name.rpartition(".")[2], "ready": int(one["Готов"]), "stage": one["Стадия"] or None,
        "version": int(one["ВерсияСтадии"]), "courier": one["Курьер"] or None, "price": _money(one["ЦенаДоставки"]),
        "amount": _money(one["СуммаКПолучению"]),
    }  # fmt: skip


def _money(value: Any) -> str | None:
    return None if value in (None, "") else f"{Decimal(value):.2f}"


def _json(value: Any) -> str:
    return json.dumps(_read(value), ensure_ascii=False, default=_plain)


def _read(value: Any) -> Any:
    """In XML all values are texts; the pages look at truth."""
    if isinstance(value, dict):
        return {key: _read(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_read(one) for one in value]
    return value == "true" if value in ("true", "false") else value


def _plain(value: Any) -> Any:
    """What JSON has no word for."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)
