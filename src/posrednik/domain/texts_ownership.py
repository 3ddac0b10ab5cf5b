"""Whose a field is, in words: kinds, fields, systems, and what is said to who writes what is not his. Russian, English
beside it."""

from collections.abc import Mapping

Pair = tuple[str, str]

SYSTEMS: Mapping[str, Pair] = {
    "1c": ("1С", "1C"),
    "posrednik": ("Посредник", "Posrednik"),
    "site": ("сайт", "the site"),
    "bitrix24": ("Битрикс24", "Bitrix24"),
    "courier": ("курьер", "the courier"),
}
KINDS: Mapping[str, Pair] = {
    "division": ("подразделение", "division"),
    "product": ("товар", "product"),
    "price": ("цена", "price"),
    "stock": ("остаток", "stock"),
    "counterparty": ("контрагент", "counterparty"),
    "warehouse": ("склад", "warehouse"),
    "courier": ("курьер", "courier"),
    "outlet": ("торговая точка", "outlet"),
    "order": ("заказ", "order"),
    "shipment": ("реализация", "shipment"),
    "receipt": ("поступление", "receipt"),
    "transfer": ("перемещение", "transfer"),
    "return": ("возврат", "return"),
    "cash_receipt": ("кассовый ордер", "cash receipt"),
    "delivery": ("доставка", "delivery"),
}
# By the field's name alone; what means another thing in a kind has the kind before it.
FIELDS: Mapping[str, Pair] = {
    "*": ("остальные поля", "all other fields"),
    "active": ("работает", "active"),
    "address": ("адрес", "address"),
    "amount_due": ("сумма к получению", "amount due"),
    "article": ("артикул", "article"),
    "barcodes": ("штрихкоды", "barcodes"),
    "bitrix24_user": ("пользователь Битрикс24", "Bitrix24 user"),
    "by_weight": ("весовой", "by weight"),
    "characteristic": ("характеристика", "characteristic"),
    "characteristics": ("характеристики", "characteristics"),
    "code": ("код", "code"),
    "comment": ("комментарий", "comment"),
    "counterparty": ("контрагент", "counterparty"),
    "courier": ("курьер", "courier"),
    "currency": ("валюта", "currency"),
    "date": ("дата", "date"),
    "deleted": ("пометка удаления", "deletion mark"),
    "delivery_price": ("цена доставки", "delivery price"),
    "division": ("подразделение", "division"),
    "email": ("почта", "e-mail"),
    "from": ("склад-отправитель", "source warehouse"),
    "group": ("группа", "group"),
    "inn": ("ИНН", "tax number"),
    "is_service": ("услуга", "service"),
    "legal": ("юридическое лицо", "legal entity"),
    "lines": ("товары", "goods"),
    "name": ("наименование", "name"),
    "number": ("номер", "number"),
    "order": ("заказ", "order"),
    "packagings": ("упаковки", "packagings"),
    "parent": ("родитель", "parent"),
    "payment_method": ("способ оплаты", "way of payment"),
    "phone": ("телефон", "phone"),
    "posted": ("проведён", "posted"),
    "prepaid": ("предоплата", "prepaid"),
    "price": ("цена", "price"),
    "price_type": ("вид цены", "price type"),
    "product": ("товар", "product"),
    "quantity": ("количество", "quantity"),
    "ready_comment": ("примечание к «Готов»", "remark of «Готов»"),
    "receipt": ("нужен чек", "receipt wanted"),
    "recipient": ("получатель", "recipient"),
    "packaging": ("упаковка", "packaging"),
    "reserved": ("в резерве", "reserved"),
    "site_number": ("номер на сайте", "site number"),
    "stage": ("стадия", "stage"),
    "status": ("статус", "status"),
    "sum": ("сумма", "sum"),
    "to": ("склад-получатель", "target warehouse"),
    "trial": ("пробный", "trial"),
    "unit": ("единица", "unit"),
    "vat": ("НДС", "VAT"),
    "warehouse": ("склад", "warehouse"),
    "window": ("время доставки", "delivery window"),
}

