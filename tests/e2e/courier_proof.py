"""Whether the service, 1C and the office have exactly the courier's day."""

import asyncio
import hashlib
from decimal import Decimal
from typing import Any

from tests.desk import until
from tests.e2e.courier_handset import number_of
from tests.e2e.courier_plan import Step
from tests.e2e.courier_stage import Stage

Json = dict[str, Any]
# Of one who does forty orders all over the town in three minutes the evidence says so, and should: he is faster than a
# position of the phone is renewed (30 s), so that it is of an earlier door.
EXPECTED = {"batch_clicking", "impossible_speed", "far_from_address", "same_coordinates"}
DOCUMENT = {"cash": "cash_receipt", "card": "card_payment"}


def steps_are_the_record(stage: Stage, courier: str, record: list[Step]) -> None:
    """Every step once, in order, under numbers without a hole, with its figures, accepted."""
    rows = stage.rows(
        "SELECT seq, type, delivery_id::text AS delivery, state, code, body FROM courier_event"
        " WHERE courier_ref = %(courier)s ORDER BY seq", courier=courier,
    )  # fmt: skip
    assert [row["seq"] for row in rows] == list(range(1, len(record) + 1))
    assert [(row["type"], row["delivery"]) for row in rows] == [(step.type, step.delivery) for step in record]
    assert {(row["state"], row["code"]) for row in rows} == {("accepted", "")}
    for row, step in zip(rows, record, strict=True):
        _says(row["body"]["payload"], step)
        assert len(row["body"]["photos"]) == len(step.shots), step


def _says(payload: Json, step: Step) -> None:
    for name, value in step.said.items():
        if name != "lines":
            assert payload[name] == value, (step, payload)
            continue
        told = {line["line"]: Decimal(str(line["accepted"])) for line in payload["lines"]}
        assert told == {line: Decimal(quantity) for line, quantity in value.items()}, step


async def photos_are_the_record(stage: Stage, record: list[Step]) -> int:
    """Every picture is with the step it was taken for, whole, under its own hash; how many there are."""
    numbers = range(1, 1 + max(number for step in record for number in step.shots))
    found: dict[tuple[str | None, str], list[int]] = {}
    for delivery in {step.delivery for step in record} - {None}:
        for step in (await stage.office("GET", f"deliveries/{delivery}/steps"))["steps"]:
            seen = [await _number(stage, photo, numbers) for photo in step["photos"]]
            if seen:
                found.setdefault((delivery, step["action"]), []).extend(seen)
    meant = {(step.delivery, step.action): sorted(step.shots) for step in record if step.shots}
    assert {key: sorted(seen) for key, seen in found.items()} == meant
    return sum(map(len, found.values()))


async def _number(stage: Stage, photo: Json, numbers: range) -> int:
    assert photo.get("arrived", True), photo
    async with stage.system.desk.session.get(stage.system.service + photo["full"]) as answer:
        content = await answer.read()
    assert hashlib.sha256(content).hexdigest() == photo["sha256"]
    number = await asyncio.to_thread(number_of, content, numbers)
    assert number is not None, photo
    return number


async def onec_has_it_once(stage: Stage, record: list[Step]) -> None:
    """Of each hand-over one shipment and, by the way of payment, one document of the money with its sum."""
    meant: list[tuple[str, str, str]] = []
    for step in record:
        if step.action != "hand_over" or step.errand is None:
            continue
        order = step.errand.delivery["order"]["ref"]
        meant.append((order, "shipment", ""))
        if kind := DOCUMENT.get(step.said["payment_method"]):
            meant.append((order, kind, step.said["amount_taken"]))

    async def there() -> bool:
        return sorted(meant) == sorted(await _papers(stage))

    await until("1C has every document once", there, 90)
    state = await stage.system.desk.look("/onec/api/state")
    assert (state["duplicates"], state["out_of_order"], state["gaps"]) == (0, 0, [])


async def _papers(stage: Stage) -> list[tuple[str, str, str]]:
    papers = (await stage.system.desk.look("/onec/api/documents"))["documents"]
    return [(one["order_ref"], one["kind"], "" if one["kind"] == "shipment" else one["sum"]) for one in papers]


def _expected(incident: Json) -> bool:
    """Cash that stays with him at the end of the shift is explained by an incident; here nobody takes it in."""
    left = incident["kind"] == "cash_difference" and "к сдаче осталось" in incident["what"]
    return left or incident["kind"] in EXPECTED


async def nothing_else_to_decide(stage: Stage) -> dict[str, int]:
    """Kinds of incidents and how many; none but what the evidence of so quick a day must say."""
    found = (await stage.office("GET", "incidents?state=all&limit=500"))["incidents"]
    kinds = [one["kind"] for one in found]
    strange = [(one["kind"], one["what"], one["why"]) for one in found if not _expected(one)]
    assert not strange, strange[:5]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}
