"""Write docs/problems.md from the examples of the tests: `python -m tools.problems_page`."""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog

from engine.bundle import Bundle, File
from engine.checks import check
from feel.problems import Problem
from feel.text import Text
from tests.checks.examples import CONNECTORS, ERRORS, FILES, WARNINGS
from tests.spiff.driver import NOW
from tools.catalogue import load

PAGE = Path(__file__).parent.parent / "docs/problems.md"
HEAD = """# What the check before publication says

Every problem of the files comes at once: in the answer 422 of `POST /api/v1/processes` and from `tikub publish`, each with a stable code,
the element's id, type and name, what is wrong and what to do. Errors forbid publication. Warnings come with the version: `warnings`
of the answer 201, lines of `tikub publish`, « À revoir » on the page of the process.

This page is written by `tools/problems_page.py` from the examples in `tests/checks/examples.py`: each code has at least one diagram that
shows it, and the words below are those of that diagram. Problems inside forms, decisions and FEEL have codes of their own that
begin with `form-`, `dmn.` and `feel.`. What no rule foresaw is `not-executable`.
"""


def page() -> str:
    """The page as it should be."""
    english = load()
    given = [(only, code) for only, code in FILES]
    given += [([File("diagram", "essai.bpmn", content)], code) for content, (code, _) in ERRORS + WARNINGS]
    shown: dict[str, Problem] = {}
    for files, code in given:
        if code not in shown:
            shown[code] = _problem(files, code)
    parts = [HEAD]
    for severity, title in (("error", "Errors"), ("warning", "Warnings")):
        rows = [_row(shown[code], english) for code in sorted(shown) if shown[code].severity == severity]
        parts.append(f"\n## {title}\n\n| code | what it says | what to do |\n|---|---|---|\n{''.join(rows)}")
    return "".join(parts)


def _problem(files: list[File], code: str) -> Problem:
    found = check(Bundle(files), called=(), connectors=CONNECTORS, now=NOW)
    return next(each for each in found if each.code == code)


def _row(problem: Problem, english: Catalog) -> str:
    return f"| `{problem.code}` | {_both(problem.message, english)} | {_both(problem.remedy, english) if problem.remedy else '-'} |\n"


def _both(message: Text, english: Catalog) -> str:
    return f"{_cell(str(message))}<br>*{_cell(_english(message, english))}*"


def _english(message: Text, english: Catalog) -> str:
    params = {name: _english(value, english) if isinstance(value, Text) else value for name, value in message.params.items()}
    found = english.get(message.template)
    template = str(found.string) if found is not None and found.string else message.template
    return template % params if params else template


def _cell(words: str) -> str:
    return " ".join(words.split()).replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
