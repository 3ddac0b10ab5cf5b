"""Bytes: ДвоичныеДанные, БуферДвоичныхДанных, hashes, Base64, hex, ХранилищеЗначения, encoding of addresses."""

from __future__ import annotations

import base64
import binascii
import hashlib
import pickle
import zlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote

from tests.bsl import ops
from tests.bsl.native import SKIPPED, BslError, Enumeration, EnumValue, Native, Value, global_function, method, prop

HASHES = Enumeration(("ХешФункция", "HashFunction"), "MD5", "SHA1", "SHA256", "CRC32", since="8.3")
ENCODINGS = Enumeration(
    ("КодировкаТекста", "TextEncoding"), "UTF8", "ANSI", "OEM", "UTF16", "Системная=System", "UTF8БезBOM=UTF8NoBOM"
)
URL_MODES = Enumeration(
    ("СпособКодированияСтроки", "StringEncodingMethod"),
    "КодировкаURL=URLEncoding", "URLВКодировкеURL=URLInURLEncoding", since="8.3",
)  # fmt: skip


def codec(encoding: Value) -> str:
    """The codec of a value of КодировкаТекста, or of an encoding's name. Raises BslError for an unknown one."""
    if encoding in (SKIPPED, None, ""):
        return "utf-8"
    if isinstance(encoding, EnumValue):
        return {"UTF8": "utf-8", "UTF8БезBOM": "utf-8", "ANSI": "cp1251", "Системная": "cp1251", "OEM": "cp866",
                "UTF16": "utf-16-le"}[encoding.name]  # fmt: skip
    name = str(encoding).lower()
    known = {"utf-8": "utf-8", "utf8": "utf-8", "windows-1251": "cp1251", "cp1251": "cp1251", "cp866": "cp866",
             "utf-16": "utf-16", "koi8-r": "koi8-r", "us-ascii": "ascii"}.get(name)  # fmt: skip
    if known is None:
        raise BslError(f"Неизвестная кодировка ({encoding})")
    return known


class BinaryData(Native):
    """ДвоичныеДанные; equal by their bytes. Новый ДвоичныеДанные(ИмяФайла)."""

    bsl_type = "ДвоичныеДанные"
    bsl_type_en = "BinaryData"
    bsl_creatable = True

    def __init__(self, data: Value = b"") -> None:
        if isinstance(data, str):
            try:
                with open(data, "rb") as file:
                    data = file.read()
            except OSError as error:
                raise BslError(f"Файл не обнаружен '{data}'") from error
        self.data: bytes = bytes(data)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BinaryData) and other.data == self.data

    def __hash__(self) -> int:
        return hash(self.data)

    def bsl_text(self) -> str:
        return self.data.hex(" ").upper()

    def bsl_xml(self) -> str:
        return base64.b64encode(self.data).decode()

    @method("Размер", "Size")
    def size(self) -> int:
        return len(self.data)

    @method("Записать", "Write")
    def write(self, name: Any) -> None:
        with open(name, "wb") as file:
            file.write(self.data)


class BinaryBuffer(Native):
    """БуферДвоичныхДанных(Размер): bytes that can be changed."""

    bsl_type = "БуферДвоичныхДанных"
    bsl_type_en = "BinaryDataBuffer"
    bsl_creatable = True
    bsl_since = "8.3"

    def __init__(self, size: Value = 0) -> None:
        self.data = bytearray(size)

    @prop("Размер", "Size")
    def bsl_size(self) -> int:
        return len(self.data)

    def bsl_iter(self) -> Iterator[Value]:
        yield from self.data

    def _at(self, place: Value, width: int = 1) -> int:
        if not ops.is_number(place) or not 0 <= place <= len(self.data) - width:
            raise BslError("Индекс находится за границами буфера")
        return int(place)

    def bsl_index(self, key: Value) -> Value:
        return self.data[self._at(key)]

    def bsl_set_index(self, key: Value, value: Value) -> None:
        if not ops.is_number(value) or not 0 <= value <= 255:
            raise BslError("Значение байта должно быть от 0 до 255")
        self.data[self._at(key)] = int(value)

    @method("Получить", "Get")
    def get(self, place: Any) -> int:
        return self.data[self._at(place)]

    @method("Установить", "Set")
    def set(self, place: Any, value: Any) -> None:
        self.bsl_set_index(place, value)

    @method("Записать", "Write")
    def write(self, place: Any, other: Any, count: Any = SKIPPED) -> None:
        piece = bytes(other.data if count is SKIPPED else other.data[: int(count)])
        start = self._at(place, max(len(piece), 1)) if piece else 0
        self.data[start : start + len(piece)] = piece

    @method("Прочитать", "Read")
    def read(self, place: Any, count: Any) -> BinaryBuffer:
        start = self._at(place, max(int(count), 1)) if count else 0
        return _buffer(self.data[start : start + int(count)])

    @method("Скопировать", "Copy")
    def copy(self) -> BinaryBuffer:
        return _buffer(self.data)

    @method("Соединить", "Concat")
    def joined(self, other: Any) -> BinaryBuffer:
        return _buffer(self.data + other.data)


def _buffer(data: bytes | bytearray) -> BinaryBuffer:
    made = BinaryBuffer(0)
    made.data = bytearray(data)
    return made


