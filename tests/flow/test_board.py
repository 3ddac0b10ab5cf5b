"""The board over HTTP: what is on it, by which filters, for whom; cards, comments and rights."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.flow.board_kit import as_person, person
from tests.flow.exchange_client import (
    COURIER,
    DIVISION,
    SECOND_COURIER,
    Service,
    courier,
    division,
    new_ref,
    order,
    references,
)  # fmt: skip

OTHER = "d0000000-0000-4000-8000-000000000002"
BOARD = "/api/v1/board/deliveries"


async def numbers(service: Service, token: str | None = None, **query) -> set[str]:
    headers = as_person(token) if token else {}
    answer = await service.person("GET", BOARD, params={"slim": "1", **query}, headers=headers)
    assert answer.status_code == 200, answer.text
    return {card["order_number"] for card in answer.json()["cards"]}


async def column(service: Service, stage: str, **query) -> dict:
    told = (await service.person("GET", BOARD, params={"slim": "1", **query})).json()
    return next(one for one in told["columns"] if one["stage"] == stage)


async def elsewhere(service: Service) -> tuple[str, dict]:
    """A delivery of the other division."""
    await service.onec.send([*references(), division(OTHER, "Север"), courier(new_ref(), "Чужой", division=OTHER)])
    return await service.ready_order(number="ТД-2", division=OTHER)


async def test_columns_tell_what_is_due_taken_and_on_hand(service: Service):
    _, one = await service.ready_order(number="ТД-1")
    _, two = await service.picked_up(number="ТД-2")
    assert await column(service, "ready") == {
        "stage": "ready", "n": 1, "due": "2280.00", "taken": "0.00", "on_hand": "0.00",
    }  # fmt: skip
    await service.act(two["id"], "hand_over", amount_taken="2280.00", payment_method="cash")
    assert await column(service, "handed_over") == {
        "stage": "handed_over", "n": 1, "due": "2280.00", "taken": "2280.00", "on_hand": "2280.00",
    }  # fmt: skip
    await service.act(two["id"], "settle")
    assert (await column(service, "settled"))["on_hand"] == "0.00"
    assert (await column(service, "handed_over"))["n"] == 0
    assert one["id"] != two["id"]


async def test_the_board_is_found_by_number_phone_address_recipient_courier_division_and_stage(service: Service):
    await service.ready_order(
        number="ТД00-000777", recipient={"name": "Алёна Ершова", "phone": "+79031234567"},
        address={"text": "Москва, Тверская, 1"},
    )  # fmt: skip
    await service.picked_up(
        number="000-000124", recipient={"name": "Пётр Ильин", "phone": "+78121112233"},
        address={"text": "Пермь, Мира, 5"},
    )  # fmt: skip
    first, second = {"ТД00-000777"}, {"000-000124"}
    for q, expected in (
        ("000777", first), ("алена", first), ("ершова алена", first), ("тверская 1", first), ("8 903 123-45-67", first),
        ("+7 (903) 123", first), ("123-45", first), ("89031234567", first), ("79031234567", first), ("мира", second),
        ("000-000124", second), ("000-000", second), ("нет такого", set()), ("москва ильин", set()),
        ("", first | second),
    ):  # fmt: skip
        assert await numbers(service, q=q) == expected, q
    assert await numbers(service, courier=COURIER) == second
    assert await numbers(service, stage="ready") == first
    assert await numbers(service, division=DIVISION) == first | second
    assert await numbers(service, division=OTHER) == set()


async def test_only_discrepancies_are_open_incidents_and_sums_that_differ(service: Service):
    await service.ready_order(number="ТД-1")
    _, two = await service.picked_up(number="ТД-2")
    assert await numbers(service, only="discrepancies") == set()
    await service.act(two["id"], "hand_over", amount_taken="2000.00", difference_reason="скидка")
    assert await numbers(service, only="discrepancies") == {"ТД-2"}
    told = (await service.person("GET", BOARD, params={"q": "ТД-2"})).json()["cards"][0]
    assert (told["trouble"]["kind"], told["incidents"], told["discrepant"]) == ("amount_mismatch", 1, True)
    assert "2000" in "".join(told["trouble"]["what"].split())
    english = await service.person("GET", BOARD, params={"q": "ТД-2"}, headers={"Accept-Language": "en"})
    assert english.json()["cards"][0]["trouble"]["what"] != told["trouble"]["what"]


async def test_a_day_has_what_is_planned_for_it_and_today_has_what_is_left_over(service: Service):
    today = datetime.now(ZoneInfo("Europe/Moscow"))

    def window(days: int) -> dict[str, str]:
        at = (today + timedelta(days=days)).replace(hour=11, minute=0)
        return {"from": at.isoformat(), "to": (at + timedelta(hours=2)).isoformat()}

    for number, days in (("вчера", -1), ("сегодня", 0), ("завтра", 1)):
        await service.ready_order(number=number, window=window(days))
    day = lambda days: (today + timedelta(days=days)).date().isoformat()  # noqa: E731
    assert await numbers(service, day=day(-1)) == {"вчера"}
    assert await numbers(service, day=day(0)) == {"вчера", "сегодня"}
    assert await numbers(service, day=day(1)) == {"завтра"}
    assert await numbers(service) == {"вчера", "сегодня", "завтра"}


async def test_a_delivery_put_off_stands_on_its_new_day(service: Service):
    _, one = await service.picked_up(number="ТД-1")
    later = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    await service.act(one["id"], "not_deliver", reason="not_home", next_date=later)
    assert await numbers(service, day=later) == set()
    await service.act(one["id"], "retry", next_date=later)
    assert await numbers(service, day=later) == {"ТД-1"}


async def test_pages_of_the_board_have_each_delivery_once(service: Service):
    wanted = set()
    for n in range(7):
        await service.ready_order(number=f"ТД-{n}")
        wanted.add(f"ТД-{n}")
    seen: list[str] = []
    after = ""
    while True:
        told = (await service.person("GET", BOARD, params={"limit": "3", "after": after})).json()
        seen += [card["order_number"] for card in told["cards"]]
        assert next(c for c in told["columns"] if c["stage"] == "ready")["n"] == 7
        if (after := told["next"]) is None:
            break
    assert len(seen) == 7
    assert set(seen) == wanted


@pytest.mark.parametrize(
    "query", [{"day": "завтра"}, {"day": "0001-01-01"}, {"only": "x"}, {"stage": "x"}, {"after": "x_y"}]
)
async def test_a_filter_that_is_none_is_malformed(service: Service, query: dict):
    answer = await service.person("GET", BOARD, params=query)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


async def test_the_card_has_ledger_comments_and_systems(service: Service):
    _, one = await service.picked_up(number="ТД-1")
    await service.act(one["id"], "hand_over", amount_taken="2280.00", payment_method="cash")
    said = await service.person("POST", f"{BOARD}/{one['id']}/comments", {"text": " Домофон не работает "})
    assert (said.status_code, said.json()["text"]) == (200, "Домофон не работает")
    told = (await service.person("GET", f"{BOARD}/{one['id']}")).json()
    assert [(line["title"], line["account"], line["sum"]) for line in told["money"]] == [
        ("Получено при вручении", "наличные у курьера", "2280.00")
    ]
    assert [(c["author"], c["text"]) for c in told["comments"]] == [("Логист", "Домофон не работает")]
    assert told["systems"][0]["title"].startswith("1С")
    card = (await service.person("GET", BOARD, params={"q": "ТД-1"})).json()["cards"][0]
    assert card["comments"] == 1


@pytest.mark.parametrize("text", ["", "   ", "а" * 2001])
async def test_an_empty_or_endless_comment_is_refused_in_words(service: Service, text: str):
    _, one = await service.ready_order()
    answer = await service.person("POST", f"{BOARD}/{one['id']}/comments", {"text": text})
    assert (answer.status_code, answer.json()["code"]) == (422, "comment_empty")


async def test_a_comment_is_written_once_under_its_key_and_stands_in_the_audit(service: Service):
    _, one = await service.ready_order()
    for _ in range(2):
        await service.person("POST", f"{BOARD}/{one['id']}/comments", {"text": "раз"}, key="k1")
    assert len(await service.rows("SELECT 1 FROM delivery_comment")) == 1
    noted = await service.rows("SELECT division_ref, subject FROM audit WHERE action = 'delivery.comment'")
    assert [(row["division_ref"], row["subject"]) for row in noted] == [(DIVISION, one["id"])]


# -- rights and divisions


async def test_who_is_limited_sees_only_his_division_and_its_couriers(service: Service):
    await service.ready_order(number="ТД-1")
    _, foreign = await elsewhere(service)
    token = await person(service, "logistician", divisions=[DIVISION])
    assert await numbers(service, token) == {"ТД-1"}
    assert await numbers(service, token, division=OTHER) == set()
    assert await numbers(service, token, q="ТД-2") == set()
    told = (await service.person("GET", BOARD, headers=as_person(token))).json()
    assert {one["ref"] for one in told["divisions"]} == {DIVISION}
    assert {one["division"] for one in told["couriers"]} == {DIVISION}
    for path in ("", "/steps"):
        answer = await service.person("GET", f"{BOARD}/{foreign['id']}{path}", headers=as_person(token))
        assert (answer.status_code, answer.json()["code"]) == (403, "other_division")
    for path, body in (("/comments", {"text": "я"}), ("/actions", {"action": "cancel"})):
        answer = await service.person("POST", f"{BOARD}/{foreign['id']}{path}", body, headers=as_person(token))
        assert (answer.status_code, answer.json()["code"]) == (403, "other_division")
    assert await service.rows("SELECT 1 FROM delivery WHERE stage = 'cancelled'") == []


async def test_who_is_limited_gives_no_delivery_to_a_courier_of_another_division(service: Service):
    _, mine = await service.ready_order(number="ТД-1")
    await elsewhere(service)
    foreign = (await service.rows("SELECT ref FROM mirror WHERE kind = 'courier' AND data->>'division' = %s", OTHER))[0]
    token = await person(service, "logistician", divisions=[DIVISION])
    path = f"{BOARD}/{mine['id']}/actions"
    body = {"action": "assign", "courier": foreign["ref"]}
    answer = await service.person("POST", path, body, headers=as_person(token))
    assert (answer.status_code, answer.json()["code"]) == (403, "other_division")
    body = {"action": "assign", "courier": SECOND_COURIER}
    assert (await service.person("POST", path, body, headers=as_person(token))).status_code == 200


@pytest.mark.parametrize(
    ("role", "action", "status"),
    [
        ("courier", "pick_up", 403), ("cashier", "pick_up", 403), ("cashier", "assign", 403),
        ("cashier", "cancel", 403), ("logistician", "settle", 403), ("logistician", "pick_up", 200),
        ("head", "assign", 200),
        ("administrator", "cancel", 200), ("cashier", "nonsense", 403), ("logistician", "nonsense", 422),
    ],
)  # fmt: skip
async def test_each_action_takes_its_own_right(service: Service, role: str, action: str, status: int):
    _, one = await service.ready_order(ready={"courier": COURIER})
    token, whom = await person(service, role), {"courier": SECOND_COURIER} if action == "assign" else {}
    body = {"action": action, **whom}
    answer = await service.person("POST", f"{BOARD}/{one['id']}/actions", body, headers=as_person(token))
    assert answer.status_code == status, answer.text


async def test_a_cashier_settles(service: Service):
    _, one = await service.picked_up()
    await service.act(one["id"], "hand_over", amount_taken="2280.00", payment_method="cash")
    token = await person(service, "cashier")
    path = f"{BOARD}/{one['id']}/actions"
    answer = await service.person("POST", path, {"action": "settle"}, headers=as_person(token))
    assert answer.status_code == 200, answer.text


async def test_an_old_order_is_found_by_its_whole_number_alone(service: Service):
    ref, one = await service.picked_up(number="ТД-17")
    await service.act(one["id"], "hand_over", amount_taken="2280.00", payment_method="card")
    await service.rows(
        "UPDATE delivery SET changed_at = now() - interval '9 days' WHERE order_ref = %s RETURNING id", ref
    )
    assert await numbers(service) == set()
    assert await numbers(service, q="тд-1") == set()
    assert await numbers(service, q="ТД-17") == {"ТД-17"}
    assert order(ref)["ref"] == ref
