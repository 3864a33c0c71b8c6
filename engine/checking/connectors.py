"""Rules on service tasks: there is such a connector, and it understands what it is given."""

from __future__ import annotations

import re

from lxml import etree

from engine.checking.findings import Examination
from engine.connectors import Inputs
from engine.diagram import properties
from feel import ast
from feel.builtins.table import BUILTIN_NAMES
from feel.cursor import EMPTY, Scope
from feel.errors import FeelError
from feel.parser import Parser
from feel.text import text

WHOLE = re.compile(r"\d{1,6}", re.ASCII)


def check_service(examination: Examination, node: etree._Element) -> None:
    """All rules of this module, on one service task."""
    own, connectors = properties(node), examination.connectors
    name = own.get("connector")
    if not name:
        message = text("La tâche de service ne dit pas quel système appeler.")
        examination.refuse("connector-missing", node, message, text("Renseignez la propriété « connector »."))
    elif connectors is not None and name not in connectors:
        message = text("Le connecteur « %(name)s » n’existe pas.", name=name[:100])
        known = ", ".join(sorted(connectors))
        examination.refuse("connector-unknown", node, message, text("Connecteurs disponibles : %(known)s.", known=known))
    elif connectors is not None and (inputs := connectors[name]) is not None:
        _inputs(examination, node, name, inputs, own.get("connectorInput", ""))
    if own.get("retries") and not WHOLE.fullmatch(own["retries"]):
        message = text("Le nombre de reprises doit être un nombre entier positif ou nul.")
        examination.refuse("retries-invalid", node, message, text("Écrivez par exemple 3."))


def _inputs(examination: Examination, node: etree._Element, connector: str, inputs: Inputs, source: str) -> None:
    """Only where the names are written down: an expression may make them when it runs, and the connector then refuses."""
    given = _names(source)
    if given is None:
        return
    for name in inputs.unknown(given):
        message = text("Le connecteur « %(connector)s » ne connaît pas l’entrée « %(name)s ».", connector=connector, name=name[:100])
        known = ", ".join(inputs.known)
        examination.refuse("connector-input-unknown", node, message, text("Entrées possibles : %(known)s.", known=known))
    for name in inputs.missing(given):
        message = text("Il manque au connecteur « %(connector)s » l’entrée « %(name)s ».", connector=connector, name=name)
        examination.refuse("connector-input-missing", node, message, text("Ajoutez-la à la propriété « connectorInput »."))


def _names(source: str) -> list[str] | None:
    """The names of a context that is written down; None for anything else."""
    if not source.strip():
        return []
    try:
        node = Parser(source, Scope(EMPTY, BUILTIN_NAMES)).parse_expression()
    except FeelError:
        return None  # said elsewhere
    return [name for name, _ in node.entries] if isinstance(node, ast.ContextLiteral) else None
