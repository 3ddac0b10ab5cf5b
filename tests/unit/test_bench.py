"""What the benchmarks conclude from their figures; the figures themselves are made by `./run bench`."""

from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
import pytest
from bench.filling import statements
from bench.latency import Pressed, waits_of
from bench.million_source import FIRST_YEAR, MONTHS, Base
from bench.office_pages import office_pages
from bench.pages import TIMES, Loaded, Run, judge, judge_office, weigh
from bench.portal_process import Seen
from bench.report import Report, percentile, spread
from bench.reports import markdown
from bench.sink import header
from bench.work import jobs

from posrednik.connectors.bitrix24.outbound import parse
from posrednik.domain.task_body import task_body


def test_report_fails_when_one_wanted_ratio_is_not_met():
    report = Report("title", "command")
    report.tell("rate", "100/s")
    report.at_least("ratio", 1.3, 1.2)
    assert report.passed
    report.at_most("p99", 1.01, 1.0, "s")
    assert not report.passed


def test_percentile_is_the_nearest_rank():
    values = [float(number) for number in range(1, 101)]
    assert [percentile(values, share) for share in (0.5, 0.99, 1.0)] == [50, 99, 100]
    assert percentile([7.0], 0.5) == 7


def test_spread_shows_median_and_both_ends():
    assert spread([3.0, 1.0, 2.0]) == "2 (1…3)"


def test_jobs_go_round_the_keys_with_growing_versions():
    made = jobs(7, 3)
    assert len({job.key for job in made}) == 3
    assert [job.event.version for job in made] == [1, 1, 1, 2, 2, 2, 3]
    assert all(500 <= len(job.body) <= 700 for job in made)


def test_sink_finds_a_header_and_nothing_for_an_absent_one():
    head = b"post /hook http/1.1\r\ncontent-length: 12\r\nwebhook-id: abc"
    assert header(head, b"webhook-id") == b"abc"
    assert header(head, b"host") == b""


def test_latency_is_from_the_due_time_to_the_create():
    seen = [Seen(12.5, 12.6, "tasks.task.add", "posrednik:1", 0, 200), Seen(13.0, 13.1, "batch", "", 50, 200)]
    waits = waits_of([Pressed(12.0, 0.1, "posrednik:1")], seen)
    assert (waits.tasks, waits.answers) == ([0.5], [0.1])


@pytest.mark.parametrize("creates", [0, 2])
def test_latency_of_a_missing_or_double_task_is_an_error(creates: int):
    seen = [Seen(12.5, 12.6, "tasks.task.add", "posrednik:1", 0, 200)] * creates
    with pytest.raises(AssertionError):
        waits_of([Pressed(12.0, 0.1, "posrednik:1")], seen)


def a_run(performance: int = 97, host: str = "127.0.0.1", shown: int = 20) -> Run:
    scores = {"performance": performance, "accessibility": 100, "best-practices": 100}
    metrics = dict.fromkeys(TIMES.values(), 1500.0)
    return Run(scores, metrics, [Loaded(f"http://{host}:8000/courier/index.js", "Script", 90_000)], [], shown)


@pytest.mark.parametrize(
    ("runs", "passed"),
    [
        ([a_run(90), a_run(95), a_run(99)], True), ([a_run(94), a_run(94), a_run(99)], False),
        ([a_run(), a_run(host="fonts.example")], False),
    ],
)  # fmt: skip
def test_pages_pass_by_the_median_score_and_only_without_other_hosts(runs: list[Run], passed: bool):
    report = Report("title", "command")
    judge(report, "20 orders", runs, 20)
    assert report.passed is passed


def test_pages_of_another_screen_are_not_judged():
    with pytest.raises(AssertionError):
        judge(Report("title", "command"), "20 orders", [a_run(shown=0)], 20)


@pytest.mark.parametrize(("js_bytes", "passed"), [(120_000, True), (120_001, False)])
def test_pages_may_load_120_kb_of_javascript(js_bytes: int, passed: bool):
    report = Report("title", "command")
    weigh(report, js_bytes, 5_000)
    assert report.passed is passed


