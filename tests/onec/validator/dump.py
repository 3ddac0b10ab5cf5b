"""A configuration extension as the Configurator dumps it to files: what is read once and shared by all checks."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from lxml import etree
from tests.onec.validator.bsl import Finding, Module

MD = "{http://v8.1c.ru/8.3/MDClasses}"
XR = "{http://v8.1c.ru/8.3/xcf/readable}"
V8 = "{http://v8.1c.ru/8.1/data/core}"

# The fixed order of kinds in ChildObjects, with the folder of each. Source: shared facts 5.3, checked against БСП 3.1.
FOLDERS = {
    "Language": "Languages",
    "Subsystem": "Subsystems",
    "StyleItem": "StyleItems",
    "CommonPicture": "CommonPictures",
    "SessionParameter": "SessionParameters",
    "Role": "Roles",
    "CommonTemplate": "CommonTemplates",
    "FilterCriterion": "FilterCriteria",
    "CommonModule": "CommonModules",
    "CommonAttribute": "CommonAttributes",
    "ExchangePlan": "ExchangePlans",
    "XDTOPackage": "XDTOPackages",
    "WebService": "WebServices",
    "HTTPService": "HTTPServices",
    "WSReference": "WSReferences",
    "EventSubscription": "EventSubscriptions",
    "ScheduledJob": "ScheduledJobs",
    "SettingsStorage": "SettingsStorages",
    "FunctionalOption": "FunctionalOptions",
    "FunctionalOptionsParameter": "FunctionalOptionsParameters",
    "DefinedType": "DefinedTypes",
    "CommonCommand": "CommonCommands",
    "CommandGroup": "CommandGroups",
    "Constant": "Constants",
    "CommonForm": "CommonForms",
    "Catalog": "Catalogs",
    "Document": "Documents",
    "DocumentJournal": "DocumentJournals",
    "Enum": "Enums",
    "Report": "Reports",
    "DataProcessor": "DataProcessors",
    "InformationRegister": "InformationRegisters",
    "AccumulationRegister": "AccumulationRegisters",
}


@dataclass
class MdObject:
    """One object of the configuration. element: `<CommonModule uuid=…>` and the like."""

    kind: str
    name: str
    path: str
    element: etree._Element

    @property
    def properties(self) -> etree._Element:
        return self.element.find(f"{MD}Properties")

    @property
    def own(self) -> bool:
        return self.text("ObjectBelonging") != "Adopted"

    def text(self, tag: str) -> str:
        return (self.properties.findtext(f"{MD}{tag}") or "").strip()

    def flag(self, tag: str) -> bool:
        return self.text(tag) == "true"


@dataclass(eq=False)
class XmlFile:
    """One file of XML. It does not change, so what a check says of it is asked once."""

    path: str
    tree: etree._Element
    known: dict[Callable[["XmlFile"], Iterator[Finding]], list[Finding]] = field(default_factory=dict)

    @cached_property
    def item(self) -> MdObject | None:
        """The object that the file describes; None: a form, rights, a schedule, the root."""
        folder, _, file = self.path.rpartition("/")
        kind = next((kind for kind, known in FOLDERS.items() if known == folder), "")
        element = self.tree.find(f"{MD}{kind}") if kind else None
        if element is None or element.find(f"{MD}Properties") is None:
            return None
        return MdObject(kind, file.removesuffix(".xml"), self.path, element)

    def findings(self, check: Callable[["XmlFile"], Iterator[Finding]]) -> list[Finding]:
        if check not in self.known:
            self.known[check] = list(check(self))
        return self.known[check]


@dataclass
class Dump:
    root: Path
    bodies: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, XmlFile] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, root: Path) -> "Dump":
        dump = cls(root)
        for path in sorted(p for p in root.rglob("*") if p.is_file()):
            dump.put(path.relative_to(root).as_posix(), path.read_bytes())
        return dump

    def changed(self, path: str, body: bytes | None) -> "Dump":
        """The same dump with one file other, or without it; what was read of the others is kept."""
        other = Dump(self.root, dict(self.bodies), dict(self.files), dict(self.broken))
        other.__dict__["modules"] = {name: module for name, module in self.modules.items() if name != path}
        if body is None:
            del other.bodies[path]
            other.files.pop(path, None)
        else:
            other.put(path, body)
            if path.endswith(".bsl"):
                other.modules[path] = Module(path, body)
        return other

    def put(self, path: str, body: bytes) -> None:
        self.bodies[path] = body
        if path.endswith(".xml"):
            try:
                self.files[path] = XmlFile(path, etree.fromstring(body))
            except etree.XMLSyntaxError as error:
                self.files.pop(path, None)
                self.broken[path] = str(error)

    @property
    def trees(self) -> dict[str, etree._Element]:
        return {path: file.tree for path, file in self.files.items()}

    @cached_property
    def configuration(self) -> etree._Element | None:
        file = self.files.get("Configuration.xml")
        return None if file is None else file.tree.find(f"{MD}Configuration")

    @cached_property
    def objects(self) -> dict[tuple[str, str], MdObject]:
        """All objects that have a file of their own, by kind and name of the file."""
        items = (file.item for file in self.files.values())
        return {(item.kind, item.name): item for item in items if item is not None}

    def of(self, kind: str) -> Iterator[MdObject]:
        return (item for (found, _), item in self.objects.items() if found == kind)

    @cached_property
    def listed(self) -> list[tuple[str, str]]:
        """ChildObjects of the configuration: kind and name, in the order of the file."""
        children = [] if self.configuration is None else self.configuration.find(f"{MD}ChildObjects")
        return [(etree.QName(item).localname, (item.text or "").strip()) for item in children]

    @cached_property
    def prefix(self) -> str:
        return self.configuration.findtext(f"{MD}Properties/{MD}NamePrefix") or ""

    @cached_property
    def modules(self) -> dict[str, Module]:
        """All modules of code by path."""
        return {path: Module(path, body) for path, body in self.bodies.items() if path.endswith(".bsl")}

    def module(self, kind: str, name: str) -> Module | None:
        """The module of an object; of a form its form module."""
        tail = "Ext/Form/Module.bsl" if kind == "CommonForm" else "Ext/Module.bsl"
        return self.modules.get(f"{FOLDERS[kind]}/{name}/{tail}")

    def form(self, name: str) -> etree._Element | None:
        file = self.files.get(f"CommonForms/{name}/Ext/Form.xml")
        return None if file is None else file.tree


def owner_of(path: str) -> tuple[str, str] | None:
    """Kind and name of the object that a file belongs to; None = it belongs to none."""
    parts = path.split("/")
    kind = next((kind for kind, folder in FOLDERS.items() if folder == parts[0]), None)
    if kind is None or len(parts) < 2:
        return None
    return kind, re.sub(r"\.xml$", "", parts[1]) if len(parts) == 2 else parts[1]
