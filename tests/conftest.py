"""What every test may ask for: a database of its own, a free port, a browser."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from tests.pg import Databases, databases
from tests.ports import new_ports

# The same examples whenever the same tests run, as the chaos has its seed: a change is told from a lucky find.
# POSREDNIK_EXPLORE=1 looks for new ones.
settings.register_profile("here", derandomize=not os.environ.get("POSREDNIK_EXPLORE"), deadline=None)
settings.load_profile("here")

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW_TO_GET_A_BROWSER = (
    "Debian: apt-get install chromium (./run test does it as root); elsewhere install Chrome or Chromium, "
    "or name one in POSREDNIK_BROWSER."
)
NO_BROWSER = "no browser found"
WEB = Path(__file__).resolve().parents[1] / "web"
AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
HOW_TO_BUILD = "Run `npm ci && npm run build` in web/, or ./run test."
NOT_BUILT = "the pages are not built"
# Where nothing may be written beside the sources, each of the hundreds of processes that the tests start would compile
# everything anew: half of the time of a start. Before the processes of pytest itself, which inherit it.
if sys.dont_write_bytecode and not sys.pycache_prefix:
    sys.dont_write_bytecode, sys.pycache_prefix = False, str(WEB.parent / ".run" / "bytecode")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix
PHP_EXTENSIONS = ("curl", "mbstring", "pdo_sqlite", "xml")
HOW_TO_GET_PHP = (
    "Debian: apt-get install php-cli php-curl php-mbstring php-xml php-sqlite3 phpunit (./run test does it as root); "
    "elsewhere PHP 8.1 or newer with these extensions, and PHPUnit 9 or newer."
)
NO_PHP = "no PHP found"


@pytest.fixture(scope="session")
def database_server() -> Iterator[Databases]:
    """The PostgreSQL of this test process, started by the first test that needs it."""
    with databases() as server:
        yield server


@pytest.fixture
def database(database_server: Databases) -> Iterator[str]:
    """The DSN of a fresh database with our schema; only this test sees it."""
    with database_server.migrated() as dsn:
        yield dsn


@pytest.fixture(scope="module")
def module_database(database_server: Databases) -> Iterator[str]:
    """The same for all tests of one file, when a copy per test is too dear."""
    with database_server.migrated() as dsn:
        yield dsn


@pytest.fixture
def empty_database(database_server: Databases) -> Iterator[str]:
    """The DSN of a database without our schema, for tests of migrations."""
    with database_server.empty() as dsn:
        yield dsn


@pytest.fixture
def new_port() -> Callable[[], int]:
    """Gives a TCP port of 127.0.0.1 that nobody listens on, another one at each call."""
    return _new_port


@pytest.fixture
def free_port() -> int:
    """One TCP port of 127.0.0.1 that nobody listens on."""
    return _new_port()


def _new_port() -> int:
    return new_ports(1)[0]


def find_browser() -> str | None:
    if named := os.environ.get("POSREDNIK_BROWSER"):
        return shutil.which(named)
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser_path() -> str:
    """An installed Chromium or Chrome; without one the test is skipped, and the summary says so loudly."""
    path = find_browser()
    if path is None:
        pytest.skip(f"{NO_BROWSER}. {HOW_TO_GET_A_BROWSER}")
    return path


@pytest.fixture(scope="session")
def php() -> str:
    """PHP with what the module of the site needs; without it the test is skipped, and the summary says so loudly."""
    path = shutil.which("php")
    if path is None or not shutil.which("phpunit"):
        pytest.skip(f"{NO_PHP}. {HOW_TO_GET_PHP}")
    words = "', '".join(PHP_EXTENSIONS)
    look = f"exit((int)(PHP_VERSION_ID < 80100 || array_filter(['{words}'], fn ($one) => !extension_loaded($one))));"
    if subprocess.run([path, "-r", look], check=False).returncode:
        pytest.skip(f"{NO_PHP} of 8.1 or newer with {', '.join(PHP_EXTENSIONS)}. {HOW_TO_GET_PHP}")
    return path


@pytest.fixture(scope="session")
def built_pages() -> Path:
    """The folder of the built pages, with axe beside them; else skipped, and the summary says so loudly."""
    pages = [WEB / "dist" / name / "index.html" for name in ("office", "courier")]
    if not all(file.is_file() for file in [*pages, AXE]):
        pytest.skip(f"{NOT_BUILT}. {HOW_TO_BUILD}")
    return WEB / "dist"


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for reason, title, what in (
        (NO_BROWSER, "BROWSER TESTS WERE NOT RUN", f"need a browser, and none was found.\n{HOW_TO_GET_A_BROWSER}"),
        (NOT_BUILT, "THE PAGES WERE NOT LOOKED AT", f"need the built pages.\n{HOW_TO_BUILD}"),
        (NO_PHP, "PHP TESTS WERE NOT RUN", f"need PHP, and it was not found.\n{HOW_TO_GET_PHP}"),
    ):
        skipped = [r for r in terminalreporter.getreports("skipped") if reason in str(r.longrepr)]
        if skipped:
            terminalreporter.section(title, sep="!", red=True, bold=True)
            terminalreporter.line(f"{len(skipped)} tests {what}")