def test_a_page_of_the_office_below_90_or_without_a_heading_is_told():
    report = Report("title", "command")
    judge_office(report, "office, cash", [a_run(91), a_run(90), a_run(40)])
    assert report.passed
    judge_office(report, "office, board", [a_run(89)])
    assert not report.passed
    with pytest.raises(AssertionError, match="no heading"):
        judge_office(report, "office, way", [a_run(shown=0)])


def test_the_pages_of_the_office_are_read_from_the_file_that_registers_them(tmp_path: Path):
    file = tmp_path / "pages.ts"
    file.write_text(
        "const ALL = [\n"
        "  { path: '/deliveries', alias: ['/board'], key: 'deliveries', right: 'board.see' },\n"
        "  { path: '/reports/:name?', key: 'reports', right: 'report.see' },\n]\n",
        encoding="utf-8",
    )
    assert office_pages(file) == {"deliveries": "/deliveries", "reports": "/reports"}
    assert {"deliveries", "cash", "incidents"} <= set(office_pages())


def test_the_table_of_a_report_can_be_put_into_a_document():
    report = Report("title", "command")
    report.tell("scan", "12 ms")
    report.at_least("scan / answer", 80, 50, "  (1 ms)")
    assert markdown(report).splitlines()[2:] == [
        "| what | figure | wanted | |", "|---|---|---|---|", "| scan | 12 ms |  |  |",
        "| scan / answer | 80.00  (1 ms) | ≥ 50 | met |",
    ]  # fmt: skip


def test_a_database_is_filled_by_parts_that_say_what_they_are():
    names = [name for name, _ in statements()]
    assert {"deliveries", "events", "entries", "figures", "money", "incidents"} <= set(names)
    assert len(set(names)) == len(names)


def _asked(base: Base, name: str, **options: Any) -> Any:
    query = urlencode({f"${key}": value for key, value in options.items()})
    return msgspec.json.decode(base.answer(f"/odata/standard.odata/{quote(name)}?{query}"))


@pytest.mark.parametrize("orders", [1, 35, 36, 100, 1001])
def test_months_of_the_million_have_each_order_once(orders: int):
    base, found = Base(orders, 5, 5, 5), list[dict[str, Any]]()
    for month in range(MONTHS):
        ends = [f"{FIRST_YEAR + at // 12:04}-{at % 12 + 1:02}-01T00:00:00" for at in (month, month + 1)]
        wanted = f"Date ge datetime'{ends[0]}' and Date lt datetime'{ends[1]}'"
        page = _asked(base, "Document_ЗаказКлиента", filter=wanted, skip=0, top=5000)
        assert int(page["odata.count"]) == len(page["value"])
        assert all(ends[0] <= one["Date"] < ends[1] for one in page["value"])
        found += page["value"]
    assert found == sorted(found, key=lambda one: (one["Date"], one["Number"]))
    assert len({one["Ref_Key"] for one in found}) == len(found) == orders


def test_rows_of_the_million_are_found_by_page_and_by_reference():
    base = Base(50, 50, 50, 50)
    for name in ("Catalog_Номенклатура", "Catalog_Контрагенты", "Document_ЗаказКлиента"):
        rows = [one for skip in range(0, 50, 7) for one in _asked(base, name, skip=skip, top=7)["value"]]
        assert len({one["Ref_Key"] for one in rows}) == 50
        wanted = " or ".join(f"Ref_Key eq guid'{one['Ref_Key']}'" for one in rows[3:6])
        assert _asked(base, name, filter=wanted, select="Ref_Key")["value"] == rows[3:6]
        keys = _asked(base, name, skip=0, top=50, select="Ref_Key,DataVersion,DeletionMark")["value"]
        assert keys == [{key: one[key] for key in ("Ref_Key", "DataVersion", "DeletionMark")} for one in rows]


def test_the_delivery_of_the_benches_has_all_that_a_task_needs():
    (job,) = jobs(1, 1)
    assert parse(task_body(job.event)).stage == "ready"
