"""The names of two families of configurations (facts/onec.md §1.1 to §1.3) over the base's own objects.

`ИШ_…` are attributes that a customer has added, as real bases have them: what the standard has no place for.
"""

from collections.abc import Iterable

from posrednik_sandbox.onec.odata.model import EntitySet, Part, Profile, fields

_OWN_ADDRESS = """
ИШ_Подъезд text address.entrance
ИШ_Этаж text address.floor
ИШ_Квартира text address.flat
ИШ_Домофон text address.intercom
ИШ_Широта number address.latitude
ИШ_Долгота number address.longitude
ИШ_Получатель text recipient.name
ИШ_ТелефонПолучателя text recipient.phone
ИШ_СтоимостьДоставки number delivery_price
ИШ_НуженЧек flag receipt
"""
_COURIER = """
Description text name
ИШ_Подразделение_Key ref:division division
ИШ_Работает flag active
ИШ_ПользовательБитрикс24 text bitrix24_user
"""
_OUTLET = """
Description text name
Адрес text address
ИШ_Подразделение_Key ref:division division
"""
_WAREHOUSE = """
Description text name
Подразделение_Key ref:division division
ИШ_Курьер_Key ref:courier courier
"""
_DIVISION = """
Code text code
Description text name
Parent_Key ref:division parent
"""
_DOCUMENT = """
Number text number
Date date date
Комментарий text comment
ИШ_Событие text @event
"""
_PHONE = Part("КонтактнаяИнформация", "@contacts", fields("""
Тип text type
Вид text kind
Представление text shown
НомерТелефона text phone
АдресЭП text email
"""))  # fmt: skip
_LINE_11 = """
КодСтроки text line
Номенклатура_Key ref:product product
Характеристика_Key ref:characteristic characteristic
Упаковка_Key ref:packing packing
КоличествоУпаковок number quantity
Количество number quantity
Цена number price
Сумма number sum
"""
_LINE_103 = """
Номенклатура_Key ref:product product
ХарактеристикаНоменклатуры_Key ref:characteristic characteristic
Количество number quantity
Коэффициент = 1
"""
_SOLD_103 = f"""{_LINE_103.rstrip()}
Цена number price
Сумма number sum
ПроцентСкидкиНаценки = 0
"""


def _sets(entries: Iterable[tuple[str, str, str, tuple[Part, ...]]]) -> dict[str, EntitySet]:
    return {name: EntitySet(name, kind, fields(text), parts) for name, kind, text, parts in entries}


def _goods(text: str) -> tuple[Part, ...]:
    return (Part("Товары", "lines", fields(text)),)


UT11 = Profile("ut11", _sets([
    ("Catalog_СтруктураПредприятия", "division", _DIVISION, ()),
    ("Catalog_Номенклатура", "product", """
Code text code
Description text name
НаименованиеПолное text name
Артикул text article
ЕдиницаИзмерения_Key word:unit unit
СтавкаНДС enum:vat vat
ТипНоменклатуры enum:goods is_service
ИШ_Весовой flag by_weight
ИШ_Группа text group
""", ()),
    ("Catalog_Контрагенты", "counterparty", """
Description text name
НаименованиеПолное text name
ИНН text inn
ЮрФизЛицо enum:legal legal
Партнер_Key ref:partner @ref
""", (_PHONE,)),
    ("Catalog_Склады", "warehouse", _WAREHOUSE + "ТипСклада = ОптовыйСклад\n", ()),
    ("Catalog_ФизическиеЛица", "courier", _COURIER, (_PHONE,)),
    ("Catalog_ТорговыеТочки", "outlet", _OUTLET, ()),
    ("Document_ЗаказКлиента", "order", _DOCUMENT + """Статус enum:status status
Партнер_Key ref:partner counterparty
Контрагент_Key ref:counterparty counterparty
Подразделение_Key ref:division division
Склад_Key ref:warehouse warehouse
СуммаДокумента number @sum
СуммаПредоплатыДоОтгрузки number prepaid
ФормаОплаты enum:payment payment_method
НомерПоДаннымКлиента text site_number
СпособДоставки = ДоКлиента
АдресДоставки text address.text
ВремяДоставкиС date window.from
ВремяДоставкиПо date window.to
Курьер_Key ref:courier courier
МаксимальныйКодСтроки number @most_line
""" + _OWN_ADDRESS, _goods(_LINE_11 + "Отменено flag cancelled\nСодержание text name\n")),
    ("Document_РеализацияТоваровУслуг", "shipment", _DOCUMENT + """Контрагент_Key ref:counterparty counterparty
Склад_Key ref:warehouse warehouse
Курьер_Key ref:courier courier
ЗаказКлиента any:order order
СуммаДокумента number sum
Статус = Отгружено
ХозяйственнаяОперация = РеализацияКлиенту
""", _goods(_LINE_11)),
    ("Document_ВозвратТоваровОтКлиента", "return", _DOCUMENT + """Контрагент_Key ref:counterparty counterparty
Склад_Key ref:warehouse warehouse
ЗаказКлиента any:order order
СуммаДокумента number sum
""", _goods(_LINE_11)),
    ("Document_ПриобретениеТоваровУслуг", "receipt", _DOCUMENT + """Контрагент_Key ref:counterparty counterparty
Склад_Key ref:warehouse warehouse
СуммаДокумента number sum
""", _goods(_LINE_11)),
    ("Document_ПеремещениеТоваров", "transfer", _DOCUMENT + """СкладОтправитель_Key ref:warehouse from
СкладПолучатель_Key ref:warehouse to
Статус = Принято
ИШ_Заказ_Key ref:order order
ИШ_Курьер_Key ref:courier courier
""", _goods(_LINE_11)),
    ("Document_ПриходныйКассовыйОрдер", "cash_receipt", _DOCUMENT + """Контрагент_Key ref:counterparty counterparty
ПодотчетноеЛицо_Key ref:courier courier
СуммаДокумента number sum
ХозяйственнаяОперация = ПоступлениеОплатыОтКлиента
""", (Part("РасшифровкаПлатежа", "", fields("""
Заказ any:order order
Сумма number sum
""")),)),
]), {
    "Catalog_УпаковкиЕдиницыИзмерения": "unit", "Catalog_ВидыЦен": "price_type", "Catalog_Валюты": "currency",
}, {
    "characteristic": "Catalog_ХарактеристикиНоменклатуры", "partner": "Catalog_Партнеры",
    "barcodes": "InformationRegister_ШтрихкодыНоменклатуры", "prices": "InformationRegister_ЦеныНоменклатуры",
    "stock": "AccumulationRegister_ТоварыНаСкладах", "plan": "ExchangePlan_ОбменСПосредником",
    "price_document": "Document_УстановкаЦенНоменклатуры", "price_type_key": "ВидЦены_Key",
    "characteristic_key": "Характеристика_Key", "balance": "ВНаличииBalance", "reserve": "КОтгрузкеBalance",
    "moved": "ВНаличии",
})  # fmt: skip

