"""The command line and the page «Базы 1С» tell of a first load in the same words."""

import re
from pathlib import Path

import pytest

from posrednik import cli_load
from posrednik.connectors.onec.wire import KINDS

ROOT = Path(__file__).resolve().parents[2]
RUSSIAN = (
    (ROOT / "web/office/src/features/bases/words.ts").read_text("utf-8").partition("\n  {\n    title: '1C bases'")[0]
)


def words(name: str, first: str) -> dict[str, str]:
    """The catalogue `name: { first: … }` of the page: key → text, in lower case as the command line writes it."""
    found = re.search(rf"{name}: {{\s*({first}: '[^}}]*)}}", RUSSIAN)
    assert found, name
    return {key: text.lower() for key, text in re.findall(r"(\w+): '([^']*)'", found[1])}


def test_the_states_of_a_load_are_named_alike():
    page = words("states", "reading")
    done = {page.pop("agrees"), page.pop("differs")}
    assert {**page, "done": done.pop()} == cli_load.STATES
    assert done == set()


def test_what_does_not_agree_is_named_alike():
    assert words("why", "missing") == {key: text.lower() for key, text in cli_load.WHY.items()}


def test_the_columns_are_named_alike():
    assert tuple(words("columns", "kind").values()) == tuple(text.lower() for text in cli_load.COLUMNS)


def test_every_kind_has_a_name_and_it_is_the_same():
    assert words("kinds", "division") == cli_load.KINDS
    assert set(cli_load.KINDS) == set(KINDS)
    assert set(words("one", "division")) == set(KINDS)


@pytest.mark.parametrize(
    ("load", "phase"),
    [
        ({"state": "running", "reads": True, "sets": []}, "reading"),
        ({"state": "running", "reads": True, "sets": [{"state": "waiting"}, {"state": "read"}]}, "reading"),
        ({"state": "running", "reads": True, "sets": [{"state": "checked"}, {"state": "read"}]}, "checking"),
        ({"state": "running", "reads": False, "sets": []}, "unread"),
        ({"state": "failed", "reads": False, "sets": []}, "failed"),
        ({"state": "done", "reads": False, "sets": [{"state": "checked"}]}, "done"),
    ],
)
def test_a_running_load_is_read_compared_or_waits(load: dict[str, object], phase: str):
    assert cli_load._phase(load) == phase


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "10 с"), (47, "50 с"), (60, "1 мин"), (556.3, "9 мин 20 с"), (3600, "1 ч"), (4320, "1 ч 12 мин")],
)
def test_what_is_left_is_told_to_the_ten_seconds(seconds: float, text: str):
    assert cli_load._span(seconds) == text
