"""The check before publication: every problem of the files at once, in the words of their authors."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection
from datetime import datetime

from engine.bundle import Bundle
from engine.checking import (
    activities,
    advice,
    collaborations,
    connections,
    correlations,
    data,
    events,
    extensions,
    flows,
    items,
    processes,
    references,
    vocabulary,
)
from engine.checking.findings import Examination, Surroundings, runs
from engine.connectors import Connectors
from engine.diagram import local_name
from engine.spiff.definition import build
from feel.problems import Problem
from feel.text import text

RULES = (
    *(vocabulary, references, processes, connections, flows, events, correlations, activities, data, items, collaborations, extensions),
    advice,
)

log = logging.getLogger(__name__)


def check(
    bundle: Bundle, *, called: Collection[str], connectors: Connectors | None = None, now: datetime | None = None
) -> list[Problem]:
    """Errors and warnings of all files, in the order of the files. `called`: keys of processes that are published already.

    `connectors`: what service tasks may call; `now`: the moment of publication. Without them nothing is said about either.
    """
    problems = list(bundle.problems)
    if not bundle.diagrams and not problems:
        message, remedy = text("Aucun diagramme n’est à publier."), text("Ajoutez un fichier .bpmn.")
        problems.append(Problem("diagram-missing", message, "", "file", "", remedy))
    surroundings = Surroundings({*called, *_keys(bundle)}, connectors, now)
    for diagram in bundle.diagrams.values():
        examination = Examination(diagram, bundle, surroundings)
        for rule in RULES:
            rule.check(examination)
        problems += examination.problems
    problems += _same_keys(bundle)
    if not any(problem.severity == "error" for problem in problems):
        problems += _rehearsal(bundle)
    return list(dict.fromkeys(problems))


def _keys(bundle: Bundle) -> list[str]:
    return [
        each.get("id") or ""
        for diagram in bundle.diagrams.values()
        for each in diagram.root
        if (local_name(each) == "process" and runs(each)) or _is_global_task(local_name(each))
    ]


def _is_global_task(name: str) -> bool:
    return name.startswith("global") and name.endswith("Task")


def _same_keys(bundle: Bundle) -> list[Problem]:
    remedy = text("Donnez-leur des identifiants différents.")
    return [
        Problem("process-duplicate", text("Le processus « %(key)s » est défini plusieurs fois.", key=key), key, "process", "", remedy)
        for key, count in Counter(_keys(bundle)).items()
        if count > 1
    ]


def _rehearsal(bundle: Bundle) -> list[Problem]:
    """Prepare the processes as publication will; what no rule foresaw is refused here, without internal text."""
    try:
        build(bundle)
    except Exception:
        log.exception("a diagram passed the rules and could not be prepared")
        message = text("Le diagramme ne peut pas être préparé pour l’exécution.")
        return [Problem("not-executable", message, "", "file", next(iter(bundle.diagrams), ""))]
    return []
