"""The start page of the demo: four roles, what to click first, and what happens between the systems."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from posrednik_sandbox.day.words import say
from posrednik_sandbox.traffic import Traffic
from posrednik_sandbox.ui import page

TITLES = {"onec": "База 1С", "portal": "Портал Битрикс24", "shop": "Магазин"}
Link = Mapping[str, str]

# role key, name, where he works, first steps (HTML), the sandbox's own links (title, url)
ROLES: tuple[tuple[str, str, str, tuple[str, ...], tuple[tuple[str, str], ...]], ...] = (
    (
        "manager",
        "Менеджер",
        "работает в 1С",
        (
            "Откройте список заказов и выберите строку.",
            "Нажмите <b>«Готов»</b>: ответ Посредника появится сразу.",
            "Поправьте <b>«Цена доставки»</b> или <b>«Сумма к получению»</b>, назначьте курьера.",
        ),
        (("Заказы в 1С", "/onec/"), ("Обмен 1С с Посредником", "/onec/exchange")),
    ),
    (
        "courier",
        "Курьер",
        "работает в приложении внутри Битрикс24",
        (
            "В 1С нажмите <b>«Подготовить день курьеру»</b> и выберите Илью Петрова: у него будет шесть заказов.",
            "Откройте приложение и проведите доставку: <b>Забрал → В пути → Отдал</b>.",
            "Карточка на портале переедет сама, документы появятся в 1С.",
        ),
        (("Канбан доставок на портале", "/portal/"), ("Открыть приложение как другой курьер", "/portal/apps")),
    ),
    (
        "logistician",
        "Логист",
        "отвечает на «Где мой заказ?»",
        (
            "Посмотрите статусы доставок в магазине: их присылает Посредник.",
            "Откройте <b>«Где мой заказ»</b>: весь путь заказа по системам.",
            "Если что-то ждёт, там написано, чего и до какого времени.",
        ),
        (("Заказы в магазине", "/shop/"),),
    ),
    (
        "administrator",
        "Администратор",
        "следит за обменом",
        (
            "Выключите любую систему переключателем ниже и работайте дальше.",
            "Включите: всё накопленное придёт по порядку и по одному разу.",
            "На страницах систем есть <b>«Неполадки»</b>: ошибки, обрывы, повторы.",
        ),
        (("Обмен 1С: номера, очередь, эпоха", "/onec/exchange"),),
    ),
)
# Roles whose work is in the service and not in the emulated systems: its links stand first.
SERVICE_FIRST = {"courier"}


def html(links: Sequence[Link], day: str | None = None) -> str:
    """day: the language in which the day to play is offered; None = there is none."""
    cards = "".join(_card(*role, [link for link in links if link.get("role") == role[0]]) for role in ROLES)
    known = {role[0] for role in ROLES}
    others = [link for link in links if link.get("role") not in known | {"day"}]
    more = f'<nav class="more" aria-label="Ещё"><ul>{_links(others)}</ul></nav>' if others else ""
    body = f"""<main class="start">
<section class="intro"><h1>Посредник: показ на одной машине</h1>
<p>1С, магазин и портал Битрикс24 здесь ненастоящие, но ведут себя как настоящие.
Посредник между ними работает по-настоящему.</p>
<p class="service" id="service" role="status"></p></section>
{_day(day, [link for link in links if link.get("role") == "day"]) if day else ""}
<section class="roles" aria-label="Роли">{cards}</section>
<div class="now"><section class="systems" aria-labelledby="systems-title"><h2 id="systems-title">Системы</h2>
<div id="systems"></div></section>
<section class="live" aria-labelledby="live-title"><h2 id="live-title">Что происходит между системами</h2>
<ol id="live" tabindex="0" aria-labelledby="live-title"></ol></section></div>
{more}
</main>"""
    return page("Начало", "start", body, scripts=("start.js",))


def portal_line(traffic: Traffic, line: Mapping[str, Any]) -> None:
    """A request the portal served, or what its people did, in the portal's own words."""
    way = "Битрикс24 → Посредник" if line.get("direction") == "out" else "Посредник → Битрикс24"
    traffic.add(
        "portal",
        f"{way}: {line.get('text') or line.get('method')}",
        ok=bool(line.get("ok", True)),
        detail=str(line.get("detail") or ""),
        merge=str(line.get("merge") or ""),
    )


def _day(language: str, links: Sequence[Link]) -> str:
    """The button that plays a day, and where to look afterwards."""
    return f"""<section class="day" lang="{language}" aria-labelledby="day-title">
<div><h2 id="day-title">{say(language, "title")}</h2><p>{say(language, "about")}</p><p id="day" role="status"></p></div>
<button type="button" class="main" id="play">{say(language, "button")}</button>
<ul class="doors" id="after" hidden>{_links(links)}</ul></section>"""


def _card(
    key: str,
    name: str,
    where: str,
    steps: Sequence[str],
    own: Sequence[tuple[str, str]],
    links: Sequence[Link],
) -> str:
    shown = "".join(f"<li>{step}</li>" for step in steps)
    doors = ["".join(f'<li><a class="door" href="{url}">{escape(title)}</a></li>' for title, url in own), _links(links)]
    if key in SERVICE_FIRST:
        doors.reverse()
    return (
        f'<article class="role {key}"><header><h2>{escape(name)}</h2><p>{escape(where)}</p></header>'
        f'<ol>{shown}</ol><ul class="doors">{"".join(doors)}</ul></article>'
    )


def _links(links: Sequence[Link]) -> str:
    return "".join(_link(link) for link in links)


def _link(link: Link) -> str:
    about = f"<small>{escape(link['about'])}</small>" if link.get("about") else ""
    url, title = escape(link["url"], quote=True), escape(link.get("title") or link["url"])
    return f'<li><a class="door outer" href="{url}">{title}</a>{about}</li>'
