"""python -m tests.bsl PATH…: parse and compile modules (files, or folders with *.bsl); say what is wrong and where."""

from __future__ import annotations

import argparse
import importlib
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType

from tests.bsl import syntax, tree
from tests.bsl.links import broken_links
from tests.bsl.modules import context_of, is_client, modules_under, name_of
from tests.bsl.runtime import Runtime
from tests.bsl.sides import server_at_client

# What only clients have: nothing runs there, but its names are no mistakes.
CLIENT = frozenset({
    "предупреждение", "показатьпредупреждение", "показатьвопрос", "показатьоповещениепользователя", "показатьзначение",
    "показатьвводстроки", "показатьвводзначения", "показатьвводчисла", "открытьформу", "открытьзначение", "состояние",
    "оповестить", "оповеститьобизменении", "подключитьобработчикожидания", "отключитьобработчикожидания",
    "получитьформу", "закрыть", "режимдиалогавопрос", "кодвозвратадиалога", "перейтипонавигационнойссылке",
    "обновитьинтерфейс", "сигнал", "вопрос", "описаниеоповещения", "выполнитьобработкуоповещения",
    "режимоткрытияокнаформы", "статусоповещенияпользователя", "библиотекакартинок", "диалогвыборафайла",
    "режимдиалогавыборафайла", "запуститьприложение",
    "получитьнавигационнуюссылку", "очиститьсообщения",
})  # fmt: skip
# Common modules of БСП that a configuration has and the fake platform has not.
LIBRARY = frozenset({"дополнительныеотчетыиобработки", "дополнительныеотчетыиобработкиклиентсервер"})
_NAME = re.compile(r"\((\w+)\)$")


def platform_modules() -> Sequence[ModuleType]:
    """The names of the fake platform."""
    context = importlib.import_module("tests.bsl.platform.context")
    return tuple(context.modules(bsp=True))


def files_of(paths: Sequence[Path]) -> list[Path]:
    """The modules themselves of files and folders."""
    return [file for path in paths for file in (sorted(path.rglob("*.bsl")) if path.is_dir() else [path])]


def neighbours(file: Path) -> dict[str, str | Path]:
    """The common modules of the dump that a file is in; what is in none is run beside the extension."""
    places = [place / name for place in file.resolve().parents for name in ("CommonModules", "extension/CommonModules")]
    root = next((place for place in places if place.is_dir()), None)
    return {} if root is None else dict(modules_under(root))


def problems_of(file: Path, known: Sequence[ModuleType], features: str) -> list[tuple[int, str]]:
    """(line, text) of what does not compile in a file, and of its calls that lead nowhere."""
    name, around = name_of(file.resolve()), neighbours(file)
    defines = syntax.SERVER | {"клиент", "client", "толстыйклиентобычноеприложение"}
    own = context_of(file.resolve())
    contexts = {} if own is None else {name: own}
    runtime = Runtime(known, {**around, name: file}, features, contexts=contexts, defines=defines)
    try:
        runtime.program(name)
    except tree.CompileError as error:
        if found := [(line, text) for line, text in error.problems if not _elsewhere(text)]:
            return found
    source = syntax.parse(syntax.read(file), name, defines)
    return broken_links(source, dict(_readable(around))) + server_at_client(source, client=is_client(file.resolve()))


def _readable(modules: Mapping[str, str | Path]) -> Iterator[tuple[str, tree.Module]]:
    """The parsed modules by small names, without those that are not BSL."""
    for name, path in modules.items():
        try:
            yield name.lower(), syntax.parse(syntax.read(Path(path)), name)
        except tree.CompileError:
            continue


def _elsewhere(text: str) -> bool:
    named = _NAME.search(text)
    return named is not None and named[1].lower() in CLIENT | LIBRARY


def main() -> int:
    """The exit code: 1 where anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.bsl", description=__doc__)
    parser.add_argument("path", nargs="+", type=Path)
    parser.add_argument("--features", default="8.3", choices=["8.3", "8.2"])
    options = parser.parse_args()
    known, bad = platform_modules(), 0
    for file in files_of(options.path):
        for line, text in problems_of(file, known, options.features):
            bad += 1
            sys.stdout.write(f"{file}:{line}: {text}\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
