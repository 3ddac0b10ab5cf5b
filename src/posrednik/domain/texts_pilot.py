"""The pilot in words: the check list before a switch, what says no, the week. (Russian, English)."""

from collections.abc import Mapping
from typing import Any

ERRORS: Mapping[str, tuple[str, str]] = {
    "mode_unknown": (
        "Такого режима нет: «{mode}». Ничего не переключено. Режимы: off, shadow, pilot, live.",
        "There is no such mode: “{mode}”. Nothing was switched. Modes: off, shadow, pilot, live.",
    ),
    "pilot_too_large": (
        "В списке пилота больше {most} курьеров. Ничего не изменено. Для всех курьеров есть режим «Работает».",
        "The pilot's list has more than {most} couriers. Nothing was changed. The mode “live” is for all couriers.",
    ),
    "switch_not_ready": (
        "Контрольный список не пройден, подразделение не переключено. Исправьте отмеченное красным и повторите; если "
        "решение принято, переключите принудительно, это останется в журнале.",
        "The check list says no; the division was not switched. Put right what is red and try again; if it is decided "
        "all the same, force it: the journal will tell of it.",
    ),
    "trial_too_late": (
        "Заказ {order_number} уже в работе ({stage}), пометить его пробным нельзя: о нём могли услышать другие "
        "системы. Ничего не изменено. Возьмите для пробы другой заказ, до «Забрал».",
        "Order {order_number} is on its way ({stage}); it cannot become a trial any more, others may have heard of it. "
        "Nothing was changed. Take another order for the trial, before it is picked up.",
    ),
    "order_not_one": (
        "Нужен один заказ, а по «{q}» нашлось: {n}. Ничего не изменено. Укажите номер или ссылку заказа полностью.",
        "One order is wanted, and “{q}” finds {n}. Nothing was changed. Give the whole number or ref of the order.",
    ),
    "no_status_chat": (
        "Чат для недельного статуса не задан, сообщение не отправлено. Укажите [bitrix24] status_chat в настройках.",
        "No chat for the weekly status is set; nothing was sent. Set [bitrix24] status_chat.",
    ),
}

_TITLES: Mapping[str, tuple[str, str]] = {
    "bases": ("Базы 1С на связи", "1C bases are connected"),
    "tokens": ("Токены баз", "Tokens of the bases"),
    "portal": ("Портал Битрикс24", "The Bitrix24 portal"),
    "workers": ("Обработчики очередей", "Workers"),
    "group": ("Проект в Битрикс24", "Project in Bitrix24"),
    "couriers": ("Курьеры подразделения", "Couriers of the division"),
    "pilot_couriers": ("Курьеры пилота", "Couriers of the pilot"),
    "subscribers": ("Подписчики (сайт)", "Subscribers (the site)"),
    "dead": ("Непринятые сообщения", "Dead letters"),
    "waits": ("Ждёт отправки", "Waits to be sent"),
    "quarantine": ("Карантин", "Quarantine"),
    "incidents": ("Открытые разборы", "Open incidents"),
    "gates": ("Ворота: две недели фактов", "Gates: two weeks of facts"),
}

