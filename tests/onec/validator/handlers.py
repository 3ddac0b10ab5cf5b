"""What metadata names in code exists there, is exported and takes what the platform gives."""

from collections.abc import Iterator

from tests.onec.validator.bsl import Finding, Method, Module
from tests.onec.validator.dump import FOLDERS, MD, V8, Dump

RECORD_SETS = {"cfg:InformationRegisterRecordSet", "cfg:AccumulationRegisterRecordSet"}
OBJECTS = {"cfg:CatalogObject", "cfg:DocumentObject"}
# Event, kind of source: parameters of the handler. Source: syntax help of the platform.
SUBSCRIBED = {
    ("OnWrite", "object"): 2,
    ("OnWrite", "set"): 3,
    ("BeforeWrite", "set"): 3,
    ("BeforeWrite", "document"): 4,
    ("BeforeDelete", "object"): 2,
}
HTTP_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}


def subscriptions(dump: Dump) -> Iterator[Finding]:
    for item in dump.of("EventSubscription"):
        sources = {one.text for one in item.properties.find(f"{MD}Source").iter(f"{V8}TypeSet", f"{V8}Type")}
        kinds = ["set"] if sources <= RECORD_SETS else ["object"] if sources <= OBJECTS else []
        kinds += ["document"] if sources == {"cfg:DocumentObject"} else []
        known = [SUBSCRIBED[event] for kind in kinds if (event := (item.text("Event"), kind)) in SUBSCRIBED]
        count = known[0] if sources and known else None
        if count is None:
            yield Finding("event_source", item.path, f"у {sources or 'пустого источника'} нет {item.text('Event')}")
            continue
        yield from _common(dump, item.path, item.text("Handler"), count)


def jobs(dump: Dump) -> Iterator[Finding]:
    for item in dump.of("ScheduledJob"):
        yield from _common(dump, item.path, item.text("MethodName"), 0)
        if not item.text("Key") or item.flag("Use"):
            yield Finding("job", item.path, "нужен ключ, чтобы не было второго; включает задание форма настроек")
        schedule = dump.trees.get(f"ScheduledJobs/{item.name}/Ext/Schedule.xml")
        if schedule is None or not any(int(one.get("DaysRepeatPeriod", 0)) for one in schedule):
            yield Finding("job", item.path, "нет расписания")


def _common(dump: Dump, path: str, handler: str, count: int) -> Iterator[Finding]:
    """`CommonModule.Module.Method`: a server module, exported, `count` parameters, a procedure."""
    kind, _, rest = handler.partition(".")
    name, _, method = rest.partition(".")
    item = dump.objects.get(("CommonModule", name))
    if kind != "CommonModule" or item is None:
        yield Finding("handler", path, f"{handler}: нет такого общего модуля")
    elif not item.flag("Server"):
        yield Finding("handler", path, f"{handler}: модуль не серверный")
    else:
        found = _method(dump.module("CommonModule", name), method)
        if found is None:
            yield Finding("handler", path, f"{handler}: нет такой процедуры")
        elif not found.export:
            yield Finding("handler", path, f"{handler}: процедура не экспортная")
        elif len(found.params) != count or found.kind != "procedure":
            yield Finding("handler_params", path, f"{handler}: нужна процедура, параметров {count}")


def _method(module: Module | None, name: str) -> Method | None:
    return None if module is None else module.method(name)


def http_services(dump: Dump) -> Iterator[Finding]:
    for item in dump.of("HTTPService"):
        module = dump.module("HTTPService", item.name)
        paths = [one.findtext(f"{MD}Properties/{MD}Template") or "" for one in item.element.iter(f"{MD}URLTemplate")]
        if not item.text("RootURL") or len(set(paths)) != len(paths) or not all(one.startswith("/") for one in paths):
            yield Finding("http", item.path, f"нужны корень и разные шаблоны, начинающиеся с «/»: {paths}")
        for method in item.element.iter(f"{MD}Method"):
            verb = method.findtext(f"{MD}Properties/{MD}HTTPMethod") or ""
            handler = method.findtext(f"{MD}Properties/{MD}Handler") or ""
            found = _method(module, handler)
            if verb not in HTTP_METHODS:
                yield Finding("http", item.path, f"метода {verb!r} не бывает")
            if found is None:
                yield Finding("handler", item.path, f"{handler}: нет такой функции в модуле сервиса")
            elif found.kind != "function" or len(found.params) != 1:
                yield Finding("handler_params", item.path, f"{handler}: нужна функция от одного запроса")


def modules_exist(dump: Dump) -> Iterator[Finding]:
    """Objects that are nothing without their module have one that says something."""
    for kind in ("CommonModule", "HTTPService", "CommonForm"):
        for item in dump.of(kind):
            module = dump.module(kind, item.name)
            if module is None or not module.methods:
                yield Finding("empty_module", item.path, f"{FOLDERS[kind]}/{item.name}: модуля нет или он пуст")
