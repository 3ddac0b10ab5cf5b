"""The page that opens the application from the browser: it posts what `opening` says, as the portal does.

On the phone it is a page of its own that sends itself; on the web a slider with a frame the form posts into. It stands
on the portal's own port, since the application lets only the portal frame it. Without scripts a button does the same.
"""

from collections.abc import Awaitable, Callable
from html import escape
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from posrednik_sandbox.portal.application import DEFAULT, origin
from posrednik_sandbox.portal.errors import PageError
from posrednik_sandbox.portal.opening import Opening, open_as
from posrednik_sandbox.portal.portal import Portal
from posrednik_sandbox.portal.values import as_int

STATIC = Path(__file__).parent / "static"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
# What the web portal grants to the frame of an application.
GRANTED = ("geolocation", "camera", "microphone", "clipboard-write", "fullscreen")


def routes(portal: Portal) -> list[web.AbstractRouteDef]:
    """For the portal's port."""

    async def show(request: web.Request) -> web.Response:
        portal.clock.use()
        if not is_local(request):
            return refused(portal, PageError("Песочница отвечает только на этой машине.", 403))
        try:
            opening = _asked(portal, request)
        except PageError as error:
            return refused(portal, error)
        portal.journal.flush()
        return drawn(portal, opening)

    return [web.get("/portal/open", show, allow_head=False), web.static("/portal/static", STATIC)]


def to_the_portal(portal: Portal) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """For the pages' port: the same address on the portal's."""

    async def lead(request: web.Request) -> NoReturn:
        raise web.HTTPFound(f"http://{portal.address}/portal/open?{request.query_string}")

    return lead


def is_local(request: web.Request) -> bool:
    """Nothing here asks for a password: a foreign name that leads to this machine gets no token."""
    return urlsplit(f"//{request.host}").hostname in LOOPBACK


def from_here(request: web.Request) -> bool:
    """Whether a page of this very address asks, as browsers tell it."""
    told = request.headers.get("Origin")
    return is_local(request) and (told is None or urlsplit(told).netloc == request.host)


def drawn(portal: Portal, opening: Opening) -> web.Response:
    """The page that posts the opening: of the phone, or the slider of the web."""
    return _page(portal, (_phone if opening.mode == "page" else _slider)(portal, opening), url=opening.url)


def refused(portal: Portal, error: PageError) -> web.Response:
    return asking(portal, "Приложение не открылось", f'<p role="alert">{escape(str(error))}</p>', error.status)


def asking(portal: Portal, title: str, html: str, status: int = 200) -> web.Response:
    """A page of the portal with ready HTML under a title, and the way back."""
    return _page(portal, _plain(portal, title, html), status)


def _asked(portal: Portal, request: web.Request) -> Opening:
    query = request.query
    user_id = as_int(query.get("user"), 0) or 0
    options = {name: query[key] for name, key in (("dialogId", "dialog"), ("taskId", "task")) if query.get(key)}
    return open_as(portal, user_id, query.get("placement", DEFAULT), query.get("device", "phone"), options)


def _page(portal: Portal, body: str, status: int = 200, url: str = "") -> web.Response:
    origins = " ".join(sorted({*portal.application.origins, *([origin(url)] if url else [])}))
    policy = (
        f"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action {origins}; "
        f"connect-src 'self'; frame-src {origins}; frame-ancestors 'none'; base-uri 'none'"
    )
    # A token stands in the page: it is kept nowhere, and going back asks for a new one.
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store"}
    html = f"""<!doctype html>
<html lang="ru">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(portal.application.title)} · Битрикс24</title>
<link rel="icon" href="/portal/static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/portal/static/open.css">
<script src="/portal/static/open.js" defer></script>
</head>
{body}
</html>
"""
    return web.Response(text=html, status=status, headers=headers, content_type="text/html")


def _form(opening: Opening, target: str = "") -> str:
    fields = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in opening.form.items()
    )
    joint = "&" if urlsplit(opening.url).query else "?"
    action = escape(f"{opening.url}{joint}{urlencode(opening.query)}")
    aim = f' target="{escape(target)}"' if target else ""
    return (
        f'<form id="opening" method="post" action="{action}"{aim}>{fields}'
        '<button type="submit" class="main">Открыть</button></form>'
    )


def _phone(portal: Portal, opening: Opening) -> str:
    home, title = escape(portal.home), escape(portal.application.title)
    return f"""<body class="phone">
<p class="strip">Песочница: мобильное приложение Битрикс24</p>
<header><a href="{home}" aria-label="Назад на портал">‹</a><h1>{title}</h1></header>
<main><p>Открываем приложение…</p>{_form(opening)}</main>
</body>"""


def _slider(portal: Portal, opening: Opening) -> str:
    # The real frame carries host, protocol and session of the opening in its name.
    name = "|".join((portal.address, opening.query["PROTOCOL"], opening.query["APP_SID"]))
    handler = urlsplit(opening.url)
    allowed = "; ".join(f"{what} {handler.scheme}://{handler.netloc}" for what in GRANTED)
    app = portal.application
    home = escape(portal.home)
    title = escape(app.office_title if opening.url == app.office_url else app.title)
    return f"""<body class="web">
<p class="strip">Песочница: портал Битрикс24</p>
<main class="slider">
<header><a class="close" href="{home}">Закрыть</a><h1>{title}</h1>{_form(opening, name)}</header>
<iframe name="{escape(name)}" title="{title}" allow="{escape(allowed)}"></iframe></main>
</body>"""


def _plain(portal: Portal, title: str, html: str) -> str:
    home = escape(portal.home)
    return f"""<body class="phone">
<p class="strip">Песочница: портал Битрикс24</p>
<header><a href="{home}" aria-label="Назад на портал">‹</a><h1>{escape(title)}</h1></header>
<main>{html}<p><a href="{home}apps">К странице «Приложения»</a></p></main>
</body>"""
