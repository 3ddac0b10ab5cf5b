"""What the board finds deliveries by: day, sums, words, and who may see which. Pure. See docs/subsystems/board.md."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from posrednik.domain.deliveries import Delivery, Stage

# Stages of which something is left to do; handed over too, until its money is in.
OPEN = frozenset({"ready", "picked_up", "en_route", "handed_over", "not_delivered"})
COLUMNS = (
    "ready", "picked_up", "en_route", "handed_over", "settled", "not_delivered", "returned", "cancelled",
)  # fmt: skip
# A date without a time is this moment of it in UTC: it is that date in every zone from −9 to +14.
_SAFE = time(9, tzinfo=UTC)
KEPT = timedelta(days=1)
_PHONE = frozenset("+-() 0123456789")
_LEAST_DIGITS, _WHOLE_NUMBER = 4, 11
Words = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class BoardFacts:
    """Columns beside the stored delivery. planned_at: a moment of the day on whose board it stands; which day that is
    the division's time zone says. on_hand_kop: cash that was taken and not handed in."""

    planned_at: datetime
    due_kop: int
    taken_kop: int | None
    on_hand_kop: int
    search: str


def facts_of(delivery: Delivery) -> BoardFacts:
    return BoardFacts(
        planned_at(delivery),
        delivery.amount_due_kop,
        delivery.amount_taken_kop,
        delivery.cash_taken_kop if delivery.stage is Stage.HANDED_OVER else 0,
        search_text(delivery),
    )


def planned_at(delivery: Delivery) -> datetime:
    """When it was handed over; before that the date it was put off to, the promised window, or when it got ready."""
    if delivery.handed_over_at is not None:
        return delivery.handed_over_at
    if delivery.next_date is not None and delivery.stage is not Stage.NOT_DELIVERED:
        return datetime.combine(delivery.next_date, _SAFE)
    return delivery.window.from_at if delivery.window else delivery.ready_at


def folded(text: str) -> str:
    """Letters that people type for one another are one letter."""
    return text.lower().replace("ё", "е")


def search_text(delivery: Delivery) -> str:
    """Number, number on the site, recipient, digits of the phone, address; folded, one a line."""
    d = delivery
    parts = (d.order_number, d.site_number, d.recipient.name, d.address.text)
    return "\n".join(folded(part) for part in (*parts, _digits(d.recipient.phone)) if part)


def _digits(text: str) -> str:
    return "".join(one for one in text if one.isascii() and one.isdigit())


def words_of(typed: str) -> Words:
    """Words that must all be found, each with the ways in which it may be written. What can be a telephone number is
    one word, which may stand as its digits alone; +7 and 8 before ten digits are the same."""
    text = folded(typed.replace("\0", "")).strip()
    digits = _digits(text)
    if not set(text) <= _PHONE or len(digits) < _LEAST_DIGITS:
        return tuple((word,) for word in text.split())
    return ((text, digits[1:] if len(digits) == _WHOLE_NUMBER and digits[0] in "78" else digits),)


@dataclass(frozen=True, slots=True)
class Seen:
    """A delivery as far as the board's filters look at it. incidents: how many are open. zone: of its division."""

    stage: str
    on_board: bool
    division_ref: str
    courier_ref: str | None
    planned_at: datetime | None
    due_kop: int
    taken_kop: int | None
    search: str
    changed_at: datetime
    incidents: int
    zone: str

    @property
    def day(self) -> date | None:
        return None if self.planned_at is None else self.planned_at.astimezone(ZoneInfo(self.zone)).date()

    @property
    def open(self) -> bool:
        return self.on_board and self.stage in OPEN

    @property
    def discrepant(self) -> bool:
        """A person must decide something, or the money that was taken is not what was due."""
        return self.incidents > 0 or (self.taken_kop is not None and self.taken_kop != self.due_kop)


@dataclass(frozen=True, slots=True)
class Filter:
    """What somebody looks at. divisions: those that he may see, None = all. day None: all that is open, what
    changed within a day, and the one whose number was typed. Today has besides what is left over from earlier days."""

    divisions: Collection[str] | None = None
    division: str | None = None
    courier: str | None = None
    day: date | None = None
    words: Words = ()
    discrepancies: bool = False
    stage: str | None = None

    def may_see(self, division_ref: str) -> bool:
        return self.divisions is None or division_ref in self.divisions

    def fits(self, seen: Seen, now: datetime) -> bool:
        return (
            self.may_see(seen.division_ref)
            and self.division in (None, seen.division_ref)
            and self.courier in (None, seen.courier_ref)
            and self.stage in (None, seen.stage)
            and (seen.discrepant or not self.discrepancies)
            and all(any(way in seen.search for way in word) for word in self.words)
            and self.in_time(seen, now)
        )

    def in_time(self, seen: Seen, now: datetime) -> bool:
        if self.day is None:
            return seen.open or seen.changed_at > now - KEPT or self.names(seen)
        if seen.day == self.day:
            return seen.on_board
        today = now.astimezone(ZoneInfo(seen.zone)).date()
        return self.day == today and seen.open and seen.day is not None and seen.day < today

    def names(self, seen: Seen) -> bool:
        """Whether the whole number of its order was typed: that one is found however old it is."""
        return bool(self.words) and seen.search.partition("\n")[0] == " ".join(word[0] for word in self.words)
