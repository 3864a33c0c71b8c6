"""Rules on data associations: each end leads to data of the file, and what they compute is FEEL. Data stores are not executed."""

from __future__ import annotations

from lxml import etree

from engine.checking.findings import Examination
from engine.diagram import BPMN, child_text, local_name, reference
from engine.spiff.associations import ITEMS, PATH, STORES, assignments, associations
from feel.text import text


def check(examination: Examination) -> None:
    """All rules of this module."""
    for _, node in examination.nodes():
        for side in ("Input", "Output"):
            for association in associations(node, side):
                _store(examination, node, association)
                _association(examination, node, association)


def _ends(association: etree._Element, name: str) -> list[str]:
    return [reference(each.text) or "" for each in association.findall(f"{{{BPMN}}}{name}")]


def _store(examination: Examination, node: etree._Element, association: etree._Element) -> None:
    for pointer in _ends(association, "sourceRef") + _ends(association, "targetRef"):
        target = examination.ids.get(pointer)
        if target is not None and local_name(target) in STORES:
            message = text("Rien n’est lu ni écrit dans l’entrepôt de données « %(name)s ».", name=target.get("name") or pointer)
            remedy = text("Appelez le système qui garde ces données, puis retirez la flèche.")
            examination.refuse("data-store-unsupported", node, message, remedy)


def _association(examination: Examination, node: etree._Element, association: etree._Element) -> None:
    sources, transformation = _ends(association, "sourceRef"), child_text(association, "transformation")
    for pointer in [*sources, *(_ends(association, "targetRef") or [""])]:
        target = examination.ids.get(pointer)
        if target is None or local_name(target) not in ITEMS | STORES:
            message = text("Une association de données renvoie à « %(pointer)s », qui n’est pas une donnée du fichier.", pointer=pointer)
            examination.refuse("reference-dangling", node, message, text("Choisissez un élément existant."))
    parts = list(assignments(association))
    if len(sources) > 1 and not transformation and not parts:
        message = text("Une association de données qui part de plusieurs données doit dire comment les réunir.")
        examination.refuse("data-sources", node, message, text("Écrivez une transformation en FEEL."))
    examination.formula(node, transformation, text("Transformation"))
    for value, to in parts:
        examination.formula(node, value, text("Affectation"))
        if not value or not PATH.fullmatch(to):
            message = text("Une affectation dit en FEEL d’où vient la valeur, et par un nom comme demande.montant où elle va.")
            examination.refuse("assignment-invalid", node, message, text("Corrigez l’affectation."))
