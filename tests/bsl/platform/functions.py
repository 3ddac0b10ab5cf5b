"""Functions of the global context about the session: its clock, user, rights, log, messages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.bsl import ops
from tests.bsl.native import BslError, Enumeration, Native, Value, global_function, global_property, method, prop
from tests.bsl.platform.refs import EnumReference, Reference
from tests.bsl.simple import Uuid
from tests.bsl.values import Array

LEVELS = Enumeration(
    ("УровеньЖурналаРегистрации", "EventLogLevel"),
    "Ошибка=Error", "Предупреждение=Warning", "Информация=Information", "Примечание=Note",
)  # fmt: skip
EPOCH = datetime(1, 1, 1)


@global_function("ТекущаяУниверсальнаяДата", "CurrentUniversalDate", since="8.3")
def universal_date(session: Any) -> datetime:
    return session.base.now.replace(microsecond=0)  # type: ignore[no-any-return]


@global_function("ТекущаяУниверсальнаяДатаВМиллисекундах", "CurrentUniversalDateInMilliseconds", since="8.3")
def universal_milliseconds(session: Any) -> int:
    """Since the first second of the year 1."""
    return (session.base.now - EPOCH) // timedelta(milliseconds=1)  # type: ignore[no-any-return]


@global_function("ТекущаяДатаСеанса", "CurrentSessionDate", since="8.3")
def session_date(session: Any) -> datetime:
    return session.base.local_now  # type: ignore[no-any-return]


@global_function("ТекущаяДата", "CurrentDate")
def current_date(session: Any) -> datetime:
    """The computer's date: only 8.2 has no better one, and what is written for both, without an extension."""
    if not session.runtime.old and session.base.dump.modules:
        raise BslError("ТекущаяДата() на сервере запрещена стандартом: есть ТекущаяДатаСеанса()")
    return session.base.local_now  # type: ignore[no-any-return]


@global_function("УниверсальноеВремя", "ToUniversalTime")
def to_universal(session: Any, date: Any, zone: Any = "") -> datetime:
    return date - session.base.offset  # type: ignore[no-any-return]


@global_function("МестноеВремя", "ToLocalTime")
def to_local(session: Any, date: Any, zone: Any = "") -> datetime:
    return date + session.base.offset  # type: ignore[no-any-return]


@global_function("ЧасовойПоясСеанса", "SessionTimeZone", since="8.3")
def session_zone(session: Any) -> str:
    return "Europe/Moscow"


@global_function("СтрокаСоединенияИнформационнойБазы", "InfoBaseConnectionString")
def connection_string(session: Any) -> str:
    return session.base.connection  # type: ignore[no-any-return]


@global_function("ИмяПользователя", "UserName")
def user_name(session: Any) -> str:
    return session.platform.user  # type: ignore[no-any-return]


@global_function("ПолноеИмяПользователя", "UserFullName")
def user_full_name(session: Any) -> str:
    return session.platform.user  # type: ignore[no-any-return]


@global_function("УстановитьПривилегированныйРежим", "SetPrivilegedMode")
def set_privileged(session: Any, on: Any) -> None:
    """Counts, as 1C does: as often as it was switched on it has to be switched off."""
    platform = session.platform
    if ops.to_bool(on):
        platform.privileged += 1
    elif platform.privileged == 0:
        raise BslError("Привилегированный режим не был установлен")
    else:
        platform.privileged -= 1


@global_function("ПривилегированныйРежим", "PrivilegedMode")
def privileged(session: Any) -> bool:
    return bool(session.platform.privileged)


@global_function("РольДоступна", "IsInRole")
def is_in_role(session: Any, role: Any) -> bool:
    """Raises BslError for a role that is not there."""
    platform, name = session.platform, role if isinstance(role, str) else role.name
    if session.base.metadata.find(f"Роль.{name}") is None and name not in ("ПолныеПрава", "АдминистраторСистемы"):
        raise BslError(f"Роль не найдена ({name})")
    return platform.roles is None or name in platform.roles


@global_function("ПравоДоступа", "AccessRight")
def access_right(session: Any, right: Any, what: Any, user: Any = None) -> bool:
    """As the reading or writing itself would find it."""
    try:
        session.platform.check_right(str(right), what.full)
    except BslError:
        return False
    return True


@global_function("ЗаписьЖурналаРегистрации", "WriteLogEvent")
def write_log(
    session: Any, event: Any, level: Any = None, metadata: Any = None, data: Any = None, text: Any = "",
    mode: Any = None,
) -> None:  # fmt: skip
    """Kept in Infobase.log; it stays when the transaction does not."""
    shown = "" if level is None else ops.text(level)
    entry = {"event": event, "level": shown, "text": ops.text(text), "data": data, "user": session.platform.user}
    session.base.log.append(entry)


@global_function("Сообщить", "Message")
def message(session: Any, text: Any, status: Any = None) -> None:
    session.platform.messages.append(ops.text(text))


class UserMessage(Native):
    """СообщениеПользователю."""

    bsl_type = "СообщениеПользователю"
    bsl_type_en = "UserMessage"
    bsl_creatable = True
    bsl_since = "8.2"

    def __init__(self) -> None:
        self.fields: dict[str, Value] = {"текст": "", "поле": "", "ключданных": None, "путькданным": ""}

    def bsl_get(self, name: str) -> Value:
        if name.lower() not in self.fields:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        return self.fields[name.lower()]

    def bsl_set(self, name: str, value: Value) -> None:
        self.bsl_get(name)
        self.fields[name.lower()] = value

    @method("УстановитьДанные", "SetData")
    def set_data(self, what: Any) -> None:
        self.fields["ключданных"] = what

    @method("Сообщить", "Message")
    def say(self, session: Any) -> None:
        session.platform.messages.append(ops.text(self.fields["текст"]))


