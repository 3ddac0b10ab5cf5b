"""python -m tests.bsl: what it says of a dump's modules."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.bsl import __main__ as check
from tests.bsl import lines
from tests.bsl.modules import name_of
from tests.bsl.runtime import Runtime, Session

ROOT = Path(__file__).resolve().parents[2]


def put(root: Path, folder: str, text: str) -> Path:
    """A module of a dump: UTF-8 with BOM and CRLF."""
    path = root / folder / "Ext" / "Module.bsl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    return path


def said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> list[str]:
    """What the command prints of its words."""
    monkeypatch.setattr("sys.argv", ["tests.bsl", *words])
    code = check.main()
    lines = capsys.readouterr().out.splitlines()
    assert code == (1 if lines else 0)
    return lines


def test_each_mistake_is_printed_with_its_file_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, "CommonModules/Свой", "Процедура П()\n\tА = Опечатка;\nКонецПроцедуры\n")
    lines = said(capsys, monkeypatch, str(tmp_path))
    assert lines == [f"{path}:2: Переменная не определена (Опечатка)"]


def test_calls_of_other_modules_are_looked_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(
        tmp_path,
        "CommonModules/Другой",
        "Процедура П(А, Б = 1) Экспорт\nКонецПроцедуры\nПроцедура Р()\nКонецПроцедуры\n",
    )
    calls = "Другой.П(1);\nДругой.Р();\nДругой.П();\nДругой.П(1, 2, 3);\nДругой.Нет();\n"
    put(tmp_path, "CommonModules/Свой", f"Процедура П()\n{calls}КонецПроцедуры\n")
    assert [line.rpartition("Module.bsl:")[2] for line in said(capsys, monkeypatch, str(tmp_path))] == [
        "3: Метод объекта не обнаружен (Другой.Р)",
        "4: Недостаточно фактических параметров (Другой.П)",
        "5: Слишком много фактических параметров (Другой.П)",
        "6: Метод объекта не обнаружен (Другой.Нет)",
    ]


def test_names_of_clients_are_no_mistakes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "CommonModules/Клиент", 'Процедура П()\nПоказатьПредупреждение(, "текст");\nКонецПроцедуры\n')
    assert said(capsys, monkeypatch, str(tmp_path)) == []


FORM = """
Перем Счет;
&НаКлиенте
Процедура Команда(Команда)
	Адрес = Проверить();
	ТаблицаЗначений = 1;
	З = Новый Запрос;
КонецПроцедуры
&НаСервере
Функция Проверить()
	Возврат Опечатка + Элементы.Адрес.Заголовок;
КонецФункции
&НаСервереБезКонтекста
Процедура Без(А)
	А = Адрес;
	Проверить();
КонецПроцедуры
"""


def test_a_form_knows_its_attributes_and_its_sides(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, "CommonForms/Ф/Ext/Form", FORM).parents[1] / "Module.bsl"
    (tmp_path / "CommonForms/Ф/Ext/Form/Ext/Module.bsl").rename(path)
    names = '<Form xmlns="http://v8.1c.ru/8.3/xcf/logform"><Attributes><Attribute name="Адрес"/></Attributes></Form>'
    path.parent.with_suffix(".xml").write_text(names, encoding="utf-8-sig")
    assert [line.rpartition("Module.bsl:")[2] for line in said(capsys, monkeypatch, str(path))] == [
        "11: Переменная не определена (Опечатка)",
        "15: Переменная не определена (Адрес)",
        "16: Вызов процедуры с контекстом формы из процедуры без контекста (Проверить)",
    ]
    path.write_text(FORM.replace("Опечатка + ", "").replace("А = Адрес;", "").replace("\tПроверить();\n", ""))
    assert [line.rpartition("Module.bsl:")[2] for line in said(capsys, monkeypatch, str(path))] == [
        "6: ТаблицаЗначений: есть только на сервере",
        "7: Запрос: есть только на сервере",
    ]


def test_old_platforms_lack_what_came_later(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, "CommonModules/Свой", 'Функция Ф()\nВозврат СтрРазделить("а", ",");\nКонецФункции\n')
    assert said(capsys, monkeypatch, str(path)) == []
    assert len(said(capsys, monkeypatch, "--features", "8.2", str(path))) == 1


def test_lines_that_have_run_are_told_from_those_that_have_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path, "CommonModules/Свой", COUNTED)
    monkeypatch.setenv("BSL_LINES", str(tmp_path / "lines"))
    Session(Runtime((), {"Свой": path})).call("Свой.Ф", True)
    lines.of(str(tmp_path / "lines")).write()
    seen = lines.read(tmp_path / "lines")
    assert list(lines.report(seen, lines.named([str(tmp_path)]))) == [
        " 66% ОбщийМодуль.Свой.Модуль: 6, 9",
        " 66% of 6 lines",
    ]


COUNTED = """Функция Ф(А) Экспорт
	Перем Б;
	Если А Тогда
		Б = 1;
	Иначе
		Б = 2;
	КонецЕсли;
	Если Не А Тогда
		А = 1;
	КонецЕсли;
	Возврат Б;
КонецФункции
"""


def test_modules_are_named_as_1c_names_them() -> None:
    names = {
        "CommonModules/Х/Ext/Module.bsl": "Х",
        "HTTPServices/Х/Ext/Module.bsl": "HTTPСервис.Х.Модуль",
        "CommonForms/Х/Ext/Form/Module.bsl": "ОбщаяФорма.Х.Форма",
        "DataProcessors/Х/Ext/ObjectModule.bsl": "Обработка.Х.МодульОбъекта",
        "DataProcessors/Х/Forms/Ф/Ext/Form/Module.bsl": "Обработка.Х.Форма.Ф.Форма",
    }
    assert {path: name_of(Path(path)) for path in names} == names


@pytest.mark.parametrize("folder", ["extension", "additional", "external"])
def test_our_modules_compile_and_call_what_is_there(folder: str) -> None:
    known, features = check.platform_modules(), "8.2" if folder == "external" else "8.3"
    files = check.files_of([ROOT / "onec" / folder])
    assert files
    assert {path: found for path in files if (found := check.problems_of(path, known, features))} == {}
