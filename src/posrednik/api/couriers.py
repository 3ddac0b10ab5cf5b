"""Doors for the office: couriers and their phones, a code to enter with, the end of a token."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from posrednik.api import documents_entry as told
from posrednik.api.auth import caller_of, services_of
from posrednik.api.openapi import documented
from posrednik.api.problems import Problem, plain
from posrednik.store.db import Row
from posrednik.usecases import manage_devices as devices
from posrednik.usecases.let_in import NoSuchCourier, device_label, new_code

AnyRequest = Request[Any, Any, Any]


@get("/couriers", summary="Couriers and their phones", **documented("couriers", answer=told.Couriers))
async def couriers(request: AnyRequest) -> Response[bytes]:
    await caller_of(request, "person")
    return plain({"couriers": [_courier(one) for one in await devices.all_phones(services_of(request).db)]})


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
    **documented("loginCode", answer=told.LoginCode, says_no=(404, 422)),
)  # fmt: skip
async def login_code(request: AnyRequest, ref: FromPath[UUID]) -> Response[bytes]:
    caller, services = await caller_of(request, "person"), services_of(request)
    now = datetime.now(UTC)
    try:
        made = await services.db.transact(lambda tx: new_code(tx, str(ref), caller.name or caller.owner, now))
    except NoSuchCourier:
        raise Problem(404, "not_found") from None
    url = devices.login_url(services.public_url, made.text)
    body = {"code": made.text, "expires_at": made.expires_at.isoformat(), "url": url, "qr": devices.qr_rows(url)}
    return plain(body, 201, {"Cache-Control": "no-store"})


@post(
    "/devices/{token_id:uuid}/revoke", status_code=200, summary="A phone may not enter any more",
    **documented("revokeDevice", answer=told.DeviceRevoked, says_no=(404,)),
)  # fmt: skip
async def revoke(request: AnyRequest, token_id: FromPath[UUID]) -> Response[bytes]:
    await caller_of(request, "person")
    owner = await services_of(request).db.transact(lambda tx: devices.revoke(tx, token_id))
    if owner is None:
        raise Problem(404, "not_found")
    return plain({"revoked": True, "courier": owner})


router = Router("/api/v1/board", route_handlers=[couriers, login_code, revoke], tags=["Board"])
