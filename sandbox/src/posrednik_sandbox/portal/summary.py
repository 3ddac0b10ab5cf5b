"""A Russian sentence about a served request, for people who watch."""

from collections import Counter

TITLES = {
    "tasks.task.add": "создана задача",
    "tasks.task.update": "изменена задача",
    "tasks.task.get": "прочитана задача",
    "tasks.task.list": "поиск задач",
    "tasks.task.delete": "удалена задача",
    "tasks.task.complete": "завершена задача",
    "tasks.task.start": "задача взята в работу",
    "tasks.task.renew": "задача возвращена в работу",
    "tasks.task.chat.message.send": "сообщение в чат задачи",
    "tasks.task.pause": "задача приостановлена",
    "tasks.task.defer": "задача отложена",
    "tasks.task.delegate": "задача передана другому исполнителю",
    "tasks.task.history.list": "прочитана история задачи",
    "tasks.task.getfields": "прочитаны поля задач",
    "tasks.task.field.list": "прочитаны поля задач",
    "task.stages.movetask": "передвинута карточка",
    "task.stages.get": "прочитаны колонки",
    "task.stages.add": "добавлена колонка",
    "task.stages.update": "изменена колонка",
    "task.stages.delete": "удалена колонка",
    "task.stages.canmovetask": "проверено право двигать карточки",
    "task.checklistitem.add": "добавлен пункт чек-листа",
    "task.checklistitem.complete": "отмечен пункт чек-листа",
    "task.checklistitem.renew": "снята отметка с пункта чек-листа",
    "task.checklistitem.getlist": "прочитан чек-лист",
    "task.commentitem.add": "комментарий к задаче",
    "im.notify.personal.add": "уведомление сотруднику",
    "im.message.add": "сообщение в чат",
    "user.get": "прочитаны сотрудники",
    "user.search": "поиск сотрудников",
    "department.get": "прочитаны подразделения",
    "sonet_group.get": "прочитаны проекты",
    "sonet_group.create": "создан проект",
    "server.time": "спрошено время портала",
    "scope": "спрошены права вебхука",
    "methods": "спрошен список методов",
    "app.info": "спрошены сведения о портале",
    "feature.get": "спрошены возможности тарифа",
    "events": "спрошен список событий",
    "event.bind": "подписка на событие",
    "event.unbind": "подписка на событие снята",
    "event.get": "прочитаны подписки на события",
    "event.test": "вызвано проверочное событие",
    "event.offline.get": "взяты события из очереди",
    "event.offline.list": "прочитана очередь событий",
    "event.offline.clear": "события из очереди подтверждены",
    "event.offline.error": "события из очереди возвращены с ошибкой",
    "placement.bind": "приложение встроено в интерфейс",
    "placement.unbind": "встройка приложения снята",
    "placement.get": "прочитаны встройки приложения",
    "placement.list": "спрошены места для встроек",
    "profile": "проверка связи",
    "user.current": "проверка связи",
}
READS = ("tasks.task.get", "tasks.task.list", "task.stages.get", "user.get", "profile", "user.current")


def sentence(method: str, ran: list[str], subject: str = "", error: str = "", note: str = "") -> str:
    """What happened, in words.

    ran: methods that were executed. subject: the task it was about. error: the code of a refusal. note: the fault
    or the replay that made this answer.
    """
    text = _batch(ran) if method == "batch" else TITLES.get(method, method)
    if subject and method != "batch":
        text = f"{text} {subject}"
    if error:
        text = f"отказ {error}: {text}"
    if note:
        text = f"{text} ({note})"
    return text[0].upper() + text[1:]


def _batch(ran: list[str]) -> str:
    if not ran:
        return "пакет вызовов"
    counts = Counter(TITLES.get(method, method) for method in ran)
    return "пакет: " + ", ".join(f"{title} × {count}" for title, count in counts.items())


def merge_key(method: str, ran: list[str], error: str) -> str:
    """Repeated reads are one line for a watcher; writes and refusals by code keep theirs apart."""
    if error:
        return f"error:{error}"
    names = set(ran) or {method}
    return "read:" + ",".join(sorted(names)) if names <= set(READS) else ""
