"""Small programs for tests."""

from __future__ import annotations

from typing import Any

from tests.bsl.native import Value
from tests.bsl.runtime import Runtime, Session
from tests.bsl.values import to_python

PURE = Runtime((), {})


def value(expression: str) -> Value:
    """What an expression gives."""
    return Session(PURE).evaluate(expression)


def session(source: str, features: str = "8.3", **modules: str) -> Session:
    """A session with the module Проба and others by name."""
    return Session(Runtime((), {"Проба": source, **modules}, features))


def run(body: str, *args: Any) -> Any:
    """The result of a function with the parameters А, Б, В (as many as given), in Python's shapes."""
    names = ", ".join("АБВ"[: len(args)])
    return to_python(session(f"Функция Ф({names}) Экспорт\n{body}\nКонецФункции").call("Проба.Ф", *args))
