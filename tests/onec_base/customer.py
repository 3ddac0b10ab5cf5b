"""What the customer of this base has added to УТ, and how the extension was told of it.

Attributes `ИШ_…` are his own (sandbox: odata/profiles.py); the hook is the module that the extension leaves to him.
"""

from collections.abc import Mapping

from tests.bsl.platform.platform import BaseSession as Session

REJECTED = "Проверка.ОтклонятьТип"
HOOKS = f"""
Процедура ПриВыгрузкеОбъекта(Знач Вид, Источник, Описание) Экспорт
КонецПроцедуры

// Как будто документ этого события держит открытым человек.
Процедура ПередПрименениемСобытия(Событие, Отказ) Экспорт

	Отклонять = кд_Настройки.Значение("{REJECTED}");
	Если Отклонять = "*" Или Отклонять = Событие["type"] Тогда
		ВызватьИсключение "[object_locked] объект заблокирован другим пользователем";
	КонецЕсли;

КонецПроцедуры

Процедура ПередЗаписьюДокумента(Событие, Знач Вид, Документ) Экспорт
КонецПроцедуры

Процедура ПослеПримененияСобытия(Событие, Документы) Экспорт
КонецПроцедуры
"""
FIELDS: Mapping[tuple[str, str], str] = {
    ("product", "by_weight"): "ИШ_Весовой",
    ("product", "group"): "ИШ_Группа",
    ("warehouse", "courier"): "ИШ_Курьер",
    ("courier", "division"): "ИШ_Подразделение",
    ("courier", "active"): "ИШ_Работает",
    ("courier", "bitrix24_user"): "ИШ_ПользовательБитрикс24",
    ("outlet", "division"): "ИШ_Подразделение",
    ("order", "recipient.name"): "ИШ_Получатель",
    ("order", "recipient.phone"): "ИШ_ТелефонПолучателя",
    ("order", "address.entrance"): "ИШ_Подъезд",
    ("order", "address.floor"): "ИШ_Этаж",
    ("order", "address.flat"): "ИШ_Квартира",
    ("order", "address.intercom"): "ИШ_Домофон",
    ("order", "address.latitude"): "ИШ_Широта",
    ("order", "address.longitude"): "ИШ_Долгота",
    ("order", "comment"): "Комментарий",
    ("order", "delivery_price"): "ИШ_СтоимостьДоставки",
    ("order", "receipt"): "ИШ_НуженЧек",
    ("order", "ИШ_Метка"): "ИШ_Метка",
    ("transfer", "order"): "ИШ_Заказ",
    ("transfer", "courier"): "ИШ_Курьер",
}
RECORD = """
Запись = РегистрыСведений.кд_СоответствиеРеквизитов.СоздатьМенеджерЗаписи();
Запись.Вид = "{kind}"; Запись.Поле = "{field}"; Запись.Реквизит = "{attribute}";
Запись.Записать(Истина);
"""


def tell(session: Session) -> None:
    """Fill the extension's settings by what УТ has, and then by what the customer added."""
    session.call("кд_СоставОбмена.ЗаполнитьПоУмолчанию")
    for (kind, field), attribute in FIELDS.items():
        session.execute(RECORD.format(kind=kind, field=field, attribute=attribute))
