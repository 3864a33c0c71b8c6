"""Functions that the FEEL of Camunda 8 has beyond the standard, written in standard FEEL where a name or path is all they are given."""

from __future__ import annotations

import re

PATH = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*"
TEXT = r'"(?:[^"\\]|\\.)*"'
SIMPLE = rf"{PATH}|{TEXT}|-?\d+(?:\.\d+)?"

DEFINED = re.compile(rf"({TEXT})|\bis\s+defined\(\s*({PATH})\s*\)")
OR_ELSE = re.compile(rf"({TEXT})|\bget\s+or\s+else\(\s*({PATH})\s*,\s*({SIMPLE})\s*\)")


def standard(source: str) -> str:
    """The expression without `is defined(…)` and `get or else(…, …)`: a value that is not null. Texts in quotes stay as they are."""
    source = DEFINED.sub(lambda found: found[1] or f"({found[2]} != null)", source)
    # The text before the function may itself be quoted: then the first group has matched.
    return OR_ELSE.sub(lambda found: found[1] or f"(if {found[2]} = null then {found[3]} else {found[2]})", source)
