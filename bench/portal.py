"""`portal`: creates whose answers are lost, with REST v3 and without; and mixed work under the portal's own limits."""

from rich.console import Console

from bench import portal_creates, portal_mixed
from bench.machine import Place
from bench.report import Report


def measure(place: Place, console: Console, *, quick: bool) -> Report:
    count = 500 if quick else 10_000
    report = Report(
        f"portal: {count} creates with {portal_creates.SHARE:.0%} of the answers cut and {portal_creates.SHARE:.0%} "
        "502 after the write; mixed work under the portal's limits",
        "./run bench portal" + (" --quick" if quick else ""),
    )
    for v3, name in ((True, "REST v3"), (False, "classic")):
        portal_creates.tell(report, portal_creates.creates(place, console, count, v3=v3), count, name)
    portal_mixed.mixed(place, console, report, quick=quick)
    return report
