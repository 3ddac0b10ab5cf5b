"""The look all sandbox pages share: the strip on top, the drawer with the faults, style and scripts under
/ui/.
"""

import html
from collections.abc import Sequence
from pathlib import Path

STATIC = Path(__file__).with_name("static")
STRIPS = {
    "start": "начало",
    "onec": "база 1С",
    "portal": "портал Битрикс24",
    "shop": "магазин",
}
_NAVIGATION = (
    ("start", "/", "Начало"),
    ("onec", "/onec/", "1С"),
    ("portal", "/portal/", "Портал"),
    ("shop", "/shop/", "Магазин"),
)


def page(title: str, system: str, body_html: str, scripts: Sequence[str] = ()) -> str:
    """A whole page. `system`: start, onec, portal or shop; `scripts`: names of files under /ui/;
    `body_html` is trusted.
    """
    tags = "".join(f'<script src="/ui/{html.escape(name)}" defer></script>' for name in ("sandbox.js", *scripts))
    return f"""<!doctype html>
<html lang="ru">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)} · Песочница</title>
<link rel="icon" href="/ui/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/ui/sandbox.css">
</head>
<body class="{html.escape(system)}" data-system="{html.escape(system)}">
{strip(system)}
{body_html}
{tags}
</body>
</html>
"""


def strip(system: str) -> str:
    """The line «Песочница: …» with the way to the other systems and, where there are faults, the door to
    the drawer.
    """
    links = "".join(
        f'<a href="{url}"{" aria-current=page" if key == system else ""}>{name}</a>' for key, url, name in _NAVIGATION
    )
    door = "" if system == "start" else '<button type="button" id="drawer-open">Неполадки</button>'
    name = STRIPS.get(system, system)
    return (
        f'<header class="strip"><b>Песочница: {html.escape(name)}</b><nav aria-label="Системы '
        f'песочницы">{links}</nav>'
        f'<span class="power" id="power" role="status"></span>{door}</header>'
    )
