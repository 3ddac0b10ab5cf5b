"""Which lines of BSL have been run: BSL_LINES=FILE pytest …; then python -m tests.bsl.lines FILE PATH…

FILE gets a line «module<TAB>number» for each line run (one process adds to another's); PATH: modules or folders, or
NAME=PATH for a module that its tests call otherwise than its folder does.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

from tests.bsl import syntax, tree
from tests.bsl.links import walk
from tests.bsl.modules import full_name, modules_under, name_of

Trace = Callable[[str, int], None]


def collector() -> Trace | None:
    """What notes a line that runs; None where nobody wants it."""
    path = os.environ.get("BSL_LINES")
    return of(path).note if path else None


class _Collector:
    def __init__(self, path: str) -> None:
        self.path, self.seen, self.lock = path, set[tuple[str, int]](), threading.Lock()
        atexit.register(self.write)

    def note(self, module: str, line: int) -> None:
        if (module, line) not in self.seen:
            with self.lock:
                self.seen.add((module, line))

    def write(self) -> None:
        with open(self.path, "a", encoding="utf-8") as file:
            file.writelines(f"{module}\t{line}\n" for module, line in sorted(self.seen))


@cache
def of(path: str) -> _Collector:
    """The collector of this process for a file."""
    return _Collector(path)


def read(path: Path) -> set[tuple[str, int]]:
    """What has been run: (module, line)."""
    pairs = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return {(module, int(line)) for module, line in pairs}


def statements(file: Path) -> list[int]:
    """The lines of a module where a statement begins."""
    module = syntax.parse(syntax.read(file), file.stem)
    found = {node.line for r in module.routines for node in walk(r.body) if isinstance(node, tree.Stmt)}
    return sorted(found - {node.line for node in walk(tuple(module.routines)) if isinstance(node, tree.Var)})


def ranges(lines: list[int]) -> str:
    """[1, 2, 3, 7] as «1-3, 7»."""
    runs: list[list[int]] = []
    for line in lines:
        if runs and runs[-1][1] + 1 >= line:
            runs[-1][1] = line
        else:
            runs.append([line, line])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def report(seen: set[tuple[str, int]], modules: Mapping[str, Path]) -> Iterator[str]:
    """A line for each module: share run, name, lines not run; last the share of all."""
    run = all_ = 0
    for name, file in modules.items():
        lines = statements(file)
        missed = [line for line in lines if (full_name(name), line) not in seen]
        run, all_ = run + len(lines) - len(missed), all_ + len(lines)
        if lines:
            yield f"{100 * (len(lines) - len(missed)) // len(lines):3}% {full_name(name)}: {ranges(missed)}"
    yield f"{100 * run // max(all_, 1):3}% of {all_} lines"


def named(words: list[str]) -> dict[str, Path]:
    """The modules of the command's words: name → path."""
    found: dict[str, Path] = {}
    for word in words:
        name, _, path = word.rpartition("=")
        file = Path(path)
        found.update(modules_under(file) if file.is_dir() else {name or name_of(file.resolve()): file})
    return found


if __name__ == "__main__":
    sys.stdout.write("\n".join(report(read(Path(sys.argv[1])), named(sys.argv[2:]))) + "\n")