UT103 = Profile("ut103", _sets([
    ("Catalog_Подразделения", "division", _DIVISION, ()),
    ("Catalog_Номенклатура", "product", """
Code text code
Description text name
НаименованиеПолное text name
Артикул text article
БазоваяЕдиницаИзмерения_Key word:unit unit
СтавкаНДС enum:vat vat
Услуга flag is_service
Весовой flag by_weight
ИШ_Группа text group
""", ()),
    ("Catalog_Контрагенты", "counterparty", """
Description text name
НаименованиеПолное text name
ИНН text inn
ЮрФизЛицо enum:legal legal
""", ()),
    ("Catalog_Склады", "warehouse", _WAREHOUSE + "ВидСклада = Оптовый\n", ()),
    ("Catalog_ФизическиеЛица", "courier", _COURIER, ()),
    ("Catalog_ТорговыеТочки", "outlet", _OUTLET, ()),
    ("Document_ЗаказПокупателя", "order", _DOCUMENT + """Контрагент_Key ref:counterparty counterparty
Подразделение_Key ref:division division
СкладГруппа any:warehouse warehouse
СуммаДокумента number @sum
АдресДоставки text address.text
ДатаОтгрузки date window.from
ИШ_ВремяДоставкиС date window.from
ИШ_ВремяДоставкиПо date window.to
ИШ_Предоплата number prepaid
ИШ_ФормаОплаты enum:payment payment_method
ИШ_НомерСайта text site_number
ИШ_Курьер_Key ref:courier courier
""" + _OWN_ADDRESS, _goods(_SOLD_103)),
    ("Document_РеализацияТоваровУслуг", "shipment", _DOCUMENT + """Контрагент_Key ref:counterparty counterparty
Склад_Key ref:warehouse warehouse
Сделка any:order order
СуммаДокумента number sum
ИШ_Курьер_Key ref:courier courier
""", _goods(_SOLD_103)),
    ("Document_ВозвратТоваровОтПокупателя", "return", _DOCUMENT + """Контрагент_Key ref:counterparty counterparty
Склад_Key ref:warehouse warehouse
Сделка any:order order
СуммаДокумента number sum
""", _goods(_SOLD_103)),
    ("Document_ПоступлениеТоваровУслуг", "receipt", _DOCUMENT + """Контрагент_Key ref:counterparty counterparty
Склад_Key ref:warehouse warehouse
СуммаДокумента number sum
""", _goods(_SOLD_103)),
    ("Document_ПеремещениеТоваров", "transfer", _DOCUMENT + """СкладОтправитель_Key ref:warehouse from
СкладПолучатель_Key ref:warehouse to
ИШ_Заказ_Key ref:order order
ИШ_Курьер_Key ref:courier courier
""", _goods(_LINE_103)),
    ("Document_ПриходныйКассовыйОрдер", "cash_receipt", _DOCUMENT + """Контрагент_Key ref:counterparty counterparty
СуммаДокумента number sum
ИШ_Курьер_Key ref:courier courier
""", (Part("РасшифровкаПлатежа", "", fields("""
Сделка any:order order
СуммаПлатежа number sum
КурсВзаиморасчетов = 1
""")),)),
]), {
    "Catalog_КлассификаторЕдиницИзмерения": "unit", "Catalog_ТипыЦенНоменклатуры": "price_type",
    "Catalog_Валюты": "currency",
}, {
    "characteristic": "Catalog_ХарактеристикиНоменклатуры", "barcodes": "InformationRegister_Штрихкоды",
    "prices": "InformationRegister_ЦеныНоменклатуры", "stock": "AccumulationRegister_ТоварыНаСкладах",
    "plan": "ExchangePlan_ОбменСПосредником", "price_document": "Document_УстановкаЦенНоменклатуры",
    "price_type_key": "ТипЦен_Key", "characteristic_key": "ХарактеристикаНоменклатуры_Key",
    "balance": "КоличествоBalance", "moved": "Количество",
    "contacts": "InformationRegister_КонтактнаяИнформация",
})  # fmt: skip
PROFILES = {one.name: one for one in (UT11, UT103)}
