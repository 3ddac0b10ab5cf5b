"""Doors for the settings of divisions: what holds, where it comes from, its history. See docs/subsystems/pilot.md."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, patch
from litestar.params import FromPath

from posrednik.api import documents_divisions as told
from posrednik.api.auth import body_of, keyed, person_of, services_of
from posrednik.api.openapi import documented
from posrednik.api.problems import Problem, answer_of, language, plain
from posrednik.domain.rights import Right
from posrednik.domain.texts import text
from posrednik.intake.reading import decode_text
from posrednik.store.db import Tx
from posrednik.usecases import division_settings as settings
from posrednik.usecases.division_settings import Divisions, SettingsChanged, SettingWrong

AnyRequest = Request[Any, Any, Any]


@get("/divisions", summary="Divisions and what was changed of them",
     **documented("divisions", answer=told.Divisions, right=Right.SETTINGS_SEE))  # fmt: skip
async def divisions(request: AnyRequest) -> Response[bytes]:
    caller = await person_of(request, Right.SETTINGS_SEE)
    known = await settings.known(services_of(request).db, services_of(request).live, caller.divisions)
    return plain({"divisions": [_brief(known, ref) for ref in known.refs]})


def _brief(known: Divisions, ref: str) -> dict[str, Any]:
    own = known.own(ref)
    return {"ref": ref, "name": known.names.get(ref), "version": own.version, "mode": known.mode(ref),
            "changed": sorted(own.changes)}  # fmt: skip


@get("/divisions/{ref:uuid}", summary="One division's settings, whose they are, and their history",
     **documented("divisionSettings", answer=told.DivisionSettings, says_no=(404,),
                  right=Right.SETTINGS_SEE))  # fmt: skip
async def division(request: AnyRequest, ref: FromPath[UUID]) -> Response[bytes]:
    caller = await person_of(request, Right.SETTINGS_SEE, str(ref))
    return plain(await _whole(request, str(ref), caller.divisions))


async def _whole(request: AnyRequest, ref: str, divisions: frozenset[str] | None) -> dict[str, Any]:
    services = services_of(request)
    known = await settings.known(services.db, services.live, divisions)
    if ref not in known.refs:
        raise Problem(404, "not_found")
    return {**_brief(known, ref), **await settings.told(services.db, services.live.file, known.own(ref))}


@patch("/divisions/{ref:uuid}", summary="Change settings of a division; they hold everywhere within two seconds",
       **documented("changeDivision", body=told.DivisionEdit, answer=told.DivisionSettings,
                    says_no=(404, 409, 415, 422), right=Right.SETTINGS_CHANGE))  # fmt: skip
async def change(request: AnyRequest, ref: FromPath[UUID]) -> Response[bytes]:
    caller = await person_of(request, Right.SETTINGS_CHANGE, str(ref))
    services, body = services_of(request), await body_of(request)
    wanted, once = decode_text(body, told.DivisionEdit), keyed(request, caller, body)
    known = await _whole(request, str(ref), caller.divisions)

    async def work(tx: Tx) -> dict[str, Any]:
        once.about(division=str(ref))
        after = await settings.change_settings(
            tx, services.live, str(ref), wanted.changes, version=wanted.version, who=caller.name or caller.owner,
            reason=wanted.reason, now=datetime.now(UTC),
        )  # fmt: skip
        return {**known, **await settings.told(tx, services.live.file, after)}

    try:
        answer = await once.run(work)
    except SettingWrong as error:
        raise said_no(request, error, f"/changes/{error.data['key']}", error.data["what"]) from error
    except SettingsChanged as error:
        raise Problem(409, error.code, version=error.data["version"]) from error
    return answer_of(answer, replayed=once.replayed)


def said_no(request: AnyRequest, error: SettingWrong, pointer: str, detail: str) -> Problem:
    sentence = text(error.code, language(request), **error.data)
    return Problem(422, error.code, sentence, errors=[{"pointer": pointer, "detail": detail}])


router = Router("/api/v1/admin", route_handlers=[divisions, division, change], tags=["Settings"])
