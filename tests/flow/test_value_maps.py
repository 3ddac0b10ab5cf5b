"""Quarantine set right by maps: docs/subsystems/value_maps.md. What is mapped ends as if 1C had sent it so."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as rules
from hypothesis import strategies as st
from tests.flow.exchange_client import (
    BASE,
    COURIER,
    DIVISION,
    OTHER_BASE,
    OTHER_TOKEN,
    PRODUCT,
    WAREHOUSE,
    Exchange,
    Service,
    courier,
    line,
    new_ref,
    order,
    product,
    references,
    running,
)
from tests.flow.people_kit import Office
from tests.flow.test_api_edges import is_problem
from tests.flow.test_first_load import loading
from tests.flow.xml_base import XmlExchange
from tests.pg import Databases

from posrednik.intake.readers import Readers
from posrednik.store.db import Database

Json = dict[str, Any]
ADMIN = "/api/v1/admin"
ORDER = "0a000000-0000-4000-8000-000000000001"
UNKNOWN = "0d000000-0000-4000-8000-00000000dead"
# (kind, field, theirs, ours, object that has a value there): what 1C may write in place of what is meant.
CASES: list[tuple[str, str, Any, Any, Any]] = [
    ("courier", "active", "работает", "Да", lambda v: courier(active=v)),
    ("order", "division", "Центральный отдел", DIVISION, lambda v: order(ORDER, division=v)),
    ("order", "division", "", DIVISION, lambda v: order(ORDER, division=v)),
    ("order", "warehouse", UNKNOWN, WAREHOUSE, lambda v: order(ORDER, warehouse=v)),
    ("order", "lines.product", UNKNOWN, PRODUCT, lambda v: order(ORDER, lines=[line(product=v), line("2")])),
    ("order", "lines.product", "Термос", PRODUCT, lambda v: order(ORDER, lines=[line(), line("2", product=v)])),
    ("order", "prepaid", "нет", "0", lambda v: order(ORDER, prepaid=v)),
    ("order", "receipt", "по запросу", "true", lambda v: order(ORDER, receipt=v)),
    ("order", "date", "вчера", "2026-11-20T10:00:00", lambda v: order(ORDER, date=v)),
    ("order", "window.from", "утром", "2026-11-20T09:00:00", lambda v: order(ORDER, window={"from": v})),
    ("product", "is_service", "услуга", "1", lambda v: {**product(), "data": {**product()["data"], "is_service": v}}),
]


async def told(service: Service, path: str, **query: Any) -> Json:
    answer = await service.person("GET", f"{ADMIN}/{path}", params=query)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def mapped(service: Service, field: tuple[str, str], theirs: str, ours: str, **more: Any) -> Json:
    """A map of the first base that must be taken; saved unless said."""
    kind, path = field
    key = more.pop("key", None)
    body = {"base": str(BASE), "kind": kind, "field": path, "theirs": theirs, "ours": ours, "dry_run": False, **more}
    answer = await service.person("POST", f"{ADMIN}/value-maps", body, key=key)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def state(service: Service, base: Any) -> list[list[Json]]:
    """All that is kept of a base's objects, but for when it came and by what message."""
    columns = "kind, ref, version, deleted, posted, encode(hash, 'hex') AS hash, data"
    return [
        await service.rows(f"SELECT {columns} FROM {table} WHERE base_id = %s ORDER BY kind, ref", base)
        for table in ("mirror", "waiting_object")
    ] + [await service.rows("SELECT kind, ref FROM quarantine WHERE base_id = %s AND cleared_at IS NULL", base)]


@pytest.mark.parametrize("xml", [False, True], ids=["json", "xml"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[1]}: {case[2] or 'empty'}")
async def test_a_map_and_its_replay_end_as_if_1c_had_sent_it_so(service: Service, case: Any, xml: bool):
    kind, field, theirs, ours, made = case
    first = XmlExchange(service.client) if xml else service.onec
    other = (XmlExchange if xml else Exchange)(service.client, OTHER_BASE, OTHER_TOKEN)
    await first.send(references())
    await other.send(references())
    await first.send([made(theirs)])
    await other.send([made(ours)])
    assert await state(service, BASE) != await state(service, OTHER_BASE)
    found = await mapped(service, (kind, field), theirs, ours)
    assert found["replayed"] + found["waited"] == 1
    assert await state(service, BASE) == await state(service, OTHER_BASE)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[1]}: {case[2] or 'empty'}")
