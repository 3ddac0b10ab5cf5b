"""Where the portal posts its events: checked, kept as hints, answered at once. See docs/subsystems/portal.md."""

from typing import Any
from urllib.parse import parse_qsl

from litestar import Request, Response, Router, post

from posrednik.api.auth import services_of
from posrednik.api.entry import address_of
from posrednik.api.problems import Problem
from posrednik.domain.entry import NotVerified
from posrednik.usecases.take_hint import NotPortal

AnyRequest = Request[Any, Any, Any]
LARGEST, MOST_FIELDS = 64 * 1024, 200
FORM = "application/x-www-form-urlencoded"


@post("/events", status_code=200, summary="Bitrix24 tells of an event")
async def events(request: AnyRequest) -> Response[bytes]:
    """It never comes again, whatever is answered: polling finds what was lost."""
    door = services_of(request).portal_events
    if door is None:
        raise Problem(404, "not_found")
    form = await _form(request)
    try:
        await door.take(form, address_of(request))
    except (NotPortal, NotVerified):
        raise Problem(403, "forbidden") from None
    return Response(b"", status_code=200, media_type="text/plain")


async def _form(request: AnyRequest) -> dict[str, str]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise Problem(415, "unsupported_media_type")
    try:
        text = (await request.body()).decode("ascii")
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise Problem(400, "malformed") from None


router = Router("/bitrix24", route_handlers=[events], include_in_schema=False, request_max_body_size=LARGEST)
