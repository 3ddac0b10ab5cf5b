"""What the portal posts when an employee opens the application (facts of 2026: docs/subsystems/sandbox.md)."""

import json
import secrets
from dataclasses import dataclass
from typing import Any, Literal

from posrednik_sandbox.portal import application as apps
from posrednik_sandbox.portal import placements, tasks
from posrednik_sandbox.portal.application import CHAT, DEFAULT, MENU, REMOVED
from posrednik_sandbox.portal.auth_server import OTHER_DOMAIN
from posrednik_sandbox.portal.errors import PageError
from posrednik_sandbox.portal.model import User
from posrednik_sandbox.portal.portal import Portal
from posrednik_sandbox.portal.seed import LOGISTICIAN
from posrednik_sandbox.portal.tokens import LIFE_S, AccessToken
from posrednik_sandbox.portal.values import as_int

DEVICES = {"phone": "телефон", "web": "веб"}
# `strikes` is asked with this name, so that a fault can be limited to openings.
METHOD = "app.open"
MOST_FRAMES = 1000
FORGED_DOMAIN = "portal.attacker.example"


@dataclass(frozen=True)
class Opening:
    """url: the handler, without the query. mode: «page» = a page of its own (phone), «frame» = in the slider (web)."""

    url: str
    query: dict[str, str]
    form: dict[str, str]
    mode: Literal["page", "frame"]


def open_as(portal: Portal, user_id: int, placement: str, device: str, options: dict[str, Any]) -> Opening:
    """One opening with a token of its own. PageError tells why the portal would not open it."""
    user = _may_open(portal, user_id)
    url = _handler(portal, user, placement, device, options)
    token = _token(portal, user)
    domain = FORGED_DOMAIN if portal.faults.strikes("open_forged_domain", METHOD) else portal.address
    query = {"DOMAIN": domain, "PROTOCOL": "0", "LANG": "ru", "APP_SID": secrets.token_hex(16)}
    sent = _options(portal, user, placement, device, options)
    portal.sids[query["APP_SID"]] = user.id
    while len(portal.sids) > MOST_FRAMES:
        del portal.sids[next(iter(portal.sids))]
    where = {CHAT: "из чата", MENU: "из меню портала"}.get(placement, "страницу")
    portal.tell(
        {
            "direction": "out",
            "method": METHOD,
            "text": f"{user.full_name} открывает приложение, {where} ({DEVICES[device]})",
        }
    )
    return Opening(url, query, _form(portal, token, placement, sent), "page" if device == "phone" else "frame")


def _may_open(portal: Portal, user_id: int) -> User:
    user = portal.users.get(user_id)
    if not portal.online:
        raise PageError("Портал остановлен: открыть приложение нельзя. Включите его на странице «Начало».", 503)
    if user is None:
        raise PageError("Такого сотрудника нет. Выберите другого на странице «Приложения».", 404)
    if not user.active:
        raise PageError(f"{user.full_name}: уволен и войти на портал не может.", 403)
    return user


def _handler(portal: Portal, user: User, placement: str, device: str, options: dict[str, Any]) -> str:
    row = portal.installations.get(1)
    if device not in DEVICES:
        raise PageError("Устройство: phone или web.")
    if row is not None and row.state == REMOVED:
        raise PageError("Приложение удалено с портала. Установить его заново: страница «Приложения».", 404)
    if not portal.installed:
        return _installer(portal, user, placement, device)
    _is_there(portal, placement, device)
    bound = placements.handler(portal, placement)
    if bound is not None:
        _in_its_projects(portal, bound.options.get("groupId", ""), options)
    url = bound.handler if bound else portal.application.handler(placement)
    if not url:
        raise PageError(f"Приложение не встроено в место {placement or '(пусто)'}: обработчик не задан.")
    return url


