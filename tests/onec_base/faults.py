"""The sandbox's switches of faults, as far as a base with the extension has them."""

from tests.bsl.platform.http import Fault
from tests.bsl.platform.infobase import Infobase
from tests.onec_base.customer import REJECTED

from posrednik_sandbox.onec.switches import Switches

# What happens to which request.
OF_REQUESTS = {
    "lose_answers": ("lose", "/exchange/messages"),
    "lose_command_answers": ("lose", "/exchange/commands"),
    "crash_before_ack": ("die", "/exchange/outgoing/ack"),
}
OTHERS = {"reject_type", "control_stock", "hold_sender", "site_exchange_s", "double_press"}


class Faults(Switches):
    """As the sandbox's, but that a switch which this base cannot follow is refused."""

    infobase: Infobase

    def change(self, wanted: dict[str, object]) -> None:
        lacking = wanted.keys() - OF_REQUESTS.keys() - OTHERS
        if lacking:
            raise ValueError(f"у базы с расширением нет переключателей: {sorted(lacking)}")
        super().change(wanted)
        for name in wanted.keys() & OF_REQUESTS.keys():
            self._fault(*OF_REQUESTS[name], getattr(self, name))
        if "reject_type" in wanted:
            session = self.infobase.session()
            session.call("кд_Настройки.Установить", REJECTED, self.reject_type)
            session.close()
        self.infobase.control_stock = self.control_stock

    def _fault(self, kind: str, part: str, times: int) -> None:
        kept = [one for one in self.infobase.http_faults if one.part != part]
        self.infobase.http_faults = kept + ([Fault(kind, part, times)] if times else [])
