"""What the 1C standards and our own rules forbid in code, looked up in the syntax tree."""

import re
from collections.abc import Iterator

import tree_sitter
from tests.onec.validator.bsl import QUERIES, Finding, Method, Module, text_of, walk
from tests.onec.validator.dump import Dump

QUERY_LANGUAGE = re.compile(r'^\s*["|\s]*ВЫБРАТЬ\b', re.I)
METADATA = {
    "РегистрыСведений": "InformationRegister",
    "РегистрСведений": "InformationRegister",
    "ОбщаяФорма": "CommonForm",
}
# A query whose text is made inside a loop from a template: it reads another table each time.
OTHER_TEXT = re.compile(r'СтрШаблон\(\s*"ВЫБРАТЬ', re.I)
LOOPS = {"for_statement", "for_each_statement", "while_statement"}
# Windows that stop the client, and messages that belong to nobody. The first argument decides nothing here.
BANNED = {
    "текущаядата": "на сервере ТекущаяДатаСеанса или ТекущаяУниверсальнаяДата",
    "сообщить": "ОбщегоНазначения.СообщитьПользователю или окно",
    "вопрос": "ПоказатьВопрос",
    "предупреждение": "ПоказатьПредупреждение",
    "ввестизначение": "ПоказатьВводЗначения",
    "ввестичисло": "ПоказатьВводЧисла",
    "ввестистроку": "ПоказатьВводСтроки",
    "открытьформумодально": "ОткрытьФорму",
}
# The only place that may turn a text into code: it looks the name up among the common modules first.
EVALUATES = {("CommonModules/кд_ОбщегоНазначения/Ext/Module.bsl", "МодульБСП")}
LOGS = ("записьжурналарегистрации", "записатьвжурнал")
TIMEOUT_ARGUMENT = 6
# The module that asks the service: no lock is held while a network answers.
TRANSPORT = "кд_Транспорт"


def catches(module: Module) -> Iterator[Finding]:
    """What is caught is logged or raised again."""
    for node in module.nodes:
        if node.type == "try_statement":
            start = next(i for i, one in enumerate(node.children) if one.type == "EXCEPT_KEYWORD")
            body = " ".join(text_of(one) for one in node.children[start + 1 :]).lower()
            if not any(word in body for word in (*LOGS, "вызватьисключение")):
                yield Finding(
                    "silent_catch", module.path, f"строка {node.start_point[0] + 1}: исключение проглочено молча"
                )


def banned_calls(module: Module) -> Iterator[Finding]:
    for node, before, name, _ in module.calls():
        if not before and name.lower() in BANNED and module.method(name) is None:
            line = node.start_point[0] + 1
            yield Finding("banned_call", module.path, f"строка {line}: вместо {name} {BANNED[name.lower()]}")


def code_of_text(module: Module) -> Iterator[Finding]:
    """Выполнить("…") and Вычислить("…") run a text as code."""
    for method in module.methods:
        evaluates = any(not call.before and call.name.lower() == "вычислить" for call in module.calls(method.node))
        executes = any(node.type == "execute_statement" for node in walk(method.node))
        if (evaluates or executes) and (module.path, method.name) not in EVALUATES:
            yield Finding("execute", module.path, f"{method.name}: текст выполняется как код")


def queries_in_loops(module: Module) -> Iterator[Finding]:
    """«Запрос….Выполнить()» inside a loop."""
    for node, before, name, _ in module.calls():
        if name.lower() == "выполнить" and before.lower().startswith("запрос") and _in_loop(node):
            yield Finding("query_in_loop", module.path, f"строка {node.start_point[0] + 1}: запрос в цикле")


def _in_loop(node: tree_sitter.Node) -> bool:
    """In the body of a loop; what a loop runs over is worked out once. A loop over tables makes a text for each."""
    child, parent = node, node.parent
    while parent is not None:
        if parent.type in LOOPS and not OTHER_TEXT.search(text_of(parent)):
            before = [one for one in parent.children if one.end_byte <= child.start_byte]
            if parent.type == "while_statement" or any(one.type == "DO_KEYWORD" for one in before):
                return True
        child, parent = parent, parent.parent
    return False


def timeouts(module: Module) -> Iterator[Finding]:
    """Новый HTTPСоединение names its timeout, the sixth argument (v8std 748)."""
    for node in module.nodes:
        if node.type == "new_expression" and text_of(node.child_by_field_name("type")).lower() == "httpсоединение":
            given = _arguments(node.child_by_field_name("arguments"))
            if len(given) < TIMEOUT_ARGUMENT or not given[TIMEOUT_ARGUMENT - 1]:
                yield Finding("timeout", module.path, f"строка {node.start_point[0] + 1}: HTTPСоединение без таймаута")


def _arguments(arguments: tree_sitter.Node | None) -> list[str]:
    """Texts of the arguments, "" for those left out. An omitted argument holds the comma after it."""
    found, text = [], ""
    for one in [] if arguments is None else arguments.children[1:-1]:
        if one.type in (",", "omitted_argument"):
            found, text = [*found, text], ""
        else:
            text = text_of(one)
    return [*found, text] if found or text else []


