"""The shapes of a parsed module. Names are as written; `line` from 1."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.bsl.native import Value


class CompileError(Exception):
    """A module does not compile. `problems`: (line, text); str() has one per line with the module's name."""

    def __init__(self, module: str, problems: list[tuple[int, str]]) -> None:
        self.module, self.problems = module, sorted(problems)
        super().__init__("\n".join(f"{{{module}({line})}}: {text}" for line, text in self.problems))


@dataclass(frozen=True, slots=True)
class Node:
    """Anything that stands in a line."""

    line: int


@dataclass(frozen=True, slots=True)
class Const(Node):
    """A literal."""

    value: Value


@dataclass(frozen=True, slots=True)
class Name(Node):
    """An identifier alone."""

    name: str


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """`op`: «-», «+», «не»."""

    op: str
    arg: Expr


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """`op`: as in ops.OPERATORS, or «и», «или»."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Ternary(Node):
    """?(test, yes, no)."""

    test: Expr
    yes: Expr
    no: Expr


@dataclass(frozen=True, slots=True)
class Call(Node):
    """Имя(args); an argument left out is None."""

    name: str
    args: tuple[Expr | None, ...]


@dataclass(frozen=True, slots=True)
class Method(Node):
    """target.Имя(args)."""

    target: Expr
    name: str
    args: tuple[Expr | None, ...]


@dataclass(frozen=True, slots=True)
class Property(Node):
    """target.Имя."""

    target: Expr
    name: str


@dataclass(frozen=True, slots=True)
class Index(Node):
    """target[key]."""

    target: Expr
    key: Expr


@dataclass(frozen=True, slots=True)
class New(Node):
    """Новый Имя(args)."""

    type: str
    args: tuple[Expr | None, ...]


@dataclass(frozen=True, slots=True)
class NewBy(Node):
    """Новый(type, array of arguments)."""

    type: Expr
    args: Expr | None


Expr = Const | Name | Unary | Binary | Ternary | Call | Method | Property | Index | New | NewBy


@dataclass(frozen=True, slots=True)
class Assign(Node):
    """target = value."""

    target: Expr
    value: Expr


@dataclass(frozen=True, slots=True)
class Do(Node):
    """A call as a statement."""

    call: Expr


@dataclass(frozen=True, slots=True)
class If(Node):
    """`branches`: (test, body) in order."""

    branches: tuple[tuple[Expr, Block], ...]
    otherwise: Block


@dataclass(frozen=True, slots=True)
class ForTo(Node):
    """Для name = start По stop Цикл."""

    name: str
    start: Expr
    stop: Expr
    body: Block


@dataclass(frozen=True, slots=True)
class ForEach(Node):
    """Для Каждого name Из source Цикл."""

    name: str
    source: Expr
    body: Block


@dataclass(frozen=True, slots=True)
class While(Node):
    """Пока test Цикл."""

    test: Expr
    body: Block


@dataclass(frozen=True, slots=True)
class Break(Node):
    """Прервать."""


@dataclass(frozen=True, slots=True)
class Continue(Node):
    """Продолжить."""


@dataclass(frozen=True, slots=True)
class Return(Node):
    """Возврат."""

    value: Expr | None


@dataclass(frozen=True, slots=True)
class Raise(Node):
    """ВызватьИсключение; without a value the current error again."""

    value: Expr | None


@dataclass(frozen=True, slots=True)
class Try(Node):
    """Попытка body Исключение handler."""

    body: Block
    handler: Block


@dataclass(frozen=True, slots=True)
class Execute(Node):
    """Выполнить(text)."""

    text: Expr


@dataclass(frozen=True, slots=True)
class Var(Node):
    """Перем names."""

    names: tuple[str, ...]


Stmt = Assign | Do | If | ForTo | ForEach | While | Break | Continue | Return | Raise | Try | Execute | Var
Block = tuple[Stmt, ...]


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter; `optional` has the value `default`."""

    name: str
    by_value: bool
    optional: bool
    default: Value


@dataclass(frozen=True, slots=True)
class Routine(Node):
    """A procedure or a function; `directives` as written, with «&», in small letters."""

    name: str
    params: tuple[Param, ...]
    export: bool
    is_function: bool
    body: Block
    directives: tuple[str, ...]


@dataclass(slots=True)
class Module:
    """A parsed module: `variables` name → exported, `body` the statements after the routines."""

    name: str
    lines: list[str]
    routines: list[Routine] = field(default_factory=list)
    variables: dict[str, bool] = field(default_factory=dict)
    body: Block = ()

    def source(self, line: int) -> str:
        """The text of a line without its indent."""
        return self.lines[line - 1].strip() if 0 < line <= len(self.lines) else ""
