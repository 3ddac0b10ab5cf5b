"""`task.commentitem.*` and `task.elapseditem.*`, the old methods about what is said and spent on a task."""

from typing import Any

from posrednik_sandbox.portal import talk, tasks
from posrednik_sandbox.portal.calls import Call, Handler, Method
from posrednik_sandbox.portal.chats import lines_of
from posrednik_sandbox.portal.clock import iso
from posrednik_sandbox.portal.model import Elapsed, Message, Task
from posrednik_sandbox.portal.values import as_int


def comment_add(call: Call) -> int:
    """Works in the new card too: there the comment becomes a line of the task's chat."""
    task_id, raw = talk.by_order(call, 2)
    task, given = talk.task_of(call, task_id, "Добавление комментария"), talk.fields(call, raw, 1)
    text = str(given.get("POST_MESSAGE") or "")
    if not text:
        raise talk.failed("Не указан текст комментария")
    author = as_int(given.get("AUTHOR_ID"), call.who.user_id) or call.who.user_id
    return tasks.say(call.portal, author, tasks.dialog_of(task), text).id


def _in_old_card(work: Handler) -> Method:
    """Only where tasks still have comments of their own."""

    def run(call: Call) -> Any:
        if call.portal.new_card:
            raise talk.failed("Метод не работает в новой карточке задачи")
        return work(call)

    return Method(run, "task")


def _comment(call: Call, task_id: Any, comment_id: Any) -> Message:
    task = talk.task_of(call, task_id, "Комментарий")
    row = call.portal.messages.get(talk.number(call, comment_id, 1, "itemId"))
    if row is None or row.deleted or row.dialog != tasks.dialog_of(task):
        raise talk.failed("Комментарий: действие недоступно")
    return row


def comment_update(call: Call) -> bool:
    task_id, comment_id, raw = talk.by_order(call, 3)
    row = _comment(call, task_id, comment_id)
    row.text, row.edited = str(talk.fields(call, raw, 2).get("POST_MESSAGE") or row.text), True
    call.portal.messages.put(row)
    return True


def comment_delete(call: Call) -> bool:
    call.portal.messages.drop(_comment(call, *talk.by_order(call, 2)).id)
    return True


def comment_get(call: Call) -> dict[str, Any]:
    return _comment_row(call, _comment(call, *talk.by_order(call, 2)))


def comment_list(call: Call) -> list[dict[str, Any]]:
    task = talk.task_of(call, talk.by_order(call, 1)[0], "Чтение комментариев")
    return [_comment_row(call, row) for row in lines_of(call.portal, tasks.dialog_of(task))]


def _comment_row(call: Call, row: Message) -> dict[str, Any]:
    author = call.portal.users.get(row.author_id)
    return {
        "ID": str(row.id),
        "AUTHOR_ID": str(row.author_id),
        "AUTHOR_NAME": author.full_name if author else "",
        "POST_MESSAGE": row.text,
        "POST_DATE": iso(row.at),
    }


def elapsed_add(call: Call) -> int:
    task_id, raw = talk.by_order(call, 2)
    task, given = talk.task_of(call, task_id, "Добавление времени"), talk.fields(call, raw, 1)
    seconds = as_int(given.get("SECONDS"))
    if seconds is None or seconds <= 0:
        raise talk.wrong("Param #1 (arFields): SECONDS expected to be greater than zero")
    user_id = as_int(given.get("USER_ID"), call.who.user_id) or call.who.user_id
    text = str(given.get("COMMENT_TEXT") or "")
    row = Elapsed(call.portal.elapsed.next_id(), task.id, user_id, seconds, text, call.now)
    call.portal.elapsed.put(row)
    tasks.note(call.portal, call.who.user_id, task, "TIME_SPENT_IN_LOGS", "", str(seconds))
    return row.id


def elapsed_list(call: Call) -> list[dict[str, Any]]:
    task = talk.task_of(call, talk.by_order(call, 1)[0], "Чтение времени")
    return [_elapsed_row(row) for row in call.portal.elapsed if row.task_id == task.id]


def _elapsed(call: Call) -> tuple[Task, Elapsed]:
    task_id, item_id = talk.by_order(call, 2)
    task = talk.task_of(call, task_id, "Время")
    row = call.portal.elapsed.get(talk.number(call, item_id, 1, "itemId"))
    if row is None or row.task_id != task.id:
        raise talk.failed("Время: действие недоступно")
    return task, row


def elapsed_get(call: Call) -> dict[str, Any]:
    return _elapsed_row(_elapsed(call)[1])


def elapsed_delete(call: Call) -> bool:
    task, row = _elapsed(call)
    call.portal.elapsed.drop(row.id)
    tasks.note(call.portal, call.who.user_id, task, "TIME_SPENT_IN_LOGS", str(row.seconds), "")
    return True


def _elapsed_row(row: Elapsed) -> dict[str, Any]:
    at = iso(row.at)
    return {
        "ID": str(row.id),
        "TASK_ID": str(row.task_id),
        "USER_ID": str(row.user_id),
        "COMMENT_TEXT": row.text,
        "SECONDS": str(row.seconds),
        "MINUTES": str(row.seconds // 60),
        "SOURCE": "2",
        "CREATED_DATE": at,
        "DATE_START": at,
        "DATE_STOP": at,
    }


METHODS: dict[str, Method] = {
    "task.commentitem.add": Method(comment_add, "task"),
    "task.commentitem.update": _in_old_card(comment_update),
    "task.commentitem.delete": _in_old_card(comment_delete),
    "task.commentitem.get": _in_old_card(comment_get),
    "task.commentitem.getlist": _in_old_card(comment_list),
    "task.elapseditem.add": Method(elapsed_add, "task"),
    "task.elapseditem.get": Method(elapsed_get, "task"),
    "task.elapseditem.getlist": Method(elapsed_list, "task"),
    "task.elapseditem.delete": Method(elapsed_delete, "task"),
}
