"""A courier opens our page in Bitrix24: a user that the portal vouches for becomes a ticket for one login."""

import hashlib
from datetime import datetime
from uuid import UUID

from posrednik.store import couriers, logins, secrets
from posrednik.store.db import Database, Tx
from posrednik.usecases.couriers import courier_from
from posrednik.usecases.let_in import make

MEMBER = "bitrix24_member"


class NoCourier(Exception):
    """The user is no courier. code: user_unknown (or inactive in 1C), user_of_several. user_id: the portal's number."""

    def __init__(self, code: str, user_id: str) -> None:
        super().__init__(code)
        self.code, self.user_id = code, user_id


def pass_hash(auth_id: str) -> bytes:
    """SHA-256: the portal's pass is random and long, so nothing slower is needed."""
    return hashlib.sha256(auth_id.encode()).digest()


async def was_here(db: Database, auth_id: str) -> bool:
    """Whether this pass let somebody in already."""
    return await logins.pass_seen(db, pass_hash(auth_id))


async def enter(tx: Tx, auth_id: str, user_id: str, now: datetime) -> str | None:
    """A ticket for the courier who has this user in 1C; None when the pass was used. Raises NoCourier."""
    found = [row for row in await couriers.found(tx, bitrix24_user=user_id) if row.active]
    if len({row.ref for row in found}) != 1:
        raise NoCourier("user_of_several" if found else "user_unknown", user_id)
    courier = courier_from(found[0])
    if not await logins.take_pass(tx, pass_hash(auth_id), courier.ref, now):
        return None
    return (await make(tx, courier, "portal", f"bitrix24:{user_id}", now)).text


async def delivery_of_chat(db: Database, auth_id: str, chat_id: int) -> UUID | None:
    """Whose task's chat it is, if the delivery is with the courier whom this pass let in."""
    return await logins.delivery_of_chat(db, pass_hash(auth_id), chat_id)


async def pinned_member(db: Database, member_id: str) -> str:
    """The portal's member id that counts: the first one that was verified."""

    async def work(tx: Tx) -> bytes:
        return await secrets.first(tx, MEMBER, member_id.encode())

    return (await db.transact(work)).decode()
