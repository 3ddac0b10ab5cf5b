"""Background and scheduled jobs. A test decides when they run: by itself, at once, or in a thread."""

from __future__ import annotations

import threading
import uuid
from typing import TYPE_CHECKING, Any

from tests.bsl.native import BslError, Enumeration, KilledHere, Native, Value, global_property, method, prop
from tests.bsl.simple import Uuid
from tests.bsl.values import Array, FixedArray, FixedStructure, Structure

if TYPE_CHECKING:
    from tests.bsl.platform.infobase import Infobase

STATES = Enumeration(
    ("СостояниеФоновогоЗадания", "BackgroundJobState"),
    "Активно=Active", "Завершено=Completed", "ЗавершеноАварийно=Failed", "Отменено=Canceled",
)  # fmt: skip
TAKEN = "Задание с таким значением ключа уже выполняется"


class BackgroundJob(Native):
    """ФоновоеЗадание."""

    bsl_type = "ФоновоеЗадание"
    bsl_type_en = "BackgroundJob"

    def __init__(self, jobs: Jobs, handler: str, args: list[Value], key: str, title: str) -> None:
        self.jobs, self.handler, self.args, self.job_key, self.title = jobs, handler, args, key, title
        self.id = Uuid(str(uuid.uuid4()))
        self.state: Value = STATES["Активно"]
        self.error = ""
        self.begun = jobs.base.local_now
        self.ended: Value = None
        self.thread: threading.Thread | None = None

    @prop("УникальныйИдентификатор", "UUID")
    def bsl_id(self) -> Uuid:
        return self.id

    @prop("Состояние", "State")
    def bsl_state(self) -> Value:
        return self.state

    @prop("ИмяМетода", "MethodName")
    def bsl_handler(self) -> str:
        return self.handler

    @prop("Ключ", "Key")
    def bsl_key(self) -> str:
        return self.job_key

    @prop("Наименование", "Description")
    def bsl_title(self) -> str:
        return self.title

    @prop("Начало", "Begin")
    def bsl_begun(self) -> Value:
        return self.begun

    @prop("Конец", "End")
    def bsl_ended(self) -> Value:
        return self.ended

    @prop("ИнформацияОбОшибке", "ErrorInfo")
    def bsl_error(self) -> Value:
        return self.error or None

    @method("Отменить", "Cancel")
    def cancel(self) -> None:
        if self.state is STATES["Активно"] and self.thread is None:
            self.state = STATES["Отменено"]

    @method("ОжидатьЗавершения", "WaitForCompletion")
    def wait(self, timeout: Any = None) -> None:
        self.jobs.run(self)

    def run(self) -> None:
        """In a session of its own. An error is kept in the job, a killed session as a failed one."""
        base = self.jobs.base
        session = base.session("Фоновое задание")
        try:
            session.call(self.handler, *self.args)
            self.state = STATES["Завершено"]
        except (BslError, KilledHere) as error:
            self.error, self.state = str(error), STATES["ЗавершеноАварийно"]
            entry = {"event": "Фоновое задание", "level": "Ошибка", "text": str(error), "data": None, "user": ""}
            base.log.append(entry)
        finally:
            session.close()
            self.ended = base.local_now


class Jobs:
    """All background jobs of a base. threads: whether a job begins at once in a thread; else `run_all` runs it."""

    def __init__(self, base: Infobase) -> None:
        self.base, self.threads = base, False
        self.known: list[BackgroundJob] = []
        self._guard = threading.Lock()

    def start(self, handler: str, args: list[Value], key: str, title: str) -> BackgroundJob:
        with self._guard:
            if key and any(one.handler == handler and one.job_key == key for one in self.active()):
                raise BslError(TAKEN)
            made = BackgroundJob(self, handler, args, key, title)
            self.known.append(made)
        if self.threads:
            made.thread = threading.Thread(target=made.run, name=handler)
            made.thread.start()
        return made

    def active(self) -> list[BackgroundJob]:
        return [one for one in self.known if one.state is STATES["Активно"]]

    def run(self, job: BackgroundJob) -> None:
        if job.thread is not None:
            job.thread.join()
        elif job.state is STATES["Активно"]:
            job.run()

    def run_all(self) -> None:
        """Run or await every job, also those that they start."""
        while active := self.active():
            self.run(active[0])


