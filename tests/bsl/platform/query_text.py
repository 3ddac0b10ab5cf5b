"""The text of a query of 1C as a tree. Keywords in Russian or English, no regard to case."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.bsl.native import BslError

TOKEN = re.compile(
    r"(?P<space>[\s\ufeff]+|//[^\n]*)|(?P<text>\"(?:[^\"]|\"\")*\")|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<param>&[\w]+)|(?P<name>[^\W\d]\w*)|(?P<mark><>|<=|>=|[-+*/=<>(),.;])"
)
ENGLISH = {
    "SELECT": "ВЫБРАТЬ", "ALLOWED": "РАЗРЕШЕННЫЕ", "DISTINCT": "РАЗЛИЧНЫЕ", "TOP": "ПЕРВЫЕ", "FROM": "ИЗ", "AS": "КАК",
    "LEFT": "ЛЕВОЕ", "INNER": "ВНУТРЕННЕЕ", "JOIN": "СОЕДИНЕНИЕ", "ON": "ПО", "WHERE": "ГДЕ", "AND": "И", "OR": "ИЛИ",
    "NOT": "НЕ", "IN": "В", "BETWEEN": "МЕЖДУ", "LIKE": "ПОДОБНО", "IS": "ЕСТЬ", "GROUP": "СГРУППИРОВАТЬ", "BY": "ПО",
    "ORDER": "УПОРЯДОЧИТЬ", "DESC": "УБЫВ", "ASC": "ВОЗР", "HAVING": "ИМЕЮЩИЕ", "UNION": "ОБЪЕДИНИТЬ", "ALL": "ВСЕ",
    "INTO": "ПОМЕСТИТЬ", "CASE": "ВЫБОР", "WHEN": "КОГДА", "THEN": "ТОГДА", "ELSE": "ИНАЧЕ", "END": "КОНЕЦ",
    "SUM": "СУММА", "COUNT": "КОЛИЧЕСТВО", "MAX": "МАКСИМУМ", "MIN": "МИНИМУМ", "AVG": "СРЕДНЕЕ",
}  # fmt: skip
AGGREGATES = {"СУММА": "sum", "КОЛИЧЕСТВО": "count", "МАКСИМУМ": "max", "МИНИМУМ": "min", "СРЕДНЕЕ": "avg"}
# Words that cannot be an alias without КАК.
RESERVED = {
    "ИЗ", "ГДЕ", "СГРУППИРОВАТЬ", "УПОРЯДОЧИТЬ", "ЛЕВОЕ", "ВНУТРЕННЕЕ", "ПРАВОЕ", "ПОЛНОЕ", "СОЕДИНЕНИЕ", "ПО",
    "ИМЕЮЩИЕ", "ОБЪЕДИНИТЬ", "ПОМЕСТИТЬ", "КАК", "И", "ИЛИ", "НЕ", "ДЛЯ", "ИТОГИ", "УБЫВ", "ВОЗР",
    "АВТОУПОРЯДОЧИВАНИЕ", "ИНДЕКСИРОВАТЬ", "КОГДА",
    "ТОГДА", "ИНАЧЕ", "КОНЕЦ", "МЕЖДУ", "В", "ПОДОБНО", "ЕСТЬ", "ССЫЛКА", "СПЕЦСИМВОЛ",
}  # fmt: skip
# Words that cannot be one after it either: what 1C takes there (СУММА, ССЫЛКА, КОНЕЦ and the like) is left out.
KEYWORDS = RESERVED - {"ЛЕВОЕ", "ПРАВОЕ", "СОЕДИНЕНИЕ", "ОБЪЕДИНИТЬ", "ИТОГИ", "КОНЕЦ", "ССЫЛКА"} | {
    "ВЫБОР", "ВЫРАЗИТЬ", "РАЗЛИЧНЫЕ", "РАЗРЕШЕННЫЕ", "ПЕРВЫЕ", "ВСЕ", "ВНЕШНЕЕ", "ИСТИНА", "ЛОЖЬ", "НЕОПРЕДЕЛЕНО",
    "NULL", "ИЕРАРХИЯ", "ИЕРАРХИИ", "ОБЩИЕ", "ДОБАВИТЬ", "ТОЛЬКО", "УНИКАЛЬНО", "ТАБЛИЦА", "КУБ",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    line: int
    column: int

    @property
    def word(self) -> str:
        upper = self.text.upper()
        return ENGLISH.get(upper, upper) if self.kind == "name" else ""


@dataclass(frozen=True, slots=True)
class Node:
    """op: field, param, text, number, word, call, case, sub, row, or an operator; args are Nodes and plain values."""

    op: str
    args: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    node: Node
    alias: str


@dataclass(frozen=True, slots=True)
class From:
    """what: names of a table, a Select, or a parameter's Node. join: empty for the first, else LEFT or INNER."""

    what: "tuple[str, ...] | Union | Node"
    alias: str
    args: tuple[Node | None, ...] | None = None
    join: str = ""
    on: Node | None = None


