"""Names of a configuration: which entity set is which kind, and where each field of a kind stands in its rows.

A place is written as one text: `Поле`; `Часть[].Поле` (the first row of a table part that has it);
`Часть[Тип=Телефон].Поле` (the first row where Тип is Телефон); `Поле:Document_X` (a reference of several types, only
when it points to that set); `Поле>Catalog_X.Description` (shown by a field of the object that is referred to); several
by `|`: the first that is not empty.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import msgspec

PROFILES = ("ut11", "ut103")
LINES = "lines"
AS_IT_IS, OTHERS = "=", "*"
_PLACE = re.compile(
    r"(?:(?P<part>\w+)\[(?:(?P<where>\w+)=(?P<wanted>[^\]]*))?\]\.)?(?P<name>@?\w+)"
    r"(?::(?P<type>\w+))?(?:>(?P<shown_by>\w+)\.(?P<shown>\w+))?"
)


class ProfileError(ValueError):
    """The names cannot be used; the text says which."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a value. where, wanted: which row of `part`. type: of a reference. shown_by.shown: shows it."""

    name: str
    part: str = ""
    where: str = ""
    wanted: str = ""
    type: str = ""
    shown_by: str = ""
    shown: str = ""


@dataclass(slots=True)
class Names:
    """One entity set. places: of fields `name`, `recipient.name`, `lines.quantity`; fixed: the same in all rows.

    values: field → (as 1C has it → as we have it; "*" = any other, "=" = as it is). part: of the lines. keys: of a
    register without Ref_Key, what makes a row one. ref: fields of which its reference is made, as messages do; empty =
    of the keys. order: full sort key. virtual: `SliceLast()`, `Balance()`.
    """

    kind: str
    set: str
    places: dict[str, tuple[Place, ...]]
    fixed: dict[str, Any] = field(default_factory=dict)
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    part: str = ""
    keys: tuple[str, ...] = ()
    ref: tuple[str, ...] = ()
    order: str = ""
    virtual: str = ""

    @property
    def dated(self) -> bool:
        return self.set.startswith("Document_")

    @property
    def address(self) -> str:
        return f"{self.set}/{self.virtual}" if self.virtual else self.set

    @property
    def sorting(self) -> str:
        """Ref_Key alone sorts by nothing that lasts; with a text before it the order is the same each time."""
        if self.order:
            return self.order
        return "Date,Number,Ref_Key" if self.dated else ",".join(self.keys) or "Description,Ref_Key"


class _Set(msgspec.Struct, forbid_unknown_fields=True):
    kind: str
    set: str
    fields: dict[str, str] = {}
    lines: dict[str, str] = {}
    part: str = ""
    fixed: dict[str, Any] = {}
    values: dict[str, dict[str, Any]] = {}
    keys: list[str] = []
    ref: list[str] = []
    order: str = ""
    virtual: str = ""


class _File(msgspec.Struct, forbid_unknown_fields=True):
    sets: list[_Set]


def load_profile(
    name: str, *, sets: Mapping[str, str] | None = None, fields: Mapping[str, str] | None = None,
    fixed: Mapping[str, Any] | None = None, values: Mapping[str, Mapping[str, Any]] | None = None,
    refs: Mapping[str, Sequence[str]] | None = None, registers: bool = False,
) -> list[Names]:  # fmt: skip
    """The sets of a profile in the order in which they are read: what is referred to before what refers.

    sets: kind → another entity set, "" = not read. fields: `kind.field` → place, "" = this base has none.
    fixed: `kind.field` → value of all rows. values: `kind.field` → (as this base has it → as we have it), added to the
    profile's. refs: kind of a register → fields of its reference. registers: prices and stock too. Raises ProfileError.
    """
    if name not in PROFILES:
        raise ProfileError(f"profile is one of {', '.join(PROFILES)}")
    text = (files("posrednik.connectors.odata") / "profiles" / f"{name}.toml").read_text(encoding="utf-8")
    known = {one.kind: _names(one) for one in msgspec.convert(tomllib.loads(text), _File).sets}
    for kind, other in (sets or {}).items():
        _rename(known, kind, other)
    for address, place in (fields or {}).items():
        names, path = _addressed(known, address)
        names.fixed.pop(path, None)
        names.places.pop(path, None)
        if place:
            names.places[path] = places(place)
    for address, value in (fixed or {}).items():
        names, path = _addressed(known, address)
        names.places.pop(path, None)
        names.fixed[path] = value
    for address, more in (values or {}).items():
        names, path = _addressed(known, address)
        names.values[path] = {**names.values.get(path, {OTHERS: AS_IT_IS}), **more}
    for kind, made_of in (refs or {}).items():
        _rule(known, kind, made_of)
    return [one for one in known.values() if registers or not one.virtual]


def _names(one: _Set) -> Names:
    read = {path: places(place) for path, place in one.fields.items()}
    read |= {f"{LINES}.{path}": places(place) for path, place in one.lines.items()}
    return Names(
        one.kind, one.set, read, dict(one.fixed), dict(one.values), one.part, tuple(one.keys), tuple(one.ref),
        one.order, one.virtual,
    )  # fmt: skip


def _rule(known: dict[str, Names], kind: str, made_of: Sequence[str]) -> None:
    names = known.get(kind)
    if names is None or not names.keys:
        registers = ", ".join(one.kind for one in known.values() if one.keys)
        raise ProfileError(f'refs: "{kind}" is none of {registers}')
    if missing := set(made_of) - {*names.places, *names.fixed}:
        raise ProfileError(f'refs: {kind} has no "{min(missing)}"')
    names.ref = tuple(made_of)


def _rename(known: dict[str, Names], kind: str, other: str) -> None:
    if kind not in known:
        raise ProfileError(f'sets: "{kind}" is none of {", ".join(known)}')
    if other:
        known[kind].set = other
    else:
        del known[kind]


def _addressed(known: dict[str, Names], address: str) -> tuple[Names, str]:
    kind, _, path = address.partition(".")
    if kind not in known or not path:
        raise ProfileError(f'"{address}": expected "kind.field", kind is one of {", ".join(known)}')
    return known[kind], path


def places(text: str) -> tuple[Place, ...]:
    """Raises ProfileError."""
    return tuple(_place(one.strip()) for one in text.split("|"))


def _place(text: str) -> Place:
    found = _PLACE.fullmatch(text)
    if found is None:
        raise ProfileError(f'"{text}" is no place of a field')
    return Place(**{key: value or "" for key, value in found.groupdict().items()})
