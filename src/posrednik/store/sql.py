"""The SQL of the store lives in queries/*.sql, one file a query; here it is read, once, by name."""

from functools import cache
from importlib.resources import files
from typing import Any, LiteralString, cast


@cache
def sql(name: str) -> LiteralString:
    """Text of queries/<name>.sql. FileNotFoundError for an unknown name."""
    return literal((files("posrednik.store") / "queries" / f"{name}.sql").read_text(encoding="utf-8"))


def literal(text: Any) -> LiteralString:
    """A file of this package is as fixed as text in the program; psycopg wants to see that in the type."""
    return cast(LiteralString, text)
