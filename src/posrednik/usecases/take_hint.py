"""The door of the portal's events: each only says which task may have changed. See docs/subsystems/portal.md.

An event proves nothing but that the portal sent it, by the token of the installation; what changed is read again.
"""

import hmac
import re
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from posrednik.domain.portal_install import ON_INSTALL, ON_UNINSTALL, auth_of, event_of
from posrednik.kit import metrics
from posrednik.kit.log import get_logger
from posrednik.store import journal, portal, portal_watch
from posrednik.store.db import Database, StoreError, Tx
from posrednik.store.journal import Entry
from posrednik.usecases.install_portal import PortalInstall

log = get_logger("portal")
ADDED, CHANGED = "ONTASKADD", ("ONTASKUPDATE", "ONTASKDELETE")
# Changes come in bursts; what we did ourselves is no news, but how it stands there is.
PEOPLE_S, OURSELVES_S = 1.5, 30.0
TOLD_EVERY_S, COUNTED_EVERY_S, US_KEPT_S = 60.0, 1.0, 60.0
# Forged calls of one address: after so many in a row it is not even looked at for a while.
FORGED_BURST, FORGED_REST_S, MOST_ADDRESSES = 20, 5.0, 1000
_TASK = re.compile(r"data\[[A-Z_]{1,40}\]\[ID\]")
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")


@dataclass(frozen=True, slots=True)
class Configured:
    """Of the settings, where nothing was installed: an outgoing webhook of the portal has a token of its own. domain:
    host of the portal. user: the webhook's owner, 0 = none."""

    domain: str
    application_token: str = field(default="", repr=False)
    member_id: str = ""
    user: int = 0


class NotPortal(Exception):
    """The call is none of our portal's."""


@dataclass
class EventDoor:
    """installation: None = there is none that could vouch. Counts and rests are of this process."""

    db: Database
    configured: Configured
    installation: PortalInstall | None = None
    where: portal.Where | None = None
    _heard: int = field(default=0, init=False)
    _heard_at: float = field(default=float("-inf"), init=False)
    _forged: int = field(default=0, init=False)
    _forged_at: float = field(default=float("-inf"), init=False)
    _resting: dict[str, tuple[int, float]] = field(default_factory=dict, init=False)
    _us: tuple[float, frozenset[str]] = field(default=(float("-inf"), frozenset()), init=False)

    async def take(self, form: Mapping[str, str], address: str) -> None:
        """One event. address: whom a storm is counted of. Raises NotPortal, NotVerified (of an installation)."""
        event = event_of(form)
        if event == ON_INSTALL and self.installation is not None:
            await self.installation.install(form)
            return
        if self._rests(address) or not await self._is_ours(form):
            await self._refuse(address)
        self._resting.pop(address, None)
        metrics.PORTAL_EVENTS.labels("taken").inc()
        if event == ON_UNINSTALL and self.installation is not None:
            await self.installation.uninstall(form)
        await self._keep(event, _tasks(form) if event == ADDED or event in CHANGED else frozenset(), form)

    async def _keep(self, event: str, tasks: Collection[int], form: Mapping[str, str]) -> None:
        echo = auth_of(form).get("user_id", "") in await self._ourselves()
        hints = dict.fromkeys(tasks, OURSELVES_S if echo else PEOPLE_S)
        self._heard += 1
        now = time.monotonic()
        counted = self._heard if now - self._heard_at >= COUNTED_EVERY_S else 0

        async def work(tx: Tx) -> None:
            await portal_watch.hint(tx, hints, known=event != ADDED)
            if counted:
                await portal_watch.heard(tx, counted)

        if hints or counted:
            await self.db.transact(work)
        if counted:
            self._heard, self._heard_at = self._heard - counted, now

    # -- who calls

    async def _is_ours(self, form: Mapping[str, str]) -> bool:
        if self.installation is not None and await self.installation.is_ours(form):
            return True
        return self._as_configured(auth_of(form))

    def _as_configured(self, told: Mapping[str, str]) -> bool:
        """Token, member and domain, each in constant time; a webhook of the portal's page tells no member."""
        token, member = self.configured.application_token, self.configured.member_id
        host = self.configured.domain.partition(":")[0]
        domain = told.get("domain", "").lower()
        same = (
            bool(token), _same(told.get("application_token", ""), token),
            not member or _same(told.get("member_id", ""), member),
            _same(domain, self.configured.domain) or _same(domain, host),
        )  # fmt: skip
        return all(same)

    async def _ourselves(self) -> frozenset[str]:
        """Users by whom we act: their changes are our own."""
        until, users = self._us
        if time.monotonic() < until:
            return users
        row = await portal.get(self.db, self.where) if self.where is not None else None
        known = {self.configured.user, row.user_id if row is not None else 0} - {0}
        self._us = time.monotonic() + US_KEPT_S, frozenset(map(str, known))
        return self._us[1]

    # -- who is not the portal

    def _rests(self, address: str) -> bool:
        times, until = self._resting.get(address, (0, 0.0))
        return times >= FORGED_BURST and time.monotonic() < until

    async def _refuse(self, address: str) -> None:
        """Counted always, told once a minute."""
        metrics.PORTAL_EVENTS.labels("forged").inc()
        now = time.monotonic()
        if len(self._resting) >= MOST_ADDRESSES:
            self._resting.clear()
        self._resting[address] = (self._resting.get(address, (0, 0.0))[0] + 1, now + FORGED_REST_S)
        self._forged += 1
        if now - self._forged_at >= TOLD_EVERY_S:
            n, self._forged, self._forged_at = self._forged, 0, now
            await self._tell(n, address)
        raise NotPortal

    async def _tell(self, n: int, address: str) -> None:
        log.warning("portal.event_forged", n=n, address=address)
        summary = f"события не от нашего портала Битрикс24 отвергнуты: {n}, последнее с адреса {address}"

        async def work(tx: Tx) -> None:
            await portal_watch.forged(tx, n)
            await journal.add(tx, [Entry("message", portal.DESTINATION, "refused", summary, "event_forged")])

        try:
            await self.db.transact(work)
        except StoreError:
            self._forged += n


def host_of(portal_url: str) -> str:
    """The portal's host, with the port if there is one."""
    return urlsplit(portal_url.lower()).netloc


def _tasks(form: Mapping[str, str]) -> frozenset[int]:
    numbers = [value for name, value in form.items() if _TASK.fullmatch(name)]
    return frozenset(int(number) for number in numbers if _NUMBER.fullmatch(number))


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode("utf-8", "replace"))
