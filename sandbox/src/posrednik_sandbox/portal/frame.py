"""What an application in a frame of the portal asks of the page around it, and the library it asks with."""

import json
from typing import Any

from aiohttp import web

from posrednik_sandbox.portal import installing
from posrednik_sandbox.portal.errors import PageError
from posrednik_sandbox.portal.open_page import STATIC, from_here
from posrednik_sandbox.portal.portal import Portal
from posrednik_sandbox.portal.tokens import LIFE_S

LARGEST_QUESTION = 4096


def routes(portal: Portal) -> list[web.AbstractRouteDef]:
    """For the portal's port: `/api/v1/` is where the real portal's applications load BX24 from."""

    async def answer(request: web.Request) -> web.Response:
        portal.clock.use()
        try:
            told = _answered(portal, await _asked(request))
        except PageError as error:
            return web.json_response({"error": str(error)}, status=error.status)
        portal.journal.flush()
        return web.json_response(told, headers={"Cache-Control": "no-store"})

    async def library(request: web.Request) -> web.FileResponse:
        headers = {"Content-Type": "text/javascript; charset=utf-8", "Cross-Origin-Resource-Policy": "cross-origin"}
        return web.FileResponse(STATIC / "bx24.js", headers=headers)

    return [web.post("/portal/frame", answer), web.get("/api/v1/", library, allow_head=False)]


def _answered(portal: Portal, question: dict[str, Any]) -> dict[str, Any]:
    """`{sid, command}`: getInitData, refreshAuth, setInstallFinish of the frame that was opened under this APP_SID."""
    user = portal.users.get(portal.sids.get(str(question.get("sid")), 0))
    if user is None or not user.active:
        raise PageError("Этого окна приложения на портале нет. Откройте приложение заново.", 404)
    command = str(question.get("command"))
    if command == "getInitData":
        return {"IS_ADMIN": user.admin, "INSTALL": not portal.installed}
    if command == "refreshAuth":
        token = portal.tokens.issue(user.id, portal.application, portal.address)
        return {"AUTH_ID": token.value, "REFRESH_ID": token.refresh, "AUTH_EXPIRES": LIFE_S}
    if command == "setInstallFinish":
        installing.finished(portal, user.id)
        return {"INSTALL": not portal.installed}
    raise PageError("Портал не понимает, о чём его спрашивает приложение.")


async def _asked(request: web.Request) -> dict[str, Any]:
    """A question of this portal's own page: no foreign page's form may put it."""
    if not from_here(request) or request.content_type != "application/json":
        raise PageError("Спрашивает не страница портала.", 403)
    raw = await request.content.read(LARGEST_QUESTION)
    try:
        question = json.loads(raw)
    except ValueError:
        question = None
    if not isinstance(question, dict):
        raise PageError("Вопрос не разобрать.")
    return question
