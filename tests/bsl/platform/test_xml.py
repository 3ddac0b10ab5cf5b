"""ЧтениеXML goes through a text node by node."""

from __future__ import annotations

import pytest
from tests.bsl.native import BslError
from tests.bsl.platform import xml_native
from tests.bsl.runtime import Runtime, Session

WALK = """
Функция Узлы(Текст) Экспорт
	Чтение = Новый ЧтениеXML;
	Чтение.УстановитьСтроку(Текст);
	Узлы = "";
	Пока Чтение.Прочитать() Цикл
		Узлы = Узлы + Чтение.ТипУзла + ":" + ?(Чтение.ИмеетЗначение, Чтение.Значение, Чтение.ЛокальноеИмя) + ";";
	КонецЦикла;
	Возврат Узлы;
КонецФункции
Функция Атрибут(Текст) Экспорт
	Чтение = Новый ЧтениеXML;
	Чтение.УстановитьСтроку(Текст);
	Чтение.ПерейтиКСодержимому();
	Возврат Чтение.ПолучитьАтрибут("а") + Чтение.КоличествоАтрибутов() + (Чтение.ЗначениеАтрибута("б") = Неопределено);
КонецФункции
"""


def session() -> Session:
    return Session(Runtime((xml_native,), {"Разбор": WALK}, "8.2"))


def test_elements_texts_and_sections_come_in_order_without_blank_space() -> None:
    text = "<?xml version='1.0'?>\n<m>\n <a>1 &lt; 2</a> <b/><c><![CDATA[ <&> ]]></c>\n</m>"
    start, end = "НачалоЭлемента", "КонецЭлемента"
    assert session().call("Разбор.Узлы", text) == (
        f"{start}:m;{start}:a;Текст:1 < 2;{end}:a;{start}:b;{end}:b;{start}:c;СекцияCDATA: <&> ;{end}:c;{end}:m;"
    )


def test_attributes_are_found_by_name() -> None:
    assert session().call("Разбор.Атрибут", "<!-- к --><m а='5'/>") == "51Да"


@pytest.mark.parametrize("text", ["<m><a></m>", "<m>", "нет", ""])
def test_what_is_no_xml_is_an_error(text: str) -> None:
    with pytest.raises(BslError, match="Ошибка разбора XML"):
        session().call("Разбор.Узлы", text)
