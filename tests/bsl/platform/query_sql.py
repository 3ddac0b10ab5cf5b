"""A query's tree as SQL of SQLite, with the types of what comes out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.bsl.native import BslError
from tests.bsl.platform.columns import EMPTY_DATE, ZERO_GUID, Column, Kind
from tests.bsl.platform.query_text import AGGREGATES, Drop, From, Item, Node, Select, Union, has_aggregate, parse
from tests.bsl.platform.tables import Source, Tables

NUMBER, STRING, BOOLEAN, DATE, ANY = (Column("", kind) for kind in ("number", "string", "boolean", "date", "any"))
PERIODS = {"СЕКУНДА", "МИНУТА", "ЧАС", "ДЕНЬ", "НЕДЕЛЯ", "МЕСЯЦ", "КВАРТАЛ", "ГОД"}
PARTS = {"ГОД": (1, 4), "МЕСЯЦ": (6, 2), "ДЕНЬ": (9, 2), "ЧАС": (12, 2), "МИНУТА": (15, 2), "СЕКУНДА": (18, 2)}
Typed = tuple[str, Column]


@dataclass(frozen=True, slots=True)
class Use:
    """A parameter's place. kind: of what it is compared with, empty = anything; many: a list of В (&…)."""

    key: str
    name: str
    kind: str = ""
    many: bool = False
    table: bool = False


@dataclass(slots=True)
class Step:
    """One query of a package. into: the temporary table it fills. drop: the one that is removed."""

    sql: str = ""
    outputs: list[Column] = field(default_factory=list)
    into: str = ""
    drop: str = ""
    # Full names of the tables that it reads.
    reads: list[str] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)


@dataclass(slots=True)
class _Scope:
    """aliases: name in lower case → (alias in SQL, columns). joins: LEFT JOINs that dots have asked for."""

    parent: "_Scope | None" = None
    aliases: dict[str, tuple[str, Mapping[str, Column]]] = field(default_factory=dict)
    joins: dict[tuple[str, str], str] = field(default_factory=dict)
    join_sql: list[str] = field(default_factory=list)


def compiled(
    text: str,
    tables: Tables,
    temporary: Mapping[str, Source],
    given: Callable[[str], Source],
    enums: Callable[[str], Any],
) -> list[Step]:
    """temporary: tables of the manager. given: the columns of a parameter that is a table. enums: names → thing."""
    known = dict(temporary)
    steps = []
    for one in parse(text):
        if isinstance(one, Drop):
            if known.pop(one.name.lower(), None) is None:
                raise BslError(f'Временная таблица не найдена "{one.name}"')
            steps.append(Step(drop=one.name.lower()))
            continue
        step = _Compiler(tables, known, given, enums).step(one)
        if step.into:
            columns = {column.name.lower(): column for column in step.outputs}
            known[step.into.lower()] = Source(f'temp."вт_{step.into.lower()}"', columns)
        steps.append(step)
    return steps


