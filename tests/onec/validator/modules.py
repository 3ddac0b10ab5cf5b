"""The text of modules: grammar, regions, names, comments, line length, the formatter's opinion."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.onec.validator.bsl import Finding, Method, Module, text_of
from tests.onec.validator.dump import Dump

LONGEST_LINE, LONGEST_NAME = 120, 80
COMMON = ("ПрограммныйИнтерфейс", "СлужебныйПрограммныйИнтерфейс", "СлужебныеПроцедурыИФункции")
FORM = (
    "ОписаниеПеременных",
    "ОбработчикиСобытийФормы",
    "ОбработчикиСобытийЭлементовШапкиФормы",
    "ОбработчикиСобытийЭлементовТаблицыФормы",
    "ОбработчикиКомандФормы",
    "СлужебныеПроцедурыИФункции",
)
OBJECT = ("ПрограммныйИнтерфейс", "ОбработчикиСобытий", "СлужебныеПроцедурыИФункции")
SERVICE = ("ОбработчикиСобытий", "СлужебныеПроцедурыИФункции")
# Texts and comments; a text may stand on several lines.
NOT_CODE = re.compile(r'"[^"]*"|//.*')
# Properties of the global context that take no value. Source: syntax help, «Свойства глобального контекста».
GLOBAL = set(
    """справочники документы перечисления константы отчеты обработки планывидовхарактеристик планысчетов
    планывидоврасчета регистрысведений регистрынакопления регистрыбухгалтерии регистрырасчета бизнеспроцессы
    задачи планыобмена последовательности журналыдокументов критерииотбора метаданные параметрысеанса
    регламентныезадания фоновыезадания библиотекакартинок библиотекастилей главныйинтерфейс главныйстиль
    рабочаядата пользователиинформационнойбазы внешниеобработки внешниеотчеты внешниеисточникиданных
    хранилищеобщихнастроек хранилищесистемныхнастроек фабрикаxdto сериализаторxdto историяданных
    расширенияконфигурации wsссылки символы""".split()  # noqa: SIM905
)
BEGINNING = re.compile(r"\s*(?:Асинх\s+)?(Процедура|Функция)\s", re.I)
END = re.compile(r"\s*Конец(Процедуры|Функции)\b", re.I)
# Words that no procedure, parameter or variable may be called by. Source: syntax help, «Зарезервированные слова».
RESERVED = set(
    """если тогда иначеесли иначе конецесли для каждого из по пока цикл конеццикла процедура функция конецпроцедуры
    конецфункции перем перейти возврат продолжить прервать и или не попытка исключение вызватьисключение конецпопытки
    новый выполнить экспорт знач истина ложь неопределено null добавитьобработчик удалитьобработчик if then elsif else
    endif for each in to while do enddo procedure function endprocedure endfunction var goto return continue break and
    or not try except raise endtry new execute export val true false undefined""".split()  # noqa: SIM905
)


def grammar(module: Module) -> Iterator[Finding]:
    for line, text in module.errors:
        yield Finding("parse", module.path, f"строка {line}: не разобрать {text!r}")


def balance(module: Module) -> Iterator[Finding]:
    """Each Процедура ends by КонецПроцедуры, each Функция by КонецФункции, none inside another."""
    ends = {"процедура": "процедуры", "функция": "функции"}
    opened = ""
    for number, line in enumerate(module.lines, 1):
        begin, end = BEGINNING.match(line), END.match(line)
        if begin and opened:
            yield Finding("balance", module.path, f"строка {number}: прежняя {opened} не закончена")
        if end and end[1].lower() != ends.get(opened):
            yield Finding("balance", module.path, f"строка {number}: {end[0].strip()} не к месту")
        opened = begin[1].lower() if begin else "" if end else opened
    if opened:
        yield Finding("balance", module.path, f"в конце модуля не закончена {opened}")


def _order(path: str) -> tuple[str, ...]:
    if path.endswith("Form/Module.bsl"):
        return FORM
    if path.startswith("HTTPServices/"):
        return SERVICE
    return COMMON if path.startswith("CommonModules/") else OBJECT


def regions(module: Module) -> Iterator[Finding]:
    """Regions open and close, the outer ones in the order of v8std 455; all code is in one."""
    depth, outer = 0, []
    for _, name, opens in module.regions:
        outer += [name] if opens and not depth else []
        depth += 1 if opens else -1
        if depth < 0:
            break
    if depth:
        yield Finding("regions", module.path, "области не закрыты или закрыты лишний раз")
    order = _order(module.path)
    places = [next((i for i, known in enumerate(order) if _same(known, name)), -1) for name in outer]
    if -1 in places or places != sorted(places) or len(set(outer)) != len(outer):
        yield Finding("region_order", module.path, f"области не те или не в порядке v8std 455: {outer}")
    for method in module.methods:
        if not method.region:
            yield Finding("region_order", module.path, f"{method.name} вне областей")


def _same(known: str, name: str) -> bool:
    return name.startswith(known) if known.endswith("ТаблицыФормы") else name == known


def lines(module: Module) -> Iterator[Finding]:
    for number, line in enumerate(module.lines, 1):
        if len(line.expandtabs(4)) > LONGEST_LINE:
            yield Finding("line_length", module.path, f"строка {number} длиннее {LONGEST_LINE}")
        if re.match(r"\t* +\S", line):
            yield Finding("tabs", module.path, f"строка {number}: отступ табуляцией")


def names(module: Module) -> Iterator[Finding]:
    for word in {text_of(node) for node in module.nodes if node.type == "identifier"}:
        if len(word) > LONGEST_NAME:
            yield Finding("name_length", module.path, f"имя длиннее {LONGEST_NAME}: {word}")
    for word in re.findall(r"\w*[ёЁ]\w*", NOT_CODE.sub("", module.text)):
        yield Finding("yo", module.path, f"буква «ё» в имени {word}")
    seen: set[str] = set()
    for method in module.methods:
        for word in [method.name, *(name for name, _ in method.params)]:
            if word.lower() in RESERVED:
                yield Finding("reserved", module.path, f"{word}: зарезервированное слово языка")
        if method.name.lower() in seen:
            yield Finding("balance", module.path, f"{method.name} объявлена дважды")
        seen.add(method.name.lower())


def shadows(module: Module) -> Iterator[Finding]:
    """No variable or parameter is called as a property of the global context: an assignment would go to that."""
    for node in module.nodes:
        given = node.child_by_field_name("left") if node.type == "assignment_statement" else None
        if node.type in ("for_each_statement", "for_statement"):
            given = next((one for one in node.children if one.type == "identifier"), None)
        elif node.type == "parameter":
            given = node.child_by_field_name("name")
        if given is not None and text_of(given).lower() in GLOBAL:
            line = node.start_point[0] + 1
            yield Finding("shadow", module.path, f"строка {line}: {text_of(given)} - свойство глобального контекста")


def comments(module: Module) -> Iterator[Finding]:
    """Export methods of common modules say what they do, take and return (v8std 453)."""
    for method in module.methods if module.path.startswith("CommonModules/") else []:
        if method.export and (missing := _missing(method)):
            yield Finding("comment", module.path, f"{method.name}: в описании нет: {missing}")


def _missing(method: Method) -> str:
    text = "\n".join(method.comment)
    if len(re.sub(r"[/\s]", "", text)) < 10:
        return "назначения"
    absent = [name for name, _ in method.params if not re.search(rf"//\s*{name}\s+-\s", text)]
    if absent:
        return ", ".join(absent)
    return "Возвращаемое значение" if method.kind == "function" and "Возвращаемое значение:" not in text else ""


def intercepts(dump: Dump) -> Iterator[Finding]:
    """In an adopted module there are only procedures with our prefix that are tied to one of the base."""
    for item in dump.of("CommonModule"):
        module = dump.module("CommonModule", item.name)
        for method in module.methods if module and not item.own else []:
            tied = any(re.match(r"(Перед|После|Вместо)\b", one) for one in method.annotations)
            if not method.name.startswith(dump.prefix) or not tied:
                yield Finding("intercept", module.path, f"{method.name}: нужен {dump.prefix} и &После или &Перед")


def formatting(dump: Dump) -> Iterator[Finding]:
    """What `bslfmt --check` says of the modules. Without the formatter there is no verdict, so it is an error."""
    tool = Path(sys.executable).with_name("bslfmt")
    paths = {(dump.root / path).as_posix(): path for path in dump.modules}
    if not paths:
        return
    done = subprocess.run([tool, "--check", *paths], capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stderr)
    for line in (done.stdout + done.stderr).splitlines():
        for full, path in paths.items():
            if line.startswith(f"{full}:"):
                yield Finding("format", path, line.removeprefix(f"{full}:").strip())
