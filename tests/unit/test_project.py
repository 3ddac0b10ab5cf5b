"""Rules of the repository itself: the arrows between layers, sizes, documents, no addresses of registries."""

import ast
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]
SERVICE = ROOT / "src" / "posrednik"
SANDBOX = ROOT / "sandbox" / "src" / "posrednik_sandbox"
LAYERS = {path.parent.name for path in SERVICE.glob("*/__init__.py")}
LONGEST = 500
CODE = {".py", ".ts", ".vue", ".js", ".mjs", ".css", ".html", ".sql", ".sh", ".bsl", ".php"}
GENERATED = ("web/shared/api/",)
# An external processing of 8.2 has this module and its form's, no others.
ONE_MODULE = {"onec/external/МодульОбъекта.bsl"}
NOT_COMMITTED = ("web/dist", "web/node_modules", "var", ".venv", ".run")
# In pieces, so that this file does not contain what it forbids.
REGISTRIES = [
    "".join(pieces)
    for pieces in (
        ("py", "pi.org"),
        ("python", "hosted.org"),
        ("npm", "js.org"),
        ("npm", "mirror.com"),
        ("yarn", "pkg.com"),
        ("deb.", "debian.org"),
        ("archive.", "ubuntu.com"),
        ("cra", "tes.io"),
        ("proxy.", "golang.org"),
        ("repo.maven", ".apache.org"),
    )
]
KNOWN_ENDINGS = re.compile(r"(/|\.(py|md|sql|toml|lock|json|ts|vue|css|html|sh|xml|bsl|yml|yaml|png|svg))$")


@cache
def committed() -> tuple[Path, ...]:
    """Files of the repository; without git (an unpacked archive) all files that git would not ignore."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    names = listed.stdout.decode().split("\0") if listed.returncode == 0 else walked()
    return tuple(path for name in names if name and (path := ROOT / name).is_file())


def walked() -> Iterator[str]:
    hidden = {".git", ".venv", ".run", "node_modules", "dist", "var", "__pycache__", ".hypothesis"}
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in hidden and not name.endswith("_cache")]
        yield from (os.path.relpath(os.path.join(folder, name), ROOT) for name in files if name != "uv.lock")


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_the_import_contracts_hold(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    code = lint_imports(no_cache=True)
    assert code == 0, capsys.readouterr().out


def test_each_layer_has_a_contract():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    named = {source for contract in contracts for source in contract.get("source_modules", [])}
    assert {f"posrednik.{layer}" for layer in LAYERS} <= named


def imported_by(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "posrednik":
            yield from (f"posrednik.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_only_the_outermost_modules_connect_the_layers():
    """bootstrap.py, cli.py, config.py and their like are imported by no layer."""
    wrong = [
        f"{relative(path)} imports {name}"
        for layer in LAYERS
        for path in (SERVICE / layer).rglob("*.py")
        for name in imported_by(path)
        if name.startswith("posrednik.") and name.split(".")[1] not in LAYERS
    ]
    assert wrong == []


def test_the_service_and_the_sandbox_do_not_import_each_other():
    wrong = [
        f"{relative(path)} imports {name}"
        for home, other in ((SERVICE, "posrednik_sandbox"), (SANDBOX, "posrednik"))
        for path in home.rglob("*.py")
        for name in imported_by(path)
        if name.split(".")[0] == other
    ]
    assert wrong == []


def test_no_committed_file_contains_an_address_of_a_package_registry():
    wrong = [
        f"{relative(path)}: {host}" for path in committed() for host in REGISTRIES if host.encode() in path.read_bytes()
    ]
    assert wrong == []


def test_locks_hold_hashes_and_no_addresses():
    for lock in (ROOT / "requirements").glob("*.lock"):
        text = lock.read_text()
        assert "://" not in text, lock.name
        pinned = re.findall(r"^[a-z0-9][\w.\-]*(?:\[[\w,\-]+\])?==", text, re.MULTILINE | re.IGNORECASE)
        assert pinned, lock.name
        assert text.count("\n    --hash=sha256:") >= len(pinned), lock.name


def lines_of(path: Path) -> int:
    """Of 1C's modules without comments and blank lines: its standards want each routine's parameters told at length."""
    lines = path.read_bytes().splitlines()
    if path.suffix != ".bsl":
        return len(lines)
    return sum(
        1 for line in lines if (bare := line.removeprefix(b"\xef\xbb\xbf").strip()) and not bare.startswith(b"//")
    )


def test_no_code_file_is_longer_than_500_lines():
    long = {
        relative(path): lines
        for path in committed()
        if (path.suffix in CODE or path.name == "run") and not relative(path).startswith(GENERATED)
        if relative(path) not in ONE_MODULE and (lines := lines_of(path)) > LONGEST
    }
    assert long == {}


def documents() -> list[Path]:
    return [path for path in committed() if path.suffix == ".md"]


def links(page: Path) -> Iterator[str]:
    """Targets of links and pictures that stay in the repository, without their anchors."""
    for target in re.findall(r"\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)", page.read_text()):
        plain = unquote(target.split("#")[0])
        if plain and not re.match(r"[a-z][a-z0-9+.\-]*:", plain):
            yield plain


def named_paths(page: Path) -> Iterator[str]:
    """Backticked words that look like paths of ours: a known first folder and a file ending or a slash."""
    for word in re.findall(r"`([^`\s]+)`", page.read_text()):
        plain = re.sub(r"(::.*|:\d+(-\d+)?)$", "", word).removeprefix("./")
        head, slash, _ = plain.partition("/")
        if not (head and slash and KNOWN_ENDINGS.search(plain)) or re.search(r"[<>{}$…]|\.\.\.", plain):
            continue
        if any((base / head).exists() for base in (ROOT, SERVICE, SANDBOX, page.parent)):
            yield plain


def exists(name: str, bases: tuple[Path, ...]) -> bool:
    if name.startswith(NOT_COMMITTED):
        return True
    return any(next(base.glob(name.rstrip("/")), None) is not None for base in bases)


def test_links_of_documents_lead_somewhere():
    wrong = [
        f"{relative(page)}: {target}"
        for page in documents()
        for target in links(page)
        if not (page.parent / target).exists() and not (ROOT / target.lstrip("/")).exists()
    ]
    assert wrong == []


def test_paths_named_in_documents_exist():
    wrong = [
        f"{relative(page)}: {name}"
        for page in documents()
        for name in named_paths(page)
        if not exists(name, (ROOT, SERVICE, SANDBOX, page.parent))
    ]
    assert wrong == []


def test_every_page_of_the_documents_can_be_reached_from_the_readme():
    seen: set[Path] = set()
    ahead = [path for name in ("README.md", "README.ru.md") if (path := ROOT / name).exists()]
    while ahead:
        page = ahead.pop()
        if page in seen or page.suffix != ".md" or not page.is_file():
            continue
        seen.add(page)
        ahead += [(page.parent / target).resolve() for target in links(page)]
    lost = [relative(page) for page in documents() if (ROOT / "docs") in page.parents and page not in seen]
    assert lost == []
