"""Somebody of the office signs in, by a password or through the portal, and out. See docs/subsystems/people.md.

A try is counted before it is looked at, so that tries at the same time are counted too; one that was right, or that
only lacked its second factor, is given back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from posrednik.domain import people as rules
from posrednik.domain.errors import DomainError
from posrednik.kit.ids import new_token
from posrednik.kit.passwords import Passwords
from posrednik.store import audit, people
from posrednik.store.db import Database, Row, Tx
from posrednik.usecases.authenticate import IDLE_S
from posrednik.usecases.enter_from_portal import pass_hash
from posrednik.usecases.let_in import device_label

TICKET_LIVES = timedelta(minutes=2)
KINDS = ("login", "address")


class SignInRefused(Exception):
    """code: sign_in_wrong, sign_in_code_wanted, sign_in_code_wrong, sign_in_new_password_wanted, sign_in_locked (with
    retry_after_s), sign_in_ticket_over."""

    def __init__(self, code: str, retry_after_s: int | None = None) -> None:
        super().__init__(code)
        self.code, self.retry_after_s = code, retry_after_s


class NoSuchUser(Exception):
    """Nobody who may come in has this user of the portal."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody typed. code: of the telephone or a recovery code. new_password: instead of a one-time one."""

    login: str
    password: str
    code: str | None = None
    new_password: str | None = None


@dataclass(frozen=True, slots=True)
class From:
    """Where somebody comes from. address: of the network. agent: what his browser calls itself."""

    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class Session:
    """token: shown once."""

    id: UUID
    token: str
    expires_at: datetime
    person: Row


# Tries that do not count as wrong: the password was right, and more is wanted.
_UNFINISHED = ("sign_in_code_wanted", "sign_in_new_password_wanted")


async def sign_in(db: Database, passwords: Passwords, typed: Credentials, at: From, now: datetime) -> Session:
    """Raises SignInRefused, and PasswordTooShort or PasswordTooPlain for the new password."""
    try:
        login: str | None = rules.login_of(typed.login)
    except rules.LoginUnfit:
        login = None
    subjects = await _take(db, login or typed.login.lower(), at.address, now)
    person = await db.transact(lambda tx: people.found(tx, login=login))
    kept = person.password_hash if person is not None and person.active else None
    if not await passwords.fits(kept, typed.password) or person is None:
        raise SignInRefused("sign_in_wrong")
    try:
        new_hash = await _new_hash(passwords, typed, person)
        return await db.transact(lambda tx: _let_in(tx, person, typed, new_hash, subjects, at, now))
    except (SignInRefused, DomainError) as error:
        if not isinstance(error, SignInRefused) or error.code in _UNFINISHED:
            await db.transact(lambda tx: _give_back(tx, subjects))
        raise


async def _take(db: Database, login: str, address: str, now: datetime) -> dict[str, bytes]:
    """Counts a try; what it is counted under. Raises SignInRefused (sign_in_locked); then it is not counted."""

    async def work(tx: Tx) -> dict[str, bytes]:
        await people.forget_tries(tx, now - rules.FORGOTTEN_AFTER)
        subjects = {
            kind: await people.hash_of(tx, kind, said) for kind, said in zip(KINDS, (login, address), strict=True)
        }
        for kind, subject in sorted(subjects.items(), key=lambda one: one[1]):
            await take_try(tx, kind, subject, now)
        return subjects

    return await db.transact(work)


async def take_try(tx: Tx, kind: str, subject: bytes, now: datetime) -> None:
    """One more. Raises SignInRefused (sign_in_locked)."""
    failed = await people.take_try(tx, subject, now, now - rules.FORGOTTEN_AFTER)
    if failed is None:
        until = await people.locked_until(tx, subject) or now
        raise SignInRefused("sign_in_locked", max(1, round((until - now).total_seconds() + 0.5)))
    pause = rules.pause_after(failed, kind)
    if pause is not None:
        await people.lock_until(tx, subject, now + pause)


async def _give_back(tx: Tx, subjects: Mapping[str, bytes]) -> None:
    for subject in sorted(subjects.values()):
        await people.give_back(tx, subject)