async def test_what_comes_after_the_map_is_read_by_it_at_once(service: Service, case: Any):
    kind, field, theirs, ours, made = case
    other = Exchange(service.client, OTHER_BASE, OTHER_TOKEN)
    for base in (service.onec, other):
        await base.send(references())
    await mapped(service, (kind, field), theirs, ours)
    await service.onec.send([made(theirs)])
    await other.send([made(ours)])
    assert await state(service, BASE) == await state(service, OTHER_BASE)


FIELDS = {("order", "division"): DIVISION, ("order", "warehouse"): WAREHOUSE, ("order", "receipt"): "true"}


@st.composite
def stories(draw: Any) -> list[Any]:
    """Orders with texts where references are meant, a map now and then, in any order."""
    steps: list[Any] = []
    for _ in range(draw(st.integers(2, 7))):
        if draw(st.booleans()):
            steps.append((draw(st.sampled_from(sorted(FIELDS))), draw(st.sampled_from("абв"))))
        else:
            ref = f"0{draw(st.integers(1, 3))}000000-0000-4000-8000-000000000001"
            values = {path: draw(st.sampled_from([*"абв", FIELDS[kind, path]])) for kind, path in sorted(FIELDS)}
            steps.append(order(ref, comment=draw(st.sampled_from("гд")), **values))
    return steps


@rules(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture],
       phases=[Phase.explicit, Phase.generate, Phase.shrink])  # fmt: skip
@given(steps=stories())
def test_in_whatever_order_maps_and_objects_come_the_end_is_the_same(database_server: Databases, steps: list[Any]):
    """All maps are made in the end; the other base sent what they mean from the beginning."""
    every = [(field, theirs) for field in sorted(FIELDS) for theirs in "абв"]

    async def story() -> None:
        with database_server.migrated() as dsn:
            async with running(dsn) as service:
                other = Exchange(service.client, OTHER_BASE, OTHER_TOKEN)
                for base in (service.onec, other):
                    await base.send(references())
                for step in steps:
                    if isinstance(step, tuple):
                        await mapped(service, step[0], step[1], FIELDS[step[0]])
                    else:
                        meant = {path: FIELDS[kind, path] for kind, path in FIELDS}
                        await service.onec.send([step])
                        await other.send([{**step, "data": {**step["data"], **meant}}])
                for field, theirs in every:
                    await mapped(service, field, theirs, FIELDS[field])
                assert await state(service, BASE) == await state(service, OTHER_BASE)

    asyncio.run(story())


async def test_a_row_of_odata_is_read_by_the_same_map(database: str):
    """Before the load and after it; the row ends as if OData had said it so."""
    async with loading(database) as one:
        rows = one.onec.sets["Document_ЗаказКлиента"]
        rows[0]["Товары"][0]["Количество"], rows[1]["Товары"][0]["Количество"] = "много", "мало"
        await mapped(one.service, ("order", "lines.quantity"), "много", "3")
        assert await one.load() == "done"
        [row] = (await told(one.service, "quarantine"))["objects"]
        assert (row["field"], row["value"]) == ("lines.quantity", "мало")
        assert (await mapped(one.service, ("order", "lines.quantity"), "мало", "1"))["replayed"] == 1
        ended = await state(one.service, BASE)
        rows[0]["Товары"][0]["Количество"], rows[1]["Товары"][0]["Количество"] = 3, 1
        assert await one.load() == "done"
        assert await state(one.service, BASE) == ended


# -- what a person sees


async def test_quarantine_names_the_field_the_value_and_what_is_expected(service: Service):
    await service.onec.send(references())
    sent = await service.onec.send([
        order(new_ref(), division="Центральный отдел"), order(new_ref(), lines=[line(quantity="много")]),
        order(new_ref(), division="Центральный отдел"), {"kind": "дело", "ref": new_ref(), "data": {}},
        order(new_ref(), lines=None), courier(new_ref(), active={"a": 1}),
    ])  # fmt: skip
    assert [(one["field"], one["value"]) for one in sent["quarantined"]][:2] == [
        ("division", "Центральный отдел"), ("lines.quantity", "много"),
    ]  # fmt: skip
    reasons = (await told(service, "quarantine/reasons"))["reasons"]
    assert {(r["field"], r["value"], r["count"], r["expects"], r["refers"], r["may_map"]) for r in reasons} == {
        ("division", "Центральный отдел", 2, "guid", "division", True),
        ("lines.quantity", "много", 1, "quantity", None, True),
        ("kind", "дело", 1, None, None, False),
        ("lines", "", 1, None, None, False),
        ("active", None, 1, "flag", None, False),
    }
    found = await told(service, "quarantine", field="division", value="Центральный отдел", base=str(BASE))
    assert len(found["objects"]) == 2
    assert (await told(service, "quarantine/reasons", base=str(OTHER_BASE)))["reasons"] == []


