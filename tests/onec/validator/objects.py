"""Metadata objects: identifiers, names, properties, types."""

import re
from collections import Counter
from collections.abc import Iterator

from lxml import etree
from tests.onec.validator.bsl import Finding
from tests.onec.validator.dump import MD, V8, XR, Dump, MdObject, XmlFile

UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
NAME = re.compile(r"[A-Za-zА-Яа-яЁё_][A-Za-zА-Яа-яЁё0-9_]*")
LONGEST_NAME = 80
REGISTER_TYPES = ("Record", "Manager", "Selection", "List", "RecordSet", "RecordKey", "RecordManager")
# The types the platform makes of an object of each kind; the other kinds of ours have none.
GENERATED = {"InformationRegister": REGISTER_TYPES}
ADOPTED = {("Language", "Русский"), ("CommonModule", "ПодключаемыеКомандыПереопределяемый")}
DIMENSION_TYPES = {"xs:string", "xs:decimal", "xs:boolean", "xs:dateTime"}
# All dimensions are one index key; MS SQL Server takes 900 bytes, a character has two.
WIDEST_KEY = 440

FIELD = (
    "Name Synonym Comment Type PasswordMode Format EditFormat ToolTip MarkNegatives Mask MultiLine ExtendedEdit"
    " MinValue MaxValue FillFromFillingValue FillValue FillChecking ChoiceFoldersAndItems ChoiceParameterLinks"
    " ChoiceParameters QuickChoice CreateOnInput ChoiceForm LinkByType ChoiceHistoryOnInput"
)
# What the Configurator of version 2.13 writes, in its order. Source: dumps of БСП 3.1 and of public extensions.
PROPERTIES = {
    "Subsystem": "Name Synonym Comment IncludeHelpInContents IncludeInCommandInterface Explanation Picture Content",
    "Role": "Name Synonym Comment",
    "CommonModule": "Name Synonym Comment Global ClientManagedApplication Server ExternalConnection"
    " ClientOrdinaryApplication ServerCall Privileged ReturnValuesReuse",
    "HTTPService": "Name Synonym Comment RootURL ReuseSessions SessionMaxAge",
    "URLTemplate": "Name Synonym Comment Template",
    "Method": "Name Synonym Comment HTTPMethod Handler",
    "EventSubscription": "Name Synonym Comment Source Event Handler",
    "ScheduledJob": "Name Synonym Comment MethodName Description Key Use Predefined RestartCountOnFailure"
    " RestartIntervalOnFailure",
    "CommonForm": "Name Synonym Comment FormType IncludeHelpInContents UsePurposes UseStandardCommands"
    " ExtendedPresentation Explanation",
    "InformationRegister": "Name Synonym Comment UseStandardCommands EditType DefaultRecordForm DefaultListForm"
    " AuxiliaryRecordForm AuxiliaryListForm StandardAttributes InformationRegisterPeriodicity WriteMode"
    " MainFilterOnPeriod IncludeHelpInContents DataLockControlMode FullTextSearch EnableTotalsSliceFirst"
    " EnableTotalsSliceLast RecordPresentation ExtendedRecordPresentation ListPresentation ExtendedListPresentation"
    " Explanation DataHistory UpdateDataHistoryImmediatelyAfterWrite ExecuteAfterWriteDataHistoryVersionProcessing",
    "Dimension": FIELD + " Master MainFilter DenyIncompleteValues Indexing FullTextSearch DataHistory",
    "Resource": FIELD + " Indexing FullTextSearch DataHistory",
}
# Of an adopted object; ObjectBelonging comes first only since version 2.15. What it extends may be left out.
ADOPTED_PROPERTIES = {
    "Language": "Name Comment ObjectBelonging LanguageCode",
    "CommonModule": "Name Comment ObjectBelonging Global ClientManagedApplication Server ExternalConnection"
    " ClientOrdinaryApplication ServerCall",
}
# БСП has its module so in every version, and the platform compares.
BSP_MODULE = {"Server", "ExternalConnection", "ClientOrdinaryApplication"}


def uuids(dump: Dump) -> Iterator[Finding]:
    """Version 4, lower case, unique over the dump: objects, their parts, generated types, contained objects."""
    seen: Counter[str] = Counter()
    for path, tree in dump.trees.items():
        found = [item.get("uuid", "") for item in tree.iter(etree.Element) if item.get("uuid") is not None]
        for tag in ("TypeId", "ValueId", "ObjectId"):
            found += [item.text or "" for item in tree.iter(f"{XR}{tag}")]
        for value in found:
            seen[value] += 1
            if not UUID4.fullmatch(value):
                yield Finding("uuid", path, f"{value!r} не UUID версии 4")
            if seen[value] == 2:
                yield Finding("uuid", path, f"{value} уже занят другим")


def generated_types(file: XmlFile) -> Iterator[Finding]:
    item = file.item
    if item is not None:
        made = item.element.findall(f"{MD}InternalInfo/{XR}GeneratedType")
        told = [(one.get("name"), one.get("category")) for one in made]
        wanted = [(f"{item.kind}{kind}.{item.name}", kind) for kind in GENERATED.get(item.kind, ())]
        if told != wanted:
            yield Finding("generated_types", item.path, f"порожденные типы не те: {told}")


def _own_elements(item: MdObject) -> Iterator[etree._Element]:
    """The object and its parts: everything that has Properties."""
    for element in item.element.iter(etree.Element):
        if element.find(f"{MD}Properties") is not None:
            yield element


