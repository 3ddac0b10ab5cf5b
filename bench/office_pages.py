"""Which pages the office has: read from the one file that says so, so that a new page is measured and looked at too."""

import re
from pathlib import Path

from bench.machine import ROOT

FILE = ROOT / "web" / "office" / "src" / "pages.ts"
LINE = re.compile(r"^\s*\{ path: '(?P<path>/[^']*)'.*?\bkey: '(?P<key>[a-z]+)'", re.MULTILINE)


def office_pages(file: Path = FILE) -> dict[str, str]:
    """Key -> address: {"cash": "/cash", ...}, in the order of the file; what may follow an address is left out."""
    text = file.read_text(encoding="utf-8")
    return {found["key"]: found["path"].split("/:")[0] for found in LINE.finditer(text)}