async def test_a_dry_run_says_how_many_and_changes_nothing(service: Service):
    await service.onec.send(references())
    await service.onec.send([order(new_ref(), division="Отдел") for _ in range(3)])
    before = await state(service, BASE)
    found = await mapped(service, ("order", "division"), "Отдел", DIVISION, dry_run=True)
    assert (found["id"], found["count"], found["replayed"], found["more"]) == (None, 3, 0, False)
    assert [one["became"] for one in found["objects"]] == ["applied"] * 3
    assert await state(service, BASE) == before
    assert (await told(service, "value-maps"))["maps"] == []


async def test_a_second_bad_value_is_named_when_the_first_is_mapped(service: Service):
    await service.onec.send(references())
    await service.onec.send([order(ORDER, division="Отдел", receipt="по запросу")])
    for field, theirs, ours, count in (("division", "Отдел", DIVISION, 0), ("receipt", "по запросу", "true", 1)):
        [row] = (await told(service, "quarantine"))["objects"]
        assert (row["field"], row["value"]) == (field, theirs)
        assert (await mapped(service, ("order", field), theirs, ours))["replayed"] == count
    assert (await told(service, "quarantine"))["objects"] == []
    assert any(row["ref"] == ORDER for row in await service.mirror())


async def test_a_waiting_command_runs_when_its_order_is_mapped_right(service: Service):
    await service.onec.send(references())
    await service.onec.send([order(ORDER, division="Отдел")])
    assert (await service.onec.press("delivery.ready", ORDER, courier=COURIER))["status"] == "waiting"
    await mapped(service, ("order", "division"), "Отдел", DIVISION)
    [made] = await service.rows("SELECT stage FROM delivery")
    assert made["stage"] == "ready"


async def test_a_map_is_written_down_and_shown_and_can_be_removed(service: Service):
    await service.onec.send(references())
    await service.onec.send([order(ORDER, division="Отдел")])
    answers = [await mapped(service, ("order", "division"), " Отдел ", DIVISION.upper(), key="k") for _ in range(2)]
    assert answers[0] == answers[1]
    [one] = (await told(service, "value-maps", base=str(BASE)))["maps"]
    assert (one["theirs"], one["ours"], one["ours_name"], one["by"]) == ("Отдел", DIVISION, "Центр", "Логист")
    gone = await service.person("DELETE", f"{ADMIN}/value-maps/{one['id']}")
    assert gone.json()["theirs"] == "Отдел"
    assert (await told(service, "value-maps"))["maps"] == []
    is_problem(await service.person("DELETE", f"{ADMIN}/value-maps/{one['id']}"), 404, "not_found")
    acts = await service.rows("SELECT operation, subject FROM audit ORDER BY id")
    assert [(a["operation"], a["subject"]) for a in acts] == [
        ("mapValue", str(BASE)), ("unmapValue", f"order.division: Отдел → {DIVISION}"),
    ]  # fmt: skip
    outcomes = await service.rows("SELECT outcome FROM journal WHERE kind = 'settings' ORDER BY at, id")
    assert [row["outcome"] for row in outcomes] == ["mapped", "unmapped"]
    await service.onec.send([order(new_ref(), division="Отдел")])  # it means itself again; what was applied stays
    assert [row["field"] for row in (await told(service, "quarantine"))["objects"]] == ["division"]
    assert any(row["ref"] == ORDER for row in await service.mirror())


@pytest.mark.parametrize(
    ("field", "theirs", "ours", "code"),
    [
        (("order", "division"), "Отдел", "не ссылка", "value_map_wrong"),
        (("order", "division"), "Отдел", "   ", "value_map_wrong"),
        (("order", "division"), "Отдел", UNKNOWN, "value_map_unknown"),
        (("order", "division"), DIVISION, DIVISION, "value_map_chained"),
        (("order", "colour"), "а", "б", "value_map_wrong"),
        (("letter", "name"), "а", "б", "value_map_wrong"),
        (("order", "comment"), "", "б", "value_map_wrong"),
        (("order", "kind"), "а", "б", "value_map_wrong"),
    ],
)
async def test_a_map_that_makes_no_sense_is_refused_in_words(
    service: Service, field: Any, theirs: str, ours: str, code: str
):
    await service.onec.send(references())
    body = {"base": str(BASE), "kind": field[0], "field": field[1], "theirs": theirs, "ours": ours}
    for dry_run in (True, False):
        answer = await service.person("POST", f"{ADMIN}/value-maps", {**body, "dry_run": dry_run})
        is_problem(answer, 422, code)
        assert "Ничего не сохранено" in answer.json()["detail"]
    assert await service.rows("SELECT 1 FROM value_map") == []


