"""A request's body as a typed envelope, or a plain reason why it cannot be read."""

import re
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from posrednik.kit import xml

T = TypeVar("T")
# Escapes of UTF-16: a pair is whole, half of one stands for no character. `\\` comes first, so that it is passed over.
_SURROGATE = re.compile(
    rb"(?P<whole>\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Form:
    """How a request is written: JSON, or the XML of the same (contract.md §2). charset: of its Content-Type."""

    xml: bool = False
    charset: str | None = None


JSON = Form()


class Malformed(Exception):
    """The body cannot be read or is over a limit; nothing was taken. status: 400 or 413.

    pointer: where, as a JSON pointer. what: why, for the reader of a log at the other side.
    """

    def __init__(self, what: str, pointer: str = "", *, status: int = 400, code: str = "malformed") -> None:
        super().__init__(what)
        self.what, self.pointer, self.status, self.code = what, pointer, status, code


def decode(body: bytes, shape: type[T]) -> T:
    """`body` as `shape`; raises Malformed. A byte order mark is no error, nor is half an emoji that 1C cut in two."""
    body = body.removeprefix(_BOM)
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        mended = _SURROGATE.sub(lambda found: found[0] if found["whole"] else rb"\ufffd", body)
        if mended != body:
            return decode(mended, shape)
        raise Malformed(*_where(error)) from error


def decode_form(body: bytes, shape: type[T], form: Form) -> T:
    """`body` in either form; raises Malformed. XML has texts alone, so the envelope's numbers are read of texts."""
    if not form.xml:
        return decode(body, shape)
    try:
        plain = xml.read(body, "message", form.charset)
        return msgspec.json.decode(msgspec.json.encode(plain), type=shape, strict=False)
    except xml.XmlError as error:
        raise Malformed(str(error)) from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise Malformed(*_where(error)) from error


def decode_text(body: bytes, shape: type[T]) -> T:
    """`decode` for people's requests, which go into the database without another look: no U+0000 in any text."""
    if b"\\u0000" in body:
        raise Malformed("U+0000 in a text")
    return decode(body, shape)


def _where(error: Exception) -> tuple[str, str]:
    """(what, JSON pointer) of msgspec's "… - at `$.objects[0].ref`"."""
    what, _, path = str(error).partition(" - at `$")
    return what, "".join(f"/{part}" for part in re.split(r"[.\[\]]+", path.rstrip("`")) if part)
