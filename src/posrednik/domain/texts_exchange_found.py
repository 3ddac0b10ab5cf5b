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
    "does_not_agree.own_restore": (
        (
            "Посредник восстановлен из копии: база «{base}» знает больше, чем он.",
            "Последнее, что здесь есть от базы, это сообщение № {number}, {heard_at}. Всё, что она отправила и "
            "получила позже, у неё запрошено.",
            "Дождитесь, пока 1С пришлёт всё снова: тогда разбор закроется сам. Если её обмен этого не умеет, начните в "
            "ней новую эпоху, зарегистрируйте всё к отправке и решите разбор.",
        ),
        (
            "Posrednik was restored from a copy: the base “{base}” knows more than it.",
            "The last that is here of the base is message no. {number}, {heard_at}. All that it has sent and got since "
            "was asked for.",
            "Wait until 1C has sent it again: this then closes by itself. If its exchange cannot, begin a new epoch "
            "there, register everything to be sent, and decide this.",
        ),
    ),
    "does_not_agree.lost_event": (
        (
            "База «{base}» знает событие, которого здесь нет: {event}, {about}.",
            "Оно было до восстановления Посредника из копии ({occurred_at}). 1С провела его, а здесь следа нет: ни "
            "телефон, ни 1С сами его не повторят.",
            "Сделайте то же ещё раз. Шаг доставки с теми же цифрами 1С узнает и второго документа не создаст. Продажу, "
            "деньги и рюкзак 1С проведёт ещё раз: лишний документ там отмените.",
        ),
        (
            "The base “{base}” knows an event that is not here: {event}, {about}.",
            "It was before Posrednik was restored from a copy ({occurred_at}). 1C has applied it, and here is no trace "
            "of it: neither a phone nor 1C repeats it by itself.",
            "Do the same once more. A step of a delivery with the same figures is known to 1C, which makes no second "
            "document. Sales, money and backpacks are applied again: cancel the needless document there.",
        ),
    ),
}
CONFIRMED = {"sent": "1С прислала этот объект", "deleted": "1С сообщила об удалении объекта"}
ASKED_FOR_IS_HERE, DONE_AGAIN = "1С прислала всё снова", "сделано ещё раз"
