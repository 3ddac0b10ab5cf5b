"""Where things are built and connected: the database and what every process starts with; importing makes nothing.

The API and the worker are built by bootstrap_api.py and bootstrap_worker.py, so that no command waits for what it does
not need.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

from posrednik.config import Settings
from posrednik.division_file import DivisionFile
from posrednik.kit.passwords import Passwords
from posrednik.store import destinations, events, figures, inbox, people, tokens
from posrednik.store import division as divisions
from posrednik.store.db import Database, Row, Tx
from posrednik.usecases import manage_devices, manage_people, manage_subscriptions
from posrednik.usecases.let_in import NewCode, new_code
from posrednik.usecases.order_facts import Rules
from posrednik.usecases.own_restore import reclaim
from posrednik.usecases.settle_covered import settle_moved

BITRIX24 = "bitrix24"


def rules_of(settings: Settings) -> Rules:
    """What the configuration says of divisions; `LiveRules` keeps it at what was changed since."""
    return DivisionFile(settings).all()


def database(settings: Settings, dsn: str, rules: Rules | None = None) -> Database:
    """A database whose transactions settle what they cover, write their outbox and hint the workers.

    rules: kept up to date by the caller; None = those of the file.
    """
    db = Database(
        dsn, size=settings.database.pool_size, pooler=settings.database.pooler, direct_dsn=settings.database.direct_url
    )
    file_mode, known = DivisionFile(settings).mode, rules or rules_of(settings)

    async def finish(tx: Tx) -> None:
        await settle_moved(tx, known, datetime.now(UTC))
        await reclaim(tx)
        await events.flush(tx, file_mode, lambda division: known.of(division).policy.proofs,
                           lambda division: known.of(division).group)  # fmt: skip

    db.before_commit = finish
    return db


async def apply_configuration(db: Database, settings: Settings) -> None:
    """Bases, tokens, destinations and subscriptions of the file: made if missing, never removed."""

    async def work(tx: Tx) -> None:
        for base in settings.bases:
            await inbox.ensure_base(
                tx, base.id, base.name, time_zone=base.time_zone, lease_s=base.lease_s, mode=base.mode,
                encoding=base.encoding, push_url=base.push_url,
            )  # fmt: skip
            await destinations.ensure(tx, f"onec:{base.id}", "onec")
            if base.token:
                await tokens.add(tx, "base", str(base.id), base.name, base.token)
        own = {one.ref for one in await divisions.every(tx) if "time_zone" in one.changes}
        for division in settings.divisions:
            if division.time_zone and division.ref.lower() not in own:
                await figures.set_zone(tx, division.ref.lower(), division.time_zone)
        if settings.bitrix24.portal_url:
            await destinations.ensure(tx, BITRIX24, "bitrix24")
        known = {row.url for row in await tx.fetch("subscriptions")}
        for one in settings.subscriptions:
            if one.url not in known:
                manage_subscriptions.check(one.url, one.events, allow_private=settings.webhooks.allow_private)
                await manage_subscriptions.add(tx, one.url, one.events, None, one.secret)

    await db.transact(work)


async def make_token(db: Database, kind: str, owner: str, name: str) -> str:
    """A token for the command line; shown once. owner of a device: a courier's ref or name (NotOneCourier)."""
    if kind == "base":
        owner = str(UUID(owner))
    if kind == "device":
        owner = await manage_devices.courier_ref(db, owner)

    async def work(tx: Tx) -> str:
        return await tokens.add(tx, kind, owner, name)

    return await db.transact(work)


async def make_login_code(db: Database, ref_or_name: str) -> NewCode:
    """A courier's code for the command line. Raises NotOneCourier, NoSuchCourier, CourierInactive."""
    ref = await manage_devices.courier_ref(db, ref_or_name)
    now = datetime.now(UTC)
    return await db.transact(lambda tx: new_code(tx, ref, "командная строка", now))


async def phones_of(db: Database, ref_or_name: str | None) -> list[tuple[Row, Row]]:
    """(courier, phone) of one courier or of all. Raises NotOneCourier."""
    ref = await manage_devices.courier_ref(db, ref_or_name) if ref_or_name else None
    known = await manage_devices.all_phones(db)
    return [(one.courier, phone) for one in known if ref in (None, one.courier.ref) for phone in one.phones]


async def hire(
    db: Database, passwords: Passwords, login: str, account: manage_people.Account, divisions: Collection[str], who: str
) -> manage_people.OneTime:  # fmt: skip
    """Somebody new, for the command line (who: `cli:<user of the machine>`). Raises errors of domain/people.py."""

    async def work(tx: Tx) -> manage_people.OneTime:
        made = await manage_people.add(tx, passwords, login, account, divisions, datetime.now(UTC))
        told = {"login": login, "name": account.name, "roles": account.roles, "divisions": account.divisions}
        await manage_people.note(tx, who, "user.add", str(made.person_id), told)
        return made

    return await db.transact(work)


async def keep_person(db: Database, login: str, name: str, role: str, user: str | None, token: str) -> None:
    """Somebody whose session is known already (the demo's); no password of his lets in until one is given."""
    if await tokens.find(db, token) is not None:
        return

    async def work(tx: Tx) -> None:
        person = await people.found(tx, login=login)
        if person is None:
            await people.add(tx, login, manage_people.Account(name, [role], bitrix24_user=user), None, None)
            person = await people.found(tx, login=login)
        await people.open_session(tx, person, name, "token", datetime.now(UTC), None, token)

    await db.transact(work)


async def keep_token(db: Database, kind: str, owner: str, token: str) -> None:
    """A token whose text is known already (the demo's)."""

    async def work(tx: Tx) -> None:
        await tokens.add(tx, kind, owner, owner, token)

    await db.transact(work)
