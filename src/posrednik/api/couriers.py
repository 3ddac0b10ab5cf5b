"""Doors for the office: couriers and their phones, a code to enter with, the end of a token."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from posrednik.api import documents_entry as told
from posrednik.api.auth import check, keyed, person_of, services_of
from posrednik.api.openapi import documented
from posrednik.api.problems import Problem, answer_of, plain
from posrednik.domain.rights import Right
from posrednik.store.db import Row, Tx
from posrednik.usecases import manage_devices as devices
from posrednik.usecases.authenticate import Caller
from posrednik.usecases.couriers import courier_of
from posrednik.usecases.let_in import NewCode, NoSuchCourier, device_label, new_code
from posrednik.usecases.once import Keyed

AnyRequest = Request[Any, Any, Any]


@get(
    "/couriers",
    summary="Couriers and their phones",
    **documented("couriers", answer=told.Couriers, right=Right.COURIER_SEE),
)
async def couriers(request: AnyRequest) -> Response[bytes]:
    caller = await person_of(request, Right.COURIER_SEE)
    known = await devices.all_phones(services_of(request).db)
    return plain({"couriers": [
        _courier(one) for one in known if caller.may(Right.COURIER_SEE, one.courier.division or "")
    ]})  # fmt: skip


def _courier(one: devices.CourierPhones) -> dict[str, Any]:
    c = one.courier
    return {
        "ref": c.ref, "name": c.name, "phone": masked(c.phone or ""), "active": c.active,
        "division": {"ref": c.division, "name": c.division_name}, "bitrix24_user": c.bitrix24_user,
        "devices": [_device(row) for row in one.phones],
    }  # fmt: skip


def _device(row: Row) -> dict[str, Any]:
    return {
        "device": row.device, "entry": row.entry, "agent": device_label(row.agent) if row.agent else row.label,
        "app_version": row.app_version, "unsent": row.unsent, "last_seq": row.last_seq, "missing": row.missing,
        "first_at": row.first_at.isoformat(), "last_at": row.last_at.isoformat(),
        "expires_at": row.expires_at.isoformat() if row.expires_at else None, "revoked": row.revoked,
        "token_id": str(row.token_id) if row.token_id else None,
    }  # fmt: skip


def masked(phone: str) -> str:
    """«+7 912 ***-**-89»; of a number that is not Russian its last two digits."""
    digits = re.sub(r"[^0-9]", "", phone)
    if len(digits) == 11 and digits[0] in "78":
        return f"+7 {digits[1:4]} ***-**-{digits[-2:]}"
    return f"***-**-{digits[-2:]}" if len(digits) > 4 else ""


@post(
    "/couriers/{ref:uuid}/login-codes", status_code=201, summary="A code and a link for a phone to enter with",
    **documented("loginCode", answer=told.LoginCode, says_no=(404, 409, 422), right=Right.COURIER_LET_IN),
)  # fmt: skip
async def login_code(request: AnyRequest, ref: FromPath[UUID]) -> Response[bytes]:
    caller, services = await person_of(request, Right.COURIER_LET_IN), services_of(request)
    once, now = keyed(request, caller, b""), datetime.now(UTC)

    async def work(tx: Tx) -> NewCode:
        await _check(tx, caller, str(ref), once)
        return await new_code(tx, str(ref), caller.name or caller.owner, now)

    try:
        made = await once.run(work)
    except NoSuchCourier:
        raise Problem(404, "not_found") from None
    url = devices.login_url(services.public_url, made.text)
    body = {"code": made.text, "expires_at": made.expires_at.isoformat(), "url": url, "qr": devices.qr_rows(url)}
    return plain(body, 201, {"Cache-Control": "no-store"})


async def _check(tx: Tx, caller: Caller, courier_ref: str, once: Keyed) -> None:
    """Whether he lets in couriers of this one's division. A courier whom nobody knows is of none."""
    courier = await courier_of(tx, courier_ref)
    division = courier.division if courier else None
    check(caller, Right.COURIER_LET_IN, division)
    once.about(courier_ref, division)


@post(
    "/devices/{token_id:uuid}/revoke", status_code=200, summary="A phone may not enter any more",
    **documented("revokeDevice", answer=told.DeviceRevoked, says_no=(404, 409, 422), right=Right.COURIER_LET_IN),
)  # fmt: skip
async def revoke(request: AnyRequest, token_id: FromPath[UUID]) -> Response[bytes]:
    caller = await person_of(request, Right.COURIER_LET_IN)
    once = keyed(request, caller, b"")

    async def work(tx: Tx) -> dict[str, Any]:
        owner = await devices.revoke(tx, token_id)
        if owner is None:
            raise Problem(404, "not_found")
        await _check(tx, caller, owner, once)
        return {"revoked": True, "courier": owner}

    answer = await once.run(work)
    return answer_of(answer, replayed=once.replayed)


router = Router("/api/v1/board", route_handlers=[couriers, login_code, revoke], tags=["Board"])
