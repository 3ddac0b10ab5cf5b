"""config.example.toml lists every setting with its default."""

import re
import tomllib
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from posrednik import config

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
LISTS = ("bases", "divisions", "subscriptions")
OPEN = ("ownership",)  # a section whose keys are anybody's to choose


def uncommented() -> str:
    """The example with its lists: a `#` that touches what follows it hides a setting, `# ` begins a remark."""
    return re.sub(r"^#(?=[\[\w])", "", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_the_example_as_it_stands_changes_nothing():
    assert config.load(str(EXAMPLE), {}) == config.Settings()


def test_the_example_with_its_lists_loads(tmp_path):
    whole = tmp_path / "config.toml"
    whole.write_text(uncommented(), encoding="utf-8")
    settings = config.load(str(whole), {})
    assert [len(getattr(settings, name)) for name in LISTS] == [1, 1, 1]


@pytest.mark.parametrize(
    "section", [field.name for field in msgspec.structs.fields(config.Settings) if field.name not in OPEN]
)
def test_every_key_is_listed(section: str):
    written = tomllib.loads(uncommented())[section]
    kind = next(field.type for field in msgspec.structs.fields(config.Settings) if field.name == section)
    if section in LISTS:
        written, kind = written[0], get_args(kind)[0]
    assert list(written) == [field.name for field in msgspec.structs.fields(kind)]


@pytest.mark.parametrize("section", LISTS)
def test_defaults_in_the_lists_are_those_of_the_code(section: str):
    """A key without a default of its own, or whose default is "none", has an example instead."""
    written = tomllib.loads(uncommented())[section][0]
    kind = get_args(next(f.type for f in msgspec.structs.fields(config.Settings) if f.name == section))[0]
    defaults = {f.name: f.default for f in msgspec.structs.fields(kind) if f.default not in (msgspec.NODEFAULT, None)}
    told = {name: tuple(value) if isinstance(value, list) else value for name, value in written.items()}
    assert {name: told[name] for name in defaults} == defaults


def test_every_key_has_a_remark():
    settings = re.findall(r"^#?\w+ = .*$", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
    assert settings
    assert [line for line in settings if not re.search(r"\s# \S", line)] == []


def test_every_secret_can_be_read_from_a_file():
    named = EXAMPLE.read_text(encoding="utf-8").split("[server]")[0]
    assert [name for name in config.SECRETS if name not in named] == []


def test_the_rows_of_ownership_in_the_example_load(tmp_path):
    rows = re.findall(r'^#("[\w.*]+" = \[.*?\])', EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
    file = tmp_path / "config.toml"
    base = '[[bases]]\nid = "00000000-0000-4000-8000-000000000001"\nname = "УТ"\n'
    file.write_text("\n".join([base, "[ownership]", *rows]), encoding="utf-8")
    assert len(config.load(str(file), {}).ownership) == len(rows) == 3
