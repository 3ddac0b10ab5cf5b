"""What backpacks, sales and cash must come to: a small model of domain.md §4, of its own words and not of the code.

Everything is whole kopecks and thousandths. An act is what a phone sent; the office and 1C act by methods.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.flow.exchange_client import Json

Goods = Counter[str]  # product -> thousandths
Subject = tuple[str, str, str]  # kind of incident, kind and id of its subject
DUE = 228_000
CEILING = 500_000
OVERSALE = 1000
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
TOTALS = ("pick_up", "hand_over", "correct_hand_over", "sale", "correct_sale")
COUNTS = ("accept", "count")  # of these what differs does


@dataclass(eq=False)
class Doc:
    """A load by a command or a transfer. drawn: what the books moved for it, and still hold; lost: never found."""

    courier: str
    warehouse: str
    lines: Goods
    drawn: Goods = field(default_factory=Counter)
    waiting: Goods = field(default_factory=Counter)
    lost: Goods = field(default_factory=Counter)
    undone: bool = False
    at: datetime = LONG_AGO


@dataclass
class Sale:
    lines: Goods
    prices: dict[str, int]
    method: str

    def sum(self) -> int:
        return sum(worth(self.prices[one], milli) for one, milli in self.lines.items())


@dataclass
class Debit:
    """Cash that he owes for one thing, in the order in which it first came in."""

    at: datetime
    kop: int = 0


@dataclass
class Shift:
    id: str
    device: str
    opened: datetime
    closed: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return self.opened <= at and (self.closed is None or at <= self.closed)


@dataclass
class Entry:
    kind: str
    kop: int
    expected: int = 0
    names: str = ""  # the delivery that it covers first


@dataclass
class Delivery:
    courier: str
    stage: str = "ready"
    taken: int = 0
    method: str = ""
    settled: bool = False

    @property
    def cash(self) -> int:
        return self.taken if self.method == "cash" else 0


@dataclass
class Man:
    """A courier."""

    bag: Goods = field(default_factory=Counter)
    short: Goods = field(default_factory=Counter)
    surplus: Goods = field(default_factory=Counter)
    orders: list[Doc] = field(default_factory=list)  # loads, in the order in which they were first told of
    debits: dict[str, Debit] = field(default_factory=dict)
    covered: int = 0
    entries: dict[str, Entry] = field(default_factory=dict)
    shifts: list[Shift] = field(default_factory=list)
    asked: int | None = None
    fell: datetime = LONG_AGO
    moves: int = 0  # of his cash
    explained: int | None = None  # at which of them a person decided on what he holds
    version: int = 0  # of his backpack: how often its books were written

    @property
    def cash(self) -> int:
        return sum(one.kop for one in self.debits.values()) - self.covered

    @property
    def open_shift(self) -> Shift | None:
        return next((one for one in self.shifts if one.closed is None), None)

    def shift_at(self, at: datetime) -> Shift | None:
        return max((one for one in self.shifts if one.holds(at)), key=lambda one: one.opened, default=None)

    @property
    def waiting(self) -> list[Doc]:
        return [one for one in self.orders if +one.waiting]

    def bag_at(self, at: datetime) -> Goods:
        """What a count of this time could find: without what was loaded since, as far as that is still there."""
        since = sum((one.waiting for one in self.waiting if one.at > at), Counter[str]())
        return Counter({p: max(min(milli, 0), milli - since[p]) for p, milli in self.bag.items()})


def worth(price: int, milli: int) -> int:
    """Half a kopeck and more is one."""
    return (price * milli * 2 + 1000) // 2000


def less(a: Goods, b: Goods) -> Goods:
    return a - b


class Model:
    """prices: 1C's. disputed: by warehouse. outs: transfers out of a backpack, as they hold now."""

    def __init__(self, couriers: tuple[str, str], prices: dict[str, int]) -> None:
        self.prices = prices
        self.men = {ref: Man() for ref in couriers}
        self.docs: dict[tuple[str, str], Doc] = {}
        self.outs: dict[tuple[str, str], Goods] = {}
        self.disputed: Goods = Counter()
        self.sold: Goods = Counter()
        self.written: Goods = Counter()
        self.given: Goods = Counter()  # what 1C loaded, less what it got back
        self.sales: dict[str, tuple[str, Sale]] = {}
        self.deliveries: dict[str, Delivery] = {}
        self.must: Counter[Subject] = Counter()  # times of an incident since the last was decided
        self.decided: Counter[Subject] = Counter()
        self.events: Counter[str] = Counter()

    def plant(self, kind: str, about: str, id: str) -> None:
        self.must[kind, about, id] += 1
        if kind == "cash_difference":
            self.men[id].explained = None

    # -- 1C

    def load(self, courier: str, key: str, warehouse: str, lines: Goods) -> None:
        """By a document or a command; the same once more changes nothing."""
        man = self.men[courier]
        doc = self.docs.get((courier, key))
        if doc is None:
            doc = self.docs[courier, key] = Doc(courier, warehouse, Counter())
            man.orders.append(doc)
        if doc.lines == lines and not doc.undone:
            return
        fewer, more = less(doc.drawn, lines), less(lines, doc.drawn)
        self._back(doc, fewer)
        doc.lines, doc.undone = lines.copy(), False
        doc.drawn += more
        doc.waiting += more
        doc.at = datetime.now(UTC) if more else doc.at
        _put(man.bag, more)
        _put(self.given, more)
        man.version += bool(more)

    def undo(self, courier: str, key: str) -> None:
        doc = self.docs.get((courier, key))
        if doc is not None and not doc.undone:
            self._back(doc, doc.drawn.copy())
            doc.undone = True

    def _back(self, doc: Doc, fewer: Goods) -> None:
        """First what never came, then what is still there; the rest was sold, and 1C cannot have it back."""
        man = self.men[doc.courier]
        man.version += bool(fewer)
        never = fewer & doc.lost
        owed = less(fewer, never)
        there = owed & man.bag
        sold = less(owed, there)
        _put(self.disputed, never, -1)
        doc.lost -= never
        _put(man.bag, there, -1)
        doc.drawn -= less(fewer, sold)
        doc.waiting -= fewer
        self.given.subtract(never + there)
        if there:
            man.fell = datetime.now(UTC)
        if sold:
            self.plant("transfer_undone_after_sale", "backpack", doc.courier)

    def unload(self, courier: str, lines: Goods, *, late: bool) -> bool:
        """False: refused, there is not so much."""
        man = self.men[courier]
        below = any(milli > man.bag[one] for one, milli in lines.items())
        if below and not late:
            return False
        if below:
            self.plant("backpack_negative", "backpack", courier)
        _put(man.bag, lines, -1)
        self.given.subtract(lines)
        man.fell, man.version = datetime.now(UTC), man.version + 1
        return True

    def out(self, courier: str, key: str, lines: Goods) -> Goods:
        """A transfer out of his backpack holds so much now; nothing of one that 1C took back. What never left."""
        had = self.outs.get((courier, key), Counter())
        more, fewer = less(lines, had), less(had, lines)
        self.outs[courier, key] = lines.copy()
        if more:
            self.unload(courier, more, late=True)
        return fewer

    # -- the office

    def decide_short(self, courier: str, one: str, milli: int, *, found: bool) -> bool:
        man = self.men[courier]
        if milli > man.short[one]:
            return False
        man.short[one] -= milli
        man.version += 1
        self.events["backpack.found" if found else "backpack.written_off"] += 1
        (man.bag if found else self.written)[one] += milli
        return True

    def change(self, courier: str, entry: str, kop: int, at: datetime) -> None:
        man = self.men[courier]
        man.entries[entry] = Entry("change_issued", kop)
        man.debits[entry] = Debit(at, kop)
        man.moves += 1
        self.events["cash.change_issued"] += 1

    def hand_in(self, courier: str, entry: str, counted: int, expected: int, names: str = "") -> None:
        man = self.men[courier]
        man.asked = None
        if not counted and not expected:
            return
        man.entries[entry] = Entry("handed_in", counted, expected, names)
        self._cover(man, names, counted)
        self.events["cash.handed_in"] += 1
        if counted != expected:
            self.plant("cash_difference", "cash", courier)

    def _cover(self, man: Man, names: str, kop: int) -> None:
        man.moves += bool(kop)
        if names:
            man.debits[names].kop -= kop
        else:
            man.covered += kop

    def correct_entry(self, courier: str, entry: str, kop: int) -> None:
        man = self.men[courier]
        was = man.entries[entry]
        if was.kop == kop:
            return
        self.events["cash.corrected"] += 1
        if was.kind == "change_issued":
            man.debits[entry].kop = kop
            man.moves += 1
        else:
            self._cover(man, was.names, kop - was.kop)
            if kop and kop != was.expected:
                self.plant("cash_difference", "cash", courier)
        was.kop = kop

    # -- money of couriers

    def paid(self, courier: str, subject: str, about: str, kop: int, at: datetime) -> None:
        """kop: how much cash he has for it from now on."""
        man, before = self.men[courier], self.men[courier].cash
        if kop or subject in man.debits:
            debit = man.debits.setdefault(subject, Debit(at))
            man.moves += debit.kop != kop
            debit.kop = kop
        if before <= CEILING < man.cash:
            self.plant("ceiling_exceeded", about, subject)

    def covered(self, courier: str) -> set[str]:
        """Subjects that hand-ins cover, oldest first; what one has more than it owes covers the others."""
        man = self.men[courier]
        left, found = man.covered - sum(min(0, one.kop) for one in man.debits.values()), set()
        for subject, debit in sorted(man.debits.items(), key=lambda item: item[1].at):
            left -= max(0, debit.kop)
            if left >= 0 or debit.kop <= 0:
                found.add(subject)
        return found

    def settle(self) -> None:
        """After every step: once settled stays so, until the courier corrects its money."""
        for courier in self.men:
            covered = self.covered(courier)
            for id, one in self.deliveries.items():
                if one.courier == courier and one.stage == "handed_over":
                    one.settled = one.settled or not one.cash or id in covered


def _put(goods: Goods, more: Goods, sign: int = 1) -> None:
    for one, milli in more.items():
        goods[one] += sign * milli


def milli_of(lines: list[Json]) -> Goods:
    """Of lines as the contract has them."""
    found: Goods = Counter()
    for line in lines:
        found[line["product"]] += round(float(line["quantity"]) * 1000)
    return found
