"""The external processing as it is delivered: text, form, hash; and the storage of those who add a register."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.bsl.__main__ import platform_modules, problems_of
from tests.bsl.platform.infobase import Infobase
from tests.onec.old_base import EXTERNAL, Processing
from tests.onec.old_stage import event, fill, new_base, staged

MODULES = ("МодульОбъекта.bsl", "МодульФормы.bsl")
ROUTINE = re.compile(r"^(Процедура|Функция) (\w+)\((.*?)\)( Экспорт)?$", re.MULTILINE)


def text_of(name: str) -> str:
    return (EXTERNAL / name).read_bytes().decode("utf-8-sig").replace("\r\n", "\n")


def code_of(text: str) -> str:
    """Without comments and strings."""
    return re.sub(r'"(?:[^"]|"")*"|//.*', "", text)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_has_nothing_that_the_platform_8_2_has_not(name: str) -> None:
    assert problems_of(EXTERNAL / name, platform_modules(), "8.2") == []
    code = code_of(text_of(name))
    assert not re.search(r"#Область|#Region|Асинх|СтрШаблон|СтрРазделить|СтрСоединить|ЗаписьJSON|HTTPЗапрос", code)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_written_as_1c_writes_its_files(name: str) -> None:
    raw = (EXTERNAL / name).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == raw.count(b"\n")
    text = text_of(name)
    lines = text.split("\n")
    assert [number for number, line in enumerate(lines, 1) if len(line.expandtabs(4)) > 120] == []
    assert [number for number, line in enumerate(lines, 1) if line != line.rstrip()] == []
    assert not any(line.startswith("    ") for line in lines)
    assert "ё" not in code_of(text).lower()


def test_the_formatter_has_nothing_to_change() -> None:
    tool = Path(sys.executable).with_name("bslfmt")
    done = subprocess.run([tool, "--check", *(EXTERNAL / name for name in MODULES)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_exported_procedures_are_described_and_nothing_catches_silently() -> None:
    text = text_of("МодульОбъекта.bsl")
    lines = text.split("\n")
    for number, line in enumerate(lines):
        found = ROUTINE.match(line)
        if found and found[4]:
            assert lines[number - 1].startswith("//"), line
    assert not re.search(r"Исключение\n\s*КонецПопытки", text)
    assert "Экспорт;" not in code_of(text)


def test_every_element_of_the_form_has_its_handler_and_every_handler_its_element() -> None:
    described = set(re.findall(r"`(\w+)`", (EXTERNAL / "ОписаниеФормы.md").read_text(encoding="utf-8")))
    module = text_of("МодульФормы.bsl")
    handlers = {found[2] for found in ROUTINE.finditer(module)}
    wanted = {name for name in described if name.endswith(("Нажатие", "ПриИзменении", "ПриОткрытии", "ПриЗакрытии"))}
    assert wanted <= handlers
    events = {name for name in handlers if name.endswith(("Нажатие", "ПриИзменении", "ПриОткрытии", "ПриЗакрытии"))}
    assert events <= described
    used = set(re.findall(r"ЭлементыФормы\.(\w+)", module))
    assert used <= described
    called = set(re.findall(r"\b(\w+)\(", code_of(module))) & {
        f[2] for f in ROUTINE.finditer(text_of(MODULES[0])) if f[4]
    }
    assert called >= {"Нажать", "ПереместитьРюкзак", "ШагОтправки", "ШагПриема", "ЗарегистрироватьВсе", "Состояние"}


def test_the_instructions_name_what_there_is() -> None:
    told = (EXTERNAL / "README.ru.md").read_text(encoding="utf-8")
    module = text_of("МодульОбъекта.bsl")
    for table in ("state", "msg", "cmd", "evt", "obj", "ver", "ref", "lock"):
        assert f"кд.{table}." in told
        assert f'"{table}"' in module
    places = set(re.findall(r"\|место\.(\w+) = ", module)) - {"transfer_load", "transfer_unload"}
    assert places <= set(re.findall(r"`(\w+)`", told))


# -- SHA-256, which 8.2 has not


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Processing:
    path = tmp_path_factory.mktemp("empty") / "base.sqlite3"
    return Processing(new_base(path))


@pytest.mark.parametrize("text", ["", "abc", "a" * 55, "a" * 56, "a" * 63, "a" * 64, "a" * 119, "a" * 120])
def test_the_hash_is_that_of_the_standard_at_every_edge_of_a_block(empty: Processing, text: str) -> None:
    assert empty.get("ХешSHA256", text) == hashlib.sha256(text.encode()).hexdigest()


@given(st.text(st.characters(min_codepoint=10, max_codepoint=126), max_size=150))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_hash_of_any_lines_is_that_of_the_standard(empty: Processing, text: str) -> None:
    assert empty.get("ХешSHA256", text) == hashlib.sha256(text.encode()).hexdigest()


# -- an own register in place of the catalog

REGISTER = """<?xml version="1.0" encoding="UTF-8"?>
<MetaDataObject xmlns="http://v8.1c.ru/8.3/MDClasses" xmlns:v8="http://v8.1c.ru/8.1/data/core"
 xmlns:xs="http://www.w3.org/2001/XMLSchema"><InformationRegister><Properties><Name>кд_Хранилище</Name></Properties>
