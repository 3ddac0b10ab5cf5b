"""What the start page and its list say about the day that is played: Russian first, English beside it."""

from decimal import Decimal
from typing import Any

WORDS: dict[str, dict[str, str]] = {
    "ru": {
        "title": "Показать на живых данных",
        "about": "Смена четырёх курьеров за несколько секунд: менеджеры нажимают «Готов» в 1С, курьеры шлют шаги, "
        "фото и продажи с телефонов, кассир считает деньги. Всё идёт теми же дверями, что и настоящая работа, "
        "поэтому времена в отчётах короткие.",
        "button": "Прожить день",
        "running": "День идёт. Карточки на доске двигаются сами.",
        "done": "День прожит за {took_s} с: заказов {orders}, вручено {handed_over}, не вручено {not_delivered}, "
        "продаж {sales}, сдано денег {handed_in}\u00a0₽. Кое-что не сошлось: это в «Разборе».",
        "failed": "День не доигран: {why}. Что уже сделано, осталось. Включите все системы и нажмите ещё раз.",
        "already": "День уже идёт: дождитесь его конца.",
        "nobody": "В 1С нет курьеров.",
        "no_answer": "Посредник не отвечает",
        "refused": "Посредник отказал ({what}: {status} {why})",
        "no_courier": "1С не сообщила о курьере {who} за {wait_s} с",
        "no_orders": "заказы курьера {who} не дошли до его телефона за {wait_s} с",
        "ready": "1С: менеджеры нажали «Готов» для заказов: {orders}",
        "shift": "{who}: смена открыта, рюкзак посчитан",
        "picked_up": "{who}: забрал заказ {number}",
        "departed": "{who}: в пути с заказом {number}",
        "handed_over": "{who}: отдал заказ {number}, взято {taken}\u00a0₽",
        "not_delivered": "{who}: не вручил заказ {number}",
        "given_back": "{who}: везёт товар заказа {number} обратно на склад",
        "sold": "{who}: продал из рюкзака «{goods}»",
        "counted": "Касса: принято от курьера {who} {counted}\u00a0₽",
        "short": "Касса: у курьера {who} не хватает {short}\u00a0₽, принято с объяснением",
        "closed": "{who}: смена закрыта",
        "less": "скидка за мятую коробку",
        "short_why": "не хватило сдачи у покупателя",
    },
    "en": {
        "title": "See it with live data",
        "about": "The shift of four couriers within seconds: managers press “Ready” in 1C, couriers send steps, "
        "photos and sales from their phones, a cashier counts the money. All of it goes through the doors of real "
        "work, so the times in the reports are short.",
        "button": "Play a day",
        "running": "The day goes on. The cards on the board move by themselves.",
        "done": "The day took {took_s} s: {orders} orders, {handed_over} handed over, {not_delivered} not delivered, "
        "{sales} sales, {handed_in}\u00a0₽ handed in. Some things did not add up: they are on the page “Incidents”.",
        "failed": "The day was not finished: {why}. What was done stays. Switch all systems on and press again.",
        "already": "The day is being played: wait for its end.",
        "nobody": "1C has no couriers.",
        "no_answer": "Posrednik does not answer",
        "refused": "Posrednik refused ({what}: {status} {why})",
        "no_courier": "1C did not tell of {who} within {wait_s} s",
        "no_orders": "the orders of {who} did not come to the phone within {wait_s} s",
        "ready": "1C: managers pressed “Ready” for orders: {orders}",
        "shift": "{who}: shift opened, backpack counted",
        "picked_up": "{who}: picked up order {number}",
        "departed": "{who}: on the way with order {number}",
        "handed_over": "{who}: handed over order {number}, took {taken}\u00a0₽",
        "not_delivered": "{who}: could not deliver order {number}",
        "given_back": "{who}: brings the goods of order {number} back to the warehouse",
        "sold": "{who}: sold “{goods}” from the backpack",
        "counted": "Cash desk: {counted}\u00a0₽ taken in from {who}",
        "short": "Cash desk: {short}\u00a0₽ are missing from {who}, taken in with a reason",
        "closed": "{who}: shift closed",
        "less": "discount for a dented box",
        "short_why": "the buyer had no change",
    },
}


def language_of(accepted: str) -> str:
    """By Accept-Language: English only for who names it before Russian."""
    wanted = [part.split(";")[0].strip()[:2].lower() for part in accepted.split(",")]
    return next((one for one in wanted if one in WORDS), "ru")


def say(language: str, key: str, **data: Any) -> str:
    """data: sums as Decimal, in rubles."""
    shown = {name: _sum(language, value) if isinstance(value, Decimal) else value for name, value in data.items()}
    return WORDS[language][key].format(**shown)


def _sum(language: str, value: Decimal) -> str:
    text = f"{value:,.2f}".removesuffix(".00")
    return text if language == "en" else text.replace(",", "\u00a0").replace(".", ",")
