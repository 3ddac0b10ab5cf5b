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
    "task.checklistitem.update": "изменён пункт чек-листа",
    "task.checklistitem.delete": "удалён пункт чек-листа",
    "task.commentitem.add": "комментарий к задаче",
    "task.commentitem.getlist": "прочитаны комментарии",
    "task.elapseditem.add": "записано затраченное время",
    "task.item.userfield.add": "добавлено поле задач",
    "task.item.userfield.getlist": "прочитаны поля задач",
    "tasks.task.files.attach": "файл прикреплён к задаче",
    "tasks.task.file.attach": "файлы прикреплены к задаче",
    "tasks.task.getaccess": "спрошены права на задачу",
    "tasks.task.access.get": "спрошены права на задачу",
    "tasks.task.result.add": "добавлен результат задачи",
    "disk.storage.getlist": "прочитаны диски",
    "disk.storage.uploadfile": "файл отправлен на Диск",
    "disk.folder.getchildren": "прочитана папка Диска",
    "disk.folder.addsubfolder": "создана папка на Диске",
    "disk.folder.uploadfile": "файл отправлен на Диск",
    "disk.file.get": "прочитаны сведения о файле",
    "disk.file.delete": "удалён файл Диска",
    "disk.attachedobject.get": "прочитаны сведения о файле задачи",
    "im.notify.personal.add": "уведомление сотруднику",
    "im.message.add": "сообщение в чат",
    "im.message.update": "изменено сообщение чата",
    "im.message.delete": "удалено сообщение чата",
    "im.dialog.get": "прочитаны сведения о чате",
    "im.dialog.messages.get": "прочитаны сообщения чата",
    "im.disk.file.commit": "файл отправлен в чат",
    "pull.application.push.add": "push на телефон",
    "user.get": "прочитаны сотрудники",
    "user.search": "поиск сотрудников",
    "department.get": "прочитаны подразделения",
    "sonet_group.get": "прочитаны проекты",
    "sonet_group.create": "создан проект",
    "sonet_group.user.get": "прочитаны участники проекта",
    "sonet_group.user.add": "добавлены участники проекта",
    "sonet_group.user.delete": "убраны участники проекта",
    "sonet_group.user.update": "изменены роли участников проекта",
    "user.admin": "проверено, администратор ли это",
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
READS = (
    "tasks.task.get",
    "tasks.task.list",
    "task.stages.get",
    "task.checklistitem.getlist",
    "im.dialog.messages.get",
    "disk.storage.getlist",
    "disk.folder.getchildren",
    "disk.attachedobject.get",
    "user.get",
    "profile",
    "user.current",
)


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
