"""What code of the client cannot have: the base itself is at the server only."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bsl import tree
from tests.bsl.links import walk

SERVER_ONLY = frozenset({
    "запрос", "справочники", "документы", "перечисления", "константы", "регистрысведений", "регистрынакопления",
    "метаданные", "начатьтранзакцию", "зафиксироватьтранзакцию", "отменитьтранзакцию", "транзакцияактивна",
    "блокировкаданных", "установитьпривилегированныйрежим", "таблицазначений", "параметрысеанса",
    "регламентныезадания", "фоновыезадания", "хранилищезначения", "записьжурналарегистрации", "выполнить", "вычислить",
    "рольдоступна", "праводоступа", "пользователиинформационнойбазы", "деревозначений",
})  # fmt: skip


def server_at_client(module: tree.Module, *, client: bool) -> list[tuple[int, str]]:
    """(line, text) of what routines of the client use of the server; `client`: the whole module is of the client."""
    found = []
    for routine in module.routines:
        if client or any(word in ("&наклиенте", "&atclient") for word in routine.directives):
            own = {p.name.lower() for p in routine.params}
            found += [
                (line, f"{name}: есть только на сервере") for line, name in _used(routine) if name.lower() not in own
            ]
    return found


def _used(routine: tree.Routine) -> Iterator[tuple[int, str]]:
    for node in walk(routine):
        name = ""
        if isinstance(node, tree.Name | tree.Call):
            name = node.name
        elif isinstance(node, tree.New):
            name = node.type
        elif isinstance(node, tree.Execute):
            name = "Выполнить"
        if name.lower() in SERVER_ONLY:
            yield node.line, name
