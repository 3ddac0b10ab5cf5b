"""docs/acceptance.md names every mark of the exchange with 1C, and every test that it names is there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "acceptance.md").read_text(encoding="utf-8")
NUMBERS = (*range(1, 7), *range(10, 17), *range(20, 30), *range(30, 35), *range(40, 44))
MARKS = {*(f"E-{number:02d}" for number in NUMBERS), *(f"D-{number}" for number in range(1, 11))}
SCENARIOS = "tests/chaos/test_onec_scenarios.py"
EXTENSION = "tests/chaos/test_extension_scenarios.py"  # plays the same functions


def rows() -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("|")]


def written_in(file: str) -> set[str]:
    return set(re.findall(r"^(?:async )?def (test_\w+)", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE))


def named(text: str, like: str) -> list[str]:
    return re.findall(rf"`({like})`", text)


def test_every_mark_has_one_row() -> None:
    marks = [row[0] for row in rows() if re.fullmatch(r"[ED]-\d+", row[0])]
    assert sorted(marks) == sorted(MARKS)


def test_every_scenario_has_its_test() -> None:
    told = {row[0]: named(row[2], r"test_\w+") for row in rows() if row[0].isdecimal()}
    assert list(told) == [str(number) for number in range(1, 11)]
    names = [name for names in told.values() for name in names]
    assert [name for name in names if name not in written_in(SCENARIOS) | written_in(EXTENSION)] == []


def test_every_scenario_is_played_with_the_extension_too() -> None:
    played = set(re.findall(r"^    (test_\w+),$", (ROOT / EXTENSION).read_text(encoding="utf-8"), re.MULTILINE))
    assert played == written_in(SCENARIOS)


def test_every_named_test_is_in_its_file_and_every_file_is_named_for_one() -> None:
    for row in rows():
        if len(row) == 4 and re.fullmatch(r"[ED]-\d+", row[0]):
            files, tests = named(row[2], r"tests/[\w/]+\.py"), named(row[3], r"test_\w+")
            there = {file: written_in(file) for file in files}
            assert [name for name in tests if not any(name in names for names in there.values())] == [], row[0]
            assert [file for file, names in there.items() if not names & set(tests)] == [], row[0]
