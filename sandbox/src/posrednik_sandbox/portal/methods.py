"""All classic methods by their lower-case names."""

from posrednik_sandbox.portal import (
    chats,
    checklists,
    classic_groups,
    classic_people,
    classic_stages,
    classic_talk,
    classic_tasks,
    disk,
    event_methods,
    placements,
    userfields,
)
from posrednik_sandbox.portal.calls import Call, Method
from posrednik_sandbox.portal.errors import RestError


def names(call: Call) -> list[str]:
    """Methods open to the webhook, or all there are with `full`."""
    open_to = {name for name, method in CLASSIC.items() if method.scope is None or method.scope in call.who.scope}
    return sorted(set(CLASSIC) if call.any_case("full") else open_to)


def known(call: Call) -> dict[str, bool]:
    """Whether a method exists, and whether the caller's scope opens it."""
    method = CLASSIC.get(str(call.any_case("name") or "").lower())
    allowed = method is not None and (method.scope is None or method.scope in call.who.scope)
    return {"isExisting": method is not None, "isAvailable": allowed}


CLASSIC: dict[str, Method] = {
    **classic_people.METHODS,
    **classic_groups.METHODS,
    **classic_tasks.METHODS,
    **classic_stages.METHODS,
    **classic_talk.METHODS,
    **event_methods.METHODS,
    **placements.METHODS,
    **checklists.METHODS,
    **chats.METHODS,
    **disk.METHODS,
    **userfields.METHODS,
    "methods": Method(names),
    "method.get": Method(known),
}


def find(name: str, scope: frozenset[str]) -> Method:
    """RestError ERROR_METHOD_NOT_FOUND (404), insufficient_scope (403)."""
    method = CLASSIC.get(name)
    if method is None:
        raise RestError("ERROR_METHOD_NOT_FOUND", "Method not found!", 404)
    if method.scope is not None and method.scope not in scope:
        raise RestError(
            "insufficient_scope", "The request requires higher privileges than provided by the webhook token", 403
        )
    return method
