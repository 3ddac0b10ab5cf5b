"""Files as BSL works with them: temporary names, Файл, ЗаписьТекста, ЧтениеТекста, ТекстовыйДокумент."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from tests.bsl.native import SKIPPED, BslError, Native, Value, global_function, method, prop
from tests.bsl.platform.crypto import ENCODINGS, codec, decoded
from tests.bsl.platform.http import temporary_name

MISSING = "Файл не обнаружен '{name}'"


@global_function("ПолучитьИмяВременногоФайла", "GetTempFileName")
def temporary(extension: Any = "tmp") -> str:
    return temporary_name("tmp" if extension in (None, SKIPPED, "") else extension)


@global_function("УдалитьФайлы", "DeleteFiles")
def delete(path: Any, mask: Any = "") -> None:
    target = Path(path)
    if mask not in ("", None, SKIPPED):
        for one in target.glob(mask):
            one.unlink()
    elif target.is_dir():
        shutil.rmtree(target)
    else:
        target.unlink(missing_ok=True)


class File(Native):
    """Файл(Путь)."""

    bsl_type = "Файл"
    bsl_type_en = "File"
    bsl_creatable = True

    def __init__(self, path: Any = "") -> None:
        self.path = Path(path)

    @method("Существует", "Exist")
    def exists(self) -> bool:
        return self.path.exists()

    @method("Размер", "Size")
    def size(self) -> int:
        return self.path.stat().st_size

    @prop("Имя", "Name")
    def name(self) -> str:
        return self.path.name

    @prop("ПолноеИмя", "FullName")
    def full(self) -> str:
        return str(self.path)

    @prop("Расширение", "Extension")
    def extension(self) -> str:
        return self.path.suffix


class TextWriter(Native):
    """ЗаписьТекста(ИмяФайла, Кодировка, РазделительСтрок, Дописывать). UTF8 gets a byte order mark, as in 1C."""

    bsl_type = "ЗаписьТекста"
    bsl_type_en = "TextWriter"
    bsl_creatable = True

    def __init__(self, path: Any = "", encoding: Any = None, separator: Any = "\n", append: Any = False) -> None:
        self.file: Any = None
        if path not in ("", SKIPPED):
            self.open(path, encoding, separator, append)

    @method("Открыть", "Open")
    def open(self, path: Any, encoding: Any = None, separator: Any = "\n", append: Any = False, more: Any = "") -> None:
        self.separator = "\n" if separator in (None, SKIPPED) else separator
        self.codec = codec(encoding)
        self.file = open(path, "ab" if append is True else "wb")  # noqa: SIM115 - Закрыть closes it
        marked = self.codec == "utf-8" and encoding is not ENCODINGS["UTF8БезBOM"]
        if marked and not self.file.tell():
            self.file.write(b"\xef\xbb\xbf")

    @method("Записать", "Write")
    def write(self, text: Any = "") -> None:
        if self.file is None:
            raise BslError("Файл не открыт")
        self.file.write(text.replace("\n", self.separator).encode(self.codec, "replace"))

    @method("ЗаписатьСтроку", "WriteLine")
    def write_line(self, text: Any = "", separator: Any = None) -> None:
        self.write(text)
        self.file.write((separator or self.separator).encode(self.codec))

    @method("Закрыть", "Close")
    def close(self) -> None:
        if self.file is not None:
            self.file.close()
        self.file = None


class TextReader(Native):
    """ЧтениеТекста(ИмяФайла, Кодировка)."""

    bsl_type = "ЧтениеТекста"
    bsl_type_en = "TextReader"
    bsl_creatable = True

    def __init__(self, path: Any = "", encoding: Any = None, *more: Any) -> None:
        self.text = ""
        if path not in ("", SKIPPED):
            self.open(path, encoding)

    @method("Открыть", "Open")
    def open(self, path: Any, encoding: Any = None, *more: Any) -> None:
        if not Path(path).exists():
            raise BslError(MISSING.format(name=path))
        self.text = decoded(Path(path).read_bytes(), encoding).replace("\r\n", "\n")

    @method("Прочитать", "Read")
    def read(self, count: Any = None) -> Value:
        """Неопределено at the end of the file."""
        if not self.text:
            return None
        size = len(self.text) if count in (None, SKIPPED) else int(count)
        piece, self.text = self.text[:size], self.text[size:]
        return piece

    @method("ПрочитатьСтроку", "ReadLine")
    def read_line(self, separator: Any = None) -> Value:
        if not self.text:
            return None
        line, _, self.text = self.text.partition("\n")
        return line

    @method("Закрыть", "Close")
    def close(self) -> None:
        self.text = ""
