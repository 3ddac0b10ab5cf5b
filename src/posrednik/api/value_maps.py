"""Doors to value maps: what a base writes and what it means here, tried before it is saved."""

from datetime import UTC, datetime
from typing import Any

from litestar import Request, Response, Router, delete, get, post
from litestar.params import FromPath, FromQuery

from posrednik.api import documents_quarantine as told
from posrednik.api.auth import asked, body_of, keyed, person_of, services_of
from posrednik.api.openapi import documented
from posrednik.api.problems import Problem, answer_of, plain
from posrednik.api.quarantine import base_of, replayed
from posrednik.domain.deliveries import PaymentMethod
from posrednik.domain.rights import Right
from posrednik.intake.quarantine import Again, Expected, mappable, meaning
from posrednik.intake.reading import decode_text
from posrednik.store import views
from posrednik.store.db import Row, Tx
from posrednik.usecases.map_values import Asked, Mapped, map_value, unmap_value, would_map
from posrednik.usecases.reconcile import NoSuchBase

AnyRequest = Request[Any, Any, Any]
MOST_CHOICES = 50
LISTS = {"flag": ["true", "false"], "order.payment_method": list(PaymentMethod)}


@get("/value-maps", summary="What values of the bases mean here", **documented(
    "valueMaps", answer=told.ValueMaps, right=Right.EXCHANGE_SEE,
))  # fmt: skip
async def value_maps(request: AnyRequest, base: FromQuery[str] = "") -> Response[bytes]:
    await person_of(request, Right.EXCHANGE_SEE)
    rows = await views.value_maps(services_of(request).db, base_of(base))
    return plain({"maps": [_map(row) for row in rows]})


def _map(row: Row) -> dict[str, Any]:
    return {
        "id": row.id, "base": row.base_id, "base_name": row.base, "kind": row.kind, "field": row.field,
        "theirs": row.theirs, "ours": row.ours, "ours_name": row.ours_name, "by": row.made_by,
        "at": row.made_at.astimezone(UTC),
    }  # fmt: skip


@get("/value-maps/fields", summary="Fields whose values can be mapped", **documented(
    "valueMapFields", answer=told.Fields, right=Right.EXCHANGE_SEE,
))  # fmt: skip
async def fields(request: AnyRequest) -> Response[bytes]:
    await person_of(request, Right.EXCHANGE_SEE)
    kinds = [
        {"kind": kind, "fields": [_field(kind, path, one) for path, one in known.items()]}
        for kind, known in mappable().items()
    ]
    return plain({"kinds": kinds})


def _field(kind: str, path: str, one: Expected) -> dict[str, Any]:
    values = LISTS.get(f"{kind}.{path}") or LISTS.get(one.type, [])
    return {"field": path, "type": one.type, "refers": one.refers, "required": one.required, "values": values}


@get("/value-maps/choices", summary="Objects that a reference may be mapped to", **documented(
    "valueChoices", answer=told.Choices, right=Right.EXCHANGE_SEE,
))  # fmt: skip
async def choices(
    request: AnyRequest, base: FromQuery[str] = "", kind: FromQuery[str] = "", q: FromQuery[str] = "",
) -> Response[bytes]:  # fmt: skip
    """kind: that the reference points to. q: a part of the name, or the ref."""
    await person_of(request, Right.EXCHANGE_SEE)
    of = base_of(base)
    rows = await views.value_choices(
        services_of(request).db, of, asked(kind, 50), asked(q, 100).lower() or None, MOST_CHOICES
    ) if of else ()  # fmt: skip
    return plain({"choices": [{"ref": row.ref, "name": row.name} for row in rows]})


@post("/value-maps", status_code=200, summary="Map a value, and apply what waits for it", **documented(
    "mapValue", body=told.MapValue, answer=told.MappedValue, says_no=(404, 409, 415, 422), right=Right.EXCHANGE_REPAIR,
))  # fmt: skip
async def add(request: AnyRequest) -> Response[bytes]:
    """All objects in quarantine with this value are read again, as are those that wait for what it refers to."""
    caller, body, services = (
        await person_of(request, Right.EXCHANGE_REPAIR),
        await body_of(request),
        services_of(request),
    )
    said, who = decode_text(body, told.MapValue), caller.name or caller.owner
    wanted = Asked(said.base, said.kind, said.field, said.theirs, said.ours)
    once = keyed(request, caller, body)

    async def work(tx: Tx) -> dict[str, Any]:
        once.about(str(said.base))
        return _mapped(await map_value(tx, wanted, meaning, Again, services.rules, who, datetime.now(UTC)), done=True)

    try:
        if said.dry_run:
            trial = await would_map(services.db, wanted, meaning, Again, services.rules, who, datetime.now(UTC))
            return plain(_mapped(trial, done=False))
        answer = await once.run(work)
    except NoSuchBase as error:
        raise Problem(404, "not_found") from error
    services.waker.wake()
    return answer_of(answer, replayed=once.replayed)


def _mapped(one: Mapped, *, done: bool) -> dict[str, Any]:
    found = {**replayed(one.tried, done=done), "waited": sum(end != "waiting" for end in one.waited)}
    return {**found, "id": one.id if done else None, "more": one.more}


@delete("/value-maps/{map_id:int}", status_code=200, summary="A value means itself again", **documented(
    "unmapValue", answer=told.Unmapped, says_no=(404, 409, 422), right=Right.EXCHANGE_REPAIR,
))  # fmt: skip
async def remove(request: AnyRequest, map_id: FromPath[int]) -> Response[bytes]:
    """What was applied by it stays as it is."""
    caller = await person_of(request, Right.EXCHANGE_REPAIR)
    once = keyed(request, caller, b"")

    async def work(tx: Tx) -> dict[str, Any]:
        gone = await unmap_value(tx, map_id, caller.name or caller.owner) if 0 <= map_id < 2**63 else None
        if gone is None:
            raise Problem(404, "not_found")
        once.about(f"{gone['kind']}.{gone['field']}: {gone['theirs']} → {gone['ours']}")
        return gone

    return answer_of(await once.run(work), replayed=once.replayed)


router = Router("/api/v1/admin", route_handlers=[value_maps, fields, choices, add, remove], tags=["Exchange"])
