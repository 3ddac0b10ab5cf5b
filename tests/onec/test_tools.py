"""The copy of the extension that an older platform takes, the log of the Configurator, and the script for Linux."""

import importlib.util
import os
import subprocess
from pathlib import Path
from types import ModuleType

import pytest
from lxml import etree
from tests.onec.validator import OF_A_MODULE, check, files, objects
from tests.onec.validator.bsl import Module
from tests.onec.validator.dump import MD, XR, Dump

ONEC = Path(__file__).parents[2] / "onec"
EXTENSION, TOOLS = ONEC / "extension", ONEC / "tools"
BUTTONS = "ПодключаемыеКомандыПереопределяемый"
BASE_ID = "1f3c9e52-8d0a-4b6e-9c5d-2a7b8c9d0e1f"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("prepare", TOOLS / "prepare.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


prepare = load()


def listing(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def consistent(dump: Dump) -> bool:
    """All files are XML and belong to objects that are listed, and the other way round."""
    return not dump.broken and not [*files.children(dump), *files.belonging(dump)]


def base_dump(folder: Path, *, buttons: bool = True) -> Path:
    (folder / "Languages").mkdir(parents=True)
    (folder / "CommonModules").mkdir()
    (folder / "Configuration.xml").write_text(
        "<a><CompatibilityMode>Version8_3_21</CompatibilityMode></a>", "utf-8-sig"
    )
    (folder / "Languages" / "Русский.xml").write_text(f'<Language uuid="{BASE_ID}">', "utf-8-sig")
    if buttons:
        (folder / "CommonModules" / f"{BUTTONS}.xml").write_text(f'<CommonModule uuid="{BASE_ID}">', "utf-8-sig")
    return folder


def test_a_platform_of_our_format_gets_the_very_bytes(tmp_path: Path) -> None:
    assert prepare.prepare(EXTENSION, tmp_path / "copy", "8.3.27.1508") == []
    assert listing(tmp_path / "copy") == listing(EXTENSION)


@pytest.mark.parametrize(
    ("platform", "number"),
    [
        ("8.3.20.1549", "2.13"),
        ("8.3.19.1467", "2.12"),
        ("8.3.16.1063", "2.9.1"),
        ("8.3.14.1694", "2.8"),
        ("8.3.13.1513", "2.7"),
        ("8.3.12.1412", "2.6"),
        ("8.3.11.2867", "2.4"),
        ("8.3.10.2168", "2.4"),
        ("8.5.1.1", "2.13"),
    ],
)
def test_all_files_get_the_format_of_the_platform(platform: str, number: str, tmp_path: Path) -> None:
    prepare.prepare(EXTENSION, tmp_path / "copy", platform)
    dump = Dump.read(tmp_path / "copy")
    assert {tree.get("version") for tree in dump.trees.values()} == {number}
    assert consistent(dump)
    assert [finding for file in dump.files.values() for finding in files.newer_tags(file)] == []
    assert "contained" not in {finding.code for finding in files.configuration(dump)}


def test_what_a_platform_does_not_know_is_gone_and_nothing_more(tmp_path: Path) -> None:
    """By the dumps of these platforms: 8.3.14 maps by names only, 8.3.15 by ids, 8.3.17 has a seventh object."""
    for platform, contained, mapped in (("8.3.14.1694", 6, 0), ("8.3.15.1830", 6, 1), ("8.3.17.1851", 7, 1)):
        prepare.prepare(EXTENSION, tmp_path / platform, platform)
        dump = Dump.read(tmp_path / platform)
        root = dump.bodies["Configuration.xml"].decode()
        adopted = dump.bodies[f"CommonModules/{BUTTONS}.xml"].decode()
        assert root.count("<xr:ContainedObject>") == contained
        assert "<Vendor>" in root
        assert adopted.count("<ServerCall>") == 1
        for tag in ("<InternalInfo/>", "</ExtendedConfigurationObject>"):
            assert adopted.count(tag) == mapped
        assert root.count("</KeepMapping") == mapped
        register = dump.bodies["InformationRegisters/кд_Изменения.xml"].decode()
        assert register.count("<ExecuteAfterWriteDataHistoryVersionProcessing>") == mapped
        assert "<xr:DataHistory>" in register


def test_the_oldest_platforms_call_the_purpose_of_a_form_otherwise(tmp_path: Path) -> None:
    for platform, purpose in (("8.3.11.2867", "PersonalComputer"), ("8.3.12.1412", "PlatformApplication")):
        prepare.prepare(EXTENSION, tmp_path / platform, platform)
        form = Dump.read(tmp_path / platform).bodies["CommonForms/кд_Настройки.xml"].decode()
        assert f'ApplicationUsePurpose">{purpose}<' in form


def test_a_platform_before_8_3_14_gets_nothing_it_does_not_know(tmp_path: Path) -> None:
    prepare.prepare(EXTENSION, tmp_path / "copy", "8.3.13.1513", "Version8_3_12")
    dump = Dump.read(tmp_path / "copy")
    root = dump.bodies["Configuration.xml"].decode()
    assert "KeepMapping" not in root
    assert "fb282519-d103-4dd3-bc12-cb271d631dfc" not in root
    assert "<Vendor>" not in root
    assert "Version8_3_12" in root
    assert not list(dump.of("ScheduledJob"))
    assert consistent(dump)
    assert b"<xr:GeneratedType" in dump.bodies["InformationRegisters/кд_Изменения.xml"]


def test_a_copy_may_be_made_again_and_into_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    for without in (["jobs"], []):
        prepare.prepare(EXTENSION, tmp_path / "copy", "8.3.24.1", without=without)
    assert listing(tmp_path / "copy") == listing(EXTENSION)


def test_too_old_and_unreadable_platforms_are_refused(tmp_path: Path) -> None:
    with pytest.raises(prepare.CannotPrepareError, match=r"старше 8\.3\.10"):
        prepare.prepare(EXTENSION, tmp_path / "copy", "8.3.9.2170")
    with pytest.raises(prepare.CannotPrepareError, match="Не понять"):
        prepare.prepare(EXTENSION, tmp_path / "copy", "latest")


def test_without_buttons_and_jobs_nothing_of_them_is_left(tmp_path: Path) -> None:
    prepare.prepare(EXTENSION, tmp_path / "copy", "8.3.18.1334", without=["buttons", "jobs"])
    dump = Dump.read(tmp_path / "copy")
    assert check(dump) == []
    assert ("CommonModule", BUTTONS) not in dump.objects
    assert b"ScheduledJob." not in dump.bodies["Subsystems/кд_Доставка.xml"]


def test_jobs_stay_unless_the_mode_is_older_than_8_3_16(tmp_path: Path) -> None:
    for mode, kept in (("Version8_3_15", 0), ("Version8_3_16", 2), ("DontUse", 2)):
        prepare.prepare(EXTENSION, tmp_path / mode, "8.3.24.1", mode)
        assert len(list(Dump.read(tmp_path / mode).of("ScheduledJob"))) == kept


def test_ids_and_mode_are_taken_from_a_dump_of_the_base(tmp_path: Path) -> None:
    prepare.prepare(EXTENSION, tmp_path / "copy", "8.3.24.1", base_dump=base_dump(tmp_path / "base"))
    dump = Dump.read(tmp_path / "copy")
    for kind, name in (("CommonModule", BUTTONS), ("Language", "Русский")):
        item = dump.objects[kind, name]
        assert item.text("ExtendedConfigurationObject") == BASE_ID
        assert "properties" not in {finding.code for finding in objects.properties(dump.files[item.path])}
        assert len(item.properties.findall(f"{MD}ExtendedConfigurationObject")) == 1
    assert "Version8_3_21" in dump.bodies["Configuration.xml"].decode()


def test_a_base_without_the_subsystem_of_buttons_gets_none(tmp_path: Path) -> None:
    prepare.prepare(EXTENSION, tmp_path / "copy", "8.3.24.1", base_dump=base_dump(tmp_path / "base", buttons=False))
    assert ("CommonModule", BUTTONS) not in Dump.read(tmp_path / "copy").objects


@pytest.mark.parametrize(
    ("log", "advice"),
    [
        ("Расширение имеет больший режим совместимости, чем конфигурация", "--mode"),
        ("Не найден объект ОбщийМодуль.ПодключаемыеКомандыПереопределяемый", "--without buttons"),
        ("Объект РегламентноеЗадание.кд_Отправка: создание регламентного задания не поддерживается", "--without jobs"),
        ("Ошибка установки монопольного режима: активные сеансы", "Закройте сеансы"),
        ("Идентификация пользователя не выполнена", "имя и пароль"),
        ("Configuration.xml: Неверная версия формата", "новее платформы"),
    ],
)
def test_a_log_with_an_error_says_what_to_do(log: str, advice: str) -> None:
    failed, told = prepare.judge(log)
    assert failed
    assert any(advice in text for text in told)


@pytest.mark.parametrize(
    "log", ["", "Обновление конфигурации успешно завершено", "Ошибок не обнаружено", "No errors found"]
)
def test_a_good_log_is_no_error(log: str) -> None:
    assert prepare.judge(log) == (False, [])


def test_logs_of_older_platforms_are_windows_1251(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes("Не удалось загрузить".encode("cp1251"))
    assert prepare.read_log(tmp_path / "log") == "Не удалось загрузить"
    assert prepare.read_log(tmp_path / "none") == ""


def platform_with(folder: Path, code: int = 0) -> Path:
    """A platform whose Configurator writes its arguments to `calls`, a log, and ends with a code."""
    folder = folder / "8.3.24.1691"
    folder.mkdir(parents=True)
    for name in ("1cv8", "ibcmd"):
        tool = folder / name
        tool.write_text(
            "#!/bin/sh\n"
            f'printf "%s\\n" "{name} $*" >>"{folder}/calls"\n'
            'while [ $# -gt 0 ]; do [ "$1" = /Out ] && printf "%s" "$FAKE_LOG" >"$2"; shift; done\n'
            f"exit {code}\n"
        )
        tool.chmod(0o755)
    return folder


def install(folder: Path, *arguments: str, log: str = "") -> subprocess.CompletedProcess[str]:
    command = [str(TOOLS / "install.sh"), *arguments[:1], "--platform", str(folder), *arguments[1:]]
    environment = os.environ | {"FAKE_LOG": log, "ONEC_PASSWORD": "secret"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def calls(folder: Path) -> list[str]:
    path = folder / "calls"
    return path.read_text("utf-8").splitlines() if path.exists() else []


def test_install_loads_applies_and_checks(tmp_path: Path) -> None:
    platform = platform_with(tmp_path)
    done = install(platform, "install", "--base", "srv\\ut", "--user", "Админ")
    assert done.returncode == 0, done.stderr
    steps = ["/LoadConfigFromFiles", "/UpdateDBCfg", "/CheckCanApplyConfigurationExtensions"]
    assert [next(step for step in steps if step in call) for call in calls(platform)] == steps
    assert all("DESIGNER /S srv\\ut" in call and "/N Админ /P secret" in call for call in calls(platform))
    assert "Безопасный режим" in done.stdout


def test_an_error_in_the_log_stops_it_though_the_code_is_0(tmp_path: Path) -> None:
    platform = platform_with(tmp_path)
    done = install(platform, "install", "--base", "/bases/ut", log="Ошибка формата потока")
    assert done.returncode != 0
    assert len(calls(platform)) == 1
    assert "DESIGNER /F /bases/ut" in calls(platform)[0]


def test_a_bad_code_stops_it_though_the_log_is_empty(tmp_path: Path) -> None:
    assert install(platform_with(tmp_path, code=1), "update", "--base", "/bases/ut").returncode != 0


def test_the_additional_processing_is_built_in_the_format_of_the_platform(tmp_path: Path) -> None:
    platform = platform_with(tmp_path)
    assert install(platform, "epf", "--base", "/bases/ut", "--epf", "/tmp/exchange.epf").returncode == 0
    assert "/LoadExternalDataProcessorOrReportFromFiles" in calls(platform)[0]
    prepare.prepare(ONEC / "additional", tmp_path / "copy", "8.3.15.1830")
    dump = Dump.read(tmp_path / "copy")
    assert {tree.get("version") for tree in dump.trees.values()} == {"2.9"}
    assert (
        dump.trees["ДоставкаОбмен.xml"].findtext(f"{MD}ExternalDataProcessor/{MD}Properties/{MD}Name")
        == "ДоставкаОбмен"
    )


def test_the_additional_processing_is_described_as_real_ones_are() -> None:
    """As all 223 external processings of public dumps, whatever their version."""
    dump = Dump.read(ONEC / "additional")
    item = dump.trees["ДоставкаОбмен.xml"].find(f"{MD}ExternalDataProcessor")
    assert [etree.QName(one).localname for one in item] == ["InternalInfo", "Properties", "ChildObjects"]
    told = [etree.QName(one).localname for one in item.find(f"{MD}Properties")]
    assert told == ["Name", "Synonym", "Comment", "DefaultForm", "AuxiliaryForm"]
    contained, generated = item.find(f"{MD}InternalInfo")
    assert contained.findtext(f"{XR}ClassId") == "c3831ec8-d8d5-4f93-8a22-f9bfae07327f"
    assert (generated.get("name"), generated.get("category")) == ("ExternalDataProcessorObject.ДоставкаОбмен", "Object")
    assert [*files.heads(dump.files["ДоставкаОбмен.xml"]), *objects.uuids(dump)] == []
    assert "ДоставкаОбмен.xml" not in {finding.path for finding in files.encoding(dump)}


def test_the_additional_processing_calls_what_the_extension_has() -> None:
    extension = Dump.read(EXTENSION)
    module = Module("ДоставкаОбмен/Ext/ObjectModule.bsl", (ONEC / "additional" / "МодульОбъекта.bsl").read_bytes())
    assert [finding for one in OF_A_MODULE for finding in module.findings(one)] == []
    called = [call for call in module.calls() if call.before.startswith("кд_")]
    assert {(call.before, call.name) for call in called} == {
        (name, "ВыполнитьЗадание") for name in ("кд_Отправка", "кд_Прием")
    }
    for call in called:
        found = extension.module("CommonModule", call.before)
        assert found is not None
        method = found.method(call.name)
        assert method is not None
        assert method.export
        assert method.takes(call.count)


def test_remove_wants_a_yes(tmp_path: Path) -> None:
    platform = platform_with(tmp_path)
    assert install(platform, "remove", "--base", "/bases/ut").returncode != 0
    assert not calls(platform)
    assert install(platform, "remove", "--base", "/bases/ut", "--yes").returncode == 0
    assert "/ManageCfgExtensions -delete -Extension ПосредникДоставка" in calls(platform)[0]


def test_ibcmd_loads_applies_and_takes_the_safe_mode_off(tmp_path: Path) -> None:
    platform = platform_with(tmp_path)
    done = install(platform, "install", "--ibcmd", "--", "--db-path=/bases/ut")
    assert done.returncode == 0, done.stderr
    words = ["extension create", "infobase config import", "infobase config apply", "extension update"]
    assert [word in call and "--db-path=/bases/ut" in call for word, call in zip(words, calls(platform), strict=True)]
    assert "--safe-mode=no" in calls(platform)[-1]


def test_the_script_for_windows_has_the_same_rules() -> None:
    """It cannot be run here; what it must share with prepare.py is looked up in its text."""
    body = (TOOLS / "install.ps1").read_bytes()
    text = body.decode("utf-8-sig")
    assert body.startswith(b"\xef\xbb\xbf"), "Windows PowerShell reads a file without the mark as windows-1251"
    assert "\n" not in text.replace("\r\n", "")
    for name in prepare.INHERITED.split():
        assert f"'{name}'" in text
    since = (prepare.OLDEST, prepare.PURPOSE_SINCE, prepare.OWN_ROOT_SINCE, prepare.JOBS_SINCE, prepare.SEVENTH_SINCE)
    for version in since:
        assert f"[System.Version]'{'.'.join(map(str, version))}'" in text
    for word in (
        "formats.tsv",
        "newer.tsv",
        "advice.tsv",
        prepare.NEW_CLASS,
        prepare.BUTTONS,
        f"$OwnFormat = '{prepare.OWN_FORMAT}'",
    ):
        assert word in text
