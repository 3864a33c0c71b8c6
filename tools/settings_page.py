"""Write docs/settings.md from `web/settings.py`: `python tools/settings_page.py`."""

from __future__ import annotations

from pathlib import Path

from web.settings import declared

PAGE = Path(__file__).parent.parent / "docs/settings.md"
HEAD = """# Settings

Every setting is an environment variable, read once when a command starts. Without any, `tikub serve` keeps an SQLite database in
`./instance`. This page is written by `tools/settings_page.py` from `web/settings.py`.

| variable | default | meaning |
|---|---|---|
"""


def page() -> str:
    """The page as it should be."""
    rows = (f"| `{each.variable}` | {f'`{each.default}`' if each.default else '-'} | {each.meaning} |\n" for each in declared())
    return HEAD + "".join(rows)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
