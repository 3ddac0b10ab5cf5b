#!/usr/bin/env python3
"""Делает из onec/extension копию, которую примет платформа этой базы, и читает журнал Конфигуратора.

    prepare.py copy ОТКУДА КУДА --platform 8.3.18.1334 [--mode Version8_3_14] [--base-dump ПАПКА]
                                [--without buttons,jobs]
    prepare.py read-log ЖУРНАЛ

Нужен Python 3.8, больше ничего. В Windows то же самое делает install.ps1; formats.tsv и advice.tsv общие.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
OWN_FORMAT = "2.13"
OLDEST = (8, 3, 10)
# Own scheduled jobs: forbidden in the notes of 8.3.15, no longer in those of 8.3.23. Below 8.3.16 we do without them.
JOBS_SINCE = (8, 3, 16)
# What a form is for was called PersonalComputer in the dumps of 8.3.10 and 8.3.11.
PURPOSE_SINCE = (8, 3, 12)
# Dumps of 8.3.15 have six contained objects, those of 8.3.17 this one too; of 8.3.16 none was found.
SEVENTH_SINCE = (8, 3, 17)
NEW_CLASS = "fb282519-d103-4dd3-bc12-cb271d631dfc"
# With compatibility mode 8.3.13 and below an extension may not change these properties of the root.
INHERITED = (
    "DefaultRunMode UsePurposes ScriptVariant DefaultRoles Vendor Version DefaultLanguage BriefInformation"
    " DetailedInformation Copyright VendorInformationAddress ConfigurationInformationAddress"
)
OWN_ROOT_SINCE = (8, 3, 14)
BUTTONS = "ПодключаемыеКомандыПереопределяемый"


class CannotPrepareError(Exception):
    """The text is for a person."""


def version_of(text: str | None) -> tuple[int, ...] | None:
    """«8.3.24.1691», «Version8_3_14» -> (8, 3, 24). DontUse -> None."""
    found = re.search(r"(\d+)[._](\d+)[._](\d+)", text or "")
    return tuple(int(part) for part in found.groups()) if found else None


def format_for(platform: tuple[int, ...]) -> str:
    """The format of files that the platform reads: its own, but not newer than ours."""
    if platform < OLDEST:
        told = ".".join(map(str, platform))
        raise CannotPrepareError(f"Платформа {told} старше 8.3.10: расширение в нее не загрузить.")
    return [number for since, number in table("formats.tsv") if platform >= since][-1]


def table(name: str) -> list[tuple[tuple[int, ...], str]]:
    """The rows of a table beside this file: since which platform, and what."""
    rows = (line.split("\t") for line in (HERE / name).read_text("utf-8").splitlines()[1:])
    return [(version_of(since) or (), what) for since, what in rows]


def base_facts(dump: Path | None) -> dict[str, str]:
    """What a dump of the configuration tells: its compatibility mode, the ids of what the extension adopts."""
    facts: dict[str, str] = {}
    if dump is None:
        return facts
    for name, path in (("Русский", "Languages/Русский.xml"), (BUTTONS, f"CommonModules/{BUTTONS}.xml")):
        found = re.search(r'uuid="([0-9a-f-]{36})"', _text(dump / path))
        if found:
            facts[name] = found[1]
    found = re.search(r"<CompatibilityMode>(\w+)<", _text(dump / "Configuration.xml"))
    if found:
        facts["mode"] = found[1]
    return facts


def _text(path: Path) -> str:
    return path.read_text("utf-8-sig") if path.exists() else ""


class Copy:
    """A copy of the extension. Changes texts of files; all other bytes stay."""

    def __init__(self, source: Path, target: Path) -> None:
        if (target / "Configuration.xml").exists():
            shutil.rmtree(target)
        shutil.copytree(source, target, dirs_exist_ok=True)
        self.root = target
        self.notes: list[str] = []

    def edit(self, path: Path | str, pattern: str, new: str) -> None:
        file = self.root / path
        before = file.read_bytes().decode("utf-8")
        file.write_bytes(re.sub(pattern, new, before, flags=re.S).encode("utf-8"))

    def edit_all(self, pattern: str, new: str) -> None:
        for file in sorted(self.root.rglob("*.xml")):
            self.edit(file, pattern, new)

    def set_format(self, number: str) -> None:
        roots = r'(<(?:MetaDataObject|Form|Rights|JobSchedule)\b[^>]*\bversion=")[^"]*'
        self.edit_all(roots, rf"\g<1>{number}")
        self.notes.append(f"формат файлов {number}")

    @property
    def mode(self) -> str:
        found = re.search(r"<ConfigurationExtensionCompatibilityMode>(\w+)<", _text(self.root / "Configuration.xml"))
        return found[1] if found else ""

    def set_mode(self, mode: str) -> None:
        name = "ConfigurationExtensionCompatibilityMode"
        self.edit("Configuration.xml", rf"(<{name}>)\w+", rf"\g<1>{mode}")
        self.notes.append(f"режим совместимости {mode}")

    def drop_unknown(self, platform: tuple[int, ...]) -> None:
        """Take away what came after this platform: simple or empty elements, a kind of contained object."""
        newer = [tag for since, tag in table("newer.tsv") if platform < since]
        for tag in newer:
            self.edit_all(rf"\s*<(?:xr:)?{tag}(?:/>|>[^<]*</(?:xr:)?{tag}>)", "")
        if platform < PURPOSE_SINCE:
            self.edit_all(r"\bPlatformApplication\b", "PersonalComputer")
        if platform < SEVENTH_SINCE:
            contained = rf"\s*<xr:ContainedObject>\s*<xr:ClassId>{NEW_CLASS}</xr:ClassId>.*?</xr:ContainedObject>"
            self.edit("Configuration.xml", contained, "")
            self.notes.append("убрано то, чего платформа не знает")

    def drop_inherited(self) -> None:
        for name in INHERITED.split():
            self.edit("Configuration.xml", rf"\r\n\t\t\t<{name}(?:/>|>.*?</{name}>)", "")
        self.notes.append("убраны свойства, которые старый режим совместимости менять не дает")

    def drop_object(self, kind: str, folder: str, name: str) -> None:
        """Take an object away: its files, its line in the contents of the extension and of the subsystem."""
        (self.root / folder / f"{name}.xml").unlink()
        shutil.rmtree(self.root / folder / name, ignore_errors=True)
        self.edit("Configuration.xml", rf"\r\n\t\t\t<{kind}>{name}</{kind}>", "")
        for file in sorted((self.root / "Subsystems").glob("*.xml")):
            self.edit(file, rf"\s*<xr:Item[^>]*>{kind}\.{name}</xr:Item>", "")

    def drop_buttons(self) -> None:
        self.drop_object("CommonModule", "CommonModules", BUTTONS)
        self.notes.append("кнопок в формах не будет: в конфигурации нет «Подключаемых команд» БСП")

    def drop_jobs(self) -> None:
        for file in sorted((self.root / "ScheduledJobs").glob("*.xml")):
            self.drop_object("ScheduledJob", "ScheduledJobs", file.stem)
        self.notes.append("своих регламентных заданий не будет: обмен запускает дополнительная обработка")

    def adopt(self, path: str, uuid: str) -> None:
        """Write into an adopted object the id of what it extends."""
        tag = "ExtendedConfigurationObject"
        self.edit(path, rf"\s*<{tag}>[^<]*</{tag}>", "")
        self.edit(path, r"(\r\n\t+<)(ObjectBelonging>\w+</ObjectBelonging>)", rf"\1\2\1{tag}>{uuid}</{tag}>")


def prepare(
    source: Path,
    target: Path,
    platform: str,
    mode: str | None = None,
    base_dump: Path | None = None,
    without: Iterable[str] = (),
) -> list[str]:
    """Copy the extension to `target` and change the copy. Returns what was done, for a person.

    platform: «8.3.24.1691». mode: of the configuration, «Version8_3_14». without: `buttons`, `jobs`.
    Raises CannotPrepareError for a platform that cannot be served.
    """
    version = version_of(platform)
    if version is None:
        raise CannotPrepareError(f"Не понять версию платформы «{platform}»: нужна вида 8.3.24.1691.")
    number = format_for(version)
    facts, copy = base_facts(base_dump), Copy(source, target)
    if number != OWN_FORMAT:
        copy.set_format(number)
    if not (source / "Configuration.xml").exists():
        return copy.notes  # the additional processing: there is nothing else in it to change
    mode = mode or facts.get("mode")
    if mode:
        copy.set_mode(mode)
    # Without a compatibility mode (DontUse) the rules are those of the platform itself.
    rules = min(version, version_of(copy.mode) or version)
    if rules < OWN_ROOT_SINCE:
        copy.drop_inherited()
    if "jobs" in without or rules < JOBS_SINCE:
        copy.drop_jobs()
    if "buttons" in without or (base_dump is not None and BUTTONS not in facts):
        copy.drop_buttons()
    elif BUTTONS in facts:
        copy.adopt(f"CommonModules/{BUTTONS}.xml", facts[BUTTONS])
    if "Русский" in facts:
        copy.adopt("Languages/Русский.xml", facts["Русский"])
    copy.drop_unknown(version)
    return copy.notes


def read_log(path: Path) -> str:
    """The Configurator's log: UTF-8 or windows-1251, by the platform."""
    body = path.read_bytes() if path.exists() else b""
    try:
        return body.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return body.decode("cp1251", errors="replace").strip()


