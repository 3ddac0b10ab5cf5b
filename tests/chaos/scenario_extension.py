"""The stage with the extension's own code in the base, and the old base of the external processing."""

import sqlite3
from typing import Any

from tests.chaos.scenario_stage import OldStage, Stage
from tests.onec_base.store import VIEWS

Json = dict[str, Any]


class ExtensionStage(Stage):
    """УТ 11 with the extension installed.

    An order of УТ 10.3 has neither a status nor a courier; a price set by the button is written into it, where УТ 11
    keeps it beside. What that makes of the delivery is compared all the same.
    """

    sandbox_module = "tests.onec_base"
    hour = (8, 40)
    told_otherwise = ("status", "courier", "delivery_price")

    @property
    def old(self) -> type[Stage]:
        return ExternalStage

    def base(self, sql: str) -> list[tuple[Any, ...]]:
        """As the sandbox's tables, out of the extension's registers."""
        with sqlite3.connect(f"file:{self.folder}/sandbox/onec.sqlite3?mode=ro", uri=True) as db:
            db.executescript(VIEWS.read_text("utf-8"))
            return db.execute(sql).fetchall()

    def poison(self, line: Json) -> Json:
        """1C keeps numbers as numbers: what can be wrong with one is that it makes no sense."""
        return {**line, "quantity": "-1"}


class ExternalStage(ExtensionStage, OldStage):
    """УТ 10.3 on 8.2 with the external processing, XML, events asked for."""
