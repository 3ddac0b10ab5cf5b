"""What a platform object is made of on the Python side, and the errors that cross the border.

Values of BSL in Python: Неопределено = None, Строка = str, Число = int or decimal.Decimal (never float), Булево = bool,
Дата = naive datetime, Null = values.NULL; everything else is a Native.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any, ClassVar, Final, Self, TypeVar, cast

Value = Any
F = TypeVar("F", bound=Callable[..., Any])


class Skipped:
    """The only value is SKIPPED: an argument that the BSL call left out and that has no default."""

    def __repr__(self) -> str:
        return "SKIPPED"

    def __bool__(self) -> bool:
        return False


SKIPPED: Final = Skipped()
PURE: Final = frozenset(
    f"tests.bsl.{name}" for name in ("builtins", "texts", "dates", "values", "simple", "tables", "descriptions")
)


class Ref:
    """A variable. Arguments are passed by reference, so what travels is the variable itself."""

    __slots__ = ("value",)

    def __init__(self, value: Value = None) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"Ref({self.value!r})"


@dataclass(frozen=True)
class Place:
    """Where an error happened: `module` as 1C says it, `line` from 1, `source` that line."""

    module: str
    line: int
    source: str = ""

    def __str__(self) -> str:
        return f"{{{self.module}({self.line})}}"


class BslError(Exception):
    """What Попытка catches. str() is the text alone; `place` and `stack` are filled while it goes up."""

    def __init__(self, text: str, *, cause: BslError | None = None) -> None:
        super().__init__(text)
        self.text, self.cause = text, cause
        self.place: Place | None = None
        self.stack: list[Place] = []
        self.entered = True  # has come up into a routine that has not yet told its place

    def passed(self, place: Place) -> None:
        """Remember where a routine was, once for each on the way up; the first one is where it happened."""
        if not self.entered:
            return
        self.entered = False
        self.place = self.place or place
        self.stack.append(place)
        self.add_note(str(place))


class KilledHere(BaseException):
    """The process dies at this point (kill -9): BSL cannot catch it, nothing after it runs."""


@dataclass(frozen=True)
class Signature:
    """How many arguments a Python callable takes from BSL, and what stands for those left out."""

    least: int
    defaults: tuple[Value, ...]  # one for each parameter; SKIPPED where it has none
    endless: bool
    wants_session: bool
    is_procedure: bool = False  # annotated as giving None

    @classmethod
    def of(cls, function: Callable[..., Any], *, bound: bool) -> Signature:
        described = inspect.signature(function)
        params = list(described.parameters.values())[1 if bound else 0 :]
        wants = bool(params) and params[0].name == "session"
        params = params[1:] if wants else params
        endless = any(p.kind is p.VAR_POSITIONAL for p in params)
        plain = [p for p in params if p.kind is p.POSITIONAL_OR_KEYWORD]
        defaults = tuple(SKIPPED if p.default is p.empty else p.default for p in plain)
        least = sum(p.default is p.empty for p in plain)
        return cls(least, defaults, endless, wants, described.return_annotation in (None, "None"))

    def complete(self, args: list[Value]) -> list[Value]:
        """The arguments with defaults in place of those skipped. Raises BslError when the number is wrong."""
        if len(args) < self.least:
            raise BslError("Недостаточно фактических параметров")
        if len(args) > len(self.defaults) and not self.endless:
            raise BslError("Слишком много фактических параметров")
        for arg in args:
            if arg is SKIPPED:
                return [self._default(i) if a is SKIPPED else a for i, a in enumerate(args)]
        return args

    def _default(self, i: int) -> Value:
        return self.defaults[i] if i < len(self.defaults) else SKIPPED


@dataclass(frozen=True)
class Member:
    """A method of a Native or a global function. `ref`: positions (from 0) that arrive as Ref, to be assigned."""

    names: tuple[str, ...]
    function: Callable[..., Any]
    signature: Signature
    since: str
    ref: tuple[int, ...]

    def call(self, session: Any, args: list[Value], *first: Value) -> Value:
        """Call with what BSL gave; `first` is the object of a method.

        A pure function that stumbles over a value of a wrong type raises BslError, as the platform does.
        """
        return self.call_whole(session, self.signature.complete(args), *first)

    def takes(self, count: int) -> bool:
        """Whether so many arguments, none of them skipped, need nothing done to them."""
        return self.signature.least <= count <= len(self.signature.defaults)

    def call_whole(self, session: Any, args: list[Value], *first: Value) -> Value:
        """`call` with arguments that are complete already."""
        try:
            if self.signature.wants_session:
                return self.function(*first, session, *args)
            return self.function(*first, *args)
        except (TypeError, AttributeError, ValueError) as error:
            if getattr(self.function, "__module__", "") not in PURE:
                raise
            raise BslError(f"Несоответствие типов ({', '.join(self.names[:1])})") from error


def method(*names: str, since: str = "", ref: Sequence[int] = ()) -> Callable[[F], F]:
    """A method of a Native under its BSL names. A parameter `session` right after self gets the Session.

    since: "8.3" hides it from the features "8.2". Skipped arguments arrive as the Python default, else SKIPPED.
    """

    def mark(function: F) -> F:
        function.bsl_method = Member(names, function, Signature.of(function, bound=True), since, tuple(ref))  # type: ignore[attr-defined]
        return function

    return mark


def global_function(*names: str, since: str = "", ref: Sequence[int] = ()) -> Callable[[F], F]:
    """A function of the global context; as `method`, `session` may be its first parameter."""

    def mark(function: F) -> F:
        function.bsl_global = Member(names, function, Signature.of(function, bound=False), since, tuple(ref))  # type: ignore[attr-defined]
        return function

    return mark


def global_property(*names: str, since: str = "") -> Callable[[F], F]:
    """A name of the global context (Справочники, Метаданные); the function takes the Session and gives the value."""

    def mark(function: F) -> F:
        function.bsl_property = Member(names, function, Signature(0, (), False, True), since, ())  # type: ignore[attr-defined]
        return function

    return mark


class prop:
    """A property of a Native under its BSL names; in Python it reads and writes as a property too."""

    def __init__(self, *names: str, since: str = "") -> None:
        self.names, self.since = names, since
        self.get: Callable[[Any], Value] | None = None
        self.put: Callable[[Any, Value], None] | None = None

    def __call__(self, function: Callable[[Any], Value]) -> Self:
        self.get = function
        return self

    def setter(self, function: Callable[[Any, Value], None]) -> Self:
        self.put = function
        return self

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        if self.get is None:
            raise BslError(f"Поле объекта недоступно для чтения ({self.names[0]})")
        return self.get(instance)

    def __set__(self, instance: Any, value: Value) -> None:
        if self.put is None:
            raise BslError(f"Поле объекта недоступно для записи ({self.names[0]})")
        self.put(instance, value)


class Native:
    """A platform object. Subclass, set `bsl_type`, decorate with `method` and `prop`; override what is dynamic."""

    bsl_type: ClassVar[str] = ""
    bsl_type_en: ClassVar[str] = ""
    bsl_creatable: ClassVar[bool] = False  # may stand after Новый
    bsl_since: ClassVar[str] = ""
    bsl_methods: ClassVar[dict[str, Member]] = {}  # by lower-case name
    bsl_props: ClassVar[dict[str, prop]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        methods, props = dict(cls.bsl_methods), dict(cls.bsl_props)
        for item in vars(cls).values():
            if isinstance(item, prop):
                props.update({name.lower(): item for name in item.names})
            elif isinstance(member := getattr(item, "bsl_method", None), Member):
                methods.update({name.lower(): member for name in member.names})
        cls.bsl_methods, cls.bsl_props = methods, props

    @classmethod
    def bsl_new(cls, session: Any, args: list[Value]) -> Native:
        """Новый; by default the arguments of __init__ (its first may be `session`)."""
        return cast(Native, _maker(cast(Any, cls)).call(session, args))

    def bsl_get(self, name: str) -> Value:
        """A property that is not declared by `prop`."""
        raise BslError(f"Поле объекта не обнаружено ({name})")

    def bsl_set(self, name: str, value: Value) -> None:
        """Assign a property that is not declared by `prop`."""
        raise BslError(f"Поле объекта не обнаружено ({name})")

    def bsl_has(self, name: str) -> bool:
        """Whether there is such a property; a module with this object as its context asks."""
        return name.lower() in self.bsl_props

    def bsl_names(self) -> list[str]:
        """The names of the properties; ЗаполнитьЗначенияСвойств goes by them."""
        return list(dict.fromkeys(found.names[0] for found in self.bsl_props.values()))

    def bsl_has_method(self, name: str) -> bool:
        """Whether there is such a method; a module with this object as its context asks."""
        return name.lower() in self.bsl_methods

    def bsl_call(self, session: Any, name: str, args: list[Value | Ref]) -> Value:
        """A method that is not declared by `method`. Variables arrive as Ref, other arguments as values."""
        raise BslError(f"Метод объекта не обнаружен ({name})")

    def bsl_gives(self, name: str) -> bool:
        """Whether a method that `bsl_call` knows is a function, not a procedure."""
        return True

    def bsl_index(self, key: Value) -> Value:
        """Объект[key]; by default a property by its name."""
        if isinstance(key, str):
            return get_property(self, key)
        raise BslError("Получение элемента по индексу для значения не определено")

    def bsl_set_index(self, key: Value, value: Value) -> None:
        """Объект[key] = value."""
        if not isinstance(key, str):
            raise BslError("Изменение элемента по индексу для значения не определено")
        set_property(self, key, value)

    def bsl_iter(self) -> Iterator[Value]:
        """Для Каждого."""
        raise BslError("Итератор для значения не определен")

    def bsl_text(self) -> str:
        """Строка(Объект)."""
        return self.bsl_type_name()

    def bsl_type_name(self) -> str:
        """What ТипЗнч says, `СправочникСсылка.Номенклатура`."""
        return self.bsl_type

    def bsl_filled(self) -> bool:
        """ЗначениеЗаполнено."""
        return True


@cache
def _maker(cls: Any) -> Member:
    return Member((), cls, Signature.of(cls.__init__, bound=True), "", ())


def get_property(target: Value, name: str) -> Value:
    """Объект.Имя for any value."""
    if not isinstance(target, Native):
        raise BslError(f"Значение не является значением объектного типа ({name})")
    found = target.bsl_props.get(name.lower())
    return target.bsl_get(name) if found is None else found.__get__(target)


def set_property(target: Value, name: str, value: Value) -> None:
    """Объект.Имя = value for any value."""
    if not isinstance(target, Native):
        raise BslError(f"Значение не является значением объектного типа ({name})")
    found = target.bsl_props.get(name.lower())
    if found is None:
        target.bsl_set(name, value)
    else:
        found.__set__(target, value)


def call_method(session: Any, target: Value, name: str, args: list[Value | Ref]) -> Value:
    """Объект.Имя(args) for any value; args may be Ref (variables) or SKIPPED."""
    if not isinstance(target, Native):
        raise BslError(f"Значение не является значением объектного типа ({name})")
    member = target.bsl_methods.get(name.lower())
    if member is None:
        return target.bsl_call(session, name, args)
    if member.since and session.runtime.old:
        raise BslError(f"Метод объекта не обнаружен ({name})")
    return member.call(session, plain(args, member.ref), target)


def plain(args: list[Value | Ref], ref: tuple[int, ...] = ()) -> list[Value]:
    """Values instead of variables, but at the positions `ref`, where there is always a variable."""
    values = [a.value if isinstance(a, Ref) else a for a in args]
    for i in ref:
        if i < len(args) and args[i] is not SKIPPED:
            values[i] = args[i] if isinstance(args[i], Ref) else Ref(args[i])
    return values


class EnumValue(Native):
    """A value of a system enumeration; equal only to itself."""

    def __init__(self, enumeration: str, name: str) -> None:
        self.enumeration, self.name = enumeration, name

    def bsl_text(self) -> str:
        return self.name

    def bsl_type_name(self) -> str:
        return self.enumeration

    def __repr__(self) -> str:
        return f"{self.enumeration}.{self.name}"


class Enumeration(Native):
    """A system enumeration or a set of constants, a name of the global context.

    Enumeration(("ВидX", "XType"), "А=A", "Б"): each value is its names joined by "="; `constants` gives ready values.
    """

    def __init__(self, names: tuple[str, ...], *values: str, since: str = "", **constants: Value) -> None:
        self.names, self.since = names, since
        self.values: dict[str, Value] = {name.lower(): value for name, value in constants.items()}
        for value in values:
            made = EnumValue(names[0], value.partition("=")[0])
            self.values.update({name.lower(): made for name in value.split("=")})

    def bsl_get(self, name: str) -> Value:
        if name.lower() not in self.values:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        return self.values[name.lower()]

    def __getitem__(self, name: str) -> Value:
        return self.values[name.lower()]


class Library:
    """The global context: what the given Python modules declare. Found by lower-case name."""

    def __init__(self, modules: Sequence[ModuleType], *, old: bool = False) -> None:
        self.functions: dict[str, Member] = {}
        self.properties: dict[str, Member | Enumeration] = {}
        self.classes: dict[str, type[Native]] = {}
        self.old = old
        for module in modules:
            for item in vars(module).values():
                self._take(item)

    def _take(self, item: object) -> None:
        if isinstance(member := getattr(item, "bsl_global", None), Member):
            self._put(self.functions, member.names, member.since, member)
        elif isinstance(member := getattr(item, "bsl_property", None), Member):
            self._put(self.properties, member.names, member.since, member)
        elif isinstance(item, Enumeration):
            self._put(self.properties, item.names, item.since, item)
        elif isinstance(item, type) and issubclass(item, Native) and item.bsl_type:
            self._put(self.classes, (item.bsl_type, item.bsl_type_en), item.bsl_since, item)

    def _put(self, table: dict[str, Any], names: Sequence[str], since: str, item: object) -> None:
        if not (since and self.old):
            table.update({name.lower(): item for name in names if name})