async def _new_hash(passwords: Passwords, typed: Credentials, person: Row) -> str | None:
    """None: his password is his own and stays."""
    if person.one_time_until is None or typed.new_password is None:
        return None
    rules.check_password(typed.new_password, person.login)
    return await passwords.hashed(typed.new_password)


async def _let_in(
    tx: Tx, seen: Row, typed: Credentials, new_hash: str | None, subjects: Mapping[str, bytes], at: From, now: datetime
) -> Session:  # fmt: skip
    person = await people.lock(tx, seen.id)
    if person is None or not person.active or person.password_hash != seen.password_hash:
        raise SignInRefused("sign_in_wrong")
    if person.one_time_until is not None and person.one_time_until <= now:
        raise SignInRefused("sign_in_wrong")
    if person.totp_on:
        await check_second(tx, person, typed.code, now)
    if person.one_time_until is not None:
        if new_hash is None:
            raise SignInRefused("sign_in_new_password_wanted")
        await people.set_password(tx, person.id, new_hash)
    await people.clear_guard(tx, subjects["login"])
    await people.give_back(tx, subjects["address"])
    return await _opened(tx, person, at, "password", now)


async def check_second(tx: Tx, person: Row, code: str | None, now: datetime) -> None:
    """A code of the telephone counts once, a recovery code too. Raises SignInRefused."""
    if not code:
        raise SignInRefused("sign_in_code_wanted")
    secret = await people.unseal(tx, person.id, bytes(person.totp_secret))
    step = None if secret is None else rules.totp_step(secret, code, now.timestamp(), person.totp_step)
    if step is not None:
        await people.totp_used(tx, person.id, step)
    elif await people.use_code(tx, "recovery", recovery_of(code), now, person.id) is None:
        raise SignInRefused("sign_in_code_wrong")


def recovery_of(typed: str) -> str:
    """As it was made, from any way of typing it."""
    return "".join(sign for sign in typed.upper() if sign.isalnum())


async def _opened(tx: Tx, person: Row, at: From, entry: str, now: datetime) -> Session:
    expires_at = now + timedelta(seconds=IDLE_S)
    session_id, token = await people.open_session(tx, person, device_label(at.agent), entry, now, expires_at)
    await people.came_in(tx, person.id, now)
    await audit.add(tx, audit.Act(
        f"person:{person.id}", person.name, "session.open", "signIn", person.login, person_id=person.id,
        data={"entry": entry, "browser": device_label(at.agent), "address": at.address},
    ))  # fmt: skip
    return Session(session_id, token, expires_at, person)


# -- through the portal


async def was_here(db: Database, auth_id: str) -> bool:
    """Whether this pass let somebody in already."""
    return await people.pass_seen(db, pass_hash(auth_id))


async def ticket_for(tx: Tx, auth_id: str, user_id: str, now: datetime) -> str | None:
    """What works once within two minutes, for whoever has this user of the portal; None when the pass was used.
    Raises NoSuchUser."""
    person = await people.found(tx, user=user_id)
    if person is None or not person.active:
        raise NoSuchUser(user_id)
    if not await people.take_pass(tx, pass_hash(auth_id), person.id):
        return None
    ticket = new_token()
    await people.add_code(tx, person.id, "ticket", ticket, now + TICKET_LIVES)
    return ticket


async def sign_in_by_ticket(tx: Tx, ticket: str, at: From, now: datetime) -> Session:
    """The portal has vouched for him, with whatever second factor it asks for. Raises SignInRefused."""
    person_id = await people.use_code(tx, "ticket", ticket, now)
    person = None if person_id is None else await people.lock(tx, person_id)
    if person is None or not person.active:
        raise SignInRefused("sign_in_ticket_over")
    return await _opened(tx, person, at, "portal", now)


# -- out


async def sign_out(tx: Tx, person_id: UUID, session_id: UUID) -> dict[str, Any]:
    await people.end_sessions(tx, person_id, session_id=session_id)
    return {"done": True}
