"""The week by facts: what was done, what went wrong, what changed. Pure; figures by domain/figures.py, text here.

No verdicts but those that follow from a limit: a reader sees the number, that of the week before, and why it is red.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from posrednik.domain.modes import TITLES
from posrednik.domain.texts import rubles

Unit = Literal["count", "money", "share"]
Figures = Mapping[str, tuple[int, int]]
# Of the cash taken: what may be missing or too much (design, KPI).
CASH_SHARE = 0.003


@dataclass(frozen=True, slots=True)
class Line:
    """One fact. value, earlier: kopecks for money, None = nothing to divide by. fine None: nothing to compare with."""

    key: str
    unit: Unit
    value: float | None
    earlier: float | None = None
    fine: bool | None = None


@dataclass(frozen=True, slots=True)
class Switch:
    """A division that was switched. before, after: modes."""

    division: str
    at: datetime
    who: str
    reason: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Stands:
    """How a division stands now. red: days of the last two weeks on which a gate was not fine."""

    division: str
    mode: str
    red: int | None


@dataclass(frozen=True, slots=True)
class Counts:
    """Of the week: incidents raised, and those of them decided; now: open ones, dead letters, quarantine. shadow:
    messages that would have been sent."""

    raised: int
    decided: int
    open_now: int
    dead_now: int
    quarantined_now: int
    shadow: int


@dataclass(frozen=True, slots=True)
class Week:
    """about: the division's name, None = all that the reader may see. last is in it."""

    about: str | None
    first: date
    last: date
    lines: Sequence[Line]
    stands: Sequence[Stands]
    switches: Sequence[Switch]

    @property
    def red(self) -> list[Line]:
        return [line for line in self.lines if line.fine is False]


def lines_of(figures: Figures, counts: Counts) -> tuple[Line, ...]:
    """The week's facts in the order in which they are told."""

    def one(key: str, unit: Unit, *names: str) -> Line:
        value, earlier = _both(figures, names)
        return Line(key, unit, value, earlier)

    def share(key: str, part: Sequence[str], whole: Sequence[str]) -> Line:
        (now, before), (all_now, all_before) = _both(figures, part), _both(figures, whole)
        return Line(key, "share", now / all_now if all_now else None, before / all_before if all_before else None)

    cash = ("taken_cash_kop", "sold_cash_kop")
    differs = share("cash_difference", ("cash_shortage_kop", "cash_surplus_kop"), cash)
    return (
        one("done", "count", "done"),
        one("not_delivered", "count", "not_delivered"),
        one("due", "money", "due_kop"),
        one("taken", "money", "taken_cash_kop", "taken_card_kop", "taken_transfer_kop"),
        one("sales", "count", "sales"),
        one("sold", "money", "sold_cash_kop", "sold_card_kop", "sold_transfer_kop"),
        share("in_window", ("in_window",), ("in_window", "late_window")),
        share("photos", ("photos_there",), ("photos_wanted",)),
        _limited(differs, None if differs.value is None else differs.value <= CASH_SHARE),
        _none(one("goods_shortage", "money", "goods_shortage_kop")),
        Line("incidents", "count", counts.raised),
        _none(Line("incidents_open", "count", counts.open_now)),
        _none(Line("dead", "count", counts.dead_now)),
        _none(Line("quarantine", "count", counts.quarantined_now)),
        Line("shadow", "count", counts.shadow),
    )


def _both(figures: Figures, names: Sequence[str]) -> tuple[int, int]:
    """Their sums: of the week, and of the one before."""
    found = [figures.get(name, (0, 0)) for name in names]
    return sum(value for value, _ in found), sum(earlier for _, earlier in found)


def _limited(line: Line, fine: bool | None) -> Line:
    return Line(line.key, line.unit, line.value, line.earlier, fine)


def _none(line: Line) -> Line:
    """Fine when there is none of it."""
    return _limited(line, not line.value)