class _Compiler:
    def __init__(
        self,
        tables: Tables,
        temporary: Mapping[str, Source],
        given: Callable[[str], Source],
        enums: Callable[[str], Any],
    ) -> None:
        self.tables, self.temporary, self.given, self.enums = tables, temporary, given, enums
        self.uses: list[Use] = []
        self.reads: list[str] = []
        self.count = 0

    def step(self, union: Union) -> Step:
        sql, outputs = self._union(union, None)
        return Step(sql, outputs, union.selects[0].into, reads=self.reads, uses=self.uses)

    # -- selects

    def _union(self, union: Union, parent: _Scope | None) -> tuple[str, list[Column]]:
        if len(union.selects) == 1:
            return self._select(union.selects[0], _Scope(parent), union.order)
        first, outputs = self._select(union.selects[0], _Scope(parent), [])
        parts = [f"SELECT * FROM ({first})"]
        for select, every in zip(union.selects[1:], union.every, strict=True):
            more, columns = self._select(select, _Scope(parent), [])
            if len(columns) != len(outputs):
                raise BslError("Количество полей в запросах объединения должно быть одинаковым")
            _short(*(outputs if not every else ()))
            parts += ["UNION ALL" if every else "UNION", f"SELECT * FROM ({more})"]
        order = [self._ordered(node, down, None, outputs) for node, down in union.order]
        return " ".join(parts) + _listed(" ORDER BY ", order), outputs

    def _ordered(self, node: Node, down: bool, scope: _Scope | None, outputs: list[Column]) -> str:
        """By a field of the result, or where there is a scope by a field of its tables."""
        tail = " DESC" if down else ""
        if node.op == "field" and len(node.args) == 1:
            for place, column in enumerate(outputs, 1):
                if column.name.lower() == node.args[0].lower():
                    _short(column)
                    return f"{place}{tail}"
        if scope is None:
            raise BslError("Упорядочить объединение можно только по полям результата")
        sql, column = self._expr(node, scope)
        _short(column)
        return f"{sql}{tail}"

    def _select(self, select: Select, scope: _Scope, order: list[tuple[Node, bool]]) -> tuple[str, list[Column]]:
        sources = "".join(self._from(one, scope) for one in select.sources)
        items = [typed for place, item in enumerate(select.items, 1) for typed in self._item(item, scope, place)]
        outputs = [column for _, column in items]
        where = f" WHERE {self._logical(select.where, scope)}" if select.where else ""
        grouping = [self._expr(node, scope) for node in select.group]
        _short(*(column for _, column in grouping), *(outputs if select.distinct else ()))
        grouped = _listed(" GROUP BY ", [sql for sql, _ in grouping])
        having = f" HAVING {self._logical(select.having, scope)}" if select.having else ""
        self._check_groups(select)
        ordered = _listed(" ORDER BY ", [self._ordered(node, down, scope, outputs) for node, down in order])
        listed = ", ".join(f'{sql} AS "{column.name}"' for sql, column in items)
        from_sql = f" FROM {sources}{''.join(scope.join_sql)}" if sources else ""
        limit = "" if select.top is None else f" LIMIT {select.top}"
        distinct = "DISTINCT " if select.distinct else ""
        return f"SELECT {distinct}{listed}{from_sql}{where}{grouped}{having}{ordered}{limit}", outputs

    @staticmethod
    def _check_groups(select: Select) -> None:
        if not select.group and not any(has_aggregate(item.node) for item in select.items):
            return
        keys = {_normal(node) for node in select.group}
        for item in select.items:
            if not has_aggregate(item.node) and _normal(item.node) not in keys and _uses_fields(item.node):
                raise BslError(f'Поле не входит в группу "{item.alias or _name_of(item.node)}"')

    def _item(self, item: Item, scope: _Scope, place: int) -> list[Typed]:
        if item.node.op == "star":
            found = scope.aliases.values()
            return [(f'{alias}."{column.name}"', column) for alias, columns in found for column in columns.values()]
        sql, column = self._expr(item.node, scope)
        name = item.alias or _name_of(item.node) or f"Поле{place}"
        return [(sql, _named(column, name))]

    # -- tables

    def _from(self, one: From, scope: _Scope) -> str:
        source = self._source(one, scope)
        self.count += 1
        alias = f"t{self.count}"
        for name in {one.alias.lower(), ".".join(one.what).lower() if isinstance(one.what, tuple) else ""} - {""}:
            scope.aliases[name] = (alias, source.columns)
        if not one.join:
            return f"{source.sql} {alias}"
        on = f" ON {self._logical(one.on, scope)}" if one.on else ""
        return f" {one.join} JOIN {source.sql} {alias}{on}"

    def _source(self, one: From, scope: _Scope) -> Source:
        if isinstance(one.what, Union):
            if one.what.order and one.what.selects[0].top is None:
                raise BslError("УПОРЯДОЧИТЬ ПО во вложенном запросе допустимо только вместе с ПЕРВЫЕ")
            sql, outputs = self._union(one.what, scope.parent)
            return Source(f"({sql})", {column.name.lower(): column for column in outputs})
        if isinstance(one.what, Node):
            name = str(one.what.args[0])
            source = self.given(name)
            return Source(source.sql.replace(":table", f":{self._use(name, table=True)}"), source.columns)
        found = self.temporary.get(one.what[0].lower()) if len(one.what) == 1 else self.tables.find(one.what)
        if found is None:
            raise BslError(f'Таблица не найдена "{".".join(one.what)}"')
        self.reads.append(".".join(one.what[:2]))
        conditions = [node for node in (one.args or ())[1:] if node is not None]
        if not conditions:
            return found
        inner = _Scope(scope.parent, {"": ("v", found.columns)})
        where = " AND ".join(self._logical(node, inner) for node in conditions)
        return Source(f"(SELECT v.* FROM {found.sql} v{''.join(inner.join_sql)} WHERE {where})", found.columns)

    # -- expressions

    def _logical(self, node: Node | None, scope: _Scope) -> str:
        assert node is not None
        sql, column = self._expr(node, scope)
        if column.kind not in ("boolean", "any"):
            raise BslError("Условие запроса должно быть логическим")
        return sql

    def _expr(self, node: Node, scope: _Scope) -> Typed:
        return _BY_OP[node.op](self, node, scope)

    def _use(self, name: str, kind: str = "", *, many: bool = False, table: bool = False) -> str:
        key = f"p{len(self.uses)}"
        self.uses.append(Use(key, name, kind, many, table))
        return key

    def _param(self, node: Node, scope: _Scope) -> Typed:
        return f":{self._use(node.args[0])}", Column(f"&{node.args[0]}", "any")

    def _field(self, node: Node, scope: _Scope) -> Typed:
        names: tuple[str, ...] = node.args
        current: _Scope | None = scope
        while current is not None:
            found = self._in_scope(names, current)
            if found is not None:
                return found
            current = current.parent
        raise BslError(f'Поле не найдено "{".".join(names)}"')

    def _in_scope(self, names: tuple[str, ...], scope: _Scope) -> Typed | None:
        for length in range(min(3, len(names) - 1), 0, -1):
            known = scope.aliases.get(".".join(names[:length]).lower())
            if known is not None:
                return self._walk(known[0], known[1], names[length:], scope)
        owners = {alias: columns for alias, columns in scope.aliases.values() if names[0].lower() in columns}
        if len(owners) > 1:
            raise BslError(f'Неоднозначное поле "{names[0]}"')
        return next((self._walk(alias, columns, names, scope) for alias, columns in owners.items()), None)

    def _walk(self, alias: str, columns: Mapping[str, Column], names: tuple[str, ...], scope: _Scope) -> Typed:
        column = columns.get(names[0].lower())
        if column is None:
            raise BslError(f'Поле не найдено "{names[0]}"')
        sql = f'{alias}."{column.name}"'
        if len(names) == 1:
            return sql, column
        target = self.tables.find((column.target,)) if column.kind == "ref" else None
        if target is None:
            raise BslError(f'Поле не найдено "{".".join(names)}"')
        key = (alias, column.name)
        if key not in scope.joins:
            self.count += 1
            scope.joins[key] = f"j{self.count}"
            scope.join_sql.append(f' LEFT JOIN {target.sql} j{self.count} ON j{self.count}."Ссылка" = {sql}')
        return self._walk(scope.joins[key], target.columns, names[1:], scope)

    def _literal(self, node: Node, scope: _Scope) -> Typed:
        text = str(node.args[0])
        return (text, NUMBER) if node.op == "number" else ("'" + text.replace("'", "''") + "'", STRING)

    def _word(self, node: Node, scope: _Scope) -> Typed:
        word = node.args[0]
        if word in ("NULL", "НЕОПРЕДЕЛЕНО", "UNDEFINED"):
            return "NULL", ANY
        return ("1" if word in ("ИСТИНА", "TRUE") else "0"), BOOLEAN

    def _both(self, node: Node, scope: _Scope) -> Typed:
        sides = [self._logical(one, scope) for one in node.args]
        return f"({sides[0]} {node.op.upper()} {sides[1]})", BOOLEAN

    def _not(self, node: Node, scope: _Scope) -> Typed:
        return f"(NOT {self._logical(node.args[0], scope)})", BOOLEAN

    def _pair(self, left: Node, right: Node, scope: _Scope) -> tuple[str, str]:
        (one, one_type), (two, two_type) = self._expr(left, scope), self._expr(right, scope)
        _short(one_type, two_type)
        kinds = {one_type.kind, two_type.kind} - {"any"}
        if len(kinds) > 1:
            raise BslError(f"Сравниваются разные типы: {', '.join(sorted(kinds))}")
        self._expect(one_type, two_type.kind)
        self._expect(two_type, one_type.kind)
        return one, two

    def _expect(self, column: Column, kind: Kind) -> None:
        """The parameter that was used last must be of this kind."""
        if column.name.startswith("&") and kind != "any":
            place = max(i for i, use in enumerate(self.uses) if use.name == column.name[1:] and not use.kind)
            self.uses[place] = Use(self.uses[place].key, self.uses[place].name, kind)

    def _compare(self, node: Node, scope: _Scope) -> Typed:
        mark, left, right = node.args
        one, two = self._pair(left, right, scope)
        return f"({one} {mark} {two})", BOOLEAN

    def _between(self, node: Node, scope: _Scope) -> Typed:
        value, low, high = node.args
        (one, least), (same, most) = self._pair(value, low, scope), self._pair(value, high, scope)
        return f"({one} >= {least} AND {same} <= {most})", BOOLEAN

    def _like(self, node: Node, scope: _Scope) -> Typed:
        value, pattern, escape = node.args
        args = [self._expr(one, scope)[0] for one in (value, pattern)]
        last = self._expr(escape, scope)[0] if escape else "''"
        return f"like_1c({args[0]}, {args[1]}, {last})", BOOLEAN

    def _null(self, node: Node, scope: _Scope) -> Typed:
        value, negated = node.args
        return f"({self._expr(value, scope)[0]} IS {'NOT ' if negated else ''}NULL)", BOOLEAN

    def _refs(self, node: Node, scope: _Scope) -> Typed:
        sql, column = self._expr(node.args[0], scope)
        same = column.target.lower() == ".".join(node.args[1]).lower()
        return f"({sql} <> '{ZERO_GUID}' AND {int(same)})", BOOLEAN

    def _in(self, node: Node, scope: _Scope) -> Typed:
        left, inner = node.args
        value, column = self._expr(left, scope)
        _short(column)
        if inner.op == "sub":
            return f"({value} IN ({self._union(inner.args[0], scope)[0]}))", BOOLEAN
        if len(inner.args) == 1 and inner.args[0].op == "param":
            kind = "" if column.kind == "any" else column.kind
            key = self._use(inner.args[0].args[0], kind, many=True)
            return f"({value} IN (SELECT value FROM json_each(:{key})))", BOOLEAN
        listed = [self._pair(left, one, scope)[1] for one in inner.args]
        return f"({value} IN ({', '.join(listed)}))", BOOLEAN

    def _row(self, node: Node, scope: _Scope) -> Typed:
        return "(" + ", ".join(self._expr(one, scope)[0] for one in node.args) + ")", ANY

    def _sub(self, node: Node, scope: _Scope) -> Typed:
        sql, outputs = self._union(node.args[0], scope)
        return f"({sql})", outputs[0]

    def _math(self, node: Node, scope: _Scope) -> Typed:
        mark, left, right = node.args
        (one, one_type), (two, two_type) = self._expr(left, scope), self._expr(right, scope)
        if "string" in (one_type.kind, two_type.kind):
            if mark != "+":
                raise BslError("Неверные параметры операции")
            return f"({one} || {two})", STRING
        return (f"(CAST({one} AS REAL) / {two})" if mark == "/" else f"({one} {mark} {two})"), NUMBER

    def _minus(self, node: Node, scope: _Scope) -> Typed:
        return f"(-{self._expr(node.args[0], scope)[0]})", NUMBER

    def _case(self, node: Node, scope: _Scope) -> Typed:
        subject, branches, otherwise = node.args
        sql, column = "CASE", ANY
        for when, then in branches:
            test = (
                self._compare(Node("compare", ("=", subject, when)), scope)[0]
                if subject
                else self._logical(when, scope)
            )
            value, found = self._expr(then, scope)
            column = found if column.kind == "any" else column
            sql += f" WHEN {test} THEN {value}"
        if otherwise is not None:
            value, found = self._expr(otherwise, scope)
            column = found if column.kind == "any" else column
            sql += f" ELSE {value}"
        return f"{sql} END", column

    def _call(self, node: Node, scope: _Scope) -> Typed:
        name, distinct, *args = node.args
        if name in AGGREGATES:
            return self._aggregate(name, distinct, args, scope)
        if name in (
            "ЗНАЧЕНИЕ",
            "ВЫРАЗИТЬ",
            "ДАТАВРЕМЯ",
            "НАЧАЛОПЕРИОДА",
            "КОНЕЦПЕРИОДА",
            "ДОБАВИТЬКДАТЕ",
            "РАЗНОСТЬДАТ",
        ):
            return getattr(self, _SPECIAL[name])(name, args, scope)  # type: ignore[no-any-return]
        typed = [self._expr(one, scope) for one in args]
        sql = [one for one, _ in typed]
        if name in ("ЕСТЬNULL", "ISNULL"):
            kind = typed[0][1] if typed[0][1].kind != "any" else typed[1][1]
            return f"coalesce({sql[0]}, {sql[1]})", kind
        if name == "ПОДСТРОКА":
            return f"substr({', '.join(sql)})", STRING
        if name in PARTS:
            start, length = PARTS[name]
            return f"CAST(substr({sql[0]}, {start}, {length}) AS INTEGER)", NUMBER
        if name in ("ПРЕДСТАВЛЕНИЕ", "ПРЕДСТАВЛЕНИЕССЫЛКИ"):
            return sql[0], _named(typed[0][1], "@present")
        raise BslError(f'Функция запроса не поддерживается "{name}"')

    def _aggregate(self, name: str, distinct: bool, args: list[Node], scope: _Scope) -> Typed:
        if not args:
            return "count(*)", NUMBER
        sql, column = self._expr(args[0], scope)
        word = "DISTINCT " if distinct else ""
        if name in ("СУММА", "СРЕДНЕЕ") and column.kind not in ("number", "any"):
            raise BslError(f"Неверные параметры {name}")
        if distinct or name in ("МАКСИМУМ", "МИНИМУМ"):
            _short(column)
        kind = column if name in ("МАКСИМУМ", "МИНИМУМ") else NUMBER
        return f"{AGGREGATES[name]}({word}{sql})", kind

    def _value(self, name: str, args: list[Any], scope: _Scope) -> Typed:
        cls, owner, value = (*args[0], "", "")[:3]
        if value.lower() in ("пустаяссылка", "emptyref"):
            if self.enums(f"{cls}.{owner}") is None:
                raise BslError(f'Неизвестное значение "{".".join(args[0])}"')
            kind: Kind = "enum" if cls.lower() in ("перечисление", "enum") else "ref"
            return (f"'{ZERO_GUID}'" if kind == "ref" else "''"), Column("", kind, target=f"{cls}.{owner}")
        thing = self.enums(f"{cls}.{owner}")
        known = next((one for one in getattr(thing, "values", ()) if one.lower() == value.lower()), None)
        if known is None:
            raise BslError(f'Неизвестное значение "{".".join(args[0])}"')
        return f"'{known}'", Column("", "enum", target=thing.full)

    def _cast(self, name: str, args: list[Any], scope: _Scope) -> Typed:
        sql, column = self._expr(args[0], scope)
        names, sizes = args[1]
        word = names[0].upper()
        if word in ("СТРОКА", "STRING"):
            return (f"substr({sql}, 1, {sizes[0]})" if sizes else sql), STRING
        if word in ("ЧИСЛО", "NUMBER"):
            return f"round({sql}, {sizes[1] if len(sizes) > 1 else 0})", NUMBER
        return sql, Column("", "ref", target=".".join(names)) if len(names) > 1 else column

    def _date(self, name: str, args: list[Node], scope: _Scope) -> Typed:
        numbers = [int(one.args[0]) for one in args] + [0] * (6 - len(args))
        year, month, day, hour, minute, second = numbers
        return f"'{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}'", DATE

    def _period(self, name: str, args: list[Node], scope: _Scope) -> Typed:
        """Functions over dates are functions of Python: the second or third word is a period."""
        sql = []
        for one in args:
            word = one.args[0].upper() if one.op == "field" and len(one.args) == 1 else ""
            sql.append(f"'{word}'" if word in PERIODS else self._expr(one, scope)[0])
        return f"{_PERIOD[name]}({', '.join(sql)})", NUMBER if name == "РАЗНОСТЬДАТ" else DATE


