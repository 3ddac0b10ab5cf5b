"""The site's module by its own tests (PHPUnit, site/tests), and what holds for all its files."""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.site.php_site import MODULE, ROOT, TESTS

from posrednik.domain.deliveries import Stage
from posrednik.domain.texts import REASONS

FILES = sorted((ROOT / "site").rglob("*.php"))
LINES = 500


def test_phpunit_passes(php: str):
    ran = subprocess.run(
        ["phpunit", "-c", str(TESTS / "phpunit.xml")], capture_output=True, text=True, timeout=100, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.search(r"^OK \(\d{3,} tests", ran.stdout, re.MULTILINE), ran.stdout


def test_every_file_is_php(php: str):
    def wrong(path: Path) -> str:
        ran = subprocess.run(
            [php, "-l", "-d", "display_errors=1", str(path)], capture_output=True, text=True, check=False
        )
        return "" if ran.returncode == 0 and "Deprecated" not in ran.stdout else ran.stdout + ran.stderr

    with ThreadPoolExecutor(2) as pool:
        assert [text for text in pool.map(wrong, FILES) if text] == []


def test_files_are_strict_small_and_plain():
    assert len(FILES) > 40
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        assert text.startswith("<?php\n"), path
        assert text.endswith("\n"), path
        assert path.is_relative_to(TESTS / "stubs" / "root") or "declare(strict_types=1);" in text, path
        assert not text.rstrip().endswith("?>"), path
        assert not set("\t\r") & set(text), path
        assert len(lines) < LINES, path
        if "lang" not in path.parts:
            assert max(map(len, lines)) <= (120 if path.is_relative_to(MODULE) else 140), path


def test_a_class_stands_in_a_file_of_its_name_in_lower_case():
    """The kernel looks for them there."""
    for path in (MODULE / "lib").rglob("*.php"):
        found = re.search(r"^(?:final |abstract )*class (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert found is not None, path
        assert found[1].lower() == path.stem, path
        folder = path.parent.relative_to(MODULE / "lib").as_posix()
        space = "Posrednik\\Delivery" + ("" if folder == "." else "\\" + folder.capitalize())
        assert f"namespace {space};" in path.read_text(encoding="utf-8"), path


def test_only_the_guarded_writer_sets_fields_of_orders():
    """Everything that is written to an order goes through one class, which asks the guard first."""
    writers = {"guardedorder.php": {"setField"}, "onecmark.php": {"setField"}}
    for path in MODULE.rglob("*.php"):
        text = path.read_text(encoding="utf-8")
        calls = set(re.findall(r"->(setField\w*|setValue\w*|setPaid|setCanceled|allowDelivery|ship|delete\w*)\(", text))
        assert calls == writers.get(path.name, set()), path
    mark = (MODULE / "lib" / "onecmark.php").read_text(encoding="utf-8")
    assert re.findall(r"->setField\((.*?)\)", mark) == ["'UPDATED_1C', 'Y'"]


def test_the_module_knows_every_stage_and_reason():
    mapping = (MODULE / "lib" / "mapping.php").read_text(encoding="utf-8")

    def listed(name: str) -> set[str]:
        return set(re.findall(r"'(\w+)'", re.search(rf"const {name} = \[(.*?)\]", mapping, re.DOTALL)[1]))

    assert listed("STAGES") == {*Stage, "withdrawn"}
    assert listed("REASONS") == set(REASONS)
