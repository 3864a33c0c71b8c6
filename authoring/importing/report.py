"""What became of each extension of an imported file: translated, dropped, or left for its author to complete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from feel.text import Text

Severity: TypeAlias = Literal["translated", "dropped", "todo"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
MAXIMUM_SHOWN = 400
"""Characters of an original that the report repeats."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report.

    `code` is stable and meant for programs; `original` is what the file said, `result` what it says now; both may be empty. `translated`
    means the same as before, `dropped` changes nothing for those who run the process, `todo` would change something: its author decides.
    """

    code: str
    severity: Severity
    element_id: str
    element_type: str
    element_name: str
    message: Text
    original: str = ""
    result: str = ""


def to_json(row: Row) -> dict[str, Any]:
    """A row as JSON that keeps its message translatable."""
    return {
        "code": row.code,
        "severity": row.severity,
        "element_id": row.element_id,
        "element_type": row.element_type,
        "element_name": row.element_name,
        "message": _text_to_json(row.message),
        "original": row.original,
        "result": row.result,
    }


def from_json(value: Mapping[str, Any]) -> Row:
    """The row that `to_json` wrote."""
    return Row(**{**value, "message": _text_from_json(value["message"])})


def _text_to_json(message: Text) -> dict[str, Any]:
    params = {name: _text_to_json(value) if isinstance(value, Text) else value for name, value in message.params.items()}
    return {"template": message.template, "params": params}


def _text_from_json(value: Mapping[str, Any]) -> Text:
    params = value["params"].items()
    return Text(value["template"], {name: _text_from_json(each) if isinstance(each, dict) else each for name, each in params})