<ChildObjects>
<Dimension><Properties><Name>Идентификатор</Name><Type><v8:Type>xs:string</v8:Type><v8:StringQualifiers>
<v8:Length>36</v8:Length></v8:StringQualifiers></Type></Properties></Dimension>
<Resource><Properties><Name>Имя</Name><Type><v8:Type>xs:string</v8:Type><v8:StringQualifiers>
<v8:Length>100</v8:Length></v8:StringQualifiers></Type></Properties></Resource>
<Resource><Properties><Name>Данные</Name><Type><v8:Type>v8:ValueStorage</v8:Type></Type></Properties></Resource>
</ChildObjects></InformationRegister></MetaDataObject>
"""
CONFIGURATION = """<?xml version="1.0" encoding="UTF-8"?>
<MetaDataObject xmlns="http://v8.1c.ru/8.3/MDClasses"><Configuration><Properties><Name>УТ103</Name></Properties>
<ChildObjects><InformationRegister>кд_Хранилище</InformationRegister></ChildObjects></Configuration></MetaDataObject>
"""


@pytest.fixture
def changed(tmp_path: Path) -> Infobase:
    """A base whose configuration got the register."""
    dump = tmp_path / "dump"
    (dump / "InformationRegisters").mkdir(parents=True)
    (dump / "Configuration.xml").write_text(CONFIGURATION, encoding="utf-8")
    (dump / "InformationRegisters" / "кд_Хранилище.xml").write_text(REGISTER, encoding="utf-8")
    path = tmp_path / "base.sqlite3"
    fill(path)
    return new_base(path, dump)


def test_where_the_configuration_has_the_register_the_state_lies_in_it(changed: Infobase) -> None:
    with staged(changed.path, changed, СтрокХешировать=0) as stage:
        stage.app.send()
        ref = stage.refs("order")[0]
        assert stage.app.get("Нажать", "delivery.ready", ref)["Текст"] == "Принято."
        told = event("delivery.departed", {}, 1, order=ref)
        assert stage.take(told)["accepted"] == [told["id"]]
        assert stage.take(told)["accepted"] == [told["id"]]
        assert stage.app.get("Доставка", ref)["Стадия"] == "en_route"
        names = {row["Имя"].split(".")[1] for row in changed.rows("кд_Хранилище")}
        assert names >= {"state", "msg", "cmd", "evt", "obj", "ver"}
        catalog = stage.rows('SELECT name FROM "сп_хранилище" ORDER BY name')
        assert [name for (name,) in catalog] == ["кд.lock..receiver", "кд.lock..sender"]
