"""What an administrator does with people, and what somebody does with his own account. See docs/subsystems/people.md.

Every function is one act; who did it is written down by the caller (`Keyed`, or the command line).
"""

import base64
import os
import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from posrednik.domain import people as rules
from posrednik.domain.people import PasswordWrong, TotpAlreadyOn, TotpCodeWrong
from posrednik.kit.passwords import Passwords
from posrednik.store import audit, people
from posrednik.store.db import Database, Row, Tx
from posrednik.store.people import Account
from posrednik.usecases.let_in import ALPHABET
from posrednik.usecases.sign_in import SignInRefused, check_second, recovery_of, take_try

__all__ = ["Account", "NoSuchPerson", "OneTime", "PersonChanged"]

ONE_TIME_LIVES = timedelta(days=7)
ONE_TIME_GROUPS, GROUP = 4, 4
RECOVERY_CODES, RECOVERY_LENGTH = 8, 10
TOTP_BYTES = 20
_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
MOST_NAMED = 5000
ISSUER = "Посредник"


class NoSuchPerson(Exception):
    """Nobody has this id or login."""


class PersonChanged(Exception):
    """Somebody else changed him meanwhile."""


@dataclass(frozen=True, slots=True)
class OneTime:
    """password: shown once, serves once before `until`, and is then replaced by one that he chooses."""

    person_id: UUID
    password: str
    until: datetime


async def all_people(db: Database, now: datetime) -> Sequence[Row]:
    """Columns of people.sql, by name."""
    return await people.listed(db, now)


async def by_login(tx: Tx, login: str) -> Row:
    """Raises NoSuchPerson."""
    return _there(await people.found(tx, login=login.strip().lower()))


async def one(tx: Tx, person_id: UUID) -> Row:
    """Raises NoSuchPerson."""
    return _there(await people.found(tx, person_id=person_id))


async def add(
    tx: Tx, passwords: Passwords, login: str, account: Account, divisions: Collection[str], now: datetime
) -> OneTime:  # fmt: skip
    """divisions: all that there are. Raises errors of domain/people.py."""
    password, until = _one_time(), now + ONE_TIME_LIVES
    fit = _fit(account, divisions)
    person_id = await people.add(tx, rules.login_of(login), fit, await passwords.hashed(password), until)
    return OneTime(person_id, password, until)


async def change(
    tx: Tx, person_id: UUID, version: int | None, named: Mapping[str, Any], divisions: Collection[str]
) -> None:  # fmt: skip
    """named: fields of `Account` that change. version: the one that was seen; None = whichever there is. Raises
    NoSuchPerson, PersonChanged, errors of domain/people.py. Whoever is locked has no session any more."""
    await people.take_turn(tx)
    before = _there(await people.lock(tx, person_id))
    if version not in (None, before.version):
        raise PersonChanged
    fit = _fit(replace(_account_of(before), **named), [*divisions, *(before.divisions or ())])
    await _check_administrators(tx, person_id, fit)
    await people.change(tx, person_id, fit)
    if not fit.active:
        await people.end_sessions(tx, person_id)


def _account_of(row: Row) -> Account:
    return Account(row.name, row.roles, row.divisions, row.email, row.bitrix24_user, row.active)


async def _check_administrators(tx: Tx, person_id: UUID, account: Account) -> None:
    rows = await tx.fetch("people", {"now": None})
    known = {row.id: (row.roles, row.active, row.divisions) for row in rows}
    before = rules.administrators_left(list(known.values()))
    after = rules.administrators_left(
        list({**known, person_id: (account.roles, account.active, account.divisions)}.values())
    )
    if before and not after:
        raise rules.LastAdministrator


def _fit(account: Account, divisions: Collection[str]) -> Account:
    if not account.name.strip():
        raise rules.NameMissing
    named = account.divisions
    if named is not None and (not named or not set(named) <= set(divisions)):
        raise rules.DivisionUnknown(division=", ".join(sorted(set(named) - set(divisions)))[:200] or None)
    return replace(
        account, name=account.name.strip(), roles=rules.roles_of(account.roles), email=account.email.strip(),
        divisions=None if named is None else sorted(set(named)),
        bitrix24_user=(account.bitrix24_user or "").strip() or None,
    )  # fmt: skip


def _there(row: Row | None) -> Row:
    if row is None:
        raise NoSuchPerson
    return row


def _letters(count: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(count))


def _one_time() -> str:
    """16 signs without look-alikes, 79 bits, in groups."""
    return "-".join(_letters(GROUP) for _ in range(ONE_TIME_GROUPS))


async def reset_password(tx: Tx, passwords: Passwords, person_id: UUID, now: datetime) -> OneTime:
    """A new one-time password; all his sessions end, and he may try again at once. Raises NoSuchPerson."""
    person = _there(await people.lock(tx, person_id))
    made = OneTime(person_id, _one_time(), now + ONE_TIME_LIVES)
    await people.set_password(tx, person_id, await passwords.hashed(made.password), made.until)
    await people.end_sessions(tx, person_id)
    await unlock(tx, person.id)
    return made


async def unlock(tx: Tx, person_id: UUID) -> None:
    """Wrong tries of his login are forgotten. Raises NoSuchPerson."""
    person = await one(tx, person_id)
    await people.clear_guard(tx, await people.hash_of(tx, "login", person.login))


async def totp_off(tx: Tx, person_id: UUID) -> None:
    """He lost his telephone and his recovery codes. Raises NoSuchPerson."""
    _there(await people.lock(tx, person_id))
    await people.set_totp(tx, person_id, None, on=False)


