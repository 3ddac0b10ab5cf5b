"""Subscriptions to events: which handlers of the extension hear of a write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tests.bsl import ops
from tests.bsl.native import BslError, Native, Ref, Value, prop
from tests.bsl.platform.dump import Subscription
from tests.bsl.values import Structure

if TYPE_CHECKING:
    from tests.bsl.platform.platform import BaseSession

# Words of the dump by the classes of what is written.
WORDS = {
    "Справочник": "CatalogObject", "Документ": "DocumentObject", "РегистрСведений": "InformationRegisterRecordSet",
    "РегистрНакопления": "AccumulationRegisterRecordSet", "ПланВидовХарактеристик": "ChartOfCharacteristicTypesObject",
}  # fmt: skip


class DataExchange(Native):
    """ОбменДанными of an object or record set."""

    bsl_type = "ПараметрыОбменаДанными"

    def __init__(self) -> None:
        self.loading = False
        self.sender: Value = None

    @prop("Загрузка", "Load")
    def bsl_loading(self) -> bool:
        return self.loading

    @bsl_loading.setter
    def put_loading(self, value: Value) -> None:
        self.loading = ops.to_bool(value)

    @prop("Отправитель", "Sender")
    def bsl_sender(self) -> Value:
        return self.sender

    @bsl_sender.setter
    def put_sender(self, value: Value) -> None:
        self.sender = value


class Source(Native):
    """What is written, an object or a record set: cls and name of its metadata."""

    cls = ""
    name = ""

    def __init__(self) -> None:
        self.exchange, self.more = DataExchange(), Structure()

    @prop("ОбменДанными", "DataExchange")
    def bsl_exchange(self) -> DataExchange:
        return self.exchange

    @prop("ДополнительныеСвойства", "AdditionalProperties")
    def bsl_more(self) -> Structure:
        return self.more


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
