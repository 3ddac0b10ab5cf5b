"""The SQL of the store lives in queries/*.sql, one file a query; here it is read, once, by name."""

from functools import cache
from importlib.resources import files
from typing import LiteralString, cast


@cache
def sql(name: str) -> LiteralString:
    """Text of queries/<name>.sql. FileNotFoundError for an unknown name."""
    text = (files("posrednik.store") / "queries" / f"{name}.sql").read_text(encoding="utf-8")
    return cast("LiteralString", text)
