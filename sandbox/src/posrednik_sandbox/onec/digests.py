"""What the base says it has, and its part of a reconciliation: digests, parts, lists, a sample (contract.md §2, E-27).

A step is a row of `comparison`. It becomes a command only in the message that takes the last changed object with it,
and says what the base has at that moment: so that an edit never makes the two sides seem to differ.
"""

import hashlib
import json
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from itertools import takewhile
from typing import Any

from posrednik_sandbox.onec import wire, words
from posrednik_sandbox.onec.store import Store
from posrednik_sandbox.onec.switches import Switches

KINDS = ("division", "product", "price", "stock", "counterparty", "warehouse", "courier", "outlet")
MONTHLY = ("order", "shipment", "receipt", "transfer", "return", "cash_receipt")
COMPARING = ("digest", "digest_parts", "listing", "sample", "digest_end")
AFTER_LOAD = "digest_after_load"
MOST_BYTES = 1_000_000  # of lines that a message's commands compare or tell, but for one that is larger by itself
LINE_BYTES = 50
SAMPLE_OBJECTS = 200
ROUNDS = 3  # digests of one slice in a run: what cannot be mended must not go round for ever
Slices = dict[tuple[str, str], list[str]]
Json = dict[str, Any]


# -- steps; the caller holds the transaction


def register(store: Store, offset_h: int, run: str = "", wanted: Iterable[tuple[str, str]] = ()) -> int:
    """A digest of each slice, or of those wanted (kind, month); with a run its end, too. Returns how many slices."""
    if run:
        store.db.execute("DELETE FROM comparison WHERE run <> '' AND run <> ? AND command IS NULL", (run,))
    found = sorted(wanted) or sorted(slices(store, offset_h))
    for kind, month in found:
        _step(store, run, "digest", kind, month, round=1)
    if run and not found:
        _step(store, run, "digest_end")
    return len(found)


def register_sample(store: Store, run: str, objects: Sequence[Json]) -> None:
    """These objects are asked for as they are."""
    for first in range(0, len(objects), SAMPLE_OBJECTS):
        _step(store, run, "sample", data=json.dumps(objects[first : first + SAMPLE_OBJECTS]))


def after_load(store: Store, offset_h: int) -> bool:
    """When the last object of a full registration has gone, its digests follow, once."""
    if not store.get(AFTER_LOAD) or store.value("SELECT 1 FROM dirty LIMIT 1"):
        return False
    with store.tx():
        store.set(AFTER_LOAD, "")
        register(store, offset_h)
    return True


def _step(
    store: Store, run: str, type: str, kind: str = "", month: str = "", part: str = "", round: int = 0, data: str = ""
) -> None:
    store.db.execute(
        "INSERT INTO comparison (run, type, kind, slice, part, round, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (run, type, kind, month, part, round, data),
    )


def forget(store: Store, commands: Iterable[str]) -> None:
    """These were never taken: what they say is old, and their steps are put anew."""
    for key in commands:
        if store.db.execute("UPDATE comparison SET command = NULL WHERE command = ?", (key,)).rowcount:
            store.db.execute("DELETE FROM command WHERE id = ?", (key,))


# -- from steps to commands


def fill(store: Store, offset_h: int, switches: Switches, room: int) -> None:
    """Make commands of the next steps, for a message after which nothing changed is left in the base."""
    steps = store.rows("SELECT * FROM comparison WHERE command IS NULL ORDER BY position")
    if not steps:
        return
    found, size = slices(store, offset_h), 0
    for step in steps:
        if room <= 0 or size >= MOST_BYTES:
            return
        if _waits(store, step):
            continue
        text = json.dumps(_data(store, found, switches, step), ensure_ascii=False)
        _command(store, offset_h, step, text)
        compared = len(found.get((step["kind"], step["slice"]), ()))
        room, size = room - 1, size + len(text) + LINE_BYTES * compared


def _waits(store: Store, step: Json) -> bool:
    """The end for everything, another digest of a slice for its parts and lists."""
    if step["type"] == "digest_end":
        return bool(store.value("SELECT 1 FROM comparison WHERE run = ? AND type <> 'digest_end'", step["run"]))
    sql = "SELECT 1 FROM comparison WHERE run = ? AND kind = ? AND slice = ? AND type IN ('digest_parts', 'listing')"
    return step["type"] == "digest" and bool(store.value(sql, step["run"], step["kind"], step["slice"]))


def _command(store: Store, offset_h: int, step: Json, data: str) -> None:
    key = str(uuid.uuid4())
    store.db.execute(
        "INSERT INTO command (id, type, order_ref, data, issued_at, issued_by) VALUES (?, ?, '', ?, ?, ?)",
        (key, step["type"], data, wire.local_now(offset_h).isoformat(), words.MANAGER),
    )
    store.db.execute("UPDATE comparison SET command = ? WHERE position = ?", (key, step["position"]))


