"""The client of 1C for tests: dialogs that are answered by a list, windows that are only noted.

Put the module into Infobase(library=[client]) and `screen(session)` before a client's routine runs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.bsl import ops
from tests.bsl.native import SKIPPED, BslError, Enumeration, Native, Value, global_function, prop
from tests.bsl.values import Structure

QUESTIONS = Enumeration(
    ("РежимДиалогаВопрос", "QuestionDialogMode"), "ДаНет=YesNo", "ДаНетОтмена=YesNoCancel", "ОК=OK", "ОКОтмена=OKCancel"
)
ANSWERS = Enumeration(
    ("КодВозвратаДиалога", "DialogReturnCode"), "Да=Yes", "Нет=No", "Отмена=Cancel", "ОК=OK", "Таймаут=Timeout"
)


class Notice(Native):
    """ОписаниеОповещения(ИмяПроцедуры, Модуль, ДополнительныеПараметры)."""

    bsl_type = "ОписаниеОповещения"
    bsl_type_en = "NotifyDescription"
    bsl_creatable = True

    def __init__(self, name: Any, module: Any, more: Any = None) -> None:
        self.name, self.module, self.more = name, module, more

    @prop("ДополнительныеПараметры", "AdditionalParameters")
    def parameters(self) -> Value:
        return self.more

    def tell(self, result: Value) -> None:
        """Run the procedure; it has to be exported. Raises BslError."""
        module = getattr(self.module, "module", self.module)
        if module.routine(self.name) is None:
            raise BslError(f"Метод объекта не обнаружен ({self.name})")
        module.call(self.name, result, self.more)


@dataclass
class Screen:
    """answers: what the person answers to the dialogs to come; for КодВозвратаДиалога a name. said: what was shown.

    said: (kind, text), kind one of warning, question, number, string, choice, notification, state.
    """

    answers: deque[Value] = field(default_factory=deque)
    said: list[tuple[str, str]] = field(default_factory=list)
    opened: list[tuple[str, Value]] = field(default_factory=list)
    events: list[tuple[str, Value]] = field(default_factory=list)
    forms: list[Any] = field(default_factory=list)

    def ask(self, notice: Value, kind: str, text: Value, meant: Callable[[Value], Value] | None = None) -> None:
        """Show a dialog and go on with what the answer means. Raises AssertionError where the test has none."""
        self.said.append((kind, ops.text(text)))
        assert self.answers, f"nobody answers: {text}"
        answer = self.answers.popleft()
        notice.tell(meant(answer) if meant and answer is not None else answer)

    def show(self, notice: Value, kind: str, text: Value) -> None:
        """Show what waits for no answer."""
        self.said.append((kind, ops.text(text)))
        if isinstance(notice, Notice):
            notice.tell(None)

    def texts(self, kind: str) -> list[str]:
        """What was shown of a kind."""
        return [text for known, text in self.said if known == kind]


def screen(session: Any) -> Screen:
    """The screen of a session; the first call makes it."""
    if not hasattr(session.platform, "screen"):
        session.platform.screen = Screen()
    found: Screen = session.platform.screen
    return found


@global_function("ПоказатьПредупреждение", "ShowMessageBox")
def warn(session: Any, notice: Any = None, text: Any = "", timeout: Any = 0, title: Any = "") -> None:
    screen(session).show(notice, "warning", text)


@global_function("ПоказатьВопрос", "ShowQueryBox")
def ask(
    session: Any, notice: Any, text: Any, buttons: Any, timeout: Any = 0, default: Any = None, title: Any = ""
) -> None:
    screen(session).ask(notice, "question", text, _code)


def _code(answer: Value) -> Value:
    """The code of an answer by its name, or the value of a button."""
    return ANSWERS.values.get(str(answer).lower(), answer)


@global_function("ПоказатьВводЧисла", "ShowInputNumber")
def ask_number(
    session: Any, notice: Any, value: Any = 0, prompt: Any = "", length: Any = 0, precision: Any = 0
) -> None:
    screen(session).ask(notice, "number", prompt)


@global_function("ПоказатьВводСтроки", "ShowInputString")
def ask_string(
    session: Any, notice: Any, value: Any = "", prompt: Any = "", length: Any = 0, lines: Any = False
) -> None:
    screen(session).ask(notice, "string", prompt)


@global_function("ПоказатьОповещениеПользователя", "ShowUserNotification")
def notify_person(
    session: Any, text: Any, link: Any = None, more: Any = "", picture: Any = None, importance: Any = None
) -> None:
    screen(session).said.append(("notification", f"{ops.text(text)}: {ops.text(more)}"))


@global_function("Состояние", "Status")
def state(session: Any, text: Any = "", progress: Any = 0, more: Any = "", picture: Any = None) -> None:
    screen(session).said.append(("state", ops.text(text)))


@global_function("ОчиститьСообщения", "ClearMessages")
def clear_messages(session: Any) -> None:
    session.platform.messages.clear()


@global_function("Оповестить", "Notify")
def notify(session: Any, event: Any, parameter: Any = None, source: Any = None) -> None:
    """Tells the open forms."""
    shown = screen(session)
    shown.events.append((event, parameter))
    for form in shown.forms:
        form.notify(event, parameter, source)


@global_function("ОткрытьФорму", "OpenForm")
def open_form(session: Any, name: Any, parameters: Any = SKIPPED, *more: Value) -> None:
    screen(session).opened.append((name, Structure() if parameters is SKIPPED else parameters))


@global_function("ПолучитьНавигационнуюСсылку", "GetURL")
def link_of(reference: Any) -> str:
    return f"e1cib/data/{reference.thing.full}?ref={reference.guid.replace('-', '')}"
