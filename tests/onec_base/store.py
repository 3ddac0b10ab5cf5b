"""The infobase file as the sandbox's Python writes it: each write calls the extension's subscriptions, in the same
transaction, and what the sandbox shows of the exchange is read from the extension's registers.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from posrednik_sandbox.onec.store import Store

VIEWS, TRIGGERS = Path(__file__).with_name("views.sql"), Path(__file__).with_name("triggers.sql")
# What the sandbox keeps in `meta`, by the name of the extension's setting.
SETTINGS = {"epoch": "Эпоха", "instance": "ЭкземплярБазы", "last_number": "ПоследнийНомер"}
Written = Callable[[str, str, bool, bool], None]


class ExtensionStore(Store):
    """Beside what Store does: written(kind, ref, removed, loading) is called at each write, inside its transaction.

    loading: the writer is another exchange, which sets ОбменДанными.Загрузка; see `Loader`.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.db.execute("PRAGMA synchronous = OFF")
        self.written: Written = lambda kind, ref, removed, loading: None
        self.loading = False

    def show_registers(self) -> None:
        """From now on this connection sees the extension's registers under the names of the sandbox's tables."""
        self.db.executescript(TRIGGERS.read_text("utf-8"))
        self.db.executescript(VIEWS.read_text("utf-8"))

    def get(self, key: str, default: str = "") -> str:
        if key not in SETTINGS:
            return super().get(key, default)
        found = self.value('SELECT "Значение" FROM "рс_кд_Настройки" WHERE "Имя" = ?', SETTINGS[key])
        return str(found or default)

    def touch(self, kind: str, ref: str, *, urgent: bool = False) -> None:
        self.written(kind, ref, False, self.loading)
        self._register(kind, ref)

    def remove(self, kind: str, ref: str) -> None:
        self.written(kind, ref, True, self.loading)
        super().remove(kind, ref)


class Loader:
    """The same store in the hands of another exchange, as that with the site: its writes are loading."""

    def __init__(self, store: ExtensionStore) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def put(self, *args: Any, **options: Any) -> None:
        self._store.loading = True
        try:
            self._store.put(*args, **options)
        finally:
            self._store.loading = False


def settings(store: Store) -> Mapping[str, str]:
    """All settings of the extension."""
    return {row["Имя"]: row["Значение"] for row in store.rows('SELECT * FROM "рс_кд_Настройки"')}
