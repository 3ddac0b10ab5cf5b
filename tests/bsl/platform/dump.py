"""Metadata of an extension or configuration, read from its XML dump."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from tests.bsl.platform.columns import Column, Kind

MD = "{http://v8.1c.ru/8.3/MDClasses}"
V8 = "{http://v8.1c.ru/8.1/data/core}"
READABLE = "{http://v8.1c.ru/8.3/xcf/readable}"
PLAIN: dict[str, Kind] = {
    "xs:string": "string",
    "xs:decimal": "number",
    "xs:boolean": "boolean",
    "xs:dateTime": "date",
    "v8:UUID": "uuid",
    "v8:ValueStorage": "storage",
}
# Russian class names by the words of the dump's types.
CLASSES = {"CatalogRef": "Справочник", "DocumentRef": "Документ", "EnumRef": "Перечисление"}
ROLES = "{http://v8.1c.ru/8.2/roles}"
RIGHTS = {"Read": "Чтение", "Update": "Изменение", "Insert": "Добавление", "Delete": "Удаление", "View": "Просмотр",
          "Use": "Использование"}  # fmt: skip
OWNERS = {"InformationRegister": "РегистрСведений", "CommonForm": "ОбщаяФорма", "Subsystem": "Подсистема",
          "CommonCommand": "ОбщаяКоманда", "Catalog": "Справочник", "Document": "Документ"}  # fmt: skip
FOLDERS = {
    "CommonModule": "CommonModules",
    "InformationRegister": "InformationRegisters",
    "EventSubscription": "EventSubscriptions",
    "HTTPService": "HTTPServices",
    "ScheduledJob": "ScheduledJobs",
    "Role": "Roles",
    "Enum": "Enums",
}


@dataclass(frozen=True, slots=True)
class Register:
    name: str
    dimensions: tuple[Column, ...]
    resources: tuple[Column, ...]
    attributes: tuple[Column, ...] = ()

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.dimensions + self.resources + self.attributes


@dataclass(frozen=True, slots=True)
class Module:
    name: str
    path: Path
    server: bool
    client: bool
    call: bool
    privileged: bool
    reuse: bool
    is_global: bool


@dataclass(frozen=True, slots=True)
class Subscription:
    """sources: as written: `DocumentObject` or `DocumentObject.X`. event: OnWrite, BeforeDelete…"""

    name: str
    sources: tuple[str, ...]
    event: str
    handler: str


@dataclass(frozen=True, slots=True)
class Route:
    """right: the metadata that a role must have «Использование» of."""

    template: str
    method: str
    handler: str
    right: str = ""


@dataclass(frozen=True, slots=True)
class HttpService:
    name: str
    root: str
    routes: tuple[Route, ...]
    path: Path


@dataclass(frozen=True, slots=True)
class Job:
    name: str
    handler: str
    key: str
    use: bool


@dataclass(slots=True)
class Dump:
    """name: of the configuration or extension; empty where there is no dump."""

    name: str = ""
    prefix: str = ""
    version: str = ""
    registers: dict[str, Register] = field(default_factory=dict)
    modules: dict[str, Module] = field(default_factory=dict)
    subscriptions: list[Subscription] = field(default_factory=list)
    services: list[HttpService] = field(default_factory=list)
    jobs: dict[str, Job] = field(default_factory=dict)
    roles: list[str] = field(default_factory=list)
    enums: dict[str, tuple[str, ...]] = field(default_factory=dict)
    # By role: (right, full name), in Russian: («Изменение», «РегистрСведений.X»).
    rights: dict[str, frozenset[tuple[str, str]]] = field(default_factory=dict)


def read(folder: Path) -> Dump:
    """Only what Configuration.xml lists is there. A folder without it has nothing."""
    dump = Dump()
    root = folder / "Configuration.xml"
    if not root.exists():
        return dump
    element = _parsed(root)
    dump.name, dump.prefix, dump.version = (_text(element, name) for name in ("Name", "NamePrefix", "Version"))
    children = element.find(f"{MD}ChildObjects")
    for child in children if children is not None else ():
        kind = child.tag.removeprefix(MD)
        if kind in FOLDERS:
            _READ[kind](dump, folder / FOLDERS[kind] / f"{child.text}.xml")
    return dump


def _parsed(path: Path) -> ElementTree.Element:
    """The object's own element, the only child of MetaDataObject."""
    return next(iter(ElementTree.parse(path).getroot()))


def _text(element: ElementTree.Element, name: str) -> str:
    found = element.find(f"{MD}Properties/{MD}{name}")
    return (found.text or "") if found is not None else ""


def _flag(element: ElementTree.Element, name: str) -> bool:
    return _text(element, name) == "true"


