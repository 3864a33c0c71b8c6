"""What no other rule took: listeners, settings without effect, other tools' notes for readers, and what nobody knows."""

from __future__ import annotations

from collections import Counter

from lxml import etree

from authoring.importing.expressions import is_juel
from authoring.importing.sheet import EXTENSIONS, Element, Sheet
from authoring.importing.vendors import HARMLESS, SPIFF, is_engine, name_of
from engine.diagram import PROPERTIES, is_bpmn, local_name
from feel.text import text

LISTENERS = ("executionListener", "taskListener", "executionListeners", "taskListeners", "eventListener")
NEUTRAL = (None, "http://www.w3.org/2001/XMLSchema-instance", "http://www.w3.org/XML/1998/namespace")
DRAWINGS = "http://www.omg.org/spec/"
"""Beginning of the namespaces in which BPMN's own drawings are written."""

CODE = ("class", "expression", "delegateExpression", "event", "type", "eventType")


def translate(sheet: Sheet) -> None:
    """Clear what is left, and say so: line by line what engines read, once for each kind what only readers see."""
    notes: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], Element] = {}
    for element in [each for each in sheet.root.iter(etree.Element) if is_bpmn(each)]:
        for key in (*_attributes(sheet, element), *_extensions(sheet, element)):
            notes[key] += 1
            first.setdefault(key, element)
    for (namespace, name), count in notes.items():
        message = text("Une note de %(tool)s, qui ne sert qu’à ses lecteurs (%(count)s fois).", tool=name_of(namespace), count=count)
        sheet.dropped(first[namespace, name], "reader-note", message, name)


def _attributes(sheet: Sheet, element: Element) -> list[tuple[str, str]]:
    """Foreign attributes of one element, cleared; those for readers are given back to be counted."""
    found: list[tuple[str, str]] = []
    for key, value in list(element.attrib.items()):
        name = etree.QName(key)
        if name.namespace in NEUTRAL:
            continue
        del element.attrib[key]
        if is_engine(name.namespace):
            _of_engine(sheet, element, name.localname, str(value))
        else:
            found.append((name.namespace or "", name.localname))
    return found


def _extensions(sheet: Sheet, element: Element) -> list[tuple[str, str]]:
    """Foreign elements in `extensionElements`, or where BPMN allows none, cleared in the same way."""
    found: list[tuple[str, str]] = []
    holder = element.find(EXTENSIONS)
    for extension in [*(holder if holder is not None else ()), *element]:
        name = etree.QName(extension)
        if is_bpmn(extension) or (name.namespace == PROPERTIES and name.localname == "properties"):
            continue
        if local_name(element) == "definitions" and (name.namespace or "").startswith(DRAWINGS):
            continue
        around = extension.getparent()
        if around is not None:
            around.remove(extension)
        if name.namespace == SPIFF:
            _of_arena(sheet, element, extension)
        elif is_engine(name.namespace or ""):
            _engine_element(sheet, element, extension)
        else:
            found.append((name.namespace or "", name.localname))
    if holder is not None and not len(holder):
        element.remove(holder)
    return found


def _engine_element(sheet: Sheet, element: Element, extension: Element) -> None:
    name = local_name(extension)
    said = etree.tostring(extension, encoding="unicode", with_tail=False)
    if name not in LISTENERS:
        _of_engine(sheet, element, name, (extension.text or "").strip() or said)
        return
    told = extension if len(extension) == 0 else next(extension.iterchildren(etree.Element))
    code = "; ".join(f"{key}={told.get(key)}" for key in CODE if told.get(key)) or said
    message = text("Cet écouteur n’est pas repris. S’il agit sur le dossier, dessinez-le comme une étape.")
    sheet.todo(element, "listener", message, code)


def _of_engine(sheet: Sheet, element: Element, name: str, value: str) -> None:
    reason = HARMLESS.get(name)
    if value.startswith("data:"):
        value = ""  # a picture says nothing to who reads the report
    if reason is not None:
        sheet.dropped(element, f"setting-{name.lower()}", reason, f"{name}: {value}" if value else name)
        return
    code = "expression-left" if is_juel(value) else "extension-unknown"
    message = text("« %(name)s » n’a pas d’équivalent connu : dites autrement ce qu’il faisait, s’il comptait.", name=name)
    sheet.todo(element, code, message, f"{name}: {value}" if value else name)


def _of_arena(sheet: Sheet, element: Element, extension: Element) -> None:
    """Elements of SpiffArena. Its scripts are Python, which no diagram of ours runs."""
    name, value = local_name(extension), " ".join("".join(map(str, extension.itertext())).split())
    if name == "calledDecisionId" and value:
        sheet.set(element, "decisionKey", value)
        sheet.translated(element, "decision", text("La décision que la tâche demande."), value, value)
    elif name == "instructionsForEndUser":
        _instructions(sheet, element, value)
    elif name in ("unitTests", "category", "messageVariable", "dataObjectCategory"):
        sheet.dropped(
            element,
            "reader-note",
            text("Une note de %(tool)s, qui ne sert qu’à ses lecteurs (%(count)s fois).", tool="SpiffArena", count=1),
            name,
        )
    else:
        message = text("« %(name)s » n’a pas d’équivalent connu : dites autrement ce qu’il faisait, s’il comptait.", name=name)
        sheet.todo(element, "extension-unknown", message, value or name)


def _instructions(sheet: Sheet, element: Element, value: str) -> None:
    if next((each for each in element if local_name(each) == "documentation"), None) is not None:
        sheet.dropped(element, "instructions", text("Les instructions ne remplacent pas la documentation de l’élément."), value)
        return
    documentation = etree.Element(element.tag.replace(local_name(element), "documentation"))
    documentation.text = value
    element.insert(0, documentation)
    sheet.translated(element, "instructions", text("Les instructions deviennent la documentation de l’élément."), value)
