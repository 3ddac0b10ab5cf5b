"""The forms of an answer: JSON, Atom, EDMX, and the three bodies of an error (facts/onec.md §3.1, §3.3)."""

import json
import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any
from xml.etree import ElementTree

from posrednik_sandbox.onec.odata.tables import Table

Json = dict[str, Any]
ATOM = 'xmlns="http://www.w3.org/2005/Atom"'
DATA = (
    'xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices"'
    ' xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"'
)
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
SCHEME = "http://schemas.microsoft.com/ado/2007/08/dataservices/scheme"
RELATED = "http://schemas.microsoft.com/ado/2007/08/dataservices/related/"
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class IllegalCharacter(Exception):
    """An XML answer cannot hold this object: the platform gives up the whole package (§3.2)."""


def service(root: str, tables: Iterable[Table], as_json: bool) -> str:
    names = [table.name for table in tables]
    if as_json:
        value = [{"name": name, "url": name} for name in names]
        return json.dumps({"odata.metadata": f"{root}/$metadata", "value": value}, ensure_ascii=False)
    items = "".join(f'<collection href="{name}"><atom:title>{name}</atom:title></collection>' for name in names)
    app = 'xmlns="http://www.w3.org/2007/app" xmlns:atom="http://www.w3.org/2005/Atom"'
    space = f"<workspace><atom:title>Default</atom:title>{items}</workspace>"
    return f'{HEAD}<service {app} xml:base="{escape(root)}/">{space}</service>'


def metadata(tables: Iterable[Table]) -> str:
    types, sets, links = [], [], []
    for table in tables:
        keys = "".join(f'<PropertyRef Name="{key}"/>' for key in table.keys)
        columns = "".join(_property(name, kind, name in table.keys) for name, kind in table.columns.items())
        for part, inner in table.parts.items():
            columns += f'<Property Name="{part}" Type="Collection(StandardODATA.{table.name}_{part}_RowType)"/>'
            rows = "".join(_property(name, kind, False) for name, kind in inner.items())
            types.append(f'<ComplexType Name="{table.name}_{part}_RowType">{rows}</ComplexType>')
        for name, target in table.targets.items():
            if target:
                word, link = name.removesuffix("_Key"), f"{table.name}_{name.removesuffix('_Key')}"
                roles = f'Relationship="StandardODATA.{link}" FromRole="Begin" ToRole="End"'
                columns += f'<NavigationProperty Name="{word}" {roles}/>'
                links.append(_association(link, table.name, target))
        types.append(f'<EntityType Name="{table.name}"><Key>{keys}</Key>{columns}</EntityType>')
        sets.append(f'<EntitySet Name="{table.name}" EntityType="StandardODATA.{table.name}"/>')
    edm = 'xmlns="http://schemas.microsoft.com/ado/2009/11/edm"'
    container = (
        f'<EntityContainer Name="EnterpriseV8" m:IsDefaultEntityContainer="true">{"".join(sets)}</EntityContainer>'
    )
    return (
        f'{HEAD}<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx">'
        f'<edmx:DataServices m:DataServiceVersion="3.0" m:MaxDataServiceVersion="3.0" {DATA}>'
        f'<Schema Namespace="StandardODATA" {edm}>{"".join(types)}{"".join(links)}{container}</Schema>'
        "</edmx:DataServices></edmx:Edmx>"
    )


def _property(name: str, kind: str, key: bool) -> str:
    return f'<Property Name="{name}" Type="{kind}" Nullable="{"false" if key else "true"}"/>'


def _association(link: str, begin: str, end: str) -> str:
    ends = "".join(
        f'<End Role="{role}" Type="StandardODATA.{name}" Multiplicity="{many}"/>'
        for role, name, many in (("Begin", begin, "*"), ("End", end, "0..1"))
    )
    return f'<Association Name="{link}">{ends}</Association>'


def as_json(root: str, name: str, rows: Iterable[Json], count: int | None, *, single: bool, full: bool) -> str:
    """full: with the addresses of what a row refers to; else `odata=nometadata`."""
    shown = [_linked(row, name, full) for row in rows]
    head: Json = {"odata.metadata": f"{root}/$metadata#{name}" + ("/@Element" if single else "")} if full else {}
    if single:
        return json.dumps(head | shown[0], ensure_ascii=False)
    if count is not None:
        head["odata.count"] = str(count)
    return json.dumps(head | {"value": shown}, ensure_ascii=False)


def _linked(row: Json, name: str, full: bool) -> Json:
    told = {key: value for key, value in row.items() if not key.startswith("@")}
    if full and "Ref_Key" in row and "LineNumber" not in row:
        for key in [key for key in told if key.endswith("_Key") and key != "Ref_Key"]:
            word = key.removesuffix("_Key")
            told[f"{word}@navigationLinkUrl"] = f"{name}(guid'{row['Ref_Key']}')/{word}"
    return told


