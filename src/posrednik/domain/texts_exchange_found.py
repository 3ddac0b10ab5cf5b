"""What the comparison with a base finds. Russian, English."""

from collections.abc import Mapping

CONTRADICTIONS: Mapping[str, tuple[tuple[str, str, str], tuple[str, str, str]]] = {
    "does_not_agree.after_restore": (
        (
            "В базе 1С «{base}» нет того, что есть в Посреднике: {object}.",
            "База восстановлена из копии, её срез сверен: этот объект она не прислала, а здесь он есть, последнее "
            "изменение {changed_at}.",
            "Восстановите объект в 1С (документ по событиям Посредника она получит снова) или пометьте его там на "
            "удаление: тогда разбор закроется сам.",
        ),
        (
            "The base “{base}” lacks what is here: {object}.",
            "The base was restored from a copy and its slice was compared: it did not send this object, which was last "
            "changed here {changed_at}.",
            "Make the object again in 1C, or mark it for deletion there: this then closes by itself.",
        ),
    ),
    "does_not_agree.missing_there": (
        (
            "В базе 1С «{base}» нет того, что есть в Посреднике: {object}.",
            "Сверка прошла всё, что есть в базе: этого объекта она не назвала, а здесь он есть, последнее изменение "
            "{changed_at}. Его могли удалить из базы так, что обмен об этом не узнал.",
            "Если объект нужен, восстановите его в 1С: разбор закроется сам. Если он удалён намеренно, примите "
            "расхождение здесь с причиной.",
        ),
        (
            "The base “{base}” lacks what is here: {object}.",
            "The base named all it has and did not name this object, which was last changed here {changed_at}. It may "
            "have been removed there without the exchange hearing of it.",
            "If it is needed, make it again in 1C: this then closes by itself. If it was removed on purpose, accept "
            "the difference here with the reason.",
        ),
    ),
}
CONFIRMED = {"sent": "1С прислала этот объект", "deleted": "1С сообщила об удалении объекта"}
