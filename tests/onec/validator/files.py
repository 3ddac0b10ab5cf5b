"""Bytes, XML and the list of objects: what the Configurator reads before it understands anything."""

from collections.abc import Iterator

from lxml import etree
from tests.onec.validator.bsl import Finding
from tests.onec.validator.dump import FOLDERS, MD, XR, Dump, XmlFile, owner_of

# A platform loads files of its own version or of a lower one. 2.4 is 8.3.10, the oldest that is served.
VERSIONS = {"2.9.1"} | {f"2.{number}" for number in range(4, 22)}
# The first version whose dumps have the element. Source: public dumps of all versions from 2.1 to 2.20.
NEWER_TAGS = {
    "DataHistory": "2.6",
    "CurrentRowUse": "2.6",
    "FileDragMode": "2.7",
    "KeepMappingToExtendedConfigurationObjectsByIDs": "2.9",
    "ExtendedConfigurationObject": "2.9",
    "UpdateDataHistoryImmediatelyAfterWrite": "2.9",
    "ExecuteAfterWriteDataHistoryVersionProcessing": "2.9",
    "UseOneCommand": "2.15",
    "TypeReductionMode": "2.18",
    "PropertyState": "2.19",
    "LineNumberLength": "2.20",
}
SEVENTH_CLASS = "2.10"
# The namespaces that version 2.13 declares in a file's root: later ones have more, earlier ones the same.
CORE = {None, "xs", "xsi"}
UI = {"app", "cfg", "ent", "lf", "style", "sys", "v8", "v8ui", "web", "win", "xr"}
NAMESPACES = {
    "MetaDataObject": CORE | UI | {"cmi", "xen", "xpr"},
    "Form": CORE | UI | {"dcscor", "dcsset"},
    "Rights": CORE,
    "JobSchedule": CORE | {"ent"},
}
CLASS_IDS = (
    "9cd510cd-abfc-11d4-9434-004095e12fc7",
    "9fcd25a0-4822-11d4-9414-008048da11f9",
    "e3687481-0a87-462c-a166-9f34594f9bba",
    "9de14907-ec23-4a07-96f0-85521cb6b53b",
    "51f2d5d8-ea4d-4064-8892-82951750031e",
    "e68182ea-4237-4383-967f-90c1e3370bc7",
    "fb282519-d103-4dd3-bc12-cb271d631dfc",
)
# DefaultRunMode is compared with the configuration's at every update, so it is left out on purpose.
# ObjectBelonging comes first only since version 2.15.
ROOT_PROPERTIES = (
    "Name", "Synonym", "Comment", "ConfigurationExtensionPurpose", "ObjectBelonging",
    "KeepMappingToExtendedConfigurationObjectsByIDs", "NamePrefix", "ConfigurationExtensionCompatibilityMode",
    "ScriptVariant", "DefaultRoles", "Vendor", "Version", "DefaultLanguage", "BriefInformation", "DetailedInformation",
    "Copyright", "VendorInformationAddress", "ConfigurationInformationAddress", "InterfaceCompatibilityMode",
)  # fmt: skip
OPTIONAL = {"DefaultRoles", "InterfaceCompatibilityMode"}


def encoding(dump: Dump) -> Iterator[Finding]:
    """UTF-8 with a byte order mark, lines end with CR LF."""
    for path, body in dump.bodies.items():
        if not body.startswith(b"\xef\xbb\xbf"):
            yield Finding("bom", path, "файл начинается не с метки порядка байтов")
        rest = body.replace(b"\r\n", b"")
        if b"\n" in rest or b"\r" in rest:
            yield Finding("crlf", path, "строки должны кончаться на CR LF")


def xml(dump: Dump) -> Iterator[Finding]:
    for path, error in dump.broken.items():
        yield Finding("xml", path, error)
    if dump.configuration is None:
        yield Finding("xml", "Configuration.xml", "нет корневого файла расширения")


