"""The documents say what the code does: stages, routes, metrics, log events, waits. Links: test_project.py."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from prometheus_client.metrics import MetricWrapperBase

from posrednik.domain import routes, stages
from posrednik.kit import metrics

ROOT = Path(__file__).parents[2]
SERVICE = ROOT / "src" / "posrednik"
SUBSYSTEMS = ROOT / "docs" / "subsystems"
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
LOGGERS = {"log", "_log", "logger"}


def rows(page: str, first: str) -> Iterator[list[str]]:
    """Cells of the table of a page whose first heading is `first`, without backticks."""
    lines = (SUBSYSTEMS / page).read_text(encoding="utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(f"| {first} |"))
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            return
        yield [cell.strip().strip("`") for cell in line.strip("|").split("|")]


def parts(cell: str) -> set[str]:
    return set() if cell == "–" else {part.strip() for part in cell.split(",")}


def test_the_table_of_metrics_is_that_of_the_code():
    told = {name: (kind, parts(labels)) for name, kind, labels, *_ in rows("observability.md", "metric")}
    made = {}
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            family = next(iter(metric.describe()))
            name = family.name + "_total" * (family.type == "counter")
            made[name] = (family.type, set(metric._labelnames))
    assert told == made


def logged() -> Iterator[tuple[str, str, set[str], str]]:
    """(event, level, fields, place) of each call of a logger."""
    for path in sorted(SERVICE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS):
                continue
            if not (isinstance(node.func.value, ast.Name) and node.func.value.id in LOGGERS):
                continue
            place = f"{path.relative_to(ROOT)}:{node.lineno}"
            assert isinstance(node.args[0], ast.Constant), f"{place}: the name of an event is a plain text"
            fields = {str(word.arg) for word in node.keywords} - {"exc_info"}
            level = "error" if node.func.attr == "exception" else node.func.attr
            yield str(node.args[0].value), level, fields, place


def test_the_table_of_log_events_is_that_of_the_code():
    told = {name: (level, parts(fields)) for name, level, fields, _ in rows("observability.md", "event")}
    wrong = [
        f"{place}: {name} {level} {sorted(fields)}"
        for name, level, fields, place in logged()
        if told.get(name) != (level, fields)
    ]
    assert wrong == []
    assert told.keys() == {name for name, *_ in logged()}


def test_log_events_are_named_noun_verb():
    assert [name for name, *_ in logged() if not re.fullmatch(r"[a-z0-9]+\.[a-z_]+", name)] == []


def test_the_diagram_of_stages_has_the_arrows_of_the_table():
    page = (SUBSYSTEMS / "delivery.md").read_text(encoding="utf-8")
    drawn = re.findall(r"^    (\w+) --> (\w+): (\w+)$", page, re.MULTILINE)
    moves = [
        (before.value, after.value, action)
        for action, row in stages.TABLE.items()
        for before, afters in row.arrows.items()
        for after in afters
        if before != after
    ]
    assert sorted(drawn) == sorted(moves)


def test_the_table_of_actions_names_who_may_do_them():
    told = {action: parts(who) for action, who, _ in rows("delivery.md", "action")}
    assert told == {action: set(row.who) for action, row in stages.TABLE.items()}


def test_the_table_of_routes_is_that_of_the_code():
    told = {event: [bool(cell) for cell in cells] for event, *cells in rows("delivery.md", "event")}
    systems = ("bitrix24", "onec", "site")
    assert told == {
        event: [any(route.destination == system for route in row) for system in systems]
        for event, row in routes.TABLE.items()
    }


def test_every_reason_to_wait_is_explained():
    schema = (SERVICE / "store" / "schema_division.sql").read_text(encoding="utf-8")
    view = schema[schema.index("VIEW lane_wait") :]
    known = re.findall(r"^ +\(\d+, .*?, '([a-z_]+)',", view, re.MULTILINE)
    assert len(known) > 5
    assert [code for code, _ in rows("dispatch.md", "code")] == known


def test_pages_named_by_the_code_exist():
    named = {
        (match, path.relative_to(ROOT).as_posix())
        for path in SERVICE.rglob("*.py")
        for match in re.findall(r"docs/[\w/.-]+\.md", path.read_text(encoding="utf-8"))
    }
    assert named
    assert [f"{path}: {page}" for page, path in sorted(named) if not (ROOT / page).exists()] == []


def test_sections_named_by_the_code_exist():
    """`See docs/subsystems/dispatch.md, "Outcomes"` needs a heading of that name."""
    wrong = []
    for path in SERVICE.rglob("*.py"):
        for page, title in re.findall(r'(docs/[\w/.-]+\.md),\s+"([^"]+)"', path.read_text(encoding="utf-8")):
            if not re.search(rf"^#+ {re.escape(title)}$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE):
                wrong.append(f"{path.relative_to(ROOT)}: {page}, {title}")
    assert wrong == []