def _is_there(portal: Portal, placement: str, device: str) -> None:
    """The phone and the web have places of their own."""
    if device == "phone" and placement not in placements.ON_PHONE:
        raise PageError(
            f"В мобильном приложении места {placement or '(пусто)'} нет. Там открываются только страница приложения "
            f"({DEFAULT}) и меню чата ({CHAT})."
        )
    if device == "web" and placement == CHAT:
        raise PageError(f"Меню чата ({CHAT}) есть только в мобильном приложении.")
    if device == "phone" and placement == DEFAULT and not portal.application.mobile:
        raise PageError("У приложения не отмечено «Поддерживает BitrixMobile»: в телефоне его страницы нет.")


def _installer(portal: Portal, user: User, placement: str, device: str) -> str:
    """Until the installation is finished only an administrator opens it, and gets the page that installs."""
    if not user.admin:
        raise PageError(
            "Приложение ещё не установлено до конца. Обратитесь к администратору вашего Битрикс24, чтобы он "
            "завершил установку.", 403,
        )  # fmt: skip
    if portal.application.api_only or (placement, device) != (DEFAULT, "web"):
        raise PageError("Приложение ещё не установлено до конца: откройте его страницу в веб-версии портала.", 403)
    return portal.application.install_url


def _in_its_projects(portal: Portal, wanted: str, options: dict[str, Any]) -> None:
    """A tab of a task that is bound with `groupId` is in the tasks of those projects alone."""
    task = portal.tasks.get(as_int(options.get("taskId")))
    projects = {as_int(part) for part in wanted.split(",") if part.strip()}
    if projects and (task is None or task.group_id not in projects):
        raise PageError("В задачах этого проекта приложения нет: при встраивании проекты ограничены (groupId).")


def _token(portal: Portal, user: User) -> AccessToken:
    """A token of this opening; switched-on faults make it expired, foreign or used before."""
    app, strikes = portal.application, portal.faults.strikes
    if strikes("open_same_token", METHOD):
        used = portal.tokens.last_of(user.id, app.client_id)
        if used is not None:
            return used
    if strikes("open_expired", METHOD):
        return portal.tokens.issue(user.id, app, portal.address, life_s=-1.0)
    if strikes("open_other_app", METHOD):
        return portal.tokens.issue(user.id, apps.of_another_application(app), portal.address)
    if strikes("open_other_member", METHOD):
        return portal.tokens.issue(user.id, apps.of_another_portal(app), OTHER_DOMAIN)
    return portal.tokens.issue(user.id, app, portal.address)


def _options(portal: Portal, user: User, placement: str, device: str, options: dict[str, Any]) -> dict[str, Any]:
    """Of the chat's menu: its dialog and never an URI. Of the page: the URI it stands at."""
    if placement == CHAT:
        given = {key: value for key, value in options.items() if key.upper() != "URI"}
        return {"dialogId": _dialog(portal, user)} | given
    app_id = portal.application.client_id
    uri = f"/mobile/marketplace/?id={app_id}" if device == "phone" else f"/marketplace/view/{app_id}/"
    return {"URI": uri} | options


def _dialog(portal: Portal, user: User) -> str:
    """The chat of his newest task; without tasks his dialog with the logistician."""
    own = [task for task in portal.tasks if task.responsible_id == user.id]
    return tasks.dialog_of(max(own, key=lambda task: task.id)) if own else str(LOGISTICIAN)


def _form(portal: Portal, token: AccessToken, placement: str, options: dict[str, Any]) -> dict[str, str]:
    # PHP writes its JSON with escaped slashes.
    text = json.dumps(options, separators=(",", ":")).replace("/", "\\/")
    return {
        "AUTH_ID": token.value,
        "AUTH_EXPIRES": str(LIFE_S),
        "REFRESH_ID": token.refresh,
        "SERVER_ENDPOINT": portal.server_endpoint,
        "APPLICATION_TOKEN": portal.application.application_token,
        "APPLICATION_SCOPE": ",".join(token.scope),
        "member_id": token.member_id,
        "status": "L",
        "PLACEMENT": placement,
        "PLACEMENT_OPTIONS": text,
    }
