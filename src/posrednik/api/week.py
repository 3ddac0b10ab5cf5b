"""Doors of the weekly status: as data, as Markdown, and into a chat of Bitrix24."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from litestar import Request, Response, Router, get, post
from litestar.params import FromQuery, QueryParameter

from posrednik.api import documents_pilot as told
from posrednik.api.auth import asked, body_of, keyed, person_of, services_of
from posrednik.api.openapi import documented
from posrednik.api.problems import Problem, answer_of, language, plain
from posrednik.api.zone import zone_of
from posrednik.domain.rights import Right
from posrednik.domain.week import Week, markdown, shown, title
from posrednik.intake.reading import decode_text
from posrednik.store.db import Database, Tx
from posrednik.usecases.authenticate import Caller
from posrednik.usecases.week import send, week

AnyRequest = Request[Any, Any, Any]


@get("/week", summary="The week by facts, of one division or of all",
     **documented("week", answer=told.WeekStatus, right=Right.PILOT_SEE))  # fmt: skip
async def status(
    request: AnyRequest, division: FromQuery[str] = "",
    last: Annotated[str, QueryParameter(name="to", description="The day it ends with; today without it")] = "",
    form: Annotated[Literal["json", "md"], QueryParameter(name="format")] = "json",
) -> Response[bytes]:  # fmt: skip
    ref = asked(division).lower() or None
    caller, lang = await person_of(request, Right.PILOT_SEE, ref), language(request)
    found = await _week(services_of(request).db, request, caller, ref, last)
    text = markdown(found, lang)
    if form == "md":
        return Response(text.encode(), media_type="text/markdown; charset=utf-8",
                        headers={"X-Content-Type-Options": "nosniff"})  # fmt: skip
    return plain({**_told(found, lang), "markdown": text})


async def _week(source: Tx | Database, request: AnyRequest, caller: Caller, ref: str | None, last: str) -> Week:
    services = services_of(request)
    zone = await zone_of(services, caller, ref, source)
    return await week(
        source, services.live, ref=ref, mine=caller.divisions, last=_day(last) or datetime.now(zone).date(), zone=zone
    )


def _day(value: str) -> date | None:
    """Raises Problem 400."""
    try:
        found = date.fromisoformat(value) if value else None
    except ValueError:
        found = date.min
    if found is not None and not 2000 <= found.year <= 2100:
        raise Problem(400, "malformed", errors=[{"pointer": "/query/to", "detail": "YYYY-MM-DD"}])
    return found


def _told(found: Week, lang: str) -> dict[str, Any]:
    return {
        "about": found.about, "first": found.first.isoformat(), "last": found.last.isoformat(),
        "lines": [
            {"key": line.key, "title": title(line.key, lang), "unit": line.unit, "value": line.value,
             "earlier": line.earlier, "shown": shown(line, line.value, lang),
             "shown_earlier": shown(line, line.earlier, lang), "fine": line.fine} for line in found.lines
        ],
        "stands": [{"division": one.division, "mode": one.mode, "red": one.red} for one in found.stands],
        "switches": [
            {"division": one.division, "at": one.at.isoformat(), "who": one.who, "reason": one.reason,
             "before": one.before, "after": one.after} for one in found.switches
        ],
    }  # fmt: skip


@post("/week/send", status_code=200, summary="Write the week into the chat of Bitrix24",
      **documented("sendWeek", body=told.SendWeek, answer=told.WeekSent, says_no=(415, 422),
                   right=Right.PILOT_SWITCH))  # fmt: skip
async def send_week(request: AnyRequest) -> Response[bytes]:
    body, services = await body_of(request), services_of(request)
    wanted = decode_text(body, told.SendWeek)
    ref = asked(wanted.division or "").lower() or None
    caller = await person_of(request, Right.PILOT_SWITCH, ref)
    once = keyed(request, caller, body)

    async def work(tx: Tx) -> dict[str, Any]:
        once.about(division=ref)
        found = await _week(tx, request, caller, ref, wanted.last)
        await send(tx, found, services.status_chat, ref or "all", caller.name or caller.owner)
        return {"sent": True, "chat": services.status_chat}

    return answer_of(await once.run(work), replayed=once.replayed)


router = Router("/api/v1/admin", route_handlers=[status, send_week], tags=["Pilot"])
