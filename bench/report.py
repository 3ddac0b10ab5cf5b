"""What a scenario found out: figures beside what is wanted, as one table."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Line:
    """One row. wanted: "" for a figure that is only told. ok: None when nothing is wanted of it."""

    what: str
    figure: str
    wanted: str = ""
    ok: bool | None = None


@dataclass(slots=True)
class Report:
    """One scenario's result. command: what reruns it alone."""

    title: str
    command: str
    lines: list[Line] = field(default_factory=list)

    def tell(self, what: str, figure: str) -> None:
        self.lines.append(Line(what, figure))

    def at_least(self, what: str, value: float, limit: float, detail: str = "") -> None:
        self.lines.append(Line(what, f"{value:.2f}{detail}", f"≥ {limit:g}", value >= limit))

    def at_most(self, what: str, value: float, limit: float, unit: str, detail: str = "") -> None:
        self.lines.append(Line(what, f"{value:.3f} {unit}{detail}", f"≤ {limit:g} {unit}", value <= limit))

    def must(self, what: str, figure: str, wanted: str, ok: bool) -> None:
        self.lines.append(Line(what, figure, wanted, ok))

    @property
    def passed(self) -> bool:
        return all(line.ok is not False for line in self.lines)

    def show(self, console: Console) -> None:
        table = Table("what", "figure", "wanted", "", title=self.title, title_justify="left")
        for line in self.lines:
            verdict = {None: "", True: "[green]pass[/]", False: "[red]FAIL[/]"}[line.ok]
            table.add_row(line.what, line.figure, line.wanted, verdict)
        console.print(table)
        console.print(f"again: {self.command}\n")


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def spread(values: Sequence[float]) -> str:
    """ "1234 (1100…1300)": the median, and the least and greatest of the rounds."""
    return f"{median(values):.0f} ({min(values):.0f}…{max(values):.0f})"


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0..1) of the values lie; nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]
