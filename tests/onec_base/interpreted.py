"""What bases have in common whose exchange is 1C's own code: jobs in threads, people who press its buttons."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from tests.bsl.native import BslError, KilledHere
from tests.bsl.platform.infobase import Infobase
from tests.onec_base.exchange import Outbox, Receiver, Sender, Service
from tests.onec_base.jobs import Job, Woken

from posrednik_sandbox.onec import base as sandbox
from posrednik_sandbox.onec import site
from posrednik_sandbox.onec.client import Client, NoAnswer
from posrednik_sandbox.onec.odata import server as odata
from posrednik_sandbox.onec.odata.profiles import PROFILES
from posrednik_sandbox.onec.store import Store
from posrednik_sandbox.onec.switches import Switches
from posrednik_sandbox.traffic import Note

T = TypeVar("T")
Json = dict[str, Any]
# The platform starts a scheduled job every minute; here time is shorter.
TICK_S, IDLE_S, WAIT_S = 0.5, 30.0, 1
# Columns of the sandbox's list of orders, by what the code of 1C calls them.
CARD = {"ready": "Готов", "courier": "Курьер", "delivery_price": "ЦенаДоставки", "amount_due": "СуммаКПолучению"}


class InterpretedOnec(sandbox.Onec, ABC):
    """As the sandbox's base, with its sender, receiver, outbox and documents replaced by 1C's code."""

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
        self.posrednik, self.token, self.note, self.offset_h, self.pushed = posrednik, token, note, offset_h, push
        self.profile, self.store, self.switches = profile, self.open_store(path), self.new_switches()
        self.client = Client(posrednik, token, base_id)
        self.outbox = Outbox(self.store, base_id, encoding)
        self.sender, self.receiver = Sender(self.told, self.wake), Receiver(self.told)
        self.infobase = self.infobase_at(path)
        self.infobase.jobs = Woken(self.infobase, self.wake)
        self.service = Service(self.infobase)  # type: ignore[assignment]
        self.odata = odata.Server(self.store, PROFILES[profile], token, self.switches, self.wake)
        self.on_orders = lambda orders: None
        self.button_limit_s = sandbox.BUTTON_LIMIT_S
        self._jobs: list[Any] = []

    def open_store(self, path: Path) -> Store:
        return Store(path)

    def new_switches(self) -> Switches:
        return Switches()

    @abstractmethod
    def infobase_at(self, path: Path) -> Infobase:
        """A base of 1C on this file."""

    @abstractmethod
    def told(self) -> Mapping[str, str]:
        """Остановлен, ПоследняяОшибка, ОшибкаПриема: what the exchange says of itself."""

    def as_loader(self) -> Any:
        """The store in the hands of the standard exchange with the site."""
        return self.store

    # -- its jobs

    def open(self) -> Any:
        """What a job or a person works with: a session, to be closed."""
        return self.infobase.session()

    @abstractmethod
    def send(self, session: Any, first: bool) -> float:
        """One run of the job that sends; see Job."""

    @abstractmethod
    def receive(self, session: Any, first: bool) -> float:
        """One run of the job that receives."""

    def wake(self) -> None:
        for job in self._jobs[:1]:
            job.wake()

    async def start(self, greet: bool = True) -> None:
        if self._jobs:
            return
        self.infobase.power = True
        steps = {"sender": self.send, "receiver": self.receive}
        self._jobs = [Job(name, self.open, step, anew=greet) for name, step in steps.items()]
        for job in self._jobs:
            job.start()
        self._site = asyncio.create_task(site.run(self.as_loader(), self.switches, self.wake), name="onec-site")

    async def stop(self) -> None:
        jobs, self._jobs = self._jobs, []
        if jobs:
            self._site.cancel()
            for job in jobs:
                job.end()
            self.infobase.cut_power()
        await asyncio.gather(*(job.ended() for job in jobs))

    async def run(self, action: Callable[[Any], T]) -> T:
        """In a session and a thread of its own. Raises WriteFailed with 1C's words where 1C's code failed."""

        def work() -> T:
            session = self.open()
            try:
                return action(session)
            except BslError as error:
                raise sandbox.WriteFailed(str(error)) from error
            except KilledHere as error:
                raise NoAnswer("база выключена") from error
            finally:
                session.close()

        return await asyncio.to_thread(work)

    # -- its people

    async def press(self, ref: str, kind: str, extra: Json, changes: Json, card: Json) -> Json:
        """The form writes the document, then the button of 1C's code does the rest."""
        if self.store.value("SELECT 1 FROM order_card WHERE ref = ?", ref) is None:
            raise sandbox.NoSuchOrder(ref)
        if changes:
            with self.store.tx():
                self._rewrite(ref, changes)
        told = await self.run(lambda session: self.pressed(session, kind, ref, extra, card))
        self.wake()
        if not told["Идентификатор"]:
            raise sandbox.WriteFailed(told["Текст"])
        saved = told["Состояние"] == "queued"
        return {"command": self.command(told["Идентификатор"]), "saved": saved, "text": told["Текст"]}

    @abstractmethod
    def pressed(self, session: Any, kind: str, ref: str, extra: Json, card: Json) -> Json:
        """Press the button. Gives Состояние, Текст, Идентификатор."""
