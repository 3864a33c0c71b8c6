"""Rules on whole processes: that there is one, that it can begin, what people must find in it."""

from __future__ import annotations

import re

from lxml import etree

from engine.checking.activities import form_key
from engine.checking.findings import Examination, is_true, runs
from engine.diagram import local_name, properties
from feel.text import text

KEY = re.compile(r"[A-Za-z_][\w.-]{0,199}", re.ASCII)
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)


def check(examination: Examination) -> None:
    """All rules of this module."""
    has_tasks = any(local_name(each).startswith("global") for each in examination.root)
    if not has_tasks and not any(runs(each) for each in examination.processes):
        message = text("Le diagramme ne contient aucun processus exécutable.")
        examination.refuse_file("process-missing", message, text("Marquez un processus comme exécutable."))
    for process in examination.processes:
        _process(examination, process)
    for scope in examination.scopes:
        if scope.kind == "process":
            _begins(examination, scope.element, [each for each in scope.nodes.values() if not _is_aside(each)])
    for scope, node in examination.nodes("startEvent"):
        if scope.kind == "process":
            _start(examination, node)


def _process(examination: Examination, process: etree._Element) -> None:
    if not KEY.fullmatch(process.get("id") or ""):
        message = text(
            "L’identifiant du processus doit commencer par une lettre et ne contenir que des lettres, chiffres, « . », « _ », « - »."
        )
        examination.refuse("process-key", process, message, text("Écrivez par exemple incubation_2019."))
    if not process.get("name"):
        message = text("Le processus n’a pas de nom : son identifiant sera montré à la place.")
        examination.warn("process-without-name", process, message, text("Donnez-lui un nom."))
    for lane in process.iter("{http://www.omg.org/spec/BPMN/20100524/MODEL}lane"):
        if not lane.get("name") and not properties(lane).get("group"):
            message = text("Ce couloir n’a ni nom ni groupe : ses tâches iront à tous les agents.")
            examination.warn("lane-without-name", lane, message, text("Donnez-lui un nom ou la propriété « group »."))


def _is_aside(node: etree._Element) -> bool:
    return local_name(node) == "boundaryEvent" or is_true(node.get("isForCompensation")) or is_true(node.get("triggeredByEvent"))


def _begins(examination: Examination, process: etree._Element, nodes: list[etree._Element]) -> None:
    targets = {flow.get("targetRef") for flow in process if local_name(flow) == "sequenceFlow"}
    if not nodes:
        examination.refuse("process-empty", process, text("Le processus est vide."), text("Dessinez au moins une activité."))
    elif all(node.get("id") in targets for node in nodes):
        examination.refuse("no-start", process, text("Rien dans le processus ne peut commencer."), text("Ajoutez un événement de départ."))


def _start(examination: Examination, node: etree._Element) -> None:
    own = properties(node)
    form_key(examination, node)
    slug = own.get("publicPath")
    if slug and (not SLUG.fullmatch(slug) or len(slug) > 80):
        message = text(
            "L’adresse publique « %(slug)s » ne doit contenir que des minuscules, des chiffres et des traits d’union.", slug=slug
        )
        examination.refuse("public-path-invalid", node, message, text("Par exemple deposer-une-idee."))
    if slug and not own.get("formKey"):
        message = text("Une page publique a besoin d’un formulaire.")
        examination.refuse("public-path-without-form", node, message, text("Renseignez la propriété « formKey »."))
