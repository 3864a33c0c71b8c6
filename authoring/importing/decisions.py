"""Business rule tasks that ask a decision: its key, and the shape in which the other engine gives the result."""

from __future__ import annotations

from authoring.importing import mappings
from authoring.importing.expressions import from_juel, is_juel, is_variable
from authoring.importing.juel_feel import quoted
from authoring.importing.mappings import Mappings
from authoring.importing.shapes import Shape
from authoring.importing.sheet import Element, Sheet
from feel.text import text


def attach(sheet: Sheet, task: Element, key: str, result: str, kind: str, found: Mappings) -> None:
    """Make the task ask the decision; `kind` is the result's shape as the other tool names it, `zeebe` for that of Camunda 8."""
    written = _key(key)
    if written is None:
        sheet.todo(task, "decision-key", text("Ici, la décision d’une tâche est fixe."), key)
        return
    sheet.set(task, "decisionKey", written)
    sheet.translated(task, "decision", text("La décision que la tâche demande."), key, written)
    if not is_variable(result):
        sheet.todo(task, "decision-result", text("Dites sous quel nom garder le résultat (« resultVariable »)."), result)
        mappings.apply(sheet, task, found, {})
        return
    sheet.set(task, "resultVariable", result)
    shape = sheet.material.decisions.get(written)
    if kind == "zeebe":
        value: str | None = result
    elif shape is None:
        message = text(
            "Le résultat avait la forme « %(kind)s ». Ajoutez la décision aux fichiers importés pour que la forme soit gardée.", kind=kind
        )
        sheet.todo(task, "decision-shape", message, kind)
        value = result
    else:
        value = _reshaped(result, kind, shape)
        if value is None:
            message = text("Le résultat avait la forme « %(kind)s », que cette décision ne peut pas donner.", kind=kind)
            sheet.todo(task, "decision-shape", message, kind)
    _keep(sheet, task, result, value or result, kind, found)


def _keep(sheet: Sheet, task: Element, result: str, value: str, kind: str, found: Mappings) -> None:
    if value != result:
        found.outputs = {result: value, **found.outputs}
        found.adds = False
        sheet.translated(task, "decision-shape", text("Le résultat garde la forme qu’il avait."), kind, value)
    mappings.apply(sheet, task, found, {result: value})


def _key(source: str) -> str | None:
    """A fixed key, also one that is written as an expression."""
    value = from_juel(source) if is_juel(source) and "'" in source else source
    value = value.removeprefix("=").strip().strip('"')
    return None if is_juel(value) or (source.startswith("=") and not source.strip().startswith('="')) else value


def _reshaped(result: str, kind: str, shape: Shape) -> str | None:
    """FEEL for what Camunda 7 gives (`mapDecisionResult`) from what the decision gives here; None when there is no such shape."""
    one, listed = len(shape.outputs) == 1, shape.several
    name = shape.outputs[0] if is_variable(shape.outputs[0]) else quoted(shape.outputs[0])
    if kind == "singleEntry":
        return result if one and not listed else None
    if kind == "singleResult":
        return None if listed else f"if {result} = null then null else {{{name}: {result}}}" if one else result
    if kind == "collectEntries":
        return _as_list(result, result, listed=listed) if one else None
    if listed and one:
        return f"if {result} = null then [] else for x in {result} return {{{name}: x}}"
    return _as_list(result, f"{{{name}: {result}}}" if one else result, listed=listed)


def _as_list(result: str, item: str, *, listed: bool) -> str:
    """A list of all results; where no rule matched, there is none here and an empty list there."""
    return f"if {result} = null then [] else {result if listed else f'[{item}]'}"
