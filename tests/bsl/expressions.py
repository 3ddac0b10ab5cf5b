"""Expressions to Python closures, and what a name means where it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.bsl import ops, tree
from tests.bsl.frames import Code, Frame, Program, Run
from tests.bsl.native import SKIPPED, BslError, Library, Native, Value, get_property, plain

NO_FUNCTION = "Обращение к процедуре объекта как к функции"
THIS = ("этотобъект", "thisobject", "этаформа", "thisform")


@dataclass(frozen=True)
class World:
    """What every module sees: the global context and the common modules (names in small letters).

    trace: is told the module and the line of each statement that runs.
    """

    library: Library
    modules: frozenset[str]
    trace: Callable[[str, int], None] | None = None


@dataclass
class Scope:
    """The variables of one routine: name in small letters → position.

    `soft`: made by an assignment alone; in a module with a context they are variables only while the context has no
    such property.
    """

    names: dict[str, int] = field(default_factory=dict)
    soft: set[str] = field(default_factory=set)
    size: int = 0
    loops: int = 0
    handlers: int = 0
    is_function: bool = False
    without_context: bool = False

    def add(self, name: str, *, soft: bool = False) -> int:
        """Declare a variable (again is the same)."""
        low = name.lower()
        if low not in self.names:
            self.names[low] = self.size
            self.size += 1
            if soft:
                self.soft.add(low)
        return self.names[low]


@dataclass(frozen=True, slots=True)
class Args:
    """Closures for a call's arguments: `refs` with variables themselves, `values` with what is in them."""

    refs: Callable[[Frame], list[Value]]
    values: Callable[[Frame], list[Value]]


