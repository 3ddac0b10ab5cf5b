"""Words of the board: lines of money under a delivery. Russian, English."""

from collections.abc import Mapping

MONEY: Mapping[str, tuple[str, str]] = {
    "hand_over": ("Получено при вручении", "Taken at the hand-over"),
    "hand_over_reversed": ("Исправлено: это получено не было", "Corrected: this was not taken"),
    "hand_over_by_another": ("Получено вторым вручением", "Taken by a second hand-over"),
    "refund": ("Возвращено покупателю", "Refunded to the customer"),
}
ACCOUNTS: Mapping[str, tuple[str, str]] = {
    "cash": ("наличные у курьера", "cash with the courier"),
    "acquiring": ("картой", "by card"),
    "transfers": ("переводом", "by transfer"),
    "customer": ("покупатель", "customer"),
    "till": ("касса", "cash desk"),
    "cash_shortage": ("недостача наличных", "cash shortage"),
    "cash_surplus": ("излишек наличных", "cash surplus"),
    "backpack": ("рюкзак", "backpack"),
    "shortage": ("недостача товара", "shortage of goods"),
    "surplus": ("излишек товара", "surplus of goods"),
    "written_off": ("списано", "written off"),
    "orders": ("товары заказов у курьера", "goods of orders with the courier"),
    "warehouse": ("склад", "warehouse"),
    "disputed": ("спорный товар", "disputed goods"),
}


def money_title(why: str, lang: str) -> str:
    """A posting by its reason; a reason without words is told as it is."""
    return MONEY.get(why, (why, why))[lang == "en"]


def account_title(account: str, lang: str) -> str:
    """`cash:REF` is «наличные у курьера»."""
    kind = account.partition(":")[0]
    return ACCOUNTS.get(kind, (kind, kind))[lang == "en"]