@dataclass(slots=True)
class Select:
    items: list[Item] = field(default_factory=list)
    distinct: bool = False
    top: int | None = None
    into: str = ""
    sources: list[From] = field(default_factory=list)
    where: Node | None = None
    group: list[Node] = field(default_factory=list)
    having: Node | None = None


@dataclass(slots=True)
class Union:
    """selects: joined by ОБЪЕДИНИТЬ; every: True = ВСЕ, one fewer than selects. order: (what, descending)."""

    selects: list[Select]
    every: list[bool]
    order: list[tuple[Node, bool]]


@dataclass(frozen=True, slots=True)
class Drop:
    name: str


def parse(text: str) -> list[Union | Drop]:
    """The queries of a package. Raises BslError as 1C words it."""
    reader = _Reader(_tokens(text))
    found: list[Union | Drop] = []
    while not reader.at_end:
        found.append(reader.drop() if reader.sees("УНИЧТОЖИТЬ") else reader.union())
        if not reader.take_mark(";") and not reader.at_end:
            reader.fail()
    return found


def _tokens(text: str) -> list[Token]:
    found, place, line, start = [], 0, 1, 0
    while place < len(text):
        match = TOKEN.match(text, place)
        if match is None:
            raise BslError(f'{{({line}, {place - start + 1})}}: Синтаксическая ошибка "{text[place]}"')
        kind = str(match.lastgroup)
        if kind != "space":
            found.append(Token(kind, match.group(), line, place - start + 1))
        if "\n" in match.group():
            line, start = line + match.group().count("\n"), match.start() + match.group().rfind("\n") + 1
        place = match.end()
    return [*found, Token("end", "", line, 1)]


