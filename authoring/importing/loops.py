"""Activities done several times: collections, counts and conditions of multi-instance."""

from __future__ import annotations

from collections.abc import Mapping

from authoring.importing.expressions import as_feel, condition, from_juel, from_zeebe, is_juel, is_variable
from authoring.importing.juel import Untranslatable
from authoring.importing.juel_feel import COUNTERS
from authoring.importing.sheet import Element, Sheet, expression_child, is_drawn
from engine.diagram import BPMN
from feel.text import text

LOOP = "multiInstanceLoopCharacteristics"
NO_COUNTERS: Mapping[str, str] = {}


def renamed(element: Element) -> Mapping[str, str]:
    """What an expression at this element calls otherwise in Camunda 7: the counters of the multi-instance activity around it."""
    around = (element, *element.iterancestors())
    return COUNTERS if any(each.find(f"{{{BPMN}}}{LOOP}") is not None for each in around) else NO_COUNTERS


def translate(sheet: Sheet) -> None:
    """All multi-instance activities of the diagram."""
    for loop in sheet.nodes(LOOP):
        activity = loop.getparent()
        if activity is not None:
            _collection(sheet, activity, loop)
            _gathering(sheet, activity, loop)
            for tag in ("loopCardinality", "completionCondition"):
                _expression(sheet, activity, loop, tag)


def _collection(sheet: Sheet, activity: Element, loop: Element) -> None:
    source, item = sheet.take(loop, "collection"), sheet.take(loop, "elementVariable")
    drawn = expression_child(loop, "loopDataInputRef")
    if source is None and is_juel(drawn):
        source = drawn
        sheet.drop_children(loop, "loopDataInputRef")
    if source is not None:
        try:
            written = from_juel(source) if is_juel(source) else _variable(source)
        except Untranslatable as error:
            sheet.refused(activity, text("Liste parcourue"), source, error)
        else:
            sheet.set(activity, "collection", written)
            sheet.translated(activity, "collection", text("La liste parcourue."), source, written)
    if item:
        _item(sheet, activity, item)


def _variable(name: str) -> str:
    if not is_variable(name.strip()):
        raise Untranslatable(text("« %(name)s » n’est pas un nom de variable en FEEL.", name=name))
    return name.strip()


def _item(sheet: Sheet, activity: Element, name: str) -> None:
    sheet.set(activity, "elementVariable", name)
    sheet.translated(activity, "element-variable", text("La variable de chaque passage."), name, name)


def _gathering(sheet: Sheet, activity: Element, loop: Element) -> None:
    """`zeebe:loopCharacteristics`."""
    for box in sheet.take_all(loop, "loopCharacteristics"):
        for attribute, name in (("inputCollection", "collection"), ("outputElement", "outputElement")):
            source = box.get(attribute)
            if source:
                _zeebe(sheet, activity, name, source)
        if box.get("inputElement"):
            _item(sheet, activity, box.get("inputElement") or "")
        if box.get("outputCollection"):
            output = box.get("outputCollection") or ""
            sheet.set(activity, "outputCollection", output)
            sheet.translated(activity, "output-collection", text("La liste des résultats."), output, output)


def _zeebe(sheet: Sheet, activity: Element, name: str, source: str) -> None:
    try:
        written = from_zeebe(source) if source.strip().startswith("=") else as_feel(source)
    except Untranslatable as error:
        sheet.refused(activity, text("Propriété « %(key)s »", key=name), source, error)
    else:
        sheet.set(activity, name, written)
        message = text("La liste parcourue.") if name == "collection" else text("Ce que chaque passage donne.")
        sheet.translated(activity, name.lower(), message, source, written)


def _expression(sheet: Sheet, activity: Element, loop: Element, tag: str) -> None:
    source = expression_child(loop, tag)
    if not source or is_drawn(loop):
        return
    try:
        written = condition(source, COUNTERS)
    except Untranslatable as error:
        sheet.refused(activity, text("Nombre ou fin des passages"), source, error)
        return
    if written != source.removeprefix("=").strip():
        sheet.put_child(loop, tag, written)
        sheet.translated(activity, "loop-expression", text("Le nombre ou la fin des passages, en FEEL."), source, written)
