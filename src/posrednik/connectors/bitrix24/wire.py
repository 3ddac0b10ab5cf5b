"""Names and numbers of Bitrix24 as they are there: methods, fields, statuses, errors. Nothing is renamed.

Sources: official REST documentation of Bitrix24 (limits, error codes, batch, REST v3), as of August 2026.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

TASK_ADD: Final = "tasks.task.add"
TASK_UPDATE: Final = "tasks.task.update"
TASK_GET: Final = "tasks.task.get"
TASK_LIST: Final = "tasks.task.list"
TASK_COMPLETE: Final = "tasks.task.complete"
TASK_RENEW: Final = "tasks.task.renew"
STAGES_GET: Final = "task.stages.get"
STAGES_ADD: Final = "task.stages.add"
STAGES_DELETE: Final = "task.stages.delete"
STAGES_MOVE: Final = "task.stages.movetask"
BATCH: Final = "batch"
MESSAGE_ADD: Final = "im.message.add"
MESSAGES_GET: Final = "im.dialog.messages.get"
NOTIFY: Final = "im.notify.personal.add"
CHAT_SEND: Final = "tasks.task.chat.message.send"
COMMENT_ADD: Final = "task.commentitem.add"
COMMENT_LIST: Final = "task.commentitem.getlist"
CHECKLIST_LIST: Final = "task.checklistitem.getlist"
CHECKLIST_ADD: Final = "task.checklistitem.add"
CHECKLIST_UPDATE: Final = "task.checklistitem.update"
CHECKLIST_DONE: Final = "task.checklistitem.complete"
CHECKLIST_UNDONE: Final = "task.checklistitem.renew"
FILES_ATTACH: Final = "tasks.task.files.attach"
STORAGES: Final = "disk.storage.getlist"
FOLDER_CHILDREN: Final = "disk.folder.getchildren"
FOLDER_ADD: Final = "disk.folder.addsubfolder"
FILE_UPLOAD: Final = "disk.folder.uploadfile"
ATTACHED_GET: Final = "disk.attachedobject.get"
# Error of the Disk: a file or folder of this name is there already.
NAME_TAKEN: Final = "DISK_OBJ_22000"

BATCH_MAX: Final = 50
# A create costs about a second there and a request is cut at 60 s, so a batch must not hold many of them.
BATCH_CREATES_MAX: Final = 15
PAGE: Final = 50
REQUEST_CUT_S: Final = 60.0
# The portal remembers an Idempotency-Key for 24 h; a margin for clocks and for the time a create takes.
KEY_KEPT_S: Final = 20 * 3600.0
# Statuses of a task: 4 waits for the author's control, 5 is completed; neither can be completed again.
CLOSED_STATUSES: Final = frozenset({"4", "5"})
# REST v3 says statuses by words.
STATUS_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {"pending": "2", "in_progress": "3", "supposedly_completed": "4", "completed": "5", "deferred": "6"}
)
TASK_SELECT: Final = ("ID", "XML_ID", "STATUS", "STAGE_ID", "GROUP_ID")


class Kind(Enum):
    """What an error code means for a message; the value is for reading only."""

    LIMIT = "too many calls from this address: not executed, all calls rest for a moment"
    BUDGET = "the time of this method is spent: not executed, this method rests"
    OVERLOAD = "blocked by the staff of Bitrix24: not executed, rare probes"
    AMBIGUOUS = "the server failed on the way: it may have been executed"
    PASSING = "not executed, by itself better later"
    ACCESS = "not executed until an administrator does something"
    RULE = "this request will never be executed"
    MISSING = "the object is not there"
    ABSENT = "the method is not there"
    KEY_USED = "a create under this key was executed with another content"
    UNFIT = "REST v3 of this portal does not know what a delivery's task needs"
    NOT_SENT = "nothing left this machine"


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """kind: see Kind. pause_s: how long the kind's scope rests. advice: what people should know or do."""

    kind: Kind
    advice: str
    pause_s: float = 0.0


NEARLY_SPENT: Final = "Битрикс24: время этого метода почти исчерпано, он отдыхает"
_ASK_ADMIN_S: Final = 300.0
_WEBHOOK = "проверьте входящий вебхук в Битрикс24: его могли удалить или перевыпустить"
_APPLICATION = "токен приложения не принят, он обновляется; если не пройдёт, администратору: откройте приложение"
_RIGHTS = "дайте владельцу вебхука права на задачи и проекты"
_SCOPE = "добавьте вебхуку права «Задачи» (task и tasks)"
_TARIFF = "проверьте тариф портала: REST работает только на коммерческих"
_SETTINGS = "проверьте настройку подключения к Битрикс24"

