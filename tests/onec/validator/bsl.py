"""A module of code: its methods, regions, comments; the syntax tree is tree-sitter-hbk's."""

import re
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import tree_sitter
import tree_sitter_hbk

LANGUAGE = tree_sitter.Language(tree_sitter_hbk.language())
QUERIES = tree_sitter.Language(tree_sitter_hbk.sdbl_language())
METHODS = {"procedure_definition": "procedure", "function_definition": "function"}
BOM = b"\xef\xbb\xbf"


def _bare_raise(node: tree_sitter.Node) -> bool:
    """«ВызватьИсключение;» is right within Исключение; the grammar misses its text when it stands in an Если there."""
    above = [node.parent, node.parent.parent] if node.parent is not None else []
    return any(one is not None and one.type == "rise_error_statement" for one in above)


@dataclass(frozen=True, order=True)
class Finding:
    """code: which check. path: of the file, below the dump. text: what is wrong, for a person."""

    code: str
    path: str
    text: str


@dataclass
class Method:
    """params: names with whether they may be left out. annotations: «НаСервере», «После» … region: the outermost."""

    name: str
    kind: str
    export: bool
    params: list[tuple[str, bool]]
    annotations: list[str]
    region: str
    line: int
    comment: list[str]
    node: tree_sitter.Node

    def takes(self, count: int) -> bool:
        least = max((index for index, (_, optional) in enumerate(self.params, 1) if not optional), default=0)
        return least <= count <= len(self.params)


def text_of(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode()


def walk(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    yield node
    for child in node.children:
        yield from walk(child)


class Call(NamedTuple):
    """before: what stands before the dot, empty = global or own. count: of arguments."""

    node: tree_sitter.Node
    before: str
    name: str
    count: int


def _call(node: tree_sitter.Node) -> Call:
    before = ""
    if node.parent is not None and node.parent.type in ("call_expression", "access"):
        stands = (one for one in node.parent.children if one.end_byte <= node.start_byte)
        before = "".join(text_of(one) for one in stands).rstrip(".")
    arguments = node.child_by_field_name("arguments")
    inner = [] if arguments is None else [one for one in arguments.children if one.type not in ("(", ")")]
    count = 1 + sum(1 for one in inner if one.type in (",", "omitted_argument")) if inner else 0
    return Call(node, before, text_of(node.child_by_field_name("name")), count)


class Module:
    def __init__(self, path: str, body: bytes) -> None:
        self.path, self.body = path, body
        self._known: dict[Callable[[Module], Iterator[Finding]], list[Finding]] = {}
        self.text = body.removeprefix(BOM).decode("utf-8", errors="replace")
        self.lines = self.text.replace("\r\n", "\n").split("\n")

    @cached_property
    def tree(self) -> tree_sitter.Node:
        return tree_sitter.Parser(LANGUAGE).parse(self.text.encode()).root_node

    @cached_property
    def nodes(self) -> list[tree_sitter.Node]:
        return list(walk(self.tree))

    @cached_property
    def errors(self) -> list[tuple[int, str]]:
        """Places the grammar does not accept: line, text."""
        if not self.tree.has_error:
            return []
        bad = (node for node in self.nodes if node.type == "ERROR" or (node.is_missing and not _bare_raise(node)))
        return [(node.start_point[0] + 1, text_of(node)[:40]) for node in bad]

    @cached_property
    def methods(self) -> list[Method]:
        return [self._method(node) for node in self.nodes if node.type in METHODS]

    def _method(self, node: tree_sitter.Node) -> Method:
        parameters = node.child_by_field_name("parameters")
        params = [
            (text_of(item.child_by_field_name("name")), item.child_by_field_name("def") is not None)
            for item in (parameters.children if parameters else [])
            if item.type == "parameter"
        ]
        line = node.start_point[0]
        above = self._above(line)
        return Method(
            name=text_of(node.child_by_field_name("name")),
            kind=METHODS[node.type],
            export=node.child_by_field_name("export") is not None,
            params=params,
            annotations=[text.lstrip("&") for text in above if text.startswith("&")],
            region=self._region(line + 1),
            line=line + 1,
            comment=[text for text in above if text.startswith("//")],
            node=node,
        )

    def _above(self, line: int) -> list[str]:
        """The comments and annotations right above a line, stripped."""
        found: list[str] = []
        for text in map(str.strip, reversed(self.lines[:line])):
            if not text.startswith(("//", "&")):
                break
            found.insert(0, text)
        return found

    def _region(self, line: int) -> str:
        """The outermost region around a line."""
        opened: list[str] = []
        for number, name, opens in self.regions:
            if number > line:
                break
            opened = [*opened, name] if opens else opened[:-1]
        return opened[0] if opened else ""

    @cached_property
    def words(self) -> Counter[str]:
        """How often each identifier stands in the code or in a text of it, small; comments do not count."""
        known = (text_of(node) for node in self.nodes if node.type in ("identifier", "string"))
        return Counter(word.lower() for text in known for word in re.findall(r"\w+", text))

    @cached_property
    def metadata(self) -> set[tuple[str, str]]:
        """Own registers and forms that the module names: РегистрСведений, кд_Команды."""
        return set(re.findall(r"\b(РегистрыСведений|РегистрСведений|ОбщаяФорма)\.(кд_\w+)", self.text))

    def findings(self, check: Callable[["Module"], Iterator[Finding]]) -> list[Finding]:
        """What a check says of this module; a module does not change, so it is asked once."""
        if check not in self._known:
            self._known[check] = list(check(self))
        return self._known[check]

    def method(self, name: str) -> Method | None:
        return self._by_name.get(name.lower())

    @cached_property
    def _by_name(self) -> dict[str, Method]:
        return {item.name.lower(): item for item in reversed(self.methods)}

    def calls(self, inside: tree_sitter.Node | None = None) -> list["Call"]:
        """Calls of the module, or of those only the ones inside a node."""
        if inside is None:
            return self._calls
        first = bisect(self._starts, inside.start_byte - 1)
        return self._calls[first : bisect(self._starts, inside.end_byte - 1)]

    @cached_property
    def _starts(self) -> list[int]:
        return [call.node.start_byte for call in self._calls]

    @cached_property
    def _calls(self) -> list["Call"]:
        return [_call(node) for node in self.nodes if node.type == "method_call"]

    @cached_property
    def regions(self) -> list[tuple[int, str, bool]]:
        """Lines of #Область (name, True) and #КонецОбласти ("", False)."""
        found = []
        for number, line in enumerate(self.lines, 1):
            if match := re.match(r"\s*#(Область\s+(\S+)|КонецОбласти)", line, re.I):
                found.append((number, match[2] or "", match[2] is not None))
        return found
