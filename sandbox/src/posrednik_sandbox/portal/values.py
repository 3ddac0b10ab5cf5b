"""PHP's view of data: how Bitrix24 reads request parameters and prints arrays."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

Params = dict[str, Any]

# PHP drops what is nested deeper (max_input_nesting_level).
DEEPEST = 64
_SEGMENTS = re.compile(r"\[([^\[\]]*)\]")


def parse_query(text: str) -> Params:
    """A URL query or form body with PHP brackets, `+` and `%20` both meaning a space."""
    return parse_brackets(parse_qsl(text, keep_blank_values=True))


def parse_brackets(pairs: Iterable[tuple[str, str]]) -> Params:
    """Nested parameters out of flat `a[b][]=x` pairs; a repeated name keeps the last value.

    Keys 0..n-1 in order become a list, as they would in a JSON body; the top level always stays a dict.
    """
    root: Params = {}
    for name, value in pairs:
        head = name.split("[", 1)[0]
        path = [head, *_SEGMENTS.findall(name[len(head) :])]
        if head and len(path) <= DEEPEST:
            _put(root, path, value)
    return {key: _listed(value) for key, value in root.items()}


def _put(node: Params, path: list[str], value: str) -> None:
    for position, segment in enumerate(path):
        key = segment if segment or position == 0 else _next_index(node)
        if position == len(path) - 1:
            node[key] = value
            return
        child = node.get(key)
        if not isinstance(child, dict):
            child = node[key] = {}
        node = child


def _next_index(node: Params) -> str:
    return str(max((int(key) for key in node if key.isdigit()), default=-1) + 1)


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    items = {key: _listed(item) for key, item in value.items()}
    return list(items.values()) if _is_sequence(items) else items


def _is_sequence(value: Mapping[Any, Any]) -> bool:
    return all(str(key) == str(position) for position, key in enumerate(value))


def php(value: Any) -> Any:
    """Shape `value` as PHP's json_encode prints arrays: an empty map is `[]`, keys 0..n-1 make a list."""
    if isinstance(value, dict):
        items = {str(key): php(item) for key, item in value.items()}
        return list(items.values()) if _is_sequence(items) else items
    if isinstance(value, list | tuple):
        return [php(item) for item in value]
    return value


def as_dict(value: Any) -> Params:
    """A parameter meant to be a map: lists count by index, scalars are empty."""
    if isinstance(value, Mapping):
        return {str(key): item for key, item in value.items()}
    if isinstance(value, list):
        return {str(index): item for index, item in enumerate(value)}
    return {}


def as_list(value: Any) -> list[Any]:
    """A parameter meant to be a list: a map gives its values, a scalar one element, nothing an empty list."""
    if value is None or value == "":
        return []
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, list | tuple) else [value]


def as_int(value: Any, default: int | None = None) -> int | None:
    """A whole number as PHP forms send it (`"12"`, 12), else `default`; booleans are no numbers here."""
    if isinstance(value, bool):
        return default
    try:
        return int(str(value).strip())
    except ValueError:
        return default


def as_ids(value: Any) -> list[int]:
    return [number for item in as_list(value) if (number := as_int(item)) is not None]


def flag(value: Any) -> bool:
    """Y/N, 0/1 and booleans; the text `True`, which Python clients put into batches, is not a yes."""
    return value is True or str(value) in ("Y", "y", "1", "true")


def camel(name: str) -> str:
    """`GROUP_ID` as `groupId`, the spelling of keys in answers of `tasks.task.*`."""
    first, *rest = name.lower().split("_")
    return first + "".join(part.capitalize() for part in rest)