_TITLES: Mapping[str, tuple[str, str]] = {
    "done": ("Вручено", "Handed over"),
    "not_delivered": ("Не вручено", "Not delivered"),
    "due": ("К получению по вручённым", "Due of what was handed over"),
    "taken": ("Получено", "Taken"),
    "sales": ("Продаж из рюкзака", "Sales from backpacks"),
    "sold": ("Продано из рюкзака", "Sold from backpacks"),
    "in_window": ("Вручено в обещанное время", "Handed over in the promised time"),
    "photos": ("Шагов с нужным фото", "Steps with the photo asked for"),
    "cash_difference": ("Расхождение наличных (норма до 0,3 %)", "Cash discrepancy (0.3 % at most)"),
    "goods_shortage": ("Недостача товара при пересчёте", "Goods missing at counts"),
    "incidents": ("Разборов появилось", "Incidents raised"),
    "incidents_open": ("Разборов открыто сейчас", "Incidents open now"),
    "dead": ("Непринятых сообщений сейчас", "Dead letters now"),
    "quarantine": ("Объектов в карантине сейчас", "Objects in quarantine now"),
    "shadow": ("Не отправлено (теневой режим)", "Not sent (shadow mode)"),
}
_WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("Доставка: неделя по фактам", "Delivery: the week by facts"),
    "all": ("все подразделения", "all divisions"),
    "fact": ("Показатель", "Fact"), "value": ("Неделя", "Week"), "earlier": ("Прошлая", "Before"),
    "attention": ("Требует внимания", "Needs attention"), "calm": ("Отклонений нет.", "Nothing is out of bounds."),
    "stands": ("Режимы сейчас", "Modes now"), "switches": ("Переключения за неделю", "Switched in the week"),
    "no_switches": ("Не было.", "None."), "red_days": ("дней с отклонениями: {n}", "days out of bounds: {n}"),
    "unknown": ("ворота не посчитаны", "gates not counted"),
}  # fmt: skip


def title(key: str, lang: str = "ru") -> str:
    return _TITLES[key][lang == "en"]


def shown(line: Line, value: float | None, lang: str = "ru") -> str:
    """«1 250», «2 450,50 ₽», «97,5 %»; a dash for nothing."""
    if value is None:
        return "—"
    if line.unit == "money":
        return rubles(round(value), lang)
    if line.unit == "share":
        text = f"{value * 100:.2f}".rstrip("0").rstrip(".")
        return (text if lang == "en" else text.replace(".", ",")) + "\u00a0%"
    return f"{round(value):,}".replace(",", "\u2009")


def markdown(week: Week, lang: str = "ru") -> str:
    """The week as a page of Markdown."""
    word = {key: both[lang == "en"] for key, both in _WORDS.items()}
    about = _plain(week.about) if week.about else word["all"]
    parts = [
        f"# {word['title']}, {_span(week)}: {about}",
        _attention(week, word, lang),
        f"| {word['fact']} | {word['value']} | {word['earlier']} |\n|---|---:|---:|\n" + "\n".join(_row(week, lang)),
        f"## {word['stands']}\n\n" + "\n".join(f"- {_stand(one, word, lang)}" for one in week.stands),
        f"## {word['switches']}\n\n" + ("\n".join(f"- {_switch(one, lang)}" for one in week.switches)
                                        or word["no_switches"]),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def chat_text(week: Week, lang: str = "ru") -> str:
    """The same short, with Bitrix24's marks."""
    word = {key: both[lang == "en"] for key, both in _WORDS.items()}
    about = week.about or word["all"]
    facts = [f"{title(line.key, lang)}: {shown(line, line.value, lang)}" for line in week.lines if line.value]
    red = [f"{title(line.key, lang)}: {shown(line, line.value, lang)}" for line in week.red]
    attention = f"[B]{word['attention']}[/B]\n" + "\n".join(red) if red else word["calm"]
    stands = "\n".join(_stand(one, word, lang) for one in week.stands)
    head = f"[B]{word['title']}, {_span(week)}[/B]\n{_no_marks(about)}"
    return "\n\n".join((head, attention, "\n".join(facts), f"[B]{word['stands']}[/B]\n{_no_marks(stands)}"))


def _span(week: Week) -> str:
    return f"{week.first:%d.%m}–{week.last:%d.%m.%Y}"


def _attention(week: Week, word: Mapping[str, str], lang: str) -> str:
    if not week.red:
        return word["calm"]
    rows = "\n".join(f"- {title(line.key, lang)}: {shown(line, line.value, lang)}" for line in week.red)
    return f"## {word['attention']}\n\n{rows}"


def _row(week: Week, lang: str) -> list[str]:
    return [
        f"| {title(line.key, lang)} | {shown(line, line.value, lang)} | {shown(line, line.earlier, lang)} |"
        for line in week.lines
    ]


def _stand(one: Stands, word: Mapping[str, str], lang: str) -> str:
    gates = word["unknown"] if one.red is None else word["red_days"].format(n=one.red)
    return f"{_plain(one.division)}: {TITLES[one.mode][lang == 'en']}; {gates}"


def _switch(one: Switch, lang: str) -> str:
    before, after = (TITLES[mode][lang == "en"] for mode in (one.before, one.after))
    return f"{one.at:%d.%m %H:%M} {_plain(one.division)}: {before} → {after} ({_plain(one.who)}: {_plain(one.reason)})"


def _plain(text: str) -> str:
    """Names and reasons are people's: on one line, and no Markdown of theirs."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#" else c for c in " ".join(text.split()))


def _no_marks(text: str) -> str:
    """Nor Bitrix24's marks."""
    return text.replace("\\", "").replace("[", "(").replace("]", ")")
