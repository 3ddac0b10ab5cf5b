"""A configuration extension as the Configurator dumps it to files: what is read once and shared by all checks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from lxml import etree
from tests.onec.validator.bsl import Module

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


@dataclass
class Dump:
    root: Path
    bodies: dict[str, bytes] = field(default_factory=dict)
    trees: dict[str, etree._Element] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, root: Path) -> "Dump":
        dump = cls(root)
        for path in sorted(p for p in root.rglob("*") if p.is_file()):
            dump.put(path.relative_to(root).as_posix(), path.read_bytes())
        return dump

    def changed(self, path: str, body: bytes | None) -> "Dump":
        """The same dump with one file other, or without it; what was read of the others is kept."""
        other = Dump(self.root, dict(self.bodies), dict(self.trees), dict(self.broken))
        other.__dict__["modules"] = {name: module for name, module in self.modules.items() if name != path}
        if body is None:
            del other.bodies[path]
            other.trees.pop(path, None)
        else:
            other.put(path, body)
            if path.endswith(".bsl"):
                other.modules[path] = Module(path, body)
        return other

    def put(self, path: str, body: bytes) -> None:
        self.bodies[path] = body
        if path.endswith(".xml"):
            try:
                self.trees[path] = etree.fromstring(body)
            except etree.XMLSyntaxError as error:
                self.trees.pop(path, None)
                self.broken[path] = str(error)

    @cached_property
    def configuration(self) -> etree._Element | None:
        tree = self.trees.get("Configuration.xml")
        return None if tree is None else tree.find(f"{MD}Configuration")

    @cached_property
    def objects(self) -> dict[tuple[str, str], MdObject]:
        """All objects that have a file of their own, by kind and name of the file."""
        found = {}
        for kind, folder in FOLDERS.items():
            for path, tree in self.trees.items():
                head, _, file = path.rpartition("/")
                element = tree.find(f"{MD}{kind}")
                if head == folder and element is not None and element.find(f"{MD}Properties") is not None:
                    name = file.removesuffix(".xml")
                    found[kind, name] = MdObject(kind, name, path, element)
        return found

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
        return self.trees.get(f"CommonForms/{name}/Ext/Form.xml")


def owner_of(path: str) -> tuple[str, str] | None:
    """Kind and name of the object that a file belongs to; None = it belongs to none."""
    parts = path.split("/")
    kind = next((kind for kind, folder in FOLDERS.items() if folder == parts[0]), None)
    if kind is None or len(parts) < 2:
        return None
    return kind, re.sub(r"\.xml$", "", parts[1]) if len(parts) == 2 else parts[1]
