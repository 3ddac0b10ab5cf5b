"""Rows of an УТ 11 as its OData shows them, as few as a test wants."""

import base64
from typing import Any
from uuid import UUID

from tests.flow.exchange_client import COURIER, DIVISION, PRODUCT, WAREHOUSE

Json = dict[str, Any]
ZERO = "00000000-0000-0000-0000-000000000000"
UNIT = "40000000-0000-4000-8000-000000000001"


def version(number: int) -> str:
    """8 bytes as Base64, as DataVersion has it."""
    return base64.b64encode(number.to_bytes(8, "big")).decode()


def ref(letter: str, number: int) -> str:
    return str(UUID(int=(int(letter, 16) << 124) | number, version=4))


def catalog(ref: str, name: str, v: int = 1, **more: Any) -> Json:
    return {"Ref_Key": ref, "DataVersion": version(v), "DeletionMark": False, "Description": name, **more}


def product(number: int, v: int = 1, **more: Any) -> Json:
    plain = {"Code": f"{number:011}", "Артикул": "", "ЕдиницаИзмерения_Key": UNIT, "СтавкаНДС": "НДС20",
             "ТипНоменклатуры": "Товар"}  # fmt: skip
    return catalog(ref("f", number), f"Товар {number:06}", v, **{**plain, **more})


def order(number: int, date: str = "2026-11-20T10:00:00", v: int = 1, **more: Any) -> Json:
    line = {"LineNumber": "1", "КодСтроки": "1", "Номенклатура_Key": PRODUCT, "Характеристика_Key": ZERO,
            "Количество": 2, "Цена": 990.1, "Сумма": 1980.2, "Отменено": False, "Содержание": ""}  # fmt: skip
    return {
        "Ref_Key": ref("8", number), "DataVersion": version(v), "DeletionMark": False, "Posted": True, "Date": date,
        "Number": f"ТД00-{number:06}", "НомерПоДаннымКлиента": str(number), "Статус": "КОбеспечению",
        "Подразделение_Key": DIVISION, "Склад_Key": WAREHOUSE, "Контрагент_Key": ZERO, "Курьер_Key": COURIER,
        "Комментарий": "код + двор", "СуммаПредоплатыДоОтгрузки": 0, "ФормаОплаты": "Наличная",
        "АдресДоставки": "Москва, Тверская, 1", "ВремяДоставкиС": "0001-01-01T00:00:00",
        "ВремяДоставкиПо": "0001-01-01T00:00:00", "Товары": [line], **more,
    }  # fmt: skip


def base(products: int = 3, orders: int = 3) -> dict[str, list[Json]]:
    """A whole small base; the other sets are not published."""
    return {
        "Catalog_СтруктураПредприятия": [catalog(DIVISION, "Центр", Parent_Key=ZERO)],
        "Catalog_Склады": [catalog(WAREHOUSE, "Основной склад", Подразделение_Key=DIVISION)],
        "Catalog_Номенклатура": [{**product(0), "Ref_Key": PRODUCT}, *(product(n + 1) for n in range(1, products))],
        "Catalog_УпаковкиЕдиницыИзмерения": [catalog(UNIT, "шт")],
        "Catalog_ФизическиеЛица": [catalog(COURIER, "Пётр Иванов", ИШ_Подразделение_Key=DIVISION)],
        "Document_ЗаказКлиента": [order(n, date(n)) for n in range(orders)],
    }


def date(number: int) -> str:
    """Somewhere in three months."""
    return f"2026-{9 + number % 3:02}-{1 + number % 27:02}T10:{number % 60:02}:00"


def transfer(number: int, to: str, at: str) -> Json:
    """Two of a product from the main warehouse."""
    line = {
        "LineNumber": "1",
        "КодСтроки": "1",
        "Номенклатура_Key": PRODUCT,
        "Характеристика_Key": ZERO,
        "Количество": 2,
    }
    return {
        "Ref_Key": ref("7", number), "DataVersion": version(1), "DeletionMark": False, "Posted": True, "Date": at,
        "Number": f"ТД00-{number:06}", "СкладОтправитель_Key": WAREHOUSE, "СкладПолучатель_Key": to, "Товары": [line],
    }  # fmt: skip
