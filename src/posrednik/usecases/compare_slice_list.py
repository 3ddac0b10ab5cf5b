"""The commands `digest_parts` and `listing`: where a slice differs, and which objects do.

docs/subsystems/reconciliation.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from posrednik.kit import values
from posrednik.store import reconciliation
from posrednik.store.commands import Stored
from posrednik.store.mirror import Rank
from posrednik.store.reconciliation import REFS_ARE_TEXTS, Found, Standing
from posrednik.usecases.after_restore import tell_unknown
from posrednik.usecases.compare_slice import DigestWrong, Figures, figures_of, run_of, slice_of_command
from posrednik.usecases.order_desk import OrderDesk

MOST_PARTS = 5_000
MOST_LISTED = 20_000
LONGEST_PART = 2
FARTHEST = 1000
LONGEST_LINE = 1_000
GUID = 36  # characters
# What a base can mend by sending the object; of the rest it has come already, and waits or cannot be read.
MENDED_BY_SENDING = frozenset({"missing_here", "changed"})


async def compare_parts(desk: OrderDesk, command: Stored) -> None:
    """Answer which parts differ, also those that only one side has. Raises DigestWrong."""
    one, theirs = slice_of_command(desk.base, command), _parts(command.data.get("parts", []))
    ours = await reconciliation.parts(desk.tx, one, _at(command))
    differ = sorted(part for part in ours.keys() | theirs.keys() if ours.get(part) != theirs.get(part))
    await reconciliation.split(desk.tx, one, await run_of(desk, command.data), differ)
    command.status, command.code, command.message = "done", "list" if differ else "equal", None
    command.result = {"answer": command.code, "parts": differ}
    command.data = {**command.data, "parts": len(theirs)}  # what it said is in the message; what is kept is that it did


def _at(command: Stored) -> int:
    """Where in a ref its part begins: a base whose refs all begin alike says it."""
    said = str(command.data.get("at", 1))
    if not (said.isascii() and said.isdecimal() and 1 <= int(said) <= FARTHEST):
        raise DigestWrong
    return int(said)


def _parts(told: Sequence[Any]) -> dict[str, Figures]:
    if len(told) > MOST_PARTS:
        raise DigestWrong
    found: dict[str, Figures] = {}
    for one in told:
        part = one.get("part") if isinstance(one, dict) else None
        if not isinstance(part, str) or not 0 < len(part) <= LONGEST_PART or part in found:
            raise DigestWrong
        found[part] = figures_of(one)
    return {part: figures for part, figures in found.items() if figures[0]}


async def compare_list(desk: OrderDesk, command: Stored) -> None:
    """Answer which objects the base has to send again, and which it has not. Raises DigestWrong.

    What is unknown to the base is told to people at the end of the run: until then it can say that it has the object
    all the same, marked for deletion or dated in another month. Without a run there is no end, and it is told at once.
    """
    one, lines = slice_of_command(desk.base, command), _lines(command.data.get("versions", []))
    part, run_id = command.data.get("part"), await run_of(desk, command.data)
    theirs, here = await reconciliation.unlike(desk.tx, one, _at(command), part, lines)
    told = dict(_read(one.kind, line) for line in sorted(theirs))
    standing = await reconciliation.standing(desk.tx, one.base_id, one.kind, list(told))
    found = [*_differing(one.kind, told, standing), *_unknown(one.kind, told, here)]
    await reconciliation.listed(desk.tx, one, run_id, part, len(found))
    unknown = [f.ref for f in found if f.what == "missing_there"]
    if run_id is not None:
        await reconciliation.add_found(desk.tx, run_id, found)
    else:
        await tell_unknown(desk.tx, desk.base, [(one.kind, ref) for ref in unknown], desk.now)
    refs = [f.ref for f in found if f.what in MENDED_BY_SENDING]
    command.status, command.code, command.message = "done", "send" if found else "equal", None
    command.result = {"answer": command.code, "refs": refs, "unknown": unknown}
    command.data = {**command.data, "versions": len(lines)}


def _lines(told: Sequence[Any]) -> Sequence[str]:
    if len(told) > MOST_LISTED or not all(isinstance(one, str) and len(one) <= LONGEST_LINE for one in told):
        raise DigestWrong
    return told


def _read(kind: str, line: str) -> tuple[str, str]:
    """(ref, version) of a line; a ref that is no GUID may have colons in it, a version has none then."""
    ref, colon, version = line.rpartition(":")
    if kind not in REFS_ARE_TEXTS and len(line) > GUID and line[GUID] == ":":
        ref, colon, version = line[:GUID], ":", line[GUID + 1 :]
    try:
        read = values.text(ref) if kind in REFS_ARE_TEXTS else values.guid(ref)
    except ValueError:
        read = None
    if not colon or read is None:
        raise DigestWrong
    return read, values.text(version) or ""


def _differing(kind: str, told: Mapping[str, str], standing: Mapping[str, Standing]) -> Iterator[Found]:
    """Objects of theirs that are not here as told. One that is, is only dated in another month here: that is told by
    the list of that month."""
    for ref, version in told.items():
        known = standing[ref]
        if known.version != version or known.deleted:
            yield Found(kind, ref, _what(known, version), known.rank)


def _what(known: Standing, version: str) -> str:
    if known.waiting == version:
        return "waiting"
    if known.bad is not None and _version(known.bad) in (None, version):
        return "quarantined"
    return "missing_here" if known.version is None else "changed"


def _version(bad: bytes) -> str | None:
    """Of an object in quarantine; None: not even that can be read."""
    try:
        return values.text(msgspec.json.decode(bad, type=_Versioned).version) or ""
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return None


class _Versioned(msgspec.Struct):
    version: Any = None


def _unknown(kind: str, told: Mapping[str, str], here: Mapping[str, Rank]) -> Iterator[Found]:
    for ref, rank in sorted(here.items()):
        if ref not in told:
            yield Found(kind, ref, "missing_there", rank)
