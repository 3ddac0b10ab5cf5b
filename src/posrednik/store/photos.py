"""What is known of photos. Their bytes are elsewhere (kit/blobs.py) and were there first. docs/subsystems/photos.md."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from posrednik.domain.evidence import NEAR
from posrednik.store.db import Database, Row, Tx

Whose = Literal["own", "foreign", "unknown"]


@dataclass(frozen=True, slots=True)
class NewPhoto:
    """sha256: hex, lower case. bytes: their number. width, height: pixels, upright. brightness: 0 black to 1 white.
    phash: 64 bits."""

    sha256: str
    bytes: int
    width: int
    height: int
    brightness: float
    phash: int


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """sha256: hex. brightness: mean, 0 black to 1 white. phash: 64 bits, alike for pictures that look alike."""

    sha256: str
    brightness: float
    phash: int


@dataclass(frozen=True, slots=True)
class PhotoRepeat:
    """A step that names the same photo or one like it. at: of the step, aware. source: the step."""

    sha256: str
    phash: int
    order_number: str | None
    at: datetime
    courier_ref: str | None
    source: UUID


async def get(db: Database, sha256: str) -> Row | None:
    """bytes (their number), width, height of a photo that is kept; None = there is no such photo."""
    rows = await db.read("photo_get", {"sha256": bytes.fromhex(sha256)})
    return rows[0] if rows else None


async def lock(tx: Tx, sha256s: Iterable[str]) -> None:
    """Until the commit: a photo that arrives waits for a step that is looking whether it is there, and vice versa."""
    await tx.run("photo_lock", {"sha256s": _bytes_of(sha256s)})


async def add(tx: Tx, photo: NewPhoto, now: datetime) -> bool:
    """Whether it is new."""
    added = await tx.run("photo_add", {
        "sha256": bytes.fromhex(photo.sha256), "bytes": photo.bytes, "width": photo.width, "height": photo.height,
        "brightness": photo.brightness, "phash": _digits(photo.phash), "now": now,
    })  # fmt: skip
    return added == 1


async def add_owner(tx: Tx, sha256: str, owner: str, now: datetime) -> None:
    """owner: `device:COURIER` or `person:NAME`."""
    await tx.run("photo_owner_add", {"sha256": bytes.fromhex(sha256), "owner": owner, "now": now})


async def day_of(tx: Tx, owner: str, sha256: str, now: datetime) -> Row:
    """sent: photos of this owner within the last day; first_at: of the oldest of them; his: whether he sent this one
    before. Whoever asks is the only one to add photos of this owner until the commit."""
    await tx.run("photo_owner_lock", {"owner": owner})
    return await tx.one("photo_owner_day", {"sha256": bytes.fromhex(sha256), "owner": owner, "now": now})


async def of_courier(db: Database, sha256: str, owner: str, courier_ref: str) -> bool:
    """Whether a courier may see it: his own, or named by others' steps of deliveries that are or were his."""
    asked = {"sha256": bytes.fromhex(sha256), "owner": owner, "courier_ref": courier_ref}
    return bool((await db.read("photo_of_courier", asked))[0].may)


async def of_divisions(db: Database, sha256: str, owner: str, divisions: Collection[str]) -> bool:
    """Whether somebody limited to these divisions may see it: his own, or named by a step in one of them."""
    asked = {"sha256": bytes.fromhex(sha256), "owner": owner, "divisions": sorted(divisions)}
    return bool((await db.read("photo_of_divisions", asked))[0].may)


async def photo_facts(tx: Tx, sha256s: Iterable[str]) -> list[PhotoFacts]:
    """Of those that have arrived; the others are left out, and their arrival waits for this transaction: then the use
    case that keeps them finds the step. Hashes are hex."""
    named = _bytes_of(sha256s)
    if not named:
        return []
    await tx.run("photo_lock", {"sha256s": named})
    rows = await tx.fetch("photo_facts", {"sha256s": named})
    return [PhotoFacts(row.sha256, row.brightness, int(row.phash, 2)) for row in rows]


async def photo_repeats(
    tx: Tx, sha256: str, phash: int, *, not_source: UUID, since: datetime
) -> list[PhotoRepeat]:  # fmt: skip
    """Other steps since then that name the same photo, or one that differs in at most NEAR bits; the latest 20."""
    rows = await tx.fetch("photo_repeats", {
        "sha256": bytes.fromhex(sha256), "phash": _digits(phash), "near": NEAR, "not_source": not_source,
        "since": since,
    })  # fmt: skip
    return [PhotoRepeat(r.sha256, int(r.phash, 2), r.order_number, r.at, r.courier_ref, r.source) for r in rows]


async def known_to(tx: Tx, sha256s: Sequence[str], owner: str) -> dict[str, Whose]:
    """By hash as it was asked: own = `owner` sent it, foreign = only others did, unknown = nobody yet."""
    rows = await tx.fetch("photo_known_to", {"sha256s": _bytes_of(sha256s), "owner": owner}) if sha256s else []
    whose: dict[str, Whose] = {row.sha256: "own" if row.own else "foreign" for row in rows}
    return {sha256: whose.get(sha256.lower(), "unknown") for sha256 in sha256s}


def _bytes_of(sha256s: Iterable[str]) -> list[bytes]:
    return [bytes.fromhex(sha256) for sha256 in dict.fromkeys(sha256s)]


def _digits(phash: int) -> str:
    """As PostgreSQL reads a bit string."""
    return f"{phash:064b}"


async def named_unknown(db: Database) -> Sequence[Row]:
    """Pictures that couriers' steps name and that are not known: sha256 (hex), courier_ref."""
    return await db.read("photos_named")
