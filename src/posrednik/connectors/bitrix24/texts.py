"""What a courier reads in his task: title and description in Russian, made of a delivery. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from msgspec import Struct

from posrednik.domain.texts import REASONS, quantity

TITLE_MAX: Final = 200
COMMENT_MAX: Final = 4000
_BREAK: Final = "\u200b"
_PAYMENTS: Final[Mapping[str, str]] = {
    "cash": "наличными",
    "card": "картой",
    "transfer": "переводом",
    "prepaid": "предоплата",
}


class Recipient(Struct, frozen=True):
    name: str | None = None
    phone: str | None = None


class Address(Struct, frozen=True):
    text: str | None = None
    entrance: str | None = None
    floor: str | None = None
    flat: str | None = None
    intercom: str | None = None
    latitude: float | None = None
    longitude: float | None = None


class Window(Struct, frozen=True):
    """ISO 8601 times; either end may be missing."""

    from_at: str | None = None
    to_at: str | None = None


class Line(Struct, frozen=True):
    name: str
    quantity_milli: int
    price_kop: int = 0
    sum_kop: int = 0
    unit: str | None = None
    accepted_milli: int | None = None
    refused_milli: int | None = None


class Courier(Struct, frozen=True):
    ref: str
    name: str | None = None
    bitrix24_user: str | None = None


class Division(Struct, frozen=True):
    ref: str
    name: str | None = None
    group: int | str | None = None


class Task(Struct, frozen=True):
    """Body of `task.put`: the full wanted state of one delivery's task, neutral, money in kopecks."""

    delivery: str
    version: int
    order_number: str
    stage: str
    amount_due_kop: int
    site_number: str | None = None
    recipient: Recipient | None = None
    address: Address | None = None
    window: Window | None = None
    comment: str | None = None
    lines: Sequence[Line] = ()
    delivery_price_kop: int = 0
    prepaid_kop: int = 0
    amount_taken_kop: int | None = None
    payment_method: str | None = None
    receipt: bool | None = None
    courier: Courier | None = None
    division: Division | None = None
    reason: str | None = None
    reason_title: str | None = None
    next_date: str | None = None
    closed: bool = False
    trial: bool = False
    time_zone: str = "Europe/Moscow"


def title(task: Task) -> str:
    """One line: the order's number first, because it is what people search by, then the address."""
    address = task.address.text if task.address and task.address.text else ""
    parts = [f"Доставка {plain(task.order_number)}", plain(address)]
    if task.trial:
        parts.append("пробный заказ")
    return " · ".join(part for part in parts if part)[:TITLE_MAX]


def description(task: Task, links: Sequence[str] = ()) -> str:
    """BB-code text: where, to whom, when, how much to take, what is inside; free of foreign markup. links: BB-code."""
    person, zone = task.recipient or Recipient(), task.time_zone
    blocks = [
        [
            _place(task.address),
            _map_link(task.address),
            _labelled("Получатель", person.name),
            _labelled("Телефон", person.phone),
            _labelled("Когда", _window(task.window, zone)),
        ],
        [_due(task), _taken(task)],
        _goods(task),
        [
            _labelled("Комментарий", _limited(task.comment)),
            _labelled("Причина", task.reason_title or REASONS.get(task.reason or "", (task.reason,))[0]),
            _labelled("Новая дата", _date(task.next_date)),
            _labelled("Заказ", _numbers(task)),
        ],
        links,
    ]
    return "\n\n".join("\n".join(line for line in block if line) for block in blocks if any(block))


def harmless(text: str) -> str:
    """A foreign text that can be neither markup nor a reference of a batch.

    Square brackets would be BB-code and angle brackets HTML, which Bitrix24 refuses in titles; `$result[…]`,
    `$next`, `$total`, `$error`, `$time` are replaced by a batch inside any value, in any case of letters.
    """
    text = _CONTROL.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = text.replace("<", "‹").replace(">", "›").replace("[", "[" + _BREAK)
    return _REFERENCE.sub(lambda found: "$" + _BREAK + found.group(1), text).strip()


def plain(text: str) -> str:
    """`harmless`, in one line."""
    return " ".join(harmless(text).split())