def names(dump: Dump) -> Iterator[Finding]:
    for item in dump.objects.values():
        if item.text("Name") != item.name:
            yield Finding("name", item.path, f"имя {item.text('Name')!r} не совпадает с именем файла")
        if item.own and not item.name.startswith(dump.prefix):
            yield Finding("prefix", item.path, f"имя своего объекта начинается не с {dump.prefix}")
        if item.own == ((item.kind, item.name) in ADOPTED):
            yield Finding("adopted", item.path, "заимствуем только язык и модуль подключаемых команд")


def part_names(file: XmlFile) -> Iterator[Finding]:
    """Names of the object and its parts are identifiers."""
    item = file.item
    if item is not None:
        for element in _own_elements(item):
            name = element.findtext(f"{MD}Properties/{MD}Name") or ""
            if not NAME.fullmatch(name):
                yield Finding("name", item.path, f"{name!r} не годится в идентификаторы")
            if "ё" in name.lower():
                yield Finding("yo", item.path, f"буква «ё» в имени {name}")
            if len(name) > LONGEST_NAME:
                yield Finding("name_length", item.path, f"имя длиннее {LONGEST_NAME}: {name}")


def properties(file: XmlFile) -> Iterator[Finding]:
    item = file.item
    if item is not None:
        for element in _own_elements(item):
            kind = etree.QName(element).localname
            told = [etree.QName(one).localname for one in element.find(f"{MD}Properties")]
            wanted = (PROPERTIES if item.own else ADOPTED_PROPERTIES).get(kind, "")
            if not item.own and "ExtendedConfigurationObject" in told:
                wanted = wanted.replace("ObjectBelonging", "ObjectBelonging ExtendedConfigurationObject")
            if told != wanted.split():
                wrong = set(told) ^ set(wanted.split())
                yield Finding("properties", item.path, f"{kind}: свойства не те или не в том порядке {wrong or ''}")


def synonyms(file: XmlFile) -> Iterator[Finding]:
    """Every own object and part of it is named in Russian and English, and so is every text of a form."""
    for element in _own_elements(file.item) if file.item is not None and file.item.own else ():
        if _languages(element.find(f"{MD}Properties/{MD}Synonym")) != {"ru", "en"}:
            name = element.findtext(f"{MD}Properties/{MD}Name")
            yield Finding("synonym", file.path, f"{name}: нужен синоним на русском и английском")
    for element in file.tree.iter(etree.Element) if file.path.endswith("Ext/Form.xml") else ():
        if element.find(f"{V8}item") is not None and _languages(element) != {"ru", "en"}:
            owner = element.getparent().get("name")
            yield Finding("synonym", file.path, f"{owner}: {etree.QName(element).localname} не на двух языках")


def _languages(element: etree._Element | None) -> set[str]:
    items = [] if element is None else element.findall(f"{V8}item")
    return {one.findtext(f"{V8}lang") for one in items if (one.findtext(f"{V8}content") or "").strip()}


def registers(dump: Dump) -> Iterator[Finding]:
    """Dimensions have a simple type of known width; what is indexed has a width too."""
    for item in dump.of("InformationRegister"):
        if item.text("WriteMode") != "Independent" or item.text("DataLockControlMode") != "Managed":
            yield Finding("register", item.path, "регистр независимый, блокировки управляемые")
        width = 0
        for element in item.element.iter(f"{MD}Dimension", f"{MD}Resource"):
            name = element.findtext(f"{MD}Properties/{MD}Name")
            types = [one.text for one in element.iter(f"{V8}Type", f"{V8}TypeSet")]
            length = int(element.findtext(f".//{V8}Length") or 0)
            unlimited = types == ["xs:string"] and not length
            if element.tag == f"{MD}Dimension":
                width += length
                if len(types) != 1 or types[0] not in DIMENSION_TYPES or unlimited:
                    yield Finding("dimension_type", item.path, f"измерение {name}: тип {types}, длина {length}")
            elif unlimited and element.findtext(f"{MD}Properties/{MD}Indexing") != "DontIndex":
                yield Finding("dimension_type", item.path, f"{name}: строку без длины не индексируют")
        if not item.element.findall(f"{MD}ChildObjects/{MD}Dimension") or width > WIDEST_KEY:
            yield Finding("dimension_type", item.path, f"ключ регистра: ширина {width}, можно от 1 до {WIDEST_KEY}")


def module_kinds(dump: Dump) -> Iterator[Finding]:
    """Where a common module lives follows from its name. Source: v8std 469."""
    for item in dump.of("CommonModule"):
        if not item.own:
            if {etree.QName(one).localname for one in item.properties if one.text == "true"} != BSP_MODULE:
                yield Finding("adopted", item.path, "флажки не те, что у модуля БСП")
            continue
        client, call, cached = (item.name.endswith(tail) for tail in ("Клиент", "ВызовСервера", "ПовтИсп"))
        flags = {tag: item.flag(tag) for tag in ("Server", "ClientManagedApplication", "ServerCall")}
        wanted = {"Server": not client, "ClientManagedApplication": client, "ServerCall": call}
        if flags != wanted:
            yield Finding("module_kind", item.path, f"флажки {flags} не по имени модуля")
        if (item.text("ReturnValuesReuse") != "DontUse") != cached:
            yield Finding("module_kind", item.path, "повторное использование только у модулей ПовтИсп")
        if item.flag("Global") or item.flag("Privileged"):
            yield Finding("module_kind", item.path, "глобальных и привилегированных модулей не держим")
