"""Call activities: the called process, and the variables that go in and come out."""

from __future__ import annotations

from authoring.importing import mappings
from authoring.importing.expressions import context, from_juel, is_juel, is_variable
from authoring.importing.juel import Untranslatable
from authoring.importing.loops import renamed
from authoring.importing.sheet import Element, Sheet
from feel.text import text

OWN_KEY = ("#{execution.processBusinessKey}", "${execution.processBusinessKey}", "${execution.businessKey}", "#{execution.businessKey}")


def translate(sheet: Sheet) -> None:
    """All call activities of the diagram."""
    for call in sheet.nodes("callActivity"):
        zeebe = sheet.take_one(call, "calledElement")
        if zeebe is not None:
            _zeebe(sheet, call, zeebe)
        else:
            _camunda(sheet, call)


def _camunda(sheet: Sheet, call: Element) -> None:
    """Camunda 7 and its relatives: without `in` nothing goes in, without `out` nothing comes out."""
    source = call.get("calledElement") or ""
    if is_juel(source):
        key = source.strip()[2:-1].strip().strip("'\"")
        constant = source.strip()[2:-1].strip() != key
        _called(sheet, call, key if constant else None, source)
    binding = sheet.take(call, "calledElementBinding")
    version = sheet.take(call, "calledElementVersion") or sheet.take(call, "calledElementVersionTag")
    sheet.take(call, "calledElementTenantId")
    _bound(sheet, call, binding, version)
    for name in ("variableMappingClass", "variableMappingDelegateExpression", "caseRef"):
        value = sheet.take(call, name)
        if value:
            sheet.todo(call, "call-code", text("Ce que « %(name)s » préparait est à dire par « input » et « output ».", name=name), value)
    inherits = sheet.take(call, "inheritVariables") == "true"
    lines = {side: sheet.take_all(call, side) for side in ("in", "out")}
    own = mappings.take(sheet, call, renamed(call))
    if own.inputs or own.outputs:
        mappings.apply(sheet, call, own)
    speaks = sheet.get(call, "input") or sheet.get(call, "output")
    if lines["in"] or lines["out"] or inherits or (sheet.is_of_camunda_7 and not speaks):
        _side(sheet, call, "input", lines["in"], everything=inherits)
        _side(sheet, call, "output", lines["out"], everything=False)


def _side(sheet: Sheet, call: Element, name: str, lines: list[Element], *, everything: bool) -> None:
    entries: dict[str, str] = {}
    for line in lines:
        if line.get("businessKey"):
            _business_key(sheet, call, line.get("businessKey") or "")
        elif line.get("variables") == "all" and line.get("local") != "true":
            everything = True
        else:
            _entry(sheet, call, line, entries)
    written = context(entries)
    if entries or not everything:
        sheet.set(call, name, written)
    if entries and everything:
        sheet.set(call, f"{name}All", "true")
    message = text("Ce qui entre dans le processus appelé.") if name == "input" else text("Ce qui revient du processus appelé.")
    said = ", ".join(["*"] * everything + list(entries))
    sheet.translated(call, name, message, said, written if entries or not everything else "*")


def _entry(sheet: Sheet, call: Element, line: Element, entries: dict[str, str]) -> None:
    source, target = line.get("source") or line.get("sourceExpression") or line.get("variables") or "", line.get("target") or ""
    try:
        value = from_juel(source, renamed(call)) if line.get("sourceExpression") else source
        if not is_variable(target) or not (line.get("sourceExpression") or is_variable(source)):
            raise Untranslatable(text("« %(name)s » n’est pas un nom de variable en FEEL.", name=target or source))
    except Untranslatable as error:
        sheet.refused(call, text("Variable « %(name)s »", name=target), source, error)
    else:
        entries[target] = value


def _business_key(sheet: Sheet, call: Element, source: str) -> None:
    if source.strip() in OWN_KEY:
        sheet.dropped(call, "business-key", text("Ici, le numéro du dossier passe toujours au processus appelé."), source)
        return
    try:
        written = from_juel(source, renamed(call))
    except Untranslatable as error:
        sheet.refused(call, text("Numéro du dossier"), source, error)
    else:
        sheet.set(call, "businessKey", written)
        sheet.translated(call, "business-key", text("Le numéro du dossier appelé."), source, written)


def _zeebe(sheet: Sheet, call: Element, box: Element) -> None:
    """Camunda 8: everything goes in unless it is said otherwise; outputs replace what would come back."""
    source = (box.get("processId") or "").strip()
    fixed = source.removeprefix("=").strip().strip('"')
    _called(sheet, call, fixed if not source.startswith("=") or source.endswith('"') else None, source)
    _bound(sheet, call, box.get("bindingType"), box.get("versionTag"))
    found = mappings.take(sheet, call)
    if box.get("propagateAllParentVariables") == "false":
        sheet.set(call, "input", context(found.inputs))
    elif found.inputs:
        sheet.set(call, "input", context(found.inputs))
        sheet.set(call, "inputAll", "true")
    if found.outputs or box.get("propagateAllChildVariables") == "false":
        sheet.set(call, "output", context(found.outputs))
    for name, message in (
        ("input", text("Ce qui entre dans le processus appelé.")),
        ("output", text("Ce qui revient du processus appelé.")),
    ):
        written = sheet.get(call, name)
        sheet.translated(call, name, message, "", written or "*")


def _called(sheet: Sheet, call: Element, key: str | None, source: str) -> None:
    if key is None:
        message = text(
            "Le processus appelé est calculé. Ici, il est fixe : choisissez-le, ou placez une passerelle devant plusieurs appels."
        )
        sheet.todo(call, "called-expression", message, source)
        call.attrib.pop("calledElement", "")
    else:
        call.set("calledElement", key)
        sheet.translated(call, "called", text("Le processus appelé."), source, key)


def _bound(sheet: Sheet, call: Element, binding: str | None, version: str | None) -> None:
    if binding in (None, "latest") and not version:
        if binding:
            sheet.dropped(call, "called-version", text("Ici, c’est toujours la version la plus récente qui est appelée."), binding)
        return
    message = text(
        "Ici, c’est toujours la version la plus récente qui est appelée. Si une autre est nécessaire, publiez-la sous un autre identifiant."
    )
    sheet.todo(call, "called-version", message, " ".join(filter(None, (binding, version))))
