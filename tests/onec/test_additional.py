"""The additional processing that starts the exchange where an extension may have no jobs of its own."""

from pathlib import Path

import pytest
from tests.bsl.native import BslError
from tests.bsl.values import Structure
from tests.onec.extension import MESSAGES, OUTGOING, Base, Clock, serving

MODULE = Path(__file__).parents[2] / "onec" / "additional" / "МодульОбъекта.bsl"
# The two modules of the library of standard subsystems that it speaks to.
LIBRARY = {
    "ДополнительныеОтчетыИОбработки": """
        Функция СведенияОВнешнейОбработке(ВерсияБСП) Экспорт
            Команды = Новый ТаблицаЗначений;
            Для Каждого Имя Из СтрРазделить("Идентификатор,Представление,Использование,ПоказыватьОповещение", ",") Цикл
                Команды.Колонки.Добавить(Имя);
            КонецЦикла;
            Сведения = Новый Структура("Вид, Наименование, Версия, БезопасныйРежим, Информация");
            Сведения.Вставить("Команды", Команды);
            Возврат Сведения;
        КонецФункции""",
    "ДополнительныеОтчетыИОбработкиКлиентСервер": """
        Функция ВидОбработкиДополнительнаяОбработка() Экспорт
            Возврат "ДополнительнаяОбработка";
        КонецФункции
        Функция ТипКомандыВызовСерверногоМетода() Экспорт
            Возврат "ВызовСерверногоМетода";
        КонецФункции""",
}


def test_its_commands_send_and_receive(tmp_path: Path) -> None:
    with serving() as service:
        base = Base(tmp_path, service, Clock(), modules=LIBRARY | {"ДоставкаОбмен": MODULE})
        told = base.call("ДоставкаОбмен.СведенияОВнешнейОбработке")
        assert [one["Идентификатор"] for one in told["Команды"]] == ["Отправка", "Прием"]
        assert told["БезопасныйРежим"] is False
        base.touch("order", "1c000000-0000-4000-8000-000000000005", number="000-000001")
        # The library gives its own parameters too, to whoever names its version 1.2.1.4 or later.
        base.call("ДоставкаОбмен.ВыполнитьКоманду", "Отправка", Structure())
        (sent,) = service.of(MESSAGES)
        assert [one["ref"] for one in sent.body["objects"]] == ["1c000000-0000-4000-8000-000000000005"]
        base.call("ДоставкаОбмен.ВыполнитьКоманду", "Прием")
        assert service.of(OUTGOING)
        with pytest.raises(BslError, match="Нет такой команды"):
            base.call("ДоставкаОбмен.ВыполнитьКоманду", "Другая")
