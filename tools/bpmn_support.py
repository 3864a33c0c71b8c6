"""Write docs/bpmn-support.md from the checker's tables and the diagrams that prove them: `python -m tools.bpmn_support`."""

from __future__ import annotations

from pathlib import Path

from engine.checking.support import TRANSLATED, Row, rows
from engine.checking.table import NEEDS_TRIGGER, TRIGGERS
from tests.conformance.coverage import uses

PAGE = Path(__file__).parent.parent / "docs/bpmn-support.md"
SHOWN_PROOFS = 4
HEAD = """# What the product does with each part of BPMN 2.0.2

A diagram means what BPMN says, or it is refused at publication with every problem named ([problems.md](problems.md)). This page is
written by `tools/bpmn_support.py` from the tables that the checker reads; a test fails when it is stale, when something executed
appears in no diagram below, when something refused passes, and when an element or attribute passes that is not here.

- **executed**: it has its effect when the diagram runs. The proofs are diagrams that are published, started and followed over the HTTP
  API; beside each lies the story of what is done and what must have happened.
- **translated**: rewritten into other elements before the diagram runs, with the same meaning.
- **drawn**: kept, shown and checked for broken references, without effect on the run.
- **refused**: the diagram is not published.

Where the standard leaves a choice, [decision 6](decisions/0006-readings-of-bpmn.md) says how we read it.
"""


def page() -> str:
    """The page as it should be."""
    parts = [HEAD, "\n## Events\n\n", _events()]
    for standing, title in (("executed", "Executed"), ("translated", "Translated"), ("drawn", "Drawn"), ("refused", "Refused")):
        found = [row for row in rows() if row.standing == standing]
        parts += [f"\n## {title}\n\n", _refused(found) if standing == "refused" else _table(found)]
    return "".join(parts)


def _events() -> str:
    lines = ["| where | triggers | proofs |\n|---|---|---|\n"]
    for place, kinds in TRIGGERS.items():
        every = sorted(kinds) if place in NEEDS_TRIGGER else ["none", *sorted(kinds)]
        proofs = [name for kind in every for name in uses().get(("event", place, kind), ())]
        lines.append(f"| {place} | {', '.join(every)} | {_proofs(proofs, most=12)} |\n")
    return "".join(lines)


def _table(found: list[Row]) -> str:
    lines = ["| element | attributes executed | drawn | refused | proofs |\n|---|---|---|---|---|\n"]
    for row in found:
        columns = [_attributes(row, standing) for standing in ("executed", "drawn", "refused")]
        proofs = _proofs(uses().get((row.name,), []), most=SHOWN_PROOFS)
        if row.name in TRANSLATED:
            proofs = f"{TRANSLATED[row.name]}: {proofs}"
        lines.append(f"| `{row.name}` | {' | '.join(columns)} | {proofs} |\n")
    return "".join(lines)


def _attributes(row: Row, standing: str) -> str:
    return ", ".join(name for name, each in row.attributes.items() if each == standing) or "-"


def _proofs(names: list[str], *, most: int) -> str:
    shown = list(dict.fromkeys(names))[:most]
    return ", ".join(f"[{name}](../tests/diagrams/conformance/{name}.yaml)" for name in shown) or "-"


def _refused(found: list[Row]) -> str:
    return ", ".join(f"`{row.name}`" for row in found) + ".\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
