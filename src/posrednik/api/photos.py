"""Doors for photos: put by phones and people, got by right or by a link that we signed. docs/subsystems/photos.md."""

import re
from datetime import UTC, datetime
from typing import Any

from litestar import Request, Response, Router, get, put
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery
from litestar.status_codes import HTTP_413_REQUEST_ENTITY_TOO_LARGE

from posrednik.api import documents as told
from posrednik.api.auth import keyed, person_of, services_of
from posrednik.api.openapi import Jpeg, documented
from posrednik.api.problems import Problem, plain
from posrednik.domain.rights import Right
from posrednik.kit.blobs import StorageUnavailable
from posrednik.kit.images import Overloaded
from posrednik.store.db import Tx
from posrednik.usecases.keep_photo import MEDIA_TYPE, PhotoQuota
from posrednik.usecases.show_photo import LONGEST_S, LinkWrong, NoSuchPhoto, OtherDivision, ShowPhoto, Size

AnyRequest = Request[Any, Any, Any]
LARGEST_PHOTO = 5 * 1024 * 1024
AWAY_S = 30
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
# Whatever else a browser might think to see in the bytes, it is shown as a picture or not at all.
AS_A_PICTURE = {
    "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'",
    "Content-Disposition": "inline", "Cross-Origin-Resource-Policy": "same-origin", "Vary": "Authorization",
}  # fmt: skip


@put(
    "/{sha256:str}", status_code=201, summary="A photo; 200: it was known", request_max_body_size=LARGEST_PHOTO,
    **documented("putPhoto", body=Jpeg, answer=told.KeptPhoto, says_no=(413, 415, 422), also=200,
                 right=Right.DELIVERY_ACT),
)  # fmt: skip
async def keep(request: AnyRequest, sha256: FromPath[str]) -> Response[bytes]:
    caller = await person_of(request, Right.DELIVERY_ACT, also="device")
    name, data = _sha256(sha256), await _jpeg_of(request)
    try:
        kept = await services_of(request).keep_photo.keep(name, data, caller.principal, datetime.now(UTC))
    except PhotoQuota as error:
        raise Problem(429, error.code, retry_after=error.retry_after_s) from error
    except (StorageUnavailable, Overloaded) as error:
        raise Problem(503, "storage_unavailable", retry_after=AWAY_S) from error
    if kept.new:
        await keyed(request, caller, b"", told={"bytes": kept.bytes}).run(_nothing_more)
    body = {"sha256": kept.sha256, "bytes": kept.bytes, "width": kept.width, "height": kept.height}
    return plain(body, 201 if kept.new else 200)


async def _nothing_more(_: Tx) -> None:
    """The photo is kept; what is left is to write down who sent it."""


def _sha256(text: str) -> str:
    if not _SHA256.fullmatch(text):
        raise Problem(400, "malformed", errors=[{"pointer": "/path/sha256", "detail": "64 hexadecimal digits"}])
    return text.lower()


async def _jpeg_of(request: AnyRequest) -> bytes:
    """The body. Raises Problem 400 (it broke off), 413, 415."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    packed = request.headers.get("content-encoding", "identity").strip().lower()
    if kind != MEDIA_TYPE or packed != "identity":
        raise Problem(415, "photo_not_jpeg")
    try:
        return await request.body()
    except HTTPException as error:
        if error.status_code == HTTP_413_REQUEST_ENTITY_TOO_LARGE:
            raise Problem(413, "photo_too_large") from error
        # The phone went into a lift: nobody reads this answer, but it is not to be counted as our fault.
        raise Problem(400, "malformed") from error


@get(
    "/{sha256:str}", summary="A photo by right, or by a signed link",
    **documented("getPhoto", answer=Jpeg, says_no=(404,), right=Right.PHOTO_SEE, exclude_from_compression=True),
)  # fmt: skip
async def show(
    request: AnyRequest, sha256: FromPath[str], size: FromQuery[Size] = "full", until: FromQuery[int | None] = None,
    sign: FromQuery[str | None] = None,
) -> Response[bytes]:  # fmt: skip
    name, photos = _sha256(sha256), services_of(request).show_photo
    try:
        if until is None and sign is None:
            await photos.check_right(name, await person_of(request, Right.PHOTO_SEE, also="device"))
            return await _picture(request, photos, name, size, LONGEST_S)
        left_s = await photos.check_link(name, size, until or 0, sign or "", datetime.now(UTC))
        return await _picture(request, photos, name, size, left_s)
    except OtherDivision as error:
        raise Problem(403, "other_division") from error
    except LinkWrong as error:
        raise Problem(403, "photo_link_wrong") from error
    except NoSuchPhoto as error:
        raise Problem(404, "not_found") from error
    except StorageUnavailable as error:
        raise Problem(503, "storage_unavailable", retry_after=AWAY_S) from error


async def _picture(request: AnyRequest, photos: ShowPhoto, sha256: str, size: Size, max_age_s: int) -> Response[bytes]:
    etag = f'"{sha256}-{size}"'
    headers = {**AS_A_PICTURE, "ETag": etag, "Cache-Control": f"private, max-age={max_age_s}, immutable"}
    if _has_it(request.headers.get("if-none-match", ""), etag):
        await photos.check_known(sha256)
        return Response(b"", status_code=304, headers=headers, media_type=MEDIA_TYPE)
    return Response(await photos.read(sha256, size), headers=headers, media_type=MEDIA_TYPE)


def _has_it(said: str, etag: str) -> bool:
    return any(one.strip().removeprefix("W/") in (etag, "*") for one in said.split(","))


router = Router("/api/v1/photos", route_handlers=[keep, show], tags=["Photos"])