class Hashing(Native):
    """ХешированиеДанных(ХешФункция)."""

    bsl_type = "ХешированиеДанных"
    bsl_type_en = "DataHashing"
    bsl_creatable = True
    bsl_since = "8.3"

    def __init__(self, function: Any) -> None:
        self.function = function.name
        self.data = b""

    @method("Добавить", "Append")
    def append(self, value: Any, count: Any = SKIPPED) -> None:
        """A text counts as its UTF-8."""
        if not isinstance(value, str | BinaryData):
            raise BslError("Несоответствие типов (параметр номер '1')")
        self.data += value.encode() if isinstance(value, str) else value.data

    @method("Очистить", "Clear")
    def clear(self) -> None:
        self.data = b""

    @prop("ХешСумма", "HashSum")
    def hash_sum(self) -> Value:
        if self.function == "CRC32":
            return zlib.crc32(self.data)
        return BinaryData(hashlib.new(self.function.lower(), self.data, usedforsecurity=False).digest())


class ValueStorage(Native):
    """ХранилищеЗначения(Значение): what is taken out is another one than was put in."""

    bsl_type = "ХранилищеЗначения"
    bsl_type_en = "ValueStorage"
    bsl_creatable = True

    def __init__(self, value: Value = None, compression: Value = None) -> None:
        self.packed = pickle.dumps(None if value is SKIPPED else value)

    @method("Получить", "Get")
    def get(self) -> Value:
        return pickle.loads(self.packed)

    def bsl_xml(self) -> str:
        return base64.b64encode(self.packed).decode()

    @classmethod
    def of(cls, text: str) -> ValueStorage:
        made = cls()
        if text:
            made.packed = base64.b64decode(text)
        return made


@global_function("ПолучитьДвоичныеДанныеИзСтроки", "GetBinaryDataFromString", since="8.3")
def data_from_text(text: Any, encoding: Any = None, bom: Any = False) -> BinaryData:
    if not isinstance(text, str):
        raise BslError("Несоответствие типов (параметр номер '1')")
    return BinaryData((b"\xef\xbb\xbf" if bom is True else b"") + text.encode(codec(encoding), "replace"))


@global_function("ПолучитьСтрокуИзДвоичныхДанных", "GetStringFromBinaryData", since="8.3")
def text_from_data(data: Any, encoding: Any = None) -> str:
    return decoded(_bytes(data), encoding)


def decoded(data: bytes, encoding: Value) -> str:
    """Text of bytes; a byte order mark is no part of it."""
    name = codec(encoding)
    return data.decode("utf-8-sig" if name == "utf-8" else name, "replace")


def _bytes(data: Value) -> bytes:
    if not isinstance(data, BinaryData):
        raise BslError("Несоответствие типов (параметр номер '1')")
    return data.data


@global_function("ПолучитьHexСтрокуИзДвоичныхДанных", "GetHexStringFromBinaryData", since="8.3")
def hex_from_data(data: Any) -> str:
    return _bytes(data).hex().upper()


@global_function("ПолучитьДвоичныеДанныеИзHexСтроки", "GetBinaryDataFromHexString", since="8.3")
def data_from_hex(text: Any) -> BinaryData:
    return BinaryData(bytes.fromhex(text))


@global_function("СоединитьДвоичныеДанные", "ConcatBinaryData", since="8.3")
def concat(parts: Any) -> BinaryData:
    return BinaryData(b"".join(_bytes(one) for one in parts.items))


@global_function("ПолучитьБуферДвоичныхДанныхИзДвоичныхДанных", "GetBinaryDataBufferFromBinaryData", since="8.3")
def buffer_from_data(data: Any) -> BinaryBuffer:
    return _buffer(_bytes(data))


@global_function("ПолучитьДвоичныеДанныеИзБуфераДвоичныхДанных", "GetBinaryDataFromBinaryDataBuffer", since="8.3")
def data_from_buffer(buffer: Any) -> BinaryData:
    return BinaryData(bytes(buffer.data))


@global_function("ПолучитьБуферДвоичныхДанныхИзСтроки", "GetBinaryDataBufferFromString", since="8.3")
def buffer_from_text(text: Any, encoding: Any = None, bom: Any = False) -> BinaryBuffer:
    return _buffer(data_from_text(text, encoding, bom).data)


@global_function("ПолучитьСтрокуИзБуфераДвоичныхДанных", "GetStringFromBinaryDataBuffer", since="8.3")
def text_from_buffer(buffer: Any, encoding: Any = None) -> str:
    return decoded(bytes(buffer.data), encoding)


@global_function("Base64Строка", "Base64String")
def base64_text(data: Any) -> str:
    """With CRLF after every 76 characters, as 1C writes it."""
    whole = base64.b64encode(_bytes(data)).decode()
    return "\r\n".join(whole[start : start + 76] for start in range(0, len(whole), 76))


@global_function("Base64Значение", "Base64Value")
def base64_value(text: Any) -> BinaryData:
    return _from_base64(text)


def _from_base64(text: Value) -> BinaryData:
    """1C takes what it can read and does not complain of the rest."""
    try:
        return BinaryData(base64.b64decode(text))
    except (binascii.Error, ValueError):
        return BinaryData(b"")


@global_function("КодироватьСтроку", "EncodeString", since="8.3")
def encode_url(text: Any, mode: Any, encoding: Any = "utf-8") -> str:
    safe = "-_.~" if mode is URL_MODES["КодировкаURL"] else "-_.~:/?#[]@!$&'()*+,;=%"
    return quote(ops.text(text).encode(codec(encoding)), safe=safe)


@global_function("РаскодироватьСтроку", "DecodeString", since="8.3")
def decode_url(text: Any, mode: Any, encoding: Any = "utf-8") -> str:
    return unquote(text, codec(encoding))
