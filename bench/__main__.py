"""`python -m bench [SCENARIO …] [--quick]`: exit code 1 when something wanted is not met.

All scenarios by default but those that fill a million deliveries or objects (`boards`, `million`, `reconcile`),
`pages`, which needs a browser and packages that nothing else does, and `reports`, which fills 20 GB of disk.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from importlib import import_module

from rich.console import Console

from bench.machine import place

SCENARIOS = ("dispatch", "intake", "bitrix24", "latency", "growth")
NAMED_ONLY = ("boards", "dirty", "million", "pages", "portal", "reconcile", "reports")
# Scenario → the option that sets its size.
SIZED = {"reports": "deliveries", "million": "objects", "dirty": "objects", "reconcile": "objects"}


def _names() -> str:
    return f"{', '.join(SCENARIOS)} (default: all of these), {', '.join(NAMED_ONLY)}"


def _sized(option: str) -> list[str]:
    return [f"`{name}`" for name, sized_by in SIZED.items() if sized_by == option]


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("bench", description="Speed beside others and beside bare loops")
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=_names())
    parser.add_argument("--quick", action="store_true", help="small sizes, for a first look; figures are rougher")
    parser.add_argument("--deliveries", type=int, help="of `reports`: how many, each with ten events (1 000 000)")
    parser.add_argument("--objects", type=int, help=f"of {', '.join(_sized('objects'))}: how many objects")
    asked = parser.parse_args(argv)
    unknown = set(asked.scenarios) - {*SCENARIOS, *NAMED_ONLY}
    if unknown:
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")
    console = Console(width=160 if not sys.stdout.isatty() else None)
    started = time.monotonic()
    reports = []
    with place() as where:
        for name in asked.scenarios or SCENARIOS:
            size = {SIZED[name]: getattr(asked, SIZED[name])} if name in SIZED else {}
            reports.append(import_module(f"bench.{name}").measure(where, console, quick=asked.quick, **size))
            reports[-1].show(console)
    failed = [report.title for report in reports if not report.passed]
    console.print(f"{time.monotonic() - started:.0f} s, " + ("all that is wanted is met" if not failed else "NOT MET:"))
    for title in failed:
        console.print(f"  {title}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