_SPECIAL = {
    "ЗНАЧЕНИЕ": "_value", "ВЫРАЗИТЬ": "_cast", "ДАТАВРЕМЯ": "_date", "НАЧАЛОПЕРИОДА": "_period",
    "КОНЕЦПЕРИОДА": "_period", "ДОБАВИТЬКДАТЕ": "_period", "РАЗНОСТЬДАТ": "_period",
}  # fmt: skip
_PERIOD = {
    "НАЧАЛОПЕРИОДА": "period_start", "КОНЕЦПЕРИОДА": "period_end", "ДОБАВИТЬКДАТЕ": "date_add",
    "РАЗНОСТЬДАТ": "date_diff",
}  # fmt: skip
_C = _Compiler
_BY_OP: dict[str, Callable[[_Compiler, Node, _Scope], Typed]] = {
    "field": _C._field, "param": _C._param, "text": _C._literal, "number": _C._literal, "word": _C._word,
    "and": _C._both, "or": _C._both, "not": _C._not, "compare": _C._compare, "between": _C._between,
    "like": _C._like, "null": _C._null, "refs": _C._refs, "in": _C._in, "row": _C._row, "sub": _C._sub,
    "math": _C._math, "minus": _C._minus, "case": _C._case, "call": _C._call,
}  # fmt: skip


