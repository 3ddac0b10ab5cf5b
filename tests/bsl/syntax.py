"""BSL text to the shapes of tree.py, by the grammar tree-sitter-hbk.

What the grammar takes for an error and 1C does not: a negative default of a parameter, ВызватьИсключение alone. What it
takes for right and 1C does not: statements without a semicolon between them. What it reads otherwise than 1C: «Не»
binds weaker than comparisons.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path

import tree_sitter_hbk
from tests.bsl import ops, tree
from tests.bsl.native import Value
from tests.bsl.simple import NULL
from tree_sitter import Language, Node, Parser

SERVER = frozenset({"сервер", "server"})
_SILENT = ("line_comment", "ERROR")
_AFTER_LAST = (";", "elseif_clause", "else_clause", "preprocessor")
_NO_VALUE = {"UNDEFINED_KEYWORD": None, "NULL_KEYWORD": NULL}


@cache
def _language() -> Language:
    return Language(tree_sitter_hbk.language())


def read(path: Path) -> str:
    """A module's text as the dump keeps it: UTF-8, with or without BOM."""
    return path.read_text(encoding="utf-8-sig")


def parse(text: str, name: str, defines: frozenset[str] = SERVER, *, old: bool = False) -> tree.Module:
    """Parse a module; `defines`: the names that #Если finds true; `old`: as 8.2 does. Raises CompileError.

    The same text gives the same Module again, which nobody changes.
    """
    return _parsed(text, name, defines, old)


@lru_cache(maxsize=512)
def _parsed(text: str, name: str, defines: frozenset[str], old: bool) -> tree.Module:
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    root = Parser(_language()).parse(text.encode()).root_node
    made = tree.Module(name, text.split("\n"))
    if root.has_error and (problems := list(_errors(root))):
        raise tree.CompileError(name, problems)
    _Reader(defines, made, old=old).module(root)
    return made


def _errors(node: Node) -> Iterator[tuple[int, str]]:
    """Where the text is not BSL: (line, text)."""
    if node.is_missing and not _raise_alone(node):
        yield _line(node), f"Ожидается {node.type}"
    elif node.type == "ERROR" and not _minus_default(node):
        words = (node.text or b"").decode().split()
        yield _line(node), f"Синтаксическая ошибка: {' '.join(words)[:60]}"
    elif node.has_error:
        for child in node.children:
            yield from _errors(child)


def _raise_alone(node: Node) -> bool:
    holder = node.parent.parent if node.parent else None
    return holder is not None and holder.type == "rise_error_statement"


def _minus_default(node: Node) -> bool:
    return node.text == b"-" and node.parent is not None and node.parent.type == "parameter"


def _ended(node: Node) -> bool:
    """Whether a statement has its semicolon, or is the last of its block; the grammar does not mind."""
    if node.children and node.children[-1].type == ";":
        return True
    after = node.next_sibling
    while after is not None and after.type == "line_comment":
        after = after.next_sibling
    return after is None or after.type in _AFTER_LAST or after.type.endswith("_KEYWORD")


def _line(node: Node) -> int:
    return node.start_point[0] + 1


def _text(node: Node | None) -> str:
    return (node.text or b"").decode() if node else ""


def string_value(literal: str) -> str:
    """A literal with its quotes, over several lines with «|», as a string."""
    first, *rest = literal[1:-1].split("\n")
    lines = [first] + [line.lstrip()[1:] for line in rest if line.lstrip().startswith("|")]
    return "\n".join(lines).replace('""', '"')


def date_value(literal: str) -> datetime:
    """'20240101' or '20240101123000', whatever stands between the digits. Raises ValueError."""
    digits = "".join(c for c in literal if c.isdigit()).ljust(14, "0")
    if set(digits) == {"0"}:
        return ops.EMPTY_DATE
    return datetime(int(digits[:4]), *(int(digits[i : i + 2]) for i in range(4, 14, 2)))  # type: ignore[arg-type]


