"""Parameters of the old task methods, which read them by their order, and how these methods refuse."""

from typing import Any

from posrednik_sandbox.portal import tasks
from posrednik_sandbox.portal.calls import Call
from posrednik_sandbox.portal.errors import RestError, core
from posrednik_sandbox.portal.model import Task
from posrednik_sandbox.portal.values import Params, as_dict, as_int

# Added to a call by clients or by the transport, never a parameter of a method.
SERVICE = ("auth", "access_token", "__order", "auth_connector")


def by_order(call: Call, count: int) -> list[Any]:
    """The first `count` parameters: by index where the keys are numbers, else as they stand in the request."""
    given = {name: value for name, value in call.params.items() if name.lower() not in SERVICE}
    if given and all(name.isdecimal() for name in given):
        return [given.get(str(index)) for index in range(count)]
    return [*given.values(), *[None] * count][:count]


def number(call: Call, value: Any, place: int, name: str) -> int:
    """A whole number in its place; RestError ERROR_CORE #256 for anything else."""
    if value is None:
        raise not_given(call, place, name)
    found = as_int(value)
    if found is None:
        what = f"Param #{place} ({name}) for method {_inner(call)}()"
        raise wrong(f'{what} expected to be of type "integer", but given something else.')
    return found


def fields(call: Call, value: Any, place: int, name: str = "arFields") -> Params:
    if not isinstance(value, dict) or not value:
        raise not_given(call, place, name)
    return {key.upper(): item for key, item in as_dict(value).items()}


def not_given(call: Call, place: int, name: str) -> RestError:
    return wrong(f"Param #{place} ({name}) expected by method {_inner(call)}(), but not given.")


def wrong(text: str) -> RestError:
    return core(f"TASKS_ERROR_EXCEPTION_#256; {text}; 256/TE/WRONG_ARGUMENTS<br>")


def failed(text: str) -> RestError:
    return core(f"TASKS_ERROR_EXCEPTION_#8; {text}; 8/TE/ACTION_FAILED_TO_BE_PROCESSED<br>")


def task_of(call: Call, value: Any, action: str) -> Task:
    """The task of the first parameter; `action` is what a refusal of access calls it."""
    task = tasks.find(call.portal, call.who.user_id, number(call, value, 0, "taskId"))
    if task is None:
        raise failed(f"{action}: действие недоступно")
    return task


def _inner(call: Call) -> str:
    """`task.checklistitem.add` as `ctaskchecklistitem::add`, the name in the portal's own refusals."""
    _, item, action = call.method.split(".")
    return f"ctask{item}::{action}"