def _data(store: Store, found: Slices, switches: Switches, step: Json) -> Json:
    run = {"run": step["run"]} if step["run"] else {}
    if step["type"] == "digest_end":
        return run
    if step["type"] == "sample":
        return run | {"objects": [_sampled(store, switches, one) for one in json.loads(step["data"])]}
    lines = found.get((step["kind"], step["slice"]), [])
    head = {"kind": step["kind"], **({"slice": step["slice"]} if step["slice"] else {}), **run}
    if step["type"] == "digest":
        return head | figures(lines) | ({} if switches.no_detail else {"detail": True})
    if step["type"] == "digest_parts":
        at, parts = varying(lines), dict[str, list[str]]()
        for line in lines:
            parts.setdefault(part_of(line, at), []).append(line)
        return head | {"at": at, "parts": [{"part": part, **figures(parts[part])} for part in sorted(parts)]}
    if not step["part"]:
        return head | {"versions": lines}
    at = int(step["data"])
    listed = [line for line in lines if part_of(line, at) == step["part"]]
    return head | {"at": at, "part": step["part"], "versions": listed}


def _sampled(store: Store, switches: Switches, one: Json) -> Json:
    row = store.row("SELECT * FROM object WHERE kind = ? AND ref = ? AND deleted < 2", one["kind"], one["ref"])
    if row is None:
        return {"kind": one["kind"], "ref": one["ref"], "found": False}
    return {**wire.object_of(row, switches.odd_values), "found": True}


# -- answers


def answered(store: Store, key: str, answer: Json | None) -> None:
    """What the service said of a comparing command leads to the next steps, once. The caller holds the transaction."""
    step = store.row(
        "SELECT p.*, json_extract(c.data, '$.at') AS at FROM comparison p JOIN command c ON c.id = p.command"
        " WHERE p.command = ?",
        key,
    )
    if step is None:
        return
    store.db.execute("DELETE FROM comparison WHERE command = ?", (key,))
    _next(store, step, answer or {})
    run = step["run"]
    if run and step["type"] != "digest_end" and not store.value("SELECT 1 FROM comparison WHERE run = ?", run):
        _step(store, run, "digest_end")


def _next(store: Store, step: Json, answer: Json) -> None:
    run, kind, month, said = step["run"], step["kind"], step["slice"], answer.get("answer")
    at = str(step["at"] or 1)
    if step["type"] == "sample":
        for one in answer.get("differs") or []:
            _send_again(store, str(one["kind"]), [str(one["ref"])])
    elif step["type"] == "digest" and said in ("split", "list"):
        _step(store, run, "digest_parts" if said == "split" else "listing", kind, month, round=step["round"])
    elif step["type"] == "digest_parts":
        for part in answer.get("parts") or []:
            _step(store, run, "listing", kind, month, str(part), step["round"], at)
    elif step["type"] == "listing":
        refs = [*(answer.get("refs") or []), *(answer.get("unknown") or [])]
        if _send_again(store, kind, refs) and step["round"] < ROUNDS:
            _again(store, run, kind, month, step["round"] + 1)


def _send_again(store: Store, kind: str, refs: Iterable[str]) -> bool:
    """Register what the base has of these, removed ones too as long as their trace is there."""
    known = [ref for ref in refs if store.object(kind, ref) is not None]
    for ref in known:
        store.touch(kind, ref)
    return bool(known)


def _again(store: Store, run: str, kind: str, month: str, round: int) -> None:
    """One more digest of a slice when what was asked for has gone, once for all its parts."""
    sql = "SELECT 1 FROM comparison WHERE run = ? AND kind = ? AND slice = ? AND type = 'digest' AND command IS NULL"
    if not store.value(sql, run, kind, month):
        _step(store, run, "digest", kind, month, round=round)


# -- what the base has


def slices(store: Store, offset_h: int) -> Slices:
    """Lines `ref:version` of what is not deleted, by kind and month; a kind without months has one slice.

    A document whose date cannot be read is in none.
    """
    found: Slices = {(kind, ""): [] for kind in KINDS}
    sql = "SELECT kind, ref, version, json_extract(data, '$.date') AS date FROM object WHERE deleted = 0"
    for row in store.db.execute(sql):
        if row["kind"] in KINDS:
            found[row["kind"], ""].append(f"{row['ref']}:{row['version']}")
        elif row["kind"] in MONTHLY and (month := _month(str(row["date"]), offset_h)):
            found.setdefault((row["kind"], month), []).append(f"{row['ref']}:{row['version']}")
    return found


def _month(date: str, offset_h: int) -> str:
    """By the base's own clock."""
    try:
        moment = datetime.fromisoformat(date)
    except ValueError:
        return ""
    if moment.tzinfo is not None:
        moment = moment.astimezone(timezone(timedelta(hours=offset_h)))
    return moment.strftime("%Y-%m")


def varying(lines: Sequence[str]) -> int:
    """Where refs that begin alike (a warehouse, then a product) begin to tell their objects apart, from 1 on."""
    refs = sorted(line.rpartition(":")[0] for line in lines)
    pairs = zip(refs[0], refs[-1], strict=False) if len(refs) > 1 else ()
    return len(list(takewhile(lambda pair: pair[0] == pair[1], pairs))) + 1


def part_of(line: str, at: int = 1) -> str:
    """Two characters of the ref from place `at` on, of a shorter ref its first two; only A to Z made small."""
    ref = line.rpartition(":")[0]
    return "".join(c.lower() if c.isascii() else c for c in ref[at - 1 : at + 1] or ref[:2])


def figures(lines: Sequence[str]) -> Json:
    return {"count": len(lines), "hash": hash_of(lines)}


def hash_of(lines: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
