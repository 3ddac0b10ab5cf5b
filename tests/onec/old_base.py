"""An old base in tests: УТ 10.3 on the platform 8.2 with the external processing of `onec/external`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.bsl.native import KilledHere, Value
from tests.bsl.platform import extra_ut103
from tests.bsl.platform.infobase import Infobase
from tests.bsl.values import to_bsl, to_python

EXTERNAL = Path(__file__).resolve().parents[2] / "onec" / "external"
MODULE = "ВнешняяОбработка.Посредник.МодульОбъекта"


def old_base(path: Path, no_dump: Path, *, clock: Callable[[], datetime] | None = None, **options: Any) -> Infobase:
    """path: the sandbox's file. no_dump: a folder without an extension."""
    made = Infobase(
        path, "ut103", no_dump, clock=clock, features="8.2", bsp=False, library=(extra_ut103,),
        modules={MODULE: EXTERNAL / "МодульОбъекта.bsl"}, **options,
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
        self.session.close()
        self.session = None
