"""HTTP of 1C over http.client: HTTPСоединение with requests (8.3) and with files (8.2)."""

from __future__ import annotations

import base64
import http.client
import os
import ssl
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.bsl import ops
from tests.bsl.native import SKIPPED, BslError, Enumeration, KilledHere, Native, Value, method, prop
from tests.bsl.platform.crypto import BinaryData, codec, decoded
from tests.bsl.values import FixedMap, Map

if TYPE_CHECKING:
    from tests.bsl.platform.platform import Platform

NO_ANSWER = "Ошибка работы с Интернет:  {why}"
IN_TRANSACTION = "Обращение по HTTP внутри транзакции: она держит блокировки, пока сервер молчит"
NO_TIMEOUT = "У HTTPСоединение не задан таймаут"
BOM = Enumeration(
    ("ИспользованиеByteOrderMark", "ByteOrderMarkUsage"),
    "Авто=Auto", "Использовать=Use", "НеИспользовать=DontUse", since="8.3",
)  # fmt: skip


@dataclass(slots=True)
class Fault:
    """What goes wrong with the next `times` requests whose path contains `part`.

    kind: cut = no connection, nothing is sent; lose = sent and answered, but the answer does not arrive; status = not
    sent, this status and body are the answer; die = the session is killed before it sends.
    """

    kind: str
    part: str = ""
    times: int = 1
    status: int = 503
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sent:
    """One request of the base. status 0 = no answer came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    status: int


@dataclass(slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class SecureConnection(Native):
    """ЗащищенноеСоединениеOpenSSL(СертификатКлиента, СертификатыУдостоверяющихЦентров)."""

    bsl_type = "ЗащищенноеСоединениеOpenSSL"
    bsl_type_en = "OpenSSLSecureConnection"
    bsl_creatable = True
    bsl_since = "8.3"

    def __init__(self, client: Value = None, authorities: Value = None) -> None:
        self.checked = isinstance(authorities, (SystemAuthorities, WindowsAuthorities))


class SystemAuthorities(Native):
    """СертификатыУдостоверяющихЦентровОС."""

    bsl_type = "СертификатыУдостоверяющихЦентровОС"
    bsl_type_en = "OSCertificationAuthorityCertificates"
    bsl_creatable = True
    bsl_since = "8.3"


class WindowsAuthorities(Native):
    """СертификатыУдостоверяющихЦентровWindows: what the first versions of 8.3 had."""

    bsl_type = "СертификатыУдостоверяющихЦентровWindows"
    bsl_type_en = "WindowsCertificationAuthorityCertificates"
    bsl_creatable = True
    bsl_since = "8.3"


class Proxy(Native):
    """ИнтернетПрокси: settings are kept, requests of tests go past it."""

    bsl_type = "ИнтернетПрокси"
    bsl_type_en = "InternetProxy"
    bsl_creatable = True

    def __init__(self, system: Value = False) -> None:
        self.fields: dict[str, Value] = {}

    @method("Установить", "Set")
    def set(self, *args: Any) -> None:
        self.fields[str(args[0])] = args[1:]


class Body(Native):
    """What HTTPЗапрос, HTTPСервисОтвет and the answers have in common: headers and bytes."""

    def __init__(self) -> None:
        self.headers: Any = Map()
        self.body = b""
        self.file = ""

    @prop("Заголовки", "Headers")
    def bsl_headers(self) -> Value:
        return self.headers

    @method("ПолучитьТелоКакСтроку", "GetBodyAsString")
    def body_text(self, encoding: Any = None) -> Value:
        return decoded(self.body, encoding)

    @method("ПолучитьТелоКакДвоичныеДанные", "GetBodyAsBinaryData")
    def body_data(self) -> BinaryData:
        return BinaryData(self.body)

    @method("ПолучитьИмяФайлаТела", "GetBodyFileName")
    def body_file(self) -> Value:
        return self.file or None


class Writable(Body):
    """A body that the program gives."""

    @method("УстановитьТелоИзСтроки", "SetBodyFromString")
    def set_text(self, text: Any, encoding: Any = None, bom: Any = None) -> None:
        """Without ИспользованиеByteOrderMark.НеИспользовать UTF-8 gets its mark, as in 1C."""
        if not isinstance(text, str):
            raise BslError("Несоответствие типов (параметр номер '1')")
        name = codec(encoding)
        mark = b"\xef\xbb\xbf" if name == "utf-8" and bom is not BOM["НеИспользовать"] and encoding is not None else b""
        self.body = mark + text.encode(name, "replace")

    @method("УстановитьТелоИзДвоичныхДанных", "SetBodyFromBinaryData")
    def set_data(self, data: Any) -> None:
        if not isinstance(data, BinaryData):
            raise BslError("Несоответствие типов (параметр номер '1')")
        self.body = data.data

    @method("УстановитьИмяФайлаТела", "SetBodyFileName")
    def set_file(self, name: Any) -> None:
        self.file, self.body = name, BinaryData(name).data


class HttpRequest(Writable):
    """HTTPЗапрос(АдресРесурса, Заголовки)."""

    bsl_type = "HTTPЗапрос"
    bsl_type_en = "HTTPRequest"
    bsl_creatable = True
    bsl_since = "8.3"

    def __init__(self, address: Value = "", headers: Value = None) -> None:
        super().__init__()
        self.address = "" if address is SKIPPED else address
        if isinstance(headers, FixedMap):
            self.headers = headers

    @prop("АдресРесурса", "ResourceAddress")
    def bsl_address(self) -> Value:
        return self.address

    @bsl_address.setter
    def put_address(self, value: Value) -> None:
        self.address = value


class HttpAnswer(Body):
    """HTTPОтвет."""

    bsl_type = "HTTPОтвет"
    bsl_type_en = "HTTPResponse"

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__()
        self.status, self.body = status, body
        for name, value in headers.items():
            self.headers.put(name, value)

    @prop("КодСостояния", "StatusCode")
    def bsl_status(self) -> int:
        return self.status


class Connection(Native):
    """HTTPСоединение(Сервер, Порт, Пользователь, Пароль, Прокси, Таймаут, ЗащищенноеСоединение).

    In 8.2 the last two are one: Истина = TLS, and there is no Таймаут; bodies travel through files.
    """

    bsl_type = "HTTPСоединение"
    bsl_type_en = "HTTPConnection"
    bsl_creatable = True

    def __init__(self, session: Any, server: Any, port: Any = None, user: Any = "", password: Any = "",
                 proxy: Any = None, timeout: Any = None, secure: Any = None, *more: Any) -> None:  # fmt: skip
        self.platform: Platform = session.platform
        self.old = session.runtime.old
        self.server, self.user, self.password = server, user, password
        if self.old:
            if more or secure not in (None, SKIPPED):
                raise BslError("Слишком много фактических параметров")
            secure, timeout = timeout not in (None, SKIPPED) and ops.to_bool(timeout), 30
        if "://" in server or "/" in server:
            raise BslError(NO_ANSWER.format(why=f"Couldn't resolve host name '{server}'"))
        self.secure = secure if isinstance(secure, SecureConnection) else None
        self.tls = self.secure is not None or secure is True
        self.port = int(port) if port else (443 if self.tls else 80)
        self.timeout = timeout

    @prop("Сервер", "Host")
    def bsl_server(self) -> Value:
        return self.server

    @prop("Порт", "Port")
    def bsl_port(self) -> int:
        return self.port

    @prop("Таймаут", "Timeout")
    def bsl_timeout(self) -> Value:
        if self.old:
            raise BslError("Поле объекта не обнаружено (Таймаут)")
        return self.timeout

    @prop("ЗащищенноеСоединение", "SecureConnection")
    def bsl_secure(self) -> Value:
        return self.tls if self.old else self.secure

    @method("ВызватьHTTPМетод", "CallHTTPMethod", since="8.3")
    def call(self, verb: Any, request: Any, file: Any = "") -> HttpAnswer:
        return self._asked(str(verb), request, file)

    @method("Получить", "Get")
    def get(self, request: Any, file: Any = "", headers: Any = None) -> Value:
        return self._either("GET", request, file, headers)

    @method("ОтправитьДляОбработки", "Post")
    def post(self, request: Any, second: Any = "", third: Any = "", headers: Any = None) -> Value:
        """8.3: (Запрос, ИмяВыходногоФайла); 8.2: (ИмяФайлаОтправки, АдресРесурса, ИмяВыходногоФайла, Заголовки)."""
        if isinstance(request, HttpRequest):
            return self._asked("POST", request, second)
        return self._with_files("POST", second, BinaryData(request).data, third, headers)

    @method("Записать", "Put", since="8.3")
    def put(self, request: Any, file: Any = "") -> HttpAnswer:
        return self._asked("PUT", request, file)

    @method("Удалить", "Delete", since="8.3")
    def delete(self, request: Any, file: Any = "") -> HttpAnswer:
        return self._asked("DELETE", request, file)

    def _either(self, verb: str, request: Value, file: Value, headers: Value) -> Value:
        if isinstance(request, HttpRequest):
            return self._asked(verb, request, file)
        return self._with_files(verb, request, b"", file, headers)

    def _asked(self, verb: str, request: HttpRequest, file: Value) -> HttpAnswer:
        if not isinstance(request, HttpRequest):
            raise BslError("Несоответствие типов (параметр номер '2')")
        headers = {}
        for one in request.headers.items.values():
            if not isinstance(one.key, str) or not isinstance(one.value, str):
                raise BslError("Заголовки HTTP должны быть строками")
            headers[one.key] = one.value
        found = self._exchange(verb, request.address, headers, request.body)
        answer = HttpAnswer(found.status, found.headers, found.body)
        if file not in ("", None, SKIPPED):
            answer.file = file
            with open(file, "wb") as out:
                out.write(found.body)
        return answer

    def _with_files(self, verb: str, address: Value, body: bytes, file: Value, headers: Value) -> None:
        """The call of 8.2: another status than 2xx is an error without a body."""
        found = self._exchange(verb, ops.text(address), _old_headers(headers), body)
        if found.status >= 300:
            raise BslError(NO_ANSWER.format(why=f"HTTP код состояния: {found.status}"))
        if file in ("", None, SKIPPED):
            raise BslError("Не указано имя выходного файла")
        with open(file, "wb") as out:
            out.write(found.body)

    def _exchange(self, verb: str, address: str, headers: dict[str, str], body: bytes) -> _Answer:
        if self.platform.data.in_transaction:
            raise BslError(IN_TRANSACTION)
        if not self.timeout or self.timeout is SKIPPED:
            raise BslError(NO_TIMEOUT)
        path = address if address.startswith("/") else f"/{address}"
        if any(letter in path for letter in " \r\n") or not path.isascii():
            raise BslError(NO_ANSWER.format(why="адрес ресурса содержит недопустимые символы"))
        if self.user:
            known = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
            headers.setdefault("Authorization", f"Basic {known}")
        base = self.platform.base
        base.reach("before-send")
        fault = base.take_fault(path)
        answer = self._faulty(fault, verb, path, headers, body)
        base.note_sent(Sent(verb, path, headers, body, answer.status if answer else 0))
        base.reach("after-send")
        if answer is None:
            raise BslError(NO_ANSWER.format(why="Timeout was reached" if fault else "Couldn't connect to server"))
        return answer

    def _faulty(
        self, fault: Fault | None, verb: str, path: str, headers: dict[str, str], body: bytes
    ) -> _Answer | None:
        if fault is None:
            return self._send(verb, path, headers, body)
        if fault.kind == "die":
            raise KilledHere(path)
        if fault.kind == "lose":
            self._send(verb, path, headers, body)
        return _Answer(fault.status, fault.headers, fault.body) if fault.kind == "status" else None

    def _send(self, verb: str, path: str, headers: dict[str, str], body: bytes) -> _Answer:
        limit = float(self.timeout)
        made: http.client.HTTPConnection
        if self.tls:
            made = http.client.HTTPSConnection(self.server, self.port, timeout=limit, context=self._context())
        else:
            made = http.client.HTTPConnection(self.server, self.port, timeout=limit)
        base = self.platform.base
        base.http_open.add(made)
        try:
            made.request(verb, path, body or None, {"User-Agent": "1C+Enterprise/8.3", **headers})
            answer = made.getresponse()
            return _Answer(answer.status, dict(answer.getheaders()), answer.read())
        except TimeoutError as error:
            raise BslError(NO_ANSWER.format(why="Timeout was reached")) from error
        except (OSError, http.client.HTTPException) as error:
            if not base.power:
                raise KilledHere(path) from error
            raise BslError(NO_ANSWER.format(why=f"Couldn't connect to server ({type(error).__name__})")) from error
        finally:
            base.http_open.discard(made)
            made.close()

    def _context(self) -> ssl.SSLContext:
        """Without authorities 1C does not check the server's certificate."""
        made = ssl.create_default_context()
        if self.secure is None or not self.secure.checked:
            made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
        return made


def _old_headers(headers: Value) -> dict[str, str]:
    """Of 8.2: a Соответствие, or a text of lines."""
    if isinstance(headers, FixedMap):
        return {ops.text(one.key): ops.text(one.value) for one in headers.items.values()}
    if not isinstance(headers, str):
        return {}
    pairs = (line.partition(":") for line in headers.splitlines() if line.strip())
    return {name.strip(): value.strip() for name, _, value in pairs}


def temporary_name(extension: str = "tmp") -> str:
    handle, name = tempfile.mkstemp(f".{extension.lstrip('.')}", "v8_")
    os.close(handle)
    os.unlink(name)
    return name