async def sessions(tx: Tx, person_id: UUID, now: datetime) -> list[dict[str, Any]]:
    """Open ones, last used first. Raises NoSuchPerson."""
    await one(tx, person_id)
    return [
        {"id": str(row.id), "browser": row.agent, "entry": row.entry, "from": row.created_at.isoformat(),
         "last_at": row.last_at.isoformat(), "until": row.expires_at.isoformat() if row.expires_at else None}
        for row in await people.sessions(tx, person_id, now)
    ]  # fmt: skip


async def end_sessions(tx: Tx, person_id: UUID, session_id: UUID | None = None) -> int:
    """One, or all of them; how many ended. Raises NoSuchPerson."""
    await one(tx, person_id)
    return await people.end_sessions(tx, person_id, session_id=session_id)


# -- somebody's own account


async def confirm_password(db: Database, passwords: Passwords, person_id: UUID, typed: str, now: datetime) -> None:
    """That it is really he who sits there. Wrong ones count as at the sign-in. Raises PasswordWrong, SignInRefused."""

    async def take(tx: Tx) -> tuple[bytes, Row]:
        person = await one(tx, person_id)
        subject = await people.hash_of(tx, "login", person.login)
        await take_try(tx, "login", subject, now)
        return subject, person

    subject, person = await db.transact(take)
    if not await passwords.fits(person.password_hash, typed):
        raise PasswordWrong
    await db.transact(lambda tx: people.clear_guard(tx, subject))


async def change_password(tx: Tx, passwords: Passwords, person_id: UUID, new: str, session_id: UUID | None) -> None:
    """His other sessions end. Raises PasswordTooShort, PasswordTooPlain."""
    person = _there(await people.lock(tx, person_id))
    rules.check_password(new, person.login)
    await people.set_password(tx, person_id, await passwords.hashed(new))
    await people.end_sessions(tx, person_id, but=session_id)


async def begin_totp(tx: Tx, person_id: UUID) -> tuple[str, str]:
    """(secret in base32, address for the QR code). It counts once a code of it was typed. Raises TotpAlreadyOn."""
    person = _there(await people.lock(tx, person_id))
    if person.totp_on:
        raise TotpAlreadyOn
    secret = os.urandom(TOTP_BYTES)
    await people.set_totp(tx, person_id, await people.seal(tx, person_id, secret), on=False)
    text = base64.b32encode(secret).decode()
    return text, rules.otpauth(person.login, text, ISSUER)


async def confirm_totp(tx: Tx, person_id: UUID, code: str, now: datetime) -> list[str]:
    """The telephone shows the right codes: they are asked for from now on. Recovery codes, shown once.
    Raises TotpCodeWrong, TotpAlreadyOn."""
    person = _there(await people.lock(tx, person_id))
    if person.totp_on:
        raise TotpAlreadyOn
    secret = None if person.totp_secret is None else await people.unseal(tx, person_id, bytes(person.totp_secret))
    step = None if secret is None else rules.totp_step(secret, code, now.timestamp(), person.totp_step)
    if step is None:
        raise TotpCodeWrong
    await people.set_totp(tx, person_id, bytes(person.totp_secret), on=True)
    await people.totp_used(tx, person_id, step)
    made = [_letters(RECOVERY_LENGTH) for _ in range(RECOVERY_CODES)]
    for text in made:
        await people.add_code(tx, person_id, "recovery", recovery_of(text))
    return [f"{text[:5]}-{text[5:]}" for text in made]


async def end_own_totp(tx: Tx, person_id: UUID, code: str, now: datetime) -> None:
    """Only with a code of it. Raises TotpCodeWrong."""
    person = _there(await people.lock(tx, person_id))
    if not person.totp_on:
        return
    try:
        await check_second(tx, person, code, now)
    except SignInRefused as error:
        raise TotpCodeWrong from error
    await people.set_totp(tx, person_id, None, on=False)


async def own_account(tx: Tx, person_id: UUID) -> dict[str, Any]:
    """Raises NoSuchPerson."""
    person = await one(tx, person_id)
    return {"login": person.login, "name": person.name, "email": person.email, "bitrix24_user": person.bitrix24_user,
            "totp": person.totp_on, "recovery_left": await people.codes_left(tx, person_id)}  # fmt: skip


async def acts(
    db: Database, words: str, told: Sequence[tuple[str, Mapping[str, Any]]], destinations: Mapping[int, str],
    **wanted: Any,
) -> Sequence[Row]:  # fmt: skip
    """Acts in which the words are shown or asked; "" = all. told: what such words tell (store/audit.py, Sought).
    destinations: what they are called. Names of a single letter are everybody's and are not looked for."""
    if not words:
        return await audit.listed(db, **wanted)
    ids = await audit.named(db, words, MOST_NAMED) if len(words) > 1 else []
    called = [str(one) for one, title in destinations.items() if audit.folded(words) in audit.folded(title)]
    return await audit.listed(db, sought=audit.Sought(words, ids, called, told), **wanted)


async def names_in(db: Database, acts: Sequence[Row]) -> Sequence[Row]:
    """What is called how of all that these acts name: see store/audit.py, names."""
    said = " ".join(f"{row.subject} {row.data}" for row in acts).lower()
    ids = sorted(set(_UUID.findall(said)))[:MOST_NAMED]
    switched = {int(row.subject) for row in acts if row.operation == "switchDestination" and row.subject.isdecimal()}
    return await audit.names(db, ids, [one for one in switched if one < 2**31])


async def known_actors(db: Database) -> Sequence[Row]:
    return await audit.known_people(db)


async def note(tx: Tx, who: str, action: str, subject: str, data: dict[str, Any]) -> None:
    """An act from the command line: `cli:<user of the machine>`."""
    await audit.write(tx, who, action, subject, data)