def versions(dump: Dump) -> Iterator[Finding]:
    """One version in all files, one that a platform knows."""
    mine = dump.trees["Configuration.xml"].get("version", "")
    if mine not in VERSIONS:
        yield Finding("version", "Configuration.xml", f"версии формата {mine!r} не бывает")
    for path, tree in dump.trees.items():
        if tree.get("version") != mine:
            yield Finding("version", path, f"версия {tree.get('version')!r}, а у расширения {mine!r}")


def number(version: str | None) -> tuple[int, ...]:
    """«2.9.1» -> (2, 9, 1); of no version (): older than any."""
    return tuple(int(part) for part in (version or "").split(".") if part.isdigit())


def newer_tags(file: XmlFile) -> Iterator[Finding]:
    """What a platform does not know breaks the load or is dropped without a word, so nothing newer is used."""
    mine = number(file.tree.get("version"))
    for tag in {etree.QName(item).localname for item in file.tree.iter(etree.Element)} & NEWER_TAGS.keys():
        if mine < number(NEWER_TAGS[tag]):
            yield Finding("newer_tag", file.path, f"{tag} знают с версии {NEWER_TAGS[tag]}")


def heads(file: XmlFile) -> Iterator[Finding]:
    """The root declares what the Configurator declares there, no more and no less."""
    wanted = NAMESPACES.get(etree.QName(file.tree).localname)
    if wanted is None or set(file.tree.nsmap) != wanted:
        wrong = sorted(map(str, set(file.tree.nsmap) ^ (wanted or set())))
        yield Finding("head", file.path, f"корень не такой, как пишет Конфигуратор: {wrong}")


def configuration(dump: Dump) -> Iterator[Finding]:
    path = "Configuration.xml"
    contained = dump.configuration.findall(f"{MD}InternalInfo/{XR}ContainedObject")
    known = CLASS_IDS if number(dump.trees[path].get("version")) >= number(SEVENTH_CLASS) else CLASS_IDS[:-1]
    if tuple(item.findtext(f"{XR}ClassId") for item in contained) != known:
        yield Finding("contained", path, f"нужны ContainedObject, числом {len(known)}, с известными ClassId по порядку")
    properties = [etree.QName(item).localname for item in dump.configuration.find(f"{MD}Properties")]
    if [name for name in properties if name not in OPTIONAL] != [n for n in ROOT_PROPERTIES if n not in OPTIONAL]:
        yield Finding("root_properties", path, f"свойства расширения не те или не в том порядке: {properties}")
    if not dump.prefix:
        yield Finding("root_properties", path, "не указан NamePrefix")


def children(dump: Dump) -> Iterator[Finding]:
    """ChildObjects and the files name the same objects, in the order the Configurator writes."""
    path, listed = "Configuration.xml", dump.listed
    for twice in {item for item in listed if listed.count(item) > 1}:
        yield Finding("child_order", path, f"{twice} названо дважды")
    order = list(FOLDERS)
    for kind, name in listed:
        if kind not in FOLDERS:
            yield Finding("child_order", path, f"неизвестный вид объекта {kind}")
        elif f"{FOLDERS[kind]}/{name}.xml" not in dump.bodies:
            yield Finding("child_file", path, f"{kind}.{name} назван, а файла нет")
    known = [(order.index(kind), name.lower()) for kind, name in listed if kind in FOLDERS]
    if known != sorted(known):
        yield Finding("child_order", path, "виды объектов в своем порядке, внутри вида по алфавиту")


def belonging(dump: Dump) -> Iterator[Finding]:
    for path in dump.bodies:
        if path == "Configuration.xml":
            continue
        owner = owner_of(path)
        if owner is None:
            yield Finding("stray_file", path, "файл не принадлежит ни одному объекту расширения")
        elif owner not in dump.listed:
            yield Finding("stray_file", path, f"{'.'.join(owner)} нет в ChildObjects")