def as_atom(root: str, name: str, rows: Iterable[Json], count: int | None, *, single: bool) -> str:
    entries = [_entry(root, name, row) for row in rows]
    if single:
        return HEAD + entries[0].replace("<entry>", f"<entry {ATOM} {DATA}>", 1)
    counted = f"<m:count>{count}</m:count>" if count is not None else ""
    return (
        f'{HEAD}<feed {ATOM} {DATA} xml:base="{escape(root)}/"><id>{escape(root)}/{name}</id>'
        f"<title>{name}</title>{counted}{''.join(entries)}</feed>"
    )


def _entry(root: str, name: str, row: Mapping[str, Any]) -> str:
    own = f"{name}(guid'{row.get('Ref_Key')}')"
    words = [key.removesuffix("_Key") for key in row if key.endswith("_Key") and key != "Ref_Key" and "Ref_Key" in row]
    links = "".join(f'<link rel="{RELATED}{word}" href="{own}/{word}"/>' for word in words)
    body = "".join(_element(name, key, value) for key, value in row.items() if not key.startswith("@"))
    key = f"(guid'{row['Ref_Key']}')" if "Ref_Key" in row else ""
    return (
        f'<entry><id>{escape(root)}/{name}{key}</id><category term="StandardODATA.{name}" scheme="{SCHEME}"/>{links}'
        f'<content type="application/xml"><m:properties>{body}</m:properties></content></entry>'
    )


def _element(name: str, key: str, value: Any) -> str:
    if isinstance(value, list):
        rows = "".join(
            f"<d:element>{''.join(_element(name, inner, one) for inner, one in row.items())}</d:element>"
            for row in value
        )
        return f'<d:{key} m:type="Collection(StandardODATA.{name}_{key}_RowType)">{rows}</d:{key}>'
    if isinstance(value, Mapping):
        return f"<d:{key}>{''.join(_element(name, inner, one) for inner, one in value.items())}</d:{key}>"
    if value is None:
        return f'<d:{key} m:null="true"/>'
    if isinstance(value, bool):
        return f"<d:{key}>{'true' if value else 'false'}</d:{key}>"
    return f"<d:{key}>{legal(str(value))}</d:{key}>"


def legal(text: str) -> str:
    """Escaped for XML. Raises IllegalCharacter."""
    bad = _ILLEGAL.search(text)
    if bad:
        raise IllegalCharacter(f"Недопустимый символ XML 0x{ord(bad[0]):02X}")
    return escape(text)


def without_illegal(value: Any) -> None:
    """Raises IllegalCharacter if a text in the value cannot be in XML."""
    if isinstance(value, str):
        legal(value)
    elif isinstance(value, Mapping):
        for one in value.values():
            without_illegal(one)
    elif isinstance(value, list):
        for one in value:
            without_illegal(one)


def error(form: str, code: int, words: str) -> tuple[str, str]:
    """(body, content type) in one of the three forms: `xml`, `json` (the chain of causes), `html` (a web server)."""
    if form == "json":
        chain = {"odata.error": {"code": str(code), "message": {"lang": "ru", "value": words},
                                 "innererror": {"exception": {"descr": words, "inner": {"descr": words}}}}}  # fmt: skip
        return json.dumps(chain, ensure_ascii=False), "application/json"
    if form == "html":
        page = f"<html><head><title>Ошибка 1С:Предприятия</title></head><body><h1>{escape(words)}</h1></body></html>"
        return page, "text/html"
    text = escape(_ILLEGAL.sub("\ufffd", words))
    body = f'{HEAD}<m:error {DATA}><m:code>{code}</m:code><m:message xml:lang="ru">{text}</m:message></m:error>'
    return body, "application/xml"


def as_package(root: str, selected: Iterable[tuple[str, Json]]) -> str:
    """A package of changes: objects of any entity set, removals too."""
    entries = "".join(_entry(root, name, row) for name, row in selected)
    return f"{HEAD}<feed {ATOM} {DATA}><id>{escape(root)}/SelectChanges</id>{entries}</feed>"


def read_entry(body: bytes) -> Json:
    """Properties of an Atom entry that a client wrote, all as texts. Raises ValueError."""
    try:
        top = ElementTree.fromstring(body)  # noqa: S314 - of a test's client on this machine
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from error
    found = next(top.iter("{http://schemas.microsoft.com/ado/2007/08/dataservices/metadata}properties"), None)
    return {} if found is None else _properties(found)


def _properties(element: ElementTree.Element) -> Json:
    return {_local(child): _property_value(child) for child in element}


def _property_value(element: ElementTree.Element) -> Any:
    children = list(element)
    if not children:
        return element.text
    rows = all(_local(child) == "element" for child in children)
    return [_properties(child) for child in children] if rows else _properties(element)


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]
