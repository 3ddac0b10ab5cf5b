"""The modules of the Library of Standard Subsystems (БСП) that the extension calls where they are."""

from __future__ import annotations

import json
from typing import Any

from tests.bsl.native import SKIPPED, BslError, Native, Value, global_property, method
from tests.bsl.platform.http import Proxy
from tests.bsl.platform.refs import Reference
from tests.bsl.values import Structure, names_of, to_bsl, to_python

NO_ACCESS = "Работа с внешними ресурсами заблокирована"


class Common(Native):
    """ОбщегоНазначения."""

    bsl_type = "ОбщийМодуль.ОбщегоНазначения"

    def __init__(self, session: Any) -> None:
        self.session = session

    def _allowed(self) -> None:
        """Only in privileged mode or with full rights, as in БСП."""
        if not self.session.platform.privileged and self.session.platform.roles is not None:
            raise BslError("Недостаточно прав для работы с безопасным хранилищем")

    def _key(self, owner: Value, key: str) -> str:
        return f"safe:{_owner(owner)}:{key}"

    @method("ЗаписатьДанныеВБезопасноеХранилище")
    def write_safe(self, owner: Any, data: Any, key: Any = "Пароль") -> None:
        self._allowed()
        with self.session.platform.data.write() as store:
            store.set(self._key(owner, key), json.dumps(to_python(data), default=str))

    @method("ПрочитатьДанныеИзБезопасногоХранилища")
    def read_safe(self, owner: Any, keys: Any = "Пароль", shared: Any = None) -> Value:
        """One value for one key, else a Структура."""
        self._allowed()
        found = [self._read(self._key(owner, name)) for name in names_of(keys)]
        return found[0] if len(found) == 1 else Structure(keys, *found)

    def _read(self, key: str) -> Value:
        row = self.session.platform.data.row("SELECT value FROM meta WHERE key = ?", (key,))
        return None if row is None else to_bsl(json.loads(row["value"]))

    @method("СообщитьПользователю")
    def tell(self, text: Any, *more: Any) -> None:
        self.session.platform.messages.append(text)

    @method("ПриНачалеВыполненияРегламентногоЗадания")
    def begin_job(self, job: Any = SKIPPED) -> None:
        """Raises BslError in a copy of the base, as БСП does until a person has decided."""
        if self.session.base.external_blocked:
            raise BslError(NO_ACCESS)


def _owner(owner: Value) -> str:
    """The owner is a reference, an object of metadata or a text."""
    if isinstance(owner, Reference):
        return f"{owner.thing.full}:{owner.guid}"
    return str(getattr(owner, "full", owner))


class Downloads(Native):
    """ПолучениеФайловИзИнтернета."""

    bsl_type = "ОбщийМодуль.ПолучениеФайловИзИнтернета"

    @method("ПолучитьПрокси")
    def proxy(self, url: Any = "") -> Proxy:
        return Proxy()


@global_property("ОбщегоНазначения")
def common(session: Any) -> Common:
    return Common(session)


@global_property("ПолучениеФайловИзИнтернета")
def downloads(session: Any) -> Downloads:
    return Downloads()
