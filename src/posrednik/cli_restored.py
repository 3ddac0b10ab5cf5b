"""`posrednik restored`: to be run once after the database was put back from a copy, before the service is started."""

from datetime import UTC, datetime
from functools import partial

from posrednik.cli_base import ConfigOption, on_database, out, settings_of
from posrednik.usecases import own_restore


def command(config: ConfigOption = None) -> None:
    """The database was restored from a copy: ask every base of 1C to send again what the copy lacks."""

    names = on_database(
        settings_of(config), lambda db: db.transact(partial(own_restore.ask_all, now=datetime.now(UTC)))
    )
    for name in names:
        out.print(f"«{name}»: запрошено всё, чего нет в копии; номера событий начаты с запасом")
    if not names:
        out.print("ни одна база 1С ещё не обращалась: запрашивать не у кого")
    out.print("теперь запускайте Посредник; что не вернулось само, будет на странице «Разборы»")