def _listed(before: str, parts: list[str]) -> str:
    return before + ", ".join(parts) if parts else ""


def _short(*columns: Column) -> None:
    """Raises BslError for texts without a limit where values are compared."""
    found = next((one for one in columns if one.memo), None)
    if found is not None:
        raise BslError(f"Сравнение, группировка и упорядочивание строк неограниченной длины недопустимы ({found.name})")


def _named(column: Column, name: str) -> Column:
    """The column under the item's name; what a parameter gives or a presentation is stays to be seen in `target`."""
    special = column.name if column.name.startswith(("&", "@")) else ""
    target = special or column.target
    return replace(column, name=name, target=target, negative=True)


def _name_of(node: Node) -> str:
    """1C's own name of a field without КАК: the path behind the table, run together."""
    if node.op != "field":
        return ""
    return "".join(node.args[1:]) if len(node.args) > 1 else str(node.args[0])


def _normal(node: Any) -> Any:
    if isinstance(node, Node):
        return (node.op, *(_normal(one) for one in node.args))
    if isinstance(node, tuple):
        return tuple(_normal(one) for one in node)
    return node.lower() if isinstance(node, str) else node


def _uses_fields(node: Any) -> bool:
    if isinstance(node, Node):
        return node.op == "field" or any(_uses_fields(one) for one in node.args)
    return isinstance(node, tuple) and any(_uses_fields(one) for one in node)


EMPTY = EMPTY_DATE
