"""The emulated base with the extension installed: people write documents and press buttons, and everything between
the base and the service is done by the extension's own modules.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.bsl.platform.infobase import Infobase
from tests.bsl.platform.platform import BaseSession as Session
from tests.bsl.values import Structure, to_python
from tests.onec_base import customer
from tests.onec_base.faults import Faults
from tests.onec_base.interpreted import CARD, IDLE_S, TICK_S, WAIT_S, InterpretedOnec
from tests.onec_base.store import ExtensionStore, Loader, settings

from posrednik_sandbox.onec import words

Json = dict[str, Any]


class ExtensionOnec(InterpretedOnec):
    """УТ 11 with the extension."""

    store: ExtensionStore
    switches: Faults

    def __init__(self, path: Path, *args: Any, **options: Any) -> None:
        super().__init__(path, *args, **options)
        self.switches.infobase = self.infobase

    def open_store(self, path: Path) -> ExtensionStore:
        return ExtensionStore(path)

    def new_switches(self) -> Faults:
        return Faults()

    def infobase_at(self, path: Path) -> Infobase:
        hooks = {"кд_ОбменПереопределяемый": customer.HOOKS}
        found = Infobase(path, self.profile, connection=f'File="{path.parent}";', offset_h=self.offset_h, modules=hooks)
        session = found.session()
        session.call("кд_Настройки.УстановитьТокен", self.token)
        session.close()
        return found

    def told(self) -> Mapping[str, str]:
        return settings(self.store)

    def prepare(self, seed_number: int, orders: int, couriers: int = 0) -> None:
        """The extension is installed and set up; then the base is filled, and its subscriptions see all of it."""
        session = self.open()
        for name, value in self._settings().items():
            session.call("кд_Настройки.Установить", name, value)
        customer.tell(session)
        session.close()
        self.store.show_registers()
        self.store.written = self._written
        super().prepare(seed_number, orders, couriers)

    def _settings(self) -> Mapping[str, str]:
        return {"АдресСервиса": self.posrednik, "ИдентификаторБазы": self.outbox.base_id, "НаибольшаяПауза": "1"}

    def _written(self, kind: str, ref: str, removed: bool, loading: bool) -> None:
        """The subscriptions of the extension, in the transaction of the write."""
        event = "BeforeDelete" if removed else "OnWrite"
        self.infobase.fire(kind, ref, self.store, event=event, loading=loading)

    def as_loader(self) -> Any:
        return Loader(self.store)

    def send(self, session: Session, first: bool) -> float:
        if self.switches.hold_sender:
            return IDLE_S
        if not first:
            session.call("кд_Отправка.Шаг", False)
        session.call("кд_Отправка.ВыполнитьЗадание")
        return TICK_S

    def receive(self, session: Session, first: bool) -> float:
        return min(TICK_S, float(session.call("кд_Прием.Шаг", WAIT_S)))

    def edit_order(self, ref: str, changes: Json, *, deleted: bool | None = None, posted: bool | None = None) -> None:
        """Attributes that a customer has added (`ИШ_…`) are written beside, as the configuration keeps them."""
        added = {name: value for name, value in changes.items() if name.startswith("ИШ_")}
        if added:
            self.store.add_extra("order", ref, added)
        own = {name: value for name, value in changes.items() if name not in added}
        super().edit_order(ref, own, deleted=deleted, posted=posted)

    def add_command(self, kind: str, order_ref: str, data: Mapping[str, Any], key: str = "") -> str:
        """In the transaction of the sandbox's Python."""
        session = self.infobase.inside(self.store, words.MANAGER)
        return str(session.call("кд_Очередь.ДобавитьКоманду", kind, order_ref, dict(data), key))

    def pressed(self, session: Session, kind: str, ref: str, extra: Json, card: Json) -> Json:
        attributes = Structure()
        for name, value in card.items():
            attributes.insert(CARD[name], bool(value) if isinstance(value, int) else value or "")
        done: Json = to_python(session.call("кд_Команды.Нажать", kind, ref, {"order": ref} | extra, attributes))
        return done
