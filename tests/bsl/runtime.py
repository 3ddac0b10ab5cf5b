"""A configuration's modules compiled once (Runtime), and the sessions that run them (Session)."""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.bsl import builtins, dates, descriptions, lines, ops, simple, syntax, tables, texts, tree, values
from tests.bsl.compile import Compiler, compile_module
from tests.bsl.expressions import Scope, World
from tests.bsl.frames import Code, Frame, Instance, Program
from tests.bsl.modules import full_name
from tests.bsl.native import BslError, Library, Native, Ref, Value, plain
from tests.bsl.simple import TypeValue

PURE = (builtins, texts, dates, values, simple, tables, descriptions)
DEPTH = 20_000  # frames of Python; a call of BSL takes about six


@dataclass(frozen=True)
class _Configuration:
    """All that decides what a module compiles to. sources: (name, text); contexts: (small name, names)."""

    globals: tuple[ModuleType, ...]
    sources: tuple[tuple[str, str], ...]
    contexts: tuple[tuple[str, frozenset[str]], ...]
    old: bool
    defines: frozenset[str]
    trace: lines.Trace | None


class _Programs:
    """The compiled modules of a configuration, each made when it is first wanted; nobody changes them."""

    def __init__(self, given: _Configuration) -> None:
        self.given, self.lock = given, threading.RLock()
        self.sources = {name.lower(): (name, text) for name, text in given.sources}
        self.library = Library((*PURE, *given.globals), old=given.old)
        self.world = World(self.library, frozenset(low for low in self.sources if "." not in low), given.trace)
        self.made: dict[str, Program | tree.CompileError] = {}

    def get(self, low: str) -> Program | tree.CompileError:
        with self.lock:
            if low not in self.made:
                self.made[low] = self._compiled(low)
            return self.made[low]

    def _compiled(self, low: str) -> Program | tree.CompileError:
        name, text = self.sources[low]
        own = "." in name and not low.startswith("httpсервис.")  # has variables, a body, perhaps an object
        context = dict(self.given.contexts).get(low, frozenset()) if own else None
        try:
            source = syntax.parse(text, full_name(name), self.given.defines, old=self.given.old)
            return compile_module(source, self.world, context)
        except tree.CompileError as error:
            return error


@lru_cache(maxsize=16)
def _programs(given: _Configuration) -> _Programs:
    """Tests make many bases of one configuration; it is compiled once."""
    return _Programs(given)


class Runtime:
    """The global context and the modules of a configuration.

    globals: Python modules with what `global_function`, `global_property`, Enumeration and Native declare, besides the
    pure ones that are always there. modules: name → text or path; a name without a dot is a server common module, a
    full name («Обработка.X.МодульОбъекта») belongs to an object and is run by `Session.module`. contexts: the names
    (small letters) that the object of such a module gives it; without them unknown names show only when reached.
    features: "8.3", or "8.2": only what that platform has.
    """

    def __init__(
        self,
        globals: Sequence[ModuleType],
        modules: Mapping[str, str | Path],
        features: str = "8.3",
        *,
        contexts: Mapping[str, frozenset[str]] | None = None,
        defines: frozenset[str] = syntax.SERVER,
    ) -> None:
        self.old, self.defines = features == "8.2", defines
        sources = tuple((n, syntax.read(text) if isinstance(text, Path) else text) for n, text in modules.items())
        known = tuple((name.lower(), names) for name, names in (contexts or {}).items())
        self._programs = _programs(_Configuration(tuple(globals), sources, known, self.old, defines, lines.collector()))
        self.library, self.world = self._programs.library, self._programs.world
        sys.setrecursionlimit(max(sys.getrecursionlimit(), DEPTH))

    def program(self, name: str) -> Program:
        """The compiled module. Raises CompileError, KeyError."""
        found = self._programs.get(name.lower())
        if isinstance(found, tree.CompileError):
            raise tree.CompileError(found.module, found.problems)
        return found

    def problems(self) -> list[tree.CompileError]:
        """Compile everything; the modules that do not compile."""
        found = map(self._programs.get, self._programs.sources)
        return [error for error in found if isinstance(error, tree.CompileError)]


