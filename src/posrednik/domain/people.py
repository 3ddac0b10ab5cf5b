"""The people of the office: logins, passwords, one-time codes, and how long guessing is made to wait. Pure.

See docs/subsystems/people.md.
"""

import hashlib
import hmac
import re
from collections.abc import Collection, Sequence
from datetime import timedelta
from itertools import pairwise
from urllib.parse import quote

from posrednik.domain.errors import DomainError
from posrednik.domain.rights import Role

SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200
LEAST_LETTERS = 5
LOGIN = re.compile(r"[a-z0-9а-яё][a-z0-9а-яё._@+-]{1,63}")
TOTP_STEP_S, TOTP_DIGITS, TOTP_DRIFT = 30, 6, 1
ROWS = ("01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю",
        "abcdefghijklmnopqrstuvwxyz")  # fmt: skip
FREE_TRIES = {"login": 5, "address": 20}
PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 30, 60))
FORGOTTEN_AFTER = timedelta(days=1)


class LoginUnfit(DomainError):
    code = "login_unfit"


class LoginTaken(DomainError):
    code = "login_taken"


class PortalUserTaken(DomainError):
    code = "portal_user_taken"


class NameMissing(DomainError):
    code = "name_missing"


class RoleUnknown(DomainError):
    """roles: the names that are none, or nothing when no role was given."""

    code = "role_unknown"


class DivisionUnknown(DomainError):
    code = "division_unknown"


class PasswordTooShort(DomainError):
    code = "password_too_short"


class PasswordTooPlain(DomainError):
    code = "password_too_plain"


class PasswordWrong(DomainError):
    """Of somebody who is signed in and gives his present one."""

    code = "password_wrong"


class TotpCodeWrong(DomainError):
    code = "totp_code_wrong"


class TotpAlreadyOn(DomainError):
    code = "totp_already_on"


class LastAdministrator(DomainError):
    """Nobody would be left who can let people in."""

    code = "last_administrator"


def login_of(typed: str) -> str:
    """A login as it is kept: lower case, no spaces around. Raises LoginUnfit."""
    login = typed.strip().lower()
    if not LOGIN.fullmatch(login):
        raise LoginUnfit(login=login[:64])
    return login


def roles_of(named: Collection[str]) -> list[str]:
    """Sorted, each once. Raises RoleUnknown; nobody is without a role."""
    unknown = sorted(set(named) - set(Role))
    if unknown or not named:
        raise RoleUnknown(roles=", ".join(unknown)[:200] or None)
    return sorted(set(named))


def check_password(password: str, login: str) -> None:
    """Raises PasswordTooShort, PasswordTooPlain. Length counts, not composition (NIST SP 800-63B §3.1.1)."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise PasswordTooShort(least=SHORTEST_PASSWORD, most=LONGEST_PASSWORD)
    plain = password.lower()
    if len(set(plain)) < LEAST_LETTERS or (len(login) >= LEAST_LETTERS and login in plain) or _is_a_row(plain):
        raise PasswordTooPlain()


def _is_a_row(text: str) -> bool:
    """`1234567890`, `qwertyuiop`: each sign follows the one before it, on the keyboard or in the alphabet."""
    near = {pair for row in ROWS for pair in pairwise(row)}
    return all((a, b) in near or (b, a) in near for a, b in pairwise(text))


def pause_after(failed: int, kind: str) -> timedelta | None:
    """How long no further try is heard after so many wrong ones in a row. kind: login or address."""
    over = failed - FREE_TRIES[kind]
    return None if over < 0 else PAUSES[min(over, len(PAUSES) - 1)]


def totp(secret: bytes, step: int) -> str:
    """RFC 6238 with SHA-1: what telephones show in the step (seconds since 1970 // 30)."""
    digest = hmac.digest(secret, step.to_bytes(8), hashlib.sha1)
    at = digest[-1] & 0xF
    return f"{(int.from_bytes(digest[at : at + 4]) & 0x7FFFFFFF) % 10**TOTP_DIGITS:0{TOTP_DIGITS}}"


def totp_step(secret: bytes, typed: str, now_s: float, after_step: int) -> int | None:
    """The step whose code was typed, one step off at most; None: wrong, or it was used (`after_step`: the last one)."""
    now = int(now_s) // TOTP_STEP_S
    typed = digits_of(typed)
    steps = [s for s in range(now - TOTP_DRIFT, now + TOTP_DRIFT + 1) if hmac.compare_digest(totp(secret, s), typed)]
    return next((step for step in steps if step > after_step), None)


def digits_of(typed: str) -> str:
    """«123 456» as 123456; what is not ASCII is nothing, so that it can be compared."""
    text = re.sub(r"[\s-]", "", typed)
    return text if text.isascii() else ""


def otpauth(login: str, secret32: str, issuer: str) -> str:
    """What the telephone reads from the QR code. secret32: base32 without padding."""
    label = f"{quote(issuer)}:{quote(login)}"
    return f"otpauth://totp/{label}?secret={secret32}&issuer={quote(issuer)}&digits={TOTP_DIGITS}&period={TOTP_STEP_S}"


def administrators_left(others: Sequence[tuple[Collection[str], bool, Collection[str] | None]]) -> bool:
    """Whether one of the others (roles, active, divisions) can manage people: not limited, and not locked."""
    return any(active and divisions is None and Role.ADMINISTRATOR in roles for roles, active, divisions in others)