class Expressions:
    """Compiles the expressions of one module; what is wrong with them goes to `problems`.

    `context`: None for a common module, else the names of the context object in small letters; empty when they are
    not known before the module runs (then unknown names are errors only when they are reached).
    """

    def __init__(self, world: World, program: Program, context: frozenset[str] | None) -> None:
        self.world, self.program, self.context = world, program, context
        self.problems: list[tuple[int, str]] = []
        self.scope = Scope()

    def wrong(self, line: int, text: str) -> Run:
        """Note a problem; the closure is never run."""
        self.problems.append((line, text))
        return lambda f: None

    def expr(self, node: tree.Expr) -> Run:
        """A closure that gives the value of an expression in a frame."""
        maker: Callable[[Any, Any], Run] = _MAKERS[type(node)]
        return maker(self, node)

    def const(self, node: tree.Const) -> Run:
        value = node.value
        return lambda f: value

    # Names

    def name(self, node: tree.Name) -> Run:
        low = node.name.lower()
        if low in self.scope.names:
            return self._variable(node.name, self.scope.names[low])
        if low in self.program.variables:
            position = self.program.variables[low][0]
            return lambda f: f.instance.cells[position].value
        if low in THIS:
            return lambda f: f.instance.this
        if self.context and low in self.context:
            return _from_context(node.name)
        outer = self._global(low)
        if self.context is not None and not self.context:
            return _maybe_from_context(node.name, outer)
        return outer or self.wrong(node.line, f"Переменная не определена ({node.name})")

    def _variable(self, name: str, position: int) -> Run:
        local: Run = lambda f: f.cells[position].value  # noqa: E731
        if name.lower() in self.scope.soft and self.context is not None:
            return _maybe_from_context(name, local)
        return local

    def _global(self, low: str) -> Run | None:
        if low in self.world.modules:
            return lambda f: f.session.common(low)
        found = self.world.library.properties.get(low)
        if found is None or isinstance(found, Native):
            return None if found is None else lambda f: found
        function = found.function
        return lambda f: function(f.session)

    def reference(self, node: tree.Expr | None) -> Run:
        """A closure for an argument: the variable itself where it is one, SKIPPED where it is left out."""
        if node is None:
            return _skipped
        if isinstance(node, tree.Name):
            low = node.name.lower()
            if low in self.scope.names and not (low in self.scope.soft and self.context is not None):
                position = self.scope.names[low]
                return lambda f: f.cells[position]
            if low in self.program.variables and low not in self.scope.names:
                position = self.program.variables[low][0]
                return lambda f: f.instance.cells[position]
        return self.expr(node)

    def args(self, nodes: tuple[tree.Expr | None, ...]) -> Args:
        """Closures for the arguments of a call."""
        values = [self.expr(node) if node is not None else _skipped for node in nodes]
        return Args(_listed([self.reference(node) for node in nodes]), _listed(values))

    # Operators

    def unary(self, node: tree.Unary) -> Run:
        arg = self.expr(node.arg)
        if node.op == "не":
            return lambda f: not ops.to_bool(arg(f))
        change = ops.negate if node.op == "-" else ops.plus
        return lambda f: change(arg(f))

    def binary(self, node: tree.Binary) -> Run:
        left, right = self.expr(node.left), self.expr(node.right)
        if node.op == "и":
            return lambda f: ops.to_bool(left(f)) and ops.to_bool(right(f))
        if node.op == "или":
            return lambda f: ops.to_bool(left(f)) or ops.to_bool(right(f))
        operate = ops.OPERATORS[node.op]
        if isinstance(node.right, tree.Const):
            return _with_constant(node.op, left, node.right.value)
        return lambda f: operate(left(f), right(f))

    def ternary(self, node: tree.Ternary) -> Run:
        test, yes, no = self.expr(node.test), self.expr(node.yes), self.expr(node.no)
        return lambda f: yes(f) if ops.to_bool(test(f)) else no(f)

    # Members

    def property(self, node: tree.Property) -> Run:
        target, name, low = self.expr(node.target), node.name, node.name.lower()

        def run(f: Frame) -> Value:
            owner = target(f)
            if isinstance(owner, Native) and low not in owner.bsl_props:
                return owner.bsl_get(name)
            return get_property(owner, name)

        return run

    def index(self, node: tree.Index) -> Run:
        target, key = self.expr(node.target), self.expr(node.key)

        def run(f: Frame) -> Value:
            owner = target(f)
            if not isinstance(owner, Native):
                raise BslError("Получение элемента по индексу для значения не определено")
            return owner.bsl_index(key(f))

        return run

    def method(self, node: tree.Method) -> Run:
        """A method in an expression, so it has to be a function."""
        return self.any_method(node, value=True)

    def any_method(self, node: tree.Method, *, value: bool = False) -> Run:
        """A call of an object's method; `value`: what it gives is wanted."""
        target, args = self.expr(node.target), self.args(node.args)
        name, low, old = node.name, node.name.lower(), self.world.library.old
        count, whole = len(node.args), None not in node.args

        def run(f: Frame) -> Value:
            owner = target(f)
            if not isinstance(owner, Native):
                raise BslError(f"Значение не является значением объектного типа ({name})")
            member = owner.bsl_methods.get(low)
            if member is None:
                if value and not owner.bsl_gives(name):
                    raise BslError(f"{NO_FUNCTION} ({name})")
                return owner.bsl_call(f.session, name, args.refs(f))
            if member.since and old:
                raise BslError(f"Метод объекта не обнаружен ({name})")
            if value and member.signature.is_procedure:
                raise BslError(f"{NO_FUNCTION} ({name})")
            if member.ref:
                return member.call(f.session, plain(args.refs(f), member.ref), owner)
            if whole and member.signature.least <= count <= len(member.signature.defaults):
                return member.call_whole(f.session, args.values(f), owner)
            return member.call(f.session, args.values(f), owner)

        return run

    # Calls

    def call(self, node: tree.Call) -> Run:
        """A function in an expression."""
        low = node.name.lower()
        code, known = self.program.routines.get(low), self.world.library.functions.get(low)
        if code is None and self.context is None and known is not None and known.signature.is_procedure:
            return self.wrong(node.line, f"Обращение к процедуре как к функции ({node.name})")
        if code is not None and not code.is_function:
            return self.wrong(node.line, f"Обращение к процедуре как к функции ({node.name})")
        return self.any_call(node)

    def any_call(self, node: tree.Call) -> Run:
        """A call by the name alone: of the module itself, its context, the global context."""
        low, args = node.name.lower(), self.args(node.args)
        code = self.program.routines.get(low)
        if code is not None:
            return self._own(node, code, args)
        if self.context and low in self.context:
            return _call_context(node.name, args)
        if low in ("вычислить", "eval"):
            return self._evaluate(node)
        outer = self._global_call(low, args, node.args)
        if self.context is not None and not self.context:
            return _maybe_call_context(node.name, args, outer)
        return outer or self.wrong(node.line, f"Процедура или функция с указанным именем не определена ({node.name})")

    def _own(self, node: tree.Call, code: Code, args: Args) -> Run:
        if self.scope.without_context and not code.without_context:
            return self.wrong(node.line, f"Вызов процедуры с контекстом формы из процедуры без контекста ({node.name})")
        if len(node.args) > len(code.params):
            return self.wrong(node.line, f"Слишком много фактических параметров ({node.name})")
        if len(node.args) < code.least:
            return self.wrong(node.line, f"Недостаточно фактических параметров ({node.name})")
        given = args.refs
        return lambda f: f.instance.run(code, given(f))

    def _global_call(self, low: str, args: Args, nodes: tuple[tree.Expr | None, ...]) -> Run | None:
        member = self.world.library.functions.get(low)
        if member is None:
            return None
        call, given = member.call, args.values
        if member.ref:
            return lambda f: call(f.session, plain(args.refs(f), member.ref))
        if None not in nodes and member.takes(len(nodes)):
            call = member.call_whole
        return lambda f: call(f.session, given(f))

    def _evaluate(self, node: tree.Call) -> Run:
        if len(node.args) != 1 or node.args[0] is None:
            return self.wrong(node.line, "Вычислить: нужен один параметр")
        text, names = self.expr(node.args[0]), dict(self.scope.names)
        return lambda f: f.session.evaluate(ops.text(text(f)), f, names)

    # Новый

    def new(self, node: tree.New) -> Run:
        made, args = self.world.library.classes.get(node.type.lower()), self.args(node.args)
        if made is None or not made.bsl_creatable:
            return self.wrong(node.line, f"Тип не определен ({node.type})")
        given = args.values
        return lambda f: made.bsl_new(f.session, given(f))

    def new_by(self, node: tree.NewBy) -> Run:
        type_ = self.expr(node.type)
        args = self.expr(node.args) if node.args else None
        return lambda f: f.session.create(type_(f), list(args(f).bsl_iter()) if args else [])