def rubles(kop: int) -> str:
    """245000 -> «2 450 ₽», 245050 -> «2 450,50 ₽»; common spaces, so that the portal's search finds the amount."""
    whole, rest = divmod(abs(kop), 100)
    text = f"{whole:,}".replace(",", " ") + (f",{rest:02d}" if rest else "")
    return f"{'−' if kop < 0 else ''}{text} ₽"


def local(text: str, time_zone: str) -> datetime:
    """An ISO time in a zone; one without an offset is already in it. Raises ValueError."""
    at, zone = datetime.fromisoformat(text), ZoneInfo(time_zone)
    return at.astimezone(zone) if at.tzinfo else at.replace(tzinfo=zone)


_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\u2028\u2029]")
_REFERENCE = re.compile(r"\$(result|next|total|error|time)", re.IGNORECASE)


def _labelled(label: str, text: str | None) -> str:
    text = harmless(text or "")
    return f"[B]{label}:[/B] {text}" if text else ""


def _place(address: Address | None) -> str:
    if address is None:
        return ""
    details = [
        ("подъезд", address.entrance),
        ("этаж", address.floor),
        ("кв.", address.flat),
        ("домофон", address.intercom),
    ]
    parts = [address.text or "", *(f"{name} {value}" for name, value in details if value)]
    return _labelled("Адрес", ", ".join(part for part in parts if part))


def _map_link(address: Address | None) -> str:
    if address is None:
        return ""
    if address.latitude is not None and address.longitude is not None:
        target = f"pt={address.longitude},{address.latitude}&z=17&l=map"
    elif address.text:
        target = "text=" + quote(address.text, safe="")
    else:
        return ""
    return f"[URL=https://yandex.ru/maps/?{target}]Открыть на карте[/URL]"


def _window(window: Window | None, time_zone: str) -> str | None:
    if window is None:
        return None
    since, to = (local(end, time_zone) if end else None for end in (window.from_at, window.to_at))
    if since and to and since.date() == to.date():
        return f"{since:%d.%m.%Y, %H:%M}–{to:%H:%M}"
    parts = [f"с {since:%d.%m.%Y, %H:%M}" if since else "", f"до {to:%d.%m.%Y, %H:%M}" if to else ""]
    return " ".join(part for part in parts if part)


def _date(text: str | None) -> str | None:
    if not text:
        return None
    try:
        return f"{datetime.fromisoformat(text):%d.%m.%Y}"
    except ValueError:
        return text


def _due(task: Task) -> str:
    if task.amount_due_kop <= 0:
        return "[SIZE=18][B]К получению: 0 ₽, заказ оплачен[/B][/SIZE]"
    return f"[SIZE=18][B]К получению: {rubles(task.amount_due_kop)}[/B][/SIZE]"


def _taken(task: Task) -> str:
    how = _PAYMENTS.get(task.payment_method or "", task.payment_method or "")
    if task.amount_taken_kop is not None:
        return _labelled("Получено", ", ".join(part for part in (rubles(task.amount_taken_kop), how) if part))
    receipt = "чек нужен" if task.receipt else ""
    return _labelled("Оплата", ", ".join(part for part in (how, receipt) if part))


def _goods(task: Task) -> list[str]:
    parts = ["[B]Товары:[/B]", "[LIST]", *(_line(line) for line in task.lines), "[/LIST]"] if task.lines else []
    if task.delivery_price_kop:
        parts.append(f"Доставка: {rubles(task.delivery_price_kop)}")
    if task.prepaid_kop:
        parts.append(f"Предоплата: {rubles(task.prepaid_kop)}")
    return parts


def _line(line: Line) -> str:
    amount = f"{quantity(line.quantity_milli)} {plain(line.unit or 'шт')}"
    text = f"[*]{plain(line.name)} × {amount}, {rubles(line.sum_kop)}"
    if line.refused_milli:
        text += f" (отказ: {quantity(line.refused_milli)})"
    return text


def _limited(text: str | None) -> str | None:
    return text if text is None or len(text) <= COMMENT_MAX else text[:COMMENT_MAX] + "…"


def _numbers(task: Task) -> str:
    number = task.order_number
    return f"{number}, на сайте {task.site_number}" if task.site_number else number