V3_ABSENT: Final = ErrorRow(Kind.ABSENT, "на портале нет REST v3", _ASK_ADMIN_S)

ERRORS: Final[Mapping[str, ErrorRow]] = MappingProxyType(
    {
        "QUERY_LIMIT_EXCEEDED": ErrorRow(Kind.LIMIT, "Битрикс24 просит вызывать его реже", 3.0),
        "OPERATION_TIME_LIMIT": ErrorRow(Kind.BUDGET, "Битрикс24 исчерпал время этого метода", 90.0),
        "OVERLOAD_LIMIT": ErrorRow(Kind.OVERLOAD, "Битрикс24 закрыл доступ из-за нагрузки: нужна его поддержка", 900.0),
        "INTERNAL_SERVER_ERROR": ErrorRow(Kind.AMBIGUOUS, "внутренняя ошибка Битрикс24"),
        "ERROR_UNEXPECTED_ANSWER": ErrorRow(Kind.AMBIGUOUS, "Битрикс24 не смог составить ответ"),
        "CONNECTION_ERROR": ErrorRow(Kind.PASSING, "сервер авторизации Битрикс24 недоступен"),
        "METHOD_CONFIRM_WAITING": ErrorRow(Kind.ACCESS, "администратор портала должен подтвердить метод", _ASK_ADMIN_S),
        "METHOD_CONFIRM_DENIED": ErrorRow(Kind.ACCESS, "администратор портала запретил метод", _ASK_ADMIN_S),
        "NO_AUTH_FOUND": ErrorRow(Kind.ACCESS, _WEBHOOK, _ASK_ADMIN_S),
        "INVALID_CREDENTIALS": ErrorRow(Kind.ACCESS, _WEBHOOK, _ASK_ADMIN_S),
        "EXPIRED_TOKEN": ErrorRow(Kind.ACCESS, _APPLICATION, 30.0),
        "INVALID_TOKEN": ErrorRow(Kind.ACCESS, _APPLICATION, 30.0),
        "AUTHORIZATION_ERROR": ErrorRow(Kind.ACCESS, _WEBHOOK, _ASK_ADMIN_S),
        "INSUFFICIENT_SCOPE": ErrorRow(Kind.ACCESS, _SCOPE, _ASK_ADMIN_S),
        "USER_ACCESS_ERROR": ErrorRow(Kind.ACCESS, _RIGHTS, _ASK_ADMIN_S),
        "ALLOWED_ONLY_INTRANET_USER": ErrorRow(Kind.ACCESS, _RIGHTS, _ASK_ADMIN_S),
        "WRONG_AUTH_TYPE": ErrorRow(Kind.ACCESS, _SETTINGS, _ASK_ADMIN_S),
        "PAYMENT_REQUIRED": ErrorRow(Kind.ACCESS, _TARIFF, _ASK_ADMIN_S),
        "NOT_INSTALLED": ErrorRow(Kind.ACCESS, _SETTINGS, _ASK_ADMIN_S),
        "APPLICATION_NOT_FOUND": ErrorRow(Kind.ACCESS, _SETTINGS, _ASK_ADMIN_S),
        "PORTAL_DELETED": ErrorRow(Kind.ACCESS, "портал Битрикс24 удалён: проверьте его адрес", _ASK_ADMIN_S),
        "INVALID_REQUEST": ErrorRow(Kind.ACCESS, "портал требует https: исправьте его адрес", _ASK_ADMIN_S),
        "ERROR_METHOD_NOT_FOUND": ErrorRow(Kind.ABSENT, _SCOPE, _ASK_ADMIN_S),
        "ACCESS_DENIED": ErrorRow(Kind.RULE, _RIGHTS),
        "ACCESS_DENIED_MOVE": ErrorRow(Kind.RULE, "нет права двигать задачи по колонкам проекта"),
        "TASK_NOT_FOUND": ErrorRow(Kind.MISSING, "задачи нет на портале"),
        "NOT_FOUND": ErrorRow(Kind.MISSING, "объекта нет на портале"),
        "ERROR_NOT_FOUND": ErrorRow(Kind.MISSING, "объекта нет на портале"),
        "EMPTY_TITLE": ErrorRow(Kind.RULE, "пустое название"),
        "ERROR_BATCH_LENGTH_EXCEEDED": ErrorRow(Kind.PASSING, "в пакете больше 50 команд"),
        "ERROR_BATCH_METHOD_NOT_ALLOWED": ErrorRow(Kind.RULE, "метод нельзя вызывать в пакете"),
        "ERROR_ARGUMENT": ErrorRow(Kind.RULE, "неверный параметр"),
        "ERROR_CORE": ErrorRow(Kind.RULE, "Битрикс24 не принял данные задачи"),
        "WRONG_ENCODING": ErrorRow(Kind.RULE, "неверная кодировка"),
        "100": ErrorRow(Kind.RULE, "неверный параметр"),
        "0": ErrorRow(Kind.RULE, "действие с задачей недоступно"),
        "1048582": ErrorRow(Kind.RULE, _RIGHTS),
        "BITRIX_REST_V3_EXCEPTION_METHODNOTFOUNDEXCEPTION": V3_ABSENT,
        "BITRIX_REST_V3_EXCEPTION_UNKNOWNDTOPROPERTYEXCEPTION": ErrorRow(Kind.UNFIT, "REST v3 не знает поле задачи"),
        "BITRIX_REST_V3_EXCEPTION_ENTITYNOTFOUNDEXCEPTION": ErrorRow(Kind.MISSING, "объекта нет на портале"),
        "BITRIX_REST_V3_EXCEPTION_IDEMPOTENCYKEYREUSEDEXCEPTION": ErrorRow(
            Kind.KEY_USED, "задача с этим ключом уже создавалась с другим содержанием"
        ),
        "BITRIX_REST_V3_EXCEPTION_INSUFFICIENTSCOPEEXCEPTION": ErrorRow(Kind.ACCESS, _SCOPE, _ASK_ADMIN_S),
        "BITRIX_REST_V3_EXCEPTION_ACCESSDENIEDEXCEPTION": ErrorRow(Kind.RULE, _RIGHTS),
        "BITRIX_REST_V3_EXCEPTION_VALIDATION_REQUESTVALIDATIONEXCEPTION": ErrorRow(
            Kind.RULE, "задача не прошла проверку"
        ),
        "BITRIX_REST_V3_EXCEPTION_VALIDATION_DTOVALIDATIONEXCEPTION": ErrorRow(Kind.RULE, "задача не прошла проверку"),
    }
)