class _Reader:
    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens, self.at = tokens, 0

    # -- single tokens

    @property
    def now(self) -> Token:
        return self.tokens[self.at]

    @property
    def at_end(self) -> bool:
        return self.now.kind == "end"

    def fail(self) -> None:
        token = self.now
        raise BslError(f'{{({token.line}, {token.column})}}: Синтаксическая ошибка "{token.text}"')

    def sees(self, *words: str) -> bool:
        return all(self.tokens[min(self.at + i, len(self.tokens) - 1)].word == word for i, word in enumerate(words))

    def take(self, *words: str) -> bool:
        if not self.sees(*words):
            return False
        self.at += len(words)
        return True

    def must(self, *words: str) -> None:
        if not self.take(*words):
            self.fail()

    def take_mark(self, mark: str) -> bool:
        if self.now.kind != "mark" or self.now.text != mark:
            return False
        self.at += 1
        return True

    def must_mark(self, mark: str) -> None:
        if not self.take_mark(mark):
            self.fail()

    def name(self) -> str:
        if self.now.kind != "name":
            self.fail()
        self.at += 1
        return self.tokens[self.at - 1].text

    def number(self) -> int:
        if self.now.kind != "number" or "." in self.now.text:
            self.fail()
        self.at += 1
        return int(self.tokens[self.at - 1].text)

    # -- queries

    def drop(self) -> Drop:
        self.must("УНИЧТОЖИТЬ")
        return Drop(self.name())

    def union(self) -> Union:
        selects, every = [self.select()], []
        while self.take("ОБЪЕДИНИТЬ"):
            every.append(self.take("ВСЕ"))
            selects.append(self.select())
        order: list[tuple[Node, bool]] = []
        if self.take("УПОРЯДОЧИТЬ", "ПО"):
            order.append(self._order())
            while self.take_mark(","):
                order.append(self._order())
        self.take("АВТОУПОРЯДОЧИВАНИЕ")
        if self.take("ИНДЕКСИРОВАТЬ", "ПО"):
            self._list(self.additive)
        return Union(selects, every, order)

    def _order(self) -> tuple[Node, bool]:
        node = self.additive()
        if self.take("УБЫВ"):
            return node, True
        self.take("ВОЗР")
        return node, False

    def _list(self, one: Any) -> list[Any]:
        found = [one()]
        while self.take_mark(","):
            found.append(one())
        return found

    def select(self) -> Select:
        self.must("ВЫБРАТЬ")
        made = Select()
        while True:
            if self.take("РАЗРЕШЕННЫЕ"):
                continue
            if self.take("РАЗЛИЧНЫЕ"):
                made.distinct = True
            elif self.take("ПЕРВЫЕ"):
                made.top = self.number()
            else:
                break
        made.items = self._list(self._item)
        if self.take("ПОМЕСТИТЬ"):
            made.into = self.name()
        if self.take("ИЗ"):
            made.sources = self._sources()
        if self.take("ГДЕ"):
            made.where = self.logical()
        if self.take("СГРУППИРОВАТЬ", "ПО"):
            made.group = self._list(self.additive)
        if self.take("ИМЕЮЩИЕ"):
            made.having = self.logical()
        if self.take("ДЛЯ", "ИЗМЕНЕНИЯ") and self.now.kind == "name" and self.now.word not in RESERVED:
            self._dotted()
        return made

    def _item(self) -> Item:
        if self.take_mark("*"):
            return Item(Node("star"), "")
        node = self.additive()
        return Item(node, self._alias())

    def _alias(self) -> str:
        if self.take("КАК"):
            if self.now.word in KEYWORDS:
                self.fail()
            return self.name()
        return self.name() if self.now.kind == "name" and self.now.word not in RESERVED else ""

    def _sources(self) -> list[From]:
        found = [self._source("")]
        while True:
            if self.take_mark(","):
                found.append(self._source("CROSS"))
                continue
            join = self._join()
            if not join:
                return found
            one = self._source(join)
            self.must("ПО")
            found.append(From(one.what, one.alias, one.args, join, self.logical()))

    def _join(self) -> str:
        for word, join in (("ЛЕВОЕ", "LEFT"), ("ПОЛНОЕ", "FULL"), ("ПРАВОЕ", "RIGHT"), ("ВНУТРЕННЕЕ", "INNER")):
            if self.take(word):
                self.take("ВНЕШНЕЕ")
                self.must("СОЕДИНЕНИЕ")
                return join
        return "INNER" if self.take("СОЕДИНЕНИЕ") else ""

    def _source(self, join: str) -> From:
        if self.take_mark("("):
            inner = self.union()
            self.must_mark(")")
            return From(inner, self._alias(), None, join)
        if self.now.kind == "param":
            self.at += 1
            return From(Node("param", (self.tokens[self.at - 1].text[1:],)), self._alias(), None, join)
        names = self._dotted()
        args: tuple[Node | None, ...] | None = None
        if self.take_mark("("):
            args = tuple(self._virtual_args())
        return From(names, self._alias() or names[-1], args, join)

    def _virtual_args(self) -> list[Node | None]:
        found: list[Node | None] = []
        while True:
            empty = self.now.kind == "mark" and self.now.text in ",)"
            found.append(None if empty else self.logical())
            if self.take_mark(")"):
                return found
            self.must_mark(",")

    def _dotted(self) -> tuple[str, ...]:
        names = [self.name()]
        while self.take_mark("."):
            names.append(self.name())
        return tuple(names)

    # -- expressions

    def logical(self) -> Node:
        node = self._and()
        while self.take("ИЛИ"):
            node = Node("or", (node, self._and()))
        return node

    def _and(self) -> Node:
        node = self._not()
        while self.take("И"):
            node = Node("and", (node, self._not()))
        return node

    def _not(self) -> Node:
        return Node("not", (self._not(),)) if self.take("НЕ") else self._comparison()

    def _comparison(self) -> Node:
        left = self.additive()
        for mark in ("=", "<>", "<=", ">=", "<", ">"):
            if self.take_mark(mark):
                return Node("compare", (mark, left, self.additive()))
        if self.take("ЕСТЬ"):
            negated = self.take("НЕ")
            self.must("NULL")
            return Node("null", (left, negated))
        negated = self.take("НЕ")
        found = self._in_like_between(left)
        if found is not None:
            return Node("not", (found,)) if negated else found
        if negated:
            self.fail()
        if self.take("ССЫЛКА"):
            return Node("refs", (left, self._dotted()))
        return left

    def _in_like_between(self, left: Node) -> Node | None:
        if self.take("МЕЖДУ"):
            low = self.additive()
            self.must("И")
            return Node("between", (left, low, self.additive()))
        if self.take("ПОДОБНО"):
            pattern = self.additive()
            escape = self.additive() if self.take("СПЕЦСИМВОЛ") else None
            return Node("like", (left, pattern, escape))
        if self.take("В"):
            self.take("ИЕРАРХИИ")
            self.must_mark("(")
            if self.sees("ВЫБРАТЬ"):
                inner: Any = Node("sub", (self.union(),))
            else:
                inner = Node("list", tuple(self._list(self.additive)))
            self.must_mark(")")
            return Node("in", (left, inner))
        return None

    def additive(self) -> Node:
        node = self._multiplicative()
        while self.now.kind == "mark" and self.now.text in "+-":
            self.at += 1
            node = Node("math", (self.tokens[self.at - 1].text, node, self._multiplicative()))
        return node

    def _multiplicative(self) -> Node:
        node = self._unary()
        while self.now.kind == "mark" and self.now.text in "*/":
            self.at += 1
            node = Node("math", (self.tokens[self.at - 1].text, node, self._unary()))
        return node

    def _unary(self) -> Node:
        return Node("minus", (self._unary(),)) if self.take_mark("-") else self._primary()

    def _primary(self) -> Node:
        token = self.now
        if token.kind in ("text", "number", "param"):
            self.at += 1
            value = {"text": token.text[1:-1].replace('""', '"'), "param": token.text[1:]}.get(token.kind, token.text)
            return Node(token.kind, (value,))
        if self.take_mark("("):
            return self._brackets()
        if token.word in ("ИСТИНА", "ЛОЖЬ", "NULL", "НЕОПРЕДЕЛЕНО", "TRUE", "FALSE", "UNDEFINED"):
            self.at += 1
            return Node("word", (token.word,))
        if self.take("ВЫБОР"):
            return self._case()
        names = self._dotted()
        if len(names) == 1 and self.take_mark("("):
            return self._call(token.word)
        return Node("field", names)

    def _brackets(self) -> Node:
        if self.sees("ВЫБРАТЬ"):
            node = Node("sub", (self.union(),))
        else:
            inner = self._list(self.logical)
            node = inner[0] if len(inner) == 1 else Node("row", tuple(inner))
        self.must_mark(")")
        return node

    def _case(self) -> Node:
        subject = None if self.sees("КОГДА") else self.additive()
        branches = []
        while self.take("КОГДА"):
            when = self.logical()
            self.must("ТОГДА")
            branches.append((when, self.additive()))
        otherwise = self.additive() if self.take("ИНАЧЕ") else None
        self.must("КОНЕЦ")
        return Node("case", (subject, tuple(branches), otherwise))

    def _call(self, name: str) -> Node:
        if name == "КОЛИЧЕСТВО" and self.take_mark("*"):
            self.must_mark(")")
            return Node("call", (name, False))
        distinct = name in AGGREGATES and self.take("РАЗЛИЧНЫЕ")
        args: list[Any] = []
        if name == "ВЫРАЗИТЬ":
            args.append(self.additive())
            self.must("КАК")
            args.append(self._cast_type())
        elif name in ("ЗНАЧЕНИЕ", "ТИП"):
            args.append(self._dotted())
        elif not (self.now.kind == "mark" and self.now.text == ")"):
            args = self._list(self.additive)
        self.must_mark(")")
        return Node("call", (name, distinct, *args))

    def _cast_type(self) -> tuple[tuple[str, ...], tuple[int, ...]]:
        names, sizes = self._dotted(), []
        if self.take_mark("("):
            sizes = self._list(self.number)
            self.must_mark(")")
        return names, tuple(sizes)


def has_aggregate(node: Any) -> bool:
    if not isinstance(node, Node):
        return isinstance(node, tuple) and any(has_aggregate(one) for one in node)
    if node.op == "call" and node.args[0] in AGGREGATES:
        return True
    return node.op != "sub" and any(has_aggregate(one) for one in node.args)
