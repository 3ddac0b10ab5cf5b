"""Who installs our application: asked of the authorisation server and of the portal of the settings, never of an
address that was posted. See docs/subsystems/portal.md.

Sources: official REST documentation of Bitrix24 (installation of local applications, user.admin,
profile), as of August 2026.
"""

from collections.abc import Callable, Mapping

import aiohttp
import msgspec

from posrednik.connectors.bitrix24 import inbound, wire
from posrednik.connectors.bitrix24.entry import PortalEntry
from posrednik.connectors.bitrix24.inbound import Answer, Problem
from posrednik.connectors.bitrix24.wire import Kind
from posrednik.domain.entry import NotVerified
from posrednik.domain.portal_install import Examined, Posted, scope_of
from posrednik.kit.http import TRANSPORT_ERRORS, classify, read_capped, timeouts
from posrednik.kit.log import get_logger

log = get_logger("bitrix24")
ASK_S = 10.0
LONGEST_ANSWER = 64 * 1024
# The second tells it too, where the first is not there.
IS_ADMIN, PROFILE = "user.admin", "profile"


class PortalExaminer:
    """The port `Examiner`. One question to each of the two, outside the limits of dispatch: it happens seldom."""

    def __init__(self, portal_url: str, entry: PortalEntry, session: Callable[[], aiohttp.ClientSession]) -> None:
        self._root, self._entry, self._session = f"{portal_url.rstrip('/')}/rest/", entry, session

    async def examine(self, posted: Posted) -> Examined:
        """See Examiner."""
        owner = await self._entry.owner_of(posted.access, posted.member_id)
        admin = await self._is_admin(posted.access)
        return Examined(int(owner.user_id), admin, owner.member_id, scope_of(owner.scope))

    async def _is_admin(self, token: str) -> bool:
        answer = await self._ask(IS_ADMIN, token)
        if isinstance(answer, Problem) and answer.kind is Kind.ABSENT:
            answer = await self._ask(PROFILE, token)
        if isinstance(answer, Answer):
            told = answer.result.get("ADMIN") if isinstance(answer.result, Mapping) else answer.result
            return told is True
        if answer.code in wire.TOKEN_OVER:
            raise NotVerified("pass_over")
        log.warning("portal.not_asked", code=answer.code)
        raise NotVerified("portal_away")

    async def _ask(self, method: str, token: str) -> Answer | Problem:
        """Exceptions of the call may hold the token: none leaves here."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        try:
            async with self._session().post(
                self._root + method, data=msgspec.json.encode({"auth": token}), headers=headers, allow_redirects=False,
                timeout=timeouts(ASK_S),
            ) as answer:  # fmt: skip
                return inbound.read(answer.status, await read_capped(answer, LONGEST_ANSWER), (token,))
        except TRANSPORT_ERRORS as error:
            return inbound.transport(classify(error))
