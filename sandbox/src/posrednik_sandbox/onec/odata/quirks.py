"""What may be wrong with the interface, by switch (E-12, E-15, E-16)."""

from dataclasses import dataclass
from typing import Any, ClassVar

from posrednik_sandbox.onec.changeable import Changeable


@dataclass(slots=True)
class Quirks(Changeable):
    """Numbers named `…_next` count down by one at each request they spoil; 0 = off."""

    of: ClassVar[str] = " OData"
    published: bool = True  # off: no <standardOdata> in the vrd, everything is 404
    composition: bool = True  # off: the composition is empty, every set is 404
    hidden_sets: str = ""  # names by comma that are not in the composition
    forbidden_sets: str = ""  # names by comma that the user has no right to: 403
    denied_rows: int = 0  # each n-th row is denied by RLS: an error, or skipped with allowedOnly
    error_form: str = "xml"  # xml, json or html
    keyset_fails: bool = True  # `Ref_Key gt guid'…'` is an error
    unstable_order: bool = False  # $orderby=Ref_Key alone gives another order at each request
    shifting: int = 0  # before each n-th page a writer changes data, so that pages shift
    count_status: int = 0  # /$count: 0 = works, else this status
    dates_refused: bool = False  # $filter over Date is refused
    lambdas: bool = True  # off: before 8.3.8 any/all are unknown
    fail_next: int = 0  # 500
    busy_next: int = 0  # 503 with Retry-After
    bad_gateway_next: int = 0  # 502
    timeout_next: int = 0  # 504 of the web server after `latency_s`
    cut_next: int = 0  # the body ends in the middle
    drop_next: int = 0  # the connection is cut before an answer
    latency_s: float = 0.0
    sessions: int = 0  # at the same time at most so many; more = no free licence
    post_fails: bool = False  # Post is refused with 500 (rights, stock)

    def change(self, wanted: dict[str, Any]) -> None:
        if wanted.get("error_form", "xml") not in ("xml", "json", "html"):
            raise ValueError("error_form: xml, json или html")
        Changeable.change(self, wanted)

    def hides(self, name: str) -> bool:
        return name in self.hidden_sets.split(",")

    def forbids(self, name: str) -> bool:
        return name in self.forbidden_sets.split(",")
