"""docs/acceptance_portal.md names every fault of the emulated portal that meets the exchange, and every test that it
names is there."""

import re

from tests.unit.test_docs_acceptance import ROOT, named, written_in

from posrednik_sandbox.portal.faults import KINDS

PAGE = (ROOT / "docs" / "acceptance_portal.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| F-")]


def test_faults_are_numbered_without_gaps() -> None:
    assert [row[0] for row in ROWS] == [f"F-{number:02d}" for number in range(1, len(ROWS) + 1)]


def test_every_fault_that_the_portal_can_be_given_has_its_row() -> None:
    told = {name for row in ROWS for name in named(row[1], r"\w+")}
    # How the application is opened is docs/subsystems/entry.md.
    wanted = {name for name, kind in KINDS.items() if kind.when != "entry"}
    assert wanted - told == set()
    assert {name for name in told if re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", name)} - set(KINDS) == set()


def test_every_named_test_is_in_its_file_and_every_file_is_named_for_one() -> None:
    for row in ROWS:
        files, tests = named(row[3], r"tests/[\w/]+\.py"), named(row[4], r"test_\w+")
        there = {file: written_in(file) for file in files}
        assert tests, row[0]
        assert [name for name in tests if not any(name in names for names in there.values())] == [], row[0]
        assert [file for file, names in there.items() if not names & set(tests)] == [], row[0]
