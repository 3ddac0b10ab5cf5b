"""Calls from module to module: what the configurator's check of modules finds and the running program only late."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from tests.bsl import tree


def broken_links(module: tree.Module, common: Mapping[str, tree.Module]) -> list[tuple[int, str]]:
    """(line, text) of calls to what a common module (by small name) does not export, or with a wrong number of args."""
    found = []
    for routine in module.routines:
        own = {p.name.lower() for p in routine.params} | _assigned(routine)
        for call in _methods(routine):
            assert isinstance(call.target, tree.Name)
            low = call.target.name.lower()
            if low in common and low not in own and (text := _fault(call, common[low])):
                found.append((call.line, text))
    return found


def _fault(call: tree.Method, owner: tree.Module) -> str:
    routine = next((r for r in owner.routines if r.name.lower() == call.name.lower()), None)
    name = f"{owner.name}.{call.name}"
    if routine is None or not routine.export:
        return f"Метод объекта не обнаружен ({name})"
    least = max((i + 1 for i, p in enumerate(routine.params) if not p.optional), default=0)
    if len(call.args) < least:
        return f"Недостаточно фактических параметров ({name})"
    return f"Слишком много фактических параметров ({name})" if len(call.args) > len(routine.params) else ""


def walk(node: object) -> Iterator[tree.Node]:
    """All nodes under a node."""
    if isinstance(node, tuple):
        for item in node:
            yield from walk(item)
    elif isinstance(node, tree.Node):
        yield node
        for part in dataclasses.fields(node):
            yield from walk(getattr(node, part.name))


def _methods(routine: tree.Routine) -> Iterator[tree.Method]:
    for node in walk(routine):
        if isinstance(node, tree.Method) and isinstance(node.target, tree.Name):
            yield node


def _assigned(routine: tree.Routine) -> set[str]:
    """Names that are variables of the routine."""
    targets = [n.target for n in walk(routine) if isinstance(n, tree.Assign)]
    return {target.name.lower() for target in targets if isinstance(target, tree.Name)}
