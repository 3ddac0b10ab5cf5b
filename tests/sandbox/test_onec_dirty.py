"""The dirty generator: each object becomes in Posrednik what the generator says of it (E-06, E-30 to E-34)."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.sandbox.odata_running import a_reader
from tests.sandbox.onec_running import a_base

from posrednik.connectors.onec.inbound import Inbound, Unreadable
from posrednik_sandbox.onec import Onec, digests, dirty, wire


@pytest.fixture
def base(tmp_path: Path) -> Onec:
    return a_base(tmp_path)


def test_same_seed_writes_the_same_objects(tmp_path: Path) -> None:
    first, second = (a_base(tmp_path / name) for name in ("a", "b"))
    assert dirty.make(first.store, 300, 5) == dirty.make(second.store, 300, 5)
    sql = "SELECT o.kind, o.ref, o.data FROM object o JOIN spoiled s USING (kind, ref) ORDER BY kind, ref"
    assert first.store.rows(sql) == second.store.rows(sql)


def test_every_object_is_read_or_refused_as_foretold(base: Onec) -> None:
    made = dirty.make(base.store, 3000, 1)
    assert set(made.kinds) == {*dirty.WEAK, dirty.UNKNOWN_KIND}
    known = {(row["kind"], row["ref"]) for row in base.store.rows("SELECT kind, ref FROM object")}
    inbound, reader = (
        Inbound("Europe/Moscow"),
        "SELECT o.*, s.fate, s.code FROM object o JOIN spoiled s USING (kind, ref)",
    )
    for row in base.store.rows(reader):
        assert fate(inbound, known, row) == (row["fate"], row["code"]), row


def fate(inbound: Inbound, known: set[tuple[str, str]], row: dict[str, Any]) -> tuple[str, str]:
    try:
        read = inbound.object(0, json.dumps(wire.object_of(row, odd=False)).encode())
    except Unreadable as error:
        return "quarantined", error.code
    return ("waiting" if any(need not in known for need in read.needs) else "applied"), ""


def test_dirty_objects_are_sent_and_do_not_spoil_the_base(base: Onec) -> None:
    dirty.make(base.store, 500, 2)
    base.create_orders(5, ready=True)
    assert base.outbox.counts()["objects"] > 500
    assert all(row["fate"] == "waiting" for row in dirty.expected(base.store, "waiting", 10))
    assert sum(row["count"] for row in dirty.totals(base.store)) == 500


@pytest.mark.parametrize("profile", ["ut11", "ut103"])
async def test_dirty_objects_are_read_by_odata(tmp_path: Path, profile: str) -> None:
    async with a_reader(tmp_path, profile=profile) as reader:
        dirty.make(reader.onec.store, 600, 3)
        for one in await reader.rows(""):
            for asked in ("?$orderby=Description", "?$orderby=Date,Ref_Key", ""):
                assert (await reader.ask(f"{one['name']}{asked}"))[0] in (200, 400), one["name"]
            await reader.rows(one["name"])


def test_a_document_without_a_date_is_in_no_slice(base: Onec) -> None:
    dirty.make(base.store, 1000, 4)
    found = digests.slices(base.store, 3)
    assert all(month == "" or len(month) == 7 for _, month in found)


async def test_it_is_asked_for_by_its_address(tmp_path: Path) -> None:
    async with a_reader(tmp_path) as reader:
        async with reader.session.post(f"{reader.home}/onec/api/dirty", json={"count": 140, "seed": 9}) as answer:
            assert answer.status == 201
            assert sum((await answer.json())["kinds"].values()) == 140
        async with reader.session.get(f"{reader.home}/onec/api/dirty?fate=quarantined") as answer:
            told = await answer.json()
        assert {row["fate"] for row in told["objects"]} == {"quarantined"}
        async with reader.session.post(f"{reader.home}/onec/api/dirty", json={"count": 100_001}) as answer:
            assert answer.status == 400
