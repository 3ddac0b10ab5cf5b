"""What an ordinary form of 8.2 has around it: dialogs, which answer what a test has laid ready, and elements."""

from __future__ import annotations

from typing import Any

from tests.bsl.native import SKIPPED, Enumeration, Native, Ref, Value, global_function, global_property

QUESTIONS = Enumeration(("РежимДиалогаВопрос", "QuestionDialogMode"), "ДаНет=YesNo")
ANSWERS = Enumeration(("КодВозвратаДиалога", "DialogReturnCode"), "Да=Yes", "Нет=No")
# What was shown to the person, what he will enter next, which handlers wait.
shown: list[str] = []
entered: list[Value] = []
waiting: dict[str, int] = {}
started_with: list[str] = [""]


@global_function("Предупреждение", "DoMessageBox")
def warn(text: Any, seconds: Any = 0, title: Any = "") -> None:
    shown.append(text)


@global_function("Вопрос", "DoQueryBox")
def ask(text: Any, mode: Any = None, *more: Any) -> Value:
    shown.append(text)
    return ANSWERS["Да"]


def _enter(into: Ref) -> bool:
    if not entered:
        return False
    into.value = entered.pop(0)
    return True


@global_function("ВвестиЧисло", "InputNumber", ref=(0,))
def enter_number(into: Any, title: Any = "", length: Any = 0, digits: Any = 0) -> bool:
    return _enter(into)


@global_function("ВвестиСтроку", "InputString", ref=(0,))
def enter_text(into: Any, title: Any = "", length: Any = 0, lines: Any = False) -> bool:
    return _enter(into)


@global_function("ПодключитьОбработчикОжидания", "AttachIdleHandler")
def attach(name: Any, seconds: Any, once: Any = False) -> None:
    waiting[name] = int(seconds)


@global_function("ОтключитьОбработчикОжидания", "DetachIdleHandler")
def detach(name: Any) -> None:
    waiting.pop(name, None)


@global_property("ПараметрЗапуска", "LaunchParameter")
def launch_parameter(session: Any) -> str:
    return started_with[0]


class Element(Native):
    """A control: a text field, a caption, a table field."""

    bsl_type = "ЭлементФормы"

    def __init__(self) -> None:
        self.fields: dict[str, Value] = {"заголовок": "", "текущаястрока": None}
        self.text = ""

    def bsl_get(self, name: str) -> Value:
        return self.fields[name.lower()]

    def bsl_set(self, name: str, value: Value) -> None:
        self.fields[name.lower()] = value

    def bsl_call(self, session: Any, name: str, args: list[Value | Ref]) -> Value:
        if name.lower() == "установитьтекст":
            given = args[0]
            self.text = given.value if isinstance(given, Ref) else given
            return None
        return self.text


class Form(Native):
    """The form with its attributes; what its object exports is called through it. names: of the attributes."""

    bsl_type = "Форма"

    def __init__(self, module: Any, attributes: dict[str, Value]) -> None:
        self.module, self.fields = module, {name.lower(): value for name, value in attributes.items()}
        self.elements: dict[str, Element] = {}
        self.fields["элементыформы"] = self.Elements(self)

    class Elements(Native):
        bsl_type = "ЭлементыФормы"

        def __init__(self, form: Form) -> None:
            self.form = form

        def bsl_get(self, name: str) -> Value:
            return self.form.elements.setdefault(name.lower(), Element())

    def bsl_has(self, name: str) -> bool:
        return name.lower() in self.fields

    def bsl_get(self, name: str) -> Value:
        return self.fields[name.lower()]

    def bsl_set(self, name: str, value: Value) -> None:
        self.fields[name.lower()] = value

    def bsl_has_method(self, name: str) -> bool:
        code = self.module.program.routines.get(name.lower())
        return code is not None and code.export

    def bsl_call(self, session: Any, name: str, args: list[Value | Ref]) -> Value:
        return self.module.call(name, *(one for one in args if one is not SKIPPED))
