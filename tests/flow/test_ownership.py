"""Who may write which field, over HTTP: what is not one's own stays as it is, and somebody hears of it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.flow.courier_phone import a_phone
from tests.flow.exchange_client import (
    BASE,
    BASE_TOKEN,
    COURIER,
    DIVISION,
    OTHER_BASE,
    OTHER_TOKEN,
    PRODUCT,
    SECOND_COURIER,
    Exchange,
    Json,
    Service,
    line,
    new_ref,
    obj,
    order,
    product,
    references,
    running,
    settings,
    until,
)  # fmt: skip
from tests.flow.people_kit import Office

WAY = "/api/v1/admin/ownership"


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    async with running(database) as it:
        await it.onec.send(references())
        yield it


async def owned(service: Service, **rows: Any) -> Json:
    """Rows with `__` for the dot; they hold in this process when this returns."""
    changes = {name.replace("__", "."): owners for name, owners in rows.items()}
    answer = await service.person("PUT", WAY, {"changes": changes, "reason": "проверка"})
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    kinds = {kind["kind"]: {one["field"]: one for one in kind["fields"]} for kind in told["kinds"]}
    for name, owners in changes.items():
        kind, _, field = name.partition(".")
        assert owners is None or {*kinds[kind][field]["owners"]} == {*owners}, kinds[kind][field]
    transport: Any = service.client._transport
    await transport.app.state.services.live.refresh()
    return told


async def field(service: Service, name: str) -> Json:
    kind, _, field = name.partition(".")
    told = (await service.person("GET", WAY)).json()
    found: Json = next(
        one for known in told["kinds"] if known["kind"] == kind for one in known["fields"] if one["field"] == field
    )
    return found


async def data_of(service: Service, kind: str, ref: str, base: Any = BASE) -> Json:
    [row] = await service.rows("SELECT data FROM mirror WHERE base_id = %s AND kind = %s AND ref = %s", base, kind, ref)
    data: Json = row["data"]
    return data


async def incidents(service: Service) -> list[Json]:
    rows = await service.rows(
        "SELECT doc FROM incident WHERE kind = 'ownership_violation' AND state = 'open' ORDER BY subject_id"
    )
    return [row["doc"] for row in rows]


# -- objects of 1C


async def test_a_field_of_another_owner_keeps_its_value_and_the_rest_is_applied(service: Service) -> None:
    ref = new_ref()
    await service.onec.send([order(ref, comment="Позвонить", prepaid="0.00")])
    await owned(service, order__comment=["posrednik"])
    told = await service.onec.send([order(ref, comment="Не звонить", prepaid="100.00")])
    assert told["objects"]["applied"] == 1
    data = await data_of(service, "order", ref)
    assert (data["comment"], data["prepaid"]) == ("Позвонить", "100.00")


async def test_a_refused_write_is_one_incident_a_journal_line_and_a_count(service: Service) -> None:
    ref = new_ref()
    await service.onec.send([order(ref, comment="Позвонить")])
    await owned(service, order__comment=["site"])
    await service.onec.send([order(ref, comment="Не звонить")])
    await service.onec.send([order(ref, comment="Совсем не звонить", prepaid="1.00")])
    [found] = await incidents(service)
    assert (found["times"], found["severity"], found["order_number"]) == (2, "alarm", "ТД00-000123")
    assert found["what"] == "1С «Основная» меняет чужое поле «комментарий»: заказ ТД00-000123."
    assert found["why"] == "Этим полем владеет: сайт. Прислано: Не звонить. Осталось: Позвонить."
    lines = await service.rows("SELECT kind, outcome, system FROM journal WHERE code = 'ownership_refused'")
    assert lines == [{"kind": "object", "outcome": "refused", "system": f"onec:{BASE}"}] * 2
    seen = await field(service, "order.comment")
    assert (seen["refused_7d"], seen["last_by"], seen["last_at"] is not None) == (2, "1c", True)
    [shown] = (await service.person("GET", "/api/v1/board/incidents")).json()["incidents"]
    assert shown["kind"] == "ownership_violation"
    english = await service.person("GET", "/api/v1/board/incidents", headers={"Accept-Language": "en"})
    assert "belongs to the site" in english.json()["incidents"][0]["why"]


async def test_the_same_value_again_is_no_violation(service: Service) -> None:
    ref = new_ref()
    await service.onec.send([order(ref, comment="Позвонить")])
    await owned(service, order__comment=["posrednik"])
    assert (await service.onec.send([order(ref, comment="Позвонить")]))["objects"]["unchanged"] == 1
    assert (await service.onec.send([order(ref, comment="Позвонить", prepaid="5.00")]))["objects"]["applied"] == 1
    assert await incidents(service) == []


async def test_a_case_closes_by_itself_when_1c_has_the_owners_value_again(service: Service) -> None:
    ref = new_ref()
    await service.onec.send([order(ref, comment="Позвонить")])
    await owned(service, order__comment=["posrednik"])
    await service.onec.send([order(ref, comment="Не звонить")])
    assert len(await incidents(service)) == 1
    await service.onec.send([order(ref, comment="Позвонить")])
    assert await incidents(service) == []
    [row] = await service.rows("SELECT doc FROM incident WHERE kind = 'ownership_violation'")
    assert (row["doc"]["decision"], row["doc"]["decided_by"]) == ("explained", "1С")


async def test_what_only_a_refused_field_would_change_is_unchanged(service: Service) -> None:
    ref = new_ref()
    await service.onec.send([order(ref, comment="Позвонить")])
    await owned(service, order__comment=["posrednik"])
    told = await service.onec.send([order(ref, comment="Не звонить")])
    assert told["objects"] == {"applied": 0, "unchanged": 1, "stale": 0, "waiting": 0}
    assert len(await incidents(service)) == 1


async def test_to_leave_out_a_field_of_another_owner_does_not_empty_it(service: Service) -> None:
    ref = new_ref()
    await service.onec.send([order(ref, comment="Позвонить")])
    await owned(service, order__comment=["posrednik"])
    await service.onec.send([order(ref)])
    assert (await data_of(service, "order", ref))["comment"] == "Позвонить"
    [found] = await incidents(service)
    assert "Прислано: —. Осталось: Позвонить." in found["why"]


async def test_an_older_state_writes_nothing_and_is_told_nowhere(service: Service) -> None:
    ref = new_ref()
    await service.onec.send([order(ref, comment="Позвонить")], number=9)
    await owned(service, order__comment=["posrednik"])
    assert (await service.onec.send([order(ref, comment="Старое")], number=8))["objects"]["stale"] == 1
    assert await incidents(service) == []


async def test_a_new_object_that_cannot_be_without_a_field_of_another_owner_is_quarantined(service: Service) -> None:
    ref = new_ref()
    await owned(service, product__name=["site"])
    told = await service.onec.send([product(ref, "Кружка"), product()])
    assert [(one["index"], one["code"], one["ref"]) for one in told["quarantined"]] == [(0, "not_owner", ref)]
    assert told["objects"]["unchanged"] == 1
    [found] = await incidents(service)
    assert "целиком в карантине" in found["why"]
    await owned(service, product__name=None)
    again = await service.person("POST", "/api/v1/admin/quarantine/replay", {"dry_run": False})
    assert again.json()["replayed"] == 1, again.text
    assert (await data_of(service, "product", ref))["name"] == "Кружка"


async def test_a_replay_of_what_is_still_not_its_own_stays_in_the_quarantine(service: Service) -> None:
    await owned(service, product__name=["site"])
    await service.onec.send([product(new_ref(), "Кружка")])
    again = (await service.person("POST", "/api/v1/admin/quarantine/replay", {"dry_run": False})).json()
    assert (again["replayed"], again["objects"][0]["code"]) == (0, "not_owner")
    rows = await service.rows("SELECT code FROM quarantine WHERE cleared_at IS NULL")
    assert rows == [{"code": "not_owner"}]


async def test_a_new_object_comes_without_the_optional_fields_of_others(service: Service) -> None:
    ref = new_ref()
    await owned(service, order__comment=["site"])
    assert (await service.onec.send([order(ref, comment="Позвонить")]))["objects"]["applied"] == 1
    assert "comment" not in await data_of(service, "order", ref)
    assert len(await incidents(service)) == 1


async def test_one_base_of_several_owns_a_field(service: Service) -> None:
    other = Exchange(service.client, OTHER_BASE, OTHER_TOKEN)
    await other.send(references())
    await owned(service, product__name=["base:Вторая"])
    await service.onec.send([product(name="Термос 1 л")])
    await other.send([product(name="Термос 2 л")])
    assert (await data_of(service, "product", PRODUCT))["name"] == "Термос"
    assert (await data_of(service, "product", PRODUCT, OTHER_BASE))["name"] == "Термос 2 л"
    [found] = await incidents(service)
    assert "Этим полем владеет: Вторая." in found["why"]


async def test_the_rest_of_a_kind_holds_for_fields_that_nobody_names(service: Service) -> None:
    await owned(service, **{"counterparty__*": ["site"], "counterparty__name": ["1c"], "counterparty__deleted": ["1c"]})
    ref = new_ref()
    told = await service.onec.send(
        [obj("counterparty", ref, {"name": "ООО", "phone": "+79161112233", "цвет": "синий"})]
    )
    assert told["objects"]["applied"] == 1
    assert await data_of(service, "counterparty", ref) == {"name": "ООО"}
    assert [one["data"]["field"] for one in await incidents(service)] == ["phone", "цвет"]
    assert (await field(service, "counterparty.*"))["refused_7d"] == 1


async def test_a_refused_mark_of_deletion_leaves_the_object(service: Service) -> None:
    await owned(service, courier__deleted=["posrednik"])
    await service.onec.send([obj("courier", COURIER, None, deleted=True)])
    [row] = await service.rows("SELECT deleted, data FROM mirror WHERE kind = 'courier' AND ref = %s", COURIER)
    assert (row["deleted"], row["data"]["name"]) == (False, "Пётр Иванов")
    assert [one["data"]["field"] for one in await incidents(service)] == ["deleted"]


async def test_many_objects_at_once_are_one_incident_of_the_field(service: Service) -> None:
    refs = [new_ref() for _ in range(30)]
    await service.onec.send([product(ref, f"Товар {i}") for i, ref in enumerate(refs)])
    await owned(service, product__unit=["site"])
    await service.onec.send([obj("product", ref, {"code": "1", "name": "Товар", "unit": "кг"}) for ref in refs])
    [found] = await incidents(service)
    assert "сразу у многих объектов (товар): 30" in found["what"]
    assert (await field(service, "product.unit"))["refused_7d"] == 30
    lines = await service.rows("SELECT detail FROM journal WHERE code = 'ownership_refused'")
    assert [one["detail"]["objects"] for one in lines] == [30]


async def test_whole_phone_numbers_are_not_in_the_journal(service: Service) -> None:
    ref = new_ref()
    name = "Иван +79165554433"
    await service.onec.send([obj("counterparty", ref, {"name": name, "phone": "+79161112233"})])
    await owned(service, counterparty__phone=["site"])
    await service.onec.send([obj("counterparty", ref, {"name": name, "phone": "+79169998877"})])
    assert len(await incidents(service)) == 1
    for text in await service.rows("SELECT summary || coalesce(detail::text, '') AS it FROM journal"):
        assert [number for number in ("9161112233", "9169998877", "9165554433") if number in text["it"]] == []


async def test_a_document_that_may_not_change_its_goods_waits_for_nothing_new(service: Service) -> None:
    ref, unknown = new_ref(), new_ref()
    await service.onec.send([order(ref)])
    await owned(service, order__lines=["posrednik"])
    told = await service.onec.send([order(ref, lines=[{**line(), "product": unknown}], prepaid="7.00")])
    assert told["objects"]["applied"] == 1
    data = await data_of(service, "order", ref)
    assert (data["lines"][0]["product"], data["prepaid"]) == (PRODUCT, "7.00")


# -- deliveries: orders that change, commands


async def test_an_order_does_not_change_what_of_the_delivery_is_not_1cs(service: Service) -> None:
    ref, delivery = await service.ready_order()
    await owned(service, delivery__address=["posrednik"])
    await service.onec.send([order(ref, address={"text": "Казань"}, prepaid="50.00")])
    card = (await service.person("GET", f"/api/v1/board/deliveries/{delivery['id']}")).json()
    assert card["address"]["text"] == "Москва, Тверская, 1"
    assert (card["prepaid"], (await data_of(service, "order", ref))["address"]) == ("50.00", {"text": "Казань"})
    assert [one["subject_id"] for one in await incidents(service)] == [f"delivery:{ref}:address"]


async def test_a_deleted_order_does_not_cancel_when_the_stage_is_not_1cs(service: Service) -> None:
    ref, delivery = await service.ready_order()
    await owned(service, delivery__stage=["posrednik", "courier"])
    await service.onec.send([order(ref, head={"deleted": True})])
    card = (await service.person("GET", f"/api/v1/board/deliveries/{delivery['id']}")).json()
    assert card["stage"] == "ready"
    assert [one["data"]["field"] for one in await incidents(service)] == ["stage"]


@pytest.mark.parametrize(
    ("type", "name", "data"),
    [
        ("delivery.set_price", "delivery.delivery_price", {"delivery_price": "10.00"}),
        ("delivery.set_amount_due", "delivery.amount_due", {"amount_due": "10.00"}),
        ("delivery.assign", "delivery.courier", {"courier": SECOND_COURIER}),
        ("delivery.cancel", "delivery.stage", {"reason": "так"}),
        ("delivery.withdraw", "delivery.stage", {}),
        ("delivery.ready", "delivery.courier", {"courier": SECOND_COURIER}),
        ("delivery.ready", "delivery.ready_comment", {"comment": "срочно"}),
    ],
)
async def test_a_command_that_writes_a_field_of_another_is_rejected(
    service: Service, type: str, name: str, data: Json
) -> None:
    ref, delivery = await service.ready_order(ready={"courier": COURIER})
    await owned(service, **{name.replace(".", "__"): ["posrednik"]})
    answer = await service.onec.press(type, ref, **data)
    assert (answer["status"], answer["code"]) == ("rejected", "not_owner")
    assert "Посредник" in answer["message"]
    assert answer["result"]["delivery"]["version"] == delivery["version"]
    assert [one["subject_id"] for one in await incidents(service)] == [f"delivery:{ref}:{name.partition('.')[2]}"]
    [line] = await service.rows("SELECT kind FROM journal WHERE code = 'ownership_refused'")
    assert line["kind"] == "command"


@pytest.mark.parametrize(
    ("type", "name", "data"),
    [
        ("delivery.set_price", "delivery.delivery_price", {"delivery_price": "300.00"}),
        ("delivery.set_amount_due", "delivery.amount_due", {"amount_due": None}),
        ("delivery.assign", "delivery.courier", {"courier": COURIER}),
        ("delivery.ready", "delivery.stage", {"courier": COURIER}),
    ],
)
async def test_a_command_that_says_what_holds_is_no_violation(
    service: Service, type: str, name: str, data: Json
) -> None:
    ref, _ = await service.ready_order(ready={"courier": COURIER})
    await owned(service, **{name.replace(".", "__"): ["posrednik"]})
    answer = await service.onec.press(type, ref, **data)
    assert (answer["status"], answer["result"]["already"]) == ("done", True)
    assert await incidents(service) == []


@pytest.mark.parametrize(
    ("type", "name", "data"),
    [
        ("delivery.set_price", "delivery.delivery_price", {"delivery_price": "10.00"}),
        ("delivery.set_amount_due", "delivery.amount_due", {"amount_due": "10.00"}),
        ("delivery.assign", "delivery.courier", {"courier": COURIER}),
        ("delivery.ready", "delivery.stage", {}),
        ("delivery.ready", "delivery.courier", {"courier": COURIER}),
    ],
)
async def test_the_same_holds_before_the_order_is_ready(service: Service, type: str, name: str, data: Json) -> None:
    ref = new_ref()
    await service.onec.send([order(ref)])
    await owned(service, **{name.replace(".", "__"): ["posrednik"]})
    answer = await service.onec.press(type, ref, **data)
    assert (answer["status"], answer["code"]) == ("rejected", "not_owner")
    assert answer["result"]["delivery"] is None
    await owned(service, **{name.replace(".", "__"): None})
    done = await service.onec.press("delivery.ready", ref)
    assert (done["result"]["delivery"]["amount_due"], done["result"]["delivery"]["courier"]) == ("2280.00", None)


# -- people


async def test_the_board_says_no_to_what_only_1c_may_do(service: Service) -> None:
    _, delivery = await service.ready_order()
    await owned(service, delivery__courier=["1c"])
    way = f"/api/v1/board/deliveries/{delivery['id']}/actions"
    answer = await service.person("POST", way, {"action": "assign", "courier": COURIER})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_owner")
    assert answer.json()["detail"].startswith("Поле «курьер» (доставка) меняет только 1С.")
    [found] = await incidents(service)
    assert found["what"].startswith("Логист меняет чужое поле «курьер»")
    [line] = await service.rows("SELECT kind, system FROM journal WHERE code = 'ownership_refused'")
    assert line == {"kind": "action", "system": "office"}


async def test_what_a_courier_did_is_a_fact_whoever_owns_the_stage(service: Service) -> None:
    _, delivery = await service.ready_order(ready={"courier": COURIER})
    await owned(service, delivery__stage=["1c"])
    phone = await a_phone(service, COURIER)
    done = await phone.do("delivery.pick_up", delivery=delivery["id"], version=delivery["version"])
    assert done["status"] == "accepted", done
    card = (await service.person("GET", f"/api/v1/board/deliveries/{delivery['id']}")).json()
    assert card["stage"] == "picked_up"
    assert await incidents(service) == []


async def test_people_do_not_change_what_1c_owns_of_couriers_and_orders(service: Service) -> None:
    ref = new_ref()
    await service.onec.send([order(ref, number="ТД00-000777", site_number="777777")])
    await owned(service, courier__bitrix24_user=["1c"], order__trial=["1c"])
    answers = [
        await service.person(
            "PUT", f"/api/v1/admin/mappings/couriers/{COURIER}", {"bitrix24_user": "17", "reason": "так"}
        ),
        await service.person(
            "POST", "/api/v1/admin/pilot/orders", {"order": "ТД00-000777", "trial": True, "reason": "так"}
        ),
    ]
    assert [(one.status_code, one.json()["code"]) for one in answers] == [(409, "not_owner")] * 2
    assert sorted(one["data"]["field"] for one in await incidents(service)) == ["bitrix24_user", "trial"]


# -- the page


async def test_without_rows_everything_is_as_it_always_was(service: Service) -> None:
    told = (await service.person("GET", WAY)).json()
    assert told["version"] == 0
    assert all(one["default"] and one["source"] == "default" for kind in told["kinds"] for one in kind["fields"])
    assert (await field(service, "product.name"))["owners"] == ["1c"]
    assert (await field(service, "delivery.stage"))["owners"] == ["1c", "posrednik", "bitrix24", "courier"]
    assert [one["owner"] for one in told["owners"]][-2:] == ["base:Вторая", "base:Основная"]


async def test_the_file_is_the_start_and_null_goes_back_to_it(database: str) -> None:
    async with running(database, settings(ownership={"order.comment": ("site",), "product.*": ("1c", "site")})) as it:
        seen = await field(it, "order.comment")
        assert (seen["owners"], seen["source"], seen["default"]) == (["site"], "file", False)
        seen = await field(it, "product.name")
        assert (seen["owners"], seen["source"], seen["inherited"]) == (["1c", "site"], "file", True)
        await owned(it, order__comment=["1c"])
        seen = await field(it, "order.comment")
        assert (seen["owners"], seen["source"], seen["else_owners"]) == (["1c"], "page", ["site"])
        assert (seen["who"], seen["reason"]) == ("Логист", "проверка")
        await owned(it, order__comment=None)
        assert (await field(it, "order.comment"))["owners"] == ["site"]


@pytest.mark.parametrize(
    ("row", "owners", "what"),
    [
        ("nothing.name", ["1c"], "вид «nothing» неизвестен"), ("order", ["1c"], "вид «order» неизвестен"),
        ("order.colour", ["1c"], "у этого вида нет поля «colour»"), ("order.comment", ["1C"], "«1C» неизвестна"),
        ("order.comment", ["base:Третья"], "«base:Третья» неизвестна"),
    ],
)  # fmt: skip
async def test_a_row_that_says_nothing_is_refused_in_words(
    service: Service, row: str, owners: list[str], what: str
) -> None:
    answer = await service.person("PUT", WAY, {"changes": {row: owners}, "reason": "так"})
    assert (answer.status_code, answer.json()["code"]) == (422, "ownership_wrong")
    assert what in answer.json()["detail"]
    assert (await service.person("GET", WAY)).json()["version"] == 0


async def test_two_people_do_not_overwrite_each_other(service: Service) -> None:
    await owned(service, order__comment=["site"])
    body = {"changes": {"order.comment": ["1c"]}, "reason": "так", "version": 0}
    answer = await service.person("PUT", WAY, body)
    assert (answer.status_code, answer.json()["code"], answer.json()["version"]) == (409, "ownership_changed", 1)
    assert (await service.person("PUT", WAY, {**body, "version": 1})).json()["version"] == 2


async def test_a_change_needs_a_reason_and_is_audited_once(service: Service) -> None:
    refused = await service.person("PUT", WAY, {"changes": {"order.comment": ["site"]}, "reason": " "})
    assert refused.json()["code"] == "setting_reason_missing"
    body = {"changes": {"order.comment": ["site"]}, "reason": "ведёт сайт"}
    answers = [await service.person("PUT", WAY, body, key="k1") for _ in range(2)]
    assert [one.headers.get("Idempotent-Replayed") for one in answers] == [None, "true"]
    acts = (await service.person("GET", "/api/v1/admin/audit?action=settings")).json()["acts"]
    assert [(one["operation"], one["subject"], one["data"]["reason"]) for one in acts] == [
        ("changeOwnership", "order.comment", "ведёт сайт")
    ]
    lines = await service.rows("SELECT summary FROM journal WHERE code = 'ownership' AND kind = 'settings'")
    assert lines == [{"summary": "владение полями (Логист): order.comment: 1c → site; причина: ведёт сайт"}]


async def test_who_is_limited_to_a_division_sees_and_changes_nothing(service: Service) -> None:
    office = Office(service)
    _, token = await office.employed("limited", ["administrator"], [DIVISION])
    seen = await office.ask(token, "GET", WAY)
    changed = await office.ask(token, "PUT", WAY, {"changes": {"order.comment": ["site"]}, "reason": "так"})
    assert [(one.status_code, one.json()["code"]) for one in (seen, changed)] == [
        (403, "forbidden"), (403, "other_division"),
    ]  # fmt: skip
    _, head = await office.employed("head", ["head"])
    assert (await office.ask(head, "GET", WAY)).status_code == 200
    assert (await office.ask(head, "PUT", WAY, {"changes": {}, "reason": "так"})).status_code == 403


async def test_another_process_takes_a_change_over(service: Service, database: str) -> None:
    ref = new_ref()
    await service.onec.send([order(ref, comment="Позвонить")])
    async with running(database) as second:
        again = Exchange(second.client, BASE, BASE_TOKEN)
        again.epoch, again.instance = service.onec.epoch, service.onec.instance
        await owned(service, order__comment=["posrednik"])
        numbers = iter(range(100, 1000))

        async def refused() -> list[Json]:
            number = next(numbers)
            await again.send([order(ref, comment=f"Не звонить {number}")], number=number)
            return await incidents(service)

        await until(refused)
