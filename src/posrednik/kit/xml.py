"""JSON's model written as XML, for programs that have no JSON: contract.md §2, the form of the 8.2 family.

Elements are named as the keys, a list is repeated `item`, an empty element is null; attributes and namespaces say
nothing. Read safely: no document type (so no entities of its own), no outside references, depth and size limited.
"""

import re
from typing import Any

from lxml import etree

MOST_DEPTH = 40
ITEM = "item"
# Characters that XML cannot hold, which 1C writes all the same when a scanner put them into a comment; as bytes of
# UTF-8 and of windows-1251 they are the same. Next: the same written as references.
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_REFERENCE = re.compile(rb"&#(?:x0*([0-9A-Fa-f]{1,6})|0*([0-9]{1,7}));")
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NAME = re.compile(r"[^\W\d][\w.\-]*")
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._\-]+)""")
_BOM = b"\xef\xbb\xbf"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


class XmlError(ValueError):
    """The document cannot be read; the text says why, without quoting it."""


def read(body: bytes, root: str, encoding: str | None = None) -> dict[str, Any]:
    """The root element's content as plain data: dict, list, str, None. All values are texts or null.

    encoding: of the Content-Type, when the document declares none. Raises XmlError.
    """
    try:
        top = etree.fromstring(_mended(body), _parser(body, encoding))
    except (etree.XMLSyntaxError, LookupError, ValueError) as error:
        raise XmlError(str(error)) from error
    if top.getroottree().docinfo.doctype:
        raise XmlError("a document type is not allowed")
    if _local(top) != root:
        raise XmlError(f'the root element is "{root}"')
    value = _value(top, 1)
    return value if isinstance(value, dict) else {}


def _parser(body: bytes, encoding: str | None) -> etree.XMLParser:
    declared = _DECLARED.match(body.removeprefix(_BOM))
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True, encoding=None if declared else encoding,
    )  # fmt: skip


def _mended(body: bytes) -> bytes:
    """Without characters that no XML may have: one of them must not stop a thousand good objects."""
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return body
    return _REFERENCE.sub(_allowed, _CONTROL.sub(b"", body))


def _allowed(found: re.Match[bytes]) -> bytes:
    code = int(found[1], 16) if found[1] else int(found[2])
    return found[0] if code < 0x110000 and not _UNWRITABLE.fullmatch(chr(code)) else b""


def _local(element: Any) -> str:
    tag = element.tag
    if not isinstance(tag, str):
        raise XmlError("an entity is not allowed")
    return tag.rpartition("}")[2]


def _value(element: Any, depth: int) -> Any:
    if depth > MOST_DEPTH:
        raise XmlError(f"nested deeper than {MOST_DEPTH}")
    if element.get(_NIL, "").strip() in ("true", "1"):
        return None
    children = [(_local(child), child) for child in element]
    if not children:
        return element.text or None
    if all(name == ITEM for name, _ in children):
        return [_value(child, depth + 1) for _, child in children]
    value: dict[str, Any] = {}
    for name, child in children:
        if name in value:
            raise XmlError(f'"{name}" twice in one element; a list has elements "{ITEM}"')
        value[name] = _value(child, depth + 1)
    return value


def write(value: Any, root: str) -> bytes:
    """`value` (plain data) as a document in UTF-8. What XML cannot hold in a text becomes U+FFFD."""
    top = etree.Element(root)
    _fill(top, value)
    document: bytes = etree.tostring(top, encoding="UTF-8", xml_declaration=True)
    return document


def _fill(element: Any, value: Any) -> None:
    match value:
        case None | "":
            return
        case bool():
            element.text = "true" if value else "false"
        case dict():
            for key, one in value.items():
                _fill(etree.SubElement(element, _name(str(key))), one)
        case list() | tuple():
            for one in value:
                _fill(etree.SubElement(element, ITEM), one)
        case _:
            element.text = _UNWRITABLE.sub("\ufffd", str(value))


def _name(key: str) -> str:
    """A key as an element may be called; ours all are."""
    return key if _NAME.fullmatch(key) else "_" + re.sub(r"[^\w.\-]", "_", key)