def _skipped(f: Frame) -> Value:
    return SKIPPED


def _listed(runs: list[Run]) -> Callable[[Frame], list[Value]]:
    """One closure for many."""
    if not runs:
        return lambda f: []
    first, second = runs[0], runs[-1]
    if len(runs) == 1:
        return lambda f: [first(f)]
    if len(runs) == 2:
        return lambda f: [first(f), second(f)]
    return lambda f: [run(f) for run in runs]


def _with_constant(op: str, left: Run, value: Value) -> Run:
    """An operation whose right side is a literal; comparing with Неопределено and texts needs no look at types."""
    if op == "=" and (value is None or type(value) is str):
        return lambda f: bool(left(f) == value)
    if op == "<>" and (value is None or type(value) is str):
        return lambda f: not left(f) == value  # noqa: SIM201 - a Native says only what is equal
    operate = ops.OPERATORS[op]
    return lambda f: operate(left(f), value)


def _from_context(name: str) -> Run:
    return lambda f: get_property(f.instance.context, name)


def _maybe_from_context(name: str, otherwise: Run | None) -> Run:
    """The context's property where it has one, else what the name means without it."""

    def run(f: Frame) -> Value:
        context = f.instance.context
        if context is not None and context.bsl_has(name):
            return get_property(context, name)
        if otherwise is None:
            raise BslError(f"Переменная не определена ({name})")
        return otherwise(f)

    return run


def _call_context(name: str, args: Args) -> Run:
    def run(f: Frame) -> Value:
        context = f.instance.this
        member = context.bsl_methods.get(name.lower())
        if member is None:
            return context.bsl_call(f.session, name, args.refs(f))
        return member.call(f.session, plain(args.refs(f), member.ref), context)

    return run


def _maybe_call_context(name: str, args: Args, otherwise: Run | None) -> Run:
    inner = _call_context(name, args)

    def run(f: Frame) -> Value:
        context = f.instance.context
        if context is not None and context.bsl_has_method(name):
            return inner(f)
        if otherwise is None:
            raise BslError(f"Процедура или функция с указанным именем не определена ({name})")
        return otherwise(f)

    return run


_MAKERS: dict[type, Callable[[Any, Any], Run]] = {
    tree.Const: Expressions.const, tree.Name: Expressions.name, tree.Unary: Expressions.unary,
    tree.Binary: Expressions.binary, tree.Ternary: Expressions.ternary, tree.Property: Expressions.property,
    tree.Index: Expressions.index, tree.Method: Expressions.method, tree.Call: Expressions.call,
    tree.New: Expressions.new, tree.NewBy: Expressions.new_by,
}  # fmt: skip
