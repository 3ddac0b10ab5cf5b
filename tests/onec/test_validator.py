"""The extension has no finding; each check of the validator rejects a copy broken in the way it is there for."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.onec.validator import check, modules, validate
from tests.onec.validator.bsl import Finding
from tests.onec.validator.dump import Dump

EXTENSION = Path(__file__).parents[2] / "onec" / "extension"

ROOT = "Configuration.xml"
CHANGES = "InformationRegisters/кд_Изменения.xml"
MADE = "InformationRegisters/кд_ДокументыСобытий.xml"
JOB = "ScheduledJobs/кд_Прием.xml"
SCHEDULE = "ScheduledJobs/кд_Прием/Ext/Schedule.xml"
WRITTEN = "EventSubscriptions/кд_ПриЗаписиДокумента.xml"
POSTED = "EventSubscriptions/кд_ПередЗаписьюДокумента.xml"
RECORDS = "EventSubscriptions/кд_ПриЗаписиНабораСведений.xml"
SERVICE = "HTTPServices/кд_Обмен.xml"
SERVICE_CODE = "HTTPServices/кд_Обмен/Ext/Module.bsl"
RIGHTS = "Roles/кд_Обмен/Ext/Rights.xml"
MANAGER = "Roles/кд_Менеджер/Ext/Rights.xml"
ADMINISTRATOR = "Roles/кд_Администратор/Ext/Rights.xml"
FORM = "CommonForms/кд_ДоставкаЗаказа/Ext/Form.xml"
FORM_CODE = "CommonForms/кд_ДоставкаЗаказа/Ext/Form/Module.bsl"
SETTINGS_CODE = "CommonForms/кд_Настройки/Ext/Form/Module.bsl"
BUTTONS = "CommonModules/кд_Кнопки.xml"
BUTTONS_CODE = "CommonModules/кд_Кнопки/Ext/Module.bsl"
PANEL_CODE = "CommonModules/кд_ПанельОбмена/Ext/Module.bsl"
CLIENT_CODE = "CommonModules/кд_КомандыКлиент/Ext/Module.bsl"
INTERCEPT = "CommonModules/ПодключаемыеКомандыПереопределяемый.xml"
LANGUAGE = "Languages/Русский.xml"
INTERCEPT_CODE = "CommonModules/ПодключаемыеКомандыПереопределяемый/Ext/Module.bsl"
SUBSYSTEM = "Subsystems/кд_Доставка.xml"

PRIVATE = "#Область СлужебныеПроцедурыИФункции\r\n"


@dataclass(frozen=True)
class Broken:
    """A file changed: the first `old` becomes `new`; without `old` it is the whole file, None = the file is gone.

    codes: what is found then, the one the sample is for first.
    """

    codes: str
    path: str
    old: str
    new: str | None


def code(*lines: str) -> str:
    """A private procedure with these lines, behind the line that opens the region of private ones."""
    body = ["Процедура Проба()", *(f"\t{line}" for line in lines), "\tПроба();", "КонецПроцедуры"]
    return PRIVATE + "\r\n" + "\r\n".join(body) + "\r\n"


BROKEN = [
    # bytes and XML
    Broken("bom", ROOT, "\ufeff", ""),
    Broken("crlf", CHANGES, "\r\n", "\n"),
    Broken("xml", CHANGES, "</Properties>", ""),
    Broken("version", ROOT, 'version="2.13"', 'version="3.1"'),
    Broken("version", JOB, 'version="2.13"', 'version="2.20"'),
    Broken("version", FORM, 'version="2.13"', 'version="2.16"'),
    Broken("newer_tag", CHANGES, "<xr:Mask/>", "<xr:Mask/><xr:TypeReductionMode>Deny</xr:TypeReductionMode>"),
    Broken("newer_tag properties", SUBSYSTEM, "<Explanation>", "<UseOneCommand>false</UseOneCommand><Explanation>"),
    Broken("newer_tag version", CHANGES, 'version="2.13"', 'version="2.8"'),
    Broken("head", FORM, " xmlns:dcsset=", ' xmlns:dcssch="urn:schema" xmlns:dcsset='),
    Broken("head", JOB, ' xmlns:cmi="http://v8.1c.ru/8.2/managed-application/cmi"', ""),
    # the root and the list of objects
    Broken("contained", ROOT, "fb282519-d103-4dd3-bc12-cb271d631dfc", "fb282519-d103-4dd3-bc12-cb271d631dfd"),
    Broken("root_properties", ROOT, "<Vendor>", "<DefaultRunMode>ManagedApplication</DefaultRunMode><Vendor>"),
    Broken("root_properties", ROOT, "<Name>", "<ObjectBelonging>Adopted</ObjectBelonging><Name>"),
    Broken("child_order", ROOT, "<Role>кд_Менеджер</Role>", "<Role>кд_Менеджер</Role><Role>кд_Менеджер</Role>"),
    Broken("child_order", ROOT, "<Role>кд_Обмен<", "<CommonModule>кд_Кнопки</CommonModule><Role>кд_Обмен<"),
    Broken("child_order", ROOT, "<Role>кд_Менеджер</Role>", "<Role>кд_Менеджер</Role><Toy>кд_Мяч</Toy>"),
    Broken("child_file", ROOT, "<Role>кд_Менеджер</Role>", "<Role>кд_Менеджер</Role><Role>кд_Назначенец</Role>"),
    Broken("stray_file", "Roles/кд_Лишняя/Ext/Rights.txt", "", "лишний файл"),
    Broken("stray_file", "Readme.txt", "", "лишний файл"),
    # objects
    Broken("uuid", BUTTONS, 'CommonModule uuid="', 'CommonModule uuid="0'),
    Broken("uuid", CHANGES, "<xr:ValueId>", "<xr:ValueId>A"),
    Broken("generated_types", CHANGES, 'category="RecordKey"', 'category="RecordKeys"'),
    Broken("name", BUTTONS, "<Name>кд_Кнопки</Name>", "<Name>кд_Кнопка</Name>"),
    Broken("name", CHANGES, "<Name>Порядок</Name>", "<Name>Порядок 2</Name>"),
    Broken("name_length", CHANGES, "<Name>Порядок</Name>", f"<Name>{'Порядок' * 12}</Name>"),
    Broken("yo", CHANGES, "<Name>Удален</Name>", "<Name>Удалён</Name>"),
    Broken("prefix intercept", ROOT, "<NamePrefix>кд_", "<NamePrefix>дк_"),
    Broken("adopted properties", "Roles/кд_Менеджер.xml", "<Name>", "<ObjectBelonging>Adopted</ObjectBelonging><Name>"),
    Broken("adopted", INTERCEPT, "<ServerCall>false", "<ServerCall>true"),
    Broken("properties", INTERCEPT, "<Name>", "<ObjectBelonging>Adopted</ObjectBelonging>\r\n\t\t\t<Name>"),
    Broken("properties", INTERCEPT, "<Global>false</Global>", ""),
    Broken("properties", LANGUAGE, "<LanguageCode>ru</LanguageCode>", ""),
    Broken("properties", BUTTONS, "<ServerCall>false</ServerCall>", ""),
    Broken("properties", CHANGES, "<PasswordMode>false</PasswordMode>", ""),
    Broken("synonym", BUTTONS, "<v8:lang>en</v8:lang>", "<v8:lang>de</v8:lang>"),
    Broken("synonym", FORM, "<v8:lang>en</v8:lang>", "<v8:lang>de</v8:lang>"),
    Broken("register", CHANGES, "<DataLockControlMode>Managed", "<DataLockControlMode>Automatic"),
    Broken("dimension_type", CHANGES, "<v8:Length>150</v8:Length>", "<v8:Length>0</v8:Length>"),
    Broken("dimension_type", CHANGES, "<v8:Length>150</v8:Length>", "<v8:Length>500</v8:Length>"),
    Broken("dimension_type", MADE, "<v8:Length>36</v8:Length>", "<v8:Length>0</v8:Length>"),
    Broken("module_kind", BUTTONS, "<ServerCall>false", "<ServerCall>true"),
    Broken("module_kind", BUTTONS, "<ReturnValuesReuse>DontUse", "<ReturnValuesReuse>DuringSession"),
    Broken("module_kind", BUTTONS, "<Privileged>false", "<Privileged>true"),
    # what metadata names in code
    Broken("event_source", WRITTEN, "<v8:TypeSet>cfg:DocumentObject</v8:TypeSet>", ""),
    Broken("event_source", RECORDS, "<Event>OnWrite", "<Event>BeforeDelete"),
    Broken("handler", WRITTEN, "кд_Регистрация.ПриЗаписиДокумента", "кд_Регистрация.ПриЗаписиПлатежа"),
    Broken("handler", WRITTEN, "CommonModule.кд_Регистрация", "CommonModule.кд_Учет"),
    Broken("handler", WRITTEN, "кд_Регистрация.ПриЗаписиДокумента", "кд_КомандыКлиент.Готов"),
    Broken("handler", WRITTEN, "кд_Регистрация.ПриЗаписиДокумента", "кд_Кнопки.Добавить"),
    Broken("handler_params", WRITTEN, "кд_Регистрация.ПриЗаписиДокумента", "кд_Регистрация.ПриЗаписиНабораСведений"),
    Broken("handler_params", POSTED, "кд_КнопкиРюкзака.ПередЗаписьюДокумента", "кд_Регистрация.ПриЗаписиДокумента"),
    Broken("event_source", POSTED, "cfg:DocumentObject", "cfg:CatalogObject"),
    Broken("handler_params", JOB, "CommonModule.кд_Прием.ВыполнитьЗадание", "CommonModule.кд_Кнопки.Кнопки"),
    Broken("job", JOB, "<Key>кд_Прием</Key>", "<Key/>"),
    Broken("job", JOB, "<Use>false</Use>", "<Use>true</Use>"),
    Broken("job", SCHEDULE, 'DaysRepeatPeriod="1"', 'DaysRepeatPeriod="0"'),
    Broken("job", SCHEDULE, "", None),
    Broken("http", SERVICE, "<Template>/v1/ping", "<Template>/v1/events"),
    Broken("http", SERVICE, "<HTTPMethod>POST", "<HTTPMethod>SEND"),
    Broken("handler unused", SERVICE, "<Handler>СобытияPOST", "<Handler>СобытияPUT"),
    Broken("handler_params", SERVICE_CODE, "ПингGET(Запрос)", "ПингGET()"),
    # forms
    Broken("form empty_module", FORM_CODE, "", None),
    Broken("form_sections", FORM, "</AutoCommandBar>", "</AutoCommandBar><Width>10</Width>"),
    Broken("form_ids", FORM, 'name="СтраницаСобытия"', 'name="СтраницаКоманды"'),
    Broken("form_ids", FORM, '<Command name="Готов" id="1">', '<Command name="Готов" id="2">'),
    Broken("form_ids", FORM, '<Attribute name="Стадия" id="2">', '<Attribute name="Стадия" id="3">'),
    Broken("form_order", FORM, "<AutoMaxWidth>false</AutoMaxWidth>", "<Color>red</Color>"),
    Broken("form_order", FORM, "<AutoMaxWidth>false</AutoMaxWidth>",
           "<AutoMaxWidth>false</AutoMaxWidth><Width>9</Width>"),
    Broken("form_order", FORM, "</DataPath>\r\n", "</DataPath><Events/>\r\n"),
    Broken("form_lacks", FORM, '<ContextMenu name="СтадияКонтекстноеМеню" id="23"/>', ""),
    Broken("form_lacks", FORM, "<Item>НажатыеКоманды</Item>", "<Item>СобытияДоставки</Item>"),
    Broken("form_lacks", FORM, "<Type>CommandBarButton</Type>", ""),
    Broken("form_path", FORM, "<DataPath>Стадия</DataPath>", "<DataPath>Цена</DataPath>"),
    Broken("form_path", FORM, "<DataPath>НажатыеКоманды.Когда</DataPath>", "<DataPath>НажатыеКоманды.Зачем</DataPath>"),
    Broken("form_command", FORM, "Form.Command.Готов<", "Form.Command.Готовность<"),
    Broken("form_event", FORM, '<Event name="OnCreateAtServer">', '<Event name="OnCreate">'),
    Broken("handler", FORM, "<Action>Готов</Action>", "<Action>ГотовНажать</Action>"),
    Broken("handler_params", FORM_CODE, "Процедура Готов(Команда)", "Процедура Готов(Команда, Еще)"),
    Broken("handler_params", FORM_CODE, "(Отказ, СтандартнаяОбработка)", "(Отказ)"),
    Broken("form_place", FORM_CODE, "&НаКлиенте\r\nПроцедура Готов", "&НаСервере\r\nПроцедура Готов"),
    Broken("directive", FORM_CODE, "&НаСервере\r\nПроцедура ОбновитьНаСервере", "Процедура ОбновитьНаСервере"),
    # rights and reach
    Broken("rights", RIGHTS, "InformationRegister.кд_Карантин", "InformationRegister.кд_Склад"),
    Broken("rights", RIGHTS, "<name>Update</name>", "<name>Rewrite</name>"),
    Broken("rights", RIGHTS, "URLTemplate.События.Method.POST", "URLTemplate.События.Method.PUT"),
    Broken("rights", MANAGER, "InformationRegister.кд_Команды", "InformationRegister.кд_Секреты"),
    Broken("reachable", SUBSYSTEM, "CommonForm.кд_Настройки<", "CommonForm.кд_ДоставкаЗаказа<"),
    Broken("reachable", SUBSYSTEM, "CommonModule.кд_Кнопки<", "CommonModule.кд_Кнопка<"),
    Broken("reachable", ADMINISTRATOR, "CommonForm.кд_Настройки", "CommonForm.кд_ДоставкаЗаказа"),
    # the text of modules
    Broken("parse", BUTTONS_CODE, "Если ПустаяСтрока(Отказ)", "Если Если ПустаяСтрока(Отказ)"),
    Broken("balance parse own_call", BUTTONS_CODE, "Функция Доставка(Заказ)", "Процедура Доставка(Заказ)"),
    Broken("balance parse own_call", BUTTONS_CODE, "КонецФункции\r\n", ""),
    Broken("regions parse", BUTTONS_CODE, "#КонецОбласти", ""),
    Broken("region_order", BUTTONS_CODE, "#Область СлужебныеПроцедурыИФункции", "#Область Прочее"),
    Broken("region_order", FORM_CODE, "#Область ОбработчикиКомандФормы", "#Область ОбработчикиСобытийФормыЕще"),
    Broken("line_length", BUTTONS_CODE, "// Кнопки для форм", f"// {'очень ' * 30}Кнопки для форм"),
    Broken("tabs", BUTTONS_CODE, "\tРезультат = Новый Массив;", "    Результат = Новый Массив;"),
    Broken("yo parse", BUTTONS_CODE, PRIVATE, code("Ещё = 1;")),
    Broken("name_length", BUTTONS_CODE, PRIVATE, code(f"{'Сумма' * 17} = 1;")),
    Broken("reserved unused", BUTTONS_CODE, PRIVATE, f"{PRIVATE}\r\nПроцедура Продолжить()\r\nКонецПроцедуры\r\n"),
    Broken("shadow", BUTTONS_CODE, PRIVATE, code("Документы = 1;")),
    Broken("shadow", BUTTONS_CODE, PRIVATE, code("Для Каждого Задачи Из Новый Массив Цикл", "А = 1;", "КонецЦикла;")),
    Broken("comment", BUTTONS_CODE, "//  Виды - Строка - виды на стороне", "//  на стороне"),
    Broken("comment", BUTTONS_CODE, "// Возвращаемое значение:\r\n//  Строка - идент", "//  Строка - идент"),
    Broken("intercept", INTERCEPT_CODE, "Процедура кд_ПриОпределенииВидов", "Процедура ПриОпределенииВидов"),
    Broken("intercept unused", INTERCEPT_CODE, '&После("ПриОпределенииВидовПодключаемыхКоманд")\r\n', ""),
    # standards
    Broken("silent_catch", BUTTONS_CODE, PRIVATE, code("Попытка", "А = 1;", "Исключение", "А = 2;", "КонецПопытки;")),
    Broken("banned_call", BUTTONS_CODE, PRIVATE, code("А = ТекущаяДата();")),
    Broken("banned_call", BUTTONS_CODE, PRIVATE, code('Сообщить("привет");')),
    Broken("execute", BUTTONS_CODE, PRIVATE, code('Выполнить("А = 1;");')),
    Broken("execute", BUTTONS_CODE, PRIVATE, code('А = Вычислить("1 + 1");')),
    Broken("query_in_loop", BUTTONS_CODE, PRIVATE,
           code("Запрос = Новый Запрос;", "Пока Истина Цикл", "\tА = Запрос.Выполнить();", "КонецЦикла;")),
    Broken("query_in_loop", BUTTONS_CODE, PRIVATE,
           code("Для Каждого А Из Новый Массив Цикл", "\tБ = Запрос.Выполнить().Выбрать();", "КонецЦикла;")),
    Broken("timeout", BUTTONS_CODE, PRIVATE, code('А = Новый HTTPСоединение("а", 80);')),
    Broken("timeout", BUTTONS_CODE, PRIVATE, code('А = Новый HTTPСоединение("а", 80, , , , , Истина);')),
    Broken("transaction", BUTTONS_CODE, PRIVATE, code("НачатьТранзакцию();", "А = 1;", "ЗафиксироватьТранзакцию();")),
    Broken("transaction", BUTTONS_CODE, PRIVATE,
           code("НачатьТранзакцию();", "Попытка", "\tЗафиксироватьТранзакцию();", "Исключение", "\tА = 1;",
                "\tОтменитьТранзакцию();", "\tВызватьИсключение;", "КонецПопытки;")),
    Broken("transaction", BUTTONS_CODE, PRIVATE,
           code("НачатьТранзакцию();", "Попытка", "\tА = 1;", "Исключение", "\tОтменитьТранзакцию();",
                "\tВызватьИсключение;", "КонецПопытки;")),
    Broken(
        "transaction",
        BUTTONS_CODE,
        PRIVATE,
        code(
            "НачатьТранзакцию();",
            "Попытка",
            'А = кд_Транспорт.Запросить("GET", "/", Неопределено, "", 5);',
            "ЗафиксироватьТранзакцию();",
            "Исключение",
            "ОтменитьТранзакцию();",
            "ВызватьИсключение;",
            "КонецПопытки;",
        ),
    ),
    Broken("texts", BUTTONS_CODE, "'Готов'; en = 'Ready'", "'Готов'"),
    Broken("newer_language", BUTTONS_CODE, "Процедура ДобавитьТип", "Асинх Процедура ДобавитьТип"),
    Broken("query", BUTTONS_CODE, "|ИЗ\r\n", "|ИЗ ИЗ\r\n"),
    Broken("metadata_name", BUTTONS_CODE, "РегистрСведений.кд_Доставки", "РегистрСведений.кд_Доставка"),
    Broken("metadata_name", CLIENT_CODE, "ОбщаяФорма.кд_ДоставкаЗаказа", "ОбщаяФорма.кд_Доставка"),
    Broken("own_call", PANEL_CODE, "кд_Кнопки.ИдентификаторДокумента(", "кд_Кнопки.КодДокумента("),
    Broken("own_call", PANEL_CODE, "кд_Кнопки.ИдентификаторДокумента(", "кд_Кнопки.ИдентификаторДокумента(1, "),
    Broken("own_call", PANEL_CODE, "кд_Кнопки.ИдентификаторДокумента(", "кд_Кнопки.Отказ("),
    Broken("own_call", BUTTONS_CODE, "ДобавитьТип(Имена, КлючИЗначение.Ключ)", "ДобавитьТип(Имена)"),
    Broken("client_call", SETTINGS_CODE, "\tОбновитьНаСервере();", "\tОбновитьНаСервере();\r\n\tкд_Кнопки.Кнопки();"),
    Broken("unused", BUTTONS_CODE, PRIVATE, PRIVATE + "\r\nПроцедура Проба()\r\nКонецПроцедуры\r\n"),
    Broken("empty_module own_call", BUTTONS_CODE, "", "// пусто\r\n"),
]  # fmt: skip


@pytest.fixture(scope="module")
def extension() -> Dump:
    return Dump.read(EXTENSION)


@pytest.fixture(scope="module")
def before(extension: Dump) -> Counter[tuple[str, str]]:
    return counted(check(extension))


def counted(findings: list[Finding]) -> Counter[tuple[str, str]]:
    """Without the texts: these name lines, and lines move."""
    return Counter((finding.code, finding.path) for finding in findings)


def broken_copy(dump: Dump, how: Broken) -> Dump:
    if how.new is None:
        return dump.changed(how.path, None)
    if not how.old:
        return dump.changed(how.path, f"\ufeff{how.new}".encode())
    text = dump.bodies[how.path].decode()
    assert how.old in text, "the sample to break is not there any more"
    return dump.changed(how.path, text.replace(how.old, how.new, 1).encode())


def test_the_extension_has_no_finding() -> None:
    assert validate(EXTENSION) == []


@pytest.mark.parametrize("how", BROKEN, ids=lambda how: f"{how.codes.replace(' ', '-')}")
def test_a_broken_copy_is_rejected_for_just_that(
    how: Broken, extension: Dump, before: Counter[tuple[str, str]]
) -> None:
    found = counted(check(broken_copy(extension, how))) - before
    assert {code for code, _ in found} == set(how.codes.split())


def test_a_badly_formatted_module_is_rejected(tmp_path: Path, extension: Dump) -> None:
    module = tmp_path / "CommonModules" / "кд_Кнопки" / "Ext" / "Module.bsl"
    module.parent.mkdir(parents=True)
    module.write_bytes(extension.bodies[BUTTONS_CODE].replace("Результат = Новый".encode(), "Результат=Новый".encode()))
    assert {finding.code for finding in modules.formatting(Dump.read(tmp_path))} == {"format"}


def test_every_code_has_a_broken_sample() -> None:
    """A check without a sample could be one that never says anything."""
    folder = Path(__file__).parent / "validator"
    text = "".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    codes = {part.split('"')[1] for part in text.split("Finding(")[1:] if part.startswith('"')}
    assert codes - {how.codes.split()[0] for how in BROKEN} == {"format"}
