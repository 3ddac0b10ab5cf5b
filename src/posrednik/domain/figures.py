"""What one event adds to the figures of a day: the base of reports and KPI. See docs/subsystems/reports.md.

`entry_of` is the one place where an event is counted. It reads the event, its postings (so that money equals the
ledger) and the division's time zone, nothing else. The day is that of `occurred_at`: a correction counts on the day on
which it was made, as its postings do, and days that are over stay as they were. Money is kopecks (`_kop`), quantities
are thousandths (`_milli`), times are seconds (`_s`). Trial orders are not counted.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from posrednik.domain.events import Data, Event
from posrednik.domain.evidence import FLAGS
from posrednik.domain.ledger import ACQUIRING, TRANSFERS, MoneyPosting, Postings, Product
from posrednik.domain.proofs import DEFAULT_RULES

# Figure → what it counts. The names are stable: reports, KPI and gates ask by them.
FIGURES: Mapping[str, str] = MappingProxyType(
    {
        "done": "deliveries handed over",
        "not_delivered": "tries that failed",
        "returned": "deliveries of which nothing was accepted and everything is back in the warehouse",
        "with_return": "deliveries of which something was refused or brought back by the customer",
        "refused_lines": "lines that were not accepted whole at the door",
        "customer_returns": "returns by a customer after the hand-over",
        "returned_kop": "goods that came back to the warehouse",
        "customer_returned_kop": "goods that customers brought back",
        "due_kop": "what was to be taken for what was accepted",
        "goods_kop": "goods accepted",
        "delivery_price_kop": "price of the deliveries handed over",
        "taken_cash_kop": "taken at the door in cash",
        "taken_card_kop": "taken at the door by card",
        "taken_transfer_kop": "taken at the door by transfer",
        "refunded_kop": "given back to customers in cash",
        "sales": "sales from the backpack",
        "sold_units_milli": "units sold from the backpack",
        "sold_cash_kop": "sold from the backpack for cash",
        "sold_card_kop": "sold from the backpack by card",
        "sold_transfer_kop": "sold from the backpack by transfer",
        "change_issued_kop": "change given out",
        "hand_ins": "times cash was handed in",
        "handed_in_kop": "cash handed in, as counted",
        "cash_shortage_kop": "missing at counts of cash",
        "cash_surplus_kop": "too much at counts of cash",
        "decided_shortage_kop": "missing cash that was decided on",
        "decided_surplus_kop": "surplus of cash that was decided on",
        "ceiling_exceeded": "times a courier held more cash than his ceiling",
        "goods_shortage_kop": "missing at counts of backpacks, at the price of the day",
        "goods_surplus_kop": "too much at counts of backpacks",
        "in_window": "handed over before the end of the promised time",
        "late_window": "handed over after it",
        "ready_to_handed_s": "seconds from «Готов» to «Отдал», all together",
        "ready_to_handed_n": "how many deliveries these are of",
        "steps": "steps that came with their evidence",
        "photos_wanted": "steps of which the rules ask a photo",
        "photos_there": "those of them that have one",
        "positions_wanted": "steps of which the rules ask a position",
        "positions_there": "those of them that have one",
        "flags": "doubts about evidence, each incident once",
        **{f"flag_{kind}": f"doubts of the kind {kind}" for kind in FLAGS},
    }
)

# Money figures by what the ledger calls a posting; `_reversed` ones count against.
_BY_ACCOUNT = {ACQUIRING: "card", TRANSFERS: "transfer"}
_TAKEN = {"hand_over": "taken", "hand_over_by_another": "taken", "sale": "sold"}
_CASH = {"change_issued": "change_issued_kop", "change_issued_right": "change_issued_kop", "hand_in": "handed_in_kop",
         "refund": "refunded_kop"}  # fmt: skip
MONEY = frozenset(
    {f"{kind}_{way}_kop" for kind in ("taken", "sold") for way in ("cash", "card", "transfer")}
    | {*_CASH.values(), "decided_shortage_kop", "decided_surplus_kop"}
)
_ACTION_OF = {"delivery.picked_up": "pick_up", "delivery.departed": "depart", "delivery.handed_over": "hand_over",
              "delivery.not_delivered": "not_deliver", "delivery.customer_returned": "customer_return"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sold:
    """quantity_milli and sum_kop of one product; below zero where a sale was put right."""

    quantity_milli: int
    sum_kop: int


@dataclass(frozen=True, slots=True)
class DayEntry:
    """What one event adds to one day of one courier; no zeros. courier_ref: empty = nobody's.

    figures: by the names of `FIGURES`. reasons: code of «Не вручил» → tries. products: sold from the backpack.
    """

    day: date
    division_ref: str
    courier_ref: str
    figures: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    products: Mapping[Product, Sold] = field(default_factory=dict)


def entry_of(event: Event, postings: Postings, zone: str) -> DayEntry | None:
    """None: an event that is never counted (`COUNTED`), or of a trial order. One that adds nothing has empty figures.

    zone: of its division. Raises KeyError for an event that is not complete.
    """
    count = _COUNTS.get(event.type)
    if count is None or event.trial:
        return None
    sheet = _Sheet(event)
    count(sheet, event.data)
    _money(sheet, postings.money)
    _evidence(sheet)
    return sheet.entry(zone)


class _Sheet:
    """Collects what one event adds."""

    def __init__(self, event: Event) -> None:
        self.event = event
        self.figures: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.quantities: Counter[Product] = Counter()
        self.sums: Counter[Product] = Counter()

    @property
    def snapshot(self) -> Data:
        return self.event.data.get("delivery") or {}

    def entry(self, zone: str) -> DayEntry:
        products = {
            product: Sold(self.quantities[product], self.sums[product])
            for product in sorted({*self.quantities, *self.sums}, key=str)
            if self.quantities[product] or self.sums[product]
        }
        return DayEntry(
            self.event.occurred_at.astimezone(ZoneInfo(zone)).date(),
            self.event.division_ref,
            self.event.data.get("courier_ref") or "",
            {name: value for name, value in sorted(self.figures.items()) if value},
            {code: n for code, n in sorted(self.reasons.items()) if n},
            products,
        )

    def differs(self, name: str, was: int, now: int) -> None:
        self.figures[name] += now - was

    def sell(self, lines: Iterable[Data], sign: int) -> None:
        for line in lines:
            product = (line["product"], line.get("characteristic"))
            self.figures["sold_units_milli"] += sign * line["quantity_milli"]
            self.quantities[product] += sign * line["quantity_milli"]
            self.sums[product] += sign * (line.get("sum_kop") or 0)


def _money(sheet: _Sheet, postings: Iterable[MoneyPosting]) -> None:
    for one in postings:
        why = one.why.removesuffix("_reversed")
        sign = 1 if why == one.why else -1
        if why in _TAKEN:
            account = one.target if sign > 0 else one.source
            sheet.figures[f"{_TAKEN[why]}_{_BY_ACCOUNT.get(account, 'cash')}_kop"] += sign * one.sum_kop
        elif why in _CASH:
            sheet.figures[_CASH[why]] += sign * one.sum_kop
        elif why == "difference":
            missing = one.target.startswith("cash_shortage:")
            sheet.figures["decided_shortage_kop" if missing else "decided_surplus_kop"] += one.sum_kop


def _evidence(sheet: _Sheet) -> None:
    """Of a step that came with its evidence: what the rules asked, and what was there of it."""
    data, figures = sheet.event.data, sheet.figures
    action = _ACTION_OF.get(sheet.event.type)
    if action is None or "photo_hashes" not in data:
        return
    figures["steps"] += 1
    wanted = data.get("asked_proofs")
    if wanted is None:  # an event from before it was told
        wanted = DEFAULT_RULES.asked(action)
    for proof, there in (("photo", data["photo_hashes"]), ("position", data.get("position"))):
        if proof in wanted:
            figures[f"{proof}s_wanted"] += 1
            figures[f"{proof}s_there"] += bool(there)


# -- deliveries


def _handed_over(sheet: _Sheet, data: Data) -> None:
    figures, told = sheet.figures, sheet.snapshot
    figures["done"] += 1
    figures["delivery_price_kop"] += told.get("delivery_price_kop") or 0
    _accepted(sheet, {}, data)
    at, ready_at = sheet.event.occurred_at, told.get("ready_at")
    if ready_at:
        figures["ready_to_handed_n"] += 1
        figures["ready_to_handed_s"] += max(0, round((at - datetime.fromisoformat(ready_at)).total_seconds()))
    window = told.get("window")
    if window and window.get("to_at"):
        figures["in_window" if at <= datetime.fromisoformat(window["to_at"]) else "late_window"] += 1


def _accepted(sheet: _Sheet, before: Data, after: Data) -> None:
    """What was accepted, refused and to be paid for it; a correction adds the difference to what was said before."""
    was, now = before.get("lines") or (), after["lines"]
    sheet.differs("due_kop", before.get("amount_due_kop") or 0, after.get("amount_due_kop") or 0)
    sheet.differs("goods_kop", _worth(was), _worth(now))
    sheet.differs("refused_lines", _refused(was), _refused(now))
    back = _brought_back(sheet.snapshot)
    sheet.differs("with_return", _refused(was) > 0 or (bool(was) and back), _refused(now) > 0 or back)


def _worth(lines: Iterable[Data]) -> int:
    return sum(line.get("sum_kop") or 0 for line in lines)


def _refused(lines: Iterable[Data]) -> int:
    return sum(bool(line.get("refused_milli")) for line in lines)


def _brought_back(snapshot: Data) -> bool:
    """By the customer, as the delivery is after the event."""
    return any(line.get("returned_milli") for line in snapshot.get("lines") or ())


def _not_delivered(sheet: _Sheet, data: Data) -> None:
    sheet.figures["not_delivered"] += 1
    sheet.reasons[data["reason"]] += 1


def _returned(sheet: _Sheet, data: Data) -> None:
    """Goods come in by several counts: the delivery is returned by the one that leaves nothing with the courier."""
    told = sheet.snapshot
    sheet.figures["returned_kop"] += _worth(data["lines"])
    nothing_accepted = not any(line.get("accepted_milli") for line in told.get("lines") or ())
    if told.get("stage") == "returned" and nothing_accepted:
        sheet.figures["returned"] += 1


def _customer_returned(sheet: _Sheet, data: Data) -> None:
    sheet.figures["customer_returns"] += 1
    sheet.figures["customer_returned_kop"] += _worth(data["lines"])
    now: Counter[str] = Counter({line["line"]: line["quantity_milli"] for line in data["lines"]})
    lines = sheet.snapshot.get("lines") or ()
    first = all(line["returned_milli"] == now[line["line"]] for line in lines)
    sheet.figures["with_return"] += first and not _refused(lines)


def _corrected(sheet: _Sheet, data: Data) -> None:
    before = data["before"]
    if data["corrects"] == "hand_over":
        _accepted(sheet, before, data)
    elif data["corrects"] == "not_deliver":
        sheet.reasons[before["reason"]] -= 1
        sheet.reasons[data["reason"]] += 1


# -- sales, backpacks, cash, incidents


def _sold(sheet: _Sheet, data: Data) -> None:
    sheet.figures["sales"] += 1
    sheet.sell(data["lines"], 1)


def _sale_corrected(sheet: _Sheet, data: Data) -> None:
    """A sale that was taken back whole is none any more."""
    was, now = data["before"]["lines"], data["lines"]
    sheet.differs("sales", bool(was), bool(now))
    sheet.sell(was, -1)
    sheet.sell(now, 1)


def _counted(sheet: _Sheet, data: Data) -> None:
    sheet.figures["goods_shortage_kop"] += data.get("shortage_kop") or 0
    sheet.figures["goods_surplus_kop"] += data.get("surplus_kop") or 0


def _handed_in(sheet: _Sheet, data: Data) -> None:
    sheet.figures["hand_ins"] += 1
    _differs(sheet, {}, data)


def _cash_corrected(sheet: _Sheet, data: Data) -> None:
    if data["corrects"] == "handed_in":
        before = data["before"]
        sheet.differs("hand_ins", bool(before["sum_kop"]), bool(data["sum_kop"]))
        _differs(sheet, before, data)


def _differs(sheet: _Sheet, before: Data, after: Data) -> None:
    was, now = before.get("difference_kop") or 0, after.get("difference_kop") or 0
    sheet.differs("cash_shortage_kop", max(0, -was), max(0, -now))
    sheet.differs("cash_surplus_kop", max(0, was), max(0, now))


def _raised(sheet: _Sheet, data: Data) -> None:
    kind = data["kind"]
    if kind in FLAGS:
        sheet.figures["flags"] += 1
        sheet.figures[f"flag_{kind}"] += 1
    elif kind == "ceiling_exceeded":
        sheet.figures["ceiling_exceeded"] += 1


def _nothing_else(_: _Sheet, __: Data) -> None:
    """Only its postings or its evidence count."""


_COUNTS: Mapping[str, Callable[[_Sheet, Any], None]] = MappingProxyType(
    {
        "delivery.picked_up": _nothing_else,
        "delivery.departed": _nothing_else,
        "delivery.handed_over": _handed_over,
        "delivery.not_delivered": _not_delivered,
        "delivery.returned": _returned,
        "delivery.customer_returned": _customer_returned,
        "delivery.corrected": _corrected,
        "delivery.done_by_another": _nothing_else,
        "sale.made": _sold,
        "sale.corrected": _sale_corrected,
        "backpack.counted": _counted,
        "cash.change_issued": _nothing_else,
        "cash.handed_in": _handed_in,
        "cash.corrected": _cash_corrected,
        "incident.raised": _raised,
    }
)
COUNTED = frozenset(_COUNTS)