def transactions(module: Module) -> Iterator[Finding]:
    """НачатьТранзакцию, at once Попытка; in Исключение first ОтменитьТранзакцию (v8std 783)."""
    for node in module.nodes:
        if node.type == "call_statement" and text_of(node).lower().startswith("начатьтранзакцию"):
            tried = _next_code(node)
            line = node.start_point[0] + 1
            if tried is None or tried.type != "try_statement":
                yield Finding("transaction", module.path, f"строка {line}: после НачатьТранзакцию сразу Попытка")
                continue
            start = next(i for i, one in enumerate(tried.children) if one.type == "EXCEPT_KEYWORD")
            rest = [one for one in tried.children[start + 1 :] if one.type != "line_comment"]
            if not text_of(rest[0]).lower().startswith("отменитьтранзакцию"):
                yield Finding("transaction", module.path, f"строка {line}: в Исключение сначала ОтменитьТранзакцию")
            if not any("зафиксироватьтранзакцию" in text_of(one).lower() for one in tried.children[:start]):
                yield Finding("transaction", module.path, f"строка {line}: транзакция не фиксируется")
            if any(call.before == TRANSPORT for call in module.calls(tried)):
                yield Finding("transaction", module.path, f"строка {line}: запрос к сервису в транзакции")


def _next_code(node: tree_sitter.Node) -> tree_sitter.Node | None:
    after = node.next_sibling
    while after is not None and after.type == "line_comment":
        after = after.next_sibling
    return after


def texts(module: Module) -> Iterator[Finding]:
    """НСтр has a Russian and an English text."""
    for node, before, name, _ in module.calls():
        if not before and name.lower() == "нстр":
            given = text_of(node.child_by_field_name("arguments"))
            if not (re.search(r"\bru\s*=\s*'[^']", given) and re.search(r"\ben\s*=\s*'[^']", given)):
                yield Finding("texts", module.path, f"строка {node.start_point[0] + 1}: НСтр не на двух языках")


def newer_language(module: Module) -> Iterator[Finding]:
    """Nothing newer than platform 8.3.14: no asynchronous functions, no &ИзменениеИКонтроль."""
    for number, line in enumerate(module.lines, 1):
        if re.match(r"\s*(Асинх\s|&ИзменениеИКонтроль)", line, re.I) or re.search(r"\bЖдать\s+\w+\(", line):
            yield Finding("newer_language", module.path, f"строка {number}: этого нет до 8.3.15")


def queries(module: Module) -> Iterator[Finding]:
    """Texts of queries are read by the grammar of the query language."""
    parser = tree_sitter.Parser(QUERIES)
    for node in module.nodes:
        text = text_of(node)
        if node.type == "string" and QUERY_LANGUAGE.match(text):
            lines = [re.sub(r"^\s*\|", "", line) for line in text[1:-1].replace('""', '"').splitlines()]
            # A template's places stand for names.
            if parser.parse(re.sub(r"%\d", "Имя", "\n".join(lines)).encode()).root_node.has_error:
                yield Finding("query", module.path, f"строка {node.start_point[0] + 1}: текст запроса не разобрать")


def metadata_names(dump: Dump) -> Iterator[Finding]:
    """Own registers and forms that code or a query names exist."""
    for path, module in dump.modules.items():
        for word, name in module.metadata:
            if (METADATA[word], name) not in dump.objects:
                yield Finding("metadata_name", path, f"в расширении нет {word}.{name}")


def own_calls(dump: Dump) -> Iterator[Finding]:
    """Calls of own common modules: the method exists, is exported, takes so many arguments, runs where it is called."""
    for path, module in dump.modules.items():
        for method in module.methods:
            for node, before, name, count in module.calls(method.node):
                told = f"строка {node.start_point[0] + 1}: {before + '.' if before else ''}{name}"
                item = dump.objects.get(("CommonModule", before))
                if item is None or not item.own:
                    found = module.method(name) if not before else None
                    if found is not None and not found.takes(count):
                        yield Finding("own_call", path, f"{told}: параметров {count}")
                    continue
                found = dump.module("CommonModule", before).method(name)
                if found is None or not found.export:
                    yield Finding("own_call", path, f"{told}: нет такого экспортного метода")
                elif not found.takes(count):
                    yield Finding("own_call", path, f"{told}: параметров {count}")
                if _at_client(dump, path, method) and not (
                    item.flag("ClientManagedApplication") or item.flag("ServerCall")
                ):
                    yield Finding("client_call", path, f"{told}: с клиента серверный модуль не вызвать")


def _at_client(dump: Dump, path: str, method: Method) -> bool:
    if "НаКлиенте" in method.annotations:
        return True
    name = path.split("/")[1]
    item = dump.objects.get(("CommonModule", name)) if path.startswith("CommonModules/") else None
    return item is not None and item.flag("ClientManagedApplication")


def directives(module: Module) -> Iterator[Finding]:
    """Each method of a form module says where it runs."""
    known = {"НаКлиенте", "НаСервере", "НаСервереБезКонтекста", "НаКлиентеНаСервереБезКонтекста"}
    for method in module.methods if module.path.endswith("Form/Module.bsl") else []:
        if not known & set(method.annotations):
            yield Finding("directive", module.path, f"{method.name}: не сказано, где выполняется")


def unused(dump: Dump) -> Iterator[Finding]:
    """A private method is used in its module, or something outside names it."""
    for path, module in dump.modules.items():
        handlers = _named_outside(dump, path)
        for method in module.methods:
            once = module.words[method.name.lower()] == 1
            if once and not method.export and method.name not in handlers and not _tied(method):
                yield Finding("unused", path, f"{method.name} никто не вызывает")


def _tied(method: Method) -> bool:
    return any("(" in one for one in method.annotations)


def _named_outside(dump: Dump, path: str) -> set[str]:
    """Texts of the XML of the module's own object: there handlers are named."""
    folder, name = path.split("/")[:2]
    files = [f"{folder}/{name}.xml", f"{folder}/{name}/Ext/Form.xml"]
    return {text.strip() for file in files if file in dump.trees for text in dump.trees[file].itertext()}
