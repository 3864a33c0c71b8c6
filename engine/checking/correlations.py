"""Rules on correlation keys: each reference leads somewhere, and each property is found in its messages under one name."""

from __future__ import annotations

from lxml import etree

from engine.checking.findings import Examination
from engine.diagram import BPMN, child_text, reference
from engine.spiff.scripts import feel
from feel.errors import FeelError
from feel.text import text


def check(examination: Examination) -> None:
    """All rules of this module."""
    for expression in examination.root.iter(f"{{{BPMN}}}correlationPropertyRetrievalExpression"):
        _referred(examination, expression, "messageRef", "message")
        _message_path(examination, expression)
    for pointer in examination.root.iter(f"{{{BPMN}}}correlationPropertyRef"):
        target = examination.ids.get(reference(pointer.text) or "")
        if target is None or target.tag != f"{{{BPMN}}}correlationProperty":
            _dangling(examination, pointer, pointer.text or "")
    for subscription in examination.root.iter(f"{{{BPMN}}}correlationSubscription"):
        _referred(examination, subscription, "correlationKeyRef", "correlationKey")
    for binding in examination.root.iter(f"{{{BPMN}}}correlationPropertyBinding"):
        _referred(examination, binding, "correlationPropertyRef", "correlationProperty")
        path = child_text(binding, "dataPath")
        if not path:
            message = text("Le rattachement d’un message ne dit pas quelle valeur du dossier il attend.")
            examination.refuse("correlation-without-path", binding, message, text("Écrivez « dataPath » en FEEL."))
        examination.formula(binding, path, text("Valeur de rattachement"))


def _referred(examination: Examination, element: etree._Element, attribute: str, tag: str) -> None:
    if not element.get(attribute):
        _dangling(examination, element, "")
    else:
        examination.refers(element, attribute, tag)


def _dangling(examination: Examination, element: etree._Element, pointer: str) -> None:
    message = text("Le rattachement d’un message renvoie à « %(pointer)s », qui n’existe pas.", pointer=pointer)
    examination.refuse("reference-dangling", element, message, text("Choisissez un élément existant."))


def _message_path(examination: Examination, expression: etree._Element) -> None:
    """A message is found by an index over its top keys, so the path is one name."""
    path = (child_text(expression, "messagePath") or "").removeprefix("=").strip()
    try:
        is_name = feel(path).free == {path}
    except FeelError:
        is_name = False
    if not is_name:
        message = text("« %(path)s » doit être le nom d’une donnée du message.", path=path)
        examination.refuse("correlation-path", expression, message, text("Écrivez dans « messagePath » un seul nom, comme reference."))