class Session:
    """One session: the modules' instances and the errors being handled. For one thread at a time.

    platform: whatever the platform's functions look for in their session (an infobase's session); None in pure tests.
    """

    def __init__(self, runtime: Runtime, platform: Any = None) -> None:
        self.runtime, self.platform = runtime, platform
        self.errors: list[BslError] = []
        self._common: dict[str, Instance] = {}

    def common(self, name: str) -> Instance:
        """A common module. Raises CompileError."""
        low = name.lower()
        found = self._common.get(low)
        if found is None:
            found = self._common[low] = Instance(self, self.runtime.program(low))
        return found

    def module(self, name: str, context: Native | None = None) -> Instance:
        """The module of an object, new, with its body run. Raises CompileError, KeyError."""
        return Instance(self, self.runtime.program(name), context)

    def call(self, path: str, *args: Any) -> Value:
        """Call «Модуль.Метод» (exported or not) with Python values (dict and list are converted, Ref is a variable).

        Gives the BSL value. Raises BslError, CompileError.
        """
        module, _, name = path.rpartition(".")
        return self.common(module).call(name, *(a if isinstance(a, Ref) else values.to_bsl(a) for a in args))

    def create(self, type_: Value, args: list[Value]) -> Native:
        """Новый(type_, args)."""
        name = type_.name if isinstance(type_, TypeValue) else ops.text(type_)
        made = self.runtime.library.classes.get(name.lower())
        if made is None or not made.bsl_creatable:
            raise BslError(f"Тип не определен ({name})")
        return made.bsl_new(self, plain(args))

    def known_type(self, name: str) -> str | None:
        """The full name of a type by any of its spellings; None for an unknown one."""
        low = name.lower()
        if low in simple.PRIMITIVE or low in simple.ENGLISH:
            return simple.PRIMITIVE.get(low) or simple.ENGLISH[low]
        found = self.runtime.library.classes.get(low)
        if found is not None:
            return found.bsl_type
        asked = getattr(self.platform, "known_type", None)
        return asked(name) if asked else None

    def evaluate(self, text: str, frame: Frame | None = None, names: Mapping[str, int] | None = None) -> Value:
        """Вычислить: an expression over the global context and, given its frame, a routine's variables."""
        return self._inline(f"Возврат ({text}\n);", frame, names or {})

    def execute(self, text: str, frame: Frame | None = None, names: Mapping[str, int] | None = None) -> None:
        """Выполнить: statements; variables that they make live only in them."""
        self._inline(text, frame, names or {})

    def _inline(self, text: str, frame: Frame | None, names: Mapping[str, int]) -> Value:
        instance = frame.instance if frame else Instance(self, Program("Вычислить", tree.Module("Вычислить", [])))
        code = self._inline_code(text, instance, names)
        cells = list(frame.cells) if frame else []
        cells.extend(Ref() for _ in range(code.size - len(cells)))
        inner = Frame(self, instance, cells)
        code.body(inner)
        return inner.result

    def _inline_code(self, text: str, instance: Instance, names: Mapping[str, int]) -> Code:
        code = Code("", (), False, True)
        try:
            source = syntax.parse(f"Функция В()\n{text}\nКонецФункции", "Вычислить", self.runtime.defines)
            context = None if instance.context is None else frozenset[str]()
            compiler = Compiler(self.runtime.world, instance.program, context)
            compiler.scope = Scope(dict(names), set(), max(names.values(), default=-1) + 1, is_function=True)
            compiler.finish(code, source.routines[0].body)
        except tree.CompileError as error:
            raise BslError(error.problems[0][1]) from None
        if compiler.problems:
            raise BslError(compiler.problems[0][1])
        return code
