"""What a client asks of an entity set: $filter, $orderby, $select (facts/onec.md §3.1)."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

Row = Mapping[str, Any]
Term = Callable[[Row], Any]
_TOKEN = re.compile(
    r"\s*(?:(?P<literal>(?:guid|datetime|binary|X)'[^']*')|(?P<text>'(?:[^']|'')*')"
    r"|(?P<number>-?\d+(?:\.\d+)?[mMLlDdFf]?(?![\w]))|(?P<name>[^\W\d][\w]*(?:/[^\W\d][\w]*)*)|(?P<sign>[(),:]))"
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: bool(a == b),
    "ne": lambda a, b: bool(a != b),
    "gt": lambda a, b: a is not None and b is not None and bool(a > b),
    "ge": lambda a, b: a is not None and b is not None and bool(a >= b),
    "lt": lambda a, b: a is not None and b is not None and bool(a < b),
    "le": lambda a, b: a is not None and b is not None and bool(a <= b),
    "like": lambda a, b: _like(str(a), str(b)),
}
_ADD: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda a, b: _num(a) + _num(b),
    "sub": lambda a, b: _num(a) - _num(b),
}
_TIMES: dict[str, Callable[[Any, Any], Any]] = {
    "mul": lambda a, b: _num(a) * _num(b),
    "div": lambda a, b: _num(a) / _num(b),
    "mod": lambda a, b: _num(a) % _num(b),
}
_PARTS = ("year", "month", "day", "hour", "minute", "second")
_TEXT: dict[str, Callable[..., Any]] = {
    "substringof": lambda part, text: str(part) in str(text),
    "startswith": lambda text, part: str(text).startswith(str(part)),
    "endswith": lambda text, part: str(text).endswith(str(part)),
    "concat": lambda *parts: "".join(str(part) for part in parts),
    "length": lambda text: Decimal(len(str(text))),
}
MOST_DEPTH = 60


class BadQuery(Exception):
    """The words of the refusal, as the platform says it."""


class Guid(str):
    """A literal of this type; compared with the text of a field without its case."""

    __slots__ = ()


class Filter:
    """`matches(row)`; `names`: the fields and parts it looks at; `over`: (field, operator) of each comparison."""

    def __init__(self, text: str, columns: Mapping[str, str], parts: Mapping[str, Mapping[str, str]]) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._depth = 0
        self._columns = columns
        self._parts = parts
        self._lambda: list[tuple[str, Mapping[str, str]]] = []
        self.over: set[tuple[str, str]] = set()
        self.names: set[str] = set()
        term = self._any()
        if self._at < len(self._tokens):
            raise BadQuery(f"Ошибка разбора параметра $filter около «{self._tokens[self._at][1]}»")
        self.matches: Callable[[Row], bool] = lambda row: term(row) is True

    def _any(self) -> Term:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise BadQuery("Слишком сложное условие")
        left = self._all()
        while self._word("or"):
            left = _either(left, self._all())
        self._depth -= 1
        return left

    def _all(self) -> Term:
        left = self._no()
        while self._word("and"):
            left = _both(left, self._no())
        return left

    def _no(self) -> Term:
        if self._word("not"):
            term = self._no()
            return lambda row: term(row) is not True
        return self._comparison()

    def _comparison(self) -> Term:
        start = self._at
        left = self._sum()
        for name, compare in _COMPARE.items():
            if self._word(name):
                right = self._sum()
                self.over.add((str(self._tokens[start][1]), name))
                return _compared(compare, left, right)
        return left

    def _sum(self) -> Term:
        return self._chain(_ADD, self._product)

    def _product(self) -> Term:
        return self._chain(_TIMES, self._value)

    def _chain(self, known: Mapping[str, Callable[[Any, Any], Any]], inner: Callable[[], Term]) -> Term:
        left = inner()
        while True:
            name = next((name for name in known if self._word(name)), None)
            if name is None:
                return left
            left = _joined(known[name], left, inner())

    def _value(self) -> Term:
        kind, text = self._next()
        if kind == "sign" and text == "(":
            term = self._any()
            self._expect(")")
            return term
        if kind in ("literal", "text", "number"):
            value = _literal(kind, text)
            return lambda row: value
        if kind != "name":
            raise BadQuery(f"Ошибка разбора параметра $filter около «{text}»")
        return self._named(text)

    def _named(self, name: str) -> Term:
        if name in ("true", "false", "null"):
            value = {"true": True, "false": False, "null": None}[name]
            return lambda row: value
        if self._peek("("):
            return self._some(name) if name.rpartition("/")[2] in ("any", "all") else self._call(name)
        return self._field(name)

    def _field(self, name: str) -> Term:
        for variable, columns in reversed(self._lambda):
            if name.startswith(variable + "/"):
                return self._column(columns, name.partition("/")[2], variable)
        self.names.add(name)
        return self._column(self._columns, name, "")

    @staticmethod
    def _column(columns: Mapping[str, str], name: str, variable: str) -> Term:
        if name not in columns:
            raise BadQuery(f"Сегмент пути {name} не найден!")
        read = _READ.get(columns[name], _same)
        if variable:
            return lambda row: read(row["@" + variable][name])
        return lambda row: read(row.get(name))

    def _call(self, name: str) -> Term:
        self._expect("(")
        terms: list[Term] = []
        if name in ("cast", "isof"):
            return self._typed(name)
        while not self._peek(")"):
            terms.append(self._sum())
            if not self._peek(")"):
                self._expect(",")
        self._expect(")")
        if name in _PARTS:
            return lambda row: Decimal(getattr(_moment(terms[0](row)), name))
        function = _TEXT.get(name)
        if function is None:
            raise BadQuery(f"Неизвестная функция {name}")
        return lambda row: function(*(term(row) for term in terms))

    def _typed(self, name: str) -> Term:
        """`cast(guid'…','Catalog_X')` is the GUID; `isof(Поле,'Catalog_X')` looks at the field's `_Type`."""
        field = self._tokens[self._at][1]
        value = self._sum()
        self._expect(",")
        wanted = str(self._sum()({}))
        self._expect(")")
        if name == "cast":
            return value
        return lambda row: str(row.get(f"{field}_Type")).removeprefix("StandardODATA.") == wanted

    def _some(self, name: str) -> Term:
        part, _, which = name.rpartition("/")
        if part not in self._parts:
            raise BadQuery(f"Сегмент пути {part} не найден!")
        self.names.add(part)
        self._expect("(")
        variable = self._next()[1]
        self._expect(":")
        self._lambda.append((variable, self._parts[part]))
        inner = self._any()
        self._lambda.pop()
        self._expect(")")
        ask = any if which == "any" else all
        return lambda row: ask(inner({**row, "@" + variable: line}) is True for line in row[part])

    def _word(self, word: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == ("name", word):
            self._at += 1
            return True
        return False

    def _peek(self, sign: str) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at] == ("sign", sign)

    def _expect(self, sign: str) -> None:
        if not self._peek(sign):
            raise BadQuery(f"Ошибка разбора параметра $filter: ожидается «{sign}»")
        self._at += 1

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise BadQuery("Ошибка разбора параметра $filter: условие обрывается")
        self._at += 1
        return self._tokens[self._at - 1]


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise BadQuery(f"Ошибка разбора параметра $filter около «{text[at : at + 20]}»")
        found.append((str(match.lastgroup), match[str(match.lastgroup)]))
        at = match.end()
    return found


