"""Every "no" and every contradiction in words: what happened, what it means, what to do. Russian, English beside it.

Data is shown by the unit in its name: `_kop` as rubles, `_milli` as a quantity, `_at` as a local time, `_m` as metres,
`_s` as a time that passed, `_kmh` as a speed. A list under a key of `_ITEMS` is told line by line.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from posrednik.domain import texts_cash as cash
from posrednik.domain import texts_courier as courier
from posrednik.domain import texts_exchange_found as exchange_found
from posrednik.domain import texts_ownership as ownership
from posrednik.domain import texts_pilot as pilot
from posrednik.domain import texts_portal_watch as portal_watch
from posrednik.domain.texts_exchange import EXCHANGE
from posrednik.domain.texts_kpi import SENTENCES as KPI
from posrednik.domain.texts_people import PEOPLE
from posrednik.domain.texts_settings import ERRORS as SETTINGS

LANGUAGES = ("ru", "en")

STAGES: Mapping[str, tuple[str, str]] = {
    "ready": ("Готов", "ready"),
    "picked_up": ("Забрал", "picked up"),
    "en_route": ("В пути", "en route"),
    "handed_over": ("Отдал", "handed over"),
    "settled": ("Сдал деньги", "settled"),
    "not_delivered": ("Не вручено", "not delivered"),
    "returned": ("Возврат", "returned"),
    "cancelled": ("Отменено", "cancelled"),
    "withdrawn": ("«Готов» снят", "withdrawn"),
}

ACTIONS: Mapping[str, tuple[str, str]] = {
    "digest": ("Сверка среза", "comparison of a slice"),
    "sent_again": ("Отправлено снова", "Sent again"),
    "digest_parts": ("Сверка частей среза", "comparison of a slice's parts"),
    "listing": ("Сверка по списку", "comparison by a list"),
    "digest_end": ("Сверка пройдена", "comparison ended"),
    "sample": ("Сверка выборки", "comparison of a sample"),
    "ready": ("Готов", "ready"),
    "withdraw": ("Снять «Готов»", "withdraw"),
    "assign": ("Назначить курьера", "assign"),
    "set_price": ("Цена доставки", "set the delivery price"),
    "set_amount_due": ("Сумма к получению", "set the amount due"),
    "pick_up": ("Забрал", "pick up"),
    "depart": ("В пути", "depart"),
    "hand_over": ("Отдал", "hand over"),
    "not_deliver": ("Не вручил", "not delivered"),
    "retry": ("Повторная доставка", "retry"),
    "give_back": ("Возврат на склад", "give back"),
    "settle": ("Сдал деньги", "settle"),
    "cancel": ("Отменить", "cancel"),
    "customer_return": ("Возврат от покупателя", "return by the customer"),
    "backpack.load": ("Положить в рюкзак", "load the backpack"),
    "backpack.unload": ("Забрать из рюкзака", "unload the backpack"),
    "claim_give_back": ("Везу на склад", "bring back"),
    "correct_hand_over": ("Исправить «Отдал»", "correct the hand-over"),
    "correct_not_deliver": ("Исправить «Не вручил»", "correct the failed delivery"),
    "correct_pick_up": ("Исправить «Забрал»", "correct the pick-up"),
}

ACTORS: Mapping[str, tuple[str, str]] = {
    "onec": ("1С", "1C"),
    "courier": ("курьер", "a courier"),
    "logistician": ("логист", "a logistician"),
    "cash_desk": ("касса", "the cash desk"),
    "warehouse": ("склад", "the warehouse"),
    "system": ("система", "the system"),
}

REASONS: Mapping[str, tuple[str, str]] = {
    "not_home": ("нет дома", "nobody at home"),
    "refused": ("отказ", "refused"),
    "wrong_address": ("не тот адрес", "wrong address"),
    "rescheduled": ("перенос", "rescheduled"),
    "damaged": ("повреждён", "damaged"),
    "no_money": ("нет денег", "no money"),
    "other": ("другое", "other"),
}

ERRORS: Mapping[str, tuple[str, str]] = {
    "domain_error": (
        "Действие не выполнено: оно нарушает правила доставки. Обновите доставку и попробуйте снова.",
        "Not done: a rule of deliveries says no. Refresh the delivery and try again.",
    ),
    "order_unknown": (
        "Такого заказа в обмене ещё нет. Команда ждёт его и выполнится сама, когда заказ придёт из 1С.",
        "The exchange has no such order yet. The command waits and is carried out when 1C sends the order.",
    ),
    "order_cancelled": (
        "Заказ {order_number} отменён, доставить его нельзя. Если товар у курьера, он вернёт его на склад; "
        "для новой доставки оформите заказ заново.",
        "Order {order_number} is cancelled and cannot be delivered. A courier who has the goods brings them back; "
        "make a new order for a new delivery.",
    ),
    "delivery_withdrawn": (
        "«Готов» по заказу {order_number} снят, доставка убрана с доски. Нажмите «Готов» снова, если везти нужно.",
        "Order {order_number} was withdrawn and is off the board. Press «Готов» again if it is to be delivered.",
    ),
    "already_on_its_way": (
        "Заказ {order_number} уже в доставке: товар у «{who}» с {since_at}. Второй раз отдавать его не нужно; "
        "если он везёт не то, свяжитесь с ним.",
        "Order {order_number} is already on its way: {who} has the goods since {since_at}. Nothing is to be pressed "
        "again; call the courier if something is wrong.",
    ),
    "already_picked_up": (
        "Заказ {order_number} уже забрал «{who}» ({since_at}). Изменить это из офиса нельзя; отмените доставку или "
        "позвоните курьеру.",
        "{who} picked up order {order_number} at {since_at}. The office can no longer change this; cancel the "
        "delivery or call the courier.",
    ),
    "already_handed_over": (
        "Заказ {order_number} уже вручён: «{who}», {since_at}. Доставка закончена; чтобы вернуть товар, оформите "
        "возврат от покупателя.",
        "Order {order_number} was handed over by {who} at {since_at}. The delivery is over; make a return by the "
        "customer to get the goods back.",
    ),
    "stage_jump": (
        "«{action}» сейчас нельзя: заказ {order_number} на стадии «{stage}». Пройдите шаги по порядку.",
        "“{action}” is not possible: order {order_number} is at “{stage}”. Take the steps in their order.",
    ),
    "not_allowed": (
        "«{action}» не может делать {actor_kind}. Попросите того, чьё это право.",
        "“{action}” is not for {actor_kind}. Ask somebody who has the right to do it.",
    ),
    "not_his_delivery": (
        "Заказ {order_number} везёт другой курьер или он ещё не назначен. Обновите список; если заказ у вас, "
        "позвоните логисту.",
        "Order {order_number} is another courier's, or nobody's yet. Refresh the list; if you have the goods, call "
        "the logistician.",
    ),
    "courier_inactive": (
        "Этот курьер отключён в 1С, доставки ему не назначаются. Выберите другого курьера.",
        "This courier is switched off in 1C and gets no deliveries. Choose another one.",
    ),
    "courier_other_division": (
        "Этот курьер работает в другом подразделении, права на это у него нет. Выберите своего курьера или "
        "дайте ему право.",
        "This courier belongs to another division and has no right in this one. Choose one of its own or give the "
        "right.",
    ),
    "line_unknown": (
        "В доставке нет строки {line}: заказ изменился. Обновите доставку и укажите товары снова.",
        "The delivery has no line {line}: the order has changed. Refresh the delivery and name the goods again.",
    ),
    "nothing_named": (
        "Не указано ни одного товара, поэтому ничего не записано. Укажите количество хотя бы в одной строке.",
        "No goods are named, so nothing was recorded. Give the quantity of at least one line.",
    ),
    "quantity_not_a_number": (
        "Количество в строке {line} не может быть таким: {asked}. Введите число не меньше нуля.",
        "The quantity of line {line} cannot be {asked}. Enter a number that is not below zero.",
    ),
    "quantity_over_line": (
        "{goods}: указано {asked_milli}, а в заказе {have_milli}. Проверьте количество.",
        "{goods}: {asked_milli} entered, the order has {have_milli}. Check the quantity.",
    ),
    "more_than_carried": (
        "{goods}: указано {asked_milli}, а у курьера {have_milli}. Пересчитайте товар.",
        "{goods}: {asked_milli} entered, the courier has {have_milli}. Count the goods again.",
    ),
    "more_than_accepted": (
        "{goods}: возвращается {asked_milli}, а у покупателя {have_milli}. Проверьте количество.",
        "{goods}: {asked_milli} to be returned, the customer has {have_milli}. Check the quantity.",
    ),
    "take_over_incomplete": (
        "Товар сейчас у «{who}». Заберите у него всё, либо пусть он сначала сдаст остальное на склад.",
        "{who} has the goods. Take all of them over, or let the rest be brought back to the warehouse first.",
    ),
    "amount_not_a_number": (
        "Сумма не может быть такой: {asked}. Введите сумму в рублях не меньше нуля.",
        "The amount cannot be {asked}. Enter an amount in rubles that is not below zero.",
    ),
    "payment_method_unknown": (
        "Способ оплаты «{payment_method}» неизвестен. Выберите наличные, карту, перевод или предоплату.",
        "The way of payment “{payment_method}” is not known. Choose cash, card, transfer or prepaid.",
    ),
    "prepaid_takes_nothing": (
        "При предоплате деньги не берут, а указано {taken_kop}. Поставьте ноль или выберите, как заплатил покупатель.",
        "Nothing is taken for a prepaid order, but {taken_kop} is entered. Enter zero, or choose how it was paid.",
    ),
    "reason_missing": (
        "Не указано, почему заказ не вручён. Выберите причину.",
        "It is not said why the order was not delivered. Choose a reason.",
    ),
    "reason_unknown": (
        "Причины «{reason}» нет в списке подразделения. Выберите причину из списка.",
        "The division has no reason “{reason}”. Choose one from the list.",
    ),
    **cash.ERRORS,
}

# kind -> per language: what happened, why we think so, what we suggest. Those of the phone: texts_courier.py.
CONTRADICTIONS: Mapping[str, tuple[tuple[str, str, str], tuple[str, str, str]]] = {
    "cancelled_but_handed_over": (
        (
            "Заказ {order_number} отменён, а курьер {who} его вручил.",
            "Отмена и вручение разошлись: телефон был без связи или отмена пришла после вручения.",
            "Примите вручение и восстановите заказ в 1С, либо оформите возврат от покупателя.",
        ),
        (
            "Order {order_number} is cancelled, yet {who} handed it over.",
            "The phone had no network, or the cancellation came after the hand-over.",
            "Accept the hand-over and restore the order in 1C, or make a return by the customer.",
        ),
    ),
    "cancelled_but_done": (
        (
            "Заказ {order_number} отменён, а курьер {who} отметил «{action}».",
            "Когда курьер это сделал, его телефон ещё не знал об отмене.",
            "Позвоните курьеру: товар нужно вернуть на склад.",
        ),
        (
            "Order {order_number} is cancelled, yet {who} recorded “{action}”.",
            "His phone did not know of the cancellation when he did it.",
            "Call the courier: the goods are to be brought back.",
        ),
    ),
    "withdrawn_but_done": (
        (
            "«Готов» по заказу {order_number} снят, а курьер {who} уже забрал товар.",
            "Когда курьер забирал товар, его телефон ещё не знал, что «Готов» снят. Доставка снова на доске.",
            "Решите, везти ли заказ; если нет, отмените доставку, и курьер вернёт товар.",
        ),
        (
            "Order {order_number} was withdrawn, yet {who} has picked it up.",
            "His phone did not know of it when he took the goods. The delivery is on the board again.",
            "Decide whether it is to be delivered; if not, cancel it and the courier brings the goods back.",
        ),
    ),
    "reassigned_but_done": (
        (
            "Заказ {order_number} назначен другому курьеру, а «{action}» отметил {who}.",
            "Когда он это сделал, его телефон ещё не знал о переназначении. Товар и деньги числятся за ним.",
            "Предупредите второго курьера и проверьте, у кого товар.",
        ),
        (
            "Order {order_number} is assigned to another courier, yet {who} recorded “{action}”.",
            "His phone did not know of the change when he did it. Goods and money are counted as his.",
            "Tell the other courier and check who has the goods.",
        ),
    ),
    "handed_over_twice": (
        (
            "Заказ {order_number} вручён дважды: сначала {first}, потом {who}, взято {taken_kop}.",
            "Оба курьера отметили вручение одного заказа.",
            "Спросите обоих, что и кому отдано, и исправьте товар и деньги у того, кто ошибся.",
        ),
        (
            "Order {order_number} was handed over twice: by {first}, then by {who}, who took {taken_kop}.",
            "Both couriers recorded a hand-over of one order.",
            "Ask both what was given to whom, and correct the goods and money of the one who was wrong.",
        ),
    ),
    "price_changed_meanwhile": (
        (
            "По заказу {order_number} взято {taken_kop}, а к получению {due_kop}.",
            "Сумма изменилась, когда курьер видел прежнюю. Причина со слов курьера: {said}.",
            "Доплатите или верните разницу покупателю, либо примите взятую сумму.",
        ),
        (
            "{taken_kop} was taken for order {order_number}, {due_kop} was due.",
            "The amount changed while the courier saw the earlier one. His reason: {said}.",
            "Settle the difference with the customer, or accept what was taken.",
        ),
    ),
    "amount_mismatch": (
        (
            "По заказу {order_number} взято {taken_kop}, а к получению {due_kop}.",
            "Сумма не менялась, курьер видел её. Причина со слов курьера: {said}.",
            "Проверьте причину; примите взятую сумму или разберите разницу с курьером.",
        ),
        (
            "{taken_kop} was taken for order {order_number}, {due_kop} was due.",
            "The amount had not changed and the courier saw it. His reason: {said}.",
            "Check the reason; accept what was taken or settle the difference with the courier.",
        ),
    ),
    "order_changed_after_pick_up": (
        (
            "Заказ {order_number} изменён в 1С, когда товар уже забрали. Отличается: {fields}.",
            "После «Забрал» изменения заказа в доставку не попадают: курьер везёт то, что взял.",
            "Предупредите курьера или верните заказ в 1С в прежний вид.",
        ),
        (
            "Order {order_number} was edited in 1C after the goods were picked up. Different: {fields}.",
            "After the pick-up an edited order no longer changes the delivery: the courier carries what he took.",
            "Tell the courier, or restore the order in 1C.",
        ),
    ),
    **courier.CONTRADICTIONS,
    **cash.CONTRADICTIONS,
    **exchange_found.CONTRADICTIONS,
    **ownership.CONTRADICTIONS,
    **portal_watch.CONTRADICTIONS,
}

FIELDS: Mapping[str, tuple[str, str]] = {
    "order_number": ("номер", "number"),
    "site_number": ("номер на сайте", "site number"),
    "division_ref": ("подразделение", "division"),
    "recipient": ("получатель", "recipient"),
    "address": ("адрес", "address"),
    "window": ("время", "window"),
    "order_comment": ("комментарий", "comment"),
    "lines": ("товары", "goods"),
    "delivery_price_kop": ("цена доставки", "delivery price"),
    "prepaid_kop": ("предоплата", "prepaid"),
    "payment_method": ("способ оплаты", "way of payment"),
    "receipt": ("чек", "receipt"),
    "warehouse_ref": ("склад", "warehouse"),
}

_WORDS = {
    "stage": STAGES,
    "asked_stage": STAGES,
    "parts": portal_watch.PARTS,
    "action": {**ACTIONS, **cash.ACTIONS},
    "actor_kind": ACTORS,
    "reason": REASONS,
    "fields": FIELDS,
    "proofs": courier.PROOFS,
    "geo_error": courier.GEO_ERRORS,
    "occasion": {**courier.OCCASIONS, **cash.OCCASIONS},
    "field": ownership.FIELDS,
    "owners": ownership.SYSTEMS,
    "object_kind": ownership.KINDS,
}
_ITEMS = {"differences": courier.DIFFERENCE, **cash.ITEMS}
_SENTENCES = {
    **EXCHANGE, **courier.ERRORS, **PEOPLE, **ERRORS, **pilot.ERRORS, **KPI, **SETTINGS, **ownership.ERRORS,
    **portal_watch.ERRORS,
}  # fmt: skip


def text(code: str, lang: str = "ru", **data: Any) -> str:
    """The sentence for an error code; a code without a text gets that of `domain_error`.

    data: the error's `data`; missing values are shown as a dash. `time_zone` (IANA name) is for `_at` values.
    """
    known = _SENTENCES.get(code) or ERRORS["domain_error"]
    return _fill(known[_index(lang)], lang, data)


def contradiction_text(kind: str, lang: str = "ru", **data: Any) -> tuple[str, str, str]:
    """What happened, why we think so, what we suggest. Raises KeyError for a kind without texts.

    `variant` in the data chooses another wording of the kind. A `code` with the data of its error under `error` is told
    as the `message` of that code.
    """
    named = f"{kind}.{data['variant']}" if data.get("variant") else kind
    what, why, suggestion = CONTRADICTIONS[named][_index(lang)]
    if "code" in data and "error" in data:
        data = {**data, "message": text(data["code"], lang, **data["error"])}
    return _fill(what, lang, data), _fill(why, lang, data), _fill(suggestion, lang, data)


def told(words: tuple[str, str], lang: str = "ru", **data: Any) -> str:
    """A pair of a catalogue filled in, by the rules at the top of this file."""
    return _fill(words[_index(lang)], lang, data)


class _Shown(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "—"


def _index(lang: str) -> int:
    return LANGUAGES.index(lang) if lang in LANGUAGES else 0


def _fill(template: str, lang: str, data: Mapping[str, Any]) -> str:
    zone = ZoneInfo(data.get("time_zone") or "Europe/Moscow")
    shown = _Shown({key: _show(key, value, lang, zone) for key, value in data.items() if value is not None})
    return template.format_map(shown)


def _show(key: str, value: Any, lang: str, zone: ZoneInfo) -> str:
    if isinstance(value, (list, tuple)):
        between = "; " if key in _ITEMS else ", "
        return between.join(_item(key, item, lang) for item in value)
    if key.endswith("_at") and isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%d.%m %H:%M")
    unit = _UNITS.get(key.rpartition("_")[2]) if "_" in key else None
    if unit and isinstance(value, int | float) and not isinstance(value, bool):
        return unit(round(value), lang)
    return _word(_WORDS.get(key, {}), str(value), lang)


def _item(key: str, value: Any, lang: str) -> str:
    if isinstance(value, Mapping):
        return _fill(_ITEMS[key][_index(lang)], lang, value)
    return _word(_WORDS.get(key, {}), str(value), lang)


def _word(words: Mapping[str, tuple[str, str]], value: str, lang: str) -> str:
    return words[value][_index(lang)] if value in words else value


def rubles(kop: int, lang: str = "ru") -> str:
    """245050 -> «2 450,50 ₽»: a thin space between thousands, kopecks only when they are not zero."""
    whole, rest = divmod(abs(kop), 100)
    point = "." if lang == "en" else ","
    tail = f"{point}{rest:02d}" if rest else ""
    sign = "−" if kop < 0 else ""
    return sign + f"{whole:,}".replace(",", "\u2009") + tail + "\u00a0₽"


def quantity(milli: int, lang: str = "ru") -> str:
    """1500 -> «1,5», -500 -> «−0,5»."""
    whole, rest = divmod(abs(milli), 1000)
    tail = f"{rest:03d}".rstrip("0")
    point = "." if lang == "en" else ","
    shown = f"{whole}{point}{tail}" if tail else str(whole)
    return f"−{shown}" if milli < 0 else shown


def distance(metres: int, lang: str = "ru") -> str:
    """420 -> «420 м», 1450 -> «1,45 км»."""
    unit, shown = ("km", quantity(metres // 10 * 10, lang)) if metres >= 1000 else ("m", str(metres))
    return f"{shown}\u00a0{courier.UNITS[unit][_index(lang)]}"


def seconds(passed: int, lang: str = "ru") -> str:
    """45 -> «45 с», -320 -> «−5 мин 20 с»: the two greatest units that are not zero."""
    left = abs(passed)
    parts: list[str] = []
    for size, unit in courier.SECONDS:
        count, left = divmod(left, size)
        if count or (size == 1 and not parts):
            parts.append(f"{count}\u00a0{unit[_index(lang)]}")
    return ("−" if passed < 0 else "") + " ".join(parts[:2])


def speed(kmh: int, lang: str = "ru") -> str:
    return f"{kmh}\u00a0{courier.UNITS['kmh'][_index(lang)]}"


_UNITS = {"kop": rubles, "milli": quantity, "m": distance, "s": seconds, "kmh": speed}
