"""The emulated base with the extension installed: people write documents and press buttons, and everything between
the base and the service is done by the extension's own modules.
"""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from tests.bsl.native import BslError
from tests.bsl.platform import sqlite_functions
from tests.bsl.platform.data import Data
from tests.bsl.platform.infobase import Infobase
from tests.bsl.platform.platform import BaseSession as Session
from tests.bsl.platform.platform import Platform
from tests.bsl.values import Structure, to_python
from tests.onec_base import customer
from tests.onec_base.customer import HOOKS
from tests.onec_base.exchange import Outbox, Receiver, Sender, Service
from tests.onec_base.faults import Faults
from tests.onec_base.jobs import Job
from tests.onec_base.store import ExtensionStore

from posrednik_sandbox.onec import base as sandbox
from posrednik_sandbox.onec import site, words
from posrednik_sandbox.onec.client import Client
from posrednik_sandbox.onec.odata import server as odata
from posrednik_sandbox.onec.odata.profiles import PROFILES
from posrednik_sandbox.traffic import Note

T = TypeVar("T")
Json = dict[str, Any]
# The platform starts a scheduled job every minute; here time is shorter.
TICK_S, IDLE_S, WAIT_S = 0.5, 30.0, 1
# Columns of the sandbox's list of orders, by the attribute that the button gives to кд_Команды.Нажать.
CARD = {"ready": "Готов", "courier": "Курьер", "delivery_price": "ЦенаДоставки", "amount_due": "СуммаКПолучению"}


class ExtensionOnec(sandbox.Onec):
    """As the sandbox's base, with its sender, receiver, outbox and documents replaced by the extension."""

    store: ExtensionStore
    switches: Faults
    outbox: Outbox  # type: ignore[assignment]
    sender: Sender  # type: ignore[assignment]
    receiver: Receiver  # type: ignore[assignment]

    def __init__(
        self,
        path: Path,
        posrednik: str,
        base_id: str,
        token: str,
        note: Note,
        offset_h: int = 3,
        *,
        profile: str = "ut11",
        encoding: str = "json",
        push: bool = False,
    ) -> None:
        self.store = ExtensionStore(path)
        self.switches, self.token, self.note, self.offset_h, self.pushed = Faults(), token, note, offset_h, push
        self.posrednik, self.profile = posrednik, profile
        self.client = Client(posrednik, token, base_id)
        self.outbox = Outbox(self.store, base_id)
        self.sender, self.receiver = Sender(self.store, self.wake), Receiver(self.store)
        self.infobase = self.switches.infobase = self.infobase_at(path)
        self.service = Service(self.infobase)  # type: ignore[assignment]
        self.odata = odata.Server(self.store, PROFILES[profile], token, self.switches, self.wake)
        self.on_orders = lambda orders: None
        self.button_limit_s = sandbox.BUTTON_LIMIT_S
        self._jobs: list[Any] = []

    def infobase_at(self, path: Path) -> Infobase:
        """A base of 1C on this file."""
        hooks = {"кд_ОбменПереопределяемый": HOOKS}
        found = Infobase(path, self.profile, connection=f'File="{path.parent}";', offset_h=self.offset_h, modules=hooks)
        found.session().call("кд_Настройки.УстановитьТокен", self.token)
        return found

    def prepare(self, seed_number: int, orders: int, couriers: int = 0) -> None:
        """The extension is installed and set up; then the base is filled, and its subscriptions see all of it."""
        session = self.infobase.session()
        for name, value in self._settings().items():
            session.call("кд_Настройки.Установить", name, value)
        customer.tell(session)
        session.close()
        self.store.show_registers()
        self.store.written = self._written
        super().prepare(seed_number, orders, couriers)

    def _settings(self) -> Mapping[str, str]:
        return {"АдресСервиса": self.posrednik, "ИдентификаторБазы": self.outbox.base_id, "НаибольшаяПауза": "2"}

    def _written(self, kind: str, ref: str, removed: bool) -> None:
        """The subscriptions of the extension, in the transaction of the write."""
        self.infobase.fire(kind, ref, self.store, event="BeforeDelete" if removed else "OnWrite")

    # -- its jobs

    def wake(self) -> None:
        for job in self._jobs[:1]:
            job.wake()

    async def start(self, greet: bool = True) -> None:
        if self._jobs:
            return
        steps = {"sender": self._send, "receiver": self._receive}
        self._jobs = [Job(name, self.infobase.session, step, anew=greet) for name, step in steps.items()]
        for job in self._jobs:
            job.start()
        self._site = asyncio.create_task(site.run(self.store, self.switches, self.wake), name="onec-site")

    async def stop(self) -> None:
        jobs, self._jobs = self._jobs, []
        if jobs:
            self._site.cancel()
        await asyncio.gather(*(job.stop() for job in jobs))

    def _send(self, session: Session, first: bool) -> float:
        if self.switches.hold_sender:
            return IDLE_S
        if not first:
            session.call("кд_Отправка.Шаг", False)
        session.call("кд_Отправка.ВыполнитьЗадание")
        return TICK_S

    def _receive(self, session: Session, first: bool) -> float:
        return min(TICK_S, float(session.call("кд_Прием.Шаг", WAIT_S)))

    async def run(self, action: Callable[[Session], T]) -> T:
        """In a session and a thread of its own. Raises WriteFailed with 1C's words where 1C's code failed."""

        def work() -> T:
            session = self.infobase.session()
            try:
                return action(session)
            except BslError as error:
                raise sandbox.WriteFailed(str(error)) from error
            finally:
                session.close()

        return await asyncio.to_thread(work)

    # -- its people

    def edit_order(self, ref: str, changes: Json, *, deleted: bool | None = None, posted: bool | None = None) -> None:
        """Attributes that a customer has added (`ИШ_…`) are written beside, as the configuration keeps them."""
        added = {name: value for name, value in changes.items() if name.startswith("ИШ_")}
        if added:
            self.store.add_extra("order", ref, added)
        own = {name: value for name, value in changes.items() if name not in added}
        super().edit_order(ref, own, deleted=deleted, posted=posted)

    def add_command(self, kind: str, order_ref: str, data: Mapping[str, Any], key: str = "") -> str:
        return str(self._inside().call("кд_Очередь.ДобавитьКоманду", kind, order_ref, dict(data), key))

    def _inside(self) -> Session:
        """A session that works inside the transaction of the sandbox's Python."""
        data = Data(self.store.path, self.infobase.reach, sqlite_functions.register, given=self.store)
        return Session(self.infobase.runtime, Platform(self.infobase, data, words.MANAGER, None))

    async def press(self, ref: str, kind: str, extra: Json, changes: Json, card: Json) -> Json:
        """The form writes the document, then the extension's button does the rest."""
        if changes:
            with self.store.tx():
                self._rewrite(ref, changes)
        data = {"order": ref} | extra
        kept = {CARD[name]: _attribute(value) for name, value in card.items()}

        def pressed(session: Session) -> Json:
            attributes = Structure()
            for name, value in kept.items():
                attributes.insert(name, value)
            done: Json = to_python(session.call("кд_Команды.Нажать", kind, ref, data, attributes))
            return done

        told = await self.run(pressed)
        self.wake()
        saved = told["Состояние"] == "queued"
        return {"command": self.command(told["Идентификатор"]), "saved": saved, "text": told["Текст"]}


def _attribute(value: Any) -> Any:
    """A column of the sandbox's list as кд_Доставки keeps it."""
    return bool(value) if isinstance(value, int) else value or ""
