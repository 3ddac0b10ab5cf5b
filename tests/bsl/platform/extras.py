"""Attributes and documents of a УТ that the sandbox's own model has no place for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.bsl.platform.columns import Column

from posrednik_sandbox.onec.odata.model import EntitySet, Part, fields


@dataclass(frozen=True, slots=True)
class Extra:
    """An attribute that lies in `odata_extra`. part: the table part it belongs to; empty = the object itself."""

    column: Column
    part: str = ""


_DOCUMENT = """
Number text number
Date date date
Комментарий text comment
"""
_GOODS = f"{_DOCUMENT}Склад_Key ref:warehouse warehouse\n"
_COURIERS_GOODS = f"{_GOODS}Курьер_Key ref:courier courier\n"
_LINES_11 = """
Номенклатура_Key ref:product product
Характеристика_Key ref:characteristic characteristic
КоличествоУпаковок number quantity
Количество number quantity
Цена number price
Сумма number sum
"""
_LINES_103 = """
Номенклатура_Key ref:product product
ХарактеристикаНоменклатуры_Key ref:characteristic characteristic
Количество number quantity
Цена number price
Сумма number sum
"""
_MONEY = f"""{_DOCUMENT}СуммаДокумента number sum
Контрагент_Key ref:counterparty counterparty
"""
_PAID = f"""{_MONEY}ПодотчетноеЛицо_Key ref:courier courier
ДокументОснование any:order order
"""
_PAID_103 = f"{_MONEY}ИШ_Курьер_Key ref:courier courier\nСделка any:order order\n"
_OF_COURIER = f"{_DOCUMENT}СуммаДокумента number sum\nКурьер_Key ref:courier courier\n"


def _sets(goods: str, *entries: tuple[str, str, str]) -> dict[str, EntitySet]:
    """entries: name, kind, fields; those with a warehouse have lines."""
    return {
        name: EntitySet(
            name, kind, fields(text), (Part("Товары", "lines", fields(goods)),) if "warehouse" in text else ()
        )
        for name, kind, text in entries
    }


# Documents that stay inside the base; the kinds are those of the sandbox's own papers.
MORE: Mapping[str, Mapping[str, EntitySet]] = {
    "ut11": _sets(
        _LINES_11,
        ("Document_СписаниеНедостачТоваров", "write_off", _COURIERS_GOODS),
        ("Document_ОприходованиеИзлишковТоваров", "surplus", _COURIERS_GOODS),
        ("Document_РасходныйКассовыйОрдер", "cash_refund", _PAID),
        ("Document_ОперацияПоПлатежнойКарте", "card_payment", _PAID),
        ("Document_ПоступлениеБезналичныхДС", "bank_payment", _PAID),
        ("Document_ВнесениеДенежныхСредствВКассуККМ", "change_issue", _OF_COURIER),
        ("Document_ВыемкаДенежныхСредствИзКассыККМ", "cash_hand_in", _OF_COURIER),
        ("Document_ОтчетОРозничныхПродажах", "retail_report", f"{_COURIERS_GOODS}СуммаДокумента number @sum\n"),
        ("Document_ИШ_НедостачаДенег", "cash_shortage", _OF_COURIER),
        ("Document_ИШ_ИзлишекДенег", "cash_surplus", _OF_COURIER),
    ),
    "ut103": _sets(
        _LINES_103,
        ("Document_СписаниеТоваров", "write_off", _GOODS),
        ("Document_ОприходованиеТоваров", "surplus", _GOODS),
        ("Document_РасходныйКассовыйОрдер", "cash_refund", _PAID_103),
        ("Document_ОплатаОтПокупателяПлатежнойКартой", "card_payment", _PAID_103),
        ("Document_ПлатежноеПоручениеВходящее", "bank_payment", _PAID_103),
    ),
}


def _enum(name: str, target: str) -> Extra:
    return Extra(Column(name, "enum", target=f"Перечисление.{target}"))


def _kind(name: str) -> Extra:
    return Extra(Column(name, "ref", target="Справочник.ВидыНоменклатуры"))


def _text(name: str, length: int = 0) -> Extra:
    return Extra(Column(name, "string", length))


_OPERATION = _enum("ХозяйственнаяОперация", "ХозяйственныеОперации")
EXTRA: Mapping[str, Mapping[str, Sequence[Extra]]] = {
    "ut11": {
        "Документ.ЗаказКлиента": (_text("ИШ_Метка"),),
        "Справочник.Номенклатура": (_kind("ВидНоменклатуры"), _kind("ВладелецХарактеристик")),
        "Документ.РасходныйКассовыйОрдер": (_OPERATION,),
        "Документ.ОперацияПоПлатежнойКарте": (_OPERATION,),
        "Документ.ПоступлениеБезналичныхДС": (_OPERATION,),
        "Документ.ВозвратТоваровОтКлиента": (_OPERATION,),
        "Документ.ПеремещениеТоваров": (_OPERATION,),
    },
    "ut103": {
        "Документ.ПриходныйКассовыйОрдер": (_enum("ВидОперации", "ВидыОперацийПКО"),),
        "Документ.РасходныйКассовыйОрдер": (_enum("ВидОперации", "ВидыОперацийРКО"),),
        "Документ.ОплатаОтПокупателяПлатежнойКартой": (
            _enum("ВидОперации", "ВидыОперацийОплатаОтПокупателяПлатежнойКартой"),
        ),
    },
}