def _literal(kind: str, text: str) -> Any:
    if kind == "number":
        return Decimal(text.rstrip("mMLlDdFf"))
    if kind == "text":
        return text[1:-1].replace("''", "'")
    name, _, value = text.partition("'")
    value = value[:-1]
    if name == "datetime":
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", value):
            raise BadQuery(f"Неверный формат даты «{value}»")
        return value
    return Guid(value.lower())


def _either(left: Term, right: Term) -> Term:
    return lambda row: left(row) is True or right(row) is True


def _both(left: Term, right: Term) -> Term:
    return lambda row: left(row) is True and right(row) is True


def _compared(compare: Callable[[Any, Any], bool], left: Term, right: Term) -> Term:
    def compared(row: Row) -> bool:
        try:
            return compare(left(row), right(row))
        except TypeError as error:
            raise BadQuery("Операция сравнения недопустима для этих типов") from error

    return compared


def _joined(join: Callable[[Any, Any], Any], left: Term, right: Term) -> Term:
    return lambda row: join(left(row), right(row))


def _same(value: Any) -> Any:
    return value


def _num(value: Any) -> Decimal:
    try:
        return Decimal(str(value or 0))
    except ArithmeticError as error:
        raise BadQuery(f"«{value}» не число") from error


def _number(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


_READ: dict[str, Callable[[Any], Any]] = {
    "Edm.Double": _number,
    "Edm.Int64": _number,
    "Edm.Guid": lambda value: None if value is None else str(value).lower(),
}


def _moment(value: Any) -> datetime:
    try:
        return datetime.fromisoformat(str(value))
    except ValueError as error:
        raise BadQuery(f"«{value}» не дата") from error


def _like(text: str, pattern: str) -> bool:
    parts = [re.escape(part).replace("_", ".") for part in pattern.split("%")]
    return re.fullmatch(".*".join(parts), text, re.DOTALL) is not None


def order_of(text: str, columns: Mapping[str, str]) -> list[tuple[str, bool]]:
    """$orderby: (field, descending)."""
    found = []
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, _, way = item.partition(" ")
        if name not in columns or way.strip() not in ("", "asc", "desc"):
            raise BadQuery(f"Сегмент пути {name} не найден!")
        found.append((name, way.strip() == "desc"))
    return found


def sort_key(row: Row, name: str, columns: Mapping[str, str]) -> tuple[bool, Any]:
    """Null stands first."""
    value = _READ.get(columns[name], _same)(row.get(name))
    return value is not None, value
