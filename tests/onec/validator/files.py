"""Bytes, XML and the list of objects: what the Configurator reads before it understands anything."""

from collections.abc import Iterator

from lxml import etree
from tests.onec.validator.bsl import Finding
from tests.onec.validator.dump import FOLDERS, MD, XR, Dump, XmlFile, owner_of

# A platform loads files of its own version or of a lower one. Source: shared facts 5.1.
VERSIONS = {"2.9.1"} | {f"2.{number}" for number in range(8, 22)}
# Elements that came after version 2.13, with the version that knows them.
NEWER_TAGS = {"TypeReductionMode": "2.18", "PropertyState": "2.19", "LineNumberLength": "2.20"}
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
ROOT_PROPERTIES = (
    "ObjectBelonging", "Name", "Synonym", "Comment", "ConfigurationExtensionPurpose",
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


def newer_tags(file: XmlFile) -> Iterator[Finding]:
    """An element that a platform does not know is dropped without a word, so newer ones are not used."""
    for tag in {etree.QName(item).localname for item in file.tree.iter(etree.Element)} & NEWER_TAGS.keys():
        yield Finding(
            "newer_tag", file.path, f"{tag} знают с версии {NEWER_TAGS[tag]}, более старая платформа отбросит"
        )


def configuration(dump: Dump) -> Iterator[Finding]:
    path = "Configuration.xml"
    contained = dump.configuration.findall(f"{MD}InternalInfo/{XR}ContainedObject")
    if tuple(item.findtext(f"{XR}ClassId") for item in contained) != CLASS_IDS:
        yield Finding("contained", path, "нужны семь ContainedObject с известными ClassId в известном порядке")
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
