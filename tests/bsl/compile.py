"""Statements and modules to Python closures. A statement gives None, or the signal that leaves what is around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final

from tests.bsl import ops, tree
from tests.bsl.expressions import Expressions, Scope, World
from tests.bsl.frames import Code, Frame, Program, Run
from tests.bsl.native import BslError, Native, Place, Value, set_property

BREAK: Final = "прервать"
CONTINUE: Final = "продолжить"
RETURN: Final = "возврат"
Put = Callable[[Frame, Value], None]


def compile_module(source: tree.Module, world: World, context: frozenset[str] | None = None) -> Program:
    """Compile a module; `context` as in Expressions. Raises CompileError with all that is wrong."""
    program = Program(source.name, source)
    compiler = Compiler(world, program, context)
    compiler.declare(source)
    for routine in source.routines:
        compiler.routine(routine, program.routines[routine.name.lower()])
    if source.body:
        program.body = compiler.module_body(source.body)
    if compiler.problems:
        raise tree.CompileError(source.name, compiler.problems)
    return program


class Compiler(Expressions):
    """Compiles the statements of one module."""

    def declare(self, source: tree.Module) -> None:
        """Make the names of variables and routines known before any body is compiled."""
        if source.variables and self.context is None:
            self.wrong(1, "Общий модуль не может иметь переменных")
        for i, (name, exported) in enumerate(source.variables.items()):
            self.program.variables[name.lower()] = (i, exported)
        for r in source.routines:
            if r.name.lower() in self.program.routines:
                self.wrong(r.line, f"Процедура или функция с указанным именем уже определена ({r.name})")
            code = Code(r.name, r.params, r.export, r.is_function, r.directives)
            self.program.routines[r.name.lower()] = code

    def routine(self, routine: tree.Routine, code: Code) -> None:
        """Compile the body of a routine into its code."""
        self.scope = Scope(is_function=routine.is_function)
        self.order(routine.body)
        for param in routine.params:
            if param.name.lower() in self.scope.names:
                self.wrong(routine.line, f"Переменная с указанным именем уже определена ({param.name})")
            self.scope.add(param.name)
        context, self.context = self.context, None if code.without_context else self.context
        self.scope.without_context = code.without_context
        self.finish(code, routine.body)
        self.context = context

    def order(self, body: tree.Block) -> None:
        """Перем comes first."""
        late = [node for i, node in enumerate(body) if isinstance(node, tree.Var) and _any_other(body[:i])]
        for node in late:
            self.wrong(node.line, "Объявления переменных должны быть расположены в начале процедуры или функции")

    def module_body(self, body: tree.Block) -> Code:
        """The statements after the routines; a common module has none."""
        if self.context is None:
            self.wrong(body[0].line, "Общий модуль не может иметь тела")
        self.scope = Scope()
        code = Code("", (), False, False)
        self.finish(code, body)
        return code

    def finish(self, code: Code, body: tree.Block) -> None:
        """Compile `body` in the scope that has been made."""
        code.body = self.block(body)
        code.size = self.scope.size

    def block(self, body: tree.Block) -> Run:
        """A closure for statements in a row; an error that passes gets the place of its statement."""
        steps = [(node.line, self.traced(node.line, run)) for node in body if (run := self.statement(node)) is not None]
        place = self.program.place
        if not steps:
            return lambda f: None

        def run_all(f: Frame) -> Any:
            line = 0
            try:
                for line, step in steps:  # noqa: B007
                    signal = step(f)
                    if signal is not None:
                        return signal
            except BslError as error:
                error.passed(place(line))
                raise
            except Exception as error:
                _noted(error, place(line))
                raise
            return None

        return run_all

    def traced(self, line: int, run: Run) -> Run:
        """The statement itself, or with a word to who counts the lines."""
        trace, module = self.world.trace, self.program.name
        if trace is None:
            return run

        def run_traced(f: Frame) -> Any:
            trace(module, line)
            return run(f)

        return run_traced

    def statement(self, node: tree.Stmt) -> Run | None:
        """A closure for a statement; None for what only declares."""
        maker: Callable[[Any, Any], Run | None] = _MAKERS[type(node)]
        return maker(self, node)

    def var(self, node: tree.Var) -> Run | None:
        for name in node.names:
            if name.lower() in self.scope.names:
                self.wrong(node.line, f"Переменная с указанным именем уже определена ({name})")
            self.scope.add(name)
        return None

    # Assignments and calls

    def assign(self, node: tree.Assign) -> Run:
        value = self.expr(node.value)
        match node.target:
            case tree.Name(_, name):
                put = self.putter(name, node.line)
                return lambda f: put(f, value(f))
            case tree.Property(_, target, name):
                return self._put_property(self.expr(target), name, value)
            case tree.Index(_, target, key):
                return self._put_index(self.expr(target), self.expr(key), value)
        return self.wrong(node.line, "Выражение не может стоять слева от «=»")

    def putter(self, name: str, line: int) -> Put:
        """What assigns to a name; an unknown one becomes a variable of the routine."""
        low = name.lower()
        if low not in self.scope.names:
            if low in self.program.variables:
                return _to_module(self.program.variables[low][0])
            if self.context and low in self.context:
                return lambda f, value: set_property(f.instance.context, name, value)
            if self.context is None and self._global(low) is not None:
                self.wrong(line, f"Поле объекта недоступно для записи ({name})")
        position = self.scope.add(name, soft=self.context is not None and not self.context)
        return _to_context_or_local(name, position) if low in self.scope.soft else _to_local(position)

    def _put_property(self, target: Run, name: str, value: Run) -> Run:
        return lambda f: set_property(target(f), name, value(f))

    def _put_index(self, target: Run, key: Run, value: Run) -> Run:
        def run(f: Frame) -> None:
            owner = target(f)
            if not isinstance(owner, Native):
                raise BslError("Изменение элемента по индексу для значения не определено")
            owner.bsl_set_index(key(f), value(f))

        return run

    def do(self, node: tree.Do) -> Run:
        match node.call:
            case tree.Call():
                call = self.any_call(node.call)
            case tree.Method():
                call = self.any_method(node.call)
            case _:
                return self.wrong(node.line, "Ожидается вызов процедуры")

        def run(f: Frame) -> None:
            call(f)

        return run

    # Branches and loops

    def condition(self, node: tree.If) -> Run:
        branches = [(self.expr(test), self.block(body)) for test, body in node.branches]
        otherwise = self.block(node.otherwise)

        def run(f: Frame) -> Any:
            for test, body in branches:
                if ops.to_bool(test(f)):
                    return body(f)
            return otherwise(f)

        return run

    def loop_body(self, body: tree.Block) -> Run:
        self.scope.loops += 1
        made = self.block(body)
        self.scope.loops -= 1
        return made

    def while_(self, node: tree.While) -> Run:
        test, body = self.expr(node.test), self.loop_body(node.body)

        def run(f: Frame) -> Any:
            while ops.to_bool(test(f)):
                signal = body(f)
                if signal is not None and signal != CONTINUE:
                    return None if signal == BREAK else signal
            return None

        return run

    def for_to(self, node: tree.ForTo) -> Run:
        start, stop = self.expr(node.start), self.expr(node.stop)
        put, get = self.putter(node.name, node.line), self.expr(tree.Name(node.line, node.name))
        return _walk(lambda f: _counted(f, start, stop, get), put, self.loop_body(node.body))

    def for_each(self, node: tree.ForEach) -> Run:
        source = self.expr(node.source)
        put = self.putter(node.name, node.line)
        return _walk(lambda f: _items(source(f)), put, self.loop_body(node.body))

    def stop(self, node: tree.Break) -> Run:
        if not self.scope.loops:
            return self.wrong(node.line, "Оператор Прервать может стоять только внутри цикла")
        return lambda f: BREAK

    def again(self, node: tree.Continue) -> Run:
        if not self.scope.loops:
            return self.wrong(node.line, "Оператор Продолжить может стоять только внутри цикла")
        return lambda f: CONTINUE

    def back(self, node: tree.Return) -> Run:
        if node.value is None:
            if self.scope.is_function:
                return self.wrong(node.line, "Функция должна возвращать значение")
            return lambda f: RETURN
        if not self.scope.is_function:
            return self.wrong(node.line, "Процедура не может возвращать значение")
        value = self.expr(node.value)

        def run(f: Frame) -> str:
            f.result = value(f)
            return RETURN

        return run

    # Errors

    def throw(self, node: tree.Raise) -> Run:
        if node.value is None:
            return self._throw_again(node)
        text = self.expr(node.value)

        def run(f: Frame) -> None:
            raise BslError(ops.text(text(f)))

        return run

    def _throw_again(self, node: tree.Raise) -> Run:
        if not self.scope.handlers:
            return self.wrong(node.line, "ВызватьИсключение без параметра может стоять только внутри Исключение")

        def run(f: Frame) -> None:
            raise f.session.errors[-1]

        return run

    def attempt(self, node: tree.Try) -> Run:
        body = self.block(node.body)
        self.scope.handlers += 1
        handler = self.block(node.handler)
        self.scope.handlers -= 1

        def run(f: Frame) -> Any:
            try:
                return body(f)
            except BslError as error:
                return _handled(f, handler, error)

        return run

    def execute(self, node: tree.Execute) -> Run:
        text, names = self.expr(node.text), dict(self.scope.names)
        return lambda f: f.session.execute(ops.text(text(f)), f, names)


def _any_other(body: tree.Block) -> bool:
    return any(not isinstance(node, tree.Var) for node in body)


def _handled(f: Frame, handler: Run, error: BslError) -> Any:
    f.session.errors.append(error)
    try:
        return handler(f)
    finally:
        f.session.errors.pop()


def _walk(values: Callable[[Frame], Iterator[Value]], put: Put, body: Run) -> Run:
    """A loop over values with a variable."""

    def run(f: Frame) -> Any:
        for value in values(f):
            put(f, value)
            signal = body(f)
            if signal is not None and signal != CONTINUE:
                return None if signal == BREAK else signal
        return None

    return run


def _counted(f: Frame, start: Run, stop: Run, get: Run) -> Iterator[int | Decimal]:
    """Для … По: the body may change the counter; the end is computed once."""
    value, last = ops.to_number(start(f)), ops.to_number(stop(f))
    while value <= last:
        yield value
        value = ops.add(get(f), 1)


def _items(source: Value) -> Iterator[Value]:
    if not isinstance(source, Native):
        raise BslError("Итератор для значения не определен")
    return source.bsl_iter()


def _noted(error: Exception, place: Place) -> None:
    """A fault of the Python side: say once where in BSL it was."""
    if not getattr(error, "__notes__", None):
        error.add_note(str(place))


def _to_local(position: int) -> Put:
    def put(f: Frame, value: Value) -> None:
        f.cells[position].value = value

    return put


def _to_module(position: int) -> Put:
    def put(f: Frame, value: Value) -> None:
        f.instance.cells[position].value = value

    return put


def _to_context_or_local(name: str, position: int) -> Put:
    def put(f: Frame, value: Value) -> None:
        context = f.instance.context
        if context is not None and context.bsl_has(name):
            set_property(context, name, value)
        else:
            f.cells[position].value = value

    return put


_MAKERS: dict[type, Callable[[Any, Any], Run | None]] = {
    tree.Assign: Compiler.assign, tree.Do: Compiler.do, tree.If: Compiler.condition, tree.ForTo: Compiler.for_to,
    tree.ForEach: Compiler.for_each, tree.While: Compiler.while_, tree.Break: Compiler.stop,
    tree.Continue: Compiler.again, tree.Return: Compiler.back, tree.Raise: Compiler.throw, tree.Try: Compiler.attempt,
    tree.Execute: Compiler.execute, tree.Var: Compiler.var,
}  # fmt: skip