class _Reader:
    """Turns the nodes of one text into shapes; `problems` are raised at the end of `module`."""

    def __init__(self, defines: frozenset[str], made: tree.Module, *, old: bool = False) -> None:
        self.defines, self.made, self.old = defines, made, old
        self.problems: list[tuple[int, str]] = []

    def module(self, root: Node) -> None:
        body: list[Node] = []
        directives: list[str] = []
        for node in self.flat(root.children, annotations=True):
            if node.type == "preprocessor":
                directives.append(_text(node).strip().lower())
            elif node.type in ("procedure_definition", "function_definition"):
                self.made.routines.append(self.routine(node, tuple(directives)))
                directives = []
            elif node.type == "var_definition":
                self.variables(node)
                directives = []
            else:
                body.append(node)
        self.made.body = self.statements(body)
        if self.problems:
            raise tree.CompileError(self.made.name, self.problems)

    def flat(self, nodes: list[Node], *, annotations: bool = False) -> Iterator[Node]:
        """Nodes without comments and keywords, with what preprocessor lines hold in its place."""
        for node in nodes:
            if node.type == "preprocessor" and node.children[0].type == "annotation":
                if annotations:
                    yield node
            elif node.type == "preprocessor":
                yield from self.flat(self.chosen(node.children), annotations=annotations)
            elif node.is_named and node.type not in _SILENT and not node.type.endswith("_KEYWORD"):
                yield node

    def chosen(self, nodes: list[Node]) -> list[Node]:
        """What of a preprocessor line counts: a region without its name, of #Если the branch that holds."""
        if nodes[0].type != "PREPROC_IF_KEYWORD":
            if self.old:
                self.problems.append((_line(nodes[0]), "Неопознанный оператор (в 8.2 нет областей)"))
            return nodes[2:] if nodes[0].type == "PREPROC_REGION_KEYWORD" else nodes
        taken, done, kept = False, False, []
        for node in nodes:
            if node.type in ("PREPROC_IF_KEYWORD", "PREPROC_ELSIF_KEYWORD", "PREPROC_ELSE_KEYWORD"):
                done = done or taken
                taken = node.type == "PREPROC_ELSE_KEYWORD" and not done
            elif node.type == "expression" and not taken:
                taken = not done and self.defined(self.expr(node))
            elif taken and node.is_named:
                kept.append(node)
        return kept

    def defined(self, test: tree.Expr) -> bool:
        match test:
            case tree.Unary(_, _, arg):
                return not self.defined(arg)
            case tree.Binary(_, "и", left, right):
                return self.defined(left) and self.defined(right)
            case tree.Binary(_, _, left, right):
                return self.defined(left) or self.defined(right)
            case tree.Name(_, name):
                return name.lower() in self.defines
        return False

    def variables(self, node: Node) -> None:
        for spec in node.children_by_field_name("variable"):
            self.made.variables[_text(spec.child_by_field_name("name"))] = (
                node.child_by_field_name("export") is not None
            )

    def routine(self, node: Node, directives: tuple[str, ...]) -> tree.Routine:
        params = node.child_by_field_name("parameters")
        if node.children[0].type == "ASYNC_KEYWORD":
            self.problems.append((_line(node), "Асинх есть только с 8.3.18"))
        body = [c for c in self.flat(node.children) if c.type not in ("identifier", "parameters")]
        return tree.Routine(
            _line(node),
            _text(node.child_by_field_name("name")),
            tuple(self.param(p) for p in (params.children if params else []) if p.type == "parameter"),
            node.child_by_field_name("export") is not None,
            node.type == "function_definition",
            self.statements(body),
            directives,
        )

    def param(self, node: Node) -> tree.Param:
        default = node.child_by_field_name("def")
        value = self.literal(default) if default else None
        if any(c.type == "ERROR" for c in node.children):
            value = ops.negate(value)
        by_value = node.child_by_field_name("val") is not None
        return tree.Param(_text(node.child_by_field_name("name")), by_value, default is not None, value)

    # Statements

    def statements(self, nodes: list[Node]) -> tree.Block:
        return tuple(made for node in nodes if (made := self.statement(node)) is not None)

    def inner(self, node: Node, *, skip: int = 0, without: tuple[str, ...] = ()) -> tree.Block:
        """The statements of a compound: its children after `skip` that are not named by `without`."""
        return self.statements([c for c in list(self.flat(node.children))[skip:] if c.type not in without])

    def statement(self, node: Node) -> tree.Stmt | None:
        maker = _STATEMENTS.get(node.type)
        if maker is None:
            self.problems.append((_line(node), f"Конструкция не поддерживается: {_text(node)[:60]}"))
            return None
        if not _ended(node):
            self.problems.append((node.end_point[0] + 1, "Ожидается символ ';'"))
        return maker(self, node)

    def assignment(self, node: Node) -> tree.Stmt:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        return tree.Assign(_line(node), self.expr(left), self.expr(right))

    def do(self, node: Node) -> tree.Stmt:
        return tree.Do(_line(node), self.expr(next(self.flat(node.children))))

    def condition(self, node: Node) -> tree.Stmt:
        clauses = ("elseif_clause", "else_clause")
        parts = list(self.flat(node.children))
        branches = [(self.expr(parts[0]), self.inner(node, skip=1, without=clauses))]
        otherwise: tree.Block = ()
        for part in parts:
            if part.type == "elseif_clause":
                branches.append((self.expr(next(self.flat(part.children))), self.inner(part, skip=1)))
            elif part.type == "else_clause":
                otherwise = self.inner(part)
        return tree.If(_line(node), tuple(branches), otherwise)

    def for_to(self, node: Node) -> tree.Stmt:
        name, start, stop = list(self.flat(node.children))[:3]
        return tree.ForTo(_line(node), _text(name), self.expr(start), self.expr(stop), self.inner(node, skip=3))

    def for_each(self, node: Node) -> tree.Stmt:
        name, source = list(self.flat(node.children))[:2]
        return tree.ForEach(_line(node), _text(name), self.expr(source), self.inner(node, skip=2))

    def loop(self, node: Node) -> tree.Stmt:
        return tree.While(_line(node), self.expr(next(self.flat(node.children))), self.inner(node, skip=1))

    def stop(self, node: Node) -> tree.Stmt:
        return tree.Break(_line(node))

    def again(self, node: Node) -> tree.Stmt:
        return tree.Continue(_line(node))

    def back(self, node: Node) -> tree.Stmt:
        value = node.child_by_field_name("result")
        return tree.Return(_line(node), self.expr(value) if value else None)

    def throw(self, node: Node) -> tree.Stmt:
        parts = [c for c in self.flat(node.children) if (c.text or b"")]
        if not parts:
            return tree.Raise(_line(node), None)
        args = self.args(parts[0]) if parts[0].type == "arguments" else (self.expr(parts[0]),)
        if len(args) != 1:
            self.problems.append((_line(node), "ВызватьИсключение с параметрами есть только с 8.3.21"))
        return tree.Raise(_line(node), args[0] if args else None)

    def attempt(self, node: Node) -> tree.Stmt:
        border = next(i for i, c in enumerate(node.children) if c.type == "EXCEPT_KEYWORD")
        body, handler = node.children[:border], node.children[border:]
        made = [self.statements(list(self.flat(part))) for part in (body, handler)]
        return tree.Try(_line(node), made[0], made[1])

    def run(self, node: Node) -> tree.Stmt:
        return tree.Execute(_line(node), self.expr(next(self.flat(node.children))))

    def var(self, node: Node) -> tree.Stmt:
        return tree.Var(_line(node), tuple(_text(c) for c in node.children_by_field_name("var_name")))

    # Expressions

    def expr(self, node: Node | None) -> tree.Expr:
        assert node is not None
        maker = _EXPRESSIONS.get(node.type)
        if maker is None:
            return tree.Const(_line(node), self.literal(node))
        return maker(self, node)

    def holder(self, node: Node) -> tree.Expr:
        return self.expr(next(self.flat(node.children)))

    def literal(self, node: Node) -> Value:
        inside = node.children[0] if node.type in ("const_expression", "boolean") else node
        match inside.type:
            case "number":
                return ops.number(Decimal(_text(inside)))
            case "string":
                return string_value(_text(inside))
            case "date":
                return self.date(inside)
            case "boolean" | "TRUE_KEYWORD" | "FALSE_KEYWORD":
                return _text(inside).lower() in ("истина", "true")
        if inside.type in _NO_VALUE:
            return _NO_VALUE[inside.type]
        self.problems.append((_line(node), f"Выражение не поддерживается: {_text(node)[:60]}"))
        return None

    def date(self, node: Node) -> datetime:
        try:
            return date_value(_text(node))
        except ValueError:
            self.problems.append((_line(node), f"Неверная константа типа Дата: {_text(node)}"))
            return ops.EMPTY_DATE

    def name(self, node: Node) -> tree.Expr:
        return tree.Name(_line(node), _text(node))

    def unary(self, node: Node) -> tree.Expr:
        op = _text(node.child_by_field_name("operator")).lower()
        return tree.Unary(_line(node), _WORDS.get(op, op), self.expr(node.child_by_field_name("argument")))

    def binary(self, node: Node) -> tree.Expr:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        word = _text(node.child_by_field_name("operator")).lower()
        op = _WORDS.get(word, word)
        first, second = self.expr(left), self.expr(right)
        bare = left is not None and not (left.children and left.children[0].type == "parenthesized_expression")
        if op not in ("и", "или") and bare and isinstance(first, tree.Unary) and first.op == "не":
            return tree.Unary(first.line, "не", tree.Binary(_line(node), op, first.arg, second))
        return tree.Binary(_line(node), op, first, second)

    def ternary(self, node: Node) -> tree.Expr:
        test, yes, no = (self.expr(node.child_by_field_name(f)) for f in ("condition", "consequence", "alternative"))
        return tree.Ternary(_line(node), test, yes, no)

    def call(self, node: Node) -> tree.Expr:
        args = self.args(node.child_by_field_name("arguments"))
        return tree.Call(_line(node), _text(node.child_by_field_name("name")), args)

    def args(self, node: Node | None) -> tuple[tree.Expr | None, ...]:
        """Arguments between commas; the grammar's omitted_argument is a comma too."""
        found: list[tree.Expr | None] = [None]
        for child in node.children[1:-1] if node else []:
            if child.type in (",", "omitted_argument"):
                found.append(None)
            elif child.type == "expression":
                found[-1] = self.expr(child)
        return () if found == [None] else tuple(found)

    def access(self, node: Node) -> tree.Expr:
        """A chain: name, call, target.property, target.Method(…), target[key]."""
        parts = list(self.flat(node.children))
        target = self.expr(parts[0])
        if len(parts) == 1:
            return target
        last = parts[-1]
        if last.type == "index":
            return tree.Index(_line(last), target, self.expr(next(self.flat(last.children))))
        if last.type == "method_call":
            args = self.args(last.child_by_field_name("arguments"))
            return tree.Method(_line(last), target, _text(last.child_by_field_name("name")), args)
        return tree.Property(_line(last), target, _text(last))

    def new(self, node: Node) -> tree.Expr:
        args = self.args(node.child_by_field_name("arguments"))
        return tree.New(_line(node), _text(node.child_by_field_name("type")), args)

    def new_by(self, node: Node) -> tree.Expr:
        args = node.child_by_field_name("arguments")
        type_ = self.expr(node.child_by_field_name("type"))
        return tree.NewBy(_line(node), type_, self.expr(args) if args else None)


