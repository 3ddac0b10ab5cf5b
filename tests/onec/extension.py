"""A base with the extension in it for tests of the protocol, and a service that records and answers as it is told."""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.bsl.platform.infobase import Infobase
from tests.bsl.values import KeyAndValue, Structure, to_bsl, to_python
from tests.onec import stand_ins

Json = dict[str, Any]
BASE = "7d0e9f2a-53f1-4c1e-9a55-0f4f8f3f1c01"
TOKEN = "token-of-the-base"
MESSAGES, COMMANDS, STATE, EPOCHS, OUTGOING, ACK = (
    f"/api/v1/exchange/{name}" for name in ("messages", "commands", "state", "epochs", "outgoing", "outgoing/ack")
)


@dataclass
class Clock:
    now: datetime = field(default_factory=lambda: datetime(2026, 11, 23, 9, 0, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def pass_(self, **delta: float) -> None:
        self.now += timedelta(**delta)

    @property
    def ms(self) -> int:
        return int(self.now.timestamp() * 1000)


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Json:
        return json.loads(self.raw)  # type: ignore[no-any-return]


@dataclass
class Said:
    """status 0: the connection is cut after the request was read."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class Service:
    """Posrednik as far as a test tells it. By itself it takes every message and has no events."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answers: dict[str, list[Said | Callable[[Asked], Said]]] = {}
        self.last_accepted = 0
        self.epoch: str | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def then(self, path: str, *said: Said | Callable[[Asked], Said]) -> None:
        """What the next requests of this path are answered; after them it goes on by itself."""
        self.answers.setdefault(path, []).extend(said)

    def of(self, path: str) -> list[Asked]:
        return [one for one in self.asked if one.path == path]

    def answer(self, asked: Asked) -> Said:
        self.asked.append(asked)
        told = self.answers.get(asked.path)
        if told:
            said = told.pop(0)
            return said(asked) if callable(said) else said
        return getattr(self, f"_{asked.path.rpartition('/')[2]}")(asked)  # type: ignore[no-any-return]

    def _messages(self, asked: Asked) -> Said:
        body = asked.body
        self.last_accepted, self.epoch = max(self.last_accepted, body["number"]), body["epoch"]
        commands = [{"id": one["id"], "status": "done", "result": {"already": False}} for one in body["commands"]]
        return Said(body=accepted(body["number"], commands))

    def _commands(self, asked: Asked) -> Said:
        return Said(body={"id": asked.body["command"]["id"], "status": "done", "result": {"already": False}})

    def _state(self, asked: Asked) -> Said:
        return Said(body={"epoch": self.epoch, "last_accepted": self.last_accepted})

    def _epochs(self, asked: Asked) -> Said:
        self.epoch, self.last_accepted = asked.body["epoch"], 0
        return Said(body={"epoch": self.epoch, "last_accepted": 0})

    def _outgoing(self, asked: Asked) -> Said:
        return Said(body={"batch": str(uuid.uuid4()), "events": []})

    def _ack(self, asked: Asked) -> Said:
        return Said(body={})

    def _handler(service) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _take(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                parts = urlsplit(self.path)
                params = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
                said = service.answer(Asked(self.command, parts.path, params, dict(self.headers), raw))
                if said.status == 0:
                    self.close_connection = True
                    self.connection.close()
                    return
                body = said.body if isinstance(said.body, bytes) else json.dumps(said.body or {}).encode()
                self.send_response(said.status)
                for name, value in {"Content-Length": str(len(body)), **said.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = _take

            def log_message(self, *args: Any) -> None:
                return

        return Handler


def accepted(number: int, commands: list[Json] | None = None, **more: Any) -> Json:
    return {"status": "accepted", "number": number, "last_accepted": number, "quarantined": [],
            "commands": commands or [], **more}  # fmt: skip


class Base:
    """One base. `call` runs a routine of a module in its session and gives Python values."""

    def __init__(
        self, folder: Path, service: Service | None, clock: Clock, *, known: bool = True, **options: Any
    ) -> None:
        modules = {"кд_ВыгрузкаОбъектов": stand_ins.EXPORT, "кд_ЗагрузкаСобытий": stand_ins.LOAD}
        modules |= options.pop("modules", {})
        self.clock = clock
        self.base = Infobase(
            folder / "base.db", clock=clock, modules=modules, library=[stand_ins], wait_ms=300, **options
        )
        self.objects = self.base.objects = stand_ins.Objects()  # type: ignore[attr-defined]
        self.session = self.base.session("Менеджер Анна")
        for name, (kind, rank) in stand_ins.KINDS.items():
            self.exchange(name, kind, rank)
        self.set(АдресСервиса=service.url if service else "http://127.0.0.1:1", ИдентификаторБазы=BASE)
        self.call("кд_Настройки.УстановитьТокен", TOKEN)
        if known:
            self.call("кд_Настройки.ПроверитьКопию")
            self.set(ЗнакомаяЭпоха=self.setting("Эпоха"))

    def exchange(self, name: str, kind: str, rank: int) -> None:
        """One more kind of object is exchanged."""
        self.session.execute(
            f"""
            Запись = РегистрыСведений.кд_СоставОбмена.СоздатьМенеджерЗаписи();
            Запись.ИмяОбъекта = "{name}";
            Запись.Вид = "{kind}";
            Запись.Порядок = {rank};
            Запись.Выгружать = Истина;
            Запись.Записать(Истина);"""
        )
        self.base.refresh_reused()

    def set_of(self, register: str, part: str, value: str, name: str, fields: Iterable[str]) -> None:
        """Write a record set of `register` with the filter part = value; each record has name = one of `fields`."""
        records = "".join(
            f"""
            Запись = Набор.Добавить();
            Запись.{part} = "{value}";
            Запись.{name} = "{field}";"""
            for field in fields
        )
        self.session.execute(
            f"""
            Набор = РегистрыСведений.{register}.СоздатьНаборЗаписей();
            Набор.Отбор.{part}.Установить("{value}");{records}
            Набор.Записать();"""
        )

    def forget(self, name: str, key: str) -> None:
        self.session.execute(
            f"""
            Набор = РегистрыСведений.кд_Изменения.СоздатьНаборЗаписей();
            Набор.Отбор.ИмяОбъекта.Установить("{name}");
            Набор.Отбор.Идентификатор.Установить("{key}");
            Набор.Записать();"""
        )

    def call(self, path: str, *args: Any) -> Any:
        """Dicts with Russian keys are taken for Структура, others for Соответствие."""
        return to_python(self.session.call(path, *map(_structured, args)))

    def in_transaction(self, path: str, *args: Any) -> Any:
        """As `call`, for what wants its caller to hold the transaction."""
        self.session.execute("НачатьТранзакцию();")
        done = self.call(path, *args)
        self.session.execute("ЗафиксироватьТранзакцию();")
        return done

    def set(self, **settings: Any) -> None:
        for name, value in settings.items():
            self.call("кд_Настройки.Установить", name, value)

    def setting(self, name: str) -> str:
        return str(self.call("кд_Настройки.Значение", name))

    def occupy(self) -> None:
        """Somebody else is sending: a session that lives, with a fresh pulse."""
        self.set(Пульс=f"{self.call('кд_Отправка.НовыйВладелец')} {self.clock.ms}")

    def rows(self, register: str, order: str = "1") -> list[Json]:
        return self.base.rows(register, order)

    def touch(self, kind: str, ref: str, urgent: bool = False, **data: Any) -> None:
        """An object of the base, written."""
        name, _ = self.objects.put(kind, ref, **data)
        self.call("кд_Регистрация.ОтметитьИзменение", name, ref, False, urgent)

    def command(self, kind: str, ref: str, data: Json | None = None) -> str:
        return str(self.call("кд_Очередь.ДобавитьКоманду", kind, ref, data or {"order": ref}))

    def pack(self) -> Json | None:
        return self.call("кд_Очередь.Упаковать")  # type: ignore[no-any-return]

    def packed(self) -> Json:
        """Pack and read the text."""
        message = self.pack()
        assert message is not None
        return json.loads(message["Тело"])  # type: ignore[no-any-return]

    def dirty(self) -> list[str]:
        return [row["Идентификатор"] for row in self.rows("кд_Изменения", "Порядок, Момент")]

    def step(self, greet: bool = True) -> float:
        return float(self.call("кд_Отправка.Шаг", greet))

    def send_all(self) -> None:
        for _ in range(50):
            if self.step(False):
                return
        raise AssertionError("the queue does not end")


def _structured(value: Any) -> Any:
    if not isinstance(value, dict) or not re.match("[А-Я]", str(next(iter(value), ""))):
        return value
    made = Structure()
    for name, one in value.items():
        made.items[name.lower()] = KeyAndValue(name, to_bsl(one))
    return made


@contextmanager
def serving() -> Iterator[Service]:
    service = Service()
    try:
        yield service
    finally:
        service.close()
