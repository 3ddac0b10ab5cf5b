"""What a browser has to load before a built application shows anything; the sizes do not depend on who serves it."""

import gzip
import re
from dataclasses import dataclass
from pathlib import Path

LIMIT_JS_BYTES = 120_000
FIRST = re.compile(r'<(?:script\b[^>]*\bsrc|link\b[^>]*\brel="(?:modulepreload|stylesheet)"[^>]*\bhref)="([^"]+)"')


@dataclass(frozen=True, slots=True)
class FirstLoad:
    """Names of files that index.html asks for at once, and their bytes after gzip -9."""

    scripts: dict[str, int]
    styles: dict[str, int]

    @property
    def js_bytes(self) -> int:
        return sum(self.scripts.values())

    @property
    def css_bytes(self) -> int:
        return sum(self.styles.values())


def first_load(application: Path) -> FirstLoad:
    """application: the folder of one built entry. Vite names every script that is imported at once in index.html."""
    text = (application / "index.html").read_text("utf-8")
    names = [address.removeprefix(f"/{application.name}/") for address in FIRST.findall(text)]
    sizes = {name: len(gzip.compress((application / name).read_bytes(), 9)) for name in dict.fromkeys(names)}
    return FirstLoad(
        {name: size for name, size in sizes.items() if name.endswith(".js")},
        {name: size for name, size in sizes.items() if name.endswith(".css")},
    )
