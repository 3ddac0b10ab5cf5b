"""Subscriptions to events: which handlers of the extension hear of a write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tests.bsl.native import BslError, Native, Ref, Value
from tests.bsl.platform.dump import Subscription

if TYPE_CHECKING:
    from tests.bsl.platform.platform import BaseSession

# Words of the dump by the classes of what is written.
WORDS = {
    "Справочник": "CatalogObject", "Документ": "DocumentObject", "РегистрСведений": "InformationRegisterRecordSet",
    "РегистрНакопления": "AccumulationRegisterRecordSet",
}  # fmt: skip


class Source(Native):
    """What is written: cls and name of its metadata."""

    cls = ""
    name = ""


class Subscribers:
    def __init__(self, subscriptions: Sequence[Subscription]) -> None:
        self.subscriptions = subscriptions

    def tell(self, session: BaseSession, source: Any, event: str, *more: Value) -> None:
        """Call the handlers with (Источник, more…, Отказ). Raises BslError where one refuses or fails.

        more: what the event has besides; of a record set, Замещение comes after Отказ.
        """
        word = WORDS[source.cls]
        for one in self.subscriptions:
            if one.event == event and not {word, f"{word}.{source.name}"}.isdisjoint(one.sources):
                refused = Ref(False)
                args = [refused, *more]
                session.call(one.handler, source, *args)
                if refused.value is True:
                    raise BslError(f"Не удалось записать: «{source.bsl_text()}»!")
