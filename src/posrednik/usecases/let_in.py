"""A courier's login: a code that works once becomes a token of his phone. See docs/subsystems/entry.md."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

from posrednik.domain.errors import CourierInactive
from posrednik.store import logins, tokens
from posrednik.store.db import Row, Tx
from posrednik.store.logins import Phone
from posrednik.usecases.couriers import Courier, courier_of

# Nothing that is read as something else: no 0 O, no 1 I L. 31 characters, so a code has 39 bits and a ticket 158.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH, TICKET_LENGTH = 8, 32
LIVES = {"code": timedelta(minutes=10), "portal": timedelta(minutes=2)}
TOKEN_LIVES = {"code": timedelta(days=90), "portal": timedelta(hours=12)}
REPEATED_WITHIN = timedelta(minutes=10)
LONGEST_AGENT = 200
# Russian keyboards have these letters, and they look the same.
_TYPED = str.maketrans("АВЕКМНРСТУХ", "ABEKMHPCTYX", " -\u00a0\u2010\u2011\u2012\u2013\u2014\u2212\t\r\n")
_SYSTEMS = {"iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "Macintosh": "Mac",
            "Linux": "Linux"}  # fmt: skip
_BROWSERS = {"BitrixMobile": "Битрикс24", "YaBrowser": "Яндекс Браузер", "SamsungBrowser": "Samsung Internet",
             "Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "FxiOS": "Firefox", "CriOS": "Chrome",
             "Chrome": "Chrome", "Safari": "Safari"}  # fmt: skip


class LoginCodeWrong(Exception):
    """No such code, or it was used or is over; which of these is not told."""


class CourierUnknown(Exception):
    """The code is right, but 1C does not know the courier any more, or he is inactive."""


class NoSuchCourier(Exception):
    """Nobody has this ref."""


@dataclass(frozen=True, slots=True)
class NewCode:
    """text: shown once."""

    text: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LetIn:
    """token: shown once. entry: code or portal."""

    token: str
    expires_at: datetime
    courier: Courier
    entry: str


async def new_code(tx: Tx, courier_ref: str, made_by: str, now: datetime) -> NewCode:
    """A code for the courier; his unused ones end. Raises NoSuchCourier, CourierInactive."""
    courier = await courier_of(tx, courier_ref)
    if courier is None:
        raise NoSuchCourier
    if not courier.active:
        raise CourierInactive(courier_ref=courier.ref)
    return await make(tx, courier, "code", made_by, now)


async def make(tx: Tx, courier: Courier, kind: str, made_by: str, now: datetime) -> NewCode:
    """kind: code (to be typed) or portal (a ticket in a link)."""
    length, expires_at = (CODE_LENGTH if kind == "code" else TICKET_LENGTH), now + LIVES[kind]
    while True:
        text = "".join(secrets.choice(ALPHABET) for _ in range(length))
        if await logins.replace(tx, text, courier.ref, kind, made_by, now, expires_at):
            return NewCode(text, expires_at)


def folded(typed: str) -> str:
    """A code as it was made, from any way of typing it: case, spaces, dashes, Russian letters that look the same."""
    return typed.upper().translate(_TYPED)


def can_be_guessed(typed: str) -> bool:
    """Whether it is as short as a code; a ticket is too long to be tried out."""
    return len(folded(typed)) < TICKET_LENGTH


async def let_in(tx: Tx, typed: str, device: str | None, agent: str, key: str | None, now: datetime) -> LetIn:
    """A token for whoever has the code. key: of the request; the same one may repeat a login whose answer was lost.

    device: the phone's own text; the token it had ends. Raises LoginCodeWrong and CourierUnknown; then nothing was
    changed.
    """
    code_hash = await logins.hash_of(tx, folded(typed))
    row, used_key = await logins.lock(tx, code_hash), _key_hash(key)
    if row is None or not (_fresh(row, now) or await _again(tx, row, used_key, now)):
        raise LoginCodeWrong
    courier = await courier_of(tx, row.courier_ref)
    if courier is None or not courier.active:
        raise CourierUnknown
    expires_at = now + TOKEN_LIVES[row.kind]
    token_id, token = await logins.issue(tx, courier.ref, device_label(agent), expires_at)
    await logins.use(tx, code_hash, token_id, used_key, now)
    if device:
        await logins.enter(tx, Phone(courier.ref, device, token_id, row.kind, agent[:LONGEST_AGENT]))
    return LetIn(token, expires_at, courier, row.kind)


def _fresh(row: Row, now: datetime) -> bool:
    return row.used_at is None and now < row.expires_at


async def _again(tx: Tx, row: Row, used_key: bytes | None, now: datetime) -> bool:
    """Whether this repeats the login that used the code. The token that got lost ends; one that was ended meanwhile by
    the office lets nobody in again."""
    if row.used_key is None or used_key is None or not compare_digest(bytes(row.used_key), used_key):
        return False
    return now < row.used_at + REPEATED_WITHIN and await tokens.revoke(tx, row.token_id)


def _key_hash(key: str | None) -> bytes | None:
    return None if key is None else hashlib.sha256(key.encode()).digest()


def device_label(agent: str) -> str:
    """«Android, Chrome» of a User-Agent: what people tell their phones apart by."""
    found = (next((name for mark, name in words.items() if mark in agent), "") for words in (_SYSTEMS, _BROWSERS))
    return ", ".join(filter(None, found)) or "неизвестное устройство"
