"""Addresses of the portal where a person is asked who he is: the authorisation of an application, a link into it.

A real portal knows by its cookie who is there; here the page asks, or `user` in the address says it.
"""

from collections.abc import Callable
from html import escape
from typing import NoReturn
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from posrednik_sandbox.portal import open_page, placements
from posrednik_sandbox.portal.application import DEFAULT
from posrednik_sandbox.portal.errors import PageError
from posrednik_sandbox.portal.model import User
from posrednik_sandbox.portal.opening import open_as
from posrednik_sandbox.portal.portal import Portal
from posrednik_sandbox.portal.values import as_dict, as_int, parse_query

Answer = Callable[[web.Request, User], web.Response]


def routes(portal: Portal) -> list[web.AbstractRouteDef]:
    """For the portal's port."""
    doors = Doors(portal)
    return [
        *(web.get(path, doors.authorize, allow_head=False) for path in ("/oauth/authorize", "/oauth/authorize/")),
        *(web.get(f"/marketplace/view/{{code}}{end}", doors.link, allow_head=False) for end in ("", "/")),
    ]


class Doors:
    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    async def authorize(self, request: web.Request) -> web.Response:
        """Back to the application with a `code`; what is wrong is told here and never to the application."""
        return self._shown(request, self._authorized)

    async def link(self, request: web.Request) -> web.Response:
        """`/marketplace/view/CODE/?params[x]=1`: the application, with x = "1" in PLACEMENT_OPTIONS."""
        return self._shown(request, self._opened)

    def _shown(self, request: web.Request, answer: Answer) -> web.Response:
        portal = self._portal
        portal.clock.use()
        if not open_page.is_local(request):
            return open_page.refused(portal, PageError("Песочница отвечает только на этой машине.", 403))
        try:
            user = _who(portal, request)
            response = answer(request, user) if user else self._ask(request)
        except PageError as error:
            response = open_page.refused(portal, error)
        portal.journal.flush()
        return response

    def _authorized(self, request: web.Request, user: User) -> NoReturn:
        portal, app = self._portal, self._portal.application
        if request.query.get("client_id") != app.client_id:
            raise PageError("Такого приложения на портале нет. Проверьте client_id в его настройках.", 404)
        if not portal.installed:
            raise PageError("Приложение ещё не установлено: войти в него нельзя.", 403)
        back = app.redirect_url or app.page_url
        query = {
            "code": portal.tokens.code(user.id, app.client_id),
            "state": request.query.get("state", ""),
            "domain": portal.address,
            "member_id": app.member_id,
            "scope": ",".join(app.scope),
            "server_domain": portal.address,
        }
        raise web.HTTPFound(f"{back}{'&' if urlsplit(back).query else '?'}{urlencode(query)}")

    def _opened(self, request: web.Request, user: User) -> web.Response:
        portal = self._portal
        if request.match_info["code"] != portal.application.client_id:
            raise PageError("Такого приложения на портале нет: ссылка ведёт в другое.", 404)
        given = as_dict(parse_query(request.query_string).get("params"))
        options = {name: str(value) for name, value in given.items()}
        device = request.query.get("device", "web")
        bound = device == "web" and placements.handler(portal, placements.URI) is not None
        place = placements.URI if bound else DEFAULT
        return open_page.drawn(portal, open_as(portal, user.id, place, device, options))

    def _ask(self, request: web.Request) -> web.Response:
        """Who is it? Each name leads to the same address with `user`."""
        people = "".join(
            f'<li><a href="{escape(_as(request, user))}">{escape(user.full_name)}</a>, {escape(user.position)}</li>'
            for user in sorted(self._portal.users, key=lambda user: user.id)
            if user.active
        )
        return open_page.asking(self._portal, "Кто открывает?", f"<ul>{people}</ul>")


def _as(request: web.Request, user: User) -> str:
    return str(request.rel_url.update_query(user=str(user.id)))


def _who(portal: Portal, request: web.Request) -> User | None:
    if "user" not in request.query:
        return None
    user = portal.users.get(as_int(request.query["user"], 0))
    if user is None or not user.active:
        raise PageError("Такого сотрудника на портале нет, или он уволен.", 403)
    return user
