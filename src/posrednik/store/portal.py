"""Our application as it is installed on a portal of Bitrix24, and who came in by that portal's word.

See docs/subsystems/portal.md. Tokens come here sealed and leave sealed; this layer has no key for them.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from uuid import UUID

from posrednik.store.db import Database, Row, Tx

DESTINATION = "bitrix24"


@dataclass(frozen=True, slots=True)
class Where:
    """domain: host of the portal, with its port if there is one. client_id: of our application there."""

    domain: str
    client_id: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """A pair of tokens. scope: None = as before. expires_in_s: of the access token, seconds."""

    access: bytes = field(repr=False)
    refresh: bytes = field(repr=False)
    scope: Sequence[str] | None
    expires_in_s: float


async def get(source: Tx | Database, where: Where) -> Row | None:
    """Columns of portal_get; None = it was never installed here under this client_id."""
    rows = await (source.fetch if isinstance(source, Tx) else source.read)("portal_get", asdict(where))
    return rows[0] if rows else None


async def put(
    tx: Tx, where: Where, member_id: str, user_id: int, pair: Sealed, application_token: bytes | None
) -> None:
    """Installed, whatever there was before."""
    await tx.run("portal_put", {
        **asdict(where), **_told(pair), "member_id": member_id, "user_id": user_id, "scope": list(pair.scope or ()),
        "application_token": application_token,
    })  # fmt: skip


async def lease(tx: Tx, where: Where, revision: int, owner: UUID, lease_s: float) -> bool:
    """The right to ask for the pair after `revision`. False: another has it, it rests, or there is a newer pair."""
    return (
        await tx.run("portal_lease", {**asdict(where), "revision": revision, "owner": owner, "lease_s": lease_s}) == 1
    )


async def keep(tx: Tx, where: Where, revision: int, pair: Sealed) -> bool:
    """False: there is a newer pair, or the application is no more."""
    return await tx.run("portal_keep", {**asdict(where), **_told(pair), "revision": revision}) == 1


async def rest(tx: Tx, where: Where, revision: int, owner: UUID, rest_s: float, code: str) -> None:
    await tx.run("portal_rest", {
        **asdict(where), "revision": revision, "owner": owner, "rest_s": rest_s, "code": code,
    })  # fmt: skip


async def break_(tx: Tx, where: Where, revision: int, owner: UUID, code: str) -> bool:
    """False: the lease was lost or there is a newer pair; then it is not dead."""
    told = {**asdict(where), "revision": revision, "owner": owner, "code": code}
    return await tx.run("portal_break", told) == 1


async def uninstall(tx: Tx, where: Where) -> bool:
    return await tx.run("portal_uninstall", asdict(where)) == 1


async def renewed(tx: Tx) -> None:
    """Workers reach the portal in another way from now on; those that wait for it try at once."""
    row = await tx.one("destination_renewed", {"name": DESTINATION})
    if row is not None:
        tx.hints.add(int(row.id))


async def came_in(db: Database, now: datetime) -> Sequence[Row]:
    """Columns of portal_came_in."""
    return await db.read("portal_came_in", {"now": now})


async def end(tx: Tx, users: Collection[str]) -> int:
    """What these users of the portal opened is over; how many tokens ended."""
    params = {"users": sorted(users)}
    return await tx.run("portal_end_couriers", params) + await tx.run("portal_end_people", params)


def _told(pair: Sealed) -> dict[str, object]:
    scope = None if pair.scope is None else list(pair.scope)
    return {"access": pair.access, "refresh": pair.refresh, "scope": scope, "expires_in_s": pair.expires_in_s}
