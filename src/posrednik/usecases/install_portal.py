"""An administrator installs our application on his portal, removes it, or heals its tokens by opening it.

See docs/subsystems/portal.md. What was posted counts only after the authorisation server and the portal vouched for it;
the removal brings no token of a user, so the application's own token decides there.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from posrednik.domain.entry import NotVerified
from posrednik.domain.portal_install import (
    BROKEN,
    INSTALLED,
    UNREADABLE,
    Examined,
    Examiner,
    Posted,
    auth_of,
    posted_of,
)
from posrednik.kit.log import get_logger
from posrednik.store import journal, portal
from posrednik.store.db import Database, Row, Tx
from posrednik.store.journal import Entry
from posrednik.store.portal import Sealed, Where
from posrednik.usecases.portal_tokens import ACCESS, APPLICATION, REFRESH, Chest

log = get_logger("portal")
# A refresh token that nobody uses dies after 180 days.
OLD_S = 150 * 86_400.0


@dataclass(frozen=True, slots=True)
class Installed:
    """What came of it. told_token: whether the portal gave the application's token, without which no event is taken."""

    domain: str
    user_id: int
    scope: tuple[str, ...]
    told_token: bool


def where(portal_url: str, client_id: str) -> Where:
    """The portal as it names itself: its host, with the port if there is one."""
    return Where(urlsplit(portal_url.lower()).netloc, client_id)


class PortalInstall:
    """chest: None = without client_secret nothing can be kept. wanted: the application's token of the settings."""

    def __init__(self, db: Database, at: Where, chest: Chest | None, examiner: Examiner, wanted: str = "") -> None:
        self._db, self._where, self._chest, self._examiner, self._wanted = db, at, chest, examiner, wanted

    async def install(self, form: Mapping[str, str]) -> Installed:
        """By the page or by ONAPPINSTALL. Raises NotVerified, also with the codes not_admin and no_client_secret."""
        posted = posted_of(form)
        if self._chest is None:
            raise NotVerified("no_client_secret")
        if self._wanted and not _same(posted.application_token, self._wanted):
            raise NotVerified("other_application")
        told = await self._examined(posted)
        await self._put(self._chest, posted, told, "installed", f"приложение установил пользователь № {told.user_id}")
        log.info("portal.installed", user=told.user_id, scope=",".join(told.scope))
        return Installed(self._where.domain, told.user_id, told.scope, bool(posted.application_token))

    async def heal(self, form: Mapping[str, str]) -> bool:
        """An opening that was verified: while the tokens are dead, or about to be, those of an administrator take their
        place."""
        if self._chest is None or not await self._is_ill(self._chest):
            return False
        try:
            posted = posted_of(form)
            told = await self._examined(posted)
        except NotVerified as error:
            log.info("portal.not_healed", code=error.code)
            return False
        await self._put(self._chest, posted, told, "healed", f"токены обновил пользователь № {told.user_id}")
        log.info("portal.healed", user=told.user_id)
        return True

    async def uninstall(self, form: Mapping[str, str]) -> bool:
        """ONAPPUNINSTALL. False: it is not of our installation."""
        if not await self.is_ours(form):
            return False

        async def work(tx: Tx) -> None:
            if await portal.uninstall(tx, self._where):
                await portal.renewed(tx)
                await journal.add(
                    tx, [Entry("action", portal.DESTINATION, "uninstalled", "приложение удалено с портала")]
                )

        await self._db.transact(work)
        log.warning("portal.uninstalled")
        return True

    async def is_ours(self, form: Mapping[str, str]) -> bool:
        """Whether an event is of our installation: application_token, member_id and domain, in constant time."""
        told, row = auth_of(form), await portal.get(self._db, self._where)
        token = self._wanted or _token_of(self._chest, row)
        if row is None or not token:
            return False
        domain, host = told.get("domain", "").lower(), self._where.domain.partition(":")[0]
        same = (
            _same(told.get("application_token", ""), token),
            _same(told.get("member_id", ""), row.member_id),
            _same(domain, self._where.domain) or _same(domain, host),
        )
        return all(same)

    async def _is_ill(self, chest: Chest) -> bool:
        row = await portal.get(self._db, self._where)
        if row is None:
            return False
        state = chest.pair(row).state
        return state in (BROKEN, UNREADABLE) or (state == INSTALLED and row.age_s > OLD_S)

    async def _examined(self, posted: Posted) -> Examined:
        told = await self._examiner.examine(posted)
        if not told.admin:
            raise NotVerified("not_admin", str(told.user_id))
        return told

    async def _put(self, chest: Chest, posted: Posted, told: Examined, outcome: str, summary: str) -> None:
        token = chest.seal(APPLICATION, posted.application_token) if posted.application_token else None
        pair = Sealed(chest.seal(ACCESS, posted.access), chest.seal(REFRESH, posted.refresh), told.scope,
                      posted.expires_in_s)  # fmt: skip

        async def work(tx: Tx) -> None:
            await portal.put(tx, self._where, told.member_id, told.user_id, pair, token)
            await portal.renewed(tx)
            detail = {"user": told.user_id, "scope": list(told.scope)}
            await journal.add(tx, [Entry("action", portal.DESTINATION, outcome, summary, detail=detail)])

        await self._db.transact(work)


async def application_token(db: Database, chest: Chest | None) -> str:
    """What the installation brought; "" = none, or it cannot be read any more."""
    return "" if chest is None else _token_of(chest, await portal.get(db, chest.where))


def _token_of(chest: Chest | None, row: Row | None) -> str:
    return "" if chest is None or row is None else chest.open(APPLICATION, row.application_token) or ""


def _same(given: str, wanted: str) -> bool:
    """In constant time; foreign text may hold anything."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode("utf-8", "replace"))
