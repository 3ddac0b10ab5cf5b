"""The tokens of the installed application, kept for all processes: the port `Vault` of domain/portal_install.py.

See docs/subsystems/portal.md. Each method is a transaction of its own; the question to the authorisation server comes
between them, never inside.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from posrednik.domain import texts_portal as texts
from posrednik.domain.portal_install import INSTALLED, UNINSTALLED, UNREADABLE, Fresh, Pair, Vault, VaultAway
from posrednik.kit.ids import uuid7
from posrednik.kit.sealing import Sealer
from posrednik.store import journal, portal
from posrednik.store.db import Database, Row, StoreError, Tx
from posrednik.store.journal import Entry
from posrednik.store.portal import Sealed, Where

T = TypeVar("T")
PURPOSE = "posrednik portal tokens 1"
ACCESS, REFRESH, APPLICATION = "access", "refresh", "application_token"


class Chest:
    """Seals and opens what belongs to one application on one portal."""

    def __init__(self, where: Where, client_secret: str) -> None:
        self.where, self._sealer = where, Sealer(client_secret, PURPOSE)

    def seal(self, what: str, text: str) -> bytes:
        return self._sealer.seal(text, self._bound(what))

    def open(self, what: str, sealed: bytes | None) -> str | None:
        """None: there is nothing, or it was sealed under another client_secret."""
        return None if sealed is None else self._sealer.open(bytes(sealed), self._bound(what))

    def sealed(self, fresh: Fresh) -> Sealed:
        return Sealed(
            self.seal(ACCESS, fresh.access), self.seal(REFRESH, fresh.refresh), fresh.scope, fresh.expires_in_s
        )

    def pair(self, row: Row) -> Pair:
        """row: columns of portal_get."""
        access, refresh = self.open(ACCESS, row.access), self.open(REFRESH, row.refresh)
        state = row.state if row.state == UNINSTALLED or (access and refresh) else UNREADABLE
        if state != INSTALLED:
            access = refresh = ""
        return Pair(row.user_id, row.revision, state, access or "", refresh or "", row.member_id, row.code,
                    row.rest_s, row.lease_s, row.failures)  # fmt: skip

    def _bound(self, what: str) -> str:
        return f"{self.where.domain} {self.where.client_id} {what}"


async def unreadable(db: Database, chest: Chest | None) -> bool:
    """Whether tokens are kept that this client_secret does not open. chest: None = it keeps none."""
    row = await db.transact(lambda tx: portal.get(tx, chest.where)) if chest else None
    return chest is not None and row is not None and chest.pair(row).state == UNREADABLE


class PortalVault(Vault):
    """One holder of leases: made once a process and portal."""

    def __init__(self, db: Database, chest: Chest) -> None:
        self._db, self._chest, self._owner = db, chest, uuid7()

    async def read(self) -> Pair | None:
        return await self._in(self._read)

    async def lease(self, revision: int, seconds: float) -> bool:
        return await self._in(lambda tx: portal.lease(tx, self._chest.where, revision, self._owner, seconds))

    async def keep(self, revision: int, fresh: Fresh) -> Pair | None:
        async def work(tx: Tx) -> Pair | None:
            before = await portal.get(tx, self._chest.where)
            kept = await portal.keep(tx, self._chest.where, revision, self._chest.sealed(fresh))
            if kept and before is not None and before.state != INSTALLED:
                await portal.renewed(tx)
            return await self._read(tx)

        return await self._in(work)

    async def rest(self, revision: int, seconds: float, code: str) -> None:
        await self._in(lambda tx: portal.rest(tx, self._chest.where, revision, self._owner, seconds, code))

    async def break_(self, revision: int, code: str) -> None:
        async def work(tx: Tx) -> None:
            if await portal.break_(tx, self._chest.where, revision, self._owner, code):
                await portal.renewed(tx)
                await journal.add(tx, [Entry("action", portal.DESTINATION, "broken", texts.no_access(code), code)])

        await self._in(work)

    async def _read(self, tx: Tx) -> Pair | None:
        row = await portal.get(tx, self._chest.where)
        return None if row is None else self._chest.pair(row)

    async def _in(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        try:
            return await self._db.transact(work)
        except StoreError as error:
            raise VaultAway from error
