"""What compiled code runs on: routines, programs (compiled modules), their instances in a session, frames of calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.bsl import tree
from tests.bsl.native import SKIPPED, BslError, Native, Place, Ref, Value

Run = Callable[["Frame"], Any]


class Frame:
    """One call: its variables, and the session and module it runs in."""

    __slots__ = ("cells", "instance", "result", "session")

    def __init__(self, session: Any, instance: Instance, cells: list[Ref]) -> None:
        self.session, self.instance, self.cells = session, instance, cells
        self.result: Value = None


@dataclass(slots=True)
class Code:
    """A compiled routine; `size`: variables with parameters. `body` is set when the module's names are known."""

    name: str
    params: tuple[tree.Param, ...]
    export: bool
    is_function: bool
    directives: tuple[str, ...] = ()
    size: int = 0
    body: Run = lambda frame: None

    @property
    def without_context(self) -> bool:
        """A form's routine that sees neither the form nor the routines that do."""
        return any(word.endswith(("безконтекста", "nocontext")) for word in self.directives)

    @property
    def least(self) -> int:
        """How many arguments a call needs."""
        return max((i + 1 for i, p in enumerate(self.params) if not p.optional), default=0)

    def cells(self, args: list[Value | Ref]) -> list[Ref]:
        """The variables of a call. Raises BslError for a wrong number of arguments."""
        given, params = len(args), self.params
        if given > len(params):
            raise BslError("Слишком много фактических параметров")
        if given < len(params) and given < self.least:
            raise BslError("Недостаточно фактических параметров")
        made = []
        for param, arg in zip(params, args, strict=False):
            if type(arg) is Ref:
                made.append(Ref(arg.value) if param.by_value else arg)
            else:
                made.append(Ref(param.default if arg is SKIPPED else arg))
        if given < len(params):
            made.extend([Ref(param.default) for param in params[given:]])
        made.extend([Ref() for _ in range(self.size - len(params))])
        return made


@dataclass(slots=True)
class Program:
    """A compiled module. `variables`: name in small letters → (position, exported)."""

    name: str
    source: tree.Module
    routines: dict[str, Code] = field(default_factory=dict)
    variables: dict[str, tuple[int, bool]] = field(default_factory=dict)
    body: Code | None = None

    def place(self, line: int) -> Place:
        """A line of this module for an error."""
        return Place(self.name, line, self.source.source(line))


class Instance(Native):
    """A module in one session: a common module, or the module of the object `context`. Others see what it exports."""

    bsl_type = "ОбщийМодуль"

    def __init__(self, session: Any, program: Program, context: Native | None = None) -> None:
        self.session, self.program, self.context = session, program, context
        self.cells = [Ref() for _ in program.variables]
        if program.body is not None:
            self.run(program.body, [])

    @property
    def this(self) -> Native:
        """ЭтотОбъект."""
        return self if self.context is None else self.context

    def run(self, code: Code, args: list[Value | Ref]) -> Value:
        """Call a routine; variables among `args` are passed by reference."""
        frame = Frame(self.session, self, code.cells(args))
        try:
            code.body(frame)
        except BslError as error:
            error.entered = True
            raise
        return frame.result

    def routine(self, name: str) -> Code | None:
        """A routine that others may call."""
        code = self.program.routines.get(name.lower())
        return code if code and code.export else None

    def call(self, name: str, *args: Value | Ref) -> Value:
        """Call any routine, exported or not, from Python (event handlers are not exported)."""
        code = self.program.routines.get(name.lower())
        if code is None:
            raise BslError(f"Метод объекта не обнаружен ({name})")
        return self.run(code, list(args))

    def has(self, name: str) -> bool:
        """Whether there is a routine of this name, exported or not."""
        return name.lower() in self.program.routines

    def variable(self, name: str) -> Ref | None:
        """An exported variable of the module."""
        position, exported = self.program.variables.get(name.lower(), (0, False))
        return self.cells[position] if exported else None

    def bsl_call(self, session: Any, name: str, args: list[Value | Ref]) -> Value:
        code = self.routine(name)
        if code is None:
            raise BslError(f"Метод объекта не обнаружен ({name})")
        return self.run(code, args)

    def bsl_gives(self, name: str) -> bool:
        code = self.routine(name)
        return code is None or code.is_function

    def bsl_has_method(self, name: str) -> bool:
        return self.routine(name) is not None

    def bsl_get(self, name: str) -> Value:
        found = self.variable(name)
        if found is None:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        return found.value

    def bsl_set(self, name: str, value: Value) -> None:
        found = self.variable(name)
        if found is None:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        found.value = value

    def bsl_has(self, name: str) -> bool:
        return self.variable(name) is not None

    def bsl_text(self) -> str:
        return self.program.name