# By key and state.
_SENTENCES: Mapping[tuple[str, str], tuple[str, str]] = {
    ("bases", "ok"): ("Последнее сообщение из 1С пришло меньше суток назад.", "1C wrote within the last day."),
    ("bases", "warn"): (
        "1С молчит больше суток. Проверьте обмен в базе: без него «Готов» не придёт.",
        "1C has been silent for more than a day. Check the exchange in the base: no “Ready” comes without it.",
    ),
    ("bases", "stop"): (
        "Из 1С ещё ничего не приходило. Настройте обмен и дождитесь первого сообщения.",
        "Nothing has come from 1C yet. Set the exchange up and wait for its first message.",
    ),
    ("tokens", "ok"): ("У каждой базы есть действующий токен.", "Every base has a valid token."),
    ("tokens", "warn"): ("Нет действующего токена у баз: {names}.", "Bases without a valid token: {names}."),
    ("tokens", "stop"): (
        "Ни у одной базы нет действующего токена. Выпустите его: posrednik token add --base.",
        "No base has a valid token. Make one: posrednik token add --base.",
    ),
    ("portal", "ok"): ("Открыт и отвечает.", "Open and answering."),
    ("portal", "stop"): (
        "Портал не готов ({what}). Посмотрите страницу «Обмены»: там причина и что делать.",
        "The portal is not ready ({what}). The page of exchanges has the reason and what to do.",
    ),
    ("workers", "ok"): ("Работает: {n}.", "Running: {n}."),
    ("workers", "stop"): (
        "Не работает ни один. Запустите posrednik worker: без него ничего не уйдёт.",
        "None is running. Start posrednik worker: nothing is sent without one.",
    ),
    ("group", "ok"): ("Задан.", "Set."),
    ("group", "warn"): (
        "Проект не задан: задачи будут без канбана. Укажите его в настройках подразделения.",
        "No project is set: tasks will have no kanban. Set one in the division's settings.",
    ),
    ("couriers", "ok"): ("Действующих: {n}, у всех есть пользователь Битрикс24.",
                         "Active: {n}, all have a user of Bitrix24."),
    ("couriers", "warn"): (
        "Без пользователя Битрикс24: {names}. Их задачи получит ответственный по умолчанию.",
        "Without a user of Bitrix24: {names}. Their tasks go to the responsible person by default.",
    ),
    ("couriers", "stop"): (
        "В подразделении нет действующих курьеров. Заведите их в 1С.",
        "The division has no active couriers. Add them in 1C.",
    ),
    ("pilot_couriers", "ok"): ("В пилоте: {n}.", "In the pilot: {n}."),
    ("pilot_couriers", "warn"): (
        "Список пуст: уйдут только пробные заказы.", "The list is empty: only trial orders will be sent.",
    ),
    ("pilot_couriers", "stop"): (
        "В списке есть те, кто не работает в этом подразделении: {names}. Уберите их.",
        "The list has people who do not work in this division: {names}. Remove them.",
    ),
    ("subscribers", "ok"): ("Слушают подразделение: {n}.", "Listening to the division: {n}."),
    ("subscribers", "warn"): (
        "Никто не подписан: сайт о доставках не узнает.",
        "Nobody has subscribed: the site will not hear of deliveries.",
    ),
    ("dead", "ok"): ("Нет.", "None."),
    ("dead", "warn"): (
        "{n}: решите судьбу каждого на странице «Обмены», иначе их доставки стоят.",
        "{n}: decide on each on the page of exchanges, their deliveries stand still until then.",
    ),
    ("waits", "ok"): ("Дорожек: {n}.", "Lanes: {n}."),
    ("quarantine", "ok"): ("Пуст.", "Empty."),
    ("quarantine", "warn"): ("Объектов: {n}. Разберите их: это данные 1С, которые не применились.",
                             "Objects: {n}. Look at them: 1C's data that could not be applied."),
    ("incidents", "ok"): ("Нет.", "None."),
    ("incidents", "warn"): ("{n}: решите их, чтобы начать с чистого листа.", "{n}: decide them for a clean start."),
    ("gates", "ok"): ("За две недели ни одного отклонения, дней с фактами: {days}.",
                      "No fault in two weeks, days with facts: {days}."),
    ("gates", "warn"): (
        "Дней с фактами: {days}, с отклонениями: {red}, без данных: {unknown}. Для пилота это не запрет.",
        "Days with facts: {days}, out of bounds: {red}, without data: {unknown}. A pilot may begin all the same.",
    ),
    ("gates", "stop"): (
        "Дней с фактами: {days}, с отклонениями: {red}, без данных: {unknown}. Нужны две недели без "
        "отклонений и не меньше 10 дней с фактами.",
        "Days with facts: {days}, out of bounds: {red}, without data: {unknown}. Two weeks without a fault are "
        "wanted, and at least 10 days with facts.",
    ),
}  # fmt: skip


def check_text(key: str, state: str, lang: str, data: Mapping[str, Any]) -> tuple[str, str]:
    """(title, sentence) of a line of the check list."""
    shown = {name: ", ".join(map(str, value)) if isinstance(value, list) else value for name, value in data.items()}
    index = int(lang == "en")
    return _TITLES[key][index], _SENTENCES[key, state][index].format(**shown)