def _children(element: ElementTree.Element, kind: str) -> Iterator[ElementTree.Element]:
    yield from element.findall(f"{MD}ChildObjects/{MD}{kind}")


def column_of(element: ElementTree.Element) -> Column:
    """A dimension, resource or attribute."""
    name = _text(element, "Name")
    types = element.find(f"{MD}Properties/{MD}Type")
    assert types is not None, name
    named = [one.text or "" for one in types.findall(f"{V8}Type")]
    if len(named) != 1:
        return Column(name, "any", composite=True)
    word = named[0]
    if word in PLAIN:
        length = int(types.findtext(f".//{V8}Length") or types.findtext(f".//{V8}Digits") or 0)
        scale = int(types.findtext(f".//{V8}FractionDigits") or 0)
        positive = types.findtext(f".//{V8}AllowedSign") == "Nonnegative"
        return Column(name, PLAIN[word], length, scale, negative=not positive, memo=word == "xs:string" and not length)
    kind, _, target = word.partition(":")[2].partition(".")
    return Column(name, "enum" if kind == "EnumRef" else "ref", target=f"{CLASSES[kind]}.{target}")


def _register(dump: Dump, path: Path) -> None:
    element = _parsed(path)
    parts = [
        tuple(column_of(one) for one in _children(element, kind)) for kind in ("Dimension", "Resource", "Attribute")
    ]
    dump.registers[_text(element, "Name")] = Register(_text(element, "Name"), *parts)


def _module(dump: Dump, path: Path) -> None:
    element = _parsed(path)
    name = _text(element, "Name")
    reuse = _text(element, "ReturnValuesReuse") not in ("", "DontUse")
    client = _flag(element, "ClientManagedApplication") or _flag(element, "ClientOrdinaryApplication")
    source = path.with_suffix("") / "Ext" / "Module.bsl"
    if source.exists():
        flags = (_flag(element, "Server"), client, _flag(element, "ServerCall"), _flag(element, "Privileged"))
        dump.modules[name] = Module(name, source, *flags, reuse, _flag(element, "Global"))


def _subscription(dump: Dump, path: Path) -> None:
    element = _parsed(path)
    source = element.find(f"{MD}Properties/{MD}Source")
    words = [(one.text or "").partition(":")[2] for one in source] if source is not None else []
    handler = _text(element, "Handler").removeprefix("CommonModule.")
    dump.subscriptions.append(Subscription(_text(element, "Name"), tuple(words), _text(element, "Event"), handler))


def _service(dump: Dump, path: Path) -> None:
    element = _parsed(path)
    owner = f"HTTPService.{_text(element, 'Name')}"
    routes = [
        Route(
            _text(template, "Template"),
            _text(method, "HTTPMethod").upper(),
            _text(method, "Handler"),
            f"{owner}.URLTemplate.{_text(template, 'Name')}.Method.{_text(method, 'Name')}",
        )
        for template in _children(element, "URLTemplate")
        for method in _children(template, "Method")
    ]
    name, source = _text(element, "Name"), path.with_suffix("") / "Ext" / "Module.bsl"
    dump.services.append(HttpService(name, _text(element, "RootURL"), tuple(routes), source))


def _job(dump: Dump, path: Path) -> None:
    element = _parsed(path)
    handler = _text(element, "MethodName").removeprefix("CommonModule.")
    name = _text(element, "Name")
    dump.jobs[name] = Job(name, handler, _text(element, "Key"), _flag(element, "Use"))


def _role(dump: Dump, path: Path) -> None:
    name = _text(_parsed(path), "Name")
    dump.roles.append(name)
    rights = path.with_suffix("") / "Ext" / "Rights.xml"
    if rights.exists():
        dump.rights[name] = frozenset(_granted(ElementTree.parse(rights).getroot()))


def _granted(root: ElementTree.Element) -> Iterator[tuple[str, str]]:
    for element in root.findall(f"{ROLES}object"):
        kind, _, rest = (element.findtext(f"{ROLES}name") or "").partition(".")
        for right in element.findall(f"{ROLES}right"):
            if right.findtext(f"{ROLES}value") == "true":
                word = right.findtext(f"{ROLES}name") or ""
                yield RIGHTS.get(word, word), f"{OWNERS.get(kind, kind)}.{rest}"


def _enum(dump: Dump, path: Path) -> None:
    element = _parsed(path)
    dump.enums[_text(element, "Name")] = tuple(_text(one, "Name") for one in _children(element, "EnumValue"))


_READ = {
    "InformationRegister": _register,
    "CommonModule": _module,
    "EventSubscription": _subscription,
    "HTTPService": _service,
    "ScheduledJob": _job,
    "Role": _role,
    "Enum": _enum,
}
