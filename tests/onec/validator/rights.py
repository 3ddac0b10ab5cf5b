"""Roles and the subsystem: rights name what exists, and every own object can be reached by somebody."""

from collections.abc import Iterator

from tests.onec.validator.bsl import Finding
from tests.onec.validator.dump import MD, XR, Dump

ROLES = "{http://v8.1c.ru/8.2/roles}"
# Source: rights of БСП roles and of public extensions.
KNOWN = {
    "InformationRegister": {"Read", "Update", "View", "Edit"},
    "CommonForm": {"View"},
    "CommonCommand": {"View"},
    "Subsystem": {"View"},
    "HTTPService": {"Use"},
}
# No role reads the secrets: the modules of the exchange read them in privileged mode.
HIDDEN = {("InformationRegister", "кд_Секреты")}


def _rights(dump: Dump, role: str) -> dict[str, set[str]]:
    tree = dump.trees.get(f"Roles/{role}/Ext/Rights.xml")
    found: dict[str, set[str]] = {}
    for item in [] if tree is None else tree.iter(f"{ROLES}object"):
        given = {one.findtext(f"{ROLES}name") or "" for one in item.iter(f"{ROLES}right")}
        found.setdefault(item.findtext(f"{ROLES}name") or "", set()).update(given)
    return found


def _http_parts(dump: Dump, name: str) -> set[str]:
    service = dump.objects["HTTPService", name]
    parts = {f"HTTPService.{name}"}
    for template in service.element.iter(f"{MD}URLTemplate"):
        path = f"HTTPService.{name}.URLTemplate.{template.findtext(f'{MD}Properties/{MD}Name')}"
        methods = {one.findtext(f"{MD}Properties/{MD}Name") for one in template.iter(f"{MD}Method")}
        parts |= {path} | {f"{path}.Method.{method}" for method in methods}
    return parts


def roles(dump: Dump) -> Iterator[Finding]:
    for role in dump.of("Role"):
        path, given = f"Roles/{role.name}/Ext/Rights.xml", _rights(dump, role.name)
        if not given:
            yield Finding("rights", path, "роль ничего не дает")
        http = {name.split(".")[1] for name in given if name.startswith("HTTPService.")}
        parts = {part for name in http if ("HTTPService", name) in dump.objects for part in _http_parts(dump, name)}
        for name, rights in given.items():
            kind, own = name.split(".")[0], tuple(name.split(".")[:2])
            if own not in dump.objects or (kind == "HTTPService" and name not in parts):
                yield Finding("rights", path, f"нет объекта {name}")
            elif not rights <= KNOWN.get(kind, set()):
                yield Finding("rights", path, f"{name}: таких прав не бывает {rights - KNOWN.get(kind, set())}")
            elif own in HIDDEN:
                yield Finding("rights", path, f"{name}: секреты не читает ни одна роль")
        for part in parts - given.keys():
            yield Finding("rights", path, f"роль пользуется HTTP-сервисом, но не дает {part}")


def reachable(dump: Dump) -> Iterator[Finding]:
    """Own objects are in the subsystem; what needs a right has it in some role; every module is named in other code."""
    content = {one.text for item in dump.of("Subsystem") for one in item.element.iter(f"{XR}Item")}
    given = {name for role in dump.of("Role") for name in _rights(dump, role.name)}
    named = _modules_named(dump)
    for (kind, name), item in dump.objects.items():
        if not item.own or kind in ("Language", "Subsystem"):
            continue
        if f"{kind}.{name}" not in content:
            yield Finding("reachable", item.path, "объекта нет в составе подсистемы")
        if kind in KNOWN and (kind, name) not in HIDDEN and f"{kind}.{name}" not in given:
            yield Finding("reachable", item.path, "ни одна роль не дает прав на объект")
        if kind == "CommonModule" and name.lower() not in named:
            yield Finding("reachable", item.path, "модуль никто не вызывает")
    for name in content - {f"{kind}.{own}" for kind, own in dump.objects}:
        yield Finding("reachable", "Subsystems", f"в составе подсистемы несуществующее {name}")


def _modules_named(dump: Dump) -> set[str]:
    """Common modules that something outside of them refers to: handlers and code."""
    handlers = [item.text("Handler") for item in dump.of("EventSubscription")]
    handlers += [item.text("MethodName") for item in dump.of("ScheduledJob")]
    named = {handler.split(".")[1] for handler in handlers if handler.count(".") > 1}
    named = {name.lower() for name in named}
    for path, module in dump.modules.items():
        named |= {word for word in module.words if f"commonmodules/{word}/" not in path.lower()}
    return named
