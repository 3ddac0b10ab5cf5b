"""The reports as data: what they are called, their columns, and how figures of days become their values.

A column's value is a function of figures, and that of the totals is the same function of all figures together: so the
share of a whole is the whole's share and no mean of shares. Russian and English stand side by side.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from posrednik.domain.evidence import FLAGS
from posrednik.domain.figures import FIGURES

Kind = Literal["text", "date", "count", "money", "quantity", "share", "seconds"]
Words = tuple[str, str]
Figures = Mapping[str, int]
Value = int | float | None
Worth = Callable[[Figures], Value]


@dataclass(frozen=True, slots=True)
class Column:
    """worth: of the row's figures; None = the row has it from elsewhere. names: the figures whose cases are behind it.

    total: as in kit/sheets.py, Column; empty = no total.
    """

    key: str
    title: Words
    kind: Kind
    worth: Worth | None = None
    names: tuple[str, ...] = ()
    total: str = ""

    def words(self, lang: str) -> str:
        return self.title[lang == "en"]


@dataclass(frozen=True, slots=True)
class Report:
    """by_day: a row of each day. hidden_before_count: columns that tell what a courier is about to hand in."""

    name: str
    title: Words
    columns: tuple[Column, ...]
    by_day: bool = False
    hidden_before_count: frozenset[str] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        """All figures that its columns want."""
        return _WANTED[self.name]

    def column(self, key: str) -> Column | None:
        return next((one for one in self.columns if one.key == key), None)

    def values(self, figures: Figures) -> dict[str, Value]:
        return {key: worth(figures) for key, worth in _WORTHS[self.name]}


def _sum(key: str, title: Words, kind: Kind, *names: str, less: tuple[str, ...] = ()) -> Column:
    def worth(figures: Figures) -> int:
        return sum([figures.get(name, 0) for name in names]) - sum([figures.get(name, 0) for name in less])

    def alone(figures: Figures) -> int:  # most columns are one figure, and a month has thousands of rows
        return figures.get(names[0], 0)

    worth = worth if less or len(names) > 1 else alone
    return Column(key, title, kind, worth, (*names, *less), f"{{{key}}}")


def _count(key: str, title: Words, *names: str) -> Column:
    return _sum(key, title, "count", *(names or (key,)))


def _money(key: str, title: Words, *names: str, less: tuple[str, ...] = ()) -> Column:
    return _sum(key, title, "money", *names, less=less)


def _part(key: str, title: Words, there: str, wanted: str) -> Column:
    """A share of what was wanted, of columns with these keys; none where nothing was wanted."""

    def worth(figures: Figures) -> float | None:
        whole = figures.get(wanted, 0)
        return figures.get(there, 0) / whole if whole else None

    return Column(key, title, "share", worth, (), f'IFERROR({{{there}}}/{{{wanted}}},"")')


def without_return(figures: Figures) -> float | None:
    """The share of finished deliveries of which nothing came back; None where none was finished."""
    finished = figures.get("done", 0) + figures.get("returned", 0)
    kept = figures.get("done", 0) - figures.get("with_return", 0)
    return max(0, kept) / finished if finished > 0 else None


def ready_to_handed_s(figures: Figures) -> float | None:
    """The mean time from «Готов» to «Отдал»."""
    n = figures.get("ready_to_handed_n", 0)
    return figures.get("ready_to_handed_s", 0) / n if n > 0 else None


_DAY = Column("day", ("День", "Day"), "date")
_COURIER = Column("courier", ("Курьер", "Courier"), "text")
_DIVISION = Column("division", ("Подразделение", "Division"), "text")
_CASH = ("taken_cash_kop", "sold_cash_kop")
_CARD = ("taken_card_kop", "sold_card_kop")
_TRANSFER = ("taken_transfer_kop", "sold_transfer_kop")
_FLAGS: Mapping[str, Words] = MappingProxyType(
    {
        "far_from_address": ("Далеко от адреса", "Far from the address"), "no_position": ("Нет места", "No position"),
        "repeated_photo": ("Повтор фото", "Photo repeated"), "dark_photo": ("Тёмное фото", "Dark photo"),
        "clock_jump": ("Скачок часов", "Clock jump"), "batch_clicking": ("Отметки пачкой", "Clicked in a batch"),
        "impossible_speed": ("Скорость", "Speed"), "same_coordinates": ("Одни координаты", "Same coordinates"),
    }
)  # fmt: skip

_COURIERS = Report(
    "couriers", ("По курьерам и дням", "By courier and day"),
    (
        _DAY, _COURIER, _DIVISION,
        _count("done", ("Вручено", "Handed over")), _count("not_delivered", ("Не вручено", "Not delivered")),
        _count("returned", ("Возвращено", "Returned")), _count("with_return", ("С возвратом", "With a return")),
        Column("without_return", ("Без возврата", "Without a return"), "share", without_return, (),
               'IFERROR(MAX(0,{done}-{with_return})/({done}+{returned}),"")'),
        _count("sales", ("Продаж", "Sales")),
        _money("revenue", ("Выручка", "Revenue"), *_CASH, *_CARD, *_TRANSFER, less=("refunded_kop",)),
        _money("cash", ("Наличные", "Cash"), *_CASH, less=("refunded_kop",)),
        _money("card", ("Карта", "Card"), *_CARD), _money("transfer", ("Перевод", "Transfer"), *_TRANSFER),
        _money("change_issued", ("Размен", "Change"), "change_issued_kop"),
        _money("to_hand_in", ("К сдаче за день", "To hand in of the day"), *_CASH, "change_issued_kop",
               less=("refunded_kop",)),
        _money("handed_in", ("Сдано", "Handed in"), "handed_in_kop"),
        Column("ready_to_handed", ("От «Готов» до «Отдал»", "From ready to handed over"), "seconds", ready_to_handed_s,
               (), 'IFERROR(SUMPRODUCT({ready_to_handed.all},{done.all})/SUM({done.all}),"")'),
    ),
    by_day=True, hidden_before_count=frozenset({"revenue", "cash", "to_hand_in"}),
)  # fmt: skip
_SALES = Report(
    "sales", ("Продажи из рюкзака", "Sales from the backpack"),
    (
        Column("product", ("Товар", "Product"), "text"), _COURIER, _DIVISION,
        Column("quantity", ("Количество", "Quantity"), "quantity", None, ("sold_units_milli",)),
        Column("sum", ("Сумма", "Sum"), "money", None, (), "{sum}"),
        Column("price", ("Средняя цена", "Mean price"), "money"),
    ),
)  # fmt: skip
_DIFFERENCES = Report(
    "cash", ("Расхождения в деньгах", "Cash discrepancies"),
    (
        _COURIER, _DIVISION,
        _count("hand_ins", ("Сдач", "Hand-ins")), _money("handed_in", ("Сдано", "Handed in"), "handed_in_kop"),
        _money("shortage", ("Недостача", "Shortage"), "cash_shortage_kop"),
        _money("surplus", ("Излишек", "Surplus"), "cash_surplus_kop"),
        _money("decided", ("Решено по недостаче", "Shortage decided"), "decided_shortage_kop"),
        Column("open", ("Не решено сейчас", "Open now"), "money", None, (), "{open}"),
        _count("ceiling", ("Превышен лимит", "Over the ceiling"), "ceiling_exceeded"),
        _money("goods_shortage", ("Недостача товара", "Goods short"), "goods_shortage_kop"),
        _money("goods_surplus", ("Излишек товара", "Goods over"), "goods_surplus_kop"),
        Column("causes", ("Причины", "Causes"), "text"),
    ),
)  # fmt: skip
_RETURNS = Report(
    "returns", ("Возвраты и неудачи по причинам", "Returns and failures by reason"),
    (
        Column("what", ("Что случилось", "What happened"), "text"), Column("reason", ("Причина", "Reason"), "text"),
        _COURIER, _DIVISION,
        Column("n", ("Случаев", "Cases"), "count", None, ("not_delivered", "returned", "refused_lines",
                                                         "customer_returns"), "{n}"),
        Column("sum", ("Сумма товара", "Goods"), "money", None, (), "{sum}"),
        Column("share", ("Доля попыток", "Share of tries"), "share"),
    ),
)  # fmt: skip
_PROOFS = Report(
    "proofs", ("Качество доказательств", "Quality of proofs"),
    (
        _COURIER, _DIVISION,
        _count("steps", ("Шагов", "Steps")), _count("photos_wanted", ("Фото нужно", "Photos wanted")),
        _count("photos_there", ("Фото есть", "Photos there")),
        _part("photo_share", ("Доля с фото", "Share with photo"), "photos_there", "photos_wanted"),
        _count("positions_wanted", ("Место нужно", "Positions wanted")),
        _count("positions_there", ("Место есть", "Positions there")),
        _part("position_share", ("Доля с местом", "Share with position"), "positions_there", "positions_wanted"),
        _count("flags", ("Сомнений", "Doubts")),
        *(_count(f"flag_{kind}", _FLAGS[kind]) for kind in FLAGS),
    ),
)  # fmt: skip

REPORTS: Mapping[str, Report] = MappingProxyType(
    {one.name: one for one in (_COURIERS, _SALES, _DIFFERENCES, _RETURNS, _PROOFS)}
)
# Beside those of the columns: what their values are made of.
_MORE = {
    "couriers": ("ready_to_handed_s", "ready_to_handed_n"),
    "returns": ("done", "customer_returned_kop", "returned_kop"),
}
_WANTED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        name: tuple(sorted({*_MORE.get(name, ()), *(n for column in one.columns for n in column.names)} & {*FIGURES}))
        for name, one in REPORTS.items()
    }
)

_WORTHS: Mapping[str, tuple[tuple[str, Worth], ...]] = MappingProxyType(
    {name: tuple((c.key, c.worth) for c in one.columns if c.worth is not None) for name, one in REPORTS.items()}
)

# Report «returns»: what happened, the figure that counts it, and the one with the goods' sum.
NOT_DELIVERED: Words = ("Не вручено", "Not delivered")
CAME_BACK: tuple[tuple[Words, str, str], ...] = (
    (("Отказ от строки при вручении", "Line refused at the door"), "refused_lines", ""),
    (("Возврат покупателем", "Returned by the customer"), "customer_returns", "customer_returned_kop"),
    (("Возвращено на склад", "Back in the warehouse"), "returned", "returned_kop"),
)
TOTAL: Words = ("Итого", "Total")
NOBODY: Words = ("Без курьера", "No courier")
UNNAMED: Words = ("Товар без названия", "Product without a name")
ALL: Words = ("все", "all")
# What was asked for, above the table of a file and of a printed page.
PERIOD: Words = ("Период", "Period")
MADE: Words = ("Составлен", "Made")
# How the list of cases calls what happened.
EVENTS: Mapping[str, Words] = MappingProxyType(
    {
        "delivery.picked_up": ("Забрал", "Picked up"), "delivery.departed": ("В пути", "On the way"),
        "delivery.handed_over": ("Вручил", "Handed over"), "delivery.not_delivered": ("Не вручил", "Not delivered"),
        "delivery.returned": ("Вернул на склад", "Back in the warehouse"),
        "delivery.customer_returned": ("Возврат покупателя", "Returned by the customer"),
        "delivery.corrected": ("Исправление шага", "Step corrected"),
        "delivery.done_by_another": ("Шаг другого курьера", "Step of another courier"),
        "sale.made": ("Продажа", "Sale"), "sale.corrected": ("Исправление продажи", "Sale corrected"),
        "backpack.counted": ("Пересчёт рюкзака", "Backpack counted"),
        "cash.change_issued": ("Размен", "Change"), "cash.handed_in": ("Сдача денег", "Cash handed in"),
        "cash.corrected": ("Исправление кассы", "Cash corrected"), "incident.raised": ("Расхождение", "Incident"),
    }
)  # fmt: skip