def judge(log: str) -> tuple[bool, list[str]]:
    """Whether the log tells of an error, and what to do. The exit code may be 0 after an error too."""
    rows = [line.split("\t") for line in (HERE / "advice.tsv").read_text("utf-8").splitlines()[1:]]
    met = [advice for pattern, advice in rows if re.search(pattern, log, re.I)]
    return bool(met), [advice for advice in met if advice != "-"]


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    jobs = parser.add_subparsers(dest="job", required=True)
    one = jobs.add_parser("copy")
    one.add_argument("source", type=Path)
    one.add_argument("target", type=Path)
    one.add_argument("--platform", required=True)
    one.add_argument("--mode")
    one.add_argument("--base-dump", type=Path)
    one.add_argument("--without", default="", help="buttons, jobs через запятую")
    jobs.add_parser("read-log").add_argument("log", type=Path)
    given = parser.parse_args(argv)
    return _copy(given) if given.job == "copy" else _read_log(given.log)


def _copy(given: argparse.Namespace) -> int:
    without = given.without.split(",")
    try:
        notes = prepare(given.source, given.target, given.platform, given.mode, given.base_dump, without)
    except CannotPrepareError as error:
        print(error, file=sys.stderr)
        return 2
    print("Копия расширения: " + ("; ".join(notes) or "без изменений"))
    return 0


def _read_log(path: Path) -> int:
    log = read_log(path)
    failed, advice = judge(log)
    print("\n".join([log, *advice]).strip())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