class BackgroundJobs(Native):
    """ФоновыеЗадания."""

    bsl_type = "МенеджерФоновыхЗаданий"

    def __init__(self, session: Any) -> None:
        self.session = session
        self.jobs: Jobs = session.base.jobs

    @method("Выполнить", "Execute")
    def execute(self, handler: Any, args: Any = None, key: Any = "", title: Any = "") -> BackgroundJob:
        module, _, name = handler.rpartition(".")
        if self.session.base.metadata.find(f"ОбщийМодуль.{module}") is None:
            raise BslError(f"Метод не найден ({handler})")
        if self.session.common(module).routine(name) is None:
            raise BslError(f"Метод не найден ({handler})")
        given = list(args.items) if isinstance(args, FixedArray) else []
        return self.jobs.start(handler, given, key or "", title or "")

    @method("ПолучитьФоновыеЗадания", "GetBackgroundJobs")
    def find(self, wanted: Any = None) -> Array:
        pairs = list(wanted.items.values()) if isinstance(wanted, FixedStructure) else []
        return Array.of(one for one in self.jobs.known if all(_fits(one, pair) for pair in pairs))


def _fits(job: BackgroundJob, pair: Any) -> bool:
    from tests.bsl.native import get_property

    return bool(get_property(job, pair.key) == pair.value)


@global_property("ФоновыеЗадания", "BackgroundJobs")
def background_jobs(session: Any) -> BackgroundJobs:
    return BackgroundJobs(session)


class ScheduledJob(Native):
    """РегламентноеЗадание of the extension's metadata; its schedule is kept, nobody follows it."""

    bsl_type = "РегламентноеЗадание"
    bsl_type_en = "ScheduledJob"

    def __init__(self, base: Infobase, name: str) -> None:
        self.base, self.name = base, name
        self.fields: dict[str, Value] = {"использование": base.jobs_used.get(name, base.dump.jobs[name].use)}

    @prop("Использование", "Use")
    def bsl_use(self) -> Value:
        return self.fields["использование"]

    @bsl_use.setter
    def put_use(self, value: Value) -> None:
        self.fields["использование"] = value

    @prop("Метаданные", "Metadata")
    def bsl_metadata(self) -> Value:
        return self.base.metadata.find(f"РегламентноеЗадание.{self.name}")

    @prop("Ключ", "Key")
    def bsl_key(self) -> str:
        return self.base.dump.jobs[self.name].key

    @prop("Расписание", "Schedule")
    def bsl_schedule(self) -> Value:
        return self.fields.setdefault("расписание", Structure())

    @bsl_schedule.setter
    def put_schedule(self, value: Value) -> None:
        self.fields["расписание"] = value

    @method("Записать", "Write")
    def write(self) -> None:
        self.base.jobs_used[self.name] = bool(self.fields["использование"])


class ScheduledJobs(Native):
    """РегламентныеЗадания."""

    bsl_type = "МенеджерРегламентныхЗаданий"

    def __init__(self, session: Any) -> None:
        self.base: Infobase = session.base

    @method("НайтиПредопределенное", "FindPredefined")
    def predefined(self, what: Any) -> ScheduledJob:
        name = what if isinstance(what, str) else what.name
        if name not in self.base.dump.jobs:
            raise BslError(f"Регламентное задание не найдено ({name})")
        return ScheduledJob(self.base, name)


@global_property("РегламентныеЗадания", "ScheduledJobs")
def scheduled_jobs(session: Any) -> ScheduledJobs:
    return ScheduledJobs(session)