async def test_maps_of_one_field_do_not_lead_to_one_another(service: Service):
    await service.onec.send([*references(), {**references()[0], "ref": UNKNOWN}])
    await mapped(service, ("order", "division"), "Отдел", UNKNOWN)
    body = {"base": str(BASE), "kind": "order", "field": "division", "dry_run": False}
    for theirs, ours in ((UNKNOWN, DIVISION), ("Другой", "Отдел")):
        answer = await service.person("POST", f"{ADMIN}/value-maps", {**body, "theirs": theirs, "ours": ours})
        assert answer.status_code == 422, answer.text
    await mapped(service, ("order", "division"), "Отдел", DIVISION)  # another meaning of the same value
    assert [one["ours"] for one in (await told(service, "value-maps"))["maps"]] == [DIVISION]


async def test_an_unknown_base_is_not_found(service: Service):
    body = {"base": new_ref(), "kind": "order", "field": "division", "theirs": "а", "ours": DIVISION}
    is_problem(await service.person("POST", f"{ADMIN}/value-maps", body), 404, "not_found")


async def test_only_who_may_repair_maps_values_and_who_may_see_sees(service: Service):
    office = Office(service)
    head = await office.employed("head", roles=["head"])
    body = {"base": str(BASE), "kind": "order", "field": "division", "theirs": "а", "ours": DIVISION}
    for token in (head, None):
        answer = await office.ask(token, "POST", f"{ADMIN}/value-maps", body)
        assert answer.status_code in (401, 403), answer.text
        assert (await office.ask(token, "DELETE", f"{ADMIN}/value-maps/1")).status_code in (401, 403)
    assert (await office.ask(None, "GET", f"{ADMIN}/value-maps")).status_code == 401


async def test_fields_and_choices_are_told(service: Service):
    await service.onec.send([*references(), {**references()[0], "ref": UNKNOWN, "data": {"name": "Склад-магазин"}}])
    kinds = {
        one["kind"]: {f["field"]: f for f in one["fields"]}
        for one in (await told(service, "value-maps/fields"))["kinds"]
    }
    assert kinds["order"]["division"] == {
        "field": "division", "type": "guid", "refers": "division", "required": True, "values": [],
    }  # fmt: skip
    assert kinds["order"]["payment_method"]["values"] == ["cash", "card", "transfer", "prepaid"]
    assert kinds["courier"]["active"]["values"] == ["true", "false"]
    found = await told(service, "value-maps/choices", base=str(BASE), kind="division", q="ЦЕН")
    assert found["choices"] == [{"ref": DIVISION, "name": "Центр"}]
    assert len((await told(service, "value-maps/choices", base=str(BASE), kind="division"))["choices"]) == 2


# -- reading in several processes


async def test_a_base_without_maps_has_one_reader_and_asks_for_none(service: Service, database: str):
    await service.onec.send(references())
    db = Database(database, size=1)
    await db.open()
    try:
        readers = Readers(db)
        first, again = [await readers.get(BASE) for _ in range(2)]
        assert first is not None
        assert again is not None
        assert first[1] is again[1]
        await mapped(service, ("order", "division"), "Отдел", DIVISION)  # in another process
        after = await readers.get(BASE)
        assert after is not None
        assert after[1] is not first[1]
        assert await readers.get(OTHER_BASE) is not None
        assert await readers.get(UUID(COURIER)) is None
    finally:
        await db.close()


async def test_a_map_saved_while_a_message_is_being_read_holds_for_it(
    service: Service, monkeypatch: pytest.MonkeyPatch
):
    await service.onec.send(references())
    real, saved = Readers.get, []

    async def get(self: Readers, base_id: Any) -> Any:
        found = await real(self, base_id)
        if not saved:
            saved.append(await mapped(service, ("order", "division"), "Отдел", DIVISION))
        return found

    monkeypatch.setattr(Readers, "get", get)
    answer = await service.onec.send([order(ORDER, division="Отдел")])
    assert answer["quarantined"] == []
    assert answer["objects"]["applied"] == 1


async def test_more_objects_than_one_reason_can_have_are_replayed_in_one_go(service: Service):
    await service.onec.send(references())
    for _ in range(3):
        await service.onec.send([order(new_ref(), division="Отдел") for _ in range(400)])
    found = await mapped(service, ("order", "division"), "Отдел", DIVISION)
    assert (found["replayed"], found["more"], len(found["objects"])) == (1200, False, 100)
    [row] = await service.rows("SELECT count(*) AS n FROM mirror WHERE kind = 'order'")
    assert row["n"] == 1200
