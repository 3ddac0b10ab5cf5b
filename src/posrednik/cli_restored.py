"""`posrednik restored`: to be run once after the database was put back from a copy, before the service is started."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import typer

from posrednik.cli_base import ConfigOption, on_database, out, settings_of
from posrednik.usecases import own_restore


def command(
    config: ConfigOption = None,
    photos: Annotated[
        bool, typer.Option("--photos", help="Later: take over files of photos that the copy does not know")
    ] = False,
) -> None:
    """The database was restored from a copy: ask every base of 1C to send again what the copy lacks."""
    settings = settings_of(config)
    if photos:
        from posrednik import bootstrap_api  # the API's parts take long to import

        found, missing = on_database(settings, lambda db: bootstrap_api.find_lost_photos(settings, db))
        out.print(f"снимков найдено в хранилище: {found}; ещё нет: {missing}")
        return
    now = datetime.now(UTC)
    names = on_database(settings, lambda db: db.transact(partial(own_restore.ask_all, now=now)))
    for name in names:
        out.print(f"«{name}»: запрошено всё, чего нет в копии; номера событий начаты с запасом")
    if not names:
        out.print("ни одна база 1С ещё не обращалась: запрашивать не у кого")
    out.print("теперь запускайте Посредник; что не вернулось само, будет на странице «Разборы»")
