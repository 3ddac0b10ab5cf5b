"""An old base in tests: УТ 10.3 on the platform 8.2 with the external processing of `onec/external`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.bsl.native import KilledHere, Value
from tests.bsl.platform import extra_ut103
from tests.bsl.platform.infobase import Infobase
from tests.bsl.values import Structure, to_bsl, to_python
from tests.onec.extension import BASE, TOKEN, Asked, Said, Service, accepted

from posrednik.kit import xml

EXTERNAL = Path(__file__).resolve().parents[2] / "onec" / "external"
MODULE = "ВнешняяОбработка.Посредник.МодульОбъекта"


def old_base(
    path: Path, no_dump: Path, *, library: Sequence[ModuleType] = (extra_ut103,),
    more: Mapping[str, Path] | None = None, features: str = "8.2", **options: Any,
) -> Infobase:  # fmt: skip
    """path: the sandbox's file. no_dump: a folder without an extension. more: modules by name. options: of Infobase."""
    made = Infobase(
        path, "ut103", no_dump, features=features, bsp=False, library=library,
        modules={MODULE: EXTERNAL / "МодульОбъекта.bsl", **(more or {})}, **options,
    )  # fmt: skip
    extra_ut103.prepare(made)
    return made


class Processing:
    """The processing opened in a session of its own, as 1C does for a window or a scheduled run."""

    def __init__(self, base: Infobase, user: str = "Обмен") -> None:
        self.base, self.user = base, user
        self.open()

    def open(self) -> None:
        self.session: Any = self.base.session(self.user)
        self.module: Any = self.session.module(MODULE)

    def call(self, name: str, *args: Any) -> Value:
        """An exported procedure or function with Python values. A killed session is opened anew."""
        try:
            with self.session.entered():
                return self.module.call(name, *(to_bsl(one) for one in args))
        except KilledHere:
            self.close()
            self.open()
            raise

    def get(self, name: str, *args: Any) -> Any:
        """As `call`, as Python's values."""
        return to_python(self.call(name, *args))

    def close(self) -> None:
        """The window is closed: its objects are gone, and their locks with them."""
        self.module = None
        extra_ut103.release(self.session.platform)
        self.session.close()
        self.session = None

    def set_up(self, url: str, **more: Any) -> None:
        """What a person writes on the settings page."""
        told = {"АдресСервиса": url, "ИдентификаторБазы": BASE, "Токен": TOKEN, "ДатаНачала": datetime(2026, 1, 1)}
        self.call("ЗаписатьНастройки", structure(told | more))

    def send(self, most: int = 60) -> int:
        """Steps of the sender until it has nothing more to do. Returns how many it took."""
        for step in range(1, most + 1):
            if int(self.get("ШагОтправки")) > 0:
                return step
        raise AssertionError("the sender does not come to an end")


def structure(values: Mapping[str, Any]) -> Structure:
    """Структура of these."""
    return Structure(",".join(values), *(to_bsl(one) for one in values.values()))


class AskedInXml(Asked):
    @property
    def body(self) -> dict[str, Any]:
        """As the service reads it: all values are texts."""
        return xml.read(self.raw, "message")


class OldService(Service):
    """The same service, spoken to in XML: always HTTP 200, what the status would have been stands inside."""

    def answer(self, asked: Asked) -> Said:
        said = super().answer(AskedInXml(asked.method, asked.path, asked.params, asked.headers, asked.raw))
        if said.status == 0 or isinstance(said.body, bytes):
            return said
        told = {"http_status": said.status, "retry_after": said.headers.get("Retry-After"), **(said.body or {})}
        return Said(200, xml.write(told, "result"), {"Content-Type": "application/xml"})

    def _messages(self, asked: Asked) -> Said:
        body = asked.body
        self.last_accepted, self.epoch = max(self.last_accepted, int(body["number"])), body["epoch"]
        commands = [
            {"id": one["id"], "status": "done", "result": {"already": False}} for one in body.get("commands") or []
        ]
        return Said(body=accepted(int(body["number"]), commands))
