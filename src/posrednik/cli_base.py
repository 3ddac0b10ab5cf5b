"""What every command of the command line starts with: the settings, the database, where to write."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from rich.console import Console

from posrednik import bootstrap, serving
from posrednik.config import Settings, load
from posrednik.kit import log, loop
from posrednik.store.db import Database

T = TypeVar("T")
OPEN_S = 5.0
out, err = Console(), Console(stderr=True)
ConfigOption = Annotated[str | None, typer.Option("--config", "-c", help="TOML file (or POSREDNIK_CONFIG)")]


def settings_of(config: str | None) -> Settings:
    settings = load(config)
    log.configure(settings.server.log_level)
    return settings


def on_database(settings: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    """Run `work` on the configured database, opened for it and closed after it."""

    async def opened(dsn: str) -> T:
        db = bootstrap.database(settings, dsn)
        await db.open(wait_s=OPEN_S)
        try:
            return await work(db)
        finally:
            await db.close()

    with serving.database_of(settings) as dsn:
        return loop.run(opened(dsn))
