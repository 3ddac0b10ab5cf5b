"""The two themes differ in colours alone, which light-dark() chooses: nothing else need be looked at in both."""

import re
from collections.abc import Iterator
from pathlib import Path

WEB = Path(__file__).resolve().parents[2] / "web"
BAR = re.compile(r'<meta name="theme-color"[^>]*>')  # the browser's own, a colour, too
CHOSEN = re.compile(r"\[data-theme[^{]*\{(?P<said>[^}]*)\}")


def sources() -> Iterator[str]:
    for folder in ("courier", "office", "shared"):
        for file in (WEB / folder).rglob("*"):
            if file.suffix in (".css", ".html", ".ts", ".vue"):
                yield BAR.sub("", file.read_text("utf-8"))


def test_neither_a_style_nor_a_script_asks_for_the_theme() -> None:
    read = list(sources())
    assert sum("light-dark(" in text for text in read) > 0
    assert [text[:200] for text in read if "prefers-color-scheme" in text] == []


def test_a_chosen_theme_says_nothing_but_its_name() -> None:
    said = {found["said"].strip() for text in sources() for found in CHOSEN.finditer(text)}
    assert said == {"color-scheme: light;", "color-scheme: dark;"}