ERRORS: Mapping[str, Pair] = {
    "not_owner": (
        "Поле «{field}» ({object_kind}) меняет только {owners}. Изменение не принято, осталось прежнее значение. "
        "Измените его там, где оно ведётся; если владелец указан неверно, администратор поправит это на странице "
        "«Обмены», «Владение полями».",
        "The field “{field}” ({object_kind}) is changed by {owners} alone. The change was not taken, the former value "
        "stays. Change it where it is kept; if the owner is wrong, an administrator corrects that on “Exchange”, "
        "“Field ownership”.",
    ),
    "ownership_wrong": (
        "Строка «{row}» не подходит: {what}. Ничего не сохранено; исправьте её и сохраните снова.",
        "The row “{row}” cannot be used: {what}. Nothing was saved; correct it and save again.",
    ),
    "ownership_changed": (
        "Пока вы правили, владельцев полей изменил другой человек. Ничего не сохранено: посмотрите на новые значения "
        "и сохраните снова.",
        "Somebody else changed the owners of fields meanwhile. Nothing was saved: look at the new ones and save again.",
    ),
}
# What is wrong with a row, by the code of ownership.Wrong.
WRONG: Mapping[str, Pair] = {
    "kind": ("вид «{value}» неизвестен", "the kind “{value}” is not known"),
    "field": ("у этого вида нет поля «{value}»", "this kind has no field “{value}”"),
    "owner": ("система или база «{value}» неизвестна", "the system or base “{value}” is not known"),
    "nobody": ("нужен хотя бы один владелец", "at least one owner is needed"),
}

CONTRADICTIONS: Mapping[str, tuple[tuple[str, str, str], tuple[str, str, str]]] = {
    "ownership_violation": (
        (
            "{by} меняет чужое поле «{field}»: {object_kind} {object}.",
            "Этим полем владеет: {owners}. Изменение не принято, осталось прежнее значение.",
            "Верните прежнее значение там, откуда пришло изменение, или внесите новое у владельца. Если владелец "
            "указан неверно, поправьте его: «Обмены», «Владение полями».",
        ),
        (
            "{by} changes a field of another owner, “{field}”: {object_kind} {object}.",
            "This field belongs to {owners}. The change was not taken, the former value stays.",
            "Restore the former value where the change came from, or enter the new one with its owner. If the owner is "
            "wrong, correct it: “Exchange”, “Field ownership”.",
        ),
    ),
    "ownership_violation.values": (
        (
            "{by} меняет чужое поле «{field}»: {object_kind} {object}.",
            "Этим полем владеет: {owners}. Прислано: {sent}. Осталось: {kept}.",
            "Верните прежнее значение там, откуда пришло изменение, или внесите новое у владельца. Если владелец "
            "указан неверно, поправьте его: «Обмены», «Владение полями».",
        ),
        (
            "{by} changes a field of another owner, “{field}”: {object_kind} {object}.",
            "This field belongs to {owners}. Sent: {sent}. Kept: {kept}.",
            "Restore the former value where the change came from, or enter the new one with its owner. If the owner is "
            "wrong, correct it: “Exchange”, “Field ownership”.",
        ),
    ),
    "ownership_violation.new": (
        (
            "{by} передаёт новый объект, а его поле «{field}» чужое: {object_kind} {object}.",
            "Этим полем владеет: {owners}. Без него объекта нет, поэтому он целиком в карантине.",
            "Если эта база вправе заводить такие объекты, добавьте её владельцем («Обмены», «Владение полями») и "
            "повторите объект из карантина. Если нет, удалите его там.",
        ),
        (
            "{by} sends a new object whose field “{field}” is not its own: {object_kind} {object}.",
            "This field belongs to {owners}. Without it there is no such object, so it is in the quarantine whole.",
            "If this base may make such objects, name it as an owner (“Exchange”, “Field ownership”) and apply the "
            "object from the quarantine again. If not, delete it there.",
        ),
    ),
    "ownership_violation.many": (
        (
            "{by} меняет чужое поле «{field}» сразу у многих объектов ({object_kind}): {objects}.",
            "Этим полем владеет: {owners}. Изменения не приняты, остались прежние значения. Среди них: {examples}.",
            "Похоже, что поле ведут не там, где указано. Сверьте, кто им владеет: «Обмены», «Владение полями».",
        ),
        (
            "{by} changes a field of another owner, “{field}”, of many objects at once ({object_kind}): {objects}.",
            "This field belongs to {owners}. The changes were not taken, the former values stay. Some of them: "
            "{examples}.",
            "The field seems to be kept elsewhere than is said. See who owns it: “Exchange”, “Field ownership”.",
        ),
    ),
}

AGREES = "в 1С снова то же значение, что и здесь"


def titled(words: Mapping[str, Pair], name: str, lang: str) -> str:
    """The word for it; a name without one stands for itself."""
    return words[name][lang == "en"] if name in words else name
