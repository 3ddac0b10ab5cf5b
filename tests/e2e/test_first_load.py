"""What a courier's phone has to load before the first screen: computed from the built files."""

from pathlib import Path

from bench.first_load import LIMIT_JS_BYTES, first_load


def test_a_first_load_is_what_the_page_names_after_gzip(tmp_path: Path):
    folder = tmp_path / "courier"
    (folder / "assets").mkdir(parents=True)
    for name in ("index.js", "shared.js", "later.js", "index.css"):
        (folder / "assets" / name).write_text("x" * 5_000, encoding="utf-8")
    (folder / "index.html").write_text(
        '<link rel="icon" href="/courier/icon.svg" />\n<script type="module" src="/courier/assets/index.js">'
        '</script>\n<link rel="modulepreload" crossorigin href="/courier/assets/shared.js">\n'
        '<link rel="stylesheet" crossorigin href="/courier/assets/index.css">',
        encoding="utf-8",
    )
    found = first_load(folder)
    assert (list(found.scripts), list(found.styles)) == (["assets/index.js", "assets/shared.js"], ["assets/index.css"])
    assert 0 < found.css_bytes < found.js_bytes < 200


def test_the_courier_s_first_load_is_at_most_120_kb_of_javascript(built_pages: Path):
    folder = built_pages / "courier"
    found = first_load(folder)
    assert len(found.scripts) >= 1
    assert found.js_bytes <= LIMIT_JS_BYTES, f"{found.js_bytes} bytes of gzip: {found.scripts}"
    assert all((folder / f"{name}.br").is_file() for name in found.scripts if found.scripts[name] > 1_000)
