"""Installing the local application: its page in a frame, or a call from server to server; reinstalling, removing.

Source: settings/app-installation/ of the official REST documentation, 2026-08.
"""

import secrets
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode, urlsplit

from posrednik_sandbox.portal import callbacks, opening, placements
from posrednik_sandbox.portal.application import ADDED, INSTALLED, REMOVED, Application, Installation
from posrednik_sandbox.portal.callbacks import Posted
from posrednik_sandbox.portal.errors import PageError
from posrednik_sandbox.portal.event_sender import flat
from posrednik_sandbox.portal.events import INSTALL, UNINSTALL
from posrednik_sandbox.portal.model import User
from posrednik_sandbox.portal.portal import Portal

SHOWN_ANSWER = 4000


def begin(
    portal: Portal, user_id: int, *, url: str | None = None, api_only: bool | None = None, new: bool = False
) -> User:
    """An administrator fills in the form; what an earlier version has bound is gone. PageError tells why it cannot be.

    url: «Путь для первоначальной установки», as it is when None. new: deleted and added again, so with keys of its own.
    """
    user = administrator(portal, user_id)
    _prepare(portal, url, api_only, new)
    save(portal, ADDED if portal.application.install_url else INSTALLED, user.id)
    return user


async def install(
    portal: Portal, user_id: int, *, url: str | None = None, api_only: bool | None = None, new: bool = False,
    finish: bool = True,
) -> dict[str, Any]:  # fmt: skip
    """As `begin`, and what follows; gives `state` and what the application's address answered.

    finish: the page is taken to call BX24.installFinish() when it answered well.
    """
    user = begin(portal, user_id, url=url, api_only=api_only, new=new)
    app = portal.application
    if not app.install_url:
        return state(portal) | {"posted": None}
    if app.api_only:
        save(portal, INSTALLED, user.id)
        posted = await callbacks.post(app.install_url, flat(_install_event(portal, user)))
    else:
        posted = await _open_page(portal, user)
        if finish and 200 <= posted.status < 300:
            finished(portal, user.id)
    told = {"status": posted.status, "error": posted.error, "body": posted.body[:SHOWN_ANSWER]}
    return state(portal) | {"posted": told}


def finished(portal: Portal, user_id: int) -> None:
    """BX24.installFinish() of the page an administrator has open: from now on the application is there for all."""
    user = administrator(portal, user_id)
    if portal.installed:
        return
    row = portal.installations.get(1)
    if row is not None and row.state == REMOVED:
        raise PageError("Приложение удалено с портала: установите его заново на странице «Приложения».", 409)
    save(portal, INSTALLED, user.id)
    portal.tell({"direction": "out", "method": "app.install", "text": f"{user.full_name}: приложение установлено"})
    portal.events.emit(INSTALL, _install_data(), user.id)


def uninstall(portal: Portal, user_id: int, clean: bool = True) -> dict[str, Any]:
    """Delete the application: its handlers, placements and tokens go; ONAPPUNINSTALL is told without any token."""
    user = administrator(portal, user_id)
    last = [row for row in portal.events.handlers if row.event == UNINSTALL] if portal.installed else []
    _forget(portal)
    save(portal, REMOVED, user.id)
    portal.events.send_last(last, {"LANGUAGE_ID": "ru", "CLEAN": int(clean)})
    portal.tell({"direction": "out", "method": "app.uninstall", "text": f"{user.full_name}: приложение удалено"})
    return state(portal)


def change(portal: Portal, changes: dict[str, Any]) -> None:
    """Edit what the administrator filled in; other rights need the installation again."""
    before = portal.application
    portal.application = replace(before, **changes)
    if portal.application.scope != before.scope and before.install_url:
        save(portal, ADDED, portal.installed_by)


def state(portal: Portal) -> dict[str, Any]:
    app, row = portal.application, portal.installations.get(1)
    return {
        "state": row.state if row else (INSTALLED if portal.installed else ADDED),
        "installed": portal.installed,
        "installed_by": portal.installed_by,
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "application_token": app.application_token,
        "member_id": app.member_id,
        "install_url": app.install_url,
        "api_only": app.api_only,
        "scope": list(app.scope),
    }


def administrator(portal: Portal, user_id: int) -> User:
    user = portal.users.get(user_id)
    if not portal.online:
        raise PageError("Портал остановлен. Включите его на странице «Начало».", 503)
    if user is None or not user.active or not user.admin:
        raise PageError("Приложения устанавливает и удаляет администратор портала.", 403)
    return user


def save(portal: Portal, state: str, user_id: int) -> None:
    app = portal.application
    portal.installations.put(
        Installation(
            1, portal.options.client_id, app.client_id, app.client_secret, app.application_token, app.install_url,
            app.api_only, list(app.scope), state, user_id, portal.now(),
        )
    )  # fmt: skip


def _prepare(portal: Portal, url: str | None, api_only: bool | None, new: bool) -> None:
    row = portal.installations.get(1)
    if new or (row is not None and row.state == REMOVED):
        _forget(portal)
        portal.application = _added_again(portal.application)
    # What an earlier version has bound does not survive an update either.
    portal.events.unbind_all()
    placements.unbind_all(portal)
    if url is not None:
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.netloc):
            raise PageError("Путь для первоначальной установки: ожидается адрес http или https.")
        portal.application = replace(portal.application, install_url=url)
    if api_only is not None:
        portal.application = replace(portal.application, api_only=api_only)


def _added_again(app: Application) -> Application:
    """A local application that is added again is another one, though all its addresses are the same."""
    client_id = f"local.{secrets.token_hex(7)}.{secrets.randbelow(90_000_000) + 10_000_000}"
    return replace(
        app, client_id=client_id, client_secret=secrets.token_hex(25), application_token=secrets.token_hex(16)
    )


def _forget(portal: Portal) -> None:
    portal.events.unbind_all()
    placements.unbind_all(portal)
    portal.tokens.drop_application(portal.application.client_id)


async def _open_page(portal: Portal, user: User) -> Posted:
    """What the browser would post into the frame of the installer."""
    opened = opening.open_as(portal, user.id, "DEFAULT", "web", {})
    joint = "&" if urlsplit(opened.url).query else "?"
    return await callbacks.post(f"{opened.url}{joint}{urlencode(opened.query)}", list(opened.form.items()))


def _install_data() -> dict[str, str]:
    return {"VERSION": "1", "ACTIVE": "Y", "INSTALLED": "Y", "LANGUAGE_ID": "ru"}


def _install_event(portal: Portal, user: User) -> dict[str, Any]:
    """ONAPPINSTALL of an application without pages, with the only refresh token it will be given by itself."""
    app = portal.application
    token = portal.tokens.issue(user.id, app, portal.address)
    auth = {
        "access_token": token.value, "refresh_token": token.refresh, "expires": round(token.expires_at),
        "expires_in": round(token.expires_at - portal.now()), "scope": ",".join(token.scope),
        "domain": portal.address, "server_endpoint": portal.server_endpoint, "status": "L",
        "client_endpoint": portal.client_endpoint, "member_id": app.member_id, "user_id": user.id,
        "application_token": app.application_token,
    }  # fmt: skip
    return {"event": INSTALL, "event_handler_id": 0, "data": _install_data(), "ts": round(portal.now()), "auth": auth}