@global_function("ПолучитьСообщенияПользователю", "GetUserMessages")
def user_messages(session: Any, remove: Any = False) -> Value:
    from tests.bsl.values import Array

    made = []
    for text in session.platform.messages:
        one = UserMessage()
        one.bsl_set("Текст", text)
        made.append(one)
    if remove is True:
        session.platform.messages.clear()
    return Array.of(made)


class SessionParameters(Native):
    """ПараметрыСеанса."""

    bsl_type = "ПараметрыСеанса"

    def __init__(self, values: dict[str, Value]) -> None:
        self.values = values

    def bsl_get(self, name: str) -> Value:
        if name.lower() not in self.values:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        return self.values[name.lower()]

    def bsl_set(self, name: str, value: Value) -> None:
        self.bsl_get(name)
        self.values[name.lower()] = value


@global_property("ПараметрыСеанса", "SessionParameters")
def session_parameters(session: Any) -> SessionParameters:
    return SessionParameters(session.platform.parameters)


class SessionInfo(Native):
    """СеансИнформационнойБазы of ПолучитьТекущийСеансИнформационнойБазы() and ПолучитьСеансыИнформационнойБазы()."""

    bsl_type = "СеансИнформационнойБазы"

    def __init__(self, session: Any) -> None:
        self.session = session

    @prop("НомерСеанса", "SessionNumber")
    def number(self) -> int:
        return self.session.number  # type: ignore[no-any-return]

    @prop("НачалоСеанса", "SessionStarted")
    def started(self) -> datetime:
        """The moment when somebody first asked for it, and the same ever after."""
        if not hasattr(self.session, "begun"):
            self.session.begun = self.session.base.local_now
        return self.session.begun  # type: ignore[no-any-return]

    @prop("ИмяПриложения", "ApplicationName")
    def application(self) -> str:
        return "BackgroundJob"

    @prop("ИмяКомпьютера", "ComputerName")
    def computer(self) -> str:
        return "SRV-1C"


@global_function("ПолучитьТекущийСеансИнформационнойБазы", "GetCurrentInfoBaseSession", since="8.3")
def current_session(session: Any) -> SessionInfo:
    return SessionInfo(session)


@global_function("ПолучитьСеансыИнформационнойБазы", "GetInfoBaseSessions", since="8.3")
def all_sessions(session: Any) -> Array:
    """Those that are doing something now: of a session that a test holds nobody knows whether its person is there."""
    return Array.of(SessionInfo(one) for one in session.base.working)


class SystemInfo(Native):
    """СистемнаяИнформация."""

    bsl_type = "СистемнаяИнформация"
    bsl_type_en = "SystemInfo"
    bsl_creatable = True

    def __init__(self, session: Any) -> None:
        self.old = session.runtime.old

    @prop("ВерсияПриложения", "AppVersion")
    def version(self) -> str:
        return "8.2.19.130" if self.old else "8.3.14.2000"

    @prop("ИдентификаторКлиента", "ClientID")
    def client(self) -> Uuid:
        return Uuid("5b1d0c6e-0000-4000-8000-000000000001")


@global_function("ОбновитьПовторноИспользуемыеЗначения", "RefreshReusableValues")
def refresh_reused(session: Any) -> None:
    session.base.refresh_reused()


@global_function("XMLСтрока", "XMLString")
def xml_string(value: Any) -> str:
    """As for plain values; of a reference its GUID, of an enumeration's value its name."""
    from tests.bsl import builtins

    if isinstance(value, Reference):
        return value.guid
    if isinstance(value, EnumReference):
        return value.name
    shown = getattr(value, "bsl_xml", None)
    return shown() if shown else builtins.xml_string(value)


@global_function("XMLЗначение", "XMLValue")
def xml_value(session: Any, wanted: Any, text: Any) -> Value:
    """As for plain values; a reference by its GUID, an enumeration's value by its name."""
    from tests.bsl import builtins

    word, _, name = wanted.name.partition(".")
    if not word.endswith("Ссылка"):
        return builtins.xml_value(wanted, text)
    thing = session.platform.thing(f"{word.removesuffix('Ссылка')}.{name}")
    if thing.cls != "Перечисление":
        return session.platform.reference(thing.full, Uuid(text).value)
    if text and text not in thing.values:
        raise BslError(f"Ошибка преобразования данных XML ({text})")
    return EnumReference(session.platform, thing, text)


@global_function("ТестоваяТочка")
def test_point(session: Any, name: Any) -> None:
    """Not of 1C: a module of a test names a point where Infobase.kill_at may end the session."""
    session.base.reach(name)


class Constants(Native):
    """Константы: by name from Infobase.constants."""

    bsl_type = "КонстантыМенеджер"

    def __init__(self, session: Any) -> None:
        self.session = session

    def bsl_get(self, name: str) -> Value:
        known: Mapping[str, Value] = self.session.base.constants
        found = next((key for key in known if key.lower() == name.lower()), None)
        if found is None:
            raise BslError(f"Поле объекта не обнаружено ({name})")
        return Constant(self.session, found)


class Constant(Native):
    """КонстантаМенеджер.X."""

    bsl_type = "КонстантаМенеджер"

    def __init__(self, session: Any, name: str) -> None:
        self.session, self.name = session, name

    @method("Получить", "Get")
    def get(self) -> Value:
        return self.session.base.constants[self.name]

    @method("Установить", "Set")
    def set(self, value: Any) -> None:
        self.session.base.constants[self.name] = value


@global_property("Константы", "Constants")
def constants(session: Any) -> Constants:
    return Constants(session)