# The same text stands for two things: HTTP 403 = the whole portal, 400 = this object.
PORTAL_WIDE_AT_403: Final[Mapping[str, ErrorRow]] = MappingProxyType(
    {"ACCESS_DENIED": ErrorRow(Kind.ACCESS, _TARIFF, _ASK_ADMIN_S)}
)

# As `Problem.code` has them: what one method lacks. The portal as a whole lets us in.
OF_ONE_METHOD: Final = frozenset(
    {
        "insufficient_scope",
        "bitrix_rest_v3_exception_insufficientscopeexception",
        "wrong_auth_type",
        "allowed_only_intranet_user",
        "method_confirm_waiting",
        "method_confirm_denied",
    }
)
# The token has to be renewed; nothing was executed. As `Problem.code` has them.
TOKEN_OVER: Final = frozenset({"expired_token", "invalid_token"})

# For codes that the table does not hold, by HTTP status.
AMBIGUOUS_STATUSES: Final = frozenset({408})
MOVED: Final = ErrorRow(Kind.ACCESS, "портал переехал на другой адрес: исправьте его в настройке", _ASK_ADMIN_S)
UNKNOWN_AUTH: Final = ErrorRow(Kind.ACCESS, _WEBHOOK, _ASK_ADMIN_S)
UNKNOWN_LIMIT: Final = ErrorRow(Kind.LIMIT, "Битрикс24 просит вызывать его реже", 10.0)
UNKNOWN_SERVER: Final = ErrorRow(Kind.AMBIGUOUS, "ошибка на стороне Битрикс24")
UNKNOWN_RULE: Final = ErrorRow(Kind.RULE, "Битрикс24 отказал")
UNKNOWN_PAGE: Final = ErrorRow(Kind.PASSING, "вместо Битрикс24 ответил другой сервер")