_WORDS = {"and": "и", "or": "или", "not": "не"}
_STATEMENTS: dict[str, Callable[[_Reader, Node], tree.Stmt]] = {
    "assignment_statement": _Reader.assignment, "call_statement": _Reader.do, "if_statement": _Reader.condition,
    "for_statement": _Reader.for_to, "for_each_statement": _Reader.for_each, "while_statement": _Reader.loop,
    "break_statement": _Reader.stop, "continue_statement": _Reader.again, "return_statement": _Reader.back,
    "rise_error_statement": _Reader.throw, "try_statement": _Reader.attempt, "execute_statement": _Reader.run,
    "var_statement": _Reader.var, "var_definition": _Reader.var,
}  # fmt: skip
_EXPRESSIONS: dict[str, Callable[[_Reader, Node], tree.Expr]] = {
    "expression": _Reader.holder, "index": _Reader.holder, "parenthesized_expression": _Reader.holder,
    "identifier": _Reader.name, "unary_expression": _Reader.unary, "binary_expression": _Reader.binary,
    "ternary_expression": _Reader.ternary, "method_call": _Reader.call, "call_expression": _Reader.access,
    "access": _Reader.access, "property_access": _Reader.access, "new_expression": _Reader.new,
    "new_expression_method": _Reader.new_by,
}  # fmt: skip
